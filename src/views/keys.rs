//! The list of keys, and the switch that turns single letters off.

use leptos::html::Dialog;
use leptos::prelude::*;

use super::lab::shortcuts::KEYS;
use crate::derive::Lab;
use crate::platform::page;

/// A dialog; Esc closes it.
#[component]
pub(crate) fn Keys() -> AnyView {
    let lab = Lab::expect();
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| page::show_dialog(dialog, lab.keys_open.get()));
    view! {
        <dialog class="dialog" node_ref=dialog aria-labelledby="keys-title" on:close=move |_| lab.keys_open.set(false)>
            <h2 class="heading" id="keys-title">"Keys"</h2>
            <table class="keys" inner_html=rows()></table>
            <label class="keys__switch">
                <input
                    type="checkbox"
                    prop:checked=lab.letters
                    on:change=move |event| lab.letters.set(event_target_checked(&event))
                />
                "Single characters act as keys"
            </label>
            <button type="button" class="btn" on:click=move |_| lab.keys_open.set(false)>"Close"</button>
        </dialog>
    }
    .into_any()
}

/// The keys and what they do, as markup.
fn rows() -> String {
    let mut out = String::new();
    for (keys, what) in KEYS {
        out.push_str("<tr><td>");
        for key in keys.split(' ') {
            out.push_str(&format!("<kbd>{key}</kbd> "));
        }
        out.push_str(&format!("</td><td>{what}</td></tr>"));
    }
    out
}
