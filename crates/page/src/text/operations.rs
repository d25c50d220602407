//! What is said of pools and transposed convolutions alone: their names, settings and messages.

use convscope_core::{AvgDivisor, ConvError, Padding2d, Pads};
use convscope_scene::number;

use super::notes::NoteKind;
use super::{capital, counted, joined, pair, size};
use crate::lab::Lab;
use crate::operation::Operation;

/// "kernel", "max pool", "transposed convolution"
pub(super) fn what(lab: &Lab) -> &'static str {
    match lab.model.operation {
        Operation::Conv if lab.model.flip => "flipped kernel",
        Operation::Conv => "kernel",
        Operation::Transposed => "transposed convolution",
        Operation::MaxPool => "max pool",
        Operation::AvgPool => "average pool",
        Operation::LpPool => "Lp pool",
    }
}

/// What follows after stride and padding: ", output padding 1", ", p = 2, rounded up"
#[inline(never)]
pub(super) fn settings(lab: &Lab) -> String {
    let model = &lab.model;
    let mut text = String::new();
    if model.operation == Operation::Transposed && model.output_padding != [0, 0] {
        text.push_str(", output padding ");
        text.push_str(&pair(model.output_padding));
    }
    if model.operation == Operation::Transposed && model.groups > 1 {
        text.push_str(&format!(", in {} groups", model.groups));
    }
    if model.operation == Operation::LpPool {
        text.push_str(", p = ");
        text.push_str(&model.exponent.to_string());
    }
    if model.operation.is_pool() && model.ceil_mode {
        text.push_str(", rounded up");
    }
    text
}

/// Who calls which of the two convolution.
pub(super) fn flip(lab: &Lab) -> Option<String> {
    let text = match (lab.model.operation, lab.model.flip) {
        (Operation::Conv, false) => {
            "Deep learning calls this convolution; in mathematics it is cross-correlation."
        }
        (Operation::Conv, true) => {
            "Convolution as mathematics has it: the kernel is turned by half a turn. No framework does that."
        }
        (Operation::Transposed, true) => "The kernel is turned by half a turn before it is scattered.",
        _ => return None,
    };
    Some(text.into())
}

/// What an average is divided by.
pub(super) fn divisor(lab: &Lab) -> Option<String> {
    if lab.model.operation != Operation::AvgPool {
        return None;
    }
    let padded = lab.pads() != Pads::default();
    Some(match lab.model.divisor {
        AvgDivisor::CountIncludePad if padded => {
            "count_include_pad: zeros of the padding count as cells, so averages at the edge are smaller."
                .into()
        }
        AvgDivisor::CountIncludePad => return None,
        AvgDivisor::CountInside if padded => {
            "count_include_pad=False: only cells of the input count, so fewer at the edge.".into()
        }
        AvgDivisor::CountInside => "Without padding every cell is of the input.".into(),
        AvgDivisor::Fixed(divisor) => {
            let divisor = number::whole(divisor);
            format!("divisor_override: every sum is divided by {divisor}, whatever its window holds.")
        }
    })
}

/// What rounding up does to the last window.
pub(super) fn ceil(lab: &Lab) -> Vec<(NoteKind, String)> {
    let Some(pool) = lab.pool().filter(|_| lab.model.ceil_mode) else { return Vec::new() };
    if lab.model.padding == Padding2d::Same {
        return vec![(NoteKind::Plain, "“Same” sets the size itself: there is nothing to round.".into())];
    }
    let axes = [(&pool.rows, "row"), (&pool.columns, "column")];
    let mut notes = Vec::new();
    let hanging: Vec<String> = axes
        .iter()
        .filter(|(axis, _)| axis.overhang() > 0)
        .map(|(axis, noun)| counted(axis.overhang(), noun))
        .collect();
    if !hanging.is_empty() {
        let counts = match lab.model.operation {
            Operation::AvgPool => " What hangs over is counted by no divisor.",
            _ => "",
        };
        let text =
            format!("Rounded up: the last window hangs over by {}.{counts}", joined(&hanging, " and "));
        notes.push((NoteKind::Plain, text));
    }
    let dropped: Vec<String> = axes
        .iter()
        .filter(|(axis, _)| axis.dropped() > 0)
        .map(|(axis, noun)| {
            let n = axis.output_len();
            let start = n * axis.windows().params().stride() - axis.pad_before();
            format!(
                "one more window would start at {noun} {start}, beyond the input: it is dropped, {n} are left"
            )
        })
        .collect();
    // Both axes say the same but for the noun.
    let text = match dropped.as_slice() {
        [] => None,
        [rows, columns] if rows.replace("row", "column") == *columns => Some(rows.clone()),
        all => Some(joined(all, "; ")),
    };
    if let Some(text) = text {
        notes.push((NoteKind::Warn, format!("Rounding up is not all: {text}.")));
    }
    if notes.is_empty() {
        notes.push((NoteKind::Plain, "Nothing is left over, so rounding up changes nothing.".into()));
    }
    notes
}

