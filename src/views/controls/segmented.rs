//! One of a few: two to four choices in a row.

use leptos::prelude::*;

use crate::platform::keys;

/// A radio group: arrows move, the selected choice has border and weight.
#[component]
pub(crate) fn Segmented(
    /// What is chosen, for those who cannot see it.
    label: &'static str,
    /// The choices, in order.
    options: Vec<&'static str>,
    /// Which is chosen; beyond the last: none.
    #[prop(into)]
    chosen: Signal<usize>,
    /// Called with the choice.
    choose: impl Fn(usize) + Copy + 'static,
) -> impl IntoView {
    let n_options = options.len();
    let group = NodeRef::new();
    let on_key = move |key: String| {
        let now = chosen.get_untracked();
        let next = match key.as_str() {
            "ArrowRight" | "ArrowDown" => (now + 1) % n_options,
            "ArrowLeft" | "ArrowUp" => (now + n_options - 1) % n_options,
            _ => return false,
        };
        choose(next);
        keys::focus_child(group, next);
        true
    };
    let buttons = options
        .into_iter()
        .enumerate()
        .map(|(idx, option)| {
            let is_chosen = move || chosen.get() == idx;
            let tabbable = move || chosen.get() == idx || (chosen.get() >= n_options && idx == 0);
            view! {
                <button
                    type="button"
                    role="radio"
                    aria-checked=move || is_chosen().to_string()
                    tabindex=move || if tabbable() { "0" } else { "-1" }
                    on:click=move |_| choose(idx)
                >
                    {option}
                </button>
            }
        })
        .collect_view();
    view! {
        <div
            class="segmented"
            role="radiogroup"
            aria-label=label
            node_ref=group
            on:keydown=move |event| {
                if on_key(event.key()) {
                    event.prevent_default();
                    event.stop_propagation();
                }
            }
        >
            {buttons}
        </div>
    }
}
