//! The rules of the frameworks, side by side, on the cases of the operations: sizes and padding.

use crate::outcome::{category, same};
use crate::row::{Row, shape};
use crate::{conv_transpose2d, conv2d, pool};
use convscope_core::rules::{Refusal, Rule};
use convscope_core::{AutoPad, Conv2dOptions, Conv2dParams, ConvError, Layer, Padding2d, Pads};

/// PyTorch's rule says of a layer without values what PyTorch says, where sizes and padding decide it.
pub(crate) fn check_pytorch(row: &Row) -> Result<(), String> {
    let layer = match row.op.as_str() {
        "conv2d" => conv2d::Case::new(row)?.options.and_then(Conv2dParams::new).map(Layer::Conv2d),
        "conv_transpose2d" => conv_transpose2d::layer(row)?.map(Layer::ConvTranspose2d),
        "max_pool2d" | "avg_pool2d" => pool_layer(row)?,
        _ => return Ok(()),
    };
    let Ok(layer) = layer else { return Ok(()) };
    let input_shape = shape(&row.input_shape)?;
    let rule = match &layer {
        Layer::Conv2d(params) if params.options().padding == Padding2d::Same => Rule::PyTorchSame,
        _ if row.params["ceil_mode"] == true => Rule::PyTorchCeil,
        _ => Rule::PyTorch,
    };
    let layout = rule.layout(&layer, [input_shape[2], input_shape[3]]);
    match (row.outcome.as_deref(), layout) {
        (Some("ok"), Ok(layout)) => {
            let size = row.output_shape.as_deref().and_then(|it| it.get(2..));
            same("output size", layout.output_size().as_ref().map(<[u64; 2]>::as_slice), size)
        }
        (Some("error"), Err(Refusal::Impossible(error))) => {
            same("the rule's reason", Some(category(&row.op, error)), row.reason.as_deref())
        }
        // Of channels and biases the rules know nothing.
        (Some("error"), Ok(_)) if input_shape[1] == 0 || row.reason.as_deref().is_some_and(is_mismatch) => {
            Ok(())
        }
        (_, layout) => Err(format!("{rule:?} gives {layout:?}")),
    }
}

/// ONNX's rules, and those that equal them, give padding and output size of a row of `auto_pad`.
pub(crate) fn check_auto_pad(row: &Row) -> Result<(), String> {
    let input_shape = shape(&row.input_shape)?;
    let layer = match row.op.as_str() {
        "conv2d_auto_pad" => {
            let axes = |key: &str| serde_json::from_value(row.params[key].clone());
            let options = Conv2dOptions {
                kernel_size: axes("kernel").map_err(|error| error.to_string())?,
                stride: axes("stride").map_err(|error| error.to_string())?,
                dilation: axes("dilation").map_err(|error| error.to_string())?,
                ..Default::default()
            };
            Conv2dParams::new(options).map(Layer::Conv2d)
        }
        _ => pool_layer(row)?,
    };
    let layer = layer.map_err(|error| error.to_string())?;
    let pads: [i64; 4] =
        serde_json::from_value(row.params["pads"].clone()).map_err(|error| error.to_string())?;
    let rules: &[Rule] = match conv2d::auto_pad(row.params["auto_pad"].as_str().unwrap_or_default())? {
        AutoPad::SameUpper => &[Rule::OnnxSameUpper, Rule::KerasSame],
        AutoPad::SameLower => &[Rule::OnnxSameLower],
        _ => &[Rule::OnnxValid, Rule::KerasValid],
    };
    for &rule in rules {
        let layout = match rule.layout(&layer, [input_shape[2], input_shape[3]]) {
            Err(Refusal::StrideWithDilation { .. } | Refusal::Dilation { .. }) => continue,
            layout => layout.map_err(|refusal| format!("{rule:?} gives {refusal:?}"))?,
        };
        same("pads of the rule", Ok(layout.pads), Pads::new(pads))?;
        let size = row.output_shape.as_deref().and_then(|it| it.get(2..));
        same("output size", layout.output_size().as_ref().map(<[u64; 2]>::as_slice), size)?;
    }
    Ok(())
}

fn is_mismatch(reason: &str) -> bool {
    reason.ends_with("mismatch")
}

fn pool_layer(row: &Row) -> Result<Result<Layer, ConvError>, String> {
    Ok(pool::layer(row)?.map(|pool::Layer { params, divisor }| {
        if row.op.starts_with("max") { Layer::MaxPool2d(params) } else { Layer::AvgPool2d(params, divisor) }
    }))
}
