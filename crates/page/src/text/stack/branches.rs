//! Where branches meet: what each of them sees, which of them sets the field, and whether they look at the same
//! place (Araujo, Norris and Sim 2019).

use convscope_core::graph::{Alignment, AxisField, Field, Merge, NodeId};
use convscope_scene::number;

use crate::stack::{Side, Stack, field_jump, field_size, listed, ratio};
use crate::text::{Run, counted, joined};

/// More ways than these are counted, not listed.
const MOST_PATHS: usize = 8;

/// The last place at which branches meet on the way to the chosen layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branches {
    /// "Branches meet in layer 16 Add"
    pub heading: String,
    /// "Layer 12 sets the field: 27 cells on the rows"
    pub sets: Vec<Run>,
    /// Each branch.
    pub rows: Vec<BranchRow>,
    /// Whether they look at the same place, and if not, by how much.
    pub alignment: String,
    /// Whether they agree, as far as can be said.
    pub aligned: Option<bool>,
    /// The first place up to the chosen layer where branches disagree, if that is another one.
    pub disagreement: Option<String>,
    /// "3 ways lead from the input to layer 16", and each with its field where they are few.
    pub paths: Vec<String>,
}

/// One branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchRow {
    /// The layer that ends it.
    pub node: usize,
    /// "12 Conv 1 × 1"
    pub title: String,
    /// "27"
    pub field: String,
    /// "2"
    pub jump: String,
    /// Whether it sets the beginning or the end of the field.
    pub sets: bool,
    /// Whether it is a gate, which fields pass by.
    pub gate: bool,
}

/// The branches that meet last on the way to the chosen layer; `None` on a chain.
pub fn branches(stack: &Stack, side: Side) -> Option<Branches> {
    let selected = stack.selected()?;
    let path = stack.analysis.longest_path(selected, side.index());
    let merge = path.iter().rev().find_map(|id| stack.analysis.merge(*id, side.index()))?;
    let title = |id: NodeId| stack.title(id.index());
    let rows = merge.branches.iter().enumerate().map(|(i, branch)| BranchRow {
        node: branch.input.index(),
        title: title(branch.input),
        field: field_size(&branch.field),
        jump: field_jump(&branch.field),
        sets: who_sets(&merge).is_some_and(|sets| sets.contains(&i)),
        gate: branch.gate,
    });
    let (alignment, aligned) = alignment(&merge);
    let first = stack.analysis.misalignment(selected, side.index()).filter(|first| first.node != merge.node);
    Some(Branches {
        heading: format!("Branches meet in layer {}", title(merge.node)),
        sets: sets(stack, &merge, side),
        rows: rows.collect(),
        alignment,
        aligned,
        disagreement: first.map(|first| {
            let (text, _) = self::alignment(&first);
            format!("Branches disagree first in layer {}. {text}", title(first.node))
        }),
        paths: paths(stack, merge.node, side),
    })
}

/// The branches that set beginning and end; `None` where that differs from unit to unit.
fn who_sets(merge: &Merge) -> Option<[usize; 2]> {
    merge.sets.filter(|_| !matches!(merge.alignment, Alignment::Jumps { .. }))
}

fn sets(stack: &Stack, merge: &Merge, side: Side) -> Vec<Run> {
    let name = |i: usize| merge.branches[i].input.index();
    let field = stack.analysis.fields(merge.node).map(|fields| field_size(&fields[side.index()]));
    let cells = |mut runs: Vec<Run>| {
        runs.push(Run::Field(field.unwrap_or_default()));
        runs.push(Run::Plain(format!(" cells on the {}", side.name())));
        runs
    };
    match who_sets(merge) {
        Some([before, after]) if before == after => {
            cells(vec![Run::Plain(format!("Layer {} sets the field: ", name(before)))])
        }
        Some([before, after]) => {
            let text = format!(
                "Layer {} sets the beginning of the field, layer {} its end: ",
                name(before),
                name(after)
            );
            cells(vec![Run::Plain(text)])
        }
        None => vec![Run::Plain("Which branch sets the field differs from unit to unit".into())],
    }
}

