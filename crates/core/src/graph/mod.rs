//! Whole networks: layers as a directed graph without cycles, and what follows from it.
//!
//! A [`Graph`] says what there is; [`Graph::analyse`] works out shapes, costs and receptive fields, each
//! impossible layer with its reason; [`Analysis::project`] and [`Analysis::seen_by`] answer for single units and
//! pixels.
//! Nodes stand in an order in which each comes after those that it reads.

mod analysis;
mod cells;
mod cost;
mod error;
mod field;
mod infer;
mod known;
mod op;
mod paths;
mod project;
mod refit;
mod relation;
mod shape;
mod spatial;
#[cfg(test)]
mod tests;

pub mod notation;
pub mod zoo;

pub use analysis::{Analysis, Gates};
pub use cells::{Cells, MAX_RUNS, Run};
pub use cost::{NodeCost, Peak, Totals};
pub use error::LayerError;
pub use field::{AxisField, Field, MAX_PHASES};
pub use op::{Arithmetic, Norm, Op, Pointwise, PoolKind, Resample, ResampleMode, ResampleSize, Size};
pub use paths::{Alignment, Branch, Merge, Path, Paths};
pub use project::{MAX_PATCHES, Patch, Projection, Region};
pub use relation::{Link, Relation, Spans};
pub use shape::{Shape, Value};
pub use spatial::Map;

use crate::rules::Ratio;

/// Input cells from one unit to the next: a fraction behind what enlarges maps.
pub type Jump = Ratio;

/// The place of a node in its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(usize);

impl NodeId {
    /// Counted from 0.
    pub fn index(self) -> usize {
        self.0
    }
}

/// One operation, and what it reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is called where it comes from; need not be unique.
    pub name: String,
    /// What it does.
    pub op: Op,
    /// What it reads, in the operation's order.
    pub inputs: Vec<NodeId>,
}

/// A network. Invariant: each node reads earlier ones only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    nodes: Vec<Node>,
}

/// A node was to read one that does not stand before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotBefore {
    /// The place of the input asked for.
    pub input: usize,
    /// How many nodes there are.
    pub len: usize,
}

impl std::fmt::Display for NotBefore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "layer {} does not stand among the {} before", self.input, self.len)
    }
}

impl std::error::Error for NotBefore {}

impl Graph {
    /// Without any node.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a node that reads earlier ones.
    ///
    /// # Errors
    ///
    /// [`NotBefore`] for an input that is not one of them; the graph is then as before.
    pub fn push(&mut self, name: impl Into<String>, op: Op, inputs: &[NodeId]) -> Result<NodeId, NotBefore> {
        let len = self.nodes.len();
        if let Some(input) = inputs.iter().find(|input| input.0 >= len) {
            return Err(NotBefore { input: input.0, len });
        }
        self.nodes.push(Node { name: name.into(), op, inputs: inputs.to_vec() });
        Ok(NodeId(len))
    }

    /// The nodes, in order.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Puts another operation in a node's place.
    ///
    /// # Panics
    ///
    /// As for [`node`](Self::node).
    pub fn set_op(&mut self, id: NodeId, op: Op) {
        self.nodes[id.0].op = op;
    }

    /// Every node's place, in order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (0..self.nodes.len()).map(NodeId)
    }

    /// The node at a place.
    ///
    /// # Panics
    ///
    /// For a place of another graph beyond this one's end, as slices do.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    /// The place of the node counted from 0; `None` beyond the last.
    pub fn id(&self, index: usize) -> Option<NodeId> {
        (index < self.nodes.len()).then_some(NodeId(index))
    }

    /// The first node of a name.
    pub fn find(&self, name: &str) -> Option<NodeId> {
        self.nodes.iter().position(|node| node.name == name).map(NodeId)
    }

    /// The last node.
    pub fn last(&self) -> Option<NodeId> {
        self.nodes.len().checked_sub(1).map(NodeId)
    }

    /// Works out everything that follows, and keeps a copy of the graph with it. Fields pass gates by.
    pub fn analyse(&self) -> Analysis {
        self.analyse_with(Gates::PassBy)
    }

    /// The same, with a choice about gates.
    pub fn analyse_with(&self, gates: Gates) -> Analysis {
        Analysis::of(std::sync::Arc::new(self.clone()), gates)
    }
}
