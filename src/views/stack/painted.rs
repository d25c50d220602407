//! Keeps a canvas as a scene is: still marks in its base, what moves over them.

use std::rc::Rc;

use convscope_scene::{Mark, Size};

use crate::platform::markup::Place;
use crate::platform::painter::LayeredPainter;
use crate::platform::{media, palette};
use crate::state::{State, follow};

/// What a canvas shows.
pub(super) struct Layers {
    /// Another one means other still marks.
    pub(super) epoch: u64,
    /// The size of the picture.
    pub(super) size: Size,
    /// What does not move; asked for when the base is painted.
    pub(super) still: Box<dyn Fn() -> Vec<Mark>>,
    /// What lies over it.
    pub(super) moving: Vec<Mark>,
}

/// Keeps `canvas` as `layers` says, for as long as the view lives.
pub(super) fn keep_painted(canvas: &Place, layers: impl Fn() -> Option<Layers> + 'static) {
    let ratio = media::device_pixel_ratio();
    let palette = palette::use_palette();
    let painter = State::new(None::<LayeredPainter>);
    let canvas = canvas.clone();
    follow(move || {
        let palette: Rc<_> = palette.get();
        let ratio = ratio.get();
        let Some(layers) = layers() else { return };
        painter.update_quietly(|painter| {
            match painter {
                Some(painter) => painter.set_palette(&palette),
                None => *painter = LayeredPainter::new(&canvas, palette),
            }
            let Some(painter) = painter else { return };
            if painter.begin(layers.epoch, layers.size, ratio) {
                painter.base(&(layers.still)());
            }
            painter.frame(layers.moving);
        });
    });
}
