//! Fast f32 operations on NCHW tensors.
//!
//! One algorithm a file, for anybody who has numbers in memory: no kernel knows who calls it, and a size
//! that cannot be is an error, never a panic.
//!
//! Parameters come first, then each slice with its shape where the parameters do not say it, then the output,
//! which is as long as `output_shape` of the parameters says, then [`Scratch`] where memory is needed:
//!
//! | operation | parameters | |
//! | --- | --- | --- |
//! | [`Conv2d`] | `Conv2dParams` | weights packed once, then run |
//! | [`conv_transpose2d()`] | `ConvTranspose2dParams` | |
//! | [`max_pool2d`], [`max_pool2d_with_indices`] | `Pool2dParams` | |
//! | [`avg_pool2d`] | `Pool2dParams`, `AvgDivisor` | |
//! | [`lp_pool2d`], [`global_lp_pool2d`] | `Pool2dParams`, `p` | |
//! | [`adaptive_avg_pool2d`], [`adaptive_max_pool2d`] | `AdaptivePool2d` | global with `AdaptivePool2d::GLOBAL` |
//! | [`linear()`], [`Gemm`] | `LinearParams`, sizes | |
//! | [`activate`], [`prelu`] | [`Activation`], slopes | in place |
//! | [`softmax()`] | any rank, axis | |
//! | [`BatchNorm`] | statistics | inference |
//! | [`normalize`] | the length of a run | layer, group and instance norm |
//! | [`LocalResponse`] | window of channels | |
//! | [`AxisMatrix`] | one axis of any rank | sparse; averages, crops, repeats, blends |
//! | [`permute()`] | any rank, order | |
//! | [`pad()`], [`padded_shape`] | any rank, `[before, after]` an axis, [`PadMode`] | negative ones crop |
//! | [`concat()`], [`concat_shape`] | any rank, axis | |
//! | [`arithmetic`], [`broadcast_shape`] | [`Arithmetic`], any rank | broadcasts |
//! | [`add_scaled`], [`scale`], [`largest`] | | any rank |
//! | [`Random`] | seed | numbers close to normal |
//! | [`upsample_nearest`] | whole factors | |
//! | [`planes_from_rgba`], [`rgba_from_planes`] | [`Shown`] | bytes of pictures |
//! | [`grad`] | those of the forward operation | input, weight and bias |
//!
//! # Building for WebAssembly
//!
//! `opt-level = 3` (below, sums are kept in memory), fat LTO, and
//! `RUSTFLAGS="-C target-feature=+simd128 -C llvm-args=-pre-RA-sched=source"`, with `+relaxed-simd` for a second
//! build. The compiler would otherwise gather all weights of a microkernel's step before the first product;
//! V8 keeps that order, runs out of its 15 vector registers, and the product takes twice as long. The flag is
//! LLVM's own, so a new toolchain wants `examples/speed.mjs` run again.

mod activation;
mod adaptive_pool;
mod along;
mod avg_pool;
mod batch_norm;
mod check;
mod concat;
pub mod conv2d;
mod conv_transpose2d;
mod elementwise;
pub mod error;
mod gemm;
pub mod grad;
mod linear;
mod local_response;
mod lp_pool;
mod max_pool;
mod memory;
mod norm;
mod pad;
mod permute;
mod pixels;
mod pool;
mod random;
mod sides;
mod simd;
mod softmax;
mod span;
mod upsample;

pub use activation::{Activation, activate, prelu};
pub use adaptive_pool::{adaptive_avg_pool2d, adaptive_max_pool2d};
pub use along::AxisMatrix;
pub use avg_pool::avg_pool2d;
pub use batch_norm::BatchNorm;
pub use concat::{concat, concat_shape};
pub use conv_transpose2d::conv_transpose2d;
pub use conv2d::{Algorithm, Conv2d, Precision};
pub use elementwise::{Arithmetic, add_scaled, arithmetic, broadcast_shape, largest, scale};
pub use error::KernelError;
pub use gemm::Gemm;
pub use linear::linear;
pub use local_response::LocalResponse;
pub use lp_pool::{global_lp_pool2d, lp_pool2d};
pub use max_pool::{NO_INDEX, max_pool2d, max_pool2d_with_indices};
pub use memory::Scratch;
pub use norm::normalize;
pub use pad::{PadMode, pad, padded_shape};
pub use permute::{inverse_order, permute};
pub use pixels::{Shown, planes_from_rgba, rgba_from_planes};
pub use random::Random;
pub use softmax::softmax;
pub use upsample::upsample_nearest;
