//! Adaptive pooling, and global pooling as the adaptive one of a single window.

use crate::check::{elements, length};
use crate::error::KernelError;
use crate::span::sum;
use convscope_core::adaptive::AdaptiveAxis;
use convscope_core::{AdaptivePool2d, ConvError};
use std::ops::Range;

/// The average of each window: `output` is NCHW of [`AdaptivePool2d::output_shape`] for `input_shape`.
///
/// # Errors
///
/// [`KernelError::Shape`] for what [`AdaptivePool2d::output_shape`] refuses; [`KernelError::Length`];
/// [`KernelError::OutOfMemory`].
pub fn adaptive_avg_pool2d(
    pool: AdaptivePool2d,
    input: &[f32],
    input_shape: [u64; 4],
    output: &mut [f32],
) -> Result<(), KernelError> {
    each_window(pool, input, input_shape, output.len(), |step, window| {
        let total: f32 = window.rows.clone().map(|row| sum(window.row(row))).sum();
        output[step] = total / (window.rows.len() * window.columns.len()) as f32;
    })
}

/// The maximum of each window, and where it stands: `row * width + column` in its map of the input. The first
/// of equal maxima is taken, and of NaNs the last.
///
/// # Errors
///
/// Those of [`adaptive_avg_pool2d`]; [`ConvError::Zero`] without channels, which PyTorch refuses here alone;
/// [`ConvError::Overflow`] for maps of more than `u32::MAX` cells.
pub fn adaptive_max_pool2d(
    pool: AdaptivePool2d,
    input: &[f32],
    input_shape: [u64; 4],
    output: &mut [f32],
    indices: &mut [u32],
) -> Result<(), KernelError> {
    let [_, channels, height, width] = input_shape;
    if channels == 0 {
        return Err(ConvError::Zero { param: "channels" }.into());
    }
    if height.checked_mul(width).is_none_or(|cells| u32::try_from(cells).is_err()) {
        return Err(ConvError::Overflow.into());
    }
    length("indices", indices.len(), output.len())?;
    each_window(pool, input, input_shape, output.len(), |step, window| {
        let mut best = (f32::NEG_INFINITY, None);
        for row in window.rows.clone() {
            for (column, &cell) in window.columns.clone().zip(window.row(row)) {
                if cell > best.0 || cell.is_nan() || best.1.is_none() {
                    best = (cell, Some(row * window.width + column));
                }
            }
        }
        output[step] = best.0;
        indices[step] = best.1.unwrap_or(0) as u32;
    })
}

/// One window over one map.
struct Window<'a> {
    map: &'a [f32],
    width: usize,
    rows: Range<usize>,
    columns: Range<usize>,
}

impl Window<'_> {
    /// The window's cells in one row of the map.
    fn row(&self, row: usize) -> &[f32] {
        &self.map[row * self.width..][self.columns.clone()]
    }
}

/// Every window of every map, counted in the order of the output.
fn each_window(
    pool: AdaptivePool2d,
    input: &[f32],
    input_shape: [u64; 4],
    output_len: usize,
    mut visit: impl FnMut(usize, Window<'_>),
) -> Result<(), KernelError> {
    let output_shape = pool.output_shape(input_shape)?;
    let [_, _, height, width] = input_shape;
    let [rows, columns] = pool.axes([height, width])?;
    length("input", input.len(), elements(input_shape)?)?;
    length("output", output_len, elements(output_shape)?)?;
    if output_len == 0 {
        return Ok(());
    }
    // The input is not empty, so that its sizes are those of a slice.
    let range = |axis: &AdaptiveAxis, o: u64| axis.window(o).start as usize..axis.window(o).end as usize;
    let mut step = 0;
    for map in input.chunks_exact((height * width) as usize) {
        for y in 0..rows.output_len() {
            for x in 0..columns.output_len() {
                let (rows, columns) = (range(&rows, y), range(&columns, x));
                visit(step, Window { map, width: width as usize, rows, columns });
                step += 1;
            }
        }
    }
    Ok(())
}
