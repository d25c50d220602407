//! Worked examples of fields, sizes and costs, and what other tools get wrong, as rules of ours.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "tests, though clippy does not know the attribute")]

use convscope_core::graph::zoo::Zoo;
use convscope_core::graph::{Alignment, Analysis, Arithmetic, AxisField, Field, Graph, NodeId, Op, Shape};
use convscope_core::{
    AutoPad, Conv2dOptions, Conv2dParams, ConvTranspose2dOptions, ConvTranspose2dParams, Layer, Padding2d,
    Pads, Pool2dOptions, Pool2dParams, PoolRounding, ReceptiveField,
};

fn conv_with(options: Conv2dOptions) -> Op {
    Op::Layer(Layer::Conv2d(Conv2dParams::new(options).unwrap()))
}

/// `[kernel, stride, padding, dilation]` on both axes.
fn conv([kernel, stride, pad, dilation]: [u64; 4]) -> Op {
    conv_with(Conv2dOptions {
        kernel_size: [kernel; 2],
        stride: [stride; 2],
        dilation: [dilation; 2],
        padding: Padding2d::Explicit(Pads::all(pad)),
        ..Default::default()
    })
}

fn transposed([kernel, stride, pad]: [u64; 3]) -> Op {
    let options = ConvTranspose2dOptions {
        kernel_size: [kernel; 2],
        stride: [stride; 2],
        padding: AutoPad::Explicit(Pads::all(pad)),
        ..Default::default()
    };
    Op::Layer(Layer::ConvTranspose2d(ConvTranspose2dParams::new(options).unwrap()))
}

fn pool([kernel, stride, pad]: [u64; 3], rounding: PoolRounding) -> Op {
    let options = Pool2dOptions {
        kernel_size: [kernel; 2],
        stride: [stride; 2],
        padding: AutoPad::Explicit(Pads::all(pad)),
        rounding,
        ..Default::default()
    };
    Op::Layer(Layer::MaxPool2d(Pool2dParams::new(options).unwrap()))
}

fn chain(size: u64, ops: Vec<Op>) -> Graph {
    let mut graph = Graph::new();
    let mut last = graph.push("input", Op::Input(Shape::from([1, 1, size, size])), &[]).unwrap();
    for op in ops {
        last = graph.push("", op, &[last]).unwrap();
    }
    graph
}

fn ids<const N: usize>(graph: &Graph, indices: [usize; N]) -> [NodeId; N] {
    indices.map(|index| graph.id(index).unwrap())
}

/// The field of the last node's rows, which has a period.
fn field(graph: &Graph) -> AxisField {
    let analysis = graph.analyse();
    analysis.fields(graph.last().unwrap()).unwrap()[0].periodic().unwrap().clone()
}

fn at(analysis: &Analysis, name: &str) -> ReceptiveField {
    let id = analysis.graph().find(name).unwrap();
    analysis.fields(id).unwrap()[1].uniform().unwrap()
}

fn sizes_of_maps(graph: &Graph) -> Vec<u64> {
    let analysis = graph.analyse();
    graph.ids().map(|id| analysis.map(id).unwrap().size[0]).collect()
}

#[test]
fn unequal_counts_make_the_checkerboard() {
    for (layer, counts) in [
        ([2, 2, 0], vec![1, 1]),
        ([3, 2, 1], vec![1, 2]),
        ([4, 2, 1], vec![2, 2]),
        ([5, 3, 1], vec![2, 1, 2]),
    ] {
        let field = field(&chain(16, vec![transposed(layer)]));
        // A period of one unit stands for all.
        let ours: Vec<_> = (0..counts.len()).map(|unit| field.cells(unit as i64).unwrap().count()).collect();
        assert_eq!(ours, counts, "{layer:?}");
    }
}

#[test]
fn the_articles_example_sees_from_minus_1_to_4() {
    let field = field(&chain(16, vec![conv([3, 3, 1, 1]), conv([2, 1, 0, 1])]));
    assert_eq!(field.span(0), Ok(Some([-1, 4])));
}

