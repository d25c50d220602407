//! The sentences above, below and beside the figure, and the names of its parts.

use convscope_core::{Padding2d, PaddingMode, Pads};
use convscope_scene::{Part, number};

use super::{Run, counted, joined, operations, pair, place, scattered, signed, size, value_at};
use crate::lab::{Lab, Zone};
use crate::operation::Operation;

/// "A 3 × 3 kernel at stride 2, padding 1, turns 5 × 5 into 3 × 3", or with channels "Six 5 × 5 × 3 filters turn
/// 32 × 32 × 3 into 28 × 28 × 6".
pub fn sentence(lab: &Lab) -> Vec<Run> {
    if is_volume(lab) {
        return of_volume(lab);
    }
    let kernel_size = lab.model.kernel_size;
    let article = if matches!(kernel_size[0], 8 | 11) { "An " } else { "A " };
    let [input, output] = sizes(lab);
    vec![
        Run::Plain(article.into()),
        Run::Kernel(size(kernel_size)),
        Run::Plain(joined(&[" ", operations::what(lab), " at ", &settings(lab), ", turns "], "")),
        Run::Input(input),
        Run::Plain(" into ".into()),
        Run::Output(output),
    ]
}

/// Input and output as sentences name them: with their channels where there are several.
fn sizes(lab: &Lab) -> [String; 2] {
    if lab.model.operation != Operation::Conv && lab.model.in_channels.max(lab.n_filters()) > 1 {
        return volumes(lab);
    }
    [size(lab.model.input_size), size(lab.geometry.output_size())]
}

/// The same with channels. No part of what runs first.
#[inline(never)]
fn volumes(lab: &Lab) -> [String; 2] {
    let output = volume(lab.geometry.output_size(), lab.n_filters());
    [volume(lab.model.input_size, lab.model.in_channels), output]
}

/// Whether the layer has more than one channel or filter.
fn is_volume(lab: &Lab) -> bool {
    lab.model.operation == Operation::Conv && lab.input.shape()[1].max(lab.n_filters()) > 1
}

/// "Six 5 × 5 × 3 filters turn 32 × 32 × 3 into 28 × 28 × 6", "64 filters of 1 × 1 × 256 turn ..";
/// stride and padding only where there are some.
#[inline(never)] // No part of what runs first.
fn of_volume(lab: &Lab) -> Vec<Run> {
    let n_filters = lab.n_filters();
    let (count, noun, turn) = match (n_filters, spelled(n_filters)) {
        (1, _) => ("One ".to_owned(), " filter", "turns"),
        (_, Some(word)) => (format!("{word} "), " filters", "turn"),
        // A number beside the size would be read as one of its sides.
        (n, None) => (format!("{} filters of ", number::grouped(n.into())), "", "turn"),
    };
    let plain = lab.model.stride == [1, 1]
        && lab.model.dilation == [1, 1]
        && lab.geometry.pads() == Pads::default()
        && lab.model.padding != Padding2d::Same;
    let settings = if plain { String::new() } else { format!(" at {},", settings(lab)) };
    let groups = match lab.model.groups {
        1 => String::new(),
        n if n == lab.model.in_channels => ", depthwise,".into(),
        n => format!(", in {n} groups,"),
    };
    let comma = if settings.is_empty() { "" } else { settings.as_str() };
    vec![
        Run::Plain(count),
        Run::Kernel(format!("{} × {}", size(lab.model.kernel_size), lab.n_slices())),
        Run::Plain(format!("{noun}{groups}{comma} {turn} ")),
        Run::Input(volume(lab.geometry.input_size(), lab.input.shape()[1])),
        Run::Plain(" into ".into()),
        Run::Output(volume(lab.geometry.output_size(), n_filters)),
    ]
}

/// `32 × 32 × 3`
fn volume(plane: [u64; 2], channels: u64) -> String {
    format!("{} × {channels}", size(plane))
}

/// "Six"; up to twelve.
fn spelled(n: u64) -> Option<&'static str> {
    const WORDS: [&str; 11] =
        ["Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"];
    usize::try_from(n).ok().and_then(|n| WORDS.get(n.checked_sub(2)?)).copied()
}

