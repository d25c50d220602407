//! The gradient of ReLU.

use crate::check::length;
use crate::error::KernelError;

/// `grad_input = grad_output` where the input is above 0, and 0 elsewhere, at 0 itself too.
///
/// # Errors
///
/// [`KernelError::Length`] when the three are not of one length.
pub fn relu_grad(input: &[f32], grad_output: &[f32], grad_input: &mut [f32]) -> Result<(), KernelError> {
    length("grad_output", grad_output.len(), input.len())?;
    length("grad_input", grad_input.len(), input.len())?;
    for ((grad_input, grad_output), input) in grad_input.iter_mut().zip(grad_output).zip(input) {
        *grad_input = if *input > 0.0 { *grad_output } else { 0.0 };
    }
    Ok(())
}
