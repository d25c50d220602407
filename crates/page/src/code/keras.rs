//! `keras.layers`, whose layout is NHWC and whose padding has no numbers.

use convscope_core::resolved::{
    Counted, OutputPaddingLimit, Reduce, Resolved, ResolvedConv2d, ResolvedConvTranspose2d, ResolvedPool2d,
};
use convscope_core::rules::Rule;
use convscope_core::{Activation, AutoPad, AvgDivisor, Pads};

use super::pytorch::{slice, slices};
use super::writer::{Form, Writer};
use super::{Numbers, Snippet, mode, named, pair, push_pair, sides, tuple};
use crate::text::joined;

const FORM: Form = Form { array: "np.array", full: "np.full", dtype: "\"float32\"" };

pub(super) fn code(snippet: &Snippet<'_>, layer: &Resolved) -> String {
    let mut w = Writer::default();
    w.line(&["import keras"]);
    w.line(&["import numpy as np"]);
    w.blank();
    let input = snippet.input();
    if input.data.is_some() {
        w.given("input", "x", input, &FORM, rand);
        w.line(&["x = x.transpose(0, 2, 3, 1)  # NCHW to NHWC"]);
    } else {
        let [n, c, height, width] = snippet.input_shape;
        let shape = [n, height, width, c];
        w.given("input, NHWC,", "x", Numbers { shape: &shape, data: None }, &FORM, rand);
    }
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
        Activation::Relu => w.line(&["y = keras.ops.relu(y)"]),
        Activation::LeakyRelu => w.line(&["y = keras.ops.leaky_relu(y, 0.01)"]),
        Activation::Sigmoid => w.line(&["y = keras.ops.sigmoid(y)"]),
        Activation::Tanh => w.line(&["y = keras.ops.tanh(y)"]),
        Activation::Silu => w.line(&["y = keras.ops.silu(y)"]),
    }
    w.line(&["y = keras.ops.transpose(y, (0, 3, 1, 2))  # NHWC to NCHW"]);
    w.line(&["print(y)"]);
    w.finish()
}

fn conv(w: &mut Writer, snippet: &Snippet<'_>, conv: &ResolvedConv2d) {
    let options = &conv.options;
    let [out_channels, group_in, k_h, k_w] = conv.weight_shape;
    let spread = spreads(options.stride, options.dilation);
    let span = conv.dilated_kernel;
    weights(w, snippet, &conv.weight_shape, &[k_h, k_w, group_in, out_channels], "  # OIHW to HWIO", spread);
    bias(w, snippet, options.bias.then_some(out_channels));
    w.blank();
    if spread {
        remark(w, snippet, Rule::KerasPadded);
        spread_kernel(w, options.dilation, [span[0], span[1], group_in, out_channels]);
    }
    let mut args = vec![
        out_channels.to_string(),
        named("kernel_size", &pair(if spread { span } else { options.kernel_size })),
    ];
    push_pair(&mut args, "strides", options.stride, 1);
    match conv.numpy_mode() {
        Some(name) => {
            w.comment("Keras pads with zeros alone, so numpy pads before it.");
            w.call("x = np.pad", &["x".into(), nhwc(conv.pads), mode(name)], "");
        }
        None if conv.is_same() => args.push("padding=\"same\"".into()),
        None if conv.pads != Pads::default() => {
            w.comment("Conv2D takes no numbers, so ZeroPadding2D goes before it.");
            zero_padding(w, conv.pads);
        }
        None => {}
    }
    if !spread {
        push_pair(&mut args, "dilation_rate", options.dilation, 1);
    }
    if options.groups > 1 {
        args.push(named("groups", &options.groups.to_string()));
    }
    build(w, snippet, "layer = keras.layers.Conv2D", args, options.bias, spread);
}

