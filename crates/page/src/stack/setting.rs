//! What a layer is set to: each setting as a text that can be typed, and read back.

use convscope_core::graph::{Op, Resample, ResampleSize};
use convscope_core::{
    AdaptivePool2d, AutoPad, Conv2dOptions, Conv2dParams, ConvError, ConvTranspose2dOptions,
    ConvTranspose2dParams, Layer, LinearParams, Padding2d, Pads, Pool2dOptions, Pool2dParams, PoolRounding,
};

use super::model::StackModel;
use super::typed::{Typed, impossible, typed};
use crate::bounds::Refusal;
use crate::limits::{MAX_LAYER_CELLS, MAX_STACK_CHANNELS, MAX_STACK_INPUT};
use crate::text::{joined, size};

/// Something that can be typed for a layer. Pairs are `vertical x horizontal`, one number stands for both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Height and width of the window, in taps.
    Kernel,
    /// Cells from one window to the next.
    Stride,
    /// Cells around the map: a pair, the four sides from the top against the clock, or a name.
    Padding,
    /// Cells from one tap to the next.
    Dilation,
    /// Channels of the output; features of a linear layer.
    Filters,
    /// Parts that the channels are split into.
    Groups,
    /// Cells added after the output of a transposed convolution.
    OutputPadding,
    /// Windows of an adaptive pool, or the size that a map is resampled to.
    OutputSize,
    /// How many times as large a map becomes.
    Factor,
    /// Cells that a pad adds on each side; negative ones are cropped.
    Cells,
    /// Height and width of the input.
    InputSize,
    /// Channels of the input.
    InputChannels,
    /// The layers that are read, by number.
    Reads,
}

/// Something that a layer does or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// One number is added for each filter.
    Bias,
    /// The size of a pool is rounded up.
    CeilMode,
}

impl Setting {
    /// The columns of the table.
    pub const COLUMNS: [Self; 5] = [Self::Kernel, Self::Stride, Self::Padding, Self::Dilation, Self::Filters];

    /// What stands above its column, or beside its field.
    pub fn label(self) -> &'static str {
        match self {
            Self::Kernel => "Kernel",
            Self::Stride => "Stride",
            Self::Padding => "Pad",
            Self::Dilation => "Dilation",
            Self::Filters => "Filters",
            Self::Groups => "Groups",
            Self::OutputPadding => "Output padding",
            Self::OutputSize => "Output size",
            Self::Factor => "Factor",
            Self::Cells => "Cells",
            Self::InputSize => "Input size",
            Self::InputChannels => "Channels",
            Self::Reads => "Reads",
        }
    }

    /// Its name for the page's own use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kernel => "kernel",
            Self::Stride => "stride",
            Self::Padding => "padding",
            Self::Dilation => "dilation",
            Self::Filters => "filters",
            Self::Groups => "groups",
            Self::OutputPadding => "output-padding",
            Self::OutputSize => "output-size",
            Self::Factor => "factor",
            Self::Cells => "cells",
            Self::InputSize => "input-size",
            Self::InputChannels => "input-channels",
            Self::Reads => "reads",
        }
    }

    /// The setting of a [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        ALL.iter().copied().find(|setting| setting.name() == name)
    }

    /// The least and the most that can be typed for each number.
    pub fn bounds(self) -> [i64; 2] {
        let most = match self {
            Self::Filters | Self::Groups | Self::InputChannels => MAX_STACK_CHANNELS,
            Self::InputSize | Self::OutputSize => MAX_STACK_INPUT,
            _ => MAX_LAYER_CELLS,
        };
        let least = match self {
            Self::Padding | Self::OutputPadding | Self::Reads => 0,
            Self::Cells => -MAX_LAYER_CELLS.cast_signed(),
            _ => 1,
        };
        [least, most.cast_signed()]
    }

    /// What a layer can be set to, in the order in which it is shown.
    pub fn of(op: &Op) -> Vec<Self> {
        let mut settings = match op {
            Op::Input(shape) if shape.nchw().is_some() => return vec![Self::InputSize, Self::InputChannels],
            Op::Input(_) | Op::Parameter(_) => return Vec::new(),
            Op::Layer(Layer::Conv2d(_)) => {
                vec![Self::Kernel, Self::Stride, Self::Padding, Self::Dilation, Self::Filters, Self::Groups]
            }
            Op::Layer(Layer::ConvTranspose2d(_)) => vec![
                Self::Kernel,
                Self::Stride,
                Self::Padding,
                Self::Dilation,
                Self::Filters,
                Self::Groups,
                Self::OutputPadding,
            ],
            Op::Layer(_) => vec![Self::Kernel, Self::Stride, Self::Padding, Self::Dilation],
            Op::AdaptivePool(..) => vec![Self::OutputSize],
            Op::Upsample(Resample { size: ResampleSize::To(_), .. }) => vec![Self::OutputSize],
            Op::Upsample(_) => vec![Self::Factor],
            Op::Pad { .. } => vec![Self::Cells],
            Op::Linear(_) => vec![Self::Filters],
            _ => Vec::new(),
        };
        settings.push(Self::Reads);
        settings
    }
}

