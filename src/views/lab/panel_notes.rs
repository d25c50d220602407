//! What a group of controls has to say about the present numbers.

use convscope_page::text::{self, NoteKind};
use leptos::prelude::*;

use crate::derive::Lab;
use crate::views::controls::message::{Kind, message};

/// The notes that belong to `control`.
#[component]
pub(crate) fn PanelNotes(control: &'static str) -> impl IntoView {
    let lab = Lab::expect();
    move || {
        lab.derived.with(|it| {
            text::notes(it)
                .into_iter()
                .filter(|note| note.control == control)
                .map(|note| {
                    let kind = if note.kind == NoteKind::Warn { Kind::Warn } else { Kind::Plain };
                    message(kind, note.text, None)
                })
                .collect_view()
        })
    }
}
