//! The wording of the stack page.
//!
//! "Field" is the receptive field on the input; on a map in between it is a region. "Start" is the first input
//! cell of unit 0, "jump" the input cells from one unit to the next. Layers count from 0, the input; rows and
//! columns as well.

mod branches;
mod captions;
mod costs;
mod effective;
mod errors;
mod marks;
mod recurrence;
mod seen;
mod sentence;

pub use branches::{BranchRow, Branches, branches, by_place};
pub use captions::{share, unit_name, words};
pub use costs::{CONVENTIONS, layer_costs, total_costs};
pub use effective::{
    EffectiveNumbers, RINGS, depths, effective_facts, effective_progress, effective_rule, effective_sentence,
};
pub use errors::layer_error;
pub use marks::{Mark, MarkKind, marks};
pub use recurrence::{RECURRENCE, RECURRENCE_LATEX, RecurrenceLine, recurrence};
pub use seen::{SeenRow, seen_rows};
pub use sentence::{Counts, LegendEntry, Swatch, legend, seen_units, sentence, sentence_plain};

#[cfg(test)]
mod tests;
