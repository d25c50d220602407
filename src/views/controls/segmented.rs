//! One of a few: two to four choices in a row.

use crate::platform::form;
use crate::platform::markup::Markup;
use crate::state::follow;
use crate::views::html;

/// Radio buttons that look like one bar: arrows move, the chosen one has border and weight.
///
/// `label` names the group, `options` are the choices in order; `chosen` says which one is, or none when
/// beyond the last; `choose` is called with the choice.
pub(crate) fn segmented(
    label: &str,
    options: &[&str],
    chosen: Box<dyn Fn() -> usize>,
    choose: Box<dyn Fn(usize)>,
) -> Markup {
    let radios = html::radios(label, options);
    let view = Markup::new(
        &["<fieldset class=segmented aria-label=\"", label, "\">", &radios, "</fieldset>"].concat(),
    );
    let group = view.find("fieldset");
    follow(move || form::check_radio(&group, chosen()));
    view.on("fieldset", "change", move |event| form::chosen(&event, &choose));
    view
}
