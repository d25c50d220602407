//! What each framework's rule makes of the present numbers, one row a rule, with the reason in one sentence.

use convscope_core::rules::{Detour, Layout, Ratio, Refusal, Rule, verdicts};
use convscope_core::{AxisParams, ConvError, Layer, Pads};
use convscope_scene::number;

use super::{counted, joined, size};
use crate::lab::Lab;

/// One rule and what it gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRow {
    /// Which rule.
    pub rule: Rule,
    /// "PyTorch"
    pub framework: &'static str,
    /// What is asked for, as it is written there: "ceil_mode=True"
    pub setting: &'static str,
    /// "112 × 112", of the course's formula "112 1/2 × 112 1/2"; empty where the rule refuses.
    pub output: String,
    /// "3 on each side", "top 2, left 2, bottom 3, right 3", "none"; of a transposed convolution what is cropped.
    /// Empty where the rule refuses.
    pub pads: String,
    /// What no window reaches: "1 row, 1 column", "none". Empty where the rule refuses, and for the formula.
    pub left_over: String,
    /// Why this and nothing else: one or two sentences, with full stop.
    pub why: String,
    /// Whether there is no output.
    pub refused: bool,
    /// Whether output and padding are those of the figure.
    pub as_shown: bool,
}

/// A row for each rule that knows such a layer, over an input of `[height, width]`.
pub fn rule_rows(layer: &Layer, input: [u64; 2]) -> Vec<RuleRow> {
    let shown = shown(layer, input);
    verdicts(layer, input)
        .into_iter()
        .map(|verdict| {
            let rule = verdict.rule;
            let (framework, setting) = names(rule, layer);
            let row = RuleRow {
                rule,
                framework,
                setting,
                output: String::new(),
                pads: String::new(),
                left_over: String::new(),
                why: String::new(),
                refused: true,
                as_shown: false,
            };
            match verdict.layout {
                Err(refusal) => RuleRow { why: refused(rule, layer, refusal), ..row },
                Ok(layout) => RuleRow {
                    output: joined(&layout.output.map(ratio), " × "),
                    pads: pads(layout.pads),
                    left_over: if rule == Rule::Course { String::new() } else { left_over(layout.left_over) },
                    why: why(rule, layer, input, &layout),
                    refused: false,
                    as_shown: shown.is_some() && shown == layout.output_size().zip(Some(layout.pads)),
                    ..row
                },
            }
        })
        .collect()
}

/// Why a rule does not take a layer as it is: its refusal, or what has to go before or after it. `None` where it
/// takes it.
pub(crate) fn rule_remark(rule: Rule, layer: &Layer, input: [u64; 2]) -> Option<String> {
    match rule.layout(layer, input) {
        Err(refusal) => Some(refused(rule, layer, refusal)),
        Ok(layout) => Some(detour(rule, layer, layout.detour).trim_start().into()),
    }
    .filter(|text: &String| !text.is_empty())
}

/// What Keras alone refuses of a lab's layer, and below which control that is said.
pub(super) fn refused_by_keras(lab: &Lab) -> Option<(&'static str, String)> {
    let refusal = Rule::KerasPadded.layout(&lab.layer, lab.model.input_size).err()?;
    let control = match refusal {
        Refusal::StrideWithDilation { .. } => "dilation",
        Refusal::Groups { .. } => "groups",
        Refusal::OutputPadding { .. } => "output padding",
        _ => return None,
    };
    let sentence = refused(Rule::KerasPadded, &lab.layer, refusal);
    Some((control, joined(&[&sentence, " PyTorch and ONNX take it."], "")))
}

/// Output and padding of the figure.
fn shown(layer: &Layer, input: [u64; 2]) -> Option<([u64; 2], Pads)> {
    match layer {
        Layer::Conv2d(params) => params.geometry(input).ok().map(|it| (it.output_size(), it.pads())),
        Layer::ConvTranspose2d(params) => params.geometry(input).ok().map(|it| (it.output_size(), it.pads())),
        Layer::MaxPool2d(params) | Layer::AvgPool2d(params, _) | Layer::LpPool2d(params, _) => {
            params.geometry(input).ok().map(|it| (it.output_size(), it.pads()))
        }
    }
}

