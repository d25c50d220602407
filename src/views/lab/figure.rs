//! The figure: a canvas painted from the scene, with the cells as a table over it.

use std::rc::Rc;

use convscope_page::figure::{self, describe};
use convscope_page::operation::View;
use convscope_page::playback::{Playback, Speed};
use convscope_page::text;
use convscope_scene::{Figure, Part, Point, Pose, number};

use super::cell_editor::{Editing, cell_editor};
use super::cell_grid::{GridKind, cell_grid, focus_cell};
use super::painted::keep_painted;
use crate::derive::Lab;
use crate::platform::markup::Markup;
use crate::platform::{media, pointer};
use crate::state::{State, follow};

/// A figure shared by the components over it; `None` until there is room for one.
pub(crate) type SharedFigure = State<Option<Rc<dyn Figure>>>;

/// While playing, labels and inspector follow at this interval.
const FOLLOW_SECS: f64 = 0.1;
/// From 4× on nobody reads them, and each update costs as much as several frames.
const FOLLOW_FAST_SECS: f64 = 1.0;

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
    // From where the figure zooms into place, as CSS has it, and how often it did.
    let zoom = State::new((String::new(), 0_u32));

    let mut before = None;
    follow(move || {
        let size = room_size.get();
        if size.width < 1.0 {
            return;
        }
        let legend = !lab.embedded.get();
        let (next, shown) =
            lab.derived.with(|it| (figure::figure(it, legend, size), (it.model.view, it.filter())));
        let old = before.replace(shown);
        if old.is_some_and(|(view, _)| view != shown.0) {
            figure.with_untracked(|last| {
                let from = last.as_deref().and_then(|last| zoom_from(last, &*next, shown));
                zoom.update(|zoom| *zoom = (from.unwrap_or_default(), zoom.1 + 1));
            });
        }
        figure.set(Some(next));
    });

    let followed_secs = State::new(0.0);
    keep_painted(lab, &canvas, figure, move |now_secs| {
        if lab.playback.with_untracked(|playback| playback.finished_at(now_secs)) {
            lab.playback.update(|playback| *playback = playback.pause(now_secs));
            lab.settle();
            return;
        }
        let speed = lab.playback.with_untracked(Playback::speed);
        let fast = matches!(speed, Speed::Four | Speed::Eight | Speed::Sweep);
        let interval_secs = if fast { FOLLOW_FAST_SECS } else { FOLLOW_SECS };
        if now_secs - followed_secs.get_untracked() >= interval_secs {
            followed_secs.set(now_secs);
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
        if choose_part(lab, part) {
            return;
        }
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
        let from = zoom.with(|zoom| zoom.0.clone());
        format!("width:{width}px;height:{height}px;--from:{from}")
    });
    view.attr(".stage__figure", "data-zoom", move || {
        let count = zoom.with(|zoom| if zoom.0.is_empty() { 0 } else { zoom.1 % 2 + 1 });
        ["none", "odd", "even"][count as usize].to_owned()
    });
    view.attr(".stage", "data-view", move || lab.derived.with(|it| it.model.view.name()).to_owned());
    view.attr("canvas", "aria-label", move || lab.derived.with(|it| describe(it)));
    view.text(".stage__hint", move || lab.derived.with(|it| text::hint(it, lab.attended())));
    view.put_later("input", move || cell_grid(lab, GridKind::Input, figure, editing));
    view.put_later("kernel", move || cell_grid(lab, GridKind::Kernel, figure, editing));
    view.put_later("output", move || cell_grid(lab, GridKind::Output, figure, editing));
    view.put_later("editor", move || cell_editor(lab, figure, editing));
    view
}

/// Shows what is pressed instead of pinning it, where it is a channel or a filter as a whole: the channel, or the
/// inside of the filter. Whether it was.
pub(crate) fn choose_part(lab: Lab, part: Option<Part>) -> bool {
    let model = lab.current();
    match part {
        Some(Part::Channel(channel)) => lab.look(model.with_channel(channel)),
        Some(Part::Filter(filter)) => lab.look(model.with_filter(filter).with_view(View::Flat)),
        _ => return false,
    }
    true
}

/// The transform with which a figure begins where the one before it was: the inside of a filter in the block that
/// it is in the depth view, and the depth view as large as the inside was.
fn zoom_from(last: &dyn Figure, next: &dyn Figure, (view, filter): (View, u64)) -> Option<String> {
    let block = Part::Filter(filter);
    if view == View::Depth {
        let rect = next.part_rect(block)?;
        let scale = (last.size().width / rect.width.max(1.0)).min(6.0);
        let [x, y] = [-rect.x * scale, -rect.y * scale].map(number::css);
        return Some(format!("translate({x}px,{y}px) scale({})", number::css(scale)));
    }
    let rect = last.part_rect(block)?;
    let scale = rect.width / next.size().width.max(1.0);
    let [x, y] = [rect.x, rect.y].map(number::css);
    Some(format!("translate({x}px,{y}px) scale({})", number::css(scale)))
}
