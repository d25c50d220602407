//! The values behind the keys of a link. What cannot be used is replaced, with a notice.

use convscope_core::{Padding2d, PaddingMode, Pads};
use convscope_scene::number;

use super::{Fields, Notices};
use crate::bounds::{moved, read_number, shown};
use crate::kernel::{KernelChoice, KernelPreset};
use crate::limits::{
    LINKED_PICTURE, MAX_DILATION, MAX_INPUT, MAX_KERNEL, MAX_LINK_PAD, MAX_NUMBERS, MAX_STRIDE, MAX_VALUE,
};
use crate::model::LabModel;
use crate::source::{InputSource, Pattern, PictureSource, Sample};

/// The photograph that stands in for a picture that is not in the link.
const STAND_IN: Sample = Sample::Camera;
/// The model with every value in its range; together they may still be impossible. The step is not read.
pub(super) fn model(fields: &Fields, notices: &mut Notices) -> LabModel {
    let default = LabModel::default();
    if let Some(version) = fields.get("v").filter(|&version| version != "1") {
        let version = shown(version);
        notices.add(
            "v",
            format!("The link is of version {version}; this page knows version 1 and read it as that"),
        );
    }
    let x = fields.get("x").map(|text| input_source(text, notices));
    let implied = x.as_ref().map_or(default.input_size, implied_input_size);
    let n = pair(
        fields.get("n"),
        &Pair { key: "n", name: "Input size", high: MAX_INPUT, default: implied },
        notices,
    );
    let (input, input_size) = match x {
        None => (InputSource::default_for(n), n),
        Some(InputSource::Numbers(numbers)) => input_numbers(numbers, n, notices),
        Some(source) => (source, n),
    };
    let w = fields.get("w").map(|text| kernel_choice(text, notices));
    let implied = w.as_ref().map_or(default.kernel_size, implied_kernel_size);
    let k = pair(
        fields.get("k"),
        &Pair { key: "k", name: "Kernel size", high: MAX_KERNEL, default: implied },
        notices,
    );
    let kernel = match w {
        None => default.kernel,
        Some(KernelChoice::Own(weights)) => {
            KernelChoice::Own(counted(weights, k, "w", "weights for a kernel", notices))
        }
        Some(choice) => choice,
    };
    let stride = Pair { key: "s", name: "Stride", high: MAX_STRIDE, default: default.stride };
    let dilation = Pair { key: "d", name: "Dilation", high: MAX_DILATION, default: default.dilation };
    LabModel {
        input,
        input_size,
        kernel,
        kernel_size: k,
        stride: pair(fields.get("s"), &stride, notices),
        dilation: pair(fields.get("d"), &dilation, notices),
        padding: fields.get("p").map_or(default.padding, |text| padding(text, notices)),
        padding_mode: fields.get("m").map_or(default.padding_mode, |text| padding_mode(text, notices)),
        bias: fields.get("b").map_or(default.bias, |text| bias(text, notices)),
        step: default.step,
    }
}

/// How large an input is when only its source is given.
pub(super) fn implied_input_size(source: &InputSource) -> [u64; 2] {
    match source {
        InputSource::Numbers(numbers) => square(numbers.len(), MAX_NUMBERS).unwrap_or([5, 5]),
        InputSource::Pattern(_) => [5, 5],
        InputSource::Picture(_) => LINKED_PICTURE,
    }
}

/// How large a kernel is when only its weights are given.
pub(super) fn implied_kernel_size(choice: &KernelChoice) -> [u64; 2] {
    match choice {
        KernelChoice::Own(weights) => square(weights.len(), MAX_KERNEL).unwrap_or([3, 3]),
        _ => [3, 3],
    }
}

fn square(count: usize, most: u64) -> Option<[u64; 2]> {
    (1..=most).find(|side| side * side == count as u64).map(|side| [side, side])
}

