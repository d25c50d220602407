//! A canvas that shows a figure at the pose of the animation.
//!
//! Still marks and computed outputs are painted once into a base; what moves is painted over it, where it changes.

use std::rc::Rc;

use convscope_page::playback::Playback;
use convscope_scene::{Figure, Mark};

use super::figure::SharedFigure;
use crate::derive::Lab;
use crate::platform::markup::Place;
use crate::platform::painter::LayeredPainter;
use crate::platform::{clock, media, palette};
use crate::state::{State, follow};

/// So many output cells are painted over the base before they are put into it; of a picture they are one mark.
const MOST_OVER_BASE: u64 = 32;

/// What the painter has put into its base.
#[derive(Default)]
struct Painted {
    painter: Option<LayeredPainter>,
    epoch: u64,
    n_done: u64,
}

/// What a frame shows beside the marks that move.
struct Frame {
    n_done: u64,
    ratio: f64,
    playing: bool,
}

/// Keeps `canvas` at the pose of the animation. `each_frame` is told the time of each frame while it plays.
pub(crate) fn keep_painted(
    lab: Lab,
    canvas: &Place,
    figure: SharedFigure,
    each_frame: impl Fn(f64) + 'static,
) {
    let ratio = media::device_pixel_ratio();
    let palette = palette::use_palette();
    let painted = State::new(Painted::default());
    let paint = move |now_secs: f64| {
        let Some(figure) = figure.get_untracked() else { return };
        let playback = lab.playback.get_untracked();
        let pose = playback.pose_at(now_secs);
        let attended = lab.pinned.get_untracked().or_else(|| lab.pointed.get_untracked());
        let frame =
            Frame { n_done: pose.filled(), ratio: ratio.get_untracked(), playing: playback.playing() };
        painted.update_quietly(|painted| {
            painted.bring(&*figure, &frame, || match attended {
                None if playback.passing() => figure.passing(pose),
                _ => figure.moving(pose, attended),
            });
        });
    };
    // A new figure or palette starts a new base.
    let element = canvas.clone();
    follow(move || {
        let palette: Rc<_> = palette.get();
        figure.track();
        ratio.track();
        painted.update_quietly(|painted| {
            painted.epoch += 1;
            match &mut painted.painter {
                Some(painter) => painter.set_palette(&palette),
                None => painted.painter = LayeredPainter::new(&element, palette),
            }
        });
        paint(clock::now_secs());
    });
    follow(move || {
        lab.playback.track();
        lab.pinned.track();
        lab.pointed.track();
        paint(clock::now_secs());
    });
    let playing = move || lab.playback.with(Playback::playing);
    clock::use_frames(playing, move |now_secs| {
        paint(now_secs);
        each_frame(now_secs);
    });
}

impl Painted {
    /// Brings the canvas to a pose; `moving` is what lies above all else then.
    fn bring(&mut self, figure: &dyn Figure, to: &Frame, moving: impl FnOnce() -> Vec<Mark>) {
        let Some(painter) = &mut self.painter else { return };
        let n_done = to.n_done.min(figure.n_steps());
        if n_done < self.n_done {
            self.epoch += 1;
        }
        if painter.begin(self.epoch, figure.size(), to.ratio) {
            painter.base(&figure.still());
            self.n_done = 0;
        }
        // A base that changes is copied whole by the browser before the next frame can take a piece of it.
        if !to.playing {
            painter.renew_all();
        }
        if !to.playing || (n_done - self.n_done > MOST_OVER_BASE && !figure.done_is_short()) {
            painter.base(&figure.done(self.n_done..n_done));
            self.n_done = n_done;
        }
        let mut marks = figure.done(self.n_done..n_done);
        marks.extend(moving());
        painter.frame(marks);
    }
}
