//! How often each cell of the input, its padding and each weight are used, and why some never are; of a
//! transposed convolution, how many contributions each output adds up.

use convscope_core::{AxisGeometry, ConvTranspose2dGeometry, TransposedAxis};
use convscope_scene::number;

use super::{counted, joined};
use crate::lab::Lab;

/// A map with more cells along a side is not drawn: it would leave no room for the sentence beside it.
const MOST_DRAWN: u64 = 32;
/// More groups than these are not listed.
const MOST_GROUPS: usize = 5;

/// How often each cell is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reads {
    /// "Reads per cell", "Contributions per output"
    pub title: &'static str,
    /// What the map is called: "How often each input cell is read".
    pub name: &'static str,
    /// Whether the cells are those of the output.
    pub of_output: bool,
    /// Windows that read each cell, row by row, padding included; of a transposed convolution the taps that land on
    /// each output. `None` for pictures and maps of many cells.
    pub counts: Option<Vec<u64>>,
    /// Rows and columns.
    pub size: [u64; 2],
    /// Where the padding ends: the first row and column of the input, and how many there are.
    pub inner: [[u64; 2]; 2],
    /// The most that any cell is used.
    pub max: u64,
    /// "4 cells are read 4 times, 12 twice, 9 once."
    pub text: String,
    /// The same of the padding: "Padding: 16 cells are read once."
    pub padding: String,
    /// How often each weight is used; `None` for pools, which have none.
    pub weights: Option<WeightUses>,
}

/// How often each weight is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightUses {
    /// Row by row: times that it meets a cell of the input, or lands on the output.
    pub counts: Vec<u64>,
    /// Rows and columns.
    pub size: [u64; 2],
    /// The most that any is used.
    pub max: u64,
    /// "Each weight is used 9 times, some of them on padding."
    pub text: String,
}

/// How often each cell of the input is read; of a transposed convolution, how much each output adds up.
pub fn reads(lab: &Lab) -> Reads {
    if let Some(scatter) = lab.scatter() {
        return contributed(lab, &scatter);
    }
    let of_axis =
        |axis: &AxisGeometry| -> Vec<u64> { axis.positions().map(|position| axis.reads(position)).collect() };
    let (rows, columns) = (of_axis(&lab.geometry.rows), of_axis(&lab.geometry.columns));
    let size = lab.geometry.padded_size();
    let pads = lab.geometry.pads();
    let inner = [[pads.top, pads.left], lab.geometry.input_size()];
    let within = |counts: &[u64], axis: usize| -> Vec<u64> {
        counts.iter().skip(inner[0][axis] as usize).take(inner[1][axis] as usize).copied().collect()
    };
    let of_input = groups(&within(&rows, 0), &within(&columns, 1));
    let drawn = !lab.model.is_picture() && size[0].max(size[1]) <= MOST_DRAWN;
    let counts = || rows.iter().flat_map(|row| columns.iter().map(move |column| row * column)).collect();
    let padding = match less(groups(&rows, &columns), &of_input) {
        outside if outside.is_empty() => String::new(),
        outside => joined(&["Padding: ", &lower(&text(&outside, "cell", READ))], ""),
    };
    Reads {
        title: "Reads per cell",
        name: "How often each input cell is read",
        of_output: false,
        counts: drawn.then(counts),
        size,
        inner,
        max: of_input.first().map_or(0, |&(times, _)| times),
        text: each(lab.model.out_channels, "By", "filter", lab, text(&of_input, "cell", READ)),
        padding,
        weights: lab.model.operation.has_weights().then(|| weights(lab)),
    }
}

/// The sentence of one filter, or channel, where there are several of `count` in a group: "By each of 6 filters: ..."
fn each(count: u64, word: &str, noun: &str, lab: &Lab, sentence: String) -> String {
    let groups = lab.model.groups.max(1);
    match count / groups {
        n if n > 1 && lab.model.operation.has_weights() => {
            let group = if groups > 1 { " of a group" } else { "" };
            let n = number::grouped(n.into());
            format!("{word} each of {n} {noun}s{group}: {}", lower(&sentence))
        }
        _ => sentence,
    }
}

