//! From layers in a text to a network, one behind the other; blocks whose `forward` is known have branches.

use convscope_core::graph::{Arithmetic, Graph, NodeId, Op, Pointwise, PoolKind, Shape, Value};
use convscope_core::{Activation, AdaptivePool2d, ConvError};

use super::error::{At, Reason, TextError};
use super::module::Module;
use super::{blocks, layers};
use crate::reading::{Note, Place, Remark, Why, push_note};

/// More nodes than this are refused.
pub(super) const MAX_LAYERS: usize = 20_000;

/// A network in the making.
pub(super) struct Lower {
    pub(super) graph: Graph,
    values: Vec<Option<Value>>,
    /// The node behind which the next layer goes.
    pub(super) at: NodeId,
    pub(super) notes: Vec<Note>,
    /// The names of the blocks around.
    path: Vec<String>,
    /// Whether the text is code, which states all that it makes.
    pub(super) is_code: bool,
}

/// Makes a network of layers that stand one behind the other, for an input of a height and width.
pub(super) fn lower(
    modules: &[Module],
    size: [u64; 2],
    is_code: bool,
) -> Result<(Graph, Vec<Note>), TextError> {
    let mut lower = Lower::new(input(modules, size, is_code)?, is_code)?;
    for module in modules {
        lower.module(module)?;
    }
    if lower.graph.len() < 2 {
        return Err(TextError::whole(Reason::NoLayers));
    }
    Ok((lower.graph, lower.notes))
}

/// The input that the first layer with channels or features asks for.
pub(super) fn input(modules: &[Module], size: [u64; 2], is_code: bool) -> Result<Shape, TextError> {
    let mut flattened = false;
    for layer in leaves(modules) {
        let class = layer.class.as_str();
        let argument = match class {
            "Conv2d" | "ConvTranspose2d" => (0, "in_channels"),
            "BatchNorm2d" | "InstanceNorm2d" => (0, "num_features"),
            "GroupNorm" => (1, "num_channels"),
            "Linear" => (0, "in_features"),
            _ => {
                flattened |= class == "Flatten";
                continue;
            }
        };
        let channels = match layer.count(argument.0, argument.1) {
            Err(_) if !is_code => continue,
            channels => channels?,
        };
        return Ok(match class {
            "Linear" => {
                let features = channels;
                let square = |channels: u64| {
                    let side = (features / channels).isqrt();
                    (side * side * channels == features).then_some([1, channels, side, side])
                };
                match if flattened { square(1).or(square(3)) } else { None } {
                    Some(shape) => shape.into(),
                    None => [1, features].into(),
                }
            }
            _ => [1, channels, size[0], size[1]].into(),
        });
    }
    Ok([1, 3, size[0], size[1]].into())
}

/// Layers without those inside of them, in order.
pub(super) fn leaves(modules: &[Module]) -> Vec<&Module> {
    let mut found = Vec::new();
    let mut left: Vec<&Module> = modules.iter().rev().collect();
    while let Some(module) = left.pop() {
        if module.children.is_empty() {
            found.push(module);
        } else {
            left.extend(module.children.iter().rev());
        }
    }
    found
}

impl Lower {
    pub(super) fn new(input: Shape, is_code: bool) -> Result<Self, TextError> {
        let mut graph = Graph::new();
        let op = Op::Input(input);
        let value = op.output(&[]).ok();
        let at = graph.push("input", op, &[]);
        let at = at.map_err(|_| TextError::whole(Reason::NoLayers))?;
        Ok(Self { graph, values: vec![value], at, notes: Vec::new(), path: Vec::new(), is_code })
    }

    /// Adds a layer or a block behind where one stands.
    pub(super) fn module(&mut self, module: &Module) -> Result<(), TextError> {
        if module.children.is_empty() {
            return layers::layer(self, module);
        }
        if self.path.len() >= super::expr::MAX_DEPTH {
            return Err(TextError::at(module.at, Reason::TooDeep { max_depth: super::expr::MAX_DEPTH }));
        }
        if module.name.starts_with("aux") || module.name == "AuxLogits" {
            self.note(module.at, Remark::PassedOver { what: module.name.clone() });
            return Ok(());
        }
        self.path.push(module.name.clone());
        let known = blocks::block(self, module);
        if let Ok(false) = known {
            let container = &module.class;
            let plain = ["Sequential", "ModuleList", "ModuleDict", "Conv2dNormActivation", "ConvBNReLU"];
            if !plain.contains(&container.as_str()) {
                self.note(module.at, Remark::InOrder { container: container.clone(), count: 1 });
            }
            for child in &module.children {
                self.module(child)?;
            }
        }
        self.path.pop();
        known.map(|_| ())
    }

