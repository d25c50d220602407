//! A sentence whose numbers take the colour of their tensor.

use convscope_page::text::Run;
use leptos::prelude::*;

/// The runs of a sentence or formula, one after the other.
pub(crate) fn runs(runs: Vec<Run>) -> impl IntoView {
    runs.into_iter()
        .map(|run| {
            let (class, text) = match run {
                Run::Plain(text) => ("", text),
                Run::Input(text) => ("t-input", text),
                Run::Kernel(text) => ("t-kernel", text),
                Run::Output(text) => ("t-output", text),
                Run::Pad(text) => ("t-pad", text),
                Run::Strong(text) => ("t-strong", text),
            };
            view! { <span class=class>{text}</span> }
        })
        .collect_view()
}
