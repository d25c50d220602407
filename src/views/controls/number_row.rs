//! A number with slider and field; its bounds move so that the configuration stays possible.

use convscope_page::bounds::{self, Bounds, Control, Refusal};
use leptos::prelude::*;

use crate::derive::Lab;
use crate::platform::form;
use crate::views::html::{self, Kind};

/// Label, lower bound, slider, upper bound, field; below it why the number is refused or bounded.
#[component]
pub(crate) fn NumberRow(
    /// What the number is.
    label: Signal<String>,
    /// The controls that it sets: one, or both axes while they are linked.
    controls: Signal<Vec<Control>>,
    /// What an edit of it is called in the history.
    what: &'static str,
    /// What stands between label and slider.
    beside: AnyView,
) -> AnyView {
    let lab = Lab::expect();
    let limits = move || lab.model.with(|model| controls.with(|it| bounds::bounds_of(model, it)));
    let value = move || lab.model.with(|model| bounds::value(model, controls.with(|it| it[0])));
    // What was typed and refused: it stays in the field until it is mended.
    let refused = RwSignal::new(None::<(String, Refusal)>);
    let active = RwSignal::new(false);
    let set = move |number: u64| {
        refused.set(None);
        lab.edit(what, bounds::with(&lab.current(), &controls.get_untracked(), number));
    };
    let read = move |text: String| match bounds::read_whole(&lab.current(), &controls.get_untracked(), &text)
    {
        Ok(number) => set(number),
        Err(refusal) => refused.set(Some((text, refusal))),
    };
    lab.watch_refusal(what, move || refused.with(Option::is_some), move || refused.set(None));
    let text = move || refused.with(|it| it.as_ref().map_or_else(|| value().to_string(), |it| it.0.clone()));
    let note = move || {
        if let Some((_, refusal)) = refused.get() {
            let repair = refusal.repair.map(|number| format!("Use {number}"));
            return html::message(Kind::Error, &refusal.text, repair.as_deref());
        }
        let reason = if active.get() { reason_at(&limits(), value()) } else { String::new() };
        if reason.is_empty() { reason } else { html::message(Kind::Plain, &reason, None) }
    };
    let repair = move || {
        if let Some(number) = refused.with_untracked(|it| it.as_ref().and_then(|it| it.1.repair)) {
            set(number);
        }
    };
    let low = Signal::derive(move || limits().low.to_string());
    let high = Signal::derive(move || limits().high.to_string());
    view! {
        <div class="number-row" on:focusin=move |_| active.set(true) on:focusout=move |_| active.set(false)>
            <span class="number-row__label"><span>{label}</span>{beside}</span>
            <span class="slider">
                <span class="slider__bound">{low}</span>
                <input
                    type="range"
                    aria-label=label
                    min=low
                    max=high
                    prop:value=Signal::derive(move || {
                        // The bounds first: a range clamps its value when they change.
                        limits();
                        value().to_string()
                    })
                    style=Signal::derive(move || share(&limits(), value()))
                    on:input=move |event| {
                        if let Ok(number) = form::value(&event).parse() {
                            set(number);
                        }
                    }
                />
                <span class="slider__bound">{high}</span>
            </span>
            <input
                class="field"
                type="text"
                inputmode="numeric"
                autocomplete="off"
                aria-label=Signal::derive(move || format!("{}, number", label.get()))
                aria-invalid=Signal::derive(move || refused.with(Option::is_some).to_string())
                prop:value=Signal::derive(text)
                on:change=move |event| read(form::value(&event))
            />
        </div>
        <div
            role="status"
            class="number-row__note"
            inner_html=Signal::derive(note)
            on:click=move |event| {
                if form::happened_on(&event, "[data-repair]") {
                    repair();
                }
            }
        ></div>
    }
    .into_any()
}

/// Why a value at one of its bounds cannot go further.
fn reason_at(limits: &Bounds, value: u64) -> String {
    if value >= limits.high {
        limits.high_reason.clone()
    } else if value <= limits.low && limits.low > 1 {
        limits.low_reason.clone()
    } else {
        String::new()
    }
}

/// How much of the slider is filled, for the style sheet.
fn share(limits: &Bounds, value: u64) -> String {
    let span = limits.high.saturating_sub(limits.low).max(1);
    let at = value.clamp(limits.low, limits.high.max(limits.low)) - limits.low;
    format!("--at:{}%", at * 100 / span)
}
