//! Photographs as they were, and as they become: small tensors.

use std::sync::Arc;

use convscope_core::sample;
use convscope_core::tensor::Tensor;
use convscope_page::source::Picture;

use crate::platform::pictures::{Original, PictureError, Rgba};
use crate::state::State;

/// As many as pictures that undo may lead back to.
const MOST: usize = 16;

/// The last photographs, each with the small one that it became.
#[derive(Clone, Copy)]
pub(crate) struct Originals(State<Vec<(Picture, Original)>>);

impl Originals {
    pub(crate) fn new() -> Self {
        Self(State::new(Vec::new()))
    }

    /// Keeps what `small` was made of; the oldest goes when there are sixteen.
    pub(crate) fn keep(self, small: &Picture, original: Original) {
        self.0.update_quietly(|originals| {
            if originals.len() == MOST {
                originals.remove(0);
            }
            originals.push((Arc::clone(small), original));
        });
    }

    /// What `small` was made of.
    pub(crate) fn of(self, small: &Picture) -> Option<Original> {
        self.0.with_untracked(|originals| {
            originals.iter().find(|it| Arc::ptr_eq(&it.0, small)).map(|it| it.1.clone())
        })
    }
}

/// A decoded picture in its colours, the picture as it was, and what was done to it; or one sentence why there is
/// none.
pub(crate) fn colours(
    result: Result<Rgba, PictureError>,
) -> Result<(Tensor, Original, Option<String>), String> {
    let picture = result.map_err(|error| error.to_string())?;
    let (height, width) = (picture.height, picture.width);
    let rgb = sample::rgb(width.into(), height.into(), &picture.bytes).map_err(|error| error.to_string())?;
    let original = picture.original;
    let [from_height, from_width] = original.size();
    let note = format!("Scaled from {from_height} × {from_width} to {height} × {width} pixels.");
    let scaled = original.size() != [height, width];
    Ok((rgb, original, scaled.then_some(note)))
}
