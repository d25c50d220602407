//! The reader of ONNX on models written here byte by byte, on real ones, and on bytes that mean harm.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use convscope_formats::onnx::{
    Data, DataType, Dim, Model, Options, ReadError, Reason, Source, Value, read_model, read_tensor,
};
use proptest::prelude::*;

const CONV: &[u8] =
    include_bytes!("../../../tests/data/onnx-node/pytorch-converted/test_Conv2d_strided/model.onnx");
const PAD: &[u8] = include_bytes!("../../../tests/data/onnx-node/test_constant_pad/model.onnx");
const PADS: &[u8] =
    include_bytes!("../../../tests/data/onnx-node/test_constant_pad/test_data_set_0/input_1.pb");

fn model(mut bytes: &[u8]) -> Result<Model, ReadError> {
    read_model(&mut bytes, Options::default())
}

#[track_caller]
fn tensor(bytes: &[u8]) -> Data {
    read_tensor(&mut &*bytes, Options::default()).unwrap().data
}

/// Writing: the parts of protobuf that the tests need.
mod write {
    pub fn varint(mut value: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        while value >= 0x80 {
            bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        bytes.push(value as u8);
        bytes
    }

    pub fn int(number: u32, value: i64) -> Vec<u8> {
        [varint(u64::from(number) << 3), varint(value as u64)].concat()
    }

    pub fn float(number: u32, value: f32) -> Vec<u8> {
        [varint(u64::from(number) << 3 | 5), value.to_le_bytes().to_vec()].concat()
    }

    pub fn part(number: u32, content: impl AsRef<[u8]>) -> Vec<u8> {
        let content = content.as_ref();
        [varint(u64::from(number) << 3 | 2), varint(content.len() as u64), content.to_vec()].concat()
    }
}
use write::{float, int, part, varint};

#[test]
fn a_model_of_pytorch_is_read() {
    let model = model(CONV).unwrap();
    assert_eq!((model.ir_version, model.producer.as_str(), model.opset()), (3, "pytorch", Some(6)));
    let [node] = model.graph.nodes.as_slice() else { panic!("{:?}", model.graph.nodes) };
    assert_eq!((node.op_type.as_str(), node.inputs.len(), node.outputs.len()), ("Conv", 3, 1));
    assert_eq!(node.attribute("strides"), Some(&Value::Ints(vec![2, 2])));
    assert_eq!(node.attribute("group"), Some(&Value::Int(1)));
    let weight = model.graph.initializer(&node.inputs[1]).unwrap();
    assert_eq!((weight.dims.as_slice(), weight.data_type), (&[4, 3, 3, 3][..], DataType::Float));
    assert!(matches!(&weight.data, Data::Floats(values) if values.len() == 108));
    let shape = model.graph.inputs[0].shape.clone().unwrap();
    assert_eq!(shape, [2, 3, 6, 6].map(Dim::Known));
}

#[test]
fn inputs_and_texts_of_a_newer_model_are_read() {
    let model = model(PAD).unwrap();
    assert_eq!(model.opset(), Some(25));
    assert_eq!(model.graph.nodes[0].attribute("mode"), Some(&Value::Text("constant".to_owned())));
    assert_eq!(model.graph.inputs[1].data_type, Some(DataType::Int64));
    assert_eq!(model.graph.inputs[2].shape, Some(vec![]));
}

#[test]
fn a_tensor_of_a_test_case_is_read() {
    assert_eq!(tensor(PADS), Data::Ints(vec![0, 0, 1, 3, 0, 0, 2, 4]));
}

#[test]
fn values_are_read_from_every_list_that_may_hold_them() {
    let dims = int(1, 2);
    for (data_type, list, values) in [
        (1, part(9, [0, 0, 128, 63, 0, 0, 0, 192]), Data::Floats(vec![1.0, -2.0])),
        (1, part(4, [0, 0, 128, 63, 0, 0, 0, 192]), Data::Floats(vec![1.0, -2.0])),
        (1, [float(4, 1.0), float(4, -2.0)].concat(), Data::Floats(vec![1.0, -2.0])),
        (
            11,
            part(10, [1.0_f64.to_le_bytes(), (-2.0_f64).to_le_bytes()].concat()),
            Data::Floats(vec![1.0, -2.0]),
        ),
        (10, part(9, [0, 0x3c, 0, 0xc0]), Data::Floats(vec![1.0, -2.0])),
        (10, part(5, [varint(0x3c00), varint(0xc000)].concat()), Data::Floats(vec![1.0, -2.0])),
        (16, part(9, [0x80, 0x3f, 0, 0xc0]), Data::Floats(vec![1.0, -2.0])),
        (7, part(7, [varint(5), varint(-1_i64 as u64)].concat()), Data::Ints(vec![5, -1])),
        (7, [int(7, 5), int(7, -1)].concat(), Data::Ints(vec![5, -1])),
        (7, part(9, [5_i64.to_le_bytes(), (-1_i64).to_le_bytes()].concat()), Data::Ints(vec![5, -1])),
        (6, part(9, [5_i32.to_le_bytes(), (-1_i32).to_le_bytes()].concat()), Data::Ints(vec![5, -1])),
        (5, part(9, [5, 0, 255, 255]), Data::Ints(vec![5, -1])),
        (3, part(5, [varint(5), varint(-1_i64 as u64)].concat()), Data::Ints(vec![5, -1])),
        (2, part(9, [5, 255]), Data::Ints(vec![5, 255])),
        (9, part(9, [0, 1]), Data::Ints(vec![0, 1])),
        (13, part(11, [varint(5), varint(7)].concat()), Data::Ints(vec![5, 7])),
    ] {
        let bytes = [dims.clone(), int(2, data_type), list.clone()].concat();
        assert_eq!(tensor(&bytes), values, "type {data_type}");
        // Fields come in any order.
        assert_eq!(tensor(&[list, int(2, data_type), dims.clone()].concat()), values, "type {data_type}");
    }
}

#[test]
fn values_that_are_elsewhere_or_nowhere_or_too_many_are_told_apart() {
    let shape = [int(1, 2), int(2, 1)].concat();
    let values = part(9, [0; 8]);
    assert_eq!(tensor(&shape), Data::Missing);
    assert_eq!(tensor(&[int(1, 0), int(2, 1)].concat()), Data::Floats(vec![]));
    let entry = part(13, [part(1, "location"), part(2, "weights.bin")].concat());
    let external = [shape.clone(), entry, int(14, 1)].concat();
    assert_eq!(tensor(&external), Data::External { location: "weights.bin".to_owned() });
    let whole = [shape.clone(), values.clone()].concat();
    let few = Options { max_values: 1, ..Options::default() };
    assert_eq!(read_tensor(&mut &*whole, few).unwrap().data, Data::Skipped);
    let texts = [int(1, 2), int(2, 8), values].concat();
    assert_eq!(tensor(&texts), Data::Skipped);
}

#[test]
fn attributes_of_every_type_are_read_even_where_their_value_is_left_out() {
    let attribute = |content: &[u8]| part(5, [part(1, "a"), content.to_vec()].concat());
    let tensor = part(5, [int(2, 7), int(7, 3)].concat());
    for (content, value) in [
        ([float(2, 0.5), int(20, 1)].concat(), Value::Float(0.5)),
        (int(20, 1), Value::Float(0.0)),
        (int(20, 2), Value::Int(0)),
        (int(3, -4), Value::Int(-4)),
        (int(20, 3), Value::Text(String::new())),
        ([part(4, [b'x', 0xff]), int(20, 3)].concat(), Value::Text("x\u{fffd}".to_owned())),
        (int(20, 7), Value::Ints(vec![])),
        ([part(8, [1, 2]), int(8, 3)].concat(), Value::Ints(vec![1, 2, 3])),
        ([float(7, 1.0), float(7, 2.0), int(20, 6)].concat(), Value::Floats(vec![1.0, 2.0])),
        ([part(9, "p"), part(9, "q")].concat(), Value::Texts(vec!["p".to_owned(), "q".to_owned()])),
        ([part(6, [0xff; 9]), int(20, 5)].concat(), Value::Other),
        ([part(21, "alpha"), int(20, 1)].concat(), Value::Other),
        (vec![], Value::Other),
    ] {
        let model = model(&part(7, part(1, attribute(&content)))).unwrap();
        assert_eq!(model.graph.nodes[0].attributes[0].value, value);
    }
    let model = model(&part(7, part(1, attribute(&tensor)))).unwrap();
    let Some(Value::Tensor(tensor)) = model.graph.nodes[0].attribute("a") else { panic!("{model:?}") };
    assert_eq!(tensor.data, Data::Ints(vec![3]));
}

#[test]
fn sizes_may_be_names_or_unknown() {
    let dims = [part(1, int(1, 3)), part(1, part(2, "batch")), part(1, []), part(1, int(1, -1))].concat();
    let info = |content: Vec<u8>| part(11, [part(1, "x"), part(2, part(1, content))].concat());
    let graph = [info([int(1, 1), part(2, dims)].concat()), info(int(1, 1)), info(part(2, []))].concat();
    let inputs = model(&part(7, graph)).unwrap().graph.inputs;
    let named = Dim::Named("batch".to_owned());
    assert_eq!(inputs[0].shape, Some(vec![Dim::Known(3), named, Dim::Unknown, Dim::Unknown]));
    assert_eq!((&inputs[1].shape, inputs[1].data_type), (&None, Some(DataType::Float)));
    assert_eq!((&inputs[2].shape, inputs[2].data_type), (&Some(vec![]), None));
}

#[test]
fn unknown_fields_of_every_wire_type_are_skipped() {
    let unknown =
        [int(99, 7), float(98, 1.0), part(97, [0xff; 300]), varint(96 << 3 | 1), vec![0; 8]].concat();
    let node = [unknown.clone(), part(4, "Relu"), unknown.clone()].concat();
    let bytes = [unknown.clone(), part(7, [part(1, node), unknown].concat())].concat();
    assert_eq!(model(&bytes).unwrap().graph.nodes[0].op_type, "Relu");
}

#[test]
fn errors_say_where_and_what() {
    let in_node = |content: &[u8]| part(7, [part(1, []), part(1, content)].concat());
    for (bytes, words) in [
        (vec![], "byte 0: there is no graph, so this is no ONNX model"),
        (vec![0x00], "byte 1: field 0 of wire type 0 is none of protobuf's"),
        (vec![0x0b], "byte 1: field 1 of wire type 3 is none of protobuf's"),
        (vec![0x0f], "byte 1: field 1 of wire type 7 is none of protobuf's"),
        (vec![0x08], "byte 1: it ends in the middle of a field"),
        (
            vec![0x08; 1].into_iter().chain([0xff; 11]).collect(),
            "byte 11: a number takes more than ten bytes",
        ),
        (vec![0x3a, 0x05, 0x00], "byte 2: a field claims 5 bytes where 1 are left"),
        (float(1, 0.0), "byte 1: field 1 has the wire type 5, which it has not in ONNX"),
        (in_node(&part(1, [0xff])), "graph, node 1, byte 9: a name is not UTF-8"),
        (in_node(&[0x2a, 0x09]), "graph, node 1, byte 8: a field claims 9 bytes where 0 are left"),
        (part(7, part(5, int(1, -3))), "graph, initializer 0, byte 15: a tensor has the size -3"),
        (
            part(7, part(5, [int(1, 3), int(2, 1), part(9, [0; 8])].concat())),
            "graph, initializer 0, byte 18: a tensor has 2 elements where its shape says 3",
        ),
        (
            part(7, part(5, [int(1, 3), int(2, 7), part(7, [1, 2])].concat())),
            "graph, initializer 0, byte 12: a tensor has 2 elements where its shape says 3",
        ),
        (
            part(7, part(5, [int(2, 13), part(11, varint(u64::MAX))].concat())),
            "graph, initializer 0, byte 18: the integer 18446744073709551615 is too large",
        ),
    ] {
        assert_eq!(model(&bytes).map_err(|error| error.to_string()), Err(words.to_owned()), "{bytes:x?}");
    }
}

#[test]
fn a_shape_that_lies_costs_no_memory() {
    let elements = [int(1, i64::MAX), int(1, i64::MAX), int(2, 1), part(9, [0; 8])].concat();
    assert_eq!(
        read_tensor(&mut &*elements, Options { max_values: 1000, ..Options::default() }).unwrap().data,
        Data::Skipped
    );
    let error =
        read_tensor(&mut &*[int(1, 1 << 40), int(2, 1), part(9, [0; 8])].concat(), Options::default());
    assert_eq!(error.unwrap_err().reason, Reason::Elements { expected: Some(1 << 40), got: 2 });
}

#[test]
fn what_is_kept_has_a_limit() {
    // Two bytes in the file, some 200 in memory.
    let nodes = [0x0a, 0x00].repeat(10_000);
    let options = Options { max_kept_bytes: 1_000_000, ..Options::default() };
    let error = read_model(&mut &*part(7, nodes), options).unwrap_err();
    assert_eq!(error.reason, Reason::TooMuch { max_kept_bytes: 1_000_000 });
}

/// A file that counts what is fetched of it, and fails beyond some byte.
struct Counted<'a> {
    bytes: &'a [u8],
    n_fetched: u64,
    fails_from: u64,
}

