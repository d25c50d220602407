//! Branches: where they meet, which of them sets the field, and whether they agree on where they look.
//!
//! Branches are aligned when a unit's field has the same centre on each (Araujo, Norris and Sim 2019,
//! section "Alignment issues in the computation of receptive fields"): equal jumps, and equal sums of first
//! and last cell. Behind scattered or resampled maps the average over a period counts.

use super::field::Field;
use super::{Analysis, Jump, NodeId};

/// One input of a node where branches meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The node that ends the branch.
    pub input: NodeId,
    /// What units see through this branch alone.
    pub field: Field,
    /// Whether it is a gate that fields pass by.
    pub gate: bool,
}

/// Whether branches look at the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alignment {
    /// They have the same jump and the same centre.
    Aligned,
    /// Two of them move on at unequal speeds, so that no unit but some is looked at in the same place.
    Jumps {
        /// The two branches, by their place among the inputs.
        branches: [usize; 2],
        /// Their jumps.
        jumps: [Jump; 2],
    },
    /// The centres of two of them lie apart.
    Centres {
        /// The two branches, by their place among the inputs.
        branches: [usize; 2],
        /// Input cells from the centre of the first to that of the second, on average.
        apart: Jump,
    },
    /// One of them has no centre: it sees a whole axis, or units differ by no rule.
    Uneven,
}

/// A node where branches meet, on one axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// The node.
    pub node: NodeId,
    /// Its inputs that depend on the input of the graph.
    pub branches: Vec<Branch>,
    /// The branch that sees the furthest before, and the one that sees the furthest after, by their place in
    /// `branches`: together they set the field. The first of equals; `None` where no branch has a period.
    pub sets: Option<[usize; 2]>,
    /// Whether the branches agree.
    pub alignment: Alignment,
}

/// One way from the input to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The nodes on the way, from the input on.
    pub nodes: Vec<NodeId>,
    /// What the units of the last one see on this way alone: rows and columns.
    pub fields: [Field; 2],
}

/// Ways from the input to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// How many there are; `u128::MAX` for that many or more.
    pub count: u128,
    /// The first of them, in the order of inputs.
    pub listed: Vec<Path>,
}

impl Analysis {
    /// The branches that meet in a node, on rows (0) or columns (1); `None` where fewer than two of its
    /// inputs depend on the graph's, or the node is impossible.
    pub fn merge(&self, id: NodeId, side: usize) -> Option<Merge> {
        let node = self.get(id).ok()?;
        let inputs = &self.graph().node(id).inputs;
        if inputs.len() < 2 {
            return None;
        }
        let mut branches = Vec::new();
        for (i, &input) in inputs.iter().enumerate() {
            let field = self.get(input).ok()?.fields[side].through(&node.links[i][side]);
            if field != Field::Nothing {
                branches.push(Branch { input, field, gate: node.gates[i] });
            }
        }
        if branches.len() < 2 {
            return None;
        }
        let (sets, alignment) = (sets(&branches), alignment(&branches));
        Some(Merge { node: id, branches, sets, alignment })
    }

    /// The first place up to a node at which branches disagree, on rows (0) or columns (1): its field is
    /// aligned if there is none.
    pub fn misalignment(&self, id: NodeId, side: usize) -> Option<Merge> {
        let leads_there = self.leads_to(id);
        let before = self.graph().ids().filter(|other| leads_there[other.index()]);
        let mut merges = before.filter_map(|other| self.merge(other, side));
        merges.find(|merge| matches!(merge.alignment, Alignment::Jumps { .. } | Alignment::Centres { .. }))
    }

    /// The way from the input to a node on which the field is largest, on rows (0) or columns (1).
    pub fn longest_path(&self, id: NodeId, side: usize) -> Vec<NodeId> {
        let mut path = vec![id];
        let mut at = id;
        while let Ok(node) = self.get(at) {
            let size = |(i, input): (usize, NodeId)| {
                let field = self.get(input).ok()?.fields[side].through(&node.links[i][side]);
                let size = match &field {
                    Field::Nothing => return None,
                    Field::Periodic(field) => u128::from(field.size()),
                    _ => u128::MAX,
                };
                (!node.gates[i]).then_some((size, input))
            };
            // The first of equals.
            let inputs = self.graph().node(at).inputs.iter().copied().enumerate().rev();
            match inputs.filter_map(size).max_by_key(|(size, _)| *size) {
                Some((_, input)) => {
                    path.push(input);
                    at = input;
                }
                None => break,
            }
        }
        path.reverse();
        path
    }