/// A key that holds one number for each axis, each from 1.
struct Pair {
    key: &'static str,
    name: &'static str,
    high: u64,
    default: [u64; 2],
}

fn pair(text: Option<&str>, pair: &Pair, notices: &mut Notices) -> [u64; 2] {
    let Some(text) = text else { return pair.default };
    let (first, second) = text.split_once(['x', 'X', '×']).unwrap_or((text, text));
    let Pair { key, name, high, default } = *pair;
    match (count(first), count(second)) {
        (Some(first), Some(second)) => {
            [first, second].map(|value| in_range(value, [1, high], (key, name), notices))
        }
        _ => {
            let used = if default[0] == default[1] {
                default[0].to_string()
            } else {
                format!("{} × {}", default[0], default[1])
            };
            notices.add(key, format!("{name} “{}” in the link is no number; {used} is used", shown(text)));
            default
        }
    }
}

/// A whole number with its sign; what is larger than every limit is only large.
fn count(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let magnitude = digits.parse::<u64>().ok().and_then(|value| i64::try_from(value).ok());
    Some(match magnitude {
        Some(value) if digits.len() == text.len() => value,
        Some(value) => -value,
        None if digits.len() == text.len() => i64::MAX,
        None => i64::MIN,
    })
}

fn in_range(value: i64, [low, high]: [u64; 2], (key, name): (&str, &str), notices: &mut Notices) -> u64 {
    let used = u64::try_from(value).map_or(low, |value| value.min(high).max(low));
    if value < low.cast_signed() {
        let value = number::whole(value);
        notices.add(key, format!("{name} {value} in the link is not possible; {used} is used"));
    } else if value > high.cast_signed() {
        notices.add(key, format!("{name} {value} in the link is too large for this page; {used} is used"));
    }
    used
}

fn input_source(text: &str, notices: &mut Notices) -> InputSource {
    let named = Pattern::ALL.iter().copied().find(|pattern| pattern.name() == text);
    if let Some(pattern) = named {
        return InputSource::Pattern(pattern);
    }
    if let Some(seed) = text.strip_prefix("random-") {
        return InputSource::Pattern(Pattern::Random { seed: read_seed("x", seed, notices) });
    }
    if text == "own" {
        notices.add(
            "x",
            format!("The sender’s own picture is not in the link; a sample stands in: {}", STAND_IN.label()),
        );
        return InputSource::Picture(PictureSource::Sample(STAND_IN));
    }
    if let Some(name) = text.strip_prefix("photo-") {
        let sample = Sample::from_name(name).unwrap_or_else(|| {
            let (name, used) = (shown(name), STAND_IN.label());
            notices.add("x", format!("There is no photograph “{name}”; another one is used: {used}"));
            STAND_IN
        });
        return InputSource::Picture(PictureSource::Sample(sample));
    }
    if !has_numbers(text) {
        notices.add("x", format!("There is no input “{}”; random digits are used", shown(text)));
        return InputSource::Pattern(Pattern::Random { seed: 1 });
    }
    InputSource::Numbers(numbers("x", text, (MAX_INPUT * MAX_INPUT) as usize, notices))
}

fn kernel_choice(text: &str, notices: &mut Notices) -> KernelChoice {
    if let Some(preset) = KernelPreset::from_name(text) {
        return KernelChoice::Preset(preset);
    }
    if text == "random" {
        return KernelChoice::Random { seed: 1 };
    }
    if let Some(seed) = text.strip_prefix("random-") {
        return KernelChoice::Random { seed: read_seed("w", seed, notices) };
    }
    if !has_numbers(text) {
        notices.add(
            "w",
            format!("There is no kernel “{}”; {} is used", shown(text), KernelPreset::SobelX.label()),
        );
        return KernelChoice::Preset(KernelPreset::SobelX);
    }
    KernelChoice::Own(numbers("w", text, (MAX_KERNEL * MAX_KERNEL) as usize + 1, notices))
}

