//! Kinds of layers that a reader can choose, and what each layer is called.

use convscope_core::graph::{
    Arithmetic, Norm, Op, Pointwise, PoolKind, Resample, ResampleMode, ResampleSize, Shape,
};
use convscope_core::{
    Activation, AdaptivePool2d, AutoPad, AvgDivisor, Conv2dOptions, Conv2dParams, ConvTranspose2dOptions,
    ConvTranspose2dParams, Layer, LinearParams, Padding2d, PaddingMode, Pads, Pool2dOptions, Pool2dParams,
    PoolRounding,
};

/// A kind of layer that can be chosen. Graphs may hold others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A convolution.
    Conv,
    /// A transposed convolution.
    Transposed,
    /// The largest value of each window.
    MaxPool,
    /// The mean of each window.
    AvgPool,
    /// A pool with a given number of windows.
    AdaptivePool,
    /// A larger map, or a smaller one.
    Upsample,
    /// Cells around a map.
    Pad,
    /// A normalisation by the statistics of each channel.
    BatchNorm,
    /// max(0, x)
    Relu,
    /// Nothing in inference.
    Dropout,
    /// The sum of branches.
    Add,
    /// The product of branches.
    Multiply,
    /// The channels of branches, one after the other.
    Concat,
    /// All axes but the first as one.
    Flatten,
    /// A fully connected layer.
    Linear,
}

/// What a window keeps when it becomes another kind of layer.
struct Window {
    kernel_size: [u64; 2],
    stride: [u64; 2],
    dilation: [u64; 2],
    pads: Pads,
    filters: Option<u64>,
}

impl Kind {
    /// Every kind, in the order of the list on the page.
    pub const ALL: &[Self] = &[
        Self::Conv,
        Self::MaxPool,
        Self::AvgPool,
        Self::AdaptivePool,
        Self::Transposed,
        Self::Upsample,
        Self::Pad,
        Self::BatchNorm,
        Self::Relu,
        Self::Dropout,
        Self::Add,
        Self::Multiply,
        Self::Concat,
        Self::Flatten,
        Self::Linear,
    ];

