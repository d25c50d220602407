//! The worker: `start.js` calls [`open`] with the port on which requests come.
//!
//! Natively there is nothing to run; the library is what is tested.

#[cfg(feature = "networks")]
mod file;
mod frame;
mod mailbox;

pub use mailbox::open;

fn main() {}
