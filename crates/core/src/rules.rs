//! What each framework's rule makes of one layer and one input size: output size, padding, what is left over.
//!
//! The rules are those of PyTorch 2.15 (`torch.nn`), Keras 3.15 (`keras.layers`, for TensorFlow, JAX and
//! PyTorch alike), ONNX (opset 22 where nothing else is said), and the course's formula
//! `(N - K + 2P) / S + 1`, which has no floor and so need not give a whole number.
//! A rule that pads by itself takes kernel, stride and dilation of the layer, but not its padding.

use crate::axis::{AxisGeometry, AxisParams, Padding};
use crate::error::ConvError;
use crate::layer::Layer;
use crate::padding::Pads;

mod ratio;
mod scatter;
mod windows;

pub use ratio::Ratio;

/// One way to come from an input size to an output size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// PyTorch with the layer's padding as numbers; sizes are rounded down.
    PyTorch,
    /// PyTorch's pools with `ceil_mode=True`: rounded up, but for a last window that starts beyond the input.
    PyTorchCeil,
    /// PyTorch's `padding='same'`.
    PyTorchSame,
    /// Keras with the layer's padding, which takes a layer of its own.
    KerasPadded,
    /// Keras's `padding='valid'`.
    KerasValid,
    /// Keras's and TensorFlow's `padding='same'`; the odd cell goes after.
    KerasSame,
    /// ONNX's `auto_pad` `NOTSET`: the layer's padding as numbers, rounded down.
    Onnx,
    /// The same with `ceil_mode=1` before opset 22: rounded up, whatever the last window holds.
    OnnxCeilBefore22,
    /// The same with `ceil_mode=1` from opset 22 on: as PyTorch.
    OnnxCeil,
    /// ONNX's `auto_pad` `VALID`.
    OnnxValid,
    /// ONNX's `auto_pad` `SAME_UPPER`; the odd cell goes after.
    OnnxSameUpper,
    /// ONNX's `auto_pad` `SAME_LOWER`; the odd cell goes before.
    OnnxSameLower,
    /// `(N - K + 2P) / S + 1`, without floor.
    Course,
}

impl Rule {
    /// The rules that know such a layer, in the order in which they are compared.
    pub fn of(layer: &Layer) -> &'static [Self] {
        use Rule::*;
        match layer {
            Layer::Conv2d(_) => &[
                PyTorch,
                PyTorchSame,
                KerasPadded,
                KerasValid,
                KerasSame,
                Onnx,
                OnnxValid,
                OnnxSameUpper,
                OnnxSameLower,
                Course,
            ],
            Layer::ConvTranspose2d(_) => {
                &[PyTorch, KerasPadded, KerasValid, KerasSame, Onnx, OnnxValid, OnnxSameUpper, OnnxSameLower]
            }
            Layer::MaxPool2d(_) | Layer::AvgPool2d(..) | Layer::LpPool2d(..) => &[
                PyTorch,
                PyTorchCeil,
                KerasPadded,
                KerasValid,
                KerasSame,
                Onnx,
                OnnxCeilBefore22,
                OnnxCeil,
                OnnxValid,
                OnnxSameUpper,
                OnnxSameLower,
                Course,
            ],
        }
    }

    /// What the rule makes of a layer over an input of `[height, width]`.
    ///
    /// # Errors
    ///
    /// Why it makes nothing of them. A rule that does not know the layer ([`Rule::of`]) gives
    /// [`Refusal::Operation`].
    pub fn layout(self, layer: &Layer, input: [u64; 2]) -> Result<Layout, Refusal> {
        if !Self::of(layer).contains(&self) {
            return Err(Refusal::Operation);
        }
        match layer {
            Layer::ConvTranspose2d(params) => scatter::layout(self, params, input),
            _ => windows::layout(self, layer, input),
        }
    }

    fn is_keras(self) -> bool {
        matches!(self, Self::KerasPadded | Self::KerasValid | Self::KerasSame)
    }
}

/// What one rule makes of the layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The rule.
    pub rule: Rule,
    /// Sizes, or why there are none.
    pub layout: Result<Layout, Refusal>,
}

/// What all rules that know such a layer make of it over an input of `[height, width]`.
pub fn verdicts(layer: &Layer, input: [u64; 2]) -> Vec<Verdict> {
    Rule::of(layer).iter().map(|&rule| Verdict { rule, layout: rule.layout(layer, input) }).collect()
}

/// Sizes under one rule. Pairs are `[vertical, horizontal]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Height and width of the output; whole but for the course's formula.
    pub output: [Ratio; 2],
    /// Padding in cells; of a transposed convolution the cells that are cropped from the output.
    pub pads: Pads,
    /// Cells at the padded end that no window reaches: what rounding down leaves over.
    pub left_over: [u64; 2],
    /// Cells beyond the padding that the last window of a pool covers, rounded up.
    pub overhang: [u64; 2],
    /// Windows that rounding up adds and the framework drops again, as they start beyond the input: 0 or 1.
    pub dropped_windows: [u64; 2],
    /// Cells added after the output of a transposed convolution.
    pub output_padding: [u64; 2],
    /// What the framework needs besides the layer.
    pub detour: Detour,
}

impl Layout {
    /// Height and width of the output; `None` where the formula gives no whole number of at least 1.
    pub fn output_size(&self) -> Option<[u64; 2]> {
        Some([self.output[0].size()?, self.output[1].size()?])
    }

    /// Cells of the input that no window reaches: what is left over beyond the padding after it.
    pub fn lost_input(&self) -> [u64; 2] {
        let [rows, columns] = self.left_over;
        [rows.saturating_sub(self.pads.bottom), columns.saturating_sub(self.pads.right)]
    }
}

/// What a framework needs besides the layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detour {
    /// Nothing.
    None,
    /// The input has to be padded by an operation of its own, such as `ZeroPadding2D`.
    PadFirst,
    /// The output has to be cropped by an operation of its own, such as `Cropping2D`.
    CropAfter,
}

/// Why a rule gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The numbers are impossible; some of them under this framework's rule alone.
    Impossible(ConvError),
    /// There is no such operation.
    Operation,
    /// The operation knows no dilation.
    Dilation {
        /// The larger of the two that were asked for.
        dilation: u64,
    },
    /// The operation takes no padding.
    Padding(Pads),
    /// The formula has one padding for both sides of an axis.
    UnequalPadding(Pads),
    /// The operation has no groups.
    Groups {
        /// How many were asked for.
        groups: u64,
    },
    /// Keras takes either a stride or a dilation above 1.
    StrideWithDilation {
        /// The larger of the two strides.
        stride: u64,
        /// The larger of the two dilations.
        dilation: u64,
    },
    /// Keras's `output_padding` must be smaller than the stride, on each axis.
    OutputPadding {
        /// What was asked for, in cells.
        output_padding: u64,
        /// The stride on that axis.
        stride: u64,
    },
}

impl From<ConvError> for Refusal {
    fn from(error: ConvError) -> Self {
        Self::Impossible(error)
    }
}

/// Keras takes either a stride or a dilation above 1.
fn check_keras_dilation([rows, columns]: [AxisParams; 2]) -> Result<(), Refusal> {
    let stride = rows.stride().max(columns.stride());
    let dilation = rows.dilation().max(columns.dilation());
    if stride > 1 && dilation > 1 { Err(Refusal::StrideWithDilation { stride, dilation }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
