//! What a layer comes to over its input, in numbers that every framework starts from.

use convscope_core::conv_transpose2d::ConvTranspose2dOptions;
use convscope_core::conv2d::Conv2dOptions;
use convscope_core::pool::PoolAxis;
use convscope_core::{AutoPad, AvgDivisor, ConvError, Layer, Padding2d, Pads, Pool2dParams, PoolRounding};

use super::Snippet;

/// A layer over its input.
pub(super) enum Plan {
    /// A convolution.
    Conv(Conv),
    /// A transposed convolution.
    Scatter(Scatter),
    /// A pool.
    Pool(Pool),
}

/// A convolution. Pairs are `[vertical, horizontal]`.
pub(super) struct Conv {
    /// What was asked for.
    pub(super) options: Conv2dOptions,
    /// The padding in cells.
    pub(super) pads: Pads,
    /// Height and width of the output.
    pub(super) output: [u64; 2],
    /// OIHW.
    pub(super) weight_shape: [u64; 4],
}

/// A transposed convolution.
pub(super) struct Scatter {
    /// What was asked for.
    pub(super) options: ConvTranspose2dOptions,
    /// Cells cropped from the output.
    pub(super) crops: Pads,
    /// Cells added after it.
    pub(super) output_padding: [u64; 2],
    /// Height and width of the output.
    pub(super) output: [u64; 2],
    /// `dilation * (kernel_size - 1) + 1`
    pub(super) span: [u64; 2],
    /// `[in_channels, out_channels / groups, k_h, k_w]`
    pub(super) weight_shape: [u64; 4],
}

/// What a pool makes of a window.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Reduce {
    Max,
    Avg(AvgDivisor),
    Lp(u32),
}

/// A pool.
pub(super) struct Pool {
    pub(super) reduce: Reduce,
    pub(super) kernel_size: [u64; 2],
    pub(super) stride: [u64; 2],
    pub(super) dilation: [u64; 2],
    pub(super) rounding: PoolRounding,
    /// Whether it pads by itself, the odd cell after.
    pub(super) is_same: bool,
    /// The padding as it is asked for.
    pub(super) stated: Pads,
    /// The padding up to the last window's end: with it, rounding down gives the same windows.
    pub(super) pads: Pads,
    /// Height and width of the input.
    pub(super) input: [u64; 2],
    /// Height and width of the output.
    pub(super) output: [u64; 2],
    /// `dilation * (kernel_size - 1) + 1`
    pub(super) span: [u64; 2],
    /// Whether a window holds padding alone, whose maximum is -inf, though not for every library.
    pub(super) has_empty_window: bool,
}

impl Plan {
    pub(super) fn of(snippet: &Snippet<'_>) -> Result<Self, ConvError> {
        snippet.layer.output_shape(snippet.input_shape)?;
        let [.., height, width] = snippet.input_shape;
        let input = [height, width];
        Ok(match snippet.layer {
            Layer::Conv2d(params) => {
                let geometry = params.geometry(input)?;
                Self::Conv(Conv {
                    options: *params.options(),
                    pads: geometry.pads(),
                    output: geometry.output_size(),
                    weight_shape: params.weight_shape(),
                })
            }
            Layer::ConvTranspose2d(params) => {
                let geometry = params.geometry(input)?;
                Self::Scatter(Scatter {
                    options: *params.options(),
                    crops: geometry.pads(),
                    output_padding: [geometry.rows.output_padding(), geometry.columns.output_padding()],
                    output: geometry.output_size(),
                    span: [geometry.rows.dilated_kernel(), geometry.columns.dilated_kernel()],
                    weight_shape: params.weight_shape(),
                })
            }
            Layer::MaxPool2d(params) => Self::Pool(Pool::of(Reduce::Max, params, input)?),
            Layer::AvgPool2d(params, divisor) => Self::Pool(Pool::of(Reduce::Avg(*divisor), params, input)?),
            Layer::LpPool2d(params, p) => Self::Pool(Pool::of(Reduce::Lp(*p), params, input)?),
        })
    }
}

impl Conv {
    /// Whether the framework can be asked for `same`.
    pub(super) fn is_same(&self) -> bool {
        self.options.padding == Padding2d::Same
    }
}

impl Scatter {
    /// Rows and columns of zeros after the input that do as much as the output padding, and what is left of it:
    /// for frameworks that take less than the stride.
    pub(super) fn split_output_padding(&self) -> ([u64; 2], [u64; 2]) {
        let stride = self.options.stride;
        let axes = [0, 1];
        (
            axes.map(|axis| self.output_padding[axis] / stride[axis]),
            axes.map(|axis| self.output_padding[axis] % stride[axis]),
        )
    }
}

/// Whether a window of an axis holds padding alone. Where the gaps between its cells are no larger than the input,
/// only the outermost can.
fn has_empty_window(axis: &PoolAxis) -> bool {
    let is_empty = |window: u64| axis.taps_inside(window).is_empty();
    let (last, windows) = (axis.output_len() - 1, axis.windows());
    let may_step_over = windows.params().dilation() > windows.input_len();
    is_empty(0) || is_empty(last) || may_step_over && (1..last).any(is_empty)
}

impl Pool {
    fn of(reduce: Reduce, params: &Pool2dParams, input: [u64; 2]) -> Result<Self, ConvError> {
        let options = params.options();
        let geometry = params.geometry(input)?;
        let is_explicit = matches!(options.padding, AutoPad::Explicit(_));
        Ok(Self {
            reduce,
            kernel_size: options.kernel_size,
            stride: options.stride,
            dilation: options.dilation,
            rounding: if is_explicit { options.rounding } else { PoolRounding::Floor },
            is_same: options.padding == AutoPad::SameUpper,
            stated: geometry.pads(),
            pads: geometry.windows().pads(),
            input,
            output: geometry.output_size(),
            span: [params.rows().dilated_kernel()?, params.columns().dilated_kernel()?],
            has_empty_window: has_empty_window(&geometry.rows) || has_empty_window(&geometry.columns),
        })
    }

    pub(super) fn is_dilated(&self) -> bool {
        self.dilation != [1, 1]
    }

    /// Cells of a window.
    pub(super) fn area(&self) -> u64 {
        self.kernel_size[0].saturating_mul(self.kernel_size[1])
    }

    /// Cells by which the last window hangs over the stated padding.
    pub(super) fn overhang(&self) -> [u64; 2] {
        [
            self.pads.bottom.saturating_sub(self.stated.bottom),
            self.pads.right.saturating_sub(self.stated.right),
        ]
    }

    /// What an average counts as ones: height and width, and the padding of zeros around them up to the last
    /// window's end. `None` where every window has all of its cells counted, or a divisor is given.
    pub(super) fn counted(&self) -> Option<([u64; 2], Pads)> {
        let [height, width] = self.input;
        match self.reduce {
            Reduce::Avg(AvgDivisor::CountInside) if self.pads != Pads::default() => {
                Some(([height, width], self.pads))
            }
            Reduce::Avg(AvgDivisor::CountIncludePad) if self.overhang() != [0, 0] => {
                let Pads { top, left, bottom, right } = self.pads;
                let [below, beyond] = self.overhang();
                let inside = [height + top + bottom - below, width + left + right - beyond];
                Some((inside, Pads { bottom: below, right: beyond, ..Pads::default() }))
            }
            _ => None,
        }
    }
}
