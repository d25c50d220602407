//! Prints every case of code as JSON, for `tests/code/freeze.py` to run in the frameworks.

#![expect(clippy::unwrap_used, reason = "a case that is none is a mistake here")]

mod cases;

use convscope_page::code::Framework;
use serde_json::{Value, json};

fn main() {
    let cases: Vec<Value> = cases::cases()
        .iter()
        .map(|case| {
            let code = |framework: Framework| (framework.name().to_owned(), case.code(framework).into());
            json!({
                "name": case.name,
                "code": serde_json::Map::from_iter(Framework::ALL.map(code)),
                "output_shape": case.output_shape(),
                "output": case.output().map(|it| it.into_iter().map(number).collect::<Vec<_>>()),
            })
        })
        .collect();
    println!("{}", serde_json::to_string(&cases).unwrap());
}

/// JSON has no infinities.
fn number(value: f32) -> Value {
    if value == f32::NEG_INFINITY { "-Infinity".into() } else { json!(value) }
}
