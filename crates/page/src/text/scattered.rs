//! What is said of a transposed convolution where input and kernel are drawn as the layer has them: what an input
//! cell scatters, and what meets in an output.

use convscope_core::scattered::{Contribution, contributions, landings};
use convscope_core::{ConvTranspose2dGeometry, Layer};
use convscope_scene::lab::tap_place;
use convscope_scene::{Part, number};

use super::inspector::{OutputInspector, ProductCell, activation, output_inspector};
use super::uses::{InputInspector, MeetRow, UseRow, WeightInspector, more};
use super::{Run, counted, full, joined, place, signed, sum};
use crate::lab::Lab;
use crate::operation::{Operation, View};

/// More products than these are not written out in a line.
const MOST_TERMS: usize = 25;
/// Longer tables are cut off here, and the rest is counted.
const MOST_ROWS: usize = 64;

/// "Step 5 of 9" and "input (1, 1)", where input cells scatter.
pub(super) fn step_place(lab: &Lab, step: u64) -> Option<String> {
    lab.scattered_step(step).map(|input| joined(&["input ", &place(signed(input))], ""))
}

/// The sentence below the head: of a transposed convolution why a view is not drawn, and which of several channels
/// is.
#[inline(never)] // No part of what runs first.
pub fn stage_note(lab: &Lab) -> Option<String> {
    if lab.model.operation != Operation::Transposed {
        return None;
    }
    let notes: Vec<String> = [too_large(lab), one_of_many(lab)].into_iter().flatten().collect();
    (!notes.is_empty()).then(|| joined(&notes, " "))
}

/// "The figure follows channel 1; each output adds up what all 3 channels of its group scatter."
fn one_of_many(lab: &Lab) -> Option<String> {
    let of_group = lab.model.in_channels / lab.model.groups.max(1);
    let channel = lab.channel() + 1;
    let group = if lab.model.groups > 1 { " of its group" } else { "" };
    (of_group > 1).then(|| {
        format!(
            "The figure follows channel {channel}; each output adds up what all {} channels{group} scatter.",
            number::grouped(of_group.into())
        )
    })
}

fn too_large(lab: &Lab) -> Option<String> {
    if lab.model.view == lab.model.shown_view() {
        return None;
    }
    let what = match lab.model.view {
        View::Matrix => {
            "The matrix would have a row for each output and a column for each input: more than can be seen"
        }
        View::Scatter => "There are too many cells to follow one by one as they scatter",
        _ => return None,
    };
    Some(format!("{what}. Here are the zeros inserted; a smaller input shows the rest."))
}

fn all_contributions(lab: &Lab, [row, column]: [u64; 2]) -> Vec<Contribution> {
    let (Layer::ConvTranspose2d(params), Some(geometry), Some(weight)) =
        (&lab.layer, lab.scatter(), &lab.layer_weight)
    else {
        return Vec::new();
    };
    contributions(params, &geometry, &lab.layer_input, weight, [0, lab.filter(), row, column])
}

fn product(lab: &Lab, tap: [u64; 2], pair: [f32; 2], value: f32, cropped: bool) -> ProductCell {
    let [u, v] = tap_place(tap, lab.model.kernel_size);
    let pair = format!("{} × {}", number::cell(pair[0]), number::cell(pair[1]));
    ProductCell { u, v, pair, value: number::cell(value), padded: cropped, wins: false }
}

/// What the input cell of a step scatters; `None` where steps are outputs.
pub fn inspect_step(lab: &Lab, step: u64) -> Option<OutputInspector> {
    let input = lab.scattered_step(step)?;
    let geometry = lab.scatter()?;
    let value = own_value(lab, input);
    let [row, column] = input;
    let all: Vec<([u64; 2], [i64; 2])> = landings(&geometry, input).collect();
    let n_cropped = all.iter().filter(|(_, at)| !inside(&geometry, *at)).count();
    let products = all
        .chunks(lab.model.kernel_size[1].max(1) as usize)
        .map(|row| {
            let cell = |(tap, at): &([u64; 2], [i64; 2])| {
                let weight = lab.drawn_weight(*tap);
                product(lab, *tap, [value, weight], value * weight, !inside(&geometry, *at))
            };
            row.iter().map(cell).collect()
        })
        .collect();
    let first = all.first().map_or([0, 0], |(_, at)| *at);
    let last = all.last().map_or([0, 0], |(_, at)| *at);
    let cropped = match n_cropped {
        0 => "none is cropped".into(),
        1 => "1 is cropped".into(),
        n => format!("{n} are cropped"),
    };
    let fact = format!(
        "Its {} land from {} to {} of the output; {cropped}. What reaches an output is added up.",
        counted(all.len() as u64, "product"),
        place(first),
        place(last),
    );
    Some(OutputInspector {
        title: "This input cell",
        place: format!("row {row}, column {column}"),
        products,
        flat: format!("{} scatters {}", full(value), counted(all.len() as u64, "product")),
        result_label: format!("Input {}", place(signed(input))),
        result: full(value),
        fact,
        ..OutputInspector::default()
    })
}

