//! One of many: the system's own select.

use crate::platform::form;
use crate::platform::markup::Markup;

/// A select named `label` for those who cannot see it, with prepared `options` (`html::options`).
///
/// `chosen` is an index through all groups, −1 for what is not listed; `choose` is called with the choice.
pub(crate) fn select(
    label: &str,
    options: &str,
    chosen: Box<dyn Fn() -> i32>,
    choose: Box<dyn Fn(usize)>,
) -> Markup {
    let view =
        Markup::new(&["<select class=select aria-label=\"", label, "\">", options, "</select>"].concat());
    view.value("select", move || chosen().to_string());
    view.on("select", "change", move |event| form::chosen(&event, &choose));
    view
}

/// The index of what a list shows as chosen, −1 where it is not in the list.
pub(crate) fn index(position: Option<usize>) -> i32 {
    position.map_or(-1, |idx| idx as i32)
}
