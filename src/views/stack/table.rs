//! The layers, one a row, with their own numbers.

use crate::platform::markup::Markup;
use crate::platform::rows::{self, Rows};
use crate::platform::{focus, form};
use crate::stack::Stack;
use crate::state::{State, follow};

use super::row::row;

/// The height of a row until it is measured, in CSS pixels.
const ROW_PX: f64 = 48.0;

const TABLE: &str = "<div class=layers-box>
    <table class=layers aria-label=Layers>
    <thead><tr>
        <th><th>#<th>Layer<th>Output<th>Field<th>Jump<th>Start<th>Parameters<th>Memory<th>MACs
    </tr></thead>
    <tbody class=layers__gap aria-hidden=true><tr><td></td></tr></tbody>
    <tbody class=layers__rows></tbody>
    <tbody class=layers__gap aria-hidden=true><tr><td></td></tr></tbody>
    </table></div>";

/// The table; only rows near the screen are in the page.
pub(crate) fn table(stack: Stack) -> Markup {
    let view = Markup::new(TABLE);
    let clip = view.find(".layers-box");
    let body = view.find(".layers__rows");
    let gaps = [view.find(".layers__gap"), view.find(".layers__gap:last-child")];
    let rows = State::new(Rows::new(body, gaps));
    let height = State::new(ROW_PX);
    let n_layers = move || stack.layers.with_untracked(|it| it.analysis.graph().len());
    view.attr("table", "aria-rowcount", move || {
        stack.layers.with(|it| it.analysis.graph().len() + 1).to_string()
    });
    let near = State::new(0..1);
    let scrolled = rows::scrolled();
    let of = clip.clone();
    follow(move || {
        scrolled.track();
        stack.layers.track();
        let next = rows.with_untracked(|rows| rows.near_screen(&of, n_layers(), height.get_untracked()));
        if near.get_untracked() != next {
            near.set(next);
        }
    });
    let of = clip.clone();
    follow(move || {
        let (near, selected) = (near.get(), stack.selected.get());
        let px = height.get_untracked();
        let (next, len) = stack.layers.with(|it| {
            let len = it.analysis.graph().len();
            let near = near.start.min(len)..near.end.min(len);
            (near.clone().map(|idx| row(it, idx, idx == selected)).collect(), len)
        });
        let measured = rows.update_quietly(|rows| {
            rows.show(near.start, next, len, px);
            rows.row_height()
        });
        if let Some(measured) = measured.flatten()
            && (measured - px).abs() > 0.5
        {
            height.set(measured);
            scrolled.update(|count| *count = count.wrapping_add(1));
        }
        let _ = &of;
    });
    view.on(".layers__rows", "change", move |event| {
        if let Some(idx) = form::place(&event).and_then(|it| it.parse().ok()) {
            stack.select(idx);
        }
    });
    view.on(".layers__rows", "keydown", move |event| {
        let step = match form::key(&event).as_str() {
            "ArrowUp" => -1,
            "ArrowDown" => 1,
            _ => return,
        };
        if let Some(idx) = form::place(&event).and_then(|it| it.parse::<usize>().ok())
            && let Some(next) = idx.checked_add_signed(step).filter(|next| *next < n_layers())
        {
            event.prevent_default();
            stack.select(next);
            rows.with_untracked(|rows| rows.bring(&clip, next, height.get_untracked()));
            focus::by_id(&format!("layer-{next}-pick"));
        }
    });
    view
}
