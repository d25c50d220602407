//! A unit's region on a map as rectangles: its hull, what is read, holes and padding.

use convscope_core::graph::{Cells, Region, Run};

use super::layout::Place;
use crate::geom::{Point, Rect};

/// A region of more rectangles than this is drawn as its hull.
const MOST_RECTS: usize = 2000;

/// The outline of a region, where it is cut, and what lies within.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hull {
    /// First and last row, first and last column.
    pub(super) runs: [Run; 2],
    /// As far as there is room.
    pub(super) rect: Rect,
    /// Whether it goes on beyond: top, left, bottom, right.
    pub(super) cut: [bool; 4],
}

impl Hull {
    /// The hull of a region; `None` where nothing belongs to it.
    pub(super) fn of(place: &Place, region: &Region) -> Option<Self> {
        let runs = [region.hull(0)?, region.hull(1)?];
        let [rows, columns] = runs;
        let whole = place.block([rows[0], columns[0]], [rows[1], columns[1]]);
        let room = place.room;
        // Of a field far out in the padding the nearest pixels are shown.
        let left = whole.x.clamp(room.x, room.right() - 2.0);
        let top = whole.y.clamp(room.y, room.bottom() - 2.0);
        let right = whole.right().clamp(left + 2.0, room.right());
        let bottom = whole.bottom().clamp(top + 2.0, room.bottom());
        let beyond = |inner: f64, outer: f64| outer - inner > 0.5;
        let cut = [
            beyond(whole.y, top),
            beyond(whole.x, left),
            beyond(bottom, whole.bottom()),
            beyond(right, whole.right()),
        ];
        Some(Self { runs, rect: Rect::new(left, top, right - left, bottom - top), cut })
    }

    /// Rows or columns of the map that there is.
    fn inside(&self, side: usize, len: u64) -> Cells {
        let [first, last] = self.runs[side];
        Cells::span(first, last).clip(0, i64::try_from(len).unwrap_or(i64::MAX) - 1)
    }

    /// The part of the outline on the map.
    pub(super) fn on_map(&self, place: &Place) -> Option<Rect> {
        meet(self.rect, place.rect)
    }

    /// The parts beyond the map.
    pub(super) fn padding(&self, place: &Place) -> Vec<Rect> {
        let (all, map) = (self.rect, place.rect);
        let between = |from: f64, to: f64| (to - from).max(0.0);
        let (top, bottom) = (map.y.clamp(all.y, all.bottom()), map.bottom().clamp(all.y, all.bottom()));
        let (left, right) = (map.x.clamp(all.x, all.right()), map.right().clamp(all.x, all.right()));
        let parts = [
            Rect::new(all.x, all.y, all.width, between(all.y, top)),
            Rect::new(all.x, bottom, all.width, between(bottom, all.bottom())),
            Rect::new(all.x, top, between(all.x, left), between(top, bottom)),
            Rect::new(right, top, between(right, all.right()), between(top, bottom)),
        ];
        parts.into_iter().filter(|part| part.width > 0.01 && part.height > 0.01).collect()
    }

    /// The sides that are not cut, as lines `by` pixels further out.
    pub(super) fn sides(&self, by: f64) -> Vec<[Point; 2]> {
        let rect = self.rect.inset(-by);
        let [top_left, top_right] = [Point::new(rect.x, rect.y), Point::new(rect.right(), rect.y)];
        let [left, right] = [Point::new(rect.x, rect.bottom()), Point::new(rect.right(), rect.bottom())];
        let sides = [[top_left, top_right], [top_left, left], [left, right], [top_right, right]];
        sides.into_iter().zip(self.cut).filter(|(_, cut)| !cut).map(|(side, _)| side).collect()
    }

    pub(super) fn is_cut(&self) -> bool {
        self.cut.contains(&true)
    }
}

