//! Fast f32 operations on NCHW tensors.
//!
//! One algorithm a file, for anybody who has numbers in memory: no kernel knows who calls it, and a size
//! that cannot be is an error, never a panic.

pub mod error;

pub use error::KernelError;
