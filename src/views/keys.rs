//! The list of keys, and the switch that turns single letters off.

use leptos::html::Dialog;
use leptos::prelude::*;

use super::lab::shortcuts::KEYS;
use crate::derive::Lab;
use crate::platform::page;

/// A dialog; Esc closes it.
#[component]
pub(crate) fn Keys() -> impl IntoView {
    let lab = Lab::expect();
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| page::show_dialog(dialog, lab.keys_open.get()));
    let rows = KEYS
        .map(|(keys, what)| {
            let keys = keys.split(' ').map(|key| view! { <kbd>{key}</kbd> " " }).collect_view();
            view! { <tr><td>{keys}</td><td>{what}</td></tr> }
        })
        .collect_view();
    view! {
        <dialog class="dialog" node_ref=dialog aria-labelledby="keys-title" on:close=move |_| lab.keys_open.set(false)>
            <h2 class="heading" id="keys-title">"Keys"</h2>
            <table class="keys"><tbody>{rows}</tbody></table>
            <label class="keys__switch">
                <input
                    type="checkbox"
                    prop:checked=move || lab.letters.get()
                    on:change=move |event| lab.letters.set(event_target_checked(&event))
                />
                "Single characters act as keys"
            </label>
            <button type="button" class="btn" on:click=move |_| lab.keys_open.set(false)>"Close"</button>
        </dialog>
    }
}
