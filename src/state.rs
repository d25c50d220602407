//! Values that are followed, and what follows them.
//!
//! A Leptos signal is compiled once for each type that it holds, a few kilobytes each time. Here one type
//! of the arena and one type of effect serve all values.

use std::any::Any;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;

use leptos::prelude::*;

/// A value that effects follow: a handle, copied freely, that ends with its reactive owner.
pub(crate) struct State<T> {
    slot: StoredValue<Slot, LocalStorage>,
    holds: PhantomData<fn() -> T>,
}

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for State<T> {}

/// A `RefCell` of some type, and who is told of its changes.
#[derive(Clone)]
struct Slot {
    value: Rc<dyn Any>,
    changed: ArcTrigger,
}

fn new_slot(value: Rc<dyn Any>) -> StoredValue<Slot, LocalStorage> {
    StoredValue::new_local(Slot { value, changed: ArcTrigger::new() })
}

fn open(slot: StoredValue<Slot, LocalStorage>) -> Option<Slot> {
    slot.try_get_value()
}

impl<T: 'static> State<T> {
    /// A state that begins with `value`.
    pub(crate) fn new(value: T) -> Self {
        Self { slot: new_slot(Rc::new(RefCell::new(value))), holds: PhantomData }
    }

    fn cell(slot: Slot) -> Rc<RefCell<T>> {
        slot.value.downcast().expect("a slot holds what its state was made with")
    }

    /// Reads the value without following it; `None` once the owner has ended.
    pub(crate) fn try_with_untracked<R>(&self, read: impl FnOnce(&T) -> R) -> Option<R> {
        open(self.slot).map(|slot| read(&Self::cell(slot).borrow()))
    }

    /// Reads the value without following it.
    pub(crate) fn with_untracked<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        self.try_with_untracked(read).expect("a state is read while its owner lives")
    }

    /// Lets the effect that runs now run again after each change.
    pub(crate) fn track(&self) {
        track(self.slot);
    }

    /// Reads the value and follows it.
    pub(crate) fn with<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        self.track();
        self.with_untracked(read)
    }

    /// Changes the value without telling anybody; `None` once the owner has ended.
    pub(crate) fn update_quietly<R>(&self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        open(self.slot).map(|slot| change(&mut Self::cell(slot).borrow_mut()))
    }

    /// Changes the value and tells those who follow it.
    pub(crate) fn update(&self, change: impl FnOnce(&mut T)) {
        if self.update_quietly(change).is_some() {
            notify(self.slot);
        }
    }

    /// Puts another value in place.
    pub(crate) fn set(&self, value: T) {
        self.update(|old| *old = value);
    }
}

impl<T: Clone + 'static> State<T> {
    /// The value, followed.
    pub(crate) fn get(&self) -> T {
        self.with(T::clone)
    }

    /// The value, not followed.
    pub(crate) fn get_untracked(&self) -> T {
        self.with_untracked(T::clone)
    }
}

fn track(slot: StoredValue<Slot, LocalStorage>) {
    if let Some(slot) = open(slot) {
        slot.changed.track();
    }
}

fn notify(slot: StoredValue<Slot, LocalStorage>) {
    if let Some(slot) = open(slot) {
        slot.changed.notify();
    }
}

/// Runs `action` soon, and again after each change of a state that it followed.
pub(crate) fn follow(action: impl FnMut() + 'static) {
    follow_boxed(Box::new(action));
}

fn follow_boxed(mut action: Box<dyn FnMut()>) {
    Effect::new(move |_| action());
}
