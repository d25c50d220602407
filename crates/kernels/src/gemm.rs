//! Matrix products: both sides packed into panels, and blocks of 4 rows times 8 columns in registers.
//!
//! `c = alpha * a * b + beta * c`. Panels are as deep as a first-level cache allows; sums over more than that
//! are rounded once for each panel on top of once for each product.

use crate::check::length;
use crate::error::KernelError;
use crate::memory::{Scratch, product};
use crate::simd::F32x4;

/// Rows of a block.
const ROWS: usize = 4;
/// Columns of a block: two vectors.
const COLUMNS: usize = 2 * F32x4::LANES;
/// Depth of a panel.
const DEPTH: usize = 256;
/// Rows of `a` that are packed at a time.
const PACKED_ROWS: usize = 128;
/// Columns of `b` that are packed at a time.
const PACKED_COLUMNS: usize = 512;

/// Sizes and factors of a matrix product, in the words of ONNX's `Gemm`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gemm {
    /// Rows of the result.
    pub m: usize,
    /// Columns of the result.
    pub n: usize,
    /// Products in each of its elements.
    pub k: usize,
    /// Whether `a` is given as `[k, m]` instead of `[m, k]`.
    pub trans_a: bool,
    /// Whether `b` is given as `[n, k]` instead of `[k, n]`.
    pub trans_b: bool,
    /// Factor of the product.
    pub alpha: f32,
    /// Factor of what stands in `c`; with 0 it is not read.
    pub beta: f32,
}

impl Gemm {
    /// The plain product `[m, k] * [k, n]`.
    pub fn new(m: usize, n: usize, k: usize) -> Self {
        Self { m, n, k, trans_a: false, trans_b: false, alpha: 1.0, beta: 0.0 }
    }

    /// Computes `c = alpha * a * b + beta * c`; all row-major, `c` as `[m, n]`.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`]; [`KernelError::OutOfMemory`] when the panels do not fit.
    pub fn run(&self, a: &[f32], b: &[f32], c: &mut [f32], scratch: &mut Scratch) -> Result<(), KernelError> {
        let Self { m, n, k, .. } = *self;
        length("a", a.len(), product(&[m, k])?)?;
        length("b", b.len(), product(&[k, n])?)?;
        length("c", c.len(), product(&[m, n])?)?;
        let a = if self.trans_a { Matrix::new(a, 1, m) } else { Matrix::new(a, k, 1) };
        let b = if self.trans_b { Matrix::new(b, 1, k) } else { Matrix::new(b, n, 1) };
        let panels = scratch.take(panel_len([m, n, k]))?;
        multiply([m, n, k], self.alpha, a, b, self.beta, c, n, panels);
        Ok(())
    }
}

/// A matrix in a slice: element `[row, column]` stands at `row * row_step + column * column_step`.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    data: &'a [f32],
    row_step: usize,
    column_step: usize,
}

impl<'a> Matrix<'a> {
    pub fn new(data: &'a [f32], row_step: usize, column_step: usize) -> Self {
        Self { data, row_step, column_step }
    }
}

/// Floats that [`multiply`] needs for its panels.
pub(crate) fn panel_len([m, n, k]: [usize; 3]) -> usize {
    let rows = PACKED_ROWS.min(m.next_multiple_of(ROWS));
    let columns = PACKED_COLUMNS.min(n.next_multiple_of(COLUMNS));
    (rows + columns) * DEPTH.min(k)
}

/// `c[row * c_step + column] = alpha * a * b + beta * c` for `[m, n, k]`; `panels` is [`panel_len`] long.
#[expect(clippy::too_many_arguments, reason = "the arguments of the matrix product that everybody knows")]
pub(crate) fn multiply(
    [m, n, k]: [usize; 3],
    alpha: f32,
    a: Matrix<'_>,
    b: Matrix<'_>,
    beta: f32,
    c: &mut [f32],
    c_step: usize,
    panels: &mut [f32],
) {
    scale([m, n], beta, c, c_step);
    if m == 0 || n == 0 {
        return;
    }
    let (a_panels, b_panels) = panels.split_at_mut(PACKED_ROWS.min(m.next_multiple_of(ROWS)) * DEPTH.min(k));
    for first_column in (0..n).step_by(PACKED_COLUMNS) {
        let columns = PACKED_COLUMNS.min(n - first_column);
        for first in (0..k).step_by(DEPTH) {
            let depth = DEPTH.min(k - first);
            let b_start = first * b.row_step + first_column * b.column_step;
            let b = Matrix::new(&b.data[b_start..], b.column_step, b.row_step);
            pack::<COLUMNS>(b, columns, depth, 1.0, b_panels);
            for first_row in (0..m).step_by(PACKED_ROWS) {
                let rows = PACKED_ROWS.min(m - first_row);
                let a_start = first_row * a.row_step + first * a.column_step;
                let a = Matrix::new(&a.data[a_start..], a.row_step, a.column_step);
                pack::<ROWS>(a, rows, depth, alpha, a_panels);
                let c = &mut c[first_row * c_step + first_column..];
                multiply_panels([rows, columns, depth], a_panels, b_panels, c, c_step);
            }
        }
    }
}

/// `c = beta * c`; with 0, whatever stood there.
fn scale([m, n]: [usize; 2], beta: f32, c: &mut [f32], c_step: usize) {
    if beta == 1.0 || n == 0 {
        return;
    }
    for row in c.chunks_mut(c_step).take(m).map(|row| &mut row[..n]) {
        if beta == 0.0 {
            row.fill(0.0);
        } else {
            row.iter_mut().for_each(|cell| *cell *= beta);
        }
    }
}

