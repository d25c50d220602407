//! What a reader gives: a network, and remarks about what it did not take as it stands.

use convscope_core::graph::{Arithmetic, Graph, Norm, Op, Pointwise, PoolKind};
use convscope_core::{ConvError, Layer};

/// A network from a file or a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The network. Its first node is the input.
    pub graph: Graph,
    /// What form the text or file had.
    pub form: Form,
    /// What was assumed, left out, or stops fields, in the order of the source.
    pub notes: Vec<Note>,
}

/// A form in which networks are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A file of ONNX.
    Onnx,
    /// PyTorch source.
    PyTorch,
    /// What `print(model)` shows.
    Printed,
    /// The table of torchinfo.
    Torchinfo,
    /// The table of torchsummary.
    Torchsummary,
    /// A link of Fomoro's calculator, or its fragment.
    Fomoro,
}

/// A remark and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// Where it belongs to.
    pub place: Place,
    /// What is to be said.
    pub remark: Remark,
}

/// A place in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The whole of it.
    Whole,
    /// A line, from 1.
    Line(usize),
    /// A node of a file, by name.
    Node(String),
}

/// What is to be said about a part of a source.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Remark {
    /// An operator that nobody here knows, or not in this form; so many of it. Fields stop there.
    Stops {
        /// Its name where it comes from.
        operator: String,
        /// What is in the way.
        why: Why,
        /// How many there are.
        count: usize,
    },
    /// The source does not say how large the input is.
    InputSize {
        /// Height and width that were taken.
        size: [u64; 2],
        /// Whether the present size was impossible, so that another one was found.
        fitted: bool,
    },
    /// The source does not say how many channels the input has.
    InputChannels {
        /// How many were taken.
        channels: u64,
    },
    /// A block of a known kind got its residual sum.
    Residual {
        /// The block's class.
        block: String,
        /// How many there are.
        count: usize,
    },
    /// A container whose `forward` is not in the text: its layers are read in order.
    InOrder {
        /// The container's class.
        container: String,
        /// How many there are.
        count: usize,
    },
    /// Layers between which a known network flattens its maps.
    Flattened,
    /// A table states no windows: they follow from parameters and sizes.
    Deduced,
    /// A table does not say what a layer's window is, and several fit; it follows from sizes and parameters.
    Window {
        /// What was taken, in words of PyTorch: `kernel_size=2, stride=2`.
        taken: String,
        /// The layers.
        layer: String,
        /// How many there are.
        count: usize,
    },
    /// Something that is no layer was passed over.
    PassedOver {
        /// What it is.
        what: String,
    },
    /// Slopes of a PReLU, or the like, that are not counted as parameters.
    NotCounted {
        /// The layer.
        layer: String,
    },
    /// A slice with steps became a pool of windows of one cell, which computes the same.
    Strided,
}

/// Why a part cannot be taken.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Why {
    /// Nobody here knows it.
    Unknown,
    /// It works on maps of so many spatial axes; two are known.
    SpatialAxes(usize),
    /// The shape of its weight is stated nowhere.
    NoWeightShape,
    /// Something that must be known before is computed by the network: the name of the input.
    NotConstant(&'static str),
    /// A table does not show what is inside of it.
    Hidden,
    /// A printed module or a table does not state this argument.
    NotStated(&'static str),
    /// A parameter has no use here: its name.
    Parameter(&'static str),
    /// Its numbers are impossible.
    Sizes(ConvError),
}

impl From<ConvError> for Why {
    fn from(error: ConvError) -> Self {
        Self::Sizes(error)
    }
}

/// A kind of layer that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    Convolution,
    Transposed,
    MaxPool,
    AveragePool,
    LpPool,
    Linear,
    Norm,
    Activation,
    Dropout,
    Sum,
    Product,
    Concatenation,
    Upsampling,
    Padding,
    Rearrangement,
    Unknown,
}

impl Kind {
    /// What a node counts as; nothing for inputs and parameters.
    pub fn of(op: &Op) -> Option<Self> {
        Some(match op {
            Op::Input(_) | Op::Parameter(_) => return None,
            Op::Layer(Layer::Conv2d(_)) => Self::Convolution,
            Op::Layer(Layer::ConvTranspose2d(_)) => Self::Transposed,
            Op::Layer(Layer::MaxPool2d(_)) | Op::AdaptivePool(_, PoolKind::Max) => Self::MaxPool,
            Op::Layer(Layer::AvgPool2d(..)) | Op::AdaptivePool(_, PoolKind::Average) => Self::AveragePool,
            Op::Layer(Layer::LpPool2d(..)) => Self::LpPool,
            Op::Linear(_) => Self::Linear,
            Op::Norm(
                Norm::Batch { .. }
                | Norm::Layer { .. }
                | Norm::LayerOf
                | Norm::Group { .. }
                | Norm::LocalResponse,
            ) => Self::Norm,
            Op::Pointwise(Pointwise::Dropout | Pointwise::StochasticDepth) => Self::Dropout,
            Op::Pointwise(Pointwise::Contiguous) => Self::Rearrangement,
            Op::Pointwise(_) | Op::Softmax(_) => Self::Activation,
            Op::Arithmetic(Arithmetic::Add | Arithmetic::Subtract) => Self::Sum,
            Op::Arithmetic(Arithmetic::Multiply | Arithmetic::Divide) => Self::Product,
            Op::Concat(_) => Self::Concatenation,
            Op::Upsample(_) => Self::Upsampling,
            Op::Pad { .. } => Self::Padding,
            Op::Unknown { .. } => Self::Unknown,
            _ => Self::Rearrangement,
        })
    }
}

impl Reading {
    /// How many layers of each kind there are, in the order of [`Kind`].
    pub fn found(&self) -> Vec<(Kind, usize)> {
        let mut found: Vec<(Kind, usize)> = Vec::new();
        for kind in self.graph.ids().filter_map(|id| Kind::of(&self.graph.node(id).op)) {
            match found.binary_search_by_key(&kind, |&(kind, _)| kind) {
                Ok(at) => found[at].1 += 1,
                Err(at) => found.insert(at, (kind, 1)),
            }
        }
        found
    }

    /// How many layers there are.
    pub fn n_layers(&self) -> usize {
        self.found().iter().map(|(_, count)| count).sum()
    }
}

/// Further notes are left out: nobody reads a thousand.
const MAX_NOTES: usize = 1000;

/// Adds a remark, or counts it up where the same was said of an earlier place.
pub(crate) fn push_note(notes: &mut Vec<Note>, place: Place, remark: Remark) {
    for note in notes.iter_mut() {
        let same = match (&mut note.remark, &remark) {
            (Remark::Stops { operator, why, count }, Remark::Stops { operator: other, why: reason, .. })
                if operator == other && why == reason =>
            {
                Some(count)
            }
            (Remark::Residual { block, count }, Remark::Residual { block: other, .. }) if block == other => {
                Some(count)
            }
            (Remark::InOrder { container, count }, Remark::InOrder { container: other, .. })
                if container == other =>
            {
                Some(count)
            }
            (Remark::Window { taken, layer, count }, Remark::Window { taken: other, layer: name, .. })
                if taken == other && layer == name =>
            {
                Some(count)
            }
            (note, remark) if note == remark => return,
            _ => None,
        };
        if let Some(count) = same {
            *count += 1;
            return;
        }
    }
    if notes.len() < MAX_NOTES {
        notes.push(Note { place, remark });
    }
}
