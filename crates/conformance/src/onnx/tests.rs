//! What the cases of ONNX that are kept here do not touch: older opsets, odd forms, and what must not pass.

use convscope_formats::onnx::{Attribute, Node, Value as Given};
use serde_json::json;

use super::*;

fn node(op_type: &str, attributes: &[(&str, Given)], n_outputs: usize) -> Node {
    let attributes = attributes.iter();
    Node {
        op_type: op_type.to_owned(),
        outputs: vec!["y".to_owned(); n_outputs],
        attributes: attributes
            .map(|(name, value)| Attribute { name: (*name).to_owned(), value: value.clone() })
            .collect(),
        ..Node::default()
    }
}

fn floats(shape: &[u64], values: &[f32]) -> Value {
    Value::floats(shape, values.to_vec())
}

fn ramp(shape: &[u64]) -> Value {
    Value::floats(shape, (0..shape.iter().product()).map(|i| i as f32).collect())
}

fn outputs(opset: i64, node: &Node, inputs: &[&Value]) -> Result<Vec<Value>, Stop> {
    operate(&Call { node, opset, inputs: inputs.iter().map(|&input| Some(input)).collect() })
}

#[track_caller]
fn check(opset: i64, op: &str, attributes: &[(&str, Given)], inputs: &[&Value], expected: Value) {
    assert_eq!(outputs(opset, &node(op, attributes, 1), inputs), Ok(vec![expected]));
}

#[test]
fn softmax_before_opset_13_takes_all_later_axes_as_one() {
    let input = floats(&[1, 2, 2], &[0.0; 4]);
    check(12, "Softmax", &[], &[&input], floats(&[1, 2, 2], &[0.25; 4]));
    check(13, "Softmax", &[], &[&input], floats(&[1, 2, 2], &[0.5; 4]));
    let one = Given::Int(2);
    check(11, "Softmax", &[("axis", one)], &[&input], floats(&[1, 2, 2], &[0.5; 4]));
}

#[test]
fn arithmetic_before_opset_7_aligns_the_second_tensor_by_axis() {
    let (a, b) = (ramp(&[2, 3, 1]), floats(&[2], &[10.0, 20.0]));
    let by_axis = [("broadcast", Given::Int(1)), ("axis", Given::Int(0))];
    check(6, "Add", &by_axis, &[&a, &b], floats(&[2, 3, 1], &[10.0, 11.0, 12.0, 23.0, 24.0, 25.0]));
    assert!(outputs(6, &node("Add", &[], 1), &[&a, &b]).is_err());
    // From 7 on the last axes meet.
    let sum = [10.0, 20.0, 11.0, 21.0, 12.0, 22.0, 13.0, 23.0, 14.0, 24.0, 15.0, 25.0];
    check(7, "Add", &[], &[&a, &b], floats(&[2, 3, 2], &sum));
}

#[test]
fn places_of_maxima_count_over_all_maps_by_rows_or_by_columns() {
    let kernel = ("kernel_shape", Given::Ints(vec![2, 2]));
    let maxima = floats(&[1, 2, 1, 2], &[4.0, 5.0, 10.0, 11.0]);
    for (storage_order, places) in [(0, [4, 5, 10, 11]), (1, [3, 5, 9, 11])] {
        let node = node("MaxPool", &[kernel.clone(), ("storage_order", Given::Int(storage_order))], 2);
        let outputs = outputs(12, &node, &[&ramp(&[1, 2, 2, 3])]);
        assert_eq!(outputs, Ok(vec![maxima.clone(), Value::ints([1, 2, 1, 2], places.to_vec())]));
    }
}

#[test]
fn a_last_window_of_padding_alone_is_kept_before_opset_22() {
    let attributes = [
        ("kernel_shape", Given::Ints(vec![1])),
        ("strides", Given::Ints(vec![2])),
        ("pads", Given::Ints(vec![0, 1])),
        ("ceil_mode", Given::Int(1)),
    ];
    let input = floats(&[1, 1, 2], &[3.0, 4.0]);
    for (opset, cells) in [(11, vec![3.0, 0.0]), (22, vec![3.0])] {
        let shape = [1, 1, cells.len() as u64];
        check(opset, "AveragePool", &attributes, &[&input], Value::floats(shape, cells));
    }
}

#[test]
fn one_spatial_axis_is_a_map_of_height_1() {
    let (input, weight) = (ramp(&[1, 1, 5]), floats(&[1, 1, 2], &[1.0, 10.0]));
    let attributes = [("strides", Given::Ints(vec![2])), ("pads", Given::Ints(vec![1, 0]))];
    check(11, "Conv", &attributes, &[&input, &weight], floats(&[1, 1, 3], &[0.0, 21.0, 43.0]));
    let same = [("auto_pad", Given::Text("SAME_UPPER".to_owned()))];
    let cells = [10.0, 21.0, 32.0, 43.0, 4.0];
    check(11, "Conv", &same, &[&input, &weight], floats(&[1, 1, 5], &cells));
    check(1, "GlobalMaxPool", &[], &[&input], floats(&[1, 1, 1], &[4.0]));
}

