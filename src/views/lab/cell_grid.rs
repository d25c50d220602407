//! The cells of a grid as a table over the canvas: focus, names, editing.
//!
//! Up to 1,024 cells all are there; beyond that only the active row.
//! Each grid is one tab stop; arrows move within it.

use convscope_page::bounds;
use convscope_page::text;
use convscope_scene::{Part, Rect, number};
use leptos::html::Input;
use leptos::prelude::*;

use super::figure::SharedFigure;
use crate::derive::Lab;
use crate::platform::focus;

/// More cells than this would slow the page down.
const MOST_CELLS: u64 = 1024;

/// Which of the three grids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GridKind {
    Input,
    Kernel,
    Output,
}

impl GridKind {
    /// Its name, and the identifier of its element.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Input => ("Input, padding included", "grid-input"),
            Self::Kernel => ("Kernel", "grid-kernel"),
            Self::Output => ("Output", "grid-output"),
        }
    }

    fn of(part: Part) -> Option<Self> {
        match part {
            Part::Input(_) => Some(Self::Input),
            Part::Kernel(_) => Some(Self::Kernel),
            Part::Output(_) => Some(Self::Output),
            Part::Bias => None,
        }
    }

    fn part(self, [row, column]: [i64; 2]) -> Part {
        let unsigned = [row as u64, column as u64];
        match self {
            Self::Input => Part::Input([row, column]),
            Self::Kernel => Part::Kernel(unsigned),
            Self::Output => Part::Output(unsigned),
        }
    }

    /// First position and counts of rows and columns.
    fn extent(self, lab: &convscope_page::model::Lab) -> ([i64; 2], [u64; 2]) {
        let geometry = &lab.geometry;
        match self {
            Self::Input => {
                let pads = geometry.pads();
                ([-(pads.top as i64), -(pads.left as i64)], geometry.padded_size())
            }
            Self::Kernel => ([0, 0], lab.model.kernel_size),
            Self::Output => ([0, 0], geometry.output_size()),
        }
    }
}

/// A value being typed over its cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Editing {
    part: Part,
    text: String,
    refused: Option<String>,
}

impl Editing {
    /// Begins to edit an input value or a weight, with what is there or with what was typed.
    pub(crate) fn of(lab: Lab, part: Part, typed: Option<String>) -> Option<Self> {
        let value = lab.derived.with_untracked(|it| it.value_to_edit(part))?;
        Some(Self { part, text: typed.unwrap_or_else(|| number::full(value)), refused: None })
    }
}

/// Where the identifier of a cell's element comes from.
fn cell_id(part: Part) -> String {
    match part {
        Part::Input([row, column]) => format!("cell-input-{row}-{column}"),
        Part::Kernel([row, column]) => format!("cell-kernel-{row}-{column}"),
        Part::Output([row, column]) => format!("cell-output-{row}-{column}"),
        Part::Bias => "cell-bias".to_owned(),
    }
}

/// Puts the focus on the cell of a part, where it has one.
pub(crate) fn focus_cell(part: Part) {
    focus::by_id(&cell_id(part));
}

/// Puts the focus into a whole grid, on its active cell.
pub(crate) fn enter_grid(kind: GridKind) {
    focus::first_in(kind.names().1, "[tabindex='0']");
}

