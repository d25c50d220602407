//! Cases of ONNX: a model of a node or two, its inputs, and what must come out.
//!
//! Nodes are computed by the kernels in the order in which they stand. Maps with one spatial axis are taken
//! as maps of height 1. What convscope leaves out is found in the model before its tensors are asked for.

mod arithmetic;
mod call;
mod matrix;
mod outside;
mod pointwise;
mod reorder;
mod windows;

use std::collections::BTreeMap;

use call::{Call, Numbers, Stop, Value};
use convscope_formats::onnx::{Graph, Model, Options, ReadError, read_model, read_tensor};
use serde_json::Value as Json;

use crate::compare::compare_within;
use crate::{DataFile, Outcome};

/// Tolerances of ONNX's backend test suite, for cases that state none.
const RTOL: f64 = 1e-3;
const ATOL: f64 = 1e-7;

/// Runs one case of an index; its model and tensors are `folder/PATH/..` among `files`.
pub(crate) fn check(case: &Json, folder: &str, files: &[DataFile<'_>]) -> Outcome {
    match run(case, folder, files) {
        Ok(()) => Outcome::Passed,
        Err(Stop::Wrong(reason)) => Outcome::Failed(reason),
        Err(Stop::Outside(reason)) => Outcome::Skipped(reason),
    }
}

fn run(case: &Json, folder: &str, files: &[DataFile<'_>]) -> Result<(), Stop> {
    let path = case["path"].as_str().or(case["name"].as_str()).ok_or("the case has no path")?;
    let file = |name: &str| {
        let path = format!("{folder}/{path}/{name}");
        let found = files.iter().find(|file| file.path == path);
        found.map(|file| file.bytes).ok_or(format!("there is no file {path}"))
    };
    let model = read_model(&mut file("model.onnx")?, Options::default()).map_err(unread("model"))?;
    if let Some(reason) = outside::reason(&model) {
        return Err(Stop::Outside(reason));
    }
    let tensor = |name: String| -> Result<Value, Stop> {
        let tensor = read_tensor(&mut file(&format!("test_data_set_0/{name}"))?, Options::default());
        Value::new(tensor.map_err(unread(&name))?)
    };

    let mut values = constants(&model.graph)?;
    let inputs = model.graph.inputs.iter().filter(|input| model.graph.initializer(&input.name).is_none());
    for (k, input) in inputs.enumerate() {
        values.insert(input.name.clone(), tensor(format!("input_{k}.pb"))?);
    }
    compute(&model, &mut values)?;

    let [rtol, atol] =
        [("rtol", RTOL), ("atol", ATOL)].map(|(key, usual)| case[key].as_f64().unwrap_or(usual));
    for (k, output) in model.graph.outputs.iter().enumerate() {
        let expected = tensor(format!("output_{k}.pb"))?;
        let ours = values.get(&output.name).ok_or_else(|| format!("nothing gives {:?}", output.name))?;
        compare(ours, &expected, rtol, atol).map_err(|reason| format!("output {k}: {reason}"))?;
    }
    Ok(())
}

fn unread(what: &str) -> impl Fn(ReadError) -> String {
    move |error| format!("{what}: {error}")
}

fn constants(graph: &Graph) -> Result<BTreeMap<String, Value>, Stop> {
    let constants = graph.initializers.iter();
    constants.map(|tensor| Ok((tensor.name.clone(), Value::new(tensor.clone())?))).collect()
}

/// Computes every node and adds what it gives to `values`.
fn compute(model: &Model, values: &mut BTreeMap<String, Value>) -> Result<(), Stop> {
    let opset = model.opset().ok_or("the model names no opset")?;
    for node in &model.graph.nodes {
        let input = |name: &String| match name.as_str() {
            "" => Ok(None),
            name => values.get(name).map(Some).ok_or_else(|| format!("nothing gives {name:?}")),
        };
        let inputs = node.inputs.iter().map(input).collect::<Result<Vec<_>, _>>()?;
        let outputs = operate(&Call { node, opset, inputs })
            .map_err(|stop| stop.map(|reason| format!("{}: {reason}", node.op_type)))?;
        if outputs.len() < node.outputs.len() {
            let (ours, asked) = (outputs.len(), node.outputs.len());
            return Err(format!("{} gives {ours} outputs, {asked} are asked for", node.op_type).into());
        }
        values.extend(node.outputs.iter().cloned().zip(outputs));
    }
    Ok(())
}

/// The outputs of one node.
fn operate(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    if !matches!(call.node.domain.as_str(), "" | "ai.onnx") {
        return Err(format!("operators of {} are not built", call.node.domain).into());
    }
    match call.node.op_type.as_str() {
        "Conv" => windows::conv(call),
        "ConvTranspose" => windows::conv_transpose(call),
        "MaxPool" => windows::max_pool(call),
        "AveragePool" => windows::average_pool(call),
        "LpPool" => windows::lp_pool(call),
        "GlobalAveragePool" => windows::global_average_pool(call),
        "GlobalMaxPool" => windows::global_max_pool(call),
        "GlobalLpPool" => windows::global_lp_pool(call),
        "Upsample" => windows::upsample(call),
        "Softmax" => pointwise::softmax(call),
        "LogSoftmax" => pointwise::log_softmax(call),
        "BatchNormalization" => pointwise::batch_norm(call),
        "PRelu" => pointwise::prelu(call),
        "Dropout" => pointwise::dropout(call),
        "Add" | "Sub" | "Mul" | "Div" => arithmetic::of_two(call),
        "Sum" => arithmetic::sum(call),
        "Gemm" => matrix::gemm(call),
        "MatMul" => matrix::matmul(call),
        "Pad" => reorder::pad(call),
        "Concat" => reorder::concat(call),
        "Transpose" => reorder::transpose(call),
        "Flatten" => reorder::flatten(call),
        "Reshape" => reorder::reshape(call),
        "Squeeze" => reorder::squeeze(call),
        "Unsqueeze" => reorder::unsqueeze(call),
        "Identity" => Ok(vec![call.input(0)?.clone()]),
        "Constant" => call.constant(),
        _ => pointwise::activation(call),
    }
}

/// Shapes are equal, integers too, and real numbers within `atol + rtol * |expected|`.
fn compare(ours: &Value, expected: &Value, rtol: f64, atol: f64) -> Result<(), String> {
    if ours.shape != expected.shape {
        return Err(format!("shape {:?}, expected {:?}", ours.shape, expected.shape));
    }
    let widened = |values: &[f32]| values.iter().map(|&value| f64::from(value)).collect::<Vec<_>>();
    match (&ours.numbers, &expected.numbers) {
        (Numbers::Floats(ours), Numbers::Floats(expected)) => {
            let tolerance = |expected: f64| atol + rtol * expected.abs();
            compare_within(&widened(ours), &widened(expected), tolerance)
        }
        (Numbers::Ints(ours), Numbers::Ints(expected)) => {
            match ours.iter().zip(expected).position(|(ours, expected)| ours != expected) {
                None => Ok(()),
                Some(i) => Err(format!("value {i} is {}, expected {}", ours[i], expected[i])),
            }
        }
        _ => Err("one holds real numbers, the other integers".to_owned()),
    }
}

#[cfg(test)]
mod tests;