/// The framework, and what is asked of it.
fn names(rule: Rule, layer: &Layer) -> (&'static str, &'static str) {
    let is_pool = matches!(layer, Layer::MaxPool2d(_) | Layer::AvgPool2d(..) | Layer::LpPool2d(..));
    match rule {
        Rule::PyTorch if is_pool => ("PyTorch", "ceil_mode=False"),
        Rule::PyTorch => ("PyTorch", "padding in numbers"),
        Rule::PyTorchCeil => ("PyTorch", "ceil_mode=True"),
        Rule::PyTorchSame => ("PyTorch", "padding='same'"),
        Rule::KerasPadded => ("Keras", "padding in numbers"),
        Rule::KerasValid => ("Keras", "padding='valid'"),
        Rule::KerasSame => ("Keras", "padding='same'"),
        Rule::Onnx => ("ONNX", "auto_pad=NOTSET"),
        Rule::OnnxCeilBefore22 => ("ONNX", "ceil_mode=1, opset 21"),
        Rule::OnnxCeil => ("ONNX", "ceil_mode=1, opset 22"),
        Rule::OnnxValid => ("ONNX", "auto_pad=VALID"),
        Rule::OnnxSameUpper => ("ONNX", "auto_pad=SAME_UPPER"),
        Rule::OnnxSameLower => ("ONNX", "auto_pad=SAME_LOWER"),
        Rule::Course => ("Formula", "(N − K + 2P) / S + 1"),
    }
}

/// What the framework calls the layer.
fn layer_name(rule: Rule, layer: &Layer) -> &'static str {
    let names: [&'static str; 3] = match layer {
        Layer::Conv2d(_) => ["nn.Conv2d", "Conv2D", "Conv"],
        Layer::ConvTranspose2d(_) => ["nn.ConvTranspose2d", "Conv2DTranspose", "ConvTranspose"],
        Layer::MaxPool2d(_) => ["nn.MaxPool2d", "MaxPooling2D", "MaxPool"],
        Layer::AvgPool2d(..) => ["nn.AvgPool2d", "AveragePooling2D", "AveragePool"],
        Layer::LpPool2d(..) => ["nn.LPPool2d", "an Lp pool", "LpPool"],
    };
    match rule {
        Rule::PyTorch | Rule::PyTorchCeil | Rule::PyTorchSame => names[0],
        Rule::KerasPadded | Rule::KerasValid | Rule::KerasSame => names[1],
        Rule::Course => "The formula",
        _ => names[2],
    }
}

/// `112`, or `112 1/2` where it is no whole number.
fn ratio(ratio: Ratio) -> String {
    let (numerator, denominator) = (ratio.numerator(), i128::from(ratio.denominator()));
    let (whole, rest) = ((numerator / denominator).unsigned_abs(), (numerator % denominator).unsigned_abs());
    let mut text = String::new();
    if numerator < 0 {
        text.push('\u{2212}');
    }
    if whole > 0 || rest == 0 {
        text.push_str(&number::grouped(whole));
    }
    if rest > 0 {
        if whole > 0 {
            text.push(' ');
        }
        text.push_str(&number::ungrouped(rest));
        text.push('/');
        text.push_str(&number::ungrouped(denominator.unsigned_abs()));
    }
    text
}

/// `3 on each side`, `top 2, left 2, bottom 3, right 3`, `none`
fn pads(pads: Pads) -> String {
    let Pads { top, left, bottom, right } = pads;
    if pads == Pads::default() {
        return "none".into();
    }
    if pads == Pads::all(top) {
        return joined(&[&top.to_string(), " on each side"], "");
    }
    let [top, left, bottom, right] = [top, left, bottom, right].map(|cells| cells.to_string());
    joined(&["top ", &top, ", left ", &left, ", bottom ", &bottom, ", right ", &right], "")
}

