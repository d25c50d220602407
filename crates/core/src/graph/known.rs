//! What is known of what a node gives, even where it is impossible: enough to say what a layer behind it takes.

use super::{Graph, Norm, Op, Shape, Value, infer};
use crate::layer::Layer;

/// The shape if there is one, otherwise the channels and the features that the layers themselves state.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    value: Option<Value>,
    channels: Option<u64>,
    features: Option<u64>,
}

impl Known {
    /// Behind an operation that reads what is known.
    pub(super) fn of(op: &Op, inputs: &[&Self]) -> Self {
        let values: Option<Vec<&Value>> = inputs.iter().map(|known| known.value.as_ref()).collect();
        if let Some(value) = values.and_then(|values| infer::output(op, &values).ok()) {
            return Self { value: Some(value), ..Self::default() };
        }
        let (channels, features) = match op {
            Op::Layer(Layer::Conv2d(params)) => (Some(params.options().out_channels), None),
            Op::Layer(Layer::ConvTranspose2d(params)) => (Some(params.options().out_channels), None),
            Op::Layer(_)
            | Op::AdaptivePool(..)
            | Op::Pointwise(_)
            | Op::Pad { .. }
            | Op::Upsample(_)
            | Op::ChannelShuffle(_) => (inputs.first().and_then(|known| known.channels()), None),
            Op::Norm(Norm::Batch { .. } | Norm::Group { .. } | Norm::LocalResponse) => {
                (inputs.first().and_then(|known| known.channels()), None)
            }
            Op::Linear(params) => (None, Some(params.out_features())),
            Op::Arithmetic(_) => (inputs.iter().find_map(|known| known.channels()), None),
            Op::Concat(1 | -3) => {
                let add = |sum: u64, known: &&Self| sum.checked_add(known.channels()?);
                (inputs.iter().try_fold(0, add), None)
            }
            _ => (None, None),
        };
        Self { value: None, channels, features }
    }

    /// Of every node of a graph.
    pub(super) fn all(graph: &Graph) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::with_capacity(graph.len());
        for node in graph.nodes() {
            let inputs: Vec<&Self> = node.inputs.iter().map(|input| &all[input.index()]).collect();
            all.push(Self::of(&node.op, &inputs));
        }
        all
    }

    /// The sizes along all axes.
    pub(super) fn shape(&self) -> Option<&Shape> {
        self.value.as_ref().and_then(Value::tensor)
    }

    /// The size along the second axis.
    pub(super) fn channels(&self) -> Option<u64> {
        match self.shape() {
            Some(shape) => shape.sizes().get(1).copied(),
            None => self.channels,
        }
    }

    /// The size along the last axis.
    pub(super) fn features(&self) -> Option<u64> {
        match self.shape() {
            Some(shape) => shape.sizes().last().copied(),
            None => self.features,
        }
    }
}
