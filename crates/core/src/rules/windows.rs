//! The rules for operations with windows: convolutions and pools.

use super::{AxisGeometry, AxisParams, Detour, Layout, Padding, Pads, Ratio, Refusal, Rule};
use crate::auto_pad::AutoPad;
use crate::conv2d::{Conv2dParams, Padding2d, PaddingMode};
use crate::error::ConvError;
use crate::layer::Layer;
use crate::pool::{PoolAxis, PoolRounding};

/// What a rule makes of a layer that is no transposed convolution.
pub(super) fn layout(rule: Rule, layer: &Layer, input: [u64; 2]) -> Result<Layout, Refusal> {
    match layer {
        Layer::Conv2d(params) => conv2d(rule, params, input),
        _ => pool(rule, layer, input),
    }
}

fn conv2d(rule: Rule, params: &Conv2dParams, input: [u64; 2]) -> Result<Layout, Refusal> {
    let axes = [params.rows(), params.columns()];
    let options = params.options();
    let stated = || -> Result<Pads, ConvError> {
        Ok(match options.padding {
            Padding2d::Valid => Pads::default(),
            Padding2d::Same => AutoPad::SameUpper.pads(axes, input)?,
            Padding2d::Full => {
                let [rows, columns] = [axes[0].dilated_kernel()? - 1, axes[1].dilated_kernel()? - 1];
                Pads { top: rows, left: columns, bottom: rows, right: columns }
            }
            Padding2d::Explicit(pads) => pads,
        })
    };
    if rule.is_keras() {
        super::check_keras_dilation(axes)?;
    }
    let pads = match rule {
        Rule::Course => return course(axes, input, stated()?),
        Rule::PyTorchSame => {
            let stride = axes[0].stride().max(axes[1].stride());
            if stride > 1 {
                return Err(ConvError::SameWithStride { stride }.into());
            }
            AutoPad::SameUpper.pads(axes, input)?
        }
        _ => own_pads(rule, axes, input)?.map_or_else(stated, Ok)?,
    };
    // Other modes are not padding to Keras and ONNX, but operations in front of the layer.
    let copies = options.padding_mode != PaddingMode::Zeros;
    let detour = match rule {
        Rule::PyTorch if is_unequal(pads) => Detour::PadFirst,
        Rule::KerasPadded if pads != Pads::default() => Detour::PadFirst,
        Rule::Onnx if copies && pads != Pads::default() => Detour::PadFirst,
        _ => Detour::None,
    };
    let [rows, columns] = on_axes(pads);
    let axis = |idx: usize, [before, after]: [u64; 2]| -> Result<AxisGeometry, ConvError> {
        let axis = axes[idx].geometry(input[idx], Padding::Explicit { before, after })?;
        if matches!(rule, Rule::PyTorch | Rule::PyTorchSame) || detour == Detour::PadFirst {
            options.padding_mode.check(before.max(after), input[idx])?;
        }
        Ok(axis)
    };
    let axes = [axis(0, rows)?, axis(1, columns)?];
    Ok(Layout {
        output: axes.map(|axis| Ratio::whole(axis.output_len())),
        left_over: axes.map(|axis| axis.leftover()),
        ..bare(pads, detour)
    })
}

fn pool(rule: Rule, layer: &Layer, input: [u64; 2]) -> Result<Layout, Refusal> {
    let (Layer::MaxPool2d(params) | Layer::AvgPool2d(params, _) | Layer::LpPool2d(params, _)) = layer else {
        return Err(Refusal::Operation);
    };
    let axes = [params.rows(), params.columns()];
    let (is_max, is_lp) = (matches!(layer, Layer::MaxPool2d(_)), matches!(layer, Layer::LpPool2d(..)));
    let is_pytorch = matches!(rule, Rule::PyTorch | Rule::PyTorchCeil);
    if rule.is_keras() && is_lp {
        return Err(Refusal::Operation);
    }
    if rule.is_keras() || is_pytorch && !is_max {
        check_undilated(axes)?;
    }
    let stated = params.options().padding.pads(axes, input);
    let pads = match rule {
        Rule::Course => return course(axes, input, stated?),
        _ => own_pads(rule, axes, input)?.map_or(stated, Ok)?,
    };
    if is_pytorch && is_lp && pads != Pads::default() {
        return Err(Refusal::Padding(pads));
    }
    if is_pytorch {
        check_pytorch_pool(axes, pads)?;
    }
    let rounding = match rule {
        Rule::PyTorchCeil | Rule::OnnxCeil => PoolRounding::Ceil,
        Rule::OnnxCeilBefore22 => PoolRounding::CeilKeepLast,
        _ => PoolRounding::Floor,
    };
    let [rows, columns] = on_axes(pads);
    let laid = [
        PoolAxis::new(axes[0], input[0], rows, rounding)?,
        PoolAxis::new(axes[1], input[1], columns, rounding)?,
    ];
    let detour = match rule {
        Rule::KerasPadded if pads != Pads::default() => Detour::PadFirst,
        _ => Detour::None,
    };
    Ok(Layout {
        output: laid.map(|axis| Ratio::whole(axis.output_len())),
        left_over: laid.map(|axis| left_over(&axis)),
        overhang: laid.map(|axis| axis.overhang()),
        dropped_windows: laid.map(|axis| axis.dropped()),
        ..bare(pads, detour)
    })
}

