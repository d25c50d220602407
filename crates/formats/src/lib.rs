//! Networks in the formats that others write, read and written.
//!
//! A reader takes bytes or text from anywhere and gives a typed value, or an error that says what is wrong and
//! where. None opens a file, panics on any input, or holds more than it was allowed to.

pub mod onnx;
mod reading;
pub mod text;
mod words;
pub mod write;

pub use reading::{Form, Kind, Note, Place, Reading, Remark, Why};
