//! Gradients of convolution: to the input by scattering, to the weight by correlating.
//!
//! Padding that copies the input is laid out as a larger input first; what falls on a copy belongs to the
//! cell that it copies.

use crate::check::{elements, length};
use crate::error::KernelError;
use crate::memory::{Floats, Scratch, try_collect};
use crate::sides::Sides;
use crate::span::sum;
use convscope_core::conv2d::PaddingMode;
use convscope_core::{AxisGeometry, Conv2dGeometry, Conv2dParams};

/// The gradient of a convolution's input: NCHW of `input_shape`, from `grad_output`, NCHW, and the weight,
/// OIHW.
///
/// # Errors
///
/// [`KernelError::Shape`] for what [`Conv2dParams::output_shape`] refuses; [`KernelError::Length`];
/// [`KernelError::OutOfMemory`].
pub fn conv2d_grad_input(
    params: &Conv2dParams,
    weight: &[f32],
    grad_output: &[f32],
    input_shape: [u64; 4],
    grad_input: &mut [f32],
    scratch: &mut Scratch,
) -> Result<(), KernelError> {
    length("weight", weight.len(), elements(params.weight_shape())?)?;
    length("grad_output", grad_output.len(), elements(params.output_shape(input_shape)?)?)?;
    length("grad_input", grad_input.len(), elements(input_shape)?)?;
    grad_input.fill(0.0);
    let copies = params.options().padding_mode != PaddingMode::Zeros;
    let Some(sides) = Sides::of_conv(params, input_shape, copies)? else { return Ok(()) };
    if !copies {
        return sides.scatter(grad_output, weight, grad_input, scratch);
    }
    let sources = Sources::new(params, input_shape)?;
    let mut padded = Floats::zeros(elements(sources.padded_shape)?)?;
    sides.scatter(grad_output, weight, padded.as_mut_slice(), scratch)?;
    sources.fold(padded.as_slice(), grad_input);
    Ok(())
}

/// The gradient of a convolution's weight, OIHW, from `input`, NCHW of `input_shape`, and `grad_output`.
///
/// # Errors
///
/// Those of [`conv2d_grad_input`].
pub fn conv2d_grad_weight(
    params: &Conv2dParams,
    input: &[f32],
    grad_output: &[f32],
    input_shape: [u64; 4],
    grad_weight: &mut [f32],
    scratch: &mut Scratch,
) -> Result<(), KernelError> {
    length("input", input.len(), elements(input_shape)?)?;
    length("grad_output", grad_output.len(), elements(params.output_shape(input_shape)?)?)?;
    length("grad_weight", grad_weight.len(), elements(params.weight_shape())?)?;
    grad_weight.fill(0.0);
    let copies = params.options().padding_mode != PaddingMode::Zeros;
    let Some(sides) = Sides::of_conv(params, input_shape, copies)? else { return Ok(()) };
    if !copies {
        return sides.correlate(grad_output, input, grad_weight, scratch);
    }
    let sources = Sources::new(params, input_shape)?;
    let mut padded = Floats::zeros(elements(sources.padded_shape)?)?;
    sources.pad(input, padded.as_mut_slice());
    sides.correlate(grad_output, padded.as_slice(), grad_weight, scratch)
}

/// The gradient of a bias, of a convolution or a transposed one: for each channel the sum of `grad_output`,
/// NCHW of `output_shape`.
///
/// # Errors
///
/// [`KernelError::Length`]; [`KernelError::OutOfMemory`] for a shape beyond memory.
pub fn grad_bias(
    grad_output: &[f32],
    output_shape: [u64; 4],
    grad_bias: &mut [f32],
) -> Result<(), KernelError> {
    length("grad_output", grad_output.len(), elements(output_shape)?)?;
    length("grad_bias", grad_bias.len(), crate::check::size(output_shape[1])?)?;
    grad_bias.fill(0.0);
    if grad_output.is_empty() {
        return Ok(());
    }
    let maps = grad_output.chunks_exact((output_shape[2] * output_shape[3]) as usize);
    for (i, map) in maps.enumerate() {
        grad_bias[i % (output_shape[1] as usize)] += sum(map);
    }
    Ok(())
}

/// Where the cells of a padded input come from: for each of its rows and columns one of the input.
struct Sources {
    padded_shape: [u64; 4],
    rows: Vec<usize>,
    columns: Vec<usize>,
    input_size: [usize; 2],
}

impl Sources {
    fn new(params: &Conv2dParams, [n, c, height, width]: [u64; 4]) -> Result<Self, KernelError> {
        let Conv2dGeometry { rows, columns, .. } = params.geometry([height, width])?;
        let mode = params.options().padding_mode;
        let padded_shape = [n, c, rows.padded_len(), columns.padded_len()];
        elements(padded_shape)?;
        let sources = |axis: &AxisGeometry| {
            let source = |cell: usize| {
                let position = (cell as u64).cast_signed() - axis.pad_before().cast_signed();
                axis.source(position, mode).unwrap_or(0) as usize
            };
            try_collect((0..axis.padded_len() as usize).map(source))
        };
        let input_size = [height as usize, width as usize];
        Ok(Self { padded_shape, rows: sources(&rows)?, columns: sources(&columns)?, input_size })
    }

    /// Every map of the padded input and of the input, row by row.
    fn rows_of(&self, n_maps: usize) -> impl Iterator<Item = (usize, usize)> {
        let [height, width] = self.input_size;
        let padded_width = self.columns.len();
        (0..n_maps).flat_map(move |map| {
            let rows = self.rows.iter().enumerate();
            rows.map(move |(y, source)| {
                ((map * self.rows.len() + y) * padded_width, (map * height + source) * width)
            })
        })
    }

    fn pad(&self, input: &[f32], padded: &mut [f32]) {
        let n_maps = input.len() / (self.input_size[0] * self.input_size[1]);
        for (to, from) in self.rows_of(n_maps) {
            let cells = padded[to..][..self.columns.len()].iter_mut();
            cells.zip(&self.columns).for_each(|(cell, source)| *cell = input[from + source]);
        }
    }

    fn fold(&self, padded: &[f32], grad_input: &mut [f32]) {
        let n_maps = grad_input.len() / (self.input_size[0] * self.input_size[1]);
        for (from, to) in self.rows_of(n_maps) {
            let cells = padded[from..][..self.columns.len()].iter();
            cells.zip(&self.columns).for_each(|(cell, source)| grad_input[to + source] += cell);
        }
    }
}
