//! How the field grows from layer to layer, and where parameters, memory and multiplications are.

use std::rc::Rc;
use std::sync::Arc;

use convscope_page::stack::{ChartKind, Stack as Derived};
use convscope_scene::chart::Chart;
use convscope_scene::{Point, Size};

use crate::platform::markup::Markup;
use crate::platform::{chart, media, palette, pointer};
use crate::stack::Stack;
use crate::state::{State, follow};

const CARD: &str = "<div class=chart>
    <div class=card__head><h2 class=heading></h2><span class=\"small muted\"></span></div>
    <div class=chart__figure><canvas role=img></canvas></div>
    </div>";

/// How high a chart is: that of the field, and the others.
const HEIGHT: [f64; 2] = [150.0, 110.0];

/// The layers, the axis and the chosen layer: what charts and most cards are of, so that they stay while the unit
/// moves.
pub(super) fn but_for_the_unit(stack: Stack) -> State<Arc<Derived>> {
    let of = State::new(stack.settled.get_untracked());
    follow(move || {
        let next = stack.settled.get();
        let chosen = |it: &Derived| (it.model.side, it.model.selected);
        let same =
            of.with_untracked(|it| Arc::ptr_eq(&it.analysis, &next.analysis) && chosen(it) == chosen(&next));
        if !same {
            of.set(next);
        }
    });
    of
}

/// All charts, one below the other. Not inlined: it is no part of what runs first.
#[inline(never)]
pub(super) fn charts(stack: Stack) -> Markup {
    let of = but_for_the_unit(stack);
    let slots = ["field", "parameters", "memory", "macs"];
    let html: Vec<String> = slots.iter().map(|name| format!("<slot name={name}></slot>")).collect();
    let view = Markup::new(&html.concat());
    for (name, kind) in slots.iter().zip(ChartKind::ALL) {
        view.put(name, one(stack, of, *kind));
    }
    view
}

/// A line of what was found of effective fields.
fn with_effective(chart: Chart, depths: &[(usize, f64)]) -> Chart {
    let found = |layer: &usize| depths.iter().find(|(node, _)| node == layer).map(|(_, across)| *across);
    let values: Vec<Option<f64>> = chart.layers.iter().map(found).collect();
    let line = (!depths.is_empty()).then(|| (values, "95 % of the effective field".to_owned()));
    Chart { line, ..chart }
}

fn one(stack: Stack, of: State<Arc<Derived>>, kind: ChartKind) -> Markup {
    let view = Markup::new(CARD);
    let canvas = view.find("canvas");
    let room = media::element_size(&view.find(".chart__figure"));
    let ratio = media::device_pixel_ratio();
    let palette = palette::use_palette();
    let shown: State<Option<Rc<Chart>>> = State::new(None);
    // What is said in place of the sentence while a bar is pointed at.
    let pointed: State<Option<usize>> = State::new(None);
    let height = HEIGHT[usize::from(kind != ChartKind::Field)];
    let size = move || Size::new(room.with(|room| room.width), height);
    follow(move || {
        let next = of.with(|it| it.chart(kind));
        let next = if kind == ChartKind::Field { with_effective(next, &stack.depths.get()) } else { next };
        shown.set(Some(Rc::new(next)));
    });
    let on = canvas.clone();
    follow(move || {
        let palette: Rc<_> = palette.get();
        let (size, ratio) = (size(), ratio.get());
        if size.width >= 1.0
            && let Some(next) = shown.get()
        {
            chart::draw(&on, &next, &palette, size, ratio);
        }
    });
    let hit = move |point: Option<Point>| {
        let room = room.get_untracked();
        shown.get_untracked()?.hit(Size::new(room.width, height), point?)
    };
    let of = canvas.clone();
    view.on(".chart__figure", "pointermove", move |event| {
        let bar = hit(pointer::in_node(&event, &of));
        if pointed.get_untracked() != bar {
            pointed.set(bar);
        }
    });
    view.on(".chart__figure", "pointerleave", move |_| pointed.set(None));
    view.on(".chart__figure", "click", move |event| {
        let bar = hit(pointer::in_node(&event, &canvas));
        let layer = bar.and_then(|bar| shown.with_untracked(|it| it.as_ref()?.layers.get(bar).copied()));
        if let Some(layer) = layer {
            stack.select(layer);
        }
    });
    view.text("h2", move || shown.with(|it| it.as_ref().map(|it| it.title.clone()).unwrap_or_default()));
    view.text("span", move || {
        let bar = pointed.get();
        shown
            .with(|it| {
                let chart = it.as_ref()?;
                bar.and_then(|bar| chart.say(bar)).or_else(|| Some(chart.sentence.clone()))
            })
            .unwrap_or_default()
    });
    view.attr("canvas", "aria-label", move || {
        shown.with(|it| it.as_ref().map(|it| [&it.title, ": ", &it.sentence].concat()).unwrap_or_default())
    });
    view
}
