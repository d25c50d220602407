//! The bar above all pages: name, pages, share, keys, theme.

use leptos::prelude::*;

use super::controls::icon::{Glyph, LOGO, icon};
use super::keys::Keys;
use super::share::Share;
use crate::derive::Lab;
use crate::platform::theme;

/// Brand, navigation and tools.
#[component]
pub(crate) fn TopBar() -> AnyView {
    let lab = Lab::expect();
    view! {
        <header class="top-bar">
            <a class="top-bar__brand" href="#/lab" inner_html=format!("{LOGO}<span>convscope</span>")></a>
            <nav class="top-bar__nav" aria-label="Main">
                <a href="#/lab" aria-current="page">"Lab"</a>
            </nav>
            <div class="top-bar__tools">
                <Share/>
                <button
                    type="button"
                    class="btn btn--quiet btn--icon top-bar__keys"
                    aria-label="Keys"
                    inner_html=icon(Glyph::Keys)
                    on:click=move |_| lab.keys_open.set(true)
                ></button>
                <button
                    type="button"
                    class="btn btn--quiet btn--icon"
                    aria-label="Theme"
                    inner_html=icon(Glyph::Theme)
                    on:click=move |_| theme::toggle_theme()
                ></button>
            </div>
        </header>
        <Keys/>
    }
    .into_any()
}
