//! The rules of the frameworks, side by side, on the cases of the operations: sizes and padding.

use crate::outcome::{category, said, same};
use crate::row::{Row, shape};
use crate::{conv_transpose2d, conv2d, pool};
use convscope_core::rules::{Refusal, Rule};
use convscope_core::{
    AutoPad, AvgDivisor, Conv2dOptions, Conv2dParams, ConvError, ConvTranspose2dOptions,
    ConvTranspose2dParams, Layer, Padding2d, Pads, Pool2dOptions, Pool2dParams,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

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
            let options = Conv2dOptions {
                kernel_size: from(&row.params["kernel"])?,
                stride: from(&row.params["stride"])?,
                dilation: from(&row.params["dilation"])?,
                ..Default::default()
            };
            Conv2dParams::new(options).map(Layer::Conv2d)
        }
        _ => pool_layer(row)?,
    };
    let layer = layer.map_err(said)?;
    let pads: [i64; 4] = from(&row.params["pads"])?;
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

/// A row of `rules.jsonl`: what each framework says of a layer, asked by `tests/code/rules.py`.
pub(crate) fn check_answers(row: &Row) -> Result<(), String> {
    let numbers = |key: &str| -> Result<[u64; 2], String> { from(&row.params[key]) };
    let [kernel_size, stride, dilation] = [numbers("kernel")?, numbers("stride")?, numbers("dilation")?];
    let pads = Pads::new(from(&row.params["pads"])?).map_err(said)?;
    let pool = || {
        let padding = AutoPad::Explicit(pads);
        Pool2dParams::new(Pool2dOptions { kernel_size, stride, dilation, padding, ..Default::default() })
    };
    let layer = match row.op.as_str() {
        "conv2d" => {
            let padding = Padding2d::Explicit(pads);
            let options = Conv2dOptions { kernel_size, stride, dilation, padding, ..Default::default() };
            Conv2dParams::new(options).map(Layer::Conv2d)
        }
        "conv_transpose2d" => {
            let (padding, output_padding) = (AutoPad::Explicit(pads), numbers("output_padding")?);
            ConvTranspose2dParams::new(ConvTranspose2dOptions {
                kernel_size,
                stride,
                dilation,
                padding,
                output_padding,
                ..Default::default()
            })
            .map(Layer::ConvTranspose2d)
        }
        "max_pool2d" => pool().map(Layer::MaxPool2d),
        "avg_pool2d" => pool().map(|params| Layer::AvgPool2d(params, AvgDivisor::CountInside)),
        "lp_pool2d" => pool().map(|params| Layer::LpPool2d(params, 2)),
        other => return Err(format!("the operation {other:?} is not known")),
    };
    let layer = layer.map_err(said)?;
    let input: [u64; 2] = from(row.rest.get("input_size").ok_or("the row has no input_size")?)?;
    let answers = row.rest.get("rules").and_then(Value::as_object).filter(|it| !it.is_empty());
    let answers = answers.ok_or("the row has no answers")?;
    for (name, answer) in answers {
        let rule = rule_named(name)?;
        let ours = rule.layout(&layer, input);
        let (Some(size), Ok(layout)) = (answer.get("size"), ours) else {
            same(name, ours.is_err(), answer.get("error").is_some())?;
            continue;
        };
        same(name, layout.output_size(), Some(from(size)?))?;
        if let Some(before) = answer.get("before") {
            let places: Vec<[u64; 2]> = from(before)?;
            let ours = [layout.pads.top, layout.pads.left];
            if !places.contains(&ours) {
                return Err(format!("{name} pads {ours:?} before, expected one of {places:?}"));
            }
        }
    }
    Ok(())
}

fn rule_named(name: &str) -> Result<Rule, String> {
    Ok(match name {
        "pytorch" => Rule::PyTorch,
        "pytorch_same" => Rule::PyTorchSame,
        "pytorch_ceil" => Rule::PyTorchCeil,
        "keras_valid" => Rule::KerasValid,
        "keras_same" => Rule::KerasSame,
        "onnx_notset" => Rule::Onnx,
        "onnx_ceil_before_22" => Rule::OnnxCeilBefore22,
        "onnx_ceil" => Rule::OnnxCeil,
        "onnx_valid" => Rule::OnnxValid,
        "onnx_same_upper" => Rule::OnnxSameUpper,
        "onnx_same_lower" => Rule::OnnxSameLower,
        other => return Err(format!("the rule {other:?} is not known")),
    })
}

fn from<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    serde_json::from_value(value.clone()).map_err(|error| error.to_string())
}

fn is_mismatch(reason: &str) -> bool {
    reason.ends_with("mismatch")
}

fn pool_layer(row: &Row) -> Result<Result<Layer, ConvError>, String> {
    Ok(pool::layer(row)?.map(|pool::Layer { params, divisor }| {
        if row.op.starts_with("max") { Layer::MaxPool2d(params) } else { Layer::AvgPool2d(params, divisor) }
    }))
}
