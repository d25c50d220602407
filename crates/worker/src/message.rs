//! What page and worker say to each other.
//!
//! A *purpose* is one use of the worker, such as the live filter, and a *generation* counts what is asked for
//! it: of each purpose only the newest request matters. Whoever meets an older one, on either side, drops it.

use convscope_core::Conv2dOptions;
use convscope_core::graph::Graph;
pub use convscope_formats::write::Target;
use convscope_kernels::Precision;

use crate::effective::{Hull, Spread};
use crate::filter::Filter;

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Which use of the worker.
    pub purpose: u32,
    /// The how-manieth request for it.
    pub generation: u64,
}

/// What the page may ask for.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// A convolution of a tensor.
    Conv2d(Conv2dRequest),
    /// A picture through a filter.
    Filter(FilterRequest),
    /// The effective field of a unit.
    Effective(EffectiveRequest),
    /// A network from a text or a file.
    Network(NetworkRequest),
    /// A network as a text for another program.
    Export(ExportRequest),
    /// Nothing more for this purpose: what is under way for it ends without an answer.
    Cancel,
}

/// A convolution of a tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Conv2dRequest {
    /// Unchecked parameters.
    pub options: Conv2dOptions,
    /// What is needed of the numbers.
    pub precision: Precision,
    /// NCHW.
    pub shape: [u64; 4],
    /// As many numbers as the shape says.
    pub input: Vec<f32>,
    /// OIHW.
    pub weight: Vec<f32>,
    /// A number for each output channel, or none.
    pub bias: Vec<f32>,
}

/// A picture through a filter.
#[derive(Clone, Debug, PartialEq)]
pub struct FilterRequest {
    /// The filter.
    pub filter: Filter,
    /// Height and width of the picture, `None` where the mailbox reads both from a frame.
    pub size: Option<[u64; 2]>,
    /// Four bytes a pixel, row by row; empty where the mailbox reads them from a frame.
    pub rgba: Vec<u8>,
    /// Whether blue is the first byte of a pixel and red the third. Frames are read fastest so; no message says it.
    pub blue_first: bool,
}

/// The effective field of a unit: see [`crate::effective`].
#[derive(Clone, Debug, PartialEq)]
pub struct EffectiveRequest {
    /// The network. Its first input is the picture.
    pub graph: Graph,
    /// The layer, by its place in the graph.
    pub node: u64,
    /// The unit, `[row, column]` of the layer's map.
    pub unit: [u64; 2],
    /// What the weights are.
    pub weights: Weights,
    /// Whether nonlinearities are left out.
    pub linear: bool,
    /// How many draws are averaged, at least 1.
    pub draws: u64,
    /// Where weights and pictures come from.
    pub seed: u64,
}

/// What the weights of a network are that is looked at before it has learned anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weights {
    /// All of a layer alike, adding up to 1 in each output; norms do nothing.
    Uniform,
    /// Random (He and others 2015); norms go by the statistics of the draw.
    #[default]
    Random,
}

/// A network from a text or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkRequest {
    /// Height and width of the input, where the source leaves them open.
    pub size: [u64; 2],
    /// The text; `None` where the mailbox reads a file.
    pub text: Option<String>,
}

/// A network that is to become a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportRequest {
    /// The network.
    pub graph: Graph,
    /// Which form it is to have.
    pub target: Target,
}

/// A network that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// The network with its names, in the core's notation.
    pub graph: String,
    /// How many layers of each kind there are, in one sentence.
    pub sentence: String,
    /// What the form of the source is called.
    pub form: String,
    /// What is not known, so that fields end there, in a sentence each.
    pub stops: Vec<String>,
    /// What was assumed or left out, in a sentence each.
    pub notes: Vec<String>,
}

/// What the worker says.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It runs; requests that came before would have been lost.
    Ready {
        /// Whether it is the build with relaxed SIMD.
        relaxed: bool,
    },
    /// How far a request is.
    Progress(Ticket, Progress),
    /// What there is of a request's answer before it is complete.
    SoFar(Ticket, Response),
    /// A request's answer, and how long it took.
    Done(Ticket, Response, Timing),
}

/// How far long work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Slices that are computed.
    pub done: u64,
    /// All slices.
    pub of: u64,
}

/// Milliseconds of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Timing {
    /// Inside [`serve`](crate::serve::serve): bytes to numbers, kernels, numbers to bytes.
    pub kernel_ms: f64,
    /// In the worker, reading and drawing frames included.
    pub total_ms: f64,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Response {
    /// Of a convolution.
    Conv2d {
        /// NCHW.
        shape: [u64; 4],
        /// As many numbers as the shape says.
        output: Vec<f32>,
    },
    /// Of a filter.
    Filtered {
        /// Height and width.
        size: [u64; 2],
        /// Four bytes a pixel, row by row; empty where the mailbox hands over the memory of them.
        rgba: Vec<u8>,
    },
    /// Of a unit's effective field.
    Effective(EffectiveField),
    /// A network that was read.
    Network(Network),
    /// A network as a text.
    Exported {
        /// All of it.
        text: String,
    },
    /// There is none, in one sentence.
    Failed {
        /// Without a full stop.
        reason: String,
    },
}

/// An effective field, complete or so far.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectiveField {
    /// Height and width of the picture.
    pub size: [u64; 2],
    /// Each pixel's share of the whole, row by row.
    pub map: Vec<f32>,
    /// The draws that were made.
    pub draws: u64,
    /// Those of them through which no gradient came: the others alone are in the map.
    pub lost: u64,
    /// How far it reaches.
    pub spread: Spread,
    /// The theoretical field.
    pub hull: Hull,
}