/// `1 row, 1 column`, `none`
fn left_over([rows, columns]: [u64; 2]) -> String {
    match cells([rows, columns]) {
        parts if parts.is_empty() => "none".into(),
        parts => joined(&parts, ", "),
    }
}

/// `1 row` and `2 columns`, without what is 0.
fn cells([rows, columns]: [u64; 2]) -> Vec<String> {
    [(rows, "row"), (columns, "column")]
        .into_iter()
        .filter(|&(n, _)| n > 0)
        .map(|(n, noun)| counted(n, noun))
        .collect()
}

fn why(rule: Rule, layer: &Layer, input: [u64; 2], layout: &Layout) -> String {
    if let Layer::ConvTranspose2d(params) = layer {
        let is_asked_for = params.options().output_padding != [0, 0];
        let mut text = scattered(rule, layer, [params.rows(), params.columns()], input, layout);
        if rule == Rule::KerasValid && layout.output_padding != [0, 0] && !is_asked_for {
            text.push_str(" Keras fills up to the stride.");
        }
        return text;
    }
    let axes = match layer {
        Layer::Conv2d(params) => [params.rows(), params.columns()],
        Layer::MaxPool2d(params) | Layer::AvgPool2d(params, _) | Layer::LpPool2d(params, _) => {
            [params.rows(), params.columns()]
        }
        Layer::ConvTranspose2d(params) => [params.rows(), params.columns()],
    };
    match rule {
        Rule::Course => formula(layout),
        Rule::PyTorch | Rule::KerasPadded | Rule::Onnx => {
            joined(&[rounded_down(layout), detour(rule, layer, layout.detour).into()], "")
        }
        Rule::KerasValid | Rule::OnnxValid => joined(&["No padding. ", &rounded_down(layout)], ""),
        Rule::PyTorchCeil | Rule::OnnxCeil | Rule::OnnxCeilBefore22 => rounded_up(rule, layer, input, layout),
        Rule::PyTorchSame | Rule::KerasSame | Rule::OnnxSameUpper | Rule::OnnxSameLower => {
            let mut text = same(axes, input, layout);
            if matches!(rule, Rule::OnnxSameUpper | Rule::OnnxSameLower) {
                text.push_str(same_elsewhere(axes));
            }
            text
        }
    }
}

/// What rounding down leaves over.
fn rounded_down(layout: &Layout) -> String {
    let (over, lost) = (cells(layout.left_over), cells(layout.lost_input()));
    if over.is_empty() {
        return "The windows reach the end, so there is nothing to round.".into();
    }
    let mut text = joined(&["Rounded down: ", &joined(&over, " and ")], "");
    text.push_str(if layout.left_over.into_iter().max() > Some(1) || over.len() > 1 {
        " are"
    } else {
        " is"
    });
    text.push_str(" left over at the end, ");
    text.push_str(&match lost {
        lost if lost.is_empty() => "of padding alone.".into(),
        lost if lost == over => "and never read.".into(),
        lost => joined(&["of the input ", &joined(&lost, " and "), "."], ""),
    });
    text
}

/// What rounding up adds, and what is dropped again.
fn rounded_up(rule: Rule, layer: &Layer, input: [u64; 2], layout: &Layout) -> String {
    let over = cells(layout.overhang);
    if layout.dropped_windows != [0, 0] {
        let mut text: String =
            "Rounded up; but a last window that starts beyond the input is dropped again.".into();
        if !over.is_empty() {
            text.push_str(&hangs_over(&over));
        }
        return text;
    }
    if over.is_empty() {
        return "The windows reach the end, so there is nothing to round up.".into();
    }
    let keeps_padding = rule == Rule::OnnxCeilBefore22
        && Rule::OnnxCeil.layout(layer, input).ok().and_then(|it| it.output_size()) != layout.output_size();
    if keeps_padding {
        return "Rounded up, and the last window is kept although it starts beyond the input. \
                ONNX Runtime drops it all the same."
            .into();
    }
    joined(&["Rounded up.", &hangs_over(&over)], "")
}

