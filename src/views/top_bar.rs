//! The bar above all pages: name, pages, share, keys, theme.

use super::controls::icon::{Glyph, LOGO, icon_button};
use super::keys::keys;
use super::share::share;
use crate::derive::Lab;
use crate::platform::markup::Markup;
use crate::platform::{form, theme};

/// Brand, navigation and tools.
pub(crate) fn top_bar(lab: Lab) -> Markup {
    let bar = Markup::new(&format!(
        "<header class=top-bar>
        <a class=top-bar__brand href=\"#/lab\">{LOGO}<span>convscope</span></a>
        <nav class=top-bar__nav aria-label=Main><a href=\"#/lab\" aria-current=page>Lab</a></nav>
        <div class=top-bar__tools><slot name=share></slot>{}{}</div>
        </header><slot name=keys></slot>",
        icon_button("btn btn--quiet btn--icon top-bar__keys", "keys", "Keys", Glyph::Keys),
        icon_button("btn btn--quiet btn--icon", "theme", "Theme", Glyph::Theme),
    ));
    bar.on(".top-bar__tools", "click", move |event| match form::place(&event).as_deref() {
        Some("keys") => lab.keys_open.set(true),
        Some("theme") => theme::toggle_theme(),
        _ => {}
    });
    bar.put_later("share", move || share(lab));
    bar.put_later("keys", move || keys(lab));
    bar
}
