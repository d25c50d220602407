//! Shapes and their errors, costs, and how rows and columns are followed.

use super::*;
use crate::conv2d::{Conv2dOptions, Conv2dParams, Padding2d};
use crate::error::ConvError;
use crate::layer::Layer;
use crate::linear::LinearParams;
use crate::padding::{PaddingMode, Pads};

fn conv(in_channels: u64, out_channels: u64, kernel: u64, stride: u64, pad: u64) -> Op {
    let options = Conv2dOptions {
        in_channels,
        out_channels,
        kernel_size: [kernel; 2],
        stride: [stride; 2],
        padding: Padding2d::Explicit(Pads::all(pad)),
        bias: true,
        ..Default::default()
    };
    Op::Layer(Layer::Conv2d(Conv2dParams::new(options).unwrap()))
}

/// Each operation reads the one before, the first one the input.
fn chain(input: impl Into<Shape>, ops: Vec<Op>) -> Graph {
    let mut graph = Graph::new();
    let mut last = graph.push("input", Op::Input(input.into()), &[]).unwrap();
    for op in ops {
        last = graph.push("", op, &[last]).unwrap();
    }
    graph
}

/// The last node's shape, or why it has none.
#[track_caller]
fn check(input: impl Into<Shape>, ops: Vec<Op>, expected: Result<Shape, LayerError>) {
    let graph = chain(input, ops);
    let analysis = graph.analyse();
    let value = analysis.value(graph.last().unwrap()).cloned().map_err(Clone::clone);
    assert_eq!(value, expected.map(Value::Tensor));
}

const MAP: [u64; 4] = [2, 6, 8, 10];

#[test]
fn shapes_follow_pytorch() {
    let scale = |by| Resample { size: ResampleSize::By(by), mode: ResampleMode::Nearest };
    let pads = [1, -2, 3, 0];
    let view = vec![Size::Of(0), Size::Fixed(3), Size::Rest, Size::Of(3)];
    for (op, expected) in [
        (conv(6, 4, 3, 2, 1), vec![2, 4, 4, 5]),
        (Op::Pad { pads, mode: PaddingMode::Zeros }, vec![2, 6, 12, 8]),
        (Op::Upsample(scale([[3, 2], [1, 4]])), vec![2, 6, 12, 2]),
        (Op::Flatten { start: 1, end: -2 }, vec![2, 48, 10]),
        (Op::Flatten { start: 0, end: -1 }, vec![960]),
        (Op::Reshape(view), vec![2, 3, 16, 10]),
        (Op::Permute(vec![0, 2, -1, 1]), vec![2, 8, 10, 6]),
        (Op::Transpose(-1, 1), vec![2, 10, 8, 6]),
        (Op::Mean { axes: vec![2, -1], keepdim: false }, vec![2, 6]),
        (Op::Mean { axes: vec![3], keepdim: true }, vec![2, 6, 8, 1]),
        (Op::Mean { axes: vec![], keepdim: false }, vec![]),
        (Op::ChannelShuffle(3), MAP.to_vec()),
        (Op::Softmax(-1), MAP.to_vec()),
        (Op::Linear(LinearParams::new(10, 7, false).unwrap()), vec![2, 6, 8, 7]),
        (Op::Unknown { operator: "Mystery".into(), shape: Some(Shape::from([5])) }, vec![5]),
    ] {
        check(MAP, vec![op], Ok(Shape::new(expected)));
    }
    check(MAP, vec![Op::Chunk { chunks: 4, axis: 1 }, Op::Item(-1)], Ok(Shape::from([2, 2, 8, 10])));
    check(MAP, vec![Op::Split { sizes: vec![1, 5], axis: 1 }, Op::Item(1)], Ok(Shape::from([2, 5, 8, 10])));
}

