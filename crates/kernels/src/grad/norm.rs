//! The gradient of normalisation by a tensor's own statistics.

use crate::check::length;
use crate::error::KernelError;
use crate::norm::runs;
use crate::span::{dot_spread, sum};

/// `grad_input = (grad_output - mean(grad_output) - output * mean(grad_output * output)) * inverse_deviation`
/// for each run of `len` numbers, from what [`normalize`](crate::normalize) gave.
///
/// # Errors
///
/// [`KernelError::Length`] when the slices do not go together.
pub fn normalize_grad(
    output: &[f32],
    inverse_deviations: &[f32],
    grad_output: &[f32],
    len: usize,
    grad_input: &mut [f32],
) -> Result<(), KernelError> {
    runs(output.len(), len, inverse_deviations.len())?;
    length("grad_output", grad_output.len(), output.len())?;
    length("grad_input", grad_input.len(), output.len())?;
    if len == 0 {
        return Ok(());
    }
    let cells = output.chunks_exact(len).zip(grad_output.chunks_exact(len));
    for (((output, grad), to), inverse) in cells.zip(grad_input.chunks_exact_mut(len)).zip(inverse_deviations)
    {
        let mean = sum(grad) / len as f32;
        let along = dot_spread(grad, output, 1) / len as f32;
        let cells = to.iter_mut().zip(grad.iter().zip(output));
        cells.for_each(|(to, (grad, y))| *to = (grad - mean - y * along) * inverse);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local_response::LocalResponse;
    use crate::norm::normalize;

    /// The gradient of `sum(weights * of(input))` by small differences.
    fn differences(input: &[f32], weights: &[f32], of: &dyn Fn(&[f32]) -> Vec<f32>) -> Vec<f32> {
        let step = 1.0 / 128.0;
        let at = |i: usize, by: f32| {
            let mut input = input.to_vec();
            input[i] += by;
            of(&input).iter().zip(weights).map(|(y, weight)| y * weight).sum::<f32>()
        };
        (0..input.len()).map(|i| (at(i, step) - at(i, -step)) / (2.0 * step)).collect()
    }

    #[track_caller]
    fn near(got: &[f32], expected: &[f32]) {
        for (got, expected) in got.iter().zip(expected) {
            assert!((got - expected).abs() <= 2e-3, "{got} {expected}");
        }
    }

    fn numbers(len: usize) -> (Vec<f32>, Vec<f32>) {
        let input = (0..len).map(|i| (i * 5 % 7) as f32 / 4.0 - 0.6).collect();
        (input, (0..len).map(|i| (i * 3 % 5) as f32 - 1.5).collect())
    }

    #[test]
    fn the_statistics_are_followed() {
        let (input, weights) = numbers(12);
        for len in [3, 4, 6, 12] {
            let of = |input: &[f32]| {
                let (mut output, mut inverse) = (vec![0.0; 12], vec![0.0; 12 / len]);
                normalize(input, len, 0.1, &mut output, &mut inverse).unwrap();
                output
            };
            let (mut output, mut inverse, mut grad) = (vec![0.0; 12], vec![0.0; 12 / len], vec![0.0; 12]);
            normalize(&input, len, 0.1, &mut output, &mut inverse).unwrap();
            normalize_grad(&output, &inverse, &weights, len, &mut grad).unwrap();
            near(&grad, &differences(&input, &weights, &of));
        }
    }

    #[test]
    fn neighbouring_channels_are_followed() {
        let (input, weights) = numbers(24);
        for size in [1, 2, 3, 5] {
            let response = LocalResponse { size, alpha: 0.9, beta: 0.75, k: 1.0 };
            let shape = [2, 6, 1, 2];
            let of = |input: &[f32]| {
                let mut output = vec![0.0; 24];
                response.run(input, shape, &mut output).unwrap();
                output
            };
            let mut grad = vec![0.0; 24];
            response.grad(&input, &weights, shape, &mut grad).unwrap();
            near(&grad, &differences(&input, &weights, &of));
        }
    }
}
