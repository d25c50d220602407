//! What does not move: input, padding, kernel, bias, the waiting output, titles; and computed outputs.

use std::ops::Range;
use std::rc::Rc;

use crate::geom::{Point, Rect};
use crate::ink::Ink;
use crate::lab::layout::Grid;
use crate::lab::{LabFigure, cells, legend, picture, pool};
use crate::number;
use crate::scene::{Align, Mark, Part, Shape};

/// Everything but computed outputs, from back to front.
pub(super) fn marks(figure: &LabFigure) -> Vec<Mark> {
    let mut marks = Vec::new();
    input(figure, &mut marks);
    kernel(figure, &mut marks);
    output(figure, &mut marks);
    if let Some(pool) = &figure.spec.pool {
        pool::dropped(figure, pool, &mut marks);
    }
    if figure.is_picture() {
        picture::still(figure, &mut marks);
    } else {
        axes(figure, &mut marks);
    }
    titles(figure, &mut marks);
    legend::marks(figure, &mut marks);
    marks
}

/// The computed outputs of `steps`.
pub(super) fn done(figure: &LabFigure, steps: Range<u64>) -> Vec<Mark> {
    let mut marks = Vec::new();
    if steps.is_empty() {
        return marks;
    }
    let grid = &figure.layout.output;
    if let Some(raster) = &figure.output_raster {
        marks.push(Mark {
            shape: Shape::Raster { rect: grid.frame(), raster: Rc::clone(raster), cells: steps },
            ink: Ink::Picture,
            part: Some(Part::Output([0, 0])),
        });
    } else {
        for step in steps {
            let position = figure.spec.geometry.output_position(step);
            let rect = grid.cell(position.map(|n| n as i64));
            let value = output_value(figure, position);
            let ink = if figure.layout.shows_values() {
                Ink::OutputDone
            } else {
                Ink::Value(f64::from(value / figure.output_max))
            };
            marks.push(Mark::rect(rect, ink).with_part(Part::Output(position)));
            marks.extend(cells::map_value(figure, rect, value, Ink::CellValue));
        }
    }
    marks
}

/// The value of an output cell.
pub(super) fn output_value(figure: &LabFigure, [y, x]: [u64; 2]) -> f32 {
    figure.spec.output.at([0, figure.spec.filter, y, x])
}

fn input(figure: &LabFigure, marks: &mut Vec<Mark>) {
    let grid = &figure.layout.input;
    let inner = grid.block([0, 0], figure.spec.geometry.input_size());
    let padded = grid.frame();
    if let Some(raster) = &figure.input_raster {
        if padded != inner {
            marks.push(Mark::rect(padded, Ink::PadGround));
            marks.push(Mark::rect(padded, Ink::PadHatch));
        }
        let n_cells = u64::from(raster.width) * u64::from(raster.height);
        marks.push(Mark {
            shape: Shape::Raster { rect: inner, raster: Rc::clone(raster), cells: 0..n_cells },
            ink: Ink::Picture,
            part: Some(Part::Input([0, 0])),
        });
        let [rows, columns] = grid.count;
        for (row, n_rows) in runs(&figure.unread.rows) {
            marks.push(Mark::rect(grid.block([row, grid.first[1]], [n_rows, columns]), Ink::Unread));
        }
        for (column, n_columns) in runs(&figure.unread.columns) {
            marks.push(Mark::rect(grid.block([grid.first[0], column], [rows, n_columns]), Ink::Unread));
        }
    } else {
        input_cells(figure, grid, marks);
    }
    let stated = match &figure.spec.pool {
        Some(pool) => grid.block(grid.first, pool.padded_size()),
        None => padded,
    };
    if stated != inner {
        marks.push(Mark::rect(stated, Ink::PadFrame));
    }
    marks.push(Mark::rect(inner, Ink::InputFrame));
}

/// Neighbouring positions together: the first of each run and how many there are.
fn runs(positions: &[i64]) -> impl Iterator<Item = (i64, u64)> {
    positions.chunk_by(|a, b| a + 1 == *b).map(|run| (run[0], run.len() as u64))
}

