//! Memory that may be refused: buffers of `f32`, aligned to a cache line, and scratch that is used again.

use crate::error::KernelError;

/// A cache line. Aligned buffers let a vector never lie across two.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; Line::LEN]);

impl Line {
    const LEN: usize = 16;
}

/// A buffer of `f32` that starts at a cache line.
#[derive(Clone, Default)]
pub(crate) struct Floats {
    lines: Vec<Line>,
    len: usize,
}

impl Floats {
    /// So many zeros.
    ///
    /// # Errors
    ///
    /// [`KernelError::OutOfMemory`].
    pub(crate) fn zeros(len: usize) -> Result<Self, KernelError> {
        let n_lines = len.div_ceil(Line::LEN);
        let mut lines = try_vec(n_lines)?;
        lines.resize(n_lines, Line([0.0; Line::LEN]));
        Ok(Self { lines, len })
    }

    /// All numbers.
    #[expect(unsafe_code, reason = "lines are read as the numbers that they hold")]
    pub(crate) fn as_slice(&self) -> &[f32] {
        // SAFETY: a Line is 16 f32 without gaps, and the lines hold at least `len` of them.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }

    /// All numbers, to change them.
    #[expect(unsafe_code, reason = "lines are written as the numbers that they hold")]
    pub(crate) fn as_mut_slice(&mut self) -> &mut [f32] {
        // SAFETY: a Line is 16 f32 without gaps, and the lines hold at least `len` of them.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len) }
    }
}

/// Memory for what is needed only while an operation runs.
///
/// It grows to the largest need that it meets and is used again from run to run. One scratch serves any
/// number of operations, one after the other.
#[derive(Default)]
pub struct Scratch {
    floats: Floats,
}

impl Scratch {
    /// Without memory yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes that are held.
    pub fn bytes(&self) -> u64 {
        bytes_of::<Line>(self.floats.lines.capacity())
    }

    /// So many numbers; what stands in them is left over from earlier.
    ///
    /// # Errors
    ///
    /// [`KernelError::OutOfMemory`]; the scratch is then empty and can be used on.
    pub(crate) fn take(&mut self, len: usize) -> Result<&mut [f32], KernelError> {
        if len > self.floats.len {
            // First given back, so that both need not fit.
            self.floats = Floats::default();
            self.floats = Floats::zeros(len)?;
        }
        Ok(&mut self.floats.as_mut_slice()[..len])
    }
}

/// An empty vector with room for so many.
///
/// # Errors
///
/// [`KernelError::OutOfMemory`].
pub(crate) fn try_vec<T>(len: usize) -> Result<Vec<T>, KernelError> {
    let mut vec = Vec::new();
    match vec.try_reserve_exact(len) {
        Ok(()) => Ok(vec),
        Err(_) => Err(KernelError::OutOfMemory { bytes: bytes_of::<T>(len) }),
    }
}

/// What an iterator of known length yields.
///
/// # Errors
///
/// [`KernelError::OutOfMemory`].
pub(crate) fn try_collect<T>(items: impl ExactSizeIterator<Item = T>) -> Result<Vec<T>, KernelError> {
    let mut vec = try_vec(items.len())?;
    vec.extend(items);
    Ok(vec)
}

/// The product of lengths, each that of something to be held in memory as `f32`.
///
/// # Errors
///
/// [`KernelError::OutOfMemory`] when it cannot be counted; its bytes are then `u64::MAX`.
pub(crate) fn product(lens: &[usize]) -> Result<usize, KernelError> {
    lens.iter()
        .try_fold(1_usize, |product, &len| product.checked_mul(len))
        .ok_or(KernelError::OutOfMemory { bytes: u64::MAX })
}

fn bytes_of<T>(len: usize) -> u64 {
    (len as u64).saturating_mul(size_of::<T>() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_start_at_a_cache_line() {
        for len in [0, 1, 16, 17] {
            let floats = Floats::zeros(len).unwrap();
            assert_eq!(floats.as_slice(), vec![0.0; len]);
            assert_eq!(floats.as_slice().as_ptr().align_offset(64), 0);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_bytes() {
        let refusal = Scratch::new().take(usize::MAX / 8).unwrap_err();
        let KernelError::OutOfMemory { bytes } = refusal else { panic!("{refusal}") };
        assert!(bytes >= (usize::MAX / 8 * 4) as u64, "{bytes}");
        assert_eq!(try_vec::<f32>(usize::MAX).map(|_| ()), Err(KernelError::OutOfMemory { bytes: u64::MAX }));
        assert_eq!(product(&[usize::MAX, 2]), Err(KernelError::OutOfMemory { bytes: u64::MAX }));
    }

    #[test]
    fn scratch_is_used_again() {
        let mut scratch = Scratch::new();
        scratch.take(100).unwrap().fill(1.0);
        let bytes = scratch.bytes();
        assert_eq!(scratch.take(40).unwrap(), [1.0; 40]);
        assert_eq!(scratch.bytes(), bytes);
    }
}
