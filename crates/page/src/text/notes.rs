//! The messages below the controls: what a setting does, and what it leaves out. And why a convolution is
//! impossible, for the control that caused it.

use convscope_core::{AxisGeometry, Conv2dGeometry, ConvError, Padding2d};
use convscope_scene::number;

use super::{axes, capital, copies, counted, joined, operations, ordinal, rules, size, slides};
use crate::lab::Lab;
use crate::model::LabModel;
use crate::operation::Operation;

/// How a message is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteKind {
    /// A fact.
    Plain,
    /// Computed, but read this.
    Warn,
}

/// A message below a control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlNote {
    /// `input`, `kernel`, `stride`, `dilation`, `flip`, `divisor`, `ceil`, `groups`, `padding` or `output padding`;
    /// `same` below the choice of padding.
    pub control: &'static str,
    /// How it is marked.
    pub kind: NoteKind,
    /// One or two sentences, with full stop.
    pub text: String,
}

/// The messages of a model, in the order of the controls.
pub fn notes(lab: &Lab) -> Vec<ControlNote> {
    use NoteKind::{Plain, Warn};
    let mut notes = Vec::new();
    let mut add = |control, kind, text: Option<String>| {
        notes.extend(text.map(|text| ControlNote { control, kind, text }));
    };
    add("flip", Plain, operations::flip(lab));
    if lab.model.operation == Operation::Transposed {
        transposed(lab, &mut add);
        return notes;
    }
    add("input", Warn, lost_input(lab));
    add("stride", Plain, stride(lab));
    add("stride", Warn, steps_over(lab));
    add("dilation", Plain, dilation(lab));
    add("dilation", Warn, between_taps(lab));
    if lab.model.operation == Operation::Conv {
        add("same", Warn, same(lab));
        add("padding", Plain, padding(lab));
        refusals(lab, &mut add);
    } else {
        pool(lab, &mut add);
    }
    add("padding", Warn, unread_padding(lab));
    notes
}

