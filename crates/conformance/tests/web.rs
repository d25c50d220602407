//! The committed cases in a browser, where `usize` has 32 bits.
#![cfg(target_arch = "wasm32")]

use convscope_conformance::{DataFile, Selection, run};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[track_caller]
fn check(family: &str, text: &str, n_cases: usize) {
    let report = run(&[DataFile { family, text }], Selection::default());
    assert_eq!(report.failed, []);
    assert_eq!(report.passed, n_cases);
}

#[wasm_bindgen_test]
fn conv2d_gives_the_values_of_pytorch() {
    check("ops/conv2d", include_str!("../../../tests/data/ops/conv2d.jsonl"), 102);
}

#[wasm_bindgen_test]
fn sizes_and_counts_are_those_of_pytorch() {
    check("ops/shapes", include_str!("../../../tests/data/ops/shapes.jsonl"), 173);
}

#[wasm_bindgen_test]
fn what_pytorch_refuses_is_refused_for_the_same_reason() {
    check("ops/invalid", include_str!("../../../tests/data/ops/invalid.jsonl"), 34);
}
