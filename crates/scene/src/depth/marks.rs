//! The three layers of the depth view.

use std::ops::Range;
use std::rc::Rc;

use crate::depth::DepthFigure;
use crate::depth::layout::{Block, TITLES};
use crate::depth::sheets::Sheets;
use crate::geom::{Point, Rect};
use crate::ink::Ink;
use crate::lab::pointed_outline as outline;
use crate::patched::patched;
use crate::pose::Pose;
use crate::scene::{Align, Factor, Mark, Part, Raster, Shape};

/// With more lines than these between channels and filters, each group is one area.
const MOST_LINES: u64 = 192;
/// Up to so many groups are drawn.
const MOST_GROUPS: u64 = 64;

/// Sheets, filters, waiting maps, wiring, titles.
pub(super) fn still(figure: &DepthFigure) -> Vec<Mark> {
    let mut marks = Vec::new();
    let layout = &figure.layout;
    let words = &figure.spec.words;
    let chosen = layout.input.sheet(figure.spec.lab.channel);
    stack(&mut marks, &layout.input, &figure.inputs, Ink::Picture, |at| {
        Part::Channel(layout.input.first + at)
    });
    for at in 0..layout.input.count {
        let ink = if Some(at) == chosen { Ink::InputFrame } else { Ink::InputSheet };
        visible_frame(&mut marks, &layout.input, at, ink);
    }
    let front = layout.input.grid(0);
    if front.count != layout.input.inner {
        marks.push(Mark::rect(front.frame(), Ink::PadFrame));
    }
    marks.push(Mark::rounded(layout.bank, 4.0, Ink::KernelSheet));
    for (block, slices) in layout.blocks.iter().zip(&figure.filters) {
        filter(figure, &mut marks, block, slices);
    }
    stack(&mut marks, &layout.output, &figure.outputs, Ink::WaitingPicture, |at| {
        Part::Filter(layout.output.first + at)
    });
    wiring(figure, &mut marks);
    titles(figure, &mut marks);
    marks.extend(orders(figure));
    for (sheets, hidden) in [(&layout.input, &words.hidden[0]), (&layout.output, &words.hidden[2])] {
        let around = sheets.around();
        if !hidden.is_empty() {
            let at = Point::new(around.right(), around.y - 10.0);
            marks.push(Mark::text(at, hidden, 13.0, Align::End, Ink::Caption));
        }
    }
    let rest = &words.hidden[3];
    if !rest.is_empty() {
        let at = Point::new(layout.bank.right() - 8.0, layout.bank.y - 8.0);
        marks.push(Mark::text(at, rest, 13.0, Align::End, Ink::Caption));
    }
    marks
}

/// Below the sheets of input and output: what they are.
fn orders(figure: &DepthFigure) -> [Mark; 2] {
    let layout = &figure.layout;
    [(&layout.input, 0), (&layout.output, 1)].map(|(sheets, idx)| {
        let (front, order) = (sheets.grid(0).frame(), &figure.spec.words.order[idx]);
        let x = front.x.min(layout.size.width - 8.0 - order.chars().count() as f64 * 6.6).max(8.0);
        Mark::text(Point::new(x, front.bottom() + 16.0), order, 13.0, Align::Start, Ink::Caption)
    })
}

/// Pictures from back to front, each on paper.
fn stack(
    marks: &mut Vec<Mark>,
    sheets: &Sheets,
    rasters: &[Rc<Raster>],
    ink: Ink,
    part: impl Fn(u64) -> Part,
) {
    for (at, raster) in rasters.iter().enumerate().rev() {
        let at = at as u64;
        let rect = sheets.frame(at);
        marks.push(Mark::rect(rect, Ink::BiasCell).with_part(part(at)));
        let n_cells = u64::from(raster.width) * u64::from(raster.height);
        let shape = Shape::Raster { rect, raster: Rc::clone(raster), cells: 0..n_cells };
        marks.push(Mark { shape, ink, part: None });
    }
}

