//! Max pooling: the largest cell of each window, and where it stands.

use crate::check::length;
use crate::error::KernelError;
use crate::memory::Scratch;
use crate::pool::{Reduction, Windows2d};
use convscope_core::{ConvError, Pool2dParams};

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
) -> Result<(), KernelError> {
    let windows = Windows2d::new(params, input.len(), input_shape, output.len())?;
    length("indices", indices.len(), output.len())?;
    let Some(windows) = windows else { return Ok(()) };
    if u32::try_from(windows.in_plane()).is_err() {
        return Err(ConvError::Overflow.into());
    }
    let width = windows.columns.in_len;
    let outputs = output.iter_mut().zip(indices.iter_mut());
    let positions = windows.rows.windows.iter().flat_map(|&row| {
        let columns = windows.columns.windows.iter();
        columns.map(move |&column| (row, column))
    });
    let maps = input.chunks_exact(windows.in_plane());
    let all = maps.flat_map(|map| positions.clone().map(move |position| (map, position)));
    for ((map, (row, column)), (output, index)) in all.zip(outputs) {
        let mut best = (f32::NEG_INFINITY, NO_INDEX);
        for y in windows.rows.cells(row) {
            for x in windows.columns.cells(column) {
                let cell = map[y * width + x];
                if cell > best.0 || cell.is_nan() || best.1 == NO_INDEX {
                    best = (cell, (y * width + x) as u32);
                }
            }
        }
        (*output, *index) = best;
    }
    Ok(())
}

/// The second if it is larger or no number, so that the first of equal ones stays.
#[inline(always)]
fn larger(best: f32, cell: f32) -> f32 {
    if cell > best || cell.is_nan() { cell } else { best }
}
