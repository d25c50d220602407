//! A number for both axes: one row while they are linked, else one for height and one for width.

use convscope_page::bounds::{self, Control};

use super::icon::{Glyph, icon};
use super::number_row::number_row;
use crate::derive::Lab;
use crate::platform::markup::Markup;
use crate::state::State;

/// What a pair is about.
#[derive(Clone, Copy)]
pub(crate) struct Axes {
    /// What the number is, while the axes are linked.
    pub(crate) label: &'static str,
    /// Vertical and horizontal.
    pub(crate) controls: [Control; 2],
    /// What each axis is called on its own.
    pub(crate) names: [&'static str; 2],
    /// What edits are called in the history, for both, and for the second axis alone.
    pub(crate) what: [&'static str; 2],
}

/// A number row with the link button that joins its axes.
pub(crate) fn axis_pair(lab: Lab, axes: Axes) -> Markup {
    let Axes { label, controls, names, what } = axes;
    let asked = State::new(true);
    // Unequal axes cannot be linked, wherever they came from.
    let linked = move || {
        asked.get()
            && lab.model.with(|model| bounds::value(model, controls[0]) == bounds::value(model, controls[1]))
    };
    let view =
        Markup::new("<slot name=first></slot><div class=axis-pair__second><slot name=second></slot></div>");
    view.flag(".axis-pair__second", "hidden", linked);
    let link = Markup::new(&format!(
        "<button type=button class=link-axes aria-label=\"{label}: link height and width\">{}</button>",
        icon(Glyph::Link)
    ));
    link.attr("button", "aria-pressed", move || linked().to_string());
    link.on("button", "click", move |_| {
        if linked() {
            asked.set(false);
            return;
        }
        asked.set(true);
        let model = lab.current();
        let limits = bounds::bounds_of(&model, &controls);
        let value = bounds::value(&model, controls[0]).clamp(limits.low, limits.high);
        lab.edit(what[0], bounds::with(&model, &controls, value));
    });
    let name = move || if linked() { label } else { names[0] };
    let both = move || if linked() { controls.to_vec() } else { vec![controls[0]] };
    view.put("first", number_row(lab, what[0], Box::new(name), Box::new(both), Some(link)));
    let second = move || vec![controls[1]];
    view.put("second", number_row(lab, what[1], Box::new(move || names[1]), Box::new(second), None));
    view
}
