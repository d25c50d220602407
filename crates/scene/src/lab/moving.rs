//! What moves: the window, its taps, the links to kernel and output, the current output cell.

use convscope_core::PaddingMode;
use convscope_core::window::{Tap, taps};

use crate::geom::{Point, Rect};
use crate::ink::Ink;
use crate::lab::still::output_value;
use crate::lab::{LabFigure, LabSpec, cells, copies, picture, pool};
use crate::pose::Pose;
use crate::scene::{Mark, Part};

/// Marks of a pose where nothing is pointed at.
pub(super) fn marks(figure: &LabFigure, pose: Pose) -> Vec<Mark> {
    let mut marks = vec![output_outline(figure)];
    let (window, current, target) = places(figure, pose);
    let lit = pose.lit(figure.layout.kernel.count[0] * figure.layout.kernel.count[1]);
    if figure.is_picture() {
        picture::moving(figure, &mut marks, window, target, lit);
    } else {
        links(figure, &mut marks, window, target);
        lit_taps(figure, &mut marks, target, lit);
        window_outline(&mut marks, window);
    }
    if let Some(pool) = &figure.spec.pool {
        pool::window_cells(figure, pool, &mut marks, target, lit);
    } else if pose.phase == 0.0 && figure.spec.params.options().padding_mode != PaddingMode::Zeros {
        copies::ties(figure, &mut marks, target);
    }
    current_output(figure, &mut marks, current);
    marks
}

/// The outline of the output. It lies over computed cells, and painted again with each of them it would grow bolder.
pub(super) fn output_outline(figure: &LabFigure) -> Mark {
    Mark::rounded(figure.layout.output.frame(), 2.0, Ink::OutputFrame)
}

/// The same for a pose whose numbers nobody could read.
pub(super) fn passing(figure: &LabFigure, pose: Pose) -> Vec<Mark> {
    if !figure.is_picture() {
        return marks(figure, pose);
    }
    let mut marks = vec![output_outline(figure)];
    let (window, current, target) = places(figure, pose);
    picture::passing(figure, &mut marks, window, target);
    current_output(figure, &mut marks, current);
    marks
}

/// Where the window of a pose is, its current output, and the output that it is on the way to.
fn places(figure: &LabFigure, pose: Pose) -> (Rect, [u64; 2], [u64; 2]) {
    let geometry = &figure.spec.geometry;
    let output = |step: u64| geometry.output_position(step.min(geometry.n_steps() - 1));
    let here = window(figure, output(pose.step));
    let there = window(figure, output(pose.target()));
    (here.towards(&there, pose.glide()), output(pose.filled()), output(pose.target()))
}

/// The cells under the kernel at an output, as a rectangle on the input; a dilated kernel has gaps in it.
pub(super) fn window(figure: &LabFigure, [y, x]: [u64; 2]) -> Rect {
    let geometry = &figure.spec.geometry;
    let first = [geometry.rows.window_start(y), geometry.columns.window_start(x)];
    let count = [geometry.rows.dilated_kernel(), geometry.columns.dilated_kernel()];
    figure.layout.input.block(first, count)
}

/// The taps of an output in the channel shown, in reading order.
pub(super) fn taps_of(figure: &LabFigure, [y, x]: [u64; 2]) -> Vec<Tap> {
    let LabSpec { params, geometry, input, weight, channel, filter, .. } = &figure.spec;
    let mut taps = taps(params, geometry, input, weight, [0, *filter, y, x]);
    taps.retain(|tap| tap.channel == *channel);
    taps
}

/// The first `lit` taps of an output, with input value and weight.
pub(super) fn lit_taps(figure: &LabFigure, marks: &mut Vec<Mark>, output: [u64; 2], lit: u64) {
    if !figure.layout.shows_values() {
        return;
    }
    let kernel = figure.layout.kernel.count;
    for tap in taps_of(figure, output).iter().take(lit as usize) {
        let rect = figure.layout.input.cell(tap.position);
        let place = cells::tap_place(tap.kernel, kernel);
        if figure.spec.pool.as_ref().is_some_and(|pool| !pool.takes(tap)) {
            marks.push(Mark::rect(rect, Ink::BeyondCell));
            continue;
        }
        let weight = figure.spec.pool.is_none().then_some(tap.weight);
        cells::tap(marks, rect, place, tap.padded, figure.input_value(tap.position), weight);
    }
}

