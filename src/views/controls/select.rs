//! One of many: the system's own select.

use leptos::html::Select as SelectElement;
use leptos::prelude::*;

use crate::platform::form;

/// A select with prepared options (`html::options`); `chosen` is an index through all groups, −1 for what
/// is not listed.
#[component]
pub(crate) fn Select(
    /// What is chosen, for those who cannot see it.
    label: &'static str,
    /// The options, as markup.
    options: String,
    /// Which is chosen.
    chosen: Signal<i32>,
    /// Called with the choice.
    choose: Callback<usize>,
) -> impl IntoView {
    let node = NodeRef::<SelectElement>::new();
    Effect::new(move |_| form::set_value(node, chosen.get()));
    view! {
        <select
            class="select"
            aria-label=label
            node_ref=node
            inner_html=options
            on:change=move |event| form::chosen(&event, |idx| choose.run(idx))
        ></select>
    }
}

/// The index of what a list shows as chosen, −1 where it is not in the list.
pub(crate) fn index(position: Option<usize>) -> i32 {
    position.map_or(-1, |idx| idx as i32)
}
