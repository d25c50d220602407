//! What a group of controls has to say about the present numbers.

use convscope_page::text;

use crate::derive::Lab;
use crate::platform::markup::Markup;
use crate::views::html;

/// The notes that belong to `controls`.
pub(crate) fn panel_notes(lab: Lab, controls: &'static [&'static str]) -> Markup {
    let view = Markup::new("<div class=control-notes></div>");
    view.html("div", move || lab.derived.with(|it| html::notes(&text::notes(it), controls)));
    view
}
