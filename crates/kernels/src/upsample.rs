//! Enlarging maps by whole factors.

use crate::check::{elements, length};
use crate::error::KernelError;
use convscope_core::ConvError;

/// Each cell `scale[0]` times below one another and `scale[1]` times side by side: `output` is NCHW,
/// `[n, c, height * scale[0], width * scale[1]]`.
///
/// # Errors
///
/// [`KernelError::Shape`] for a scale of 0 or a size that cannot be counted; [`KernelError::Length`];
/// [`KernelError::OutOfMemory`].
pub fn upsample_nearest(
    input: &[f32],
    input_shape: [u64; 4],
    scale: [u64; 2],
    output: &mut [f32],
) -> Result<(), KernelError> {
    let [n, c, height, width] = input_shape;
    if scale.contains(&0) {
        return Err(ConvError::Zero { param: "scale" }.into());
    }
    let [out_height, out_width] = [height.checked_mul(scale[0]), width.checked_mul(scale[1])];
    let output_shape = [n, c, out_height.ok_or(ConvError::Overflow)?, out_width.ok_or(ConvError::Overflow)?];
    length("input", input.len(), elements(input_shape)?)?;
    length("output", output.len(), elements(output_shape)?)?;
    if output.is_empty() {
        return Ok(());
    }
    // The output is not empty, so that its sizes are those of a slice.
    let [scale_y, scale_x] = scale.map(|scale| scale as usize);
    let (width, out_width) = (width as usize, output_shape[3] as usize);
    for (row, rows) in input.chunks_exact(width).zip(output.chunks_exact_mut(out_width * scale_y)) {
        let (first, others) = rows.split_at_mut(out_width);
        for (cells, &cell) in first.chunks_exact_mut(scale_x).zip(row) {
            cells.fill(cell);
        }
        others.chunks_exact_mut(out_width).for_each(|other| other.copy_from_slice(first));
    }
    Ok(())
}
