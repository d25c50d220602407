//! `jax.lax`, which takes any padding and dilation in one call.

use convscope_core::resolved::{
    Counted, Reduce, Resolved, ResolvedConv2d, ResolvedConvTranspose2d, ResolvedPool2d,
};
use convscope_core::{Activation, AvgDivisor, Pads};

use super::writer::{Form, Writer};
use super::{Numbers, Snippet, mode, named, nchw, sides, tuple};
use crate::text::joined;

const FORM: Form = Form { array: "jnp.array", full: "jnp.full", dtype: "\"float32\"" };

pub(super) fn code(snippet: &Snippet<'_>, layer: &Resolved) -> String {
    let mut w = Writer::default();
    w.given("input", "x", snippet.input(), &FORM, |shape| normal("0", shape));
    match layer {
        Resolved::Conv2d(conv) => self::conv(&mut w, snippet, conv),
        Resolved::ConvTranspose2d(scatter) => self::scatter(&mut w, snippet, scatter),
        Resolved::Pool2d(pool) => {
            w.blank();
            self::pool(&mut w, pool);
        }
    }
    match snippet.activation {
        Activation::Identity => {}
        Activation::Relu => w.line(&["y = jax.nn.relu(y)"]),
        Activation::LeakyRelu => w.line(&["y = jax.nn.leaky_relu(y, 0.01)"]),
        Activation::Sigmoid => w.line(&["y = jax.nn.sigmoid(y)"]),
        Activation::Tanh => w.line(&["y = jnp.tanh(y)"]),
        Activation::Silu => w.line(&["y = jax.nn.silu(y)"]),
    }
    w.line(&["print(y)"]);
    let body = w.finish();
    let mut text = String::new();
    if body.contains("jax.") {
        text.push_str("import jax\n");
    }
    text.push_str("import jax.numpy as jnp\nfrom jax import lax\n\n");
    text.push_str(&body);
    text
}

fn conv(w: &mut Writer, snippet: &Snippet<'_>, conv: &ResolvedConv2d) {
    let options = &conv.options;
    weights(w, snippet, &conv.weight_shape, options.bias.then_some(options.out_channels));
    let mut args = vec!["x".into(), "weight".into(), named("window_strides", &tuple(&options.stride))];
    match conv.numpy_mode() {
        Some(name) => {
            w.comment("lax pads with zeros alone, so jnp.pad goes before it.");
            w.call("x = jnp.pad", &["x".into(), nchw(conv.pads), mode(name)], "");
            args.push("padding=\"VALID\"".into());
        }
        None if conv.is_same() => args.push("padding=\"SAME\"".into()),
        None => args.push(named("padding", &joined(&["[", &sides(conv.pads), "]"], ""))),
    }
    if options.dilation != [1, 1] {
        args.push(named("rhs_dilation", &tuple(&options.dilation)));
    }
    finish(w, args, options.groups, options.bias);
}

fn scatter(w: &mut Writer, snippet: &Snippet<'_>, scatter: &ResolvedConvTranspose2d) {
    let options = &scatter.options;
    weights(w, snippet, &scatter.weight_shape, options.bias.then_some(options.out_channels));
    let [in_channels, group_out, k_h, k_w] = scatter.weight_shape;
    let groups = options.groups;
    w.comment(
        "A convolution of the input with zeros between its cells, by the kernel turned by half a turn.",
    );
    if groups > 1 {
        let split = tuple(&[groups, in_channels / groups, group_out, k_h, k_w]);
        let merged = tuple(&[options.out_channels, in_channels / groups, k_h, k_w]);
        w.line(&["weight = weight.reshape", &split]);
        w.line(&["weight = weight.swapaxes(1, 2).reshape", &merged]);
    } else {
        w.line(&["weight = weight.swapaxes(0, 1)"]);
    }
    w.line(&["weight = weight[:, :, ::-1, ::-1]"]);
    // Padding may be negative, which crops.
    let [top, left, bottom, right] = scatter.inserted_pads.map(|pad| pad.to_string());
    let padding = joined(&["[(", &top, ", ", &bottom, "), (", &left, ", ", &right, ")]"], "");
    let mut args =
        vec!["x".into(), "weight".into(), "window_strides=(1, 1)".into(), named("padding", &padding)];
    args.push(named("lhs_dilation", &tuple(&options.stride)));
    if options.dilation != [1, 1] {
        args.push(named("rhs_dilation", &tuple(&options.dilation)));
    }
    finish(w, args, groups, options.bias);
}

fn finish(w: &mut Writer, mut args: Vec<String>, groups: u64, has_bias: bool) {
    if groups > 1 {
        args.push(named("feature_group_count", &groups.to_string()));
    }
    w.call("y = lax.conv_general_dilated", &args, "");
    if has_bias {
        w.line(&["y = y + bias.reshape(1, -1, 1, 1)"]);
    }
}

fn pool(w: &mut Writer, pool: &ResolvedPool2d) {
    let reduced = |x: &str, start: &str, operation: &str, pads: Pads| {
        let mut args = vec![x.into(), start.into(), operation.into()];
        let [k_h, k_w] = pool.kernel_size;
        args.push(named("window_dimensions", &tuple(&[1, 1, k_h, k_w])));
        args.push(named("window_strides", &tuple(&[1, 1, pool.stride[0], pool.stride[1]])));
        args.push(named("padding", &nchw(pads)));
        if pool.is_dilated() {
            args.push(named("window_dilation", &tuple(&[1, 1, pool.dilation[0], pool.dilation[1]])));
        }
        args
    };
    let head = "y = lax.reduce_window";
    match pool.reduce {
        Reduce::Max => w.call(head, &reduced("x", "-jnp.inf", "lax.max", pool.pads), ""),
        Reduce::Lp(p) => {
            let p = p.to_string();
            w.line(&["x = jnp.abs(x) ** ", &p]);
            w.call(head, &reduced("x", "0.0", "lax.add", pool.pads), "");
            w.line(&["y = y ** (1 / ", &p, ")"]);
        }
        Reduce::Avg(divisor) => {
            w.call(head, &reduced("x", "0.0", "lax.add", pool.pads), "");
            match (pool.counted(), divisor) {
                (Some(Counted { size: [height, width], rest, .. }), _) => {
                    w.comment("Only the cells that count: not every window has all of its own.");
                    w.line(&["inside = jnp.ones(", &tuple(&[1, 1, height, width]), ")"]);
                    w.call("count = lax.reduce_window", &reduced("inside", "0.0", "lax.add", rest), "");
                    w.line(&["y = y / jnp.maximum(count, 1)"]);
                }
                (None, AvgDivisor::Fixed(number)) => w.line(&["y = y / ", &number.to_string()]),
                (None, _) => w.line(&["y = y / ", &pool.area().to_string()]),
            }
        }
    }
}

fn weights(w: &mut Writer, snippet: &Snippet<'_>, shape: &[u64; 4], n_biases: Option<u64>) {
    let weight = Numbers { shape, data: snippet.weight() };
    w.given("weights", "weight", weight, &FORM, |shape| normal("1", shape));
    if let Some(n_biases) = n_biases {
        let bias = Numbers { shape: &[n_biases], data: snippet.bias() };
        w.given("bias", "bias", bias, &FORM, |shape| ("jnp.zeros", vec![shape[0].to_string()], ""));
    }
    w.blank();
}

fn normal(key: &str, shape: &[u64]) -> (&'static str, Vec<String>, &'static str) {
    ("jax.random.normal", vec![joined(&["jax.random.key(", key, ")"], ""), tuple(shape)], "")
}
