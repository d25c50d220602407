//! A field for a real number: a weight, an input, the bias.

use convscope_page::bounds;
use convscope_scene::number;
use leptos::prelude::*;

use crate::derive::Lab;
use crate::views::controls::message::{Kind, message};

/// The field; a text that is no number stays in it, with the reason below.
#[component]
pub(crate) fn ValueField(
    /// What the number is, for those who cannot see it.
    #[prop(into)]
    label: Signal<String>,
    /// What marks the figure as waiting while the text is refused.
    what: &'static str,
    /// The present value.
    value: Signal<f32>,
    /// Whether it cannot be edited.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Called with a new value.
    set: impl Fn(f32) + Copy + 'static,
) -> impl IntoView {
    let lab = Lab::expect();
    let refused = RwSignal::new(None::<(String, String)>);
    let read = move |text: String| match bounds::read_number(&text) {
        Ok(value) => {
            refused.set(None);
            set(value);
        }
        Err(reason) => refused.set(Some((text, reason))),
    };
    Effect::new(move |_| lab.refuse(what, refused.with(Option::is_some)));
    on_cleanup(move || lab.refuse(what, false));
    Effect::new(move |_| {
        value.track();
        refused.set(None);
    });
    let text = move || {
        let typed = refused.with(|it| it.as_ref().map(|(text, _)| text.clone()));
        typed.unwrap_or_else(|| number::full(value.get()))
    };
    view! {
        <input
            class="field"
            type="text"
            inputmode="text"
            autocomplete="off"
            aria-label=move || label.get()
            aria-invalid=move || refused.with(Option::is_some).to_string()
            disabled=move || disabled.get()
            prop:value=text
            on:change=move |event| read(event_target_value(&event))
        />
        <div class="number-row__note" role="status">
            {move || refused.get().map(|(_, reason)| message(Kind::Error, reason, None))}
        </div>
    }
}
