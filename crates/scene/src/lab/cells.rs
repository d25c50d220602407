//! Single cells of the lab figure: ground, value, tap.

use crate::geom::{Point, Rect};
use crate::ink::Ink;
use crate::lab::LabFigure;
use crate::number;
use crate::scene::{Align, Mark};

/// Average width of a digit, in sizes of the type.
pub(crate) const DIGIT: f64 = 0.56;
/// From this cell size on, a window cell has room for its weight.
const WEIGHT_FROM: f64 = 38.0;

/// Where a tap stands in its kernel, `0.0..=1.0` on both axes: its identity colour.
pub fn tap_place([row, column]: [u64; 2], [rows, columns]: [u64; 2]) -> [f64; 2] {
    let share = |idx: u64, n: u64| if n > 1 { idx as f64 / (n - 1) as f64 } else { 0.5 };
    [share(column, columns), share(row, rows)]
}

/// Size of the type in a cell: 40 % of it, at least 12 px.
pub(super) fn value_size(cell: f64) -> f64 {
    (cell * 0.4).round().max(12.0)
}

/// The number that fits a cell of this width at this size of type.
pub(super) fn fitting(value: f32, width: f64, size: f64) -> String {
    number::fitting(value, ((width - 2.0) / (size * DIGIT)).floor().max(1.0) as usize)
}

/// A number in the middle of a cell, smaller where it would not fit.
pub(crate) fn value(rect: Rect, value: f32, ink: Ink) -> Mark {
    // The type shrinks before digits are dropped: a rounded number would not be the inspector's.
    const SMALLEST: f64 = 10.0;
    let size = value_size(rect.width.min(rect.height));
    let text = fitting(value, rect.width, SMALLEST);
    let n_chars = text.chars().count() as f64;
    let shrunk = ((rect.width - 2.0) / (n_chars * DIGIT)).min(size).max(9.0);

    Mark::text(rect.centre(), text, shrunk, Align::Middle, ink)
}

/// A number of a map, in `rect`, unless the cells are too small for numbers.
pub(super) fn map_value(figure: &LabFigure, rect: Rect, number: f32, ink: Ink) -> Option<Mark> {
    figure.layout.shows_values().then(|| value(rect, number, ink))
}

/// A cell of the window: the colour of its tap, the input value, and the weight where there is one and room.
/// Padding in the window keeps a rim of its hatch.
pub(crate) fn tap(
    marks: &mut Vec<Mark>,
    rect: Rect,
    [u, v]: [f64; 2],
    padding: bool,
    input: f32,
    weight: Option<f32>,
) {
    let cell = rect.width;
    let rim = if padding { (cell * 0.07).round() } else { 0.0 };
    marks.push(Mark::rect(rect.inset(rim), Ink::Tap { u, v }));
    if cell < 28.0 {
        return;
    }
    let Some(weight) = weight.filter(|_| cell >= WEIGHT_FROM) else {
        marks.push(value(rect, input, Ink::TapValue));
        return;
    };
    let size = value_size(cell);
    let weight_size = (cell * 0.27).round().max(12.0);
    let text = fitting(input, cell * 0.86, size);
    let at = Point::new(rect.x + cell * 0.40, rect.y + cell * 0.37);
    marks.push(Mark::text(at, text, size, Align::Middle, Ink::TapValue));
    let text = format!("×{}", fitting(weight, cell * 0.92 - weight_size * DIGIT, weight_size));
    let at = Point::new(rect.right() - cell * 0.08, rect.bottom() - cell * 0.19);
    marks.push(Mark::text(at, text, weight_size, Align::End, Ink::TapWeight));
}

/// A cell of the kernel, or of a window that has no weights.
pub(crate) fn kernel_cell(marks: &mut Vec<Mark>, rect: Rect, [u, v]: [f64; 2], weight: Option<f32>) {
    marks.push(Mark::rect(rect, Ink::Tap { u, v }));
    if let Some(weight) = weight.filter(|_| rect.width >= 24.0) {
        marks.push(value(rect, weight, Ink::TapValue));
    }
}
