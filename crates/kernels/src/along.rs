//! One axis of a tensor through a sparse matrix, and gradients back through its transpose.
//!
//! Padding, cropping, repeating, averaging and interpolating all are `output[o] = sum of factor * input[i]` on
//! one axis at a time, so that the gradient of each is the same list of terms read the other way.

use crate::check::{length, size};
use crate::error::KernelError;
use crate::memory::{product, try_vec};
use convscope_core::ConvError;
use std::ops::Range;

/// A sparse matrix from an axis of some cells to one of others.
///
/// Tensors around it are `[outer, cells, inner]`, where `inner` is the product of the axes after this one.
///
/// ```
/// use convscope_kernels::AxisMatrix;
///
/// // The mean of neighbours: two cells of three.
/// let mean = AxisMatrix::new([3, 2], |cell| [(cell, 0.5), (cell + 1, 0.5)])?;
/// let mut output = [0.0; 2];
/// mean.apply(&[1.0, 3.0, 5.0], 1, &mut output)?;
/// assert_eq!(output, [2.0, 4.0]);
/// # Ok::<(), convscope_kernels::KernelError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AxisMatrix {
    input_len: usize,
    /// Where each output cell's terms end.
    ends: Vec<usize>,
    terms: Vec<Term>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Term {
    input: usize,
    factor: f32,
}

impl AxisMatrix {
    /// From the input cells, each with a factor, that make each output cell; `lens` is `[input, output]`.
    ///
    /// # Errors
    ///
    /// [`KernelError::Shape`] with [`ConvError::Overflow`] for a cell beyond the input;
    /// [`KernelError::OutOfMemory`].
    pub fn new<T: IntoIterator<Item = (u64, f32)>>(
        lens: [u64; 2],
        terms_of: impl Fn(u64) -> T,
    ) -> Result<Self, KernelError> {
        let [input_len, output_len] = [size(lens[0])?, size(lens[1])?];
        let mut ends = try_vec(output_len)?;
        let mut terms = Vec::new();
        for cell in 0..lens[1] {
            for (input, factor) in terms_of(cell) {
                if input >= lens[0] {
                    return Err(ConvError::Overflow.into());
                }
                if terms.len() == terms.capacity() {
                    let more = terms.len().max(output_len);
                    let bytes = (more as u64).saturating_mul(size_of::<Term>() as u64);
                    terms.try_reserve(more).map_err(|_| KernelError::OutOfMemory { bytes })?;
                }
                terms.push(Term { input: input as usize, factor });
            }
            ends.push(terms.len());
        }
        Ok(Self { input_len, ends, terms })
    }

    /// Cells of the input's axis.
    pub fn input_len(&self) -> usize {
        self.input_len
    }

    /// Cells of the output's axis.
    pub fn output_len(&self) -> usize {
        self.ends.len()
    }

    /// `output[o] = sum of factor * input[i]`.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`] when the slices do not hold as many rows of rows as one another.
    pub fn apply(&self, input: &[f32], inner: usize, output: &mut [f32]) -> Result<(), KernelError> {
        let Some([in_len, out_len]) = self.lens(input.len(), inner, output.len())? else { return Ok(()) };
        for (input, output) in input.chunks_exact(in_len).zip(output.chunks_exact_mut(out_len)) {
            for (terms, row) in self.rows().zip(output.chunks_exact_mut(inner)) {
                row.fill(0.0);
                for &Term { input: i, factor } in &self.terms[terms] {
                    add_scaled(row, factor, &input[i * inner..][..inner]);
                }
            }
        }
        Ok(())
    }

    /// The gradient: `grad_input[i] = sum of factor * grad_output[o]`.
    ///
    /// # Errors
    ///
    /// Those of [`apply`](Self::apply).
    pub fn apply_transposed(
        &self,
        grad_output: &[f32],
        inner: usize,
        grad_input: &mut [f32],
    ) -> Result<(), KernelError> {
        let lens = self.lens(grad_input.len(), inner, grad_output.len())?;
        grad_input.fill(0.0);
        let Some([in_len, out_len]) = lens else { return Ok(()) };
        let rows_of = grad_output.chunks_exact(out_len).zip(grad_input.chunks_exact_mut(in_len));
        for (grad_output, grad_input) in rows_of {
            for (terms, row) in self.rows().zip(grad_output.chunks_exact(inner)) {
                for &Term { input: i, factor } in &self.terms[terms] {
                    add_scaled(&mut grad_input[i * inner..][..inner], factor, row);
                }
            }
        }
        Ok(())
    }

