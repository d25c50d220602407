//! A layer over its input in the numbers that code for every framework starts from: padding, crops and windows in
//! cells, whatever way they were asked for, and what takes the place of arguments that a framework lacks.
//!
//! Pairs are `[vertical, horizontal]`.

use crate::auto_pad::AutoPad;
use crate::conv_transpose2d::{ConvTranspose2dOptions, ConvTranspose2dParams};
use crate::conv2d::{Conv2dOptions, Conv2dParams};
use crate::error::ConvError;
use crate::layer::Layer;
use crate::padding::{Padding2d, Pads};
use crate::pool::{AvgDivisor, Pool2dGeometry, Pool2dParams, PoolAxis, PoolRounding};

/// A layer over an input of known height and width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Resolved {
    /// A convolution.
    Conv2d(ResolvedConv2d),
    /// A transposed convolution.
    ConvTranspose2d(ResolvedConvTranspose2d),
    /// A pool.
    Pool2d(ResolvedPool2d),
}

impl Resolved {
    /// Resolves a layer over an input of `[height, width]`.
    ///
    /// # Errors
    ///
    /// Those of the operation's `geometry`. Channels are not asked for: see [`Layer::output_shape`].
    pub fn new(layer: &Layer, input: [u64; 2]) -> Result<Self, ConvError> {
        let pool = |reduce, params| ResolvedPool2d::new(reduce, params, input).map(Self::Pool2d);
        match layer {
            Layer::Conv2d(params) => ResolvedConv2d::new(params, input).map(Self::Conv2d),
            Layer::ConvTranspose2d(params) => {
                ResolvedConvTranspose2d::new(params, input).map(Self::ConvTranspose2d)
            }
            Layer::MaxPool2d(params) => pool(Reduce::Max, params),
            Layer::AvgPool2d(params, divisor) => pool(Reduce::Avg(*divisor), params),
            Layer::LpPool2d(params, p) => pool(Reduce::Lp(*p), params),
        }
    }
}

/// A convolution over its input. Made by [`Resolved::new`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ResolvedConv2d {
    /// What was asked for.
    pub options: Conv2dOptions,
    /// The padding in cells.
    pub pads: Pads,
    /// Height and width of the output.
    pub output: [u64; 2],
    /// `dilation * (kernel_size - 1) + 1`
    pub dilated_kernel: [u64; 2],
    /// OIHW: `[out_channels, in_channels / groups, k_h, k_w]`
    pub weight_shape: [u64; 4],
}

impl ResolvedConv2d {
    fn new(params: &Conv2dParams, input: [u64; 2]) -> Result<Self, ConvError> {
        let geometry = params.geometry(input)?;
        Ok(Self {
            options: *params.options(),
            pads: geometry.pads(),
            output: geometry.output_size(),
            dilated_kernel: [geometry.rows.dilated_kernel(), geometry.columns.dilated_kernel()],
            weight_shape: params.weight_shape(),
        })
    }

    /// Whether it was asked to pad by itself, the odd cell after.
    pub fn is_same(&self) -> bool {
        self.options.padding == Padding2d::Same
    }

    /// What numpy calls the mode of its padding; `None` where there is no padding, or zeros stand in it.
    pub fn numpy_mode(&self) -> Option<&'static str> {
        self.options.padding_mode.numpy_name().filter(|_| self.pads != Pads::default())
    }
}

/// A transposed convolution over its input. Made by [`Resolved::new`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ResolvedConvTranspose2d {
    /// What was asked for.
    pub options: ConvTranspose2dOptions,
    /// Cells that are cropped from the output.
    pub crops: Pads,
    /// Cells added after the output, before the crop.
    pub output_padding: [u64; 2],
    /// Height and width of the output.
    pub output: [u64; 2],
    /// `dilation * (kernel_size - 1) + 1`
    pub dilated_kernel: [u64; 2],
    /// `[top, left, bottom, right]` of the padding of the same as a convolution of stride 1, over the input with
    /// `stride - 1` zeros between its cells, by the kernel turned by half a turn. Negative where it crops.
    pub inserted_pads: [i64; 4],
    /// `[in_channels, out_channels / groups, k_h, k_w]`
    pub weight_shape: [u64; 4],
}

