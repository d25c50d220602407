//! The fragment of the page's address: everything that a link restores.

use std::cell::RefCell;

use wasm_bindgen::JsValue;

use super::dom::{Listener, keep, window};

thread_local! {
    /// The fragment that the app last read or wrote; an event that brings it again is no news.
    static KNOWN: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The fragment with its `#`, as it stands in the address (percent-encoded); empty if there is none.
pub fn fragment() -> String {
    let fragment = window().location().hash().unwrap_or_default();
    KNOWN.replace(fragment.clone());
    fragment
}

/// Puts `fragment` (with its `#`) into the address in place of the present entry of the history.
pub fn replace(fragment: &str) {
    if note(fragment)
        && let Ok(history) = window().history()
    {
        // A sandboxed frame may refuse; the figure works without its link.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(fragment));
    }
}

/// Puts `fragment` (with its `#`) into the address as a new entry of the history.
pub fn push(fragment: &str) {
    if note(fragment)
        && let Ok(history) = window().history()
    {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(fragment));
    }
}

/// Calls `callback` with the new fragment when the reader goes back or forth, follows a link or edits
/// the address; not for [`replace`] and [`push`].
pub fn on_navigate(callback: impl Fn(String) + Clone + 'static) {
    for event in ["popstate", "hashchange"] {
        let callback = callback.clone();
        keep(Listener::new(&window(), event, move |_| {
            let fragment = window().location().hash().unwrap_or_default();
            if note(&fragment) {
                callback(fragment);
            }
        }));
    }
}

/// The whole address of this page with `fragment` (with its `#`).
pub fn absolute(fragment: &str) -> String {
    let href = window().location().href().unwrap_or_default();
    let base = href.split('#').next().unwrap_or_default();
    format!("{base}{fragment}")
}

/// Remembers `fragment`; whether it is another one than before.
fn note(fragment: &str) -> bool {
    KNOWN.with_borrow_mut(|known| {
        let news = known != fragment;
        if news {
            fragment.clone_into(known);
        }
        news
    })
}
