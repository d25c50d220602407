//! A model of ONNX, made with `onnx.helper` and run by ONNX Runtime.
//!
//! Opset 22 is the first whose `ceil_mode` is PyTorch's. ONNX Runtime does not take all that ONNX says: padding
//! of a pool as large as the kernel becomes an operation of its own.

use convscope_core::resolved::{
    Counted, OutputPaddingLimit, Reduce, Resolved, ResolvedConv2d, ResolvedConvTranspose2d, ResolvedPool2d,
};
use convscope_core::{Activation, AvgDivisor, Pads, PoolRounding};

use super::keras::rand;
use super::writer::{Form, Writer};
use super::{Numbers, Snippet, list, mode, named, nchw, tuple};
use crate::text::joined;

const FORM: Form = Form { array: "np.array", full: "np.full", dtype: "\"float32\"" };

pub(super) fn code(snippet: &Snippet<'_>, layer: &Resolved) -> String {
    let mut w = Writer::default();
    w.line(&["import numpy as np"]);
    w.line(&["import onnx"]);
    w.line(&["import onnxruntime"]);
    w.line(&["from onnx import TensorProto, helper, numpy_helper"]);
    w.blank();
    w.given("input", "x", snippet.input(), &FORM, rand);
    if matches!(layer, Resolved::Pool2d(_)) {
        w.blank();
    }
    let mut graph = Graph { w, nodes: Vec::new(), value: "x", constants: Vec::new() };
    let output = match layer {
        Resolved::Conv2d(conv) => self::conv(&mut graph, snippet, conv),
        Resolved::ConvTranspose2d(scatter) => self::scatter(&mut graph, snippet, scatter),
        Resolved::Pool2d(pool) => self::pool(&mut graph, pool),
    };
    match snippet.activation {
        Activation::Identity => {}
        Activation::Relu => graph.push("Relu", &[], "activated", Vec::new()),
        Activation::LeakyRelu => graph.push("LeakyRelu", &[], "activated", vec!["alpha=0.01".into()]),
        Activation::Sigmoid => graph.push("Sigmoid", &[], "activated", Vec::new()),
        Activation::Tanh => graph.push("Tanh", &[], "activated", Vec::new()),
        Activation::Silu => {
            let before = graph.value;
            graph.push("Sigmoid", &[], "gate", Vec::new());
            graph.push("Mul", &[before], "activated", Vec::new());
        }
    }
    let [batch, channels, ..] = snippet.input_shape;
    let channels = snippet.layer.weight_shape().map_or(channels, |_| out_channels(layer, channels));
    graph.finish(&snippet.input_shape, &[batch, channels, output[0], output[1]])
}

fn out_channels(layer: &Resolved, in_channels: u64) -> u64 {
    match layer {
        Resolved::Conv2d(conv) => conv.options.out_channels,
        Resolved::ConvTranspose2d(scatter) => scatter.options.out_channels,
        Resolved::Pool2d(_) => in_channels,
    }
}

/// A chain of nodes, and the Python so far.
struct Graph {
    w: Writer,
    nodes: Vec<Node>,
    /// What the last node gives.
    value: &'static str,
    /// Arrays that the model holds.
    constants: Vec<&'static str>,
}

struct Node {
    op: &'static str,
    inputs: Vec<&'static str>,
    output: &'static str,
    attributes: Vec<String>,
}

