//! The magnified neighbourhood and the result, where the maps are pictures.

use std::rc::Rc;

use crate::geom::{Point, Rect};
use crate::ink::Ink;
use crate::lab::layout::Grid;
use crate::lab::moving::{taps_of, window_outline};
use crate::lab::pointed::outline;
use crate::lab::still::{output_value, patch};
use crate::lab::{LabFigure, cells};
use crate::scene::{Mark, Part, Shape};

/// The outline of the neighbourhood: its cells move, its place does not.
#[inline(never)]
pub(super) fn still(figure: &LabFigure, marks: &mut Vec<Mark>) {
    if let Some((grid, _)) = figure.layout.magnifier {
        marks.push(Mark::rect(grid.frame(), Ink::InputFrame));
    }
}

/// The window on the input picture, the neighbourhood around it, and the result.
#[inline(never)]
pub(super) fn moving(figure: &LabFigure, marks: &mut Vec<Mark>, window: Rect, output: [u64; 2], lit: u64) {
    let kernel = figure.layout.kernel.count;
    magnified(figure, marks, window, output, |marks, grid| {
        ground(figure, marks, grid);
        for tap in taps_of(figure, output).iter().take(lit as usize) {
            if grid.has(tap.position) {
                let place = cells::tap_place(tap.kernel, kernel);
                let (rect, value) = (grid.cell(tap.position), figure.input_value(tap.position));
                let weight = figure.spec.pool.is_none().then_some(tap.weight);
                cells::tap(marks, rect, place, tap.padded, value, weight);
            }
        }
    });
}

/// The same without numbers and taps: a piece of the input picture, and the window on it.
#[inline(never)]
pub(super) fn passing(figure: &LabFigure, marks: &mut Vec<Mark>, window: Rect, output: [u64; 2]) {
    magnified(figure, marks, window, output, |marks, grid| {
        marks.push(Mark::rect(grid.frame(), Ink::BiasCell));
        let padded = grid.block(figure.layout.input.first, figure.layout.input.count);
        let inner = grid.block([0, 0], figure.spec.geometry.input_size());
        let (padded, inner) = (clipped(padded, grid.frame()), clipped(inner, grid.frame()));
        if padded != inner && padded.width > 0.0 && padded.height > 0.0 {
            marks.push(Mark::rect(padded, Ink::PadGround));
            marks.push(Mark::rect(padded, Ink::PadHatch));
        }
        let cells = |px: f64| (px / grid.cell).round() as u32;
        let [top, left] = grid.first.map(|first| first.max(0) as u32);
        if let Some(raster) = figure.input_raster.as_ref().filter(|_| inner.width > 0.0 && inner.height > 0.0)
        {
            let count = [cells(inner.height), cells(inner.width)];
            let shape = Shape::Crop { rect: inner, raster: Rc::clone(raster), first: [top, left], count };
            marks.push(Mark { shape, ink: Ink::Picture, part: None });
        }
    });
}

/// Around what `neighbourhood` draws: the window on the input picture, the lines from it, and the result.
fn magnified(
    figure: &LabFigure,
    marks: &mut Vec<Mark>,
    window: Rect,
    output: [u64; 2],
    neighbourhood: impl FnOnce(&mut Vec<Mark>, &Grid),
) {
    let Some((grid, result)) = figure.layout.magnifier else { return };
    let around = window.inset(-1.5);
    marks.push(Mark::rect(around, Ink::Halo));
    marks.push(Mark::rect(around, Ink::Window));
    let grid = around_window(figure, &grid, output);
    if !figure.layout.stacked {
        magnifier_lines(marks, around, grid.frame());
    }
    neighbourhood(marks, &grid);
    marks.push(Mark::rect(grid.frame(), Ink::InputFrame));
    window_outline(marks, clipped(magnified_window(figure, &grid, output), grid.frame()));
    result_value(figure, marks, result, output);
}

/// An input position that is pointed at, in its neighbourhood: the one of the window where it lies there,
/// otherwise its own.
#[inline(never)]
pub(super) fn pointed(
    figure: &LabFigure,
    marks: &mut Vec<Mark>,
    window: Rect,
    output: [u64; 2],
    position: [i64; 2],
) {
    let Some((grid, result)) = figure.layout.magnifier else { return };
    let mut shown = around_window(figure, &grid, output);
    if shown.has(position) {
        moving(figure, marks, window, output, 0);
    } else {
        let half = (grid.count[0] / 2) as i64;
        shown = within(figure, &grid, position.map(|at| at - half));
        marks.push(Mark::rect(window, Ink::WindowThin));
        if !figure.layout.stacked {
            magnifier_lines(marks, figure.part_rect(Part::Input(position)), shown.frame());
        }
        ground(figure, marks, &shown);
        marks.push(Mark::rect(shown.frame(), Ink::InputFrame));
        result_value(figure, marks, result, output);
    }
    outline(marks, shown.cell(position));
}

