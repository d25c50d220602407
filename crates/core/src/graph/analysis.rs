//! Everything that follows from a graph: shapes, costs, rows and columns, and fields of every node.

use std::sync::Arc;

use super::cost::{self, NodeCost, Peak, Totals};
use super::field::{AxisField, Field};
use super::relation::Link;
use super::spatial::{self, Map};
use super::{Arithmetic, Graph, LayerError, NodeId, Op, Value, infer};

/// What becomes of a branch that looks at a whole map to scale another (global pool, layers, product).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gates {
    /// Fields pass it by, as is usual: otherwise every unit behind the first such gate sees the whole input.
    #[default]
    PassBy,
    /// Fields go through it.
    Follow,
}

/// What follows for one node that is possible.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) cost: NodeCost,
    pub(super) map: Map,
    /// Rows and columns, for each input.
    pub(super) links: Vec<[Link; 2]>,
    /// Inputs that are gates and passed by.
    pub(super) gates: Vec<bool>,
    pub(super) fields: [Field; 2],
    /// Whether rows are as columns all the way from the input, so that one field is worked out for both.
    square: bool,
}

/// What follows from a graph, which it holds. Made by [`Graph::analyse`]; impossible nodes have their reason, and what does
/// not need them is as complete as without them.
#[derive(Clone, Debug)]
pub struct Analysis {
    graph: Arc<Graph>,
    source: Option<NodeId>,
    nodes: Vec<Result<Node, LayerError>>,
}

impl Analysis {
    /// Works out everything that follows from a graph: [`Graph::analyse_with`] without a copy of it.
    pub fn of(graph: Arc<Graph>, gates: Gates) -> Self {
        let source = graph.ids().find(|&id| matches!(graph.node(id).op, Op::Input(_)));
        let (ids, nodes) = (graph.ids(), Vec::with_capacity(graph.len()));
        let mut analysis = Self { graph, source, nodes };
        for id in ids {
            let node = analysis.node_of(id, gates);
            analysis.nodes.push(node);
        }
        analysis
    }

    fn node_of(&self, id: NodeId, gates: Gates) -> Result<Node, LayerError> {
        let node = self.graph.node(id);
        let mut inputs = Vec::with_capacity(node.inputs.len());
        for &input in &node.inputs {
            match &self.nodes[input.index()] {
                Ok(node) => inputs.push(node),
                Err(LayerError::Blocked { by }) => return Err(LayerError::Blocked { by: *by }),
                Err(_) => return Err(LayerError::Blocked { by: input }),
            }
        }
        let values: Vec<&Value> = inputs.iter().map(|node| &node.value).collect();
        let value = infer::output(&node.op, &values)?;
        let cost = cost::of_node(&node.op, &values, &value)?;
        let maps: Vec<_> = inputs.iter().map(|node| (&node.value, node.map)).collect();
        let (map, links) = spatial::map(&node.op, &maps, &value);
        let square =
            inputs.iter().all(|input| input.square) && links.iter().all(|[rows, columns]| rows == columns);
        let through: Vec<[Field; 2]> = inputs
            .iter()
            .zip(&links)
            .map(|(input, link)| both(square, |side| input.fields[side].through(&link[side])))
            .collect();
        let gated = gated(&node.op, &through, gates);
        let fields = both(square, |side| {
            if matches!(node.op, Op::Input(_)) {
                return if self.source == Some(id) {
                    Field::Periodic(AxisField::input())
                } else {
                    Field::Nothing
                };
            }
            let branches = through.iter().zip(&gated).filter(|(_, gate)| !**gate);
            branches.fold(Field::Nothing, |field, (branch, _)| field.and(&branch[side]))
        });
        Ok(Node { value, cost, map, links, gates: gated, fields, square })
    }

    /// The graph that this follows from.
    pub fn graph(&self) -> &Arc<Graph> {
        &self.graph
    }

    /// The input whose cells fields are made of: the first one. There is none in an empty graph.
    pub fn source(&self) -> Option<NodeId> {
        self.source
    }

