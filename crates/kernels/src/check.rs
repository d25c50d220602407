//! Whether slices are as long as their shapes say.

use crate::error::KernelError;
use convscope_core::tensor::element_count;

/// Elements of a shape that is held in memory.
///
/// # Errors
///
/// [`KernelError::OutOfMemory`] when it is longer than any slice; [`KernelError::Shape`] when it cannot be
/// counted.
pub(crate) fn elements(shape: [u64; 4]) -> Result<usize, KernelError> {
    size(element_count(shape)?)
}

/// A size in `usize`.
pub(crate) fn size(value: u64) -> Result<usize, KernelError> {
    usize::try_from(value).map_err(|_| KernelError::OutOfMemory { bytes: value.saturating_mul(4) })
}

/// Compares a slice's length with what its shape says.
///
/// # Errors
///
/// [`KernelError::Length`] with the name and both.
pub(crate) fn length(name: &'static str, got: usize, expected: usize) -> Result<(), KernelError> {
    if got == expected { Ok(()) } else { Err(KernelError::Length { name, expected, got }) }
}

/// Elements of a tensor of any rank.
///
/// # Errors
///
/// Those of [`elements`].
pub(crate) fn volume(shape: &[u64]) -> Result<usize, KernelError> {
    if shape.contains(&0) {
        return Ok(0);
    }
    let product = shape.iter().try_fold(1_u64, |product, &len| product.checked_mul(len));
    size(product.ok_or(convscope_core::ConvError::Overflow)?)
}
