//! On a phone: which sheet lies below the figure.

use crate::platform::markup::Markup;
use crate::platform::{form, page};
use crate::state::State;
use crate::views::controls::icon::{Glyph, icon};

/// Name in the style sheet, label and icon of each sheet.
const SHEETS: [(&str, &str, Glyph); 4] = [
    ("cell", "Cell", Glyph::Cell),
    ("controls", "Controls", Glyph::Sliders),
    ("arithmetic", "Arithmetic", Glyph::Sigma),
    ("code", "Code", Glyph::Code),
];

/// The sheet that is shown first.
pub(crate) const FIRST: &str = "cell";

/// The bar that chooses the sheet; wide pages show all of them and no bar.
pub(crate) fn tabs(sheet: State<String>) -> Markup {
    let tabs = move || {
        let mut out = String::new();
        for (name, label, glyph) in SHEETS {
            let pressed = sheet.with(|sheet| sheet == name);
            out.push_str(&format!(
                "<button type=button class=tab-bar__tab data-at={name} aria-pressed={pressed}>{}<span>{label}</span></button>",
                icon(glyph)
            ));
        }
        out
    };
    let view = Markup::new("<nav class=tab-bar aria-label=Sheets></nav>");
    view.html("nav", tabs);
    view.on("nav", "click", move |event| {
        if let Some(name) = form::place(&event) {
            page::scroll_soon(match name.as_str() {
                "controls" => ".lab__panel",
                "arithmetic" => ".arith",
                "code" => ".code-box",
                _ => ".lab__aside",
            });
            sheet.set(name);
        }
    });
    view
}
