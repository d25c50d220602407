//! The arithmetic under the figure: the output size as a formula, in symbols, in words and with the
//! numbers, and one sentence on what the division leaves over.

use convscope_core::pool::PoolAxis;
use convscope_core::{AxisGeometry, Conv2dGeometry, Padding2d};

use super::costs::{self, SmallCard};
use super::notes::NoteKind;
use super::separable::{Separable, separable};
use super::{Run, counted, joined, operations, plain};
use crate::bounds::{Control, with};
use crate::lab::Lab;
use crate::limits::MAX_PAD;
use crate::model::LabModel;

mod scattered;

/// All cards.
#[derive(Clone, Debug, PartialEq)]
pub struct Cards {
    /// Why the output is as large as it is.
    pub output_size: OutputSizeCard,
    /// How many numbers are learned.
    pub params: SmallCard,
    /// How much the output takes.
    pub memory: SmallCard,
    /// How much is multiplied.
    pub macs: SmallCard,
    /// What a depthwise separable pair would cost instead.
    pub separable: Option<Separable>,
}

/// Why the output is as large as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputSizeCard {
    /// The formula in symbols; its result is empty.
    pub symbols: Fraction,
    /// The formula in words; its result is empty.
    pub words: Fraction,
    /// The formula with the numbers: once where the axes agree, otherwise height, then width.
    pub numbers: Vec<Fraction>,
    /// The same as a count of places: "The window has 3 places down and 3 across: the first and 2 moves of 2."
    pub places: String,
    /// What is left over.
    pub note: CardNote,
}

/// `name = floor(numerator / denominator) + 1 = result`, or rounded up, or `name = numerator = result`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fraction {
    /// "o", or "output" in words.
    pub name: &'static str,
    /// How the quotient becomes a whole number; without one there is no denominator and no "+ 1".
    pub rounding: Rounding,
    /// "", or "H" and "W" where the axes differ.
    pub subscript: &'static str,
    /// What is divided: the cells over which the window can move.
    pub numerator: Vec<Run>,
    /// By what.
    pub denominator: Vec<Run>,
    /// The output's length; empty in symbols and words.
    pub result: Vec<Run>,
    /// The whole formula in LaTeX.
    pub latex: String,
    /// The whole formula in one line: "o = floor((5 + 1 + 1 − 1·(3 − 1) − 1) / 2) + 1 = 3"
    pub plain: String,
}

/// How a quotient becomes a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Down.
    Floor,
    /// Up.
    Ceil,
    /// Nothing is divided.
    None,
}

/// A sentence on a card.
#[derive(Clone, Debug, PartialEq)]
pub struct CardNote {
    /// Whether it is a warning.
    pub kind: NoteKind,
    /// The sentence, with full stop.
    pub text: String,
    /// What helps, with one press.
    pub repair: Option<Repair>,
}

/// A change that helps.
#[derive(Clone, Debug, PartialEq)]
pub struct Repair {
    /// "Set right padding to 0"
    pub label: String,
    /// What it makes of the model.
    pub model: LabModel,
}

/// The arithmetic of a model.
pub fn cards(lab: &Lab) -> Cards {
    Cards {
        output_size: output_size(lab),
        params: costs::params(lab),
        memory: costs::memory(lab),
        macs: costs::macs(lab),
        separable: separable(lab),
    }
}

/// The formula in words, in LaTeX.
const LATEX_WORDS: &str = "\\text{output} = \\left\\lfloor \\frac{\\text{input} + \\text{padding before} + \\text{padding after} \
         - \\text{dilation} \\cdot (\\text{kernel} - 1) - 1}{\\text{stride}} \\right\\rfloor + 1";

fn output_size(lab: &Lab) -> OutputSizeCard {
    if let Some(scatter) = lab.scatter() {
        return scattered::output_size(&scatter);
    }
    let Conv2dGeometry { rows, columns, .. } = lab.geometry;
    let pool = lab.pool().filter(|_| lab.model.ceil_mode && lab.model.padding != Padding2d::Same);
    let rounding = if pool.is_some() { Rounding::Ceil } else { Rounding::Floor };
    let axes = pool.map(|pool| [pool.rows, pool.columns]);
    let axis = |idx: usize, subscript| match &axes {
        Some(axes) => rounded_up(&axes[idx], subscript),
        None => with_numbers([&rows, &columns][idx], subscript),
    };
    let numbers = if rows == columns { vec![axis(0, "")] } else { vec![axis(0, "H"), axis(1, "W")] };
    let symbols = fraction(
        "o",
        rounding,
        "",
        vec![Run::Plain("n + p₀ + p₁ − d(k − 1) − 1".into())],
        vec![Run::Plain("s".into())],
        Vec::new(),
    );
    let mut words = fraction(
        "output",
        rounding,
        "",
        vec![Run::Plain("input + padding before + padding after − dilation · (kernel − 1) − 1".into())],
        vec![Run::Plain("stride".into())],
        Vec::new(),
    );
    words.latex = match rounding {
        Rounding::Ceil => LATEX_WORDS.replace("floor", "ceil"),
        _ => LATEX_WORDS.into(),
    };
    let note = if axes.is_some() { ceiled(lab) } else { leftover(lab) };
    OutputSizeCard { symbols, words, numbers, places: places(&lab.geometry), note }
}

