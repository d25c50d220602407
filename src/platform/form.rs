//! Fields, selects, radio buttons and buttons that stand in prepared markup.

use wasm_bindgen::JsCast;
use web_sys::{
    Element, Event, FocusEvent, HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement,
    KeyboardEvent,
};

use super::rows::{mark, write_value};

/// Checks the radio button with this index, and none of the others.
pub fn check_radio(group: &Element, idx: usize) {
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

/// The text of the field of several lines on which `event` happened.
pub fn lines(event: &Event) -> String {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok());
    target.map(|it| it.value()).unwrap_or_default()
}

/// Puts a text into a field of several lines.
pub fn set_lines(field: &Element, text: &str) {
    if let Some(field) = field.dyn_ref::<HtmlTextAreaElement>() {
        field.set_value(text);
    }
}

/// Gives the field that matches `selector` in `group` its text; of one that is refused, `refused_by` is the
/// identifier of what says why.
pub fn fill(group: &Element, selector: &str, text: &str, refused_by: Option<&str>) {
    if let Ok(Some(field)) = group.query_selector(selector) {
        write_value(&field, text);
        mark(&field, refused_by);
    }
}

/// Ticks the checkbox that matches `selector` in `group`, or not.
pub fn tick(group: &Element, selector: &str, on: bool) {
    let found = group.query_selector(selector).ok().flatten();
    if let Some(checkbox) = found.and_then(|it| it.dyn_into::<HtmlInputElement>().ok()) {
        checkbox.set_checked(on);
    }
}

/// Gives what matches `selector` in `group` another text.
pub fn write(group: &Element, selector: &str, text: &str) {
    if let Ok(Some(place)) = group.query_selector(selector)
        && place.text_content().as_deref() != Some(text)
    {
        place.set_text_content(Some(text));
    }
}

/// Lets the link that matches `selector` in `group` lead to `address`.
pub fn lead(group: &Element, selector: &str, address: &str) {
    if let Ok(Some(link)) = group.query_selector(selector) {
        // An attribute of this name can be set on any element.
        let _ = link.set_attribute("href", address);
    }
}

/// Whether the checkbox on which `event` happened is ticked.
pub fn ticked(event: &Event) -> bool {
    event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok()).is_some_and(|it| it.checked())
}

/// The key of a key's event: `a`, `ArrowLeft`, `Enter`, ` `.
pub fn key(event: &Event) -> String {
    event.dyn_ref::<KeyboardEvent>().map(KeyboardEvent::key).unwrap_or_default()
}

/// Whether Control, Command or Alt is held down with a key.
pub fn modified(event: &Event) -> bool {
    event.dyn_ref::<KeyboardEvent>().is_some_and(|it| it.ctrl_key() || it.meta_key() || it.alt_key())
}

/// Whether Alt is held down with a key.
pub fn alt(event: &Event) -> bool {
    event.dyn_ref::<KeyboardEvent>().is_some_and(KeyboardEvent::alt_key)
}

/// Whether Shift is held down with a key.
pub fn shift(event: &Event) -> bool {
    event.dyn_ref::<KeyboardEvent>().is_some_and(KeyboardEvent::shift_key)
}

/// Presses what would be pressed by hand.
pub fn click(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        element.click();
    }
}

/// Whether the event happened on, or in, an element that matches `selector`.
pub fn happened_on(event: &Event, selector: &str) -> bool {
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    target.is_some_and(|it| it.closest(selector).is_ok_and(|found| found.is_some()))
}

/// Whether a `focusout` takes the focus to something that is not in an element that matches `selector`.
pub fn focus_leaves(event: &Event, selector: &str) -> bool {
    let next = event.dyn_ref::<FocusEvent>().and_then(FocusEvent::related_target);
    let next = next.and_then(|it| it.dyn_into::<Element>().ok());
    next.is_some_and(|it| it.closest(selector).is_ok_and(|found| found.is_none()))
}

/// The attribute `data-at` of the innermost element around the event that has one.
pub fn place(event: &Event) -> Option<String> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    target.closest("[data-at]").ok()??.get_attribute("data-at")
}
