//! On a phone: which sheet lies below the figure.

use leptos::prelude::*;

use crate::platform::form;
use crate::views::controls::icon::{Glyph, icon};

/// Name in the style sheet, label and icon of each sheet.
const SHEETS: [(&str, &str, Glyph); 3] = [
    ("cell", "Cell", Glyph::Cell),
    ("controls", "Controls", Glyph::Sliders),
    ("arithmetic", "Arithmetic", Glyph::Sigma),
];

/// The sheet that is shown first.
pub(crate) const FIRST: &str = "cell";

/// The bar that chooses the sheet; wide pages show all of them and no bar.
#[component]
pub(crate) fn Tabs(sheet: RwSignal<String>) -> AnyView {
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
    view! {
        <nav
            class="tab-bar"
            aria-label="Sheets"
            inner_html=Signal::derive(tabs)
            on:click=move |event| {
                if let Some(name) = form::place(&event) {
                    sheet.set(name);
                }
            }
        ></nav>
    }
    .into_any()
}