const ALL: [Setting; 13] = [
    Setting::Kernel,
    Setting::Stride,
    Setting::Padding,
    Setting::Dilation,
    Setting::Filters,
    Setting::Groups,
    Setting::OutputPadding,
    Setting::OutputSize,
    Setting::Factor,
    Setting::Cells,
    Setting::InputSize,
    Setting::InputChannels,
    Setting::Reads,
];

impl StackModel {
    /// What a layer is set to, as it can be typed; `None` where it has no such setting.
    pub fn setting(&self, node: usize, setting: Setting) -> Option<String> {
        let node = self.graph.nodes().get(node)?;
        if setting == Setting::Reads {
            let inputs: Vec<String> = node.inputs.iter().map(|input| input.index().to_string()).collect();
            return Setting::of(&node.op).contains(&setting).then(|| joined(&inputs, ", "));
        }
        text(&node.op, setting)
    }

    /// Sets a layer to what was typed.
    ///
    /// # Errors
    ///
    /// What is wrong, with the numbers, and what helps.
    pub fn set(&self, node: usize, setting: Setting, text: &str) -> Result<Self, Refusal> {
        let none = || Refusal { text: "The layer has no such setting".into(), repair: None };
        let op = &self.graph.nodes().get(node).ok_or_else(none)?.op;
        if !Setting::of(op).contains(&setting) {
            return Err(none());
        }
        let value = typed(setting, op, text)?;
        match (setting, &value) {
            (Setting::InputSize, Typed::Pair([height, width])) => {
                let [_, _, channels] = self.input().ok_or_else(none)?;
                return Ok(self.with_input([*height, *width, channels]));
            }
            (Setting::InputChannels, Typed::Number(channels)) => {
                let [height, width, _] = self.input().ok_or_else(none)?;
                return Ok(self.with_input([height, width, *channels]));
            }
            (Setting::Reads, Typed::List(inputs)) => {
                if let Some(late) = inputs.iter().find(|&&input| input >= node) {
                    let text = format!("Layer {late} does not stand before layer {node}");
                    return Err(Refusal { text, repair: None });
                }
                return self.set_inputs(node, inputs).ok_or_else(none);
            }
            _ => {}
        }
        match with(op, setting, &value) {
            Ok(op) => self.with_op(node, op).ok_or_else(none),
            Err(error) => Err(impossible(setting, op, &value, error)),
        }
    }

    /// A setting of one number, or of equal ones, so many higher or lower. `None` where it has no such one or
    /// ends there.
    pub fn step_setting(&self, node: usize, setting: Setting, by: i64) -> Option<Self> {
        let value: i64 = self.setting(node, setting)?.parse().ok()?;
        let [least, most] = setting.bounds();
        let stepped = value.checked_add(by)?.clamp(least, most);
        if stepped == value {
            return None;
        }
        self.set(node, setting, &stepped.to_string()).ok()
    }

    /// Which switches a layer has, and whether they are on.
    pub fn switches(&self, node: usize) -> Vec<(Switch, bool)> {
        let Some(node) = self.graph.nodes().get(node) else { return Vec::new() };
        match &node.op {
            Op::Layer(Layer::Conv2d(params)) => vec![(Switch::Bias, params.options().bias)],
            Op::Layer(Layer::ConvTranspose2d(params)) => vec![(Switch::Bias, params.options().bias)],
            Op::Layer(
                Layer::MaxPool2d(params) | Layer::AvgPool2d(params, _) | Layer::LpPool2d(params, _),
            ) => vec![(Switch::CeilMode, params.options().rounding != PoolRounding::Floor)],
            Op::Linear(params) => vec![(Switch::Bias, params.bias())],
            _ => Vec::new(),
        }
    }

