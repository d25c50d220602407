//! Selects, radio buttons and buttons that stand in prepared markup.

use leptos::html::{Fieldset, Select};
use leptos::prelude::{Get, NodeRef};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement, HtmlSelectElement};

/// Shows `value` as the choice of a select.
pub fn set_value(select: NodeRef<Select>, value: i32) {
    if let Some(select) = select.get() {
        select.set_value(&value.to_string());
    }
}

/// Checks the radio button with this index, and none of the others.
pub fn check_radio(group: NodeRef<Fieldset>, idx: usize) {
    let Some(group) = group.get() else { return };
    let Ok(radios) = group.query_selector_all("input") else { return };
    for at in 0..radios.length() {
        if let Some(radio) = radios.get(at).and_then(|it| it.dyn_into::<HtmlInputElement>().ok()) {
            radio.set_checked(at as usize == idx);
        }
    }
}

/// Calls `choose` with the index that a select or radio button was set to.
pub fn chosen(event: &Event, choose: impl FnOnce(usize)) {
    if let Ok(idx) = value(event).parse() {
        choose(idx);
    }
}

/// The text of the field, select or radio button on which `event` happened.
pub fn value(event: &Event) -> String {
    let Some(target) = event.target() else { return String::new() };
    match target.dyn_into::<HtmlInputElement>() {
        Ok(input) => input.value(),
        Err(target) => target.dyn_into::<HtmlSelectElement>().map(|it| it.value()).unwrap_or_default(),
    }
}

/// Whether the event happened on, or in, an element that matches `selector`.
pub fn happened_on(event: &Event, selector: &str) -> bool {
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    target.is_some_and(|it| it.closest(selector).is_ok_and(|found| found.is_some()))
}

/// The attribute `data-at` of the innermost element around the event that has one.
pub fn place(event: &Event) -> Option<String> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    target.closest("[data-at]").ok()??.get_attribute("data-at")
}
