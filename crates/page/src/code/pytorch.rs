//! `torch.nn`, with its words and its layout.

use convscope_core::conv2d::PaddingMode;
use convscope_core::resolved::{
    Counted, OutputPaddingLimit, Reduce, Resolved, ResolvedConv2d, ResolvedConvTranspose2d, ResolvedPool2d,
};
use convscope_core::rules::Rule;
use convscope_core::{Activation, AvgDivisor, Pads, PoolRounding};

use super::writer::{Form, Writer};
use super::{Numbers, Snippet, named, pair, push_pair, tuple};
use crate::text::joined;

const FORM: Form = Form { array: "torch.tensor", full: "torch.full", dtype: "dtype=torch.float32" };

pub(super) fn code(snippet: &Snippet<'_>, layer: &Resolved) -> String {
    let mut w = Writer::default();
    let randn = |shape: &[u64]| {
        let sizes = shape.iter().map(u64::to_string).collect();
        ("torch.randn", sizes, "")
    };
    w.given("input", "x", snippet.input(), &FORM, randn);
    match layer {
        Resolved::Conv2d(conv) => self::conv(&mut w, snippet, conv),
        Resolved::ConvTranspose2d(scatter) => self::scatter(&mut w, snippet, scatter),
        Resolved::Pool2d(pool) => {
            w.blank();
            self::pool(&mut w, snippet, pool);
        }
    }
    match snippet.activation {
        Activation::Identity => {}
        Activation::Relu => w.line(&["y = torch.relu(y)"]),
        Activation::LeakyRelu => w.line(&["y = F.leaky_relu(y, 0.01)"]),
        Activation::Sigmoid => w.line(&["y = torch.sigmoid(y)"]),
        Activation::Tanh => w.line(&["y = torch.tanh(y)"]),
        Activation::Silu => w.line(&["y = F.silu(y)"]),
    }
    w.line(&["print(y)"]);
    let body = w.finish();
    let mut text = String::from("import torch\n");
    if body.contains("F.") {
        text.push_str("import torch.nn.functional as F\n");
    }
    if body.contains(" nn.") {
        text.push_str("from torch import nn\n");
    }
    text.push('\n');
    text.push_str(&body);
    text
}

fn conv(w: &mut Writer, snippet: &Snippet<'_>, conv: &ResolvedConv2d) {
    let options = &conv.options;
    let mut args = vec![options.in_channels.to_string(), options.out_channels.to_string()];
    args.push(named("kernel_size", &pair(options.kernel_size)));
    push_pair(&mut args, "stride", options.stride, 1);
    weights(w, snippet, &conv.weight_shape, options.bias.then_some(options.out_channels));
    let mut mode = match options.padding_mode {
        PaddingMode::Zeros => None,
        PaddingMode::Reflect => Some("\"reflect\""),
        PaddingMode::Replicate => Some("\"replicate\""),
        PaddingMode::Circular => Some("\"circular\""),
    };
    if conv.is_same() && options.stride == [1, 1] {
        args.push("padding=\"same\"".into());
    } else {
        if conv.is_same() {
            remark(w, snippet, Rule::PyTorchSame);
        }
        if let Some(padding) = conv.pads.symmetric() {
            push_pair(&mut args, "padding", padding, 0);
        } else {
            remark(w, snippet, Rule::PyTorch);
            pad(w, conv.pads, mode.take().map(|mode| named("mode", mode)));
        }
    }
    push_pair(&mut args, "dilation", options.dilation, 1);
    if options.groups > 1 {
        args.push(named("groups", &options.groups.to_string()));
    }
    if !options.bias {
        args.push("bias=False".into());
    }
    if let Some(mode) = mode.filter(|_| conv.pads != Pads::default()) {
        args.push(named("padding_mode", mode));
    }
    w.call("layer = nn.Conv2d", &args, "");
    copies(w, snippet, options.bias);
    w.line(&["y = layer(x)"]);
}

