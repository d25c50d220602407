//! Milliseconds of a draw of effective fields: `cargo run --release -p convscope-worker --example effective`.

#![expect(clippy::print_stdout, reason = "it prints what it measures")]

use std::time::Instant;

use convscope_core::graph::zoo::Zoo;
use convscope_kernels::Scratch;
use convscope_worker::effective::Effective;
use convscope_worker::message::{EffectiveRequest, Response, Weights};

fn main() {
    let only = std::env::args().nth(1);
    for net in [Zoo::Course, Zoo::ResNet18, Zoo::Vgg16, Zoo::MobileNetV2, Zoo::DenseNet121, Zoo::UNetSame] {
        if only.as_deref().is_some_and(|only| only != net.id()) {
            continue;
        }
        for linear in [false, true] {
            let graph = net.build();
            let analysis = graph.analyse();
            // The last map with more than one unit.
            let map = |id| analysis.map(id).map_or([1, 1], |map| map.size);
            let last = graph.ids().rev().find(|&id| map(id).iter().all(|len| *len > 1));
            let Some(last) = last else { continue };
            let (node, unit) = (last.index() as u64, map(last).map(|len| len / 2));
            let draws = 5;
            let request =
                EffectiveRequest { graph, node, unit, weights: Weights::Random, linear, draws, seed: 1 };
            let mut work = match Effective::new(request) {
                Ok(work) => work,
                Err(error) => {
                    println!("{}: {error}", net.id());
                    continue;
                }
            };
            let (mut times, mut start, mut slowest) = (Vec::new(), Instant::now(), 0.0_f64);
            let mut scratch = Scratch::new();
            let per_draw = (work.count() / draws) as usize;
            let mut slices = vec![f64::MAX; per_draw];
            for i in 0..work.count() {
                let slice = Instant::now();
                if let Err(error) = work.slice(&mut scratch) {
                    println!("{}: {error}", net.id());
                    break;
                }
                let ms = slice.elapsed().as_secs_f64() * 1e3;
                slowest = slowest.max(ms);
                let least = &mut slices[i as usize % per_draw];
                *least = least.min(ms);
                if work.so_far().is_some() {
                    times.push(start.elapsed().as_secs_f64() * 1e3);
                    start = Instant::now();
                }
            }
            if std::env::args().nth(2).is_some() {
                let mut order: Vec<usize> = (0..per_draw).collect();
                order.sort_by(|a, b| slices[*b].total_cmp(&slices[*a]));
                for i in &order[..order.len().min(30)] {
                    println!("  slice {i} of {per_draw}: {:.1} ms", slices[*i]);
                }
                println!("  sum {:.1} ms", slices.iter().sum::<f64>());
            }
            times.sort_by(f64::total_cmp);
            let Response::Effective(field) = work.field() else { continue };
            let [near, far] = field.spread.radii;
            println!(
                "{} layer {node} linear {linear}: {:.0} ms a draw, longest slice {slowest:.0}; radii {near:.1} {far:.1}, in hull {:.4}",
                net.id(),
                times.get(times.len() / 2).copied().unwrap_or_default(),
                field.spread.in_hull,
            );
        }
    }
}
