//! Edits of a network: each gives a new model, whose layers take what then stands before them.

use std::sync::Arc;

use convscope_core::graph::{Analysis, Graph, NodeId, Op, Shape};

use super::kind::Kind;
use super::model::StackModel;
use crate::limits::MAX_LAYERS;

/// A graph while it is edited: nodes have keys that stay, whatever their place.
struct Draft(Vec<Entry>);

struct Entry {
    key: usize,
    name: String,
    op: Op,
    inputs: Vec<usize>,
}

impl Draft {
    /// The key of a node is its index before.
    fn of(graph: &Graph) -> Self {
        let entry = |(key, node): (usize, &convscope_core::graph::Node)| Entry {
            key,
            name: node.name.clone(),
            op: node.op.clone(),
            inputs: node.inputs.iter().map(|input| input.index()).collect(),
        };
        Self(graph.nodes().iter().enumerate().map(entry).collect())
    }

    /// Those that read `key` read `instead`; without one, nothing in its place.
    fn redirect(&mut self, key: usize, instead: Option<usize>) {
        for entry in &mut self.0 {
            entry.inputs = std::mem::take(&mut entry.inputs)
                .into_iter()
                .filter_map(|input| if input == key { instead } else { Some(input) })
                .collect();
        }
    }

    /// Puts a node behind the one that stands at `place - 1`: it reads that one, and is read in its place.
    fn insert(&mut self, place: usize, mut entry: Entry) -> Option<()> {
        let before = self.0.get(place.checked_sub(1)?)?.key;
        if !matches!(entry.op, Op::Input(_) | Op::Parameter(_)) {
            self.redirect(before, Some(entry.key));
            match entry.inputs.first_mut() {
                Some(first) => *first = before,
                None => entry.inputs.push(before),
            }
        }
        self.0.insert(place, entry);
        Some(())
    }

    /// `None` where a node would read one that does not stand before it.
    fn finish(self) -> Option<Graph> {
        let mut graph = Graph::new();
        let mut places = vec![None; self.0.iter().map(|entry| entry.key + 1).max().unwrap_or(0)];
        for entry in self.0 {
            let inputs: Vec<_> = entry.inputs.iter().map(|&key| *places.get(key)?).collect::<Option<_>>()?;
            places[entry.key] = Some(graph.push(entry.name, entry.op, &inputs).ok()?);
        }
        Some(graph.refit())
    }
}

impl StackModel {
    /// Adds a layer behind another: what read that one reads the new one. What joins branches begins with a way
    /// round the last window, where shapes allow it. `None` beyond the last layer, and when there are
    /// [`MAX_LAYERS`].
    pub fn add_after(&self, node: usize, kind: Kind) -> Option<Self> {
        let id = self.graph.id(node)?;
        let analysis = self.graph.analyse();
        let shape = analysis.value(id).ok().and_then(|value| value.tensor());
        let channels = shape.and_then(|shape| shape.sizes().get(1).copied());
        let mut inputs = Vec::new();
        if let Some(skip) = skip(&analysis, id, kind) {
            inputs = vec![node, skip.index()];
        }
        self.insert(node + 1, kind.op(None, channels), inputs)
    }

    /// The same layer once more, behind itself. `None` for the input, beyond the last layer, and when there are
    /// [`MAX_LAYERS`].
    pub fn duplicate(&self, node: usize) -> Option<Self> {
        let copied = self.graph.nodes().get(node).filter(|_| node > 0)?;
        let inputs = copied.inputs.iter().map(|input| input.index()).collect();
        self.insert(node + 1, copied.op.clone(), inputs)
    }

    fn insert(&self, place: usize, op: Op, inputs: Vec<usize>) -> Option<Self> {
        if self.graph.len() >= MAX_LAYERS {
            return None;
        }
        let mut draft = Draft::of(&self.graph);
        draft.insert(place, Entry { key: self.graph.len(), name: String::new(), op, inputs })?;
        Some(self.edited(draft.finish()?, place))
    }

    /// Takes a layer out: what read it reads its first input. `None` for the input, which stays, and beyond the
    /// last layer.
    pub fn remove(&self, node: usize) -> Option<Self> {
        let first = self.graph.nodes().get(node).filter(|_| node > 0)?.inputs.first();
        let mut draft = Draft::of(&self.graph);
        draft.redirect(node, first.map(|input| input.index()));
        draft.0.remove(node);
        let selected = if self.selected > node { self.selected - 1 } else { self.selected };
        let graph = draft.finish()?;
        let last = graph.len() - 1;
        Some(self.edited(graph, selected.min(last)))
    }

    /// Moves a layer so many places on, or back.
    ///
    /// # Errors
    ///
    /// As for [`move_to`](Self::move_to).
    pub fn move_by(&self, node: usize, by: i64) -> Result<Self, CannotMove> {
        let place = i64::try_from(node).ok().and_then(|node| node.checked_add(by));
        self.move_to(node, place.and_then(|place| usize::try_from(place).ok()).ok_or(CannotMove::NoPlace)?)
    }