fn alignment(merge: &Merge) -> (String, Option<bool>) {
    let name = |i: usize| merge.branches[i].input.index();
    match merge.alignment {
        Alignment::Aligned => {
            let gate = merge.branches.iter().any(|branch| branch.gate);
            let text = if gate {
                "A gate that looks at the whole map is passed by; what it acts on stays in its place"
            } else {
                "The branches look at the same place: same jump, same centre"
            };
            (text.into(), Some(true))
        }
        Alignment::Jumps { branches: [a, b], jumps } => {
            let [first, second] = jumps.map(ratio);
            let text = format!(
                "The branches move on at unequal speeds: by {first} cells through layer {}, by {second} through layer {}",
                name(a),
                name(b)
            );
            (text, Some(false))
        }
        Alignment::Centres { branches: [a, b], apart } => {
            let where_to = if apart.numerator() < 0 { "before" } else { "behind" };
            let text = format!(
                "The branches look at different places: the centre of layer {} lies {} {where_to} that of layer {}",
                name(b),
                cells(apart.numerator().unsigned_abs(), apart.denominator()),
                name(a)
            );
            (text, Some(false))
        }
        Alignment::Uneven => {
            let whole = merge.branches.iter().any(|branch| branch.field == Field::Whole);
            let text = if whole {
                "One branch sees the whole axis, which has no place"
            } else {
                "Units of one branch differ by no rule, so that there is no centre to compare"
            };
            (text.into(), None)
        }
    }
}

/// `1 cell`, `1/2 cell`, `3 cells`
fn cells(above: u128, below: u64) -> String {
    match (u64::try_from(above), below) {
        (Ok(above), 1) => counted(above, "cell"),
        _ => format!("{}/{} cell", number::grouped(above), number::grouped(below.into())),
    }
}

/// How many ways lead to a layer, and where they are few, what is seen on each.
fn paths(stack: &Stack, id: NodeId, side: Side) -> Vec<String> {
    let paths = stack.analysis.paths(id, MOST_PATHS);
    let at = id.index();
    if paths.count == u128::MAX {
        return vec![format!("More ways lead from the input to layer {at} than can be counted")];
    }
    let ways = if paths.count == 1 { "way leads" } else { "ways lead" };
    let mut lines = vec![format!("{} {ways} from the input to layer {at}", number::grouped(paths.count))];
    if paths.count <= MOST_PATHS as u128 {
        lines.extend(paths.listed.iter().map(|path| {
            // The first and the last node are on each of them.
            let between = path.nodes.get(1..path.nodes.len().saturating_sub(1)).unwrap_or_default();
            let nodes: Vec<String> = between.iter().map(|node| node.index().to_string()).collect();
            let through = match nodes.as_slice() {
                [] => "Directly".to_owned(),
                [only] => format!("Through layer {only}"),
                [first, .., last] if nodes.len() > 6 => {
                    format!("Through layers {first} to {last} ({} of them)", nodes.len())
                }
                several => format!("Through layers {}", listed(several)),
            };
            let field = field_size(&path.fields[side.index()]);
            format!("{through}: {field} {}", if field == "1" { "cell" } else { "cells" })
        }));
    }
    lines
}

/// "Units see 188 or 204 cells by their place: 4 of 16 see 188, 12 see 204"; `None` where all see the same.
pub fn by_place(stack: &Stack, side: Side) -> Option<String> {
    let fields = stack.analysis.fields(stack.selected()?)?;
    let field: &AxisField = fields[side.index()].periodic()?;
    let sizes = field.sizes();
    let mut different = sizes.clone();
    different.sort_unstable();
    different.dedup();
    if different.len() < 2 {
        return None;
    }
    let units = sizes.len();
    let of = |size: &u64| sizes.iter().filter(|other| *other == size).count();
    let names: Vec<String> = different.iter().map(u64::to_string).collect();
    let names = match names.as_slice() {
        [first @ .., last] => format!("{} or {last}", joined(first, ", ")),
        [] => return None,
    };
    let shares: Vec<String> = different
        .iter()
        .enumerate()
        .map(|(i, size)| {
            let of_all = if i == 0 { format!(" of {units}") } else { String::new() };
            let see = if of(size) == 1 { "sees" } else { "see" };
            format!("{}{of_all} {see} {size}", of(size))
        })
        .collect();
    let (side, shares) = (side.name(), joined(&shares, ", "));
    Some(format!("Units see {names} cells on the {side} by their place: {shares}"))
}
