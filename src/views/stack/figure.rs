//! The maps of the network from input to output, with what the unit under the pointer, or else the chosen one,
//! sees on each of them.

use std::rc::Rc;
use std::sync::Arc;

use convscope_core::graph::{Analysis, NodeId, Projection};
use convscope_page::source::Picture;
use convscope_page::stack::{self, Shown};
use convscope_page::text::stack::{sentence_plain, unit_name, words};
use convscope_scene::stack::{FieldFigure, Sight, Unit};
use convscope_scene::{Mark, Point, Raster, Scene, Size, number};

use super::painted::{Layers, keep_painted};
use crate::platform::markup::Markup;
use crate::platform::{form, media, pointer};
use crate::stack::Stack;
use crate::state::{State, follow};

const STAGE: &str = "<div class=field-stage>
    <div class=field-stage__room aria-hidden=true></div>
    <div class=field-stage__figure tabindex=0 role=application aria-roledescription=\"field figure\"
        aria-describedby=field-keys>
        <canvas class=field-stage__canvas aria-hidden=true></canvas>
    </div>
    <p id=field-keys class=visually-hidden>Arrow keys move the unit in its map, with Shift by a tenth of it, Home and
        End to the first and last column; Page Up and Page Down go to the map before and after.</p>
    </div>";

/// A figure and what it was laid out for.
pub(super) struct Laid {
    figure: FieldFigure,
    key: Key,
    epoch: u64,
}

/// What still marks depend on.
#[derive(Clone)]
struct Key {
    analysis: Arc<Analysis>,
    selected: usize,
    picture: Option<Picture>,
    shown: Shown,
    room: Size,
}

impl Key {
    fn is(&self, other: &Self) -> bool {
        let same_picture = match (&self.picture, &other.picture) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        same_picture
            && Arc::ptr_eq(&self.analysis, &other.analysis)
            && (self.selected, self.shown, self.room) == (other.selected, other.shown, other.room)
    }
}

impl Laid {
    /// The figure with what is seen of its unit, as it stands on the page.
    pub(super) fn scene(&self, seen: &stack::Stack) -> Scene {
        let mut marks = self.figure.still();
        marks.extend(moving(self, seen));
        Scene { size: self.figure.size(), marks }
    }
}

/// A picture as the input shows it, kept while layers change behind the input.
struct Sampled {
    picture: Picture,
    input: Option<[u64; 3]>,
    shown: Shown,
    raster: Option<Rc<Raster>>,
}

impl Sampled {
    fn of(kept: &mut Option<Self>, picture: &Picture, seen: &stack::Stack) -> Option<Rc<Raster>> {
        let (input, shown) = (seen.model.input(), seen.model.shown);
        if let Some(it) = kept
            && Arc::ptr_eq(&it.picture, picture)
            && (it.input, it.shown) == (input, shown)
        {
            return it.raster.clone();
        }
        let raster = seen.picture_raster(picture);
        *kept = Some(Self { picture: Arc::clone(picture), input, shown, raster: raster.clone() });
        raster
    }
}

