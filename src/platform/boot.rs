//! Starting: the app takes the place of what stood in the page before it.

use leptos::prelude::IntoView;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::dom::document;

/// Puts `app` into the element `app`, or else the body, and takes away `first-figure`, which stood there before.
pub fn mount<V: IntoView + 'static>(app: impl FnOnce() -> V + 'static) {
    let document = document();
    let place = document.get_element_by_id("app").and_then(|it| it.dyn_into::<HtmlElement>().ok());
    let Some(place) = place.or_else(|| document.body()) else { return };
    leptos::mount::mount_to(place, app).forget();
    if let Some(first) = document.get_element_by_id("first-figure") {
        first.remove();
    }
}
