//! "This output cell" of a pool: what its window holds, and what becomes of that; and the same from the side of
//! a cell.

use convscope_core::window::{self, Tap};
use convscope_core::{AvgDivisor, Pads};
use convscope_scene::lab::tap_place;
use convscope_scene::number;

use super::inspector::{OutputInspector, ProductCell, activation, output_inspector, read_fact};
use super::{full, place, signed, sum};
use crate::lab::{Lab, Zone};
use crate::operation::Operation;

/// More cells than these are not written out in a line.
const MOST_TERMS: usize = 25;

/// How the output cell `[row, column]` of a pool comes about.
pub(super) fn inspect_output(lab: &Lab, output: [u64; 2]) -> OutputInspector {
    let taps = window::taps(
        &lab.params,
        &lab.geometry,
        &lab.input,
        &lab.weight,
        [0, lab.filter(), output[0], output[1]],
    );
    let result = lab.sums.at([0, lab.filter(), output[0], output[1]]);
    let mut shown = match lab.model.operation {
        Operation::AvgPool => average(lab, output, &taps, result),
        Operation::LpPool => norm(lab, &taps, result),
        _ => max(lab, output, &taps, result),
    };
    activation(lab, output, &mut shown);
    let mut fact = std::mem::take(&mut shown.fact);
    fact.push_str(&read_fact(lab, output, taps.len(), taps.iter().filter(|tap| tap.padded).count()));
    OutputInspector { fact, ..output_inspector(lab, output, shown) }
}

/// The cells of a window in rows, each said by `cell`; `None` marks one that takes no part.
fn cells(lab: &Lab, taps: &[Tap], cell: impl Fn(&Tap) -> Option<[String; 2]>) -> Vec<Vec<ProductCell>> {
    let kernel_size = lab.model.kernel_size;
    let one = |tap: &Tap| {
        let [u, v] = tap_place(tap.kernel, kernel_size);
        let [pair, value] = cell(tap).unwrap_or_else(|| [String::new(), "\u{2013}".into()]);
        ProductCell { u, v, pair, value, padded: tap.padded, wins: false }
    };
    taps.chunks(kernel_size[1].max(1) as usize).map(|row| row.iter().map(one).collect()).collect()
}

fn max(lab: &Lab, output: [u64; 2], taps: &[Tap], result: f32) -> OutputInspector {
    let value = |tap: &Tap| if tap.padded { f32::NEG_INFINITY } else { tap.value };
    let winner = lab.winner(output);
    let mut products = cells(lab, taps, |tap| Some([String::new(), number::cell(value(tap))]));
    for (cell, tap) in products.iter_mut().flatten().zip(taps) {
        cell.wins = tap.source.is_some() && tap.source == winner;
    }
    let n_inside = taps.iter().filter(|tap| !tap.padded).count();
    let n_equal = taps.iter().filter(|tap| !tap.padded && tap.value == result).count();
    let sum_line = match n_inside {
        1 if taps.len() == 1 => "The only cell of the window".into(),
        1 => "Only 1 cell lies in the input".into(),
        _ => format!("Largest of {n_inside} cells"),
    };
    let fact = match winner {
        None => "The window holds padding alone, so its maximum is −∞. ".into(),
        Some(winner) => {
            let at = place(signed(winner));
            let index = winner[0] * lab.model.input_size[1] + winner[1];
            let first = match n_equal {
                0 | 1 => String::new(),
                n => format!(", the first of {n} that are equal"),
            };
            format!("x{at} wins{first}: index {index} of its channel. ")
        }
    };
    let listed = taps.iter().map(|tap| number::cell(value(tap))).collect::<Vec<_>>();
    let flat = match listed.len() {
        0..=MOST_TERMS => format!("the largest of {}", listed.join(", ")),
        n => format!("the largest of {n} cells"),
    };
    OutputInspector { products, sum_line, sum: full(result), flat, fact, ..OutputInspector::default() }
}

