//! Where a pointer is on a figure, in CSS pixels from the figure's top left.

use convscope_scene::Point;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, MouseEvent, PointerEvent};

/// Where the pointer is, from the top left of the element that the event happened on.
pub fn offset(event: &MouseEvent) -> Point {
    Point::new(f64::from(event.offset_x()), f64::from(event.offset_y()))
}

/// Where the pointer is, from the top left of `node`, whatever lies over it.
pub fn in_node(event: &Event, node: &Element) -> Option<Point> {
    let event = event.dyn_ref::<MouseEvent>()?;
    let rect = node.get_bounding_client_rect();
    Some(Point::new(f64::from(event.client_x()) - rect.left(), f64::from(event.client_y()) - rect.top()))
}

/// Lets the element under the pointer have all its events until it is lifted: a drag.
pub fn capture(event: &PointerEvent) {
    if let Some(target) = event.target().and_then(|it| it.dyn_into::<Element>().ok()) {
        // Refused when the pointer has been lifted meanwhile.
        let _ = target.set_pointer_capture(event.pointer_id());
    }
}

/// Whether the pointer is a finger.
pub fn is_touch(event: &PointerEvent) -> bool {
    event.pointer_type() == "touch"
}
