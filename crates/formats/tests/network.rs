//! Models as networks: every operator that is taken, constants that are folded, and what cannot be taken.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use convscope_core::graph::{Op, Shape};
use convscope_formats::onnx::network::{Network, NetworkError, network};
use convscope_formats::onnx::{
    Attribute, Data, DataType, Dim, Graph, Model, Node, Opset, Tensor, Value, ValueInfo,
};
use convscope_formats::{Kind, Remark, Why};
use proptest::prelude::*;

fn tensor(name: &str, dims: &[u64], data: Data) -> Tensor {
    let data_type = if matches!(data, Data::Ints(_)) { DataType::Int64 } else { DataType::Float };
    Tensor { name: name.to_owned(), dims: dims.to_vec(), data_type, data }
}

fn info(name: &str, dims: &[Dim]) -> ValueInfo {
    ValueInfo { name: name.to_owned(), data_type: Some(DataType::Float), shape: Some(dims.to_vec()) }
}

/// A model that is written down node by node; the input is `x`.
struct Made(Model);

impl Made {
    fn new(opset: i64, input: [u64; 4]) -> Self {
        let opsets = vec![Opset { domain: String::new(), version: opset }];
        let graph = Graph { inputs: vec![info("x", &input.map(Dim::Known))], ..Graph::default() };
        Self(Model { opsets, graph, ..Model::default() })
    }

    fn weight(mut self, name: &str, dims: &[u64]) -> Self {
        self.0.graph.initializers.push(tensor(name, dims, Data::Missing));
        self
    }

    fn ints(mut self, name: &str, values: &[i64]) -> Self {
        let tensor = tensor(name, &[values.len() as u64], Data::Ints(values.to_vec()));
        self.0.graph.initializers.push(tensor);
        self
    }

    fn floats(mut self, name: &str, values: &[f32]) -> Self {
        let tensor = tensor(name, &[values.len() as u64], Data::Floats(values.to_vec()));
        self.0.graph.initializers.push(tensor);
        self
    }

    /// `"y = Conv x w"`, with attributes.
    fn node(mut self, text: &str, attributes: &[(&str, Value)]) -> Self {
        let (outputs, rest) = text.split_once(" = ").unwrap();
        let mut words = rest.split(' ').map(|word| if word == "-" { "" } else { word }.to_owned());
        let attribute =
            |(name, value): &(&str, Value)| Attribute { name: (*name).into(), value: value.clone() };
        self.0.graph.nodes.push(Node {
            op_type: words.next().unwrap(),
            inputs: words.collect(),
            outputs: outputs.split(' ').map(str::to_owned).collect(),
            attributes: attributes.iter().map(attribute).collect(),
            ..Node::default()
        });
        self
    }

    fn read(&self) -> Network {
        network(&self.0, [224, 224]).unwrap()
    }

    #[track_caller]
    fn gives(self, value: &str, shape: &[u64]) -> Self {
        let network = self.read();
        assert_eq!(network.shapes.get(value), Some(&Shape::new(shape)), "{:?}", network.reading);
        assert_eq!(network.reading.notes, []);
        assert_eq!(network.reading.graph.analyse().first_error(), None);
        self
    }
}