    /// Its name for the page's own use: a value in a list of choices.
    pub fn name(self) -> &'static str {
        match self {
            Self::Conv => "conv",
            Self::Transposed => "transposed",
            Self::MaxPool => "max",
            Self::AvgPool => "average",
            Self::AdaptivePool => "adaptive",
            Self::Upsample => "upsample",
            Self::Pad => "pad",
            Self::BatchNorm => "norm",
            Self::Relu => "relu",
            Self::Dropout => "dropout",
            Self::Add => "add",
            Self::Multiply => "multiply",
            Self::Concat => "concat",
            Self::Flatten => "flatten",
            Self::Linear => "linear",
        }
    }

    /// The kind of a [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// What a reader sees.
    pub fn label(self) -> &'static str {
        match self {
            Self::Conv => "Conv",
            Self::Transposed => "Transposed conv",
            Self::MaxPool => "Max pool",
            Self::AvgPool => "Average pool",
            Self::AdaptivePool => "Adaptive pool",
            Self::Upsample => "Upsample",
            Self::Pad => "Pad",
            Self::BatchNorm => "Batch norm",
            Self::Relu => "ReLU",
            Self::Dropout => "Dropout",
            Self::Add => "Add",
            Self::Multiply => "Multiply",
            Self::Concat => "Concat",
            Self::Flatten => "Flatten",
            Self::Linear => "Linear",
        }
    }

    /// Whether it may read several layers.
    pub fn joins(self) -> bool {
        matches!(self, Self::Add | Self::Multiply | Self::Concat)
    }

    /// The kind of an operation; `None` for one that cannot be chosen.
    pub fn of(op: &Op) -> Option<Self> {
        Some(match op {
            Op::Layer(Layer::Conv2d(_)) => Self::Conv,
            Op::Layer(Layer::ConvTranspose2d(_)) => Self::Transposed,
            Op::Layer(Layer::MaxPool2d(_)) => Self::MaxPool,
            Op::Layer(Layer::AvgPool2d(..)) => Self::AvgPool,
            Op::AdaptivePool(_, PoolKind::Average) => Self::AdaptivePool,
            Op::Upsample(_) => Self::Upsample,
            Op::Pad { .. } => Self::Pad,
            Op::Norm(Norm::Batch { .. }) => Self::BatchNorm,
            Op::Pointwise(Pointwise::Activation(Activation::Relu)) => Self::Relu,
            Op::Pointwise(Pointwise::Dropout) => Self::Dropout,
            Op::Arithmetic(Arithmetic::Add) => Self::Add,
            Op::Arithmetic(Arithmetic::Multiply) => Self::Multiply,
            Op::Concat(1) => Self::Concat,
            Op::Flatten { start: 1, end: -1 } => Self::Flatten,
            Op::Linear(_) => Self::Linear,
            _ => return None,
        })
    }

    /// A layer of this kind, with what another has of the same settings, behind so many channels.
    pub(super) fn op(self, old: Option<&Op>, channels: Option<u64>) -> Op {
        let usual = match self {
            Self::MaxPool | Self::AvgPool => [2, 2, 0],
            Self::Transposed => [2, 2, 0],
            _ => [3, 1, 1],
        };
        let window = old.and_then(Window::of).unwrap_or_else(|| Window::square(usual));
        let filters = window.filters.or(channels).unwrap_or(1).max(1);
        match self {
            Self::Conv => {
                let options = Conv2dOptions {
                    in_channels: channels.unwrap_or(1),
                    out_channels: filters,
                    kernel_size: window.kernel_size,
                    stride: window.stride,
                    dilation: window.dilation,
                    padding: Padding2d::Explicit(window.pads),
                    bias: true,
                    ..Default::default()
                };
                Conv2dParams::new(options).map_or(RELU, |params| Op::Layer(Layer::Conv2d(params)))
            }
            Self::Transposed => {
                let options = ConvTranspose2dOptions {
                    in_channels: channels.unwrap_or(1),
                    out_channels: filters,
                    kernel_size: window.kernel_size,
                    stride: window.stride,
                    dilation: window.dilation,
                    padding: AutoPad::Explicit(window.pads),
                    bias: true,
                    ..Default::default()
                };
                ConvTranspose2dParams::new(options)
                    .map_or(RELU, |params| Op::Layer(Layer::ConvTranspose2d(params)))
            }
            Self::MaxPool => window.pool().map_or(RELU, |params| Op::Layer(Layer::MaxPool2d(params))),
            Self::AvgPool => window
                .pool()
                .map_or(RELU, |params| Op::Layer(Layer::AvgPool2d(params, AvgDivisor::CountIncludePad))),
            Self::AdaptivePool => Op::AdaptivePool(AdaptivePool2d::GLOBAL, PoolKind::Average),
            Self::Upsample => Op::Upsample(Resample {
                size: ResampleSize::By([[2, 1], [2, 1]]),
                mode: ResampleMode::Nearest,
            }),
            Self::Pad => Op::Pad { pads: [1; 4], mode: PaddingMode::Zeros },
            Self::BatchNorm => {
                Op::Norm(Norm::Batch { features: channels.unwrap_or(1), affine: true, tracked: true })
            }
            Self::Relu => RELU,
            Self::Dropout => Op::Pointwise(Pointwise::Dropout),
            Self::Add => Op::Arithmetic(Arithmetic::Add),
            Self::Multiply => Op::Arithmetic(Arithmetic::Multiply),
            Self::Concat => Op::Concat(1),
            Self::Flatten => Op::Flatten { start: 1, end: -1 },
            Self::Linear => LinearParams::new(channels.unwrap_or(1), window.filters.unwrap_or(10), true)
                .map_or(RELU, Op::Linear),
        }
    }
}

/// Stands in where sizes are too large to be counted.
const RELU: Op = Op::Pointwise(Pointwise::Activation(Activation::Relu));

impl Window {
    fn square([kernel, stride, pad]: [u64; 3]) -> Self {
        let (kernel_size, stride) = ([kernel; 2], [stride; 2]);
        Self { kernel_size, stride, dilation: [1, 1], pads: Pads::all(pad), filters: None }
    }

