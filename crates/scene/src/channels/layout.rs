//! Where the grids of the working view stand: one row a channel, the sum at the right or, where it is narrow,
//! below.

use crate::geom::{Point, Rect, Size};
use crate::lab::layout::Grid;
use crate::volume::{VolumeSpec, drawn};

/// Up to so many channels all have a row; of more there is one row less, and a count of the rest.
const MOST_ROWS: u64 = 4;
/// Below this width the sum stands under the rows.
const STACKED_BELOW: f64 = 560.0;
/// Sizes of a cell that holds a number, largest first.
const NUMBERS: [f64; 4] = [40.0, 36.0, 32.0, 28.0];
/// Heights of a row of pictures: the largest, and the least before the figure grows beyond its room.
const PICTURE_ROW: [f64; 2] = [150.0, 72.0];
/// Room for headings above the rows.
const HEAD: f64 = 32.0;
/// Room below the rows and the map: its title, its scale.
const FOOT: [f64; 2] = [12.0, 64.0];
/// Margins at both sides, room for a channel's name, for `∗` or `=`, and for the lines to the sum.
const MARGIN: f64 = 12.0;
const NAME: f64 = 70.0;
const SIGN: f64 = 30.0;
const WIRES: f64 = 76.0;
/// How much larger the map of the sum is than a channel's, at least where there is room beside the rows.
const LARGER: f64 = 1.6;
/// Between rows.
const GAP: f64 = 8.0;
/// The same parts where it is narrow: the name stands above its row.
const NARROW_SIGN: f64 = 20.0;
const NARROW_GAP: f64 = 26.0;

/// One channel: the input with its padding, the slice over it, its share of the map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Row {
    /// The slice of the filter; with the first channel of the group added it is the channel.
    pub(super) slice: u64,
    pub(super) input: Grid,
    pub(super) kernel: Grid,
    pub(super) map: Grid,
    /// Where the channel's name begins.
    pub(super) name: Point,
}

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    pub(super) size: Size,
    /// Whether cells hold numbers; otherwise maps are pictures.
    pub(super) numbers: bool,
    /// Whether the sum stands under the rows.
    pub(super) stacked: bool,
    pub(super) rows: Vec<Row>,
    /// The middle of the circle of the sum.
    pub(super) sum: Point,
    pub(super) output: Grid,
    /// Below the last row.
    pub(super) more: Point,
}

/// The counts of cells, and where the padding begins.
struct Counts {
    padded: [u64; 2],
    first: [i64; 2],
    kernel: [u64; 2],
    output: [u64; 2],
}

/// Sizes of a cell: of input and channel map, of the slice, of the sum's map.
#[derive(Clone, Copy)]
struct Cells {
    map: f64,
    kernel: f64,
    output: f64,
}

impl Layout {
    pub(super) fn new(spec: &VolumeSpec, room: Size) -> Self {
        let geometry = &spec.lab.geometry;
        let pads = geometry.pads();
        let counts = Counts {
            padded: geometry.padded_size(),
            first: [-(pads.top as i64), -(pads.left as i64)],
            kernel: [geometry.rows.params().kernel_size(), geometry.columns.params().kernel_size()],
            output: geometry.output_size(),
        };
        let slices = drawn(spec.n_slices(), spec.lab.slice, MOST_ROWS);
        let stacked = room.width < STACKED_BELOW;
        // The count of channels without a row stands below the last.
        let more = if slices[1] < spec.n_slices() { 12.0 } else { 0.0 };
        let try_cells = |cells: Cells, numbers: bool| {
            let mut layout = place(&counts, slices, cells, numbers, room.width, stacked)?;
            layout.size.height += more;
            Some(layout)
        };
        if !spec.lab.photograph && !stacked {
            let sized = |cell: f64| try_cells(Cells { map: cell, kernel: cell, output: cell }, true);
            for cell in NUMBERS {
                let Some(layout) = sized(cell) else { continue };
                let last = cell == NUMBERS[NUMBERS.len() - 1];
                let height = layout.size.height;
                if height <= room.height || (last && height <= (2.0 * room.height).min(1600.0)) {
                    return layout;
                }
            }
        }
        let quarters = (1..=96_u32).rev().map(|quarter| f64::from(quarter) / 4.0);
        let cells = |map: f64| {
            let side = counts.padded[0].max(counts.padded[1]) as f64 * map;
            let longest = counts.kernel[0].max(counts.kernel[1]) as f64;
            let kernel = (side * 0.8 / longest).min(36.0);
            Cells { map, kernel: if kernel > 4.0 { kernel.floor() } else { kernel }, output: map * LARGER }
        };
        let mut narrowest = None;
        for map in quarters {
            let row = counts.padded[0].max(counts.output[0]) as f64 * map;
            let Some(layout) = try_cells(cells(map), false) else { continue };
            if row > PICTURE_ROW[0] {
                continue;
            }
            if layout.size.height <= room.height || row <= PICTURE_ROW[1] {
                return layout.with_larger_map(&counts, room);
            }
            narrowest = Some(layout);
        }
        // Hundreds of cells in a narrow room: a cell is less than a quarter of a pixel then.
        narrowest.unwrap_or_else(|| {
            let widest = (counts.padded[1] + counts.output[1]) as f64 * 1.6;
            let map = ((room.width - 2.0 * MARGIN - NAME - WIRES) / widest).clamp(0.05, 0.25);
            layout_of(&counts, slices, cells(map), false, room.width, stacked)
        })
    }