/// How much each output of a transposed convolution adds up.
fn contributed(lab: &Lab, scatter: &ConvTranspose2dGeometry) -> Reads {
    let of_axis = |axis: &TransposedAxis| -> Vec<u64> {
        (0..axis.output_len()).map(|cell| axis.contributions(cell)).collect()
    };
    let (rows, columns) = (of_axis(&scatter.rows), of_axis(&scatter.columns));
    let size = scatter.output_size();
    let groups = groups(&rows, &columns);
    let drawn = !lab.model.is_picture() && size[0].max(size[1]) <= MOST_DRAWN;
    let counts = || rows.iter().flat_map(|row| columns.iter().map(move |column| row * column)).collect();
    let landed = |axis: &TransposedAxis, tap: u64| {
        let inside = axis.interior(tap);
        inside.end - inside.start
    };
    let [k_h, k_w] = lab.model.kernel_size;
    let uses: Vec<u64> = (0..k_h)
        .flat_map(|y| (0..k_w).map(move |x| landed(&scatter.rows, y) * landed(&scatter.columns, x)))
        .collect();
    let n_inputs = lab.model.input_size[0] * lab.model.input_size[1];
    let cropped = if uses.iter().any(|n| *n < n_inputs) { ", where it is not cropped" } else { "" };
    let weights = WeightUses {
        max: n_inputs,
        text: format!("Each weight lands {}{cropped}.", how_often(n_inputs)),
        counts: uses,
        size: [k_h, k_w],
    };
    Reads {
        title: "Contributions per output",
        name: "How many contributions each output adds up",
        of_output: true,
        counts: drawn.then(counts),
        size,
        inner: [[0, 0], size],
        max: groups.first().map_or(0, |&(times, _)| times),
        text: each(lab.model.in_channels, "From", "channel", lab, text(&groups, "output", REACHED)),
        padding: String::new(),
        weights: Some(weights),
    }
}

/// How often each weight meets a cell of the input.
fn weights(lab: &Lab) -> WeightUses {
    let inside = |axis: &AxisGeometry, tap: u64| {
        let windows = axis.interior(tap);
        windows.end - windows.start
    };
    let [k_h, k_w] = lab.model.kernel_size;
    let geometry = &lab.geometry;
    let counts: Vec<u64> = (0..k_h)
        .flat_map(|y| (0..k_w).map(move |x| inside(&geometry.rows, y) * inside(&geometry.columns, x)))
        .collect();
    let max = geometry.n_steps();
    let least = counts.iter().min().copied().unwrap_or(0);
    let on_padding = match (least == max, counts.iter().max()) {
        (true, _) => String::new(),
        (false, Some(&most)) if most == least => {
            format!(", {} on cells of the input", number::grouped(most.into()))
        }
        (false, most) => {
            let most = number::grouped(most.copied().unwrap_or(0).into());
            format!(", {} to {most} of them on cells of the input", number::grouped(least.into()))
        }
    };
    WeightUses {
        text: format!("Each weight is used {}{on_padding}.", how_often(max)),
        counts,
        size: [k_h, k_w],
        max,
    }
}

/// The groups without the cells of others.
fn less(all: Vec<(u64, u64)>, others: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let rest = all.into_iter().map(|(times, n_cells)| {
        let taken = others.iter().find(|group| group.0 == times).map_or(0, |group| group.1);
        (times, n_cells - taken)
    });
    rest.filter(|(_, n_cells)| *n_cells > 0).collect()
}

fn lower(sentence: &str) -> String {
    sentence.strip_prefix("All ").map_or_else(|| sentence.into(), |rest| joined(&["all ", rest], ""))
}

