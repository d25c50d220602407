//! The values of a convolution, by windows and taps.
//!
//! Tap by tap over a whole output row, so that each output adds its products in the stated order. Along
//! the row the windows whose tap lies in the input are split from the others: no bounds in the inner loop.

use crate::axis::AxisGeometry;
use crate::conv2d::{Conv2dGeometry, Conv2dParams, PaddingMode};
use crate::error::ConvError;
use crate::tensor::Tensor;

/// Cross-correlation, as deep learning understands convolution: the kernel is not flipped.
///
/// `output[n, o, y, x] = sum(weight[o, i, k_y, k_x] * input[n, i', tap(y, k_y), tap(x, k_x)]) + bias[o]`,
/// where `i'` is channel `i` of the group of `o`. For convolution in the mathematical sense pass the
/// weight through [`flipped`]. The sum is taken in `f32`, from 0, in the order `(i, k_y, k_x)`, and the bias
/// is added last. Zeros of the padding are multiplied too, so an infinite weight on one gives NaN.
///
/// # Errors
///
/// Those of [`Conv2dParams::output_shape`]; [`ConvError::WeightShape`]; [`ConvError::BiasLength`] when a
/// bias is missing, superfluous or of the wrong length; [`ConvError::Overflow`] when the output does not
/// fit in memory.
pub fn conv2d(
    params: &Conv2dParams,
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&[f32]>,
) -> Result<Tensor, ConvError> {
    let [_, _, height, width] = input.shape();
    let output_shape = params.output_shape(input.shape())?;
    params.check_weight(weight.shape())?;
    params.check_bias(bias.map_or(0, |bias| bias.len() as u64))?;
    let geometry = params.geometry([height, width])?;
    let mut output = Tensor::zeros(output_shape)?;
    if output.data().is_empty() {
        return Ok(output);
    }
    // From here on every size that is used is one of a tensor in memory, and so a usize.
    let mode = params.options().padding_mode;
    let column_taps = match weight.data() {
        [] => Vec::new(),
        _ => ColumnTaps::of_each_kernel_column(&geometry.columns, mode)?,
    };
    let layer = Layer { params, geometry: &geometry, column_taps: &column_taps, input, weight };
    let [batch, out_channels, out_height, out_width] = output_shape;
    let mut rows = output.data_mut().chunks_exact_mut(out_width as usize);
    for n in 0..batch {
        for o in 0..out_channels {
            let bias = bias.map(|bias| bias[o as usize]);
            for (y, row) in (0..out_height).zip(&mut rows) {
                layer.add_taps(row, [n, o, y]);
                if let Some(bias) = bias {
                    row.iter_mut().for_each(|sum| *sum += bias);
                }
            }
        }
    }
    Ok(output)
}

/// The weight with every kernel turned by 180 degrees: [`conv2d`] with it is convolution in the
/// mathematical sense.
pub fn flipped(weight: &Tensor) -> Tensor {
    let mut turned = weight.clone();
    if !turned.data().is_empty() {
        let [_, _, k_h, k_w] = weight.shape();
        turned.data_mut().chunks_exact_mut((k_h * k_w) as usize).for_each(<[f32]>::reverse);
    }
    turned
}

/// All that stays the same from one output row to the next.
struct Layer<'a> {
    params: &'a Conv2dParams,
    geometry: &'a Conv2dGeometry,
    column_taps: &'a [ColumnTaps],
    input: &'a Tensor,
    weight: &'a Tensor,
}

