//! The values of a convolution, by windows and taps.
//!
//! For each output the products are added in `f32`, from 0, in the order `(in_channel, k_y, k_x)`; the
//! bias comes last. Zero padding takes part like any other cell, so an infinite weight on it gives NaN.

use crate::axis::AxisGeometry;
use crate::conv2d::{Conv2dGeometry, Conv2dParams, PaddingMode};
use crate::error::ConvError;
use crate::tensor::Tensor;

/// Cross-correlation, as deep learning understands convolution: the kernel is not flipped.
///
/// `output[n, o, y, x] = sum(weight[o, i, k_y, k_x] * input[n, i', tap(y, k_y), tap(x, k_x)]) + bias[o]`,
/// where `i'` is channel `i` of the group of `o`. For convolution in the mathematical sense pass the
/// weight through [`flipped`]. Order and precision of the sum: see the head of this file's module.
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
