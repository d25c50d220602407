//! One step of a transposed convolution in full: what an input cell scatters, and what meets in an output cell.

use crate::conv_transpose2d::{ConvTranspose2dGeometry, ConvTranspose2dParams};
use crate::tensor::Tensor;

/// One product of a transposed convolution: an input cell, scaled by one weight. Pairs are `[row, column]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contribution {
    /// The channel of the input.
    pub channel: u64,
    /// The cell of the input.
    pub input: [u64; 2],
    /// The place in the kernel.
    pub kernel: [u64; 2],
    /// The value of the cell.
    pub value: f32,
    /// The weight.
    pub weight: f32,
    /// `value * weight`
    pub product: f32,
}

/// All that is added up in the output cell `[n, o, y, x]`, in the order in which
/// [`crate::conv_transpose2d::conv_transpose2d`] adds it: every input channel of the group, and in it the input
/// cells row by row.
///
/// # Panics
///
/// When the tensors do not fit the parameters, as slices do. A cell outside of the output gets nothing.
pub fn contributions(
    params: &ConvTranspose2dParams,
    geometry: &ConvTranspose2dGeometry,
    input: &Tensor,
    weight: &Tensor,
    output: [u64; 4],
) -> Vec<Contribution> {
    let [n, o, y, x] = output;
    let options = params.options();
    let group_in = options.in_channels / options.groups;
    let group_out = options.out_channels / options.groups;
    let first_channel = o / group_out * group_in;
    let columns: Vec<(u64, u64)> = geometry.columns.contributors(x).collect();
    let mut all = Vec::new();
    for channel in first_channel..first_channel + group_in {
        for (row, k_y) in geometry.rows.contributors(y) {
            for &(column, k_x) in &columns {
                let value = input.at([n, channel, row, column]);
                let weight = weight.at([channel, o % group_out, k_y, k_x]);
                let (input, kernel) = ([row, column], [k_y, k_x]);
                all.push(Contribution { channel, input, kernel, value, weight, product: value * weight });
            }
        }
    }
    all
}

/// Where the taps of an input cell land, row by row of the kernel: the place in the kernel and the position on
/// the output, which is cropped where it lies outside of it.
///
/// # Panics
///
/// For cells so far outside that a position does not fit in `i64`.
pub fn landings(
    geometry: &ConvTranspose2dGeometry,
    input: [u64; 2],
) -> impl Iterator<Item = ([u64; 2], [i64; 2])> + use<> {
    let ConvTranspose2dGeometry { rows, columns, .. } = *geometry;
    (0..rows.params().kernel_size()).flat_map(move |k_y| {
        let row = rows.target(input[0], k_y);
        (0..columns.params().kernel_size()).map(move |k_x| ([k_y, k_x], [row, columns.target(input[1], k_x)]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auto_pad::AutoPad;
    use crate::conv_transpose2d::{ConvTranspose2dOptions, conv_transpose2d};
    use crate::conv2d::Pads;

    fn wave(shape: [u64; 4], step: f32) -> Tensor {
        let mut tensor = Tensor::zeros(shape).unwrap();
        tensor.data_mut().iter_mut().enumerate().for_each(|(i, cell)| *cell = (i as f32 * step) % 1.0 - 0.4);
        tensor
    }

    fn small() -> ConvTranspose2dParams {
        let options = ConvTranspose2dOptions {
            in_channels: 4,
            out_channels: 6,
            groups: 2,
            kernel_size: [3, 2],
            stride: [2, 3],
            dilation: [1, 2],
            padding: AutoPad::Explicit(Pads { top: 1, left: 0, bottom: 2, right: 1 }),
            output_padding: [1, 0],
            ..Default::default()
        };
        ConvTranspose2dParams::new(options).unwrap()
    }

    /// Two groups, unequal axes: added in order they give the output to the last bit.
    #[test]
    fn contributions_add_up_to_the_output() {
        let params = small();
        let (input, weight) = (wave([2, 4, 3, 2], 0.37), wave(params.weight_shape(), 0.73));
        let output = conv_transpose2d(&params, &input, &weight, None).unwrap();
        let geometry = params.geometry([3, 2]).unwrap();
        let [height, width] = geometry.output_size();
        for n in 0..2 {
            for o in 0..6 {
                for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                    let all = contributions(&params, &geometry, &input, &weight, [n, o, y, x]);
                    assert_eq!(all.len() as u64, 2 * geometry.contributions([y, x]));
                    let sum = all.iter().fold(0.0_f32, |sum, it| sum + it.product);
                    assert_eq!(sum.to_bits(), output.at([n, o, y, x]).to_bits());
                }
            }
        }
        assert_eq!(contributions(&params, &geometry, &input, &weight, [0, 0, 99, 0]), []);
    }

    #[test]
    fn what_lands_on_the_output_is_what_contributes_to_it() {
        let params = small();
        let geometry = params.geometry([3, 2]).unwrap();
        let [height, width] = geometry.output_size();
        let mut landed = Vec::new();
        for input in (0..3).flat_map(|y| (0..2).map(move |x| [y, x])) {
            landed.extend(landings(&geometry, input).map(|(kernel, at)| (at, input, kernel)));
        }
        assert_eq!(landed.len(), 6 * 6);
        let outputs = (0..height).flat_map(|y| (0..width).map(move |x| [y, x]));
        let n_inside: u64 = outputs.map(|output| geometry.contributions(output)).sum();
        let inside = |at: &[i64; 2]| {
            (0..height.cast_signed()).contains(&at[0]) && (0..width.cast_signed()).contains(&at[1])
        };
        assert_eq!(landed.iter().filter(|(at, ..)| inside(at)).count() as u64, n_inside);
        assert!(landed.contains(&([-1, 0], [0, 0], [0, 0])), "cropped above");
    }
}