fn scatter(w: &mut Writer, snippet: &Snippet<'_>, scatter: &ResolvedConvTranspose2d) {
    let options = &scatter.options;
    let [in_channels, group_out, k_h, k_w] = scatter.weight_shape;
    let spread = options.dilation != [1, 1];
    let is_grouped = options.groups > 1;
    let explicit = spread || is_grouped;
    weights(
        w,
        snippet,
        &scatter.weight_shape,
        &[k_h, k_w, group_out, in_channels],
        "  # IOHW to HWOI",
        explicit,
    );
    bias(w, snippet, options.bias.then_some(options.out_channels));
    w.blank();
    if spread {
        w.comment("Keras takes no dilation beside a stride, and TensorFlow none here on a CPU: zeros spread the kernel.");
        spread_kernel(
            w,
            options.dilation,
            [scatter.dilated_kernel[0], scatter.dilated_kernel[1], group_out, in_channels],
        );
    }
    let is_same = options.padding == AutoPad::SameUpper
        && options.output_size.is_none()
        && options.output_padding == [0, 0];
    let (zeros, rest) =
        if is_same { Default::default() } else { scatter.split_output_padding(OutputPaddingLimit::Stride) };
    if zeros != Pads::default() {
        w.comment(
            "A row of zeros in the input does what output_padding cannot: it must be below the stride.",
        );
        w.call("x = np.pad", &["x".into(), nhwc(zeros)], "");
    }
    let mut args = vec![named("strides", &tuple(&options.stride))];
    if is_same {
        args.push("padding=\"same\"".into());
    } else if rest != [0, 0] || scatter.has_gaps() {
        // Without it, Keras fills up to the stride where that is beyond the kernel.
        args.push(named("output_padding", &tuple(&rest)));
    }
    if is_grouped {
        let groups = options.groups.to_string();
        w.comment("Conv2DTranspose has no groups: one convolution for each.");
        w.line(&["y = keras.ops.concatenate(["]);
        let args = [&["part".into(), "weight".into()], args.as_slice()].concat();
        w.call_in("    ", "keras.ops.conv_transpose", &args, "");
        w.line(&["    for part, weight in zip("]);
        w.line(&["        np.split(x, ", &groups, ", axis=-1),"]);
        w.line(&["        np.split(kernel, ", &groups, ", axis=-1),"]);
        w.line(&["    )"]);
        w.line(&["], axis=-1)"]);
        if options.bias && snippet.bias().is_some() {
            w.line(&["y = y + bias"]);
        } else if options.bias {
            let n_biases = options.out_channels.to_string();
            w.comment("Put your bias here.");
            w.line(&["y = y + np.zeros(", &n_biases, ", \"float32\")"]);
        }
    } else {
        let size = if spread { scatter.dilated_kernel } else { options.kernel_size };
        let sizes = [options.out_channels.to_string(), named("kernel_size", &pair(size))];
        let args = [sizes.as_slice(), args.as_slice()].concat();
        build(w, snippet, "layer = keras.layers.Conv2DTranspose", args, options.bias, spread);
    }
    if !is_same && scatter.crops != Pads::default() {
        w.comment("Conv2DTranspose takes no numbers, so a slice crops.");
        let Pads { top, left, .. } = scatter.crops;
        w.line(&["y = y[:, ", &slice(top, scatter.output[0]), ", ", &slice(left, scatter.output[1]), "]"]);
    }
}

