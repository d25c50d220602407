//! A value being typed over its cell.

use convscope_page::bounds;
use convscope_page::text;
use convscope_scene::{Part, number};
use leptos::html::Input;
use leptos::prelude::*;

use super::cell_grid::{focus_cell, place_style};
use super::figure::SharedFigure;
use crate::derive::Lab;
use crate::platform::{focus, form};

/// What is typed, and where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Editing {
    part: Part,
    text: String,
    /// Why the text is no number.
    refused: Option<String>,
}

impl Editing {
    /// Begins to edit an input value, a weight or the bias, with what is there or with what was typed;
    /// `None` for what cannot be edited.
    pub(crate) fn of(lab: Lab, part: Part, typed: Option<String>) -> Option<Self> {
        let value = lab.derived.with_untracked(|it| it.value_to_edit(part))?;
        Some(Self { part, text: typed.unwrap_or_else(|| number::full(value)), refused: None })
    }
}

/// The field over the cell. Enter keeps, Esc restores.
#[component]
pub(crate) fn CellEditor(figure: SharedFigure, editing: RwSignal<Option<Editing>>) -> AnyView {
    let lab = Lab::expect();
    let field = NodeRef::<Input>::new();
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
                editing.set(Some(Editing { part, text, refused: Some(reason) }));
            }
        }
    };
    // A new cell: its text is selected, what was typed is kept.
    let opened = Memo::new(move |_| part());
    Effect::new(move |_| {
        if opened.get().is_some() {
            let typed = editing.with_untracked(|it| it.as_ref().map(|it| it.text.clone()));
            focus::edit(field, &typed.unwrap_or_default());
        }
    });
    let place = move || {
        let rect = part().zip(figure.get()).map(|(part, figure)| figure.part_rect(part));
        rect.map(place_style).unwrap_or_default()
    };
    let name =
        move || part().map(|part| lab.derived.with(|it| text::part_name(it, part))).unwrap_or_default();
    let reason = move || editing.with(|it| it.as_ref().and_then(|it| it.refused.clone())).unwrap_or_default();
    view! {
        <div
            class="cell-editor"
            style=Signal::derive(place)
            hidden=Signal::derive(move || part().is_none())
            on:click=|event| event.stop_propagation()
            on:dblclick=|event| event.stop_propagation()
        >
            <input
                class="field cell-editor__field"
                type="text"
                autocomplete="off"
                aria-label=Signal::derive(name)
                aria-invalid=Signal::derive(move || (!reason().is_empty()).to_string())
                node_ref=field
                on:keydown=move |event| {
                    event.stop_propagation();
                    match event.key().as_str() {
                        "Enter" => keep(form::value(&event)),
                        "Escape" => close(),
                        _ => {}
                    }
                }
                on:change=move |event| keep(form::value(&event))
            />
            <p class="cell-editor__reason" role="alert">{Signal::derive(reason)}</p>
        </div>
    }
    .into_any()
}
