//! The three layers of the working view.

use std::ops::Range;
use std::rc::Rc;

use convscope_core::window::taps;

use crate::channels::layout::{RADIUS, Row, added};
use crate::channels::{ChannelsFigure, Pictures};
use crate::geom::{Point, Rect};
use crate::ink::Ink;
use crate::lab::cells;
use crate::lab::layout::Grid;
use crate::number;
use crate::pose::Pose;
use crate::scene::{Align, Mark, Part, Raster, Shape};

/// Below this many pixels a cell, the current one is outlined from outside.
const SMALL: f64 = 12.0;

/// Headings, inputs, slices, empty maps, the sum.
pub(super) fn still(figure: &ChannelsFigure) -> Vec<Mark> {
    let mut marks = Vec::new();
    headings(figure, &mut marks);
    for (idx, row) in figure.layout.rows.iter().enumerate() {
        let words = &figure.spec.words;
        let name = words.channels.get(figure.channel(row) as usize).map_or("", String::as_str);
        let ink = if figure.is_chosen(row) { Ink::BiasValue } else { Ink::Caption };
        marks.push(Mark::text(row.name, name, 13.0, Align::Start, ink));
        match &figure.pictures {
            Some(pictures) => {
                let [input, slice, share] = &pictures.rows[idx];
                padding(figure, &mut marks, row);
                let inner = row.input.block([0, 0], figure.spec.lab.geometry.input_size());
                let part = |row: &Row, part: Part| {
                    if figure.is_chosen(row) { part } else { Part::Channel(figure.channel(row)) }
                };
                marks.push(picture(inner, input, Ink::Picture).with_part(part(row, Part::Input([0, 0]))));
                marks.push(
                    picture(row.kernel.frame(), slice, Ink::Picture)
                        .with_part(part(row, Part::Kernel([0, 0]))),
                );
                waiting(&mut marks, &row.map, Some(share));
            }
            None => {
                input_cells(figure, &mut marks, row);
                kernel_cells(figure, &mut marks, row);
                waiting(&mut marks, &row.map, None);
            }
        }
        let inner = row.input.block([0, 0], figure.spec.lab.geometry.input_size());
        if inner != row.input.frame() {
            marks.push(Mark::rect(row.input.frame(), Ink::PadFrame));
        }
        marks.push(Mark::rect(inner, Ink::InputFrame));
        marks.push(Mark::rounded(row.kernel.frame(), 2.0, Ink::KernelFrame));
        let size = if figure.layout.stacked { 20.0 } else { 24.0 };
        let middle = |from: Rect, to: Rect| Point::new((from.right() + to.x) / 2.0, to.centre().y);
        let (input, kernel, map) = (row.input.frame(), row.kernel.frame(), row.map.frame());
        marks.push(Mark::text(middle(input, kernel), "∗", size, Align::Middle, Ink::Operator));
        marks.push(Mark::text(middle(kernel, map), "=", size, Align::Middle, Ink::Operator));
    }
    sum(figure, &mut marks);
    waiting(&mut marks, &figure.layout.output, figure.pictures.as_ref().map(|it| &it.output));
    below(figure, &mut marks);
    marks
}

fn headings(figure: &ChannelsFigure, marks: &mut Vec<Mark>) {
    let Some(row) = figure.layout.rows.first() else { return };
    let inks = [Ink::InputTitle, Ink::KernelTitle, Ink::Caption, Ink::OutputTitle];
    let xs = [&row.input, &row.kernel, &row.map, &figure.layout.output].map(|grid| grid.frame().x);
    for (idx, ((text, ink), x)) in figure.spec.words.columns.iter().zip(inks).zip(xs).enumerate() {
        if figure.layout.stacked && idx == 3 {
            let at = Point::new(figure.layout.output.frame().x, figure.layout.sum.y);
            marks.push(Mark::text(at, text, 13.0, Align::Start, ink));
            continue;
        }
        // A heading that would run into the next one ends before it.
        let width = xs.get(idx + 1).filter(|_| idx < 3).map_or(f64::INFINITY, |next| next - x - 6.0);
        let fitting = (width / 7.4).max(0.0) as usize;
        let text = if text.chars().count() <= fitting || fitting > 200 { text.as_str() } else { short(text) };
        marks.push(Mark::text(Point::new(x, 14.0), text, 13.0, Align::Start, ink));
    }
}

/// The first word of a heading.
fn short(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}

fn picture(rect: Rect, raster: &Rc<Raster>, ink: Ink) -> Mark {
    let n_cells = u64::from(raster.width) * u64::from(raster.height);
    Mark { shape: Shape::Raster { rect, raster: Rc::clone(raster), cells: 0..n_cells }, ink, part: None }
}

