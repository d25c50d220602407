//! Time in seconds, frames while something moves, and timers.
//!
//! The clock of the app stands still while the tab is hidden, so that an animation goes on where it
//! was left.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::dom::{Guard, Listener, document, keep, window};
use crate::state::follow;

/// Seconds of `performance.now()` during which the tab was hidden.
#[derive(Clone, Copy, Default)]
struct Hidden {
    total_secs: f64,
    since_secs: Option<f64>,
}

thread_local! {
    static HIDDEN: Cell<Hidden> = const { Cell::new(Hidden { total_secs: 0.0, since_secs: None }) };
    static WATCH: RefCell<Option<Listener>> = const { RefCell::new(None) };
}

/// Seconds on a clock that runs while the tab is visible; only differences mean something.
pub fn now_secs() -> f64 {
    WATCH.with_borrow_mut(|watch| {
        if watch.is_none() {
            note_visibility();
            *watch = Some(Listener::new(&document(), "visibilitychange", |_| note_visibility()));
        }
    });
    visible_secs(wall_secs())
}

/// Seconds since the page was opened.
fn wall_secs() -> f64 {
    window().performance().map_or_else(|| js_sys::Date::now() / 1000.0, |it| it.now() / 1000.0)
}

/// `wall_secs` without the seconds spent hidden.
fn visible_secs(wall_secs: f64) -> f64 {
    let hidden = HIDDEN.get();
    hidden.since_secs.map_or(wall_secs, |since| since.min(wall_secs)) - hidden.total_secs
}

fn note_visibility() {
    let mut hidden = HIDDEN.get();
    let now = wall_secs();
    match (document().hidden(), hidden.since_secs) {
        (true, None) => hidden.since_secs = Some(now),
        (false, Some(since)) => {
            hidden.total_secs += now - since;
            hidden.since_secs = None;
        }
        _ => {}
    }
    HIDDEN.set(hidden);
}

/// What the browser calls before a repaint.
type Tick = Closure<dyn FnMut(f64)>;

/// A request for animation frames that stops when dropped.
struct Frames {
    id: Cell<Option<i32>>,
    tick: RefCell<Option<Tick>>,
}

impl Frames {
    fn request(&self) {
        let tick = self.tick.borrow();
        let Some(tick) = tick.as_ref() else { return };
        self.id.set(window().request_animation_frame(tick.as_ref().unchecked_ref()).ok());
    }

    fn cancel(&self) {
        if let Some(id) = self.id.take() {
            let _ = window().cancel_animation_frame(id);
        }
    }
}

/// Calls `callback` before every repaint, for as long as `active` holds, with the time of the frame on
/// the clock of [`now_secs`]: it runs as evenly as the screen does, and is a little earlier.
///
/// A hidden tab gets no frames, and its clock stands still.
pub fn use_frames(active: impl Fn() -> bool + 'static, callback: impl Fn(f64) + 'static) {
    let frames = Rc::new(Frames { id: Cell::new(None), tick: RefCell::new(None) });
    let weak = Rc::downgrade(&frames);
    let tick = Tick::new(move |wall_ms: f64| {
        let Some(frames) = weak.upgrade() else { return };
        // Asked for first, so that a callback which ends the animation takes it back.
        frames.request();
        callback(visible_secs(wall_ms / 1000.0));
    });
    *frames.tick.borrow_mut() = Some(tick);
    let running = Rc::clone(&frames);
    follow(move || {
        running.cancel();
        if active() {
            running.request();
        }
    });
    keep(Guard(move || frames.cancel()));
}

/// A timer that is cleared when dropped.
pub struct Timer {
    id: i32,
    _callback: Closure<dyn FnMut()>,
}

impl Timer {
    /// Calls `callback` once, `delay_secs` from now.
    pub fn after(delay_secs: f64, callback: impl FnOnce() + 'static) -> Option<Self> {
        let callback = Closure::<dyn FnMut()>::once(callback);
        let function = callback.as_ref().unchecked_ref();
        let delay_ms = (delay_secs * 1000.0) as i32;
        let id = window().set_timeout_with_callback_and_timeout_and_arguments_0(function, delay_ms).ok()?;
        Some(Self { id, _callback: callback })
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        window().clear_timeout_with_handle(self.id);
    }
}

/// A function that calls `callback` once `delay_secs` have passed without another call of it.
pub fn use_debounce<T: 'static>(delay_secs: f64, callback: impl Fn(T) + 'static) -> impl Fn(T) + Clone {
    let pending: Rc<RefCell<Option<Timer>>> = Rc::default();
    let callback = Rc::new(callback);
    let at_end = Rc::clone(&pending);
    keep(Guard(move || drop(at_end.take())));
    move |value| {
        let callback = Rc::clone(&callback);
        let timer = Timer::after(delay_secs, move || callback(value));
        drop(pending.replace(timer));
    }
}
