//! One axis of a network: a row of units for each map, the input at the bottom, every unit over the input cells
//! that it belongs to and as wide as units are apart there.
//!
//! Short axes are shown whole; of long ones a window around the unit, which moves only when the field leaves it.

mod marks;

use convscope_core::graph::{Analysis, Field, Link, NodeId, Projection};

use super::choose::{self, Shown};
use super::{Sight, Unit, Word, Words};
use crate::geom::{Point, Rect, Size};
use crate::scene::{Mark, Scene};

/// A row is so high; between rows is so much, and so much where layers between are counted.
const ROW: f64 = 22.0;
const GAP: f64 = 14.0;
const COUNTED_GAP: f64 = 22.0;
const MARGIN: f64 = 4.0;
/// The most rows where the room is as high as anybody wants.
const MOST_ROWS: usize = 10;
/// Input cells narrower than this, in pixels, are not all shown; wider ones waste room.
const CELL: [f64; 2] = [7.0, 44.0];
/// A window is so many fields wide.
const FIELDS: f64 = 1.6;
/// The widest column of names.
const NAMES: f64 = 112.0;

/// One map's row.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    shown: Shown,
    /// Units on the axis.
    len: u64,
    /// Where the middle of unit 0 is, in input cells from the left edge of cell 0.
    centre: f64,
    /// From one unit to the next, in input cells.
    jump: f64,
    /// The top edge.
    y: f64,
    /// From this row's units to those of the row before, through the nodes between.
    links: Vec<Link>,
}

impl Row {
    /// Left and right edge of units from `first` to `last`, in input cells.
    fn span(&self, [first, last]: [i64; 2]) -> [f64; 2] {
        let left = |unit: f64| self.centre + (unit - 0.5) * self.jump;
        [left(first as f64), left(last as f64 + 1.0)]
    }
}

/// Which input cells are shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// The left edge, in input cells.
    pub first: f64,
    /// How many fit.
    pub len: f64,
}

/// The rows of a network's maps along one axis, laid out for a room.
#[derive(Clone)]
pub struct Pyramid {
    /// From the input on.
    rows: Vec<Row>,
    side: usize,
    size: Size,
    /// Where cells begin and end.
    plot: [f64; 2],
    /// All that there is to see, in input cells.
    extent: [f64; 2],
    words: Words,
}

impl Pyramid {
    /// Lays out as many maps as fit `room`, chosen as for the figure of the same `selected`, along rows (`side` 0)
    /// or columns (1).
    pub fn new(analysis: &Analysis, selected: NodeId, side: usize, words: Words, room: Size) -> Self {
        let way = choose::way(analysis, selected);
        let gap = |shown: &Shown| if shown.hidden > 0 { COUNTED_GAP } else { GAP };
        let height = |shown: &[Shown]| {
            let gaps: f64 = shown.iter().skip(1).map(gap).sum();
            shown.len() as f64 * ROW + gaps + 2.0 * MARGIN
        };
        let fits = |shown: &[Shown]| shown.len() <= MOST_ROWS && height(shown) <= room.height;
        let shown = choose::choose(&way.candidates, way.selected, fits);
        let total = height(&shown);
        let source_len =
            analysis.source().and_then(|id| analysis.map(id)).map_or(1, |map| map.size[side]).max(1);
        let mut y = total - MARGIN - ROW;
        let mut rows: Vec<Row> = Vec::with_capacity(shown.len());
        for shown in shown {
            if !rows.is_empty() {
                y -= ROW + gap(&shown);
            }
            let len = shown.size[side];
            let (centre, jump) = rule(analysis, shown.node, side, source_len);
            let links = rows.last().map(|row| links(analysis, &way.path, [row.shown.node, shown.node], side));
            rows.push(Row { shown, len, centre, jump, y, links: links.unwrap_or_default() });
        }
        let letters =
            rows.iter().map(|row| words(Word::Row(row.shown.node)).chars().count()).max().unwrap_or(0);
        let names = (letters as f64 * 7.0 + 10.0).min(NAMES).min(room.width / 3.0);
        let extent = extent(analysis, &rows, side);
        let wide = room.width - names - MARGIN;
        let plot_width = wide.min((extent[1] - extent[0]) * CELL[1]).max(1.0);
        let plot = [names, names + plot_width];
        Self { rows, side, size: Size::new(room.width, total), plot, extent, words }
    }

