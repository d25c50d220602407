//! The page that the link asks for, and what all pages share.

use leptos::html::Div;
use leptos::prelude::*;

use crate::pages::{Pages, Showing};
use crate::platform::location;
use crate::platform::markup::{self, Markup};
use crate::state::follow;
use crate::views::embed::embed_page;
use crate::views::lab::lab_page;
use crate::views::stack::stack_page;
use crate::views::top_bar::top_bar;

/// Everything that is seen: a page with the top bar around it, or a lab embedded in another page.
#[component]
pub fn App() -> impl IntoView {
    let pages = Pages::new();
    location::on_navigate(move |fragment| pages.open(&fragment));
    let place = NodeRef::<Div>::new();
    follow(move || {
        if let Some(place) = place.get() {
            markup::swap(place.into(), move || {
                if pages.lab.embedded.get() { embed_page(pages.lab) } else { whole_page(pages) }
            });
        }
    });
    view! { <div class="page" node_ref=place></div> }
}

/// The top bar stays, with the focus on its links, while one page takes the place of another.
fn whole_page(pages: Pages) -> Markup {
    let page = Markup::new("<div class=app><slot name=top></slot><div class=app__page></div></div>");
    page.swap(".app__page", move || match pages.showing.get() {
        Showing::Stack => stack_page(pages),
        Showing::Lab | Showing::Embed => lab_page(pages.lab),
    });
    page.put("top", top_bar(pages));
    page
}
