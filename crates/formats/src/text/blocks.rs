//! Blocks of torchvision whose `forward` is known, where their layers have the names that it uses.

use convscope_core::graph::{Arithmetic, NodeId, Op};

use super::error::TextError;
use super::lower::Lower;
use super::module::Module;

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
            in_order(lower, &module.children)?;
            lower.sum(module, from)?;
            Ok(true)
        }
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
