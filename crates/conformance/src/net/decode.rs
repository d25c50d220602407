//! A network of torchvision as a graph: from type, inputs and geometry, never from a shape that is asked for.

use super::{Net, list, shape};
use convscope_core::graph::{Arithmetic, Graph, Norm, Op, Pointwise, PoolKind, Size};
use convscope_core::{
    Activation, AdaptivePool2d, AutoPad, AvgDivisor, Conv2dOptions, Conv2dParams, ConvTranspose2dOptions,
    ConvTranspose2dParams, Layer, LinearParams, Padding2d, PaddingMode, Pads, Pool2dOptions, Pool2dParams,
    PoolRounding,
};
use serde_json::Value as Json;

pub(super) fn net(file: &Json) -> Result<Net, String> {
    let mut net = Net { graph: Graph::new(), rows: Vec::new() };
    for row in list(file, "layers")? {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let (name, kind) = (text("name"), text("type"));
        let input = |id: &Json| {
            let index = id.as_u64().and_then(|id| usize::try_from(id).ok());
            index.and_then(|index| net.graph.id(index)).ok_or_else(|| format!("{name}: no input {id}"))
        };
        let inputs = list(row, "inputs")?.iter().map(input).collect::<Result<Vec<_>, _>>()?;
        let op = op(&kind, row).map_err(|error| format!("{name}: {error}"))?;
        let id = net.graph.push(name.clone(), op, &inputs).map_err(|error| error.to_string())?;
        net.rows.push((name, kind, id));
    }
    Ok(net)
}

/// What a row does. Of inputs and parameters, which have no other geometry, the shape is taken.
fn op(kind: &str, row: &Json) -> Result<Op, String> {
    let args = row["args"].as_array().map(Vec::as_slice).unwrap_or_default();
    let arg = |i: usize| args.get(i).and_then(Json::as_i64);
    Ok(match kind {
        "Input" => Op::Input(shape(&row["out_shape"])?),
        "Parameter" => Op::Parameter(shape(&row["out_shape"])?),
        "Conv2d" | "ConvTranspose2d" | "MaxPool2d" | "max_pool2d" | "AvgPool2d" | "avg_pool2d" => {
            Op::Layer(layer(kind, row)?)
        }
        "AdaptiveAvgPool2d" | "adaptive_avg_pool2d" => {
            let size = pair(row, "output_size")?.map(u64::cast_signed);
            Op::AdaptivePool(AdaptivePool2d::new(size).map_err(said)?, PoolKind::Average)
        }
        "Linear" => {
            let (inputs, outputs) = (number(row, "in_features")?, number(row, "out_features")?);
            Op::Linear(LinearParams::new(inputs, outputs, flag(row, "bias")).map_err(said)?)
        }
        "BatchNorm2d" => Op::Norm(Norm::Batch {
            features: number(row, "num_features")?,
            affine: flag(row, "affine"),
            tracked: true,
        }),
        "LayerNorm" => {
            Op::Norm(Norm::Layer { shape: shape(&row["normalized_shape"])?, scale: true, shift: true })
        }
        "layer_norm" => Op::Norm(Norm::LayerOf),
        "ReLU" | "relu" => Op::Pointwise(Pointwise::Activation(Activation::Relu)),
        "Sigmoid" => Op::Pointwise(Pointwise::Activation(Activation::Sigmoid)),
        "SiLU" => Op::Pointwise(Pointwise::Activation(Activation::Silu)),
        "ReLU6" | "GELU" | "Hardswish" | "Hardsigmoid" => Op::Pointwise(Pointwise::Named(kind.to_owned())),
        "Dropout" => Op::Pointwise(Pointwise::Dropout),
        "stochastic_depth" => Op::Pointwise(Pointwise::StochasticDepth),
        "contiguous" => Op::Pointwise(Pointwise::Contiguous),
        "add" => Op::Arithmetic(Arithmetic::Add),
        "mul" => Op::Arithmetic(Arithmetic::Multiply),
        "cat" => Op::Concat(row["dim"].as_i64().or(arg(0)).unwrap_or(0)),
        "chunk" => {
            let chunks = args.first().and_then(Json::as_u64).ok_or("the chunk has no count")?;
            Op::Chunk { chunks, axis: row["dim"].as_i64().or(arg(1)).unwrap_or(0) }
        }
        "getitem" => Op::Item(arg(0).ok_or("the item has no number")?),
        // PyTorch's module starts at axis 1, its function at axis 0.
        "Flatten" => Op::Flatten { start: 1, end: -1 },
        "flatten" => Op::Flatten { start: arg(0).unwrap_or(0), end: -1 },
        "view" => Op::Reshape(view(args)?),
        "permute" => Op::Permute(axes(args)),
        "transpose" => {
            let (a, b) = arg(0).zip(arg(1)).ok_or("the transposition has no two axes")?;
            Op::Transpose(a, b)
        }
        "mean" => Op::Mean { axes: axes(args), keepdim: flag(row, "keepdim") },
        _ => return Err(format!("the type {kind} is not known")),
    })
}

