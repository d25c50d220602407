//! The cells of a grid as a table over the canvas: focus, names, keys.
//!
//! Up to 1,024 cells all are there; beyond that only the active row.
//! Each grid is one tab stop; arrows move within it.

use convscope_page::lab;
use convscope_page::text;
use convscope_scene::{Figure, Part, Rect, number};

use super::cell_editor::Editing;
use super::figure::SharedFigure;
use crate::derive::Lab;
use crate::platform::markup::Markup;
use crate::platform::{focus, form};
use crate::state::{State, follow};
use crate::views::html;

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

    fn part(self, [row, column]: [i64; 2]) -> Part {
        let unsigned = [row as u64, column as u64];
        match self {
            Self::Input => Part::Input([row, column]),
            Self::Kernel => Part::Kernel(unsigned),
            Self::Output => Part::Output(unsigned),
        }
    }

    /// First position, and counts of rows and columns.
    fn extent(self, lab: &lab::Lab) -> ([i64; 2], [i64; 2]) {
        let geometry = &lab.geometry;
        let (first, count) = match self {
            Self::Input => lab.input_extent(),
            Self::Kernel => ([0, 0], lab.model.kernel_size),
            Self::Output => ([0, 0], geometry.output_size()),
        };
        (first, count.map(|n| n as i64))
    }
}

/// The identifier of a cell's element.
fn cell_id(part: Part) -> String {
    let (kind, [row, column]) = match part {
        Part::Input(position) => ("input", position),
        Part::Kernel(position) => ("kernel", position.map(|n| n as i64)),
        Part::Output(position) => ("output", position.map(|n| n as i64)),
        _ => ("bias", [0, 0]),
    };
    format!("cell-{kind}-{row}-{column}")
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
pub(crate) fn cell_grid(
    lab: Lab,
    kind: GridKind,
    figure: SharedFigure,
    editing: State<Option<Editing>>,
) -> Markup {
    let (label, id) = kind.names();
    let view = Markup::new(&format!("<div class=cell-grid role=grid id={id} aria-label=\"{label}\"></div>"));
    let grid = view.find("div");
    // The active cell: the tab stop.
    let active = State::new([0_i64, 0]);
    let active_cell = move || {
        let (first, count) = lab.derived.with_untracked(|it| kind.extent(it));
        let clamp = |at: i64, axis: usize| at.clamp(first[axis], first[axis] + count[axis] - 1);
        let [row, column] = active.get_untracked();
        [clamp(row, 0), clamp(column, 1)]
    };
    let cells = move || {
        let Some(figure) = figure.get() else { return String::new() };
        // A figure of sheets has no cells to stand on.
        if figure.part_rect(kind.part(active_cell())).is_none() {
            return String::new();
        }
        lab.derived.with(|it| markup(kind, it, &*figure, active_cell()))
    };
    // The active row where only that one is there, else 0: the cells are drawn anew when it changes.
    let row_there = move || {
        let (_, count) = lab.derived.with_untracked(|it| kind.extent(it));
        if count[0] * count[1] <= MOST_CELLS as i64 { 0 } else { active.get_untracked()[0] }
    };
    let shown = State::new(0);
    let content = grid.clone();
    follow(move || {
        shown.track();
        focus::replace_content(&content, &cells());
    });
    let activate = move |position: [i64; 2]| {
        active.set(position);
        if shown.get_untracked() != row_there() {
            shown.set(row_there());
        }
    };
    let go = move |position: [i64; 2]| {
        activate(position);
        focus_cell(kind.part(active_cell()));
    };
    let on_key = move |key: &str, plain: bool| -> bool {
        let [row, column] = active_cell();
        let (first, count) = lab.derived.with_untracked(|it| kind.extent(it));
        let part = kind.part([row, column]);
        match key {
            "ArrowLeft" => go([row, column - 1]),
            "ArrowRight" => go([row, column + 1]),
            "ArrowUp" => go([row - 1, column]),
            "ArrowDown" => go([row + 1, column]),
            "Home" => go([row, first[1]]),
            "End" => go([row, first[1] + count[1] - 1]),
            "Enter" => match Editing::of(lab, part, None) {
                Some(it) => editing.set(Some(it)),
                None => lab.pinned.set(Some(part)),
            },
            digit if plain && digit.len() == 1 && "-.0123456789".contains(digit) => {
                match Editing::of(lab, part, Some(digit.to_owned())) {
                    Some(it) => editing.set(Some(it)),
                    None => return false,
                }
            }
            _ => return false,
        }
        true
    };
    view.flag("div", "hidden", move || {
        let part = kind.part(active_cell());
        figure.get().is_some_and(|it| it.part_rect(part).is_none())
    });
    view.attr("div", "aria-rowcount", move || lab.derived.with(|it| kind.extent(it).1[0].to_string()));
    view.attr("div", "aria-colcount", move || lab.derived.with(|it| kind.extent(it).1[1].to_string()));
    view.on("div", "keydown", move |event| {
        if on_key(&form::key(&event), !form::modified(&event)) {
            event.prevent_default();
            event.stop_propagation();
        }
    });
    view.on("div", "focusin", move |event| {
        let place = form::place(&event);
        let position = place.as_deref().and_then(|at| at.split_once(' '));
        if let Some((Ok(row), Ok(column))) = position.map(|(row, column)| (row.parse(), column.parse())) {
            activate([row, column]);
            focus::rove(&grid, &cell_id(kind.part([row, column])));
            lab.pointed.set(Some(kind.part([row, column])));
        }
    });
    view.on("div", "focusout", move |_| lab.pointed.set(None));
    view
}

/// The rows and cells of a grid; `active` is the tab stop.
fn markup(kind: GridKind, lab: &lab::Lab, figure: &dyn Figure, active: [i64; 2]) -> String {
    let (first, count) = kind.extent(lab);
    let rows = if count[0] * count[1] <= MOST_CELLS as i64 {
        first[0]..first[0] + count[0]
    } else {
        active[0]..active[0] + 1
    };
    let mut out = String::new();
    for row in rows {
        out.push_str(&format!("<div role=row aria-rowindex={}>", row - first[0] + 1));
        for column in first[1]..first[1] + count[1] {
            let part = kind.part([row, column]);
            let tab = if [row, column] == active { 0 } else { -1 };
            out.push_str(&format!(
                "<div class=cell-grid__cell role=gridcell id={} data-at=\"{row} {column}\" tabindex={tab} style=\"{}\" aria-label=\"",
                cell_id(part),
                figure.part_rect(part).map(place_style).unwrap_or_default(),
            ));
            html::escape(&mut out, &text::part_name(lab, part));
            out.push_str("\"></div>");
        }
        out.push_str("</div>");
    }
    out
}

/// A place on the figure as the custom properties that the style sheet reads.
pub(crate) fn place_style(rect: Rect) -> String {
    let [x, y, w, h] = [rect.x, rect.y, rect.width, rect.height].map(number::css);
    format!("--x:{x}px;--y:{y}px;--w:{w}px;--h:{h}px")
}
