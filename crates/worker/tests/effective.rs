//! Effective fields of linear networks against what is exact: paths counted in whole numbers, and the sets of
//! pixels that the core projects.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "tests, though clippy does not know the attribute")]

use convscope_core::graph::zoo::Zoo;
use convscope_core::graph::{Graph, NodeId, Op, Shape, notation};
use convscope_core::{
    AutoPad, AvgDivisor, Conv2dOptions, Conv2dParams, ConvTranspose2dOptions, ConvTranspose2dParams, Layer,
    Padding2d, Pads, Pool2dOptions, Pool2dParams, PoolRounding,
};
use convscope_kernels::Scratch;
use convscope_worker::effective::{Effective, EffectiveError};
use convscope_worker::message::{EffectiveField, EffectiveRequest, Request, Response, Weights};
use convscope_worker::serve::{State, serve};
use serde_json::Value as Json;

fn request(graph: Graph, node: usize, unit: [u64; 2]) -> EffectiveRequest {
    let node = node as u64;
    EffectiveRequest { graph, node, unit, weights: Weights::Random, linear: true, draws: 1, seed: 1 }
}

fn field(request: EffectiveRequest) -> EffectiveField {
    match serve(&mut State::default(), Request::Effective(request)) {
        Response::Effective(field) => field,
        other => panic!("{other:?}"),
    }
}

fn refused(request: EffectiveRequest) -> String {
    match serve(&mut State::default(), Request::Effective(request)) {
        Response::Failed { reason } => reason,
        other => panic!("{other:?}"),
    }
}

/// A layer on one axis: kernel, stride, dilation, padding.
type Axis = [usize; 4];

