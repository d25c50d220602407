//! Writes a graph down.

use super::{ACTIVATIONS, is_plain};
use crate::activation::Activation;
use crate::auto_pad::AutoPad;
use crate::conv_transpose2d::ConvTranspose2dOptions;
use crate::conv2d::Conv2dOptions;
use crate::graph::known::Known;
use crate::graph::{
    Arithmetic, Graph, Node, Norm, Op, Pointwise, PoolKind, Resample, ResampleMode, ResampleSize, Shape, Size,
};
use crate::layer::Layer;
use crate::padding::{Padding2d, PaddingMode, Pads};
use crate::pool::{AvgDivisor, Pool2dOptions, PoolRounding};
use std::fmt::{Display, Write};

/// Whether names are written as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Where there are any.
    Kept,
    /// None, as in links.
    Left,
}

/// The text of a graph: [`read`](super::read()) gives the graph back, but for names that are left out.
pub fn write(graph: &Graph, names: Names) -> String {
    let known = Known::all(graph);
    let mut text = Text(String::new());
    for (index, node) in graph.nodes().iter().enumerate() {
        if index > 0 {
            text.put(".");
        }
        let before = node.inputs.first().map(|input| &known[input.index()]);
        text.op(&node.op, before);
        text.inputs(node, index);
        if names == Names::Kept && !node.name.is_empty() {
            text.put(":");
            text.name(&node.name);
        }
    }
    text.0
}

struct Text(String);

impl Text {
    fn put(&mut self, what: impl Display) {
        // Writing into a string cannot fail.
        let _ = write!(self.0, "{what}");
    }

    fn tagged(&mut self, letter: char, what: impl Display, default: bool) {
        if !default {
            self.put(letter);
            self.put(what);
        }
    }

    fn flag(&mut self, letter: char, set: bool) {
        if set {
            self.put(letter);
        }
    }

    fn pair(&mut self, letter: char, pair: [u64; 2], default: [u64; 2]) {
        if pair != default {
            self.put(letter);
            self.sizes(pair);
        }
    }

    fn sizes(&mut self, [vertical, horizontal]: [u64; 2]) {
        self.put(vertical);
        self.tagged('x', horizontal, vertical == horizontal);
    }

    fn list<T: Display>(&mut self, items: &[T]) {
        if items.is_empty() {
            self.put("x");
        }
        for (index, item) in items.iter().enumerate() {
            self.flag('x', index > 0);
            self.put(item);
        }
    }

    fn shape(&mut self, shape: &Shape) {
        self.list(shape.sizes());
    }

    fn name(&mut self, name: &str) {
        if name.bytes().all(is_plain) && !name.is_empty() {
            self.put(name);
        } else {
            self.put('\'');
            self.put(name.replace('\'', "''"));
            self.put('\'');
        }
    }

    fn inputs(&mut self, node: &Node, index: usize) {
        let source = matches!(node.op, Op::Input(_) | Op::Parameter(_));
        let is_default = match node.inputs.as_slice() {
            [] => source || index == 0,
            [only] => !source && only.index() + 1 == index,
            _ => false,
        };
        if is_default {
            return;
        }
        self.put("_");
        for (place, input) in node.inputs.iter().enumerate() {
            self.flag(',', place > 0);
            self.put(index - input.index());
        }
    }

