//! Padding of tensors of any rank, in ONNX's modes; negative padding crops.

use crate::check::{length, size, volume};
use crate::error::KernelError;
use crate::memory::{try_collect, try_vec};
use convscope_core::{ConvError, PaddingMode};

/// What stands in the padding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PadMode {
    /// One number.
    Constant(f32),
    /// The tensor mirrored at its edge, which is not repeated.
    Reflect,
    /// The edge again and again: PyTorch's `replicate`, ONNX's `edge`.
    Replicate,
    /// The tensor from the other side: PyTorch's `circular`, ONNX's `wrap`.
    Circular,
}

/// The padded shape, for `pads` of `[before, after]` for each axis.
///
/// # Errors
///
/// [`KernelError::RankMismatch`]; [`KernelError::Shape`] when more is cropped than is there, or for a size
/// that cannot be counted.
pub fn padded_shape(shape: &[u64], pads: &[[i64; 2]]) -> Result<Vec<u64>, KernelError> {
    if shape.len() != pads.len() {
        return Err(KernelError::RankMismatch { expected: shape.len(), got: pads.len() });
    }
    let mut padded = try_vec(shape.len())?;
    for (&len, &[before, after]) in shape.iter().zip(pads) {
        let cropped = cropped(len, before, after)?;
        let added = before.max(0).unsigned_abs().checked_add(after.max(0).unsigned_abs());
        let total = added.and_then(|added| added.checked_add(cropped.1)).ok_or(ConvError::Overflow)?;
        padded.push(total);
    }
    Ok(padded)
}

/// Pads each axis by `[before, after]`: what is negative is cropped first, and the rest padded from what is
/// left. `output` has [`padded_shape`]. More than is there can be mirrored or wrapped, again and again.
///
/// # Errors
///
/// Those of [`padded_shape`]; [`ConvError::Zero`] for an empty axis to be copied from;
/// [`KernelError::Length`]; [`KernelError::OutOfMemory`].
pub fn pad(
    input: &[f32],
    shape: &[u64],
    pads: &[[i64; 2]],
    mode: PadMode,
    output: &mut [f32],
) -> Result<(), KernelError> {
    let padded = padded_shape(shape, pads)?;
    length("input", input.len(), volume(shape)?)?;
    length("output", output.len(), volume(&padded)?)?;
    if output.is_empty() {
        return Ok(());
    }
    if let PadMode::Constant(value) = mode {
        output.fill(value);
    }
    // In row-major order the whole tensor is one row of rows; the last axis holds cells.
    let mut axes = try_vec(shape.len())?;
    for ((&len, &[before, after]), &padded) in shape.iter().zip(pads).zip(&padded) {
        axes.push(Axis::new(len, [before, after], padded, mode)?);
    }
    copy(&axes, input, output);
    Ok(())
}

/// The first cell that is kept, and how many are.
fn cropped(len: u64, before: i64, after: i64) -> Result<(u64, u64), KernelError> {
    let [before, after] = [before, after].map(|pad| pad.min(0).unsigned_abs());
    let kept = len.checked_sub(before).and_then(|len| len.checked_sub(after));
    let padding = before.saturating_add(after);
    kept.map(|kept| (before, kept)).ok_or_else(|| ConvError::OutputCropped { uncropped: len, padding }.into())
}

/// For each cell of a padded axis the cell of the input that stands there.
struct Axis {
    in_len: usize,
    sources: Vec<Option<usize>>,
    /// Where a run of kept cells begins in the output and in the input, and how many they are.
    kept: [usize; 3],
}

impl Axis {
    fn new(len: u64, [before, after]: [i64; 2], padded: u64, mode: PadMode) -> Result<Self, KernelError> {
        let (first, kept) = cropped(len, before, after)?;
        let mode = match mode {
            PadMode::Constant(_) => PaddingMode::Zeros,
            PadMode::Reflect => PaddingMode::Reflect,
            PadMode::Replicate => PaddingMode::Replicate,
            PadMode::Circular => PaddingMode::Circular,
        };
        if kept == 0 && padded > 0 && mode != PaddingMode::Zeros {
            return Err(ConvError::Zero { param: "input" }.into());
        }
        let source = |cell: usize| {
            let position = (cell as u64).cast_signed() - before.max(0);
            mode.source(position, kept).map(|cell| (first + cell) as usize)
        };
        let sources = try_collect((0..size(padded)?).map(source))?;
        let kept = [size(before.max(0).unsigned_abs())?, size(first)?, size(kept)?];
        Ok(Self { in_len: size(len)?, sources, kept })
    }
}