    /// The room it takes.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The nodes that have a row, from the input on.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = NodeId> + '_ {
        self.rows.iter().map(|row| row.shown.node)
    }

    /// What is shown for a unit: all where there is room, otherwise a stretch around its field. `last` stays for as
    /// long as the field lies in it.
    pub fn window(&self, sight: &Sight, last: Option<Window>) -> Window {
        let [first, end] = self.extent;
        let [left, right] = self.plot;
        let fitting = (right - left) / CELL[0];
        if end - first <= fitting {
            return Window { first, len: end - first };
        }
        let (middle, wanted) = self.field(sight);
        // Few lengths, so that fields that differ a little by their place share one.
        let mut len = fitting;
        while len < wanted * FIELDS {
            len *= 1.5;
        }
        if len >= end - first {
            return Window { first, len: end - first };
        }
        if let Some(last) = last.filter(|last| last.len == len)
            && middle - wanted / 2.0 >= last.first.max(first)
            && middle + wanted / 2.0 <= (last.first + len).min(end)
        {
            return last;
        }
        Window { first: (middle - len / 2.0).clamp(first, end - len).floor(), len }
    }

    /// The middle and the length of what a unit sees of the input, or of where it stands.
    fn field(&self, sight: &Sight) -> (f64, f64) {
        let of_unit = || {
            let row = self.rows.iter().find(|row| row.shown.node == sight.unit.node)?;
            let at = i64::try_from(sight.unit.at[self.side]).ok()?;
            Some(row.span([at, at]))
        };
        let of_field = || {
            let region = sight.reads.region(self.rows.first()?.shown.node).ok()?;
            let [first, last] = region.hull(self.side)?;
            Some([first as f64, last as f64 + 1.0])
        };
        let [first, end] = of_field().or_else(of_unit).unwrap_or(self.extent);
        ((first + end) / 2.0, end - first)
    }

    /// Units, their numbers and the lines between them: what does not depend on the unit.
    pub fn still(&self, window: Window) -> Vec<Mark> {
        marks::still(self, window)
    }

    /// What belongs to a unit.
    pub fn moving(&self, sight: &Sight, window: Window) -> Vec<Mark> {
        marks::moving(self, sight, window)
    }

    /// The whole picture.
    pub fn scene(&self, sight: &Sight) -> Scene {
        let window = self.window(sight, None);
        let mut marks = self.still(window);
        marks.extend(self.moving(sight, window));
        Scene { size: self.size, marks }
    }

    /// The unit under a point. On the other axis it is as far along its map as `unit` is.
    pub fn hit(&self, window: Window, point: Point, unit: Unit) -> Option<Unit> {
        let row = self.rows.iter().find(|row| point.y >= row.y && point.y < row.y + ROW)?;
        let [left, right] = self.plot;
        if point.x < left || point.x >= right {
            return None;
        }
        let cell = window.first + (point.x - left) / self.scale(window);
        let along = ((cell - row.centre) / row.jump + 0.5).floor();
        if along < 0.0 || along >= row.len as f64 {
            return None;
        }
        let mut at = [along as u64; 2];
        let other = 1 - self.side;
        let known = self.rows.iter().find(|it| it.shown.node == unit.node).map(|it| it.shown.size[other]);
        let [of, to] = [known.unwrap_or(1).max(1), row.shown.size[other].max(1)];
        let middle = u128::from(unit.at[other]) * 2 + 1;
        let share = middle * u128::from(to) / (2 * u128::from(of));
        at[other] = u64::try_from(share).unwrap_or(u64::MAX).min(to - 1);
        Some(Unit { node: row.shown.node, at })
    }

    /// Where a unit is drawn; `None` where its map has no row or it lies outside of the window.
    pub fn unit_rect(&self, window: Window, unit: Unit) -> Option<Rect> {
        let row = self.rows.iter().find(|row| row.shown.node == unit.node)?;
        let at = i64::try_from(unit.at[self.side]).ok().filter(|_| unit.at[self.side] < row.len)?;
        self.rect(row, window, [at, at])
    }

    fn scale(&self, window: Window) -> f64 {
        (self.plot[1] - self.plot[0]) / window.len
    }

    /// Where units of a row are, as far as they are in the window.
    fn rect(&self, row: &Row, window: Window, units: [i64; 2]) -> Option<Rect> {
        let [left, right] = row.span(units).map(|at| self.plot[0] + (at - window.first) * self.scale(window));
        let (from, to) = (left.max(self.plot[0]), right.min(self.plot[1]));
        (to - from > 0.05).then(|| Rect::new(from, row.y, to - from, ROW))
    }

    /// The first and the last unit in the window, of those from `first` to `last`.
    fn visible(&self, row: &Row, window: Window, [first, last]: [i64; 2]) -> [i64; 2] {
        let unit = |at: f64| ((at - row.centre) / row.jump + 0.5).floor() as i64;
        [first.max(unit(window.first)), last.min(unit(window.first + window.len - 1e-9))]
    }
}

