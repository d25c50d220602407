//! What a node of a graph does, in PyTorch's words.

use super::Shape;
use crate::activation::Activation;
use crate::adaptive::AdaptivePool2d;
use crate::layer::Layer;
use crate::linear::LinearParams;
use crate::padding::PaddingMode;

/// An operation of a graph. Negative axes count from the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// What the graph is given, NCHW for pictures.
    Input(Shape),
    /// A learned tensor that enters as it is, such as a layer's scale. Counted as parameters alone.
    Parameter(Shape),
    /// A convolution, transposed convolution or pool over a map NCHW.
    Layer(Layer),
    /// A pool with a given number of windows; of one window for a global pool.
    AdaptivePool(AdaptivePool2d, PoolKind),
    /// A fully connected layer over the last axis.
    Linear(LinearParams),
    /// A normalisation, as in inference.
    Norm(Norm),
    /// A function of each number by itself.
    Pointwise(Pointwise),
    /// Numbers that add up to 1 along an axis.
    Softmax(i64),
    /// The inputs combined element by element; sizes of 1 are repeated.
    Arithmetic(Arithmetic),
    /// The inputs one after the other along an axis.
    Concat(i64),
    /// So many parts along an axis, the last one shorter where they do not divide it: `torch.chunk`.
    Chunk {
        /// How many parts at most.
        chunks: u64,
        /// The axis that is cut.
        axis: i64,
    },
    /// Parts of stated sizes along an axis: `torch.split`.
    Split {
        /// The sizes, which add up to the axis.
        sizes: Vec<u64>,
        /// The axis that is cut.
        axis: i64,
    },
    /// One part of a chunk or split.
    Item(i64),
    /// Cells around a map NCHW; negative ones are taken away.
    Pad {
        /// `[top, left, bottom, right]`
        pads: [i64; 4],
        /// What stands in the cells that are added.
        mode: PaddingMode,
    },
    /// A map NCHW of another height and width: `torch.nn.Upsample`, also for shrinking.
    Upsample(Resample),
    /// Axes `start` to `end` as one: `torch.flatten`.
    Flatten {
        /// The first axis.
        start: i64,
        /// The last axis.
        end: i64,
    },
    /// The same elements in another shape: `view` and `reshape`.
    Reshape(Vec<Size>),
    /// The axes in another order.
    Permute(Vec<i64>),
    /// Two axes changing places.
    Transpose(i64, i64),
    /// The mean along some axes; all of them where none is named.
    Mean {
        /// The axes that are taken together.
        axes: Vec<i64>,
        /// Whether they stay, with size 1.
        keepdim: bool,
    },
    /// Channels of a map NCHW interleaved between groups: view, transpose and view in one.
    ChannelShuffle(u64),
    /// An operator that nobody here knows. Its shape may be, and then sizes go on behind it; fields do not.
    Unknown {
        /// Its name where it came from.
        operator: String,
        /// The shape of its output, if that is known.
        shape: Option<Shape>,
    },
}

/// How an adaptive pool makes one number of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolKind {
    /// The mean.
    Average,
    /// The largest.
    Max,
}

/// A normalisation. Statistics over a whole map are not followed by fields, as in every tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Norm {
    /// By the running statistics of each channel: a multiplication and an addition in inference.
    Batch {
        /// The channels.
        features: u64,
        /// Whether scale and shift are learned.
        affine: bool,
        /// Whether there are running statistics: two numbers a channel and one count, as buffers.
        tracked: bool,
    },
    /// By the statistics of the last axes of each input.
    Layer {
        /// The sizes of those axes.
        shape: Shape,
        /// Whether a scale is learned.
        scale: bool,
        /// Whether a shift is learned.
        shift: bool,
    },
    /// The same as a function, whose scale and shift, if any, are inputs.
    LayerOf,
    /// By the statistics of groups of channels; of one channel each for instance norm.
    Group {
        /// The groups.
        groups: u64,
        /// The channels.
        features: u64,
        /// Whether scale and shift are learned.
        affine: bool,
    },
    /// By the neighbouring channels: AlexNet's and GoogLeNet's local response.
    LocalResponse,
}

/// A function of each number by itself, which leaves shapes and fields as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pointwise {
    /// One that can be computed here.
    Activation(Activation),
    /// One by its name: ReLU6, GELU, Hardswish, Hardsigmoid, ...
    Named(String),
    /// Nothing in inference.
    Dropout,
    /// Nothing in inference: drops whole branches in training.
    StochasticDepth,
    /// Nothing but a copy in another order of memory.
    Contiguous,
}

/// How inputs are combined element by element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// Their sum: where branches of a residual net meet.
    Add,
    /// The first less the others.
    Subtract,
    /// Their product: where gates act.
    Multiply,
    /// The first over the others.
    Divide,
}

/// Another height and width for a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resample {
    /// How large it becomes.
    pub size: ResampleSize,
    /// What a cell of it is made of.
    pub mode: ResampleMode,
}

/// How large a resampled map becomes. Pairs are `[vertical, horizontal]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResampleSize {
    /// Height and width.
    To([u64; 2]),
    /// So many times as large, as `[numerator, denominator]`, rounded down.
    By([[u64; 2]; 2]),
}

/// What a cell of a resampled map is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResampleMode {
    /// The cell at `floor(position * input_len / output_len)`: `nearest`.
    Nearest,
    /// The two cells on either side of `(position + 0.5) * input_len / output_len - 0.5`: `bilinear`.
    Bilinear,
    /// The two on either side of `position * (input_len - 1) / (output_len - 1)`: `align_corners=True`.
    BilinearAligned,
}

/// One size of a new shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// A number.
    Fixed(u64),
    /// That of an axis of the input, such as `x.size(0)`.
    Of(u64),
    /// Whatever is left; -1 in PyTorch. At most one.
    Rest,
}
