//! Writes a network down, layer by layer, behind wherever one stands.
//!
//! Sizes are constants of published networks, so that a layer that cannot be is a mistake in this folder; the
//! tests of the folder build every network.

use crate::activation::Activation;
use crate::adaptive::AdaptivePool2d;
use crate::auto_pad::AutoPad;
use crate::conv_transpose2d::{ConvTranspose2dOptions, ConvTranspose2dParams};
use crate::conv2d::{Conv2dOptions, Conv2dParams, Padding2d, Pads};
use crate::graph::{Arithmetic, Graph, NodeId, Norm, Op, Pointwise, PoolKind, Shape, Value};
use crate::layer::Layer;
use crate::linear::LinearParams;
use crate::padding::PaddingMode;
use crate::pool::{AvgDivisor, Pool2dOptions, Pool2dParams, PoolRounding};

const CONSTANTS: &str = "the sizes of a published network go together";

/// A window as networks state it: a square kernel, stride 1, no padding, unless told otherwise.
#[derive(Clone, Copy)]
pub(super) struct Window {
    kernel_size: [u64; 2],
    stride: u64,
    dilation: u64,
    pads: [u64; 2],
    ceil: bool,
}

/// A square window.
pub(super) fn window(kernel_size: u64) -> Window {
    wide(kernel_size, kernel_size)
}

/// A window of unequal sides.
pub(super) fn wide(rows: u64, columns: u64) -> Window {
    Window { kernel_size: [rows, columns], stride: 1, dilation: 1, pads: [0, 0], ceil: false }
}

impl Window {
    pub(super) fn stride(self, stride: u64) -> Self {
        Self { stride, ..self }
    }

    pub(super) fn pad(self, pad: u64) -> Self {
        Self { pads: [pad; 2], ..self }
    }

    pub(super) fn dilation(self, dilation: u64) -> Self {
        Self { dilation, ..self }
    }

    /// Padding on both sides that keeps the size at stride 1, for odd kernels.
    pub(super) fn same(self) -> Self {
        Self { pads: self.kernel_size.map(|size| self.dilation * (size - 1) / 2), ..self }
    }

    /// Sizes rounded up, for pools.
    pub(super) fn ceil(self) -> Self {
        Self { ceil: true, ..self }
    }

    fn pads(self) -> Pads {
        let [vertical, horizontal] = self.pads;
        Pads { top: vertical, bottom: vertical, left: horizontal, right: horizontal }
    }

    fn pool(self) -> Pool2dParams {
        let rounding = if self.ceil { PoolRounding::Ceil } else { PoolRounding::Floor };
        let options = Pool2dOptions {
            kernel_size: self.kernel_size,
            stride: [self.stride; 2],
            dilation: [self.dilation; 2],
            padding: AutoPad::Explicit(self.pads()),
            rounding,
        };
        Pool2dParams::new(options).expect(CONSTANTS)
    }
}

/// A network that is being written down, and the node behind which the next layer goes.
pub(super) struct Builder {
    graph: Graph,
    at: NodeId,
    /// Channels, or features behind a flatten, of each node.
    channels: Vec<u64>,
}

impl Builder {
    pub(super) fn new(input: [u64; 4]) -> Self {
        let mut graph = Graph::new();
        let at = graph.push("input", Op::Input(input.into()), &[]).expect("an input reads nothing");
        Self { graph, at, channels: vec![input[1]] }
    }

    pub(super) fn finish(self) -> Graph {
        self.graph
    }

    /// Where one stands.
    pub(super) fn here(&self) -> NodeId {
        self.at
    }

    /// Goes on behind another node.
    pub(super) fn go_to(&mut self, at: NodeId) -> &mut Self {
        self.at = at;
        self
    }

    /// Channels where one stands.
    pub(super) fn width(&self) -> u64 {
        self.channels[self.at.index()]
    }

    fn push(&mut self, name: &str, op: Op, inputs: &[NodeId], channels: u64) -> &mut Self {
        self.at = self.graph.push(name, op, inputs).expect("nodes are those of this graph");
        self.channels.push(channels);
        self
    }

    fn layer(&mut self, name: &str, op: Op, channels: u64) -> &mut Self {
        self.push(name, op, &[self.at], channels)
    }

    fn conv_of(
        &mut self,
        name: &str,
        out_channels: u64,
        window: Window,
        groups: u64,
        bias: bool,
    ) -> &mut Self {
        let options = Conv2dOptions {
            in_channels: self.width(),
            out_channels,
            kernel_size: window.kernel_size,
            stride: [window.stride; 2],
            dilation: [window.dilation; 2],
            padding: Padding2d::Explicit(window.pads()),
            groups,
            bias,
            ..Default::default()
        };
        let params = Conv2dParams::new(options).expect(CONSTANTS);
        self.layer(name, Op::Layer(Layer::Conv2d(params)), out_channels)
    }