/// The window with its halo.
pub(crate) fn window_outline(marks: &mut Vec<Mark>, window: Rect) {
    marks.push(Mark::rounded(window, 2.0, Ink::Halo));
    marks.push(Mark::rounded(window, 2.0, Ink::Window));
}

/// The current output cell, filled, with its outline.
pub(super) fn current_output(figure: &LabFigure, marks: &mut Vec<Mark>, output: [u64; 2]) {
    let rect = figure.layout.output.cell(output.map(|n| n as i64));
    if figure.is_picture() {
        let around = rect.inset(-2.0);
        marks.push(Mark::rect(around, Ink::Halo));
        marks.push(Mark::rect(around, Ink::OutputNowFrame));
        return;
    }
    marks.push(Mark::rounded(rect, 2.0, Ink::OutputNow).with_part(Part::Output(output)));
    marks.extend(cells::map_value(figure, rect, output_value(figure, output), Ink::NowValue));
    marks.push(Mark::rounded(rect, 2.0, Ink::Halo));
    marks.push(Mark::rounded(rect, 2.0, Ink::OutputNowFrame));
}

/// The connections from window to kernel and from kernel to output; filled only where no cell lies beneath.
pub(super) fn links(figure: &LabFigure, marks: &mut Vec<Mark>, window: Rect, output: [u64; 2]) {
    let layout = &figure.layout;
    let (input, kernel) = (layout.input.frame(), layout.kernel.frame());
    let row = layout.output.cell([output[0] as i64, 0]);
    if layout.stacked {
        let below = [Point::new(window.x, window.bottom()), Point::new(window.right(), window.bottom())];
        let above = [Point::new(kernel.x, kernel.y), Point::new(kernel.right(), kernel.y)];
        let edge = |from: Point, to: Point| {
            let share = (input.bottom() - from.y) / (to.y - from.y);
            Point::new(from.x, from.y + (to.y - from.y) * share)
        };
        let [left, right] = [edge(below[0], above[0]), edge(below[1], above[1])];
        marks.push(Mark::polygon(vec![left, above[0], above[1], right], Ink::LinkIn));
        for idx in 0..2 {
            marks.push(Mark::line(below[idx], [left, right][idx], Ink::LinkInLine));
            marks.push(Mark::line([left, right][idx], above[idx], Ink::LinkInLine));
        }
        if layout.operators[1].is_none() {
            return;
        }
    } else {
        wedge(marks, window, kernel, input.right(), [Ink::LinkIn, Ink::LinkInLine]);
    }
    wedge(marks, kernel, row, kernel.right(), [Ink::LinkOut, Ink::LinkOutLine]);
}

/// Two lines from the right side of one rectangle to the left side of another, filled from `clear_x` on.
fn wedge(marks: &mut Vec<Mark>, from: Rect, to: Rect, clear_x: f64, [fill, line]: [Ink; 2]) {
    let corners = |x: f64, rect: Rect| [Point::new(x, rect.y), Point::new(x, rect.bottom())];
    let [from_top, from_bottom] = corners(from.right(), from);
    let [to_top, to_bottom] = corners(to.x, to);
    let share = ((clear_x - from.right()) / (to.x - from.right())).clamp(0.0, 1.0);
    let clear_top = from_top.towards(to_top, share);
    let clear_bottom = from_bottom.towards(to_bottom, share);
    marks.push(Mark::polygon(vec![clear_top, to_top, to_bottom, clear_bottom], fill));
    marks.push(Mark::line(from_top, to_top, line));
    marks.push(Mark::line(from_bottom, to_bottom, line));
}
