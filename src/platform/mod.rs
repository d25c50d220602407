//! The browser: the only folder of the app that names `web_sys`, `js_sys` or `wasm_bindgen`.
//!
//! A hook (`use_…`, and whatever returns a `State`) belongs to the component that calls it and ends
//! with it; it hands out plain values.
//! A browser that lacks a feature gives a quiet fallback or an error value, never a panic.

pub mod boot;
pub mod camera;
pub mod chart;
pub mod clipboard;
pub mod clock;
mod damage;
mod dom;
pub mod drag;
pub mod effective;
pub mod export;
pub mod exports;
pub mod focus;
pub mod form;
mod hatch;
pub mod keys;
pub mod live;
pub mod location;
pub mod markup;
pub mod media;
pub mod networks;
pub mod page;
pub mod painter;
pub mod palette;
mod pen;
mod picture_error;
pub mod pictures;
pub mod pointer;
mod raster;
pub mod rows;
pub mod theme;
pub mod worker;