fn scatter(w: &mut Writer, snippet: &Snippet<'_>, scatter: &ResolvedConvTranspose2d) {
    let options = &scatter.options;
    let mut args = vec![options.in_channels.to_string(), options.out_channels.to_string()];
    args.push(named("kernel_size", &pair(options.kernel_size)));
    push_pair(&mut args, "stride", options.stride, 1);
    weights(w, snippet, &scatter.weight_shape, options.bias.then_some(options.out_channels));
    let padding = scatter.crops.symmetric();
    push_pair(&mut args, "padding", padding.unwrap_or_default(), 0);
    let (mut zeros, mut output_padding) = scatter.split_output_padding(OutputPaddingLimit::StrideOrDilation);
    if zeros != Pads::default() {
        // Where one axis takes zeros, so does the other.
        (zeros, output_padding) = scatter.split_output_padding(OutputPaddingLimit::Stride);
        remark(w, snippet, Rule::PyTorch);
        w.comment("A row of zeros in the input does as much.");
        pad(w, zeros, None);
    }
    push_pair(&mut args, "output_padding", output_padding, 0);
    push_pair(&mut args, "dilation", options.dilation, 1);
    if options.groups > 1 {
        args.push(named("groups", &options.groups.to_string()));
    }
    if !options.bias {
        args.push("bias=False".into());
    }
    w.call("layer = nn.ConvTranspose2d", &args, "");
    copies(w, snippet, options.bias);
    w.line(&["y = layer(x)"]);
    if padding.is_none() {
        let Pads { top, left, .. } = scatter.crops;
        w.comment("nn.ConvTranspose2d crops both sides alike, so a slice goes after it.");
        w.line(&["y = y[:, :, ", &slice(top, scatter.output[0]), ", ", &slice(left, scatter.output[1]), "]"]);
    }
}

/// `1:8`
pub(super) fn slice(start: u64, len: u64) -> String {
    joined(&[start.to_string(), (start + len).to_string()], ":")
}

fn pool(w: &mut Writer, snippet: &Snippet<'_>, pool: &ResolvedPool2d) {
    let rule = if pool.rounding == PoolRounding::Floor { Rule::PyTorch } else { Rule::PyTorchCeil };
    let keeps_last = pool.rounding == PoolRounding::CeilKeepLast;
    let why = snippet.remark(rule);
    let takes_all = why.is_none() && !keeps_last;
    let mut args = vec![named("kernel_size", &pair(pool.kernel_size)), named("stride", &pair(pool.stride))];
    if takes_all {
        push_pair(&mut args, "padding", [pool.stated.top, pool.stated.left], 0);
    }
    if let Some(why) = why {
        w.comment(&why);
    } else if keeps_last {
        w.comment(
            "PyTorch drops a last window that starts beyond the input, so the padding reaches up to its end.",
        );
    }
    let is_ceil = takes_all && pool.rounding == PoolRounding::Ceil;
    let ceil = is_ceil.then(|| String::from("ceil_mode=True"));
    match pool.reduce {
        Reduce::Max => {
            if !takes_all {
                pad(w, pool.pads, Some("value=-torch.inf".into()));
            }
            push_pair(&mut args, "dilation", pool.dilation, 1);
            args.extend(ceil);
            w.call("layer = nn.MaxPool2d", &args, "");
            w.line(&["y = layer(x)"]);
        }
        Reduce::Avg(divisor) if takes_all => {
            args.extend(ceil);
            match divisor {
                AvgDivisor::CountIncludePad => {}
                AvgDivisor::CountInside => args.push("count_include_pad=False".into()),
                AvgDivisor::Fixed(number) => args.push(named("divisor_override", &number.to_string())),
            }
            w.call("layer = nn.AvgPool2d", &args, "");
            w.line(&["y = layer(x)"]);
        }
        Reduce::Avg(divisor) if !pool.is_dilated() && pool.counted().is_none() => {
            pad(w, pool.pads, None);
            if let AvgDivisor::Fixed(number) = divisor {
                args.push(named("divisor_override", &number.to_string()));
            }
            w.call("layer = nn.AvgPool2d", &args, "");
            w.line(&["y = layer(x)"]);
        }
        Reduce::Avg(divisor) => {
            windows(w, pool);
            pad(w, pool.pads, None);
            match (pool.counted(), divisor) {
                (Some(Counted { size: [height, width], rest, .. }), _) => {
                    w.line(&["inside = torch.ones(", &tuple(&[1, 1, height, width]), ")"]);
                    w.line(&["inside = F.pad(inside, ", &sides(rest), ")"]);
                    w.line(&["count = windows(inside).sum(dim=0).clamp(min=1)"]);
                    w.line(&["y = windows(x).sum(dim=0) / count"]);
                }
                (None, AvgDivisor::Fixed(number)) => {
                    w.line(&["y = windows(x).sum(dim=0) / ", &number.to_string()]);
                }
                (None, _) => w.line(&["y = windows(x).mean(dim=0)"]),
            }
        }
        Reduce::Lp(p) if !pool.is_dilated() => {
            if takes_all && pool.overhang() != Pads::default() {
                w.comment("nn.LPPool2d scales a window that hangs over the end, so zeros go there.");
            }
            pad(w, pool.pads, None);
            w.call("layer = nn.LPPool2d", &[&[p.to_string()], args.as_slice()].concat(), "");
            if p.is_multiple_of(2) {
                w.line(&["y = layer(x)"]);
            } else {
                w.comment("nn.LPPool2d keeps the sign of odd powers; a norm does not.");
                w.line(&["y = layer(x.abs())"]);
            }
        }
        Reduce::Lp(p) => {
            windows(w, pool);
            pad(w, pool.pads, None);
            let p = p.to_string();
            w.line(&["y = windows(x.abs() ** ", &p, ").sum(dim=0) ** (1 / ", &p, ")"]);
        }
    }
}

