//! What a layer costs: parameters, activations, and multiply-accumulates (MACs).
//!
//! `macs = batch * out_channels * out_height * out_width * (in_channels / groups) * k_h * k_w`. A MAC is one
//! multiplication with its addition and counts as two FLOPs; the bias is not counted, padding is.

use crate::axis::AxisGeometry;
use crate::conv2d::{Conv2dGeometry, Conv2dParams};
use crate::error::ConvError;
use crate::tensor::element_count;

/// The type in which a number is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ElementType {
    /// Double precision: 8 bytes.
    Float64,
    /// Single precision, the usual one: 4 bytes.
    #[default]
    Float32,
    /// Half precision: 2 bytes.
    Float16,
    /// Half precision with the range of single precision: 2 bytes.
    BFloat16,
    /// A quantised number: 1 byte.
    Int8,
}

impl ElementType {
    /// Bytes of one element.
    pub fn bytes(self) -> u64 {
        match self {
            Self::Float64 => 8,
            Self::Float32 => 4,
            Self::Float16 | Self::BFloat16 => 2,
            Self::Int8 => 1,
        }
    }
}

/// Bytes of so many elements of a type.
pub fn bytes(elements: u64, element_type: ElementType) -> u128 {
    u128::from(elements) * u128::from(element_type.bytes())
}

/// What one layer costs for one input. Made by [`cost`], so the sums below do not overflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Elements of the weight.
    pub weights: u64,
    /// Elements of the bias.
    pub biases: u64,
    /// Elements of the input, over the whole batch.
    pub input_elements: u64,
    /// Elements of the output, over the whole batch.
    pub output_elements: u64,
    /// Multiply-accumulates, over the whole batch.
    pub macs: u128,
}

impl Cost {
    /// Weights and biases.
    pub fn params(&self) -> u64 {
        self.weights + self.biases
    }

    /// Two per MAC: the multiplication and the addition.
    pub fn flops(&self) -> u128 {
        2 * self.macs
    }
}

/// Counts what a layer costs for an input, NCHW.
///
/// # Errors
///
/// Those of [`Conv2dParams::output_shape`], and [`ConvError::Overflow`] when a count does not fit.
pub fn cost(params: &Conv2dParams, input_shape: [u64; 4]) -> Result<Cost, ConvError> {
    let options = params.options();
    let output_elements = element_count(params.output_shape(input_shape)?)?;
    let weights = element_count(params.weight_shape())?;
    let biases = if options.bias { options.out_channels } else { 0 };
    weights.checked_add(biases).ok_or(ConvError::Overflow)?;
    let macs = u128::from(output_elements) * u128::from(weights / options.out_channels);
    macs.checked_mul(2).ok_or(ConvError::Overflow)?;
    Ok(Cost { weights, biases, input_elements: element_count(input_shape)?, output_elements, macs })
}

/// Multiplications that meet padding, in one feature map for one input channel.
///
/// Those of the whole layer are `batch * out_channels * in_channels / groups` times as many.
pub fn padding_macs(geometry: &Conv2dGeometry) -> u128 {
    let taps = |axis: &AxisGeometry| u128::from(axis.output_len()) * u128::from(axis.params().kernel_size());
    let all = taps(&geometry.rows) * taps(&geometry.columns);
    all - taps_inside(&geometry.rows) * taps_inside(&geometry.columns)
}

/// Pairs of window and tap that lie in the input.
fn taps_inside(axis: &AxisGeometry) -> u128 {
    let pad_before = u128::from(axis.pad_before());
    taps_before(axis, pad_before + u128::from(axis.input_len())) - taps_before(axis, pad_before)
}

/// Pairs of window and tap that lie in the first `len` padded cells:
/// the sum over the taps of `min(output_len, ceil((len - kernel_idx * dilation) / stride))`.
fn taps_before(axis: &AxisGeometry, len: u128) -> u128 {
    let [stride, dilation] = [axis.params().stride(), axis.params().dilation()].map(u128::from);
    let [kernel_size, output_len] = [axis.params().kernel_size(), axis.output_len()].map(u128::from);
    let within = kernel_size.min(len.div_ceil(dilation));
    let with_every_window = len.saturating_sub(stride * (output_len - 1)).div_ceil(dilation).min(within);
    let others = within - with_every_window;
    if others == 0 {
        return with_every_window * output_len;
    }
    let after_last_tap = len - (within - 1) * dilation;
    with_every_window * output_len + floor_sum(others, stride, dilation, after_last_tap + stride - 1)
}

/// The sum of `floor((a * i + b) / m)` over `i` in `0..n`, by Euclid's algorithm: sizes from a link may be
/// far too large to add one by one.
fn floor_sum(mut n: u128, mut m: u128, mut a: u128, mut b: u128) -> u128 {
    let mut sum = 0;
    while n > 0 {
        sum += n * (n - 1) / 2 * (a / m) + n * (b / m);
        (a, b) = (a % m, b % m);
        let last = a * n + b;
        (n, b) = (last / m, last % m);
        (m, a) = (a, m);
    }
    sum
}
