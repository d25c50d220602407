//! Normalisation by a tensor's own statistics: layer, group and instance norm.

use crate::check::length;
use crate::error::KernelError;
use crate::span::sum;

/// `output = (input - mean) / sqrt(variance + eps)`, for each run of `len` numbers by itself, with the variance
/// of all of them (divided by `len`). `inverse_deviations` gets `1 / sqrt(variance + eps)` of each run.
///
/// Of a map NCHW a run is `height * width` numbers for instance norm, those of all channels of a group for
/// group norm, and the last axes for layer norm.
///
/// # Errors
///
/// [`KernelError::Length`] when the slices do not go together.
pub fn normalize(
    input: &[f32],
    len: usize,
    eps: f32,
    output: &mut [f32],
    inverse_deviations: &mut [f32],
) -> Result<(), KernelError> {
    runs(input.len(), len, inverse_deviations.len())?;
    length("output", output.len(), input.len())?;
    if len == 0 {
        return Ok(());
    }
    let cells = input.chunks_exact(len).zip(output.chunks_exact_mut(len));
    for ((input, output), inverse) in cells.zip(inverse_deviations) {
        let mean = sum(input) / len as f32;
        output.iter_mut().zip(input).for_each(|(output, input)| *output = input - mean);
        let variance = squares(output) / len as f32;
        *inverse = 1.0 / (variance + eps).sqrt();
        output.iter_mut().for_each(|cell| *cell *= *inverse);
    }
    Ok(())
}

/// Checks that so many numbers are so many runs.
pub(crate) fn runs(numbers: usize, len: usize, n_runs: usize) -> Result<(), KernelError> {
    length("inverse_deviations", n_runs, numbers.checked_div(len).unwrap_or(0))?;
    length("input", numbers, n_runs * len)
}

/// The sum of squares, in eight lanes.
fn squares(cells: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    let (chunks, rest) = cells.as_chunks::<8>();
    for chunk in chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, cell)| *lane += cell * cell);
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|cell| cell * cell).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_run_has_mean_0_and_variance_1() {
        let input = [1.0, 3.0, 10.0, 10.0];
        let (mut output, mut inverse) = ([0.0; 4], [0.0; 2]);
        normalize(&input, 2, 0.0, &mut output, &mut inverse).unwrap();
        assert_eq!(output[..2], [-1.0, 1.0]);
        normalize(&input, 2, 3.0, &mut output, &mut inverse).unwrap();
        assert_eq!((output, inverse[0]), ([-0.5, 0.5, 0.0, 0.0], 0.5));
    }

    #[test]
    fn runs_that_do_not_fit_are_refused() {
        let refused = normalize(&[0.0; 5], 2, 1.0, &mut [0.0; 5], &mut [0.0; 2]);
        assert_eq!(refused, Err(KernelError::Length { name: "input", expected: 4, got: 5 }));
        assert_eq!(normalize(&[], 0, 1.0, &mut [], &mut []), Ok(()));
    }
}
