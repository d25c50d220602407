//! "This output cell": where one number comes from, product by product.

use convscope_core::{Activation, AxisGeometry, window};
use convscope_scene::lab::tap_place;
use convscope_scene::number;

use super::{copies, full, joined, ordinal, place, pools, scattered, signed, sum};
use crate::lab::Lab;
use crate::operation::activation_label;

/// More products than these are not written out in a line.
const MOST_TERMS: usize = 25;

/// How one output cell is computed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OutputInspector {
    /// "This output cell"
    pub title: &'static str,
    /// "row 1, column 1"
    pub place: String,
    /// The products, in rows of the kernel.
    pub products: Vec<Vec<ProductCell>>,
    /// The sum of each row; of a maximum there is none.
    pub row_sums: Vec<String>,
    /// "Row sums 8 + 14 + 5"
    pub sum_line: String,
    /// The sum of all products: "27"
    pub sum: String,
    /// "+ 1"; `None` without a bias.
    pub bias: Option<String>,
    /// What is done after that: "Divided by 9 cells", "÷ 9"; "ReLU(−20)", "0".
    pub ledger: Vec<[String; 2]>,
    /// "Output (1, 1)"
    pub result_label: String,
    /// "28", in full.
    pub result: String,
    /// All in one line: "0 + 0 + 8 − 4 + 0 + 18 − 3 + 0 + 8 = 27, plus bias 1"
    pub flat: String,
    /// One fact in words: what the window reads.
    pub fact: String,
}

/// One product.
#[derive(Clone, Debug, PartialEq)]
pub struct ProductCell {
    /// Column of the tap, `0.0..=1.0`: its identity colour.
    pub u: f64,
    /// Row of the tap, `0.0..=1.0`.
    pub v: f64,
    /// "2 × −2": the cell's value, then the weight.
    pub pair: String,
    /// "−4"
    pub value: String,
    /// Whether the cell lies in the padding.
    pub padded: bool,
    /// Whether it is the maximum of its window.
    pub wins: bool,
}

/// How the output cell `[row, column]` is computed. A cell beyond the output is taken for the last one.
pub fn inspect_output(lab: &Lab, output: [u64; 2]) -> OutputInspector {
    let [height, width] = lab.geometry.output_size();
    let [row, column] = [output[0].min(height - 1), output[1].min(width - 1)];
    if lab.model.operation.is_pool() {
        return pools::inspect_output(lab, [row, column]);
    }
    if lab.is_direct() {
        return scattered::inspect_output(lab, [row, column]);
    }
    let taps =
        window::taps(&lab.params, &lab.geometry, &lab.input, &lab.weight, [0, lab.filter(), row, column]);
    let kernel_size = lab.model.kernel_size;
    let rows = || taps.chunks(kernel_size[1].max(1) as usize);
    let products = rows()
        .map(|row| {
            row.iter()
                .map(|tap| {
                    let [u, v] = tap_place(tap.kernel, kernel_size);
                    let pair = format!("{} × {}", number::cell(tap.value), number::cell(tap.weight));
                    ProductCell {
                        u,
                        v,
                        pair,
                        value: number::cell(tap.product),
                        padded: tap.padded,
                        wins: false,
                    }
                })
                .collect()
        })
        .collect();
    let row_sums: Vec<f32> = rows().map(|row| row.iter().map(|tap| tap.product).sum()).collect();
    let total: f32 = taps.iter().fold(0.0, |total, tap| total + tap.product);
    let sum_line = match row_sums.len() {
        1 => "Sum of the products".into(),
        _ => format!("Row sums {}", sum(row_sums.iter().copied())),
    };
    let bias = lab.model.bias;
    let mut flat = if taps.len() <= MOST_TERMS {
        format!("{} = {}", sum(taps.iter().map(|tap| tap.product)), number::cell(total))
    } else {
        format!("{} products add up to {}", taps.len(), number::cell(total))
    };
    if let Some(bias) = bias {
        flat.push_str(", plus bias ");
        flat.push_str(&number::cell(bias));
    }
    let mut shown = OutputInspector {
        products,
        row_sums: row_sums.iter().map(|&sum| number::cell(sum)).collect(),
        sum_line,
        sum: full(total),
        bias: bias.map(|bias| {
            let sign = if bias < 0.0 { '\u{2212}' } else { '+' };
            format!("{sign} {}", full(bias.abs()))
        }),
        flat,
        fact: read_fact(lab, [row, column], taps.len(), taps.iter().filter(|tap| tap.padded).count()),
        ..OutputInspector::default()
    };
    activation(lab, [row, column], &mut shown);
    output_inspector(lab, [row, column], shown)
}

