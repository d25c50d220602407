//! What page and worker say to each other.
//!
//! A *purpose* is one use of the worker, such as the live filter, and a *generation* counts what is asked for
//! it: of each purpose only the newest request matters. Whoever meets an older one, on either side, drops it.

use convscope_core::Conv2dOptions;
use convscope_kernels::Precision;

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
        /// Four bytes a pixel, row by row; empty where the mailbox hands over a drawn bitmap.
        rgba: Vec<u8>,
    },
    /// There is none, in one sentence.
    Failed {
        /// Without a full stop.
        reason: String,
    },
}