/// A function that stacks one slice for each cell of a window.
fn windows(w: &mut Writer, pool: &ResolvedPool2d) {
    w.blank();
    w.line(&["def windows(x):"]);
    w.line(&["    # One slice for each cell of a window."]);
    w.line(&["    return torch.stack(["]);
    slices(w, pool, ":, :, ", "");
    w.line(&["    ])"]);
    w.blank();
}

/// The list of those slices, between the other axes.
pub(super) fn slices(w: &mut Writer, pool: &ResolvedPool2d, before: &str, after: &str) {
    let part = |axis: usize, name: &str| {
        // The output was counted, so its last window starts within u64.
        let len = ((pool.output[axis] - 1) * pool.stride[axis] + 1).to_string();
        let step = match pool.stride[axis] {
            1 => String::new(),
            stride => joined(&[" : ", &stride.to_string()], ""),
        };
        joined(&[name, " : ", name, " + ", &len, &step], "")
    };
    let range = |axis: usize| match pool.dilation[axis] {
        1 => joined(&["range(", &pool.dilated_kernel[axis].to_string(), ")"], ""),
        dilation => {
            let [span, dilation] = [pool.dilated_kernel[axis], dilation].map(|n| n.to_string());
            joined(&["range(0, ", &span, ", ", &dilation, ")"], "")
        }
    };
    w.line(&["        x[", before, &part(0, "i"), ", ", &part(1, "j"), after, "]"]);
    w.line(&["        for i in ", &range(0)]);
    w.line(&["        for j in ", &range(1)]);
}

/// `x = F.pad(x, (left, right, top, bottom))`, if there is anything to pad.
fn pad(w: &mut Writer, pads: Pads, more: Option<String>) {
    if pads != Pads::default() {
        let args: Vec<String> = ["x".into(), sides(pads)].into_iter().chain(more).collect();
        w.call("x = F.pad", &args, "");
    }
}

/// PyTorch names the last axis first.
fn sides(Pads { top, left, bottom, right }: Pads) -> String {
    tuple(&[left, right, top, bottom])
}

fn remark(w: &mut Writer, snippet: &Snippet<'_>, rule: Rule) {
    if let Some(why) = snippet.remark(rule) {
        w.comment(&why);
    }
}

/// Weight and bias that are written out.
fn weights(w: &mut Writer, snippet: &Snippet<'_>, shape: &[u64; 4], n_biases: Option<u64>) {
    if let Some(data) = snippet.weight() {
        w.numbers("weight", data, shape, &FORM);
    }
    if let Some((data, n_biases)) = snippet.bias().zip(n_biases) {
        let bias = Numbers { shape: &[n_biases], data: Some(data) };
        w.numbers("bias", data, bias.shape, &FORM);
    }
    w.blank();
}

/// The layer takes what is written out, and keeps the rest of its own.
fn copies(w: &mut Writer, snippet: &Snippet<'_>, has_bias: bool) {
    let bias = snippet.bias().filter(|_| has_bias);
    if snippet.weight().is_none() {
        w.comment("The layer's weights are random so far.");
    }
    if snippet.weight().is_some() || bias.is_some() {
        w.line(&["with torch.no_grad():"]);
    }
    if snippet.weight().is_some() {
        w.line(&["    layer.weight.copy_(weight)"]);
    }
    if bias.is_some() {
        w.line(&["    layer.bias.copy_(bias)"]);
    }
}
