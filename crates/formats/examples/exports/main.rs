//! Prints every network of `cases.rs` with its texts and numbers as JSON, for `tests/code/exports.py` to run.

#[allow(dead_code, reason = "the tests use more of it")]
mod cases;

use convscope_core::graph::{Op, Value};
use convscope_formats::write::{Target, names, write};
use serde_json::{Map, Value as Json, json};

const TARGETS: [(Target, &str); 4] =
    [(Target::PyTorch, "PyTorch"), (Target::Keras, "Keras"), (Target::Jax, "JAX"), (Target::Onnx, "ONNX")];

fn main() {
    let cases: Vec<Json> = cases::cases()
        .iter()
        .map(|case| {
            let analysis = case.graph.analyse();
            let texts = TARGETS.map(|(target, name)| match write(&case.graph, target) {
                Ok(text) => (name.to_owned(), json!({ "text": text, "hash": cases::hash(&text) })),
                Err(refusal) => (name.to_owned(), json!({ "refusal": refusal.to_string() })),
            });
            // Of a list, the shape of each part.
            let shapes = case.graph.ids().map(|id| match analysis.value(id) {
                Ok(Value::Tensor(shape)) => json!(shape.sizes()),
                Ok(Value::List(shapes)) => json!(shapes.iter().map(|it| it.sizes()).collect::<Vec<_>>()),
                Err(_) => Json::Null,
            });
            json!({
                "name": case.name,
                "small": case.is_small,
                "names": names(&case.graph),
                "shapes": shapes.collect::<Vec<_>>(),
                "given": case.graph.ids().filter(|&id| matches!(case.graph.node(id).op, Op::Input(_)))
                    .map(|id| id.index()).collect::<Vec<_>>(),
                "params": u64::try_from(analysis.totals().params).ok(),
                "texts": Map::from_iter(texts),
            })
        })
        .collect();
    println!("{}", Json::Array(cases));
}
