//! Kernel sizes, strides and padding from what a table states: `params = out * (in / groups) * k * k + out`, and
//! `out_len = floor((in_len + 2 * pad - k) / stride) + 1`.
//!
//! Several windows may fit. Square and odd ones are preferred, whole and depthwise groups, and the padding that
//! keeps a size at stride 1.

use convscope_core::graph::Shape;

use super::error::At;
use super::module::{Arg, Module, Val};
use crate::reading::{Note, Place, Remark, push_note};

/// A window along one axis, or both where they are equal.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Window {
    kernel: [u64; 2],
    stride: u64,
    pad: [u64; 2],
}

/// A convolution that has as many parameters as stated.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Weights {
    in_channels: u64,
    groups: u64,
    kernel: [u64; 2],
    bias: bool,
}

struct Deduce {
    notes: Vec<Note>,
    /// The first pool of networks that are known has a window of 3.
    pool: u64,
    /// What the blocks around read, outermost first.
    around: Vec<Shape>,
}

/// Networks of torchvision, and blocks of theirs, whose pools have windows of 3 at stride 2.
const POOLS_OF_3: [&str; 12] = [
    "ResNet",
    "AlexNet",
    "SqueezeNet",
    "GoogLeNet",
    "Inception3",
    "DenseNet",
    "ShuffleNetV2",
    "RegNet",
    "BasicBlock",
    "Bottleneck",
    "Fire",
    "Inception",
];

/// Gives each layer its arguments, and says the input's height and width. `bytes` bounds the input.
pub(super) fn windows(mut roots: Vec<Module>, bytes: Option<[f64; 2]>) -> (Vec<Module>, [u64; 2], Vec<Note>) {
    let known = roots.iter().any(|root| POOLS_OF_3.contains(&root.class.as_str()));
    let mut deduce = Deduce { notes: Vec::new(), pool: if known { 3 } else { 2 }, around: Vec::new() };
    let input = input(&roots, bytes);
    if let Some(root) = roots.first() {
        push_note(&mut deduce.notes, Place::Line(root.at.line), Remark::Deduced);
    }
    let mut at = input.clone();
    for root in &mut roots {
        at = deduce.module(root, at);
    }
    let size =
        input.and_then(|shape| shape.nchw()).map_or([224, 224], |[_, _, height, width]| [height, width]);
    (roots, size, deduce.notes)
}

/// The shape of the input: channels that fit the first convolution, and a size that fits its output.
fn input(roots: &[Module], bytes: Option<[f64; 2]>) -> Option<Shape> {
    let leaves = super::lower::leaves(roots);
    let stated = leaves.first().and_then(|leaf| leaf.stated.as_ref()?.input.clone());
    if stated.as_ref().is_some_and(|shape| shape.nchw().is_some()) {
        return stated;
    }
    let conv = leaves.into_iter().find(|leaf| leaf.class == "Conv2d")?;
    let [_, out, rows, columns] = conv.stated.as_ref()?.shape.as_ref()?.nchw()?;
    let channels = [3, 1, 4, 2].into_iter().chain(5..=16);
    let channels = channels.into_iter().find(|&channels| {
        weights(channels, out, conv.stated.as_ref().map_or(0, |stated| stated.params))
            .first()
            .is_some_and(|it| it.groups == 1 && it.kernel[0] == it.kernel[1])
    })?;
    let Some([least, most]) = bytes.filter(|[_, most]| *most > 0.0) else {
        return Some([1, channels, rows, columns].into());
    };
    if rows == 0 || columns == 0 {
        return None;
    }
    // Rows of a map as wide as the output is, relative to its height.
    let aspect = columns as f64 / rows as f64;
    let height = |bytes: f64| (bytes.max(0.0) / (4.0 * channels as f64 * aspect)).sqrt();
    let (least, most) = (height(least), height(most));
    let middle = (least + most) / 2.0;
    let fits = |height: u64| (least..=most).contains(&(height as f64));
    let stride = ((middle / rows as f64).round() as u64).max(1);
    let multiple = rows.checked_mul(stride)?;
    let height =
        [multiple, 224, 227, 299, 256, 32, 28, 64, 96, 128, 384, 512].into_iter().find(|&it| fits(it));
    let height = height.unwrap_or((middle.round() as u64).max(1));
    let width = if rows == columns { height } else { ((height as f64 * aspect).round() as u64).max(1) };
    Some([1, channels, height, width].into())
}

/// Half of the channels.
fn halved(shape: Option<&Shape>) -> Option<Shape> {
    let [batch, channels, rows, columns] = shape?.nchw()?;
    Some([batch, channels / 2, rows, columns].into())
}

