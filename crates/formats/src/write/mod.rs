//! Networks as text for other programs: code of frameworks, ONNX's text form, Fomoro's links, and tables.
//!
//! What is written computes what the graph computes, number by number, in inference; a form that has no word for a
//! layer is a [`Refusal`] and never something near.

mod fomoro;
mod functions;
mod jax;
mod keras;
mod layout;
mod names;
mod onnx;
mod pytorch;
mod table;

use std::fmt;

use convscope_core::graph::{Graph, NodeId, Op, Value};
use names::Named;

/// A form in which a network is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// `torch.nn`: a `Sequential`, or a module with `forward` where there are branches.
    PyTorch,
    /// A functional model of Keras, channels last.
    Keras,
    /// A function on `jax.lax`, with its weights.
    Jax,
    /// A model as `onnx.parser` reads it. Weights are inputs of the graph.
    Onnx,
    /// The fragment of a link to Fomoro's calculator.
    Fomoro,
    /// The layers with their numbers, with commas.
    Csv,
    /// The same as a table of Markdown.
    Markdown,
}

impl Target {
    /// Every target, in the order in which they are offered.
    pub const ALL: [Self; 7] =
        [Self::PyTorch, Self::Keras, Self::Jax, Self::Onnx, Self::Fomoro, Self::Csv, Self::Markdown];
}

/// Why a network cannot be written in a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The layer that is in the way: its place and what it is called; none where there is no layer at all.
    pub layer: Option<(usize, String)>,
    /// What is in the way.
    pub why: Obstacle,
}

/// What is in the way of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obstacle {
    /// The layer is impossible, or stands behind one that is.
    Impossible,
    /// The form has no word for it.
    NoWord(&'static str),
}

/// "layer 3 (add) cannot be written: a Fomoro link has no branches"
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.layer {
            None => return f.write_str("there are no layers to write"),
            Some((0, _)) => f.write_str("the input")?,
            Some((place, name)) if name.is_empty() => write!(f, "layer {place}")?,
            Some((place, name)) => write!(f, "layer {place} ({name})")?,
        }
        match self.why {
            Obstacle::Impossible => f.write_str(" is impossible, so there is nothing to write"),
            Obstacle::NoWord(why) => write!(f, " cannot be written: {why}"),
        }
    }
}

impl std::error::Error for Refusal {}

/// Writes a network. Every text but Fomoro's ends with a line break.
///
/// # Errors
///
/// [`Refusal`] where a layer is impossible, but for tables, and where the form has no word for one.
pub fn write(graph: &Graph, target: Target) -> Result<String, Refusal> {
    let analysis = graph.analyse();
    match target {
        Target::Csv => return Ok(table::csv(&analysis)),
        Target::Markdown => return Ok(table::markdown(&analysis)),
        _ => {}
    }
    let Some(last) = graph.last() else {
        return Err(Refusal { layer: None, why: Obstacle::NoWord("a network has at least an input") });
    };
    if let Some((id, _)) = analysis.first_error() {
        return Err(refusal(graph, id, Obstacle::Impossible));
    }
    for id in graph.ids() {
        if let Op::Unknown { .. } = graph.node(id).op {
            return Err(refusal(graph, id, Obstacle::NoWord("nobody here knows what it computes")));
        }
    }
    if !graph.nodes().iter().any(|node| matches!(node.op, Op::Input(_))) {
        return Err(refusal(graph, last, Obstacle::NoWord("the network has no input")));
    }
    if let Ok(Value::List(_)) = analysis.value(last) {
        return Err(refusal(
            graph,
            last,
            Obstacle::NoWord("a network ends with one tensor, and this gives several"),
        ));
    }
    let named = Named::new(&analysis);
    match target {
        Target::PyTorch => pytorch::code(&named),
        Target::Keras => keras::code(&named),
        Target::Jax => jax::code(&named),
        Target::Onnx => onnx::text(&named),
        _ => fomoro::fragment(&named),
    }
}

/// What each node is called in code and in ONNX, in order.
pub fn names(graph: &Graph) -> Vec<String> {
    let analysis = graph.analyse();
    let named = Named::new(&analysis);
    graph.ids().map(|id| named.name(id).to_owned()).collect()
}

fn refusal(graph: &Graph, id: NodeId, why: Obstacle) -> Refusal {
    let node = graph.node(id);
    let name = match &node.op {
        _ if !node.name.is_empty() => &node.name,
        Op::Unknown { operator, .. } => operator,
        op => names::word(op),
    };
    let name = name.chars().filter(|c| !c.is_control()).take(60).collect();
    Refusal { layer: Some((id.index(), name)), why }
}
