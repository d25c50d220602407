//! "This input cell" and "This weight": every output that one number goes into.

use convscope_core::{AxisGeometry, PaddingMode, window};
use convscope_scene::lab::tap_place;
use convscope_scene::number;

use super::{
    Run, axes, copies, counted, full, joined, padded, place, pools, reads, scattered, signed, slides, source,
    value_at,
};
use crate::lab::{Lab, Zone};
use crate::operation::Operation;

/// Longer tables are cut off here, and the rest is counted.
const MOST_ROWS: usize = 64;

/// What one cell of the padded input goes into.
#[derive(Clone, Debug, PartialEq)]
pub struct InputInspector {
    /// "This input cell" or "This padding cell"
    pub title: &'static str,
    /// "row 1, column 3"
    pub place: String,
    /// "x(1, 3) = 8 is read by 4 of 9 outputs."
    pub headline: Vec<Run>,
    /// What the columns of the rows hold.
    pub heads: [&'static str; 4],
    /// One row for each output that reads it, 64 at most.
    pub rows: Vec<UseRow>,
    /// "and 57 more"
    pub more: Option<String>,
    /// One fact in words; of a cell that is never read, why.
    pub fact: String,
}

/// One output that reads a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct UseRow {
    /// "(0, 1)"
    pub output: String,
    /// The same as a place.
    pub output_position: [u64; 2],
    /// Column of the tap, `0.0..=1.0`: its identity colour.
    pub u: f64,
    /// Row of the tap, `0.0..=1.0`.
    pub v: f64,
    /// The weight that it is read through: "1"
    pub weight: String,
    /// The product: "8"
    pub adds: String,
    /// The output's value, or "later" when it is not computed yet.
    pub result: String,
    /// Whether it is not computed yet.
    pub later: bool,
}

/// What one weight meets.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightInspector {
    /// "This weight", "This place of the window"
    pub title: &'static str,
    /// "row 0, column 2"
    pub place: String,
    /// "w(0, 2) = 1 meets 9 cells, 2 of them padding."
    pub headline: Vec<Run>,
    /// What the columns of the rows hold.
    pub heads: [&'static str; 4],
    /// One row for each output, 64 at most.
    pub rows: Vec<MeetRow>,
    /// "and 57 more"
    pub more: Option<String>,
    /// One fact in words.
    pub fact: String,
    /// Column of the tap, `0.0..=1.0`: its identity colour.
    pub u: f64,
    /// Row of the tap, `0.0..=1.0`.
    pub v: f64,
}

/// One output, and what a weight meets there.
#[derive(Clone, Debug, PartialEq)]
pub struct MeetRow {
    /// "(0, 1)"
    pub output: String,
    /// The same as a place.
    pub output_position: [u64; 2],
    /// "(1, 3)", or "padding"
    pub input: String,
    /// Whether it is padding.
    pub padded: bool,
    /// The value that stands there: "8"
    pub value: String,
    /// The product: "−8"
    pub product: String,
}

