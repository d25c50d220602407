//! The stack page: layers of a network as a graph, and what one unit of it sees.

mod derive;
mod model;

pub use derive::Stack;
pub use model::{Shown, Side, StackModel};