fn input_cells(figure: &LabFigure, grid: &Grid, marks: &mut Vec<Mark>) {
    let ground = |padding: bool, value: f32| match (padding, figure.layout.shows_values()) {
        (true, _) => Ink::PadGround,
        (false, true) => Ink::InputCell,
        (false, false) => Ink::Value(f64::from(value / figure.input_max)),
    };
    for position in grid.positions() {
        let padding = figure.is_padding(position);
        let ink = figure.odd_cell(position).unwrap_or_else(|| ground(padding, figure.input_value(position)));
        marks.push(Mark::rect(grid.cell(position), ink).with_part(Part::Input(position)));
    }
    for rect in padding_strips(figure, grid) {
        marks.push(Mark::rect(rect, Ink::PadHatch));
    }
    for position in grid.positions() {
        let rect = grid.cell(position);
        let (padding, unread) = (figure.is_padding(position), figure.is_unread(position));
        if unread {
            marks.push(Mark::rect(rect, Ink::Unread));
        }
        let odd = figure.odd_cell(position);
        if !figure.layout.shows_values() || odd == Some(Ink::BeyondCell) {
            continue;
        }
        let number = cells::value(rect, figure.input_value(position), value_ink(padding || odd.is_some()));
        if padding || unread {
            let ink = if padding { Ink::PadPatch } else { Ink::InputPatch };
            marks.push(Mark::rounded(patch(&number, rect), 2.0, ink));
        }
        marks.push(number);
    }
}

fn value_ink(padding: bool) -> Ink {
    if padding { Ink::PadValue } else { Ink::CellValue }
}

/// The plain ground behind a number, so that it can be read on a hatch.
pub(super) fn patch(number: &Mark, cell: Rect) -> Rect {
    let Shape::Text { at, text, size, .. } = &number.shape else { return cell };
    let width = (text.chars().count() as f64 * cells::DIGIT * size + 4.0).min(cell.width - 2.0);
    Rect::new(at.x - width / 2.0, at.y - size * 0.55, width, size * 1.1)
}

/// The padding as four strips: above, left, right, below the input.
fn padding_strips(figure: &LabFigure, grid: &Grid) -> impl Iterator<Item = Rect> + use<> {
    let padded = match &figure.spec.pool {
        Some(pool) => grid.block(grid.first, pool.padded_size()),
        None => grid.frame(),
    };
    let inner = grid.block([0, 0], figure.spec.geometry.input_size());
    [
        Rect::new(padded.x, padded.y, padded.width, inner.y - padded.y),
        Rect::new(padded.x, inner.y, inner.x - padded.x, inner.height),
        Rect::new(inner.right(), inner.y, padded.right() - inner.right(), inner.height),
        Rect::new(padded.x, inner.bottom(), padded.width, padded.bottom() - inner.bottom()),
    ]
    .into_iter()
    .filter(|rect| rect.width > 0.0 && rect.height > 0.0)
}

fn kernel(figure: &LabFigure, marks: &mut Vec<Mark>) {
    let grid = &figure.layout.kernel;
    for position in grid.positions() {
        let [y, x] = position.map(|n| n as u64);
        let weight = figure.spec.pool.is_none().then(|| figure.weight([y, x]));
        let from = marks.len();
        cells::kernel_cell(marks, grid.cell(position), cells::tap_place([y, x], grid.count), weight);
        marks[from].part = Some(Part::Kernel([y, x]));
    }
    marks.push(Mark::rounded(grid.frame(), 2.0, Ink::KernelFrame));
    if let (Some(rect), Some(bias)) = (figure.layout.bias, figure.spec.bias) {
        let left = Point::new(rect.x - 18.0, rect.centre().y);
        marks.push(Mark::text(left, "+", 22.0, Align::Middle, Ink::Operator));
        marks.push(Mark::rounded(rect, 2.0, Ink::BiasCell).with_part(Part::Bias));
        marks.push(Mark::rounded(rect, 2.0, Ink::KernelFrame));
        marks.push(cells::value(rect, bias, Ink::BiasValue));
        let right = Point::new(rect.right() + 10.0, rect.centre().y);
        if right.x + 30.0 <= figure.layout.size.width {
            marks.push(Mark::text(right, &figure.spec.labels.bias, 13.0, Align::Start, Ink::Caption));
        }
    }
    let signs = if figure.spec.pool.is_some() { ["", "="] } else { ["∗", "="] };
    for (at, sign) in figure.layout.operators.into_iter().zip(signs).filter(|(_, sign)| !sign.is_empty()) {
        marks.extend(at.map(|at| Mark::text(at, sign, 30.0, Align::Middle, Ink::Operator)));
    }
}

