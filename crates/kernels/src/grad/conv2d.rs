//! Gradients of convolution: to the input by convolving back or by scattering, to the weight by correlating.
//!
//! Padding that copies the input is laid out as a larger input first; what falls on a copy belongs to the
//! cell that it copies.

use crate::check::{elements, length};
use crate::conv2d::{Conv2d, Precision};
use crate::error::KernelError;
use crate::memory::{Floats, Scratch, try_collect};
use crate::sides::Sides;
use crate::span::sum;
use convscope_core::conv2d::{Padding2d, PaddingMode, Pads};
use convscope_core::{AxisGeometry, Conv2dGeometry, Conv2dOptions, Conv2dParams};

/// Uses of each weight in a run from which on packing it for a convolution is faster than scattering.
const USES_THAT_PAY: u64 = 1024;

/// The gradient of a convolution's input, with the weight packed for many runs.
///
/// At stride 1 it is itself a convolution, of the gradient with the kernels turned by 180 degrees and with
/// the channels swapped, and is computed as one; otherwise by scattering.
pub struct Conv2dGradInput {
    lens: [usize; 2],
    way: Way,
}

enum Way {
    /// There is nothing to add.
    Zeros,
    Convolution(Conv2d),
    Scatter {
        sides: Sides,
        weight: Floats,
        sources: Option<Sources>,
    },
}

impl Conv2dGradInput {
    /// For inputs of `input_shape`, NCHW; `weight` is OIHW and copied.
    ///
    /// # Errors
    ///
    /// [`KernelError::Shape`] for what [`Conv2dParams::output_shape`] refuses; [`KernelError::Length`];
    /// [`KernelError::OutOfMemory`].
    pub fn new(params: &Conv2dParams, input_shape: [u64; 4], weight: &[f32]) -> Result<Self, KernelError> {
        let output_shape = params.output_shape(input_shape)?;
        let lens = [elements(output_shape)?, elements(input_shape)?];
        length("weight", weight.len(), elements(params.weight_shape())?)?;
        let copies = params.options().padding_mode != PaddingMode::Zeros;
        let Some(sides) = Sides::of_conv(params, input_shape, copies)? else {
            return Ok(Self { lens, way: Way::Zeros });
        };
        if let Some(transposed) = transposed(params, input_shape)? {
            let turned = turned(params, weight)?;
            let conv = Conv2d::new(&transposed, output_shape, turned.as_slice(), None, Precision::Fast)?;
            return Ok(Self { lens, way: Way::Convolution(conv) });
        }
        let mut copy = Floats::zeros(weight.len())?;
        copy.as_mut_slice().copy_from_slice(weight);
        let sources = if copies { Some(Sources::new(params, input_shape)?) } else { None };
        Ok(Self { lens, way: Way::Scatter { sides, weight: copy, sources } })
    }

    /// Computes `grad_input` from `grad_output`, both NCHW.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`]; [`KernelError::OutOfMemory`].
    pub fn run(
        &self,
        grad_output: &[f32],
        grad_input: &mut [f32],
        scratch: &mut Scratch,
    ) -> Result<(), KernelError> {
        length("grad_output", grad_output.len(), self.lens[0])?;
        length("grad_input", grad_input.len(), self.lens[1])?;
        match &self.way {
            Way::Zeros => grad_input.fill(0.0),
            Way::Convolution(conv) => conv.run(grad_output, grad_input, scratch)?,
            Way::Scatter { sides, weight, sources } => {
                let weight = weight.as_slice();
                scatter(sides, sources.as_ref(), weight, grad_output, grad_input, scratch)?;
            }
        }
        Ok(())
    }
}