    /// The map of the sum as large as the room beside the rows, at most two and a half times a channel's.
    fn with_larger_map(mut self, counts: &Counts, room: Size) -> Self {
        let [rows, columns] = counts.output.map(|n| n as f64);
        let Some((first, last)) = self.rows.first().zip(self.rows.last()) else { return self };
        let (top, bottom) =
            (first.input.frame().y, last.input.frame().bottom().max(last.map.frame().bottom()));
        let cell = self.output.cell;
        let (wide, high) = if self.stacked {
            (room.width - 2.0 * MARGIN, 220.0)
        } else {
            (room.width - MARGIN - self.output.origin.x, bottom - top)
        };
        let larger = (wide / columns).min(high / rows).min(2.5 * cell).max(cell);
        self.output.cell = if larger > 1.0 { (larger * 4.0).floor() / 4.0 } else { larger };
        if !self.stacked {
            let middle = (top + bottom) / 2.0;
            self.output.origin.y = (middle - rows * self.output.cell / 2.0).round().max(HEAD);
            self.sum.y = middle.round();
        }
        let foot = self.output.frame().bottom() + FOOT[1];
        self.size.height = self.size.height.max(foot).ceil();
        self
    }

    /// The row of a slice, where it has one.
    pub(super) fn row(&self, slice: u64) -> Option<&Row> {
        self.rows.iter().find(|row| row.slice == slice)
    }
}

/// The layout, where it is as narrow as the room.
fn place(
    counts: &Counts,
    slices: [u64; 2],
    cells: Cells,
    numbers: bool,
    width: f64,
    stacked: bool,
) -> Option<Layout> {
    let layout = layout_of(counts, slices, cells, numbers, width, stacked);
    let rows_end = layout.rows.iter().map(|row| row.map.frame().right()).fold(0.0, f64::max);
    let end = rows_end.max(layout.output.frame().right());
    (end <= width - if stacked { MARGIN + 8.0 } else { MARGIN }).then_some(layout)
}

fn layout_of(
    counts: &Counts,
    [first, n_rows]: [u64; 2],
    cells: Cells,
    numbers: bool,
    width: f64,
    stacked: bool,
) -> Layout {
    let high = |count: [u64; 2], cell: f64| count[0] as f64 * cell;
    let wide = |count: [u64; 2], cell: f64| count[1] as f64 * cell;
    let row_height = high(counts.padded, cells.map)
        .max(high(counts.output, cells.map))
        .max(high(counts.kernel, cells.kernel));
    let (sign, gap, left) =
        if stacked { (NARROW_SIGN, NARROW_GAP, MARGIN) } else { (SIGN, GAP, MARGIN + NAME) };
    let head = if stacked { HEAD + 18.0 } else { HEAD };
    let kernel_x = left + wide(counts.padded, cells.map) + sign;
    let map_x = kernel_x + wide(counts.kernel, cells.kernel) + sign;
    let grid = |count: [u64; 2], first: [i64; 2], cell: f64, x: f64, middle: f64| {
        let y = (middle - high(count, cell) / 2.0).round();
        Grid { origin: Point::new(x.round(), y), cell, first, count }
    };
    let mut rows = Vec::new();
    let mut top = head;
    for slice in first..first + n_rows {
        let middle = top + row_height / 2.0;
        let input = grid(counts.padded, counts.first, cells.map, left, middle);
        let name = if stacked { Point::new(left, top - 10.0) } else { Point::new(MARGIN, middle.round()) };
        rows.push(Row {
            slice,
            input,
            kernel: grid(counts.kernel, [0, 0], cells.kernel, kernel_x, middle),
            map: grid(counts.output, [0, 0], cells.map, map_x, middle),
            name,
        });
        top += row_height + gap;
    }
    let bottom = top - gap;
    let foot = if numbers { FOOT[0] } else { FOOT[1] };
    let map_end = map_x + wide(counts.output, cells.map);
    let (sum, output) = if stacked {
        let y = bottom + 36.0;
        let sum = Point::new((map_end - 16.0).min(width - 24.0), y);
        let output = Grid {
            origin: Point::new(left, y + 26.0),
            cell: cells.output,
            first: [0, 0],
            count: counts.output,
        };
        (sum, output)
    } else {
        let middle = (head + bottom) / 2.0;
        let output = grid(counts.output, [0, 0], cells.output, map_end + WIRES, middle);
        (Point::new((map_end + WIRES - 26.0).round(), middle.round()), output)
    };
    let height = (bottom + 12.0).max(output.frame().bottom() + foot);
    Layout {
        size: Size::new(width, height.ceil()),
        numbers,
        stacked,
        rows,
        sum,
        output,
        more: Point::new(left, bottom + 14.0),
    }
}

/// Where the bias and the activation are named: below the circle of the sum, or beside it.
pub(super) fn added(layout: &Layout) -> [Point; 2] {
    let at = layout.sum;
    if layout.stacked {
        [Point::new(at.x - 60.0, at.y), Point::new(at.x - 120.0, at.y)]
    } else {
        [Point::new(at.x, at.y + 26.0), Point::new(at.x, at.y + 44.0)]
    }
}

/// The outline of the circle of the sum.
pub(super) fn circle(layout: &Layout) -> Rect {
    Rect::new(layout.sum.x, layout.sum.y, 0.0, 0.0).inset(-RADIUS)
}

/// The radius of that circle.
pub(super) const RADIUS: f64 = 13.0;