impl Layer<'_> {
    /// Adds every tap of one output row, tap by tap over the whole row.
    fn add_taps(&self, row: &mut [f32], [n, o, y]: [u64; 3]) {
        let options = self.params.options();
        let [out_channels, group_channels, k_h, _] = self.params.weight_shape();
        let first_channel = o / (out_channels / options.groups) * group_channels;
        let kernel_width = self.column_taps.len();
        let in_width = self.geometry.columns.input_len() as usize;
        for i in 0..group_channels {
            let plane = self.input.plane(n, first_channel + i);
            let kernel = self.weight.plane(o, i);
            for (k_y, kernel_row) in (0..k_h).zip(kernel.chunks_exact(kernel_width)) {
                let position = self.geometry.rows.tap(y, k_y);
                let source = self.geometry.rows.source(position, options.padding_mode);
                let source_row = source.map(|source| &plane[source as usize * in_width..][..in_width]);
                for (taps, &weight) in self.column_taps.iter().zip(kernel_row) {
                    match source_row {
                        Some(source_row) => taps.add(row, weight, source_row),
                        None => row.iter_mut().for_each(|sum| *sum += weight * 0.0),
                    }
                }
            }
        }
    }
}

/// Where one column of the kernel reads, for every window of a row.
struct ColumnTaps {
    /// The windows whose tap lies in the input, and the cell that the first of them reads.
    interior: std::ops::Range<usize>,
    first_source: usize,
    stride: usize,
    /// The other windows, each with the cell that stands in the padding, or none for a zero.
    border: Vec<(usize, Option<usize>)>,
}

impl ColumnTaps {
    fn of_each_kernel_column(columns: &AxisGeometry, mode: PaddingMode) -> Result<Vec<Self>, ConvError> {
        (0..columns.params().kernel_size()).map(|k_x| Self::new(columns, mode, k_x)).collect()
    }

    fn new(columns: &AxisGeometry, mode: PaddingMode, k_x: u64) -> Result<Self, ConvError> {
        let interior = columns.interior(k_x);
        let outside = (0..interior.start).chain(interior.end..columns.output_len());
        let mut border = Vec::new();
        let n_outside = columns.output_len() - (interior.end - interior.start);
        border.try_reserve_exact(n_outside as usize).map_err(|_| ConvError::Overflow)?;
        border.extend(outside.map(|x| {
            let source = columns.source(columns.tap(x, k_x), mode);
            (x as usize, source.map(|cell| cell as usize))
        }));
        let first_source = u64::try_from(columns.tap(interior.start, k_x)).unwrap_or(0) as usize;
        // A stride beyond usize has one window at most, so the step does not matter.
        let stride = usize::try_from(columns.params().stride()).unwrap_or(usize::MAX);
        Ok(Self { interior: interior.start as usize..interior.end as usize, first_source, stride, border })
    }