fn read_seed(key: &str, text: &str, notices: &mut Notices) -> u64 {
    text.parse().unwrap_or_else(|_| {
        notices.add(key, format!("“{}” in the link is no seed; 1 is used", shown(text)));
        1
    })
}

/// Whether a text is meant as a list of numbers rather than as a name.
fn has_numbers(text: &str) -> bool {
    text.contains(',') || text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Numbers between commas, at most `most`; one that cannot be used becomes 0.
fn numbers(key: &str, text: &str, most: usize, notices: &mut Notices) -> Vec<f32> {
    text.split(',').take(most).map(|text| number_or(0.0, key, text, notices)).collect()
}

fn number_or(default: f32, key: &str, text: &str, notices: &mut Notices) -> f32 {
    read_number(text).unwrap_or_else(|_| {
        let (text, used) = (shown(text), number::full(default));
        let most = number::grouped(MAX_VALUE as u128);
        notices.add(key, format!("“{text}” in the link is no number up to {most}; {used} is used"));
        default
    })
}

/// Numbers for an input: as many as it has cells, and no larger than links hold.
fn input_numbers(numbers: Vec<f32>, size: [u64; 2], notices: &mut Notices) -> (InputSource, [u64; 2]) {
    let numbers = counted(numbers, size, "x", "numbers for an input", notices);
    let fitting = size.map(|len| len.min(MAX_NUMBERS));
    if fitting == size {
        return (InputSource::Numbers(numbers), size);
    }
    let ([height, width], [used_height, used_width]) = (size, fitting);
    notices.add(
        "n",
        format!("Numbers go up to {MAX_NUMBERS} × {MAX_NUMBERS}, the link says {height} × {width}; {used_height} × {used_width} are used"),
    );
    (InputSource::Numbers(moved(&numbers, size, fitting, [0, 0])), fitting)
}

/// As many numbers as a grid has cells.
fn counted(mut numbers: Vec<f32>, size: [u64; 2], key: &str, what: &str, notices: &mut Notices) -> Vec<f32> {
    let (got, expected) = (numbers.len(), (size[0] * size[1]) as usize);
    if got != expected {
        let rest = if got < expected { "the missing ones are 0" } else { "the last ones are left out" };
        let [height, width] = size;
        notices.add(key, format!("The link has {got} {what} of {height} × {width}; {rest}"));
        numbers.resize(expected, 0.0);
    }
    numbers
}

fn padding(text: &str, notices: &mut Notices) -> Padding2d {
    match text {
        "valid" => return Padding2d::Valid,
        "same" => return Padding2d::Same,
        "full" => return Padding2d::Full,
        _ => {}
    }
    let sides: Option<Vec<i64>> = text.split(',').take(5).map(count).collect();
    let sides = match sides.as_deref() {
        Some(&[all]) => [all; 4],
        Some(&[top, left, bottom, right]) => [top, left, bottom, right],
        _ => {
            let text = shown(text);
            notices.add(
                "p",
                format!("Padding “{text}” in the link is neither a name nor 1 or 4 numbers; 1 is used"),
            );
            [1; 4]
        }
    };
    let [top, left, bottom, right] =
        sides.map(|side| in_range(side, [0, MAX_LINK_PAD], ("p", "Padding"), notices));
    Padding2d::Explicit(Pads { top, left, bottom, right })
}

fn padding_mode(text: &str, notices: &mut Notices) -> PaddingMode {
    match text {
        "zeros" => PaddingMode::Zeros,
        "reflect" => PaddingMode::Reflect,
        "replicate" => PaddingMode::Replicate,
        "circular" => PaddingMode::Circular,
        _ => {
            notices.add("m", format!("There is no padding mode “{}”; zeros are used", shown(text)));
            PaddingMode::Zeros
        }
    }
}

fn bias(text: &str, notices: &mut Notices) -> Option<f32> {
    (text != "none").then(|| number_or(0.0, "b", text, notices))
}