/// Panels of `W` rows each, `[panel][depth][W]`, rows that are missing from the last as zeros.
fn pack<const W: usize>(matrix: Matrix<'_>, rows: usize, depth: usize, factor: f32, panels: &mut [f32]) {
    let Matrix { data, row_step, column_step } = matrix;
    for (panel_idx, panel) in panels.chunks_exact_mut(W * depth).take(rows.div_ceil(W)).enumerate() {
        let first = panel_idx * W;
        let width = W.min(rows - first);
        if row_step == 1 && width == W {
            for (p, cells) in panel.chunks_exact_mut(W).enumerate() {
                let from = &data[first + p * column_step..][..W];
                cells.iter_mut().zip(from).for_each(|(cell, from)| *cell = from * factor);
            }
            continue;
        }
        if width < W {
            panel.fill(0.0);
        }
        for w in 0..width {
            let row = &data[(first + w) * row_step..];
            let cells = panel[w..].iter_mut().step_by(W);
            if column_step == 1 {
                cells.zip(row).for_each(|(cell, from)| *cell = from * factor);
            } else {
                cells.zip(row.iter().step_by(column_step)).for_each(|(cell, from)| *cell = from * factor);
            }
        }
    }
}

/// Adds the product of packed panels to `c`.
fn multiply_panels(
    [rows, columns, depth]: [usize; 3],
    a_panels: &[f32],
    b_panels: &[f32],
    c: &mut [f32],
    c_step: usize,
) {
    let b_panels = b_panels.chunks_exact(COLUMNS * depth).take(columns.div_ceil(COLUMNS));
    for (column, b) in (0..columns).step_by(COLUMNS).zip(b_panels) {
        let width = COLUMNS.min(columns - column);
        let a_panels = a_panels.chunks_exact(ROWS * depth).take(rows.div_ceil(ROWS));
        for (row, a) in (0..rows).step_by(ROWS).zip(a_panels) {
            let block = multiply_block(a, b);
            for (i, sums) in block.iter().enumerate().take(rows - row) {
                let cells = &mut c[(row + i) * c_step + column..][..width];
                cells.iter_mut().zip(sums).for_each(|(cell, sum)| *cell += sum);
            }
        }
    }
}

/// One block: `a` is `[depth][ROWS]`, `b` is `[depth][COLUMNS]`.
#[inline(always)]
fn multiply_block(a: &[f32], b: &[f32]) -> [[f32; COLUMNS]; ROWS] {
    let mut sums = [[F32x4::splat(0.0); 2]; ROWS];
    let (a, b) = (a.as_chunks::<ROWS>().0, b.as_chunks::<COLUMNS>().0);
    for (a, b) in a.iter().zip(b) {
        let &[b0, b1, b2, b3, b4, b5, b6, b7] = b;
        let columns = [F32x4::from_array([b0, b1, b2, b3]), F32x4::from_array([b4, b5, b6, b7])];
        for (sums, &a) in sums.iter_mut().zip(a) {
            let a = F32x4::splat(a);
            for (sum, column) in sums.iter_mut().zip(columns) {
                *sum = a.madd(column, *sum);
            }
        }
    }
    sums.map(|[low, high]| {
        let ([a, b, c, d], [e, f, g, h]) = (low.to_array(), high.to_array());
        [a, b, c, d, e, f, g, h]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole numbers, small enough that every sum is exact.
    fn numbers(len: usize, seed: usize) -> Vec<f32> {
        (0..len).map(|i| ((i * 7 + seed * 5 + i / 3) % 11) as f32 - 5.0).collect()
    }

    #[test]
    fn products_of_every_shape_and_order_equal_the_definition() {
        for (m, n, k) in [(1, 1, 1), (4, 8, 3), (5, 9, 2), (131, 7, 300), (3, 523, 17), (6, 6, 0), (0, 3, 2)]
        {
            for (trans_a, trans_b) in [(false, false), (true, false), (false, true), (true, true)] {
                let (a, b) = (numbers(m * k, 1), numbers(k * n, 2));
                let mut c = numbers(m * n, 3);
                let mut expected = c.clone();
                for i in 0..m {
                    for j in 0..n {
                        let a = |p: usize| if trans_a { a[p * m + i] } else { a[i * k + p] };
                        let b = |p: usize| if trans_b { b[j * k + p] } else { b[p * n + j] };
                        let sum: f32 = (0..k).map(|p| a(p) * b(p)).sum();
                        expected[i * n + j] = 2.0 * sum + 0.5 * expected[i * n + j];
                    }
                }
                let gemm = Gemm { trans_a, trans_b, alpha: 2.0, beta: 0.5, ..Gemm::new(m, n, k) };
                gemm.run(&a, &b, &mut c, &mut Scratch::new()).unwrap();
                assert_eq!(c, expected, "{gemm:?}");
            }
        }
    }

    #[test]
    fn without_beta_the_result_is_not_read() {
        let mut c = [f32::NAN; 4];
        Gemm::new(2, 2, 1).run(&[1.0, 2.0], &[3.0, 4.0], &mut c, &mut Scratch::new()).unwrap();
        assert_eq!(c, [3.0, 4.0, 6.0, 8.0]);
    }

    #[test]
    fn lengths_are_checked_by_name() {
        let refusal = Gemm::new(2, 2, 2).run(&[0.0; 4], &[0.0; 3], &mut [0.0; 4], &mut Scratch::new());
        assert_eq!(refusal, Err(KernelError::Length { name: "b", expected: 4, got: 3 }));
        let huge = Gemm::new(usize::MAX, 2, 2).run(&[], &[], &mut [], &mut Scratch::new());
        assert_eq!(huge, Err(KernelError::OutOfMemory { bytes: u64::MAX }));
    }
}
