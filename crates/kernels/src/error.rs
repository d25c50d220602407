//! Why a kernel did not run.

use std::fmt;

use convscope_core::ConvError;

/// Why a kernel did not run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KernelError {
    /// The operation does not exist for these sizes.
    Shape(ConvError),
    /// A slice has another length than its shape says. Both in elements.
    Length {
        /// Which slice: `input`, `weight`, ...
        name: &'static str,
        /// What the shape says.
        expected: usize,
        /// What was given.
        got: usize,
    },
    /// A label that is none of the classes.
    Label {
        /// The label, counted from 0.
        label: u32,
        /// The number of classes.
        classes: usize,
    },
    /// Tensors whose shapes do not go together along an axis.
    ShapeMismatch {
        /// The axis, counted from the first.
        axis: usize,
        /// The length that the first tensor asks for.
        expected: u64,
        /// The length of another.
        got: u64,
    },
    /// A number of axes, or of pads for them, other than that of the tensor.
    RankMismatch {
        /// Axes of the first tensor.
        expected: usize,
        /// Axes, or pads, of what goes with it.
        got: usize,
    },
    /// Memory that the operation needs is not there, in bytes.
    OutOfMemory {
        /// What was asked for.
        bytes: u64,
    },
}

impl fmt::Display for KernelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(error) => error.fmt(f),
            Self::Length { name, expected, got } => {
                write!(f, "{name} has {got} elements where its shape says {expected}")
            }
            Self::Label { label, classes } => write!(f, "the label {label} is none of {classes} classes"),
            Self::ShapeMismatch { axis, expected, got } => {
                write!(f, "axis {axis} is {got} long where {expected} is needed")
            }
            Self::RankMismatch { expected, got } => {
                write!(f, "there are {got} axes where the tensor has {expected}")
            }
            Self::OutOfMemory { bytes } => write!(f, "there is no memory for {bytes} bytes"),
        }
    }
}

impl std::error::Error for KernelError {}

impl From<ConvError> for KernelError {
    fn from(error: ConvError) -> Self {
        Self::Shape(error)
    }
}
