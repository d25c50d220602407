//! What convscope leaves out: maps of three spatial axes, integers as values, and training.

use convscope_formats::onnx::{Graph, Model, Node, Value};

pub(super) const THREE_AXES: &str = "three spatial axes are left out";
pub(super) const INTEGERS: &str = "integers as values are left out";
pub(super) const TRAINING: &str = "training is left out";

/// Why a model is left out, if it is.
pub(super) fn reason(model: &Model) -> Option<&'static str> {
    let opset = model.opset().unwrap_or(1);
    model.graph.nodes.iter().find_map(|node| of_node(node, &model.graph, opset))
}

fn of_node(node: &Node, graph: &Graph, opset: i64) -> Option<&'static str> {
    let first = node.inputs.first()?;
    let given = graph.inputs.iter().find(|input| &input.name == first);
    if given.and_then(|input| input.data_type).is_some_and(|it| it.is_int()) {
        return Some(INTEGERS);
    }
    let rank = given.and_then(|input| input.shape.as_ref()).map_or(0, Vec::len);
    let has_axes = ["Conv", "ConvTranspose", "BatchNormalization"].contains(&node.op_type.as_str())
        || node.op_type.ends_with("Pool");
    if has_axes && rank > 4 {
        return Some(THREE_AXES);
    }
    (node.op_type == "BatchNormalization" && trains(node, opset)).then_some(TRAINING)
}

/// Whether a batch norm computes its statistics. Opset 14 says so in `training_mode`, before that in the
/// number of outputs, and before opset 7 in `is_test` as well.
fn trains(node: &Node, opset: i64) -> bool {
    let is = |name, value| node.attribute(name) == Some(&Value::Int(value));
    match opset {
        14.. => is("training_mode", 1),
        7..14 => node.outputs.iter().filter(|name| !name.is_empty()).count() > 1,
        _ => !is("is_test", 1),
    }
}