fn with_numbers(axis: &AxisGeometry, subscript: &'static str) -> Fraction {
    let (numerator, denominator) = divided(axis, axis.pad_after());
    let result = vec![Run::Output(axis.output_len().to_string())];
    fraction("o", Rounding::Floor, subscript, numerator, denominator, result)
}

/// The same rounded up, less the window that is dropped again.
fn rounded_up(axis: &PoolAxis, subscript: &'static str) -> Fraction {
    let (numerator, denominator) = divided(axis.windows(), axis.pad_after());
    let output_len = Run::Output(axis.output_len().to_string());
    let result = vec![output_len.clone()];
    let mut shown = fraction("o", Rounding::Ceil, subscript, numerator, denominator, result);
    if axis.dropped() > 0 {
        let less = |dropped: &str| joined(&[" + 1 − 1", dropped, " = "], "");
        shown.plain = shown.plain.replace(" + 1 = ", &less(" dropped"));
        shown.latex = shown.latex.replace(" + 1 = ", &less("_\\text{dropped}"));
        let dropped = joined(&[&(axis.output_len() + 1).to_string(), ", 1 dropped: "], "");
        shown.result = vec![Run::Plain(dropped), output_len];
    }
    shown
}

/// What is divided, and by what.
fn divided(axis: &AxisGeometry, pad_after: u64) -> (Vec<Run>, Vec<Run>) {
    let numerator = vec![
        Run::Input(axis.input_len().to_string()),
        Run::Plain(" + ".into()),
        Run::Pad(format!("{} + {pad_after}", axis.pad_before())),
        Run::Plain(format!(" − {}·(", axis.params().dilation())),
        Run::Kernel(axis.params().kernel_size().to_string()),
        Run::Plain(" − 1) − 1".into()),
    ];
    (numerator, vec![Run::Kernel(axis.params().stride().to_string())])
}

/// What rounding up keeps and drops.
fn ceiled(lab: &Lab) -> CardNote {
    let notes = operations::ceil(lab);
    let kind =
        if notes.iter().any(|note| note.0 == NoteKind::Warn) { NoteKind::Warn } else { NoteKind::Plain };
    let texts: Vec<String> = notes.into_iter().map(|note| note.1).collect();
    CardNote { kind, text: joined(&texts, " "), repair: None }
}

fn fraction(
    name: &'static str,
    rounding: Rounding,
    subscript: &'static str,
    numerator: Vec<Run>,
    denominator: Vec<Run>,
    result: Vec<Run>,
) -> Fraction {
    let [above, below] = [plain(&numerator), plain(&denominator)];
    let tail = if result.is_empty() { String::new() } else { format!(" = {}", plain(&result)) };
    let [latex_above, latex_below] = [latex(&above), latex(&below)];
    let latex_name =
        if subscript.is_empty() { name.into() } else { joined(&[name, "_\\mathrm{", subscript, "}"], "") };
    let bracket = if rounding == Rounding::Ceil { "ceil" } else { "floor" };
    let (latex, plain) = match rounding {
        Rounding::None => {
            (format!("{latex_name} = {latex_above}{tail}"), format!("{name}{subscript} = {above}{tail}"))
        }
        _ => (
            format!(
                "{latex_name} = \\left\\l{bracket} \\frac{{{latex_above}}}{{{latex_below}}} \\right\\r{bracket} + 1{tail}"
            ),
            format!("{name}{subscript} = {bracket}(({above}) / {below}) + 1{tail}"),
        ),
    };
    Fraction { latex, plain, name, rounding, subscript, numerator, denominator, result }
}

/// A line of the formula in LaTeX.
fn latex(line: &str) -> String {
    let mut latex = String::new();
    for letter in line.chars() {
        match letter {
            '−' => latex.push('-'),
            '₀' => latex.push_str("_0"),
            '₁' => latex.push_str("_1"),
            '·' => latex.push_str(" \\cdot "),
            letter => latex.push(letter),
        }
    }
    latex
}

