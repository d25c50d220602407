//! Transposed convolution: each input cell scatters the kernel over the output.

use crate::check::{elements, length};
use crate::error::KernelError;
use crate::memory::Scratch;
use crate::sides::Sides;
use convscope_core::ConvTranspose2dParams;

/// Transposed convolution, as `convscope_core::conv_transpose2d`.
///
/// `input` is NCHW of `input_shape`, `weight` `[in_channels, out_channels / groups, k_h, k_w]`, `bias` has a
/// number for each output channel and is there exactly when the parameters say so, and `output` is NCHW of
/// [`ConvTranspose2dParams::output_shape`].
///
/// # Errors
///
/// [`KernelError::Shape`] for what the parameters refuse; [`KernelError::Length`];
/// [`KernelError::OutOfMemory`].
pub fn conv_transpose2d(
    params: &ConvTranspose2dParams,
    input: &[f32],
    input_shape: [u64; 4],
    weight: &[f32],
    bias: Option<&[f32]>,
    output: &mut [f32],
    scratch: &mut Scratch,
) -> Result<(), KernelError> {
    let output_shape = params.output_shape(input_shape)?;
    params.check_bias(bias.map_or(0, |bias| bias.len() as u64))?;
    length("input", input.len(), elements(input_shape)?)?;
    length("weight", weight.len(), elements(params.weight_shape())?)?;
    length("output", output.len(), elements(output_shape)?)?;
    fill_with_bias(output, output_shape, bias);
    match Sides::of_transposed(params, input_shape)? {
        Some(sides) => sides.scatter(input, weight, output, scratch),
        None => Ok(()),
    }
}

/// Each map full of its channel's bias, or of 0.
fn fill_with_bias(output: &mut [f32], [_, _, height, width]: [u64; 4], bias: Option<&[f32]>) {
    match bias {
        Some(bias) if !output.is_empty() => {
            let maps = output.chunks_exact_mut((height * width) as usize);
            maps.zip(bias.iter().cycle()).for_each(|(map, &bias)| map.fill(bias));
        }
        _ => output.fill(0.0),
    }
}
