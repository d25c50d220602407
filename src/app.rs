//! The page that the link asks for, and what all pages share.

use convscope_page::link::{self, Page};
use leptos::prelude::*;

use crate::derive::Lab;
use crate::platform::{boot, location};
use crate::views::embed::EmbedPage;
use crate::views::lab::LabPage;
use crate::views::top_bar::TopBar;

/// Puts `app` into the page, in place of the figure that stood there before it.
pub fn start<V: IntoView + 'static>(app: impl FnOnce() -> V + 'static) {
    boot::mount(app);
}

/// Everything that is seen: a lab with the top bar around it, or a lab embedded in another page.
#[component]
pub fn App() -> impl IntoView {
    let parsed = link::parse(&location::fragment());
    let embedded = RwSignal::new(matches!(parsed.page, Page::Embed(_)));
    let (Page::Lab(model) | Page::Embed(model)) = parsed.page;
    let lab = Lab::new(model, parsed.notices, embedded);
    provide_context(lab);
    location::on_navigate(move |fragment| {
        let parsed = link::parse(&fragment);
        embedded.set(matches!(parsed.page, Page::Embed(_)));
        let (Page::Lab(model) | Page::Embed(model)) = parsed.page;
        lab.open(model, parsed.notices);
    });
    move || {
        if embedded.get() {
            view! { <EmbedPage/> }.into_any()
        } else {
            view! {
                <div class="app">
                    <TopBar/>
                    <LabPage/>
                </div>
            }
            .into_any()
        }
    }
}
