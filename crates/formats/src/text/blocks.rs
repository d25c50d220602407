//! Blocks of torchvision whose `forward` is known, where their layers have the names that it uses.

use convscope_core::graph::{Arithmetic, NodeId, Op};
use convscope_core::{AutoPad, AvgDivisor, Layer, Pads, Pool2dOptions, Pool2dParams, PoolRounding};

use super::error::TextError;
use super::lower::{Lower, sizes};
use super::module::{Arg, Module, Val};

/// Adds a block with its branches; `false` where it is none that is known, or has other layers inside.
pub(super) fn block(lower: &mut Lower, module: &Module) -> Result<bool, TextError> {
    let child = |name: &str| module.child(name);
    let named = |names: &[&str]| names.iter().map(|name| module.child(name)).collect::<Option<Vec<_>>>();
    match module.class.as_str() {
        "BasicBlock" => match named(&["conv1", "bn1", "relu", "conv2", "bn2"]) {
            Some(main) => residual(lower, module, &main),
            None => Ok(false),
        },
        "Bottleneck" => {
            // Its one ReLU stands behind each of the three norms.
            match named(&["conv1", "bn1", "relu", "conv2", "bn2", "relu", "conv3", "bn3"]) {
                Some(main) => residual(lower, module, &main),
                None => Ok(false),
            }
        }
        "InvertedResidual" if child("branch2").is_some() => shuffled(lower, module),
        "InvertedResidual" | "MBConv" | "FusedMBConv" | "CNBlock" => {
            if !(child("conv").is_some() || child("block").is_some()) {
                return Ok(false);
            }
            let from = lower.at;
            if module.class == "CNBlock" {
                in_order(lower, &permuted(&module.children))?;
            } else {
                in_order(lower, &module.children)?;
            }
            lower.sum(module, from)?;
            Ok(true)
        }
        "InceptionA" | "InceptionB" | "InceptionC" | "InceptionD" | "InceptionE" => inception(lower, module),
        "SqueezeExcitation" => {
            let from = lower.at;
            in_order(lower, &module.children)?;
            let product = Op::Arithmetic(Arithmetic::Multiply);
            lower.at = lower.push(module.at, "mul", product, &[lower.at, from])?;
            Ok(true)
        }
        "Fire" => {
            let branches = ["expand1x1", "expand3x3"].map(child);
            let activations = ["expand1x1_activation", "expand3x3_activation"].map(child);
            let (Some(squeeze), [Some(one), Some(three)]) = (child("squeeze"), branches) else {
                return Ok(false);
            };
            lower.module(squeeze)?;
            if let Some(activation) = child("squeeze_activation") {
                lower.module(activation)?;
            }
            let branches = [[Some(one), activations[0]], [Some(three), activations[1]]];
            let branches = branches.map(|branch| branch.into_iter().flatten().collect::<Vec<_>>());
            concat(lower, module, &branches)?;
            Ok(true)
        }
        "Inception" => match named(&["branch1", "branch2", "branch3", "branch4"]) {
            Some(branches) => {
                let branches: Vec<_> = branches.into_iter().map(|branch| vec![branch]).collect();
                concat(lower, module, &branches)?;
                Ok(true)
            }
            None => Ok(false),
        },
        "BasicConv2d" => {
            in_order(lower, &module.children)?;
            lower.relu(module.at)?;
            Ok(true)
        }
        "_DenseLayer" => {
            let from = lower.at;
            in_order(lower, &module.children)?;
            lower.at = lower.push(module.at, "cat", Op::Concat(1), &[from, lower.at])?;
            Ok(true)
        }
        "_DenseBlock" | "_Transition" => {
            in_order(lower, &module.children)?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

fn in_order(lower: &mut Lower, children: &[Module]) -> Result<(), TextError> {
    children.iter().try_for_each(|child| lower.module(child))
}

/// `relu(main(x) + x)`, or with `downsample(x)` where there is one.
fn residual(lower: &mut Lower, module: &Module, main: &[&Module]) -> Result<bool, TextError> {
    let from = lower.at;
    for layer in main {
        lower.module(layer)?;
    }
    let end = std::mem::replace(&mut lower.at, from);
    if let Some(downsample) = module.child("downsample") {
        lower.module(downsample)?;
    }
    let other = std::mem::replace(&mut lower.at, end);
    lower.sum(module, other)?;
    if let Some(relu) = module.child("relu") {
        lower.module(relu)?;
    }
    Ok(true)
}

/// Layers of a ConvNeXt block, in which a first permutation brings channels last, and a second one back.
fn permuted(children: &[Module]) -> Vec<Module> {
    let mut children = children.to_vec();
    let mut orders = [[0, 2, 3, 1], [0, 3, 1, 2]].into_iter();
    let inside = children.iter_mut().flat_map(|child| &mut child.children);
    for layer in inside.filter(|layer| layer.class == "Permute" && layer.args.is_empty()) {
        let order = orders.next().unwrap_or([0, 1, 2, 3]).map(Val::Int).to_vec();
        layer.args.push(Arg { at: layer.at, name: None, value: Val::List(order) });
    }
    children
}

/// Branches of Inception v3's blocks, each with the beginnings of its layers' names; `^` stands for a pool that
/// the block computes itself, and `a+b` for two layers side by side.
const INCEPTION: [(&str, &[&[&str]]); 5] = [
    (
        "InceptionA",
        &[
            &["branch1x1"],
            &["branch5x5_1", "branch5x5_2"],
            &["branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"],
            &["^average", "branch_pool"],
        ],
    ),
    ("InceptionB", &[&["branch3x3"], &["branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"], &["^max"]]),
    (
        "InceptionC",
        &[
            &["branch1x1"],
            &["branch7x7_1", "branch7x7_2", "branch7x7_3"],
            &["branch7x7dbl_1", "branch7x7dbl_2", "branch7x7dbl_3", "branch7x7dbl_4", "branch7x7dbl_5"],
            &["^average", "branch_pool"],
        ],
    ),
    (
        "InceptionD",
        &[
            &["branch3x3_1", "branch3x3_2"],
            &["branch7x7x3_1", "branch7x7x3_2", "branch7x7x3_3", "branch7x7x3_4"],
            &["^max"],
        ],
    ),
    (
        "InceptionE",
        &[
            &["branch1x1"],
            &["branch3x3_1", "branch3x3_2a+branch3x3_2b"],
            &["branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3a+branch3x3dbl_3b"],
            &["^average", "branch_pool"],
        ],
    ),
];

/// A block of Inception v3; `false` where its layers have other names.
fn inception(lower: &mut Lower, module: &Module) -> Result<bool, TextError> {
    let branches = INCEPTION.iter().find(|(class, _)| *class == module.class).map(|(_, branches)| *branches);
    let Some(branches) = branches else { return Ok(false) };
    let names = branches.iter().flat_map(|branch| *branch).flat_map(|step| step.split('+'));
    if !names.filter(|name| !name.starts_with('^')).all(|name| module.child(name).is_some()) {
        return Ok(false);
    }
    let from = lower.at;
    let mut ends = Vec::new();
    for branch in branches {
        lower.at = from;
        for step in *branch {
            match *step {
                "^average" => lower.step(module.at, "avg_pool2d", Op::Layer(pool(module, false)?))?,
                "^max" => lower.step(module.at, "max_pool2d", Op::Layer(pool(module, true)?))?,
                step => {
                    let sides: Vec<Vec<&Module>> =
                        step.split('+').filter_map(|name| module.child(name)).map(|it| vec![it]).collect();
                    match sides.as_slice() {
                        [only] => in_order(lower, &[only[0].clone()])?,
                        sides => concat(lower, module, sides)?,
                    }
                }
            }
        }
        ends.push(lower.at);
    }
    lower.at = lower.push(module.at, "cat", Op::Concat(1), &ends)?;
    Ok(true)
}

/// The pools of Inception v3's blocks: averages of 3 x 3 that keep the size, or maxima of 3 x 3 with stride 2.
fn pool(module: &Module, max: bool) -> Result<Layer, TextError> {
    let params = Pool2dParams::new(Pool2dOptions {
        kernel_size: [3; 2],
        stride: if max { [2; 2] } else { [1; 2] },
        dilation: [1; 2],
        padding: AutoPad::Explicit(Pads::all(if max { 0 } else { 1 })),
        rounding: PoolRounding::Floor,
    })
    .map_err(sizes(module))?;
    let divisor = AvgDivisor::new(true, None).map_err(sizes(module))?;
    Ok(if max { Layer::MaxPool2d(params) } else { Layer::AvgPool2d(params, divisor) })
}

/// Branches that start where one stands, put together along the channels.
fn concat(lower: &mut Lower, module: &Module, branches: &[Vec<&Module>]) -> Result<(), TextError> {
    let from = lower.at;
    let mut ends: Vec<NodeId> = Vec::new();
    for branch in branches {
        lower.at = from;
        for layer in branch {
            lower.module(layer)?;
        }
        ends.push(lower.at);
    }
    lower.at = lower.push(module.at, "cat", Op::Concat(1), &ends)?;
    Ok(())
}

/// ShuffleNet's: half of the channels pass by, or both branches read all; then the channels are shuffled.
fn shuffled(lower: &mut Lower, module: &Module) -> Result<bool, TextError> {
    let Some(second) = module.child("branch2") else { return Ok(false) };
    let from = lower.at;
    let first = module.child("branch1").filter(|branch| !branch.children.is_empty());
    let (left, right) = match first {
        Some(first) => {
            lower.module(first)?;
            (lower.at, from)
        }
        None => {
            let list = lower.push(module.at, "chunk", Op::Chunk { chunks: 2, axis: 1 }, &[from])?;
            let left = lower.push(module.at, "left", Op::Item(0), &[list])?;
            (left, lower.push(module.at, "right", Op::Item(1), &[list])?)
        }
    };
    lower.at = right;
    lower.module(second)?;
    lower.at = lower.push(module.at, "cat", Op::Concat(1), &[left, lower.at])?;
    lower.step(module.at, "shuffle", Op::ChannelShuffle(2))?;
    Ok(true)
}
