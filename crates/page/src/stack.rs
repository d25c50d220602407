//! The stack page: layers of a network as a graph, and what one unit of it sees.

mod brought;
mod charts;
mod derive;
mod edit;
mod in_lab;
mod kind;
mod model;
mod picture;
mod presets;
mod rows;
mod series;
mod setting;
mod typed;

pub use charts::{ChartKind, short_count};
pub use derive::Stack;
pub use edit::CannotMove;
pub use kind::{Kind, op_label, shape_text};
pub use model::{Shown, Side, StackModel};
pub(crate) use model::{last_map, middle};
pub use presets::{PresetLayers, STACK_PRESETS, StackPreset};
pub use rows::{Cell, Numbers, Outcome, Row, Totals};
pub(crate) use rows::{field_jump, field_size, listed, ratio, title_of};
pub use series::{CostPoint, Growth, GrowthPoint};
pub use setting::{Setting, Switch};
