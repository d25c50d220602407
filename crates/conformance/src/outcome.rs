//! Whether a layer is possible, and if not, why: what `shapes` and `invalid` compare.

use crate::row::Row;
use convscope_core::ConvError;
use convscope_core::cost::Cost;
use std::fmt::{Debug, Display};

/// What is compared of a layer that is possible.
pub(crate) struct Sizes {
    pub(crate) output_shape: Vec<u64>,
    pub(crate) cost: Cost,
}

/// Outcome, output shape, parameters and MACs.
pub(crate) fn check_shape(row: &Row, ours: Result<Sizes, ConvError>) -> Result<(), String> {
    let Some(Sizes { output_shape, cost }) = expected_outcome(row, ours)? else {
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
pub(crate) fn check_outcome(row: &Row, ours: Result<Sizes, ConvError>) -> Result<(), String> {
    match expected_outcome(row, ours)? {
        Some(Sizes { output_shape, .. }) if row.input_shape.get(1) != Some(&0) => {
            same("output_shape", Some(output_shape.as_slice()), row.output_shape.as_deref())
        }
        _ => Ok(()),
    }
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
            same("reason", Some(category(&row.op, error)), row.reason.as_deref()).map(|()| None)
        }
        (other, _) => Err(format!("outcome {other:?} is not known")),
    }
}

/// The category that the files give for an error.
pub(crate) fn category(op: &str, error: ConvError) -> &'static str {
    match error {
        ConvError::Zero { param: "kernel_size" } => "kernel_not_positive",
        ConvError::Zero { param: "stride" } => "stride_not_positive",
        ConvError::Zero { param: "dilation" } => "dilation_not_positive",
        ConvError::Zero { param: "groups" } => "groups_not_positive",
        ConvError::Zero { param: "out_channels" } => "zero_out_channels",
        ConvError::Zero { param: "input" | "channels" } => "zero_size_input",
        ConvError::Zero { param: "divisor_override" } => "divisor_zero",
        ConvError::NegativePadding { .. } => "negative_padding",
        // Of a pool PyTorch counts the windows before it compares the sizes.
        ConvError::KernelExceedsInput { .. } if op.contains("pool") => "output_too_small",
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
        ConvError::OutputPadding { .. } => "output_padding_too_large",
        ConvError::OutputCropped { .. } => "output_too_small",
        ConvError::PoolPadding { .. } => "pool_pad_too_large",
        ConvError::NegativeOutputSize { .. } => "negative_output_size",
        ConvError::FeatureMismatch { .. } => "feature_mismatch",
        ConvError::AxisOutOfRange { .. } => "axis_out_of_range",
        _ => "other",
    }
}

pub(crate) fn same<T: PartialEq + Debug>(what: &str, ours: T, expected: T) -> Result<(), String> {
    if ours == expected { Ok(()) } else { Err(format!("{what} is {ours:?}, expected {expected:?}")) }
}

pub(crate) fn said(error: impl Display) -> String {
    format!("refused: {error}")
}

/// Sizes below 1 are all refused alike, and `u64` holds no others.
pub(crate) fn positive(size: i64) -> u64 {
    u64::try_from(size).unwrap_or(0)
}
