//! A fully connected layer: dot products for a few rows, a matrix product for many.

use crate::check::{length, size};
use crate::error::KernelError;
use crate::gemm::Gemm;
use crate::memory::{Scratch, product};
use crate::simd::F32x4;
use convscope_core::LinearParams;

/// Rows of input up to which each row of the weight is read once for each of them, instead of packed.
const FEW_ROWS: usize = 3;

/// `output = input * weight^T + bias`: `input` is `[rows, in_features]`, `weight`
/// `[out_features, in_features]`, `output` `[rows, out_features]`, and `bias` is there exactly when the
/// parameters say so.
///
/// # Errors
///
/// [`KernelError::Length`]; [`KernelError::Shape`] for a bias of another length;
/// [`KernelError::OutOfMemory`].
pub fn linear(
    params: &LinearParams,
    input: &[f32],
    rows: usize,
    weight: &[f32],
    bias: Option<&[f32]>,
    output: &mut [f32],
    scratch: &mut Scratch,
) -> Result<(), KernelError> {
    let [n, k] = [size(params.out_features())?, size(params.in_features())?];
    params.check_bias(bias.map_or(0, |bias| bias.len() as u64))?;
    length("input", input.len(), product(&[rows, k])?)?;
    length("weight", weight.len(), product(&[n, k])?)?;
    length("output", output.len(), product(&[rows, n])?)?;
    if n == 0 {
        return Ok(());
    }
    if rows > FEW_ROWS {
        Gemm { trans_b: true, ..Gemm::new(rows, n, k) }.run(input, weight, output, scratch)?;
    } else if k == 0 {
        output.fill(0.0);
    } else {
        for (row, output) in input.chunks_exact(k).zip(output.chunks_exact_mut(n)) {
            multiply_vector(row, weight, output);
        }
    }
    if let Some(bias) = bias {
        for row in output.chunks_exact_mut(n) {
            row.iter_mut().zip(bias).for_each(|(sum, bias)| *sum += bias);
        }
    }
    Ok(())
}

/// `output[i]` is the dot product of row `i` of the matrix with `vector`; four rows at a time.
fn multiply_vector(vector: &[f32], matrix: &[f32], output: &mut [f32]) {
    let k = vector.len();
    for (rows, outputs) in matrix.chunks(4 * k).zip(output.chunks_mut(4)) {
        match outputs {
            [a, b, c, d] => {
                let (low, high) = rows.split_at(2 * k);
                let ((row_a, row_b), (row_c, row_d)) = (low.split_at(k), high.split_at(k));
                [*a, *b, *c, *d] = dots(vector, [row_a, row_b, row_c, row_d]);
            }
            _ => {
                for (output, row) in outputs.iter_mut().zip(rows.chunks_exact(k)) {
                    [*output] = dots(vector, [row]);
                }
            }
        }
    }
}

/// The dot products of some rows with one vector, each in eight lanes.
fn dots<const N: usize>(vector: &[f32], rows: [&[f32]; N]) -> [f32; N] {
    let (chunks, rest) = vector.as_chunks::<8>();
    let rows = rows.map(|row| row[..vector.len()].as_chunks::<8>());
    let mut sums = [[F32x4::splat(0.0); 2]; N];
    let halves = |&[a, b, c, d, e, f, g, h]: &[f32; 8]| {
        [F32x4::from_array([a, b, c, d]), F32x4::from_array([e, f, g, h])]
    };
    for (i, chunk) in chunks.iter().enumerate() {
        let cells = halves(chunk);
        for (sums, row) in sums.iter_mut().zip(&rows) {
            let weights = halves(&row.0[i]);
            *sums = [weights[0].madd(cells[0], sums[0]), weights[1].madd(cells[1], sums[1])];
        }
    }
    std::array::from_fn(|row| {
        let tail: f32 = rest.iter().zip(rows[row].1).map(|(cell, weight)| cell * weight).sum();
        sums[row][0].add(sums[row][1]).sum() + tail
    })
}
