//! Where the grids stand when input cells scatter the kernel: input, kernel, and the output with what is cropped
//! of it.

use crate::geom::{Point, Rect, Size};
use crate::lab::layout::Grid;
use crate::transposed::TransposedSpec;

/// Sizes of a cell, in CSS pixels, largest first. Below 28 no values are printed.
const CELLS: [f64; 13] = [56.0, 52.0, 48.0, 44.0, 40.0, 36.0, 32.0, 28.0, 24.0, 20.0, 16.0, 12.0, 8.0];
/// Cells of this size or less do not shrink further to fit the height of a page that scrolls.
const READABLE: f64 = 28.0;
/// Below this width input and kernel stand above the output.
pub(super) const STACKED_BELOW: f64 = 480.0;
/// Room above a grid for title, caption and column numbers, and beside it for row numbers.
pub(super) const HEAD: f64 = 72.0;
pub(super) const LEFT: f64 = 36.0;
pub(super) const RIGHT: f64 = 28.0;
/// Room between grids side by side.
pub(super) const GAP: f64 = 44.0;
/// Room for a legend.
pub(super) const LEGEND: f64 = 32.0;
/// The box of the bias, and the space above it.
pub(super) const BIAS: [f64; 2] = [34.0, 18.0];
/// The margin of a narrow figure, and the room above its grids for titles.
pub(super) const NARROW: [f64; 2] = [12.0, 24.0];

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    pub(super) size: Size,
    pub(super) stacked: bool,
    pub(super) input: Grid,
    pub(super) kernel: Grid,
    /// The output with all that lands outside of it: cropped cells have positions outside of the output.
    pub(super) output: Grid,
    pub(super) bias: Option<Rect>,
    pub(super) legend: Option<Point>,
}

impl Layout {
    pub(super) fn new(spec: &TransposedSpec, room: Size) -> Self {
        let stacked = room.width < STACKED_BELOW;
        let legend = if spec.aids { LEGEND } else { 0.0 };
        let place = |cell| if stacked { stack(spec, cell, room.width) } else { row(spec, cell, room.width) };
        let fits = |it: &Self| {
            it.size.width <= room.width
                && (it.input.cell <= READABLE || it.size.height + legend <= room.height)
        };
        let smallest = CELLS[CELLS.len() - 1];
        let mut layout = CELLS.into_iter().map(place).find(fits).unwrap_or_else(|| place(smallest));
        layout.size.width = room.width;
        if spec.aids {
            layout.legend = Some(Point::new(layout.input.origin.x, layout.size.height));
            // Narrow figures may need a second row.
            layout.size.height += legend + if stacked { 24.0 } else { 0.0 };
        }
        layout
    }

    /// Whether values are printed in the cells.
    pub(super) fn shows_values(&self) -> bool {
        self.input.cell >= 28.0
    }
}

/// A grid from (0, 0) on.
pub(super) fn plain(count: [u64; 2], cell: f64, x: f64, y: f64) -> Grid {
    Grid { origin: Point::new(x.round(), y.round()), cell, first: [0, 0], count }
}

/// Cells that land, with those that are cropped: from the first one's position, rows and columns.
fn landed(spec: &TransposedSpec) -> ([i64; 2], [u64; 2]) {
    let axes = [&spec.geometry.rows, &spec.geometry.columns];
    let first = axes.map(|axis| -axis.pad_before().cast_signed());
    (first, axes.map(|axis| axis.pad_before() + axis.output_len() + axis.pad_after()))
}

fn sides(count: [u64; 2], cell: f64) -> [f64; 2] {
    count.map(|n| n as f64 * cell)
}

fn row(spec: &TransposedSpec, cell: f64, width: f64) -> Layout {
    let (first, count) = landed(spec);
    let [input, kernel, output] =
        [spec.geometry.input_size(), spec.kernel_size(), count].map(|count| sides(count, cell));
    let tallest = input[0].max(output[0]).max(kernel[0]);
    let middle = HEAD + tallest / 2.0;
    let total = LEFT + input[1] + GAP + kernel[1] + GAP + output[1] + RIGHT;
    let left = ((width - total) / 2.0).clamp(0.0, 96.0) + LEFT;
    let input_grid = plain(spec.geometry.input_size(), cell, left, middle - input[0] / 2.0);
    let kernel_x = input_grid.frame().right() + GAP;
    let kernel_grid = plain(spec.kernel_size(), cell, kernel_x, middle - kernel[0] / 2.0);
    let output_grid =
        Grid { first, ..plain(count, cell, kernel_grid.frame().right() + GAP, middle - output[0] / 2.0) };
    let bias = bias_below(spec, kernel_grid.frame(), cell);
    let bottom = bias.map_or(0.0, |bias| bias.bottom()).max(HEAD + tallest);
    Layout {
        size: Size::new(total, (bottom + 12.0).ceil()),
        stacked: false,
        input: input_grid,
        kernel: kernel_grid,
        output: output_grid,
        bias,
        legend: None,
    }
}

/// The box of the bias below the kernel.
pub(super) fn bias_below(spec: &TransposedSpec, kernel: Rect, cell: f64) -> Option<Rect> {
    let width = cell.max(34.0);
    let x = (kernel.centre().x - width / 2.0).round();
    spec.bias.map(|_| Rect::new(x, kernel.bottom() + BIAS[1], width, BIAS[0]))
}

/// Input and kernel above, the output below.
fn stack(spec: &TransposedSpec, cell: f64, width: f64) -> Layout {
    let [margin, head] = NARROW;
    let cell = cell.min(44.0);
    let (first, count) = landed(spec);
    let [input, kernel, output] =
        [spec.geometry.input_size(), spec.kernel_size(), count].map(|count| sides(count, cell));
    let beside = input[1] + GAP + kernel[1];
    let widest = beside.max(output[1]);
    let left = ((width - widest) / 2.0).max(margin);
    let input_grid = plain(spec.geometry.input_size(), cell, left, head);
    let kernel_grid = plain(spec.kernel_size(), cell, left + widest - kernel[1], head);
    let bias = bias_below(spec, kernel_grid.frame(), cell);
    let above = input_grid.frame().bottom().max(bias.map_or(kernel_grid.frame().bottom(), |it| it.bottom()));
    let output_grid =
        Grid { first, ..plain(count, cell, left + (widest - output[1]) / 2.0, above + head + 16.0) };
    Layout {
        size: Size::new(widest + 2.0 * margin, (output_grid.frame().bottom() + 12.0).ceil()),
        stacked: true,
        input: input_grid,
        kernel: kernel_grid,
        output: output_grid,
        bias,
        legend: None,
    }
}
