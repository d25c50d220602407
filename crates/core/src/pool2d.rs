//! The values of pools, window by window: for grids on which every number is shown.
//!
//! A window's cells are taken row by row; cells of the padding are no candidates for a maximum and zeros for
//! a sum.

use crate::error::ConvError;
use crate::pool::{AvgDivisor, Pool2dGeometry, Pool2dParams};
use crate::tensor::Tensor;

/// The maximum of each window, and where it stands: `row * width + column` in its map, without padding.
///
/// The first of equal maxima is taken. A NaN beats every number and is beaten by a later NaN, as in PyTorch.
/// A window of padding alone gives negative infinity and no place.
///
/// # Errors
///
/// Those of [`Pool2dParams::output_shape`]; [`ConvError::Overflow`] when the output does not fit in memory.
pub fn max_pool2d(params: &Pool2dParams, input: &Tensor) -> Result<(Tensor, Vec<Option<u64>>), ConvError> {
    let mut indices = Vec::new();
    let output = pool(params, input, |window| {
        let mut best = (f32::NEG_INFINITY, None);
        for (value, index) in window.cells() {
            if value > best.0 || value.is_nan() || best.1.is_none() {
                best = (value, Some(index));
            }
        }
        indices.push(best.1);
        best.0
    })?;
    Ok((output, indices))
}

/// The average of each window: its sum in `f32`, divided once. A window with nothing to count gives 0.
///
/// # Errors
///
/// As for [`max_pool2d`].
pub fn avg_pool2d(params: &Pool2dParams, divisor: AvgDivisor, input: &Tensor) -> Result<Tensor, ConvError> {
    pool(params, input, |window| {
        let sum = window.cells().fold(0.0, |sum: f32, (value, _)| sum + value);
        match divisor.of_window(window.geometry, window.output) {
            0 => 0.0,
            divisor => sum / divisor as f32,
        }
    })
}

/// The `p`-norm of each window: `sum(|cell| ^ p) ^ (1 / p)`, as in ONNX.
///
/// # Errors
///
/// As for [`max_pool2d`], and [`ConvError::Zero`] for a `p` of 0.
pub fn lp_pool2d(params: &Pool2dParams, p: u32, input: &Tensor) -> Result<Tensor, ConvError> {
    if p == 0 {
        return Err(ConvError::Zero { param: "p" });
    }
    let exponent = p as f32;
    pool(params, input, |window| {
        let sum = window.cells().fold(0.0, |sum: f32, (value, _)| sum + value.abs().powf(exponent));
        sum.powf(1.0 / exponent)
    })
}

/// One window over one map.
struct Window<'a> {
    geometry: &'a Pool2dGeometry,
    output: [u64; 2],
    map: &'a [f32],
}

impl Window<'_> {
    /// The cells that lie in the input, row by row, each with its place in the map.
    fn cells(&self) -> impl Iterator<Item = (f32, u64)> {
        let Pool2dGeometry { rows, columns, .. } = *self.geometry;
        let [y, x] = self.output;
        rows.taps_inside(y).flat_map(move |k_y| {
            let row = rows.windows().tap(y, k_y).cast_unsigned() * columns.windows().input_len();
            columns.taps_inside(x).map(move |k_x| {
                let index = row + columns.windows().tap(x, k_x).cast_unsigned();
                (self.map[index as usize], index)
            })
        })
    }
}

