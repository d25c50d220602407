//! Controls that know no figure: number rows, segmented controls, selects, switches, messages, icons.

pub(crate) mod axis_pair;
pub(crate) mod icon;
pub(crate) mod number_row;
pub(crate) mod segmented;
pub(crate) mod select;
pub(crate) mod switch;
