//! From a model to a network: each node as an operation of the core, constants folded on the way.
//!
//! Weights are never needed: their shapes say what a layer is, whether they stand in the file, beside it, or are
//! inputs of the graph. A node that cannot be taken becomes [`Op::Unknown`] with a note, and with its shape where
//! the file states it.

mod call;
mod features;
mod fold;
mod pointwise;
mod reorder;
mod windows;

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use convscope_core::graph::{Graph, NodeId, Op, Shape, Value};

use super::model::{Dim, Model, Node, ValueInfo};
use super::tensor::{Data, Tensor};
use crate::reading::{Form, Note, Place, Reading, Remark, Why, push_note};
use call::Call;

/// A network, and the shape of every value of its file that is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// The network and its notes.
    pub reading: Reading,
    /// Shapes by the names of values: of inputs, constants, and what nodes give.
    pub shapes: BTreeMap<String, Shape>,
}

/// Why a model has no network.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetworkError {
    /// A node reads a value that nothing before it gives.
    NoSuchValue {
        /// The node's place, from 0.
        node: usize,
        /// Its operator.
        operator: String,
        /// The value's name.
        value: String,
    },
    /// No node reads an input of the graph.
    NoInput,
    /// There are more nodes than can be shown.
    TooMany {
        /// How many there are.
        nodes: usize,
    },
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchValue { node, operator, value } => {
                write!(f, "node {node}, {operator}: nothing before it gives the value {value:?}")
            }
            Self::NoInput => f.write_str("no node reads an input of the graph"),
            Self::TooMany { nodes } => {
                write!(f, "there are {nodes} nodes, and {MAX_NODES} are the most that are read")
            }
        }
    }
}

impl std::error::Error for NetworkError {}

/// More nodes than this are refused.
pub const MAX_NODES: usize = 20_000;
/// Values of constants that are looked at: shapes, axes, bounds. Larger ones count by their shape.
pub const MAX_VALUES: u64 = 1024;

/// Makes a network of a model. `size` is the input's height and width where the file leaves them open.
///
/// # Errors
///
/// [`NetworkError`] when nodes are not joined, or there are too many.
pub fn reading(model: &Model, size: [u64; 2]) -> Result<Reading, NetworkError> {
    build(model, size)?.finish()
}

/// The same, with the shapes of all values.
///
/// # Errors
///
/// As [`reading`].
pub fn network(model: &Model, size: [u64; 2]) -> Result<Network, NetworkError> {
    let build = build(model, size)?;
    let known = |(&name, operand): (&&str, &Operand)| Some((name.to_owned(), build.shape(operand)?));
    let shapes = build.operands.iter().filter_map(known).collect();
    Ok(Network { reading: build.finish()?, shapes })
}

fn build(model: &Model, size: [u64; 2]) -> Result<Build<'_>, NetworkError> {
    let nodes = model.graph.nodes.len();
    if nodes > MAX_NODES {
        return Err(NetworkError::TooMany { nodes });
    }
    let mut build = Build::new(model, size);
    for (index, node) in model.graph.nodes.iter().enumerate() {
        build.node(index, node)?;
    }
    Ok(build)
}

/// What stands behind the name of a value.
#[derive(Clone)]
enum Operand {
    /// What a node of the network gives.
    Node(NodeId),
    /// A weight, or numbers that are known.
    Constant(Rc<Constant>),
    /// An input of the graph that no layer has read as a map yet: its place among them.
    Given(usize),
}

/// A constant. Its numbers are kept where they are few.
#[derive(Clone, Debug, Default)]
struct Constant {
    dims: Vec<u64>,
    ints: Option<Vec<i64>>,
    floats: Option<Vec<f32>>,
    name: String,
}

/// Who reads a value.
#[derive(Clone, Copy, Default)]
struct Readers {
    /// How many nodes, each as often as it does; and an output of the graph counts as one.
    count: usize,
    /// The last of the nodes, by its place.
    last: usize,
}

struct Build<'m> {
    model: &'m Model,
    opset: i64,
    size: [u64; 2],
    graph: Graph,
    /// What each node of the network gives; nothing where that is impossible or not known.
    values: Vec<Option<Value>>,
    operands: BTreeMap<&'m str, Operand>,
    infos: BTreeMap<&'m str, &'m ValueInfo>,
    /// Who reads a value.
    readers: BTreeMap<&'m str, Readers>,
    /// Sums that are in the linear layer before them, by their nodes' places.
    absorbed: BTreeMap<usize, Operand>,
    /// Constants as nodes, by name.
    parameters: BTreeMap<String, NodeId>,
    notes: Vec<Note>,
}