/// The outline of a sheet: all of the front one, and of the others what the one before it leaves free.
fn visible_frame(marks: &mut Vec<Mark>, sheets: &Sheets, at: u64, ink: Ink) {
    let rect = sheets.frame(at);
    if at == 0 {
        marks.push(Mark::rect(rect, ink));
        return;
    }
    let nearer = sheets.frame(at - 1);
    let corners = [
        Point::new(rect.x, nearer.y),
        Point::new(rect.x, rect.y),
        Point::new(rect.right(), rect.y),
        Point::new(rect.right(), rect.bottom()),
        Point::new(nearer.right(), rect.bottom()),
    ];
    for pair in corners.windows(2) {
        marks.push(Mark::line(pair[0], pair[1], ink));
    }
}

/// A block of slices with its number and its bias.
fn filter(figure: &DepthFigure, marks: &mut Vec<Mark>, block: &Block, slices: &[Rc<Raster>]) {
    let chosen = block.filter == figure.spec.lab.filter;
    let part = Part::Filter(block.filter);
    stack(marks, &block.slices, slices, Ink::Picture, |_| part);
    for at in 0..block.slices.count {
        visible_frame(marks, &block.slices, at, if chosen { Ink::KernelFrame } else { Ink::KernelSheet });
    }
    let y = block.bias.centre().y;
    let number = Point::new(block.place.centre().x, y);
    let ink = if chosen { Ink::KernelTitle } else { Ink::Caption };
    marks.push(Mark::text(number, (block.filter + 1).to_string(), 13.0, Align::Middle, ink));
    if figure.spec.lab.bias.is_some() {
        marks.push(Mark::rect(block.bias, Ink::BiasCell));
        marks.push(Mark::rect(block.bias, Ink::KernelSheet));
    }
    let hidden = &figure.spec.words.hidden[1];
    if !hidden.is_empty() && chosen && block.place.height > 80.0 {
        let at = Point::new(block.place.right() - 4.0, block.place.y + 8.0);
        marks.push(Mark::text(at, hidden, 12.0, Align::End, Ink::Axis));
    }
}

/// A line from each channel to each filter that reads it: channels above, filters below.
fn wiring(figure: &DepthFigure, marks: &mut Vec<Mark>) {
    let Some(room) = figure.layout.wiring else { return };
    let [channels, filters] = figure.spec.counts();
    let groups = figure.spec.lab.params.options().groups;
    let [of_channels, of_filters] = [channels, filters].map(|n| n / groups.max(1));
    let at = |idx: u64, n: u64, y: f64| {
        let share = (idx as f64 + 0.5) / n as f64;
        Point::new(room.x + share * room.width, y)
    };
    let (top, bottom) = (room.y + 4.0, room.bottom() - 4.0);
    let chosen = figure.spec.lab.filter;
    let group = chosen / of_filters.max(1);
    let few = channels * of_filters <= MOST_LINES && channels.max(filters) <= 48;
    if few {
        for filter in (0..filters).filter(|filter| *filter != chosen) {
            let first = filter / of_filters * of_channels;
            for channel in first..first + of_channels {
                let line =
                    Mark::line(at(channel, channels, top), at(filter, filters, bottom), Ink::MagnifierLine);
                marks.push(line);
            }
        }
        for channel in group * of_channels..(group + 1) * of_channels {
            marks.push(Mark::line(at(channel, channels, top), at(chosen, filters, bottom), Ink::LinkInLine));
        }
        for idx in 0..channels {
            marks.push(Mark::rect(square(at(idx, channels, top)), Ink::InputPatch));
            marks.push(Mark::rect(square(at(idx, channels, top)), Ink::InputSheet));
        }
        for idx in 0..filters {
            marks.push(Mark::rect(square(at(idx, filters, bottom)), Ink::BiasCell));
            marks.push(Mark::rect(square(at(idx, filters, bottom)), Ink::KernelSheet));
        }
    } else {
        let step = groups.div_ceil(MOST_GROUPS).max(1);
        let area = |marks: &mut Vec<Mark>, group: u64, ink: Ink| {
            let ends = |n: u64, of: u64, y: f64| {
                let share = |idx: u64| room.x + idx as f64 / n as f64 * room.width;
                [Point::new(share(group * of) + 1.0, y), Point::new(share((group + 1) * of) - 1.0, y)]
            };
            let [a, b] = ends(channels, of_channels, top);
            let [c, d] = ends(filters, of_filters, bottom);
            marks.push(Mark::polygon(vec![a, b, d, c], ink));
        };
        for group in (0..groups).step_by(step as usize) {
            area(marks, group, Ink::LinkOut);
        }
        area(marks, group, Ink::LinkIn);
        for channel in [group * of_channels, (group + 1) * of_channels - 1] {
            marks.push(Mark::line(at(channel, channels, top), at(chosen, filters, bottom), Ink::LinkInLine));
        }
    }
    let words = Point::new(room.x, room.bottom() + 10.0);
    marks.push(Mark::text(words, &figure.spec.words.wiring, 12.0, Align::Start, Ink::Axis));
}