/// For each input cell the paths that lead from it to a unit, counted backwards through every layer.
fn paths(input_len: usize, layers: &[Axis], unit: usize) -> Vec<u64> {
    let mut lens = vec![input_len];
    for &[kernel, stride, dilation, pad] in layers {
        lens.push((lens[lens.len() - 1] + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1);
    }
    let mut counts = vec![0; lens[layers.len()]];
    counts[unit] = 1;
    for (&[kernel, stride, dilation, pad], &len) in layers.iter().zip(&lens).rev() {
        let mut before = vec![0; len];
        for (i, count) in counts.iter().enumerate() {
            for tap in 0..kernel {
                if let Some(cell) = (i * stride + tap * dilation).checked_sub(pad).filter(|&cell| cell < len)
                {
                    before[cell] += count;
                }
            }
        }
        counts = before;
    }
    counts
}

#[track_caller]
fn check_paths(text: &str, input: [usize; 2], layers: [&[Axis]; 2], unit: [usize; 2]) {
    let graph = notation::read(text).unwrap();
    let node = graph.len() - 1;
    let request = request(graph, node, unit.map(|at| at as u64));
    let field = field(EffectiveRequest { weights: Weights::Uniform, ..request });
    let [rows, columns] = [0, 1].map(|side| paths(input[side], layers[side], unit[side]));
    let all: u64 = rows.iter().sum::<u64>() * columns.iter().sum::<u64>();
    assert_eq!(field.size, input.map(|len| len as u64));
    for (y, row) in rows.iter().enumerate() {
        for (x, column) in columns.iter().enumerate() {
            let (got, expected) =
                (f64::from(field.map[y * columns.len() + x]), (row * column) as f64 / all as f64);
            let near = (got - expected).abs() <= 1e-5 * expected;
            assert!(near, "{text} at {y}, {x}: {got}, not {expected}");
        }
    }
}

#[test]
fn uniform_weights_count_paths() {
    // (1 + x + x^2)^3
    assert_eq!(paths(7, &[[3, 1, 1, 0]; 3], 0), [1, 3, 6, 7, 6, 3, 1]);
    check_paths("i1x1x7x7.c1k3.c1k3.c1k3", [7, 7], [&[[3, 1, 1, 0]; 3]; 2], [0, 0]);
    // Channels multiply all paths alike; ReLUs and norms are left out.
    let three: [Axis; 3] = [[3, 1, 1, 1]; 3];
    for unit in [[4, 5], [0, 0], [8, 3]] {
        check_paths("i1x3x9x11.c5k3p1.b.r.c7k3p1.b.r.c4k3p1.r", [9, 11], [&three; 2], unit);
    }
    // Strides, dilation, groups, and axes that differ.
    let [rows, columns] = [[[3, 2, 1, 1], [2, 1, 2, 1]], [[2, 1, 1, 1], [3, 1, 3, 0]]];
    let text = "i1x4x20x21.c6k3x2s2x1p1.c8k2x3d2x3g2p1x0";
    for unit in [[5, 6], [0, 0], [9, 15]] {
        check_paths(text, [20, 21], [&rows, &columns], unit);
    }
    // Means are convolutions, and linear maxima are means.
    let rows: [Axis; 3] = [[3, 1, 1, 0], [2, 2, 1, 0], [3, 1, 1, 0]];
    for pool in ["ak2", "mk2"] {
        check_paths(&format!("i1x3x14x14.c8k3.{pool}.c8k3"), [14, 14], [&rows; 2], [1, 2]);
    }
    // The course's example in one channel of many.
    let rows: [Axis; 4] = [[3, 1, 1, 0], [3, 1, 1, 0], [2, 2, 1, 0], [3, 1, 1, 0]];
    check_paths("i1x3x14x14.c8k3.c8k3.mk2.c8k3", [14, 14], [&rows; 2], [1, 1]);
}

#[test]
fn branches_add_their_paths() {
    // x + conv3(x): five paths from the middle, 1 + 1 of them with weight 1 and 1/9.
    let graph = notation::read("i1x1x5x5.c1k3p1.ja_1,2").unwrap();
    let uniform = EffectiveRequest { weights: Weights::Uniform, ..request(graph, 2, [2, 2]) };
    let field = field(uniform);
    let share = |y: usize, x: usize| f64::from(field.map[y * 5 + x]);
    assert!((share(2, 2) - (1.0 + 1.0 / 9.0) / 2.0).abs() <= 1e-6, "{}", share(2, 2));
    assert!((share(1, 3) - 1.0 / 18.0).abs() <= 1e-6, "{}", share(1, 3));
    assert_eq!(share(0, 2), 0.0);
}

/// A layer of `tests/data/rf/stacks.jsonl`, with so many channels before and after.
fn layer(row: &Json, channels: u64) -> Op {
    let pair = |key: &str| [0, 1].map(|i| row[key][i].as_u64());
    let some = |key: &str, default: u64| pair(key).map(|number| number.unwrap_or(default));
    let (kernel_size, stride, dilation) = (some("kernel", 1), some("stride", 1), some("dilation", 1));
    let [vertical, horizontal] = some("padding", 0);
    let pads = Pads { top: vertical, bottom: vertical, left: horizontal, right: horizontal };
    let pool = || {
        let ceil = row["ceil_mode"].as_bool().unwrap_or(false);
        let rounding = if ceil { PoolRounding::Ceil } else { PoolRounding::Floor };
        let padding = AutoPad::Explicit(pads);
        Pool2dParams::new(Pool2dOptions { kernel_size, stride, dilation, padding, rounding }).unwrap()
    };
    Op::Layer(match row["type"].as_str().unwrap() {
        "conv" => Layer::Conv2d(
            Conv2dParams::new(Conv2dOptions {
                in_channels: channels,
                out_channels: channels,
                kernel_size,
                stride,
                dilation,
                padding: Padding2d::Explicit(pads),
                ..Default::default()
            })
            .unwrap(),
        ),
        "conv_transpose" => Layer::ConvTranspose2d(
            ConvTranspose2dParams::new(ConvTranspose2dOptions {
                in_channels: channels,
                out_channels: channels,
                kernel_size,
                stride,
                dilation,
                padding: AutoPad::Explicit(pads),
                output_padding: some("output_padding", 0),
                ..Default::default()
            })
            .unwrap(),
        ),
        "maxpool" => Layer::MaxPool2d(pool()),
        "avgpool" => Layer::AvgPool2d(pool(), AvgDivisor::CountIncludePad),
        other => panic!("{other}"),
    })
}

/// Compares the pixels whose gradient is not 0 with those that the core says a unit sees.
#[track_caller]
fn check_support(graph: &Graph, id: NodeId, unit: [u64; 2], name: &str) {
    let analysis = graph.analyse();
    let region = analysis.project(id, unit).unwrap();
    let region = region.region(analysis.source().unwrap()).unwrap();
    assert!(region.is_exact());
    // A weight may be 0 by chance; in three draws not all of a pixel's are.
    let field = field(EffectiveRequest { draws: 3, ..request(graph.clone(), id.index(), unit) });
    let [height, width] = field.size;
    for y in 0..height {
        let columns = region.columns_at(y as i64).unwrap();
        for x in 0..width {
            let share = field.map[(y * width + x) as usize];
            let expected = columns.contains(x as i64);
            assert_eq!(share > 0.0, expected, "{name} unit {unit:?} at {y}, {x}: {share}");
        }
    }
}

#[test]
fn random_weights_reach_exactly_the_pixels_that_a_unit_sees() {
    let stacks = include_str!("../../../tests/data/rf/stacks.jsonl");
    let mut n_units = 0;
    for line in stacks.lines() {
        let row: Json = serde_json::from_str(line).unwrap();
        let name = row["name"].as_str().unwrap();
        let mut graph = Graph::new();
        let mut last = graph.push("input", Op::Input(Shape::from([1, 2, 90, 96])), &[]).unwrap();
        for row in row["stack"].as_array().unwrap() {
            last = graph.push("", layer(row, 2), &[last]).unwrap();
        }
        let analysis = graph.analyse();
        let Some(id) = graph.ids().rev().find(|&id| analysis.value(id).is_ok()) else { continue };
        let [rows, columns] = analysis.map(id).unwrap().size;
        for unit in [[0, 0], [rows / 2, columns / 2], [rows / 2, (columns / 2 + 1).min(columns - 1)]] {
            let sees = analysis.project(id, unit).unwrap();
            if sees.region(analysis.source().unwrap()).unwrap().patches().is_empty() {
                continue;
            }
            check_support(&graph, id, unit, name);
            n_units += 1;
        }
    }
    assert!(n_units >= 50, "{n_units}");
}

#[test]
fn so_they_do_through_branches_crops_copies_and_other_sizes() {
    for (text, unit) in [
        ("i1x2x17x19.c4k3p1.c4k3d2p2_2.q1_1,2.c4k3", [6, 6]),
        ("i1x2x16x16.c4k3p1.mk2.c6k3p1.ub2.c4k3p1_1.q_1,5.c4k3p1", [7, 3]),
        ("i1x2x16x16.c4k3s2p1.ub2l.c4k3p1", [6, 9]),
        ("i1x2x15x14.c4k3s2p1.u15x14a.c4k3", [5, 0]),
        ("i1x2x16x16.p2mr.c4k3.p-1.c4k3p1mc", [0, 3]),
        ("i1x2x16x16.c6k3p1.h2.g0.c4k3p1.g1_3.c4k5p2.q_3,1", [5, 5]),
        ("i1x4x12x12.c8k3p1.S2.c8k3p1g2.P0x1x3x2.c4k3x1p1x0", [6, 2]),
        ("i1x2x14x14.c4k3p1.A3x5.c4k3p1", [1, 4]),
        ("i1x2x14x14.c4k3p1.b.r.G2.L14.n'Hardswish'.s1.d.c4k3", [4, 4]),
    ] {
        let graph = notation::read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let analysis = graph.analyse();
        assert_eq!(analysis.first_error(), None, "{text}");
        check_support(&graph, graph.last().unwrap(), unit, text);
    }
}

#[test]
fn a_gate_is_passed_by_without_nonlinearities_and_followed_with_them() {
    // Squeeze and excitation: pool, two layers, sigmoid, product.
    let text = "i1x4x12x12.c8k3p1.A.c2.r.c8.n'Sigmoid'.jm_1,6";
    let graph = notation::read(text).unwrap();
    let last = graph.last().unwrap();
    check_support(&graph, last, [5, 5], text);
    let through = field(EffectiveRequest { linear: false, draws: 8, ..request(graph, last.index(), [5, 5]) });
    assert!(through.map.iter().filter(|share| **share > 0.0).count() > 100);
    let in_hull = through.spread.in_hull;
    assert!(in_hull > 0.5 && in_hull < 1.0, "{in_hull}");
}

#[test]
fn a_thousand_layers_neither_overflow_nor_vanish() {
    // With fewer channels ReLUs die: all numbers of a layer are below 0 some day.
    for (layers, weights, linear) in [
        (".c2k3p1", Weights::Random, true),
        (".c2k3p1", Weights::Uniform, true),
        (".c2k3p1_1.ja_1,2", Weights::Random, true),
        (".c24k1.r", Weights::Random, false),
    ] {
        let graph = notation::read(&("i1x2x7x7".to_owned() + &layers.repeat(1000))).unwrap();
        let node = graph.len() - 1;
        let field = field(EffectiveRequest { weights, linear, ..request(graph, node, [3, 4]) });
        let all: f64 = field.map.iter().map(|share| f64::from(*share)).sum();
        assert!((all - 1.0).abs() < 1e-4, "{weights:?}, linear {linear}, {layers}: {all}");
    }
}

#[test]
fn the_same_seed_gives_the_same_field_and_draws_are_averaged() {
    let graph = Zoo::Course.build();
    let node = graph.len() - 1;
    let of = |seed, draws| {
        let request = EffectiveRequest { seed, draws, linear: false, ..request(graph.clone(), node, [1, 1]) };
        field(request).map
    };
    assert_eq!(of(3, 2), of(3, 2));
    assert_ne!(of(3, 1), of(4, 1));
    let [one, two, both] = [of(3, 1), of(3, 2), of(3, 2)];
    assert_ne!(one, two);
    assert_eq!(two, both);
    // Many draws are as symmetric as what they are drawn from: a unit's field, mirrored, is nearly itself.
    let many = of(5, 400);
    let mass = |columns: std::ops::Range<usize>| -> f32 {
        (0..14).flat_map(|y| columns.clone().map(move |x| (y, x))).map(|(y, x)| many[y * 14 + x]).sum()
    };
    // Unit 1 sees columns 2 to 11.
    assert!((mass(2..7) - mass(7..12)).abs() < 0.03, "{} {}", mass(2..7), mass(7..12));
}

#[test]
fn a_field_grows_with_the_root_of_depth_and_not_with_depth() {
    // Luo and others 2016: n layers of 3 give a deviation of sqrt(2 n / 3), of a field of 2 n + 1.
    for n in [4_usize, 9, 16] {
        let size = 2 * n + 1;
        let text = format!("i1x1x{size}x{size}") + &".c1k3".repeat(n);
        let graph = notation::read(&text).unwrap();
        let spread =
            field(EffectiveRequest { weights: Weights::Uniform, ..request(graph, n, [0, 0]) }).spread;
        for deviation in spread.deviation {
            assert!((deviation - (2.0 * n as f64 / 3.0).sqrt()).abs() < 1e-4, "{n}: {deviation}");
        }
        assert!((spread.in_hull - 1.0).abs() < 1e-6 && (spread.mass - 1.0).abs() < 1e-6);
    }
}

#[test]
fn what_cannot_be_is_refused_with_its_layer_and_numbers() {
    let course = || Zoo::Course.build();
    assert_eq!(refused(request(course(), 9, [0, 0])), "the network has no such layer");
    assert_eq!(refused(request(Graph::new(), 0, [0, 0])), "the network has no such layer");
    let outside = refused(request(course(), 4, [0, 3]));
    assert_eq!(outside, "there is no unit (0, 3) in a map of 3 × 3");
    let mut graph = Graph::new();
    let input = graph.push("", Op::Input(Shape::from([1, 2, 6, 6])), &[]).unwrap();
    let shape = Some(Shape::from([1, 2, 6, 6]));
    let unknown = Op::Unknown { operator: "Mystery".to_owned(), shape };
    let unknown = graph.push("odd", unknown, &[input]).unwrap();
    let behind = graph.push("", Op::Softmax(1), &[unknown]).unwrap();
    let reason = refused(request(graph.clone(), behind.index(), [0, 0]));
    assert_eq!(reason, "layer 1 (odd) cannot be differentiated here");
    let alone = graph.push("", Op::Parameter(Shape::from([1, 2, 6, 6])), &[]).unwrap();
    assert_eq!(refused(request(graph, alone.index(), [0, 0])), "the input does not reach layer 3");
    let kernel = refused(request(notation::read("i1x1x4x4.c1k9.r").unwrap(), 2, [0, 0]));
    assert!(kernel.starts_with("layer 2 is impossible: ") || kernel.starts_with("layer 1"), "{kernel}");
    let flat = refused(request(notation::read("i1x16.f4").unwrap(), 1, [0, 0]));
    assert_eq!(flat, "the network has no such picture");
    let large = request(notation::read("i1x64x4000x4000.c64k3p1.r.c64k3p1").unwrap(), 3, [0, 0]);
    let Err(EffectiveError::Memory { bytes, limit }) = Effective::new(large).map(|_| ()) else { panic!() };
    assert!(bytes > 4 * 64 * 16_000_000 && limit == 1 << 30, "{bytes} {limit}");
    let slow = refused(request(notation::read("i1x3x512x512.c64k31p15.c64k31p15").unwrap(), 2, [0, 0]));
    assert_eq!(
        slow,
        "layer 2 takes 1031865892864 multiplications in each draw, where 20000000000 are allowed"
    );
    let huge = request(notation::read("i1x1x4294967296x4294967296.r").unwrap(), 1, [0, 0]);
    assert!(Effective::new(huge).is_err());
}

#[test]
fn draws_without_a_gradient_are_counted_and_left_out_of_the_mean() {
    let field = field(EffectiveRequest {
        draws: 40,
        weights: Weights::Random,
        linear: false,
        ..request(notation::read("i1x1x9x9.c1k3.r").unwrap(), 2, [3, 3])
    });
    assert!(field.lost > 5 && field.lost < 35, "{}", field.lost);
    assert_eq!(field.draws, 40);
    assert!((field.spread.mass - 1.0).abs() < 1e-5, "{}", field.spread.mass);
}

#[test]
fn every_network_of_the_zoo_can_be_looked_at() {
    for &net in Zoo::ALL {
        let graph = net.build();
        let analysis = graph.analyse();
        for (id, linear) in graph.ids().skip(1).flat_map(|id| [(id, true), (id, false)]) {
            let unit = analysis.map(id).unwrap().size.map(|len| len / 2);
            let request = EffectiveRequest { linear, ..request(graph.clone(), id.index(), unit) };
            if id != graph.last().unwrap() && id.index() % 7 != 0 {
                continue;
            }
            let made = Effective::new(request).map(|_| ());
            assert_eq!(made, Ok(()), "{} layer {}", net.id(), id.index());
        }
    }
}

#[test]
fn what_is_there_so_far_is_told_once_after_each_draw() {
    let graph = Zoo::Course.build();
    let request = EffectiveRequest { draws: 3, ..request(graph, 4, [1, 1]) };
    let mut work = Effective::new(request).unwrap();
    let (mut told, mut scratch) = (Vec::new(), Scratch::new());
    for _ in 0..work.count() {
        work.slice(&mut scratch).unwrap();
        if let Some(Response::Effective(field)) = work.so_far() {
            told.push(field.draws);
        }
        assert_eq!(work.so_far(), None);
    }
    assert_eq!(told, [1, 2, 3]);
}
