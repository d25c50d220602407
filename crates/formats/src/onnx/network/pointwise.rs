//! Functions of each number by itself, and sums and products of maps.

use convscope_core::Activation;
use convscope_core::graph::{Arithmetic, Op, Pointwise};

use super::call::Call;
use super::{Build, Operand};
use crate::reading::{Place, Remark, Why, push_note};

impl Build<'_> {
    pub(super) fn arithmetic(&mut self, call: &Call<'_>) -> Result<Operand, Why> {
        // The bias of a linear layer.
        if let Some(linear) = self.absorbed.get(&call.place) {
            return Ok(linear.clone());
        }
        let kind = match call.node.op_type.as_str() {
            "Sub" => Arithmetic::Subtract,
            "Mul" => Arithmetic::Multiply,
            "Div" => Arithmetic::Divide,
            _ => Arithmetic::Add,
        };
        // One number for all is a function of each; others are learned.
        if let [Some(left), Some(right)] = call.inputs.as_slice() {
            let is_number = |operand: &Operand| match operand {
                Operand::Constant(constant) => constant.dims.iter().all(|&size| size == 1),
                _ => false,
            };
            let other = match (is_number(left), is_number(right)) {
                (false, true) => Some(left),
                (true, false) => Some(right),
                _ => None,
            };
            if let Some(other) = other {
                let map = self.map_of(&other.clone())?;
                let op = Op::Pointwise(Pointwise::Named(scalar_name(kind).to_owned()));
                return self.push(&call.name, op, &[map]).map(Operand::Node);
            }
        }
        let inputs = call.inputs.iter().flatten().cloned().collect::<Vec<_>>();
        let maps = inputs.iter().map(|operand| self.term(operand)).collect::<Result<Vec<_>, _>>()?;
        self.push(&call.name, Op::Arithmetic(kind), &maps).map(Operand::Node)
    }

    /// An operand of a sum. Weights that are inputs of the graph have fewer axes than maps.
    pub(super) fn term(&mut self, operand: &Operand) -> Result<convscope_core::graph::NodeId, Why> {
        let given = match operand {
            Operand::Given(index) => {
                self.shape(operand).map(|shape| (shape, self.model.graph.inputs[*index].name.clone()))
            }
            _ => None,
        };
        match given {
            Some((shape, name)) if shape.sizes().len() < 4 || shape.sizes()[2..] == [1, 1] => {
                let dims = shape.sizes().to_vec();
                self.parameter(&super::Constant { dims, name, ..Default::default() })
            }
            _ => self.map_of(operand),
        }
    }

    pub(super) fn softmax(&mut self, call: &Call<'_>) -> Result<Operand, Why> {
        let axis = call.int("axis", if call.opset < 13 { 1 } else { -1 })?;
        self.layer(call, Op::Softmax(axis))
    }

    /// Every other operator: known by name, or not at all.
    pub(super) fn pointwise(&mut self, call: &Call<'_>) -> Result<Operand, Why> {
        let function = match call.node.op_type.as_str() {
            "Relu" => Pointwise::Activation(Activation::Relu),
            "Sigmoid" => Pointwise::Activation(Activation::Sigmoid),
            "Tanh" => Pointwise::Activation(Activation::Tanh),
            // The core's has PyTorch's slope; ONNX's own default is the same.
            "LeakyRelu" if call.float("alpha").is_none_or(|alpha| alpha == 0.01) => {
                Pointwise::Activation(Activation::LeakyRelu)
            }
            "Swish" if call.float("alpha").is_none_or(|alpha| alpha == 1.0) => {
                Pointwise::Activation(Activation::Silu)
            }
            "LeakyRelu" => Pointwise::Named("LeakyReLU".to_owned()),
            "Dropout" => Pointwise::Dropout,
            "Clip" => Pointwise::Named(self.clip(call).to_owned()),
            "PRelu" => {
                let remark = Remark::NotCounted { layer: "PReLU".to_owned() };
                push_note(&mut self.notes, Place::Node(call.name.clone()), remark);
                Pointwise::Named("PReLU".to_owned())
            }
            other => Pointwise::Named(named(other).ok_or(Why::Unknown)?.to_owned()),
        };
        self.layer(call, Op::Pointwise(function))
    }

    fn clip(&self, call: &Call<'_>) -> &'static str {
        let bound = |name: &str, index: usize| {
            call.float(name).or_else(|| call.input_floats(index).and_then(|floats| floats.first().copied()))
        };
        match (bound("min", 1), bound("max", 2)) {
            (Some(0.0), Some(6.0)) => "ReLU6",
            _ => "Clip",
        }
    }
}

/// What a sum or product with one number is called.
fn scalar_name(kind: Arithmetic) -> &'static str {
    match kind {
        Arithmetic::Add => "Add a number",
        Arithmetic::Subtract => "Subtract a number",
        Arithmetic::Multiply => "Multiply by a number",
        Arithmetic::Divide => "Divide by a number",
    }
}

/// PyTorch's name of a function of each number, which leaves shapes and fields as they are.
fn named(op_type: &str) -> Option<&'static str> {
    Some(match op_type {
        "HardSigmoid" => "Hardsigmoid",
        "HardSwish" => "Hardswish",
        "Elu" => "ELU",
        "Selu" => "SELU",
        "Celu" => "CELU",
        "Gelu" => "GELU",
        "Swish" => "SiLU",
        "Mish" => "Mish",
        "Softplus" => "Softplus",
        "Softsign" => "Softsign",
        "ThresholdedRelu" => "Threshold",
        "Shrink" => "Hardshrink",
        "Exp" => "Exp",
        "Log" => "Log",
        "Sqrt" => "Sqrt",
        "Reciprocal" => "Reciprocal",
        "Erf" => "Erf",
        "Abs" => "Abs",
        "Neg" => "Neg",
        "Floor" => "Floor",
        "Ceil" => "Ceil",
        "Round" => "Round",
        "Sign" => "Sign",
        "Sin" => "Sin",
        "Cos" => "Cos",
        "Pow" => "Pow",
        "Not" => "Not",
        _ => return None,
    })
}
