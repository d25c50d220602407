//! Starting: the app takes the place of what stood in the page before it.
//!
//! A release build is cut in parts (`crates/split`). The first and the page's own make the figure move; views that are
//! only needed afterwards are built once the rest is there, and at once where the build is whole.

use std::cell::RefCell;

use leptos::prelude::{IntoView, Owner};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::HtmlElement;

use super::dom::document;
use crate::App;

type Later = Vec<Box<dyn FnOnce()>>;

thread_local! {
    /// What waits for the rest; `None` once it is there.
    static LATER: RefCell<Option<Later>> = const { RefCell::new(None) };
}

/// Puts the app into the page; `whole` says that all of the program is there. `start.js` calls it once.
#[wasm_bindgen]
pub fn start(whole: bool) {
    LATER.set((!whole).then(Vec::new));
    mount(App);
}

/// The rest of the program is there. `start.js` calls it after [`start`] where that was not so then.
#[wasm_bindgen]
pub fn complete() {
    for build in LATER.take().into_iter().flatten() {
        build();
    }
}

/// Calls `build`, with the reactive owner of now, as soon as the whole program is there.
pub fn when_complete(build: impl FnOnce() + 'static) {
    later(Box::new(build));
}

fn later(build: Box<dyn FnOnce()>) {
    if LATER.with_borrow(Option::is_none) {
        return build();
    }
    let owner = Owner::current().unwrap_or_default();
    let build = Box::new(move || owner.with(build));
    LATER.with_borrow_mut(|later| later.get_or_insert_default().push(build));
}

/// Puts `app` into the element `app`, or else the body, and takes away `first-figure`, which stood there before.
fn mount<V: IntoView + 'static>(app: impl FnOnce() -> V + 'static) {
    let document = document();
    let place = document.get_element_by_id("app").and_then(|it| it.dyn_into::<HtmlElement>().ok());
    let Some(place) = place.or_else(|| document.body()) else { return };
    leptos::mount::mount_to(place, app).forget();
    if let Some(first) = document.get_element_by_id("first-figure") {
        first.remove();
    }
}