fn ints(values: &[i64]) -> Value {
    Value::Ints(values.to_vec())
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

#[test]
fn windows_have_the_padding_of_every_kind() {
    for (attributes, size) in [
        (vec![], [8, 7]),
        (vec![("pads", ints(&[1, 0, 1, 2]))], [10, 9]),
        (vec![("auto_pad", text("SAME_UPPER")), ("strides", ints(&[2, 3]))], [5, 3]),
        (vec![("auto_pad", text("SAME_LOWER")), ("strides", ints(&[2, 3]))], [5, 3]),
        (vec![("auto_pad", text("VALID")), ("dilations", ints(&[2, 1]))], [6, 7]),
    ] {
        let conv = Made::new(11, [1, 4, 10, 9]).weight("w", &[6, 2, 3, 3]);
        let attributes = [&attributes[..], &[("group", Value::Int(2))]].concat();
        conv.node("y = Conv x w", &attributes).gives("y", &[1, 6, size[0], size[1]]);
    }
    let transposed = Made::new(11, [1, 4, 5, 5]).weight("w", &[4, 3, 2, 2]).weight("b", &[3]);
    let doubled = transposed.node("y = ConvTranspose x w b", &[("strides", ints(&[2, 2]))]);
    doubled.gives("y", &[1, 3, 10, 10]);
}

#[test]
fn the_last_window_of_a_pool_follows_the_opset() {
    let pool = |opset, name: &str, size: u64| {
        let attributes = [
            ("kernel_shape", ints(&[2, 2])),
            ("strides", ints(&[2, 2])),
            ("pads", ints(&[1, 1, 1, 1])),
            ("ceil_mode", Value::Int(1)),
        ];
        Made::new(opset, [1, 3, 4, 4])
            .node(&format!("y = {name} x"), &attributes)
            .gives("y", &[1, 3, size, size]);
    };
    // (4 + 2 - 2) / 2 + 1 = 3 divides; with 5 cells the last window would start in the padding.
    pool(17, "MaxPool", 3);
    pool(22, "AveragePool", 3);
    let odd = [("kernel_shape", ints(&[1, 1])), ("strides", ints(&[2, 2])), ("ceil_mode", Value::Int(1))];
    Made::new(22, [1, 3, 10, 10]).node("y = MaxPool x", &odd).gives("y", &[1, 3, 5, 5]);
    Made::new(17, [1, 3, 10, 10]).node("y = MaxPool x", &odd).gives("y", &[1, 3, 6, 6]);
}

#[test]
fn means_over_rows_and_columns_are_global_pools_in_every_opset() {
    let old = Made::new(13, [1, 3, 4, 5]).node("y = ReduceMean x", &[("axes", ints(&[-1, -2]))]);
    let new = Made::new(18, [1, 3, 4, 5]).ints("axes", &[2, 3]).node("y = ReduceMean x axes", &[]);
    for made in [old, new] {
        let network = made.gives("y", &[1, 3, 1, 1]).read();
        assert_eq!(network.reading.found(), [(Kind::AveragePool, 1)]);
    }
    let gone = Made::new(13, [1, 3, 4, 5]);
    gone.node("y = ReduceMean x", &[("axes", ints(&[2, 3])), ("keepdims", Value::Int(0))])
        .gives("y", &[1, 3]);
}

#[test]
fn linear_layers_come_as_gemm_and_as_products_with_a_bias_behind() {
    let gemm = Made::new(13, [1, 3, 2, 2]).weight("w", &[10, 12]).weight("b", &[10]);
    gemm.node("f = Flatten x", &[]).node("y = Gemm f w b", &[("transB", Value::Int(1))]).gives("y", &[1, 10]);
    let matmul = Made::new(13, [1, 3, 2, 2]).weight("w", &[12, 10]).weight("b", &[10]);
    let matmul = matmul.node("f = Flatten x", &[]).node("m = MatMul f w", &[]).node("y = Add b m", &[]);
    let network = matmul.gives("y", &[1, 10]).read();
    let totals = network.reading.graph.analyse().totals();
    assert_eq!((network.reading.graph.len(), totals.params, totals.macs), (3, 130, 120));
    // A sum that another node reads as well stays a sum.
    let both = Made::new(13, [1, 3, 2, 2]).weight("w", &[12, 10]).weight("b", &[10]);
    let both = both.node("f = Flatten x", &[]).node("m = MatMul f w", &[]).node("y = Add m b", &[]);
    let both = both.node("z = Relu m", &[]).gives("y", &[1, 10]).gives("z", &[1, 10]);
    assert_eq!(both.read().reading.graph.analyse().totals().params, 130);
}

#[test]
fn shapes_that_exporters_compute_are_folded() {
    // x.view(x.size(0), -1) as TorchScript writes it.
    let view = Made::new(11, [1, 3, 4, 5]).node("s = Shape x", &[]);
    let zero = Value::Tensor(tensor("", &[], Data::Ints(vec![0])));
    let view = view
        .node("zero = Constant", &[("value", zero)])
        .node("n = Gather s zero", &[("axis", Value::Int(0))]);
    let view = view.node("u = Unsqueeze n", &[("axes", ints(&[0]))]).ints("rest", &[-1]);
    let view =
        view.node("shape = Concat u rest", &[("axis", Value::Int(0))]).node("y = Reshape x shape", &[]);
    let network = view.gives("y", &[1, 60]).read();
    assert!(matches!(
        network.reading.graph.node(network.reading.graph.last().unwrap()).op,
        Op::Flatten { .. }
    ));
    // Arithmetic, slices and casts of sizes.
    let size = Made::new(13, [1, 3, 4, 5]).node("s = Shape x", &[]).ints("two", &[2]).ints("four", &[4]);
    let size = size.node("hw = Slice s two four", &[]).node("double = Mul hw two", &[]);
    let size = size.node("c = Cast double", &[("to", Value::Int(7))]).ints("nc", &[1, 3]);
    let size = size.node("sizes = Concat nc c", &[("axis", Value::Int(0))]);
    size.node("y = Resize x - - sizes", &[("mode", text("linear"))]).gives("y", &[1, 3, 8, 10]);
    // Fewer axes than sizes.
    let few = Made::new(18, [1, 3, 4, 5]).ints("sizes", &[8, 10]);
    let few = few.node("y = Resize x - - sizes", &[("axes", ints(&[2]))]).read();
    assert!(
        few.reading.notes.iter().any(|note| note.to_string().contains("axes")),
        "{:?}",
        few.reading.notes
    );
    // A number without axes and one with an axis give one with an axis.
    let one = Made::new(13, [1, 3, 4, 5]).node("r = Relu x", &[]).node("n = Size x", &[]).ints("two", &[2]);
    one.node("m = Mul n two", &[])
        .gives("n", &[])
        .gives("m", &[1])
        .node("k = Mul two n", &[])
        .gives("k", &[1]);
}

#[test]
fn maps_are_cut_padded_and_rearranged() {
    let made = || Made::new(13, [1, 6, 4, 5]);
    made()
        .node("a b = Split x", &[("axis", Value::Int(1))])
        .node("y = Concat b a", &[("axis", Value::Int(1))])
        .gives("y", &[1, 6, 4, 5]);
    let uneven = made().ints("parts", &[1, 5]).node("a y = Split x parts", &[("axis", Value::Int(1))]);
    uneven.gives("y", &[1, 5, 4, 5]);
    let crop = made().ints("starts", &[1, -4, 2]).ints("ends", &[i64::MAX, -1, 4]).ints("axes", &[2, 3, 1]);
    crop.node("y = Slice x starts ends axes", &[]).gives("y", &[1, 2, 3, 3]);
    let pads = [("pads", ints(&[0, 0, 1, 2, 0, 0, 3, 4])), ("mode", text("edge"))];
    Made::new(10, [1, 6, 4, 5]).node("y = Pad x", &pads).gives("y", &[1, 6, 8, 11]);
    let pads = made().ints("pads", &[1, 2, 3, 4]).ints("axes", &[-2, 3]);
    pads.node("y = Pad x pads - axes", &[]).gives("y", &[1, 6, 8, 11]);
    let shuffle = made().ints("a", &[1, 2, 3, 4, 5]).ints("b", &[1, -1, 4, 5]).node("p = Reshape x a", &[]);
    let shuffle = shuffle.node("t = Transpose p", &[("perm", ints(&[0, 2, 1, 3, 4]))]);
    let network = shuffle.node("y = Reshape t b", &[]).gives("y", &[1, 6, 4, 5]).read();
    let field = network.reading.graph.analyse();
    assert_eq!(field.value(network.reading.graph.last().unwrap()).unwrap().elements(), Ok(120));
    made().ints("axes", &[0]).node("y = Unsqueeze x axes", &[]).gives("y", &[1, 1, 6, 4, 5]);
    made().node("y = Transpose x", &[]).gives("y", &[5, 4, 6, 1]);
    made().node("y = Squeeze x", &[("axes", ints(&[0]))]).gives("y", &[6, 4, 5]);
}

#[test]
fn a_slice_with_steps_is_a_pool_of_single_cells() {
    let made =
        Made::new(13, [1, 3, 8, 8]).ints("s", &[1]).ints("e", &[i64::MAX]).ints("a", &[2]).ints("d", &[2]);
    let network = made.node("y = Slice x s e a d", &[]).read();
    assert_eq!(network.shapes["y"], Shape::from([1, 3, 4, 8]));
    assert_eq!(network.reading.notes[0].remark, Remark::Strided);
}

#[test]
fn constants_beside_maps_are_numbers_or_parameters() {
    let made = Made::new(13, [1, 3, 8, 8]).floats("six", &[6.0]).weight("scale", &[3, 1, 1]);
    let made = made.node("d = Div x six", &[]).node("y = Mul d scale", &[]).gives("y", &[1, 3, 8, 8]);
    let network = made.read();
    assert_eq!(network.reading.graph.analyse().totals().params, 3);
    assert!(matches!(network.reading.graph.node(network.reading.graph.id(0).unwrap()).op, Op::Input(_)));
    let clip = Made::new(13, [1, 3, 8, 8])
        .floats("min", &[0.0])
        .floats("max", &[6.0])
        .node("y = Clip x min max", &[]);
    let reading = clip.gives("y", &[1, 3, 8, 8]).read().reading;
    assert_eq!(
        format!("{:?}", reading.graph.node(reading.graph.last().unwrap()).op),
        "Pointwise(Named(\"ReLU6\"))"
    );
}

#[test]
fn what_is_unknown_keeps_its_name_its_stated_shape_and_a_reason() {
    let mut made = Made::new(13, [1, 3, 8, 8]).weight("w", &[4, 3, 3, 3, 3]);
    made = made
        .node("a = Conv x w", &[])
        .node("b = NonMaxSuppression a", &[])
        .node("c = NonMaxSuppression b", &[]);
    made.0.graph.values.push(info("b", &[Dim::Named("n".into()), Dim::Known(7)]));
    let network = made.read();
    assert_eq!(network.shapes["b"], Shape::from([1, 7]));
    let stops = |operator: &str, why, count| Remark::Stops { operator: operator.to_owned(), why, count };
    let remarks: Vec<_> = network.reading.notes.into_iter().map(|note| note.remark).collect();
    assert_eq!(remarks, [stops("Conv", Why::SpatialAxes(3), 1), stops("NonMaxSuppression", Why::Unknown, 2)]);
    assert_eq!(network.reading.graph.len(), 4);
}

#[test]
fn sizes_that_a_file_leaves_open_are_said() {
    let mut made = Made::new(13, [1, 3, 8, 8]).weight("w", &[4, 3, 3, 3]).node("y = Conv x w", &[]);
    let named = |name: &str| Dim::Named(name.to_owned());
    made.0.graph.inputs[0] = info("x", &[named("batch"), Dim::Known(3), named("h"), Dim::Unknown]);
    let network = network(&made.0, [32, 40]).unwrap();
    assert_eq!(network.shapes["y"], Shape::from([1, 4, 30, 38]));
    assert_eq!(network.reading.notes[0].remark, Remark::InputSize { size: [32, 40], fitted: false });
}

#[test]
fn nodes_that_are_not_joined_are_refused() {
    let lost = Made::new(13, [1, 3, 8, 8]).node("y = Relu z", &[]);
    let error = network(&lost.0, [8, 8]).unwrap_err();
    assert_eq!(error.to_string(), "node 0, Relu: nothing before it gives the value \"z\"");
    assert_eq!(network(&Made::new(13, [1, 3, 8, 8]).0, [8, 8]), Err(NetworkError::NoInput));
}

#[test]
fn names_are_those_of_weights_or_of_paths_without_repetition() {
    let mut made = Made::new(13, [1, 3, 8, 8]).weight("layer1.0.conv1.weight", &[3, 3, 1, 1]);
    made = made.node("y = Conv x layer1.0.conv1.weight", &[]).node("z = Relu y", &[]);
    made.0.graph.nodes[1].name = "/layer1/layer1.0/relu/Relu".to_owned();
    let graph = made.read().reading.graph;
    let names: Vec<_> = graph.ids().map(|id| graph.node(id).name.clone()).collect();
    assert_eq!(names, ["x", "layer1.0.conv1", "layer1.0.relu"]);
}

/// A network with the operators whose parameters moved between attributes and inputs, as an opset writes it.
fn in_opset(opset: i64) -> Made {
    let made = Made::new(opset, [1, 4, 12, 12]).weight("w", &[8, 4, 3, 3]).weight("b", &[8]);
    let made = made.weight("n", &[8]).node("c = Conv x w b", &[("pads", ints(&[1, 1, 1, 1]))]);
    let norm = [("epsilon", Value::Float(1e-5)), ("momentum", Value::Float(0.9))];
    let made = made.node("bn = BatchNormalization c n n n n", &norm);
    // Bounds, axes and sizes are attributes first and inputs later.
    let made = match opset {
        ..11 => made.node("clip = Clip bn", &[("min", Value::Float(0.0)), ("max", Value::Float(6.0))]),
        _ => made.floats("zero", &[0.0]).floats("six", &[6.0]).node("clip = Clip bn zero six", &[]),
    };
    let made = match opset {
        ..12 => made.node("drop = Dropout clip", &[("ratio", Value::Float(0.5))]),
        _ => made.floats("half", &[0.5]).node("drop = Dropout clip half", &[]),
    };
    let made = match opset {
        ..11 => made.node("pad = Pad drop", &[("pads", ints(&[0, 0, 1, 2, 0, 0, 1, 2]))]),
        18.. => made.ints("pads", &[1, 2, 1, 2]).ints("hw", &[2, 3]).node("pad = Pad drop pads - hw", &[]),
        _ => made.ints("pads", &[0, 0, 1, 2, 0, 0, 1, 2]).node("pad = Pad drop pads", &[]),
    };
    let made = match opset {
        ..10 => {
            let cut = [("starts", ints(&[1])), ("ends", ints(&[-1])), ("axes", ints(&[2]))];
            made.node("cut = Slice pad", &cut)
        }
        _ => made
            .ints("from", &[1])
            .ints("to", &[-1])
            .ints("rows", &[2])
            .node("cut = Slice pad from to rows", &[]),
    };
    let axis = ("axis", Value::Int(1));
    let made = match opset {
        ..13 => made.node("s t = Split cut", &[axis.clone(), ("split", ints(&[3, 5]))]),
        _ => made.ints("parts", &[3, 5]).node("s t = Split cut parts", std::slice::from_ref(&axis)),
    };
    let made = made.node("cat = Concat t s", &[axis]);
    let made = match opset {
        ..9 => made.node("up = Upsample cat", &[("scales", Value::Floats(vec![1.0, 1.0, 2.0, 2.0]))]),
        9 => made.floats("by", &[1.0, 1.0, 2.0, 2.0]).node("up = Upsample cat by", &[]),
        10 => made.floats("by", &[1.0, 1.0, 2.0, 2.0]).node("up = Resize cat by", &[]),
        _ => made.floats("by", &[1.0, 1.0, 2.0, 2.0]).node("up = Resize cat - by", &[]),
    };
    let pool = [("kernel_shape", ints(&[2, 2])), ("strides", ints(&[2, 2]))];
    let made = made.node("pool = AveragePool up", &pool);
    let made = match opset {
        ..18 => made.node("mean = ReduceMean pool", &[("axes", ints(&[2, 3]))]),
        _ => made.ints("over", &[2, 3]).node("mean = ReduceMean pool over", &[]),
    };
    let made = match opset {
        ..13 => made.node("flat = Squeeze mean", &[("axes", ints(&[2, 3]))]),
        _ => made.ints("gone", &[2, 3]).node("flat = Squeeze mean gone", &[]),
    };
    let made = made.weight("fc.weight", &[10, 8]).weight("fc.bias", &[10]);
    let made = made.node("y = Gemm flat fc.weight fc.bias", &[("transB", Value::Int(1))]);
    made.node("p = Softmax y", &[("axis", Value::Int(1))])
}

#[test]
fn a_network_is_the_same_in_every_opset_from_6_to_25() {
    let graph = |opset| in_opset(opset).gives("p", &[1, 10]).read().reading.graph;
    let expected = graph(13);
    assert_eq!(expected.analyse().totals().params, 8 * 4 * 9 + 8 + 16 + 90);
    for opset in 6..=25 {
        assert_eq!(graph(opset), expected, "opset {opset}");
    }
}

#[test]
fn weights_may_be_constants_inputs_or_behind_identity() {
    let made = || Made::new(13, [1, 3, 8, 8]);
    let tensor = Value::Tensor(tensor("", &[4, 3, 3, 3], Data::Skipped));
    let constant = made().node("w = Constant", &[("value", tensor)]).node("y = Conv x w", &[]);
    let mut given = made().node("y = Conv x w", &[]);
    given.0.graph.inputs.push(info("w", &[4, 3, 3, 3].map(Dim::Known)));
    let shared = made().weight("v", &[4, 3, 3, 3]).node("w = Identity v", &[]).node("y = Conv x w", &[]);
    let elsewhere = {
        let data = Data::External { location: "weights.bin".to_owned() };
        let mut made = made().node("y = Conv x w", &[]);
        made.0.graph.initializers.push(Tensor { data, ..self::tensor("w", &[4, 3, 3, 3], Data::Missing) });
        made
    };
    for made in [constant, given, shared, elsewhere] {
        let network = made.gives("y", &[1, 4, 6, 6]).read();
        assert_eq!(network.reading.graph.analyse().totals().params, 108);
    }
}

#[test]
fn layers_of_one_or_three_axes_stop_the_field_and_say_so() {
    for (kernel, input, axes) in
        [(vec![4, 3, 3], vec![1, 3, 8], 1), (vec![4, 3, 3, 3, 3], vec![1, 3, 8, 8, 8], 3)]
    {
        let mut made = Made::new(13, [1, 3, 8, 8]).weight("w", &kernel).node("y = Conv x w", &[]);
        let dims: Vec<Dim> = input.into_iter().map(Dim::Known).collect();
        made.0.graph.inputs[0] = info("x", &dims);
        let made = made.node("z = MaxPool y", &[("kernel_shape", ints(&vec![2; axes]))]);
        let notes = made.read().reading.notes;
        let said: Vec<String> = notes.iter().map(ToString::to_string).collect();
        let words = if axes == 1 { "one spatial axis" } else { "3 spatial axes" };
        for (operator, said) in ["Conv", "MaxPool"].iter().zip(&said) {
            assert!(said.contains(&format!("{operator} works on {words} instead of two")), "{said}");
        }
    }
}

/// Any small number or size, and some that are too large for anything.
fn any_int() -> impl Strategy<Value = i64> {
    prop_oneof![8 => -3_i64..9, 1 => any::<i64>(), 1 => Just(i64::MAX)]
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any_int().prop_map(Value::Int),
        prop::collection::vec(any_int(), 0..5).prop_map(Value::Ints),
        any::<f32>().prop_map(Value::Float),
        prop::sample::select(vec!["SAME_UPPER", "SAME_LOWER", "linear", "edge", "align_corners", "?"])
            .prop_map(|text| Value::Text(text.to_owned())),
        prop::collection::vec(any::<f32>(), 0..5).prop_map(Value::Floats),
    ]
}

