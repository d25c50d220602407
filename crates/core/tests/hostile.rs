//! Graphs that nobody would draw: no panic, no wrapped number, and an end in time.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "tests, though clippy does not know the attribute")]

use convscope_core::graph::{
    Arithmetic, Field, Graph, Norm, Op, PoolKind, Resample, ResampleMode, ResampleSize, Shape, Size,
};
use convscope_core::{
    AdaptivePool2d, AutoPad, Conv2dOptions, Conv2dParams, ConvTranspose2dOptions, ConvTranspose2dParams,
    Layer, LinearParams, Padding2d, PaddingMode, Pads, Pool2dOptions, Pool2dParams, PoolRounding,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::time::{Duration, Instant};

/// Small sizes, sizes around powers of two, and any.
fn size() -> impl Strategy<Value = u64> {
    let near_power =
        (0..64_u32, 0..5_u64).prop_map(|(bits, offset)| (1_u64 << bits).wrapping_add(offset).wrapping_sub(2));
    prop_oneof![8 => 0..12_u64, 2 => near_power, 1 => any::<u64>()]
}

/// Mostly sizes that layers have, so that others come behind them.
fn usual(from: u64, end: u64) -> impl Strategy<Value = u64> {
    prop_oneof![40 => from..end, 1 => size()]
}

fn signed() -> impl Strategy<Value = i64> {
    prop_oneof![8 => -3..5_i64, 1 => any::<i64>(), 1 => Just(i64::MIN), 1 => Just(i64::MAX)]
}

fn mode() -> impl Strategy<Value = PaddingMode> {
    prop_oneof![
        3 => Just(PaddingMode::Zeros),
        1 => Just(PaddingMode::Reflect),
        1 => Just(PaddingMode::Replicate),
        1 => Just(PaddingMode::Circular)
    ]
}

fn window() -> impl Strategy<Value = Option<Op>> {
    let pair = |from: u64, end: u64| [usual(from, end), usual(from, end)];
    let pairs = (pair(1, 5), pair(1, 4), pair(1, 4), pair(0, 4));
    (pairs, 0..6_u8, mode(), 1..4_u64).prop_map(
        |((kernel_size, stride, dilation, pads), kind, mode, groups)| {
            let pads = Pads { top: pads[0], left: pads[1], bottom: pads[1], right: pads[0] };
            let pool = |rounding| {
                let padding = AutoPad::Explicit(pads);
                Pool2dParams::new(Pool2dOptions { kernel_size, stride, dilation, padding, rounding }).ok()
            };
            let layer = match kind {
                0 | 1 => {
                    let options = Conv2dOptions {
                        in_channels: 6,
                        out_channels: 6,
                        kernel_size,
                        stride,
                        dilation,
                        padding: if kind == 0 { Padding2d::Explicit(pads) } else { Padding2d::Same },
                        padding_mode: mode,
                        groups,
                        bias: true,
                    };
                    Layer::Conv2d(Conv2dParams::new(options).ok()?)
                }
                2 | 3 => {
                    let options = ConvTranspose2dOptions {
                        in_channels: 6,
                        out_channels: 6,
                        kernel_size,
                        stride,
                        dilation,
                        padding: if kind == 2 { AutoPad::Explicit(pads) } else { AutoPad::SameUpper },
                        groups,
                        ..Default::default()
                    };
                    Layer::ConvTranspose2d(ConvTranspose2dParams::new(options).ok()?)
                }
                4 => Layer::MaxPool2d(pool(PoolRounding::Ceil)?),
                _ => Layer::LpPool2d(pool(PoolRounding::Floor)?, 2),
            };
            Some(Op::Layer(layer))
        },
    )
}

fn other() -> impl Strategy<Value = Option<Op>> {
    let numbers =
        ([signed(), signed(), signed(), signed()], [usual(1, 9), usual(1, 9), usual(1, 9), usual(1, 9)]);
    (numbers, 0..22_u8, mode()).prop_map(|((signs, sizes), kind, mode)| {
        let resampled = [ResampleMode::Nearest, ResampleMode::Bilinear, ResampleMode::BilinearAligned];
        let resampled = resampled[sizes[3] as usize % 3];
        Some(match kind {
            0 => Op::Pad { pads: signs, mode },
            1 => Op::Upsample(Resample { size: ResampleSize::To([sizes[0], sizes[1]]), mode: resampled }),
            2 => {
                let by = [[sizes[0], sizes[1]], [sizes[2], sizes[3]]];
                Op::Upsample(Resample { size: ResampleSize::By(by), mode: resampled })
            }
            3 => Op::AdaptivePool(AdaptivePool2d::new([signs[0], signs[1]]).ok()?, PoolKind::Max),
            4 => Op::Flatten { start: signs[0], end: signs[1] },
            5 => Op::Reshape(sizes.iter().map(|&size| Size::Fixed(size)).collect()),
            6 => Op::Reshape(vec![Size::Of(0), Size::Fixed(6), Size::Rest, Size::Fixed(sizes[0])]),
            7 => Op::Permute(vec![0, 2, 3, 1]),
            8 => Op::Permute(signs.to_vec()),
            9 => Op::Transpose(signs[0], signs[1]),
            10 => Op::Mean { axes: signs[..2].to_vec(), keepdim: sizes[0] % 2 == 0 },
            11 => Op::Concat(signs[0]),
            12 => Op::Chunk { chunks: sizes[0], axis: signs[0] },
            13 => Op::Split { sizes: sizes.to_vec(), axis: signs[0] },
            14 => Op::Item(signs[0]),
            15 => Op::Softmax(signs[0]),
            16 => Op::ChannelShuffle(sizes[0]),
            17 => Op::Linear(LinearParams::new(sizes[0], sizes[1], true).ok()?),
            18 => Op::Norm(Norm::Group { groups: sizes[0], features: 6, affine: true }),
            19 => Op::Norm(Norm::Layer { shape: Shape::from([sizes[0]]), scale: true, shift: false }),
            20 => Op::Parameter(Shape::from(sizes)),
            _ => Op::Unknown {
                operator: "Mystery".into(),
                shape: Some(Shape::from([1, 6, sizes[0], sizes[1]])),
            },
        })
    })
}

fn op() -> impl Strategy<Value = Option<Op>> {
    let merge = (0..3_u8, signed()).prop_map(|(kind, axis)| {
        Some(match kind {
            0 => Op::Arithmetic(Arithmetic::Add),
            1 => Op::Arithmetic(Arithmetic::Multiply),
            _ => Op::Concat(axis),
        })
    });
    prop_oneof![4 => window(), 2 => other(), 2 => merge]
}

fn graph() -> impl Strategy<Value = Graph> {
    let nodes = proptest::collection::vec((op(), any::<u16>(), any::<u16>()), 1..14);
    ([usual(6, 40), usual(6, 40)], nodes).prop_map(|(map, nodes)| {
        let mut graph = Graph::new();
        graph.push("", Op::Input(Shape::from([1, 6, map[0], map[1]])), &[]).unwrap();
        for (op, left, right) in nodes {
            let Some(op) = op else { continue };
            let far = graph.len();
            // Near ones more often, so that chains grow long.
            let pick =
                |number: u16| graph.id(far - 1 - usize::from(number).pow(2) / 65536 % far.min(3)).unwrap();
            let inputs = match op {
                Op::Parameter(_) => vec![],
                Op::Arithmetic(_) | Op::Concat(_) => vec![pick(left), pick(right)],
                _ => vec![pick(left)],
            };
            graph.push("", op, &inputs).unwrap();
        }
        graph
    })
}

/// Everything that may be asked of a graph.
fn ask_everything(graph: &Graph, unit: [u64; 2]) {
    let analysis = graph.analyse();
    let _ = (analysis.totals(), analysis.peak(), analysis.first_error(), analysis.n_gates());
    for id in graph.ids() {
        let _ = (analysis.value(id), analysis.cost(id).map(|cost| cost.flops()), analysis.paths(id, 5));
        for side in 0..2 {
            let _ =
                (analysis.merge(id, side), analysis.misalignment(id, side), analysis.longest_path(id, side));
            if let Some(Field::Periodic(field)) = analysis.fields(id).map(|fields| &fields[side]) {
                let _ =
                    (field.sizes(), field.span(unit[0].cast_signed()), field.cells(i64::MIN), field.jump());
            }
        }
        for projection in
            [analysis.project(id, unit), analysis.seen_by(id, unit), analysis.project(id, [0, 0])]
        {
            let Ok(projection) = projection else { continue };
            for other in graph.ids() {
                let Ok(region) = projection.region(other) else { continue };
                let _ = (region.count(), region.is_empty(), region.columns_at(0));
                for side in 0..2 {
                    let padding = region.padding(side);
                    let _ = (region.used(side), region.holes(side), region.lost(side));
                    assert!(padding.runs().iter().all(|run| run[0] <= run[1]));
                    let used = region.used(side).unwrap_or_default();
                    assert!(used.clip(i64::MIN, -1).is_empty());
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, rng_seed: RngSeed::Fixed(20_261_123), ..ProptestConfig::default() })]

    #[test]
    fn no_graph_makes_anything_panic(graph in graph(), unit in [size(), size()]) {
        ask_everything(&graph, unit);
    }
}

fn conv(kernel: u64, dilation: u64, pad: u64) -> Op {
    let options = Conv2dOptions {
        kernel_size: [kernel; 2],
        dilation: [dilation; 2],
        padding: Padding2d::Explicit(Pads::all(pad)),
        ..Default::default()
    };
    Op::Layer(Layer::Conv2d(Conv2dParams::new(options).unwrap()))
}

/// A generous limit for a slow machine and a build that is not optimised.
#[track_caller]
fn within(seconds: u64, work: impl FnOnce()) {
    let start = Instant::now();
    work();
    assert!(start.elapsed() < Duration::from_secs(seconds), "{:?}", start.elapsed());
}

#[test]
fn chains_of_a_thousand_layers_are_quick() {
    within(5, || {
        let mut graph = Graph::new();
        let mut last = graph.push("", Op::Input(Shape::from([1, 1, 4096, 4096])), &[]).unwrap();
        for i in 0..1000 {
            let dilation = if i < 500 { 1 } else { 2 };
            last = graph.push("", conv(3, dilation, dilation), &[last]).unwrap();
        }
        let analysis = graph.analyse();
        assert_eq!(analysis.fields(last).unwrap()[0].uniform().unwrap().size, 1 + 500 * 2 + 500 * 4);
        let region = analysis.project(last, [2000, 0]).unwrap();
        assert_eq!(region.region(graph.id(0).unwrap()).unwrap().hull(0), Some([500, 3500]));
        analysis.seen_by(graph.id(0).unwrap(), [0, 0]).unwrap();
    });
}

#[test]
fn more_paths_than_can_be_counted_take_no_longer() {
    within(5, || {
        let mut graph = Graph::new();
        let mut last = graph.push("", Op::Input(Shape::from([1, 1, 64, 64])), &[]).unwrap();
        for _ in 0..500 {
            let [a, b] = [conv(3, 1, 1), conv(1, 1, 0)].map(|op| graph.push("", op, &[last]).unwrap());
            last = graph.push("", Op::Arithmetic(Arithmetic::Add), &[a, b]).unwrap();
        }
        let analysis = graph.analyse();
        let paths = analysis.paths(last, 50);
        assert_eq!((paths.count, paths.listed.len()), (u128::MAX, 50));
        assert_eq!(paths.listed[0].fields[0].uniform().unwrap().size, 1001);
        assert_eq!(analysis.fields(last).unwrap()[0].uniform().unwrap().size, 1001);
        assert_eq!(analysis.longest_path(last, 1).len(), 1001);
        assert_eq!(analysis.misalignment(last, 0), None);
    });
}

/// A field of many runs is refused at its layer, and those before it stay.
#[test]
fn fields_in_too_many_pieces_are_refused() {
    within(5, || {
        let mut graph = Graph::new();
        let mut last = graph.push("", Op::Input(Shape::from([1, 1, 1 << 31, 1 << 31])), &[]).unwrap();
        for power in 0..25 {
            last = graph.push("", conv(2, 3 << power, 3 << power), &[last]).unwrap();
        }
        let analysis = graph.analyse();
        let fields: Vec<_> = graph.ids().map(|id| &analysis.fields(id).unwrap()[0]).collect();
        assert_eq!(fields[10].periodic().map(|field| field.support()), Some(1 << 10));
        assert!(matches!(fields[20], Field::TooLarge(_)));
        let projection = analysis.project(last, [7, 7]).unwrap();
        assert!(projection.region(graph.id(25).unwrap()).is_ok());
        assert!(projection.region(graph.id(0).unwrap()).is_err());
    });
}
