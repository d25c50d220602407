//! On a phone: which sheet lies below the figure.

use leptos::prelude::*;

use crate::views::controls::icon::{Glyph, icon};

/// What the one sheet of a narrow page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sheet {
    Cell,
    Controls,
    Arithmetic,
}

impl Sheet {
    const ALL: [(Self, &'static str, Glyph); 3] = [
        (Self::Cell, "Cell", Glyph::Cell),
        (Self::Controls, "Controls", Glyph::Sliders),
        (Self::Arithmetic, "Arithmetic", Glyph::Sigma),
    ];

    /// Its name in the style sheet.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cell => "cell",
            Self::Controls => "controls",
            Self::Arithmetic => "arithmetic",
        }
    }
}

/// The bar that chooses the sheet; wide pages show all of them and no bar.
#[component]
pub(crate) fn Tabs(sheet: RwSignal<Sheet>) -> impl IntoView {
    let buttons = Sheet::ALL.map(|(this, label, glyph)| {
        view! {
            <button
                type="button"
                class="tab-bar__tab"
                aria-pressed=move || (sheet.get() == this).to_string()
                on:click=move |_| sheet.set(this)
            >
                {icon(glyph)}
                <span>{label}</span>
            </button>
        }
    });
    view! { <nav class="tab-bar" aria-label="Sheets">{buttons.collect_view()}</nav> }
}
