//! Batch normalisation with fixed statistics, as in inference.

use crate::check::{elements, length, size};
use crate::error::KernelError;

/// What a batch norm knows of each channel; all slices are as long as there are channels.
#[derive(Clone, Copy, Debug)]
pub struct BatchNorm<'a> {
    /// PyTorch's `running_mean`.
    pub mean: &'a [f32],
    /// PyTorch's `running_var`.
    pub variance: &'a [f32],
    /// PyTorch's `weight`; 1 without.
    pub weight: Option<&'a [f32]>,
    /// PyTorch's `bias`; 0 without.
    pub bias: Option<&'a [f32]>,
    /// Added to the variance.
    pub eps: f32,
}

impl BatchNorm<'_> {
    /// `output = (input - mean) / sqrt(variance + eps) * weight + bias`, channel by channel; `input` and
    /// `output` are NCHW of `shape`.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`]; [`KernelError::OutOfMemory`] for a shape beyond memory.
    pub fn run(&self, input: &[f32], shape: [u64; 4], output: &mut [f32]) -> Result<(), KernelError> {
        let channels = size(shape[1])?;
        length("input", input.len(), elements(shape)?)?;
        length("output", output.len(), input.len())?;
        for (name, values) in [
            ("mean", Some(self.mean)),
            ("variance", Some(self.variance)),
            ("weight", self.weight),
            ("bias", self.bias),
        ] {
            values.map_or(Ok(()), |values| length(name, values.len(), channels))?;
        }
        if input.is_empty() {
            return Ok(());
        }
        let plane = (shape[2] * shape[3]) as usize;
        for (i, (input, output)) in input.chunks_exact(plane).zip(output.chunks_exact_mut(plane)).enumerate()
        {
            let c = i % channels;
            let weight = self.weight.map_or(1.0, |weight| weight[c]);
            let (mean, bias) = (self.mean[c], self.bias.map_or(0.0, |bias| bias[c]));
            let scale = weight / (self.variance[c] + self.eps).sqrt();
            output.iter_mut().zip(input).for_each(|(output, input)| *output = (input - mean) * scale + bias);
        }
        Ok(())
    }
}
