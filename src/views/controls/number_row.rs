//! A number with slider and field; its bounds move so that the configuration stays possible.

use convscope_page::bounds::{self, Control};
use leptos::prelude::*;

use super::message::{Kind, message};
use crate::derive::Lab;

/// Label, lower bound, slider, upper bound, field; below it why the number is refused or bounded.
#[component]
pub(crate) fn NumberRow(
    /// What the number is.
    #[prop(into)]
    label: Signal<&'static str>,
    /// The controls that it sets: one, or both axes while they are linked.
    #[prop(into)]
    controls: Signal<Vec<Control>>,
    /// What an edit of it is called in the history.
    what: &'static str,
    /// What stands between label and slider.
    #[prop(optional)]
    beside: Option<AnyView>,
) -> impl IntoView {
    let lab = Lab::expect();
    let value = Memo::new(move |_| lab.model.with(|model| bounds::value(model, controls.with(|it| it[0]))));
    let limits = Memo::new(move |_| lab.model.with(|model| controls.with(|it| bounds::bounds_of(model, it))));
    // What was typed and refused: it stays in the field until it is mended.
    let refused = RwSignal::new(None::<(String, bounds::Refusal)>);
    let active = RwSignal::new(false);
    let set = move |number: u64| {
        refused.set(None);
        let model = bounds::with(&lab.current(), &controls.get_untracked(), number);
        lab.edit(what, model);
    };
    let read = move |text: String| {
        let read = bounds::read_whole(&lab.current(), &controls.get_untracked(), &text);
        match read {
            Ok(number) => set(number),
            Err(refusal) => refused.set(Some((text, refusal))),
        }
    };
    Effect::new(move |_| lab.refuse(what, refused.with(Option::is_some)));
    on_cleanup(move || lab.refuse(what, false));
    // Any other edit makes the model the truth again.
    Effect::new(move |_| {
        value.track();
        refused.set(None);
    });
    let text = move || {
        refused.with(|it| it.as_ref().map_or_else(|| value.get().to_string(), |(text, _)| text.clone()))
    };
    let share = move || {
        let (low, high) = limits.with(|it| (it.low, it.high));
        let at = value.get().clamp(low, high.max(low)) - low;
        format!("--at:{}%", at as f64 / (high - low).max(1) as f64 * 100.0)
    };
    let note = move || {
        if let Some((_, refusal)) = refused.get() {
            let repair = refusal.repair.map(|number| {
                let act: Box<dyn Fn()> = Box::new(move || set(number));
                (format!("Use {number}"), act)
            });
            return Some(message(Kind::Error, refusal.text, repair));
        }
        let limits = limits.get();
        let value = value.get();
        let reason = if value >= limits.high { limits.high_reason } else { limits.low_reason };
        let at_bound = value >= limits.high || (value <= limits.low && limits.low > 1);
        (active.get() && at_bound && !reason.is_empty()).then(|| message(Kind::Plain, reason, None))
    };
    let name = move || label.get();
    view! {
        <div class="number-row" on:focusin=move |_| active.set(true) on:focusout=move |_| active.set(false)>
            <span class="number-row__label"><span>{name}</span>{beside}</span>
            <span class="slider">
                <span class="slider__bound">{move || limits.with(|it| it.low)}</span>
                <input
                    type="range"
                    aria-label=name
                    min=move || limits.with(|it| it.low)
                    max=move || limits.with(|it| it.high)
                    prop:value=move || {
                        // The bounds first: a range clamps its value when they change.
                        limits.track();
                        value.get().to_string()
                    }
                    style=share
                    disabled=move || limits.with(|it| it.low >= it.high)
                    on:input=move |event| {
                        if let Ok(number) = event_target_value(&event).parse() {
                            set(number);
                        }
                    }
                />
                <span class="slider__bound">{move || limits.with(|it| it.high)}</span>
            </span>
            <input
                class="field"
                type="text"
                inputmode="numeric"
                autocomplete="off"
                aria-label=move || format!("{}, number", name())
                aria-invalid=move || refused.with(Option::is_some).to_string()
                prop:value=text
                on:change=move |event| read(event_target_value(&event))
            />
        </div>
        <div role="status" class="number-row__note">{note}</div>
    }
}