impl Source for Counted<'_> {
    fn size(&self) -> u64 {
        self.bytes.size()
    }

    fn fetch(&mut self, offset: u64, bytes: &mut [u8]) -> Result<(), String> {
        self.n_fetched += bytes.len() as u64;
        if offset >= self.fails_from {
            return Err("the file has changed".to_owned());
        }
        self.bytes.fetch(offset, bytes)
    }
}

#[test]
fn weights_that_are_skipped_are_hardly_fetched() {
    let weight = part(5, [int(1, 2_500_000), int(2, 1), part(8, "w"), part(9, vec![0; 10_000_000])].concat());
    let graph = [weight.clone(), part(1, part(4, "Relu")), weight].concat();
    let bytes = [int(1, 8), part(7, graph)].concat();
    let mut source = Counted { bytes: &bytes, n_fetched: 0, fails_from: u64::MAX };
    let model = read_model(&mut source, Options { max_values: 4096, ..Options::default() }).unwrap();
    assert_eq!(model.graph.nodes[0].op_type, "Relu");
    assert_eq!(model.graph.initializers.len(), 2);
    assert_eq!(model.graph.initializers[1].data, Data::Skipped);
    assert!(source.n_fetched < 80_000, "{}", source.n_fetched);

    let mut source = Counted { bytes: &bytes, n_fetched: 0, fails_from: 10_000_000 };
    let error = read_model(&mut source, Options { max_values: 4096, ..Options::default() }).unwrap_err();
    assert_eq!(error.reason, Reason::Source("the file has changed".to_owned()));
    assert!(error.offset > 10_000_000);
}