/// The convolution that takes a gradient back, where the strides are 1 and no padding is more than the kernel
/// reaches.
fn transposed(params: &Conv2dParams, input_shape: [u64; 4]) -> Result<Option<Conv2dParams>, KernelError> {
    let options = *params.options();
    let Conv2dGeometry { rows, columns, .. } = params.geometry([input_shape[2], input_shape[3]])?;
    let rest = |axis: &AxisGeometry, pad: u64| (axis.dilated_kernel() - 1).checked_sub(pad);
    let pads = [
        rest(&rows, rows.pad_before()),
        rest(&columns, columns.pad_before()),
        rest(&rows, rows.pad_after()),
        rest(&columns, columns.pad_after()),
    ];
    match pads {
        [Some(top), Some(left), Some(bottom), Some(right)]
            if options.stride == [1, 1] && options.padding_mode == PaddingMode::Zeros =>
        {
            let params = Conv2dParams::new(Conv2dOptions {
                in_channels: options.out_channels,
                out_channels: options.in_channels,
                padding: Padding2d::Explicit(Pads { top, left, bottom, right }),
                bias: false,
                ..options
            })?;
            Ok(Some(params))
        }
        _ => Ok(None),
    }
}

/// The weight of [`transposed`]: `[in_channels, out_channels / groups, k_h, k_w]`, each kernel turned.
fn turned(params: &Conv2dParams, weight: &[f32]) -> Result<Floats, KernelError> {
    let [out_channels, group_in, k_h, k_w] = params.weight_shape().map(|len| len as usize);
    let group_out = out_channels / params.options().groups as usize;
    let taps = k_h * k_w;
    let mut turned = Floats::zeros(weight.len())?;
    let groups = weight.chunks_exact(group_out * group_in * taps);
    for (from, to) in groups.zip(turned.as_mut_slice().chunks_exact_mut(group_out * group_in * taps)) {
        for (i, kernel) in from.chunks_exact(taps).enumerate() {
            let (o, i) = (i / group_in, i % group_in);
            let to = &mut to[(i * group_out + o) * taps..][..taps];
            to.iter_mut().zip(kernel.iter().rev()).for_each(|(to, from)| *to = *from);
        }
    }
    Ok(turned)
}

/// Scatters to the input, by way of a padded one where padding copies it.
fn scatter(
    sides: &Sides,
    sources: Option<&Sources>,
    weight: &[f32],
    grad_output: &[f32],
    grad_input: &mut [f32],
    scratch: &mut Scratch,
) -> Result<(), KernelError> {
    grad_input.fill(0.0);
    let Some(sources) = sources else { return sides.scatter(grad_output, weight, grad_input, scratch) };
    let mut padded = Floats::zeros(elements(sources.padded_shape)?)?;
    sides.scatter(grad_output, weight, padded.as_mut_slice(), scratch)?;
    sources.fold(padded.as_slice(), grad_input);
    Ok(())
}

/// The gradient of a convolution's input for a single run, where packing the weight has to pay at once: see
/// [`Conv2dGradInput`].
///
/// # Errors
///
/// Those of [`Conv2dGradInput::new`] and [`Conv2dGradInput::run`].
pub fn conv2d_grad_input(
    params: &Conv2dParams,
    weight: &[f32],
    grad_output: &[f32],
    input_shape: [u64; 4],
    grad_input: &mut [f32],
    scratch: &mut Scratch,
) -> Result<(), KernelError> {
    let [batch, _, out_height, out_width] = params.output_shape(input_shape)?;
    let uses = [batch, out_height, out_width].iter().fold(1_u64, |uses, &len| uses.saturating_mul(len));
    if uses >= USES_THAT_PAY {
        return Conv2dGradInput::new(params, input_shape, weight)?.run(grad_output, grad_input, scratch);
    }
    length("weight", weight.len(), elements(params.weight_shape())?)?;
    length("grad_output", grad_output.len(), elements(params.output_shape(input_shape)?)?)?;
    length("grad_input", grad_input.len(), elements(input_shape)?)?;
    let copies = params.options().padding_mode != PaddingMode::Zeros;
    let Some(sides) = Sides::of_conv(params, input_shape, copies)? else {
        grad_input.fill(0.0);
        return Ok(());
    };
    let sources = if copies { Some(Sources::new(params, input_shape)?) } else { None };
    scatter(&sides, sources.as_ref(), weight, grad_output, grad_input, scratch)
}

/// The gradient of a convolution's weight, OIHW, from `input`, NCHW of `input_shape`, and `grad_output`.
///
/// # Errors
///
/// Those of [`Conv2dGradInput::new`].
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