/// How the output cell `[row, column]` adds up what reaches it.
pub(super) fn inspect_output(lab: &Lab, output: [u64; 2]) -> OutputInspector {
    let all = all_contributions(lab, output);
    let shown: Vec<&Contribution> = all.iter().filter(|it| it.channel == lab.channel()).collect();
    let rows = || shown.chunk_by(|a, b| a.input[0] == b.input[0]);
    let products = rows()
        .map(|row| {
            row.iter().map(|it| product(lab, it.kernel, [it.value, it.weight], it.product, false)).collect()
        })
        .collect();
    let total = all.iter().fold(0.0_f32, |total, it| total + it.product);
    let n_all = counted(all.len() as u64, "contribution");
    let sum_line = match all.len() {
        0 => "No input reaches it".into(),
        1 => "1 contribution".into(),
        _ if all.len() == shown.len() => format!("Sum of {n_all}"),
        _ => format!("Sum of {n_all} from all channels"),
    };
    let mut flat = match all.len() {
        0 => "0".into(),
        1..=MOST_TERMS => format!("{} = {}", sum(all.iter().map(|it| it.product)), number::cell(total)),
        n => format!("{n} products add up to {}", number::cell(total)),
    };
    if let Some(bias) = lab.model.bias {
        flat.push_str(", plus bias ");
        flat.push_str(&number::cell(bias));
    }
    let inputs: Vec<String> = shown.iter().take(4).map(|it| place(signed(it.input))).collect();
    let fact = match shown.len() {
        0 => "No tap of any input lands here: only the bias does.".into(),
        1 => format!("Only input {} reaches it.", inputs[0]),
        2..=4 => format!("Inputs {} reach it, each through another weight.", joined(&inputs, ", ")),
        n => format!("{n} inputs reach it, each through another weight."),
    };
    let mut shown = OutputInspector {
        products,
        sum_line,
        sum: full(total),
        bias: lab.model.bias.map(|bias| {
            let sign = if bias < 0.0 { '\u{2212}' } else { '+' };
            format!("{sign} {}", full(bias.abs()))
        }),
        flat,
        fact,
        ..OutputInspector::default()
    };
    activation(lab, output, &mut shown);
    output_inspector(lab, output, shown)
}

/// Every output that an input cell reaches, at a step of the animation.
pub(super) fn inspect_input(lab: &Lab, input: [u64; 2], step: u64) -> InputInspector {
    let value = own_value(lab, input);
    let geometry = lab.scatter();
    let all: Vec<([u64; 2], [i64; 2])> =
        geometry.iter().flat_map(|geometry| landings(geometry, input)).collect();
    let kept: Vec<([u64; 2], [u64; 2])> = all
        .iter()
        .filter(|(_, at)| geometry.as_ref().is_some_and(|geometry| inside(geometry, *at)))
        .map(|(tap, at)| (*tap, at.map(i64::cast_unsigned)))
        .collect();
    let rows = kept.iter().take(MOST_ROWS).map(|(tap, output)| {
        let weight = lab.drawn_weight(*tap);
        let [u, v] = tap_place(*tap, lab.model.kernel_size);
        let later = is_later(lab, *output, step);
        UseRow {
            output: place(signed(*output)),
            output_position: *output,
            u,
            v,
            weight: number::cell(weight),
            adds: number::cell(value * weight),
            result: if later { "later".into() } else { number::cell(lab.output_at(*output)) },
            later,
        }
    });
    let [row, column] = input;
    let fact = match all.len() - kept.len() {
        0 => "None of its products is cropped.".into(),
        1 => "1 more product is cropped.".into(),
        n => format!("{n} more products are cropped."),
    };
    InputInspector {
        title: "This input cell",
        place: format!("row {row}, column {column}"),
        headline: vec![
            Run::Input(format!("x({row}, {column}) = {}", full(value))),
            Run::Plain(" reaches ".into()),
            Run::Strong(counted(kept.len() as u64, "output")),
            Run::Plain(super::uses::maps(lab)),
        ],
        heads: ["Output", "Weight", "Adds", "Result"],
        rows: rows.collect(),
        more: more(kept.len() as u64),
        fact,
    }
}