fn copy(axes: &[Axis], input: &[f32], output: &mut [f32]) {
    match axes {
        [] => output.copy_from_slice(input),
        [Axis { sources, kept: [to, from, len], .. }] => {
            let interior = *to..to + len;
            output[interior.clone()].copy_from_slice(&input[*from..from + len]);
            let outside = (0..interior.start).chain(interior.end..output.len());
            for cell in outside {
                if let Some(source) = sources[cell] {
                    output[cell] = input[source];
                }
            }
        }
        [Axis { in_len, sources, .. }, inner @ ..] => {
            // An output that is not empty has an input that is not, or nothing but a constant.
            let in_row = input.len() / in_len.max(&1);
            let rows = output.chunks_exact_mut(output.len() / sources.len());
            for (row, source) in rows.zip(sources) {
                if let Some(source) = source {
                    copy(inner, &input[source * in_row..][..in_row], row);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(shape: &[u64], pads: &[[i64; 2]], mode: PadMode, expected: &[f32]) {
        let input: Vec<f32> = (1..=shape.iter().product::<u64>()).map(|cell| cell as f32).collect();
        let mut output = vec![f32::NAN; padded_shape(shape, pads).unwrap().iter().product::<u64>() as usize];
        pad(&input, shape, pads, mode, &mut output).unwrap();
        assert_eq!(output, expected, "{pads:?} {mode:?}");
    }

    #[test]
    fn each_mode_fills_the_padding_in_its_way() {
        check(&[3], &[[2, 2]], PadMode::Constant(7.0), &[7.0, 7.0, 1.0, 2.0, 3.0, 7.0, 7.0]);
        check(&[3], &[[2, 2]], PadMode::Reflect, &[3.0, 2.0, 1.0, 2.0, 3.0, 2.0, 1.0]);
        check(&[3], &[[1, 2]], PadMode::Replicate, &[1.0, 1.0, 2.0, 3.0, 3.0, 3.0]);
        check(&[3], &[[1, 2]], PadMode::Circular, &[3.0, 1.0, 2.0, 3.0, 1.0, 2.0]);
    }

    #[test]
    fn every_axis_is_padded() {
        let expected = [0.0, 0.0, 0.0, 1.0, 2.0, 0.0, 3.0, 4.0, 0.0];
        check(&[2, 2], &[[1, 0], [0, 1]], PadMode::Constant(0.0), &expected);
        let expected = [3.0, 4.0, 3.0, 1.0, 2.0, 1.0, 3.0, 4.0, 3.0];
        check(&[1, 2, 2], &[[0, 0], [1, 0], [0, 1]], PadMode::Reflect, &expected);
        check(&[], &[], PadMode::Reflect, &[1.0]);
    }

    #[test]
    fn negative_padding_crops_before_the_rest_is_padded() {
        check(&[4], &[[-1, 2]], PadMode::Reflect, &[2.0, 3.0, 4.0, 3.0, 2.0]);
        check(&[2, 3], &[[-1, 1], [1, -2]], PadMode::Constant(0.0), &[0.0, 4.0, 0.0, 0.0]);
        check(&[2], &[[-2, 3]], PadMode::Constant(5.0), &[5.0; 3]);
        check(&[0, 2], &[[1, 0], [0, 0]], PadMode::Constant(5.0), &[5.0; 2]);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let cropped = ConvError::OutputCropped { uncropped: 3, padding: 4 };
        assert_eq!(padded_shape(&[3], &[[-2, -2]]), Err(cropped.into()));
        assert_eq!(padded_shape(&[3], &[]), Err(KernelError::RankMismatch { expected: 1, got: 0 }));
        assert_eq!(padded_shape(&[u64::MAX], &[[1, 0]]), Err(ConvError::Overflow.into()));
        let nothing = pad(&[], &[0], &[[1, 0]], PadMode::Reflect, &mut [0.0]);
        assert_eq!(nothing, Err(ConvError::Zero { param: "input" }.into()));
    }
}