/// What PyTorch does not take of a layer that others do: below which control, and why.
pub(super) fn refused(lab: &Lab) -> Vec<(&'static str, String)> {
    let model = &lab.model;
    let Pads { top, left, bottom, right } = lab.pads();
    let unequal = [(top, bottom), (left, right)].into_iter().find(|(before, after)| before != after);
    let mut refused = Vec::new();
    let pool = match model.operation {
        Operation::Conv => {
            if let Some((before, after)) = unequal.filter(|_| model.padding != Padding2d::Same) {
                refused.push((
                    "padding",
                    format!(
                        "PyTorch pads the same on both sides, not {before} and {after}, so F.pad goes before it; ONNX takes any."
                    ),
                ));
            }
            return refused;
        }
        Operation::Transposed => {
            if model.padding == Padding2d::Same {
                let cropped = format!("top {top}, left {left}, bottom {bottom}, right {right}");
                refused.push((
                    "same",
                    format!("PyTorch’s transposed convolution has no “same”; Keras makes the output stride times as large. Cropped: {cropped}."),
                ));
            } else if let Some((before, after)) = unequal {
                refused.push((
                    "padding",
                    format!(
                        "PyTorch crops the same on both sides, not {before} and {after}; ONNX takes any."
                    ),
                ));
            }
            return refused;
        }
        Operation::MaxPool => "max pool",
        Operation::AvgPool => "average pool",
        Operation::LpPool => "Lp pool",
    };
    if model.dilation != [1, 1] {
        let text = match model.operation {
            Operation::MaxPool => "Keras’s max pool has no dilation; PyTorch’s and ONNX’s have.".into(),
            Operation::AvgPool => format!("PyTorch’s and Keras’s {pool}s have no dilation; ONNX’s has."),
            _ => format!("PyTorch’s {pool} has no dilation; ONNX’s has."),
        };
        refused.push(("dilation", text));
    }
    if model.operation == Operation::LpPool {
        refused.push(("divisor", "Keras has no Lp pool; PyTorch and ONNX have.".into()));
    }
    let explicit = matches!(model.padding, Padding2d::Explicit(_) | Padding2d::Full);
    if model.padding == Padding2d::Same {
        let pads = format!("top {top}, left {left}, bottom {bottom}, right {right}");
        refused.push(("same", format!("PyTorch’s pools have no “same”; Keras and ONNX pad {pads}.")));
    } else if model.operation == Operation::LpPool && lab.pads() != Pads::default() {
        refused.push(("padding", "PyTorch’s Lp pool takes no padding; ONNX’s does.".into()));
    } else if let Some((before, after)) = unequal.filter(|_| explicit) {
        let error = ConvError::UnequalPoolPadding { before, after };
        refused.push(("padding", joined(&[&capital(&error.to_string()), "; ONNX takes any."], "")));
    } else {
        let [height, width] = model.kernel_size;
        let over = [(top, height), (left, width)].into_iter().find(|(pad, len)| *pad > len / 2);
        if let Some((pad, kernel_size)) = over {
            let error = ConvError::PoolPadding { pad, kernel_size };
            refused.push(("padding", format!("PyTorch refuses this: {error}. ONNX takes it.")));
        }
    }
    refused
}

/// What padding does to a pool or a transposed convolution.
pub(super) fn padding(lab: &Lab) -> Option<String> {
    let pads = lab.pads();
    if pads == Pads::default() {
        let words = in_pytorchs_words(lab, pads);
        let scatters = lab.model.operation == Operation::Transposed && !words.is_empty();
        return scatters.then(|| joined(&["Nothing is cropped.", &words], ""));
    }
    let Pads { top, left, bottom, right } = pads;
    if lab.model.operation == Operation::Transposed {
        let cells = if pads == Pads::all(top) {
            format!("{} from every side", counted(top, "cell"))
        } else {
            format!("top {top}, left {left}, bottom {bottom}, right {right}")
        };
        let crops = format!(
            "Padding crops the output: {cells}. It is the padding of the convolution that this one transposes."
        );
        return Some(joined(&[&crops, &in_pytorchs_words(lab, pads)], ""));
    }
    let what = match lab.model.operation {
        Operation::MaxPool => "Minus infinity around the input, which never wins, makes",
        _ => "Zeros around the input make",
    };
    let [height, width] = lab.model.input_size;
    let padded = size([height + top + bottom, width + left + right]);
    Some(format!("{what} {} into {padded}.", size([height, width])))
}

/// How PyTorch's documentation puts the padding of a transposed convolution: as zeros around the input with zeros
/// inserted. Nothing where sides or axes differ.
fn in_pytorchs_words(lab: &Lab, pads: Pads) -> String {
    let around = [0, 1].map(|axis: usize| {
        let (kernel, dilation) = (lab.model.kernel_size[axis], lab.model.dilation[axis]);
        ((kernel, dilation), (dilation * (kernel - 1)).checked_sub(pads.top))
    });
    match around {
        [((kernel, dilation), Some(zeros)), other] if other == around[0] && pads == Pads::all(pads.top) => {
            format!(
                " In PyTorch’s words padding={pad} puts dilation · (kernel − 1) − padding = {dilation} · ({kernel} − 1) − {pad} = {zeros} on each side of the input, after zeros were inserted.",
                pad = pads.top,
                zeros = counted(zeros, "zero"),
            )
        }
        _ => String::new(),
    }
}

/// What output padding is for.
pub(super) fn output_padding(lab: &Lab) -> Option<String> {
    let scatter = lab.scatter()?;
    let [down, across] = lab.model.stride;
    if lab.model.output_padding != [0, 0] {
        return Some("Cells added after the output get what reaches them, the others the bias alone.".into());
    }
    ([down, across] != [1, 1]).then(|| {
        let [height, width] = scatter.output_size();
        let most = size([height + down - 1, width + across - 1]);
        let least = size([height, width]);
        format!("The forward convolution gives this size for inputs from {least} to {most}: output padding says which.")
    })
}
