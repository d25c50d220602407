//! What the page computes beside itself.
//!
//! [`serve`](serve::serve) is a function from a request to an answer; it knows no browser, and the tests call
//! it. `main.rs` puts a mailbox in front of it, which runs in a Web Worker, or in the page where there are
//! none. [`message`] is what both sides say, [`parts`] and [`wire`] how it travels: the app uses nothing else from
//! here.

mod convolving;
pub mod effective;
pub mod export;
pub mod filter;
pub mod message;
pub mod network;
pub mod parts;
pub mod serve;
pub mod strips;
pub mod wire;