/// More groups than this are depthwise, or none.
const MOST_GROUPS: u64 = 128;

/// The ways in which a convolution may have so many parameters, the likeliest first.
fn weights(in_channels: u64, out: u64, params: u64) -> Vec<Weights> {
    let mut found: Vec<Weights> = Vec::new();
    let rank = |it: &Weights| {
        let square = it.kernel[0] == it.kernel[1];
        let odd = it.kernel.iter().all(|size| size % 2 == 1);
        let groups = if it.groups == it.in_channels { 1 } else { 2 };
        (!square, !odd, if it.groups == 1 { 0 } else { groups }, it.kernel[0].abs_diff(it.kernel[1]))
    };
    let mut add = |weights: Weights| {
        let at = found.iter().position(|other| rank(other) > rank(&weights));
        found.insert(at.unwrap_or(found.len()), weights);
    };
    for bias in [false, true] {
        let Some(weights) = params.checked_sub(if bias { out } else { 0 }).filter(|&weights| weights > 0)
        else {
            continue;
        };
        let some = (2..in_channels.min(MOST_GROUPS)).filter(|groups| in_channels.is_multiple_of(*groups));
        for groups in [1, in_channels].into_iter().chain(some) {
            let Some(per_cell) = out.checked_mul(in_channels / groups.max(1)).filter(|&it| it > 0) else {
                continue;
            };
            let whole = groups == 1 || (groups > 1 && out.is_multiple_of(groups));
            if !weights.is_multiple_of(per_cell) || !whole {
                continue;
            }
            let area = weights / per_cell;
            let side = area.isqrt();
            // Groups of some channels are likely with windows that are usual, and not with others.
            let is_usual = side * side == area && matches!(side, 1 | 3 | 5 | 7);
            if area > 1 << 20 || !(is_usual || groups == 1 || groups == in_channels) {
                continue;
            }
            let pairs = (1..=side).rev().filter(|rows| area.is_multiple_of(*rows));
            for rows in pairs {
                let columns = area / rows;
                add(Weights { in_channels, groups, kernel: [rows, columns], bias });
                if rows != columns {
                    add(Weights { in_channels, groups, kernel: [columns, rows], bias });
                }
            }
        }
    }
    found
}

/// The stride and padding that make so many cells of so many, the likeliest first.
fn geometry(kernel: [u64; 2], input: [u64; 2], output: [u64; 2], ceil: bool) -> Option<Window> {
    if output.contains(&0) {
        return None;
    }
    let likely = ((input[0] as f64 / output[0] as f64).round() as u64).max(1);
    let fits = |axis: usize, stride: u64, pad: u64| {
        let spread = input[axis].checked_add(2 * pad)?.checked_sub(kernel[axis])?;
        let steps = if ceil { spread.div_ceil(stride) } else { spread / stride };
        (steps.checked_add(1) == Some(output[axis])).then_some(pad)
    };
    let pads = |axis: usize, stride: u64| {
        let same = (kernel[axis] - 1) / 2;
        std::iter::once(same).chain(0..kernel[axis].min(64)).find_map(|pad| fits(axis, stride, pad))
    };
    [likely, likely.saturating_sub(1), likely.saturating_add(1)]
        .into_iter()
        .filter(|&stride| stride > 0)
        .find_map(|stride| {
            let pad = [pads(0, stride)?, pads(1, stride)?];
            Some(Window { kernel, stride, pad })
        })
}

