//! Graphs as texts: any graph is read back as it was, and no text makes the reader panic.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "tests, though clippy does not know the attribute")]

use convscope_core::graph::notation::{Names, read, read_until, write};
use convscope_core::graph::zoo::Zoo;
use convscope_core::graph::{
    Arithmetic, Graph, NodeId, Norm, Op, Pointwise, PoolKind, Resample, ResampleMode, ResampleSize, Shape,
    Size,
};
use convscope_core::{
    Activation, AdaptivePool2d, AutoPad, AvgDivisor, Conv2dOptions, Conv2dParams, ConvTranspose2dOptions,
    ConvTranspose2dParams, Layer, LinearParams, Padding2d, PaddingMode, Pads, Pool2dOptions, Pool2dParams,
    PoolRounding,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;

fn size() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0..6_u64, 1 => any::<u64>()]
}

fn signed() -> impl Strategy<Value = i64> {
    prop_oneof![8 => -4..5_i64, 1 => any::<i64>()]
}

fn shape() -> impl Strategy<Value = Shape> {
    prop::collection::vec(size(), 0..5).prop_map(Shape::new)
}

fn pair() -> impl Strategy<Value = [u64; 2]> {
    prop_oneof![size().prop_map(|size| [size; 2]), [size(), size()]]
}

/// Mostly names of layers, also of no letters, with full stops, quotes and other alphabets.
fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9]{0,6}", "[a-z.'_:~0-9 é×]{0,6}", any::<String>()]
}

fn pads() -> impl Strategy<Value = Pads> {
    let sides = [pair(), pair()];
    prop_oneof![
        sides.prop_map(|[[top, left], [bottom, right]]| Pads { top, left, bottom, right }),
        size().prop_map(Pads::all),
    ]
}

fn mode() -> impl Strategy<Value = PaddingMode> {
    select(vec![PaddingMode::Zeros, PaddingMode::Reflect, PaddingMode::Replicate, PaddingMode::Circular])
}

fn auto_pad() -> impl Strategy<Value = AutoPad> {
    let named = select(vec![AutoPad::Valid, AutoPad::SameUpper, AutoPad::SameLower]);
    prop_oneof![pads().prop_map(AutoPad::Explicit), named]
}

/// In and out channels and groups that divide them, often depthwise.
fn channels() -> impl Strategy<Value = [u64; 3]> {
    (0..4_u64, 1..4_u64, 1..4_u64)
        .prop_map(|(slices, filters, groups)| [slices * groups, filters * groups, groups])
}

fn layer() -> impl Strategy<Value = Op> {
    let window = (pair(), pair(), pair(), auto_pad());
    let choice = (0..5_u8, any::<bool>(), mode(), pair(), prop::option::of(pair()), 0..6_u8, signed());
    (window, channels(), choice).prop_filter_map("sizes that go together", |(window, channels, choice)| {
        let (kernel_size, stride, dilation, padding) = window;
        let [in_channels, out_channels, groups] = channels;
        let (kind, bias, padding_mode, output_padding, output_size, other, number) = choice;
        let pool = || {
            let rounding = [PoolRounding::Floor, PoolRounding::Ceil, PoolRounding::CeilKeepLast];
            let rounding = rounding[usize::from(other % 3)];
            Pool2dParams::new(Pool2dOptions { kernel_size, stride, dilation, padding, rounding }).ok()
        };
        Some(Op::Layer(match kind {
            0 => {
                let padding = match (other, padding) {
                    (0, _) => Padding2d::Valid,
                    (1, _) => Padding2d::Same,
                    (2, _) => Padding2d::Full,
                    (_, AutoPad::Explicit(pads)) => Padding2d::Explicit(pads),
                    _ => Padding2d::Explicit(Pads::default()),
                };
                let options = Conv2dOptions {
                    in_channels,
                    out_channels,
                    kernel_size,
                    stride,
                    dilation,
                    padding,
                    padding_mode,
                    groups,
                    bias,
                };
                Layer::Conv2d(Conv2dParams::new(options).ok()?)
            }
            1 => {
                let options = ConvTranspose2dOptions {
                    in_channels,
                    out_channels,
                    kernel_size,
                    stride,
                    dilation,
                    padding,
                    output_padding: output_padding
                        .map(|cells| cells.min(stride[0].min(stride[1]).saturating_sub(1))),
                    output_size,
                    groups,
                    bias,
                };
                Layer::ConvTranspose2d(ConvTranspose2dParams::new(options).ok()?)
            }
            2 => Layer::MaxPool2d(pool()?),
            3 => {
                let divisors =
                    [AvgDivisor::CountIncludePad, AvgDivisor::CountInside, AvgDivisor::Fixed(number)];
                Layer::AvgPool2d(pool()?, divisors[usize::from(other % 3)])
            }
            _ => Layer::LpPool2d(pool()?, number.unsigned_abs() as u32),
        }))
    })
}

