//! The figure: a canvas painted from the scene, with the cells as a table over it.
//!
//! Still marks and computed outputs are painted once into a base; what moves is painted over it, where it changes.

use std::rc::Rc;

use convscope_page::figure::{self, describe};
use convscope_page::playback::{Playback, Speed};
use convscope_page::text;
use convscope_scene::{Figure, Mark, Part, Point, Pose, number};

use super::cell_editor::{Editing, cell_editor};
use super::cell_grid::{GridKind, cell_grid, focus_cell};
use crate::derive::Lab;
use crate::platform::markup::Markup;
use crate::platform::painter::LayeredPainter;
use crate::platform::{clock, media, palette, pointer};
use crate::state::{State, follow};

/// A figure shared by the components over it; `None` until there is room for one.
pub(crate) type SharedFigure = State<Option<Rc<dyn Figure>>>;

/// While playing, labels and inspector follow at this interval.
const FOLLOW_SECS: f64 = 0.1;
/// From 4× on nobody reads them, and each update costs as much as several frames.
const FOLLOW_FAST_SECS: f64 = 1.0;

/// So many output cells are painted over the base before they are put into it; of a picture they are one mark.
const MOST_OVER_BASE: u64 = 32;

/// What the painter has put into its base.
#[derive(Default)]
struct Painted {
    painter: Option<LayeredPainter>,
    epoch: u64,
    n_done: u64,
    followed_secs: f64,
}

/// What a frame shows beside the marks that move.
struct Frame {
    n_done: u64,
    ratio: f64,
    playing: bool,
}

const STAGE: &str = "<div class=stage>
    <div class=stage__room aria-hidden=true></div>
    <div class=stage__figure>
        <canvas class=stage__canvas role=img></canvas>
        <slot name=input></slot><slot name=kernel></slot><slot name=output></slot>
        <slot name=editor></slot>
    </div>
    <p class=\"stage__hint small muted\"></p>
    </div>";

/// Canvas, cells, and all that pointer and frames do to them.
pub(crate) fn figure(lab: Lab) -> Markup {
    let view = Markup::new(STAGE);
    let canvas = view.find("canvas");
    let figure: SharedFigure = State::new(None);
    let editing = State::new(None::<Editing>);
    let room_size = media::element_size(&view.find(".stage__room"));
    let ratio = media::device_pixel_ratio();
    let palette = palette::use_palette();
    let painted = State::new(Painted::default());

    follow(move || {
        let size = room_size.get();
        if size.width < 1.0 {
            return;
        }
        let legend = !lab.embedded.get();
        figure.set(Some(lab.derived.with(|it| figure::figure(it, legend, size))));
    });

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
        let palette = palette.get();
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
    let playing = move || lab.playback.with(|playback| playback.playing());
    clock::use_frames(playing, move |now_secs| {
        paint(now_secs);
        if lab.playback.with_untracked(|playback| playback.finished_at(now_secs)) {
            lab.playback.update(|playback| *playback = playback.pause(now_secs));
            lab.settle();
            return;
        }
        let speed = lab.playback.with_untracked(Playback::speed);
        let fast = matches!(speed, Speed::Four | Speed::Eight | Speed::Sweep);
        let interval_secs = if fast { FOLLOW_FAST_SECS } else { FOLLOW_SECS };
        let due = painted.update_quietly(|painted| painted.follow(now_secs, interval_secs)).unwrap_or(true);
        if due {
            lab.settle();
        }
    });

    // Whether the brush is down.
    let painting = State::new(false);
    let hit = move |point: Option<Point>| {
        let pose = Pose::at(lab.step.get_untracked());
        figure.get_untracked().zip(point).and_then(|(it, point)| it.hit(pose, point))
    };
    let brush = move |part: Option<Part>| {
        let (Some(value), Some(Part::Input([row, column]))) = (lab.brush.get_untracked(), part) else {
            return;
        };
        let model = lab.current();
        let part = Part::Input([row, column]);
        let edited = lab
            .derived
            .with_untracked(|it| it.value_to_edit(part).map(|_| it.with_value(&model, part, value)));
        if let Some(model) = edited {
            lab.edit("drawing", model);
        }
    };
    let leave = move |_| {
        painting.set(false);
        lab.pointed.set(None);
    };
    view.on(".stage__figure", "pointerleave", leave);
    view.on(".stage__figure", "pointercancel", leave);
    let of = canvas.clone();
    view.on(".stage__figure", "pointermove", move |event| {
        let part = hit(pointer::in_node(&event, &of));
        if painting.get_untracked() {
            brush(part);
        } else if lab.pointed.get_untracked() != part {
            lab.pointed.set(part);
        }
    });
    let of = canvas.clone();
    view.on(".stage__figure", "pointerdown", move |event| {
        if lab.brush.get_untracked().is_some() {
            painting.set(true);
            brush(hit(pointer::in_node(&event, &of)));
        }
    });
    view.on(".stage__figure", "pointerup", move |_| painting.set(false));
    let of = canvas.clone();
    view.on(".stage__figure", "click", move |event| {
        if lab.brush.get_untracked().is_some() {
            return;
        }
        let part = hit(pointer::in_node(&event, &of));
        let same = part == lab.pinned.get_untracked();
        lab.pinned.set(if same { None } else { part });
        if let Some(part) = part {
            focus_cell(part);
        }
    });
    view.on(".stage__figure", "dblclick", move |event| {
        if let Some(part) = hit(pointer::in_node(&event, &canvas)) {
            editing.set(Editing::of(lab, part, None));
        }
    });
    view.attr(".stage", "class", move || {
        let waiting = if lab.refused.with(Vec::is_empty) { "" } else { " is-waiting" };
        let drawing = if lab.brush.get().is_some() { " is-drawing" } else { "" };
        ["stage", waiting, drawing].concat()
    });
    view.attr(".stage__figure", "style", move || {
        let size = figure.get().map(|it| it.size()).unwrap_or_default();
        let [width, height] = [size.width, size.height].map(number::css);
        format!("width:{width}px;height:{height}px")
    });
    view.attr("canvas", "aria-label", move || lab.derived.with(|it| describe(it)));
    view.text(".stage__hint", move || lab.derived.with(|it| text::hint(it, lab.attended())));
    view.put_later("input", move || cell_grid(lab, GridKind::Input, figure, editing));
    view.put_later("kernel", move || cell_grid(lab, GridKind::Kernel, figure, editing));
    view.put_later("output", move || cell_grid(lab, GridKind::Output, figure, editing));
    view.put_later("editor", move || cell_editor(lab, figure, editing));
    view
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

    /// Whether labels and inspector are due to follow.
    fn follow(&mut self, now_secs: f64, interval_secs: f64) -> bool {
        let due = now_secs - self.followed_secs >= interval_secs;
        if due {
            self.followed_secs = now_secs;
        }
        due
    }
}
