//! Lp pooling: the norm of each window.

use crate::check::{elements, length};
use crate::error::KernelError;
use crate::memory::Scratch;
use crate::pool::{Reduction, Windows2d};
use convscope_core::{ConvError, Pool2dParams};

/// The `p`-norm of each window, `sum(|cell| ^ p) ^ (1 / p)` as in ONNX: `output` is NCHW of
/// [`Pool2dParams::output_shape`] for `input_shape`. Padding is zeros.
///
/// # Errors
///
/// [`KernelError::Shape`] for what [`Pool2dParams::output_shape`] refuses and for a `p` of 0;
/// [`KernelError::Length`]; [`KernelError::OutOfMemory`].
pub fn lp_pool2d(
    params: &Pool2dParams,
    p: u32,
    input: &[f32],
    input_shape: [u64; 4],
    output: &mut [f32],
    scratch: &mut Scratch,
) -> Result<(), KernelError> {
    let norm = Norm::new(p)?;
    let Some(windows) = Windows2d::new(params, input.len(), input_shape, output.len())? else {
        return Ok(());
    };
    let join = |sum: f32, cell: f32| sum + cell;
    let reduction = Reduction { empty: 0.0, of_cell: Some(|cell| norm.power(cell)), join };
    windows.reduce(&reduction, input, output, scratch, |_, row| {
        row.iter_mut().for_each(|sum| *sum = norm.root(*sum));
    })
}

/// The `p`-norm of each map: `output` has a number for each image and channel of `input_shape`, NCHW.
///
/// # Errors
///
/// Those of [`lp_pool2d`].
pub fn global_lp_pool2d(
    p: u32,
    input: &[f32],
    input_shape: [u64; 4],
    output: &mut [f32],
) -> Result<(), KernelError> {
    let norm = Norm::new(p)?;
    let [n, c, height, width] = input_shape;
    if height == 0 || width == 0 {
        return Err(ConvError::Zero { param: "input" }.into());
    }
    length("input", input.len(), elements(input_shape)?)?;
    length("output", output.len(), elements([n, c, 1, 1])?)?;
    if !output.is_empty() {
        let maps = input.chunks_exact((height * width) as usize);
        for (output, map) in output.iter_mut().zip(maps) {
            *output = norm.root(map.iter().map(|&cell| norm.power(cell)).sum());
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
struct Norm(u32);

impl Norm {
    fn new(p: u32) -> Result<Self, KernelError> {
        if p == 0 { Err(ConvError::Zero { param: "p" }.into()) } else { Ok(Self(p)) }
    }

    fn power(self, cell: f32) -> f32 {
        match self.0 {
            1 => cell.abs(),
            2 => cell * cell,
            p => cell.abs().powf(p as f32),
        }
    }

    fn root(self, sum: f32) -> f32 {
        match self.0 {
            1 => sum,
            2 => sum.sqrt(),
            p => sum.powf(1.0 / p as f32),
        }
    }
}