#[test]
fn growing_dilations_use_every_cell_of_their_span() {
    for (dilations, span, used) in [([2, 2, 2], 13, 7), ([1, 2, 5], 17, 17), ([1, 2, 4], 15, 15)] {
        let layers = dilations.map(|dilation| conv([3, 1, dilation, dilation]));
        let field = field(&chain(64, layers.to_vec()));
        assert_eq!((field.size(), field.support()), (span, used));
    }
}

#[test]
fn tiny_vgg_sees_16_cells_and_the_first_dense_layer_of_vgg_16_would_see_404() {
    let (three, two) = (conv([3, 1, 0, 1]), pool([2, 2, 0], PoolRounding::Floor));
    let tiny = [three.clone(), three.clone(), two.clone(), three.clone(), three, two];
    assert_eq!(field(&chain(64, tiny.to_vec())).size(), 16);
    let (three, two) = (conv([3, 1, 1, 1]), pool([2, 2, 0], PoolRounding::Floor));
    let blocks = [2, 2, 3, 3, 3].map(|layers| [vec![three.clone(); layers], vec![two.clone()]].concat());
    let vgg = [blocks.concat(), vec![conv([7, 1, 0, 1])]].concat();
    assert_eq!(field(&chain(224, vgg)).size(), 404);
    let fc6 = Conv2dOptions {
        in_channels: 512,
        out_channels: 4096,
        kernel_size: [7, 7],
        bias: true,
        ..Default::default()
    };
    let mut graph = Graph::new();
    let input = graph.push("input", Op::Input(Shape::from([1, 512, 7, 7])), &[]).unwrap();
    graph.push("fc6", conv_with(fc6), &[input]).unwrap();
    assert_eq!(graph.analyse().totals().params, 102_764_544);
}

#[test]
fn weights_of_equal_fields_are_far_apart() {
    let weights = |layers: &[[u64; 3]]| {
        let mut graph = Graph::new();
        let mut last = graph.push("", Op::Input(Shape::from([1, layers[0][0], 8, 8])), &[]).unwrap();
        for &[in_channels, out_channels, kernel] in layers {
            let padding = Padding2d::Same;
            let kernel_size = [kernel; 2];
            let options =
                Conv2dOptions { in_channels, out_channels, kernel_size, padding, ..Default::default() };
            last = graph.push("", conv_with(options), &[last]).unwrap();
        }
        graph.analyse().totals().params
    };
    assert_eq!([weights(&[[9, 9, 3]; 3]), weights(&[[9, 9, 7]])], [27 * 81, 49 * 81]);
    assert_eq!(weights(&[[256, 64, 1], [64, 64, 3], [64, 256, 1]]), 69_632);
    assert_eq!(weights(&[[256, 256, 3]; 2]), 1_179_648);
}

// What other tools get wrong.

/// Several refuse a stride that does not divide, and with it the first layers of ResNet and AlexNet.
#[test]
fn strides_that_do_not_divide_are_rounded_down() {
    let graph = |layer| chain(224, vec![conv(layer)]);
    assert_eq!(sizes_of_maps(&graph([7, 2, 3, 1])), [224, 112]);
    assert_eq!(sizes_of_maps(&graph([11, 4, 2, 1])), [224, 55]);
}

/// Some round up without the rule of the last window, one never rounds up (GoogLeNet's 112 to 55), and one
/// always.
#[test]
fn pools_are_rounded_up_when_asked_and_drop_windows_beyond_the_end() {
    for (input, layer, floor, ceil) in
        [(112, [3, 2, 0], 55, 56), (10, [1, 2, 0], 5, 5), (32, [1, 2, 0], 16, 16), (64, [3, 2, 1], 32, 33)]
    {
        let out = |rounding| sizes_of_maps(&chain(input, vec![pool(layer, rounding)]))[1];
        assert_eq!([out(PoolRounding::Floor), out(PoolRounding::Ceil)], [floor, ceil], "{input} {layer:?}");
    }
    let googlenet = Zoo::GoogLeNet.build();
    let analysis = googlenet.analyse();
    assert_eq!(analysis.map(googlenet.find("pool1").unwrap()).unwrap().size, [56, 56]);
}

