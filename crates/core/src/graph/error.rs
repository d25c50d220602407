//! Why a layer of a graph is impossible, with the numbers in it.

use super::{NodeId, Shape};
use crate::error::ConvError;
use std::fmt;

/// Why a node has no output.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LayerError {
    /// The layer's own sizes, or these and its input's, do not go together.
    Sizes(ConvError),
    /// The layer takes another number of inputs.
    InputCount {
        /// How many it takes; the least for one that takes several.
        expected: u64,
        /// How many it was given.
        got: u64,
    },
    /// The layer takes a tensor of another number of axes.
    Rank {
        /// How many axes it takes.
        expected: u64,
        /// The input's shape.
        got: Shape,
    },
    /// A list where a tensor is needed, or the other way round.
    List {
        /// Whether the layer takes lists.
        expected: bool,
    },
    /// Two inputs that are combined element by element differ where neither size is 1.
    Broadcast {
        /// The shape so far.
        left: Shape,
        /// That of the input which does not fit.
        right: Shape,
    },
    /// Two inputs that are put together differ along another axis.
    Concat {
        /// The axis along which they are put together.
        axis: u64,
        /// The first input's shape.
        left: Shape,
        /// That of the input which does not fit.
        right: Shape,
    },
    /// A list has no such item.
    Item {
        /// The item asked for; negative ones count from the end.
        item: i64,
        /// How many there are.
        len: u64,
    },
    /// The parts of a split do not add up to the axis.
    Split {
        /// The sum of the parts.
        parts: u64,
        /// The size of the axis.
        size: u64,
    },
    /// The elements cannot be arranged in the new shape.
    Reshape {
        /// The input's shape.
        from: Shape,
        /// The elements that the stated sizes make.
        to: u64,
    },
    /// An axis is named twice, or one is missing.
    Axes {
        /// How many different axes are named.
        named: u64,
        /// How many there are.
        rank: u64,
    },
    /// The normalised sizes are not the last ones of the input.
    Normalized {
        /// What the layer normalises.
        expected: Shape,
        /// The input's shape.
        got: Shape,
    },
    /// Padding takes more cells away than there are, or an axis would grow too long. In cells.
    Crop {
        /// Cells of the axis.
        input_len: u64,
        /// Cells added before; negative ones are taken away.
        before: i64,
        /// Cells added after; negative ones are taken away.
        after: i64,
    },
    /// Nobody here knows what this operator does.
    Unknown {
        /// Its name where it came from.
        operator: String,
    },
    /// An earlier layer, which this one needs, is impossible.
    Blocked {
        /// The first such layer.
        by: NodeId,
    },
}

impl From<ConvError> for LayerError {
    fn from(error: ConvError) -> Self {
        Self::Sizes(error)
    }
}

impl fmt::Display for LayerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sizes(error) => error.fmt(f),
            Self::InputCount { expected, got } => {
                write!(f, "the layer takes {expected} inputs, but is given {got}")
            }
            Self::Rank { expected, got } => {
                write!(f, "the layer takes {expected} axes, the input has {} in {got}", got.rank())
            }
            Self::List { expected: true } => write!(f, "an item is taken of a tensor that was not split"),
            Self::List { expected: false } => write!(f, "the layer takes one tensor, not the parts of one"),
            Self::Broadcast { left, right } => {
                write!(f, "shapes {left} and {right} cannot be combined element by element")
            }
            Self::Concat { axis, left, right } => {
                write!(f, "shapes {left} and {right} cannot be put together along axis {axis}")
            }
            Self::Item { item, len } => write!(f, "there is no item {item} among {len}"),
            Self::Split { parts, size } => {
                write!(f, "the parts of the split add up to {parts}, the axis has {size}")
            }
            Self::Reshape { from, to } => {
                write!(f, "the elements of {from} cannot be arranged in a shape of {to}")
            }
            Self::Axes { named, rank } => {
                write!(f, "{named} different axes are named of a tensor of {rank}")
            }
            Self::Normalized { expected, got } => {
                write!(f, "the layer normalises {expected}, which the input {got} does not end with")
            }
            Self::Crop { input_len, before, after } => {
                write!(f, "padding of {before} and {after} leaves no axis of {input_len} cells")
            }
            Self::Unknown { operator } => write!(f, "the operator {operator} is not known"),
            Self::Blocked { by } => write!(f, "layer {} before it is impossible", by.index()),
        }
    }
}

impl std::error::Error for LayerError {}
