//! Keys pressed anywhere on the page.

use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use super::dom::{Listener, keep, window};

/// A key that went down, and where the focus was.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one fact of the event")]
pub struct KeyPress {
    /// What the key means: `a`, `ArrowLeft`, `Enter`, ` `.
    pub key: String,
    /// Control, or Command on a Mac.
    pub ctrl: bool,
    /// Shift.
    pub shift: bool,
    /// Alt.
    pub alt: bool,
    /// Whether the key is held down and repeats.
    pub repeat: bool,
    /// Whether the focus is where keys have a meaning of their own: in a field, a dialog, a box that scrolls.
    pub in_field: bool,
    /// Whether the focus is in a text, which has an undo of its own.
    pub in_text: bool,
    /// Whether the focus is in a grid.
    pub in_grid: bool,
    /// Whether the focus is on a button, link or summary, where Space and Enter press it.
    pub on_button: bool,
}

/// Calls `callback` for every key that goes down on the page and that nobody has handled before.
///
/// When it says `true` the browser does nothing of its own with the key.
pub fn on_key(callback: impl Fn(KeyPress) -> bool + 'static) {
    keep(Listener::new(&window(), "keydown", move |event| {
        let Ok(event) = event.dyn_into::<KeyboardEvent>() else { return };
        // While an input method composes, keys are not ours.
        if event.default_prevented() || event.is_composing() {
            return;
        }
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let within = |selector: &str| {
            target.as_ref().is_some_and(|it| it.closest(selector).is_ok_and(|found| found.is_some()))
        };
        let press = KeyPress {
            key: event.key(),
            ctrl: event.ctrl_key() || event.meta_key(),
            shift: event.shift_key(),
            alt: event.alt_key(),
            repeat: event.repeat(),
            in_field: within("input, select, textarea, dialog, [role=group][tabindex]"),
            in_text: within("input[type=text], textarea"),
            in_grid: within("[role=grid]"),
            on_button: within("button, a[href], summary, [role=button]"),
        };
        if callback(press) {
            event.prevent_default();
        }
    }));
}
