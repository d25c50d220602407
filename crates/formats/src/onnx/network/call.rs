//! A node with what stands behind its inputs, and reading its attributes.

use super::Operand;
use crate::onnx::model::{Node, Value};
use crate::reading::Why;

/// A node that is being taken.
pub(super) struct Call<'m> {
    pub(super) node: &'m Node,
    /// Its place among the nodes of the file.
    pub(super) place: usize,
    pub(super) opset: i64,
    /// What it is called in the network.
    pub(super) name: String,
    pub(super) inputs: Vec<Option<Operand>>,
}

impl Call<'_> {
    /// What stands behind an input; nothing where it is not given.
    pub(super) fn input(&self, index: usize) -> Option<&Operand> {
        self.inputs.get(index)?.as_ref()
    }

    /// The integers of an input that is a constant.
    pub(super) fn input_ints(&self, index: usize) -> Option<&[i64]> {
        match self.input(index)? {
            Operand::Constant(constant) => constant.ints.as_deref(),
            _ => None,
        }
    }

    /// The real numbers of an input that is a constant.
    pub(super) fn input_floats(&self, index: usize) -> Option<&[f32]> {
        match self.input(index)? {
            Operand::Constant(constant) => constant.floats.as_deref(),
            _ => None,
        }
    }

    pub(super) fn int(&self, name: &'static str, default: i64) -> Result<i64, Why> {
        match self.node.attribute(name) {
            None => Ok(default),
            Some(Value::Int(value)) => Ok(*value),
            Some(_) => Err(Why::Parameter(name)),
        }
    }

    pub(super) fn ints(&self, name: &'static str) -> Result<Option<&[i64]>, Why> {
        match self.node.attribute(name) {
            None => Ok(None),
            Some(Value::Ints(values)) => Ok(Some(values)),
            Some(_) => Err(Why::Parameter(name)),
        }
    }

    pub(super) fn text(&self, name: &'static str, default: &'static str) -> Result<&str, Why> {
        match self.node.attribute(name) {
            None => Ok(default),
            Some(Value::Text(value)) => Ok(value),
            Some(_) => Err(Why::Parameter(name)),
        }
    }

    pub(super) fn floats(&self, name: &str) -> Option<&[f32]> {
        match self.node.attribute(name)? {
            Value::Floats(values) => Some(values),
            _ => None,
        }
    }

    pub(super) fn float(&self, name: &str) -> Option<f32> {
        match self.node.attribute(name)? {
            Value::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// Axes or sizes that are an attribute in older opsets and an input in newer ones. Nothing where neither is
    /// given.
    pub(super) fn listed(&self, name: &'static str, index: usize) -> Result<Option<&[i64]>, Why> {
        if let Some(values) = self.ints(name)? {
            return Ok(Some(values));
        }
        match (self.input(index), self.input_ints(index)) {
            (None, _) => Ok(None),
            (Some(_), Some(values)) => Ok(Some(values)),
            (Some(_), None) => Err(Why::NotConstant(name)),
        }
    }

    /// An attribute of one count for rows and one for columns.
    pub(super) fn pair(&self, name: &'static str, default: u64) -> Result<[u64; 2], Why> {
        let Some(values) = self.ints(name)? else { return Ok([default; 2]) };
        let &[rows, columns] = values else { return Err(Why::Parameter(name)) };
        let [rows, columns] = [rows, columns].map(u64::try_from);
        rows.ok().zip(columns.ok()).map(|(rows, columns)| [rows, columns]).ok_or(Why::Parameter(name))
    }
}
