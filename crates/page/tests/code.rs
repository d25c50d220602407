//! Snippets as they were run in the frameworks: the texts have not changed since, and the core gives what came
//! out. `tests/code/freeze.py` runs them and writes `tests/data/code`.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "../examples/snippets/cases.rs"]
mod cases;

use cases::Case;
use convscope_page::code::Framework;
use serde_json::Value;

/// What was frozen of one framework.
fn frozen(framework: Framework) -> Value {
    serde_json::from_str(match framework {
        Framework::PyTorch => include_str!("../../../tests/data/code/pytorch.json"),
        Framework::Keras => include_str!("../../../tests/data/code/keras.json"),
        Framework::Jax => include_str!("../../../tests/data/code/jax.json"),
        Framework::Onnx => include_str!("../../../tests/data/code/onnx.json"),
    })
    .unwrap()
}

/// Each case with what was frozen of it.
fn pairs(framework: Framework) -> Vec<(Case, Value)> {
    let frozen = frozen(framework)["cases"].as_array().unwrap().clone();
    let cases = cases::cases();
    let names: Vec<&str> = cases.iter().map(|case| case.name).collect();
    let frozen_names: Vec<&str> = frozen.iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, frozen_names, "cases were added or left out since {} ran them", framework.name());
    cases.into_iter().zip(frozen).collect()
}

#[test]
fn every_snippet_is_the_one_that_ran() {
    for framework in Framework::ALL {
        for (case, frozen) in pairs(framework) {
            let code = case.code(framework);
            assert_eq!(code, frozen["code"], "{} {}: run it anew", framework.name(), case.name);
        }
    }
}

#[test]
fn every_framework_gave_the_output_of_the_core() {
    let mut n_compared = 0;
    for framework in Framework::ALL {
        for (case, frozen) in pairs(framework) {
            let Some(ours) = case.output() else {
                assert_eq!(frozen["output"], Value::Null);
                continue;
            };
            let theirs: Vec<f32> = frozen["output"].as_array().unwrap().iter().map(number).collect();
            assert_eq!(ours.len(), theirs.len(), "{} {}", framework.name(), case.name);
            assert_eq!(ours.len() as u64, case.output_shape().iter().product::<u64>());
            for (ours, theirs) in ours.iter().zip(&theirs) {
                let near = ours == theirs || (ours - theirs).abs() <= 1e-5 + 1e-5 * theirs.abs();
                assert!(near, "{} {}: {ours} and {theirs}", framework.name(), case.name);
            }
            n_compared += 1;
        }
    }
    assert_eq!(n_compared, 4 * 81);
}

/// JSON has no infinities.
fn number(value: &Value) -> f32 {
    if value == "-Infinity" { f32::NEG_INFINITY } else { value.as_f64().unwrap() as f32 }
}

#[test]
fn versions_are_those_that_the_script_asks_for() {
    let required = include_str!("../../../tests/code/requirements.txt");
    for framework in Framework::ALL {
        let versions = frozen(framework)["versions"].as_object().unwrap().clone();
        assert!(!versions.is_empty());
        for (package, version) in versions {
            // A build for one accelerator or another has its name after the version.
            let version = version.as_str().unwrap().split('+').next().unwrap();
            let line = [package.as_str(), "==", version].concat();
            assert!(required.lines().any(|it| it == line), "{line} is not in tests/code/requirements.txt");
        }
    }
}

#[test]
fn lines_fit_beside_a_figure() {
    for case in cases::cases() {
        for framework in Framework::ALL {
            for line in case.code(framework).lines() {
                assert!(line.chars().count() <= 64, "{} {}: {line}", framework.name(), case.name);
                assert_eq!(line.trim_end(), line);
            }
        }
    }
}
