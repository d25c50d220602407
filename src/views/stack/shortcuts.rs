//! The keys of the stack page. Single letters can be turned off.

use crate::pages::Pages;
use crate::platform::keys::{self, KeyPress};
use crate::platform::{networks, page, pictures, theme};

/// What each key does, for the list of keys.
pub(crate) const KEYS: &[(&str, &str)] = &[
    ("← → ↑ ↓", "on the figure: move the unit, with Shift further"),
    ("Home End", "on the figure: first, last column"),
    ("PageUp PageDown", "on the figure: the map before, after"),
    ("↑ ↓", "on a layer’s number: the layer above, below"),
    ("Alt+↑ Alt+↓", "in a layer: move it up, down"),
    ("Delete", "on a layer’s number or grip: remove it"),
    ("Ctrl+Z Ctrl+Shift+Z", "undo, redo"),
    ("F", "full screen"),
    ("T ?", "theme, this list"),
];

/// Listens to keys, pasted and dropped pictures while the page is open.
pub(crate) fn use_shortcuts(pages: Pages) {
    let stack = pages.stack();
    keys::on_key(move |press| on_key(pages, &press));
    pictures::use_paste(move |result| stack.take_picture(result));
    pictures::use_drop(networks::is_network, move |result| stack.take_picture(result));
}

/// Whether the key was for the page.
fn on_key(pages: Pages, press: &KeyPress) -> bool {
    if press.in_text || press.alt {
        return false;
    }
    if press.ctrl {
        match (press.key.as_str(), press.shift) {
            ("z" | "Z", false) => pages.stack().undo(),
            ("z" | "Z", true) | ("y", false) => pages.stack().redo(),
            _ => return false,
        }
        return true;
    }
    if press.in_field || !pages.lab.letters.get_untracked() {
        return false;
    }
    match press.key.as_str() {
        "t" | "T" => theme::toggle_theme(),
        "f" | "F" => page::toggle_full_screen(),
        "?" => pages.lab.keys_open.update(|open| *open = !*open),
        _ => return false,
    }
    true
}
