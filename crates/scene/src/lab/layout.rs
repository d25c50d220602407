//! Where the grids of the lab figure stand.
//!
//! Cells are as large as fits: one of [`CELLS`], equal in input, kernel and output.
//! Where the smallest does not fit, and for photographs, the maps become pictures.

use crate::geom::{Point, Rect, Size};
use crate::lab::{LabSpec, Pool, picture_layout};

/// Sizes of a cell, in CSS pixels, largest first.
const CELLS: [f64; 9] = [56.0, 52.0, 48.0, 44.0, 40.0, 36.0, 32.0, 28.0, 24.0];
/// Cells of this size or less do not shrink further to fit the height of a page that scrolls.
/// The second is for rooms where the grids are stacked.
const READABLE: [f64; 2] = [28.0, 36.0];
/// Below this width the input stands above kernel and output.
const STACKED_BELOW: f64 = 480.0;
/// Room above a grid for title, caption and column numbers.
const HEAD: f64 = 72.0;
/// Room left of the input for row numbers.
const LEFT: f64 = 36.0;
/// Room right of the output for row numbers.
const RIGHT: f64 = 28.0;
/// Room between grids side by side, for `∗` and `=`.
const GAP: f64 = 44.0;
/// Figures of cells are no higher than this, nor than three times the room.
const TALLEST: f64 = 4096.0;
/// Room below the grids.
pub(super) const FOOT: f64 = 12.0;
/// Height of a legend of one row, and of each further one.
pub(super) const LEGEND: [f64; 2] = [32.0, 24.0];
/// How wide the words of the legend are: where a narrow figure begins, there may be less room.
const LEGEND_WIDTH: f64 = 300.0;
/// The box of the bias, and the space above it.
const BIAS: [f64; 2] = [34.0, 18.0];

/// A grid of equal cells. Positions are `[row, column]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Grid {
    /// Top left corner.
    pub(crate) origin: Point,
    /// Side of a cell, in CSS pixels.
    pub(crate) cell: f64,
    /// Row and column of the top left cell.
    pub(crate) first: [i64; 2],
    /// Rows and columns.
    pub(crate) count: [u64; 2],
}

impl Grid {
    /// Where a cell is.
    pub(crate) fn cell(&self, [row, column]: [i64; 2]) -> Rect {
        let x = self.origin.x + (column - self.first[1]) as f64 * self.cell;
        let y = self.origin.y + (row - self.first[0]) as f64 * self.cell;
        Rect::new(x, y, self.cell, self.cell)
    }

    /// Where a block of cells is.
    pub(crate) fn block(&self, first: [i64; 2], [rows, columns]: [u64; 2]) -> Rect {
        let Rect { x, y, .. } = self.cell(first);
        Rect::new(x, y, columns as f64 * self.cell, rows as f64 * self.cell)
    }

    /// The outline of all cells.
    pub(crate) fn frame(&self) -> Rect {
        self.block(self.first, self.count)
    }

    /// The cell at a point.
    pub(crate) fn at(&self, point: Point) -> Option<[i64; 2]> {
        let frame = self.frame();
        frame.contains(point).then(|| {
            let row = ((point.y - frame.y) / self.cell) as i64;
            let column = ((point.x - frame.x) / self.cell) as i64;
            [self.first[0] + row, self.first[1] + column]
        })
    }

    /// Whether the grid has this position.
    pub(crate) fn has(&self, [row, column]: [i64; 2]) -> bool {
        let [y, x] = [row - self.first[0], column - self.first[1]];
        y >= 0 && x >= 0 && (y as u64) < self.count[0] && (x as u64) < self.count[1]
    }

    /// Every position, row by row.
    pub(crate) fn positions(&self) -> impl Iterator<Item = [i64; 2]> + use<> {
        let ([row, column], [rows, columns]) = (self.first, self.count);
        (row..row + rows as i64).flat_map(move |y| (column..column + columns as i64).map(move |x| [y, x]))
    }
}

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    pub(super) size: Size,
    /// Input above kernel and output, captions beside titles.
    pub(super) stacked: bool,
    /// The padded input.
    pub(super) input: Grid,
    pub(super) kernel: Grid,
    pub(super) output: Grid,
    pub(super) bias: Option<Rect>,
    /// Where `∗` and `=` stand.
    pub(super) operators: [Option<Point>; 2],
    /// The magnified neighbourhood and the result's cell, where maps are pictures.
    pub(super) magnifier: Option<(Grid, Rect)>,
    /// Top left of the legend.
    pub(super) legend: Option<Point>,
}

