//! What the reader prefers and how much room there is, as states.

use std::cell::RefCell;
use std::rc::Rc;

use convscope_scene::Size;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, MediaQueryList, ResizeObserver};

use super::dom::{Guard, Listener, keep, window};
use crate::state::{State, follow};

/// Whether the media query `query` holds.
pub fn matches(query: &str) -> State<bool> {
    let list = query_list(query);
    let value = State::new(list.as_ref().is_some_and(MediaQueryList::matches));
    if let Some(list) = list {
        keep(Listener::new(&list.clone(), "change", move |_| value.set(list.matches())));
    }
    value
}

/// Whether the reader asked for no motion: steps jump instead of gliding.
pub fn prefers_reduced_motion() -> State<bool> {
    matches("(prefers-reduced-motion: reduce)")
}

/// Whether the system replaces the colours of the page by its own.
pub fn forced_colors() -> State<bool> {
    matches("(forced-colors: active)")
}

/// Whether the reader's system is set to dark.
pub fn prefers_dark() -> State<bool> {
    matches("(prefers-color-scheme: dark)")
}

/// Device pixels in a CSS pixel; changes with the zoom and from screen to screen.
pub fn device_pixel_ratio() -> State<f64> {
    let value = State::new(read_ratio());
    let listener: Rc<RefCell<Option<Listener>>> = Rc::default();
    watch_ratio(value, &listener);
    keep(Guard(move || drop(listener.take())));
    // A zoom changes the size of the window as well; some browsers report that alone.
    keep(Listener::new(&window(), "resize", move |_| set_ratio(value)));
    value
}

/// Asks to be told once when the ratio leaves its present value, and then again for the next one.
fn watch_ratio(value: State<f64>, listener: &Rc<RefCell<Option<Listener>>>) {
    // All digits: the query asks for this very number.
    let ratio = js_sys::Number::from(read_ratio()).to_string_with_radix(10).map(String::from);
    let query = ["(resolution: ", &ratio.unwrap_or_default(), "dppx)"].concat();
    let Some(list) = query_list(&query) else { return };
    let weak = Rc::downgrade(listener);
    let next = Listener::new(&list, "change", move |_| {
        set_ratio(value);
        if let Some(listener) = weak.upgrade() {
            // The listener that runs now is replaced once it has returned.
            wasm_bindgen_futures::spawn_local(async move { watch_ratio(value, &listener) });
        }
    });
    drop(listener.replace(Some(next)));
}

fn set_ratio(value: State<f64>) {
    let ratio = read_ratio();
    if value.try_with_untracked(|known| *known != ratio) == Some(true) {
        value.set(ratio);
    }
}

/// The size of an element's content; zero while it is not in the page.
pub fn element_size(element: &Element) -> State<Size> {
    let value = State::new(Size::default());
    let measured = element.clone();
    let measure = move || {
        let size = Size::new(f64::from(measured.client_width()), f64::from(measured.client_height()));
        if value.try_with_untracked(|known| *known != size) == Some(true) {
            value.set(size);
        }
    };
    // The element comes into the page before effects run; observers report later, after a first layout.
    follow(measure.clone());
    let callback = Closure::<dyn FnMut()>::wrap(Box::new(measure));
    if let Ok(observer) = ResizeObserver::new(callback.as_ref().unchecked_ref()) {
        observer.observe(element);
        keep(Guard(move || {
            observer.disconnect();
            let _ = &callback;
        }));
    }
    value
}

fn query_list(query: &str) -> Option<MediaQueryList> {
    window().match_media(query).ok().flatten()
}

fn read_ratio() -> f64 {
    let ratio = window().device_pixel_ratio();
    if ratio > 0.0 { ratio } else { 1.0 }
}
