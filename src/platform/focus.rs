//! Where the focus is put.

use leptos::html::ElementType;
use leptos::prelude::{Effect, Get, NodeRef};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::dom::document;

/// Puts the focus on the element with this identifier, without scrolling to it.
pub fn by_id(id: &str) {
    focus(document().get_element_by_id(id));
}

/// Puts the focus on the first match of `selector` within the element with this identifier.
pub fn first_in(id: &str, selector: &str) {
    focus(document().get_element_by_id(id).and_then(|it| it.query_selector(selector).ok().flatten()));
}

/// Puts the focus on an input once it is in the page, with its text selected.
pub fn when_there<E>(node: NodeRef<E>)
where
    E: ElementType,
    E::Output: JsCast + Clone + 'static,
{
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        if let Some(input) = element.dyn_ref::<web_sys::HtmlInputElement>() {
            // Refused for what cannot have the focus.
            let _ = input.focus();
            input.select();
        }
    });
}

fn focus(element: Option<web_sys::Element>) {
    if let Some(element) = element.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = element.focus_with_options(&options);
    }
}
