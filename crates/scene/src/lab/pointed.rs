//! What a cell, weight or output that is pointed at touches, and what touches it.

use convscope_core::window::{meets, uses};

use crate::geom::{Point, Rect};
use crate::ink::Ink;
use crate::lab::cells::{self, tap_place};
use crate::lab::moving::{current_output, links, lit_taps, output_outline, window, window_outline};
use crate::lab::still::output_value;
use crate::lab::{LabFigure, picture, pool};
use crate::number;
use crate::pose::Pose;
use crate::scene::{Align, Mark, Part};

/// Beyond so many cells only the one pointed at is outlined; the inspector counts the rest.
const MOST_OUTLINES: usize = 1024;

/// Marks of a pose while `part` is pointed at. The running window shrinks to a thin dashed outline.
#[inline(never)]
pub(super) fn marks(figure: &LabFigure, pose: Pose, part: Part) -> Vec<Mark> {
    let mut marks = vec![output_outline(figure)];
    let geometry = &figure.spec.geometry;
    let current = geometry.output_position(pose.filled().min(geometry.n_steps() - 1));
    let running = window(figure, current);
    if let Some(pool) = &figure.spec.pool {
        let shown = if let Part::Output(output) = part { output } else { current };
        pool::window_cells(figure, pool, &mut marks, shown, u64::MAX);
    }
    match part {
        Part::Output(output) => {
            marks.push(Mark::rounded(running, 2.0, Ink::WindowThin));
            current_output(figure, &mut marks, current);
            output_window(figure, &mut marks, output);
        }
        Part::Input(position) => {
            if figure.is_picture() {
                picture::pointed(figure, &mut marks, running, current, position);
            } else {
                marks.push(Mark::rounded(running, 2.0, Ink::WindowThin));
            }
            current_output(figure, &mut marks, current);
            input_uses(figure, &mut marks, position);
        }
        Part::Kernel(tap) => {
            if figure.is_picture() {
                picture::moving(figure, &mut marks, running, current, u64::MAX);
            } else {
                marks.push(Mark::rounded(running, 2.0, Ink::WindowThin));
            }
            current_output(figure, &mut marks, current);
            weight_meets(figure, &mut marks, tap);
        }
        Part::Bias | Part::Channel(_) | Part::Filter(_) | Part::Factor(_) => {
            marks.push(Mark::rounded(running, 2.0, Ink::WindowThin));
            current_output(figure, &mut marks, current);
            outline(&mut marks, figure.part_rect(part));
        }
    }
    marks
}

/// An output's own window, taps and links, as if its step were the current one.
fn output_window(figure: &LabFigure, marks: &mut Vec<Mark>, output: [u64; 2]) {
    let rect = window(figure, output);
    if figure.is_picture() {
        picture::moving(figure, marks, rect, output, u64::MAX);
    } else {
        links(figure, marks, rect, output);
        lit_taps(figure, marks, output, u64::MAX);
        window_outline(marks, rect);
        let cell = figure.part_rect(Part::Output(output));
        marks.push(Mark::rect(cell, Ink::OutputDone).with_part(Part::Output(output)));
        marks.extend(cells::map_value(figure, cell, output_value(figure, output), Ink::CellValue));
    }
    outline(marks, figure.part_rect(Part::Output(output)));
}

