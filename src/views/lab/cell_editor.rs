//! A value being typed over its cell.

use convscope_page::bounds;
use convscope_page::text;
use convscope_scene::{Part, number};

use super::cell_grid::{focus_cell, place_style};
use super::figure::SharedFigure;
use crate::derive::Lab;
use crate::platform::markup::Markup;
use crate::platform::{focus, form};
use crate::state::{State, follow};

/// What is typed, and where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Editing {
    part: Part,
    text: String,
    /// Whether a typed character began it: the next one goes on from there.
    begun: bool,
    /// Why the text is no number.
    refused: Option<String>,
}

impl Editing {
    /// Begins to edit an input value, a weight or the bias, with what is there or with what was typed;
    /// `None` for what cannot be edited.
    pub(crate) fn of(lab: Lab, part: Part, typed: Option<String>) -> Option<Self> {
        let value = lab.derived.with_untracked(|it| it.value_to_edit(part))?;
        let begun = typed.is_some();
        Some(Self { part, text: typed.unwrap_or_else(|| number::full(value)), begun, refused: None })
    }
}

/// The field over the cell. Enter keeps, Esc restores.
pub(crate) fn cell_editor(lab: Lab, figure: SharedFigure, editing: State<Option<Editing>>) -> Markup {
    let part = move || editing.with(|it| it.as_ref().map(|it| it.part));
    let close = move || {
        let part = editing.with_untracked(|it| it.as_ref().map(|it| it.part));
        editing.set(None);
        lab.refuse("cell", false);
        if let Some(part) = part {
            focus_cell(part);
        }
    };
    let keep = move |text: String| {
        let Some(part) = editing.with_untracked(|it| it.as_ref().map(|it| it.part)) else { return };
        match bounds::read_number(&text) {
            Ok(value) => {
                let model = lab.derived.with_untracked(|it| it.with_value(&lab.current(), part, value));
                close();
                lab.edit("", model);
            }
            Err(reason) => {
                lab.refuse("cell", true);
                editing.set(Some(Editing { part, text, begun: true, refused: Some(reason) }));
            }
        }
    };
    // Another edit closes it: its cell may be gone, and its refusal with it.
    follow(move || {
        lab.model.track();
        editing.set(None);
        lab.refuse("cell", false);
    });
    let reason = move || editing.with(|it| it.as_ref().and_then(|it| it.refused.clone())).unwrap_or_default();
    let view = Markup::new(
        "<div class=cell-editor>
        <input class=\"field cell-editor__field\" type=text autocomplete=off>
        <p class=cell-editor__reason role=alert></p>
        </div>",
    );
    view.attr("div", "style", move || {
        let rect = part().zip(figure.get()).and_then(|(part, figure)| figure.part_rect(part));
        rect.map(place_style).unwrap_or_default()
    });
    view.flag("div", "hidden", move || part().is_none());
    view.on("div", "click", |event| event.stop_propagation());
    view.on("div", "dblclick", |event| event.stop_propagation());
    view.attr("input", "aria-label", move || {
        part().map(|part| lab.derived.with(|it| text::part_name(it, part))).unwrap_or_default()
    });
    view.attr("input", "aria-invalid", move || (!reason().is_empty()).to_string());
    view.on("input", "keydown", move |event| {
        event.stop_propagation();
        match form::key(&event).as_str() {
            "Enter" => keep(form::value(&event)),
            "Escape" => close(),
            _ => {}
        }
    });
    // Going elsewhere keeps a number, and restores what was there instead of anything else.
    view.on("input", "focusout", move |event| {
        let Some(part) = editing.with_untracked(|it| it.as_ref().map(|it| it.part)) else { return };
        editing.set(None);
        lab.refuse("cell", false);
        if let Ok(value) = bounds::read_number(&form::value(&event)) {
            lab.edit("", lab.derived.with_untracked(|it| it.with_value(&lab.current(), part, value)));
        }
    });
    view.text("p", reason);
    // A new cell: its text is selected, what was typed is kept.
    let field = view.find("input");
    let mut opened = None;
    follow(move || {
        let now = part();
        if now != opened && now.is_some() {
            editing.with_untracked(|it| {
                if let Some(it) = it {
                    focus::edit(&field, &it.text, !it.begun);
                }
            });
        }
        opened = now;
    });
    view
}