/// The padding of a rule that pads by itself; `None` where the layer's is taken.
fn own_pads(rule: Rule, axes: [AxisParams; 2], input: [u64; 2]) -> Result<Option<Pads>, ConvError> {
    let auto_pad = match rule {
        Rule::KerasValid | Rule::OnnxValid => AutoPad::Valid,
        Rule::KerasSame | Rule::OnnxSameUpper => AutoPad::SameUpper,
        Rule::OnnxSameLower => AutoPad::SameLower,
        _ => return Ok(None),
    };
    auto_pad.pads(axes, input).map(Some)
}

/// `(N - K + 2P) / S + 1` on both axes. `K` counts taps, so the formula holds without dilation alone.
fn course(axes: [AxisParams; 2], input: [u64; 2], pads: Pads) -> Result<Layout, Refusal> {
    check_undilated(axes)?;
    if is_unequal(pads) {
        return Err(Refusal::UnequalPadding(pads));
    }
    let length = |axis: AxisParams, input_len: u64, pad: u64| {
        let [n, k, p, s] = [input_len, axis.kernel_size(), pad, axis.stride()].map(i128::from);
        Ratio::new(n - k + 2 * p + s, axis.stride())
    };
    if input.contains(&0) {
        return Err(ConvError::Zero { param: "input" }.into());
    }
    let output = [length(axes[0], input[0], pads.top), length(axes[1], input[1], pads.left)];
    Ok(Layout { output, ..bare(pads, Detour::None) })
}

fn check_undilated([rows, columns]: [AxisParams; 2]) -> Result<(), Refusal> {
    match rows.dilation().max(columns.dilation()) {
        1 => Ok(()),
        dilation => Err(Refusal::Dilation { dilation }),
    }
}

/// PyTorch's rules for the padding of pools.
fn check_pytorch_pool(axes: [AxisParams; 2], pads: Pads) -> Result<(), ConvError> {
    for ([before, after], axis) in on_axes(pads).into_iter().zip(axes) {
        let (pad, kernel_size) = (before.max(after), axis.kernel_size());
        if before != after {
            return Err(ConvError::UnequalPoolPadding { before, after });
        }
        if pad > kernel_size / 2 {
            return Err(ConvError::PoolPadding { pad, kernel_size });
        }
    }
    Ok(())
}

/// Cells between the last window's end and that of the stated padding.
fn left_over(axis: &PoolAxis) -> u64 {
    let windows = axis.windows();
    let last_start = u128::from(windows.output_len() - 1) * u128::from(windows.params().stride());
    let end = last_start + u128::from(windows.dilated_kernel());
    let padded =
        u128::from(axis.pad_before()) + u128::from(windows.input_len()) + u128::from(axis.pad_after());
    // The padded length fits in u64, as the windows were laid out over it.
    padded.saturating_sub(end) as u64
}

/// `[before, after]` of rows and columns.
fn on_axes(Pads { top, left, bottom, right }: Pads) -> [[u64; 2]; 2] {
    [[top, bottom], [left, right]]
}

pub(super) fn is_unequal(Pads { top, left, bottom, right }: Pads) -> bool {
    top != bottom || left != right
}

/// A layout to which sizes are added.
pub(super) fn bare(pads: Pads, detour: Detour) -> Layout {
    Layout {
        output: [Ratio::whole(0); 2],
        pads,
        left_over: [0; 2],
        overhang: [0; 2],
        dropped_windows: [0; 2],
        output_padding: [0; 2],
        detour,
    }
}
