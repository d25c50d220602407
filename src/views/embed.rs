//! The lab inside another page: figure, transport, the sum, a link to the full page.

use convscope_page::{figure, text};
use leptos::prelude::*;

use super::controls::icon::{Glyph, icon};
use super::lab::figure::Figure;
use super::lab::shortcuts;
use super::lab::transport::Transport;
use crate::derive::Lab;

/// Fills whatever box it is given.
#[component]
pub(crate) fn EmbedPage() -> AnyView {
    let lab = Lab::expect();
    shortcuts::use_shortcuts(lab);
    let sum = move || {
        lab.derived.with(|it| {
            let output = it.geometry.output_position(lab.step.get());
            text::inspect_output(it, output).flat
        })
    };
    let address = move || {
        lab.step.track();
        lab.model.track();
        lab.address(false)
    };
    view! {
        <main class="embed">
            <h1 class="visually-hidden">{Signal::derive(move || lab.derived.with(|it| figure::describe(it)))}</h1>
            <Figure/>
            <Transport/>
            <p class="embed__foot small">
                <span class="embed__sum">{Signal::derive(sum)}</span>
                <a href=Signal::derive(address) target="_blank" rel="noopener">
                    "open in convscope" <span class="embed__icon" inner_html=icon(Glyph::External)></span>
                </a>
            </p>
        </main>
    }
    .into_any()
}