    /// Turns a switch of a layer. `None` where it has no such one.
    pub fn switch(&self, node: usize, switch: Switch, on: bool) -> Option<Self> {
        let op = match (&self.graph.nodes().get(node)?.op, switch) {
            (Op::Layer(Layer::Conv2d(params)), Switch::Bias) => {
                conv(Conv2dOptions { bias: on, ..*params.options() }).ok()?
            }
            (Op::Layer(Layer::ConvTranspose2d(params)), Switch::Bias) => {
                transposed(ConvTranspose2dOptions { bias: on, ..*params.options() }).ok()?
            }
            (Op::Linear(params), Switch::Bias) => {
                Op::Linear(LinearParams::new(params.in_features(), params.out_features(), on).ok()?)
            }
            (Op::Layer(layer), Switch::CeilMode) => {
                let rounding = if on { PoolRounding::Ceil } else { PoolRounding::Floor };
                pool(layer, |options| Pool2dOptions { rounding, ..options }).ok()?
            }
            _ => return None,
        };
        self.with_op(node, op)
    }
}

/// `3`, `3 × 5`
fn pair([vertical, horizontal]: [u64; 2]) -> String {
    if vertical == horizontal { vertical.to_string() } else { size([vertical, horizontal]) }
}

fn sides<T: PartialEq + Copy + ToString>([top, left, bottom, right]: [T; 4]) -> String {
    if [top, left] != [bottom, right] {
        return joined(&[top, left, bottom, right].map(|side| side.to_string()), ", ");
    }
    if top == left { top.to_string() } else { joined(&[top.to_string(), left.to_string()], " × ") }
}

fn pads(Pads { top, left, bottom, right }: Pads) -> String {
    sides([top, left, bottom, right])
}

fn auto_pad(padding: AutoPad) -> String {
    match padding {
        AutoPad::Explicit(explicit) => pads(explicit),
        AutoPad::Valid => "valid".into(),
        AutoPad::SameUpper | AutoPad::SameLower => "same".into(),
    }
}

fn text(op: &Op, setting: Setting) -> Option<String> {
    Some(match (op, setting) {
        (Op::Input(shape), Setting::InputSize) => shape.nchw().map(|[_, _, h, w]| pair([h, w]))?,
        (Op::Input(shape), Setting::InputChannels) => shape.nchw()?[1].to_string(),
        (Op::Layer(Layer::Conv2d(params)), setting) => {
            let options = params.options();
            match setting {
                Setting::Kernel => pair(options.kernel_size),
                Setting::Stride => pair(options.stride),
                Setting::Dilation => pair(options.dilation),
                Setting::Filters => options.out_channels.to_string(),
                Setting::Groups => options.groups.to_string(),
                Setting::Padding => match options.padding {
                    Padding2d::Valid => "valid".into(),
                    Padding2d::Same => "same".into(),
                    Padding2d::Full => "full".into(),
                    Padding2d::Explicit(explicit) => pads(explicit),
                },
                _ => return None,
            }
        }
        (Op::Layer(Layer::ConvTranspose2d(params)), setting) => {
            let options = params.options();
            match setting {
                Setting::Kernel => pair(options.kernel_size),
                Setting::Stride => pair(options.stride),
                Setting::Dilation => pair(options.dilation),
                Setting::Filters => options.out_channels.to_string(),
                Setting::Groups => options.groups.to_string(),
                Setting::Padding => auto_pad(options.padding),
                Setting::OutputPadding => pair(options.output_padding),
                _ => return None,
            }
        }
        (
            Op::Layer(Layer::MaxPool2d(params) | Layer::AvgPool2d(params, _) | Layer::LpPool2d(params, _)),
            setting,
        ) => {
            let options = params.options();
            match setting {
                Setting::Kernel => pair(options.kernel_size),
                Setting::Stride => pair(options.stride),
                Setting::Dilation => pair(options.dilation),
                Setting::Padding => auto_pad(options.padding),
                _ => return None,
            }
        }
        (Op::AdaptivePool(pool, _), Setting::OutputSize) => pair(pool.output_size()),
        (Op::Upsample(Resample { size: ResampleSize::To(size), .. }), Setting::OutputSize) => pair(*size),
        (Op::Upsample(Resample { size: ResampleSize::By([rows, columns]), .. }), Setting::Factor) => {
            let factor = |[numerator, denominator]: [u64; 2]| match denominator {
                1 => numerator.to_string(),
                _ => joined(&[numerator.to_string(), denominator.to_string()], "/"),
            };
            if rows == columns { factor(*rows) } else { joined(&[factor(*rows), factor(*columns)], " × ") }
        }
        (Op::Pad { pads, .. }, Setting::Cells) => sides(*pads),
        (Op::Linear(params), Setting::Filters) => params.out_features().to_string(),
        _ => return None,
    })
}

