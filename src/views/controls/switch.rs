//! On or off.

use std::rc::Rc;

use crate::platform::markup::Markup;

/// A row with a label and a switch; `set` is called with what it is switched to.
pub(crate) fn switch(label: &str, on: Box<dyn Fn() -> bool>, set: Box<dyn Fn(bool)>) -> Markup {
    let view = Markup::new(
        &[
            "<div class=control-row><span class=control-row__label>",
            label,
            "</span><button type=button class=switch role=switch aria-label=\"",
            label,
            "\"></button></div>",
        ]
        .concat(),
    );
    let on: Rc<dyn Fn() -> bool> = on.into();
    let now = Rc::clone(&on);
    view.attr("button", "aria-checked", move || on().to_string());
    view.on("button", "click", move |_| set(!now()));
    view
}
