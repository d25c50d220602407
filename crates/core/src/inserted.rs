//! A transposed convolution as an ordinary one: zeros inserted between the input's cells, the kernel flipped,
//! stride 1. The values are the same; the multiplications by inserted zeros are what it wastes.

use crate::axis::{AxisGeometry, AxisParams};
use crate::conv_transpose2d::{ConvTranspose2dGeometry, ConvTranspose2dParams};
use crate::conv2d::{Conv2dGeometry, Conv2dOptions, Conv2dParams, Padding2d};
use crate::error::ConvError;
use crate::padding::Padding;
use crate::tensor::Tensor;
use crate::transposed::TransposedAxis;

/// The ordinary convolution that gives a transposed one's values. Made by [`inserted`].
#[derive(Clone, Debug, PartialEq)]
pub struct Inserted {
    /// Stride 1, the padding in cells.
    pub params: Conv2dParams,
    /// Where its windows lie on the stretched input.
    pub geometry: Conv2dGeometry,
    /// The stretched input, NCHW; without the cells that padding crops.
    pub input: Tensor,
    /// The flipped kernels, OIHW.
    pub weight: Tensor,
    /// Cells of the stretched input cropped above and to the left of it.
    pub crop: [u64; 2],
}

/// Where the windows of the ordinary convolution lie, and how many cells of the stretched input are cropped
/// before them, `[above, left]`.
///
/// # Errors
///
/// [`ConvError::OutputCropped`] when no cell of the input is left on an axis: the output is then output
/// padding alone. Those of [`AxisParams::geometry`].
pub fn inserted_geometry(
    transposed: &ConvTranspose2dGeometry,
) -> Result<(Conv2dGeometry, [u64; 2]), ConvError> {
    let (rows, above) = inserted_axis(&transposed.rows)?;
    let (columns, left) = inserted_axis(&transposed.columns)?;
    Ok((Conv2dGeometry::new(rows, columns)?, [above, left]))
}

fn inserted_axis(axis: &TransposedAxis) -> Result<(AxisGeometry, u64), ConvError> {
    let [before, after] = axis.inserted_pads();
    let crop = |pad: i64| pad.min(0).unsigned_abs();
    let pad = |pad: i64| pad.max(0).unsigned_abs();
    let cropped = crop(before).checked_add(crop(after)).ok_or(ConvError::Overflow)?;
    let len =
        axis.inserted_len().checked_sub(cropped).filter(|&len| len > 0).ok_or(ConvError::OutputCropped {
            uncropped: axis.inserted_len(),
            padding: axis.pad_before().saturating_add(axis.pad_after()),
        })?;
    let params = AxisParams::new(axis.params().kernel_size(), 1, axis.params().dilation())?;
    let padding = Padding::Explicit { before: pad(before), after: pad(after) };
    Ok((params.geometry(len, padding)?, crop(before)))
}

/// The ordinary convolution with its stretched input and flipped kernels.
///
/// # Errors
///
/// Those of [`ConvTranspose2dParams::output_shape`] and [`inserted_geometry`]; [`ConvError::WeightShape`];
/// [`ConvError::Overflow`] when the stretched input does not fit in memory.
pub fn inserted(
    params: &ConvTranspose2dParams,
    input: &Tensor,
    weight: &Tensor,
) -> Result<Inserted, ConvError> {
    params.output_shape(input.shape())?;
    params.check_weight(weight.shape())?;
    let [batch, channels, height, width] = input.shape();
    let (geometry, crop) = inserted_geometry(&params.geometry([height, width])?)?;
    let options = params.options();
    let padding = Padding2d::Explicit(geometry.pads());
    let ordinary = Conv2dParams::new(Conv2dOptions {
        in_channels: options.in_channels,
        out_channels: options.out_channels,
        kernel_size: options.kernel_size,
        stride: [1, 1],
        dilation: options.dilation,
        padding,
        groups: options.groups,
        bias: options.bias,
        ..Default::default()
    })?;
    let [inner_height, inner_width] = geometry.input_size();
    let mut stretched = Tensor::zeros([batch, channels, inner_height, inner_width])?;
    let place = |index: u64, axis: usize| {
        let position = (index * options.stride[axis]).checked_sub(crop[axis])?;
        (position < [inner_height, inner_width][axis]).then_some(position)
    };
    let planes = (0..batch).flat_map(|n| (0..channels).map(move |c| (n, c)));
    for ((n, c), plane) in
        planes.zip(stretched.data_mut().chunks_exact_mut((inner_height * inner_width) as usize))
    {
        for (y, row) in (0..height).zip(input.plane(n, c).chunks_exact(width as usize)) {
            let Some(y) = place(y, 0) else { continue };
            for (x, value) in (0..width).zip(row) {
                if let Some(x) = place(x, 1) {
                    plane[(y * inner_width + x) as usize] = *value;
                }
            }
        }
    }
    Ok(Inserted { weight: flipped(params, weight)?, params: ordinary, geometry, input: stretched, crop })
}