impl Deduce {
    /// Gives a module its arguments for an input; what it gives itself.
    fn module(&mut self, module: &mut Module, input: Option<Shape>) -> Option<Shape> {
        let stated = module.stated.clone();
        let output = stated.as_ref().and_then(|stated| stated.shape.clone());
        if !module.children.is_empty() {
            self.around.extend(input.clone());
            let mut at = input.clone();
            let alone = module.class == "InvertedResidual" && module.child("branch1").is_none();
            // What both sides of a Fire block read.
            let mut squeezed = None;
            for child in &mut module.children {
                let given = match child.name.as_str() {
                    // Of ShuffleNet's channels, half pass by.
                    "branch2" if alone => halved(input.as_ref()),
                    "expand1x1" => {
                        squeezed = at.clone();
                        at.clone()
                    }
                    "expand3x3" if squeezed.is_some() => squeezed.clone(),
                    name if name == "downsample" || name.starts_with("branch") => input.clone(),
                    _ => at.clone(),
                };
                let gives = self.module(child, given);
                // Behind a shortcut the main path goes on.
                if child.name != "downsample" {
                    at = gives;
                }
            }
            if input.is_some() {
                self.around.pop();
            }
            return output.or(at);
        }
        let Some(stated) = stated else { return output };
        let Some(input) = stated.input.clone().or(input) else { return output };
        let shapes = (input.nchw(), output.as_ref().and_then(Shape::nchw));
        let at = module.at;
        match (module.class.as_str(), shapes) {
            ("Conv2d", (Some(input), Some(output))) => self.conv(module, input, output, stated.params),
            ("ConvTranspose2d", (Some(input), Some(output))) => {
                transposed(module, input, output, stated.params)
            }
            ("MaxPool2d" | "AvgPool2d", (Some(input), Some(output))) => self.pool(module, input, output),
            ("AdaptiveAvgPool2d" | "AdaptiveMaxPool2d", (_, Some([_, _, rows, columns]))) => {
                set(module, at, "output_size", list([rows, columns]));
            }
            ("BatchNorm2d" | "BatchNorm1d" | "InstanceNorm2d", _) => {
                let features = output.as_ref().unwrap_or(&input).sizes().get(1).copied();
                set(module, at, "num_features", int(features.unwrap_or(0)));
                set(module, at, "affine", Val::Bool(stated.params > 0));
            }
            ("Linear", _) => {
                let out = output.as_ref().and_then(|shape| shape.sizes().last().copied()).unwrap_or(0);
                let (features, bias) = linear(out, stated.params, &input);
                set(module, at, "in_features", int(features));
                set(module, at, "out_features", int(out));
                set(module, at, "bias", Val::Bool(bias));
            }
            ("LayerNorm2d", _) => {
                set(module, at, "normalized_shape", int(input.sizes().get(1).copied().unwrap_or(0)));
            }
            ("LayerNorm", _) => {
                set(module, at, "normalized_shape", int(input.sizes().last().copied().unwrap_or(0)));
            }
            ("Sequential", (Some(input), Some(output))) if module.name == "downsample" => {
                hidden_shortcut(module, input, output, stated.params);
            }
            ("Upsample", (Some(_), Some([_, _, rows, columns]))) => {
                set(module, at, "size", list([rows, columns]))
            }
            _ => {}
        }
        // What holds layers that the table does not show is no layer of its own.
        if module.children.is_empty() && module.class == "Sequential" && stated.params > 0 {
            module.class = "Hidden".to_owned();
        }
        output
    }

    fn conv(&mut self, module: &mut Module, input: [u64; 4], output: [u64; 4], params: u64) {
        let around = self.around.iter().rev().filter_map(Shape::nchw);
        let inputs: Vec<[u64; 4]> = std::iter::once(input).chain(around).collect();
        let stated = module.stated.as_ref().and_then(|stated| stated.kernel);
        let found = inputs.iter().find_map(|&[_, channels, rows, columns]| {
            let fitting = weights(channels, output[1], params).into_iter();
            fitting.filter(|it| stated.is_none_or(|kernel| kernel == it.kernel)).find_map(|weights| {
                let window = geometry(weights.kernel, [rows, columns], [output[2], output[3]], false)?;
                Some((weights, window))
            })
        });
        let Some((weights, window)) = found else { return };
        let at = module.at;
        set(module, at, "in_channels", int(weights.in_channels));
        set(module, at, "out_channels", int(output[1]));
        set_window(module, window);
        set(module, at, "groups", int(weights.groups));
        set(module, at, "bias", Val::Bool(weights.bias));
        if window.kernel[0] != window.kernel[1] {
            self.say(module, window);
        }
    }

    fn pool(&mut self, module: &mut Module, input: [u64; 4], output: [u64; 4]) {
        let ([rows, columns], size) = ([input[2], input[3]], [output[2], output[3]]);
        let halves = rows > output[2];
        let mut sizes = if halves { [self.pool, 2, 3, 4, 5] } else { [3, 2, 1, 5, 7] };
        if let Some([side, other]) = module.stated.as_ref().and_then(|stated| stated.kernel)
            && side == other
            && side > 0
        {
            sizes = [side; 5];
        }
        let window = [false, true].into_iter().find_map(|ceil| {
            let window = sizes.into_iter().find_map(|side| {
                geometry([side; 2], [rows, columns], size, ceil)
                    .filter(|window| window.pad.iter().all(|pad| 2 * pad <= side))
            });
            window.map(|window| (window, ceil))
        });
        let Some((window, ceil)) = window else { return };
        set_window(module, window);
        let at = module.at;
        set(module, at, "ceil_mode", Val::Bool(ceil));
        self.say(module, window);
    }

