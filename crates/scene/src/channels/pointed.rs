//! What is pointed at in the working view, and what it touches in every row.

use convscope_core::window::{meets, uses};

use crate::channels::ChannelsFigure;
use crate::channels::layout::circle;
use crate::channels::marks::around;
use crate::geom::Rect;
use crate::ink::Ink;
use crate::lab::pointed_outline as outline;
use crate::scene::{Factor, Mark, Part};

/// Beyond so many cells the block that holds them is outlined.
const MOST_OUTLINES: usize = 64;

/// Adds the outlines of a part that the figure shows.
pub(super) fn marks(figure: &ChannelsFigure, marks: &mut Vec<Mark>, part: Part) {
    let layout = &figure.layout;
    let geometry = &figure.spec.lab.geometry;
    match part {
        Part::Output(position) => {
            for row in &layout.rows {
                let window = figure.window(row, position);
                outline(marks, window);
                marks.push(Mark::rect(around(row.map.cell(signed(position))), Ink::Touched));
            }
            outline(marks, layout.output.cell(signed(position)));
        }
        Part::Input(position) => {
            let Some(row) = figure.chosen() else { return };
            let outputs: Vec<[u64; 2]> = uses(geometry, position).iter().map(|used| used.output).collect();
            for grid in [&row.map, &layout.output] {
                touched(marks, outputs.iter().map(|output| grid.cell(signed(*output))));
            }
            outline(marks, row.input.cell(position));
        }
        Part::Kernel(tap) => {
            let Some(row) = figure.chosen() else { return };
            touched(marks, meets(geometry, tap).map(|(_, position)| row.input.cell(position)));
            outline(marks, row.kernel.cell(signed(tap)));
        }
        Part::Channel(channel) => {
            for row in layout.rows.iter().filter(|row| figure.channel(row) == channel) {
                for grid in [&row.input, &row.kernel, &row.map] {
                    outline(marks, grid.frame());
                }
            }
        }
        Part::Filter(_) | Part::Factor(Factor::Filters) => outline(marks, layout.output.frame()),
        Part::Bias | Part::Factor(Factor::Biases) => outline(marks, circle(layout)),
        Part::Factor(Factor::Taps) => {
            if let Some(row) = figure.chosen() {
                outline(marks, row.kernel.frame());
            }
        }
        Part::Factor(Factor::Channels) => {
            for row in &layout.rows {
                outline(marks, row.kernel.frame());
            }
        }
    }
}

/// Outlines a few cells one by one, and of many the block that they lie in.
fn touched(marks: &mut Vec<Mark>, cells: impl Iterator<Item = Rect>) {
    let cells: Vec<Rect> = cells.collect();
    if cells.len() <= MOST_OUTLINES {
        marks.extend(cells.iter().map(|cell| Mark::rect(around(*cell), Ink::Touched)));
    } else if let Some((first, last)) = cells.first().zip(cells.last()) {
        let block = Rect::new(first.x, first.y, last.right() - first.x, last.bottom() - first.y);
        marks.push(Mark::rect(block, Ink::Touched));
    }
}

fn signed(position: [u64; 2]) -> [i64; 2] {
    position.map(|n| n as i64)
}
