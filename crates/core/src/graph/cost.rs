//! What a node costs, and what a graph holds in memory while it runs.
//!
//! A MAC is one multiplication with its addition and counts as two FLOPs; those of convolutions, transposed
//! convolutions and linear layers are counted, without biases, and padding counts. Parameters are what is
//! learned, buffers what else is kept with them, such as running statistics.

use super::{LayerError, Norm, Op, Value};
use crate::cost::{self, ElementType, bytes};
use crate::error::ConvError;

/// What one node costs for one input of the graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NodeCost {
    /// Learned numbers.
    pub params: u64,
    /// Numbers that are kept but not learned: running statistics.
    pub buffers: u64,
    /// Elements of the output, over the whole batch; none for a parameter.
    pub output_elements: u64,
    /// Multiply-accumulates, over the whole batch.
    pub macs: u128,
}

impl NodeCost {
    /// Two per MAC: the multiplication and the addition.
    pub fn flops(&self) -> u128 {
        self.macs.saturating_mul(2)
    }

    /// Bytes of the output.
    pub fn output_bytes(&self, element_type: ElementType) -> u128 {
        bytes(self.output_elements, element_type)
    }
}

/// Sums over the nodes of a graph that are possible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Learned numbers.
    pub params: u128,
    /// Numbers that are kept but not learned.
    pub buffers: u128,
    /// Elements of all outputs, that of the input included.
    pub output_elements: u128,
    /// Multiply-accumulates.
    pub macs: u128,
}

impl Totals {
    /// Two per MAC.
    pub fn flops(&self) -> u128 {
        self.macs.saturating_mul(2)
    }

    /// Of so many nodes: none of the sums can overflow for as many as memory holds, but MACs, which then are
    /// as many as `u128` counts.
    pub(super) fn of(costs: impl Iterator<Item = NodeCost>) -> Self {
        costs.fold(Self::default(), |sum, cost| Self {
            params: sum.params + u128::from(cost.params),
            buffers: sum.buffers + u128::from(cost.buffers),
            output_elements: sum.output_elements + u128::from(cost.output_elements),
            macs: sum.macs.saturating_add(cost.macs),
        })
    }
}

/// The largest sum of tensors that are alive at once, in elements.
///
/// Nodes run in the order of the graph, nothing is reused in place, a tensor lives from its node until the
/// last one that reads it has run, and weights are not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peak {
    /// Elements alive.
    pub elements: u128,
    /// The first node during which so many are.
    pub node: super::NodeId,
}

/// What a node costs whose output is known.
pub(super) fn of_node(op: &Op, inputs: &[&Value], output: &Value) -> Result<NodeCost, LayerError> {
    let output_elements = output.elements()?;
    let elements_only = NodeCost { output_elements, ..NodeCost::default() };
    match op {
        Op::Layer(layer) => {
            let input = inputs.first().and_then(|value| value.tensor());
            let shape = input.and_then(|shape| shape.nchw()).ok_or(LayerError::List { expected: false })?;
            let cost = layer.cost(shape)?;
            Ok(NodeCost { params: cost.params(), macs: cost.macs, ..elements_only })
        }
        Op::Parameter(_) | Op::Linear(_) | Op::Norm(_) => learned(op, output, elements_only),
        _ => Ok(elements_only),
    }
}

/// The same of what learns something else than a kernel: apart, so that a page can begin without it.
#[inline(never)]
fn learned(op: &Op, output: &Value, elements_only: NodeCost) -> Result<NodeCost, LayerError> {
    let learned = |params: u64| NodeCost { params, ..elements_only };
    Ok(match op {
        Op::Parameter(shape) => NodeCost { params: shape.elements()?, ..NodeCost::default() },
        Op::Linear(params) => {
            let rows = output.elements()?.checked_div(params.out_features()).unwrap_or(0);
            let cost = cost::cost_linear(params, rows)?;
            NodeCost { params: cost.params(), macs: cost.macs, ..elements_only }
        }
        Op::Norm(Norm::Batch { features, affine, tracked }) => {
            let both = features.checked_mul(2).ok_or(ConvError::Overflow)?;
            let kept = both.checked_add(1).ok_or(ConvError::Overflow)?;
            NodeCost {
                params: if *affine { both } else { 0 },
                buffers: if *tracked { kept } else { 0 },
                ..elements_only
            }
        }
        Op::Norm(Norm::Layer { shape, scale, shift }) => {
            let times = u64::from(*scale) + u64::from(*shift);
            learned(shape.elements()?.checked_mul(times).ok_or(ConvError::Overflow)?)
        }
        Op::Norm(Norm::Group { features, affine: true, .. }) => {
            learned(features.checked_mul(2).ok_or(ConvError::Overflow)?)
        }
        _ => elements_only,
    })
}