fn pool(w: &mut Writer, snippet: &Snippet<'_>, pool: &ResolvedPool2d) {
    if let Err(why) = takes(pool) {
        match snippet.remark(Rule::KerasPadded).filter(|_| why.is_empty()) {
            Some(why) => w.comment(&why),
            None => w.comment(why),
        }
    }
    let is_same = pool.is_same && !pool.is_dilated();
    let mut args = vec![named("pool_size", &pair(pool.kernel_size)), named("strides", &pair(pool.stride))];
    match pool.reduce {
        Reduce::Max if pool.is_dilated() || pool.has_empty_window() => {
            windows(w, pool);
            pad_with(w, pool.pads, Some("constant_values=-np.inf"));
            w.line(&["y = keras.ops.max(windows(x), axis=0)"]);
        }
        Reduce::Max => {
            if is_same {
                args.push("padding=\"same\"".into());
            } else {
                pad_with(w, pool.pads, Some("constant_values=-np.inf"));
            }
            w.call("layer = keras.layers.MaxPooling2D", &args, "");
            w.line(&["y = layer(x)"]);
        }
        Reduce::Lp(p) => {
            let p = p.to_string();
            if pool.is_dilated() {
                windows(w, pool);
                pad_with(w, pool.pads, None);
                w.line(&["y = keras.ops.sum(windows(abs(x) ** ", &p, "), axis=0)"]);
            } else {
                w.line(&["x = abs(x) ** ", &p]);
                zero_padding(w, pool.pads);
                w.call("layer = keras.layers.AveragePooling2D", &args, "");
                w.line(&["y = layer(x) * ", &pool.area().to_string()]);
            }
            w.line(&["y = y ** (1 / ", &p, ")"]);
        }
        Reduce::Avg(AvgDivisor::CountInside) if is_same => {
            args.push("padding=\"same\"".into());
            w.call("layer = keras.layers.AveragePooling2D", &args, "");
            w.line(&["y = layer(x)"]);
        }
        Reduce::Avg(divisor) if pool.counted().is_none() && !pool.is_dilated() => {
            zero_padding(w, pool.pads);
            w.call("layer = keras.layers.AveragePooling2D", &args, "");
            match divisor {
                AvgDivisor::Fixed(number) => {
                    let [area, number] = [pool.area().to_string(), number.to_string()];
                    w.line(&["y = layer(x) * (", &area, " / ", &number, ")"]);
                }
                _ => w.line(&["y = layer(x)"]),
            }
        }
        Reduce::Avg(divisor) => {
            windows(w, pool);
            pad_with(w, pool.pads, None);
            match (pool.counted(), divisor) {
                (Some(Counted { size: [height, width], rest, .. }), _) => {
                    let ones = joined(&["np.ones(", &tuple(&[1, height, width, 1]), ", \"float32\")"], "");
                    w.line(&["inside = ", &ones]);
                    w.call("inside = np.pad", &["inside".into(), nhwc(rest)], "");
                    w.line(&["count = keras.ops.sum(windows(inside), axis=0)"]);
                    w.line(&["count = keras.ops.maximum(count, 1)"]);
                    w.line(&["y = keras.ops.sum(windows(x), axis=0) / count"]);
                }
                (None, AvgDivisor::Fixed(number)) => {
                    w.line(&["y = keras.ops.sum(windows(x), axis=0) / ", &number.to_string()]);
                }
                (None, _) => w.line(&["y = keras.ops.mean(windows(x), axis=0)"]),
            }
        }
    }
}

/// Whether a layer of Keras does it; if not, why in words, or an empty text where the rule says it.
fn takes(pool: &ResolvedPool2d) -> Result<(), &'static str> {
    if pool.is_dilated() || matches!(pool.reduce, Reduce::Lp(_)) {
        return Err("");
    }
    let is_padded = pool.pads != Pads::default();
    match pool.reduce {
        Reduce::Max if pool.has_empty_window() => {
            Err("MaxPooling2D may give the lowest number for padding alone, so the slices are compared.")
        }
        Reduce::Max if is_padded && !pool.is_same => Err(if pool.overhang() == Pads::default() {
            "MaxPooling2D takes no numbers, so −∞ goes before it."
        } else {
            "Keras has no ceil_mode: −∞ up to the end of the last window."
        }),
        Reduce::Avg(AvgDivisor::CountInside) if pool.is_same => {
            if pool.pads.symmetric().is_some() {
                Ok(())
            } else {
                Err("Keras on PyTorch counts some of this padding; elsewhere none counts.")
            }
        }
        Reduce::Avg(AvgDivisor::Fixed(_)) => Err("AveragePooling2D divides by the cells of a window."),
        Reduce::Avg(_) if pool.counted().is_some() => {
            Err("AveragePooling2D cannot tell which cells count, so they are counted beside it.")
        }
        Reduce::Avg(_) if is_padded => {
            Err("AveragePooling2D takes no numbers, so ZeroPadding2D goes before it.")
        }
        _ => Ok(()),
    }
}