#[test]
fn transposed_convolutions_may_name_their_output() {
    let (input, weight) = (ramp(&[1, 1, 2, 2]), floats(&[1, 1, 1, 1], &[1.0]));
    let attributes = [("strides", Given::Ints(vec![2, 2])), ("output_shape", Given::Ints(vec![4, 3]))];
    let cells = [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 2.0, 0.0, 3.0, 0.0, 0.0, 0.0];
    check(11, "ConvTranspose", &attributes, &[&input, &weight], floats(&[1, 1, 4, 3], &cells));
}

#[test]
fn pads_are_attributes_before_opset_11_and_may_name_axes_later() {
    let input = ramp(&[2, 2]);
    let attributes = [("pads", Given::Ints(vec![0, -1, 0, 1])), ("value", Given::Float(9.0))];
    check(2, "Pad", &attributes, &[&input], floats(&[2, 2], &[1.0, 9.0, 3.0, 9.0]));
    let (pads, value) = (Value::ints([2], vec![-1, 1]), floats(&[], &[9.0]));
    let axes = Value::ints([1], vec![-1]);
    let inputs = [&input, &pads, &value, &axes];
    check(18, "Pad", &[], &inputs, floats(&[2, 2], &[1.0, 9.0, 3.0, 9.0]));
}

#[test]
fn bounds_of_clip_moved_from_attributes_to_inputs() {
    let (input, low) = (ramp(&[3]), floats(&[], &[1.0]));
    check(6, "Clip", &[("max", Given::Float(1.0))], &[&input], floats(&[3], &[0.0, 1.0, 1.0]));
    check(11, "Clip", &[], &[&input, &low], floats(&[3], &[1.0, 1.0, 2.0]));
}

#[test]
fn matrices_in_stacks_are_repeated_and_vectors_lose_their_axis() {
    let (a, b) = (ramp(&[2, 1, 1, 2]), ramp(&[3, 2, 1]));
    check(13, "MatMul", &[], &[&a, &b], floats(&[2, 3, 1, 1], &[1.0, 3.0, 5.0, 3.0, 13.0, 23.0]));
    check(13, "MatMul", &[], &[&ramp(&[3]), &ramp(&[3])], floats(&[], &[5.0]));
    check(13, "MatMul", &[], &[&ramp(&[2]), &ramp(&[2, 2])], floats(&[2], &[2.0, 3.0]));
    assert!(outputs(13, &node("MatMul", &[], 1), &[&ramp(&[3]), &ramp(&[2])]).is_err());
}

#[test]
fn shapes_may_leave_a_size_open_or_keep_it() {
    let input = ramp(&[2, 3, 4]);
    let open = Value::ints([2], vec![0, -1]);
    check(13, "Reshape", &[], &[&input, &open], ramp(&[2, 12]));
    let wrong = Value::ints([2], vec![5, -1]);
    assert!(outputs(13, &node("Reshape", &[], 1), &[&input, &wrong]).is_err());
    check(11, "Flatten", &[("axis", Given::Int(3))], &[&input], ramp(&[24, 1]));
    check(11, "Flatten", &[("axis", Given::Int(0))], &[&input], ramp(&[1, 24]));
    check(11, "Unsqueeze", &[("axes", Given::Ints(vec![1, -1]))], &[&ramp(&[2, 3])], ramp(&[2, 1, 3, 1]));
    check(13, "Squeeze", &[], &[&ramp(&[1, 2, 1])], ramp(&[2]));
}

#[test]
fn axes_are_put_in_any_order() {
    let perm = [("perm", Given::Ints(vec![1, 0, 2]))];
    let cells = [0.0, 1.0, 4.0, 5.0, 2.0, 3.0, 6.0, 7.0];
    check(13, "Transpose", &perm, &[&ramp(&[2, 2, 2])], floats(&[2, 2, 2], &cells));
    check(13, "Transpose", &[], &[&ramp(&[2, 2])], floats(&[2, 2], &[0.0, 2.0, 1.0, 3.0]));
    let twice = [("perm", Given::Ints(vec![1, 1]))];
    assert!(outputs(13, &node("Transpose", &twice, 1), &[&ramp(&[2, 2])]).is_err());
}