fn norm() -> impl Strategy<Value = Op> {
    let norm = prop_oneof![
        (size(), any::<[bool; 2]>()).prop_map(|(features, [affine, tracked])| Norm::Batch {
            features,
            affine,
            tracked
        }),
        (shape(), any::<[bool; 2]>()).prop_map(|(shape, [scale, shift])| Norm::Layer { shape, scale, shift }),
        Just(Norm::LayerOf),
        ([size(), size()], any::<bool>()).prop_map(|([groups, features], affine)| Norm::Group {
            groups,
            features,
            affine
        }),
        Just(Norm::LocalResponse),
    ];
    norm.prop_map(Op::Norm)
}

fn pointwise() -> impl Strategy<Value = Op> {
    let function = prop_oneof![
        select(Activation::ALL).prop_map(Pointwise::Activation),
        name().prop_map(Pointwise::Named),
        select(vec![Pointwise::Dropout, Pointwise::StochasticDepth, Pointwise::Contiguous]),
    ];
    function.prop_map(Op::Pointwise)
}

fn upsample() -> impl Strategy<Value = Op> {
    let size = prop_oneof![pair().prop_map(ResampleSize::To), [pair(), pair()].prop_map(ResampleSize::By)];
    let mode = select(vec![ResampleMode::Nearest, ResampleMode::Bilinear, ResampleMode::BilinearAligned]);
    (size, mode).prop_map(|(size, mode)| Op::Upsample(Resample { size, mode }))
}

fn rearranged() -> impl Strategy<Value = Op> {
    let axes = || prop::collection::vec(signed(), 0..5);
    let sizes = prop_oneof![size().prop_map(Size::Fixed), size().prop_map(Size::Of), Just(Size::Rest)];
    prop_oneof![
        [signed(), signed()].prop_map(|[start, end]| Op::Flatten { start, end }),
        Just(Op::Flatten { start: 1, end: -1 }),
        prop::collection::vec(sizes, 0..5).prop_map(Op::Reshape),
        axes().prop_map(Op::Permute),
        [signed(), signed()].prop_map(|[a, b]| Op::Transpose(a, b)),
        (axes(), any::<bool>()).prop_map(|(axes, keepdim)| Op::Mean { axes, keepdim }),
        (prop::array::uniform4(signed()), mode()).prop_map(|(pads, mode)| Op::Pad { pads, mode }),
        size().prop_map(Op::ChannelShuffle),
    ]
}

fn other() -> impl Strategy<Value = Op> {
    let adaptive = ([0..9_i64, 0..9], any::<bool>()).prop_map(|(size, max)| {
        let kind = if max { PoolKind::Max } else { PoolKind::Average };
        Op::AdaptivePool(AdaptivePool2d::new(size).unwrap(), kind)
    });
    let linear = ([0..9_u64, 0..9], any::<bool>())
        .prop_map(|([from, to], bias)| Op::Linear(LinearParams::new(from, to, bias).unwrap()));
    let arithmetic = [Arithmetic::Add, Arithmetic::Subtract, Arithmetic::Multiply, Arithmetic::Divide];
    prop_oneof![
        shape().prop_map(Op::Input),
        shape().prop_map(Op::Parameter),
        adaptive,
        linear,
        signed().prop_map(Op::Softmax),
        select(arithmetic.to_vec()).prop_map(Op::Arithmetic),
        signed().prop_map(Op::Concat),
        (size(), signed()).prop_map(|(chunks, axis)| Op::Chunk { chunks, axis }),
        (prop::collection::vec(size(), 0..4), signed()).prop_map(|(sizes, axis)| Op::Split { sizes, axis }),
        signed().prop_map(Op::Item),
        (name(), prop::option::of(shape())).prop_map(|(operator, shape)| Op::Unknown { operator, shape }),
    ]
}