/// Keras takes either a stride or a dilation above 1.
fn spreads(stride: [u64; 2], dilation: [u64; 2]) -> bool {
    stride != [1, 1] && dilation != [1, 1]
}

/// The kernel with zeros between its taps.
fn spread_kernel(w: &mut Writer, [down, across]: [u64; 2], shape: [u64; 4]) {
    w.call("spread = np.zeros", &[tuple(&shape), FORM.dtype.into()], "");
    w.line(&["spread[::", &down.to_string(), ", ::", &across.to_string(), "] = kernel"]);
    w.line(&["kernel = spread"]);
}

/// The layer with its weights: those that are written out, or its own.
fn build(
    w: &mut Writer,
    snippet: &Snippet<'_>,
    head: &str,
    mut args: Vec<String>,
    has_bias: bool,
    has_kernel: bool,
) {
    if !has_bias {
        args.push("use_bias=False".into());
    }
    w.call(head, &args, "");
    let has_kernel = has_kernel || snippet.weight().is_some();
    if !has_kernel {
        w.comment("The layer's weights are random so far.");
    }
    w.line(&["layer.build(x.shape)"]);
    if has_kernel {
        w.line(&["layer.kernel.assign(kernel)"]);
    }
    if has_bias && snippet.bias().is_some() {
        w.line(&["layer.bias.assign(bias)"]);
    }
    w.line(&["y = layer(x)"]);
}

/// The weight as Keras's kernel, of `shape`; nothing where the layer's own will do.
fn weights(
    w: &mut Writer,
    snippet: &Snippet<'_>,
    weight_shape: &[u64; 4],
    shape: &[u64; 4],
    layout: &str,
    needed: bool,
) {
    if let Some(data) = snippet.weight() {
        w.numbers("weight", data, weight_shape, &FORM);
        w.line(&["kernel = weight.transpose(2, 3, 1, 0)", layout]);
    } else if needed {
        w.given("kernel", "kernel", Numbers { shape, data: None }, &FORM, rand);
    }
}

/// The bias, if it is written out.
fn bias(w: &mut Writer, snippet: &Snippet<'_>, n_biases: Option<u64>) {
    if let Some((data, n_biases)) = snippet.bias().zip(n_biases) {
        w.numbers("bias", data, &[n_biases], &FORM);
    }
}

fn windows(w: &mut Writer, pool: &ResolvedPool2d) {
    w.blank();
    w.line(&["def windows(x):"]);
    w.line(&["    # One slice for each cell of a window."]);
    w.line(&["    return keras.ops.stack(["]);
    slices(w, pool, ":, ", "");
    w.line(&["    ])"]);
    w.blank();
}

/// `x = np.pad(x, ...)`, if there is anything to pad.
fn pad_with(w: &mut Writer, pads: Pads, more: Option<&str>) {
    if pads != Pads::default() {
        let args: Vec<String> = ["x".into(), nhwc(pads)].into_iter().chain(more.map(String::from)).collect();
        w.call("x = np.pad", &args, "");
    }
}

fn zero_padding(w: &mut Writer, pads: Pads) {
    if pads != Pads::default() {
        w.line(&["x = keras.layers.ZeroPadding2D((", &sides(pads), "))(x)"]);
    }
}

/// `[(0, 0), (1, 1), (1, 1), (0, 0)]`
fn nhwc(pads: Pads) -> String {
    joined(&["[(0, 0), ", &sides(pads), ", (0, 0)]"], "")
}

pub(super) fn rand(shape: &[u64]) -> (&'static str, Vec<String>, &'static str) {
    ("np.random.rand", shape.iter().map(u64::to_string).collect(), ".astype(\"float32\")")
}

fn remark(w: &mut Writer, snippet: &Snippet<'_>, rule: Rule) {
    if let Some(why) = snippet.remark(rule) {
        w.comment(&joined(&[&why, " Zeros spread the kernel instead."], ""));
    }
}