/// The padding of a picture, as four strips.
fn padding(figure: &ChannelsFigure, marks: &mut Vec<Mark>, row: &Row) {
    for strip in strips(figure, row) {
        let mut ground = Mark::rect(strip, Ink::PadGround);
        ground.part = (!figure.is_chosen(row)).then(|| Part::Channel(figure.channel(row)));
        marks.push(ground);
        marks.push(Mark::rect(strip, Ink::PadHatch));
    }
}

/// Above, left, right and below the input, where there is padding.
fn strips(figure: &ChannelsFigure, row: &Row) -> impl Iterator<Item = Rect> + use<> {
    let padded = row.input.frame();
    let inner = row.input.block([0, 0], figure.spec.lab.geometry.input_size());
    [
        Rect::new(padded.x, padded.y, padded.width, inner.y - padded.y),
        Rect::new(padded.x, inner.y, inner.x - padded.x, inner.height),
        Rect::new(inner.right(), inner.y, padded.right() - inner.right(), inner.height),
        Rect::new(padded.x, inner.bottom(), padded.width, padded.bottom() - inner.bottom()),
    ]
    .into_iter()
    .filter(|strip| strip.width > 0.0 && strip.height > 0.0)
}

fn input_cells(figure: &ChannelsFigure, marks: &mut Vec<Mark>, row: &Row) {
    let channel = figure.channel(row);
    let chosen = figure.is_chosen(row);
    for position in row.input.positions() {
        let ink = if figure.is_padding(position) { Ink::PadGround } else { Ink::InputCell };
        let part = if chosen { Part::Input(position) } else { Part::Channel(channel) };
        marks.push(Mark::rect(row.input.cell(position), ink).with_part(part));
    }
    for strip in strips(figure, row) {
        marks.push(Mark::rect(strip, Ink::PadHatch));
    }
    for position in row.input.positions() {
        let rect = row.input.cell(position);
        let (padding, unread) = (figure.is_padding(position), figure.is_unread(position));
        if unread {
            marks.push(Mark::rect(rect, Ink::Unread));
        }
        if padding || unread {
            let ink = if padding { Ink::PadPatch } else { Ink::InputPatch };
            marks.push(Mark::rounded(rect.inset(rect.width * 0.22), 2.0, ink));
        }
        let ink = if padding { Ink::PadValue } else { Ink::CellValue };
        marks.push(cells::value(rect, figure.input_value(channel, position), ink));
    }
}

fn kernel_cells(figure: &ChannelsFigure, marks: &mut Vec<Mark>, row: &Row) {
    for position in row.kernel.positions() {
        let [y, x] = position.map(|n| n as u64);
        let weight = figure.spec.lab.weight.at([figure.spec.lab.filter, row.slice, y, x]);
        let from = marks.len();
        let place = cells::tap_place([y, x], row.kernel.count);
        cells::kernel_cell(marks, row.kernel.cell(position), place, Some(weight));
        let chosen = figure.is_chosen(row);
        marks[from].part =
            Some(if chosen { Part::Kernel([y, x]) } else { Part::Channel(figure.channel(row)) });
    }
}

/// A map before anything of it is computed.
fn waiting(marks: &mut Vec<Mark>, grid: &Grid, raster: Option<&Rc<Raster>>) {
    match raster {
        Some(raster) => {
            marks.push(Mark::rect(grid.frame(), Ink::OutputWaiting));
            marks.push(picture(grid.frame(), raster, Ink::WaitingPicture).with_part(Part::Output([0, 0])));
        }
        None => {
            for position in grid.positions() {
                let rect = grid.cell(position);
                let part = Part::Output(position.map(|n| n as u64));
                marks.push(Mark::rect(rect, Ink::OutputWaiting).with_part(part));
                marks.push(Mark::dot(rect.centre(), (rect.width * 0.045).max(1.0), Ink::WaitingDot));
            }
        }
    }
}