impl<'m> Build<'m> {
    fn new(model: &'m Model, size: [u64; 2]) -> Self {
        let graph = &model.graph;
        let mut readers: BTreeMap<&str, Readers> = BTreeMap::new();
        let of_nodes = graph.nodes.iter().enumerate();
        let of_nodes = of_nodes.flat_map(|(place, node)| node.inputs.iter().map(move |name| (name, place)));
        let of_outputs = graph.outputs.iter().map(|output| (&output.name, usize::MAX));
        for (name, last) in of_nodes.chain(of_outputs) {
            let known = readers.entry(name).or_default();
            *known = Readers { count: known.count + 1, last };
        }
        let mut build = Self {
            model,
            opset: model.opset().unwrap_or(1),
            size,
            graph: Graph::new(),
            values: Vec::new(),
            operands: BTreeMap::new(),
            infos: BTreeMap::new(),
            readers,
            absorbed: BTreeMap::new(),
            parameters: BTreeMap::new(),
            notes: Vec::new(),
        };
        for info in graph.inputs.iter().chain(&graph.outputs).chain(&graph.values) {
            build.infos.insert(&info.name, info);
        }
        for (index, input) in graph.inputs.iter().enumerate() {
            build.operands.insert(&input.name, Operand::Given(index));
        }
        for tensor in &graph.initializers {
            build.operands.insert(&tensor.name, Operand::Constant(Rc::new(constant(tensor))));
        }
        build
    }

    fn node(&mut self, index: usize, node: &'m Node) -> Result<(), NetworkError> {
        let operand = |name: &String| match name.as_str() {
            "" => Ok(None),
            name => self.operands.get(name).cloned().map(Some).ok_or_else(|| NetworkError::NoSuchValue {
                node: index,
                operator: node.op_type.clone(),
                value: name.to_owned(),
            }),
        };
        let inputs = node.inputs.iter().map(operand).collect::<Result<Vec<_>, _>>()?;
        let call = Call { node, place: index, opset: self.opset, name: label(node), inputs };
        let given = match self.operate(&call) {
            Ok(given) => given,
            Err(why) => self.unknown(&call, node.op_type.clone(), why),
        };
        for (name, operand) in node.outputs.iter().zip(given).filter(|(name, _)| !name.is_empty()) {
            self.operands.insert(name, operand);
        }
        Ok(())
    }

    /// What a node gives, one operand for each output that is asked for.
    fn operate(&mut self, call: &Call<'m>) -> Result<Vec<Operand>, Why> {
        let own = matches!(call.node.domain.as_str(), "" | "ai.onnx");
        let op_type = call.node.op_type.as_str();
        if !own && op_type != "FusedConv" {
            return Err(Why::Unknown);
        }
        if let Some(constant) = self.fold(call) {
            return Ok(vec![Operand::Constant(Rc::new(constant))]);
        }
        let one = match op_type {
            "Conv" | "FusedConv" => self.conv(call, 1, 2),
            "QLinearConv" => self.conv(call, 3, 8),
            "ConvTranspose" => self.conv_transpose(call),
            "MaxPool" | "AveragePool" | "LpPool" => self.pool(call),
            "GlobalAveragePool" | "GlobalMaxPool" | "GlobalLpPool" => self.global_pool(call),
            "ReduceMean" | "ReduceMax" => self.reduce(call),
            "Upsample" | "Resize" => self.resize(call),
            "Pad" => self.pad(call),
            "Gemm" => self.gemm(call),
            "MatMul" => self.matmul(call),
            "BatchNormalization"
            | "InstanceNormalization"
            | "GroupNormalization"
            | "LayerNormalization"
            | "LRN" => self.norm(call),
            "Add" | "Sub" | "Mul" | "Div" | "Sum" => self.arithmetic(call),
            "Softmax" | "LogSoftmax" => self.softmax(call),
            "Concat" => self.concat(call),
            "Split" => return self.split(call),
            "Slice" => self.slice(call),
            "Flatten" => self.flatten(call),
            "Reshape" => self.reshape(call),
            "Transpose" => self.transpose(call),
            "Squeeze" | "Unsqueeze" => self.squeeze(call),
            "Identity" | "Cast" | "CastLike" | "QuantizeLinear" | "DequantizeLinear" => {
                call.inputs.first().cloned().flatten().ok_or(Why::NotConstant("input"))
            }
            _ => self.pointwise(call),
        };
        one.map(|operand| vec![operand])
    }

