//! Arithmetic of two tensors, element by element, with broadcasting.

use crate::check::{length, volume};
use crate::error::KernelError;
use crate::memory::try_vec;

/// What is done with two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Arithmetic {
    /// `a + b`
    Add,
    /// `a - b`
    Sub,
    /// `a * b`
    Mul,
    /// `a / b`
    Div,
}

/// The shape of two tensors together: axes are matched from the last, and an axis of length 1, or one that
/// is not there, is repeated.
///
/// # Errors
///
/// [`KernelError::ShapeMismatch`] where both are longer than 1 and differ.
pub fn broadcast_shape(a: &[u64], b: &[u64]) -> Result<Vec<u64>, KernelError> {
    let rank = a.len().max(b.len());
    let mut shape = try_vec(rank)?;
    for axis in 0..rank {
        shape.push(match (len_at(a, axis, rank), len_at(b, axis, rank)) {
            (1, len) | (len, 1) => len,
            (expected, got) if expected == got => expected,
            (expected, got) => return Err(KernelError::ShapeMismatch { axis, expected, got }),
        });
    }
    Ok(shape)
}

/// The length of an axis of `rank` axes, of which `shape` has the last ones.
fn len_at(shape: &[u64], axis: usize, rank: usize) -> u64 {
    (axis + shape.len()).checked_sub(rank).map_or(1, |axis| shape[axis])
}

/// Computes `output = a op b`, each tensor with its shape; `output` has [`broadcast_shape`].
///
/// # Errors
///
/// Those of [`broadcast_shape`]; [`KernelError::Length`]; [`KernelError::OutOfMemory`].
pub fn arithmetic(
    op: Arithmetic,
    (a, a_shape): (&[f32], &[u64]),
    (b, b_shape): (&[f32], &[u64]),
    output: &mut [f32],
) -> Result<(), KernelError> {
    let shape = broadcast_shape(a_shape, b_shape)?;
    length("a", a.len(), volume(a_shape)?)?;
    length("b", b.len(), volume(b_shape)?)?;
    length("output", output.len(), volume(&shape)?)?;
    if output.is_empty() {
        return Ok(());
    }
    let axes = joined_axes(&shape, a_shape, b_shape)?;
    match op {
        Arithmetic::Add => apply(&axes, a, b, output, |a, b| a + b),
        Arithmetic::Sub => apply(&axes, a, b, output, |a, b| a - b),
        Arithmetic::Mul => apply(&axes, a, b, output, |a, b| a * b),
        Arithmetic::Div => apply(&axes, a, b, output, |a, b| a / b),
    }
    Ok(())
}

/// An axis of the output, and which of the tensors are repeated along it.
#[derive(Clone, Copy)]
struct Axis {
    len: usize,
    repeated: [bool; 2],
}

/// The axes longer than 1, neighbours that are repeated alike taken as one.
fn joined_axes(shape: &[u64], a: &[u64], b: &[u64]) -> Result<Vec<Axis>, KernelError> {
    let mut axes: Vec<Axis> = try_vec(shape.len())?;
    for (i, &len) in shape.iter().enumerate().filter(|&(_, &len)| len > 1) {
        let repeated = [a, b].map(|shape_of| len_at(shape_of, i, shape.len()) == 1);
        match axes.last_mut() {
            Some(last) if last.repeated == repeated => last.len *= len as usize,
            _ => axes.push(Axis { len: len as usize, repeated }),
        }
    }
    Ok(axes)
}

fn apply(axes: &[Axis], a: &[f32], b: &[f32], output: &mut [f32], op: impl Fn(f32, f32) -> f32 + Copy) {
    match axes {
        [] => output[0] = op(a[0], b[0]),
        [Axis { repeated: [true, _], .. }] => {
            let a = a[0];
            output.iter_mut().zip(b).for_each(|(output, b)| *output = op(a, *b));
        }
        [Axis { repeated: [_, true], .. }] => {
            let b = b[0];
            output.iter_mut().zip(a).for_each(|(output, a)| *output = op(*a, b));
        }
        [_] => output.iter_mut().zip(a).zip(b).for_each(|((output, a), b)| *output = op(*a, *b)),
        [Axis { len, repeated }, inner @ ..] => {
            let step = |cells: &[f32], repeated: bool| if repeated { 0 } else { cells.len() / len };
            let (a_step, b_step) = (step(a, repeated[0]), step(b, repeated[1]));
            for (i, row) in output.chunks_exact_mut(output.len() / len).enumerate() {
                let of = |cells: &'_ [f32], step: usize| {
                    i * step..if step == 0 { cells.len() } else { (i + 1) * step }
                };
                apply(inner, &a[of(a, a_step)], &b[of(b, b_step)], row, op);
            }
        }
    }
}

