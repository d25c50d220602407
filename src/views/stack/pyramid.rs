//! One axis of the network: a row of units for each map over the input cells that they belong to.

use std::rc::Rc;
use std::sync::Arc;

use convscope_core::graph::Analysis;
use convscope_page::stack::{Side, StackModel};
use convscope_page::text::stack::words;
use convscope_scene::stack::{Pyramid, Unit, Window};
use convscope_scene::{Point, Size, number};

use super::figure::{seen_by, sight};
use super::painted::{Layers, keep_painted};
use crate::platform::markup::Markup;
use crate::platform::{media, pointer};
use crate::stack::{MOST_AT_ONCE, Stack};
use crate::state::{State, follow};
use crate::views::controls::segmented::segmented;

const CARD: &str = "<div class=pyramid>
    <div class=card__head><h2 class=heading></h2><slot name=side></slot></div>
    <div class=pyramid__room aria-hidden=true></div>
    <div class=pyramid__figure><canvas role=img></canvas></div>
    </div>";

/// How high the rows may be together.
const HEIGHT: f64 = 330.0;

/// A pyramid and what it was laid out for.
struct Laid {
    pyramid: Pyramid,
    analysis: Arc<Analysis>,
    key: (usize, Side, f64),
    epoch: u64,
}

/// Rows of units, and the choice of the axis. Not inlined: it is no part of what runs first.
#[inline(never)]
pub(super) fn pyramid(stack: Stack) -> Markup {
    let view = Markup::new(CARD);
    let canvas = view.find("canvas");
    let room = media::element_size(&view.find(".pyramid__room"));
    let laid: State<Option<Rc<Laid>>> = State::new(None);
    // The stretch that is shown, and how often it changed.
    let window: State<(Option<Window>, u64)> = State::new((None, 0));

    // Whether the pointer is on it.
    let here = State::new(false);
    let mut epoch = 0;
    follow(move || {
        let width = room.get().width;
        if width < 1.0 {
            return;
        }
        let seen = stack.told.get();
        // Of many layers that changed, the figure comes first.
        let settled = stack.settled.get();
        if seen.n_rows() > MOST_AT_ONCE && !Arc::ptr_eq(&seen.analysis, &settled.analysis) {
            return;
        }
        let now = stack.layers.with(|it| Arc::ptr_eq(&it.analysis, &seen.analysis));
        let selected = if now { stack.selected.get() } else { seen.model.selected };
        let key = (selected, seen.model.side, width);
        let known = |laid: &Rc<Laid>| Arc::ptr_eq(&laid.analysis, &seen.analysis) && laid.key == key;
        if laid.with_untracked(|laid| laid.as_ref().is_some_and(known)) {
            return;
        }
        let Some(node) = seen.analysis.graph().id(selected) else { return };
        let side = seen.model.side.index();
        let pyramid = Pyramid::new(&seen.analysis, node, side, words(&seen), Size::new(width, HEIGHT));
        epoch += 1;
        window.update_quietly(|window| *window = (None, window.1 + 1));
        laid.set(Some(Rc::new(Laid { pyramid, analysis: seen.analysis.clone(), key, epoch })));
    });

    keep_painted(&canvas, move || {
        let laid = laid.get()?;
        // Under the pointer it follows at once, elsewhere with the texts.
        let of = if here.get() { stack.seen } else { stack.told };
        of.with(|seen| {
            let node = seen.selected()?;
            let reads = seen.projection.as_ref().ok()?;
            if !Arc::ptr_eq(&laid.analysis, &seen.analysis) {
                return None;
            }
            let seen_by = seen_by(seen, node, laid.pyramid.nodes().last());
            let sight = sight(seen, node, reads, seen_by.as_ref());
            let (last, turn) = window.get_untracked();
            let next = laid.pyramid.window(&sight, last);
            let turn = if last == Some(next) { turn } else { turn + 1 };
            window.update_quietly(|window| *window = (Some(next), turn));
            let moving = laid.pyramid.moving(&sight, next);
            let still = Rc::clone(&laid);
            let still = Box::new(move || still.pyramid.still(next));
            Some(Layers { epoch: laid.epoch << 32 | turn, size: laid.pyramid.size(), still, moving })
        })
    });

    let hit = move |point: Option<Point>| {
        let point = point?;
        let laid = laid.get_untracked()?;
        let window = window.get_untracked().0?;
        stack.seen.with_untracked(|seen| {
            let node = seen.selected()?;
            let unit = Unit { node, at: seen.model.unit };
            let unit = laid.pyramid.hit(window, point, unit)?;
            Some((unit.node.index(), unit.at))
        })
    };
    let of = canvas.clone();
    view.on(".pyramid__figure", "pointerenter", move |_| here.set(true));
    view.on(".pyramid__figure", "pointermove", move |event| {
        stack.point(hit(pointer::in_node(&event, &of)));
    });
    let leave = move |_| {
        here.set(false);
        stack.point(None);
    };
    view.on(".pyramid__figure", "pointerleave", leave);
    view.on(".pyramid__figure", "pointercancel", leave);
    view.on(".pyramid__figure", "click", move |event| {
        if let Some(unit) = hit(pointer::in_node(&event, &canvas)) {
            stack.choose_unit(unit);
        }
    });
    view.attr(".pyramid__figure", "style", move || {
        let size = laid.with(|laid| laid.as_ref().map(|laid| laid.pyramid.size()).unwrap_or_default());
        format!("height:{}px", number::css(size.height))
    });
    view.text("h2", move || ["Along the ", stack.model.with(|model| model.side.name())].concat());
    view.attr("canvas", "aria-label", move || {
        let side = stack.model.with(|model| model.side.name());
        ["Units of each map along the ", side, ", over the input cells that they belong to"].concat()
    });
    let chosen = move || stack.model.with(|model| model.side.index());
    let choose = move |idx: usize| {
        stack.look(StackModel { side: Side::ALL[idx], ..stack.model.get_untracked() });
    };
    view.put("side", segmented("Axis", &["Rows", "Columns"], Box::new(chosen), Box::new(choose)));
    view
}