/// Every output that uses an input position, and the weight it comes through.
fn input_uses(figure: &LabFigure, marks: &mut Vec<Mark>, position: [i64; 2]) {
    let geometry = &figure.spec.geometry;
    let layout = &figure.layout;
    let uses = uses(geometry, position);
    for used in &uses {
        let cell = figure.part_rect(Part::Output(used.output));
        if figure.is_picture() {
            marks.push(Mark::rect(cell.inset(-1.0), Ink::Touched));
        } else {
            marks.push(Mark::rounded(cell.inset(2.0), 2.0, Ink::Pointed));
        }
        let tap = figure.part_rect(Part::Kernel(used.kernel));
        marks.push(Mark::rounded(tap.inset(2.0), 2.0, Ink::Pointed));
    }
    // Tags last, so that no outline covers them.
    if layout.shows_values() && !figure.is_picture() && uses.len() <= 16 {
        for used in &uses {
            let place = tap_place(used.kernel, layout.kernel.count);
            let text = match &figure.spec.pool {
                None => format!("×{}", number::cell(figure.weight(used.kernel))),
                Some(pool) => {
                    let wins = pool::winner(figure, pool, used.output).map(|at| at.map(u64::cast_signed));
                    if wins != Some(position) {
                        continue;
                    }
                    pool.wins.clone()
                }
            };
            tag(marks, tag_place(figure, used.output), place, text);
        }
    }
    if !figure.is_padding(position) {
        outline(marks, figure.part_rect(Part::Input(position)));
        return;
    }
    outline(marks, figure.part_rect(Part::Input(position)));
    // Padding that copies an input cell is tied to it.
    let mode = figure.spec.params.options().padding_mode;
    let source = (geometry.rows.source(position[0], mode), geometry.columns.source(position[1], mode));
    if let (Some(y), Some(x)) = source {
        let source = figure.part_rect(Part::Input([y as i64, x as i64]));
        let pad = figure.part_rect(Part::Input(position));
        marks.push(Mark::line(pad.centre(), source.centre(), Ink::TouchedLine));
        marks.push(Mark::rect(source.inset(1.0), Ink::Touched));
    }
}

/// Every position that a weight meets.
fn weight_meets(figure: &LabFigure, marks: &mut Vec<Mark>, tap: [u64; 2]) {
    let geometry = &figure.spec.geometry;
    if geometry.n_steps() <= MOST_OUTLINES as u64 && !figure.is_picture() {
        for (_, position) in meets(geometry, tap) {
            let rect = figure.part_rect(Part::Input(position));
            marks.push(Mark::rounded(rect.inset(2.0), 2.0, Ink::Touched));
        }
    } else {
        // The positions form a block with gaps: its corners say where it lies.
        let last = geometry.output_position(geometry.n_steps() - 1);
        let [first, last] = [[0, 0], last].map(|[y, x]: [u64; 2]| {
            figure.part_rect(Part::Input([geometry.rows.tap(y, tap[0]), geometry.columns.tap(x, tap[1])]))
        });
        let block = Rect::new(first.x, first.y, last.right() - first.x, last.bottom() - first.y);
        marks.push(Mark::rect(block, Ink::Touched));
    }
    let current = figure.part_rect(Part::Kernel(tap));
    outline(marks, current);
}

/// The outline of what is pointed at.
pub(crate) fn outline(marks: &mut Vec<Mark>, rect: Rect) {
    let rect = if rect.width < 12.0 { rect.inset(-2.0) } else { rect };
    marks.push(Mark::rect(rect, Ink::Halo));
    marks.push(Mark::rounded(rect, 2.0, Ink::Pointed));
}

/// Where the tag of an output cell stands: over the corner that lies outward.
fn tag_place(figure: &LabFigure, [y, x]: [u64; 2]) -> Point {
    let rect = figure.part_rect(Part::Output([y, x]));
    let [_, columns] = figure.layout.output.count;
    let across = if x + 1 == columns { rect.right() - 8.0 } else { rect.x - 14.0 };
    Point::new(across, if y == 0 { rect.y - 8.0 } else { rect.bottom() - 9.0 })
}

/// A small tag in the colour of a tap.
fn tag(marks: &mut Vec<Mark>, at: Point, [u, v]: [f64; 2], text: String) {
    let width = (text.chars().count() as f64 * 12.0 * cells::DIGIT + 10.0).max(28.0);
    let rect = Rect::new(at.x, at.y, width, 17.0);
    marks.push(Mark::rounded(rect, 2.0, Ink::TapTag { u, v }));
    marks.push(Mark::text(rect.centre(), text, 12.0, Align::Middle, Ink::TapValue));
}