#[test]
fn each_impossible_layer_says_why_with_the_numbers() {
    let map = || Shape::from(MAP);
    let sizes = LayerError::Sizes;
    for (op, expected) in [
        (conv(3, 4, 3, 1, 0), sizes(ConvError::ChannelMismatch { expected: 3, got: 6 })),
        (conv(6, 4, 9, 1, 0), sizes(ConvError::KernelExceedsInput { dilated_kernel: 9, padded_input: 8 })),
        (
            Op::Linear(LinearParams::new(7, 7, false).unwrap()),
            sizes(ConvError::FeatureMismatch { expected: 7, got: 10 }),
        ),
        (Op::Permute(vec![0, 1, 1, 2]), LayerError::Axes { named: 3, rank: 4 }),
        (Op::Permute(vec![0, 1]), LayerError::Axes { named: 2, rank: 4 }),
        (Op::Softmax(4), sizes(ConvError::AxisOutOfRange { axis: 4, rank: 4 })),
        (Op::Reshape(vec![Size::Fixed(7), Size::Rest]), LayerError::Reshape { from: map(), to: 7 }),
        (Op::Reshape(vec![Size::Rest, Size::Rest]), LayerError::Reshape { from: map(), to: 1 }),
        (Op::Item(0), LayerError::List { expected: true }),
        (Op::Split { sizes: vec![1, 2], axis: 1 }, LayerError::Split { parts: 3, size: 6 }),
        (
            Op::Pad { pads: [-8, 0, 0, 0], mode: PaddingMode::Zeros },
            LayerError::Crop { input_len: 8, before: -8, after: 0 },
        ),
        (
            Op::Pad { pads: [0, 10, 0, 0], mode: PaddingMode::Reflect },
            sizes(ConvError::ReflectPadding { pad: 10, input_len: 10 }),
        ),
        (
            Op::Norm(Norm::Layer { shape: Shape::from([6]), scale: true, shift: true }),
            LayerError::Normalized { expected: Shape::from([6]), got: map() },
        ),
        (Op::ChannelShuffle(4), sizes(ConvError::GroupsInChannels { groups: 4, in_channels: 6 })),
        (Op::ChannelShuffle(0), sizes(ConvError::Zero { param: "groups" })),
        (Op::Chunk { chunks: 0, axis: 1 }, sizes(ConvError::Zero { param: "chunks" })),
        (
            Op::Unknown { operator: "Mystery".into(), shape: None },
            LayerError::Unknown { operator: "Mystery".into() },
        ),
        (Op::Input(map()), LayerError::InputCount { expected: 0, got: 1 }),
    ] {
        assert!(!expected.to_string().is_empty());
        check(MAP, vec![op], Err(expected));
    }
    let flat = Shape::from([2, 480]);
    let error = LayerError::Rank { expected: 4, got: flat };
    check(MAP, vec![Op::Flatten { start: 1, end: -1 }, conv(6, 4, 1, 1, 0)], Err(error));
    let chunk = Op::Chunk { chunks: 2, axis: 1 };
    check(MAP, vec![chunk.clone(), Op::Item(2)], Err(LayerError::Item { item: 2, len: 2 }));
    check(MAP, vec![chunk, conv(6, 4, 1, 1, 0)], Err(LayerError::List { expected: false }));
}

#[test]
fn what_an_impossible_layer_does_not_block_stays_usable() {
    let mut graph = chain([1, 3, 8, 8], vec![conv(3, 4, 3, 1, 0), conv(5, 4, 3, 1, 0), conv(4, 4, 3, 1, 0)]);
    let [input, first, wrong, behind] = [0, 1, 2, 3].map(|index| graph.id(index).unwrap());
    let beside = graph.push("beside", conv(4, 2, 3, 2, 0), &[first]).unwrap();
    let analysis = graph.analyse();
    assert_eq!(analysis.value(behind), Err(&LayerError::Blocked { by: wrong }));
    assert_eq!(analysis.first_error().map(|(id, _)| id), Some(wrong));
    assert_eq!(analysis.value(beside), Ok(&Value::Tensor(Shape::from([1, 2, 2, 2]))));
    assert_eq!(analysis.fields(beside).unwrap()[0].uniform().unwrap().size, 5);
    assert_eq!((analysis.cost(wrong), analysis.map(behind)), (None, None));
    let region = analysis.project(beside, [1, 1]).unwrap();
    assert_eq!(region.region(input).unwrap().hull(0), Some([2, 6]));
    assert!(graph.push("", Op::Item(0), &[NodeId(9)]).is_err());
}

