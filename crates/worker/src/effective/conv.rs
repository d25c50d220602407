//! Convolutions whose weights are used once: forward, and the gradient of the input where most of the output's
//! is 0.

use convscope_core::{Conv2dOptions, Conv2dParams, Padding2d, PaddingMode};
use convscope_kernels::grad::conv2d_grad_input;
use convscope_kernels::{Algorithm, Conv2d, KernelError, Precision, Scratch};
use std::ops::Range;

use super::step::floats;

/// Outputs of a map below which weights that are used once are not worth a transform.
const OUTPUTS_THAT_PAY: u64 = 1024;

/// Cells of a map that are no matter, in the padding or not.
const LITTLE: u64 = 65_536;

/// Features of a group from which on a product over panels of pixels is chosen without a transform, too.
const FEATURES_OF_PANELS: u64 = 16;

/// Computes the output of a convolution without bias, over an input NCHW of `shape`.
pub(super) fn conv2d_once(
    params: &Conv2dParams,
    weight: &[f32],
    input: &[f32],
    shape: [u64; 4],
    output: &mut [f32],
    scratch: &mut Scratch,
) -> Result<(), KernelError> {
    let [n, _, height, width] = params.output_shape(shape)?;
    let few = n.saturating_mul(height).saturating_mul(width) < OUTPUTS_THAT_PAY;
    let group_out = params.options().out_channels / params.options().groups;
    if few && group_out >= FEATURES_OF_PANELS {
        let panels = Conv2d::with_algorithm(params, shape, weight, None, Algorithm::Panels)?;
        if let Some(conv) = panels {
            return conv.run(input, output, scratch);
        }
    }
    Conv2d::new(params, shape, weight, None, Precision::Fast)?.run(input, output, scratch)
}

/// Writes the gradient of the input, NCHW of `input_shape`; `grad_input` is 0 before.
///
/// That of one unit grows from layer to layer, so only the rectangle that it has reached is computed.
pub(super) fn conv2d_back(
    params: &Conv2dParams,
    weight: &[f32],
    grad_output: &[f32],
    input_shape: [u64; 4],
    grad_input: &mut [f32],
    scratch: &mut Scratch,
) -> Result<(), KernelError> {
    let output_shape = params.output_shape(input_shape)?;
    let Some(part) = rectangle(grad_output, output_shape) else { return Ok(()) };
    let [n, c, height, width] = input_shape;
    let [rows, columns] = &part;
    let whole = rows.len() as u64 == output_shape[2] && columns.len() as u64 == output_shape[3];
    if whole || params.options().padding_mode != PaddingMode::Zeros {
        return conv2d_grad_input(params, weight, grad_output, input_shape, grad_input, scratch);
    }
    // The windows of the rectangle, over the cells that they cover, padding included.
    let geometry = params.geometry([height, width])?;
    let options = Conv2dOptions { padding: Padding2d::Valid, ..*params.options() };
    let inner = Conv2dParams::new(options)?;
    let covered = |axis: &convscope_core::AxisGeometry, windows: &Range<usize>| {
        (windows.len() as u64 - 1) * axis.params().stride() + axis.dilated_kernel()
    };
    let shape = [n, c, covered(&geometry.rows, rows), covered(&geometry.columns, columns)];
    // More padding than picture: memory is planned for the picture alone.
    if shape[2].saturating_mul(shape[3]) > height.saturating_mul(width).max(LITTLE) {
        return conv2d_grad_input(params, weight, grad_output, input_shape, grad_input, scratch);
    }
    let [height, width, in_height, in_width] = [height, width, shape[2], shape[3]].map(|len| len as usize);
    let grads = cut(grad_output, output_shape, &part)?;
    let mut covered = floats(product(&[n * c, shape[2], shape[3]])?)?;
    conv2d_grad_input(&inner, weight, &grads, shape, &mut covered, scratch)?;
    let first =
        [geometry.rows.window_start(rows.start as u64), geometry.columns.window_start(columns.start as u64)];
    let inside = |first: i64, covered: usize, len: usize| -> Range<usize> {
        let start = (-first).max(0) as usize;
        start..covered.min((len as i64 - first).max(0) as usize).max(start)
    };
    let (ys, xs) = (inside(first[0], in_height, height), inside(first[1], in_width, width));
    let maps = grad_input.chunks_exact_mut(height * width).zip(covered.chunks_exact(in_height * in_width));
    for (map, covered) in maps {
        for y in ys.clone() {
            let row = ((y as i64 + first[0]) as usize) * width;
            let at = row + (xs.start as i64 + first[1]).max(0) as usize;
            map[at..at + xs.len()].copy_from_slice(&covered[y * in_width..][xs.clone()]);
        }
    }
    Ok(())
}

/// Rows and columns outside of which every map is 0; `None` where all of it is.
fn rectangle(maps: &[f32], [_, _, height, width]: [u64; 4]) -> Option<[Range<usize>; 2]> {
    let [height, width] = [height, width].map(|len| len as usize);
    let (mut rows, mut columns) = (vec![false; height], vec![false; width]);
    for map in maps.chunks_exact((height * width).max(1)) {
        for (row, used) in map.chunks_exact(width).zip(&mut rows) {
            if row.iter().any(|cell| *cell != 0.0) {
                *used = true;
                row.iter().zip(&mut columns).for_each(|(cell, used)| *used |= *cell != 0.0);
            }
        }
    }
    let range = |used: &[bool]| {
        let first = used.iter().position(|seen| *seen)?;
        let last = used.iter().rposition(|seen| *seen)?;
        Some(first..last + 1)
    };
    Some([range(&rows)?, range(&columns)?])
}

/// The rectangle of every map.
fn cut(
    maps: &[f32],
    [n, c, height, width]: [u64; 4],
    part: &[Range<usize>; 2],
) -> Result<Vec<f32>, KernelError> {
    let [rows, columns] = part;
    let mut cut = floats(product(&[n * c, rows.len() as u64, columns.len() as u64])?)?;
    let [height, width] = [height, width].map(|len| len as usize);
    let to = cut.chunks_exact_mut(rows.len() * columns.len());
    for (map, to) in maps.chunks_exact(height * width).zip(to) {
        for (y, row) in rows.clone().zip(to.chunks_exact_mut(columns.len())) {
            row.copy_from_slice(&map[y * width..][columns.clone()]);
        }
    }
    Ok(cut)
}

fn product(lens: &[u64]) -> Result<usize, KernelError> {
    let product = lens.iter().try_fold(1_u64, |product, &len| product.checked_mul(len));
    let product = product.and_then(|product| usize::try_from(product).ok());
    product.ok_or(KernelError::OutOfMemory { bytes: u64::MAX })
}
