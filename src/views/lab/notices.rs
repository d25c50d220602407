//! What the link said that could not be shown as it was.

use leptos::prelude::*;

use crate::derive::Lab;
use crate::views::controls::icon::{Glyph, icon};
use crate::views::controls::message::{Kind, message};

/// A list of sentences above the figure, until it is dismissed.
#[component]
pub(crate) fn Notices() -> impl IntoView {
    let lab = Lab::expect();
    let list = move || {
        let notices = lab.notices.get();
        (!notices.is_empty()).then(|| {
            let items = notices
                .into_iter()
                .map(|notice| view! { <li>{message(Kind::Warn, notice.text, None)}</li> })
                .collect_view();
            view! {
                <div class="notices">
                    <ul aria-label="About this link">{items}</ul>
                    <button
                        type="button"
                        class="btn btn--quiet btn--icon"
                        aria-label="Dismiss"
                        on:click=move |_| lab.notices.set(Vec::new())
                    >
                        {icon(Glyph::Close)}
                    </button>
                </div>
            }
        })
    };
    view! { <div role="status">{list}</div> }
}