/// The two views of a channel shuffle. The file keeps literal arguments alone, and all others are sizes of
/// the input: channels parted into so many groups, and back.
fn view(args: &[Json]) -> Result<Vec<Size>, String> {
    match args {
        [] => Ok(vec![Size::Of(0), Size::Rest, Size::Of(3), Size::Of(4)]),
        [groups] => {
            let groups = groups.as_u64().ok_or("the view has no count of groups")?;
            Ok(vec![Size::Of(0), Size::Fixed(groups), Size::Rest, Size::Of(2), Size::Of(3)])
        }
        _ => Err("a view of this kind is not known".to_owned()),
    }
}

/// Axes as a list or one by one.
fn axes(args: &[Json]) -> Vec<i64> {
    match args {
        [Json::Array(axes)] => axes.iter().filter_map(Json::as_i64).collect(),
        axes => axes.iter().filter_map(Json::as_i64).collect(),
    }
}

/// A layer that moves a window, of a network's row or a stack's.
pub(super) fn layer(kind: &str, row: &Json) -> Result<Layer, String> {
    let kernel_size = pair(row, "kernel")?;
    let (stride, dilation) = (pair(row, "stride")?, pair(row, "dilation").unwrap_or([1, 1]));
    let [vertical, horizontal] = pair(row, "padding")?;
    let pads = Pads { top: vertical, bottom: vertical, left: horizontal, right: horizontal };
    let channels = |key: &str| number(row, key).unwrap_or(1);
    let (in_channels, out_channels, groups) =
        (channels("in_channels"), channels("out_channels"), channels("groups"));
    let bias = flag(row, "bias");
    let pool = || {
        let rounding = if flag(row, "ceil_mode") { PoolRounding::Ceil } else { PoolRounding::Floor };
        let padding = AutoPad::Explicit(pads);
        Pool2dParams::new(Pool2dOptions { kernel_size, stride, dilation, padding, rounding }).map_err(said)
    };
    Ok(match kind {
        "Conv2d" | "conv" => {
            if row["padding_mode"].as_str().is_some_and(|mode| mode != "zeros") {
                return Err("only zeros are expected in the padding".to_owned());
            }
            let (padding, padding_mode) = (Padding2d::Explicit(pads), PaddingMode::Zeros);
            let options = Conv2dOptions {
                in_channels,
                out_channels,
                kernel_size,
                stride,
                dilation,
                padding,
                padding_mode,
                groups,
                bias,
            };
            Layer::Conv2d(Conv2dParams::new(options).map_err(said)?)
        }
        "ConvTranspose2d" | "conv_transpose" => {
            let options = ConvTranspose2dOptions {
                in_channels,
                out_channels,
                kernel_size,
                stride,
                dilation,
                padding: AutoPad::Explicit(pads),
                output_padding: pair(row, "output_padding").unwrap_or([0, 0]),
                output_size: None,
                groups,
                bias,
            };
            Layer::ConvTranspose2d(ConvTranspose2dParams::new(options).map_err(said)?)
        }
        "MaxPool2d" | "max_pool2d" | "maxpool" => Layer::MaxPool2d(pool()?),
        "AvgPool2d" | "avg_pool2d" | "avgpool" => Layer::AvgPool2d(pool()?, AvgDivisor::CountIncludePad),
        _ => return Err(format!("the type {kind} is not known")),
    })
}

fn number(row: &Json, key: &str) -> Result<u64, String> {
    row[key].as_u64().ok_or_else(|| format!("{key} is no count"))
}

fn flag(row: &Json, key: &str) -> bool {
    row[key].as_bool().unwrap_or(false)
}

fn pair(row: &Json, key: &str) -> Result<[u64; 2], String> {
    let pair = [row[key][0].as_u64(), row[key][1].as_u64()];
    pair[0].zip(pair[1]).map(|(a, b)| [a, b]).ok_or_else(|| format!("{key} is no pair"))
}

fn said(error: impl std::fmt::Display) -> String {
    format!("refused: {error}")
}