fn conv(options: Conv2dOptions) -> Result<Op, ConvError> {
    Conv2dParams::new(options).map(|params| Op::Layer(Layer::Conv2d(params)))
}

fn transposed(options: ConvTranspose2dOptions) -> Result<Op, ConvError> {
    ConvTranspose2dParams::new(options).map(|params| Op::Layer(Layer::ConvTranspose2d(params)))
}

fn pool(layer: &Layer, change: impl Fn(Pool2dOptions) -> Pool2dOptions) -> Result<Op, ConvError> {
    let with = |params: &Pool2dParams| Pool2dParams::new(change(*params.options()));
    Ok(Op::Layer(match layer {
        Layer::MaxPool2d(params) => Layer::MaxPool2d(with(params)?),
        Layer::AvgPool2d(params, divisor) => Layer::AvgPool2d(with(params)?, *divisor),
        Layer::LpPool2d(params, exponent) => Layer::LpPool2d(with(params)?, *exponent),
        other => other.clone(),
    }))
}

/// The operation with another value; as it is where it has no such setting.
fn with(op: &Op, setting: Setting, value: &Typed) -> Result<Op, ConvError> {
    Ok(match (op, value) {
        (Op::Layer(Layer::Conv2d(params)), value) => {
            let mut options = *params.options();
            match (setting, value.clone()) {
                (Setting::Kernel, Typed::Pair(pair)) => options.kernel_size = pair,
                (Setting::Stride, Typed::Pair(pair)) => options.stride = pair,
                (Setting::Dilation, Typed::Pair(pair)) => options.dilation = pair,
                (Setting::Filters, Typed::Number(number)) => options.out_channels = number,
                (Setting::Groups, Typed::Number(number)) => options.groups = number,
                (Setting::Padding, Typed::Padding(padding)) => options.padding = padding,
                _ => {}
            }
            conv(options)?
        }
        (Op::Layer(Layer::ConvTranspose2d(params)), value) => {
            let mut options = *params.options();
            match (setting, value.clone()) {
                (Setting::Kernel, Typed::Pair(pair)) => options.kernel_size = pair,
                (Setting::Stride, Typed::Pair(pair)) => options.stride = pair,
                (Setting::Dilation, Typed::Pair(pair)) => options.dilation = pair,
                (Setting::Filters, Typed::Number(number)) => options.out_channels = number,
                (Setting::Groups, Typed::Number(number)) => options.groups = number,
                (Setting::OutputPadding, Typed::Pair(pair)) => options.output_padding = pair,
                (Setting::Padding, Typed::Padding(padding)) => options.padding = auto(padding),
                _ => {}
            }
            transposed(options)?
        }
        (Op::Layer(layer), value) => pool(layer, |mut options| {
            match (setting, value.clone()) {
                (Setting::Kernel, Typed::Pair(pair)) => options.kernel_size = pair,
                (Setting::Stride, Typed::Pair(pair)) => options.stride = pair,
                (Setting::Dilation, Typed::Pair(pair)) => options.dilation = pair,
                (Setting::Padding, Typed::Padding(padding)) => options.padding = auto(padding),
                _ => {}
            }
            options
        })?,
        (Op::AdaptivePool(_, kind), Typed::Pair(size)) => {
            Op::AdaptivePool(AdaptivePool2d::new(size.map(u64::cast_signed))?, *kind)
        }
        (Op::Upsample(resample), Typed::Pair(size)) => {
            Op::Upsample(Resample { size: ResampleSize::To(*size), ..*resample })
        }
        (Op::Upsample(resample), Typed::Factors(factors)) => {
            Op::Upsample(Resample { size: ResampleSize::By(*factors), ..*resample })
        }
        (Op::Pad { mode, .. }, Typed::Sides(pads)) => Op::Pad { pads: *pads, mode: *mode },
        (Op::Linear(params), Typed::Number(features)) => {
            Op::Linear(LinearParams::new(params.in_features(), *features, params.bias())?)
        }
        (other, _) => other.clone(),
    })
}

fn auto(padding: Padding2d) -> AutoPad {
    match padding {
        Padding2d::Explicit(pads) => AutoPad::Explicit(pads),
        Padding2d::Same => AutoPad::SameUpper,
        _ => AutoPad::Valid,
    }
}