/// One grid's cells.
#[component]
pub(crate) fn CellGrid(
    kind: GridKind,
    figure: SharedFigure,
    editing: RwSignal<Option<Editing>>,
) -> impl IntoView {
    let lab = Lab::expect();
    let extent = Memo::new(move |_| lab.derived.with(|it| kind.extent(it)));
    // The active cell: the tab stop.
    let active = RwSignal::new([0_i64, 0]);
    let active_cell = Memo::new(move |_| {
        let (first, count) = extent.get();
        let [row, column] = active.get();
        let clamp = |at: i64, axis: usize| at.clamp(first[axis], first[axis] + count[axis] as i64 - 1);
        [clamp(row, 0), clamp(column, 1)]
    });
    let rows = Memo::new(move |_| {
        let (first, count) = extent.get();
        if count[0] * count[1] <= MOST_CELLS {
            first[0]..first[0] + count[0] as i64
        } else {
            let [row, _] = active_cell.get();
            row..row + 1
        }
    });
    let go = move |position: [i64; 2]| {
        active.set(position);
        let part = kind.part(active_cell.get_untracked());
        focus_cell(part);
    };
    let on_key = move |key: &str, plain: bool| -> bool {
        let [row, column] = active_cell.get_untracked();
        let (first, count) = extent.get_untracked();
        let part = kind.part([row, column]);
        match key {
            "ArrowLeft" => go([row, column - 1]),
            "ArrowRight" => go([row, column + 1]),
            "ArrowUp" => go([row - 1, column]),
            "ArrowDown" => go([row + 1, column]),
            "Home" => go([row, first[1]]),
            "End" => go([row, first[1] + count[1] as i64 - 1]),
            "Enter" => {
                editing.set(Editing::of(lab, part, None));
                if editing.with_untracked(Option::is_none) {
                    lab.pinned.set(Some(part));
                }
            }
            digit if plain && digit.len() == 1 && "-.0123456789".contains(digit) => {
                editing.set(Editing::of(lab, part, Some(digit.to_owned())));
                return editing.with_untracked(Option::is_some);
            }
            _ => return false,
        }
        true
    };
    let cell = move |position: [i64; 2]| {
        let part = kind.part(position);
        let place = move || figure.with(|it| it.as_ref().map(|it| place_style(it.part_rect(part))));
        view! {
            <div
                class="cell-grid__cell"
                role="gridcell"
                id=cell_id(part)
                tabindex=move || if active_cell.get() == position { "0" } else { "-1" }
                aria-label=move || lab.derived.with(|it| text::part_name(it, part))
                style=place
                on:focus=move |_| {
                    active.set(position);
                    lab.pointed.set(Some(part));
                }
                on:blur=move |_| lab.pointed.set(None)
            ></div>
        }
    };
    let columns = move || {
        let (first, count) = extent.get();
        first[1]..first[1] + count[1] as i64
    };
    let (label, id) = kind.names();
    view! {
        <div
            class="cell-grid"
            role="grid"
            id=id
            aria-label=label
            aria-rowcount=move || extent.get().1[0]
            aria-colcount=move || extent.get().1[1]
            on:keydown=move |event| {
                if on_key(&event.key(), !event.ctrl_key() && !event.meta_key() && !event.alt_key()) {
                    event.prevent_default();
                    event.stop_propagation();
                }
            }
        >
            <For each=move || rows.get() key=|row| *row let(row)>
                <div role="row" aria-rowindex=move || row - extent.get().0[0] + 1>
                    <For each=columns key=|column| *column children=move |column| cell([row, column])/>
                </div>
            </For>
        </div>
        {move || {
            editing
                .get()
                .filter(|it| GridKind::of(it.part) == Some(kind))
                .map(|it| view! { <CellEditor start=it figure=figure editing=editing/> })
        }}
    }
}

/// The field over a cell. Enter keeps, Esc restores.
#[component]
fn CellEditor(start: Editing, figure: SharedFigure, editing: RwSignal<Option<Editing>>) -> impl IntoView {
    let lab = Lab::expect();
    let field = NodeRef::<Input>::new();
    let part = start.part;
    focus::when_there(field);
    let close = move || {
        editing.set(None);
        lab.refuse("cell", false);
        focus_cell(part);
    };
    let keep = move |text: String| match bounds::read_number(&text) {
        Ok(value) => {
            let model = lab.derived.with_untracked(|it| it.with_value(&lab.current(), part, value));
            editing.set(None);
            lab.refuse("cell", false);
            lab.edit("", model);
            focus_cell(part);
        }
        Err(reason) => {
            lab.refuse("cell", true);
            editing.set(Some(Editing { part, text, refused: Some(reason) }));
        }
    };
    let place = move || figure.with(|it| it.as_ref().map(|it| place_style(it.part_rect(part))));
    let name = lab.derived.with_untracked(|it| text::part_name(it, part));
    view! {
        <div class="cell-editor" style=place on:click=|event| event.stop_propagation()>
            <input
                class="field cell-editor__field"
                type="text"
                autocomplete="off"
                aria-label=name
                aria-invalid=start.refused.is_some().to_string()
                node_ref=field
                value=start.text
                on:keydown=move |event| {
                    event.stop_propagation();
                    match event.key().as_str() {
                        "Enter" => keep(event_target_value(&event)),
                        "Escape" => close(),
                        _ => {}
                    }
                }
                on:change=move |event| {
                    if editing.with_untracked(Option::is_some) {
                        keep(event_target_value(&event));
                    }
                }
            />
            {start.refused.map(|reason| view! { <p class="cell-editor__reason" role="alert">{reason}</p> })}
        </div>
    }
}

/// A place on the figure as the custom properties that the style sheet reads.
fn place_style(rect: Rect) -> String {
    format!("--x:{}px;--y:{}px;--w:{}px;--h:{}px", rect.x, rect.y, rect.width, rect.height)
}
