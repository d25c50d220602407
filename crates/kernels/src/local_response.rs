//! Local response normalisation: each number by the squares of its neighbours in other channels.

use crate::check::{elements, length};
use crate::error::KernelError;
use crate::memory::Floats;

/// `output = input / (k + alpha / size * sum of input^2 over the nearest channels)^beta`, over `size` channels
/// of which `size / 2` come before. Krizhevsky, Sutskever and Hinton 2012, section 3.3.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LocalResponse {
    /// Channels that count.
    pub size: usize,
    /// How much they count.
    pub alpha: f32,
    /// The exponent.
    pub beta: f32,
    /// What is added, so that nothing is divided by 0.
    pub k: f32,
}

impl Default for LocalResponse {
    /// PyTorch's numbers, over 5 channels.
    fn default() -> Self {
        Self { size: 5, alpha: 1e-4, beta: 0.75, k: 1.0 }
    }
}

impl LocalResponse {
    /// Computes the output for an input, both NCHW of `shape`.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`]; [`KernelError::OutOfMemory`].
    pub fn run(&self, input: &[f32], shape: [u64; 4], output: &mut [f32]) -> Result<(), KernelError> {
        self.scales(input, shape, output)?;
        output.iter_mut().zip(input).for_each(|(scale, input)| *scale = input * scale.powf(-self.beta));
        Ok(())
    }

    /// The gradient of the input, from that of the output.
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run).
    pub fn grad(
        &self,
        input: &[f32],
        grad_output: &[f32],
        shape: [u64; 4],
        grad_input: &mut [f32],
    ) -> Result<(), KernelError> {
        length("grad_output", grad_output.len(), input.len())?;
        let mut scales = Floats::zeros(input.len())?;
        let scales = scales.as_mut_slice();
        self.scales(input, shape, scales)?;
        length("grad_input", grad_input.len(), input.len())?;
        // What each number does to the scales of others, all windows looked at from the other end.
        let mut through = Floats::zeros(input.len())?;
        let through = through.as_mut_slice();
        let cells = through.iter_mut().zip(grad_output.iter().zip(input).zip(&*scales));
        cells.for_each(|(through, ((grad, x), scale))| *through = grad * x * scale.powf(-self.beta - 1.0));
        let before = self.size.saturating_sub(1) - self.size / 2;
        self.sum_channels(through, shape, before, grad_input);
        let factor = -2.0 * self.alpha * self.beta / self.size as f32;
        let cells = grad_input.iter_mut().zip(grad_output.iter().zip(input).zip(&*scales));
        cells.for_each(|(sum, ((grad, x), scale))| *sum = grad * scale.powf(-self.beta) + factor * x * *sum);
        Ok(())
    }

    /// `k + alpha / size * sum of squares`.
    fn scales(&self, input: &[f32], shape: [u64; 4], scales: &mut [f32]) -> Result<(), KernelError> {
        length("input", input.len(), elements(shape)?)?;
        length("output", scales.len(), input.len())?;
        let mut squares = Floats::zeros(input.len())?;
        squares.as_mut_slice().iter_mut().zip(input).for_each(|(square, x)| *square = x * x);
        self.sum_channels(squares.as_slice(), shape, self.size / 2, scales);
        let factor = self.alpha / self.size as f32;
        scales.iter_mut().for_each(|sum| *sum = self.k + factor * *sum);
        Ok(())
    }

    /// For each channel the sum of `size` of them, `before` of which come before it.
    fn sum_channels(&self, input: &[f32], shape: [u64; 4], before: usize, sums: &mut [f32]) {
        sums.fill(0.0);
        if input.is_empty() {
            return;
        }
        // The tensor is not empty, so that its sizes are those of a slice.
        let [_, channels, height, width] = shape.map(|len| len as usize);
        let plane = height * width;
        let images = input.chunks_exact(channels * plane).zip(sums.chunks_exact_mut(channels * plane));
        for (input, sums) in images {
            for (c, sums) in sums.chunks_exact_mut(plane).enumerate() {
                let window = c.saturating_sub(before)..(c + self.size).saturating_sub(before).min(channels);
                for other in window {
                    let cells = &input[other * plane..][..plane];
                    sums.iter_mut().zip(cells).for_each(|(sum, cell)| *sum += cell);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_is_divided_by_its_neighbours() {
        // torch.nn.LocalResponseNorm(3, alpha=3, beta=1, k=1) of 1, 2, 3: squares 1, 4, 9.
        let response = LocalResponse { size: 3, alpha: 3.0, beta: 1.0, k: 1.0 };
        let mut output = [0.0; 3];
        response.run(&[1.0, 2.0, 3.0], [1, 3, 1, 1], &mut output).unwrap();
        for (got, expected) in output.into_iter().zip([1.0 / 6.0, 2.0 / 15.0, 3.0 / 14.0]) {
            assert!((got - expected).abs() <= 1e-7, "{got} {expected}");
        }
    }

    #[test]
    fn a_window_of_even_size_reaches_further_back() {
        // torch.nn.LocalResponseNorm(2, alpha=2, beta=1, k=1) of 1, 2: squares 1 and 1 + 4.
        let response = LocalResponse { size: 2, alpha: 2.0, beta: 1.0, k: 1.0 };
        let mut output = [0.0; 2];
        response.run(&[1.0, 2.0], [1, 2, 1, 1], &mut output).unwrap();
        assert_eq!(output, [0.5, 2.0 / 6.0]);
    }
}