fn hangs_over(over: &[String]) -> String {
    joined(&[" The last window hangs over the end by ", &joined(over, " and "), "."], "")
}

/// "Padded until the output is 224 / 2 = 112, rounded up; the odd row goes below, the odd column to the right."
fn same(axes: [AxisParams; 2], input: [u64; 2], layout: &Layout) -> String {
    let quotient = |idx: usize| {
        let [input, stride] = [input[idx], axes[idx].stride()];
        let [input_text, stride_text] = [input, stride].map(|n| n.to_string());
        let output = input.div_ceil(stride).to_string();
        let up = if input % stride == 0 { "" } else { ", rounded up" };
        joined(&[&input_text, " / ", &stride_text, " = ", &output, up], "")
    };
    let (down, across) = (quotient(0), quotient(1));
    let quotients = if down == across { down } else { joined(&[down, across], " by ") };
    let Pads { top, left, bottom, right } = layout.pads;
    let odd: &[&str] = match (top.cmp(&bottom), left.cmp(&right)) {
        (std::cmp::Ordering::Equal, std::cmp::Ordering::Equal) => &["on both sides alike"],
        (down, across) => {
            let down = match down {
                std::cmp::Ordering::Less => "the odd row goes below",
                std::cmp::Ordering::Equal => "",
                std::cmp::Ordering::Greater => "the odd row goes above",
            };
            let across = match across {
                std::cmp::Ordering::Less => "the odd column goes to the right",
                std::cmp::Ordering::Equal => "",
                std::cmp::Ordering::Greater => "the odd column goes to the left",
            };
            &[down, across]
        }
    };
    let odd: Vec<&str> = odd.iter().copied().filter(|part| !part.is_empty()).collect();
    joined(&["Padded until the output is ", &quotients, "; ", &joined(&odd, ", "), "."], "")
}

/// Where runtimes do not follow ONNX.
fn same_elsewhere(axes: [AxisParams; 2]) -> &'static str {
    let is_sparse = axes.iter().any(|axis| axis.dilated_kernel().is_ok_and(|span| axis.stride() > span));
    if axes.iter().any(|axis| axis.dilation() > 1) {
        " ONNX Runtime does not compute this with dilation."
    } else if is_sparse {
        " With a stride beyond the kernel ONNX Runtime may crop the input instead."
    } else {
        ""
    }
}

fn formula(layout: &Layout) -> String {
    if layout.output_size().is_some() {
        return "A whole number, so every rule that pads alike agrees.".into();
    }
    if layout.output.iter().any(|ratio| ratio.numerator() <= 0) {
        return "Less than 1: no window fits, which the formula does not say.".into();
    }
    "No whole number, because the formula has no floor: frameworks round it down, and pools up on request."
        .into()
}

fn detour(rule: Rule, layer: &Layer, detour: Detour) -> &'static str {
    match (rule, detour, layer) {
        (Rule::PyTorch, Detour::PadFirst, _) => " nn.Conv2d pads both sides alike, so F.pad goes before it.",
        (Rule::Onnx, Detour::PadFirst, _) => " Conv pads with zeros alone, so Pad goes before it.",
        (_, Detour::PadFirst, Layer::MaxPool2d(_)) => {
            " MaxPooling2D takes no numbers, so a pad of −∞ goes before it."
        }
        (_, Detour::PadFirst, Layer::AvgPool2d(..)) => {
            " AveragePooling2D takes no numbers, so ZeroPadding2D goes before it."
        }
        (_, Detour::PadFirst, _) => " Conv2D takes no numbers, so ZeroPadding2D goes before it.",
        (Rule::PyTorch, Detour::CropAfter, _) => {
            " nn.ConvTranspose2d crops both sides alike, so a slice goes after it."
        }
        (_, Detour::CropAfter, _) => " Conv2DTranspose takes no numbers, so Cropping2D goes after it.",
        (_, Detour::None, _) => "",
    }
}

