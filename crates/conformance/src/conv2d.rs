//! Cases of `conv2d`: values, sizes, and what PyTorch refuses.

use crate::compare;
use crate::row::{Row, shape, to_f32};
use convscope_core::conv2d::conv2d;
use convscope_core::cost::{Cost, cost};
use convscope_core::{Conv2dOptions, Conv2dParams, ConvError, Padding2d, PaddingMode, Pads, Tensor, naive};
use serde::Deserialize;

#[derive(Deserialize)]
struct Params {
    kernel: [i64; 2],
    stride: [i64; 2],
    padding: String,
    pads: [i64; 4],
    dilation: [i64; 2],
    groups: i64,
    padding_mode: String,
    bias: bool,
}

/// Every value, ours and the naive convolution's, and the padding that was resolved.
pub(crate) fn check_values(row: &Row) -> Result<(), String> {
    let case = Case::new(row)?;
    let input = tensor(case.input_shape, to_f32(&row.input))?;
    let weight = tensor(case.weight_shape, to_f32(&row.weight))?;
    let bias = row.bias.as_deref().map(to_f32);
    let (params, _, output_shape) = case.outcome().map_err(said)?;
    same("output_shape", Some(output_shape.as_slice()), row.output_shape.as_deref())?;
    let geometry = params.geometry([case.input_shape[2], case.input_shape[3]]).map_err(said)?;
    same("pads", Ok(geometry.pads()), Pads::new(case.pads))?;

    let output = conv2d(&params, &input, &weight, bias.as_deref()).map_err(said)?;
    let widened: Vec<f64> = output.data().iter().map(|&value| f64::from(value)).collect();
    compare(&widened, row)?;

    let naive = naive::conv2d(params.options(), &input, &weight, bias.as_deref());
    let naive = naive.ok_or("the naive convolution finds no window")?;
    same("naive output_shape", Some(naive.shape.as_slice()), row.output_shape.as_deref())?;
    compare(&naive.data, row).map_err(|reason| format!("naive: {reason}"))
}

/// Outcome, output shape, parameters and MACs.
pub(crate) fn check_shape(row: &Row) -> Result<(), String> {
    let Some((_, cost, output_shape)) = expected_outcome(row, Case::new(row)?.outcome())? else {
        return Ok(());
    };
    same("output_shape", Some(output_shape.as_slice()), row.output_shape.as_deref())?;
    same("params", Some(cost.params()), row.n_params)?;
    let macs = match &row.macs_str {
        Some(digits) => digits.parse::<u128>().ok(),
        None => row.macs.map(u128::from),
    };
    same("macs", Some(cost.macs), macs)
}

/// Outcome alone; and the shape, but not of a layer without input channels: PyTorch takes its output
/// channels away too, where the sum of nothing would leave the bias.
pub(crate) fn check_outcome(row: &Row) -> Result<(), String> {
    let case = Case::new(row)?;
    match expected_outcome(row, case.outcome())? {
        Some((_, _, output_shape)) if case.input_shape[1] > 0 => {
            same("output_shape", Some(output_shape.as_slice()), row.output_shape.as_deref())
        }
        _ => Ok(()),
    }
}

/// The category that the files give for an error.
fn category(error: ConvError) -> &'static str {
    match error {
        ConvError::Zero { param: "kernel_size" } => "kernel_not_positive",
        ConvError::Zero { param: "stride" } => "stride_not_positive",
        ConvError::Zero { param: "dilation" } => "dilation_not_positive",
        ConvError::Zero { param: "groups" } => "groups_not_positive",
        ConvError::Zero { param: "out_channels" } => "zero_out_channels",
        ConvError::Zero { param: "input" } => "zero_size_input",
        ConvError::NegativePadding { .. } => "negative_padding",
        ConvError::KernelExceedsInput { .. } => "kernel_larger_than_padded_input",
        ConvError::ReflectPadding { .. } => "reflect_pad_too_large",
        ConvError::CircularPadding { .. } => "circular_pad_too_large",
        ConvError::GroupsInChannels { .. } => "groups_not_dividing_in_channels",
        ConvError::GroupsOutChannels { .. } => "groups_not_dividing_out_channels",
        ConvError::ChannelMismatch { .. } => "channel_mismatch",
        // The layer is made for the input's channels, so a mismatch shows in the weight.
        ConvError::WeightShape { expected, got } if expected[1] != got[1] => "channel_mismatch",
        ConvError::BiasLength { .. } => "bias_shape_mismatch",
        ConvError::SameWithStride { .. } => "same_with_stride",
        _ => "other",
    }
}