/// Where unit 0's middle is and how far apart units are, in input cells. Units that see different numbers of cells by
/// their phase stand evenly; where there is no rule they share the axis.
fn rule(analysis: &Analysis, node: NodeId, side: usize, source_len: u64) -> (f64, f64) {
    if let Some(Field::Periodic(field)) = analysis.fields(node).map(|fields| &fields[side]) {
        let units = field.units();
        let jump = field.advance() as f64 / units as f64;
        let centres = (0..units.cast_signed()).filter_map(|unit| {
            let [first, last] = field.span(unit).ok()??;
            Some((first as f64 + last as f64 + 1.0) / 2.0 - unit as f64 * jump)
        });
        let centres: Vec<f64> = centres.collect();
        if !centres.is_empty() && jump > 0.0 {
            return (centres.iter().sum::<f64>() / centres.len() as f64, jump);
        }
    }
    let len = analysis.map(node).map_or(1, |map| map.size[side]).max(1);
    let jump = source_len as f64 / len as f64;
    (jump / 2.0, jump)
}

/// The relations from the units of the second of two nodes back to those of the first, along a path.
fn links(analysis: &Analysis, path: &[NodeId], [from, to]: [NodeId; 2], side: usize) -> Vec<Link> {
    let steps = path.windows(2).rev().skip_while(|step| step[1] != to).take_while(|step| step[1] != from);
    let links = steps.filter_map(|step| {
        let inputs = &analysis.graph().node(step[1]).inputs;
        let place = inputs.iter().position(|input| *input == step[0])?;
        Some(analysis.links(step[1]).get(place)?[side])
    });
    links.collect()
}

/// The first and the last input cell that is there, or that some unit of some row stands over or sees.
fn extent(analysis: &Analysis, rows: &[Row], side: usize) -> [f64; 2] {
    let mut extent = [0.0_f64, 1.0];
    let mut add = |[first, end]: [f64; 2]| extent = [extent[0].min(first), extent[1].max(end)];
    for reader in rows {
        let last = i64::try_from(reader.len).unwrap_or(i64::MAX).max(1) - 1;
        add(reader.span([0, last]));
        for unit in [0, reader.len.saturating_sub(1)] {
            let mut at = [0; 2];
            at[side] = unit;
            let Ok(projection) = analysis.project(reader.shown.node, at) else { continue };
            for row in rows.iter().take_while(|row| row.shown.node < reader.shown.node) {
                let hull = hull(&projection, row.shown.node, side);
                hull.into_iter().for_each(|hull| add(row.span(hull)));
            }
        }
    }
    [extent[0].floor(), extent[1].ceil()]
}

fn hull(projection: &Projection, node: NodeId, side: usize) -> Option<[i64; 2]> {
    projection.region(node).ok()?.hull(side)
}
