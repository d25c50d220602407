//! Something that is dragged by a handle, with mouse, finger or pen, until it is let go of or Escape is pressed.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, KeyboardEvent, MouseEvent};

use super::dom::{Listener, keep, window};
use super::form;

/// So far the pointer moves before it drags: less is a press.
const SLACK_PX: f64 = 4.0;

/// What happens to what is dragged. Places are CSS pixels from the top of the window.
#[derive(Clone, Debug, PartialEq)]
pub enum Drag {
    /// The handle that says `at` is dragged, and the pointer is here.
    Move {
        /// The `data-at` of the handle.
        at: String,
        /// Where the pointer is.
        y: f64,
    },
    /// It is let go of where it was last.
    Drop,
    /// It goes back.
    Cancel,
}

#[derive(Default)]
struct Held {
    at: String,
    from: f64,
    moves: bool,
}

/// Calls `on` while a handle within `place` that matches `selector` is dragged.
pub fn use_drag(place: &Element, selector: &'static str, on: impl Fn(Drag) + 'static) {
    let on = Rc::new(on);
    let held: Rc<RefCell<Option<Held>>> = Rc::default();
    let begins = Rc::clone(&held);
    keep(Listener::new(place, "pointerdown", move |event| {
        if form::happened_on(&event, selector)
            && let (Some(at), Some(from)) = (form::place(&event), y_of(&event))
        {
            begins.replace(Some(Held { at, from, moves: false }));
        }
    }));
    let (moves, tell) = (Rc::clone(&held), Rc::clone(&on));
    keep(Listener::new(&window(), "pointermove", move |event| {
        let Some(y) = y_of(&event) else { return };
        let now = match moves.borrow_mut().as_mut() {
            Some(held) if held.moves || (y - held.from).abs() > SLACK_PX => {
                held.moves = true;
                Drag::Move { at: held.at.clone(), y }
            }
            _ => return,
        };
        event.prevent_default();
        tell(now);
    }));
    for (name, end) in [("pointerup", Drag::Drop), ("pointercancel", Drag::Cancel)] {
        let (held, tell) = (Rc::clone(&held), Rc::clone(&on));
        keep(Listener::new(&window(), name, move |_| {
            if held.take().is_some_and(|held| held.moves) {
                tell(end.clone());
            }
        }));
    }
    keep(Listener::capturing(&window(), "keydown", move |event| {
        let escape = event.dyn_ref::<KeyboardEvent>().is_some_and(|it| it.key() == "Escape");
        if escape && held.take().is_some_and(|held| held.moves) {
            event.stop_propagation();
            on(Drag::Cancel);
        }
    }));
}

/// Where a pointer with its first button down is.
fn y_of(event: &Event) -> Option<f64> {
    let event = event.dyn_ref::<MouseEvent>()?;
    (event.button() <= 0).then(|| f64::from(event.client_y()))
}
