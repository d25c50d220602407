//! The stack page: layers of a network as a graph, and what one unit of it sees.

mod derive;
mod edit;
mod kind;
mod model;
mod rows;
mod setting;
mod typed;

pub use derive::Stack;
pub use edit::CannotMove;
pub use kind::{Kind, op_label, shape_text};
pub(crate) use model::last_map;
pub use model::{Shown, Side, StackModel};
pub(crate) use rows::title_of;
pub use rows::{Cell, Numbers, Outcome, Row, Totals};
pub use setting::{Setting, Switch};
