//! The output size of a transposed convolution, and how many contributions its cells get.

use convscope_core::{ConvTranspose2dGeometry, TransposedAxis};

use super::{CardNote, Fraction, OutputSizeCard, Rounding, fraction};
use crate::text::notes::NoteKind;
use crate::text::{Run, counted, joined, size};

/// The formula in words, in LaTeX.
const LATEX_WORDS: &str = "\\text{output} = \\text{stride} \\cdot (\\text{input} - 1) + \\text{dilation} \\cdot \
     (\\text{kernel} - 1) + 1 + \\text{output padding} - \\text{padding before} - \\text{padding after}";

pub(super) fn output_size(scatter: &ConvTranspose2dGeometry) -> OutputSizeCard {
    let ConvTranspose2dGeometry { rows, columns, .. } = scatter;
    let numbers = if rows == columns {
        vec![with_numbers(rows, "")]
    } else {
        vec![with_numbers(rows, "H"), with_numbers(columns, "W")]
    };
    let line = |name, text: &str| {
        fraction(name, Rounding::None, "", vec![Run::Plain(text.into())], Vec::new(), Vec::new())
    };
    let symbols = line("o", "s(n − 1) + d(k − 1) + 1 + q − p₀ − p₁");
    let mut words = line(
        "output",
        "stride · (input − 1) + dilation · (kernel − 1) + 1 + output padding − padding before − padding after",
    );
    words.latex = LATEX_WORDS.into();
    OutputSizeCard { symbols, words, numbers, places: reach(scatter), note: contributions(scatter) }
}

fn with_numbers(axis: &TransposedAxis, subscript: &'static str) -> Fraction {
    let params = axis.params();
    let line = vec![
        Run::Kernel(params.stride().to_string()),
        Run::Plain("·(".into()),
        Run::Input(axis.input_len().to_string()),
        Run::Plain(format!(" − 1) + {}·(", params.dilation())),
        Run::Kernel(params.kernel_size().to_string()),
        Run::Plain(format!(" − 1) + 1 + {} − ", axis.output_padding())),
        Run::Pad(format!("{} − {}", axis.pad_before(), axis.pad_after())),
    ];
    let result = vec![Run::Output(axis.output_len().to_string())];
    fraction("o", Rounding::None, subscript, line, Vec::new(), result)
}

/// "3 kernels down and 3 across, 2 cells apart, reach over 7 × 7 cells."
fn reach(scatter: &ConvTranspose2dGeometry) -> String {
    let [down, across] = scatter.input_size();
    let strides = [&scatter.rows, &scatter.columns].map(|axis| axis.params().stride());
    let apart = match strides {
        [a, b] if a == b => counted(a, "cell"),
        [a, b] => format!("{a} and {} ", counted(b, "cell")).trim_end().into(),
    };
    let span = [&scatter.rows, &scatter.columns]
        .map(|axis| axis.params().stride() * (axis.input_len() - 1) + axis.dilated_kernel());
    let kernels = if down == 1 { "kernel" } else { "kernels" };
    format!("{down} {kernels} down and {across} across, {apart} apart, reach over {} cells.", size(span))
}

/// "Outputs get 1, 2 or 4 contributions each: a checkerboard."
fn contributions(scatter: &ConvTranspose2dGeometry) -> CardNote {
    let of_axis = |axis: &TransposedAxis| -> Vec<u64> {
        let mut counts: Vec<u64> = (0..axis.output_len()).map(|cell| axis.contributions(cell)).collect();
        counts.sort_unstable();
        counts.dedup();
        counts
    };
    let (rows, columns) = (of_axis(&scatter.rows), of_axis(&scatter.columns));
    let mut counts: Vec<u64> = rows.iter().flat_map(|row| columns.iter().map(move |n| row * n)).collect();
    counts.sort_unstable();
    counts.dedup();
    let (kind, text) = match counts.as_slice() {
        [] => (NoteKind::Plain, String::new()),
        [same] => (
            NoteKind::Plain,
            format!("Every output gets {}: no checkerboard.", counted(*same, "contribution")),
        ),
        [0, ..] => {
            (NoteKind::Warn, "Some outputs get no contribution: they are the bias alone, or 0.".into())
        }
        [rest @ .., last] => {
            let rest: Vec<String> = rest.iter().map(u64::to_string).collect();
            let listed = joined(&[joined(&rest, ", ").as_str(), " or ", &last.to_string()], "");
            let what = if uneven(&scatter.rows) || uneven(&scatter.columns) {
                "a checkerboard"
            } else {
                "fewer at the edges alone, so no checkerboard"
            };
            (NoteKind::Plain, format!("Outputs get {listed} contributions each: {what}."))
        }
    };
    CardNote { kind, text, repair: None }
}

/// Whether the middle of the output gets unequal numbers of contributions: the stride does not divide the
/// kernel, or dilation leaves gaps.
fn uneven(axis: &TransposedAxis) -> bool {
    let (stride, dilation) = (axis.params().stride(), axis.params().dilation());
    let mut per_phase = vec![0_u64; usize::try_from(stride).unwrap_or(1)];
    for tap in 0..axis.params().kernel_size() {
        let phase = tap * dilation % stride;
        if let Some(count) = per_phase.get_mut(usize::try_from(phase).unwrap_or(0)) {
            *count += 1;
        }
    }
    per_phase.windows(2).any(|pair| pair[0] != pair[1])
}