/// Canvas, pointer and keys; the figure is kept in `laid`. Not inlined: it is no part of what runs first.
#[inline(never)]
pub(super) fn figure(stack: Stack, laid: State<Option<Rc<Laid>>>) -> Markup {
    let view = Markup::new(STAGE);
    let canvas = view.find("canvas");
    let room = media::element_size(&view.find(".field-stage__room"));

    let mut epoch = 0;
    let mut sampled: Option<Sampled> = None;
    follow(move || {
        let room = room.get();
        if room.width < 1.0 {
            return;
        }
        let picture = stack.picture.get();
        let seen = stack.seen.get();
        // What is pointed at moves nothing; of layers that were there before, what was chosen last stays.
        let now = stack.layers.with(|it| Arc::ptr_eq(&it.analysis, &seen.analysis));
        let selected = if now { stack.selected.get() } else { seen.model.selected };
        let key = Key { analysis: seen.analysis.clone(), selected, picture, shown: seen.model.shown, room };
        if laid.with_untracked(|laid| laid.as_ref().is_some_and(|laid| laid.key.is(&key))) {
            return;
        }
        let Some(node) = key.analysis.graph().id(selected) else { return };
        let raster = key.picture.as_ref().and_then(|picture| Sampled::of(&mut sampled, picture, &seen));
        let figure = FieldFigure::new(&key.analysis, node, raster, words(&seen), room);
        epoch += 1;
        laid.set(Some(Rc::new(Laid { figure, key, epoch })));
    });

    keep_painted(&canvas, move || {
        let laid = laid.get()?;
        let moving = stack.seen.with(|seen| moving(&laid, seen));
        let still = Rc::clone(&laid);
        let still = Box::new(move || still.figure.still());
        Some(Layers { epoch: laid.epoch, size: laid.figure.size(), still, moving })
    });

    let hit = move |point: Option<Point>| {
        let point = point?;
        let unit = laid.with_untracked(|laid| laid.as_ref()?.figure.hit(point))?;
        Some((unit.node.index(), unit.at))
    };
    let of = canvas.clone();
    view.on(".field-stage__figure", "pointermove", move |event| {
        stack.point(hit(pointer::in_node(&event, &of)));
    });
    view.on(".field-stage__figure", "pointerleave", move |_| stack.point(None));
    view.on(".field-stage__figure", "pointercancel", move |_| stack.point(None));
    view.on(".field-stage__figure", "click", move |event| {
        if let Some(unit) = hit(pointer::in_node(&event, &canvas)) {
            stack.choose_unit(unit);
        }
    });
    view.on(".field-stage__figure", "keydown", move |event| {
        // The figure may be one of other layers.
        if form::modified(&event) || stack.waiting.get_untracked() {
            return;
        }
        let step = laid.with_untracked(|laid| {
            let seen = stack.model.get_untracked();
            moved(&laid.as_ref()?.figure, (seen.selected, seen.unit), &form::key(&event), form::shift(&event))
        });
        if let Some(unit) = step {
            event.prevent_default();
            event.stop_propagation();
            stack.choose_unit(unit);
            let said = stack.seen.with_untracked(|seen| {
                [&unit_name(seen, seen.model.selected, seen.model.unit), ". ", &sentence_plain(seen)].concat()
            });
            stack.said.set(said);
        }
    });
    view.attr(".field-stage__figure", "style", move || {
        let size = laid.with(|laid| laid.as_ref().map(|laid| laid.figure.size()).unwrap_or_default());
        let [width, height] = [size.width, size.height].map(number::css);
        format!("width:{width}px;height:{height}px")
    });
    view.attr(".field-stage__figure", "aria-label", move || {
        stack.told.with(|seen| {
            [&sentence_plain(seen), ". ", &unit_name(seen, seen.model.selected, seen.model.unit)].concat()
        })
    });
    view
}

/// What lies over the maps.
fn moving(laid: &Laid, seen: &stack::Stack) -> Vec<Mark> {
    let (Some(node), Ok(reads)) = (seen.selected(), &seen.projection) else { return Vec::new() };
    // For a frame, a figure may be of other layers.
    if !Arc::ptr_eq(&laid.key.analysis, &seen.analysis) {
        return Vec::new();
    }
    let seen_by = seen_by(seen, node, laid.figure.nodes().last());
    laid.figure.moving(&sight(seen, node, reads, seen_by.as_ref()))
}

/// Who sees the unit, where maps behind it are shown.
pub(super) fn seen_by(seen: &stack::Stack, node: NodeId, last: Option<NodeId>) -> Option<Projection> {
    last.filter(|last| *last > node)?;
    seen.analysis.seen_by(node, seen.model.unit).ok()
}

/// The unit with what it sees.
pub(super) fn sight<'a>(
    seen: &stack::Stack,
    node: NodeId,
    reads: &'a Projection,
    seen_by: Option<&'a Projection>,
) -> Sight<'a> {
    Sight { unit: Unit { node, at: seen.model.unit }, reads, seen_by }
}

/// Where a key takes the unit: within its map, or to the same place of another map that is shown.
fn moved(
    figure: &FieldFigure,
    (node, at): crate::stack::Unit,
    key: &str,
    far: bool,
) -> Option<crate::stack::Unit> {
    let nodes: Vec<NodeId> = figure.nodes().collect();
    let place = nodes.iter().position(|it| it.index() == node)?;
    let size = figure.map_size(nodes[place])?;
    let by = |side: usize| if far { (size[side] / 10).max(2) } else { 1 };
    let last = size.map(|len| len.saturating_sub(1));
    let [row, column] = at;
    let to = |place: usize| {
        let other = figure.map_size(nodes[place])?;
        let at = [0, 1].map(|side: usize| {
            let middle = u128::from(at[side]) * 2 + 1;
            let share = middle * u128::from(other[side]) / (2 * u128::from(size[side].max(1)));
            u64::try_from(share).unwrap_or(u64::MAX).min(other[side].saturating_sub(1))
        });
        Some((nodes[place].index(), at))
    };
    let at = match key {
        "ArrowLeft" => [row, column.saturating_sub(by(1))],
        "ArrowRight" => [row, column.saturating_add(by(1)).min(last[1])],
        "ArrowUp" => [row.saturating_sub(by(0)), column],
        "ArrowDown" => [row.saturating_add(by(0)).min(last[0]), column],
        "Home" => [row, 0],
        "End" => [row, last[1]],
        "PageUp" => return to(place.checked_sub(1)?),
        "PageDown" => return if place + 1 < nodes.len() { to(place + 1) } else { None },
        _ => return None,
    };
    Some((node, at))
}
