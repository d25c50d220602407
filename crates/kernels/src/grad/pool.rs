//! Gradients of pools: a maximum's goes where it stood, an average's to all of its window alike.

use crate::avg_pool::Divisors;
use crate::check::{elements, length, size};
use crate::error::KernelError;
use crate::memory::{Floats, product};
use crate::pool::{Windows, Windows2d};
use crate::span::add_to_spread;
use convscope_core::{AvgDivisor, ConvError, Pool2dParams};
use std::ops::Range;

/// The gradient of a max pool's input, from the indices that
/// [`max_pool2d_with_indices`](crate::max_pool2d_with_indices) or
/// [`adaptive_max_pool2d`](crate::adaptive_max_pool2d) gave: `grad_input` is NCHW of `input_shape`, and
/// `grad_output` and `indices` have as many elements for each of its maps.
///
/// # Errors
///
/// [`KernelError::Length`]; [`ConvError::Overflow`] for an index beyond its map; those of windows without a
/// maximum, [`NO_INDEX`](crate::NO_INDEX), give nothing to anybody.
pub fn max_pool2d_grad(
    indices: &[u32],
    grad_output: &[f32],
    input_shape: [u64; 4],
    grad_input: &mut [f32],
) -> Result<(), KernelError> {
    length("grad_input", grad_input.len(), elements(input_shape)?)?;
    length("indices", indices.len(), grad_output.len())?;
    let n_maps = product(&[size(input_shape[0])?, size(input_shape[1])?])?;
    grad_input.fill(0.0);
    if grad_output.is_empty() || grad_input.is_empty() {
        return Ok(());
    }
    let out_plane = grad_output.len() / n_maps;
    length("grad_output", grad_output.len(), out_plane * n_maps)?;
    let maps = grad_input.chunks_exact_mut((input_shape[2] * input_shape[3]) as usize);
    let outputs = grad_output.chunks_exact(out_plane.max(1)).zip(indices.chunks_exact(out_plane.max(1)));
    for (map, (grads, indices)) in maps.zip(outputs) {
        for (grad, &index) in grads.iter().zip(indices).filter(|&(_, &index)| index != crate::NO_INDEX) {
            *map.get_mut(index as usize).ok_or(ConvError::Overflow)? += grad;
        }
    }
    Ok(())
}

/// The gradient of an average pool's input, NCHW of `input_shape`, from `grad_output`, NCHW.
///
/// # Errors
///
/// [`KernelError::Shape`] for what [`Pool2dParams::output_shape`] refuses; [`KernelError::Length`];
/// [`KernelError::OutOfMemory`].
pub fn avg_pool2d_grad(
    params: &Pool2dParams,
    divisor: AvgDivisor,
    grad_output: &[f32],
    input_shape: [u64; 4],
    grad_input: &mut [f32],
) -> Result<(), KernelError> {
    length("grad_input", grad_input.len(), elements(input_shape)?)?;
    length("grad_output", grad_output.len(), elements(params.output_shape(input_shape)?)?)?;
    let windows = Windows2d::new(params, grad_input.len(), input_shape, grad_output.len())?;
    let Some(windows) = windows else { return Ok(()) };
    grad_input.fill(0.0);
    let divisors = Divisors::new(divisor, &windows)?;
    let (rows, columns) = (&windows.rows, &windows.columns);
    let mut shares = Floats::zeros(columns.out_len())?;
    let mut spread = Floats::zeros(columns.in_len)?;
    let (shares, spread) = (shares.as_mut_slice(), spread.as_mut_slice());
    let maps = grad_input.chunks_exact_mut(windows.in_plane());
    for (map, grads) in maps.zip(grad_output.chunks_exact(windows.out_plane())) {
        for (y, grads) in grads.chunks_exact(columns.out_len()).enumerate() {
            for (x, (share, grad)) in shares.iter_mut().zip(grads).enumerate() {
                *share = grad / divisors.of_window([y, x]);
            }
            // What a row of windows gives is the same for each row of their cells.
            spread.fill(0.0);
            columns.spread(shares, spread);
            for in_y in rows.cells(rows.windows[y]) {
                add_to_spread(&mut map[in_y * columns.in_len..][..columns.in_len], 1, spread);
            }
        }
    }
    Ok(())
}

impl Windows {
    /// Adds to each cell of a row the shares of the windows that hold it.
    fn spread(&self, shares: &[f32], row: &mut [f32]) {
        let Range { start, end } = self.interior;
        for window in (0..start).chain(end..self.out_len()) {
            self.cells(self.windows[window]).for_each(|cell| row[cell] += shares[window]);
        }
        if start < end {
            for first in self.cells(self.windows[start]) {
                add_to_spread(&mut row[first..], self.stride, &shares[start..end]);
            }
        }
    }
}
