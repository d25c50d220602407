//! Where a pointer is on a figure, in CSS pixels from the figure's top left.

use convscope_scene::Point;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, MouseEvent};

/// Where the pointer is, from the top left of `node`, whatever lies over it.
pub fn in_node(event: &Event, node: &Element) -> Option<Point> {
    let event = event.dyn_ref::<MouseEvent>()?;
    let rect = node.get_bounding_client_rect();
    Some(Point::new(f64::from(event.client_x()) - rect.left(), f64::from(event.client_y()) - rect.top()))
}