/// `[in_channels, out_channels / groups, k_h, k_w]` as OIHW, each kernel turned by half a turn.
fn flipped(params: &ConvTranspose2dParams, weight: &Tensor) -> Result<Tensor, ConvError> {
    let options = params.options();
    let group_in = options.in_channels / options.groups;
    let group_out = options.out_channels / options.groups;
    let [k_h, k_w] = options.kernel_size;
    let mut turned = Vec::with_capacity(weight.data().len());
    for o in 0..options.out_channels {
        for i in 0..group_in {
            let channel = o / group_out * group_in + i;
            turned.extend(weight.plane(channel, o % group_out).iter().rev());
        }
    }
    Tensor::new([options.out_channels, group_in, k_h, k_w], turned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auto_pad::AutoPad;
    use crate::conv_transpose2d::{ConvTranspose2dOptions, conv_transpose2d};
    use crate::conv2d::{Pads, conv2d};
    use crate::sample;

    #[test]
    fn both_ways_give_the_same_values() {
        let mut n_checked = 0;
        for [n, k, s, d, p, op] in [
            [2, 3, 1, 1, 0, 0],
            [6, 4, 1, 1, 2, 0],
            [3, 3, 2, 1, 1, 1],
            [3, 3, 2, 1, 0, 0],
            [4, 2, 3, 2, 1, 1],
            [5, 1, 2, 1, 1, 0],
            [3, 1, 3, 1, 2, 1],
        ] {
            let options = ConvTranspose2dOptions {
                in_channels: 4,
                out_channels: 6,
                kernel_size: [k, k],
                stride: [s, s],
                dilation: [d, d],
                padding: AutoPad::Explicit(Pads::all(p)),
                output_padding: [op, op],
                groups: 2,
                ..Default::default()
            };
            let params = ConvTranspose2dParams::new(options).unwrap();
            let cells = |count: u64, seed| sample::random(1, count, seed).unwrap().data().to_vec();
            let input = Tensor::new([1, 4, n, n], cells(4 * n * n, 1)).unwrap();
            let weight = Tensor::new([4, 3, k, k], cells(12 * k * k, 2)).unwrap();
            let ours = inserted(&params, &input, &weight).unwrap();
            let ordinary = conv2d(&ours.params, &ours.input, &ours.weight, None).unwrap();
            let scattered = conv_transpose2d(&params, &input, &weight, None).unwrap();
            assert_eq!(ordinary, scattered, "{n} {k} {s} {d} {p} {op}");
            n_checked += 1;
        }
        assert_eq!(n_checked, 7);
    }

    #[test]
    fn output_padding_alone_has_no_window() {
        let options = ConvTranspose2dOptions {
            kernel_size: [1, 1],
            stride: [2, 2],
            padding: AutoPad::Explicit(Pads::all(1)),
            output_padding: [1, 1],
            ..Default::default()
        };
        // One cell, of which padding leaves none before the output padding.
        let params = ConvTranspose2dParams::new(options).unwrap();
        let geometry = params.geometry([2, 2]).unwrap();
        assert_eq!(inserted_geometry(&geometry).unwrap().0.output_size(), geometry.output_size());
        assert!(params.geometry([1, 1]).is_err());
    }
}
