//! A field for a real number: a weight, an input, the bias.

use std::rc::Rc;

use convscope_scene::number;

use crate::derive::Lab;
use crate::platform::form;
use crate::platform::markup::Markup;
use crate::state::State;
use crate::views::html::{self, Kind};

/// The field; a text that is no number stays in it, with the reason below.
///
/// `label` says what the number is; `what` marks the figure as waiting while the text is refused; `value` is
/// the present one, `None` where there is none to edit; `read` understands what is typed, and `set` is called
/// with a new one.
pub(crate) fn value_field(
    lab: Lab,
    label: &str,
    what: &'static str,
    value: Rc<dyn Fn() -> Option<f32>>,
    read: fn(&str) -> Result<f32, String>,
    set: Box<dyn Fn(f32)>,
) -> Markup {
    let refused = State::new(None::<(String, String)>);
    lab.watch_refusal(what, move || refused.with(Option::is_some), move || refused.set(None));
    let view = Markup::new(&format!(
        "<input class=field type=text autocomplete=off aria-label=\"{label}\">
        <div class=number-row__note role=status></div>"
    ));
    view.attr("input", "aria-invalid", move || refused.with(Option::is_some).to_string());
    let present = Rc::clone(&value);
    view.flag("input", "disabled", move || present().is_none());
    view.value("input", move || {
        let typed = refused.with(|it| it.as_ref().map(|it| it.0.clone()));
        typed.unwrap_or_else(|| number::full(value().unwrap_or(0.0)))
    });
    view.on("input", "change", move |event| {
        let text = form::value(&event);
        match read(&text) {
            Ok(value) => {
                refused.set(None);
                set(value);
            }
            Err(reason) => refused.set(Some((text, reason))),
        }
    });
    view.html(".number-row__note", move || {
        refused.with(|it| it.as_ref().map(|it| html::message(Kind::Error, &it.1, None))).unwrap_or_default()
    });
    view
}
