//! One step in full: the taps under the window, and the same read backwards from a cell or a weight.

use crate::axis::AxisGeometry;
use crate::conv2d::{Conv2dGeometry, Conv2dParams};
use crate::padding::PaddingMode;
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

/// Every use of an input cell: of the cell itself, and of its copies in the padding.
///
/// In row-major order of the outputs; one output may use the cell more than once, under several weights.
/// Tries every tap along both axes, so it is meant for sizes that are drawn.
pub fn uses_of_cell(geometry: &Conv2dGeometry, mode: PaddingMode, cell: [u64; 2]) -> Vec<Use> {
    let rows = readers_of_copies(&geometry.rows, mode, cell[0]);
    let columns = readers_of_copies(&geometry.columns, mode, cell[1]);
    let mut uses = Vec::new();
    for rows in rows.chunk_by(|a, b| a.0 == b.0) {
        for columns in columns.chunk_by(|a, b| a.0 == b.0) {
            for &(y, k_y) in rows {
                uses.extend(columns.iter().map(|&(x, k_x)| Use { output: [y, x], kernel: [k_y, k_x] }));
            }
        }
    }
    uses
}

/// Every `(output_idx, kernel_idx)` whose tap reads `cell` or a copy of it, in this order.
fn readers_of_copies(axis: &AxisGeometry, mode: PaddingMode, cell: u64) -> Vec<(u64, u64)> {
    let mut readers = Vec::new();
    for output_idx in 0..axis.output_len() {
        for kernel_idx in 0..axis.params().kernel_size() {
            if axis.source(axis.tap(output_idx, kernel_idx), mode) == Some(cell) {
                readers.push((output_idx, kernel_idx));
            }
        }
    }
    readers
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conv2d::{Conv2dOptions, Padding2d, Pads, conv2d};

    fn params(options: Conv2dOptions) -> Conv2dParams {
        Conv2dParams::new(options).unwrap()
    }

    fn unread_of(options: Conv2dOptions, input: [u64; 2]) -> Unread {
        unread(&params(options).geometry(input).unwrap())
    }

    fn wave(shape: [u64; 4], step: f32) -> Tensor {
        let mut tensor = Tensor::zeros(shape).unwrap();
        tensor.data_mut().iter_mut().enumerate().for_each(|(i, cell)| *cell = (i as f32 * step) % 1.0 - 0.4);
        tensor
    }

    /// Two groups, unequal axes, every mode: products added in order give the output to the last bit.
    #[test]
    fn the_taps_of_a_step_add_up_to_its_output() {
        for padding_mode in
            [PaddingMode::Zeros, PaddingMode::Reflect, PaddingMode::Replicate, PaddingMode::Circular]
        {
            let params = params(Conv2dOptions {
                in_channels: 4,
                out_channels: 6,
                kernel_size: [3, 2],
                stride: [1, 2],
                dilation: [1, 2],
                padding: Padding2d::Explicit(Pads { top: 2, left: 1, bottom: 0, right: 3 }),
                padding_mode,
                groups: 2,
                bias: false,
            });
            let (input, weight) = (wave([2, 4, 5, 4], 0.37), wave(params.weight_shape(), 0.73));
            let output = conv2d(&params, &input, &weight, None).unwrap();
            let geometry = params.geometry([5, 4]).unwrap();
            for n in 0..2 {
                for o in 0..6 {
                    for step in 0..geometry.n_steps() {
                        let [y, x] = geometry.output_position(step);
                        let taps = taps(&params, &geometry, &input, &weight, [n, o, y, x]);
                        assert_eq!(taps.len(), 12);
                        let sum = taps.iter().fold(0.0_f32, |sum, tap| sum + tap.product);
                        assert_eq!(sum.to_bits(), output.at([n, o, y, x]).to_bits());
                    }
                }
            }
        }
    }

    #[test]
    fn a_tap_says_where_its_value_comes_from() {
        let options = Conv2dOptions {
            kernel_size: [1, 3],
            padding: Padding2d::Explicit(Pads { left: 1, ..Pads::default() }),
            ..Default::default()
        };
        let input = Tensor::map(1, 3, vec![5.0, 7.0, 9.0]).unwrap();
        let weight = Tensor::map(1, 3, vec![2.0, 3.0, 4.0]).unwrap();
        let first = |padding_mode| {
            let params = params(Conv2dOptions { padding_mode, ..options });
            taps(&params, &params.geometry([1, 3]).unwrap(), &input, &weight, [0; 4])
        };
        let zero = Tap {
            channel: 0,
            kernel: [0, 0],
            position: [0, -1],
            source: None,
            padded: true,
            value: 0.0,
            weight: 2.0,
            product: 0.0,
        };
        assert_eq!(first(PaddingMode::Zeros)[0], zero);
        let copy = Tap { source: Some([0, 1]), value: 7.0, product: 14.0, ..zero };
        assert_eq!(first(PaddingMode::Reflect)[0], copy);
        let inside =
            Tap { kernel: [0, 1], position: [0, 0], source: Some([0, 0]), padded: false, value: 5.0, ..zero };
        assert_eq!(first(PaddingMode::Reflect)[1], Tap { weight: 3.0, product: 15.0, ..inside });
    }

    #[test]
    fn uses_and_meets_are_the_window_read_backwards() {
        let options =
            Conv2dOptions { kernel_size: [3, 2], stride: [2, 1], dilation: [1, 2], ..Default::default() };
        let geometry =
            params(Conv2dOptions { padding: Padding2d::Full, ..options }).geometry([4, 5]).unwrap();
        let [rows, columns] = [geometry.rows.positions(), geometry.columns.positions()];
        let mut from_uses: Vec<_> = rows
            .flat_map(|y| columns.clone().map(move |x| [y, x]))
            .flat_map(|position| {
                let uses = uses(&geometry, position);
                assert_eq!(uses.len() as u64, geometry.reads(position));
                assert!(uses.is_sorted_by_key(|cell| cell.output));
                uses.into_iter().map(move |cell| (cell.kernel, cell.output, position))
            })
            .collect();
        let mut from_meets: Vec<_> = (0..3)
            .flat_map(|k_y| (0..2).map(move |k_x| [k_y, k_x]))
            .flat_map(|kernel| {
                meets(&geometry, kernel).map(move |(output, position)| (kernel, output, position))
            })
            .collect();
        from_uses.sort_unstable();
        from_meets.sort_unstable();
        assert_eq!(from_uses, from_meets);
        assert_eq!(from_uses.len() as u64, geometry.n_steps() * 6);
    }

    #[test]
    fn a_cell_is_used_through_its_copies_too() {
        for padding_mode in
            [PaddingMode::Zeros, PaddingMode::Reflect, PaddingMode::Replicate, PaddingMode::Circular]
        {
            let params = params(Conv2dOptions {
                kernel_size: [3, 2],
                stride: [1, 2],
                padding: Padding2d::Explicit(Pads { top: 2, left: 1, bottom: 1, right: 2 }),
                padding_mode,
                ..Default::default()
            });
            let geometry = params.geometry([3, 4]).unwrap();
            let (input, weight) = (wave([1, 1, 3, 4], 0.37), wave([1, 1, 3, 2], 0.73));
            for cell in (0..3).flat_map(|y| (0..4).map(move |x| [y, x])) {
                let mut expected = Vec::new();
                for output in (0..geometry.n_steps()).map(|step| geometry.output_position(step)) {
                    let taps = taps(&params, &geometry, &input, &weight, [0, 0, output[0], output[1]]);
                    let sees_it = taps.iter().filter(|tap| tap.source == Some(cell));
                    expected.extend(sees_it.map(|tap| Use { output, kernel: tap.kernel }));
                }
                assert_eq!(uses_of_cell(&geometry, padding_mode, cell), expected);
            }
        }
    }

    #[test]
    fn a_stride_beyond_the_kernel_leaves_gaps() {
        let options = Conv2dOptions { kernel_size: [1, 2], stride: [2, 3], ..Default::default() };
        assert_eq!(unread_of(options, [5, 8]), Unread { rows: vec![1, 3], columns: vec![2, 5] });
    }

    #[test]
    fn a_dilation_leaves_gaps_between_few_windows() {
        let options = Conv2dOptions { kernel_size: [3, 3], dilation: [2, 2], ..Default::default() };
        assert_eq!(unread_of(options, [5, 6]), Unread { rows: vec![1, 3], columns: vec![] });
    }

    #[test]
    fn the_leftover_is_unread_be_it_input_or_padding() {
        let options = Conv2dOptions { kernel_size: [3, 3], stride: [2, 2], ..Default::default() };
        assert_eq!(unread_of(options, [6, 5]), Unread { rows: vec![5], columns: vec![] });
        let padded = Conv2dOptions { padding: Padding2d::Explicit(Pads::all(1)), ..options };
        assert_eq!(unread_of(padded, [6, 5]), Unread { rows: vec![6], columns: vec![] });
    }

    #[test]
    fn a_pointwise_kernel_reads_everything_once() {
        assert_eq!(unread_of(Conv2dOptions::default(), [3, 4]), Unread { rows: vec![], columns: vec![] });
    }
}