/// The output padding that a framework takes on an axis: less than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputPaddingLimit {
    /// The stride: Keras, and ONNX Runtime, which finds its output inconsistent with the input otherwise.
    Stride,
    /// The larger of stride and dilation: PyTorch, see [`crate::AxisParams::check_output_padding`].
    StrideOrDilation,
}

impl ResolvedConvTranspose2d {
    fn new(params: &ConvTranspose2dParams, input: [u64; 2]) -> Result<Self, ConvError> {
        let geometry = params.geometry(input)?;
        let axes = [geometry.rows, geometry.columns];
        let [[top, bottom], [left, right]] = axes.map(|axis| axis.inserted_pads());
        Ok(Self {
            options: *params.options(),
            crops: geometry.pads(),
            output_padding: axes.map(|axis| axis.output_padding()),
            output: geometry.output_size(),
            dilated_kernel: axes.map(|axis| axis.dilated_kernel()),
            inserted_pads: [top, left, bottom, right],
            weight_shape: params.weight_shape(),
        })
    }

    /// Zeros after the input, and an output padding below the limit, that together do as much as the output padding:
    /// each row or column of zeros adds `stride` cells. An axis within the limit gets no zeros.
    pub fn split_output_padding(&self, limit: OutputPaddingLimit) -> (Pads, [u64; 2]) {
        let [bottom, right] = [0, 1].map(|axis| {
            let [stride, dilation] = [self.options.stride[axis], self.options.dilation[axis]];
            let limit = match limit {
                OutputPaddingLimit::Stride => stride,
                OutputPaddingLimit::StrideOrDilation => stride.max(dilation),
            };
            if self.output_padding[axis] < limit { 0 } else { self.output_padding[axis] / stride }
        });
        let rest = [(0, bottom), (1, right)]
            .map(|(axis, n)| self.output_padding[axis] - n * self.options.stride[axis]);
        (Pads { bottom, right, ..Pads::default() }, rest)
    }

    /// Whether the kernels of neighbouring input cells leave cells between them, on either axis. There Keras adds
    /// cells up to the stride, unless it is told an output padding.
    pub fn has_gaps(&self) -> bool {
        (0..2).any(|axis| self.dilated_kernel[axis] < self.options.stride[axis])
    }
}

/// What a pool makes of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduce {
    /// The largest value.
    Max,
    /// The mean, by this divisor.
    Avg(AvgDivisor),
    /// The norm of this exponent, at least 1.
    Lp(u32),
}

/// A pool over its input. Made by [`Resolved::new`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ResolvedPool2d {
    /// What becomes of a window.
    pub reduce: Reduce,
    /// Height and width of the window, in cells that it takes.
    pub kernel_size: [u64; 2],
    /// Cells from one window to the next.
    pub stride: [u64; 2],
    /// Cells from one of a window's cells to the next.
    pub dilation: [u64; 2],
    /// `dilation * (kernel_size - 1) + 1`
    pub dilated_kernel: [u64; 2],
    /// How its size is rounded: down, unless the padding was asked for in cells.
    pub rounding: PoolRounding,
    /// Whether it was asked to pad by itself, the odd cell after.
    pub is_same: bool,
    /// The padding in cells, as it was asked for.
    pub stated: Pads,
    /// The padding up to the end of the last windows: with it, rounding down gives the same windows. After the input
    /// it is more than the stated one where a window hangs over that, and less where a window is dropped that would
    /// have stood in it.
    pub pads: Pads,
    /// Height and width of the input.
    pub input: [u64; 2],
    /// Height and width of the output.
    pub output: [u64; 2],
    geometry: Pool2dGeometry,
}

