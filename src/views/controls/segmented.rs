//! One of a few: two to four choices in a row.

use leptos::html::Fieldset;
use leptos::prelude::*;

use crate::platform::form;
use crate::views::html;

/// Radio buttons that look like one bar: arrows move, the chosen one has border and weight.
#[component]
pub(crate) fn Segmented(
    /// What is chosen, for those who cannot see it; also names the group.
    label: &'static str,
    /// The choices, in order.
    options: &'static [&'static str],
    /// Which is chosen; beyond the last: none.
    chosen: Signal<usize>,
    /// Called with the choice.
    choose: Callback<usize>,
) -> impl IntoView {
    let group = NodeRef::<Fieldset>::new();
    Effect::new(move |_| form::check_radio(group, chosen.get()));
    view! {
        <fieldset
            class="segmented"
            aria-label=label
            node_ref=group
            inner_html=html::radios(label, options)
            on:change=move |event| form::chosen(&event, |idx| choose.run(idx))
        ></fieldset>
    }
}