/// The counts of cells that a layout depends on.
pub(super) struct Counts {
    pub(super) padded: [u64; 2],
    pub(super) first: [i64; 2],
    pub(super) kernel: [u64; 2],
    pub(super) output: [u64; 2],
    /// Rows below and columns right of the padded input where dropped windows of a pool are drawn.
    pub(super) dropped: [u64; 2],
}

impl Counts {
    /// The padded input; its first cell is the top left padding.
    pub(super) fn input(&self, cell: f64, x: f64, y: f64) -> Grid {
        Grid { origin: Point::new(x.round(), y.round()), cell, first: self.first, count: self.padded }
    }

    /// The kernel or the output; its first cell is (0, 0).
    pub(super) fn plain(&self, count: [u64; 2], cell: f64, x: f64, y: f64) -> Grid {
        Grid { origin: Point::new(x.round(), y.round()), cell, first: [0, 0], count }
    }
}

impl Layout {
    /// Lays out in `room`; its width is kept, its height only where the smallest cells allow it.
    pub(super) fn new(spec: &LabSpec, room: Size) -> Self {
        let geometry = &spec.geometry;
        let pads = geometry.pads();
        let counts = Counts {
            padded: geometry.padded_size(),
            first: [-(pads.top as i64), -(pads.left as i64)],
            kernel: [geometry.rows.params().kernel_size(), geometry.columns.params().kernel_size()],
            output: geometry.output_size(),
            dropped: spec.pool.as_ref().map_or([0, 0], Pool::dropped_room),
        };
        let stacked = room.width < STACKED_BELOW;
        let legend = if spec.aids { LEGEND[0] } else { 0.0 };
        let has_bias = spec.bias.is_some();
        let grid = |cell| {
            let layout = if stacked {
                Self::stack(&counts, has_bias, cell, room.width, spec.aids)
            } else {
                Self::row(&counts, has_bias, cell, room.width, spec.aids)
            };
            // A map many screens high is a picture: no browser has a canvas for it.
            layout.filter(|it| !spec.photograph && it.size.height <= (3.0 * room.height).min(TALLEST))
        };
        // Cells shrink to fit the room's height as long as they stay readable.
        let fits = |layout: &Self| {
            let readable = spec.aids && layout.input.cell <= READABLE[usize::from(stacked)];
            readable || layout.size.height + legend <= room.height
        };
        let candidates = || CELLS.into_iter().filter_map(grid);
        let mut layout = candidates()
            .find(fits)
            .or_else(|| candidates().next_back())
            .unwrap_or_else(|| picture_layout::pictures(spec, &counts, room, stacked));
        if spec.aids {
            let x = layout.input.origin.x.min((room.width - LEGEND_WIDTH).max(8.0));
            layout.legend = Some(Point::new(x, layout.size.height));
            // Where grids are stacked, scales stand below the words.
            let further = match (stacked, layout.shows_values(), spec.photograph) {
                (true, true, _) if !spec.labels.odd.is_empty() => 1.0,
                (false, ..) | (_, true, _) => 0.0,
                (_, _, true) => 1.0,
                _ => 2.0,
            };
            layout.size.height += legend + further * LEGEND[1];
        }
        layout
    }

    /// Whether the maps are pictures.
    pub(super) fn is_picture(&self) -> bool {
        self.magnifier.is_some()
    }

    /// Whether values are printed in the cells of the maps.
    pub(super) fn shows_values(&self) -> bool {
        self.input.cell >= 28.0
    }