#[test]
fn values_across_the_edge_of_a_slice_are_whole() {
    // Slices are 65,536 bytes long and more: names of odd lengths make everything straddle their edges.
    let nodes: Vec<_> = (0..5000_u32)
        .map(|i| {
            let name = format!("node {i}{}", "x".repeat(i as usize % 97));
            let attribute = [part(1, "a"), int(3, i64::from(i) * 0x0123_4567_89ab)].concat();
            (name.clone(), part(1, [part(3, &name), part(5, attribute)].concat()))
        })
        .collect();
    let graph: Vec<u8> = nodes.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
    let model = model(&part(7, graph)).unwrap();
    assert_eq!(model.graph.nodes.len(), 5000);
    for (i, (node, (name, _))) in model.graph.nodes.iter().zip(&nodes).enumerate() {
        assert_eq!(&node.name, name);
        assert_eq!(node.attribute("a"), Some(&Value::Int(i as i64 * 0x0123_4567_89ab)));
    }
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_refused() {
    for len in 0..CONV.len() {
        // The last field is the opset, without which the rest is a model.
        let cut = model(&CONV[..len]);
        assert!(cut.is_err() || cut.is_ok_and(|model| model.opsets.is_empty()), "{len} bytes");
    }
}

fn frugal() -> Options {
    Options { max_kept_bytes: 1 << 20, ..Options::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_model(&mut &*bytes, frugal());
        let _ = read_tensor(&mut &*bytes, frugal());
        // Inside of a graph, where more fields are known.
        for number in [1, 5, 11] {
            let _ = read_model(&mut &*part(7, part(number, &bytes)), frugal());
        }
    }

    #[test]
    fn no_damage_to_a_model_makes_it_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        pad in any::<bool>(),
    ) {
        let mut bytes = if pad { PAD.to_vec() } else { CONV.to_vec() };
        for (index, value) in changes {
            let at = index.index(bytes.len());
            bytes[at] = value;
        }
        if let Err(error) = read_model(&mut &*bytes, frugal()) {
            prop_assert!(error.offset <= bytes.len() as u64);
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
