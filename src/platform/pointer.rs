//! Where a pointer is, in CSS pixels from the top left of an element, and what is pressed with it.

use convscope_scene::Point;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, MouseEvent};

/// Where the pointer is, from the top left of `node`, whatever lies over it.
pub fn in_node(event: &Event, node: &Element) -> Option<Point> {
    let event = event.dyn_ref::<MouseEvent>()?;
    let rect = node.get_bounding_client_rect();
    Some(Point::new(f64::from(event.client_x()) - rect.left(), f64::from(event.client_y()) - rect.top()))
}

/// Whether a click asks for the same tab: the first button, and no key that asks for another one.
pub fn is_plain(event: &Event) -> bool {
    event.dyn_ref::<MouseEvent>().is_some_and(|it| {
        it.button() == 0 && !(it.ctrl_key() || it.meta_key() || it.shift_key() || it.alt_key())
    })
}
