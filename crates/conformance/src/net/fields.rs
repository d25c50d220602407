//! Receptive fields of networks: size, jump, start and support at every listed layer.

use super::{Net, decode, list};
use crate::outcome::same;
use convscope_core::graph::Field;
use serde_json::Value as Json;

/// Compares the fields listed in `file` with those of the network in `net`.
pub(crate) fn check_fields(file: &Json, net: &Json) -> Result<(), String> {
    let net = decode::net(net)?;
    let analysis = net.graph.analyse();
    let layers = list(file, "layers")?;
    for layer in layers {
        let name = layer["name"].as_str().unwrap_or_default();
        let id = find(&net, name).ok_or_else(|| format!("the network has no {name}"))?;
        let fields = analysis.fields(id).ok_or_else(|| format!("{name} is impossible"))?;
        for (side, field) in fields.iter().enumerate() {
            check_field(layer, side, field)
                .map_err(|difference| format!("{name}, axis {side}: {difference}"))?;
        }
    }
    if layers.is_empty() {
        return Err("no layer is listed".to_owned());
    }
    match file["se_gates_bypassed"].as_u64() {
        Some(gates) => same("gates", analysis.n_gates(), gates),
        None => Ok(()),
    }
}

fn find(net: &Net, name: &str) -> Option<convscope_core::graph::NodeId> {
    net.rows.iter().find(|(own, ..)| own == name).map(|(.., id)| *id)
}

/// One axis of a field without phases.
pub(crate) fn check_field(layer: &Json, side: usize, field: &Field) -> Result<(), String> {
    let whole = |key: &str| layer[key][side].as_i64();
    let ours = field.uniform().ok_or_else(|| format!("has no size, jump and start: {field:?}"))?;
    let support = field.periodic().map(|field| field.support());
    same("rf", Some(ours.size.cast_signed()), whole("rf"))?;
    same("jump", Some(ours.jump.cast_signed()), whole("jump"))?;
    same("first_unit_lo", Some(ours.start), whole("first_unit_lo"))?;
    same("support", support, whole("support").and_then(|support| u128::try_from(support).ok()))
}