/// What two rectangles have in common.
pub(super) fn meet(a: Rect, b: Rect) -> Option<Rect> {
    let (x, y) = (a.x.max(b.x), a.y.max(b.y));
    let (right, bottom) = (a.right().min(b.right()), a.bottom().min(b.bottom()));
    (right > x && bottom > y).then(|| Rect::new(x, y, right - x, bottom - y))
}

/// Every run of rows with every run of columns.
fn blocks(place: &Place, rows: &[Run], columns: &[Run]) -> impl Iterator<Item = Rect> {
    rows.iter().flat_map(move |row| {
        columns.iter().map(move |column| place.block([row[0], column[0]], [row[1], column[1]]))
    })
}

/// What is read, in few rectangles that may overlap; `None` where there would be too many.
pub(super) fn read(place: &Place, region: &Region) -> Option<Vec<Rect>> {
    let count = |patch: &[Cells; 2]| patch[0].runs().len() * patch[1].runs().len();
    if region.patches().iter().map(count).sum::<usize>() > MOST_RECTS {
        return None;
    }
    let patches = region.patches().iter();
    Some(patches.flat_map(|[rows, columns]| blocks(place, rows.runs(), columns.runs())).collect())
}

/// Every single cell that is read.
pub(super) fn read_cells(place: &Place, region: &Region, hull: &Hull) -> Vec<Rect> {
    cells(region, hull).filter(|at| is_read(region, *at)).map(|at| place.block(at, at)).collect()
}

/// The middle of every cell of the map within the hull that nobody reads.
pub(super) fn hole_centres(place: &Place, region: &Region, hull: &Hull) -> Vec<Point> {
    let holes = cells(region, hull).filter(|at| !is_read(region, *at));
    holes.map(|at| place.block(at, at).centre()).collect()
}

fn is_read(region: &Region, [row, column]: [i64; 2]) -> bool {
    region.patches().iter().any(|[rows, columns]| rows.contains(row) && columns.contains(column))
}

fn cells(region: &Region, hull: &Hull) -> impl Iterator<Item = [i64; 2]> {
    let [rows, columns] = [0, 1].map(|side| hull.inside(side, region.size()[side]).hull().unwrap_or([0, -1]));
    (rows[0]..=rows[1]).flat_map(move |row| (columns[0]..=columns[1]).map(move |column| [row, column]))
}

/// What of the map within the hull nobody reads, in rectangles that may overlap; `None` where there would be
/// too many.
pub(super) fn holes(place: &Place, region: &Region, hull: &Hull) -> Option<Vec<Rect>> {
    let [rows, columns] = [0, 1].map(|side| hull.inside(side, region.size()[side]));
    let rects = match region.patches() {
        [] => blocks(place, rows.runs(), columns.runs()).collect(),
        [[used_rows, used_columns]] => {
            let (row_gaps, column_gaps) = (rows.without(used_rows), columns.without(used_columns));
            if row_gaps.runs().len() + column_gaps.runs().len() > MOST_RECTS {
                return None;
            }
            let across = blocks(place, row_gaps.runs(), columns.runs());
            across.chain(blocks(place, rows.runs(), column_gaps.runs())).collect()
        }
        patches => {
            // Between neighbouring ends of runs all rows are alike.
            let runs = patches.iter().flat_map(|patch| patch[0].runs()).chain(rows.runs());
            let mut ends: Vec<i64> = runs.flat_map(|&[first, last]| [first, last + 1]).collect();
            ends.sort_unstable();
            ends.dedup();
            let mut rects = Vec::new();
            for band in ends.windows(2) {
                let band = rows.clip(band[0], band[1] - 1);
                let Some([first, _]) = band.hull() else { continue };
                let gaps = columns.without(&region.columns_at(first).ok()?);
                rects.extend(blocks(place, band.runs(), gaps.runs()));
                if rects.len() > MOST_RECTS {
                    return None;
                }
            }
            rects
        }
    };
    Some(rects)
}