/// "The kernels reach over 9 × 9 cells, of which padding crops 1 on each side."
fn scattered(rule: Rule, layer: &Layer, axes: [AxisParams; 2], input: [u64; 2], layout: &Layout) -> String {
    let reach = |idx: usize| {
        let scattered = (input[idx] - 1).checked_mul(axes[idx].stride())?;
        scattered.checked_add(axes[idx].dilated_kernel().ok()?)
    };
    let mut text = String::from("The kernels reach over ");
    match reach(0).zip(reach(1)) {
        Some((down, across)) => text.push_str(&size([down, across])),
        None => text.push_str("many"),
    }
    text.push_str(" cells");
    let added = cells(layout.output_padding);
    if !added.is_empty() {
        text.push_str(", to which ");
        text.push_str(&joined(&added, " and "));
        let is_plural = added.len() > 1 || layout.output_padding.into_iter().max() > Some(1);
        text.push_str(if is_plural { " are added" } else { " is added" });
    }
    if layout.pads == Pads::default() {
        text.push_str("; none is cropped.");
    } else {
        text.push_str("; cropped: ");
        text.push_str(&pads(layout.pads));
        text.push('.');
    }
    match rule {
        Rule::KerasSame | Rule::OnnxSameUpper | Rule::OnnxSameLower => {
            text.push_str(" So the output is input times stride");
            let times = [0, 1].map(|idx| input[idx].checked_mul(axes[idx].stride()));
            let is_product = layout.output_size().is_some_and(|it| it.map(Some) == times);
            text.push_str(if is_product { "." } else { ", but for the output padding." });
        }
        _ => text.push_str(detour(rule, layer, layout.detour)),
    }
    text
}

/// Why there is no output, with the framework's name.
fn refused(rule: Rule, layer: &Layer, refusal: Refusal) -> String {
    let name = layer_name(rule, layer);
    let number = |n: u64| n.to_string();
    match refusal {
        Refusal::Operation => "Keras has no Lp pool.".into(),
        Refusal::Dilation { dilation } if rule == Rule::Course => {
            joined(&["The formula knows no dilation, here ", &number(dilation), "."], "")
        }
        Refusal::Dilation { dilation } => {
            joined(&[name, " has no dilation, here ", &number(dilation), "."], "")
        }
        Refusal::Padding(_) => joined(&[name, " takes no padding."], ""),
        Refusal::UnequalPadding(it) => {
            joined(&["The formula has one P for both sides, here ", &pads(it), "."], "")
        }
        Refusal::Groups { groups } => joined(&[name, " has no groups, here ", &number(groups), "."], ""),
        Refusal::StrideWithDilation { stride, dilation } => joined(
            &[
                "Keras refuses a stride above 1 together with a dilation above 1, here ",
                &number(stride),
                " and ",
                &number(dilation),
                ".",
            ],
            "",
        ),
        Refusal::OutputPadding { output_padding, stride } => joined(
            &[
                "Keras wants an output_padding below the stride, here ",
                &number(output_padding),
                " at stride ",
                &number(stride),
                ".",
            ],
            "",
        ),
        Refusal::Impossible(ConvError::SameWithStride { stride }) => {
            joined(&["PyTorch refuses padding='same' with a stride above 1, here ", &number(stride), "."], "")
        }
        Refusal::Impossible(ConvError::UnequalPoolPadding { before, after }) => joined(
            &[name, " pads both sides of an axis alike, not ", &number(before), " and ", &number(after), "."],
            "",
        ),
        Refusal::Impossible(ConvError::PoolPadding { pad, kernel_size }) => joined(
            &[
                name,
                " pads at most half of the kernel: ",
                &number(pad),
                " is more than half of ",
                &number(kernel_size),
                ".",
            ],
            "",
        ),
        Refusal::Impossible(error) => {
            let (_, sentence) = super::explain(&error);
            joined(&[&sentence, "."], "")
        }
        _ => joined(&[name, " refuses these numbers."], ""),
    }
}

#[cfg(test)]
mod tests;
