//! One step in full: the taps under the window, and the same read backwards from a cell or a weight.

use crate::axis::AxisGeometry;
use crate::conv2d::{Conv2dGeometry, Conv2dParams};
use crate::tensor::Tensor;

/// One product of one output: a weight and the cell that it meets. Pairs are `[row, column]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tap {
    /// The channel of the input.
    pub channel: u64,
    /// The place in the kernel.
    pub kernel: [u64; 2],
    /// The position read, in input cells; it may lie in the padding.
    pub position: [i64; 2],
    /// The input cell whose value stands there; `None` for a zero of the padding.
    pub source: Option<[u64; 2]>,
    /// Whether the position lies in the padding.
    pub padded: bool,
    /// The value that stands there.
    pub value: f32,
    /// The weight that meets it.
    pub weight: f32,
    /// `value * weight`
    pub product: f32,
}

/// All taps of the output cell `[n, o, y, x]`, in the order in which [`crate::conv2d::conv2d`] adds them:
/// every input channel of the group, and in it the kernel row by row.
///
/// # Panics
///
/// When the tensors do not fit the parameters or the cell lies outside the output, as slices do.
pub fn taps(
    params: &Conv2dParams,
    geometry: &Conv2dGeometry,
    input: &Tensor,
    weight: &Tensor,
    output: [u64; 4],
) -> Vec<Tap> {
    let [n, o, y, x] = output;
    let options = params.options();
    let [out_channels, group_channels, k_h, k_w] = params.weight_shape();
    let first_channel = o / (out_channels / options.groups) * group_channels;
    let mut taps = Vec::new();
    for i in 0..group_channels {
        let channel = first_channel + i;
        for k_y in 0..k_h {
            for k_x in 0..k_w {
                let position = [geometry.rows.tap(y, k_y), geometry.columns.tap(x, k_x)];
                let row = geometry.rows.source(position[0], options.padding_mode);
                let column = geometry.columns.source(position[1], options.padding_mode);
                let source = row.zip(column).map(|(row, column)| [row, column]);
                let value = source.map_or(0.0, |[row, column]| input.at([n, channel, row, column]));
                let weight = weight.at([o, i, k_y, k_x]);
                taps.push(Tap {
                    channel,
                    kernel: [k_y, k_x],
                    position,
                    source,
                    padded: !(inside(&geometry.rows, position[0]) && inside(&geometry.columns, position[1])),
                    value,
                    weight,
                    product: value * weight,
                });
            }
        }
    }
    taps
}

fn inside(axis: &AxisGeometry, position: i64) -> bool {
    u64::try_from(position).is_ok_and(|cell| cell < axis.input_len())
}

/// One way in which a cell is used: by which output cell, and under which weight. Pairs are `[row, column]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// The output cell.
    pub output: [u64; 2],
    /// The place in the kernel.
    pub kernel: [u64; 2],
}

/// Every use of a `[row, column]` position, padding included, in row-major order of the outputs.
///
/// This is the window read backwards: `tap(output, kernel) == position` for each of them.
pub fn uses(geometry: &Conv2dGeometry, position: [i64; 2]) -> Vec<Use> {
    let by_row = geometry.rows.readers(position[0]);
    by_row
        .flat_map(|(y, k_y)| {
            let by_column = geometry.columns.readers(position[1]);
            by_column.map(move |(x, k_x)| Use { output: [y, x], kernel: [k_y, k_x] })
        })
        .collect()
}

/// Every `(output, position)` at which one weight is used, in row-major order of the outputs.
pub fn meets(
    geometry: &Conv2dGeometry,
    kernel: [u64; 2],
) -> impl Iterator<Item = ([u64; 2], [i64; 2])> + use<> {
    let geometry = *geometry;
    (0..geometry.n_steps()).map(move |step| {
        let output = geometry.output_position(step);
        (output, [geometry.rows.tap(output[0], kernel[0]), geometry.columns.tap(output[1], kernel[1])])
    })
}

/// Positions that no window reads, padding included: a cell is unread if its row or its column is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Rows of which no cell is read.
    pub rows: Vec<i64>,
    /// Columns of which no cell is read.
    pub columns: Vec<i64>,
}

/// What the windows leave out: gaps between windows (`stride > kernel_size`), gaps within them (dilation),
/// and the [`leftover`](AxisGeometry::leftover) at the end.
///
/// Lists every such row and column, so it is meant for sizes that are drawn.
pub fn unread(geometry: &Conv2dGeometry) -> Unread {
    let of_axis =
        |axis: &AxisGeometry| axis.positions().filter(|&position| axis.reads(position) == 0).collect();
    Unread { rows: of_axis(&geometry.rows), columns: of_axis(&geometry.columns) }
}
