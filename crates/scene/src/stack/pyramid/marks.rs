//! The marks of a pyramid: rows of units, and what belongs to one unit.

use convscope_core::graph::{Cells, Run};

use super::{Pyramid, ROW, Row, Sight, Window};
use crate::geom::{Point, Rect};
use crate::ink::Ink;
use crate::scene::{Align, Mark};
use crate::stack::{Word, cut};

/// Units at least so wide are drawn one by one.
const CELL_FROM: f64 = 5.0;
/// A number takes so much for a digit, and so much beside.
const DIGIT: f64 = 7.0;
const BESIDE: f64 = 5.0;
/// More lines than this between two rows hide what they show.
const MOST_LINES: u128 = 160;

pub(super) fn still(pyramid: &Pyramid, window: Window) -> Vec<Mark> {
    let mut marks = Vec::new();
    for (idx, row) in pyramid.rows.iter().enumerate() {
        let at = Point::new(pyramid.plot[0] - 10.0, row.y + ROW / 2.0);
        let ink = if idx == 0 { Ink::InputTitle } else { Ink::Caption };
        let name = cut((pyramid.words)(Word::Row(row.shown.node)), (at.x / 6.8) as usize);
        marks.push(Mark::text(at, name, 13.0, Align::End, ink));
        if row.shown.hidden > 0 {
            let below = Point::new(at.x, row.y + ROW + 11.0);
            let text = (pyramid.words)(Word::Hidden(row.shown.hidden));
            marks.push(Mark::text(below, text, 12.0, Align::End, Ink::Axis));
        }
        let units = pyramid.visible(row, window, [0, last(row)]);
        if let Some(below) = idx.checked_sub(1).map(|below| &pyramid.rows[below]) {
            let all = Cells::span(units[0], units[1]);
            marks.extend(lines(pyramid, window, [row, below], &all).map(|it| Mark::lines(it, Ink::MapLine)));
        }
        let rects = cells(pyramid, row, window, &[units]);
        marks.push(Mark::rects(rects, Ink::RowCell));
        numbers(pyramid, &mut marks, row, window, &[units], Ink::Axis);
    }
    marks
}

fn last(row: &Row) -> i64 {
    i64::try_from(row.len).unwrap_or(i64::MAX) - 1
}

/// How wide a unit of a row is.
fn unit_width(pyramid: &Pyramid, row: &Row, window: Window) -> f64 {
    row.jump * pyramid.scale(window)
}

/// Units as rectangles: one by one, or by runs where they are narrow.
fn cells(pyramid: &Pyramid, row: &Row, window: Window, runs: &[Run]) -> Vec<Rect> {
    let single = unit_width(pyramid, row, window) >= CELL_FROM;
    let mut rects = Vec::new();
    for run in runs {
        let [first, last] = pyramid.visible(row, window, *run);
        if !single {
            rects.extend((first <= last).then(|| pyramid.rect(row, window, [first, last])).flatten());
            continue;
        }
        for unit in first..=last {
            // A hair apart, so that each is one.
            let rect = pyramid.rect(row, window, [unit, unit]);
            let apart = |rect: Rect| Rect::new(rect.x + 1.0, rect.y, (rect.width - 2.0).max(1.0), ROW);
            rects.extend(rect.map(apart));
        }
    }
    rects
}

fn numbers(pyramid: &Pyramid, marks: &mut Vec<Mark>, row: &Row, window: Window, runs: &[Run], ink: Ink) {
    let digits = row.len.max(1).ilog10() + 1;
    let width = unit_width(pyramid, row, window);
    if width < f64::from(digits) * DIGIT + BESIDE {
        return;
    }
    for run in runs {
        let [first, end] = pyramid.visible(row, window, [run[0].max(0), run[1].min(last(row))]);
        for unit in first..=end {
            // Not in a unit that the window cuts.
            let whole = pyramid.rect(row, window, [unit, unit]).filter(|rect| rect.width > width - 1.0);
            let text = |rect: Rect| Mark::text(rect.centre(), unit.to_string(), 12.0, Align::Middle, ink);
            marks.extend(whole.map(text));
        }
    }
}