/// `to += factor * from`, as far as the shorter slice goes.
pub fn add_scaled(to: &mut [f32], factor: f32, from: &[f32]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += factor * from);
}

/// `numbers *= factor`
pub fn scale(numbers: &mut [f32], factor: f32) {
    numbers.iter_mut().for_each(|number| *number *= factor);
}

/// The largest magnitude; infinite where there is a NaN, and 0 of nothing.
pub fn largest(numbers: &[f32]) -> f32 {
    // As integers magnitudes have the same order, and NaNs come last; vectors compare them four at a time.
    let bits = numbers.iter().fold(0_u32, |most, x| most.max(x.to_bits() & 0x7FFF_FFFF));
    let largest = f32::from_bits(bits);
    if largest.is_nan() { f32::INFINITY } else { largest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(a_shape: &[u64], b_shape: &[u64], expected: &[f32]) {
        let numbers = |shape: &[u64], factor: f32| -> Vec<f32> {
            (0..shape.iter().product::<u64>()).map(|i| i as f32 * factor).collect()
        };
        let (a, b) = (numbers(a_shape, 1.0), numbers(b_shape, 10.0));
        let mut output = vec![0.0; expected.len()];
        arithmetic(Arithmetic::Add, (&a, a_shape), (&b, b_shape), &mut output).unwrap();
        assert_eq!(output, expected, "{a_shape:?} {b_shape:?}");
    }

    #[test]
    fn axes_of_length_1_are_repeated() {
        check(&[2, 2], &[2, 2], &[0.0, 11.0, 22.0, 33.0]);
        check(&[2, 2], &[2], &[0.0, 11.0, 2.0, 13.0]);
        check(&[2, 2], &[2, 1], &[0.0, 1.0, 12.0, 13.0]);
        check(&[2, 1], &[1, 3], &[0.0, 10.0, 20.0, 1.0, 11.0, 21.0]);
        check(&[], &[2], &[0.0, 10.0]);
        check(&[1, 2, 1, 2], &[2, 1, 1], &[0.0, 1.0, 12.0, 13.0]);
        check(&[0, 2], &[1, 2], &[]);
    }

    #[test]
    fn the_operation_keeps_its_order() {
        let (mut output, a, b) = ([0.0], [6.0], [4.0]);
        for (op, expected) in
            [(Arithmetic::Sub, 2.0), (Arithmetic::Mul, 24.0), (Arithmetic::Div, 1.5), (Arithmetic::Add, 10.0)]
        {
            arithmetic(op, (&a, &[1]), (&b, &[1]), &mut output).unwrap();
            assert_eq!(output, [expected]);
        }
    }

    #[test]
    fn a_magnitude_has_no_sign_and_no_number_is_the_largest() {
        assert_eq!(largest(&[1.0, -3.0, 2.0]), 3.0);
        assert_eq!(largest(&[]), 0.0);
        assert_eq!(largest(&[1.0, f32::NAN, f32::NEG_INFINITY]), f32::INFINITY);
        let mut to = [1.0, 2.0];
        add_scaled(&mut to, -2.0, &[3.0, 0.5]);
        scale(&mut to, 0.5);
        assert_eq!(to, [-2.5, 0.5]);
    }

    #[test]
    fn lengths_that_differ_are_refused() {
        let mismatch = KernelError::ShapeMismatch { axis: 1, expected: 3, got: 2 };
        assert_eq!(broadcast_shape(&[4, 3], &[2]), Err(mismatch));
        assert_eq!(broadcast_shape(&[4, 1], &[0]), Ok(vec![4, 0]));
    }
}
