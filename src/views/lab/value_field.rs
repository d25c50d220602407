//! A field for a real number: a weight, an input, the bias.

use convscope_page::bounds;
use convscope_scene::number;
use leptos::prelude::*;

use crate::derive::Lab;
use crate::platform::form;
use crate::views::html::{self, Kind};

/// The field; a text that is no number stays in it, with the reason below.
#[component]
pub(crate) fn ValueField(
    /// What the number is, for those who cannot see it.
    label: &'static str,
    /// What marks the figure as waiting while the text is refused.
    what: &'static str,
    /// The present value.
    value: Signal<f32>,
    /// Whether it cannot be edited.
    disabled: Signal<bool>,
    /// Called with a new value.
    set: Callback<f32>,
) -> AnyView {
    let lab = Lab::expect();
    let refused = RwSignal::new(None::<(String, String)>);
    let read = move |text: String| match bounds::read_number(&text) {
        Ok(value) => {
            refused.set(None);
            set.run(value);
        }
        Err(reason) => refused.set(Some((text, reason))),
    };
    lab.watch_refusal(what, move || refused.with(Option::is_some), move || refused.set(None));
    let text = move || {
        let typed = refused.with(|it| it.as_ref().map(|it| it.0.clone()));
        typed.unwrap_or_else(|| number::full(value.get()))
    };
    let note = move || refused.get().map(|(_, reason)| html::message(Kind::Error, &reason, None));
    view! {
        <input
            class="field"
            type="text"
            autocomplete="off"
            aria-label=label
            aria-invalid=Signal::derive(move || refused.with(Option::is_some).to_string())
            disabled=disabled
            prop:value=Signal::derive(text)
            on:change=move |event| read(form::value(&event))
        />
        <div class="number-row__note" role="status" inner_html=Signal::derive(move || note().unwrap_or_default())></div>
    }
    .into_any()
}
