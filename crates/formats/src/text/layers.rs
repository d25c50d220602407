//! Layers of `torch.nn` by class, with the order of their arguments.

use convscope_core::graph::{
    Norm, Op, Pointwise, PoolKind, Resample, ResampleMode, ResampleSize, Shape, Size,
};
use convscope_core::{
    Activation, AdaptivePool2d, AutoPad, AvgDivisor, Conv2dOptions, Conv2dParams, ConvTranspose2dOptions,
    ConvTranspose2dParams, Layer, LinearParams, Padding2d, PaddingMode, Pads, Pool2dOptions, Pool2dParams,
    PoolRounding,
};

use super::error::{Reason, TextError};
use super::lower::{Lower, sizes};
use super::module::{Module, Val};
use crate::reading::Why;

/// Whether a class is a layer or a container of layers that is known.
pub(super) fn is_known(class: &str) -> bool {
    let known = [
        "Conv2d",
        "LazyConv2d",
        "ConvTranspose2d",
        "MaxPool2d",
        "AvgPool2d",
        "LPPool2d",
        "AdaptiveAvgPool2d",
        "AdaptiveMaxPool2d",
        "Linear",
        "LazyLinear",
        "Flatten",
        "Unflatten",
        "Upsample",
        "UpsamplingNearest2d",
        "UpsamplingBilinear2d",
        "ZeroPad2d",
        "ConstantPad2d",
        "ReflectionPad2d",
        "ReplicationPad2d",
        "CircularPad2d",
        "Softmax",
        "LogSoftmax",
        "Softmax2d",
        "Dropout",
        "Identity",
        "ChannelShuffle",
        "Permute",
        "PixelShuffle",
        "LocalResponseNorm",
        "GroupNorm",
        "LayerNorm",
        "LayerNorm2d",
        "StochasticDepth",
        "DropPath",
        "Sequential",
        "ModuleList",
        "ModuleDict",
        "Conv2dNormActivation",
    ];
    known.contains(&class)
        || class.contains("Norm")
        || activation(class).is_some()
        || class.starts_with("Dropout")
        || spatial_axes(class).is_some()
}

/// Adds a layer without layers inside. Of what code states too little is an error; other forms never said more.
pub(super) fn layer(lower: &mut Lower, module: &Module) -> Result<(), TextError> {
    match known(lower, module) {
        Err(TextError {
            reason: Reason::Missing { argument, .. } | Reason::Argument { argument, .. },
            ..
        }) if !lower.is_code => lower.unknown(module, Why::NotStated(argument)),
        Err(TextError { reason: Reason::Sizes { error, .. }, .. }) if !lower.is_code => {
            lower.unknown(module, Why::Sizes(error))
        }
        other => other,
    }
}

