//! What both figures draw in the same way: cells of input and kernel, the bias, titles, indices, a legend.

use crate::geom::{Point, Rect};
use crate::ink::Ink;
use crate::lab::cells;
use crate::lab::layout::Grid;
use crate::number;
use crate::scene::{Align, Mark, Part};
use crate::transposed::TransposedSpec;

/// Cells of at least this size hold numbers.
const NUMBERS_FROM: f64 = 28.0;

/// A number in a cell that is large enough for one.
pub(super) fn value(marks: &mut Vec<Mark>, rect: Rect, value: f32, ink: Ink) {
    if rect.width >= NUMBERS_FROM {
        marks.push(cells::value(rect, value, ink));
    }
}

/// The ground of a cell: `ink` with a number, else the colour of its value among values up to `max`.
pub(super) fn ground(rect: Rect, value: f32, max: f32, ink: Ink) -> Mark {
    if rect.width >= NUMBERS_FROM {
        Mark::rect(rect, ink)
    } else {
        Mark::rect(rect, Ink::Value(f64::from(value / max)))
    }
}

pub(super) fn input(spec: &TransposedSpec, grid: &Grid, max: f32, marks: &mut Vec<Mark>) {
    for position in grid.positions() {
        let (rect, number) = (grid.cell(position), spec.input_at(position.map(i64::cast_unsigned)));
        marks.push(ground(rect, number, max, Ink::InputCell).with_part(Part::Input(position)));
        value(marks, rect, number, Ink::CellValue);
    }
    marks.push(Mark::rect(grid.frame(), Ink::InputFrame));
}

pub(super) fn kernel(spec: &TransposedSpec, grid: &Grid, bias: Option<Rect>, marks: &mut Vec<Mark>) {
    for position in grid.positions() {
        let at = position.map(i64::cast_unsigned);
        let [u, v] = cells::tap_place(at, grid.count);
        marks.push(Mark::rect(grid.cell(position), Ink::Tap { u, v }).with_part(Part::Kernel(at)));
        value(marks, grid.cell(position), spec.weight_at(at), Ink::TapValue);
    }
    marks.push(Mark::rounded(grid.frame(), 2.0, Ink::KernelFrame));
    let (Some(rect), Some(number)) = (bias, spec.bias) else { return };
    let left = Point::new(rect.x - 14.0, rect.centre().y);
    marks.push(Mark::text(left, "+", 22.0, Align::Middle, Ink::Operator));
    marks.push(Mark::rounded(rect, 2.0, Ink::BiasCell).with_part(Part::Bias));
    marks.push(Mark::rounded(rect, 2.0, Ink::KernelFrame));
    marks.push(cells::value(rect, number, Ink::BiasValue));
    let right = Point::new(rect.right() + 8.0, rect.centre().y);
    marks.push(Mark::text(right, &spec.words.bias, 13.0, Align::Start, Ink::Caption));
}

/// A cell of the output that is not reached yet.
pub(super) fn waiting(rect: Rect, output: [u64; 2], marks: &mut Vec<Mark>) {
    marks.push(Mark::rect(rect, Ink::OutputWaiting).with_part(Part::Output(output)));
    marks.push(Mark::dot(rect.centre(), (rect.width * 0.045).max(1.0), Ink::WaitingDot));
}

/// Row and column numbers around a grid; those of the rows at its right where `right`.
pub(super) fn indices(grid: &Grid, right: bool, marks: &mut Vec<Mark>) {
    // Where cells are small every fifth is numbered.
    let every = if grid.cell >= 20.0 { 1 } else { 5 };
    let frame = grid.frame();
    let mut number = |at: Point, idx: i64| {
        if idx % every == 0 {
            marks.push(Mark::text(at, number::whole(idx), 12.0, Align::Middle, Ink::Axis));
        }
    };
    let beside = if right { frame.right() + 14.0 } else { frame.x - 16.0 };
    for idx in 0..grid.count[1].cast_signed() {
        let x = frame.x + (idx as f64 + 0.5) * grid.cell;
        number(Point::new(x, frame.y - 12.0), grid.first[1] + idx);
    }
    for idx in 0..grid.count[0].cast_signed() {
        let y = frame.y + (idx as f64 + 0.5) * grid.cell;
        number(Point::new(beside, y), grid.first[0] + idx);
    }
}

/// Title and caption above a grid; `narrow` has both on one line, as far as `end`.
pub(super) fn title(
    frame: Rect,
    [title, caption]: &[String; 2],
    ink: Ink,
    lift: f64,
    narrow: Option<f64>,
    marks: &mut Vec<Mark>,
) {
    let letters = |text: &str| text.chars().count() as f64 * 13.0 * 0.58;
    if let Some(end) = narrow {
        let at = Point::new(frame.x, frame.y - 14.0);
        marks.push(Mark::text(at, title, 13.0, Align::Start, ink));
        let after = at.x + letters(title) + 6.0;
        let end_of_size = caption.bytes().position(|byte| byte == b',').unwrap_or(caption.len());
        let short = caption.get(..end_of_size).unwrap_or_default();
        if let Some(text) = [caption, short].into_iter().find(|text| after + letters(text) <= end) {
            marks.push(Mark::text(Point::new(after, at.y), text, 13.0, Align::Start, Ink::Caption));
        }
        return;
    }
    let at = |above: f64| Point::new(frame.x, frame.y - lift - above);
    marks.push(Mark::text(at(18.0), title, 14.0, Align::Start, ink));
    marks.push(Mark::text(at(1.0), caption, 13.0, Align::Start, Ink::Caption));
}

/// How wide a word of the legend is, with the space after it.
fn legend_width(label: &str) -> f64 {
    label.chars().count() as f64 * 6.6 + 16.0
}

/// Swatches and words, in one row where it is wide enough; words without inks have no swatch.
pub(super) fn legend(at: Point, width: f64, items: &[(&str, &[Ink])], marks: &mut Vec<Mark>) {
    let start = at.x;
    let mut at = Point::new(at.x, at.y + 8.0);
    for (label, inks) in items.iter().filter(|(label, _)| !label.is_empty()) {
        if at.x > start && at.x + 6.0 + legend_width(label) > width {
            at = Point::new(start, at.y + 24.0);
        }
        let rect = Rect::new(at.x, at.y, 16.0, 16.0);
        for ink in *inks {
            marks.push(Mark::rect(if *ink == Ink::Window { rect.inset(1.5) } else { rect }, *ink));
        }
        let after = if inks.is_empty() { rect.x } else { rect.right() + 6.0 };
        let text = Point::new(after, rect.centre().y);
        marks.push(Mark::text(text, *label, 13.0, Align::Start, Ink::Caption));
        at.x = text.x + legend_width(label);
    }
}

/// A small tag in the colour of a tap, over a corner of a cell.
pub(super) fn tag(rect: Rect, tap: [u64; 2], kernel: [u64; 2], weight: f32, marks: &mut Vec<Mark>) {
    let text = format!("×{}", number::cell(weight));
    let [u, v] = cells::tap_place(tap, kernel);
    let width = (text.chars().count() as f64 * 12.0 * cells::DIGIT + 10.0).max(28.0);
    let tag = Rect::new(rect.right() - 10.0, rect.bottom() - 9.0, width, 17.0);
    marks.push(Mark::rounded(tag, 2.0, Ink::TapTag { u, v }));
    marks.push(Mark::text(tag.centre(), text, 12.0, Align::Middle, Ink::TapValue));
}