    fn op(&mut self, op: &Op, before: Option<&Known>) {
        let channels = before.and_then(Known::channels);
        match op {
            Op::Input(shape) => {
                self.put("i");
                self.shape(shape);
            }
            Op::Parameter(shape) => {
                self.put("w");
                self.shape(shape);
            }
            Op::Layer(Layer::Conv2d(params)) => self.conv(params.options(), channels),
            Op::Layer(Layer::ConvTranspose2d(params)) => self.transposed(params.options(), channels),
            Op::Layer(Layer::MaxPool2d(params)) => {
                self.put("m");
                self.pool(params.options());
            }
            Op::Layer(Layer::AvgPool2d(params, divisor)) => {
                self.put("a");
                self.pool(params.options());
                match divisor {
                    AvgDivisor::CountIncludePad => {}
                    AvgDivisor::CountInside => self.put("e"),
                    AvgDivisor::Fixed(divisor) => self.tagged('f', divisor, false),
                }
            }
            Op::Layer(Layer::LpPool2d(params, exponent)) => {
                self.tagged('l', exponent, false);
                self.pool(params.options());
            }
            Op::AdaptivePool(pool, kind) => {
                self.put(if *kind == PoolKind::Average { "A" } else { "M" });
                if pool.output_size() != [1, 1] {
                    self.sizes(pool.output_size());
                }
            }
            Op::Linear(params) => {
                let known = before.and_then(Known::features);
                self.tagged('f', params.out_features(), false);
                self.tagged('i', params.in_features(), known == Some(params.in_features()));
                self.flag('n', !params.bias());
            }
            Op::Norm(norm) => self.norm(norm, before),
            Op::Pointwise(function) => self.pointwise(function),
            Op::Softmax(axis) => self.tagged('s', axis, false),
            Op::Arithmetic(arithmetic) => self.put(match arithmetic {
                Arithmetic::Add => "ja",
                Arithmetic::Subtract => "js",
                Arithmetic::Multiply => "jm",
                Arithmetic::Divide => "jd",
            }),
            Op::Concat(axis) => {
                self.put("q");
                if *axis != 1 {
                    self.put(axis);
                }
            }
            Op::Chunk { chunks, axis } => {
                self.tagged('h', chunks, false);
                self.tagged('a', axis, *axis == 1);
            }
            Op::Split { sizes, axis } => {
                self.put("H");
                self.list(sizes);
                self.tagged('a', axis, *axis == 1);
            }
            Op::Item(item) => self.tagged('g', item, false),
            Op::Pad { pads, mode } => {
                self.put("p");
                self.sides(*pads);
                self.mode(*mode);
            }
            Op::Upsample(resample) => self.upsample(resample),
            Op::Flatten { start, end } => {
                self.put("F");
                if [*start, *end] != [1, -1] {
                    self.list(&[start, end]);
                }
            }
            Op::Reshape(sizes) => {
                self.put("v");
                self.flag('x', sizes.is_empty());
                for (index, size) in sizes.iter().enumerate() {
                    self.flag('x', index > 0);
                    match size {
                        Size::Fixed(size) => self.put(size),
                        Size::Of(axis) => self.tagged('o', axis, false),
                        Size::Rest => self.put("r"),
                    }
                }
            }
            Op::Permute(axes) => {
                self.put("P");
                self.list(axes);
            }
            Op::Transpose(a, b) => {
                self.put("T");
                self.list(&[a, b]);
            }
            Op::Mean { axes, keepdim } => {
                self.put("E");
                self.list(axes);
                self.flag('k', *keepdim);
            }
            Op::ChannelShuffle(groups) => self.tagged('S', groups, false),
            Op::Unknown { operator, shape } => {
                self.put("U");
                self.name(operator);
                if let Some(shape) = shape {
                    self.put("~");
                    self.shape(shape);
                }
            }
        }
    }

    fn conv(&mut self, options: &Conv2dOptions, channels: Option<u64>) {
        self.tagged('c', options.out_channels, false);
        self.window([options.kernel_size, options.stride, options.dilation], [1, 1]);
        match options.padding {
            Padding2d::Valid => self.put("pv"),
            Padding2d::Same => self.put("ps"),
            Padding2d::Full => self.put("pf"),
            Padding2d::Explicit(pads) => self.pads(pads),
        }
        self.mode(options.padding_mode);
        self.channels([options.in_channels, options.groups], channels);
        self.flag('n', !options.bias);
    }

    fn transposed(&mut self, options: &ConvTranspose2dOptions, channels: Option<u64>) {
        self.tagged('t', options.out_channels, false);
        self.window([options.kernel_size, options.stride, options.dilation], [1, 1]);
        self.auto_pad(options.padding);
        self.pair('o', options.output_padding, [0, 0]);
        if let Some(size) = options.output_size {
            self.put("z");
            self.sizes(size);
        }
        self.channels([options.in_channels, options.groups], channels);
        self.flag('n', !options.bias);
    }

