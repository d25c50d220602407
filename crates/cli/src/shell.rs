//! What stands in index.html before the app runs: the sentence and the figure of the default link.
//!
//! The same scene code draws it as the app does, for a phone, a laptop and a projector; the style sheet
//! shows the one that fits. The app takes its place without moving anything.

use std::path::Path;

use convscope_page::figure;
use convscope_page::model::LabModel;
use convscope_page::text::{self, Run};
use convscope_scene::{Pose, Size, svg};

/// Sizes of a cell for which the figure is drawn; `style/stage.css` knows which page width gives which.
const CELLS: [u32; 7] = [56, 52, 48, 44, 40, 36, 32];
/// The phone's figure is laid out for this room; its cells are 36 px wide.
const PHONE: Size = Size::new(320.0, 480.0);

/// Writes `first-figure.html` into `folder`.
pub(crate) fn write(folder: &Path) -> Result<(), String> {
    let model = LabModel::default();
    let lab = model.derive(None).map_err(|error| error.to_string())?;
    let name = figure::describe(&lab);
    let draw = |class: &str, room: Size| {
        let figure = figure::figure(&lab, true, room);
        let drawing = svg::write(&figure.scene(Pose::at(lab.model.step), None), &name, &svg::Live);
        // Patterns of drawings that are not shown must not be the ones referred to.
        let mut drawing = drawing.replace('\n', "");
        for pattern in ["hatch", "cross"] {
            drawing = drawing.replace(&format!("\"{pattern}\""), &format!("\"{pattern}{class}\""));
            drawing = drawing.replace(&format!("#{pattern})"), &format!("#{pattern}{class})"));
        }
        format!("<div class=\"first-figure__drawing first-figure__drawing{class}\">{drawing}</div>")
    };
    let mut drawings = draw("--phone", PHONE);
    for cell in CELLS {
        // Just wide enough for cells of this size: 13 of them, two gaps and the margins.
        let width = f64::from(cell * 13 + 2 * 44 + 64);
        drawings += &draw(&format!("--{cell}"), Size::new(width, f64::INFINITY));
    }
    let html = include_str!("first-figure.html")
        .replace("{long}", &html(&text::sentence(&lab)))
        .replace("{short}", &html(&text::sentence_short(&lab)))
        .replace("{hint}", &text::hint(&lab, None))
        .replace("{drawings}", &drawings);
    let path = folder.join("first-figure.html");
    // Untouched where nothing changed, so that a watching build does not start again.
    if std::fs::read_to_string(&path).is_ok_and(|old| old == html) {
        return Ok(());
    }
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&path, html))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// A sentence as the app writes it.
fn html(runs: &[Run]) -> String {
    runs.iter()
        .map(|run| {
            let (class, text) = match run {
                Run::Plain(text) => ("", text),
                Run::Input(text) => ("t-input", text),
                Run::Kernel(text) => ("t-kernel", text),
                Run::Output(text) => ("t-output", text),
                Run::Pad(text) => ("t-pad", text),
                Run::Field(text) => ("t-field", text),
                Run::Strong(text) => ("t-strong", text),
                Run::Factor(_, text) => ("", text),
            };
            format!("<span class=\"{class}\">{text}</span>")
        })
        .collect()
}