/// Every output on which a weight lands.
pub(super) fn inspect_weight(lab: &Lab, tap: [u64; 2]) -> WeightInspector {
    let weight = lab.drawn_weight(tap);
    let [height, width] = lab.model.input_size;
    let geometry = lab.scatter();
    let inputs = || (0..height).flat_map(|y| (0..width).map(move |x| [y, x]));
    let target = |[y, x]: [u64; 2]| {
        geometry.as_ref().map(|it| [it.rows.target(y, tap[0]), it.columns.target(x, tap[1])])
    };
    let lands = |input: [u64; 2]| {
        let at = target(input)?;
        geometry.as_ref().filter(|it| inside(it, at)).map(|_| at.map(i64::cast_unsigned))
    };
    let rows = inputs().take(MOST_ROWS).map(|input| {
        let (value, at) = (own_value(lab, input), lands(input));
        MeetRow {
            output: place(signed(input)),
            output_position: input,
            input: at.map_or_else(|| "cropped".into(), |at| place(signed(at))),
            padded: at.is_none(),
            value: number::cell(value),
            product: number::cell(value * weight),
        }
    });
    let n_inside = inputs().filter(|input| lands(*input).is_some()).count() as u64;
    let cropped = match height * width - n_inside {
        0 => ", none of them cropped.".into(),
        n => format!(", {} of them cropped.", number::grouped(n.into())),
    };
    let [row, column] = tap;
    let [u, v] = tap_place(tap, lab.model.kernel_size);
    let fact = if weight == 0.0 {
        "A weight of 0 adds nothing."
    } else {
        "The same weight scales every input cell: that is weight sharing."
    };
    WeightInspector {
        title: "This weight",
        place: format!("row {row}, column {column}"),
        headline: vec![
            Run::Kernel(format!("w({row}, {column}) = {}", full(weight))),
            Run::Plain(" lands ".into()),
            Run::Strong(counted(height * width, "time")),
            Run::Plain(cropped),
        ],
        heads: ["Input", "Lands on", "Value", "Product"],
        rows: rows.collect(),
        more: more(height * width),
        fact: fact.into(),
        u,
        v,
    }
}

/// What is read aloud at a step where input cells scatter.
pub(super) fn announced(lab: &Lab, step: u64) -> Option<String> {
    let input = lab.scattered_step(step)?;
    let [row, column] = input;
    Some(format!("input row {row} column {column}, {} scattered", full(own_value(lab, input))))
}

/// What a cell of input or kernel is called.
pub(super) fn part_name(lab: &Lab, part: Part) -> Option<String> {
    match part {
        Part::Input(position) => {
            let value =
                lab.own_cell(position).map_or_else(|| "none".into(), |at| number::cell(own_value(lab, at)));
            let [row, column] = position.map(number::whole);
            Some(format!("Input row {row}, column {column}: {value}"))
        }
        Part::Kernel(tap) => {
            let [row, column] = tap.map(|n| number::whole(n.cast_signed()));
            let [k_h, k_w] = lab.model.kernel_size;
            let value = (tap[0] < k_h && tap[1] < k_w).then(|| number::cell(lab.drawn_weight(tap)));
            Some(format!("Weight row {row}, column {column}: {}", value.unwrap_or_else(|| "none".into())))
        }
        _ => None,
    }
}

/// The line at the foot of the figure for what is pointed at.
pub(super) fn hint(lab: &Lab, pointed: Part) -> Option<String> {
    match pointed {
        Part::Input(position) => {
            let input = lab.own_cell(position)?;
            let geometry = lab.scatter()?;
            let n = landings(&geometry, input).filter(|(_, at)| inside(&geometry, *at)).count();
            Some(format!("Input {} reaches {}", place(position), counted(n as u64, "output")))
        }
        Part::Kernel(tap) => {
            let [height, width] = lab.model.input_size;
            let times = counted(height * width, "time");
            Some(format!("Weight {} lands {times}, once for each input cell", place(signed(tap))))
        }
        Part::Output(output) => {
            let n = lab.scatter()?.contributions(output);
            Some(format!("Output {} adds up {}", place(signed(output)), counted(n, "contribution")))
        }
        _ => None,
    }
}

/// The value of a cell of the layer's input, in the channel shown.
fn own_value(lab: &Lab, [y, x]: [u64; 2]) -> f32 {
    lab.layer_input.at([0, lab.channel(), y, x])
}

fn inside(geometry: &ConvTranspose2dGeometry, [y, x]: [i64; 2]) -> bool {
    let [height, width] = geometry.output_size().map(u64::cast_signed);
    (0..height).contains(&y) && (0..width).contains(&x)
}

/// Whether an output is not complete at a step.
fn is_later(lab: &Lab, output: [u64; 2], step: u64) -> bool {
    if lab.scattered_step(step).is_none() {
        let [_, width] = lab.geometry.output_size();
        return output[0] * width + output[1] > step;
    }
    let [_, width] = lab.model.input_size;
    all_contributions(lab, output).iter().any(|it| it.input[0] * width + it.input[1] > step)
}
