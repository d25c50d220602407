//! Gradients of a linear layer: matrix products of what the forward one joined.

use crate::check::{length, size};
use crate::error::KernelError;
use crate::gemm::Gemm;
use crate::memory::{Scratch, product};
use convscope_core::LinearParams;

/// The gradient of a linear layer's input, `[rows, in_features]`: `grad_output * weight`.
///
/// # Errors
///
/// [`KernelError::Length`]; [`KernelError::OutOfMemory`].
pub fn linear_grad_input(
    params: &LinearParams,
    weight: &[f32],
    grad_output: &[f32],
    rows: usize,
    grad_input: &mut [f32],
    scratch: &mut Scratch,
) -> Result<(), KernelError> {
    let [n, k] = [size(params.out_features())?, size(params.in_features())?];
    length("weight", weight.len(), product(&[n, k])?)?;
    length("grad_output", grad_output.len(), product(&[rows, n])?)?;
    length("grad_input", grad_input.len(), product(&[rows, k])?)?;
    Gemm::new(rows, k, n).run(grad_output, weight, grad_input, scratch)
}

/// The gradient of a linear layer's weight, `[out_features, in_features]`: `grad_output^T * input`.
///
/// # Errors
///
/// Those of [`linear_grad_input`].
pub fn linear_grad_weight(
    params: &LinearParams,
    input: &[f32],
    grad_output: &[f32],
    rows: usize,
    grad_weight: &mut [f32],
    scratch: &mut Scratch,
) -> Result<(), KernelError> {
    let [n, k] = [size(params.out_features())?, size(params.in_features())?];
    length("input", input.len(), product(&[rows, k])?)?;
    length("grad_output", grad_output.len(), product(&[rows, n])?)?;
    length("grad_weight", grad_weight.len(), product(&[n, k])?)?;
    Gemm { trans_a: true, ..Gemm::new(n, k, rows) }.run(grad_output, input, grad_weight, scratch)
}

/// The gradient of a linear layer's bias: for each feature the sum over the rows of `grad_output`.
///
/// # Errors
///
/// [`KernelError::Length`] when the rows are not as long as the bias.
pub fn linear_grad_bias(grad_output: &[f32], rows: usize, grad_bias: &mut [f32]) -> Result<(), KernelError> {
    length("grad_output", grad_output.len(), product(&[rows, grad_bias.len()])?)?;
    grad_bias.fill(0.0);
    for row in grad_output.chunks_exact(grad_bias.len().max(1)) {
        grad_bias.iter_mut().zip(row).for_each(|(sum, grad)| *sum += grad);
    }
    Ok(())
}
