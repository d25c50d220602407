//! Softmax along one axis.

use crate::check::{length, volume};
use crate::error::KernelError;
use crate::memory::try_vec;
use convscope_core::linear::resolve_axis;

/// `exp(x - max) / sum(exp(x - max))` along `axis` of a tensor of any rank; negative axes count from the end.
///
/// # Errors
///
/// [`KernelError::Shape`] for an axis that does not exist; [`KernelError::Length`];
/// [`KernelError::OutOfMemory`].
pub fn softmax(input: &[f32], shape: &[u64], axis: i64, output: &mut [f32]) -> Result<(), KernelError> {
    let axis = resolve_axis(axis, shape.len() as u64)? as usize;
    length("input", input.len(), volume(shape)?)?;
    length("output", output.len(), input.len())?;
    if input.is_empty() {
        return Ok(());
    }
    // The tensor is not empty, so that its sizes are those of a slice.
    let inner: usize = shape[axis + 1..].iter().map(|&len| len as usize).product();
    let len = shape[axis] as usize;
    let mut largest = try_vec(inner)?;
    let mut sums = try_vec(inner)?;
    for (input, output) in input.chunks_exact(len * inner).zip(output.chunks_exact_mut(len * inner)) {
        largest.clear();
        largest.extend_from_slice(&input[..inner]);
        for row in input.chunks_exact(inner).skip(1) {
            // A NaN comes out in the sum, so it need not be looked for here.
            largest
                .iter_mut()
                .zip(row)
                .for_each(|(largest, &x)| *largest = if x > *largest { x } else { *largest });
        }
        sums.clear();
        sums.resize(inner, 0.0_f32);
        for (input, output) in input.chunks_exact(inner).zip(output.chunks_exact_mut(inner)) {
            let cells = output.iter_mut().zip(input).zip(sums.iter_mut().zip(&largest));
            for ((output, input), (sum, largest)) in cells {
                *output = (input - largest).exp();
                *sum += *output;
            }
        }
        for output in output.chunks_exact_mut(inner) {
            output.iter_mut().zip(&sums).for_each(|(output, sum)| *output /= sum);
        }
    }
    Ok(())
}