/// The same with the cell's name and result.
pub(super) fn output_inspector(lab: &Lab, output: [u64; 2], shown: OutputInspector) -> OutputInspector {
    let [row, column] = output;
    OutputInspector {
        title: "This output cell",
        place: format!("row {row}, column {column}"),
        result_label: joined(&["Output ", &place(signed(output))], ""),
        result: full(lab.output_at(output)),
        ..shown
    }
}

/// Adds what the activation does, where there is one: "ReLU(−20)", "0".
pub(super) fn activation(lab: &Lab, [row, column]: [u64; 2], shown: &mut OutputInspector) {
    let activation = lab.model.activation;
    if activation == Activation::Identity {
        return;
    }
    let before = lab.sums.at([0, lab.filter(), row, column]);
    let name = activation_label(activation);
    let result = lab.output_at([row, column]);
    shown.flat.push_str(&format!(", {name} makes it {}", number::cell(result)));
    shown.ledger.push([format!("{name}({})", full(before)), full(result)]);
}

/// "Reads rows 1–3 and columns 1–3 of the input; no padding."
pub(super) fn read_fact(lab: &Lab, output: [u64; 2], n_taps: usize, n_padded: usize) -> String {
    let rows = read_cells(&lab.geometry.rows, output[0], "row");
    let columns = read_cells(&lab.geometry.columns, output[1], "column");
    let mut text = match rows.zip(columns) {
        None if n_taps == 1 => "This window lies outside the input: its cell is padding.".into(),
        None => format!("This window lies outside the input: all {n_taps} cells are padding."),
        Some((rows, columns)) => {
            let padding = match n_padded {
                0 => "no padding".into(),
                1 => format!("1 of the {n_taps} cells is padding"),
                _ => format!("{n_padded} of the {n_taps} cells are padding"),
            };
            format!("Reads {rows} and {columns} of the input; {padding}.")
        }
    };
    if let Some(copies) = copies(lab.model.padding_mode).filter(|_| n_padded > 0) {
        text.push_str(" In the padding stands ");
        text.push_str(copies);
        text.push('.');
    }
    text
}

/// "rows 1–3", "row 0", "rows 0, 2 and 4", "every second row from 0 to 8"; `None` when all are padding.
fn read_cells(axis: &AxisGeometry, output_idx: u64, noun: &str) -> Option<String> {
    let inside = 0..axis.input_len().cast_signed();
    let cells: Vec<i64> = (0..axis.params().kernel_size())
        .map(|kernel_idx| axis.tap(output_idx, kernel_idx))
        .filter(|position| inside.contains(position))
        .collect();
    let dilation = axis.params().dilation();
    Some(match cells.as_slice() {
        [] => return None,
        [only] => format!("{noun} {only}"),
        [first, .., last] if dilation == 1 => format!("{noun}s {first}–{last}"),
        [first, last] => format!("{noun}s {first} and {last}"),
        [first, middle, last] => format!("{noun}s {first}, {middle} and {last}"),
        [first, .., last] => format!("every {} {noun} from {first} to {last}", ordinal(dilation)),
    })
}
