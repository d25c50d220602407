//! Where the grids of the lab figure stand.
//!
//! Cells are as large as fits: one of [`CELLS`], equal in input, kernel and output.
//! Where the smallest does not fit, and for photographs, the maps become pictures.

use crate::geom::{Point, Rect, Size};
use crate::lab::LabSpec;

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
const FOOT: f64 = 12.0;
/// Height of the legend.
const LEGEND: f64 = 32.0;
/// The box of the bias, and the space above it.
const BIAS: [f64; 2] = [34.0, 18.0];
/// Cells along one side of the magnified neighbourhood, and how many it may grow to.
const NEIGHBOURHOOD: [u64; 2] = [9, 15];

/// A grid of equal cells. Positions are `[row, column]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grid {
    /// Top left corner.
    pub(super) origin: Point,
    /// Side of a cell, in CSS pixels.
    pub(super) cell: f64,
    /// Row and column of the top left cell.
    pub(super) first: [i64; 2],
    /// Rows and columns.
    pub(super) count: [u64; 2],
}

impl Grid {
    /// Where a cell is.
    pub(super) fn cell(&self, [row, column]: [i64; 2]) -> Rect {
        let x = self.origin.x + (column - self.first[1]) as f64 * self.cell;
        let y = self.origin.y + (row - self.first[0]) as f64 * self.cell;
        Rect::new(x, y, self.cell, self.cell)
    }

    /// Where a block of cells is.
    pub(super) fn block(&self, first: [i64; 2], [rows, columns]: [u64; 2]) -> Rect {
        let Rect { x, y, .. } = self.cell(first);
        Rect::new(x, y, columns as f64 * self.cell, rows as f64 * self.cell)
    }

    /// The outline of all cells.
    pub(super) fn frame(&self) -> Rect {
        self.block(self.first, self.count)
    }

    /// The cell at a point.
    pub(super) fn at(&self, point: Point) -> Option<[i64; 2]> {
        let frame = self.frame();
        frame.contains(point).then(|| {
            let row = ((point.y - frame.y) / self.cell) as i64;
            let column = ((point.x - frame.x) / self.cell) as i64;
            [self.first[0] + row, self.first[1] + column]
        })
    }

    /// Whether the grid has this position.
    pub(super) fn has(&self, [row, column]: [i64; 2]) -> bool {
        let [y, x] = [row - self.first[0], column - self.first[1]];
        y >= 0 && x >= 0 && (y as u64) < self.count[0] && (x as u64) < self.count[1]
    }