#[test]
fn slopes_may_belong_to_channels_or_cells() {
    let input = floats(&[1, 2, 2], &[-1.0, 2.0, -3.0, -4.0]);
    let channels = floats(&[2], &[10.0, 100.0]);
    check(6, "PRelu", &[], &[&input, &channels], floats(&[1, 2, 2], &[-10.0, 2.0, -300.0, -400.0]));
    // From opset 7 on a single axis is the last.
    check(7, "PRelu", &[], &[&input, &channels], floats(&[1, 2, 2], &[-10.0, 2.0, -30.0, -400.0]));
    let per_channel = floats(&[2, 1], &[10.0, 100.0]);
    check(9, "PRelu", &[], &[&input, &per_channel], floats(&[1, 2, 2], &[-10.0, 2.0, -300.0, -400.0]));
}

#[test]
fn training_is_told_from_inference_in_every_opset() {
    let case = |opset: i64, attributes: &[(&str, Given)], n_outputs| {
        let mut node = node("BatchNormalization", attributes, n_outputs);
        node.inputs = vec!["x".to_owned()];
        let graph = Graph { nodes: vec![node], ..Graph::default() };
        let domain = String::new();
        let opset = convscope_formats::onnx::Opset { domain, version: opset };
        outside::reason(&Model { opsets: vec![opset], graph, ..Model::default() })
    };
    assert_eq!(case(6, &[("is_test", Given::Int(1))], 1), None);
    assert_eq!(case(6, &[], 1), Some(outside::TRAINING));
    assert_eq!(case(9, &[], 1), None);
    assert_eq!(case(9, &[], 5), Some(outside::TRAINING));
    assert_eq!(case(15, &[], 1), None);
    assert_eq!(case(15, &[("training_mode", Given::Int(1))], 3), Some(outside::TRAINING));
    let (input, ratio, trains) = (ramp(&[2]), floats(&[], &[0.5]), Value::ints([], vec![1]));
    let dropout = outputs(13, &node("Dropout", &[], 1), &[&input, &ratio, &trains]);
    assert_eq!(dropout, Err(Stop::Outside(outside::TRAINING)));
}

#[test]
fn what_is_not_known_is_wrong_and_not_left_out() {
    let gelu = [("approximate", Given::Text("guess".to_owned()))];
    for (op, attributes) in [("Loop", &[][..]), ("Gelu", &gelu), ("Relu", &[])] {
        let mut node = node(op, attributes, 1);
        if op == "Relu" {
            node.domain = "com.example".to_owned();
        }
        let stopped = outputs(20, &node, &[&ramp(&[2])]);
        assert!(matches!(stopped, Err(Stop::Wrong(_))), "{op}: {stopped:?}");
    }
}

/// Files of a committed case, one of them changed.
fn changed(name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Outcome {
    const MODEL: &[u8] = include_bytes!("../../../../tests/data/onnx-node/test_relu/model.onnx");
    const INPUT: &[u8] =
        include_bytes!("../../../../tests/data/onnx-node/test_relu/test_data_set_0/input_0.pb");
    const OUTPUT: &[u8] =
        include_bytes!("../../../../tests/data/onnx-node/test_relu/test_data_set_0/output_0.pb");
    let mut files = [
        ("model.onnx", MODEL),
        ("test_data_set_0/input_0.pb", INPUT),
        ("test_data_set_0/output_0.pb", OUTPUT),
    ]
    .map(|(name, bytes)| (format!("onnx-node/test_relu/{name}"), bytes.to_vec()));
    let file = files.iter_mut().find(|(path, _)| path.ends_with(name)).expect("the case has this file");
    change(&mut file.1);
    let files = files.iter().map(|(path, bytes)| DataFile { path, bytes });
    let files: Vec<_> = files.filter(|file| !file.bytes.is_empty()).collect();
    check_case(&files)
}

fn check_case(files: &[DataFile<'_>]) -> Outcome {
    super::check(&json!({ "name": "test_relu", "rtol": 1e-3, "atol": 1e-7 }), "onnx-node", files)
}

#[test]
fn a_case_fails_when_a_value_a_shape_or_a_file_is_another() {
    assert_eq!(changed("model.onnx", |_| {}), Outcome::Passed);
    let fails = |outcome: Outcome, words: &str| {
        let Outcome::Failed(reason) = &outcome else { panic!("{outcome:?}") };
        assert!(reason.contains(words), "{reason}");
    };
    fails(
        changed("output_0.pb", |bytes| *bytes.last_mut().expect("it has bytes") ^= 0x40),
        "output 0: value 59",
    );
    // The first size, 3, is the second byte.
    fails(changed("output_0.pb", |bytes| bytes[1] = 4), "elements");
    fails(
        changed("output_0.pb", Vec::clear),
        "there is no file onnx-node/test_relu/test_data_set_0/output_0.pb",
    );
    fails(changed("model.onnx", |bytes| bytes.truncate(20)), "model: ");
}