/// Any graph, mostly of impossible layers: whether a text says it has nothing to do with that.
fn graph() -> impl Strategy<Value = Graph> {
    let op = prop_oneof![4 => layer(), 2 => norm(), 2 => pointwise(), 1 => upsample(), 3 => rearranged(), 3 => other()];
    let inputs =
        prop_oneof![2 => Just(None), 1 => prop::collection::vec(any::<Index>(), 0..4).prop_map(Some)];
    let first =
        prop_oneof![3 => Just(Op::Input(Shape::from([1, 3, 14, 14]))), 1 => shape().prop_map(Op::Input)];
    (first, prop::collection::vec((op, inputs, name()), 0..8)).prop_map(|(first, nodes)| {
        let mut graph = Graph::new();
        graph.push("", first, &[]).unwrap();
        for (op, inputs, name) in nodes {
            let ids: Vec<NodeId> = graph.ids().collect();
            let inputs = match inputs {
                None => vec![ids[ids.len() - 1]],
                Some(inputs) => inputs.iter().map(|index| *index.get(&ids)).collect(),
            };
            graph.push(name, op, &inputs).unwrap();
        }
        graph
    })
}

/// A text of a graph with a few of its characters changed, taken out or put in.
fn mutated() -> impl Strategy<Value = String> {
    let texts = Zoo::ALL.iter().map(|zoo| write(&zoo.build(), Names::Kept)).collect::<Vec<_>>();
    let letters = "019x.,_:'~-ocuirkspdgtmnqhHFPTEvAMéß".chars().collect::<Vec<_>>();
    let change = (any::<Index>(), 0..3, select(letters));
    (select(texts), 0..400_usize, prop::collection::vec(change, 1..6)).prop_map(|(text, len, changes)| {
        let mut text: Vec<char> = text.chars().take(len).collect();
        for (at, kind, letter) in changes {
            let at = at.index(text.len() + 1);
            match kind {
                0 if at < text.len() => text[at] = letter,
                1 if at < text.len() => drop(text.remove(at)),
                _ => text.insert(at, letter),
            }
        }
        text.into_iter().collect()
    })
}

/// Whatever is read can be written and read again.
fn check_total(text: &str) -> Result<(), TestCaseError> {
    let (graph, error) = read_until(text, 64);
    prop_assert!(graph.len() <= 64);
    if let Some(error) = error {
        prop_assert!(error.at <= text.len() && error.layer == graph.len() && !error.to_string().is_empty());
    }
    let written = write(&graph, Names::Kept);
    prop_assert_eq!(read(&written), Ok(graph), "{}", written);
    Ok(())
}

proptest! {
    // The same cases each time: what passes here passes everywhere.
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_190_206),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_graph_is_read_back(graph in graph()) {
        let text = write(&graph, Names::Kept);
        let again = read(&text);
        prop_assert_eq!(again.as_ref(), Ok(&graph), "{}", text);
        let short = read(&write(&graph, Names::Left)).unwrap();
        prop_assert_eq!(graph.len(), short.len());
        for (a, b) in graph.nodes().iter().zip(short.nodes()) {
            prop_assert!(a.op == b.op && a.inputs == b.inputs && b.name.is_empty());
        }
    }

    #[test]
    fn refitting_loses_nothing_and_ends(graph in graph()) {
        let fitted = graph.refit();
        prop_assert_eq!(fitted.len(), graph.len());
        for (a, b) in graph.nodes().iter().zip(fitted.nodes()) {
            prop_assert!(a.name == b.name && a.inputs == b.inputs);
            prop_assert_eq!(std::mem::discriminant(&a.op), std::mem::discriminant(&b.op));
        }
        prop_assert_eq!(fitted.refit(), fitted);
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        check_total(&text)?;
    }

    #[test]
    fn texts_of_its_own_letters_are_read_or_refused(text in "i1x3x9x9(\\.[ctmalfbGLOReinrdksjqhHgpuFvPTESU][-0-9xksdpgno_,a:']{0,8}){0,6}") {
        check_total(&text)?;
    }

    #[test]
    fn broken_texts_are_read_or_refused(text in mutated()) {
        check_total(&text)?;
    }
}
