//! What stands beside the figure: the products of an output, the uses of an input, the meetings of a
//! weight; and how often each cell is read.

use convscope_page::text;
use convscope_scene::Part;
use leptos::prelude::*;

use super::value_field::ValueField;
use crate::derive::Lab;
use crate::views::html;

/// The current output cell, or what is pinned or pointed at.
#[component]
pub(crate) fn Inspector() -> AnyView {
    let lab = Lab::expect();
    let content = move || {
        let attended = lab.attended();
        lab.derived.with(|it| match attended {
            Some(Part::Input(position)) => {
                html::input_inspector(&text::inspect_input(it, position, lab.step.get()))
            }
            Some(Part::Kernel(kernel)) => html::weight_inspector(&text::inspect_weight(it, kernel)),
            Some(Part::Output(position)) => html::output_inspector(&text::inspect_output(it, position)),
            Some(Part::Bias) | None => {
                let step = lab.step.get().min(it.geometry.n_steps() - 1);
                html::output_inspector(&text::inspect_output(it, it.geometry.output_position(step)))
            }
        })
    };
    // The value of what is pinned, where it may be edited.
    let value = move || {
        let pinned = lab.pinned.get()?;
        lab.derived.with(|it| it.value_to_edit(pinned))
    };
    let set = move |value: f32| {
        let Some(pinned) = lab.pinned.get_untracked() else { return };
        lab.edit("", lab.derived.with_untracked(|it| it.with_value(&lab.current(), pinned, value)));
        lab.pinned.set(Some(pinned));
    };
    view! {
        <section class="inspector" inner_html=Signal::derive(content)></section>
        <div class="inspector__edit" hidden=Signal::derive(move || value().is_none())>
            <span>"Value"</span>
            <ValueField
                label="Value of the pinned cell"
                what="pinned"
                value=Signal::derive(move || value().unwrap_or(0.0))
                disabled=Signal::derive(move || value().is_none())
                set=Callback::new(set)
            />
        </div>
        <section
            class="reads"
            inner_html=Signal::derive(move || lab.derived.with(|it| html::reads(&text::reads(it))))
        ></section>
    }
    .into_any()
}
