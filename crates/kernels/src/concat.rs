//! Joining tensors along one axis.

use crate::check::{length, volume};
use crate::error::KernelError;
use crate::memory::try_vec;
use convscope_core::ConvError;
use convscope_core::linear::resolve_axis;

/// The shape of tensors joined along `axis`; negative axes count from the end.
///
/// # Errors
///
/// [`KernelError::Shape`] for no tensor at all, an axis that does not exist or a size that cannot be counted;
/// [`KernelError::RankMismatch`] and [`KernelError::ShapeMismatch`] where the tensors do not go together.
pub fn concat_shape(shapes: &[&[u64]], axis: i64) -> Result<Vec<u64>, KernelError> {
    let first = *shapes.first().ok_or(ConvError::Zero { param: "inputs" })?;
    let axis = resolve_axis(axis, first.len() as u64)? as usize;
    let mut joined = try_vec(first.len())?;
    joined.extend_from_slice(first);
    for shape in &shapes[1..] {
        if shape.len() != first.len() {
            return Err(KernelError::RankMismatch { expected: first.len(), got: shape.len() });
        }
        for (i, (&expected, &got)) in first.iter().zip(*shape).enumerate() {
            if i != axis && expected != got {
                return Err(KernelError::ShapeMismatch { axis: i, expected, got });
            }
        }
        joined[axis] = joined[axis].checked_add(shape[axis]).ok_or(ConvError::Overflow)?;
    }
    Ok(joined)
}

/// Joins tensors, each with its shape, along `axis`; `output` has [`concat_shape`].
///
/// # Errors
///
/// Those of [`concat_shape`]; [`KernelError::Length`]; [`KernelError::OutOfMemory`].
pub fn concat(inputs: &[(&[f32], &[u64])], axis: i64, output: &mut [f32]) -> Result<(), KernelError> {
    let mut shapes = try_vec(inputs.len())?;
    shapes.extend(inputs.iter().map(|&(_, shape)| shape));
    let joined = concat_shape(&shapes, axis)?;
    for (input, shape) in inputs {
        length("input", input.len(), volume(shape)?)?;
    }
    length("output", output.len(), volume(&joined)?)?;
    if output.is_empty() {
        return Ok(());
    }
    let axis = resolve_axis(axis, joined.len() as u64)? as usize;
    let inner = |shape: &[u64]| volume(&shape[axis..]);
    let out_inner = inner(&joined)?;
    let mut start = 0;
    for (input, shape) in inputs {
        let len = inner(shape)?;
        if len > 0 {
            for (from, to) in input.chunks_exact(len).zip(output.chunks_exact_mut(out_inner)) {
                to[start..start + len].copy_from_slice(from);
            }
        }
        start += len;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_are_joined_along_any_axis() {
        let (a, b) = ([1.0, 2.0, 3.0, 4.0], [5.0, 6.0]);
        let mut output = [0.0; 6];
        concat(&[(&a, &[2, 2]), (&b, &[1, 2])], 0, &mut output).unwrap();
        assert_eq!(output, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        concat(&[(&a, &[2, 2]), (&b, &[2, 1]), (&[], &[2, 0])], -1, &mut output).unwrap();
        assert_eq!(output, [1.0, 2.0, 5.0, 3.0, 4.0, 6.0]);
    }

    #[test]
    fn what_does_not_go_together_is_refused_with_both_lengths() {
        assert_eq!(concat_shape(&[&[2, 3], &[4, 3]], 0), Ok(vec![6, 3]));
        let mismatch = KernelError::ShapeMismatch { axis: 1, expected: 3, got: 4 };
        assert_eq!(concat_shape(&[&[2, 3], &[2, 4]], 0), Err(mismatch));
        assert_eq!(concat_shape(&[&[2, 3], &[2]], 0), Err(KernelError::RankMismatch { expected: 2, got: 1 }));
        assert_eq!(concat_shape(&[], 0), Err(ConvError::Zero { param: "inputs" }.into()));
        assert_eq!(concat_shape(&[&[2]], 1), Err(ConvError::AxisOutOfRange { axis: 1, rank: 1 }.into()));
        assert_eq!(concat_shape(&[&[u64::MAX], &[1]], 0), Err(ConvError::Overflow.into()));
    }
}
