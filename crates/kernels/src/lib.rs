//! Fast f32 operations on NCHW tensors.
//!
//! One algorithm a file, for anybody who has numbers in memory: no kernel knows who calls it, and a size
//! that cannot be is an error, never a panic.

pub mod conv2d;
pub mod error;
mod memory;
mod simd;

pub use conv2d::{Algorithm, Conv2d, Precision};
pub use error::KernelError;
pub use memory::Scratch;
