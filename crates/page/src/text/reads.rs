//! How often each cell of the input is read, and why some never are.

use convscope_core::AxisGeometry;
use convscope_scene::number;

use super::{counted, joined};
use crate::lab::Lab;

/// An input with more cells along a side is not drawn: it would leave no room for the sentence beside it.
const MOST_DRAWN: u64 = 32;
/// More groups than these are not listed.
const MOST_GROUPS: usize = 5;

/// How often each cell of the input is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reads {
    /// Windows that read each cell, row by row; `None` for pictures and inputs of many cells.
    pub counts: Option<Vec<u64>>,
    /// Rows and columns.
    pub size: [u64; 2],
    /// The most that any cell is read.
    pub max: u64,
    /// "4 cells are read 4 times, 12 twice, 9 once."
    pub text: String,
}

/// How often each cell of the input is read.
pub fn reads(lab: &Lab) -> Reads {
    let of_axis = |axis: &AxisGeometry| -> Vec<u64> {
        (0..axis.input_len().cast_signed()).map(|position| axis.reads(position)).collect()
    };
    let (rows, columns) = (of_axis(&lab.geometry.rows), of_axis(&lab.geometry.columns));
    let size = lab.geometry.input_size();
    let groups = groups(&rows, &columns);
    let drawn = !lab.model.is_picture() && size[0].max(size[1]) <= MOST_DRAWN;
    let counts = || rows.iter().flat_map(|row| columns.iter().map(move |column| row * column)).collect();
    Reads {
        counts: drawn.then(counts),
        size,
        max: groups.first().map_or(0, |&(times, _)| times),
        text: text(&groups),
    }
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

fn text(groups: &[(u64, u64)]) -> String {
    let (first, rest) = match groups {
        [] => return String::new(),
        [(times, n_cells)] if *n_cells > 1 => {
            return format!("All {} cells are {}.", number::grouped((*n_cells).into()), are_read(*times));
        }
        [first, .., last] if groups.len() > MOST_GROUPS => (first, std::slice::from_ref(last)),
        [first, rest @ ..] => (first, rest),
    };
    let verb = if first.1 == 1 { "is" } else { "are" };
    let mut text = format!("{} {verb} {}", counted(first.1, "cell"), are_read(first.0));
    if groups.len() > MOST_GROUPS {
        text.push_str(", others less often");
    }
    for &(times, n_cells) in rest {
        // "504 6 times" would read as one number.
        let read = if times > 2 { "are read " } else { "" };
        text.push_str(&format!(", {} {read}{}", number::grouped(n_cells.into()), how_often(times)));
    }
    text.push('.');
    text
}

fn are_read(times: u64) -> String {
    if times == 0 { "never read".into() } else { joined(&["read ", &how_often(times)], "") }
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