fn known(lower: &mut Lower, module: &Module) -> Result<(), TextError> {
    let class = module.class.as_str();
    if let Some(axes) = spatial_axes(class) {
        return lower.unknown(module, Why::SpatialAxes(axes));
    }
    if class == "Hidden" {
        return lower.unknown(module, Why::Hidden);
    }
    if module.stated.is_some() && module.args.is_empty() && needs_arguments(class) {
        return lower.unknown(module, Why::NotConstant("window"));
    }
    let op = match class {
        "Conv2d" => Op::Layer(conv(module, None)?),
        "LazyConv2d" => {
            let channels = lower.shape().and_then(|shape| shape.sizes().get(1).copied()).unwrap_or(1);
            Op::Layer(conv(module, Some(channels))?)
        }
        "ConvTranspose2d" => Op::Layer(conv_transpose(module)?),
        "MaxPool2d" | "AvgPool2d" | "LPPool2d" => Op::Layer(pool(module)?),
        "AdaptiveAvgPool2d" | "AdaptiveMaxPool2d" => {
            let kind = if class == "AdaptiveAvgPool2d" { PoolKind::Average } else { PoolKind::Max };
            adaptive(lower, module, kind)?
        }
        "Linear" | "LazyLinear" => {
            let lazy = class == "LazyLinear";
            let in_features = if lazy {
                let features = |shape: &Shape| Shape::new(&shape.sizes()[1..]).elements().ok();
                lower.shape().filter(|shape| shape.rank() > 0).and_then(features).unwrap_or(1)
            } else {
                module.count(0, "in_features")?
            };
            lower.flatten_for(module.at, in_features)?;
            let first = usize::from(!lazy);
            let (out, bias) = (module.count(first, "out_features")?, module.flag(first + 1, "bias", true)?);
            Op::Linear(LinearParams::new(in_features, out, bias).map_err(sizes(module))?)
        }
        "BatchNorm2d" | "BatchNorm1d" | "SyncBatchNorm" => Op::Norm(Norm::Batch {
            features: module.count(0, "num_features")?,
            affine: module.flag(3, "affine", true)?,
            tracked: module.flag(4, "track_running_stats", true)?,
        }),
        "LazyBatchNorm2d" | "FrozenBatchNorm2d" => {
            let features = lower.shape().and_then(|shape| shape.sizes().get(1).copied());
            let features = features.or(module.count_or(0, "num_features", None)?).unwrap_or(1);
            Op::Norm(Norm::Batch { features, affine: class == "LazyBatchNorm2d", tracked: true })
        }
        "InstanceNorm2d" => {
            let features = module.count(0, "num_features")?;
            Op::Norm(Norm::Group { groups: features, features, affine: module.flag(3, "affine", false)? })
        }
        "GroupNorm" => Op::Norm(Norm::Group {
            groups: module.count(0, "num_groups")?,
            features: module.count(1, "num_channels")?,
            affine: module.flag(3, "affine", true)?,
        }),
        "LayerNorm" => {
            let shape = module.ints(0, "normalized_shape", 0)?;
            let shape: Vec<u64> = shape.into_iter().map(|size| u64::try_from(size).unwrap_or(0)).collect();
            let affine = module.flag(2, "elementwise_affine", true)?;
            let shift = affine && module.flag(3, "bias", true)?;
            Op::Norm(Norm::Layer { shape: Shape::new(shape), scale: affine, shift })
        }
        "LayerNorm2d" => {
            // Over the channels of each cell.
            let features = module.ints(0, "normalized_shape", 1)?;
            let features = u64::try_from(features[0]).unwrap_or(0);
            Op::Norm(Norm::Group { groups: 1, features, affine: module.flag(2, "elementwise_affine", true)? })
        }
        "LocalResponseNorm" => Op::Norm(Norm::LocalResponse),
        "Softmax" | "LogSoftmax" => Op::Softmax(module.int(0, "dim", 1)?),
        "Softmax2d" => Op::Softmax(1),
        "Identity" | "Sequential" | "ModuleList" | "ModuleDict" => return Ok(()),
        "StochasticDepth" | "DropPath" => Op::Pointwise(Pointwise::StochasticDepth),
        "Flatten" => {
            Op::Flatten { start: module.int(0, "start_dim", 1)?, end: module.int(1, "end_dim", -1)? }
        }
        "Unflatten" => return unflatten(lower, module),
        "ChannelShuffle" => Op::ChannelShuffle(module.count(0, "groups")?),
        "Permute" => Op::Permute(module.ints(0, "dims", 0)?),
        "Upsample" | "UpsamplingNearest2d" | "UpsamplingBilinear2d" => match upsample(module)? {
            Some(op) => op,
            None => return lower.unknown(module, Why::Parameter("mode")),
        },
        "ZeroPad2d" | "ConstantPad2d" | "ReflectionPad2d" | "ReplicationPad2d" | "CircularPad2d" => {
            pad(module)?
        }
        _ if class.starts_with("Dropout") || class.ends_with("Dropout") => Op::Pointwise(Pointwise::Dropout),
        _ => match activation(class) {
            Some(function) => Op::Pointwise(function),
            None => return lower.unknown(module, Why::Unknown),
        },
    };
    lower.add(module, op)
}

/// Layers that are nothing without their sizes, which a table may leave open.
fn needs_arguments(class: &str) -> bool {
    ["Conv2d", "ConvTranspose2d", "MaxPool2d", "AvgPool2d", "LPPool2d", "Upsample", "GroupNorm"]
        .contains(&class)
        || class.ends_with("Pad2d")
        || class.starts_with("Adaptive")
}

/// The spatial axes that a layer of `torch.nn` works on, if these are not two.
fn spatial_axes(class: &str) -> Option<usize> {
    let windowed = ["Conv", "Pool", "Pad", "InstanceNorm", "BatchNorm3d"];
    let axes = match class {
        "BatchNorm1d" => return None,
        _ if class.ends_with("1d") => 1,
        _ if class.ends_with("3d") => 3,
        _ => return None,
    };
    windowed.iter().any(|word| class.contains(word)).then_some(axes)
}

/// A function of each number, by its class.
pub(super) fn activation(class: &str) -> Option<Pointwise> {
    Some(Pointwise::Activation(match class {
        "ReLU" => Activation::Relu,
        "LeakyReLU" => Activation::LeakyRelu,
        "Sigmoid" => Activation::Sigmoid,
        "Tanh" => Activation::Tanh,
        "SiLU" | "Swish" => Activation::Silu,
        "ReLU6" | "GELU" | "Hardswish" | "Hardsigmoid" | "Hardtanh" | "ELU" | "SELU" | "CELU" | "Mish"
        | "PReLU" | "Softplus" | "Softsign" | "LogSigmoid" | "RReLU" | "Hardshrink" | "Softshrink"
        | "Tanhshrink" | "Threshold" => return Some(Pointwise::Named(class.to_owned())),
        _ => return None,
    }))
}