fn pool(
    params: &Pool2dParams,
    input: &Tensor,
    mut value: impl FnMut(Window<'_>) -> f32,
) -> Result<Tensor, ConvError> {
    let [_, channels, height, width] = input.shape();
    let output_shape = params.output_shape(input.shape())?;
    let geometry = &params.geometry([height, width])?;
    let mut output = Tensor::zeros(output_shape)?;
    let windows = geometry.windows();
    let maps = output.data_mut().chunks_mut(usize::try_from(windows.n_steps()).unwrap_or(usize::MAX));
    for (map_idx, cells) in (0..).zip(maps) {
        let map = input.plane(map_idx / channels, map_idx % channels);
        for (step, cell) in (0..).zip(cells) {
            *cell = value(Window { geometry, output: windows.output_position(step), map });
        }
    }
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auto_pad::AutoPad;
    use crate::conv2d::Pads;
    use crate::pool::{Pool2dOptions, PoolRounding};

    fn pool_2x2(stride: u64, pads: [i64; 4]) -> Pool2dParams {
        rounded(stride, pads, PoolRounding::Ceil)
    }

    fn rounded(stride: u64, pads: [i64; 4], rounding: PoolRounding) -> Pool2dParams {
        let padding = AutoPad::Explicit(Pads::new(pads).unwrap());
        let options = Pool2dOptions {
            kernel_size: [2, 2],
            stride: [stride; 2],
            padding,
            rounding,
            ..Default::default()
        };
        Pool2dParams::new(options).unwrap()
    }

    #[test]
    fn the_first_of_equal_maxima_is_taken_and_a_later_nan() {
        let max = |cells: [f32; 4]| {
            let (output, indices) =
                max_pool2d(&pool_2x2(2, [0; 4]), &Tensor::map(2, 2, cells.to_vec()).unwrap()).unwrap();
            (output.data()[0], indices[0])
        };
        assert_eq!(max([3.0, 7.0, 7.0, 1.0]), (7.0, Some(1)));
        assert_eq!(max([f32::NEG_INFINITY; 4]), (f32::NEG_INFINITY, Some(0)));
        let (value, index) = max([f32::NAN, 9.0, f32::NAN, f32::INFINITY]);
        assert!(value.is_nan());
        assert_eq!(index, Some(2));
    }

    #[test]
    fn padding_is_below_every_number() {
        let input = Tensor::map(1, 1, vec![-5.0]).unwrap();
        let (output, indices) = max_pool2d(&rounded(1, [1, 0, 0, 2], PoolRounding::Floor), &input).unwrap();
        assert_eq!(output.data(), [-5.0, f32::NEG_INFINITY]);
        assert_eq!(indices, [Some(0), None]);
    }

    #[test]
    fn averages_divide_by_what_they_are_told_to_count() {
        let input = Tensor::map(3, 3, vec![4.0; 9]).unwrap();
        let average = |divisor| {
            let output = avg_pool2d(&pool_2x2(2, [1, 1, 1, 1]), divisor, &input).unwrap();
            [output.at([0, 0, 0, 0]), output.at([0, 0, 0, 1]), output.at([0, 0, 1, 1])]
        };
        assert_eq!(average(AvgDivisor::CountInside), [4.0, 4.0, 4.0]);
        assert_eq!(average(AvgDivisor::CountIncludePad), [1.0, 2.0, 4.0]);
        assert_eq!(average(AvgDivisor::Fixed(-2)), [-2.0, -4.0, -8.0]);
        // The last window hangs over the end, where nothing is counted.
        let output = avg_pool2d(&pool_2x2(2, [0; 4]), AvgDivisor::CountIncludePad, &input).unwrap();
        assert_eq!(output.data(), [4.0; 4]);
    }

    #[test]
    fn a_norm_takes_magnitudes() {
        let input = Tensor::map(2, 2, vec![3.0, -4.0, 0.0, 0.0]).unwrap();
        let norm = |p| lp_pool2d(&pool_2x2(2, [0; 4]), p, &input).map(|output| output.data()[0]);
        assert_eq!(norm(2), Ok(5.0));
        assert_eq!(norm(1), Ok(7.0));
        assert_eq!(norm(0), Err(ConvError::Zero { param: "p" }));
    }

    #[test]
    fn an_empty_batch_has_an_empty_output() {
        let input = Tensor::zeros([0, 2, 1 << 40, 4]).unwrap();
        let (output, indices) = max_pool2d(&pool_2x2(2, [0; 4]), &input).unwrap();
        assert_eq!((output.shape(), indices), ([0, 2, 1 << 39, 2], vec![]));
    }
}
