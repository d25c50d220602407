//! Why a layer is impossible: what is so, why with numbers, what helps. One sentence or two, without full stop.

use convscope_core::graph::{Arithmetic, LayerError, NodeId, Op};
use convscope_core::{ConvError, Layer};

use crate::stack::{Stack, shape_text};
use crate::text::{capital, counted};

/// The message of a row whose layer is impossible for a reason of its own.
pub fn layer_error(stack: &Stack, id: NodeId, error: &LayerError) -> String {
    let node = stack.analysis.graph().node(id);
    match error {
        LayerError::Sizes(error) => sizes(&node.op, *error),
        LayerError::InputCount { expected, got } => {
            format!("It reads {}, not {got}", counted(*expected, "layer"))
        }
        LayerError::Rank { expected: 4, got } => {
            format!("It needs a map of rows and columns, and is given {}", shape_text(got))
        }
        LayerError::Broadcast { left, right } => {
            let what = match node.op {
                Op::Arithmetic(Arithmetic::Multiply) => "multiplied",
                Op::Arithmetic(Arithmetic::Subtract) => "subtracted",
                Op::Arithmetic(Arithmetic::Divide) => "divided",
                _ => "added",
            };
            format!("{} and {} cannot be {what}: they have to be alike", shape_text(left), shape_text(right))
        }
        LayerError::Concat { left, right, .. } => {
            let (left, right) = (shape_text(left), shape_text(right));
            format!("{left} and {right} cannot be put together: only channels may differ")
        }
        LayerError::Unknown { operator } => {
            format!("What “{operator}” does is not known here, nor what shape it gives")
        }
        other => capital(&other.to_string()),
    }
}

fn sizes(op: &Op, error: ConvError) -> String {
    match error {
        ConvError::KernelExceedsInput { dilated_kernel, padded_input } => {
            let missing = dilated_kernel.saturating_sub(padded_input);
            let more = if pad(op) { "more " } else { "" };
            let each = missing.div_ceil(2);
            format!(
                "The window covers {}, but only {padded_input} are there. Padding of {each} {more}on every side would do",
                counted(dilated_kernel, "cell")
            )
        }
        ConvError::ChannelMismatch { expected, got } => match groups(op) {
            groups if groups > 1 && !got.is_multiple_of(groups) => {
                format!("{groups} groups do not divide the {} before", counted(got, "channel"))
            }
            _ => format!("It takes {}, and is given {got}", counted(expected, "channel")),
        },
        ConvError::FeatureMismatch { expected, got } => {
            format!("It takes {}, and is given {got}", counted(expected, "feature"))
        }
        ConvError::OutputCropped { uncropped, padding } => {
            format!("Padding crops {padding} of {}: nothing is left", counted(uncropped, "cell"))
        }
        ConvError::Overflow => "It is too large to be counted".into(),
        other => capital(&other.to_string()),
    }
}

/// Whether a layer is padded on some side.
fn pad(op: &Op) -> bool {
    use convscope_core::{AutoPad, Padding2d, Pads};
    match op {
        Op::Layer(Layer::Conv2d(params)) => {
            !matches!(params.options().padding, Padding2d::Valid)
                && params.options().padding != Padding2d::Explicit(Pads::default())
        }
        Op::Layer(Layer::MaxPool2d(params) | Layer::AvgPool2d(params, _) | Layer::LpPool2d(params, _)) => {
            params.options().padding != AutoPad::default()
        }
        _ => false,
    }
}

fn groups(op: &Op) -> u64 {
    match op {
        Op::Layer(Layer::Conv2d(params)) => params.options().groups,
        Op::Layer(Layer::ConvTranspose2d(params)) => params.options().groups,
        _ => 1,
    }
}