/// The lines from each share to the circle, the circle, and what is added in it.
fn sum(figure: &ChannelsFigure, marks: &mut Vec<Mark>) {
    let layout = &figure.layout;
    for row in &layout.rows {
        let from = row.map.frame();
        let from = Point::new(from.right() + 6.0, from.centre().y);
        if layout.stacked {
            let down = Point::new(layout.size.width - 10.0, from.y);
            marks.push(Mark::line(from, down, Ink::LinkOutLine));
            marks.push(Mark::line(down, Point::new(down.x, layout.sum.y), Ink::LinkOutLine));
        } else {
            curve(marks, from, Point::new(layout.sum.x - RADIUS, layout.sum.y));
        }
    }
    if layout.stacked {
        let end = Point::new(layout.size.width - 10.0, layout.sum.y);
        marks.push(Mark::line(layout.sum, end, Ink::LinkOutLine));
    }
    let mut dot = Mark::dot(layout.sum, RADIUS, Ink::SumDot);
    dot.part = figure.spec.lab.bias.map(|_| Part::Bias);
    marks.push(dot);
    marks.push(Mark::text(layout.sum, "Σ", 16.0, Align::Middle, Ink::Operator));
    for (at, text) in added(layout).into_iter().zip(&figure.spec.words.added) {
        if !text.is_empty() {
            marks.push(Mark::text(at, text, 13.0, Align::Middle, Ink::Caption));
        }
    }
}

/// A line that leaves and arrives level, as straight pieces.
fn curve(marks: &mut Vec<Mark>, from: Point, to: Point) {
    if (from.y - to.y).abs() < 0.5 {
        marks.push(Mark::line(from, to, Ink::LinkOutLine));
        return;
    }
    const PIECES: u32 = 12;
    let at = |piece: u32| {
        let t = f64::from(piece) / f64::from(PIECES);
        let lift = t * t * (3.0 - 2.0 * t);
        Point::new(from.x + (to.x - from.x) * t, from.y + (to.y - from.y) * lift)
    };
    for piece in 0..PIECES {
        marks.push(Mark::line(at(piece), at(piece + 1), Ink::LinkOutLine));
    }
}

/// What the map is, its scale, and how many channels have no row.
fn below(figure: &ChannelsFigure, marks: &mut Vec<Mark>) {
    let words = &figure.spec.words;
    let layout = &figure.layout;
    if !words.more.is_empty() {
        marks.push(Mark::text(layout.more, &words.more, 13.0, Align::Start, Ink::Caption));
    }
    let frame = layout.output.frame();
    let [title, caption] = &words.map;
    let line = frame.bottom() + 16.0;
    if layout.numbers {
        marks.push(Mark::text(Point::new(frame.x, line), title, 13.0, Align::Start, Ink::OutputTitle));
        return;
    }
    let room = layout.size.width - 8.0 - frame.x;
    marks.push(Mark::text(Point::new(frame.x, line), title, 13.0, Align::Start, Ink::OutputTitle));
    let after = frame.x + title.chars().count() as f64 * 7.8 + 8.0;
    if after + caption.chars().count() as f64 * 6.8 <= frame.x + room {
        marks.push(Mark::text(Point::new(after, line), caption, 13.0, Align::Start, Ink::Caption));
    }
    scale(marks, Rect::new(frame.x, line + 14.0, frame.width.clamp(96.0, 200.0).min(room), 10.0), figure.end);
}

/// A bar of the signed scale with its ends below it.
fn scale(marks: &mut Vec<Mark>, rect: Rect, end: f32) {
    const STEPS: u32 = 22;
    let step = rect.width / f64::from(STEPS);
    for idx in 0..STEPS {
        let value = f64::from(idx) / f64::from(STEPS - 1) * 2.0 - 1.0;
        let piece = Rect::new(rect.x + f64::from(idx) * step, rect.y, step + 0.5, rect.height);
        marks.push(Mark::rect(piece, Ink::Value(value)));
    }
    let end = number::cell(end);
    let y = rect.bottom() + 11.0;
    let ends = [
        (rect.x, format!("\u{2212}{end}"), Align::Start),
        (rect.centre().x, "0".to_owned(), Align::Middle),
        (rect.right(), format!("+{end}"), Align::End),
    ];
    for (x, text, align) in ends {
        marks.push(Mark::text(Point::new(x, y), text, 12.0, align, Ink::Axis));
    }
}