/// What the cell at `position` goes into, at a step of the animation; padding lies at negative positions
/// and beyond the input.
pub fn inspect_input(lab: &Lab, position: [i64; 2], step: u64) -> InputInspector {
    if let Some(cell) = lab.own_cell(position).filter(|_| lab.is_direct()) {
        return scattered::inspect_input(lab, cell, step);
    }
    let uses = window::uses(&lab.geometry, position);
    let value = value_at(lab, position);
    let in_padding = padded(lab, position);
    let width = lab.geometry.output_size()[1];
    let rows = uses
        .iter()
        .take(MOST_ROWS)
        .map(|used| {
            let [y, x] = used.output;
            let weight = lab.weight_at(used.kernel);
            let is_pool = lab.model.operation.is_pool();
            let [u, v] = tap_place(used.kernel, lab.model.kernel_size);
            let later = y * width + x > step;
            let result = if later { "later".into() } else { number::cell(lab.output_at([y, x])) };
            UseRow {
                output: place(signed(used.output)),
                output_position: used.output,
                u,
                v,
                weight: if is_pool { place(signed(used.kernel)) } else { number::cell(weight) },
                adds: if is_pool {
                    pools::adds(lab, position, value, used.output)
                } else {
                    number::cell(value * weight)
                },
                result,
                later,
            }
        })
        .collect();
    let [row, column] = position.map(number::whole);
    let name = format!("({row}, {column}) = {}", full(value));
    let (title, cell) = if in_padding {
        ("This padding cell", Run::Pad(joined(&["Padding ", &name], "")))
    } else if lab.zone(position) == Zone::Inserted {
        ("This inserted zero", Run::Pad(joined(&["Inserted ", &name], "")))
    } else {
        ("This input cell", Run::Input(joined(&["x", &name], "")))
    };
    let n_outputs = number::grouped(lab.geometry.n_steps().into());
    let headline = if uses.is_empty() {
        vec![cell, Run::Plain(" is ".into()), Run::Strong("never read".into()), Run::Plain(".".into())]
    } else {
        vec![
            cell,
            Run::Plain(" is read by ".into()),
            Run::Strong(format!("{} of {n_outputs}", uses.len())),
            Run::Plain(
                [if lab.geometry.n_steps() == 1 { " output" } else { " outputs" }, &maps(lab)].concat(),
            ),
        ]
    };
    InputInspector {
        title,
        place: format!("row {row}, column {column}"),
        headline,
        heads: match lab.model.operation.is_pool() {
            true => ["Output", "Place", pools::adds_head(lab), "Result"],
            false => ["Output", "Weight", "Adds", "Result"],
        },
        rows,
        more: more(uses.len() as u64),
        fact: input_fact(lab, position, uses.len()),
    }
}

/// Of which map the outputs are, where several filters read a channel, and the full stop: " of map 3, and by as many
/// of each of the 5 other maps made from this channel."
pub(super) fn maps(lab: &Lab) -> String {
    let filters = lab.model.out_channels / lab.model.groups.max(1);
    if filters < 2 || !lab.model.operation.has_weights() {
        return ".".into();
    }
    let others = match filters - 1 {
        1 => "the other map".into(),
        n => format!("each of the {} other maps", number::grouped(n.into())),
    };
    format!(" of map {}, and by as many of {others} made from this channel.", lab.filter() + 1)
}

pub(super) fn more(n_rows: u64) -> Option<String> {
    let more = n_rows.checked_sub(MOST_ROWS as u64).filter(|&more| more > 0)?;
    Some(format!("and {} more", number::grouped(more.into())))
}

fn input_fact(lab: &Lab, position: [i64; 2], n_uses: usize) -> String {
    let mut text = match n_uses {
        0 => axes(lab)
            .into_iter()
            .zip(position)
            .find_map(|((axis, noun), position)| reads::why_unread(axis, [noun, slides(lab)], position))
            .unwrap_or_default(),
        1 => "Only one window covers it.".into(),
        _ if lab.model.operation.is_pool() => "Each of these windows holds it at another place.".into(),
        _ => "Each of these windows meets it with a different weight.".into(),
    };
    text.push(' ');
    if padded(lab, position) {
        text.push_str(&padding_fact(lab, position));
    } else {
        text.push_str(&copies_fact(lab, position.map(i64::cast_unsigned), n_uses));
    }
    text.trim().into()
}

/// How often an input cell is read through its copies in the padding.
fn copies_fact(lab: &Lab, cell: [u64; 2], n_uses: usize) -> String {
    if lab.model.padding_mode == PaddingMode::Zeros {
        return String::new();
    }
    let n_all = window::uses_of_cell(&lab.geometry, lab.model.padding_mode, cell).len();
    match n_all.saturating_sub(n_uses) {
        0 => String::new(),
        1 => "A copy of it in the padding is read once.".into(),
        n => joined(&["Copies of it in the padding are read ", &n.to_string(), " times."], ""),
    }
}