    /// How many ways lead from the input to a node, and the first of them with their fields.
    ///
    /// There may be more than anybody counts: no more are walked than listed.
    pub fn paths(&self, id: NodeId, limit: usize) -> Paths {
        let mut counts = vec![0_u128; self.graph().len()];
        for other in self.graph().ids().take(id.index() + 1) {
            counts[other.index()] = if self.source() == Some(other) {
                1
            } else {
                let inputs = self.followed(other).map(|(_, input)| counts[input.index()]);
                inputs.fold(0, u128::saturating_add)
            };
        }
        // Ways backwards as (node, place among its reader's inputs, entry of the reader).
        let mut steps: Vec<(NodeId, usize, Option<usize>)> = vec![(id, 0, None)];
        let (mut open, mut listed) = (vec![0], Vec::new());
        while let Some(step) = open.pop() {
            if listed.len() == limit {
                break;
            }
            let at = steps[step].0;
            if self.source() == Some(at) {
                listed.push(self.path(&steps, step));
                continue;
            }
            let inputs = self.followed(at).filter(|(_, input)| counts[input.index()] > 0);
            let first_new = steps.len();
            // No more wait than can be listed.
            steps.extend(inputs.take(limit - listed.len()).map(|(i, input)| (input, i, Some(step))));
            // The first of several comes off last in, first out.
            open.extend((first_new..steps.len()).rev());
        }
        Paths { count: counts[id.index()], listed }
    }

    /// The way from an entry to the last reader.
    fn path(&self, steps: &[(NodeId, usize, Option<usize>)], first: usize) -> Path {
        let nothing = [Field::Nothing, Field::Nothing];
        let mut fields = self.fields(steps[first].0).cloned().unwrap_or(nothing);
        let (mut nodes, mut step) = (vec![steps[first].0], steps[first]);
        while let (_, place, Some(reader)) = step {
            let id = steps[reader].0;
            if let Ok(node) = self.get(id) {
                let links = &node.links[place];
                fields = [fields[0].through(&links[0]), fields[1].through(&links[1])];
            }
            nodes.push(id);
            step = steps[reader];
        }
        Path { nodes, fields }
    }

    /// Inputs of a node through which fields go, with their place.
    fn followed(&self, id: NodeId) -> impl Iterator<Item = (usize, NodeId)> + '_ {
        let node = self.get(id).ok();
        let inputs = self.graph().node(id).inputs.iter().copied().enumerate();
        inputs.filter(move |(i, _)| node.is_some_and(|node| !node.gates[*i]))
    }

    fn leads_to(&self, id: NodeId) -> Vec<bool> {
        let mut leads = vec![false; self.graph().len()];
        leads[id.index()] = true;
        for reader in self.graph().ids().rev().skip_while(|reader| *reader > id) {
            if leads[reader.index()] {
                self.followed(reader).for_each(|(_, input)| leads[input.index()] = true);
            }
        }
        leads
    }
}

/// A branch's place, and the sums of its first and of its last cells.
type Edges = (usize, [i128; 2]);

/// First and last cells of every branch over a common period, and that period.
fn edges(branches: &[Branch]) -> Option<(u64, Vec<Edges>)> {
    let followed = || branches.iter().enumerate().filter(|(_, branch)| !branch.gate);
    let (_, first) = followed().next()?;
    let mut period = first.field.periodic()?.units();
    for (_, branch) in followed() {
        let field = branch.field.periodic()?;
        let common = super::relation::gcd(period, field.units());
        period =
            (period / common).checked_mul(field.units()).filter(|period| *period <= super::MAX_PHASES)?;
    }
    let edges = followed().map(|(i, branch)| Some((i, branch.field.periodic()?.edges(period)?)));
    Some((period, edges.collect::<Option<_>>()?))
}

fn sets(branches: &[Branch]) -> Option<[usize; 2]> {
    let (_, edges) = edges(branches)?;
    let before = edges.iter().min_by_key(|(_, [first, _])| *first)?.0;
    let after = edges.iter().rev().max_by_key(|(_, [_, last])| *last)?.0;
    Some([before, after])
}

fn alignment(branches: &[Branch]) -> Alignment {
    let followed: Vec<_> = branches.iter().enumerate().filter(|(_, branch)| !branch.gate).collect();
    let Some(((at, first), others)) = followed.split_first().map(|(first, others)| (*first, others)) else {
        return Alignment::Uneven;
    };
    for (i, other) in others {
        let Some((a, b)) = first.field.periodic().zip(other.field.periodic()) else {
            return Alignment::Uneven;
        };
        if a.jump() != b.jump() {
            return Alignment::Jumps { branches: [at, *i], jumps: [a.jump(), b.jump()] };
        }
    }
    let Some((period, edges)) = edges(branches) else { return Alignment::Uneven };
    let centre = |[first, last]: [i128; 2]| first.checked_add(last);
    for (i, other) in &edges[1..] {
        let apart = centre(*other).zip(centre(edges[0].1)).and_then(|(b, a)| b.checked_sub(a));
        match (apart, period.checked_mul(2)) {
            (Some(0), _) => {}
            (Some(apart), Some(twice)) => {
                return Alignment::Centres { branches: [edges[0].0, *i], apart: Jump::new(apart, twice) };
            }
            _ => return Alignment::Uneven,
        }
    }
    Alignment::Aligned
}