/// The cells of `steps` in every map.
pub(super) fn done(figure: &ChannelsFigure, steps: Range<u64>) -> Vec<Mark> {
    let mut marks = Vec::new();
    if steps.is_empty() {
        return marks;
    }
    if let Some(Pictures { rows, output }) = &figure.pictures {
        let maps = figure.layout.rows.iter().zip(rows).map(|(row, [_, _, share])| (&row.map, share));
        for (grid, raster) in maps.chain([(&figure.layout.output, output)]) {
            marks.push(Mark {
                shape: Shape::Raster { rect: grid.frame(), raster: Rc::clone(raster), cells: steps.clone() },
                ink: Ink::Picture,
                part: Some(Part::Output([0, 0])),
            });
        }
        return marks;
    }
    for step in steps {
        let position = figure.spec.lab.geometry.output_position(step);
        let values = figure.shares.iter().map(|share| share.get(step as usize).copied().unwrap_or(0.0));
        for (row, value) in figure.layout.rows.iter().zip(values) {
            let rect = row.map.cell(position.map(|n| n as i64));
            marks.push(Mark::rect(rect, Ink::InputPatch).with_part(Part::Output(position)));
            marks.push(cells::value(rect, value, Ink::CellValue));
        }
        let rect = figure.layout.output.cell(position.map(|n| n as i64));
        marks.push(Mark::rect(rect, Ink::OutputDone).with_part(Part::Output(position)));
        marks.push(cells::value(rect, output_value(figure, position), Ink::CellValue));
    }
    marks
}

fn output_value(figure: &ChannelsFigure, [y, x]: [u64; 2]) -> f32 {
    figure.spec.lab.output.at([0, figure.spec.lab.filter, y, x])
}

/// Windows, taps, current cells; the frames of the maps, which lie over their computed cells.
/// Windows are thin while something else is pointed at.
pub(super) fn moving(figure: &ChannelsFigure, pose: Pose, window: bool) -> Vec<Mark> {
    let mut marks = Vec::new();
    let layout = &figure.layout;
    let geometry = &figure.spec.lab.geometry;
    let output = |step: u64| geometry.output_position(step.min(geometry.n_steps() - 1));
    let [here, there] = [output(pose.step), output(pose.target())];
    let current = output(pose.filled());
    let lit = if layout.numbers && window { lit_taps(figure, pose, there) } else { Vec::new() };
    for (idx, row) in layout.rows.iter().enumerate() {
        marks.push(Mark::rect(row.map.frame(), Ink::MapFrame));
        for tap in lit.iter().filter(|tap| tap.channel == figure.channel(row)) {
            let place = cells::tap_place(tap.kernel, row.kernel.count);
            cells::tap(
                &mut marks,
                row.input.cell(tap.position),
                place,
                tap.padded,
                tap.value,
                Some(tap.weight),
            );
        }
        let rect = figure.window(row, here).towards(&figure.window(row, there), pose.glide());
        let rect = if layout.numbers { rect } else { rect.inset(-1.0) };
        if window {
            marks.push(Mark::rect(rect, if layout.numbers { Ink::Halo } else { Ink::ThinHalo }));
            marks.push(Mark::rect(rect, Ink::Window));
        } else {
            marks.push(Mark::rect(rect, Ink::WindowThin));
        }
        let cell = around(row.map.cell(current.map(|n| n as i64)));
        if layout.numbers {
            marks.push(Mark::rect(cell, Ink::InputPatch).with_part(Part::Output(current)));
            let step = (current[0] * geometry.output_size()[1] + current[1]) as usize;
            let share = figure.shares[idx].get(step).copied().unwrap_or(0.0);
            marks.push(cells::value(cell, share, Ink::BiasValue));
        }
        marks.push(Mark::rect(cell, Ink::ThinHalo));
        marks.push(Mark::rect(cell, Ink::Touched));
    }
    marks.push(Mark::rounded(layout.output.frame(), 2.0, Ink::OutputFrame));
    let cell = layout.output.cell(current.map(|n| n as i64));
    if layout.numbers {
        marks.push(Mark::rounded(cell, 2.0, Ink::OutputNow).with_part(Part::Output(current)));
        marks.push(cells::value(cell, output_value(figure, current), Ink::NowValue));
        marks.push(Mark::rounded(cell, 2.0, Ink::Halo));
    } else {
        marks.push(Mark::rect(around(cell), Ink::ThinHalo));
    }
    marks.push(Mark::rect(around(cell), Ink::OutputNowFrame));
    marks
}

/// The products of an output that are lit at a pose: every channel's in the same order.
fn lit_taps(figure: &ChannelsFigure, pose: Pose, [y, x]: [u64; 2]) -> Vec<convscope_core::window::Tap> {
    let lab = &figure.spec.lab;
    let [_, _, k_h, k_w] = lab.params.weight_shape();
    let lit = pose.lit(k_h * k_w);
    let mut taps = taps(&lab.params, &lab.geometry, &lab.input, &lab.weight, [0, lab.filter, y, x]);
    taps.retain(|tap| tap.kernel[0] * k_w + tap.kernel[1] < lit);
    taps
}

/// A small cell's outline stands around it.
pub(super) fn around(rect: Rect) -> Rect {
    if rect.width < SMALL { rect.inset(-2.0) } else { rect }
}