/// A convolution; a lazy one is told its channels.
fn conv(module: &Module, lazy: Option<u64>) -> Result<Layer, TextError> {
    // Without the first argument, those behind it move.
    let at = |index: usize| if lazy.is_some() { index - 1 } else { index };
    let in_channels = match lazy {
        Some(channels) => channels,
        None => module.count(0, "in_channels")?,
    };
    let kernel_size = module.pair(at(2), "kernel_size")?;
    let padding = match module.arg(at(4), "padding").map(|arg| &arg.value) {
        Some(Val::Text(text) | Val::Unknown(text)) if text == "same" => Padding2d::Same,
        Some(Val::Text(text) | Val::Unknown(text)) if text == "valid" => Padding2d::Valid,
        _ => Padding2d::Explicit(symmetric(module.pair_or(at(4), "padding", None)?.unwrap_or_default())),
    };
    let padding_mode = match module.text(at(8), "padding_mode") {
        Some("reflect") => PaddingMode::Reflect,
        Some("replicate") => PaddingMode::Replicate,
        Some("circular") => PaddingMode::Circular,
        _ => PaddingMode::Zeros,
    };
    let options = Conv2dOptions {
        in_channels,
        out_channels: module.count(at(1), "out_channels")?,
        kernel_size,
        stride: module.pair_or(at(3), "stride", None)?.unwrap_or([1; 2]),
        dilation: module.pair_or(at(5), "dilation", None)?.unwrap_or([1; 2]),
        padding,
        padding_mode,
        groups: module.count_or(at(6), "groups", None)?.unwrap_or(1),
        bias: module.flag(at(7), "bias", true)?,
    };
    Conv2dParams::new(options).map(Layer::Conv2d).map_err(sizes(module))
}

fn conv_transpose(module: &Module) -> Result<Layer, TextError> {
    let options = ConvTranspose2dOptions {
        in_channels: module.count(0, "in_channels")?,
        out_channels: module.count(1, "out_channels")?,
        kernel_size: module.pair(2, "kernel_size")?,
        stride: module.pair_or(3, "stride", None)?.unwrap_or([1; 2]),
        padding: AutoPad::Explicit(symmetric(module.pair_or(4, "padding", None)?.unwrap_or_default())),
        output_padding: module.pair_or(5, "output_padding", None)?.unwrap_or_default(),
        groups: module.count_or(6, "groups", None)?.unwrap_or(1),
        bias: module.flag(7, "bias", true)?,
        dilation: module.pair_or(8, "dilation", None)?.unwrap_or([1; 2]),
        output_size: None,
    };
    ConvTranspose2dParams::new(options).map(Layer::ConvTranspose2d).map_err(sizes(module))
}

fn symmetric([vertical, horizontal]: [u64; 2]) -> Pads {
    Pads { top: vertical, bottom: vertical, left: horizontal, right: horizontal }
}

fn pool(module: &Module) -> Result<Layer, TextError> {
    // MaxPool2d(kernel_size, stride, padding, dilation, return_indices, ceil_mode)
    // AvgPool2d(kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
    // LPPool2d(norm_type, kernel_size, stride, ceil_mode)
    let class = module.class.as_str();
    let first = usize::from(class == "LPPool2d");
    let kernel_size = module.pair(first, "kernel_size")?;
    let (ceil_at, has_padding) = match class {
        "MaxPool2d" => (5, true),
        "AvgPool2d" => (3, true),
        _ => (3, false),
    };
    let pads = if has_padding { module.pair_or(2, "padding", None)?.unwrap_or_default() } else { [0; 2] };
    let dilation = if class == "MaxPool2d" { module.pair_or(3, "dilation", None)? } else { None };
    let ceil = module.flag(ceil_at, "ceil_mode", false)?;
    let params = Pool2dParams::new(Pool2dOptions {
        kernel_size,
        stride: module.pair_or(first + 1, "stride", None)?.unwrap_or(kernel_size),
        dilation: dilation.unwrap_or([1; 2]),
        padding: AutoPad::Explicit(symmetric(pads)),
        rounding: if ceil { PoolRounding::Ceil } else { PoolRounding::Floor },
    })
    .map_err(sizes(module))?;
    Ok(match class {
        "MaxPool2d" => Layer::MaxPool2d(params),
        "AvgPool2d" => {
            let divisor = match module.int(5, "divisor_override", 0)? {
                0 => None,
                divisor => Some(divisor),
            };
            let counts = module.flag(4, "count_include_pad", true)?;
            Layer::AvgPool2d(params, AvgDivisor::new(counts, divisor).map_err(sizes(module))?)
        }
        _ => {
            let p = module.count(0, "norm_type")?;
            let p = u32::try_from(p).ok().filter(|&p| p > 0);
            let reason = || Reason::Argument {
                layer: class.to_owned(),
                argument: "norm_type",
                what: "a whole number",
            };
            Layer::LpPool2d(params, p.ok_or_else(|| TextError::at(module.at, reason()))?)
        }
    })
}