impl Graph {
    /// A node that takes the last one's value, and others.
    fn push(
        &mut self,
        op: &'static str,
        more: &[&'static str],
        output: &'static str,
        attributes: Vec<String>,
    ) {
        let inputs = [&[self.value], more].concat();
        self.nodes.push(Node { op, inputs, output, attributes });
        self.value = output;
    }

    /// A node of its own for padding.
    fn pad(&mut self, pads: Pads, mode: Option<String>, is_max: bool) {
        if pads == Pads::default() {
            return;
        }
        let Pads { top, left, bottom, right } = pads;
        self.w.line(&["pads = np.array(", &list(&[0, 0, top, left, 0, 0, bottom, right]), ")"]);
        self.constants.push("pads");
        if is_max {
            self.minus_inf();
            self.push("Pad", &["pads", "minus_inf"], "padded", Vec::new());
        } else {
            self.push("Pad", &["pads"], "padded", mode.into_iter().collect());
        }
    }

    /// The constant −∞.
    fn minus_inf(&mut self) {
        if !self.constants.contains(&"minus_inf") {
            self.w.line(&["minus_inf = np.array(-np.inf, \"float32\")"]);
            self.constants.push("minus_inf");
        }
    }

    fn finish(mut self, input_shape: &[u64; 4], output_shape: &[u64; 4]) -> String {
        if let Some(last) = self.nodes.last_mut() {
            last.output = "y";
        }
        let w = &mut self.w;
        w.blank();
        w.line(&["nodes = ["]);
        for node in &self.nodes {
            let mut args = vec![quoted(node.op), names(&node.inputs), names(&[node.output])];
            args.extend(node.attributes.iter().cloned());
            w.call_in("    ", "helper.make_node", &args, ",");
        }
        w.line(&["]"]);
        w.line(&["info = helper.make_tensor_value_info"]);
        w.line(&["graph = helper.make_graph("]);
        w.line(&["    nodes, \"layer\","]);
        w.line(&["    [info(\"x\", TensorProto.FLOAT, ", &list(input_shape), ")],"]);
        w.line(&["    [info(\"y\", TensorProto.FLOAT, ", &list(output_shape), ")],"]);
        if !self.constants.is_empty() {
            w.line(&["    ["]);
            for name in &self.constants {
                w.line(&["        numpy_helper.from_array(", name, ", ", &quoted(name), "),"]);
            }
            w.line(&["    ],"]);
        }
        w.line(&[")"]);
        w.line(&["opset = helper.make_opsetid(\"\", 22)"]);
        w.line(&["model = helper.make_model("]);
        w.line(&["    graph, opset_imports=[opset], ir_version=10"]);
        w.line(&[")"]);
        w.line(&["onnx.checker.check_model(model)"]);
        w.line(&["session = onnxruntime.InferenceSession("]);
        w.line(&["    model.SerializeToString()"]);
        w.line(&[")"]);
        w.line(&["(y,) = session.run(None, {\"x\": x})"]);
        w.line(&["print(y)"]);
        self.w.finish()
    }
}

fn conv(graph: &mut Graph, snippet: &Snippet<'_>, conv: &ResolvedConv2d) -> [u64; 2] {
    let options = &conv.options;
    weights(graph, snippet, &conv.weight_shape, options.bias.then_some(options.out_channels));
    let mut attributes = strides(options.stride, options.dilation);
    if let Some(name) = conv.numpy_mode() {
        graph.w.comment("Conv pads with zeros alone, so Pad goes before it.");
        graph.pad(conv.pads, Some(mode(name)), false);
    } else if conv.is_same() && is_plain_same(options.kernel_size, options.stride, options.dilation) {
        attributes.push("auto_pad=\"SAME_UPPER\"".into());
    } else {
        push_pads(&mut attributes, conv.pads);
    }
    push_group(&mut attributes, options.groups);
    graph.push("Conv", if options.bias { &["weight", "bias"] } else { &["weight"] }, "convolved", attributes);
    conv.output
}

fn scatter(graph: &mut Graph, snippet: &Snippet<'_>, scatter: &ResolvedConvTranspose2d) -> [u64; 2] {
    let options = &scatter.options;
    weights(graph, snippet, &scatter.weight_shape, options.bias.then_some(options.out_channels));
    let (zeros, rest) = scatter.split_output_padding(OutputPaddingLimit::Stride);
    if zeros != Pads::default() {
        graph
            .w
            .comment("ONNX Runtime wants an output_padding below the stride: zeros in the input do as much.");
        graph.pad(zeros, None, false);
    }
    let mut attributes = strides(options.stride, options.dilation);
    push_pads(&mut attributes, scatter.crops);
    if rest != [0, 0] {
        attributes.push(named("output_padding", &list(&rest)));
    }
    push_group(&mut attributes, options.groups);
    let more: &[&str] = if options.bias { &["weight", "bias"] } else { &["weight"] };
    graph.push("ConvTranspose", more, "convolved", attributes);
    scatter.output
}

fn pool(graph: &mut Graph, pool: &ResolvedPool2d) -> [u64; 2] {
    let mut attributes = vec![named("kernel_shape", &list(&pool.kernel_size))];
    attributes.extend(strides(pool.stride, pool.dilation));
    let op = match pool.reduce {
        Reduce::Max => "MaxPool",
        Reduce::Avg(divisor) => {
            average(graph, pool, divisor, attributes);
            return pool.output;
        }
        Reduce::Lp(p) => {
            attributes.push(named("p", &p.to_string()));
            "LpPool"
        }
    };
    if pool.is_same && is_plain_same(pool.kernel_size, pool.stride, pool.dilation) {
        attributes.push("auto_pad=\"SAME_UPPER\"".into());
    } else if pool.rounding == PoolRounding::Ceil && pool.is_within_kernel(pool.stated) {
        push_pads(&mut attributes, pool.stated);
        attributes.push("ceil_mode=1".into());
    } else {
        if pool.rounding == PoolRounding::CeilKeepLast {
            graph.w.comment(
                "ONNX Runtime drops the last window in any opset: the padding reaches up to its end.",
            );
        }
        pad_or_push(graph, &mut attributes, pool, matches!(pool.reduce, Reduce::Max));
    }
    graph.push(op, &[], "pooled", attributes);
    if matches!(pool.reduce, Reduce::Max) && pool.has_empty_window() {
        graph
            .w
            .comment("ONNX Runtime may give the lowest number for a window of padding alone: it becomes −∞.");
        graph.w.line(&["least = np.array(np.finfo(\"float32\").min)"]);
        graph.constants.push("least");
        graph.minus_inf();
        let mut node = |op, inputs, output| {
            graph.nodes.push(Node { op, inputs, output, attributes: Vec::new() });
        };
        node("Equal", vec!["pooled", "least"], "empty");
        node("Where", vec!["empty", "minus_inf", "pooled"], "corrected");
        graph.value = "corrected";
    }
    pool.output
}

fn average(graph: &mut Graph, pool: &ResolvedPool2d, divisor: AvgDivisor, mut attributes: Vec<String>) {
    let is_simple = !pool.is_dilated() && pool.is_within_kernel(pool.pads);
    match (pool.counted(), divisor) {
        (None, _) => {
            pad_or_push(graph, &mut attributes, pool, false);
            if pool.pads != Pads::default() && pool.is_within_kernel(pool.pads) {
                attributes.push("count_include_pad=1".into());
            }
            graph.push("AveragePool", &[], "averaged", attributes);
            if let AvgDivisor::Fixed(number) = divisor {
                let [area, number] = [pool.area().to_string(), number.to_string()];
                graph.w.comment("AveragePool divides by the cells of a window, and not by another number.");
                graph.w.line(&["scale = np.array(", &area, " / ", &number, ", \"float32\")"]);
                graph.constants.push("scale");
                graph.push("Mul", &["scale"], "scaled", Vec::new());
            }
        }
        (Some(_), AvgDivisor::CountInside) if is_simple => {
            push_pads(&mut attributes, pool.pads);
            graph.push("AveragePool", &[], "averaged", attributes);
        }
        (Some(Counted { pads, rest, .. }), _) if is_simple => {
            graph.w.comment("The padding counts, but not what the last window hangs over.");
            graph.pad(pads, None, false);
            push_pads(&mut attributes, rest);
            graph.push("AveragePool", &[], "averaged", attributes);
        }
        (Some(Counted { size: [height, width], rest, .. }), _) => {
            graph.w.comment("The average of ones says which share of each window counts.");
            let ones = joined(&["np.ones(", &tuple(&[1, 1, height, width]), ", \"float32\")"], "");
            graph.w.line(&["inside = ", &ones]);
            graph.w.call("inside = np.pad", &["inside".into(), nchw(rest)], "");
            graph.w.line(&["least = np.array(1 / ", &pool.area().to_string(), ", \"float32\")"]);
            graph.pad(pool.pads, None, false);
            graph.constants.extend(["inside", "least"]);
            graph.push("AveragePool", &[], "averaged", attributes.clone());
            let mut node = |op, inputs, output, attributes| {
                graph.nodes.push(Node { op, inputs, output, attributes });
            };
            node("AveragePool", vec!["inside"], "share", attributes);
            node("Max", vec!["share", "least"], "divisor", Vec::new());
            graph.push("Div", &["divisor"], "corrected", Vec::new());
        }
    }
}

/// Padding as an attribute, where ONNX Runtime takes it.
fn pad_or_push(graph: &mut Graph, attributes: &mut Vec<String>, pool: &ResolvedPool2d, is_max: bool) {
    if pool.is_within_kernel(pool.pads) {
        push_pads(attributes, pool.pads);
    } else {
        graph.w.comment("ONNX Runtime pads a pool by less than the kernel, so Pad goes before it.");
        graph.pad(pool.pads, None, is_max);
    }
}

/// ONNX Runtime computes `SAME_UPPER` without dilation, and with a stride within the kernel.
fn is_plain_same(kernel_size: [u64; 2], stride: [u64; 2], dilation: [u64; 2]) -> bool {
    dilation == [1, 1] && stride[0] <= kernel_size[0] && stride[1] <= kernel_size[1]
}

fn weights(graph: &mut Graph, snippet: &Snippet<'_>, shape: &[u64; 4], n_biases: Option<u64>) {
    let w = &mut graph.w;
    w.given("weights", "weight", Numbers { shape, data: snippet.weight() }, &FORM, rand);
    graph.constants.push("weight");
    if let Some(n_biases) = n_biases {
        let bias = Numbers { shape: &[n_biases], data: snippet.bias() };
        w.given("bias", "bias", bias, &FORM, rand);
        graph.constants.push("bias");
    }
    graph.w.blank();
}

fn strides(stride: [u64; 2], dilation: [u64; 2]) -> Vec<String> {
    let mut attributes = vec![named("strides", &list(&stride))];
    if dilation != [1, 1] {
        attributes.push(named("dilations", &list(&dilation)));
    }
    attributes
}

fn push_pads(attributes: &mut Vec<String>, pads: Pads) {
    if pads != Pads::default() {
        attributes.push(named("pads", &list(&pads.sides())));
    }
}

fn push_group(attributes: &mut Vec<String>, groups: u64) {
    if groups > 1 {
        attributes.push(named("group", &groups.to_string()));
    }
}

fn quoted(name: &str) -> String {
    joined(&["\"", name, "\""], "")
}

/// `["x", "weight"]`
fn names(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    joined(&["[", &joined(&names, ", "), "]"], "")
}