fn average(lab: &Lab, output: [u64; 2], taps: &[Tap], result: f32) -> OutputInspector {
    let counts = |tap: &Tap| match (lab.zone(tap.position), lab.model.divisor) {
        (Zone::Beyond, _) => false,
        (Zone::Padding, divisor) => divisor != AvgDivisor::CountInside,
        _ => true,
    };
    let products = cells(lab, taps, |tap| counts(tap).then(|| [String::new(), number::cell(tap.value)]));
    let total = taps.iter().fold(0.0_f32, |total, tap| total + tap.value);
    let divisor = lab.pool().map_or(1, |pool| lab.model.divisor.of_window(&pool, output));
    let divisor_text = number::whole(i64::try_from(divisor).unwrap_or(i64::MAX));
    let what = match (lab.model.divisor, divisor) {
        (AvgDivisor::Fixed(_), _) => "divisor_override".into(),
        (AvgDivisor::CountInside, 1) => "1 cell of the input".into(),
        (AvgDivisor::CountInside, _) => format!("{divisor_text} cells of the input"),
        (_, 1) => "1 cell of the window".into(),
        _ if lab.pads() == Pads::default() => format!("{divisor_text} cells of the window"),
        _ => format!("{divisor_text} cells, padding included"),
    };
    let ledger = vec![[format!("Divided by {what}"), format!("÷ {divisor_text}")]];
    let terms: Vec<f32> = taps.iter().filter(|tap| counts(tap)).map(|tap| tap.value).collect();
    let above = match terms.len() {
        0 => "0".into(),
        1..=MOST_TERMS => format!("({})", sum(terms.iter().copied())),
        n => format!("(the sum of {n} cells)"),
    };
    let fact = match divisor {
        0 => "No cell counts, so the average is 0. ".into(),
        _ => String::new(),
    };
    let flat = format!("{above} / {divisor_text} = {}", number::cell(result));
    OutputInspector { ledger, fact, flat, ..summed(products, lab, taps, |tap| tap.value, total) }
}

fn norm(lab: &Lab, taps: &[Tap], result: f32) -> OutputInspector {
    let p = lab.model.exponent;
    let power = |tap: &Tap| tap.value.abs().powf(p as f32);
    let raised = |value: f32| match p {
        1 => format!("|{}|", number::cell(value)),
        _ => format!("|{}|{}", number::cell(value), superscript(p)),
    };
    let products =
        cells(lab, taps, |tap| (!tap.padded).then(|| [raised(tap.value), number::cell(power(tap))]));
    let total = taps.iter().fold(0.0_f32, |total, tap| total + power(tap));
    let root = match p {
        1 => "The sum itself".into(),
        2 => "Its square root".into(),
        3 => "Its cube root".into(),
        _ => format!("Its {p}th root"),
    };
    let inside: Vec<String> = taps.iter().filter(|tap| !tap.padded).map(|tap| raised(tap.value)).collect();
    let sum = match inside.len() {
        0..=MOST_TERMS => inside.join(" + "),
        n => format!("{n} powers"),
    };
    let flat = match p {
        1 => sum,
        _ => format!("({sum})^(1/{p}) = {}", number::cell(result)),
    };
    let ledger = vec![[root, full(result)]];
    OutputInspector { ledger, flat, ..summed(products, lab, taps, power, total) }
}

/// Rows of numbers with their sums.
fn summed(
    products: Vec<Vec<ProductCell>>,
    lab: &Lab,
    taps: &[Tap],
    value: impl Fn(&Tap) -> f32,
    total: f32,
) -> OutputInspector {
    let rows = taps.chunks(lab.model.kernel_size[1].max(1) as usize);
    let row_sums: Vec<f32> = rows.map(|row| row.iter().map(&value).sum()).collect();
    let sum_line = match row_sums.len() {
        1 => "Sum of the cells".into(),
        _ => format!("Row sums {}", sum(row_sums.iter().copied())),
    };
    let row_sums = row_sums.into_iter().map(number::cell).collect();
    OutputInspector { products, row_sums, sum_line, sum: full(total), ..OutputInspector::default() }
}

/// `²`, `¹²`
fn superscript(n: u32) -> String {
    let digits = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    n.to_string().bytes().map(|digit| digits[usize::from(digit - b'0') % 10]).collect()
}

/// What a cell adds to the output `[row, column]` of a pool.
pub(super) fn adds(lab: &Lab, position: [i64; 2], value: f32, output: [u64; 2]) -> String {
    match lab.model.operation {
        Operation::AvgPool => {
            let divisor = lab.pool().map_or(1, |pool| lab.model.divisor.of_window(&pool, output));
            format!("{} / {}", number::cell(value), number::whole(i64::try_from(divisor).unwrap_or(i64::MAX)))
        }
        Operation::LpPool => number::cell(value.abs().powf(lab.model.exponent as f32)),
        _ if lab.winner(output).map(signed) == Some(position) => "wins".into(),
        _ => "\u{2013}".into(),
    }
}

/// What the last but one column of a table of uses holds.
pub(super) fn adds_head(lab: &Lab) -> &'static str {
    match lab.model.operation {
        Operation::MaxPool => "Wins",
        _ => "Adds",
    }
}