    pub(super) fn note(&mut self, at: At, remark: Remark) {
        push_note(&mut self.notes, Place::Line(at.line), remark);
    }

    fn name(&self, name: &str) -> String {
        let parts = self.path.iter().map(String::as_str).chain([name]).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(".")
    }

    /// Adds a node that reads others.
    pub(super) fn push(
        &mut self,
        at: At,
        name: &str,
        op: Op,
        inputs: &[NodeId],
    ) -> Result<NodeId, TextError> {
        if self.graph.len() >= MAX_LAYERS {
            return Err(TextError::at(at, Reason::TooMany { max_layers: MAX_LAYERS }));
        }
        let values: Option<Vec<&Value>> = inputs.iter().map(|id| self.values[id.index()].as_ref()).collect();
        let value = values.and_then(|values| op.output(&values).ok());
        let name = self.name(name);
        let id = self.graph.push(name, op, inputs).map_err(|_| TextError::at(at, Reason::NoLayers))?;
        self.values.push(value);
        Ok(id)
    }

    /// Adds a node behind where one stands, and goes there.
    pub(super) fn add(&mut self, module: &Module, op: Op) -> Result<(), TextError> {
        let name =
            if module.name.is_empty() { module.class.to_ascii_lowercase() } else { module.name.clone() };
        self.at = self.push(module.at, &name, op, &[self.at])?;
        Ok(())
    }

    /// A layer that nobody here knows, or not in this form.
    pub(super) fn unknown(&mut self, module: &Module, why: Why) -> Result<(), TextError> {
        // What a table hides is a container there.
        let operator = if why == Why::Hidden { "Sequential".to_owned() } else { module.class.clone() };
        self.note(module.at, Remark::Stops { operator: operator.clone(), why, count: 1 });
        let shape = module.stated.as_ref().and_then(|stated| stated.shape.clone());
        self.add(module, Op::Unknown { operator, shape })
    }

    /// The shape where one stands.
    pub(super) fn shape(&self) -> Option<&Shape> {
        self.shape_of(self.at)
    }

    pub(super) fn shape_of(&self, id: NodeId) -> Option<&Shape> {
        self.values[id.index()].as_ref()?.tensor()
    }

    /// Adds a node without a module of its own.
    pub(super) fn step(&mut self, at: At, name: &str, op: Op) -> Result<(), TextError> {
        self.at = self.push(at, name, op, &[self.at])?;
        Ok(())
    }

    pub(super) fn relu(&mut self, at: At) -> Result<(), TextError> {
        self.step(at, "relu", Op::Pointwise(Pointwise::Activation(Activation::Relu)))
    }

    /// The sum of where one stands and another node, where their shapes are equal.
    pub(super) fn sum(&mut self, module: &Module, other: NodeId) -> Result<(), TextError> {
        if self.shape().is_none() || self.shape() == self.shape_of(other) {
            self.at = self.push(module.at, "add", Op::Arithmetic(Arithmetic::Add), &[self.at, other])?;
            self.note(module.at, Remark::Residual { block: module.class.clone(), count: 1 });
        }
        Ok(())
    }

    /// Makes features of maps before a linear layer, as `forward` of known networks does.
    pub(super) fn flatten_for(&mut self, at: At, in_features: u64) -> Result<(), TextError> {
        let Some([_, channels, height, width]) = self.shape().and_then(Shape::nchw) else { return Ok(()) };
        let all = Shape::from([channels, height, width]).elements().ok();
        if width == in_features && all != Some(in_features) {
            return Ok(());
        }
        if channels == in_features && (height, width) != (1, 1) {
            let pool = Op::AdaptivePool(AdaptivePool2d::GLOBAL, PoolKind::Average);
            self.step(at, "avgpool", pool)?;
        }
        self.note(at, Remark::Flattened);
        self.step(at, "flatten", Op::Flatten { start: 1, end: -1 })
    }
}

/// The error of a layer whose numbers do not go together.
pub(super) fn sizes(module: &Module) -> impl Fn(ConvError) -> TextError {
    move |error| TextError::at(module.at, Reason::Sizes { layer: module.class.clone(), error })
}
