//! How long the stack page computes: from an edit to every number, and from one unit to the next.
//!
//! `cargo run --release -p convscope-page --example stack_speed` prints the median of so many runs, in
//! milliseconds.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use convscope_core::graph::notation;
use convscope_core::graph::zoo::Zoo;
use convscope_page::link::{Page, parse, write};
use convscope_page::stack::{Setting, Side, StackModel};
use convscope_page::text::stack as text;

const RUNS: usize = 15;

fn median(mut run: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

/// So many layers of 3 x 3, with a pool now and then.
fn chain(layers: usize) -> Option<StackModel> {
    let mut text = String::from("i1x3x1024x1024");
    for layer in 0..layers {
        text.push_str(if layer % 200 == 199 { ".mk2" } else { ".c16k3p1" });
    }
    Some(StackModel::of_graph(Arc::new(notation::read(&text).ok()?)))
}

fn main() {
    println!(
        "{:<16}{:>7}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}",
        "", "layers", "edit", "derive", "rows", "unit", "seen by", "link", "words", "cards"
    );
    let nets = [Zoo::Vgg16, Zoo::ResNet50, Zoo::DenseNet121, Zoo::InceptionV3, Zoo::UNet, Zoo::MobileNetV2];
    let zoo = nets.map(|zoo| (zoo.id(), Some(StackModel::of_zoo(zoo))));
    let models = [("chain of 1,000", chain(1000)), ("chain of 100", chain(100))].into_iter().chain(zoo);
    for (name, model) in models {
        let Some(model) = model else { continue };
        let stack = model.derive();
        let n = stack.n_rows();
        let edit = median(|| {
            let _ = black_box(model.set(1, Setting::Kernel, "5").map(|model| model.selected));
        });
        let derive = median(|| drop(black_box(model.derive())));
        let rows = median(|| {
            for node in 0..n {
                drop(black_box(stack.row(node)));
            }
        });
        let mut at = 0;
        let unit = median(|| {
            at += 1;
            drop(black_box(stack.look(&StackModel { unit: [at, at], ..model.clone() })));
        });
        let input = stack.look(&StackModel { selected: 0, unit: [100, 100], ..model.clone() });
        let seen = median(|| drop(black_box(input.seen_by())));
        let edited = StackModel { zoo: None, ..model.clone() };
        let link = median(|| drop(black_box(parse(&write(&Page::Stack(edited.clone()))))));
        let words = median(|| drop(black_box((text::sentence(&stack), text::legend(&stack)))));
        let cards = median(|| {
            let side = Side::Rows;
            drop(black_box((
                text::branches(&stack, side),
                text::by_place(&stack, side),
                text::marks(&stack, side),
            )));
            drop(black_box((
                text::recurrence(&stack, side),
                text::total_costs(&stack),
                text::layer_costs(&stack),
            )));
            drop(black_box((stack.growth(side), stack.costs(), stack.totals())));
        });
        let all = [edit, derive, rows, unit, seen, link, words, cards];
        let columns: String = all.iter().map(|millis| format!("{millis:>9.3}")).collect();
        println!("{name:<16}{n:>7}{columns}");
    }
}
