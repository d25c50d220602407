//! Exported networks: the graph that the reader makes of a model has the shape of every value, and the costs and
//! receptive fields of the network of the same name.

use std::collections::BTreeMap;

use convscope_core::Layer;
use convscope_core::graph::{Analysis, Op};
use convscope_formats::onnx::network::{MAX_VALUES, network};
use convscope_formats::onnx::{Options, read_model};
use serde_json::Value as Json;

use crate::DataFile;
use crate::net::check_field;
use crate::outcome::same;

/// The two files of each network, by what becomes of its weights.
pub(crate) const VARIANTS: [&str; 2] = ["external", "inputs"];

/// Checks `onnx-graph/NAME.VARIANT.onnx` against `onnx-graph/NAME.shapes.json`, `nets/NET.json` and
/// `rf/nets/NET.json`.
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

    let analysis = network.reading.graph.analyse();
    let totals = analysis.totals();
    let name = shapes["model"].as_str().unwrap_or_default();
    let net = name.split('.').next().unwrap_or_default();
    let json = |path: String| -> Result<Json, String> {
        serde_json::from_slice(file(path)?).map_err(|error| error.to_string())
    };
    let (net, fields) = (json(format!("nets/{net}.json"))?, json(format!("rf/nets/{net}.json"))?);
    let count = |key: &str| net["totals"][key].as_u64().map(u128::from).ok_or(format!("{key} is no count"));
    same("macs", totals.macs, count("macs")?)?;
    let params = if name.contains("dynamo") { folded_params(shapes)? } else { count("params")? };
    same("params", totals.params, params)?;
    check_fields(&analysis, &fields)
}

/// Parameters where norms are folded into what stands before them: the weights that are left.
fn folded_params(shapes: &Json) -> Result<u128, String> {
    let nodes = shapes["nodes"].as_array().ok_or("no nodes are listed")?;
    let layers = nodes.iter().filter(|node| matches!(node["op"].as_str(), Some("Conv" | "Gemm")));
    let weights = layers.flat_map(|node| node["inputs"].as_array().into_iter().flatten().skip(1));
    let elements = |name: &Json| {
        let sizes = shapes["shapes"][name.as_str()?].as_array()?;
        sizes.iter().map(|size| size.as_u64().map(u128::from)).product::<Option<u128>>()
    };
    weights.map(elements).sum::<Option<u128>>().ok_or("a weight has no shape".to_owned())
}

/// Convolutions, pools and sums have the fields that are listed, in the order in which they are computed.
fn check_fields(analysis: &Analysis, file: &Json) -> Result<(), String> {
    let graph = analysis.graph();
    let listed = file["layers"].as_array().ok_or("no fields are listed")?;
    for kind in ["Conv2d", "MaxPool2d", "AvgPool2d", "add"] {
        let is_kind = |op: &Op| match op {
            Op::Layer(Layer::Conv2d(_)) => kind == "Conv2d",
            Op::Layer(Layer::MaxPool2d(_)) => kind == "MaxPool2d",
            Op::Layer(Layer::AvgPool2d(..)) => kind == "AvgPool2d",
            Op::Arithmetic(_) => kind == "add",
            _ => false,
        };
        let ours: Vec<_> = graph.ids().filter(|id| is_kind(&graph.node(*id).op)).collect();
        let theirs: Vec<&Json> = listed.iter().filter(|layer| layer["type"] == kind).collect();
        same(kind, ours.len(), theirs.len())?;
        for (id, layer) in ours.into_iter().zip(theirs) {
            let name = &layer["name"];
            let fields = analysis.fields(id).ok_or_else(|| format!("{name} is impossible"))?;
            for (side, field) in fields.iter().enumerate() {
                check_field(layer, side, field)
                    .map_err(|difference| format!("{name}, axis {side}: {difference}"))?;
            }
        }
    }
    Ok(())
}
