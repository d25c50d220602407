//! The gradient of softmax.

use crate::check::{length, volume};
use crate::error::KernelError;
use crate::memory::try_vec;
use convscope_core::linear::resolve_axis;

/// `grad_input = output * (grad_output - sum of grad_output * output)` along `axis`, from what
/// [`softmax`](crate::softmax()) gave; negative axes count from the end.
///
/// # Errors
///
/// [`KernelError::Shape`] for an axis that does not exist; [`KernelError::Length`];
/// [`KernelError::OutOfMemory`].
pub fn softmax_grad(
    output: &[f32],
    grad_output: &[f32],
    shape: &[u64],
    axis: i64,
    grad_input: &mut [f32],
) -> Result<(), KernelError> {
    let axis = resolve_axis(axis, shape.len() as u64)? as usize;
    length("output", output.len(), volume(shape)?)?;
    length("grad_output", grad_output.len(), output.len())?;
    length("grad_input", grad_input.len(), output.len())?;
    if output.is_empty() {
        return Ok(());
    }
    // The tensor is not empty, so that its sizes are those of a slice.
    let inner: usize = shape[axis + 1..].iter().map(|&len| len as usize).product();
    let len = shape[axis] as usize * inner;
    let mut sums = try_vec(inner)?;
    let parts = output.chunks_exact(len).zip(grad_output.chunks_exact(len));
    for ((output, grad_output), grad_input) in parts.zip(grad_input.chunks_exact_mut(len)) {
        sums.clear();
        sums.resize(inner, 0.0_f32);
        for (output, grad) in output.chunks_exact(inner).zip(grad_output.chunks_exact(inner)) {
            sums.iter_mut().zip(output.iter().zip(grad)).for_each(|(sum, (y, grad))| *sum += y * grad);
        }
        let rows = output.chunks_exact(inner).zip(grad_output.chunks_exact(inner));
        for ((output, grad), grad_input) in rows.zip(grad_input.chunks_exact_mut(inner)) {
            let cells = grad_input.iter_mut().zip(output.iter().zip(grad).zip(&sums));
            cells.for_each(|(to, ((y, grad), sum))| *to = y * (grad - sum));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::softmax::softmax;

    #[test]
    fn gradients_are_those_of_small_differences_along_any_axis() {
        let shape = [2, 3, 2];
        let input: Vec<f32> = (0..12).map(|i| (i * 5 % 7) as f32 / 4.0).collect();
        let grad_output: Vec<f32> = (0..12).map(|i| (i * 3 % 5) as f32 - 2.0).collect();
        for axis in [0, 1, -1] {
            let of = |input: &[f32]| {
                let mut output = vec![f32::NAN; 12];
                softmax(input, &shape, axis, &mut output).unwrap();
                output
            };
            let mut grad = vec![f32::NAN; 12];
            softmax_grad(&of(&input), &grad_output, &shape, axis, &mut grad).unwrap();
            for (i, got) in grad.into_iter().enumerate() {
                let step = 1.0 / 128.0;
                let moved = |by: f32| {
                    let mut input = input.clone();
                    input[i] += by;
                    of(&input).iter().zip(&grad_output).map(|(y, grad)| y * grad).sum::<f32>()
                };
                let expected = (moved(step) - moved(-step)) / (2.0 * step);
                assert!((got - expected).abs() <= 1e-3, "axis {axis}, {i}: {got}, not {expected}");
            }
        }
    }
}
