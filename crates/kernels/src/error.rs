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
