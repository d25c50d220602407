//! The bias: whether there is one, and how large it is.

use convscope_page::limits::SLIDER_BIAS;
use convscope_page::model::LabModel;
use leptos::prelude::*;

use super::value_field::ValueField;
use crate::derive::Lab;
use crate::platform::form;

/// Switch, slider and field.
#[component]
pub(crate) fn BiasRow() -> AnyView {
    let lab = Lab::expect();
    let bias = move || lab.model.with(|model| model.bias);
    let set = move |bias: Option<f32>| lab.edit("bias", LabModel { bias, ..lab.current() });
    let absent = Signal::derive(move || bias().is_none());
    let most = SLIDER_BIAS as i32;
    let share = move || {
        let value = bias().unwrap_or(0.0).clamp(-most as f32, most as f32) as i32;
        format!("--at:{}%", (value + most) * 100 / (2 * most))
    };
    view! {
        <div class="number-row">
            <span class="number-row__label">
                <span>"Bias"</span>
                <button
                    type="button"
                    class="switch"
                    role="switch"
                    aria-checked=Signal::derive(move || bias().is_some().to_string())
                    aria-label="Use a bias"
                    on:click=move |_| set(if bias().is_none() { Some(1.0) } else { None })
                ></button>
            </span>
            <span class="slider">
                <span class="slider__bound">"−9"</span>
                <input
                    type="range"
                    aria-label="Bias"
                    min="-9"
                    max="9"
                    prop:value=Signal::derive(move || (bias().unwrap_or(0.0) as i32).to_string())
                    style=Signal::derive(share)
                    disabled=absent
                    on:input=move |event| {
                        if let Ok(value) = form::value(&event).parse::<i32>() {
                            set(Some(value as f32));
                        }
                    }
                />
                <span class="slider__bound">"9"</span>
            </span>
            <ValueField
                label="Bias, number"
                what="bias"
                value=Signal::derive(move || bias().unwrap_or(0.0))
                disabled=absent
                set=Callback::new(move |value| set(Some(value)))
            />
        </div>
    }
    .into_any()
}

/// The ends of the slider are written as they stand.
const _: () = assert!(SLIDER_BIAS == 9);