/// Two add the branches of a module up as if they stood in a row.
#[test]
fn branches_are_side_by_side() {
    let graph = Zoo::GoogLeNet.build();
    let analysis = graph.analyse();
    // Before the module 27 cells at a jump of 8: the 5 x 5 alone adds to them, 4 * 8.
    let sizes = ["pool2", "3a.3x3", "3a.5x5", "3a.concat"].map(|name| at(&analysis, name).size);
    assert_eq!(sizes, [27, 43, 59, 59]);
    let merge = analysis.merge(graph.find("3a.concat").unwrap(), 0).unwrap();
    assert_eq!((merge.branches.len(), merge.sets), (4, Some([2, 2])));
    assert_eq!(merge.alignment, Alignment::Aligned);
}

/// One loses the dilation in the start, one in the size, and one altogether.
#[test]
fn dilation_counts_in_size_and_start() {
    let graph = chain(32, vec![conv([3, 1, 2, 2])]);
    assert_eq!(field(&graph).uniform(), Some(ReceptiveField { size: 5, jump: 1, start: -2 }));
    assert_eq!(sizes_of_maps(&graph), [32, 32]);
}

/// One gives a field of 0 to transposed layers, others subtract the kernel or divide the jump alone.
#[test]
fn transposed_layers_see_by_phase() {
    let graph = chain(32, vec![conv([3, 2, 1, 1]), transposed([3, 2, 1])]);
    let field = field(&graph);
    assert_eq!((field.sizes(), field.jump().numerator(), field.jump().denominator()), (vec![3, 5], 1, 1));
    assert_eq!(field.span(0), Ok(Some([-1, 1])));
    assert_eq!(field.span(1), Ok(Some([-1, 3])));
}

/// One reads the first axis alone.
#[test]
fn axes_are_worked_out_each_for_itself() {
    let options = Conv2dOptions { kernel_size: [3, 5], stride: [1, 2], ..Default::default() };
    let graph = chain(32, vec![conv_with(options), conv_with(options)]);
    let analysis = graph.analyse();
    let fields = analysis.fields(graph.last().unwrap()).unwrap().clone();
    let [rows, columns] = fields.map(|field| field.uniform().unwrap());
    assert_eq!((rows.size, rows.jump, columns.size, columns.jump), (5, 1, 13, 4));
}

/// One has a formula for adaptive pools that means nothing: they are windows where they divide, and see
/// everything where they make one number.
#[test]
fn adaptive_pools_are_the_windows_that_they_have() {
    use convscope_core::AdaptivePool2d;
    use convscope_core::graph::PoolKind;
    let adaptive = |size| Op::AdaptivePool(AdaptivePool2d::new([size; 2]).unwrap(), PoolKind::Average);
    let uniform = |size| field(&chain(12, vec![adaptive(size)])).uniform();
    assert_eq!(uniform(4), Some(ReceptiveField { size: 3, jump: 3, start: 0 }));
    assert_eq!(uniform(12), Some(ReceptiveField { size: 1, jump: 1, start: 0 }));
    // 12 cells for 5 windows: five lengths in turn, 12 cells further on again.
    let uneven = field(&chain(12, vec![adaptive(5)]));
    assert_eq!((uneven.sizes(), uneven.advance()), (vec![3, 3, 4, 3, 3], 12));
    let global = chain(12, vec![adaptive(1)]);
    assert_eq!(global.analyse().fields(global.last().unwrap()), Some(&[Field::Whole, Field::Whole]));
}