    fn say(&mut self, module: &Module, window: Window) {
        let Window { kernel, stride, pad } = window;
        let pair = |[rows, columns]: [u64; 2]| {
            if rows == columns { rows.to_string() } else { format!("({rows}, {columns})") }
        };
        let taken = format!("kernel_size={}, stride={stride}, padding={}", pair(kernel), pair(pad));
        let remark = Remark::Window { taken, layer: module.class.clone(), count: 1 };
        push_note(&mut self.notes, Place::Line(module.at.line), remark);
    }
}

fn int(value: u64) -> Val {
    Val::Int(i64::try_from(value).unwrap_or(i64::MAX))
}

fn list(pair: [u64; 2]) -> Val {
    Val::List(pair.map(int).to_vec())
}

fn set(module: &mut Module, at: At, name: &str, value: Val) {
    module.args.push(Arg { at, name: Some(name.to_owned()), value });
}

fn set_window(module: &mut Module, window: Window) {
    let at = module.at;
    set(module, at, "kernel_size", list(window.kernel));
    set(module, at, "stride", int(window.stride));
    set(module, at, "padding", list(window.pad));
}

/// Features that a linear layer reads, and whether it has a bias: `params = in * out + out`.
fn linear(out: u64, params: u64, input: &Shape) -> (u64, bool) {
    let with_bias = params.checked_sub(out).filter(|_| out > 0);
    let all = Shape::new(input.sizes().get(1..).unwrap_or_default()).elements().ok();
    let last = input.sizes().last().copied();
    let known = |features: u64| Some(features) == all || Some(features) == last;
    match (with_bias, params.checked_div(out)) {
        (Some(rest), _) if rest.is_multiple_of(out) && known(rest / out) => (rest / out, true),
        (_, Some(features)) if params.is_multiple_of(out) && known(features) => (features, false),
        (Some(rest), _) if rest.is_multiple_of(out) => (rest / out, true),
        (_, features) => (features.unwrap_or(0), false),
    }
}

/// `out_len = (in_len - 1) * stride - 2 * pad + k + output_padding`
fn transposed(module: &mut Module, input: [u64; 4], output: [u64; 4], params: u64) {
    let [_, channels, rows, columns] = input;
    let stride = ((output[2] as f64 / rows.max(1) as f64).round() as u64).max(1);
    let found =
        weights(channels, output[1], params).into_iter().filter(|it| it.groups == 1).find_map(|weights| {
            let side = |axis: usize, len: u64, out: u64| {
                let full = len.checked_sub(1)?.checked_mul(stride)?.checked_add(weights.kernel[axis])?;
                (0..weights.kernel[axis].min(64)).find_map(|pad| match (full.checked_sub(2 * pad)?, stride) {
                    (len, _) if len == out => Some([pad, 0]),
                    (len, 2..) if len + 1 == out => Some([pad, 1]),
                    _ => None,
                })
            };
            let (down, across) = (side(0, rows, output[2])?, side(1, columns, output[3])?);
            Some((weights, [down[0], across[0]], [down[1], across[1]]))
        });
    let Some((weights, pad, added)) = found else { return };
    let at = module.at;
    set(module, at, "in_channels", int(channels));
    set(module, at, "out_channels", int(output[1]));
    set_window(module, Window { kernel: weights.kernel, stride, pad });
    set(module, at, "output_padding", list(added));
    set(module, at, "bias", Val::Bool(weights.bias));
}

/// A shortcut that the table does not show is a convolution of 1 x 1 and its norm, if it has as many parameters.
fn hidden_shortcut(module: &mut Module, input: [u64; 4], output: [u64; 4], params: u64) {
    let [channels, out] = [input[1], output[1]];
    let expected = channels.checked_mul(out).and_then(|weights| weights.checked_add(out.checked_mul(2)?));
    let window = geometry([1, 1], [input[2], input[3]], [output[2], output[3]], false);
    let (true, Some(window)) = (expected == Some(params), window) else { return };
    let mut conv = Module::new(module.at, "0", "Conv2d");
    set(&mut conv, module.at, "in_channels", int(channels));
    set(&mut conv, module.at, "out_channels", int(out));
    set_window(&mut conv, window);
    set(&mut conv, module.at, "bias", Val::Bool(false));
    let mut norm = Module::new(module.at, "1", "BatchNorm2d");
    set(&mut norm, module.at, "num_features", int(out));
    module.children = vec![conv, norm];
}
