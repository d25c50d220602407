//! A second convolution to compare with: the input is copied into a padded buffer, and loops do the rest.
//!
//! For tests only (cargo feature `oracle`). It shares types but no geometry with the rest of the crate:
//! windows are counted by placing them one after the other. Sums are in `f64`.

use crate::conv2d::{Conv2dOptions, Padding2d, PaddingMode};
use crate::tensor::Tensor;

/// What [`conv2d`] gives: an NCHW shape and the sums, not rounded to `f32`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sums {
    /// `[n, o, y, x]`
    pub shape: [u64; 4],
    /// Row-major.
    pub data: Vec<f64>,
}

/// Cross-correlation in `f64`, or `None` when there is no window, or padding that cannot be made.
///
/// Written for small tensors that fit each other; it checks nothing else.
pub fn conv2d(
    options: &Conv2dOptions,
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&[f32]>,
) -> Option<Sums> {
    let [batch, in_channels, _, _] = input.shape().map(|size| size as usize);
    let [out_channels, group_channels, k_h, k_w] = weight.shape().map(|size| size as usize);
    let (rows, row_starts) = lay_out(options, input, 0)?;
    let (columns, column_starts) = lay_out(options, input, 1)?;
    let [d_h, d_w] = options.dilation.map(|d| d as usize);
    let in_width = input.shape()[3] as usize;

    let mut data = Vec::new();
    for n in 0..batch {
        let mut padded = vec![vec![vec![0.0_f64; columns.len()]; rows.len()]; in_channels];
        for (c, plane) in padded.iter_mut().enumerate() {
            for (y, row) in plane.iter_mut().enumerate() {
                for (x, cell) in row.iter_mut().enumerate() {
                    if let (Some(from_y), Some(from_x)) = (rows[y], columns[x]) {
                        *cell = f64::from(input.plane(n as u64, c as u64)[from_y * in_width + from_x]);
                    }
                }
            }
        }
        for o in 0..out_channels {
            let group = o * options.groups as usize / out_channels;
            for &top in &row_starts {
                for &left in &column_starts {
                    let mut sum = 0.0;
                    for i in 0..group_channels {
                        let plane = &padded[group * group_channels + i];
                        for k_y in 0..k_h {
                            for k_x in 0..k_w {
                                let tap = ((o * group_channels + i) * k_h + k_y) * k_w + k_x;
                                sum +=
                                    f64::from(weight.data()[tap]) * plane[top + k_y * d_h][left + k_x * d_w];
                            }
                        }
                    }
                    data.push(sum + bias.map_or(0.0, |bias| f64::from(bias[o])));
                }
            }
        }
    }
    let shape = [batch, out_channels, row_starts.len(), column_starts.len()].map(|size| size as u64);
    Some(Sums { shape, data })
}

/// One axis: for each padded cell the input cell to copy, and the padded cell at which each window starts.
fn lay_out(options: &Conv2dOptions, input: &Tensor, axis: usize) -> Option<(Vec<Option<usize>>, Vec<usize>)> {
    let len = input.shape()[2 + axis] as usize;
    let stride = options.stride[axis] as usize;
    let last_tap = (options.kernel_size[axis] - 1) as usize * options.dilation[axis] as usize;
    let starts = |padded_len: usize| -> Vec<usize> {
        (0..padded_len).step_by(stride).take_while(|start| start + last_tap < padded_len).collect()
    };
    let [before, after] = match options.padding {
        Padding2d::Valid => [0, 0],
        Padding2d::Full => [last_tap, last_tap],
        Padding2d::Explicit(pads) => {
            [[pads.top, pads.bottom], [pads.left, pads.right]][axis].map(|pad| pad as usize)
        }
        Padding2d::Same => {
            let windows = (0..len).step_by(stride).count();
            let total = (0..).find(|total| starts(len + total).len() == windows)?;
            [total / 2, total.div_ceil(2)]
        }
    };
    let padded = pad_indices(len, before, after, options.padding_mode)?;
    let starts = starts(padded.len());
    (!starts.is_empty()).then_some((padded, starts))
}

fn pad_indices(len: usize, before: usize, after: usize, mode: PaddingMode) -> Option<Vec<Option<usize>>> {
    let limit = match mode {
        PaddingMode::Zeros | PaddingMode::Replicate => usize::MAX,
        PaddingMode::Reflect => len.checked_sub(1)?,
        PaddingMode::Circular => len,
    };
    if len == 0 || before > limit || after > limit {
        return None;
    }
    let beyond = |steps: usize, before: bool| match (mode, before) {
        (PaddingMode::Zeros, _) => None,
        (PaddingMode::Replicate, true) => Some(0),
        (PaddingMode::Replicate, false) => Some(len - 1),
        (PaddingMode::Reflect, true) => Some(steps),
        (PaddingMode::Reflect, false) => Some(len - 1 - steps),
        (PaddingMode::Circular, true) => Some(len - steps),
        (PaddingMode::Circular, false) => Some(steps - 1),
    };
    let left = (1..=before).rev().map(|steps| beyond(steps, true));
    let right = (1..=after).map(|steps| beyond(steps, false));
    Some(left.chain((0..len).map(Some)).chain(right).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_worked_out_by_hand() {
        let input = Tensor::map(3, 3, (1..=9_u8).map(f32::from).collect()).unwrap();
        let weight = Tensor::map(2, 2, vec![1.0, 2.0, 3.0, 4.0]).unwrap();
        let options = Conv2dOptions { kernel_size: [2, 2], ..Default::default() };
        let sums = conv2d(&options, &input, &weight, Some(&[0.5])).unwrap();
        // 1 + 2 * 2 + 3 * 4 + 4 * 5 = 37, and ten more for each step to the right.
        assert_eq!(sums, Sums { shape: [1, 1, 2, 2], data: vec![37.5, 47.5, 67.5, 77.5] });
    }

    #[test]
    fn padding_modes_are_those_of_pytorch() {
        let cells = |mode| pad_indices(3, 2, 1, mode);
        assert_eq!(cells(PaddingMode::Zeros), Some(vec![None, None, Some(0), Some(1), Some(2), None]));
        assert_eq!(cells(PaddingMode::Reflect), Some([2, 1, 0, 1, 2, 1].map(Some).to_vec()));
        assert_eq!(cells(PaddingMode::Replicate), Some([0, 0, 0, 1, 2, 2].map(Some).to_vec()));
        assert_eq!(cells(PaddingMode::Circular), Some([1, 2, 0, 1, 2, 0].map(Some).to_vec()));
        assert_eq!(pad_indices(2, 2, 0, PaddingMode::Reflect), None);
        assert_eq!(pad_indices(2, 0, 3, PaddingMode::Circular), None);
    }
}