fn result_value(figure: &LabFigure, marks: &mut Vec<Mark>, rect: Rect, output: [u64; 2]) {
    marks.push(Mark::rounded(rect, 2.0, Ink::OutputNow).with_part(Part::Output(output)));
    marks.push(cells::value(rect, output_value(figure, output), Ink::NowValue));
}

/// The neighbourhood with the positions that it shows: an output's window stands in its middle, or as near
/// to it as the edge of the padded input allows.
pub(super) fn around_window(figure: &LabFigure, grid: &Grid, [y, x]: [u64; 2]) -> Grid {
    let geometry = &figure.spec.geometry;
    let first = |start: i64, span: u64, side: u64| start + (span as i64 - side as i64).div_euclid(2);
    let first = [
        first(geometry.rows.window_start(y), geometry.rows.dilated_kernel(), grid.count[0]),
        first(geometry.columns.window_start(x), geometry.columns.dilated_kernel(), grid.count[1]),
    ];
    within(figure, grid, first)
}

/// The neighbourhood that begins at `first`, or as near to it as the padded input reaches.
fn within(figure: &LabFigure, grid: &Grid, first: [i64; 2]) -> Grid {
    let padded = &figure.layout.input;
    let first = [0, 1].map(|axis: usize| {
        let least = padded.first[axis];
        let most = least + padded.count[axis] as i64 - grid.count[axis] as i64;
        first[axis].clamp(least, most.max(least))
    });
    Grid { first, ..*grid }
}

/// Input and padding cells, then their values; beyond the padding there is nothing.
fn ground(figure: &LabFigure, marks: &mut Vec<Mark>, grid: &Grid) {
    marks.push(Mark::rect(grid.frame(), Ink::BiasCell));
    let padded = &figure.layout.input;
    let positions = || grid.positions().filter(|position| padded.has(*position));
    for position in positions() {
        let (rect, padding) = (grid.cell(position), figure.is_padding(position));
        let ink = if padding { Ink::PadGround } else { Ink::InputCell };
        marks.push(Mark::rect(rect, ink).with_part(Part::Input(position)));
        if padding {
            marks.push(Mark::rect(rect, Ink::PadHatch));
        }
        if figure.is_unread(position) {
            marks.push(Mark::rect(rect, Ink::Unread));
        }
    }
    if grid.cell < 28.0 {
        return;
    }
    for position in positions() {
        let (rect, padding) = (grid.cell(position), figure.is_padding(position));
        let ink = if padding { Ink::PadValue } else { Ink::CellValue };
        let number = cells::value(rect, figure.input_value(position), ink);
        if padding || figure.is_unread(position) {
            let ink = if padding { Ink::PadPatch } else { Ink::InputPatch };
            marks.push(Mark::rect(patch(&number, rect), ink));
        }
        marks.push(number);
    }
}

/// The window on the magnified neighbourhood.
fn magnified_window(figure: &LabFigure, grid: &Grid, [y, x]: [u64; 2]) -> Rect {
    let geometry = &figure.spec.geometry;
    grid.block(
        [geometry.rows.window_start(y), geometry.columns.window_start(x)],
        [geometry.rows.dilated_kernel(), geometry.columns.dilated_kernel()],
    )
}

/// The part of `rect` inside `frame`.
fn clipped(rect: Rect, frame: Rect) -> Rect {
    let (x, y) = (rect.x.max(frame.x), rect.y.max(frame.y));
    Rect::new(x, y, rect.right().min(frame.right()) - x, rect.bottom().min(frame.bottom()) - y)
}

/// Two thin lines from the window on the picture to its magnified place.
fn magnifier_lines(marks: &mut Vec<Mark>, window: Rect, magnified: Rect) {
    let from = [Point::new(window.right(), window.y), Point::new(window.right(), window.bottom())];
    let to = [Point::new(magnified.x, magnified.y), Point::new(magnified.x, magnified.bottom())];
    for idx in 0..2 {
        marks.push(Mark::line(from[idx], to[idx], Ink::MagnifierLine));
    }
}
