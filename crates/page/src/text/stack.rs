//! The wording of the stack page.
//!
//! "Field" is the receptive field on the input; on a map in between it is a region. "Start" is the first input
//! cell of unit 0, "jump" the input cells from one unit to the next. Layers count from 0, the input; rows and
//! columns as well.

mod captions;
mod errors;
mod sentence;

pub use captions::{share, unit_name, words};
pub use errors::layer_error;
pub use sentence::{Counts, LegendEntry, Swatch, legend, seen_units, sentence, sentence_plain};

#[cfg(test)]
mod tests;