    /// Adds a node to the network and works out what it gives.
    fn push(&mut self, name: &str, op: Op, inputs: &[NodeId]) -> Result<NodeId, Why> {
        let values: Option<Vec<&Value>> =
            inputs.iter().map(|id| self.values.get(id.index())?.as_ref()).collect();
        let value = values.and_then(|values| op.output(&values).ok());
        let id = self.graph.push(name, op, inputs).map_err(|_| Why::Unknown)?;
        self.values.push(value);
        Ok(id)
    }

    /// A node of one input, in the place of the call.
    fn layer(&mut self, call: &Call<'_>, op: Op) -> Result<Operand, Why> {
        let input = self.map(call, 0)?;
        self.push(&call.name, op, &[input]).map(Operand::Node)
    }

    /// The node behind an input, which becomes one where it was only given.
    fn map(&mut self, call: &Call<'_>, index: usize) -> Result<NodeId, Why> {
        match call.input(index) {
            None => Err(Why::NotConstant("input")),
            Some(operand) => self.map_of(&operand.clone()),
        }
    }

    fn map_of(&mut self, operand: &Operand) -> Result<NodeId, Why> {
        match operand {
            Operand::Node(id) => Ok(*id),
            Operand::Constant(constant) => self.parameter(constant),
            Operand::Given(index) => self.input(*index),
        }
    }

    /// A constant as a node.
    fn parameter(&mut self, constant: &Constant) -> Result<NodeId, Why> {
        if let Some(id) = self.parameters.get(&constant.name) {
            return Ok(*id);
        }
        let id = self.push(&constant.name, Op::Parameter(Shape::new(constant.dims.clone())), &[])?;
        if !constant.name.is_empty() {
            self.parameters.insert(constant.name.clone(), id);
        }
        Ok(id)
    }

    /// An input of the graph as a node, with sizes where it leaves them open.
    fn input(&mut self, index: usize) -> Result<NodeId, Why> {
        let info = &self.model.graph.inputs[index];
        if let Some(Operand::Node(id)) = self.operands.get(info.name.as_str()) {
            return Ok(*id);
        }
        let Some(dims) = &info.shape else { return Err(Why::NotConstant("shape")) };
        let place = Place::Node(info.name.clone());
        let is_map = dims.len() == 4;
        let mut open = false;
        let sizes = dims.iter().enumerate().map(|(axis, dim)| match (dim, axis) {
            (Dim::Known(size), 1..) => *size,
            // Networks are written for many images; one is looked at. Some write 0 for what is open.
            (Dim::Known(size), _) => (*size).max(1),
            (_, 2 | 3) if is_map => {
                open = true;
                self.size[axis - 2]
            }
            (_, 1) if is_map => 3,
            _ => 1,
        });
        let sizes: Vec<u64> = sizes.collect();
        if is_map && !matches!(dims[1], Dim::Known(_)) {
            push_note(&mut self.notes, place.clone(), Remark::InputChannels { channels: sizes[1] });
        }
        if open {
            let size = [sizes[2], sizes[3]];
            push_note(&mut self.notes, place, Remark::InputSize { size, fitted: false });
        }
        let id = self.push(&info.name, Op::Input(Shape::new(sizes)), &[])?;
        self.operands.insert(&info.name, Operand::Node(id));
        Ok(id)
    }

    /// The shape behind an operand, where it is known.
    fn shape(&self, operand: &Operand) -> Option<Shape> {
        match operand {
            Operand::Node(id) => self.values.get(id.index())?.as_ref()?.tensor().cloned(),
            Operand::Constant(constant) => Some(Shape::new(constant.dims.clone())),
            Operand::Given(index) => stated(&self.model.graph.inputs[*index]),
        }
    }

    fn shape_of(&self, call: &Call<'_>, index: usize) -> Option<Shape> {
        self.shape(call.input(index)?)
    }

