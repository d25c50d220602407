//! Every committed case passes, and none has vanished.
#![cfg(not(target_arch = "wasm32"))]

use convscope_conformance::{DataFile, Selection, run};

#[track_caller]
fn check(path: &str, bytes: &[u8], n_cases: usize) {
    let report = run(&[DataFile { path, bytes }], Selection::default());
    assert_eq!(report.failed, []);
    assert_eq!(report.passed, n_cases);
}

#[test]
fn conv2d_gives_the_values_of_pytorch() {
    check("ops/conv2d.jsonl", include_bytes!("../../../tests/data/ops/conv2d.jsonl"), 102);
}

#[test]
fn sizes_and_counts_are_those_of_pytorch() {
    check("ops/shapes.jsonl", include_bytes!("../../../tests/data/ops/shapes.jsonl"), 330);
}

#[test]
fn what_pytorch_refuses_is_refused_for_the_same_reason() {
    check("ops/invalid.jsonl", include_bytes!("../../../tests/data/ops/invalid.jsonl"), 88);
}

#[test]
fn padding_is_resolved_as_in_onnx() {
    check("ops/auto_pad.jsonl", include_bytes!("../../../tests/data/ops/auto_pad.jsonl"), 17);
}

#[test]
fn rules_give_the_sizes_and_padding_of_each_framework() {
    check("ops/rules.jsonl", include_bytes!("../../../tests/data/ops/rules.jsonl"), 180);
}

#[test]
fn transposed_convolutions_give_the_values_of_pytorch() {
    check("ops/conv_transpose2d.jsonl", include_bytes!("../../../tests/data/ops/conv_transpose2d.jsonl"), 35);
}

#[test]
fn maxima_and_where_they_stand_are_those_of_pytorch() {
    check("ops/max_pool2d.jsonl", include_bytes!("../../../tests/data/ops/max_pool2d.jsonl"), 42);
}

#[test]
fn averages_are_those_of_pytorch() {
    check("ops/avg_pool2d.jsonl", include_bytes!("../../../tests/data/ops/avg_pool2d.jsonl"), 45);
}

#[test]
fn adaptive_pools_give_the_values_of_pytorch() {
    check("ops/adaptive_pool2d.jsonl", include_bytes!("../../../tests/data/ops/adaptive_pool2d.jsonl"), 14);
}

#[test]
fn operations_without_windows_give_the_values_of_pytorch() {
    check("ops/pointwise.jsonl", include_bytes!("../../../tests/data/ops/pointwise.jsonl"), 16);
}

#[test]
fn gradients_of_convolutions_are_those_of_pytorch() {
    check("ops/conv2d_grad.jsonl", include_bytes!("../../../tests/data/ops/conv2d_grad.jsonl"), 26);
}

#[test]
fn other_gradients_are_those_of_pytorch() {
    check("ops/other_grad.jsonl", include_bytes!("../../../tests/data/ops/other_grad.jsonl"), 11);
}

macro_rules! network {
    ($name:literal) => {
        [
            DataFile {
                path: concat!("nets/", $name, ".json"),
                bytes: include_bytes!(concat!("../../../tests/data/nets/", $name, ".json")),
            },
            DataFile {
                path: concat!("rf/nets/", $name, ".json"),
                bytes: include_bytes!(concat!("../../../tests/data/rf/nets/", $name, ".json")),
            },
        ]
    };
}

/// Each network, and its receptive fields.
const NETWORKS: [[DataFile<'static>; 2]; 9] = [
    network!("alexnet"),
    network!("convnext_tiny"),
    network!("efficientnet_b0"),
    network!("googlenet"),
    network!("mobilenet_v2"),
    network!("resnet18"),
    network!("resnet50"),
    network!("shufflenet_v2_x1_0"),
    network!("vgg16"),
];

#[test]
fn networks_have_the_shapes_costs_and_fields_of_pytorch() {
    let report = run(&NETWORKS.concat(), Selection::default());
    assert_eq!(report.failed, []);
    assert_eq!(report.passed, 18);
}

#[test]
fn fields_of_random_chains_are_those_of_gradients() {
    check("rf/stacks.jsonl", include_bytes!("../../../tests/data/rf/stacks.jsonl"), 20);
}

#[test]
fn cases_of_onnx_pass_but_for_what_is_left_out() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_conformance"))
        .args(["--only", "onnx-node"])
        .output()
        .expect("the command starts");
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(lines.lines().last(), Some("42 passed, 0 failed, 11 skipped"), "{lines}");
    assert!(output.status.success());
}

macro_rules! export {
    ($name:literal, $net:literal) => {
        [
            DataFile {
                path: concat!("onnx-graph/", $name, ".shapes.json"),
                bytes: include_bytes!(concat!("../../../tests/data/onnx-graph/", $name, ".shapes.json")),
            },
            DataFile {
                path: concat!("onnx-graph/", $name, ".external.onnx"),
                bytes: include_bytes!(concat!("../../../tests/data/onnx-graph/", $name, ".external.onnx")),
            },
            DataFile {
                path: concat!("onnx-graph/", $name, ".inputs.onnx"),
                bytes: include_bytes!(concat!("../../../tests/data/onnx-graph/", $name, ".inputs.onnx")),
            },
            DataFile {
                path: concat!("nets/", $net, ".json"),
                bytes: include_bytes!(concat!("../../../tests/data/nets/", $net, ".json")),
            },
            DataFile {
                path: concat!("rf/nets/", $net, ".json"),
                bytes: include_bytes!(concat!("../../../tests/data/rf/nets/", $net, ".json")),
            },
        ]
    };
}

/// Each export, in the two files in which its weights are left out.
const EXPORTS: [[DataFile<'static>; 5]; 5] = [
    export!("resnet18", "resnet18"),
    export!("resnet18.dynamo", "resnet18"),
    export!("resnet18.sharedinit", "resnet18"),
    export!("mobilenet_v2", "mobilenet_v2"),
    export!("mobilenet_v2.dynamo", "mobilenet_v2"),
];

#[test]
fn exported_networks_have_the_shapes_and_costs_of_their_files() {
    for files in EXPORTS {
        let report = run(&files, Selection::new("onnx-graph"));
        assert_eq!(report.failed, [], "{}", files[0].path);
        assert_eq!(report.passed, 2, "{}", files[0].path);
    }
}