    fn of(op: &Op) -> Option<Self> {
        let auto = |padding: AutoPad| match padding {
            AutoPad::Explicit(pads) => pads,
            _ => Pads::default(),
        };
        match op {
            Op::Layer(Layer::Conv2d(params)) => {
                let options = params.options();
                let pads = match options.padding {
                    Padding2d::Explicit(pads) => pads,
                    _ => Pads::default(),
                };
                Some(Self {
                    kernel_size: options.kernel_size,
                    stride: options.stride,
                    dilation: options.dilation,
                    pads,
                    filters: Some(options.out_channels),
                })
            }
            Op::Layer(Layer::ConvTranspose2d(params)) => {
                let options = params.options();
                Some(Self {
                    kernel_size: options.kernel_size,
                    stride: options.stride,
                    dilation: options.dilation,
                    pads: auto(options.padding),
                    filters: Some(options.out_channels),
                })
            }
            Op::Layer(
                Layer::MaxPool2d(params) | Layer::AvgPool2d(params, _) | Layer::LpPool2d(params, _),
            ) => {
                let options = params.options();
                Some(Self {
                    kernel_size: options.kernel_size,
                    stride: options.stride,
                    dilation: options.dilation,
                    pads: auto(options.padding),
                    filters: None,
                })
            }
            _ => None,
        }
    }

    fn pool(&self) -> Option<Pool2dParams> {
        let options = Pool2dOptions {
            kernel_size: self.kernel_size,
            stride: self.stride,
            dilation: self.dilation,
            padding: AutoPad::Explicit(self.pads),
            rounding: PoolRounding::Floor,
        };
        Pool2dParams::new(options).ok()
    }
}

/// What a layer does, in a word or two: `Conv`, `Depthwise conv`, `Global average pool`.
pub fn op_label(op: &Op) -> String {
    if let Op::Layer(Layer::Conv2d(params)) = op {
        let options = params.options();
        let depthwise = options.groups > 1 && options.groups == options.in_channels;
        return if depthwise { "Depthwise conv" } else { "Conv" }.into();
    }
    let label = match op {
        Op::Input(_) => "Input",
        Op::Parameter(_) => "Parameter",
        Op::Layer(Layer::LpPool2d(..)) => "Lp pool",
        Op::AdaptivePool(pool, kind) => match (pool.output_size(), kind) {
            ([1, 1], PoolKind::Average) => "Global average pool",
            ([1, 1], PoolKind::Max) => "Global max pool",
            (_, PoolKind::Average) => "Adaptive pool",
            (_, PoolKind::Max) => "Adaptive max pool",
        },
        Op::Norm(Norm::Layer { .. } | Norm::LayerOf) => "Layer norm",
        Op::Norm(Norm::Group { groups, features, .. }) if groups == features => "Instance norm",
        Op::Norm(Norm::Group { .. }) => "Group norm",
        Op::Norm(Norm::LocalResponse) => "Local response norm",
        Op::Pointwise(Pointwise::Activation(activation)) => match activation {
            Activation::Identity => "Identity",
            Activation::Relu => "ReLU",
            Activation::LeakyRelu => "Leaky ReLU",
            Activation::Sigmoid => "Sigmoid",
            Activation::Tanh => "tanh",
            Activation::Silu => "SiLU",
        },
        Op::Pointwise(Pointwise::Named(name)) => return name.clone(),
        Op::Pointwise(Pointwise::StochasticDepth) => "Stochastic depth",
        Op::Pointwise(Pointwise::Contiguous) => "Contiguous",
        Op::Softmax(_) => "Softmax",
        Op::Arithmetic(Arithmetic::Subtract) => "Subtract",
        Op::Arithmetic(Arithmetic::Divide) => "Divide",
        Op::Concat(_) => "Concat",
        Op::Chunk { .. } => "Chunk",
        Op::Split { .. } => "Split",
        Op::Item(_) => "Part",
        Op::Flatten { .. } => "Flatten",
        Op::Reshape(_) => "Reshape",
        Op::Permute(_) => "Permute",
        Op::Transpose(..) => "Transpose",
        Op::Mean { .. } => "Mean",
        Op::ChannelShuffle(_) => "Channel shuffle",
        Op::Unknown { operator, .. } => return operator.clone(),
        other => Kind::of(other).map_or("Layer", Kind::label),
    };
    label.into()
}

/// The shape of a map as rows, columns and channels: `14 × 14 × 8`; the plain sizes of any other tensor, without
/// a batch of one.
pub fn shape_text(shape: &Shape) -> String {
    let sizes = match *shape.sizes() {
        [1, channels, height, width] => vec![height, width, channels],
        [1, ref rest @ ..] if !rest.is_empty() => rest.to_vec(),
        ref all => all.to_vec(),
    };
    let sizes: Vec<String> = sizes.iter().map(u64::to_string).collect();
    crate::text::joined(&sizes, " × ")
}