/// Four count transposed and grouped layers wrong, one of them depthwise transposed layers as nothing.
#[test]
fn transposed_and_grouped_multiplications_are_counted_once_each() {
    let (in_channels, out_channels) = (6, 6);
    for (groups, macs) in [(1, 6 * 6 * 16 * 25), (2, 6 * 3 * 16 * 25), (6, 6 * 16 * 25)] {
        let options = ConvTranspose2dOptions {
            in_channels,
            out_channels,
            groups,
            kernel_size: [4, 4],
            stride: [2, 2],
            ..Default::default()
        };
        let mut graph = Graph::new();
        let input = graph.push("", Op::Input(Shape::from([1, 6, 5, 5])), &[]).unwrap();
        let layer = Layer::ConvTranspose2d(ConvTranspose2dParams::new(options).unwrap());
        graph.push("", Op::Layer(layer), &[input]).unwrap();
        assert_eq!((graph.analyse().totals().macs, graph.analyse().totals().flops()), (macs, 2 * macs));
    }
}

/// None says which cells are holes and which padding.
#[test]
fn used_cells_holes_and_padding_are_told_apart() {
    let graph = chain(9, vec![conv([3, 1, 2, 2]), conv([3, 1, 2, 2])]);
    let analysis = graph.analyse();
    let projection = analysis.project(graph.last().unwrap(), [0, 4]).unwrap();
    let region = projection.region(graph.id(0).unwrap()).unwrap();
    assert_eq!(region.hull(0), Some([-4, 4]));
    assert_eq!(region.used(0).unwrap().runs(), [[0, 0], [2, 2], [4, 4]]);
    assert_eq!(region.holes(0).runs(), [[1, 1], [3, 3]]);
    assert_eq!(region.padding(0).runs(), [[-4, -1]]);
    assert!(region.lost(0).unwrap().is_empty());
    assert_eq!(region.used(1).unwrap().runs(), [[0, 0], [2, 2], [4, 4], [6, 6], [8, 8]]);
    assert_eq!((region.patches().len(), region.count()), (1, Ok(15)));
}

/// 8 cells in steps of 3: a third window would read the last two and one of padding, but there is none.
#[test]
fn cells_that_a_missing_window_would_read_are_lost() {
    let graph = chain(8, vec![conv([3, 3, 0, 1]), conv([3, 1, 1, 1])]);
    let analysis = graph.analyse();
    let projection = analysis.project(graph.last().unwrap(), [1, 1]).unwrap();
    let region = projection.region(graph.id(0).unwrap()).unwrap();
    assert_eq!(region.hull(0), Some([0, 8]));
    assert_eq!(region.used(0).unwrap().runs(), [[0, 5]]);
    assert_eq!(region.lost(0).unwrap().runs(), [[6, 7]]);
    assert_eq!((region.padding(0).runs(), region.holes(0).is_empty()), ([[8, 8]].as_slice(), true));
}

/// 1 x 3 beside 3 x 1 see a plus, which no product of rows and columns is.
#[test]
fn branches_of_unequal_sides_see_a_union_of_patches() {
    let mut graph = chain(9, vec![]);
    let [input] = ids(&graph, [0]);
    let side = |kernel_size: [u64; 2]| {
        conv_with(Conv2dOptions { kernel_size, padding: Padding2d::Same, ..Default::default() })
    };
    let row = graph.push("", side([1, 3]), &[input]).unwrap();
    let column = graph.push("", side([3, 1]), &[input]).unwrap();
    let both = graph.push("", Op::Concat(1), &[row, column]).unwrap();
    let analysis = graph.analyse();
    let projection = analysis.project(both, [4, 4]).unwrap();
    let region = projection.region(input).unwrap();
    assert_eq!((region.patches().len(), region.count()), (2, Ok(5)));
    assert_eq!(region.columns_at(3).unwrap().runs(), [[4, 4]]);
    assert_eq!(region.columns_at(4).unwrap().runs(), [[3, 5]]);
    let seen = analysis.seen_by(input, [0, 0]).unwrap();
    assert_eq!(seen.region(both).unwrap().count(), Ok(3));
}

