//! Below the depth view's transport: the working view of the chosen filter.

use convscope_page::figure;
use convscope_page::operation::View;
use convscope_scene::{Part, Point, Pose, number};

use super::choice::{Choice, choice};
use super::figure::{SharedFigure, choose_part};
use super::painted::keep_painted;
use crate::derive::Lab;
use crate::platform::markup::Markup;
use crate::platform::{media, pointer};
use crate::state::{State, follow};

const INSIDE: &str = "<section class=inside aria-label=\"Inside the filter\">
    <div class=inside__head><h2 class=heading></h2><slot name=channel></slot><slot name=filter></slot></div>
    <div class=inside__room aria-hidden=true></div>
    <div class=inside__figure><canvas class=stage__canvas role=img></canvas></div>
    </section>";

/// The place of the working view: there is one in the depth view alone.
pub(crate) fn inside_place(lab: Lab) -> Markup {
    let view = Markup::new("<div></div>");
    let deep = State::new(false);
    follow(move || {
        let now = lab.derived.with(|it| it.model.view == View::Depth);
        if deep.get_untracked() != now {
            deep.set(now);
        }
    });
    view.swap("div", move || if deep.get() { inside(lab) } else { Markup::new("") });
    view
}

/// Heading, the choice of filter, and the figure.
fn inside(lab: Lab) -> Markup {
    let view = Markup::new(INSIDE);
    let canvas = view.find("canvas");
    let shared: SharedFigure = State::new(None);
    let room = media::element_size(&view.find(".inside__room"));
    follow(move || {
        let size = room.get();
        if size.width >= 1.0 {
            shared.set(Some(lab.derived.with(|it| figure::channels(it, true, size))));
        }
    });
    keep_painted(lab, &canvas, shared, |_| {});
    let hit = move |point: Option<Point>| -> Option<Part> {
        let pose = Pose::at(lab.step.get_untracked());
        shared.get_untracked().zip(point).and_then(|(it, point)| it.hit(pose, point))
    };
    let of = canvas.clone();
    view.on(".inside__figure", "pointermove", move |event| {
        let part = hit(pointer::in_node(&event, &of));
        if lab.pointed.get_untracked() != part {
            lab.pointed.set(part);
        }
    });
    view.on(".inside__figure", "pointerleave", move |_| lab.pointed.set(None));
    view.on(".inside__figure", "click", move |event| {
        let part = hit(pointer::in_node(&event, &canvas));
        if !choose_part(lab, part) {
            let same = part == lab.pinned.get_untracked();
            lab.pinned.set(if same { None } else { part });
        }
    });
    view.text("h2", move || {
        lab.derived.with(|it| {
            let filter = it.filter() + 1;
            let maps =
                if it.n_slices() == 1 { "its one channel" } else { "one map per channel, then their sum" };
            format!("Inside filter {filter}: {maps}")
        })
    });
    view.attr("canvas", "aria-label", move || {
        lab.derived.with(|it| {
            let output = it.output_of_step(lab.step.get());
            convscope_page::text::inspect_channels(it, output).name
        })
    });
    view.attr(".inside__figure", "style", move || {
        let size = shared.get().map(|it| it.size()).unwrap_or_default();
        format!("width:{}px;height:{}px", number::css(size.width), number::css(size.height))
    });
    view.put("channel", choice(lab, Choice::Channel, "inside-channel"));
    view.put("filter", choice(lab, Choice::Filter, "inside-filter"));
    view
}