/// Takes a message: its control, kind and text, if there is one.
type Add<'a> = &'a mut dyn FnMut(&'static str, NoteKind, Option<String>);

fn pool(lab: &Lab, add: Add) {
    add("divisor", NoteKind::Plain, operations::divisor(lab));
    for (kind, text) in operations::ceil(lab) {
        add("ceil", kind, Some(text));
    }
    add("padding", NoteKind::Plain, operations::padding(lab));
    refusals(lab, add);
}

/// What some frameworks refuse and others compute.
fn refusals(lab: &Lab, add: Add) {
    for (control, text) in operations::refused(lab).into_iter().chain(rules::refused_by_keras(lab)) {
        add(control, NoteKind::Warn, Some(text));
    }
}

fn transposed(lab: &Lab, add: Add) {
    add("dilation", NoteKind::Plain, dilation(lab));
    add("stride", NoteKind::Plain, spread(lab));
    add("padding", NoteKind::Plain, operations::padding(lab));
    add("output padding", NoteKind::Plain, operations::output_padding(lab));
    refusals(lab, add);
}

/// What the stride of a transposed convolution does.
fn spread(lab: &Lab) -> Option<String> {
    let [down, across] = lab.model.stride;
    match [down, across] {
        [1, 1] => None,
        _ if down == across => {
            Some(format!("From input to input the kernel moves {down} cells on the output."))
        }
        _ => Some(format!(
            "From input to input the kernel moves {down} down and {across} across on the output."
        )),
    }
}

/// "The last column of the input is never read."
fn lost_input(lab: &Lab) -> Option<String> {
    let lost: Vec<String> = axes(lab)
        .into_iter()
        .filter_map(|(axis, noun)| match axis.leftover().saturating_sub(axis.pad_after()) {
            0 => None,
            1 => Some(format!("last {noun}")),
            n => Some(format!("last {}", counted(n, noun))),
        })
        .collect();
    let verb = if lost.len() == 1 && !lost[0].ends_with('s') { "is" } else { "are" };
    (!lost.is_empty()).then(|| format!("The {} of the input {verb} never read.", joined(&lost, " and the ")))
}

/// "Visits every second position."
fn stride(lab: &Lab) -> Option<String> {
    let [down, across] = lab.model.stride;
    if lab.geometry.n_steps() == 1 {
        return ([down, across] != [1, 1])
            .then(|| "Only one window fits, so the stride has no effect.".into());
    }
    let every = |stride: u64, noun: &str| match stride {
        1 => format!("every {noun}"),
        _ => format!("every {} {noun}", ordinal(stride)),
    };
    // A stride along which only one window fits moves nothing.
    let [down, across] = {
        let [rows, columns] = lab.geometry.output_size();
        [if rows == 1 { 1 } else { down }, if columns == 1 { 1 } else { across }]
    };
    match [down, across] {
        [1, 1] => None,
        [down, across] if down == across => Some(format!("Visits {}.", every(down, "position"))),
        _ => Some(format!("Visits {} and {}.", every(down, "row"), every(across, "column"))),
    }
}

/// Cells between windows: "Stride 4 steps over 1 row and 1 column after each window: ..."
fn steps_over(lab: &Lab) -> Option<String> {
    let over: Vec<([u64; 2], &str)> = axes(lab)
        .into_iter()
        .map(|(axis, noun)| ([axis.params().stride(), axis.dilated_kernel()], noun, axis.output_len()))
        .filter(|([stride, span], _, len)| *len > 1 && stride > span)
        .map(|(numbers, noun, _)| (numbers, noun))
        .collect();
    let sentence = |[stride, span]: [u64; 2], nouns: &[&str]| {
        let cells: Vec<String> = nouns.iter().map(|noun| counted(stride - span, noun)).collect();
        let cells = joined(&cells, " and ");
        format!(
            "Stride {stride} steps over {cells} after each window: the {} spans only {span}.",
            slides(lab)
        )
    };
    match over.as_slice() {
        [] => None,
        [(rows, _), (columns, _)] if rows == columns => Some(sentence(*rows, &["row", "column"])),
        all => {
            let each: Vec<String> = all.iter().map(|(numbers, noun)| sentence(*numbers, &[*noun])).collect();
            Some(joined(&each, " "))
        }
    }
}

fn dilation(lab: &Lab) -> Option<String> {
    let [height, width] = lab.model.kernel_size;
    if lab.model.dilation == [1, 1] {
        return None;
    }
    let Conv2dGeometry { rows, columns, .. } = &lab.geometry;
    let span = [rows.dilated_kernel(), columns.dilated_kernel()];
    let taps = if lab.model.operation.is_pool() { "places" } else { "taps" };
    if span == [height, width] {
        let what = slides(lab);
        return Some(format!("A {} {what} has no neighbouring {taps} to spread.", size([height, width])));
    }
    Some(format!("Spreads {} {taps} over {} cells.", size([height, width]), size(span)))
}

/// Cells between taps that no other window reads.
fn between_taps(lab: &Lab) -> Option<String> {
    let between: Vec<String> = axes(lab)
        .into_iter()
        .filter(|(axis, _)| axis.params().stride() <= axis.dilated_kernel())
        .filter_map(|(axis, noun)| {
            let end = axis.window_start(axis.output_len() - 1) + axis.dilated_kernel().cast_signed();
            let unread =
                axis.positions().take_while(|&position| position < end).filter(|&p| axis.reads(p) == 0);
            let n_unread = unread.count() as u64;
            (n_unread > 0).then(|| counted(n_unread, noun))
        })
        .collect();
    let verb = if between.len() == 1 && between[0].starts_with("1 ") { "falls" } else { "fall" };
    let read = if verb == "falls" { "is" } else { "are" };
    (!between.is_empty()).then(|| {
        format!(
            "{} {verb} between the taps of every window and {read} never read.",
            joined(&between, " and ")
        )
    })
}

/// What frameworks make of "same".
fn same(lab: &Lab) -> Option<String> {
    if lab.model.padding != Padding2d::Same {
        return None;
    }
    let Conv2dGeometry { rows, columns, .. } = &lab.geometry;
    let sides = |axis: &AxisGeometry| format!("{} before and {} after", axis.pad_before(), axis.pad_after());
    let pads = if sides(rows) == sides(columns) {
        sides(rows)
    } else {
        format!("rows by {} and columns by {}", sides(rows), sides(columns))
    };
    match lab.params.pytorch() {
        Err(ConvError::SameWithStride { stride }) => {
            Some(format!("PyTorch refuses “same” at stride {stride}; TensorFlow and ONNX pad {pads}."))
        }
        _ if rows.pad_before() != rows.pad_after() || columns.pad_before() != columns.pad_after() => {
            Some(format!("The odd cell goes after: “same” pads {pads}."))
        }
        _ => None,
    }
}

/// What padding does: "Zeros around the input make 5 × 5 into 7 × 7. Without them the output would be 2 × 2."
fn padding(lab: &Lab) -> Option<String> {
    let [input, padded] = [lab.geometry.input_size(), lab.geometry.padded_size()];
    if input == padded {
        return None;
    }
    let what = match copies(lab.model.padding_mode) {
        None => "Zeros around the input make",
        Some(_) => "Copies around the input make",
    };
    let [input, padded] = [input, padded].map(size);
    let without = LabModel { padding: Padding2d::Valid, ..lab.model.clone() };
    let otherwise = match without.geometry() {
        Ok(geometry) if geometry.output_size() == lab.geometry.output_size() => {
            "The output would be as large without them.".into()
        }
        Ok(geometry) => format!("Without them the output would be {}.", size(geometry.output_size())),
        Err(_) => "Without them no window would fit.".into(),
    };
    let from =
        copies(lab.model.padding_mode).map_or_else(String::new, |copies| format!(" They hold {copies}."));
    Some(format!("{what} {input} into {padded}. {otherwise}{from}"))
}

/// "The right padding is never read."
fn unread_padding(lab: &Lab) -> Option<String> {
    let Conv2dGeometry { rows, columns, .. } = &lab.geometry;
    let mut whole = Vec::new();
    let mut partly = Vec::new();
    for (axis, side, noun) in [(rows, "bottom", "row"), (columns, "right", "column")] {
        match (axis.leftover(), axis.pad_after()) {
            (0, _) | (_, 0) => {}
            (leftover, pad) if leftover >= pad => whole.push(side),
            (leftover, pad) => partly.push(format!(
                "{} of {} of the {side} padding {} never read.",
                number::grouped(leftover.into()),
                counted(pad, noun),
                if leftover == 1 { "is" } else { "are" },
            )),
        }
    }
    if !whole.is_empty() {
        let verb = if whole.len() == 1 { "is" } else { "are" };
        partly.insert(0, format!("The {} padding {verb} never read.", joined(&whole, " and ")));
    }
    (!partly.is_empty()).then(|| joined(&partly, " "))
}

/// The control that an impossible convolution comes from, and one sentence without full stop.
pub fn explain(error: &ConvError) -> (&'static str, String) {
    let control = match error {
        ConvError::Zero { param: "stride" } => "stride",
        ConvError::Zero { param: "dilation" } => "dilation",
        ConvError::Zero { param: "input" } | ConvError::Overflow | ConvError::ElementCount { .. } => "input",
        ConvError::NegativePadding { .. }
        | ConvError::ReflectPadding { .. }
        | ConvError::CircularPadding { .. }
        | ConvError::OutputCropped { .. }
        | ConvError::PoolPadding { .. }
        | ConvError::UnequalPoolPadding { .. } => "padding",
        ConvError::OutputPadding { .. } => "output padding",
        ConvError::Zero { param: "divisor_override" } => "divisor",
        ConvError::SameWithStride { .. } => "same",
        _ => "kernel",
    };
    let helps = match error {
        ConvError::KernelExceedsInput { .. } => "; a smaller kernel, less dilation or more padding helps",
        ConvError::ReflectPadding { .. } | ConvError::CircularPadding { .. } => {
            "; less padding or another mode helps"
        }
        ConvError::OutputCropped { .. } => "; less padding or more output padding helps",
        _ => "",
    };
    let sentence = capital(&error.to_string());
    (control, joined(&[&sentence, helps], "").replace('-', "\u{2212}"))
}
