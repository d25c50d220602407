//! What the link said that could not be shown as it was.

use leptos::prelude::*;

use crate::derive::Lab;
use crate::views::controls::icon::{Glyph, icon};
use crate::views::html;

/// A list of sentences above the figure, until it is dismissed.
#[component]
pub(crate) fn Notices() -> AnyView {
    let lab = Lab::expect();
    let list =
        move || lab.notices.with(|notices| html::list(notices.iter().map(|notice| notice.text.as_str())));
    view! {
        <div role="status">
            <div class="notices" hidden=Signal::derive(move || lab.notices.with(Vec::is_empty))>
                <ul aria-label="About this link" inner_html=Signal::derive(list)></ul>
                <button
                    type="button"
                    class="btn btn--quiet btn--icon"
                    aria-label="Dismiss"
                    inner_html=icon(Glyph::Close)
                    on:click=move |_| lab.notices.set(Vec::new())
                ></button>
            </div>
        </div>
    }
    .into_any()
}