#[test]
fn branches_are_combined_or_their_shapes_named() {
    let mut graph = chain([1, 3, 8, 8], vec![conv(3, 4, 3, 1, 0), conv(3, 4, 1, 1, 0)]);
    let [input, first] = [0, 1].map(|index| graph.id(index).unwrap());
    let two = Op::Arithmetic(Arithmetic::Add);
    let sum = graph.push("", two.clone(), &[input, first]).unwrap();
    let joined = graph.push("", Op::Concat(1), &[input, first]).unwrap();
    let scale = graph.push("", Op::Parameter(Shape::from([4, 1, 1])), &[]).unwrap();
    let scaled = graph.push("", two, &[scale, first]).unwrap();
    let analysis = graph.analyse();
    let (left, right) = (Shape::from([1, 3, 8, 8]), Shape::from([1, 4, 6, 6]));
    let error = LayerError::Broadcast { left: left.clone(), right: right.clone() };
    assert_eq!(analysis.value(sum), Err(&error));
    assert_eq!(analysis.value(joined), Err(&LayerError::Concat { axis: 1, left, right: right.clone() }));
    assert_eq!(analysis.value(scaled), Ok(&Value::Tensor(right)));
    // The scale has no field and takes none away.
    assert_eq!(analysis.fields(scaled), analysis.fields(first));
    assert_eq!(analysis.cost(scale).map(|cost| (cost.params, cost.output_elements)), Some((4, 0)));
}

#[test]
fn memory_peaks_while_a_skipped_tensor_waits() {
    // 192 in, 384 and 384 beside it, then the sum: at the second convolution all three are alive.
    let mut graph = chain([1, 3, 8, 8], vec![conv(3, 6, 1, 1, 0), conv(6, 3, 1, 1, 0)]);
    let [input, wide, back] = [0, 1, 2].map(|index| graph.id(index).unwrap());
    graph.push("", Op::Arithmetic(Arithmetic::Add), &[input, back]).unwrap();
    let peak = graph.analyse().peak().unwrap();
    assert_eq!((peak.elements, peak.node), (192 + 384 + 192, back));
    assert_eq!(graph.node(wide).inputs, [input]);
    assert_eq!(Graph::new().analyse().peak(), None);
}

#[test]
fn rows_and_columns_are_followed_through_views_and_permutations() {
    let follow = |ops: Vec<Op>| {
        let graph = chain([2, 6, 8, 8], ops);
        let analysis = graph.analyse();
        let last = graph.last().unwrap();
        (analysis.map(last).unwrap(), analysis.fields(last).unwrap().clone())
    };
    let here = [0, 1].map(|_| Field::Periodic(AxisField::input()));
    let shuffled = vec![
        Op::Reshape(vec![Size::Of(0), Size::Fixed(2), Size::Rest, Size::Of(2), Size::Of(3)]),
        Op::Transpose(1, 2),
        Op::Reshape(vec![Size::Of(0), Size::Rest, Size::Of(3), Size::Of(4)]),
    ];
    assert_eq!(follow(shuffled), (Map { axes: [Some(2), Some(3)], size: [8, 8] }, here.clone()));
    let last = Op::Permute(vec![0, 2, 3, 1]);
    let linear = Op::Linear(LinearParams::new(6, 9, true).unwrap());
    let pointwise = follow(vec![last.clone(), linear.clone()]);
    assert_eq!(pointwise, (Map { axes: [Some(1), Some(2)], size: [8, 8] }, here.clone()));
    // Features of columns: each output reads a whole row.
    let rows = Op::Linear(LinearParams::new(8, 9, true).unwrap());
    let (map, fields) = follow(vec![rows]);
    assert_eq!(
        (map, &fields),
        (Map { axes: [Some(2), None], size: [8, 1] }, &[here[0].clone(), Field::Whole])
    );
    let (map, fields) = follow(vec![Op::Flatten { start: 1, end: -1 }]);
    assert_eq!((map, fields), (Map { axes: [None; 2], size: [1, 1] }, [Field::Whole, Field::Whole]));
    let parts = follow(vec![Op::Chunk { chunks: 2, axis: 1 }, Op::Item(1)]);
    assert_eq!(parts.1, here);
    // The lower half of the rows starts 4 cells down.
    let (map, fields) = follow(vec![Op::Chunk { chunks: 2, axis: 2 }, Op::Item(1)]);
    assert_eq!((map.size, fields[0].uniform().unwrap().start), ([4, 8], 4));
}
