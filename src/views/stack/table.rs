//! The layers, one a row, with fields for their settings and their own numbers.

use convscope_page::stack::{Kind, Setting};

use super::actions::Layers;
use super::details::details;
use super::foot::foot;
use super::row::{NUMBERS, Standing, row, totals};
use crate::platform::drag::{Drag, use_drag};
use crate::platform::markup::{Event, Markup};
use crate::platform::rows::{self, Rows};
use crate::platform::{clock, focus, form, media};
use crate::stack::Stack;
use crate::state::{State, follow};

/// The height of a row until it is measured, in CSS pixels.
const ROW_PX: f64 = 44.0;

/// What is dragged: its node, the gap between rows where it would stand, and where the pointer is.
type Dragged = Option<(usize, usize, f64)>;

fn markup() -> String {
    let mut heads = String::from(
        "<th class=layers__grip><span class=visually-hidden>Move</span>
        <th class=layers__pick><span class=visually-hidden>Number</span><th class=layers__kind>Layer",
    );
    for setting in Setting::COLUMNS {
        heads.push_str("<th class=layers__param>");
        heads.push_str(setting.label());
    }
    for [class, name] in NUMBERS {
        heads.push_str(&format!("<th class={class}>{name}"));
    }
    format!(
        "<div class=layers-box>
        <table class=layers aria-label=Layers>
        <thead><tr aria-rowindex=1>{heads}<th class=layers__tools><span class=visually-hidden>Remove</span></tr></thead>
        <tbody class=layers__gap aria-hidden=true><tr><td colspan=16></tbody>
        <tbody class=layers__rows></tbody>
        <tbody class=layers__gap aria-hidden=true><tr><td colspan=16></tbody>
        <tfoot></tfoot>
        </table><div class=layers__place hidden></div></div>
        <div class=layers-foot><slot name=foot></slot><slot name=details></slot></div>"
    )
}

/// The table with what stands below it; only rows near the screen are in the page.
pub(crate) fn table(stack: Stack) -> Markup {
    let layers = Layers::new(stack);
    let view = Markup::new(&markup());
    let clip = view.find(".layers-box");
    let gaps = [view.find(".layers__gap"), view.find(".layers__rows + .layers__gap")];
    let rows = State::new(Rows::new(view.find(".layers__rows"), gaps));
    let height = State::new(ROW_PX);
    let dragged: State<Dragged> = State::new(None);
    // The row of names, the layers, and the sums.
    view.attr("table", "aria-rowcount", move || stack.layers.with(|it| it.n_rows() + 2).to_string());
    view.html("tfoot", move || {
        stack.chosen.with(|it| {
            let begin = format!("<tr aria-rowindex={}", it.n_rows() + 2);
            totals(&it.totals()).replacen("<tr", &begin, 1)
        })
    });

    // Which rows are near the screen.
    let near = State::new(0..1);
    let scrolled = rows::scrolled();
    let room = media::element_size(&clip);
    let of = clip.clone();
    follow(move || {
        scrolled.track();
        room.track();
        stack.layers.track();
        let len = layers.n_layers();
        let next = rows.with_untracked(|rows| rows.near_screen(&of, len, height.get_untracked()));
        if near.get_untracked() != next {
            near.set(next);
        }
    });
    // What was typed is shown until the row says what became of it.
    follow(move || {
        layers.typed.track();
        rows.update_quietly(Rows::forget_values);
    });
    follow(move || {
        layers.typed.track();
        let (near, selected, refused) = (near.get(), stack.selected.get(), layers.refused.get());
        let held = dragged.with(|it| it.map(|it| it.0));
        let px = height.get_untracked();
        let (next, len) = stack.layers.with(|it| {
            let len = it.n_rows();
            let near = near.start.min(len)..near.end.min(len);
            // The row that has the focus stays, wherever it is, with what is being typed.
            let focused = rows.with_untracked(Rows::focused).filter(|node| *node < len);
            let [before, after] =
                [focused.filter(|node| *node < near.start), focused.filter(|node| *node >= near.end)];
            let show = |node: usize| {
                let refused = refused.as_ref().filter(|it| it.node == node);
                let standing = Standing { selected: node == selected, dragged: held == Some(node), refused };
                it.row(node).map(|layer| row(&layer, standing)).unwrap_or_default()
            };
            let nodes = before.into_iter().chain(near).chain(after);
            (nodes.map(|node| (node, show(node))).collect(), len)
        });
        let measured = rows.update_quietly(|rows| {
            rows.show(next, len, px);
            rows.row_height()
        });
        if let Some(measured) = measured.flatten()
            && (measured - px).abs() > 0.5
        {
            height.set(measured);
            scrolled.update(|count| *count = count.wrapping_add(1));
        }
    });
    // A layer that is chosen in the figure is seen.
    let of = clip.clone();
    let mut before = stack.selected.get_untracked();
    follow(move || {
        let selected = stack.selected.get();
        if std::mem::replace(&mut before, selected) != selected {
            rows.with_untracked(|rows| rows.bring_inside(&of, selected, height.get_untracked()));
        }
    });
    // The layer of the last edit is seen, and has the focus.
    let of = clip.clone();
    follow(move || {
        let Some((node, control)) = layers.focus.get() else { return };
        let px = height.get_untracked();
        let next = rows.with_untracked(|rows| {
            rows.bring(&of, node, px);
            rows.near_screen(&of, layers.n_layers(), px)
        });
        // Its row may not be in the page yet.
        if near.get_untracked() != next {
            near.set(next);
        }
        focus::soon(format!("layer-{node}-{control}"));
    });

    let of = clip.clone();
    use_drag(&clip, ".grip", move |drag| match drag {
        Drag::Move { at, y } => {
            let Some(node) = node_of(&at) else { return };
            let gap = rows.with_untracked(|rows| rows.place_at(y, height.get_untracked()));
            dragged.set(Some((node, gap.clamp(1, layers.n_layers()), y)));
        }
        Drag::Drop => {
            if let Some((node, gap, _)) = dragged.get_untracked() {
                dragged.set(None);
                layers.drop_at(node, gap);
            }
        }
        Drag::Cancel => dragged.set(None),
    });
    // Near an edge of the table the rows move on below the pointer.
    let scrolls = clip.clone();
    clock::use_frames(
        move || dragged.with(Option::is_some),
        move |_| {
            let Some((node, gap, y)) = dragged.get_untracked() else { return };
            let beyond = rows::beyond(&scrolls, y);
            if beyond != 0.0 {
                rows::scroll_by(&scrolls, beyond.clamp(-24.0, 24.0));
                let next = rows.with_untracked(|rows| rows.place_at(y, height.get_untracked()));
                let next = next.clamp(1, layers.n_layers());
                if next != gap {
                    dragged.set(Some((node, next, y)));
                }
            }
        },
    );
    view.flag(".layers__place", "hidden", move || dragged.with(Option::is_none));
    view.attr(".layers__place", "style", move || {
        let Some((_, gap, _)) = dragged.get() else { return String::new() };
        let y = rows.with_untracked(|rows| rows.offset_in(&of, gap, height.get_untracked()));
        format!("--y:{}px", convscope_scene::number::css(y))
    });

    view.on(".layers__rows", "change", move |event| {
        let Some((node, control)) = form::place(&event).and_then(|at| place_of(&at)) else { return };
        match control.as_str() {
            "pick" => stack.select(node),
            "kind" => {
                if let Some(kind) = Kind::from_name(&form::value(&event)) {
                    layers.set_kind(node, kind);
                }
            }
            name => {
                if let Some(setting) = Setting::from_name(name) {
                    layers.set(node, setting, &form::value(&event));
                }
            }
        }
    });
    view.on(".layers__rows", "click", move |event| {
        if form::happened_on(&event, "[data-repair]") {
            return layers.repair();
        }
        let Some(at) = form::place(&event) else { return };
        match place_of(&at) {
            Some((node, control)) if control == "remove" => layers.remove(node, "remove"),
            // Beside its controls a row itself is pressed.
            None => {
                if let Ok(node) = at.parse() {
                    stack.select(node);
                }
            }
            _ => {}
        }
    });
    view.on(".layers__rows", "keydown", move |event| on_key(layers, &event));
    view.put("details", details(layers));
    view.put("foot", foot(layers));
    view
}

