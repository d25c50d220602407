//! The keys of the lab. Single letters can be turned off.

use super::cell_grid::{GridKind, enter_grid};
use crate::derive::Lab;
use crate::platform::keys::{self, KeyPress};
use crate::platform::{page, pictures, theme};

/// What each key does, for the list of keys.
pub(crate) const KEYS: &[(&str, &str)] = &[
    ("← →", "back, forward one step"),
    ("↑ ↓", "same column, row above or below"),
    ("Home End", "first, last step"),
    ("Space", "play, pause"),
    ("[ ]", "slower, faster"),
    ("Enter", "pin what is pointed at"),
    ("Esc", "unpin, close"),
    ("1 2 3", "outside a grid: to the input, kernel, output"),
    ("Enter - 0–9 .", "on a focused input or weight: edit it"),
    ("Ctrl+Z Ctrl+Shift+Z", "undo, redo"),
    ("F", "full screen"),
    ("T ?", "theme, this list"),
];

/// Listens to keys, pasted and dropped pictures while the lab is open.
pub(crate) fn use_shortcuts(lab: Lab) {
    keys::on_key(move |press| on_key(lab, &press));
    pictures::use_paste(move |result| lab.take_picture(result));
    pictures::use_drop(|_| false, move |result| lab.take_picture(result));
}

/// Whether the key was for the lab.
fn on_key(lab: Lab, press: &KeyPress) -> bool {
    if press.in_text || press.alt {
        return false;
    }
    if press.ctrl {
        match (press.key.as_str(), press.shift) {
            ("z" | "Z", false) => lab.undo(),
            ("z" | "Z", true) | ("y", false) => lab.redo(),
            _ => return false,
        }
        return true;
    }
    !press.in_field && (moves(lab, press) || letters(lab, press))
}

/// Keys that move through the steps.
fn moves(lab: Lab, press: &KeyPress) -> bool {
    // There is no figure to move in.
    if lab.live.with_untracked(Option::is_some) {
        let ends = press.key == "Escape";
        if ends {
            lab.live.set(None);
        }
        return ends;
    }
    let step = lab.step.get_untracked();
    let (n_steps, columns) = lab.derived.with_untracked(|it| {
        let [_, columns] = it.step_size();
        (it.n_steps(), columns)
    });
    match press.key.as_str() {
        "ArrowLeft" => lab.go_to(step.saturating_sub(1)),
        "ArrowRight" => lab.go_to(step + 1),
        "ArrowUp" if step >= columns => lab.go_to(step - columns),
        "ArrowDown" if step + columns < n_steps => lab.go_to(step + columns),
        "ArrowUp" | "ArrowDown" => {}
        "Home" => lab.go_to(0),
        "End" => lab.go_to(n_steps - 1),
        " " if !press.on_button => lab.toggle_playing(),
        "Enter" if !press.on_button && lab.pointed.with_untracked(Option::is_some) => {
            lab.pinned.set(lab.pointed.get_untracked());
        }
        "Escape" if lab.pinned.with_untracked(Option::is_some) => lab.pinned.set(None),
        "Escape" if lab.brush.with_untracked(Option::is_some) => lab.brush.set(None),
        _ => return false,
    }
    true
}

/// Keys that are a single character.
fn letters(lab: Lab, press: &KeyPress) -> bool {
    if !lab.letters.get_untracked() {
        return false;
    }
    let speed = lab.playback.with_untracked(|playback| playback.speed());
    match press.key.as_str() {
        "[" => lab.set_speed(speed.slower()),
        "]" => lab.set_speed(speed.faster()),
        "1" => enter_grid(GridKind::Input),
        "2" => enter_grid(GridKind::Kernel),
        "3" => enter_grid(GridKind::Output),
        "t" | "T" => theme::toggle_theme(),
        "f" | "F" => page::toggle_full_screen(),
        "?" => lab.keys_open.update(|open| *open = !*open),
        _ => return false,
    }
    true
}
