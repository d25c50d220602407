//! Where the focus is put.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::dom::document;

/// Puts the focus on the element with this identifier, without scrolling to it.
pub fn by_id(id: &str) {
    focus(document().get_element_by_id(id));
}

/// Puts the focus on the first match of `selector` within the element with this identifier.
pub fn first_in(id: &str, selector: &str) {
    focus(document().get_element_by_id(id).and_then(|it| it.query_selector(selector).ok().flatten()));
}

/// The same once what the present event changes is in the page.
pub fn soon(id: String) {
    wasm_bindgen_futures::spawn_local(async move {
        let _ = wasm_bindgen_futures::JsFuture::from(js_sys::Promise::resolve(&wasm_bindgen::JsValue::NULL))
            .await;
        by_id(&id);
    });
}

/// The same for the first match of `selector` within the element with this identifier.
pub fn soon_in(id: &'static str, selector: &'static str) {
    wasm_bindgen_futures::spawn_local(async move {
        let _ = wasm_bindgen_futures::JsFuture::from(js_sys::Promise::resolve(&wasm_bindgen::JsValue::NULL))
            .await;
        first_in(id, selector);
    });
}

/// Puts `text` into a field and the focus on it, with the text selected where `select` says so.
pub fn edit(field: &Element, text: &str, select: bool) {
    let Some(field) = field.dyn_ref::<HtmlInputElement>() else { return };
    field.set_value(text);
    // Refused for what cannot have the focus.
    let _ = field.focus();
    if select {
        field.select();
    }
}

/// Makes the element with this identifier the only tab stop among the descendants of `node`.
pub fn rove(node: &Element, id: &str) {
    if let Ok(Some(before)) = node.query_selector("[tabindex='0']") {
        let _ = before.set_attribute("tabindex", "-1");
    }
    if let Some(now) = document().get_element_by_id(id) {
        let _ = now.set_attribute("tabindex", "0");
    }
}

/// Replaces what is in `node`; a focus within it stays on the element of the same identifier, or goes to
/// the tab stop.
pub fn replace_content(node: &Element, html: &str) {
    let active = document().active_element().filter(|active| node.contains(Some(active)));
    node.set_inner_html(html);
    if let Some(active) = active {
        let same = document().get_element_by_id(&active.id());
        focus(same.or_else(|| node.query_selector("[tabindex='0']").ok().flatten()));
    }
}

fn focus(element: Option<web_sys::Element>) {
    if let Some(element) = element.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = element.focus_with_options(&options);
    }
}