    /// Input, kernel and output side by side, on one axis; `None` where that is too wide.
    fn row(counts: &Counts, has_bias: bool, cell: f64, width: f64, aids: bool) -> Option<Self> {
        let [left_room, right_room, head] =
            if aids { [LEFT, RIGHT, HEAD] } else { [16.0, 16.0, HEAD - 16.0] };
        let [input, kernel, output] =
            [counts.padded, counts.kernel, counts.output].map(|[h, w]| [h as f64 * cell, w as f64 * cell]);
        let [dropped_below, dropped_right] = counts.dropped.map(|n| n as f64 * cell);
        let cells = input[1] + dropped_right + kernel[1] + output[1];
        let spare = width - (left_room + cells + 2.0 * GAP + right_room);
        if spare < 0.0 {
            return None;
        }
        let left = (spare / 2.0).min(96.0) + left_room;
        let middle = head + input[0] / 2.0;
        let input_grid = counts.input(cell, left, head);
        let kernel_x = input_grid.frame().right() + dropped_right + GAP;
        let kernel_grid = counts.plain(counts.kernel, cell, kernel_x, middle - kernel[0] / 2.0);
        let output_grid =
            counts.plain(counts.output, cell, kernel_grid.frame().right() + GAP, middle - output[0] / 2.0);
        let bias = has_bias.then(|| {
            let frame = kernel_grid.frame();
            let x = (frame.centre().x - cell / 2.0).round();
            Rect::new(x, frame.bottom() + BIAS[1], cell, BIAS[0])
        });
        let bottom = bias.map_or(0.0, |bias| bias.bottom()).max(input_grid.frame().bottom() + dropped_below);
        let kernel_frame = kernel_grid.frame();
        let axis = kernel_frame.centre().y;
        Some(Self {
            size: Size::new(width, (bottom + FOOT).ceil()),
            stacked: false,
            input: input_grid,
            kernel: kernel_grid,
            output: output_grid,
            bias,
            operators: [
                Some(Point::new(kernel_frame.x - GAP / 2.0, axis)),
                Some(Point::new(kernel_frame.right() + GAP / 2.0, axis)),
            ],
            magnifier: None,
            legend: None,
        })
    }

    /// Input above, kernel and output below it; `None` where that is too wide.
    fn stack(counts: &Counts, has_bias: bool, cell: f64, width: f64, aids: bool) -> Option<Self> {
        const HEAD: f64 = 24.0;
        // Inside another page every pixel counts for the size of the cells.
        let [gap, below, bias_height] = if aids { [36.0, 8.0, 30.0] } else { [28.0, 4.0, 26.0] };
        let cell = cell.min(44.0);
        let [input, kernel, output] =
            [counts.padded, counts.kernel, counts.output].map(|[h, w]| [h as f64 * cell, w as f64 * cell]);
        let [dropped_below, dropped_right] = counts.dropped.map(|n| n as f64 * cell);
        let margin = 12.0;
        let side_by_side = kernel[1] + gap + output[1];
        let beside = side_by_side <= width - 2.0 * margin;
        let widest =
            (input[1] + dropped_right).max(if beside { side_by_side } else { kernel[1].max(output[1]) });
        if widest > width - 2.0 * margin {
            return None;
        }
        // Kernel left and output right, together as wide as the input where they are narrower.
        let block = if beside { (input[1] + dropped_right).max(side_by_side) } else { widest };
        let left = ((width - block) / 2.0).floor();
        let input_grid = counts.input(cell, left + (block - input[1] - dropped_right) / 2.0, HEAD);
        let top = input_grid.frame().bottom() + dropped_below + gap;
        let kernel_grid = counts.plain(counts.kernel, cell, left, top);
        let (x, y) =
            if beside { (left + block - output[1], top) } else { (left, top + kernel[0] + HEAD + gap) };
        let output_grid = counts.plain(counts.output, cell, x, y);
        let bias = has_bias.then(|| {
            let frame = kernel_grid.frame();
            let x = if beside { frame.x + 24.0 } else { frame.right() + 40.0 };
            let y = if beside { frame.bottom() + HEAD + below } else { frame.y };
            Rect::new(x, y, cell.max(32.0), bias_height)
        });
        let bottom = bias
            .map_or(0.0, |bias| bias.bottom())
            .max(kernel_grid.frame().bottom() + HEAD)
            .max(output_grid.frame().bottom() + HEAD);
        let equals = beside.then(|| {
            let (from, to) = (kernel_grid.frame(), output_grid.frame());
            Point::new((from.right() + to.x) / 2.0, from.centre().y.min(to.bottom() - cell / 2.0))
        });
        Some(Self {
            size: Size::new(width, (bottom + 4.0).ceil()),
            stacked: true,
            input: input_grid,
            kernel: kernel_grid,
            output: output_grid,
            bias,
            operators: [None, equals],
            magnifier: None,
            legend: None,
        })
    }
}
