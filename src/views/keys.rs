//! The list of keys, and the switch that turns single letters off.

use super::{lab, stack};
use crate::pages::{Pages, Showing};
use crate::platform::markup::Markup;
use crate::platform::{form, page};
use crate::state::follow;

/// A dialog; Esc closes it.
pub(crate) fn keys(pages: Pages) -> Markup {
    let lab = pages.lab;
    let view = Markup::new(
        "<dialog class=dialog aria-labelledby=keys-title>
        <h2 class=heading id=keys-title>Keys</h2>
        <table class=keys></table>
        <label class=keys__switch><input type=checkbox>Single characters act as keys</label>
        <button type=button class=btn>Close</button>
        </dialog>",
    );
    view.html("table", move || {
        rows(match pages.showing.get() {
            Showing::Stack => stack::shortcuts::KEYS,
            Showing::Lab | Showing::Embed => lab::shortcuts::KEYS,
        })
    });
    let dialog = view.find("dialog");
    follow(move || page::show_dialog(&dialog, lab.keys_open.get()));
    view.flag("input", "checked", move || lab.letters.get());
    view.on("input", "change", move |event| lab.letters.set(form::ticked(&event)));
    view.on("dialog", "close", move |_| lab.keys_open.set(false));
    view.on("button", "click", move |_| lab.keys_open.set(false));
    view
}

/// The keys and what they do, as markup.
fn rows(list: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (keys, what) in list {
        out.push_str("<tr><td>");
        for key in keys.split(' ') {
            out.push_str(&format!("<kbd>{key}</kbd> "));
        }
        out.push_str(&format!("</td><td>{what}</td></tr>"));
    }
    out
}
