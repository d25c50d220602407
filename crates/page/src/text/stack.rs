//! The wording of the stack page.
//!
//! "Field" is the receptive field on the input; on a map in between it is a region. "Start" is the first input
//! cell of unit 0, "jump" the input cells from one unit to the next. Layers count from 0, the input; rows and
//! columns as well.

mod errors;

pub use errors::layer_error;