    /// The node's outputs as what nobody here knows, with the shapes that the file states.
    fn unknown(&mut self, call: &Call<'m>, operator: String, why: Why) -> Vec<Operand> {
        let place = Place::Node(call.name.clone());
        push_note(&mut self.notes, place, Remark::Stops { operator: operator.clone(), why, count: 1 });
        let reads = |build: &mut Self, operand: &Option<Operand>| match operand {
            Some(Operand::Node(id)) => Some(*id),
            Some(Operand::Given(index)) => {
                // Other inputs of the graph are left alone: they may be sizes or states.
                let first = call.inputs.first().is_some_and(|first| matches!(first, Some(Operand::Given(_))));
                if first { build.input(*index).ok() } else { None }
            }
            _ => None,
        };
        let mut inputs: Vec<NodeId> = call.inputs.iter().filter_map(|operand| reads(self, operand)).collect();
        inputs.dedup();
        let mut given = Vec::new();
        for output in &call.node.outputs {
            let shape = self.infos.get(output.as_str()).and_then(|info| stated(info));
            // A stated shape stands, whatever is impossible before it.
            let standing = |id: &NodeId| if shape.is_some() { self.standing(*id) } else { Some(*id) };
            let inputs: Vec<NodeId> = inputs.iter().filter_map(standing).collect();
            let op = Op::Unknown { operator: operator.clone(), shape };
            // The inputs are nodes of this graph, so that none is refused.
            if let Ok(id) = self.push(&call.name, op, &inputs) {
                given.push(Operand::Node(id));
            }
        }
        given
    }

    /// The node, or the nearest before it that gives something.
    fn standing(&self, mut id: NodeId) -> Option<NodeId> {
        while self.values.get(id.index())?.is_none() {
            id = *self.graph.node(id).inputs.first()?;
        }
        Some(id)
    }

    fn finish(self) -> Result<Reading, NetworkError> {
        let has_input = self.graph.ids().any(|id| matches!(self.graph.node(id).op, Op::Input(_)));
        if !has_input || self.graph.len() < 2 {
            return Err(NetworkError::NoInput);
        }
        Ok(Reading { graph: input_first(&self.graph), form: Form::Onnx, notes: self.notes })
    }
}

/// The same with the first input before all parameters.
fn input_first(graph: &Graph) -> Graph {
    let first = graph.ids().find(|id| matches!(graph.node(*id).op, Op::Input(_)));
    let Some(first) = first.filter(|id| id.index() > 0) else { return graph.clone() };
    let order = std::iter::once(first).chain(graph.ids().filter(|id| *id != first));
    let mut moved = Graph::new();
    let mut places = vec![None; graph.len()];
    for id in order {
        let node = graph.node(id);
        let inputs: Vec<NodeId> = node.inputs.iter().filter_map(|input| places[input.index()]).collect();
        places[id.index()] = moved.push(node.name.clone(), node.op.clone(), &inputs).ok();
    }
    moved
}

/// The shape that a file states, if it states all of it; one image of many.
fn stated(info: &ValueInfo) -> Option<Shape> {
    let size = |(axis, dim): (usize, &Dim)| match dim {
        Dim::Known(size) => Some(*size),
        _ => (axis == 0).then_some(1),
    };
    info.shape.as_ref()?.iter().enumerate().map(size).collect::<Option<Vec<_>>>().map(Shape::new)
}

fn constant(tensor: &Tensor) -> Constant {
    let (ints, floats) = match &tensor.data {
        Data::Ints(ints) => (Some(ints.clone()), None),
        Data::Floats(floats) => (None, Some(floats.clone())),
        _ => (None, None),
    };
    Constant { dims: tensor.dims.clone(), ints, floats, name: tensor.name.clone() }
}

/// What a node is called: after its weight, or without the path that exporters put before it.
///
/// `conv1.weight` gives `conv1`, `/layer1/layer1.0/relu/Relu` gives `layer1.0.relu`.
fn label(node: &Node) -> String {
    let weight = node.inputs.get(1).and_then(|name| name.strip_suffix(".weight"));
    if let Some(weight) = weight.filter(|weight| !weight.is_empty() && weight.len() <= MAX_NAME) {
        return weight.to_owned();
    }
    let name =
        if node.name.is_empty() { node.outputs.first().map_or("", String::as_str) } else { &node.name };
    let mut label = String::new();
    if let Some(path) = name.strip_prefix('/') {
        let mut parts: Vec<&str> = path.split('/').collect();
        if parts.len() > 1 && parts.last().is_some_and(|last| last.starts_with(&node.op_type)) {
            parts.pop();
        }
        for part in parts {
            if part.strip_prefix(label.as_str()).is_some_and(|rest| rest.starts_with('.')) {
                label.clear();
            } else if !label.is_empty() {
                label.push('.');
            }
            label.push_str(part);
        }
    } else {
        label.push_str(name);
    }
    if label.is_empty() {
        label = node.op_type.to_ascii_lowercase();
    }
    label.chars().take(MAX_NAME).collect()
}

/// Characters of a name that are kept.
const MAX_NAME: usize = 120;