    /// The terms of each output cell.
    fn rows(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| start..end)
    }

    /// Elements of one matrix's input and output; nothing when either is empty.
    fn lens(&self, input: usize, inner: usize, output: usize) -> Result<Option<[usize; 2]>, KernelError> {
        let [in_len, out_len] = [product(&[self.input_len, inner])?, product(&[self.ends.len(), inner])?];
        if in_len == 0 || out_len == 0 {
            return Ok(None);
        }
        let outer = input / in_len;
        length("input", input, outer * in_len)?;
        length("output", output, product(&[outer, out_len])?)?;
        Ok(Some([in_len, out_len]))
    }
}

fn add_scaled(to: &mut [f32], factor: f32, from: &[f32]) {
    match (to, from) {
        // Along the last axis each row is one number, for which no loop is set up.
        ([to], [from]) => *to += factor * from,
        (to, from) => to.iter_mut().zip(from).for_each(|(to, from)| *to += factor * from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole matrix, from what it makes of unit vectors.
    fn dense(matrix: &AxisMatrix) -> Vec<Vec<f32>> {
        let column = |i: usize| {
            let mut unit = vec![0.0; matrix.input_len()];
            unit[i] = 1.0;
            let mut output = vec![f32::NAN; matrix.output_len()];
            matrix.apply(&unit, 1, &mut output).unwrap();
            output
        };
        (0..matrix.input_len()).map(column).collect()
    }

    #[test]
    fn going_back_is_the_transpose_along_any_axis() {
        let matrix = AxisMatrix::new([3, 4], |o| [(o % 3, 2.0), (o / 2, -1.0)]).unwrap();
        let dense = dense(&matrix);
        assert_eq!(dense[0], [1.0, -1.0, 0.0, 2.0]);
        for inner in [1, 2, 5] {
            let outer = 2;
            let input: Vec<f32> = (0..outer * 3 * inner).map(|i| (i * 7 % 11) as f32).collect();
            let grad: Vec<f32> = (0..outer * 4 * inner).map(|i| (i * 5 % 13) as f32).collect();
            let (mut output, mut grad_input) = (vec![f32::NAN; grad.len()], vec![f32::NAN; input.len()]);
            matrix.apply(&input, inner, &mut output).unwrap();
            matrix.apply_transposed(&grad, inner, &mut grad_input).unwrap();
            let (mut expected, mut expected_grad) = (vec![0.0; grad.len()], vec![0.0; input.len()]);
            for n in 0..outer {
                for (i, column) in dense.iter().enumerate() {
                    for (o, factor) in column.iter().enumerate() {
                        for k in 0..inner {
                            let (at_i, at_o) = ((n * 3 + i) * inner + k, (n * 4 + o) * inner + k);
                            expected[at_o] += factor * input[at_i];
                            expected_grad[at_i] += factor * grad[at_o];
                        }
                    }
                }
            }
            assert_eq!((output, grad_input), (expected, expected_grad), "{inner}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let outside = AxisMatrix::new([2, 1], |_| [(2, 1.0)]);
        assert_eq!(outside, Err(ConvError::Overflow.into()));
        let same = AxisMatrix::new([2, 2], |o| [(o, 1.0)]).unwrap();
        let refused = same.apply(&[1.0; 3], 1, &mut [0.0; 2]);
        assert_eq!(refused, Err(KernelError::Length { name: "input", expected: 2, got: 3 }));
        let refused = same.apply(&[1.0; 4], 1, &mut [0.0; 2]);
        assert_eq!(refused, Err(KernelError::Length { name: "output", expected: 4, got: 2 }));
        let nothing = AxisMatrix::new([0, 2], |_| []).unwrap();
        assert_eq!(nothing.apply(&[], 1, &mut []), Ok(()));
    }
}