fn padding_fact(lab: &Lab, position: [i64; 2]) -> String {
    if lab.zone(position) == Zone::Beyond {
        return "It lies beyond the padding, where rounding up lets the last window hang over.".into();
    }
    if lab.model.operation == Operation::MaxPool {
        return "It is not part of the input: minus infinity, which never wins.".into();
    }
    match (copies(lab.model.padding_mode), source(lab, position)) {
        (Some(copies), Some(from)) => {
            format!("Here stands {copies}: a copy of x{}.", place(signed(from)))
        }
        _ => "It is not part of the input: a zero that adds nothing.".into(),
    }
}

/// What the weight `[row, column]` meets. A weight beyond the kernel is taken for the last one.
pub fn inspect_weight(lab: &Lab, kernel: [u64; 2]) -> WeightInspector {
    let [k_h, k_w] = lab.model.kernel_size;
    let [row, column] = [kernel[0].min(k_h - 1), kernel[1].min(k_w - 1)];
    if lab.is_direct() {
        return scattered::inspect_weight(lab, [row, column]);
    }
    let is_pool = lab.model.operation.is_pool();
    let weight = lab.weight_at([row, column]);
    let rows = window::meets(&lab.geometry, [row, column])
        .take(MOST_ROWS)
        .map(|(output, position)| {
            let value = value_at(lab, position);
            let padded = padded(lab, position);
            MeetRow {
                output: place(signed(output)),
                output_position: output,
                input: if padded { "padding".into() } else { place(position) },
                padded,
                value: number::cell(value),
                product: if is_pool {
                    pools::adds(lab, position, value, output)
                } else {
                    number::cell(value * weight)
                },
            }
        })
        .collect();
    let n_steps = lab.geometry.n_steps();
    let inside = n_inside(&lab.geometry.rows, row) * n_inside(&lab.geometry.columns, column);
    let padding = match n_steps - inside {
        0 => ", none of them padding.".into(),
        n if n == n_steps => ", all of them padding.".into(),
        n => format!(", {} of them padding.", number::grouped(n.into())),
    };
    let [u, v] = tap_place([row, column], lab.model.kernel_size);
    let fact = if is_pool {
        "A window has no weights: what stands at one place counts as much as at another."
    } else if weight == 0.0 {
        "A weight of 0 leaves out what it meets."
    } else if n_steps == 1 {
        "There is only one window."
    } else {
        "The same weight serves every window: that is weight sharing."
    };
    WeightInspector {
        title: if is_pool { "This place of the window" } else { "This weight" },
        place: format!("row {row}, column {column}"),
        headline: vec![
            Run::Kernel(match is_pool {
                true => format!("Place ({row}, {column})"),
                false => format!("w({row}, {column}) = {}", full(weight)),
            }),
            Run::Plain(" meets ".into()),
            Run::Strong(counted(n_steps, "cell")),
            Run::Plain(padding),
        ],
        heads: ["Output", "Meets", "Value", if is_pool { pools::adds_head(lab) } else { "Product" }],
        rows,
        more: more(n_steps),
        fact: fact.into(),
        u,
        v,
    }
}

/// "b = 1 is added to each of 9 outputs."; a missing bias adds nothing.
pub fn inspect_bias(lab: &Lab) -> Vec<Run> {
    let bias = full(lab.model.bias.unwrap_or(0.0));
    let added = match lab.geometry.n_steps() {
        1 => " is added to the only output.".into(),
        n => joined(&[" is added to each of ", &number::grouped(n.into()), " outputs."], ""),
    };
    vec![Run::Kernel(joined(&["b = ", &bias], "")), Run::Plain(added)]
}

/// Windows whose tap `kernel_idx` lies in the input.
fn n_inside(axis: &AxisGeometry, kernel_idx: u64) -> u64 {
    let inside = 0..axis.input_len().cast_signed();
    (0..axis.output_len()).filter(|&output_idx| inside.contains(&axis.tap(output_idx, kernel_idx))).count()
        as u64
}