/// "5 × 5 becomes 3 × 3 at stride 2, padding 1"
pub fn sentence_short(lab: &Lab) -> Vec<Run> {
    if is_volume(lab) {
        return vec![
            Run::Input(volume(lab.geometry.input_size(), lab.input.shape()[1])),
            Run::Plain(" becomes ".into()),
            Run::Output(volume(lab.geometry.output_size(), lab.n_filters())),
        ];
    }
    let [input, output] = sizes(lab);
    vec![
        Run::Input(input),
        Run::Plain(" becomes ".into()),
        Run::Output(output),
        Run::Plain(format!(" at {}", settings(lab))),
    ]
}

/// "stride 2, dilation 2, padding 1"
fn settings(lab: &Lab) -> String {
    let mut text = format!("stride {}", pair(lab.model.stride));
    if lab.model.dilation != [1, 1] {
        text.push_str(", dilation ");
        text.push_str(&pair(lab.model.dilation));
    }
    text.push_str(", ");
    text.push_str(&padding(lab));
    if lab.model.operation != Operation::Conv {
        // No part of what runs first, so in a file of its own.
        text.push_str(&operations::settings(lab));
    }
    text
}

/// "no padding", "padding 1", "same padding 1 × 2", "reflect padding top 1, left 0, bottom 1, right 2"
fn padding(lab: &Lab) -> String {
    let pads = lab.pads();
    if pads == Pads::default() && lab.model.padding != Padding2d::Same {
        return "no padding".into();
    }
    let Pads { top, left, bottom, right } = pads;
    let cells = if top == bottom && left == right {
        pair([top, left])
    } else {
        format!("top {top}, left {left}, bottom {bottom}, right {right}")
    };
    let amount = match lab.model.padding {
        Padding2d::Same => "same ",
        Padding2d::Full => "full ",
        Padding2d::Valid | Padding2d::Explicit(_) => "",
    };
    let mode = match lab.model.padding_mode {
        PaddingMode::Zeros => "",
        PaddingMode::Reflect => "reflect ",
        PaddingMode::Replicate => "replicate ",
        PaddingMode::Circular => "circular ",
    };
    joined(&[amount, mode, "padding ", &cells], "")
}

/// "Step 5 of 9" and "output (1, 1)"
pub fn step_label(lab: &Lab, step: u64) -> (String, String) {
    if let Some(input) = scattered_place(lab, step) {
        return (step_of(lab, step), input);
    }
    let output = place(signed(lab.geometry.output_position(step)));
    let map = match (lab.n_filters(), lab.model.operation.is_pool()) {
        (1, _) => String::new(),
        (_, false) => format!(", filter {}", lab.filter() + 1),
        (_, true) => format!(", channel {}", lab.filter() + 1),
    };
    (step_of(lab, step), format!("output {output}{map}"))
}

/// "input (1, 1)" where input cells scatter.
fn scattered_place(lab: &Lab, step: u64) -> Option<String> {
    if lab.model.operation == Operation::Transposed { scattered::step_place(lab, step) } else { None }
}

fn step_of(lab: &Lab, step: u64) -> String {
    let [step, n_steps] = [step + 1, lab.n_steps()].map(|n| number::grouped(n.into()));
    format!("Step {step} of {n_steps}")
}

/// What is read aloud at a step: "Step 5 of 9, output row 1 column 1, 28"
pub fn announce(lab: &Lab, step: u64) -> String {
    if let Some(input) = scattered::announced(lab, step) {
        return format!("{}, {input}", step_of(lab, step));
    }
    let [row, column] = lab.geometry.output_position(step);
    let value = output_value(lab, [row, column]);
    format!("{}, output row {row} column {column}, {value}", step_of(lab, step))
}

/// What a cell of the figure is called: "Input row 1, column 3: 8"
pub fn part_name(lab: &Lab, part: Part) -> String {
    if let Some(name) = lab.is_direct().then(|| scattered::part_name(lab, part)).flatten() {
        return name;
    }
    let named = |what: &str, position: [i64; 2], value: String| {
        let [row, column] = position.map(number::whole);
        format!("{what} row {row}, column {column}: {value}")
    };
    match part {
        Part::Input(position) => {
            let what = zone_name(lab, position);
            named(what, position, number::cell(value_at(lab, position)))
        }
        Part::Kernel(kernel) if lab.model.operation.is_pool() => {
            let [row, column] = kernel.map(|n| number::whole(n.cast_signed()));
            format!("Window row {row}, column {column}")
        }
        Part::Kernel(kernel) => named("Weight", signed(kernel), weight_value(lab, kernel)),
        Part::Output(output) => named("Output", signed(output), output_value(lab, output)),
        Part::Bias => format!("Bias: {}", number::cell(lab.model.bias.unwrap_or(0.0))),
        Part::Channel(channel) => lab.channel_name(channel),
        Part::Filter(filter) => format!("Filter {}", filter + 1),
        Part::Factor(_) => String::new(),
    }
}