/// `None` among the sizes keeps that of the input.
fn adaptive(lower: &Lower, module: &Module, kind: PoolKind) -> Result<Op, TextError> {
    let size = match module.arg(0, "output_size").map(|arg| &arg.value) {
        Some(Val::List(items)) if items.contains(&Val::None) && items.len() == 2 => {
            let input =
                lower.shape().and_then(Shape::nchw).map_or([1, 1], |[_, _, height, width]| [height, width]);
            [0, 1].map(|axis| match items[axis] {
                Val::Int(size) => size,
                _ => i64::try_from(input[axis]).unwrap_or(i64::MAX),
            })
        }
        _ => module.pair(0, "output_size")?.map(|size| i64::try_from(size).unwrap_or(i64::MAX)),
    };
    Ok(Op::AdaptivePool(AdaptivePool2d::new(size).map_err(sizes(module))?, kind))
}

fn upsample(module: &Module) -> Result<Option<Op>, TextError> {
    let nearest = module.class != "UpsamplingBilinear2d";
    let mode = match module.text(2, "mode") {
        Some("bilinear") if module.flag(3, "align_corners", false)? => ResampleMode::BilinearAligned,
        Some("bilinear") => ResampleMode::Bilinear,
        Some("nearest" | "nearest-exact") => ResampleMode::Nearest,
        None if nearest => ResampleMode::Nearest,
        None => ResampleMode::BilinearAligned,
        Some(_) => return Ok(None),
    };
    let size = match module.pair_or(0, "size", None)? {
        Some(size) => ResampleSize::To(size),
        None => ResampleSize::By(factors(module)?),
    };
    Ok(Some(Op::Upsample(Resample { size, mode })))
}

/// Factors as fractions: up to 1/1000 exactly.
fn factors(module: &Module) -> Result<[[u64; 2]; 2], TextError> {
    let factor = |value: &Val| match value {
        Val::Int(value) => u64::try_from(*value).ok().map(|value| [value, 1]),
        Val::Float(value) if (0.001..1e6).contains(value) => {
            (1..=1000_u64).map(|by| (value * by as f64, by)).find_map(|(product, by)| {
                let whole = product.round();
                ((product - whole).abs() < 1e-9 * by as f64).then_some([whole as u64, by])
            })
        }
        _ => None,
    };
    let layer = module.class.clone();
    let wrong = |at| {
        TextError::at(
            at,
            Reason::Argument { layer: layer.clone(), argument: "scale_factor", what: "a number or two" },
        )
    };
    let arg = module.arg(1, "scale_factor").ok_or_else(|| wrong(module.at))?;
    let pair = match &arg.value {
        Val::List(items) => match items.as_slice() {
            [rows, columns] => factor(rows).zip(factor(columns)).map(|(rows, columns)| [rows, columns]),
            _ => None,
        },
        value => factor(value).map(|factor| [factor; 2]),
    };
    pair.ok_or_else(|| wrong(arg.at))
}

/// PyTorch's order is left, right, top, bottom.
fn pad(module: &Module) -> Result<Op, TextError> {
    let pads = module.ints(0, "padding", 4)?;
    let mode = match module.class.as_str() {
        "ReflectionPad2d" => PaddingMode::Reflect,
        "ReplicationPad2d" => PaddingMode::Replicate,
        "CircularPad2d" => PaddingMode::Circular,
        _ => PaddingMode::Zeros,
    };
    Ok(Op::Pad { pads: [pads[2], pads[0], pads[3], pads[1]], mode })
}

/// One axis as several: `Unflatten(1, (16, 4, 4))`.
fn unflatten(lower: &mut Lower, module: &Module) -> Result<(), TextError> {
    let dim = module.int(0, "dim", 1)?;
    let inside = module.ints(1, "unflattened_size", 0)?;
    let Some(shape) = lower.shape().cloned() else { return lower.unknown(module, Why::NotConstant("shape")) };
    let Ok(axis) = shape.axis(dim) else { return lower.unknown(module, Why::Parameter("dim")) };
    let of = |axis: usize| Size::Of(axis as u64);
    let inside = inside.into_iter().map(|size| u64::try_from(size).map_or(Size::Rest, Size::Fixed));
    let sizes = (0..axis).map(of).chain(inside).chain((axis + 1..shape.sizes().len()).map(of)).collect();
    lower.add(module, Op::Reshape(sizes))
}