fn square(at: Point) -> Rect {
    Rect::new(at.x - 3.0, at.y - 3.0, 6.0, 6.0)
}

fn titles(figure: &DepthFigure, marks: &mut Vec<Mark>) {
    let layout = &figure.layout;
    let starts = [
        Point::new(layout.input.grid(0).frame().x, 0.0),
        Point::new(layout.bank.x, if layout.stacked { layout.bank.y - 48.0 } else { 0.0 }),
        Point::new(layout.output.frame(0).x, 0.0),
    ];
    let inks = [Ink::InputTitle, Ink::KernelTitle, Ink::OutputTitle];
    for (([title, caption], ink), at) in figure.spec.words.volumes.iter().zip(inks).zip(starts) {
        // The output's words may be wider than its sheets.
        let x = at.x.min(layout.size.width - 8.0 - caption.chars().count() as f64 * 6.8).max(8.0);
        marks.push(Mark::text(Point::new(x, at.y + TITLES[0]), title, 14.0, Align::Start, ink));
        marks.push(Mark::text(Point::new(x, at.y + TITLES[1]), caption, 13.0, Align::Start, Ink::Caption));
    }
}

/// What is seen of the computed cells of `steps`, map by map.
pub(super) fn done(figure: &DepthFigure, steps: Range<u64>) -> Vec<Mark> {
    let sheets = &figure.layout.output;
    let mut marks = Vec::new();
    for (at, raster) in (0..sheets.count).zip(&figure.outputs) {
        let grid = sheets.grid(at);
        for (first, count) in sheets.seen(at, steps.clone()) {
            let rect = grid.block(first.map(|n| n as i64), count);
            let [first, count] = [first, count].map(|pair| pair.map(|n| n as u32));
            let shape = Shape::Crop { rect, raster: Rc::clone(raster), first, count };
            marks.push(Mark { shape, ink: Ink::Picture, part: None });
        }
    }
    marks
}

/// The prism, what joins it to the filters and the filter to its map, and the cell that is followed. The frames
/// of the maps lie over their computed cells.
pub(super) fn moving(figure: &DepthFigure, pose: Pose) -> Vec<Mark> {
    above(figure, pose, true)
}

/// The same without what joins prism, filter and map: it would flicker over half of the figure, and each frame
/// would paint all that it crosses.
pub(super) fn passing(figure: &DepthFigure, pose: Pose) -> Vec<Mark> {
    above(figure, pose, false)
}