/// "The window has 3 places down and 3 across: the first and 2 moves of 2."
fn places(geometry: &Conv2dGeometry) -> String {
    let moves = |axis: &AxisGeometry| match axis.output_len() {
        1 => "no room to move".into(),
        n => format!("the first and {} of {}", counted(n - 1, "move"), axis.params().stride()),
    };
    let [down, across] = geometry.output_size();
    let [rows, columns] = [&geometry.rows, &geometry.columns].map(moves);
    let noun = if down == 1 { "place" } else { "places" };
    if rows == columns {
        format!("The window has {down} {noun} down and {across} across: {rows}.")
    } else {
        format!("The window has {down} {noun} down ({rows}) and {across} across ({columns}).")
    }
}

/// What the division leaves over, and what helps.
fn leftover(lab: &Lab) -> CardNote {
    let Conv2dGeometry { rows, columns, .. } = lab.geometry;
    let agree = rows == columns;
    let mut text = String::from(if agree { "Height and width agree. " } else { "" });
    let [left_rows, left_columns] = [&rows, &columns].map(AxisGeometry::leftover);
    if left_rows == 0 && left_columns == 0 {
        text.push_str(&exact(lab, agree));
        return CardNote { kind: NoteKind::Plain, text, repair: None };
    }
    let cells: Vec<String> = [(&rows, "row", "at the bottom"), (&columns, "column", "on the right")]
        .into_iter()
        .filter(|(axis, ..)| axis.leftover() > 0)
        .map(|(axis, noun, side)| left_cells(axis, noun, side))
        .collect();
    let verb = if left_rows + left_columns == 1 { "is" } else { "are" };
    let mut divisions: Vec<String> =
        [&rows, &columns].into_iter().filter(|axis| axis.leftover() > 0).map(leaves).collect();
    divisions.dedup();
    text.push_str(&format!("{} {verb} never read: {}.", joined(&cells, " and "), joined(&divisions, ", ")));
    CardNote { kind: NoteKind::Warn, text, repair: repair(lab) }
}

/// "1 column on the right", "1 column of the input on the right"
fn left_cells(axis: &AxisGeometry, noun: &str, side: &str) -> String {
    let cells = counted(axis.leftover(), noun);
    match axis.leftover().saturating_sub(axis.pad_after()) {
        0 => format!("{cells} {side}"),
        of_input if of_input == axis.leftover() => format!("{cells} of the input {side}"),
        of_input => format!("{cells} {side}, {of_input} of the input,"),
    }
}

/// "(8 − 3) / 2 leaves 1 over"
fn leaves(axis: &AxisGeometry) -> String {
    format!("{} leaves {} over", division(axis), axis.leftover())
}

/// "(8 − 3) / 2"
fn division(axis: &AxisGeometry) -> String {
    format!("({} − {}) / {}", axis.padded_len(), axis.dilated_kernel(), axis.params().stride())
}

fn exact(lab: &Lab, agree: bool) -> String {
    let Conv2dGeometry { rows, columns, .. } = &lab.geometry;
    let [down, across] = [rows, columns].map(division);
    let divisions =
        if agree || down == across { format!("{down} is") } else { format!("{down} and {across} are") };
    let gap = |axis: &AxisGeometry| axis.positions().any(|position| axis.reads(position) == 0);
    let rest = if gap(rows) || gap(columns) {
        "but some cells between windows or taps are never read"
    } else if lab.geometry.padded_size() == lab.geometry.input_size() {
        "so every cell is read"
    } else {
        "so every padded cell is read"
    };
    format!("Nothing is left over: {divisions} exact, {rest}.")
}

/// Takes the leftover from the padding at the end, or adds what completes one more window.
fn repair(lab: &Lab) -> Option<Repair> {
    let Conv2dGeometry { rows, columns, .. } = &lab.geometry;
    let sides = [(rows, Control::PadBottom, "bottom"), (columns, Control::PadRight, "right")];
    let mut model = lab.model.clone();
    let mut changes: Vec<(&str, u64)> = Vec::new();
    for (axis, control, side) in sides {
        let leftover = axis.leftover();
        if leftover == 0 {
            continue;
        }
        let pad = axis
            .pad_after()
            .checked_sub(leftover)
            .unwrap_or_else(|| axis.pad_after() + axis.params().stride() - leftover);
        if pad > MAX_PAD {
            return None;
        }
        model = with(&model, &[control], pad);
        changes.push((side, pad));
    }
    let label = match changes.as_slice() {
        [(side, pad)] => format!("Set {side} padding to {pad}"),
        [(first, pad), (second, same)] if pad == same => format!("Set {first} and {second} padding to {pad}"),
        [(first, pad), (second, other)] => {
            format!("Set {first} padding to {pad} and {second} padding to {other}")
        }
        _ => return None,
    };
    model.geometry().ok().map(|_| Repair { label, model })
}
