//! The weights as fields in the panel, while the live filter stands where they are edited otherwise.

use std::rc::Rc;

use convscope_page::bounds;
use convscope_scene::Part;

use super::value_field::value_field;
use crate::derive::Lab;
use crate::platform::markup::Markup;
use crate::state::{State, follow};

/// A field for each weight, row by row; empty while there is a figure.
pub(crate) fn kernel_grid(lab: Lab) -> Markup {
    // Fields stay while only their numbers change, and the focus with them.
    let shown = State::new(None::<[u64; 2]>);
    follow(move || {
        let size = lab.derived.with(|it| it.model.kernel_size);
        let wanted = lab.live.get().map(|_| size);
        if shown.get_untracked() != wanted {
            shown.set(wanted);
        }
    });
    let view = Markup::new("<div class=kernel-grid role=group aria-label=Weights></div>");
    view.swap(".kernel-grid", move || shown.get().map_or_else(|| Markup::new(""), |size| fields(lab, size)));
    view.attr(".kernel-grid", "style", move || {
        let columns = shown.get().map_or(1, |[_, columns]| columns);
        format!("--columns:{columns}")
    });
    view.flag(".kernel-grid", "hidden", move || shown.get().is_none());
    view
}

fn fields(lab: Lab, [rows, columns]: [u64; 2]) -> Markup {
    let positions: Vec<[u64; 2]> = (0..rows).flat_map(|y| (0..columns).map(move |x| [y, x])).collect();
    let cells = positions
        .iter()
        .map(|[y, x]| format!("<div class=kernel-grid__cell><slot name=w{y}-{x}></slot></div>"));
    let view = Markup::new(&cells.collect::<String>());
    for [y, x] in positions {
        let value = move || {
            lab.derived.with(|it| {
                let [height, width] = it.model.kernel_size;
                (y < height && x < width).then(|| it.weight_at([y, x]))
            })
        };
        let set = move |value| {
            let part = Part::Kernel([y, x]);
            lab.edit("weight", lab.derived.with_untracked(|it| it.with_value(&lab.current(), part, value)));
        };
        let label = format!("Weight row {y}, column {x}");
        let field = value_field(lab, &label, "weight", Rc::new(value), bounds::read_number, Box::new(set));
        view.put(&format!("w{y}-{x}"), field);
    }
    view
}