fn above(figure: &DepthFigure, pose: Pose, is_joined: bool) -> Vec<Mark> {
    let layout = &figure.layout;
    let geometry = &figure.spec.lab.geometry;
    let output = |step: u64| geometry.output_position(step.min(geometry.n_steps() - 1));
    let (here, there, current) = (output(pose.step), output(pose.target()), output(pose.filled()));
    let mut marks = Vec::new();
    let sheets = &layout.output;
    let chosen = sheets.sheet(figure.spec.lab.filter);
    for at in 0..sheets.count {
        let ink = if Some(at) == chosen { Ink::OutputFrame } else { Ink::OutputSheet };
        visible_frame(&mut marks, sheets, at, ink);
    }
    let [front, back] = figure.read_sheets();
    let window = |sheet: u64| figure.window(sheet, here).towards(&figure.window(sheet, there), pose.glide());
    let (near, far) = (window(front), window(back));
    let corners = |rect: Rect| {
        [
            Point::new(rect.x, rect.y),
            Point::new(rect.right(), rect.y),
            Point::new(rect.right(), rect.bottom()),
            Point::new(rect.x, rect.bottom()),
        ]
    };
    if is_joined {
        joined(&mut marks, near, layout.bank, layout.stacked, [Ink::LinkIn, Ink::LinkInLine]);
    }
    if is_joined && layout.stacked {
        let mut words = Vec::new();
        titles(figure, &mut words);
        // The title of the filters, the line below it, and what the sheets of the input are.
        let [of_input, _] = orders(figure);
        patched(words.drain(2..4).chain([of_input]).collect(), &mut marks);
    }
    if front != back {
        // On a photograph dashes alone are lost.
        for ink in [Ink::DashHalo, Ink::WindowThin] {
            marks.push(Mark::rect(far, ink));
            for (a, b) in corners(near).into_iter().zip(corners(far)) {
                marks.push(Mark::line(a, b, ink));
            }
        }
    }
    if front == 0 {
        marks.push(Mark::rect(near, Ink::ThinHalo));
        marks.push(Mark::rect(near, Ink::Window));
    } else {
        // Sheets before the first one that the filter reads hide some of the prism's face, or all of it.
        let nearer: Vec<Rect> = (0..front).map(|at| layout.input.frame(at)).collect();
        marks.push(Mark::rect(near, Ink::WindowThin));
        for (a, b) in visible_edges(near, &nearer) {
            marks.push(Mark::line(a, b, Ink::ThinHalo));
            marks.push(Mark::line(a, b, Ink::Window));
        }
    }
    let cell = |at: u64| sheets.grid(at).cell(current.map(|n| n as i64));
    let followed = chosen.unwrap_or(0);
    if let Some(block) = layout.block(figure.spec.lab.filter).filter(|_| is_joined) {
        let from = block.slices.around();
        if layout.stacked {
            let (from, to) = (corners(from), corners(cell(followed)));
            marks.push(Mark::polygon(vec![from[0], to[3], to[2], from[1]], Ink::LinkOut));
            let [_, of_output] = orders(figure);
            patched(vec![of_output], &mut marks);
        } else {
            joined(&mut marks, from, cell(followed), false, [Ink::LinkOut, Ink::LinkOutLine]);
        }
    }
    if sheets.count > 1 {
        let line = Mark::line(cell(0).centre(), cell(sheets.count - 1).centre(), Ink::TouchedLine);
        marks.push(line);
    }
    let rect = cell(followed);
    let rect = if rect.width < 10.0 { rect.inset(-2.0) } else { rect };
    marks.push(Mark::rect(rect, Ink::OutputNow));
    marks.push(Mark::rect(rect, Ink::ThinHalo));
    marks.push(Mark::rect(rect, Ink::Touched));
    marks
}

/// The pieces of a rectangle's outline that no other rectangle covers.
fn visible_edges(rect: Rect, nearer: &[Rect]) -> Vec<(Point, Point)> {
    let mut pieces = Vec::new();
    for (y, [from, to]) in [(rect.y, [rect.x, rect.right()]), (rect.bottom(), [rect.x, rect.right()])] {
        let hidden = nearer.iter().filter(|it| it.y <= y && y <= it.bottom());
        for [a, b] in left_free([from, to], hidden.map(|it| [it.x, it.right()])) {
            pieces.push((Point::new(a, y), Point::new(b, y)));
        }
    }
    for (x, [from, to]) in [(rect.x, [rect.y, rect.bottom()]), (rect.right(), [rect.y, rect.bottom()])] {
        let hidden = nearer.iter().filter(|it| it.x <= x && x <= it.right());
        for [a, b] in left_free([from, to], hidden.map(|it| [it.y, it.bottom()])) {
            pieces.push((Point::new(x, a), Point::new(x, b)));
        }
    }
    pieces
}

