//! The figures of convscope as data: marks with a place and a meaning.
//!
//! A figure is laid out once for a model and a room; for each pose it gives a [`Scene`], a list of
//! [`Mark`]s from back to front.
//! This crate knows no colour value, no font, no kernel algorithm and no DOM: an [`Ink`] says what a
//! mark means, a [`Token`] names the custom property of `style/tokens.css` that says how it looks, and
//! painters (canvas in the app, [`svg`] here) bring the two together.

pub mod channels;
pub mod chart;
mod decimal;
pub mod depth;
pub mod figure;
pub mod geom;
pub mod ink;
pub mod lab;
pub mod number;
mod patched;
pub mod pose;
pub mod scene;
pub mod stack;
pub mod svg;
pub mod transposed;
pub mod volume;

pub use figure::Figure;
pub use geom::{Point, Rect, Size};
pub use ink::{Face, Ink, Paint, Style, Token};
pub use pose::Pose;
pub use scene::{Align, Factor, Mark, Part, Raster, Scale, Scene, Shape};
