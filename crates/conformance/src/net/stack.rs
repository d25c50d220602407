//! Receptive fields of random chains, some with transposed convolutions, where they depend on the unit.

use super::fields::check_field;
use super::{decode, list};
use crate::outcome::same;
use convscope_core::graph::{Field, Graph, Op, Shape};
use serde_json::Value as Json;

/// Cells of the input that the fields were measured on, on either axis.
const INPUT_LEN: u64 = 600;

/// Compares the fields of every layer of a chain.
pub(crate) fn check_stack(row: &Json) -> Result<(), String> {
    let mut graph = Graph::new();
    let input = Op::Input(Shape::from([1, 1, INPUT_LEN, INPUT_LEN]));
    let mut last = graph.push("input", input, &[]).map_err(|error| error.to_string())?;
    let mut ids = Vec::new();
    for layer in list(row, "stack")? {
        let kind = layer["type"].as_str().unwrap_or_default();
        let op = Op::Layer(decode::layer(kind, layer)?);
        last = graph.push(kind, op, &[last]).map_err(|error| error.to_string())?;
        ids.push(last);
    }
    let analysis = graph.analyse();
    let layers = list(row, "layers")?;
    if layers.is_empty() || layers.len() != ids.len() {
        return Err(format!("{} layers are listed of {}", layers.len(), ids.len()));
    }
    for ((i, layer), &id) in layers.iter().enumerate().zip(&ids) {
        let fields = analysis.fields(id).ok_or_else(|| format!("layer {i} is impossible"))?;
        for (side, field) in fields.iter().enumerate() {
            let compared = match layer.get("units") {
                None => check_field(layer, side, field),
                Some(_) => check_units(layer, side, field),
            };
            compared.map_err(|difference| format!("layer {i}, axis {side}: {difference}"))?;
        }
    }
    Ok(())
}

/// Each listed unit's first and last cell, the jump as a fraction, and the sizes that occur.
fn check_units(layer: &Json, side: usize, field: &Field) -> Result<(), String> {
    let field = field.periodic().ok_or_else(|| format!("has no period: {field:?}"))?;
    let jump = field.jump();
    let ours = [i64::try_from(jump.numerator()).ok(), Some(jump.denominator().cast_signed())];
    same("jump", ours, [layer["jump"][side][0].as_i64(), layer["jump"][side][1].as_i64()])?;
    let mut sizes = field.sizes();
    sizes.sort_unstable();
    sizes.dedup();
    let expected = layer["rf_values"][side].as_array().ok_or("no sizes are listed")?;
    same(
        "rf_values",
        sizes.into_iter().map(Some).collect(),
        expected.iter().map(Json::as_u64).collect::<Vec<_>>(),
    )?;
    same("rf_max", Some(field.size()), layer["rf_max"][side].as_u64())?;
    let units = layer["units"][side].as_array().ok_or("no units are listed")?;
    for unit in units {
        let index = unit[0].as_i64().ok_or("a unit has no index")?;
        let span = field.span(index).map_err(|error| format!("unit {index}: {error}"))?;
        same(
            &format!("unit {index}"),
            span,
            unit[1].as_i64().zip(unit[2].as_i64()).map(|(lo, hi)| [lo, hi]),
        )?;
    }
    if units.is_empty() { Err("no unit is listed".to_owned()) } else { Ok(()) }
}