    fn pool(&mut self, options: &Pool2dOptions) {
        let sizes = [options.kernel_size, options.stride, options.dilation];
        self.window(sizes, options.kernel_size);
        self.auto_pad(options.padding);
        match options.rounding {
            PoolRounding::Floor => {}
            PoolRounding::Ceil => self.put("u"),
            PoolRounding::CeilKeepLast => self.put("w"),
        }
    }

    fn window(&mut self, [kernel, stride, dilation]: [[u64; 2]; 3], usual_stride: [u64; 2]) {
        self.pair('k', kernel, [1, 1]);
        self.pair('s', stride, usual_stride);
        self.pair('d', dilation, [1, 1]);
    }

    fn auto_pad(&mut self, padding: AutoPad) {
        match padding {
            AutoPad::Explicit(pads) => self.pads(pads),
            AutoPad::Valid => self.put("pv"),
            AutoPad::SameUpper => self.put("pu"),
            AutoPad::SameLower => self.put("pl"),
        }
    }

    fn pads(&mut self, pads: Pads) {
        if pads != Pads::default() {
            self.put("p");
            self.sides([pads.top, pads.left, pads.bottom, pads.right]);
        }
    }

    fn sides<T: Display + PartialEq + Copy>(&mut self, [top, left, bottom, right]: [T; 4]) {
        self.put(top);
        if [top, left] != [bottom, right] {
            [left, bottom, right].iter().for_each(|side| self.tagged(',', side, false));
        } else {
            self.tagged('x', left, left == top);
        }
    }

    fn mode(&mut self, mode: PaddingMode) {
        match mode {
            PaddingMode::Zeros => {}
            PaddingMode::Reflect => self.put("mr"),
            PaddingMode::Replicate => self.put("me"),
            PaddingMode::Circular => self.put("mc"),
        }
    }

    fn channels(&mut self, [in_channels, groups]: [u64; 2], known: Option<u64>) {
        self.tagged('i', in_channels, known == Some(in_channels));
        match groups {
            1 => {}
            depthwise if depthwise == in_channels => self.put("g"),
            groups => self.tagged('g', groups, false),
        }
    }

    fn norm(&mut self, norm: &Norm, before: Option<&Known>) {
        let channels = before.and_then(Known::channels);
        match norm {
            Norm::Batch { features, affine, tracked } => {
                self.put("b");
                self.tagged('i', features, channels == Some(*features));
                self.flag('n', !affine);
                self.flag('t', !tracked);
            }
            Norm::Group { groups, features, affine } => {
                self.tagged('G', groups, false);
                self.tagged('i', features, channels == Some(*features));
                self.flag('n', !affine);
            }
            Norm::Layer { shape, scale, shift } => {
                self.put("L");
                let usual = before.and_then(Known::features).map(|features| Shape::from([features]));
                if usual.as_ref() != Some(shape) {
                    self.shape(shape);
                }
                self.flag('n', !scale);
                self.flag('h', !shift);
            }
            Norm::LayerOf => self.put("O"),
            Norm::LocalResponse => self.put("R"),
        }
    }

    fn pointwise(&mut self, function: &Pointwise) {
        match function {
            Pointwise::Activation(Activation::Relu) => self.put("r"),
            Pointwise::Activation(activation) => {
                let named = ACTIVATIONS.iter().find(|(known, _)| known == activation);
                self.tagged('e', named.map_or("identity", |(_, name)| name), false);
            }
            Pointwise::Named(name) => {
                self.put("n");
                self.name(name);
            }
            Pointwise::Dropout => self.put("d"),
            Pointwise::StochasticDepth => self.put("D"),
            Pointwise::Contiguous => self.put("k"),
        }
    }

    fn upsample(&mut self, resample: &Resample) {
        self.put("u");
        match resample.size {
            ResampleSize::To(size) => self.sizes(size),
            ResampleSize::By([rows, columns]) => {
                self.put("b");
                self.factor(rows);
                if rows != columns {
                    self.put("x");
                    self.factor(columns);
                }
            }
        }
        match resample.mode {
            ResampleMode::Nearest => {}
            ResampleMode::Bilinear => self.put("l"),
            ResampleMode::BilinearAligned => self.put("a"),
        }
    }

    fn factor(&mut self, [numerator, denominator]: [u64; 2]) {
        self.put(numerator);
        self.tagged('o', denominator, denominator == 1);
    }
}
