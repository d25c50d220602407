//! Max pooling: the largest cell of each window, and where it stands.

use crate::check::length;
use crate::error::KernelError;
use crate::memory::{Scratch, product, try_vec};
use crate::pool::{Reduction, Windows, Windows2d};
use convscope_core::{ConvError, Pool2dParams};
use std::ops::Range;

/// The index of a window that holds padding alone.
pub const NO_INDEX: u32 = u32::MAX;

/// The maximum of each window: `output` is NCHW of [`Pool2dParams::output_shape`] for `input_shape`.
///
/// Padding is below every number. A NaN beats every number; a window of padding alone gives negative
/// infinity.
///
/// # Errors
///
/// [`KernelError::Shape`] for what [`Pool2dParams::output_shape`] refuses; [`KernelError::Length`];
/// [`KernelError::OutOfMemory`].
pub fn max_pool2d(
    params: &Pool2dParams,
    input: &[f32],
    input_shape: [u64; 4],
    output: &mut [f32],
    scratch: &mut Scratch,
) -> Result<(), KernelError> {
    let Some(windows) = Windows2d::new(params, input.len(), input_shape, output.len())? else {
        return Ok(());
    };
    let reduction = Reduction::new(f32::NEG_INFINITY, larger);
    windows.reduce(&reduction, input, output, scratch, |_, _| ())
}

/// The same, and for each window where its maximum stands: `row * width + column` in its map of the input.
///
/// The first of equal maxima is taken, and of NaNs the last, as in PyTorch; [`NO_INDEX`] for a window of
/// padding alone.
///
/// # Errors
///
/// Those of [`max_pool2d`], and [`ConvError::Overflow`] for maps of more than `u32::MAX` cells.
pub fn max_pool2d_with_indices(
    params: &Pool2dParams,
    input: &[f32],
    input_shape: [u64; 4],
    output: &mut [f32],
    indices: &mut [u32],
    scratch: &mut Scratch,
) -> Result<(), KernelError> {
    let windows = Windows2d::new(params, input.len(), input_shape, output.len())?;
    length("indices", indices.len(), output.len())?;
    let Some(windows) = windows else { return Ok(()) };
    if u32::try_from(windows.in_plane()).is_err() {
        return Err(ConvError::Overflow.into());
    }
    let (width, out_width) = (windows.columns.in_len, windows.columns.out_len());
    // Of each row of the input the largest cell of each window, and its column.
    let n_reduced = product(&[windows.rows.in_len, out_width])?;
    let reduced = scratch.take(n_reduced)?;
    let mut columns = try_vec(n_reduced)?;
    columns.resize(n_reduced, NO_INDEX);
    let maps =
        output.chunks_exact_mut(windows.out_plane()).zip(indices.chunks_exact_mut(windows.out_plane()));
    for (map, (output, indices)) in input.chunks_exact(windows.in_plane()).zip(maps) {
        let rows = reduced.chunks_exact_mut(out_width).zip(columns.chunks_exact_mut(out_width));
        for (row, (reduced, columns)) in map.chunks_exact(width).zip(rows) {
            windows.columns.largest_of_row(row, reduced, columns);
        }
        let rows = output.chunks_exact_mut(out_width).zip(indices.chunks_exact_mut(out_width));
        for (window, (output, indices)) in windows.rows.windows.iter().zip(rows) {
            output.fill(f32::NEG_INFINITY);
            indices.fill(NO_INDEX);
            for y in windows.rows.cells(*window) {
                let base = (y * width) as u32;
                let cells = reduced[y * out_width..].iter().zip(&columns[y * out_width..]);
                let best = output.iter_mut().zip(indices.iter_mut());
                for ((best, index), (&cell, &column)) in best.zip(cells) {
                    let takes = column != NO_INDEX && (*index == NO_INDEX || cell > *best || cell.is_nan());
                    *best = if takes { cell } else { *best };
                    *index = if takes { base + column } else { *index };
                }
            }
        }
    }
    Ok(())
}

impl Windows {
    /// The largest cell of every window of one row, and its column.
    fn largest_of_row(&self, row: &[f32], largest: &mut [f32], columns: &mut [u32]) {
        let Range { start, end } = self.interior;
        for window in (0..start).chain(end..self.out_len()) {
            let mut best = (f32::NEG_INFINITY, NO_INDEX);
            for cell in self.cells(self.windows[window]) {
                if best.1 == NO_INDEX || row[cell] > best.0 || row[cell].is_nan() {
                    best = (row[cell], cell as u32);
                }
            }
            (largest[window], columns[window]) = best;
        }
        if start == end {
            return;
        }
        let (largest, columns) = (&mut largest[start..end], &mut columns[start..end]);
        for (tap, first) in self.cells(self.windows[start]).enumerate() {
            let cells = row[first..].iter().step_by(self.stride);
            let best = largest.iter_mut().zip(columns.iter_mut());
            // More than one window has a stride within the row.
            let mut column = first as u32;
            for ((best, index), &cell) in best.zip(cells) {
                let takes = tap == 0 || cell > *best || cell.is_nan();
                *best = if takes { cell } else { *best };
                *index = if takes { column } else { *index };
                column = column.wrapping_add(self.stride as u32);
            }
        }
    }
}

/// The second if it is larger or no number, so that the first of equal ones stays.
#[inline(always)]
fn larger(best: f32, cell: f32) -> f32 {
    if cell > best || cell.is_nan() { cell } else { best }
}
