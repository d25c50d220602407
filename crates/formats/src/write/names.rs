//! A network with a name for each node that every language takes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use convscope_core::Layer;
use convscope_core::graph::{Analysis, Graph, Node, NodeId, Norm, Op, Pointwise, Shape, Value};

use super::{Obstacle, Refusal, refusal};

/// A possible network, and the names of its nodes.
pub(super) struct Named<'a> {
    pub(super) analysis: &'a Analysis,
    names: Vec<String>,
}

/// What no name may be: words of Python, what the code uses itself, and what a `torch.nn.Module` has already.
const TAKEN: &str = "False None True and as assert async await break class continue def del elif else except finally \
    for from global if import in is lambda nonlocal not or pass raise return try while with yield \
    self super nn torch jax lax jnp np keras net Net y w weights shapes print range zip float int abs inside \
    Parameter image a b i aligned local_response batch_norm group_norm layer_norm training dump_patches call_super_init add_module apply \
    bfloat16 buffers children compile cpu cuda double eval extra_repr forward get_buffer get_extra_state \
    get_parameter get_submodule half ipu load_state_dict modules mtia named_buffers named_children named_modules \
    named_parameters parameters register_backward_hook register_buffer register_forward_hook \
    register_forward_pre_hook register_full_backward_hook register_load_state_dict_post_hook register_module \
    register_parameter register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory \
    state_dict to to_empty train type xpu zero_grad T_destination";

impl<'a> Named<'a> {
    pub(super) fn new(analysis: &'a Analysis) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut taken: BTreeSet<String> = TAKEN.split_whitespace().map(str::to_owned).collect();
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for node in analysis.graph().nodes() {
            // Two low lines one after the other part a name from what belongs to it.
            let parts = node.name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
            let plain: String = parts.collect::<Vec<_>>().join("_").chars().take(80).collect();
            let plain = plain.trim_matches('_').to_owned();
            let stem = match plain.chars().next() {
                _ if matches!(node.op, Op::Input(_)) && names.is_empty() => "x".to_owned(),
                None => word(&node.op).to_owned(),
                Some(first) if first.is_ascii_digit() => format!("{}{plain}", word(&node.op)),
                Some(_) => plain,
            };
            let count = counts.entry(stem.clone()).or_insert(1);
            let mut name = stem.clone();
            while !taken.insert(name.clone()) {
                *count += 1;
                name = format!("{stem}_{count}");
            }
            names.push(name);
        }
        Self { analysis, names }
    }

    pub(super) fn graph(&self) -> &Graph {
        self.analysis.graph()
    }

    pub(super) fn name(&self, id: NodeId) -> &str {
        &self.names[id.index()]
    }

    /// The names of what a node reads.
    pub(super) fn inputs(&self, node: &Node) -> Vec<&str> {
        node.inputs.iter().map(|&input| self.name(input)).collect()
    }

    /// The shape of what a node gives; of a list, of its first part.
    pub(super) fn shape(&self, id: NodeId) -> Shape {
        self.parts(id).first().cloned().unwrap_or_default()
    }

    /// The shapes of all that a node gives.
    pub(super) fn parts(&self, id: NodeId) -> &[Shape] {
        self.analysis.value(id).as_ref().map(|value| Value::shapes(value)).unwrap_or_default()
    }

    /// The shape of what a node reads first.
    pub(super) fn input_shape(&self, node: &Node) -> Shape {
        node.inputs.first().map(|&input| self.shape(input)).unwrap_or_default()
    }

    /// Where the parts of a list begin along its axis, but for the first: what numpy's `split` takes.
    pub(super) fn cuts(&self, id: NodeId, axis: usize) -> Vec<u64> {
        let mut sum = 0;
        let mut cuts: Vec<u64> = Vec::new();
        for part in self.parts(id) {
            cuts.push(sum);
            sum += part.sizes()[axis];
        }
        cuts.split_off(cuts.len().min(1))
    }

    /// The inputs of the network.
    pub(super) fn given(&self) -> Vec<NodeId> {
        self.graph().ids().filter(|&id| matches!(self.graph().node(id).op, Op::Input(_))).collect()
    }

    pub(super) fn refuse(&self, id: NodeId, why: &'static str) -> Refusal {
        refusal(self.graph(), id, Obstacle::NoWord(why))
    }

    /// Whether each node reads the one before it and nothing else.
    pub(super) fn is_chain(&self) -> bool {
        self.graph().ids().skip(1).all(|id| {
            let inputs = &self.graph().node(id).inputs;
            inputs.len() == 1 && inputs[0].index() + 1 == id.index()
        })
    }
}

/// What a node is called that has no name.
pub(super) fn word(op: &Op) -> &'static str {
    match op {
        Op::Input(_) => "x",
        Op::Parameter(_) => "scale",
        Op::Layer(Layer::Conv2d(_)) => "conv",
        Op::Layer(Layer::ConvTranspose2d(_)) => "up",
        Op::Layer(_) | Op::AdaptivePool(..) => "pool",
        Op::Linear(_) => "linear",
        Op::Norm(Norm::Batch { .. }) => "bn",
        Op::Norm(_) => "norm",
        Op::Pointwise(Pointwise::Activation(convscope_core::Activation::Relu)) => "relu",
        Op::Pointwise(Pointwise::Dropout | Pointwise::StochasticDepth) => "drop",
        Op::Pointwise(_) => "act",
        Op::Softmax(_) => "softmax",
        Op::Arithmetic(convscope_core::graph::Arithmetic::Add) => "add",
        Op::Arithmetic(convscope_core::graph::Arithmetic::Multiply) => "mul",
        Op::Concat(_) => "cat",
        Op::Chunk { .. } | Op::Split { .. } => "parts",
        Op::Item(_) => "part",
        Op::Pad { .. } => "pad",
        Op::Upsample(_) => "up",
        Op::Flatten { .. } => "flat",
        Op::Mean { .. } => "mean",
        _ => "layer",
    }
}

/// `2`, or `(2, 1)` where the axes differ.
pub(super) fn pair([rows, columns]: [u64; 2]) -> String {
    if rows == columns { rows.to_string() } else { format!("({rows}, {columns})") }
}

/// `1, 3, 14, 14`
pub(super) fn listed<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// `(1, 3)`, with a comma behind a single one.
pub(super) fn tuple<T: ToString>(items: &[T]) -> String {
    match items {
        [only] => format!("({},)", only.to_string()),
        all => format!("({})", listed(all)),
    }
}

/// `(1, 2), (3, 4)`, the form of numpy and its likes, of `[1, 3, 2, 4]`: top, left, bottom, right.
pub(super) fn axes<T: fmt::Display>([top, left, bottom, right]: [T; 4]) -> String {
    format!("({top}, {bottom}), ({left}, {right})")
}

/// Adds `name=pair`, if it differs from the default.
pub(super) fn push_pair(args: &mut Vec<String>, name: &str, numbers: [u64; 2], default: u64) {
    if numbers != [default; 2] {
        args.push(format!("{name}={}", pair(numbers)));
    }
}
