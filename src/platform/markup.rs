//! A view: its structure as one HTML text, and bindings that keep places in it as the state is.
//!
//! A place is named by a CSS selector. A binding writes only what differs, so that focus, selection and
//! typed text stay.

use wasm_bindgen::JsCast;
pub use web_sys::Event;
use web_sys::{
    DocumentFragment, Element, HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTemplateElement,
};

use super::boot::when_complete;
use super::dom::{Listener, document, keep};
use crate::state::follow;

/// An element that a view binds or hands on.
pub type Place = Element;

/// Elements that are not in the page yet.
pub struct Markup(DocumentFragment);

/// What a binding writes.
#[derive(Clone, Copy)]
enum Target {
    Text,
    Html,
    Value,
    Attribute(&'static str),
}

impl Markup {
    /// The elements that `html` says; nothing in it may come from outside unescaped.
    pub fn new(html: &str) -> Self {
        let template = document().create_element("template").expect("browsers know templates");
        template.set_inner_html(html);
        Self(template.unchecked_into::<HtmlTemplateElement>().content())
    }

    /// The first element that matches `selector`.
    pub fn find(&self, selector: &str) -> Place {
        let found = self.0.query_selector(selector).ok().flatten();
        found.expect("a view binds places of its own markup")
    }

    /// Puts `child` in the place of `<slot name=…>`. Bind the places of `self` before.
    pub fn put(&self, slot: &str, child: Self) {
        let selector = ["slot[name=", slot, "]"].concat();
        let _ = self.find(&selector).replace_with_with_node_1(&child.0);
    }

    /// The same, once the whole program is there.
    pub fn put_later(&self, slot: &str, child: impl FnOnce() -> Self + 'static) {
        let place = self.find(&["slot[name=", slot, "]"].concat());
        when_complete(move || {
            let _ = place.replace_with_with_node_1(&child().0);
        });
    }

    /// Keeps the text of a place.
    pub fn text(&self, place: &str, value: impl Fn() -> String + 'static) {
        bind(self.find(place), Target::Text, Box::new(value));
    }

    /// The same, but a place keeps what it says while `value` is `None`.
    pub fn text_while(&self, place: &str, value: impl Fn() -> Option<String> + 'static) {
        let place = self.find(place);
        follow(move || {
            if let Some(value) = value() {
                place.set_text_content(Some(&value));
            }
        });
    }

    /// Keeps the content of a place, as HTML.
    pub fn html(&self, place: &str, value: impl Fn() -> String + 'static) {
        bind(self.find(place), Target::Html, Box::new(value));
    }

    /// Keeps an attribute of a place.
    pub fn attr(&self, place: &str, name: &'static str, value: impl Fn() -> String + 'static) {
        bind(self.find(place), Target::Attribute(name), Box::new(value));
    }

    /// Keeps what a field or select shows.
    pub fn value(&self, place: &str, value: impl Fn() -> String + 'static) {
        bind(self.find(place), Target::Value, Box::new(value));
    }

    /// Keeps an attribute that is there or not: `hidden`, `disabled`.
    pub fn flag(&self, place: &str, name: &'static str, holds: impl Fn() -> bool + 'static) {
        bind_flag(self.find(place), name, Box::new(holds));
    }

    /// Keeps a slider: its ends, its value, and the filled share as `--at` for the style sheet.
    pub fn slider(&self, place: &str, low_high_value: impl Fn() -> [i64; 3] + 'static) {
        bind_slider(self.find(place), Box::new(low_high_value));
    }

    /// Calls `action` for each `event` on a place.
    pub fn on(&self, place: &str, event: &'static str, action: impl FnMut(Event) + 'static) {
        keep(Listener::new(&self.find(place), event, action));
    }

    /// Keeps a whole view in a place: another one whenever a state changes that `view` follows itself.
    pub fn swap(&self, place: &str, view: impl Fn() -> Self + 'static) {
        swap(self.find(place), view);
    }
}

/// Keeps a whole view in `place`; what the view before it kept ends with it.
pub fn swap(place: Place, view: impl Fn() -> Markup + 'static) {
    follow(move || place.replace_children_with_node_1(&view().0));
}

fn bind(place: Place, target: Target, value: Box<dyn Fn() -> String>) {
    let mut shown = None;
    follow(move || {
        let value = value();
        if matches!(target, Target::Value) {
            write_value(&place, &value);
        } else if shown.as_ref() != Some(&value) {
            match target {
                Target::Text => place.set_text_content(Some(&value)),
                Target::Attribute(name) => {
                    let _ = place.set_attribute(name, &value);
                }
                Target::Html | Target::Value => place.set_inner_html(&value),
            }
            shown = Some(value);
        }
    });
}

fn write_value(place: &Place, value: &str) {
    if let Some(input) = place.dyn_ref::<HtmlInputElement>() {
        // Writing moves the caret, even where the text is the same.
        if input.value() != value {
            input.set_value(value);
        }
    } else if let Some(select) = place.dyn_ref::<HtmlSelectElement>() {
        select.set_value(value);
    }
}

fn bind_flag(place: Place, name: &'static str, holds: Box<dyn Fn() -> bool>) {
    follow(move || {
        let _ = if holds() { place.set_attribute(name, "") } else { place.remove_attribute(name) };
    });
}

fn bind_slider(place: Place, low_high_value: Box<dyn Fn() -> [i64; 3]>) {
    follow(move || {
        let [low, high, value] = low_high_value();
        // The ends first: a slider clamps its value to them.
        let _ = place.set_attribute("min", &low.to_string());
        let _ = place.set_attribute("max", &high.to_string());
        write_value(&place, &value.to_string());
        let share = (value.clamp(low, high.max(low)) - low) * 100 / (high - low).max(1);
        if let Some(place) = place.dyn_ref::<HtmlElement>() {
            let _ = place.style().set_property("--at", &format!("{share}%"));
        }
    });
}