/// What the keys do in a row, and in the fields below the table.
pub(crate) fn on_key(layers: Layers, event: &Event) {
    let stack = layers.stack;
    let Some((node, control)) = form::place(event).and_then(|at| place_of(&at)) else { return };
    let by = match form::key(event).as_str() {
        "ArrowUp" => -1,
        "ArrowDown" => 1,
        // A text that was taken is undone as the edit that it was, one that is being typed by the field.
        "z" | "Z" if form::modified(event) && !form::alt(event) => {
            let known = Setting::from_name(&control)
                .and_then(|it| stack.model.with_untracked(|model| model.setting(node, it)));
            if known.is_some_and(|known| known == form::value(event)) {
                event.prevent_default();
                if form::shift(event) { stack.redo() } else { stack.undo() }
            }
            return;
        }
        // What was there before comes back.
        "Escape" => {
            layers.refused.set(None);
            return layers.typed.update(|count| *count = count.wrapping_add(1));
        }
        "Delete" if matches!(control.as_str(), "pick" | "grip" | "remove") && node > 0 => {
            event.prevent_default();
            return layers.remove(node, &control);
        }
        _ => return,
    };
    if form::alt(event) || control == "grip" {
        if node > 0 {
            layers.shift(node, by, &control);
        }
    } else if control == "pick" {
        if let Some(next) = node.checked_add_signed(by as isize).filter(|at| *at < layers.n_layers()) {
            stack.select(next);
            layers.focus.set(Some((next, "pick".to_owned())));
        }
    } else if let Some(setting) = Setting::from_name(&control) {
        // What was typed and not yet taken counts first.
        let typed = form::value(event);
        let known = stack.model.with_untracked(|model| model.setting(node, setting));
        if known.as_deref() != Some(typed.trim()) {
            layers.set(node, setting, &typed);
        }
        layers.step(node, setting, -by);
    } else {
        return;
    }
    event.prevent_default();
}

/// `3 kernel`: the node and the control of a place.
pub(crate) fn place_of(at: &str) -> Option<(usize, String)> {
    let (node, control) = at.split_once(' ')?;
    Some((node.parse().ok()?, control.to_owned()))
}

fn node_of(at: &str) -> Option<usize> {
    place_of(at).map(|it| it.0)
}
