//! Whole networks: a graph from type, inputs and geometry of each row, and what is compared of it.

mod decode;
mod fields;
mod stack;

use crate::outcome::same;
use convscope_core::graph::{Analysis, Graph, NodeId, Shape, Value};
use serde_json::Value as Json;

pub(crate) use fields::{check_field, check_fields};
pub(crate) use stack::check_stack;

/// A graph, and each row's name, type and node.
pub(crate) struct Net {
    pub(crate) graph: Graph,
    pub(crate) rows: Vec<(String, String, NodeId)>,
}

/// Every row's shape, parameters, buffers, elements and MACs, and the totals.
pub(crate) fn check_net(file: &Json) -> Result<(), String> {
    let net = decode::net(file)?;
    let analysis = net.graph.analyse();
    let rows = list(file, "layers")?;
    for (row, (name, _, id)) in rows.iter().zip(&net.rows) {
        check_row(row, &analysis, *id).map_err(|difference| format!("{name}: {difference}"))?;
    }
    let (totals, of) = (analysis.totals(), &file["totals"]);
    let peak = analysis.peak().ok_or("the graph is empty")?;
    same("params", totals.params, count(of, "params")?)?;
    same("buffers", totals.buffers, count(of, "buffers")?)?;
    same("macs", totals.macs, count(of, "macs")?)?;
    same(
        "elements",
        totals.output_elements,
        count(of, "activation_elems_all_nodes")? + count(of, "input_elems")?,
    )?;
    same("peak", peak.elements, count(of, "peak_live_elems_inference")?)?;
    same("peak at", peak.node.index() as u128, count(of, "peak_live_at_layer")?)
}

fn check_row(row: &Json, analysis: &Analysis, id: NodeId) -> Result<(), String> {
    let value = analysis.value(id).map_err(|error| format!("refused: {error}"))?;
    let expected = match row["out_shape"].get(0) {
        Some(Json::Array(_)) => {
            Value::List(list(row, "out_shape")?.iter().map(shape).collect::<Result<_, _>>()?)
        }
        _ => Value::Tensor(shape(&row["out_shape"])?),
    };
    same("out_shape", value, &expected)?;
    let cost = analysis.cost(id).ok_or("there is no cost")?;
    same("params", u128::from(cost.params), count(row, "params")?)?;
    same("buffers", u128::from(cost.buffers), count(row, "buffers")?)?;
    same("out_elems", u128::from(cost.output_elements), count(row, "out_elems")?)?;
    same("macs", cost.macs, count(row, "macs")?)
}

fn list<'a>(of: &'a Json, key: &str) -> Result<&'a Vec<Json>, String> {
    of[key].as_array().ok_or_else(|| format!("{key} is no list"))
}

fn count(of: &Json, key: &str) -> Result<u128, String> {
    of[key].as_u64().map(u128::from).ok_or_else(|| format!("{key} is no count"))
}

fn shape(sizes: &Json) -> Result<Shape, String> {
    let sizes = sizes.as_array().and_then(|sizes| sizes.iter().map(Json::as_u64).collect::<Option<Vec<_>>>());
    sizes.map(Shape::new).ok_or_else(|| "a shape is no list of counts".to_owned())
}
