//! On a phone: which sheet lies below the figure.

use crate::platform::form;
use crate::platform::markup::Markup;
use crate::state::State;
use crate::views::controls::icon::{Glyph, icon};

/// Name in the style sheet, label and icon of each sheet.
const SHEETS: [(&str, &str, Glyph); 3] = [
    ("layers", "Layers", Glyph::Sliders),
    ("charts", "Charts", Glyph::Chart),
    ("numbers", "Arithmetic", Glyph::Sigma),
];

/// The sheet that is shown first.
pub(crate) const FIRST: &str = "layers";

/// The bar that chooses the sheet; wide pages show all of them and no bar.
pub(crate) fn tabs(sheet: State<String>) -> Markup {
    let buttons: String = SHEETS
        .iter()
        .map(|(name, label, glyph)| {
            format!(
                "<button type=button class=tab-bar__tab data-at={name}>{}<span>{label}</span></button>",
                icon(*glyph)
            )
        })
        .collect();
    let view = Markup::new(&format!("<nav class=tab-bar aria-label=Sheets>{buttons}</nav>"));
    for (name, place) in
        [("layers", "[data-at=layers]"), ("charts", "[data-at=charts]"), ("numbers", "[data-at=numbers]")]
    {
        view.attr(place, "aria-pressed", move || sheet.with(|sheet| sheet == name).to_string());
    }
    view.on("nav", "click", move |event| {
        if let Some(name) = form::place(&event) {
            sheet.set(name);
        }
    });
    view
}
