//! What a group of controls has to say about the present numbers.

use convscope_page::text;
use leptos::prelude::*;

use crate::derive::Lab;
use crate::views::html;

/// The notes that belong to `controls`.
#[component]
pub(crate) fn PanelNotes(controls: &'static [&'static str]) -> AnyView {
    let lab = Lab::expect();
    let notes = move || lab.derived.with(|it| html::notes(&text::notes(it), controls));
    view! { <div class="control-notes" inner_html=Signal::derive(notes)></div> }.into_any()
}