fn output(figure: &LabFigure, marks: &mut Vec<Mark>) {
    let grid = &figure.layout.output;
    if figure.is_picture() {
        marks.push(Mark::rect(grid.frame(), Ink::OutputWaiting));
        if let Some(raster) = &figure.output_raster {
            let n_cells = figure.spec.geometry.n_steps();
            marks.push(Mark {
                shape: Shape::Raster { rect: grid.frame(), raster: Rc::clone(raster), cells: 0..n_cells },
                ink: Ink::WaitingPicture,
                part: Some(Part::Output([0, 0])),
            });
        }
    } else {
        for position in grid.positions() {
            let rect = grid.cell(position);
            let part = Part::Output(position.map(|n| n as u64));
            marks.push(Mark::rect(rect, Ink::OutputWaiting).with_part(part));
            marks.push(Mark::dot(rect.centre(), (rect.width * 0.045).max(1.0), Ink::WaitingDot));
        }
    }
}

/// Row and column numbers beside input and output.
fn axes(figure: &LabFigure, marks: &mut Vec<Mark>) {
    if figure.layout.stacked || !figure.spec.aids {
        return;
    }
    let mut number = |at: Point, idx: i64| {
        marks.push(Mark::text(at, number::whole(idx), 12.0, Align::Middle, Ink::Axis));
    };
    let input = &figure.layout.input;
    let frame = input.frame();
    for idx in 0..input.count[1] as i64 {
        let x = frame.x + (idx as f64 + 0.5) * input.cell;
        number(Point::new(x, frame.y - 12.0), input.first[1] + idx);
    }
    for idx in 0..input.count[0] as i64 {
        let y = frame.y + (idx as f64 + 0.5) * input.cell;
        number(Point::new(frame.x - 16.0, y), input.first[0] + idx);
    }
    let output = &figure.layout.output;
    let frame = output.frame();
    for idx in 0..output.count[1] as i64 {
        number(Point::new(frame.x + (idx as f64 + 0.5) * output.cell, frame.y - 12.0), idx);
    }
    for idx in 0..output.count[0] as i64 {
        number(Point::new(frame.right() + 14.0, frame.y + (idx as f64 + 0.5) * output.cell), idx);
    }
}

/// Titles and captions: above a grid, or on one line beside it where grids are stacked.
fn titles(figure: &LabFigure, marks: &mut Vec<Mark>) {
    let labels = &figure.spec.labels;
    let layout = &figure.layout;
    let letters = |text: &str| text.chars().count() as f64 * 13.0 * 0.58;
    // Where the next grid or its title follows, the size alone.
    let short = |caption: &str| {
        let end_of_size = caption.bytes().position(|byte| byte == b',').unwrap_or(caption.len());
        caption.get(..end_of_size).unwrap_or_default().to_owned()
    };
    let one_line = |marks: &mut Vec<Mark>, at: Point, end: f64, [title, caption]: &[String; 2], ink: Ink| {
        marks.push(Mark::text(at, title, 13.0, Align::Start, ink));
        // A W is nearly as wide as two letters.
        let after = at.x + letters(title) + 6.0 + 6.0 * title.matches('W').count() as f64;
        let fitting = [caption.clone(), short(caption)].into_iter().find(|text| after + letters(text) <= end);
        let Some(caption) = fitting else { return };
        marks.push(Mark::text(Point::new(after, at.y), caption, 13.0, Align::Start, Ink::Caption));
    };
    let grids = [
        (&layout.input, &labels.input, Ink::InputTitle),
        (&layout.kernel, &labels.kernel, Ink::KernelTitle),
        (&layout.output, &labels.output, Ink::OutputTitle),
    ];
    for (idx, (grid, label, ink)) in grids.into_iter().enumerate() {
        let frame = grid.frame();
        let beside = layout.output.frame();
        let end =
            if beside.x > frame.x && (beside.y - frame.y).abs() < 1.0 { beside.x } else { layout.size.width };
        match (layout.stacked, layout.is_picture()) {
            (true, false) if idx > 0 => {
                one_line(marks, Point::new(frame.x, frame.bottom() + 16.0), end, label, ink);
            }
            (true, _) => one_line(marks, Point::new(frame.x, frame.y - 14.0), end, label, ink),
            (false, picture) => {
                let lift = if picture || !figure.spec.aids { 14.0 } else { 30.0 };
                let [title, caption] = label;
                let at = |above: f64| Point::new(frame.x, frame.y - lift - above);
                marks.push(Mark::text(at(18.0), title, 14.0, Align::Start, ink));
                let meets = idx == 1
                    && frame.x + caption.chars().count() as f64 * 13.0 * 0.46 > beside.x
                    && (beside.y - lift - 32.0..beside.bottom()).contains(&at(1.0).y);
                let caption = if meets { short(caption) } else { caption.clone() };
                marks.push(Mark::text(at(1.0), caption, 13.0, Align::Start, Ink::Caption));
            }
        }
    }
}
