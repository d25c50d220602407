//! What the other files share: window, document, and listeners that end with their owner.

use std::any::Any;

use leptos::prelude::{LocalStorage, StoredValue};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Event, EventTarget, HtmlCanvasElement, HtmlElement, Window};

/// The window of the page.
pub(super) fn window() -> Window {
    web_sys::window().expect("the app runs in a page, never in a worker")
}

/// The document of the page.
pub(super) fn document() -> Document {
    window().document().expect("a window that runs the app has a document")
}

/// The root element, which carries `data-theme`.
pub(super) fn root() -> Option<HtmlElement> {
    document().document_element()?.dyn_into().ok()
}

/// A canvas that is not in the page.
pub(super) fn new_canvas(width: u32, height: u32) -> Option<HtmlCanvasElement> {
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width);
    canvas.set_height(height);
    Some(canvas)
}

/// Keeps `guard` for as long as the reactive owner that runs now; then drops it.
pub(super) fn keep(guard: impl Any) {
    keep_boxed(Box::new(guard));
}

fn keep_boxed(guard: Box<dyn Any>) {
    let _: StoredValue<Box<dyn Any>, LocalStorage> = StoredValue::new_local(guard);
}

/// A listener; dropping it takes it off again.
pub(super) struct Listener {
    target: EventTarget,
    event: &'static str,
    /// Whether it hears of events before the elements inside of `target` do.
    first: bool,
    closure: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Calls `callback` for every `event` that reaches `target`.
    pub(super) fn new(
        target: &EventTarget,
        event: &'static str,
        callback: impl FnMut(Event) + 'static,
    ) -> Self {
        Self::boxed(target, event, false, Box::new(callback))
    }

    /// The same before the elements inside of `target` hear of it, and for events that do not bubble.
    pub(super) fn capturing(
        target: &EventTarget,
        event: &'static str,
        callback: impl FnMut(Event) + 'static,
    ) -> Self {
        Self::boxed(target, event, true, Box::new(callback))
    }

    fn boxed(
        target: &EventTarget,
        event: &'static str,
        first: bool,
        callback: Box<dyn FnMut(Event)>,
    ) -> Self {
        let closure = Closure::wrap(callback);
        let function = closure.as_ref().unchecked_ref();
        // A target of this kind refuses nothing.
        let _ = target.add_event_listener_with_callback_and_bool(event, function, first);
        Self { target: target.clone(), event, first, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let callback = self.closure.as_ref().unchecked_ref();
        let _ = self.target.remove_event_listener_with_callback_and_bool(self.event, callback, self.first);
    }
}

/// Calls `on_drop` when dropped: an observer that disconnects, a timer that is cleared.
pub(super) struct Guard<F: FnMut()>(pub(super) F);

impl<F: FnMut()> Drop for Guard<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Whether `object` has a property of this name that is neither null nor undefined.
pub(super) fn has(object: &JsValue, name: &str) -> bool {
    js_sys::Reflect::get(object, &name.into()).is_ok_and(|value| !value.is_null() && !value.is_undefined())
}
