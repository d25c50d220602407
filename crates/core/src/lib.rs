//! Exact arithmetic of convolutions and pools: sizes, windows, values, costs and receptive fields.
//!
//! Everything is worked out on one axis ([`axis`]) and used twice ([`conv2d`], [`conv_transpose2d`],
//! [`pool`]).
//! Sizes and counts are `u64`, multiplications `u128`, on every target; a size that does not fit is
//! [`ConvError::Overflow`], never a wrapped number.
//! The crate depends on nothing: no DOM, clock, thread, I/O or unseeded randomness.

pub mod activation;
pub mod adaptive;
pub mod auto_pad;
pub mod axis;
mod congruence;
pub mod conv2d;
pub mod conv_transpose2d;
pub mod cost;
mod direct;
pub mod error;
pub mod graph;
pub mod inserted;
pub mod layer;
pub mod linear;
#[cfg(any(test, feature = "oracle"))]
pub mod naive;
pub mod padding;
pub mod pool;
pub mod pool2d;
pub mod receptive_field;
pub mod resolved;
pub mod rules;
pub mod sample;
pub mod scattered;
pub mod tensor;
pub mod transposed;
pub mod window;

pub use activation::Activation;
pub use adaptive::AdaptivePool2d;
pub use auto_pad::AutoPad;
pub use axis::{AxisGeometry, AxisParams};
pub use conv_transpose2d::{ConvTranspose2dGeometry, ConvTranspose2dOptions, ConvTranspose2dParams};
pub use conv2d::{Conv2dGeometry, Conv2dOptions, Conv2dParams};
pub use cost::{Cost, ElementType};
pub use error::ConvError;
pub use layer::Layer;
pub use linear::LinearParams;
pub use padding::{Padding, Padding2d, PaddingMode, Pads};
pub use pool::{AvgDivisor, Pool2dGeometry, Pool2dOptions, Pool2dParams, PoolAxis, PoolRounding};
pub use receptive_field::ReceptiveField;
pub use tensor::Tensor;
pub use transposed::TransposedAxis;
pub use window::{Tap, Unread, Use};