#[test]
fn paths_have_fields_of_their_own() {
    let mut graph = chain(32, vec![conv([3, 1, 1, 1]), conv([5, 1, 2, 1])]);
    let [input, first, second] = ids(&graph, [0, 1, 2]);
    let skip = graph.push("", Op::Arithmetic(Arithmetic::Add), &[first, second]).unwrap();
    let both = graph.push("", Op::Arithmetic(Arithmetic::Add), &[input, skip]).unwrap();
    let analysis = graph.analyse();
    let paths = analysis.paths(both, 8);
    let sizes: Vec<_> = paths.listed.iter().map(|path| path.fields[0].uniform().unwrap().size).collect();
    assert_eq!((paths.count, sizes), (3, vec![1, 3, 7]));
    assert_eq!(paths.listed[2].nodes, [input, first, second, skip, both]);
    assert_eq!(analysis.paths(both, 2).listed, paths.listed[..2]);
    assert_eq!(analysis.longest_path(both, 0), paths.listed[2].nodes);
    assert_eq!(analysis.misalignment(both, 0), None);
}

#[test]
fn branches_of_unequal_speed_are_named() {
    let mut graph = chain(16, vec![conv([2, 2, 0, 1]), conv([9, 1, 0, 1])]);
    let [input, halved, _] = ids(&graph, [0, 1, 2]);
    let short = graph.push("", conv([9, 1, 0, 1]), &[input]).unwrap();
    let add = graph.push("", Op::Arithmetic(Arithmetic::Add), &[halved, short]).unwrap();
    let behind = graph.push("", conv([3, 1, 0, 1]), &[add]).unwrap();
    let analysis = graph.analyse();
    assert_eq!(analysis.fields(behind).unwrap()[0], Field::Irregular);
    let merge = analysis.misalignment(behind, 0).unwrap();
    let Alignment::Jumps { branches, jumps } = merge.alignment else { panic!("{merge:?}") };
    assert_eq!((merge.node, branches, jumps.map(|jump| jump.numerator())), (add, [0, 1], [2, 1]));
    // Single units are exact all the same: unit 3 of the sum reads 6 and 7, or 3 to 11.
    let projection = analysis.project(add, [3, 3]).unwrap();
    assert_eq!(projection.region(input).unwrap().hull(0), Some([3, 11]));
}

#[test]
fn gates_are_passed_by_unless_they_are_to_be_followed() {
    use convscope_core::AdaptivePool2d;
    use convscope_core::graph::{Gates, PoolKind};
    let mut graph = chain(16, vec![conv([3, 1, 1, 1])]);
    let [input, map] = ids(&graph, [0, 1]);
    let pool = graph.push("", Op::AdaptivePool(AdaptivePool2d::GLOBAL, PoolKind::Average), &[map]).unwrap();
    let gate = graph.push("", conv([1, 1, 0, 1]), &[pool]).unwrap();
    let scaled = graph.push("", Op::Arithmetic(Arithmetic::Multiply), &[gate, map]).unwrap();
    let by = graph.analyse();
    assert_eq!((by.gates(scaled), by.n_gates()), ([true, false].as_slice(), 1));
    assert_eq!(by.fields(scaled).unwrap()[0].uniform().unwrap().size, 3);
    assert_eq!(by.project(scaled, [5, 5]).unwrap().region(input).unwrap().hull(1), Some([4, 6]));
    let through = graph.analyse_with(Gates::Follow);
    assert_eq!((through.n_gates(), &through.fields(scaled).unwrap()[0]), (0, &Field::Whole));
    let region = through.project(scaled, [5, 5]).unwrap();
    assert_eq!(region.region(input).unwrap().count(), Ok(256));
}
