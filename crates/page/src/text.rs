//! The wording of the page, in English: every sentence and number that is not the label of a control.
//!
//! Rows and columns count from 0, as in code; steps count from 1. Minus is U+2212, sizes are `5 × 5`.
//! A [`Run`] says which tensor a number belongs to, so that it can take its colour; words take none.

use convscope_core::{AxisGeometry, PaddingMode};
use convscope_scene::{Factor, number};

use crate::lab::Lab;

mod cards;
mod channels;
mod costs;
mod groups;
mod inspector;
mod notes;
mod operations;
mod pools;
mod reads;
mod rules;
mod scattered;
mod sentence;
mod separable;
pub mod stack;
mod uses;

pub use cards::{CardNote, Cards, Fraction, OutputSizeCard, Repair, Rounding, cards};
pub use channels::{ChannelsInspector, channel_sums, inspect_channels};
pub use costs::SmallCard;
pub(crate) use costs::{bytes_text, factor};
pub use groups::{groups, groups_hint};
pub use inspector::{OutputInspector, ProductCell, inspect_output};
pub use notes::{ControlNote, NoteKind, explain, notes};
pub use reads::{Reads, WeightUses, reads};
pub(crate) use rules::rule_remark;
pub use rules::{RuleRow, rule_rows};
pub use scattered::{inspect_step, stage_note};
pub use sentence::{
    announce, hint, never_read, part_name, picture_note, sentence, sentence_short, step_label,
};
pub use separable::{Separable, separable};
pub use uses::{
    InputInspector, MeetRow, UseRow, WeightInspector, inspect_bias, inspect_input, inspect_weight,
};

/// A piece of a sentence or formula, and what it speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Run {
    /// Words and operators.
    Plain(String),
    /// A number of the input.
    Input(String),
    /// A number of the kernel.
    Kernel(String),
    /// A number of the output.
    Output(String),
    /// A number of the padding.
    Pad(String),
    /// A number of a receptive field.
    Field(String),
    /// A number that is the answer.
    Strong(String),
    /// A factor, which points at what it counts in the figure.
    Factor(Factor, String),
}

impl Run {
    /// What it says.
    pub fn text(&self) -> &str {
        match self {
            Self::Plain(text)
            | Self::Input(text)
            | Self::Kernel(text)
            | Self::Output(text)
            | Self::Pad(text)
            | Self::Field(text)
            | Self::Strong(text)
            | Self::Factor(_, text) => text,
        }
    }
}

/// The runs as one text, for names and titles.
pub fn plain(runs: &[Run]) -> String {
    runs.iter().map(Run::text).collect()
}

/// The parts one after the other.
pub(crate) fn joined(parts: &[impl AsRef<str>], between: &str) -> String {
    let mut text = String::new();
    for (idx, part) in parts.iter().enumerate() {
        if idx > 0 {
            text.push_str(between);
        }
        text.push_str(part.as_ref());
    }
    text
}

/// `5 × 6`
pub(crate) fn size([height, width]: [u64; 2]) -> String {
    format!("{height} × {width}")
}

/// `2`, or `2 × 1` where the axes differ.
fn pair(pair: [u64; 2]) -> String {
    if pair[0] == pair[1] { pair[0].to_string() } else { size(pair) }
}

/// `(1, 3)`
fn place(position: [i64; 2]) -> String {
    let [row, column] = position.map(number::whole);
    format!("({row}, {column})")
}

fn signed(position: [u64; 2]) -> [i64; 2] {
    position.map(u64::cast_signed)
}

/// `1 row`, `2 rows`
pub(crate) fn counted(n: u64, noun: &str) -> String {
    let n_text = number::grouped(n.into());
    if n == 1 { format!("{n_text} {noun}") } else { format!("{n_text} {noun}s") }
}

/// `second`, `third`, `4th`
fn ordinal(n: u64) -> String {
    let ending = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    match n {
        2 => "second".into(),
        3 => "third".into(),
        _ => format!("{n}{ending}"),
    }
}

/// `8 + 14 − 5`
fn sum(values: impl Iterator<Item = f32>) -> String {
    let mut text = String::new();
    for value in values {
        let term = number::cell(value);
        match (text.is_empty(), term.strip_prefix('\u{2212}')) {
            (true, _) => text = term,
            (_, Some(magnitude)) => {
                text.push_str(" \u{2212} ");
                text.push_str(magnitude);
            }
            _ => {
                text.push_str(" + ");
                text.push_str(&term);
            }
        }
    }
    text
}

/// A value in full, without a minus before zero.
fn full(value: f32) -> String {
    if value.is_infinite() { number::cell(value) } else { number::full(value + 0.0) }
}

/// What slides over the input: a kernel of weights, or the window of a pool.
fn slides(lab: &Lab) -> &'static str {
    if lab.model.operation.is_pool() { "window" } else { "kernel" }
}

/// `Rest of a sentence` with its first letter as a capital.
fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    joined(&[&first, letters.as_str()], "")
}

/// The two axes with what their cells are called.
fn axes(lab: &Lab) -> [(&AxisGeometry, &'static str); 2] {
    [(&lab.geometry.rows, "row"), (&lab.geometry.columns, "column")]
}

/// Where in the input the value at `position` comes from; `None` for a zero of the padding.
fn source(lab: &Lab, position: [i64; 2]) -> Option<[u64; 2]> {
    let mode = lab.model.padding_mode;
    let row = lab.geometry.rows.source(position[0], mode)?;
    let column = lab.geometry.columns.source(position[1], mode)?;
    Some([row, column])
}

fn value_at(lab: &Lab, position: [i64; 2]) -> f32 {
    source(lab, position).map_or(lab.pad_value(), |cell| lab.input_at(cell))
}

/// Whether a position lies outside the input.
fn padded(lab: &Lab, position: [i64; 2]) -> bool {
    let inside = |position: i64, len: u64| (0..len.cast_signed()).contains(&position);
    let [height, width] = lab.geometry.input_size();
    !inside(position[0], height) || !inside(position[1], width)
}

/// What stands in the padding; `None` for zeros.
fn copies(mode: PaddingMode) -> Option<&'static str> {
    match mode {
        PaddingMode::Zeros => None,
        PaddingMode::Reflect => Some("the input mirrored at its edge"),
        PaddingMode::Replicate => Some("the nearest edge cell"),
        PaddingMode::Circular => Some("the input from the opposite side"),
    }
}

#[cfg(test)]
mod odd;
#[cfg(test)]
mod pools_tests;
#[cfg(test)]
mod tests;
