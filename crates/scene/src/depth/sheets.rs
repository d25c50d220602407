//! Sheets behind one another, and which cells of each are seen.

use crate::geom::{Point, Rect, Size};
use crate::lab::layout::Grid;

/// Equal grids, each a whole number of cells to the right of and above the one before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sheets {
    /// What the front sheet shows: a channel, a slice or a map.
    pub(super) first: u64,
    /// Sheets.
    pub(super) count: u64,
    /// The front sheet, with its padding.
    pub(super) front: Grid,
    /// The part of it that is drawn: all but the padding.
    pub(super) inner: [u64; 2],
    /// Cells up and to the right, from sheet to sheet.
    pub(super) shift: [u64; 2],
}

impl Sheets {
    /// Sheets as large as fits `room`, with their lower left corner at the origin. `padded` and `first_cell` are
    /// the extent of the grid, `largest` the largest cell.
    pub(super) fn fitting(
        [first, count]: [u64; 2],
        inner: [u64; 2],
        padded: [u64; 2],
        first_cell: [i64; 2],
        room: Size,
        largest: f64,
    ) -> Self {
        let of = |cell: f64| {
            let behind = (count - 1).max(1) as f64;
            // Further apart where there are few.
            let side = padded[1] as f64 * cell;
            let apart = (0.34 * room.width / behind).clamp(6.0, 24.0).min(0.4 * side);
            let shift = if count == 1 {
                [0, 0]
            } else {
                [apart * 2.0 / 3.0, apart].map(|px| (px / cell).round().max(1.0) as u64)
            };
            let front = Grid { origin: Point::new(0.0, 0.0), cell, first: first_cell, count: padded };
            Self { first, count, front, inner, shift }
        };
        let halves = (2..=(2.0 * largest) as u32).rev().map(|n| f64::from(n) / 2.0);
        let fits = |sheets: &Self| {
            let size = sheets.size();
            size.width <= room.width && size.height <= room.height
        };
        halves.chain([0.75, 0.5, 0.375, 0.25]).map(of).find(fits).unwrap_or_else(|| of(0.125))
    }

    /// The room that all take.
    pub(super) fn size(&self) -> Size {
        let behind = (self.count - 1) as f64 * self.front.cell;
        let [rows, columns] = self.front.count.map(|n| n as f64 * self.front.cell);
        Size::new(columns + behind * self.shift[1] as f64, rows + behind * self.shift[0] as f64)
    }

    /// The same with the front sheet's lower left corner at a point.
    pub(super) fn standing_at(mut self, x: f64, bottom: f64) -> Self {
        let height = self.front.count[0] as f64 * self.front.cell;
        self.front.origin = Point::new(x.round(), (bottom - height).round());
        self
    }

    /// The grid of a sheet; 0 is the front one.
    pub(super) fn grid(&self, at: u64) -> Grid {
        let [up, right] = self.shift.map(|cells| (at * cells) as f64 * self.front.cell);
        let Point { x, y } = self.front.origin;
        Grid { origin: Point::new(x + right, y - up), ..self.front }
    }

    /// The outline of a sheet without its padding.
    pub(super) fn frame(&self, at: u64) -> Rect {
        self.grid(at).block([0, 0], self.inner)
    }

    /// The smallest rectangle around all.
    pub(super) fn around(&self) -> Rect {
        let (front, back) = (self.frame(0), self.frame(self.count - 1));
        Rect::new(front.x, back.y, back.right() - front.x, front.bottom() - back.y)
    }

    /// Which sheet shows a channel, slice or map.
    pub(super) fn sheet(&self, what: u64) -> Option<u64> {
        what.checked_sub(self.first).filter(|at| *at < self.count)
    }

    /// Of the cells `steps`, row by row, the blocks that a sheet shows: all of the front one, and of the others
    /// what the sheet before it leaves free above and to the right. As first row and column, and counts.
    pub(super) fn seen(&self, at: u64, steps: std::ops::Range<u64>) -> Vec<([u64; 2], [u64; 2])> {
        let [height, width] = self.inner;
        let [top, right] = if at == 0 { [height, 0] } else { self.shift };
        let (top, left) = (top.min(height), width - right.min(width));
        let mut blocks = Vec::new();
        let mut add = |row: u64, column: u64, rows: u64, columns: u64| {
            if rows > 0 && columns > 0 {
                blocks.push(([row, column], [rows, columns]));
            }
        };
        for (row, column, rows, columns) in pieces(steps, [height, width]) {
            let above = (row + rows).min(top).saturating_sub(row);
            add(row, column, above, columns);
            let from = column.max(left);
            add(row + above, from, rows - above, (column + columns).saturating_sub(from));
        }
        blocks
    }
}

/// Cells in row-major order as the rest of a row, whole rows, and the beginning of a row.
fn pieces(steps: std::ops::Range<u64>, [height, width]: [u64; 2]) -> Vec<(u64, u64, u64, u64)> {
    let (start, end) = (steps.start.min(height * width), steps.end.min(height * width));
    let mut pieces = Vec::new();
    let mut at = start;
    while at < end {
        let (row, column) = (at / width, at % width);
        let rows = if column == 0 { (end - at) / width } else { 0 };
        if rows > 0 {
            pieces.push((row, 0, rows, width));
            at += rows * width;
        } else {
            let columns = (width - column).min(end - at);
            pieces.push((row, column, 1, columns));
            at += columns;
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheets(count: u64) -> Sheets {
        let room = Size::new(200.0, 160.0);
        Sheets::fitting([0, count], [7, 9], [7, 9], [0, 0], room, 16.0).standing_at(10.0, 300.0)
    }

    #[test]
    fn sheets_fit_their_room() {
        for count in 1..=8 {
            let it = sheets(count);
            let around = it.around();
            assert!(around.width <= 200.0 && around.height <= 160.0, "{count}: {around:?}");
            // Edges stand on whole pixels.
            assert!(around.x == 10.0 && (around.bottom() - 300.0).abs() <= 0.5, "{around:?}");
        }
    }

    #[test]
    fn each_point_shows_the_nearest_sheet_that_covers_it() {
        let it = sheets(4);
        let cell = it.front.cell;
        for steps in [0..63, 0..30, 12..47, 20..23] {
            for at in 0..4 {
                let grid = it.grid(at);
                let blocks = it.seen(at, steps.clone());
                for step in 0..63 {
                    let [row, column] = [step / 9, step % 9];
                    let middle = grid.cell([row as i64, column as i64]).centre();
                    let hidden = (0..at).any(|nearer| it.frame(nearer).contains(middle));
                    let n_shown = blocks.iter().filter(|(first, count)| {
                        (0..2).all(|axis| {
                            let place = [row, column][axis];
                            place >= first[axis] && place < first[axis] + count[axis]
                        })
                    });
                    let expected = usize::from(!hidden && steps.contains(&step));
                    assert_eq!(n_shown.count(), expected, "sheet {at}, step {step}, cells of {cell}");
                }
            }
        }
    }
}
