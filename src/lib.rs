//! convscope in the browser: a Leptos app over `convscope-page`, `-scene` and `-core`.
//!
//! Views read memos of `derive` and call functions; only `platform` names the browser.

mod app;
mod derive;
mod history;
mod originals;
mod pages;
mod platform;
mod stack;
mod state;
mod views;

pub use app::App;
pub use platform::boot::{complete, start};