    /// A convolution with biases.
    pub(super) fn conv(&mut self, name: &str, out_channels: u64, window: Window) -> &mut Self {
        self.conv_of(name, out_channels, window, 1, true)
    }

    /// A convolution without biases.
    pub(super) fn plain(&mut self, name: &str, out_channels: u64, window: Window) -> &mut Self {
        self.conv_of(name, out_channels, window, 1, false)
    }

    /// A convolution of each channel by itself, without biases.
    pub(super) fn depthwise(&mut self, name: &str, window: Window) -> &mut Self {
        let channels = self.width();
        self.conv_of(name, channels, window, channels, false)
    }

    /// A transposed convolution with biases that doubles the size: kernel 2, stride 2.
    pub(super) fn doubled(&mut self, name: &str, out_channels: u64) -> &mut Self {
        let options = ConvTranspose2dOptions {
            in_channels: self.width(),
            out_channels,
            kernel_size: [2, 2],
            stride: [2, 2],
            bias: true,
            ..Default::default()
        };
        let params = ConvTranspose2dParams::new(options).expect(CONSTANTS);
        self.layer(name, Op::Layer(Layer::ConvTranspose2d(params)), out_channels)
    }

    pub(super) fn norm(&mut self, name: &str) -> &mut Self {
        let features = self.width();
        self.layer(name, Op::Norm(Norm::Batch { features, affine: true, tracked: true }), features)
    }

    pub(super) fn local_response(&mut self, name: &str) -> &mut Self {
        let channels = self.width();
        self.layer(name, Op::Norm(Norm::LocalResponse), channels)
    }

    pub(super) fn activation(&mut self, activation: Activation) -> &mut Self {
        self.same(Pointwise::Activation(activation))
    }

    pub(super) fn relu(&mut self) -> &mut Self {
        self.activation(Activation::Relu)
    }

    pub(super) fn relu6(&mut self) -> &mut Self {
        self.same(Pointwise::Named("ReLU6".to_owned()))
    }

    pub(super) fn dropout(&mut self) -> &mut Self {
        self.same(Pointwise::Dropout)
    }

    fn same(&mut self, function: Pointwise) -> &mut Self {
        let name = match &function {
            Pointwise::Activation(activation) => format!("{activation:?}").to_lowercase(),
            Pointwise::Named(name) => name.to_lowercase(),
            _ => "dropout".to_owned(),
        };
        let channels = self.width();
        self.layer(&name, Op::Pointwise(function), channels)
    }

    pub(super) fn max_pool(&mut self, name: &str, window: Window) -> &mut Self {
        let channels = self.width();
        self.layer(name, Op::Layer(Layer::MaxPool2d(window.pool())), channels)
    }

    pub(super) fn avg_pool(&mut self, name: &str, window: Window) -> &mut Self {
        let channels = self.width();
        let layer = Layer::AvgPool2d(window.pool(), AvgDivisor::CountIncludePad);
        self.layer(name, Op::Layer(layer), channels)
    }

    pub(super) fn adaptive_pool(&mut self, name: &str, size: i64) -> &mut Self {
        let channels = self.width();
        let pool = AdaptivePool2d::new([size, size]).expect(CONSTANTS);
        self.layer(name, Op::AdaptivePool(pool, PoolKind::Average), channels)
    }

    /// Everything as one row of features, of a map of so many rows and columns.
    pub(super) fn flatten(&mut self) -> &mut Self {
        let analysis = self.graph.analyse();
        let shape = analysis.value(self.at).ok().and_then(Value::tensor).and_then(Shape::nchw);
        let [_, channels, height, width] = shape.expect("a map is flattened");
        self.layer("flatten", Op::Flatten { start: 1, end: -1 }, channels * height * width)
    }

    pub(super) fn linear(&mut self, name: &str, out_features: u64) -> &mut Self {
        let params = LinearParams::new(self.width(), out_features, true).expect(CONSTANTS);
        self.layer(name, Op::Linear(params), out_features)
    }

    /// The sum with another node.
    pub(super) fn add(&mut self, name: &str, other: NodeId) -> &mut Self {
        let channels = self.width();
        self.push(name, Op::Arithmetic(Arithmetic::Add), &[self.at, other], channels)
    }

    /// The channels of several nodes, one after the other.
    pub(super) fn concat(&mut self, name: &str, nodes: &[NodeId]) -> &mut Self {
        let channels = nodes.iter().map(|node| self.channels[node.index()]).sum();
        self.push(name, Op::Concat(1), nodes, channels)
    }

    /// So many cells less on every side.
    pub(super) fn crop(&mut self, name: &str, cells: i64) -> &mut Self {
        let channels = self.width();
        self.layer(name, Op::Pad { pads: [-cells; 4], mode: PaddingMode::Zeros }, channels)
    }
}
