//! Fully connected layers and normalisations.

use convscope_core::LinearParams;
use convscope_core::graph::{Norm, Op, Shape};

use super::call::Call;
use super::{Build, Operand, Readers};
use crate::reading::Why;

impl Build<'_> {
    pub(super) fn gemm(&mut self, call: &Call<'_>) -> Result<Operand, Why> {
        if call.int("transA", 0)? != 0 {
            return Err(Why::Parameter("transA"));
        }
        let weight = self.shape_of(call, 1).ok_or(Why::NoWeightShape)?;
        let &[rows, columns] = weight.sizes() else { return Err(Why::NoWeightShape) };
        if matches!(call.input(1), Some(Operand::Node(_))) {
            return Err(Why::NotConstant("B"));
        }
        let transposed = call.int("transB", 0)? != 0;
        let [in_features, out_features] = if transposed { [columns, rows] } else { [rows, columns] };
        let params = LinearParams::new(in_features, out_features, call.input(2).is_some())?;
        self.layer(call, Op::Linear(params))
    }

    /// With a weight of two axes it is a linear layer, and an addition behind it its bias.
    pub(super) fn matmul(&mut self, call: &Call<'_>) -> Result<Operand, Why> {
        let weight = match call.input(1) {
            Some(operand @ (Operand::Constant(_) | Operand::Given(_))) => self.shape(operand),
            _ => return Err(Why::NotConstant("B")),
        };
        let weight = weight.ok_or(Why::NoWeightShape)?;
        let &[in_features, out_features] = weight.sizes() else { return Err(Why::NotConstant("B")) };
        let sum = self.bias_behind(call, out_features);
        let linear =
            self.layer(call, Op::Linear(LinearParams::new(in_features, out_features, sum.is_some())?))?;
        if let Some(sum) = sum {
            self.absorbed.insert(sum, linear.clone());
        }
        Ok(linear)
    }

    /// The sum of the call and one constant for each feature, if nothing else reads the call: the node's place.
    fn bias_behind(&self, call: &Call<'_>, features: u64) -> Option<usize> {
        let name = call.node.outputs.first()?;
        let &Readers { count: 1, last } = self.readers.get(name.as_str())? else { return None };
        let reader = self.model.graph.nodes.get(last)?;
        (reader.op_type == "Add" && self.is_bias(&reader.inputs, name, features)).then_some(last)
    }

    /// Whether the other of two inputs is one constant for each feature.
    fn is_bias(&self, inputs: &[String], name: &str, features: u64) -> bool {
        let other =
            inputs.iter().find(|input| *input != name).and_then(|name| self.operands.get(name.as_str()));
        match other {
            Some(operand @ (Operand::Constant(_) | Operand::Given(_))) => {
                self.shape(operand).is_some_and(|shape| shape.sizes() == [features])
            }
            _ => false,
        }
    }

    pub(super) fn norm(&mut self, call: &Call<'_>) -> Result<Operand, Why> {
        let weight = self.shape_of(call, 1);
        let channels = |build: &Self| {
            let of_weight = weight.as_ref().and_then(|shape| shape.sizes().first().copied());
            let of_input = || build.shape_of(call, 0).and_then(|shape| shape.sizes().get(1).copied());
            of_weight.or_else(of_input).ok_or(Why::NoWeightShape)
        };
        let norm = match call.node.op_type.as_str() {
            "BatchNormalization" => Norm::Batch { features: channels(self)?, affine: true, tracked: true },
            "InstanceNormalization" => {
                let features = channels(self)?;
                Norm::Group { groups: features, features, affine: true }
            }
            "GroupNormalization" => {
                let groups =
                    u64::try_from(call.int("num_groups", 0)?).map_err(|_| Why::Parameter("num_groups"))?;
                // Up to opset 20 scale and shift belong to groups.
                let of_input = self.shape_of(call, 0).and_then(|shape| shape.sizes().get(1).copied());
                Norm::Group { groups, features: of_input.map_or_else(|| channels(self), Ok)?, affine: true }
            }
            "LRN" => Norm::LocalResponse,
            _ => {
                let shape = self.shape_of(call, 0).ok_or(Why::NotConstant("shape"))?;
                let axis = shape.axis(call.int("axis", -1)?)?;
                let shape = Shape::new(&shape.sizes()[axis..]);
                Norm::Layer { shape, scale: call.input(1).is_some(), shift: call.input(2).is_some() }
            }
        };
        self.layer(call, Op::Norm(norm))
    }
}