/// How many cells are read how often, the most often first.
fn groups(rows: &[u64], columns: &[u64]) -> Vec<(u64, u64)> {
    let mut groups: Vec<(u64, u64)> = Vec::new();
    for (row_times, n_rows) in histogram(rows) {
        for (column_times, n_columns) in histogram(columns) {
            add(&mut groups, row_times * column_times, n_rows * n_columns);
        }
    }
    groups
}

fn histogram(counts: &[u64]) -> Vec<(u64, u64)> {
    let mut groups = Vec::new();
    for &times in counts {
        add(&mut groups, times, 1);
    }
    groups
}

/// Adds cells to their group; the groups stay in the order of `times`, the most first.
fn add(groups: &mut Vec<(u64, u64)>, times: u64, n_cells: u64) {
    let idx = groups.iter().position(|group| group.0 <= times).unwrap_or(groups.len());
    match groups.get_mut(idx) {
        Some(group) if group.0 == times => group.1 += n_cells,
        _ => groups.insert(idx, (times, n_cells)),
    }
}

/// What is said of cells that are used so often, and of those that never are.
type Verbs = [&'static str; 2];
const READ: Verbs = ["read ", "never read"];
const REACHED: Verbs = ["reached ", "never reached"];

fn text(groups: &[(u64, u64)], noun: &str, verbs: Verbs) -> String {
    let (first, rest) = match groups {
        [] => return String::new(),
        [(times, n_cells)] if *n_cells > 1 => {
            let n_cells = number::grouped((*n_cells).into());
            return format!("All {n_cells} {noun}s are {}.", used(*times, verbs));
        }
        [first, .., last] if groups.len() > MOST_GROUPS => (first, std::slice::from_ref(last)),
        [first, rest @ ..] => (first, rest),
    };
    let verb = if first.1 == 1 { "is" } else { "are" };
    let mut text = format!("{} {verb} {}", counted(first.1, noun), used(first.0, verbs));
    if groups.len() > MOST_GROUPS {
        text.push_str(", others less often");
    }
    for &(times, n_cells) in rest {
        // "504 6 times" would read as one number.
        let read = if times > 2 { joined(&["are ", verbs[0]], "") } else { String::new() };
        text.push_str(&format!(", {} {read}{}", number::grouped(n_cells.into()), how_often(times)));
    }
    text.push('.');
    text
}

fn used(times: u64, [used, never]: Verbs) -> String {
    if times == 0 { never.into() } else { joined(&[used, &how_often(times)], "") }
}

fn how_often(times: u64) -> String {
    match times {
        0 => "never".into(),
        1 => "once".into(),
        2 => "twice".into(),
        _ => format!("{} times", number::grouped(times.into())),
    }
}

/// Why no window reads the cells at `position` of an axis; `None` if one does. Says "row" or "column", and
/// what slides over them.
pub(super) fn why_unread(axis: &AxisGeometry, [noun, slides]: [&str; 2], position: i64) -> Option<String> {
    if axis.reads(position) > 0 {
        return None;
    }
    let at = number::whole(position);
    let (stride, dilation) = (axis.params().stride(), axis.params().dilation());
    let (padded_len, dilated_kernel, leftover) = (axis.padded_len(), axis.dilated_kernel(), axis.leftover());
    let end = axis.window_start(axis.output_len() - 1) + dilated_kernel.cast_signed();
    Some(if position >= end {
        format!(
            "No window reaches {noun} {at}: ({padded_len} − {dilated_kernel}) / {stride} leaves {leftover} over."
        )
    } else if (position - axis.window_start(0)).rem_euclid(stride.cast_signed())
        >= dilated_kernel.cast_signed()
    {
        format!("Stride {stride} steps over {noun} {at}: the {slides} spans only {dilated_kernel}.")
    } else {
        format!(
            "At dilation {dilation} and stride {stride}, {noun} {at} falls between the taps of every window."
        )
    })
}
