//! Exact arithmetic of convolutions: sizes, windows, values, costs and receptive fields.
//!
//! Everything is worked out on one axis ([`axis`]) and used twice ([`conv2d`]).
//! Sizes and counts are `u64`, multiplications `u128`, on every target; a size that does not fit is
//! [`ConvError::Overflow`], never a wrapped number.
//! The crate depends on nothing: no DOM, clock, thread, I/O or unseeded randomness.

pub mod axis;
mod congruence;
pub mod conv2d;
pub mod cost;
mod direct;
pub mod error;
#[cfg(any(test, feature = "oracle"))]
pub mod naive;
pub mod padding;
pub mod receptive_field;
pub mod sample;
pub mod tensor;
pub mod window;

pub use axis::{AxisGeometry, AxisParams};
pub use conv2d::{Conv2dGeometry, Conv2dOptions, Conv2dParams};
pub use cost::{Cost, ElementType};
pub use error::ConvError;
pub use padding::{Padding, Padding2d, PaddingMode, Pads};
pub use receptive_field::ReceptiveField;
pub use tensor::Tensor;
pub use window::{Tap, Unread, Use};