/// A line from each of `units` to each cell of the row below that it reads; `None` where there would be too many.
fn lines(
    pyramid: &Pyramid,
    window: Window,
    [row, below]: [&Row; 2],
    units: &Cells,
) -> Option<Vec<[Point; 2]>> {
    if row.links.is_empty() || units.count() > MOST_LINES {
        return None;
    }
    let middle = |row: &Row, unit: i64| {
        let [left, right] = row.span([unit, unit]);
        pyramid.plot[0] + ((left + right) / 2.0 - window.first) * pyramid.scale(window)
    };
    let mut lines = Vec::new();
    for unit in units.runs().iter().flat_map(|&[first, last]| first..=last) {
        let from = Cells::one(unit);
        let read = row.links.iter().try_fold(from, |cells, link| link.gather_ideal(&cells)).ok()?;
        if read.count() + lines.len() as u128 > MOST_LINES {
            return None;
        }
        let from = Point::new(middle(row, unit), row.y + ROW);
        for cell in read.runs().iter().flat_map(|&[first, last]| first..=last) {
            let to = Point::new(middle(below, cell), below.y);
            let inside = |at: Point| at.x >= pyramid.plot[0] && at.x <= pyramid.plot[1];
            if inside(from) && inside(to) {
                lines.push([from, to]);
            }
        }
    }
    Some(lines)
}

pub(super) fn moving(pyramid: &Pyramid, sight: &Sight, window: Window) -> Vec<Mark> {
    let mut marks = Vec::new();
    let chosen = sight.unit.node;
    let regions: Vec<_> = pyramid
        .rows
        .iter()
        .map(|row| {
            let of = if row.shown.node <= chosen { Some(sight.reads) } else { sight.seen_by };
            let region = of?.region(row.shown.node).ok()?;
            let hull = region.hull(pyramid.side)?;
            Some((hull, region))
        })
        .collect();
    for (pair, regions) in pyramid.rows.windows(2).zip(regions.windows(2)) {
        let ([below, row], [Some((low, _)), Some((high, region))]) = (pair, regions) else { continue };
        let [Some(bottom), Some(top)] = [pyramid.rect(below, window, *low), pyramid.rect(row, window, *high)]
        else {
            continue;
        };
        let corners = [
            Point::new(top.x, top.bottom()),
            Point::new(top.right(), top.bottom()),
            Point::new(bottom.right(), bottom.y),
            Point::new(bottom.x, bottom.y),
        ];
        marks.push(Mark::polygon(corners.to_vec(), Ink::RfLink));
        if row.shown.node <= chosen {
            let units = region.reach(pyramid.side).clip(0, last(row));
            let lines = lines(pyramid, window, [row, below], &units).filter(|lines| !lines.is_empty());
            marks.extend(lines.map(|it| Mark::lines(it, Ink::RfLine)));
        }
    }
    for (row, region) in pyramid.rows.iter().zip(&regions) {
        let Some((_, region)) = region else { continue };
        if row.shown.node == chosen {
            unit(pyramid, &mut marks, row, sight, window);
            continue;
        }
        let side = pyramid.side;
        if row.shown.node > chosen {
            let rects = cells(pyramid, row, window, region.reach(side).clip(0, last(row)).runs());
            if !rects.is_empty() {
                marks.push(Mark::rects(rects.clone(), Ink::SeenCell));
                marks.push(Mark::rects(rects, Ink::SeenFrame));
            }
            continue;
        }
        let single = unit_width(pyramid, row, window) >= CELL_FROM;
        let used = region.used(side).unwrap_or(Cells::NONE);
        let rects = cells(pyramid, row, window, used.runs());
        if !rects.is_empty() {
            marks.push(Mark::rects(rects, if single { Ink::RfCell } else { Ink::RfDense }));
        }
        numbers(pyramid, &mut marks, row, window, used.runs(), Ink::RfValue);
        let padding = cells(pyramid, row, window, region.padding(side).runs());
        if !padding.is_empty() {
            marks.push(Mark::rects(padding.clone(), Ink::PadCell));
            marks.push(Mark::rects(padding, Ink::PadHatch));
        }
    }
    marks
}

fn unit(pyramid: &Pyramid, marks: &mut Vec<Mark>, row: &Row, sight: &Sight, window: Window) {
    let Ok(at) = i64::try_from(sight.unit.at[pyramid.side]) else { return };
    let Some(rect) = pyramid.rect(row, window, [at, at]) else { return };
    let widen = ((4.0 - rect.width) / 2.0).max(0.0);
    let rect = Rect::new(rect.x - widen, rect.y, rect.width + 2.0 * widen, rect.height);
    marks.push(Mark::rounded(rect, 2.0, Ink::RfUnit));
    numbers(pyramid, marks, row, window, &[[at, at]], Ink::RfUnitValue);
}