/// What lies at a position of the drawn input.
fn zone_name(lab: &Lab, position: [i64; 2]) -> &'static str {
    match lab.zone(position) {
        Zone::Input => "Input",
        Zone::Inserted => "Inserted zero",
        Zone::Padding => "Padding",
        Zone::Beyond => "Beyond the padding",
    }
}

fn weight_value(lab: &Lab, [row, column]: [u64; 2]) -> String {
    cell_of(lab.weight.plane(lab.filter(), lab.slice()), lab.model.kernel_size[1], [row, column])
}

fn output_value(lab: &Lab, position: [u64; 2]) -> String {
    cell_of(lab.output.plane(0, lab.filter()), lab.geometry.output_size()[1], position)
}

/// The value at a place of a map, or "none" outside.
fn cell_of(map: &[f32], width: u64, [row, column]: [u64; 2]) -> String {
    let idx = row.checked_mul(width).and_then(|start| start.checked_add(column));
    let value = idx.filter(|_| column < width).and_then(|idx| map.get(usize::try_from(idx).ok()?));
    value.map_or_else(|| "none".into(), |&value| number::cell(value))
}

/// The line at the foot of the figure: what the part pointed at touches, or that one can point.
pub fn hint(lab: &Lab, pointed: Option<Part>) -> String {
    if let Some(hint) = pointed.filter(|_| lab.is_direct()).and_then(|part| scattered::hint(lab, part)) {
        return hint;
    }
    match pointed {
        None => "Point at any cell or weight to see what it touches".into(),
        Some(Part::Input(position)) => {
            let what = zone_name(lab, position);
            let cell = place(position);
            match lab.geometry.reads(position) {
                0 => format!("{what} {cell} is never read"),
                1 => format!("{what} {cell} is read by 1 output"),
                n => {
                    let n = number::grouped(n.into());
                    let through = match lab.model.operation.is_pool() {
                        true => "",
                        false => ", each through a different weight",
                    };
                    format!("{what} {cell} is read by {n} outputs{through}")
                }
            }
        }
        Some(Part::Kernel(kernel)) => {
            let cells = counted(lab.geometry.n_steps(), "cell");
            let what = if lab.model.operation.is_pool() { "Place" } else { "Weight" };
            format!("{what} {} meets {cells}, one in each window", place(signed(kernel)))
        }
        Some(Part::Output(output)) => {
            let [height, width] = lab.model.kernel_size;
            format!("Output {} reads {}", place(signed(output)), counted(height * width, "cell"))
        }
        Some(Part::Bias) => "The bias is added to every output".into(),
        Some(Part::Channel(channel)) => {
            format!("{}: press to look at it", lab.channel_name(channel))
        }
        Some(Part::Filter(filter)) => format!("Filter {} makes map {0}: press to look inside", filter + 1),
        Some(Part::Factor(factor)) => super::factor(lab, factor),
    }
}

/// The word of the legend: "never read", or "never read: none".
pub fn never_read(lab: &Lab) -> String {
    let unread =
        super::axes(lab).iter().any(|(axis, _)| axis.positions().any(|position| axis.reads(position) == 0));
    if unread { "never read".into() } else { "never read: none".into() }
}

/// The sentence under a photograph; `None` for other inputs.
pub fn picture_note(lab: &Lab) -> Option<String> {
    let pixels = size(lab.geometry.input_size());
    lab.model.is_picture().then(|| {
        if lab.model.in_channels == 3 {
            return format!(
                "{pixels} pixels, at most 256 on the longest side: red, green and blue, each from 0 to 1."
            );
        }
        format!(
            "{pixels} pixels, at most 256 on the longest side. Colour became grey from 0, black, to 1, white: \
             0.299 red + 0.587 green + 0.114 blue."
        )
    })
}