    /// Adds `weight` times the cell under this tap to every window's sum.
    fn add(&self, row: &mut [f32], weight: f32, source_row: &[f32]) {
        if !self.interior.is_empty() {
            let sums = &mut row[self.interior.clone()];
            let cells = &source_row[self.first_source..];
            if self.stride == 1 {
                sums.iter_mut().zip(cells).for_each(|(sum, cell)| *sum += weight * cell);
            } else {
                let cells = cells.iter().step_by(self.stride);
                sums.iter_mut().zip(cells).for_each(|(sum, cell)| *sum += weight * cell);
            }
        }
        for &(x, source) in &self.border {
            row[x] += weight * source.map_or(0.0, |cell| source_row[cell]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conv2d::{Conv2dOptions, Padding2d, Pads};
    use crate::naive;
    use crate::sample::{ramp, random_weights};

    /// The sweep's seed.
    const SEED: u64 = 20_260_722;

    /// Whole numbers, small enough that every sum is exact in `f32`.
    fn whole_numbers(shape: [u64; 4], seed: u64) -> Tensor {
        match crate::tensor::element_count(shape).unwrap() {
            0 => Tensor::zeros(shape).unwrap(),
            n => Tensor::new(shape, random_weights(1, n, seed).unwrap().data().to_vec()).unwrap(),
        }
    }

    /// What the sweep tries: every combination of these; sizes of the input and unequal axes go by turns.
    fn combinations() -> Vec<(Conv2dOptions, [u64; 4])> {
        let paddings = [
            Padding2d::Valid,
            Padding2d::Same,
            Padding2d::Full,
            Padding2d::Explicit(Pads { top: 1, left: 0, bottom: 2, right: 3 }),
            Padding2d::Explicit(Pads { top: 0, left: 4, bottom: 1, right: 1 }),
        ];
        let modes = [PaddingMode::Zeros, PaddingMode::Reflect, PaddingMode::Replicate, PaddingMode::Circular];
        let mut combinations = Vec::new();
        for padding in paddings {
            for padding_mode in modes {
                for [k_h, k_w] in [[1, 1], [2, 3], [3, 2], [4, 4], [3, 3], [1, 5]] {
                    for [s, d] in (1..=3).flat_map(|s| (1..=3).map(move |d| [s, d])) {
                        for [in_channels, out_channels, groups] in
                            [[1, 1, 1], [2, 3, 1], [4, 2, 2], [2, 4, 2]]
                        {
                            let i = combinations.len() as u64;
                            let options = Conv2dOptions {
                                in_channels,
                                out_channels,
                                kernel_size: [k_h, k_w],
                                stride: [s, 1 + (s + i) % 4],
                                dilation: [d, 1 + (d + i / 4) % 3],
                                padding,
                                padding_mode,
                                groups,
                                bias: i.is_multiple_of(3),
                            };
                            combinations.push((options, [i % 5 % 3, in_channels, 1 + i % 8, 1 + i % 9]));
                        }
                    }
                }
            }
        }
        combinations
    }

    #[test]
    fn every_small_combination_equals_the_naive_convolution() {
        let (mut possible, mut impossible) = (0, 0);
        for (i, (options, input_shape)) in (0..).zip(combinations()) {
            let params = Conv2dParams::new(options).unwrap();
            let input = whole_numbers(input_shape, SEED + i);
            let weight = whole_numbers(params.weight_shape(), SEED - i);
            let bias: Option<Vec<f32>> =
                options.bias.then(|| (0..options.out_channels).map(|o| o as f32).collect());
            let ours = conv2d(&params, &input, &weight, bias.as_deref());
            match naive::conv2d(&options, &input, &weight, bias.as_deref()) {
                Some(naive) => {
                    possible += 1;
                    let ours = ours.unwrap();
                    let widened: Vec<f64> = ours.data().iter().map(|&cell| f64::from(cell)).collect();
                    assert_eq!(
                        (ours.shape(), widened),
                        (naive.shape, naive.data),
                        "{options:?} {input_shape:?}"
                    );
                }
                None => {
                    impossible += 1;
                    ours.expect_err("the naive convolution has no window");
                }
            }
        }
        assert_eq!(possible + impossible, 4320);
        assert!(possible > 2000 && impossible > 1000, "{possible} possible, {impossible} not");
    }

    /// A kernel of one weight per neighbour of a 3x3 map shows which neighbour each output reads.
    #[test]
    fn the_kernel_is_not_flipped_unless_asked() {
        let params = Conv2dParams::new(Conv2dOptions { kernel_size: [2, 2], ..Default::default() }).unwrap();
        let input = Tensor::map(2, 2, vec![1.0, 10.0, 100.0, 1000.0]).unwrap();
        let weight = ramp(2, 2).unwrap();
        assert_eq!(conv2d(&params, &input, &weight, None).unwrap().data(), [3210.0]);
        assert_eq!(conv2d(&params, &input, &flipped(&weight), None).unwrap().data(), [123.0]);
        assert_eq!(flipped(&flipped(&weight)), weight);
    }

    #[test]
    fn flipping_turns_each_kernel_by_itself() {
        let weight = Tensor::new([2, 1, 1, 2], vec![1.0, 2.0, 3.0, 4.0]).unwrap();
        assert_eq!(flipped(&weight).data(), [2.0, 1.0, 4.0, 3.0]);
        assert_eq!(flipped(&Tensor::zeros([2, 0, 3, 3]).unwrap()).shape(), [2, 0, 3, 3]);
    }

    #[test]
    fn the_bias_is_added_last() {
        let params =
            Conv2dParams::new(Conv2dOptions { kernel_size: [1, 2], bias: true, ..Default::default() });
        let input = Tensor::map(1, 2, vec![1e8, -1e8]).unwrap();
        let weight = Tensor::map(1, 2, vec![1.0, 1.0]).unwrap();
        // Added first, the 1 would be lost in 1e8.
        assert_eq!(conv2d(&params.unwrap(), &input, &weight, Some(&[1.0])).unwrap().data(), [1.0]);
    }

    #[test]
    fn taps_are_added_in_order() {
        let options = Conv2dOptions { kernel_size: [1, 3], ..Default::default() };
        let params = Conv2dParams::new(options).unwrap();
        let ones = Tensor::map(1, 3, vec![1.0; 3]).unwrap();
        let sum = |cells| conv2d(&params, &Tensor::map(1, 3, cells).unwrap(), &ones, None).unwrap().data()[0];
        assert_eq!([sum(vec![1e8, -1e8, 1.0]), sum(vec![1.0, 1e8, -1e8])], [1.0, 0.0]);
    }

    #[test]
    fn padding_is_multiplied_like_any_cell() {
        let options = Conv2dOptions { kernel_size: [3, 3], padding: Padding2d::Same, ..Default::default() };
        let params = Conv2dParams::new(options).unwrap();
        for corner in [0, 2, 6, 8] {
            let mut weight = Tensor::zeros([1, 1, 3, 3]).unwrap();
            weight.data_mut()[corner] = f32::INFINITY;
            let output = conv2d(&params, &ramp(2, 2).unwrap(), &weight, None).unwrap();
            // An infinite weight on a zero gives NaN: three times on padding, once on a cell.
            assert!(output.data().iter().filter(|cell| cell.is_nan()).count() >= 3, "{output:?}");
        }
    }

    #[test]
    fn an_empty_batch_and_no_input_channels_are_fine() {
        let params = Conv2dParams::new(Conv2dOptions { kernel_size: [3, 3], ..Default::default() }).unwrap();
        let weight = Tensor::zeros([1, 1, 3, 3]).unwrap();
        let huge = Tensor::zeros([0, 1, 1 << 40, 4]).unwrap();
        assert_eq!(conv2d(&params, &huge, &weight, None).unwrap().shape(), [0, 1, (1 << 40) - 2, 2]);

        let options = Conv2dOptions { in_channels: 0, out_channels: 2, bias: true, ..Default::default() };
        let params = Conv2dParams::new(options).unwrap();
        let (input, weight) = (Tensor::zeros([1, 0, 1, 2]).unwrap(), Tensor::zeros([2, 0, 1, 1]).unwrap());
        let output = conv2d(&params, &input, &weight, Some(&[3.0, 4.0])).unwrap();
        assert_eq!(output.data(), [3.0, 3.0, 4.0, 4.0]);
    }

    #[test]
    fn tensors_that_do_not_fit_are_refused_with_both_sizes() {
        let options =
            Conv2dOptions { out_channels: 2, kernel_size: [2, 2], bias: true, ..Default::default() };
        let params = Conv2dParams::new(options).unwrap();
        let (input, weight) = (ramp(3, 3).unwrap(), Tensor::zeros([2, 1, 2, 2]).unwrap());
        let refusal =
            |input: &Tensor, weight: &Tensor, bias| conv2d(&params, input, weight, bias).unwrap_err();
        let bias = Some([0.0, 0.0].as_slice());
        let two_channels = Tensor::zeros([1, 2, 3, 3]).unwrap();
        let channels = ConvError::ChannelMismatch { expected: 1, got: 2 };
        assert_eq!(refusal(&two_channels, &weight, bias), channels);
        let shape = ConvError::WeightShape { expected: [2, 1, 2, 2], got: [1, 1, 3, 3] };
        assert_eq!(refusal(&input, &input, bias), shape);
        assert_eq!(refusal(&input, &weight, None), ConvError::BiasLength { expected: 2, got: 0 });
        assert_eq!(refusal(&input, &weight, Some(&[0.0])), ConvError::BiasLength { expected: 2, got: 1 });
        let small = ramp(1, 3).unwrap();
        let kernel = ConvError::KernelExceedsInput { dilated_kernel: 2, padded_input: 1 };
        assert_eq!(refusal(&small, &weight, bias), kernel);
    }
}