/// The cells that an average counts, as ones over which the same windows are summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Height and width of the ones: the input with the padding that counts.
    pub size: [u64; 2],
    /// The padding that counts.
    pub pads: Pads,
    /// The padding around the ones that does not count, up to the end of the last windows.
    pub rest: Pads,
}

impl ResolvedPool2d {
    fn new(reduce: Reduce, params: &Pool2dParams, input: [u64; 2]) -> Result<Self, ConvError> {
        let (options, geometry) = (params.options(), params.geometry(input)?);
        let is_explicit = matches!(options.padding, AutoPad::Explicit(_));
        Ok(Self {
            reduce,
            kernel_size: options.kernel_size,
            stride: options.stride,
            dilation: options.dilation,
            dilated_kernel: [params.rows().dilated_kernel()?, params.columns().dilated_kernel()?],
            rounding: if is_explicit { options.rounding } else { PoolRounding::Floor },
            is_same: options.padding == AutoPad::SameUpper,
            stated: geometry.pads(),
            pads: geometry.windows().pads(),
            input,
            output: geometry.output_size(),
            geometry,
        })
    }

    /// Whether there are gaps between a window's cells.
    pub fn is_dilated(&self) -> bool {
        self.dilation != [1, 1]
    }

    /// Cells that a window takes.
    pub fn area(&self) -> u64 {
        // Counted when the parameters were checked.
        self.kernel_size[0] * self.kernel_size[1]
    }

    /// Cells by which the last windows hang over the stated padding, below it and to its right.
    pub fn overhang(&self) -> Pads {
        let Pool2dGeometry { rows, columns, .. } = self.geometry;
        Pads { bottom: rows.overhang(), right: columns.overhang(), ..Pads::default() }
    }

    /// What an average divides by where that differs from window to window; `None` where every window has all of its
    /// cells counted, for a given divisor, and for what is no average.
    pub fn counted(&self) -> Option<Counted> {
        let (pads, rest) = match self.reduce {
            Reduce::Avg(AvgDivisor::CountInside) if self.pads != Pads::default() => {
                (Pads::default(), self.pads)
            }
            Reduce::Avg(AvgDivisor::CountIncludePad) if self.overhang() != Pads::default() => {
                let rest = self.overhang();
                // No more than the windows reach: ones beyond would make another window.
                let Pads { bottom, right, .. } = self.pads;
                (Pads { bottom: bottom - rest.bottom, right: right - rest.right, ..self.pads }, rest)
            }
            _ => return None,
        };
        let [height, width] = self.input;
        let size = [height + pads.top + pads.bottom, width + pads.left + pads.right];
        Some(Counted { size, pads, rest })
    }

    /// Whether so much padding is less than the kernel on each side, which is all that ONNX Runtime lets a pool have.
    pub fn is_within_kernel(&self, pads: Pads) -> bool {
        let Pads { top, left, bottom, right } = pads;
        top.max(bottom) < self.kernel_size[0] && left.max(right) < self.kernel_size[1]
    }

    /// Whether a window holds padding alone, whose maximum is negative infinity, though not for every library.
    ///
    /// With a dilation larger than the input this asks the windows one by one.
    pub fn has_empty_window(&self) -> bool {
        has_empty_window(&self.geometry.rows) || has_empty_window(&self.geometry.columns)
    }
}

/// Where the gaps between a window's cells are no larger than the input, only the outermost can miss it.
fn has_empty_window(axis: &PoolAxis) -> bool {
    let is_empty = |window: u64| axis.taps_inside(window).is_empty();
    let (last, windows) = (axis.output_len() - 1, axis.windows());
    let may_step_over = windows.params().dilation() > windows.input_len();
    is_empty(0) || is_empty(last) || may_step_over && (1..last).any(is_empty)
}

#[cfg(test)]
mod tests;
