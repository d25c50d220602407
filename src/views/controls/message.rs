//! A sentence below its control.

use leptos::prelude::*;

use super::icon::{Glyph, icon};

/// How much a message matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A fact.
    Plain,
    /// Computed, but read this.
    Warn,
    /// No result.
    Error,
}

/// An icon and a sentence, and perhaps a link that mends the cause with one press.
pub(crate) fn message(kind: Kind, text: String, repair: Option<(String, Box<dyn Fn()>)>) -> AnyView {
    let (class, glyph) = match kind {
        Kind::Plain => ("message message--plain", Glyph::Info),
        Kind::Warn => ("message message--warn", Glyph::Warn),
        Kind::Error => ("message message--error", Glyph::Error),
    };
    let repair = repair.map(|(label, act)| {
        view! { " " <button type="button" class="link" on:click=move |_| act()>{label}</button> }
    });
    view! { <div class=class>{icon(glyph)}<span>{text}{repair}</span></div> }.into_any()
}
