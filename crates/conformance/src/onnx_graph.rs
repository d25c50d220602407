//! Exported networks: the graph that the reader makes of a model has the shape of every value, and the costs of
//! the network of the same name.

use std::collections::BTreeMap;

use convscope_formats::onnx::network::{MAX_VALUES, network};
use convscope_formats::onnx::{Options, read_model};
use serde_json::Value as Json;

use crate::DataFile;
use crate::outcome::same;

/// The two files of each network, by what becomes of its weights.
pub(crate) const VARIANTS: [&str; 2] = ["external", "inputs"];

/// Checks `onnx-graph/NAME.VARIANT.onnx` against `onnx-graph/NAME.shapes.json` and `nets/NET.json`.
pub(crate) fn check(
    family: &str,
    variant: &str,
    shapes: &Json,
    files: &[DataFile<'_>],
) -> Result<(), String> {
    let file = |path: String| {
        let found = files.iter().find(|file| file.path == path);
        found.map(|file| file.bytes).ok_or(format!("there is no file {path}"))
    };
    let stem = family.strip_suffix(".shapes").ok_or("the file is no list of shapes")?;
    let mut bytes = file(format!("{stem}.{variant}.onnx"))?;
    let options = Options { max_values: MAX_VALUES, ..Options::default() };
    let model = read_model(&mut bytes, options).map_err(|error| error.to_string())?;
    let network = network(&model, [224, 224]).map_err(|error| error.to_string())?;
    if let Some(note) = network.reading.notes.first() {
        return Err(format!("there is a note: {note:?}"));
    }

    let expected: BTreeMap<&String, Option<Vec<u64>>> = shapes["shapes"]
        .as_object()
        .ok_or("no shapes are listed")?
        .iter()
        .map(|(name, shape)| {
            (name, shape.as_array().and_then(|sizes| sizes.iter().map(Json::as_u64).collect()))
        })
        .collect();
    for (name, expected) in &expected {
        let expected = expected.as_ref().ok_or_else(|| format!("{name} has no shape in the list"))?;
        let ours = network.shapes.get(*name).ok_or_else(|| format!("{name} has no shape"))?;
        same(name, ours.sizes(), expected.as_slice())?;
    }

    let graph = &network.reading.graph;
    let totals = graph.analyse().totals();
    let name = shapes["model"].as_str().unwrap_or_default();
    let net = name.split('.').next().unwrap_or_default();
    let net: Json =
        serde_json::from_slice(file(format!("nets/{net}.json"))?).map_err(|error| error.to_string())?;
    let count = |key: &str| net["totals"][key].as_u64().map(u128::from).ok_or(format!("{key} is no count"));
    same("macs", totals.macs, count("macs")?)?;
    if !name.contains("dynamo") {
        same("params", totals.params, count("params")?)?;
    }
    Ok(())
}