    /// Moves a layer to where it is the one at `place`: it reads the layer then before it, what read that one
    /// reads it, and what read it before reads its old input.
    ///
    /// # Errors
    ///
    /// Why it cannot stand there.
    pub fn move_to(&self, node: usize, place: usize) -> Result<Self, CannotMove> {
        if node == 0 || place == 0 {
            return Err(CannotMove::Input);
        }
        if node >= self.graph.len() || place >= self.graph.len() || node == place {
            return Err(CannotMove::NoPlace);
        }
        let mut draft = Draft::of(&self.graph);
        let moved = draft.0.remove(node);
        // Whatever else it reads must stay before it.
        let later =
            |key: &usize| draft.0.iter().position(|entry| entry.key == *key).is_some_and(|at| at >= place);
        if let Some(&input) = moved.inputs.iter().skip(1).find(|key| later(key)) {
            return Err(CannotMove::Reads(input));
        }
        draft.redirect(node, moved.inputs.first().copied());
        draft.insert(place, moved).ok_or(CannotMove::NoPlace)?;
        let graph = draft.finish().ok_or(CannotMove::NoPlace)?;
        let selected = match self.selected {
            at if at == node => place,
            at if node < at && at <= place => at - 1,
            at if place <= at && at < node => at + 1,
            at => at,
        };
        Ok(self.edited(graph, selected))
    }

    /// Lets a layer read others, which stand before it. `None` where they do not, or for the input.
    pub fn set_inputs(&self, node: usize, inputs: &[usize]) -> Option<Self> {
        let mut draft = Draft::of(&self.graph);
        let entry = draft.0.get_mut(node).filter(|_| node > 0)?;
        entry.inputs = inputs.to_vec();
        Some(self.edited(draft.finish()?, self.selected))
    }

    /// Makes another kind of layer of one; kernel, stride, padding, dilation and filters stay where both have
    /// them. `None` for the input.
    pub fn set_kind(&self, node: usize, kind: Kind) -> Option<Self> {
        let id = self.graph.id(node).filter(|_| node > 0)?;
        let analysis = self.graph.analyse();
        let first = self.graph.node(id).inputs.first();
        let shape = first.and_then(|input| analysis.value(*input).ok()?.tensor());
        let channels = shape.and_then(|shape| shape.sizes().get(1).copied());
        let mut draft = Draft::of(&self.graph);
        let entry = draft.0.get_mut(node)?;
        entry.op = kind.op(Some(&entry.op), channels);
        entry.name = String::new();
        if !kind.joins() {
            entry.inputs.truncate(1);
        } else if let [only] = entry.inputs[..] {
            let skip = self.graph.id(only).and_then(|id| skip(&analysis, id, kind));
            entry.inputs.extend(skip.map(|id| id.index()));
        }
        Some(self.edited(draft.finish()?, self.selected))
    }

    /// Puts another operation in a layer's place. `None` beyond the last layer.
    pub fn with_op(&self, node: usize, op: Op) -> Option<Self> {
        let id = self.graph.id(node)?;
        let mut graph = Graph::clone(&self.graph);
        graph.set_op(id, op);
        Some(self.edited(graph.refit(), self.selected))
    }

    fn edited(&self, graph: Graph, selected: usize) -> Self {
        // What is as it was remains a published network.
        let zoo = self.zoo.filter(|_| graph == *self.graph);
        Self { graph: Arc::new(graph), zoo, selected, ..self.clone() }
    }
}

/// What the nearest layer with a window before `from` reads, if a layer of this kind can join the two: the way
/// round a residual block.
fn skip(analysis: &Analysis, from: NodeId, kind: Kind) -> Option<NodeId> {
    if !kind.joins() {
        return None;
    }
    let graph = analysis.graph();
    let sizes = |id: NodeId| analysis.value(id).ok()?.tensor().map(Shape::sizes);
    let here = sizes(from)?;
    let fits = |other: &[u64]| match kind {
        // Channels are set one after the other.
        Kind::Concat => other.len() == here.len() && other.iter().zip(here).skip(2).all(|(a, b)| a == b),
        _ => other == here,
    };
    let mut at = from;
    loop {
        let node = graph.node(at);
        let before = *node.inputs.first()?;
        if matches!(node.op, Op::Layer(_)) && sizes(before).is_some_and(fits) {
            return Some(before);
        }
        at = before;
    }
}

/// Why a layer cannot stand at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotMove {
    /// The input stays the first.
    Input,
    /// There is no such place, or it is there already.
    NoPlace,
    /// It reads this layer, which would stand behind it.
    Reads(usize),
}

#[cfg(test)]
mod tests;
