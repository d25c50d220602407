//! The figure: a canvas painted from the scene, with the cells as a table over it.
//!
//! Still marks and computed outputs are painted once into a base; each frame blits it and adds what moves.

use std::rc::Rc;

use convscope_page::figure::{describe, lab_spec};
use convscope_page::text;
use convscope_scene::lab::LabFigure;
use convscope_scene::{Part, Point, Pose};
use leptos::html::{Canvas, Div};
use leptos::prelude::*;

use super::cell_editor::{CellEditor, Editing};
use super::cell_grid::{CellGrid, GridKind, focus_cell};
use crate::derive::Lab;
use crate::platform::painter::LayeredPainter;
use crate::platform::{clock, media, palette, pointer};

/// A figure shared by the components over it; `None` until there is room for one.
pub(crate) type SharedFigure = RwSignal<Option<Rc<LabFigure>>, LocalStorage>;

/// While playing fast, labels and inspector follow at this interval.
const FOLLOW_SECS: f64 = 0.1;

/// What the painter has put into its base.
#[derive(Default)]
struct Painted {
    painter: Option<LayeredPainter>,
    epoch: u64,
    n_done: u64,
    followed_secs: f64,
}

/// Canvas, cells, and all that pointer and frames do to them.
#[component]
pub(crate) fn Figure() -> AnyView {
    let lab = Lab::expect();
    let room = NodeRef::<Div>::new();
    let canvas = NodeRef::<Canvas>::new();
    let figure: SharedFigure = RwSignal::new_local(None);
    let editing = RwSignal::new(None::<Editing>);
    let room_size = media::element_size(room);
    let ratio = media::device_pixel_ratio();
    let palette = palette::use_palette();
    let painted = StoredValue::new_local(Painted::default());

    Effect::new(move |_| {
        let size = room_size.get();
        if size.width < 1.0 {
            return;
        }
        let legend = !lab.embedded.get();
        figure.set(Some(Rc::new(lab.derived.with(|it| LabFigure::new(lab_spec(it, legend), size)))));
    });

    let paint = move |now_secs: f64| {
        let Some(figure) = figure.get_untracked() else { return };
        let pose = lab.playback.with_untracked(|playback| playback.pose_at(now_secs));
        let attended = lab.pinned.get_untracked().or_else(|| lab.pointed.get_untracked());
        painted.update_value(|painted| painted.paint(&figure, pose, attended, ratio.get_untracked()));
    };
    // A new figure or palette starts a new base.
    Effect::new(move |_| {
        let palette = palette.get();
        let element = canvas.get();
        figure.track();
        ratio.track();
        painted.update_value(|painted| {
            painted.epoch += 1;
            match (&mut painted.painter, element) {
                (Some(painter), _) => painter.set_palette(&palette),
                (None, Some(element)) => painted.painter = LayeredPainter::new(element, palette),
                (None, None) => {}
            }
        });
        paint(clock::now_secs());
    });
    Effect::new(move |_| {
        lab.playback.track();
        lab.pinned.track();
        lab.pointed.track();
        paint(clock::now_secs());
    });
    let playing = Signal::derive(move || lab.playback.with(|playback| playback.playing()));
    clock::use_frames(playing, move |now_secs| {
        paint(now_secs);
        if lab.playback.with_untracked(|playback| playback.finished_at(now_secs)) {
            lab.playback.update(|playback| *playback = playback.pause(now_secs));
            lab.settle();
            return;
        }
        let due = painted.try_update_value(|painted| painted.follow(now_secs)).unwrap_or(true);
        if due {
            lab.settle();
        }
    });

    let painting = StoredValue::new(false);
    let hit =
        move |point: Option<Point>| figure.get_untracked().zip(point).and_then(|(it, point)| it.hit(point));
    let brush = move |part: Option<Part>| {
        let (Some(value), Some(Part::Input([row, column]))) = (lab.brush.get_untracked(), part) else {
            return;
        };
        let model = lab.current();
        let [height, width] = model.input_size.map(|n| n as i64);
        if (0..height).contains(&row) && (0..width).contains(&column) && !model.is_picture() {
            let at = [row as u64, column as u64];
            lab.edit(
                "drawing",
                lab.derived.with_untracked(|it| model.with_input_value(&it.input, at, value)),
            );
        }
    };
    let leave = move || {
        painting.set_value(false);
        lab.pointed.set(None);
    };
    let size_style = move || {
        let size = figure.get().map(|it| it.size()).unwrap_or_default();
        format!("width:{}px;height:{}px", size.width, size.height)
    };
    let at = move |event: &leptos::ev::PointerEvent| hit(pointer::in_node(event, canvas));
    let point = move |event: leptos::ev::PointerEvent| {
        let part = at(&event);
        if painting.get_value() {
            brush(part);
        } else if lab.pointed.get_untracked() != part {
            lab.pointed.set(part);
        }
    };
    let press = move |event: leptos::ev::PointerEvent| {
        if lab.brush.get_untracked().is_some() {
            painting.set_value(true);
            brush(at(&event));
        }
    };
    let click = move |event: leptos::ev::MouseEvent| {
        if lab.brush.get_untracked().is_some() {
            return;
        }
        let part = hit(pointer::in_node(&event, canvas));
        let same = part == lab.pinned.get_untracked();
        lab.pinned.set(if same { None } else { part });
        if let Some(part) = part {
            focus_cell(part);
        }
    };
    let open = move |event: leptos::ev::MouseEvent| {
        if let Some(part) = hit(pointer::in_node(&event, canvas)) {
            editing.set(Editing::of(lab, part, None));
        }
    };
    let stage = move || {
        let waiting = if lab.refused.with(Vec::is_empty) { "" } else { " is-waiting" };
        let drawing = if lab.brush.get().is_some() { " is-drawing" } else { "" };
        format!("stage{waiting}{drawing}")
    };
    view! {
        <div class=Signal::derive(stage)>
            <div class="stage__room" node_ref=room aria-hidden="true"></div>
            <div
                class="stage__figure"
                style=Signal::derive(size_style)
                on:pointermove=point
                on:pointerleave=move |_| leave()
                on:pointercancel=move |_| leave()
                on:pointerdown=press
                on:pointerup=move |_| painting.set_value(false)
                on:click=click
                on:dblclick=open
            >
                <canvas
                    class="stage__canvas"
                    node_ref=canvas
                    role="img"
                    aria-label=Signal::derive(move || lab.derived.with(|it| describe(it)))
                ></canvas>
                {GridKind::ALL.map(|kind| view! { <CellGrid kind=kind figure=figure editing=editing/> })}
                <CellEditor figure=figure editing=editing/>
            </div>
            <p class="stage__hint small muted">
                {Signal::derive(move || lab.derived.with(|it| text::hint(it, lab.attended())))}
            </p>
        </div>
    }
    .into_any()
}

impl Painted {
    /// Brings the canvas to a pose.
    fn paint(&mut self, figure: &LabFigure, pose: Pose, attended: Option<Part>, ratio: f64) {
        let Some(painter) = &mut self.painter else { return };
        let n_done = pose.filled();
        if n_done < self.n_done {
            self.epoch += 1;
        }
        if painter.begin(self.epoch, figure.size(), ratio) {
            painter.base(&figure.still());
            self.n_done = 0;
        }
        if n_done > self.n_done {
            painter.base(&figure.done(self.n_done..n_done));
        }
        self.n_done = n_done;
        painter.frame(&figure.moving(pose, attended));
    }

    /// Whether labels and inspector are due to follow.
    fn follow(&mut self, now_secs: f64) -> bool {
        let due = now_secs - self.followed_secs >= FOLLOW_SECS;
        if due {
            self.followed_secs = now_secs;
        }
        due
    }
}
