//! Why there is no effective field, with the layer and the numbers in it.

use std::fmt;

use convscope_core::ConvError;
use convscope_core::graph::{Graph, LayerError, NodeId};
use convscope_kernels::KernelError;

/// Why there is no effective field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EffectiveError {
    /// The graph has no such layer, or no input NCHW.
    Nothing {
        /// What is missing: `layer` or `picture`.
        missing: &'static str,
    },
    /// The layer has no such unit. Both `[row, column]`.
    Unit {
        /// The unit asked for.
        unit: [u64; 2],
        /// Rows and columns of the layer's map.
        size: [u64; 2],
    },
    /// A layer is impossible.
    Impossible(Layer, LayerError),
    /// A layer that nobody here can differentiate.
    NoGradient(Layer),
    /// The input does not reach the layer.
    NotReached(Layer),
    /// A layer's numbers are too large for `f32`.
    Beyond(Layer),
    /// A kernel refused.
    Kernel(Layer, KernelError),
    /// The theoretical field cannot be counted.
    Uncounted(Layer, ConvError),
    /// A layer takes too long at once. In multiply-accumulates.
    Slice {
        /// The layer.
        layer: Layer,
        /// What it takes.
        macs: u128,
        /// What is allowed.
        limit: u128,
    },
    /// More memory would be needed than is allowed. In bytes.
    Memory {
        /// What would be needed.
        bytes: u64,
        /// What is allowed.
        limit: u64,
    },
}

/// A layer as a sentence names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Counted from 0, the input.
    pub index: usize,
    /// Its name, if it has one.
    pub name: String,
}

impl Layer {
    pub(super) fn new(graph: &Graph, id: NodeId) -> Self {
        Self { index: id.index(), name: graph.node(id).name.clone() }
    }
}

/// `layer 3 (conv1)`
impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, name } = self;
        if name.is_empty() { write!(f, "layer {index}") } else { write!(f, "layer {index} ({name})") }
    }
}

impl fmt::Display for EffectiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing { missing } => write!(f, "the network has no such {missing}"),
            Self::Unit { unit: [row, column], size: [rows, columns] } => {
                write!(f, "there is no unit ({row}, {column}) in a map of {rows} × {columns}")
            }
            Self::Impossible(layer, error) => write!(f, "{layer} is impossible: {error}"),
            Self::NoGradient(layer) => write!(f, "{layer} cannot be differentiated here"),
            Self::NotReached(layer) => write!(f, "the input does not reach {layer}"),
            Self::Beyond(layer) => write!(f, "the numbers of {layer} are too large"),
            Self::Kernel(layer, error) => write!(f, "{layer}: {error}"),
            Self::Uncounted(layer, error) => write!(f, "the field of {layer} cannot be counted: {error}"),
            Self::Slice { layer, macs, limit } => {
                write!(f, "{layer} takes {macs} multiplications in each draw, where {limit} are allowed")
            }
            Self::Memory { bytes, limit } => {
                write!(f, "it would take {bytes} bytes of memory, where {limit} are allowed")
            }
        }
    }
}

impl std::error::Error for EffectiveError {}
