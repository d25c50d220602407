//! The bar above all pages: name, pages, share, keys, theme.

use super::controls::icon::{Glyph, LOGO, icon_button};
use super::keys::keys;
use super::share::share;
use crate::pages::{Pages, Showing};
use crate::platform::markup::Markup;
use crate::platform::{form, pointer, theme};

/// Brand, navigation and tools.
pub(crate) fn top_bar(pages: Pages) -> Markup {
    let bar = Markup::new(&format!(
        "<header class=top-bar>
        <a class=top-bar__brand href=\"#/lab\" data-at=lab>{LOGO}<span>convscope</span></a>
        <nav class=top-bar__nav aria-label=Main>
            <a href=\"#/lab\" data-at=lab>Lab</a><a href=\"#/stack\" data-at=stack>Stack</a>
        </nav>
        <div class=top-bar__tools><div class=top-bar__share><slot name=share></slot></div>{}{}</div>
        </header><slot name=keys></slot>",
        icon_button("btn btn--quiet btn--icon top-bar__keys", "keys", "Keys", Glyph::Keys),
        icon_button("btn btn--quiet btn--icon", "theme", "Theme", Glyph::Theme),
    ));
    for (place, at_stack) in [("nav [data-at=lab]", false), ("nav [data-at=stack]", true)] {
        bar.attr(place, "aria-current", move || {
            let here = (pages.showing.get() == Showing::Stack) == at_stack;
            if here { "page" } else { "false" }.to_owned()
        });
    }
    bar.on("header", "click", move |event| {
        let to = match form::place(&event).as_deref() {
            Some("stack") => Showing::Stack,
            Some("lab") => Showing::Lab,
            Some("keys") => return pages.lab.keys_open.set(true),
            Some("theme") => return theme::toggle_theme(),
            _ => return,
        };
        // A link to the page that is shown leads to its example, as links do.
        if pointer::is_plain(&event) && pages.go(to) {
            event.prevent_default();
        }
    });
    bar.put_later("share", move || share(pages));
    bar.put_later("keys", move || keys(pages));
    bar
}
