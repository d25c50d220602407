//! What stands in index.html before the app runs: the sentence and the figure of the default link.
//!
//! The same scene code draws it as the app does, for a phone, a laptop and a projector; the style sheet
//! shows the one that fits. The app takes its place without moving anything.

use std::path::Path;

use convscope_page::figure::{self, lab_spec};
use convscope_page::model::LabModel;
use convscope_page::text::{self, Run};
use convscope_scene::lab::LabFigure;
use convscope_scene::{Pose, Size, svg};

/// Class of a drawing and the width that it is laid out for.
const DRAWINGS: [(&str, f64); 3] =
    [("first-figure__phone", 390.0), ("first-figure__laptop", 750.0), ("first-figure__projector", 1304.0)];

/// Writes `first-figure.html` into `folder`.
pub(crate) fn write(folder: &Path) -> Result<(), String> {
    let model = LabModel::default();
    let lab = model.derive(None).map_err(|error| error.to_string())?;
    let name = figure::describe(&lab);
    let drawings: String = DRAWINGS
        .iter()
        .map(|(class, width)| {
            let figure = LabFigure::new(lab_spec(&lab, true), Size::new(*width, 684.0));
            let drawing = svg::write(&figure.scene(Pose::at(lab.model.step), None), &name, &svg::Live);
            format!("<div class=\"{class}\">{}</div>", drawing.replace('\n', ""))
        })
        .collect();
    let html = include_str!("first-figure.html")
        .replace("{long}", &html(&text::sentence(&lab)))
        .replace("{short}", &html(&text::sentence_short(&lab)))
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
                Run::Strong(text) => ("t-strong", text),
            };
            format!("<span class=\"{class}\">{text}</span>")
        })
        .collect()
}
