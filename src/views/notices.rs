//! What the link said that could not be shown as it was.

use convscope_page::link::Notice;

use super::controls::icon::{Glyph, icon_button};
use super::html;
use crate::platform::markup::Markup;
use crate::state::State;

/// A list of sentences above the figure, until it is dismissed.
pub(crate) fn notices(notices: State<Vec<Notice>>) -> Markup {
    let view = Markup::new(&format!(
        "<div role=status><div class=notices><ul aria-label=\"About this link\"></ul>{}</div></div>",
        icon_button("btn btn--quiet btn--icon", "dismiss", "Dismiss", Glyph::Close)
    ));
    view.flag(".notices", "hidden", move || notices.with(Vec::is_empty));
    view.html("ul", move || notices.with(|list| html::list(list.iter().map(|notice| notice.text.as_str()))));
    view.on("button", "click", move |_| notices.set(Vec::new()));
    view
}