    pub(super) fn get(&self, id: NodeId) -> Result<&Node, &LayerError> {
        self.nodes[id.index()].as_ref()
    }

    /// What a node gives, or why it is impossible.
    ///
    /// # Errors
    ///
    /// The node's own [`LayerError`]; [`LayerError::Blocked`] where an earlier one is in the way.
    pub fn value(&self, id: NodeId) -> Result<&Value, &LayerError> {
        self.get(id).map(|node| &node.value)
    }

    /// The first node that is impossible, and why.
    pub fn first_error(&self) -> Option<(NodeId, &LayerError)> {
        self.graph.ids().find_map(|id| Some((id, self.nodes[id.index()].as_ref().err()?)))
    }

    /// What a node costs; `None` if it is impossible.
    pub fn cost(&self, id: NodeId) -> Option<NodeCost> {
        self.get(id).ok().map(|node| node.cost)
    }

    /// Rows and columns of a node; `None` if it is impossible.
    pub fn map(&self, id: NodeId) -> Option<Map> {
        self.get(id).ok().map(|node| node.map)
    }

    /// How rows and columns of a node depend on those of its inputs, in their order.
    pub fn links(&self, id: NodeId) -> &[[Link; 2]] {
        self.get(id).map_or(&[], |node| &node.links)
    }

    /// The receptive field on rows and columns; `None` if the node is impossible.
    pub fn fields(&self, id: NodeId) -> Option<&[Field; 2]> {
        self.get(id).ok().map(|node| &node.fields)
    }

    /// Which inputs of a node are gates that fields pass by.
    pub fn gates(&self, id: NodeId) -> &[bool] {
        self.get(id).map_or(&[], |node| &node.gates)
    }

    /// How many gates fields pass by in the whole graph.
    pub fn n_gates(&self) -> u64 {
        let gates = self.graph.ids().flat_map(|id| self.gates(id));
        gates.filter(|gate| **gate).count() as u64
    }

    /// Sums over all nodes that are possible.
    pub fn totals(&self) -> Totals {
        Totals::of(self.nodes.iter().flatten().map(|node| node.cost))
    }

    /// The largest sum of tensors alive at once; `None` for an empty graph. See [`Peak`].
    pub fn peak(&self) -> Option<Peak> {
        let elements =
            |index: usize| self.nodes[index].as_ref().map_or(0, |node| u128::from(node.cost.output_elements));
        let mut last_reader: Vec<usize> = (0..self.graph.len()).collect();
        for id in self.graph.ids() {
            for input in &self.graph.node(id).inputs {
                last_reader[input.index()] = id.index();
            }
        }
        let mut ending: Vec<u128> = vec![0; self.graph.len()];
        for (index, &reader) in last_reader.iter().enumerate() {
            ending[reader] += elements(index);
        }
        let (mut live, mut peak) = (0, None::<Peak>);
        for id in self.graph.ids() {
            live += elements(id.index());
            if peak.is_none_or(|peak| live > peak.elements) {
                peak = Some(Peak { elements: live, node: id });
            }
            live -= ending[id.index()];
        }
        peak
    }
}

/// Something of each axis, of the first one for both where they are alike.
fn both<T: Clone>(alike: bool, of: impl Fn(usize) -> T) -> [T; 2] {
    let first = of(0);
    let second = if alike { first.clone() } else { of(1) };
    [first, second]
}

/// Which inputs of a product see the whole map, where others do not.
fn gated(op: &Op, branches: &[[Field; 2]], gates: Gates) -> Vec<bool> {
    let product = matches!(op, Op::Arithmetic(Arithmetic::Multiply | Arithmetic::Divide));
    let whole = |branch: &[Field; 2]| branch.contains(&Field::Whole);
    let other = branches.iter().any(|branch| !whole(branch) && *branch != [Field::Nothing, Field::Nothing]);
    let gate = |branch| gates == Gates::PassBy && product && other && whole(branch);
    branches.iter().map(gate).collect()
}
