//! Windows with their padding resolved for the input that is there.

use std::fmt;

use convscope_core::{
    AutoPad, AvgDivisor, Conv2dOptions, ConvTranspose2dOptions, Layer, PaddingMode, Pads, Pool2dParams,
    PoolRounding,
};

/// A layer with padding in cells. Pairs are `[vertical, horizontal]`.
pub(super) enum Plan {
    Conv(Conv2dOptions, Pads),
    Transposed(Transposed),
    Pool(Pool),
}

/// A transposed convolution.
pub(super) struct Transposed {
    pub(super) options: ConvTranspose2dOptions,
    /// Cells that are cropped from the output.
    pub(super) crops: Pads,
    /// Cells added behind it, before the crop.
    pub(super) added: [u64; 2],
    /// Height and width of the output.
    pub(super) output: [u64; 2],
    /// Cells from the first tap to the last.
    pub(super) span: [u64; 2],
}

/// What a pool makes of a window.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Reduce {
    Max,
    Average(AvgDivisor),
    Lp(u32),
}

/// A pool.
pub(super) struct Pool {
    pub(super) reduce: Reduce,
    pub(super) kernel_size: [u64; 2],
    pub(super) stride: [u64; 2],
    pub(super) dilation: [u64; 2],
    /// As stated.
    pub(super) stated: Pads,
    /// Up to the end of the last window: with it, rounding down gives the same windows.
    pub(super) pads: Pads,
    pub(super) rounding: PoolRounding,
    /// Whether it was asked to keep sizes, the odd cell after.
    pub(super) is_same: bool,
}

impl Plan {
    /// Nothing where the layer is impossible for the input.
    pub(super) fn of(layer: &Layer, input: [u64; 2]) -> Option<Self> {
        Some(match layer {
            Layer::Conv2d(params) => Self::Conv(*params.options(), params.geometry(input).ok()?.pads()),
            Layer::ConvTranspose2d(params) => {
                let geometry = params.geometry(input).ok()?;
                Self::Transposed(Transposed {
                    options: *params.options(),
                    crops: geometry.pads(),
                    added: [geometry.rows.output_padding(), geometry.columns.output_padding()],
                    output: geometry.output_size(),
                    span: [geometry.rows.dilated_kernel(), geometry.columns.dilated_kernel()],
                })
            }
            Layer::MaxPool2d(params) => Self::Pool(Pool::of(Reduce::Max, params, input)?),
            Layer::AvgPool2d(params, divisor) => {
                Self::Pool(Pool::of(Reduce::Average(*divisor), params, input)?)
            }
            Layer::LpPool2d(params, p) => Self::Pool(Pool::of(Reduce::Lp(*p), params, input)?),
        })
    }
}

impl Transposed {
    /// Rows and columns of zeros behind the input that do as much as the added cells, and what is left of these:
    /// frameworks take less than the stride or the dilation.
    pub(super) fn zeros_and_rest(&self) -> ([u64; 2], [u64; 2]) {
        let [stride, dilation] = [self.options.stride, self.options.dilation];
        let fits = |axis: usize| self.added[axis] < stride[axis].max(dilation[axis]);
        let zeros = [0, 1].map(|axis| if fits(axis) { 0 } else { self.added[axis] / stride[axis] });
        (zeros, [0, 1].map(|axis| self.added[axis] - zeros[axis] * stride[axis]))
    }
}

impl Pool {
    fn of(reduce: Reduce, params: &Pool2dParams, input: [u64; 2]) -> Option<Self> {
        let (options, geometry) = (params.options(), params.geometry(input).ok()?);
        let (stated, pads) = (geometry.pads(), geometry.windows().pads());
        let is_explicit = matches!(options.padding, AutoPad::Explicit(_));
        Some(Self {
            reduce,
            kernel_size: options.kernel_size,
            stride: options.stride,
            dilation: options.dilation,
            stated,
            pads,
            rounding: if is_explicit { options.rounding } else { PoolRounding::Floor },
            is_same: options.padding == AutoPad::SameUpper,
        })
    }

    pub(super) fn is_dilated(&self) -> bool {
        self.dilation != [1, 1]
    }

    /// Cells of a window.
    pub(super) fn area(&self) -> u64 {
        self.kernel_size[0].saturating_mul(self.kernel_size[1])
    }

    /// The padding beyond the stated one, up to the end of the last window.
    pub(super) fn overhang(&self) -> Pads {
        let Pads { bottom, right, .. } = self.stated;
        let less = |a: u64, b: u64| a.saturating_sub(b);
        Pads {
            bottom: less(self.pads.bottom, bottom),
            right: less(self.pads.right, right),
            ..Pads::default()
        }
    }

    /// What an average of unequal windows counts as ones around the input: the padding that counts, and the rest up
    /// to the last window's end, which does not. `None` where every window has all of its cells counted.
    pub(super) fn counted(&self) -> Option<[Pads; 2]> {
        match self.reduce {
            Reduce::Average(AvgDivisor::CountInside) if self.pads != Pads::default() => {
                Some([Pads::default(), self.pads])
            }
            Reduce::Average(AvgDivisor::CountIncludePad) if self.overhang() != Pads::default() => {
                Some([self.stated, self.overhang()])
            }
            _ => None,
        }
    }
}

/// The padding of both axes where sides are equal.
pub(super) fn symmetric(pads: Pads) -> Option<[u64; 2]> {
    (pads.top == pads.bottom && pads.left == pads.right).then_some([pads.top, pads.left])
}

/// `(top, bottom), (left, right)`, the form of numpy and its likes.
pub(super) fn axes<T: fmt::Display>([top, left, bottom, right]: [T; 4]) -> String {
    format!("({top}, {bottom}), ({left}, {right})")
}

/// `[top, left, bottom, right]`
pub(super) fn sides(Pads { top, left, bottom, right }: Pads) -> [u64; 4] {
    [top, left, bottom, right]
}

/// numpy's name of a padding mode; nothing for zeros.
pub(super) fn numpy_mode(mode: PaddingMode) -> Option<&'static str> {
    match mode {
        PaddingMode::Zeros => None,
        PaddingMode::Reflect => Some("reflect"),
        PaddingMode::Replicate => Some("edge"),
        PaddingMode::Circular => Some("wrap"),
    }
}
