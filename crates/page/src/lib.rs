//! What a convscope link says, without a browser: models, links, bounds, presets, playback and wording.
//!
//! A [`LabModel`] is all that a shared link restores; [`link`] reads and writes it, [`bounds`] says what
//! may be typed, [`playback`] turns seconds into a pose, and [`text`] says in words what the figure shows.
//! The crate knows no DOM, no clock and no Leptos: time is an argument and pictures are tensors.

pub mod bounds;
pub mod code;
pub mod edit;
pub mod figure;
pub mod kernel;
pub mod lab;
pub mod limits;
pub mod link;
pub mod live;
pub mod model;
pub mod operation;
pub mod playback;
pub mod presets;
mod shape;
pub mod source;
pub mod stack;
pub mod text;
mod transposed;
pub mod volume;

pub use kernel::{Bank, KernelChoice, KernelPreset};
pub use lab::Lab;
pub use link::{Notice, Page, Parsed};
pub use model::LabModel;
pub use operation::{Operation, View};
pub use playback::{Playback, Speed};
pub use presets::{PRESETS, Preset};
pub use source::{InputSource, Pattern, Picture, PictureSource, Sample};
pub use stack::{Stack, StackModel};