/// The layer of a row, not checked yet.
struct Case {
    options: Result<Conv2dOptions, ConvError>,
    pads: [i64; 4],
    input_shape: [u64; 4],
    weight_shape: [u64; 4],
    bias_len: u64,
}

impl Case {
    fn new(row: &Row) -> Result<Self, String> {
        let params = Params::deserialize(&row.params).map_err(|error| error.to_string())?;
        let input_shape = shape(&row.input_shape)?;
        let weight_shape = shape(row.weight_shape.as_deref().unwrap_or_default())?;
        let padding_mode = match params.padding_mode.as_str() {
            "zeros" => PaddingMode::Zeros,
            "reflect" => PaddingMode::Reflect,
            "replicate" => PaddingMode::Replicate,
            "circular" => PaddingMode::Circular,
            other => return Err(format!("padding_mode {other:?} is not known")),
        };
        let padding = match params.padding.as_str() {
            "explicit" => Pads::new(params.pads).map(Padding2d::Explicit),
            "same" => Ok(Padding2d::Same),
            "valid" => Ok(Padding2d::Valid),
            other => return Err(format!("padding {other:?} is not known")),
        };
        let options = padding.map(|padding| Conv2dOptions {
            in_channels: input_shape[1],
            out_channels: weight_shape[0],
            kernel_size: params.kernel.map(positive),
            stride: params.stride.map(positive),
            dilation: params.dilation.map(positive),
            padding,
            padding_mode,
            groups: positive(params.groups),
            bias: params.bias,
        });
        let bias_len = row.bias_len.or(row.bias.as_ref().map(|bias| bias.len() as u64)).unwrap_or(0);
        Ok(Self { options, pads: params.pads, input_shape, weight_shape, bias_len })
    }

    /// What PyTorch would say, without any value.
    fn outcome(&self) -> Result<(Conv2dParams, Cost, [u64; 4]), ConvError> {
        let params = Conv2dParams::new(self.options?)?;
        params.pytorch()?;
        params.check_weight(self.weight_shape)?;
        params.check_bias(self.bias_len)?;
        let output_shape = params.output_shape(self.input_shape)?;
        let cost = cost(&params, self.input_shape)?;
        Ok((params, cost, output_shape))
    }
}

/// Sizes below 1 are all refused alike, and `u64` holds no others.
fn positive(size: i64) -> u64 {
    u64::try_from(size).unwrap_or(0)
}

/// Compares the outcome; gives ours when both say that the layer is possible.
fn expected_outcome<T>(row: &Row, ours: Result<T, ConvError>) -> Result<Option<T>, String> {
    match (row.outcome.as_deref(), ours) {
        (Some("ok"), Ok(ours)) => Ok(Some(ours)),
        (Some("ok"), Err(error)) => Err(format!("refused, expected to work: {error}")),
        (Some("error"), Ok(_)) => {
            Err(format!("works, expected {}", row.reason.as_deref().unwrap_or("an error")))
        }
        (Some("error"), Err(error)) => {
            same("reason", Some(category(error)), row.reason.as_deref()).map(|()| None)
        }
        (other, _) => Err(format!("outcome {other:?} is not known")),
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, ours: T, expected: T) -> Result<(), String> {
    if ours == expected { Ok(()) } else { Err(format!("{what} is {ours:?}, expected {expected:?}")) }
}

fn tensor(shape: [u64; 4], data: Vec<f32>) -> Result<Tensor, String> {
    Tensor::new(shape, data).map_err(said)
}

fn said(error: ConvError) -> String {
    format!("refused: {error}")
}
