//! Padding that copies the input: a line from each padded cell of a window to the cell that it copies.

use crate::geom::Point;
use crate::ink::Ink;
use crate::lab::LabFigure;
use crate::lab::moving::taps_of;
use crate::scene::Mark;

/// The lines of an output's window, with a dot and an outline where a copy comes from.
#[inline(never)]
pub(super) fn ties(figure: &LabFigure, marks: &mut Vec<Mark>, output: [u64; 2]) {
    if figure.is_picture() || !figure.layout.shows_values() {
        return;
    }
    for tap in taps_of(figure, output).into_iter().filter(|tap| tap.padded) {
        let Some(source) = tap.source else { continue };
        let copied = figure.layout.input.cell(source.map(u64::cast_signed));
        let copy = figure.layout.input.cell(tap.position);
        // Beside the middles of the cells, so that no number is crossed.
        let [from, to] = [copied.centre(), copy.centre()];
        let [x, y] = [to.x - from.x, to.y - from.y];
        let aside = copied.width * 0.36 / (x * x + y * y).sqrt();
        let beside = |at: Point| Point::new(at.x - y * aside, at.y + x * aside);
        let [start, end] = [beside(from), beside(to)];
        marks.push(Mark::line(start, end, Ink::TouchedLine));
        marks.push(Mark::dot(start, 3.0, Ink::TieDot));
        marks.push(Mark::rounded(copied.inset(2.0), 2.0, Ink::Touched));
    }
}