const OPERATORS: &[&str] = &[
    "Conv",
    "ConvTranspose",
    "MaxPool",
    "AveragePool",
    "LpPool",
    "GlobalAveragePool",
    "ReduceMean",
    "ReduceMax",
    "Resize",
    "Upsample",
    "Pad",
    "Gemm",
    "MatMul",
    "BatchNormalization",
    "InstanceNormalization",
    "GroupNormalization",
    "LayerNormalization",
    "LRN",
    "Add",
    "Sum",
    "Mul",
    "Softmax",
    "Concat",
    "Split",
    "Slice",
    "Flatten",
    "Reshape",
    "Transpose",
    "Squeeze",
    "Unsqueeze",
    "Identity",
    "Clip",
    "Shape",
    "Gather",
    "Range",
    "ConstantOfShape",
    "Constant",
    "Cast",
    "ReduceProd",
    "Size",
    "Whatever",
    "Div",
    "QLinearConv",
];
const ATTRIBUTES: &[&str] = &[
    "pads",
    "strides",
    "dilations",
    "kernel_shape",
    "group",
    "axes",
    "axis",
    "auto_pad",
    "ceil_mode",
    "perm",
    "mode",
    "split",
    "shape",
    "value",
    "keepdims",
    "num_groups",
    "scales",
    "output_shape",
    "starts",
    "ends",
    "to",
    "transB",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_model_is_a_network_or_refused(
        opset in 1_i64..26,
        dims in prop::collection::vec(any_int(), 0..6),
        weights in prop::collection::vec((prop::collection::vec(0_u64..5, 0..5), any::<bool>()), 0..5),
        nodes in prop::collection::vec(
            (prop::sample::select(OPERATORS.to_vec()), prop::collection::vec(0_usize..12, 0..5),
             prop::collection::vec((prop::sample::select(ATTRIBUTES.to_vec()), any_value()), 0..5), 1_usize..4),
            0..8,
        ),
    ) {
        let mut made = Made::new(opset, [1, 3, 8, 8]);
        let dims: Vec<Dim> = dims.iter().map(|&size| u64::try_from(size).map_or(Dim::Unknown, Dim::Known)).collect();
        made.0.graph.inputs[0] = info("x", &dims);
        let mut names = vec!["x".to_owned(), String::new()];
        for (i, (dims, is_int)) in weights.iter().enumerate() {
            let name = format!("w{i}");
            let count = dims.iter().product::<u64>() as usize;
            let data = if *is_int { Data::Ints((0..count as i64).collect()) } else { Data::Missing };
            made.0.graph.initializers.push(tensor(&name, dims, data));
            names.push(name);
        }
        for (i, (op_type, inputs, attributes, n_outputs)) in nodes.iter().enumerate() {
            let outputs: Vec<String> = (0..*n_outputs).map(|k| format!("v{i}.{k}")).collect();
            made.0.graph.nodes.push(Node {
                op_type: (*op_type).to_owned(),
                inputs: inputs.iter().map(|&input| names[input % names.len()].clone()).collect(),
                outputs: outputs.clone(),
                attributes: attributes.iter()
                    .map(|(name, value)| Attribute { name: (*name).to_owned(), value: value.clone() }).collect(),
                ..Node::default()
            });
            names.extend(outputs);
        }
        if let Ok(network) = network(&made.0, [8, 8]) {
            network.reading.graph.analyse().totals();
            network.reading.found();
        }
    }
}
