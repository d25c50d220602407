//! Where the matrix of a transposed convolution stands: between input and output, the kernel below the input.

use crate::geom::{Point, Rect, Size};
use crate::lab::layout::Grid;
use crate::transposed::TransposedSpec;
use crate::transposed::layout::{GAP, HEAD, LEFT, LEGEND, NARROW, RIGHT, STACKED_BELOW, bias_below, plain};

/// Sizes of a cell of input, kernel and output, largest first.
const MAPS: [f64; 8] = [44.0, 40.0, 36.0, 32.0, 28.0, 24.0, 20.0, 14.0];
/// The largest and the smallest cell of the matrix.
const CELLS: [f64; 2] = [36.0, 3.0];
/// Matrices whose cells would be smaller let the maps shrink first.
const WANTED: f64 = 12.0;
/// A figure without a height to fit in is as high as this at most.
const TALLEST: f64 = 640.0;
/// A matrix above its output is as high as this, unless its cells would be smaller than wanted.
const TALLEST_STACKED: f64 = 340.0;

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    pub(super) size: Size,
    pub(super) stacked: bool,
    pub(super) input: Grid,
    pub(super) kernel: Grid,
    pub(super) output: Grid,
    /// A row for each output cell, a column for each input cell.
    pub(super) matrix: Grid,
    pub(super) bias: Option<Rect>,
    pub(super) legend: Option<Point>,
}

/// Rows and columns of the matrix.
pub(super) fn matrix_size(spec: &TransposedSpec) -> [u64; 2] {
    let cells = |[height, width]: [u64; 2]| height * width;
    [cells(spec.geometry.output_size()), cells(spec.geometry.input_size())]
}

impl Layout {
    pub(super) fn new(spec: &TransposedSpec, room: Size) -> Self {
        let stacked = room.width < STACKED_BELOW;
        let legend = if spec.aids { LEGEND } else { 0.0 };
        let height = (room.height - legend).min(TALLEST);
        let place = |map: f64, least: f64| {
            if stacked {
                stack(spec, map, room.width)
            } else {
                row(spec, map, least, Size::new(room.width, height))
            }
        };
        let found = MAPS.into_iter().find_map(|map| place(map, WANTED));
        let found = found.or_else(|| MAPS.into_iter().rev().find_map(|map| place(map, CELLS[1])));
        let mut layout = found.unwrap_or_else(|| placed(spec, MAPS[MAPS.len() - 1], CELLS[1], room.width));
        layout.size.width = room.width;
        if spec.aids {
            layout.legend = Some(Point::new(layout.input.origin.x, layout.size.height));
            // Narrow figures need a second row.
            layout.size.height += legend + if stacked { 24.0 } else { 0.0 };
        }
        layout
    }
}

fn sides(count: [u64; 2], cell: f64) -> [f64; 2] {
    count.map(|n| n as f64 * cell)
}

/// Side by side; `None` where the cells of the matrix would be smaller than `least`, or maps higher than the room.
fn row(spec: &TransposedSpec, map: f64, least: f64, room: Size) -> Option<Layout> {
    let [rows, columns] = matrix_size(spec).map(|n| n as f64);
    let [input, kernel, output] =
        [spec.geometry.input_size(), spec.kernel_size(), spec.geometry.output_size()]
            .map(|count| sides(count, map));
    let maps = input[1].max(kernel[1]) + output[1];
    let across = (room.width - LEFT - maps - 2.0 * GAP - RIGHT) / columns;
    let down = (room.height - HEAD - 12.0) / rows;
    let cell = across.min(down).min(CELLS[0]);
    let left_column = HEAD + input[0] + HEAD + kernel[0] + if spec.bias.is_some() { 64.0 } else { 12.0 };
    let fits = left_column.max(HEAD + output[0]) <= room.height.max(420.0);
    (cell >= least && fits)
        .then(|| placed(spec, map, if cell > 6.0 { cell.floor() } else { cell }, room.width))
}

fn placed(spec: &TransposedSpec, map: f64, cell: f64, width: f64) -> Layout {
    let [input, kernel, output] =
        [spec.geometry.input_size(), spec.kernel_size(), spec.geometry.output_size()]
            .map(|count| sides(count, map));
    let matrix = sides(matrix_size(spec), cell);
    let left_width = input[1].max(kernel[1]);
    let total = LEFT + left_width + GAP + matrix[1] + GAP + output[1] + RIGHT;
    let left = ((width - total) / 2.0).clamp(0.0, 96.0) + LEFT;
    let input_grid = plain(spec.geometry.input_size(), map, left, HEAD);
    let kernel_grid = plain(spec.kernel_size(), map, left, input_grid.frame().bottom() + HEAD - 16.0);
    let matrix_grid = plain(matrix_size(spec), cell, left + left_width + GAP, HEAD);
    let output_grid = plain(spec.geometry.output_size(), map, matrix_grid.frame().right() + GAP, HEAD);
    let bias = bias_below(spec, kernel_grid.frame(), map);
    let bottom = bias.map_or(kernel_grid.frame().bottom(), |bias| bias.bottom());
    let bottom = bottom.max(matrix_grid.frame().bottom()).max(output_grid.frame().bottom());
    Layout {
        size: Size::new(total, (bottom + 12.0).ceil()),
        stacked: false,
        input: input_grid,
        kernel: kernel_grid,
        output: output_grid,
        matrix: matrix_grid,
        bias,
        legend: None,
    }
}

/// Input and kernel above, the matrix in the middle, the output below; `None` where that is too wide.
fn stack(spec: &TransposedSpec, map: f64, width: f64) -> Option<Layout> {
    let [margin, head] = NARROW;
    let [input, kernel, output] =
        [spec.geometry.input_size(), spec.kernel_size(), spec.geometry.output_size()]
            .map(|count| sides(count, map));
    let inner = width - 2.0 * margin;
    if input[1] + GAP + kernel[1] > inner || output[1] > inner {
        return None;
    }
    let [rows, columns] = matrix_size(spec).map(|n| n as f64);
    let cell = (inner / columns).min((TALLEST_STACKED / rows).max(WANTED)).min(CELLS[0]);
    let cell = if cell > 6.0 { cell.floor() } else { cell };
    let input_grid = plain(spec.geometry.input_size(), map, margin, head);
    let kernel_grid = plain(spec.kernel_size(), map, width - margin - kernel[1], head);
    let bias = bias_below(spec, kernel_grid.frame(), map);
    let above = input_grid.frame().bottom().max(bias.map_or(kernel_grid.frame().bottom(), |it| it.bottom()));
    let matrix_grid = plain(matrix_size(spec), cell, margin, above + head + 12.0);
    let below = matrix_grid.frame().bottom() + head + 8.0;
    let output_grid = plain(spec.geometry.output_size(), map, margin, below);
    Some(Layout {
        size: Size::new(width, (output_grid.frame().bottom() + 12.0).ceil()),
        stacked: true,
        input: input_grid,
        kernel: kernel_grid,
        output: output_grid,
        matrix: matrix_grid,
        bias,
        legend: None,
    })
}
