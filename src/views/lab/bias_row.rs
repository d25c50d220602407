//! The bias: whether there is one, and how large it is.

use convscope_page::limits::SLIDER_BIAS;
use convscope_page::model::LabModel;
use convscope_scene::number;
use leptos::prelude::*;

use super::value_field::ValueField;
use crate::derive::Lab;

/// Switch, slider and field.
#[component]
pub(crate) fn BiasRow() -> impl IntoView {
    let lab = Lab::expect();
    let bias = Memo::new(move |_| lab.model.with(|model| model.bias));
    let set = move |bias: Option<f32>| lab.edit("bias", LabModel { bias, ..lab.current() });
    let most = SLIDER_BIAS as f32;
    let value = move || bias.get().unwrap_or(0.0);
    let share = move || format!("--at:{}%", (value().clamp(-most, most) + most) / (2.0 * most) * 100.0);
    let absent = move || bias.get().is_none();
    view! {
        <div class="number-row">
            <span class="number-row__label">
                <span>"Bias"</span>
                <button
                    type="button"
                    class="switch"
                    role="switch"
                    aria-checked=move || (!absent()).to_string()
                    aria-label="Use a bias"
                    on:click=move |_| set(if absent() { Some(1.0) } else { None })
                ></button>
            </span>
            <span class="slider">
                <span class="slider__bound">{number::whole(-(SLIDER_BIAS as i64))}</span>
                <input
                    type="range"
                    aria-label="Bias"
                    min=-most
                    max=most
                    prop:value=move || value().to_string()
                    style=share
                    disabled=absent
                    on:input=move |event| set(event_target_value(&event).parse().ok())
                />
                <span class="slider__bound">{SLIDER_BIAS}</span>
            </span>
            <ValueField
                label="Bias, number"
                what="bias"
                value=Signal::derive(value)
                disabled=Signal::derive(absent)
                set=move |value| set(Some(value))
            />
        </div>
    }
}