/// What of a range none of the others covers, in order.
fn left_free(range: [f64; 2], covers: impl Iterator<Item = [f64; 2]>) -> Vec<[f64; 2]> {
    let mut free = vec![range];
    for [from, to] in covers {
        free = free
            .into_iter()
            .flat_map(|[a, b]| [[a, b.min(from)], [a.max(to), b]])
            .filter(|[a, b]| a < b)
            .collect();
    }
    free
}

/// The space between two rectangles: from right to left, or from bottom to top.
fn joined(marks: &mut Vec<Mark>, from: Rect, to: Rect, down: bool, [fill, line]: [Ink; 2]) {
    let [a, b, c, d] = if down {
        [
            Point::new(from.x, from.bottom()),
            Point::new(to.x, to.y),
            Point::new(to.right(), to.y),
            Point::new(from.right(), from.bottom()),
        ]
    } else {
        [
            Point::new(from.right(), from.y),
            Point::new(to.x, to.y),
            Point::new(to.x, to.bottom()),
            Point::new(from.right(), from.bottom()),
        ]
    };
    marks.push(Mark::polygon(vec![a, b, c, d], fill));
    marks.push(Mark::line(a, b, line));
    marks.push(Mark::line(d, c, line));
}

/// The outlines of a part that the figure shows.
pub(super) fn pointed(figure: &DepthFigure, marks: &mut Vec<Mark>, part: Part) {
    let layout = &figure.layout;
    let chosen = layout.block(figure.spec.lab.filter);
    match part {
        Part::Channel(channel) => {
            if let Some(at) = layout.input.sheet(channel) {
                outline(marks, layout.input.frame(at));
            }
        }
        Part::Filter(filter) => {
            if let Some(block) = layout.block(filter) {
                outline(marks, block.slices.around().inset(-3.0));
            }
            if let Some(at) = layout.output.sheet(filter) {
                outline(marks, layout.output.frame(at));
            }
        }
        Part::Output(position) => {
            for at in 0..layout.output.count {
                let cell = layout.output.grid(at).cell(position.map(|n| n as i64));
                marks.push(Mark::rect(if cell.width < 10.0 { cell.inset(-2.0) } else { cell }, Ink::Touched));
            }
        }
        Part::Factor(Factor::Taps) => {
            if let Some(block) = chosen {
                outline(marks, block.slices.frame(0));
            }
        }
        Part::Factor(Factor::Channels) => {
            let Some(block) = chosen else { return };
            for at in (0..block.slices.count).rev() {
                outline(marks, block.slices.frame(at));
            }
            let [front, back] = figure.read_sheets();
            for at in front..=back {
                marks.push(Mark::rect(layout.input.frame(at), Ink::Touched));
            }
        }
        Part::Factor(Factor::Filters) => {
            for block in &layout.blocks {
                outline(marks, block.slices.around().inset(-3.0));
            }
        }
        Part::Factor(Factor::Biases) | Part::Bias => {
            for block in &layout.blocks {
                outline(marks, block.bias);
            }
        }
        Part::Input(_) | Part::Kernel(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_end_where_a_nearer_sheet_begins() {
        let rect = Rect::new(10.0, 0.0, 20.0, 20.0);
        let whole = visible_edges(rect, &[]);
        assert_eq!(whole.len(), 4);
        // Two sheets in front, each further to the left and lower: the lower left of the face is hidden.
        let nearer = [Rect::new(0.0, 12.0, 16.0, 30.0), Rect::new(5.0, 8.0, 16.0, 30.0)];
        let (top, right) = (Point::new(10.0, 0.0), Point::new(30.0, 20.0));
        let expected = [
            (top, Point::new(30.0, 0.0)),
            (Point::new(21.0, 20.0), right),
            (top, Point::new(10.0, 8.0)),
            (Point::new(30.0, 0.0), right),
        ];
        assert_eq!(visible_edges(rect, &nearer), expected);
        assert_eq!(visible_edges(rect, &[Rect::new(0.0, -5.0, 50.0, 50.0)]), []);
    }
}