    /// Every position, row by row.
    pub(super) fn positions(&self) -> impl Iterator<Item = [i64; 2]> + use<> {
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
struct Counts {
    padded: [u64; 2],
    first: [i64; 2],
    kernel: [u64; 2],
    output: [u64; 2],
}

impl Counts {
    /// The padded input; its first cell is the top left padding.
    fn input(&self, cell: f64, x: f64, y: f64) -> Grid {
        Grid { origin: Point::new(x.round(), y.round()), cell, first: self.first, count: self.padded }
    }

    /// The kernel or the output; its first cell is (0, 0).
    fn plain(&self, count: [u64; 2], cell: f64, x: f64, y: f64) -> Grid {
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
        };
        let stacked = room.width < STACKED_BELOW;
        let legend = if spec.aids && !stacked { LEGEND } else { 0.0 };
        let has_bias = spec.bias.is_some();
        let grid = |cell| {
            let layout = if stacked {
                Self::stack(&counts, has_bias, cell, room.width)
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
            .unwrap_or_else(|| Self::pictures(spec, &counts, room, stacked));
        if legend > 0.0 {
            let x = layout.input.origin.x;
            layout.legend = Some(Point::new(x, layout.size.height));
            layout.size.height += legend;
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
        let cells = input[1] + kernel[1] + output[1];
        let spare = width - (left_room + cells + 2.0 * GAP + right_room);
        if spare < 0.0 {
            return None;
        }
        let left = (spare / 2.0).min(96.0) + left_room;
        let middle = head + input[0] / 2.0;
        let input_grid = counts.input(cell, left, head);
        let kernel_grid =
            counts.plain(counts.kernel, cell, input_grid.frame().right() + GAP, middle - kernel[0] / 2.0);
        let output_grid =
            counts.plain(counts.output, cell, kernel_grid.frame().right() + GAP, middle - output[0] / 2.0);
        let bias = has_bias.then(|| {
            let frame = kernel_grid.frame();
            let x = (frame.centre().x - cell / 2.0).round();
            Rect::new(x, frame.bottom() + BIAS[1], cell, BIAS[0])
        });
        let bottom = bias.map_or(0.0, |bias| bias.bottom()).max(input_grid.frame().bottom());
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
    fn stack(counts: &Counts, has_bias: bool, cell: f64, width: f64) -> Option<Self> {
        const HEAD: f64 = 24.0;
        const GAP: f64 = 36.0;
        let cell = cell.min(44.0);
        let [input, kernel, output] =
            [counts.padded, counts.kernel, counts.output].map(|[h, w]| [h as f64 * cell, w as f64 * cell]);
        let margin = 12.0;
        let side_by_side = kernel[1] + GAP + output[1];
        let beside = side_by_side <= width - 2.0 * margin;
        let widest = input[1].max(if beside { side_by_side } else { kernel[1].max(output[1]) });
        if widest > width - 2.0 * margin {
            return None;
        }
        // Kernel left and output right, together as wide as the input where they are narrower.
        let block = if beside { input[1].max(side_by_side) } else { widest };
        let left = ((width - block) / 2.0).floor();
        let input_grid = counts.input(cell, left + (block - input[1]) / 2.0, HEAD);
        let top = input_grid.frame().bottom() + GAP;
        let kernel_grid = counts.plain(counts.kernel, cell, left, top);
        let (x, y) =
            if beside { (left + block - output[1], top) } else { (left, top + kernel[0] + HEAD + GAP) };
        let output_grid = counts.plain(counts.output, cell, x, y);
        let bias = has_bias.then(|| {
            let frame = kernel_grid.frame();
            let x = if beside { frame.x + 24.0 } else { frame.right() + 40.0 };
            let y = if beside { frame.bottom() + HEAD + 8.0 } else { frame.y };
            Rect::new(x, y, cell.max(32.0), 30.0)
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

    /// Input and output as pictures, beside them the magnified neighbourhood, the kernel, the result.
    ///
    /// Wide rooms put the detail between input and output, others beside both, narrow ones below.
    fn pictures(spec: &LabSpec, counts: &Counts, room: Size, stacked: bool) -> Self {
        let [head, left] = if stacked { [36.0, 8.0] } else { [HEAD - 20.0, 16.0] };
        let width = room.width - 2.0 * left;
        let [in_rows, in_columns] = counts.padded.map(|n| n as f64);
        let [out_rows, out_columns] = counts.output.map(|n| n as f64);

        let side = neighbourhood(spec);
        let most = 292.0_f64.min(width);
        let magnified = [36.0, 32.0, 28.0].into_iter().find(|cell| side as f64 * cell <= most);
        let magnified = magnified.unwrap_or((most / side as f64).floor());
        let detail_width = side as f64 * magnified;

        let wide = in_columns.max(192.0) + out_columns.max(192.0) + detail_width + 2.0 * GAP <= width;
        let fits = match (stacked, wide) {
            (true, _) => [width / in_columns.max(out_columns), f64::INFINITY],
            (_, true) => {
                let both = in_columns + out_columns;
                [(width - detail_width - 2.0 * GAP) / both, (room.height - head - LEGEND - FOOT) / in_rows]
            }
            _ => {
                let beside = (width - detail_width - GAP) / in_columns.max(out_columns);
                [beside, (room.height - 2.0 * head - LEGEND - FOOT) / (in_rows + out_rows)]
            }
        };
        // Half steps, so that a cell is as good as square; never less than a pixel where the width allows it.
        let scale = (fits[0].min(fits[1]).clamp(1.0, 12.0) * 2.0).floor() / 2.0;
        let scale = if scale > fits[0] { fits[0] } else { scale };

        let input = counts.input(scale, left, head);
        let detail_x = if stacked {
            left
        } else {
            left + in_columns.max(if wide { 0.0 } else { out_columns }) * scale + GAP
        };
        let output = if wide {
            counts.plain(counts.output, scale, detail_x + detail_width + GAP, head)
        } else {
            counts.plain(counts.output, scale, left, input.frame().bottom() + head)
        };
        let detail_y = if stacked { output.frame().bottom() + head } else { head };
        let magnifier = Grid {
            origin: Point::new(detail_x.round(), detail_y.round()),
            cell: magnified,
            first: [0, 0],
            count: [side, side],
        };

        // Below the neighbourhood: ∗ kernel = result, and the bias beside the result.
        let longest = counts.kernel[0].max(counts.kernel[1]) as f64;
        let kernel_cell = magnified.min((168.0 / longest).floor()).max(8.0);
        let below = magnifier.frame().bottom() + head + 8.0;
        let kernel = counts.plain(counts.kernel, kernel_cell, detail_x + 28.0, below);
        let frame = kernel.frame();
        let axis = frame.centre().y;
        let result = Rect::new((frame.right() + GAP).round(), (axis - 22.0).round(), 76.0, 44.0);
        let bias = spec.bias.map(|_| Rect::new(result.x, result.bottom() + 12.0, magnified.max(36.0), 28.0));
        let bottom = bias.map_or(result.bottom(), |bias| bias.bottom()).max(frame.bottom());
        let bottom = bottom.max(input.frame().bottom()).max(output.frame().bottom());
        Self {
            size: Size::new(room.width, (bottom + FOOT).ceil()),
            stacked,
            input,
            kernel,
            output,
            bias,
            operators: [
                Some(Point::new(detail_x + 10.0, axis)),
                Some(Point::new(frame.right() + GAP / 2.0, axis)),
            ],
            magnifier: Some((magnifier, result)),
            legend: None,
        }
    }
}

/// Cells along one side of the magnified neighbourhood: 9, or as many as the window spans, up to 15.
fn neighbourhood(spec: &LabSpec) -> u64 {
    let span = spec.geometry.rows.dilated_kernel().max(spec.geometry.columns.dilated_kernel());
    let [least, most] = NEIGHBOURHOOD;
    // Odd, so that the window's middle can stand in the middle.
    (span | 1).clamp(least, most)
}
