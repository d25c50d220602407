//! What the link said that could not be shown as it was.

use crate::derive::Lab;
use crate::platform::markup::Markup;
use crate::views::controls::icon::{Glyph, icon_button};
use crate::views::html;

/// A list of sentences above the figure, until it is dismissed.
pub(crate) fn notices(lab: Lab) -> Markup {
    let view = Markup::new(&format!(
        "<div role=status><div class=notices><ul aria-label=\"About this link\"></ul>{}</div></div>",
        icon_button("btn btn--quiet btn--icon", "dismiss", "Dismiss", Glyph::Close)
    ));
    view.flag(".notices", "hidden", move || lab.notices.with(Vec::is_empty));
    view.html("ul", move || {
        lab.notices.with(|notices| html::list(notices.iter().map(|notice| notice.text.as_str())))
    });
    view.on("button", "click", move |_| lab.notices.set(Vec::new()));
    view
}
