//! Gradients of transposed convolution: to the input by gathering, to the weight by correlating.

use crate::check::{elements, length};
use crate::error::KernelError;
use crate::memory::Scratch;
use crate::sides::Sides;
use convscope_core::ConvTranspose2dParams;

/// The gradient of a transposed convolution's input, NCHW of `input_shape`, from `grad_output`, NCHW, and the
/// weight `[in_channels, out_channels / groups, k_h, k_w]`.
///
/// # Errors
///
/// [`KernelError::Shape`] for what [`ConvTranspose2dParams::output_shape`] refuses; [`KernelError::Length`];
/// [`KernelError::OutOfMemory`].
pub fn conv_transpose2d_grad_input(
    params: &ConvTranspose2dParams,
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
    match Sides::of_transposed(params, input_shape)? {
        Some(sides) => sides.gather(grad_output, weight, grad_input, scratch),
        None => Ok(()),
    }
}

/// The gradient of a transposed convolution's weight, `[in_channels, out_channels / groups, k_h, k_w]`, from
/// `input`, NCHW of `input_shape`, and `grad_output`. That of the bias is [`super::grad_bias`].
///
/// # Errors
///
/// Those of [`conv_transpose2d_grad_input`].
pub fn conv_transpose2d_grad_weight(
    params: &ConvTranspose2dParams,
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
    match Sides::of_transposed(params, input_shape)? {
        Some(sides) => sides.correlate(input, grad_output, grad_weight, scratch),
        None => Ok(()),
    }
}
