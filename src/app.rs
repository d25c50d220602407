//! The page that the link asks for, and what all pages share.

use convscope_page::link::{self, Page};
use convscope_page::model::LabModel;
use leptos::html::Div;
use leptos::prelude::*;

use crate::derive::Lab;
use crate::platform::location;
use crate::platform::markup::{self, Markup};
use crate::state::{State, follow};
use crate::views::embed::embed_page;
use crate::views::lab::lab_page;
use crate::views::top_bar::top_bar;

/// Everything that is seen: a lab with the top bar around it, or a lab embedded in another page.
#[component]
pub fn App() -> impl IntoView {
    let parsed = link::parse(&location::fragment());
    let embedded = State::new(matches!(parsed.page, Page::Embed(_)));
    let lab_model = |page: Page| match page {
        Page::Lab(model) | Page::Embed(model) => model,
        Page::Stack(_) => LabModel::default(),
    };
    let model = lab_model(parsed.page);
    let lab = Lab::new(model, parsed.notices, embedded);
    location::on_navigate(move |fragment| {
        let parsed = link::parse(&fragment);
        let is_embed = matches!(parsed.page, Page::Embed(_));
        if embedded.get_untracked() != is_embed {
            embedded.set(is_embed);
        }
        lab.open(&fragment, lab_model(parsed.page), parsed.notices);
    });
    let place = NodeRef::<Div>::new();
    follow(move || {
        if let Some(place) = place.get() {
            markup::swap(
                place.into(),
                move || if embedded.get() { embed_page(lab) } else { whole_page(lab) },
            );
        }
    });
    view! { <div class="page" node_ref=place></div> }
}

fn whole_page(lab: Lab) -> Markup {
    let page = Markup::new("<div class=app><slot name=top></slot><slot name=lab></slot></div>");
    page.put("top", top_bar(lab));
    page.put("lab", lab_page(lab));
    page
}
