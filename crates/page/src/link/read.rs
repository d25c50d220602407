//! The values behind the keys of a link. What cannot be used is replaced, with a notice.

use convscope_core::{Activation, AvgDivisor, ElementType, Padding2d, PaddingMode, Pads};
use convscope_scene::number;

use super::{Fields, Notices};
use crate::bounds::{moved, read_number, shown};
use crate::kernel::{Bank, KernelChoice, KernelPreset};
use crate::limits::{
    LINKED_PICTURE, MAX_BATCH, MAX_CHANNELS, MAX_DILATION, MAX_EXPONENT, MAX_INPUT, MAX_KERNEL, MAX_LINK_PAD,
    MAX_NUMBERS, MAX_OWN_INPUTS, MAX_OWN_WEIGHTS, MAX_STRIDE, MAX_VALUE,
};
use crate::model::LabModel;
use crate::operation::{Operation, TYPES, View, activation_name, type_name};
use crate::source::{InputSource, Pattern, PictureSource, Sample};

/// The photograph that stands in for a picture that is not in the link.
const STAND_IN: Sample = Sample::Camera;

/// The model with every value in its range; together they may still be impossible. The step is not read.
pub(super) fn model(fields: &Fields, notices: &mut Notices) -> LabModel {
    let default = LabModel::default();
    version(fields, notices);
    let operation = fields.get("o").map_or(default.operation, |text| operation(text, notices));
    let mut number = |key: &'static str, name, range, default| {
        fields.get(key).map_or(default, |text| whole(text, (key, name), range, default, notices))
    };
    let in_channels = number("c", "Channels", [1, MAX_CHANNELS], 1);
    let out_channels = number("f", "Filters", [1, MAX_CHANNELS], 1);
    let groups = number("g", "Groups", [1, MAX_CHANNELS], 1);
    let exponent = number("e", "Exponent", [1, MAX_EXPONENT], default.exponent.into()) as u32;
    let batch = number("batch", "Batch size", [1, MAX_BATCH], default.batch);
    let channel = number("ch", "Channel shown", [1, MAX_CHANNELS], 1) - 1;
    let filter = number("fi", "Filter shown", [1, MAX_CHANNELS], 1) - 1;
    let (input, input_size) = input_of(fields, in_channels, notices);
    let (kernel, kernel_size) = kernel_of(fields, notices);
    let stride = Pair { key: "s", name: "Stride", range: [1, MAX_STRIDE], default: default.stride };
    let dilation = Pair { key: "d", name: "Dilation", range: [1, MAX_DILATION], default: default.dilation };
    let added = Pair { key: "q", name: "Output padding", range: [0, MAX_STRIDE], default: [0, 0] };
    LabModel {
        operation,
        input,
        input_size,
        in_channels,
        out_channels,
        groups,
        kernel,
        kernel_size,
        stride: pair(fields.get("s"), &stride, notices),
        dilation: pair(fields.get("d"), &dilation, notices),
        padding: fields.get("p").map_or(default.padding, |text| padding(text, notices)),
        padding_mode: fields.get("m").map_or(default.padding_mode, |text| padding_mode(text, notices)),
        bias: fields.get("b").map_or(default.bias, |text| bias(text, notices)),
        flip: yes(fields, "flip", notices),
        activation: fields.get("a").map_or(default.activation, |text| activation(text, notices)),
        output_padding: pair(fields.get("q"), &added, notices),
        ceil_mode: yes(fields, "ceil", notices),
        divisor: fields.get("div").map_or(default.divisor, |text| divisor(text, notices)),
        exponent,
        batch,
        element_type: fields.get("type").map_or(default.element_type, |text| element_type(text, notices)),
        view: view(fields.get("view"), operation, notices),
        channel,
        filter,
        step: default.step,
    }
}

/// Links of other versions are read as if they were of this one.
pub(super) fn version(fields: &Fields, notices: &mut Notices) {
    if let Some(version) = fields.get("v").filter(|&version| version != "1") {
        let version = shown(version);
        notices.add(
            "v",
            format!("The link is of version {version}; this page knows version 1 and read it as that"),
        );
    }
}

/// The input's source and size. As many numbers are expected as all channels hold.
fn input_of(fields: &Fields, channels: u64, notices: &mut Notices) -> (InputSource, [u64; 2]) {
    let default = LabModel::default().input_size;
    let x = fields.get("x").map(|text| input_source(text, notices));
    let implied = x.as_ref().map_or(default, |source| implied_input_size(source, channels));
    let n = Pair { key: "n", name: "Input size", range: [1, MAX_INPUT], default: implied };
    let n = pair(fields.get("n"), &n, notices);
    match x {
        None => (InputSource::default_for(n), n),
        Some(InputSource::Numbers(numbers)) => input_numbers(numbers, channels, n, notices),
        Some(source) => (source, n),
    }
}

/// The kernel's weights and size. How many weights there have to be is known when the groups are: see
/// [`super::repair`].
fn kernel_of(fields: &Fields, notices: &mut Notices) -> (KernelChoice, [u64; 2]) {
    let default = LabModel::default();
    let w = fields.get("w").map(|text| kernel_choice(text, notices));
    let implied = w.as_ref().map_or(default.kernel_size, implied_kernel_size);
    let k = Pair { key: "k", name: "Kernel size", range: [1, MAX_KERNEL], default: implied };
    let k = pair(fields.get("k"), &k, notices);
    (w.unwrap_or(default.kernel), k)
}

/// How large an input is when only its source is given.
pub(super) fn implied_input_size(source: &InputSource, channels: u64) -> [u64; 2] {
    match source {
        InputSource::Numbers(numbers) => {
            square(numbers.len() / channels.max(1) as usize, MAX_NUMBERS).unwrap_or([5, 5])
        }
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

/// A key that holds one number for each axis, each within a range.
pub(super) struct Pair {
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    pub(super) range: [u64; 2],
    pub(super) default: [u64; 2],
}

pub(super) fn pair(text: Option<&str>, pair: &Pair, notices: &mut Notices) -> [u64; 2] {
    let Some(text) = text else { return pair.default };
    let (first, second) = text.split_once(['x', 'X', '×']).unwrap_or((text, text));
    let Pair { key, name, range, default } = *pair;
    match (count(first), count(second)) {
        (Some(first), Some(second)) => {
            [first, second].map(|value| in_range(value, range, (key, name), notices))
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

/// One whole number within a range.
pub(super) fn whole(
    text: &str,
    (key, name): (&str, &str),
    range: [u64; 2],
    default: u64,
    notices: &mut Notices,
) -> u64 {
    match count(text) {
        Some(value) => in_range(value, range, (key, name), notices),
        None => {
            notices.add(key, format!("{name} “{}” in the link is no number; {default} is used", shown(text)));
            default
        }
    }
}

/// A key that is 1, or 0, or missing.
fn yes(fields: &Fields, key: &str, notices: &mut Notices) -> bool {
    match fields.get(key) {
        None | Some("0") => false,
        Some("1") => true,
        Some(text) => {
            notices.add(key, format!("“{key}={}” in the link is neither 0 nor 1; 0 is used", shown(text)));
            false
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
    if let Some(sample) = photograph(text, STAND_IN, notices) {
        return InputSource::Picture(PictureSource::Sample(sample));
    }
    if !has_numbers(text) {
        notices.add("x", format!("There is no input “{}”; random digits are used", shown(text)));
        return InputSource::Pattern(Pattern::Random { seed: 1 });
    }
    InputSource::Numbers(numbers("x", text, (MAX_INPUT * MAX_INPUT) as usize, notices))
}

/// `photo-NAME` or `own`; another one where there is none of that name. `None` if no photograph is meant.
pub(super) fn photograph(text: &str, stand_in: Sample, notices: &mut Notices) -> Option<Sample> {
    let used = stand_in.label();
    if text == "own" {
        notices.add("x", format!("The sender’s own picture is not in the link; a sample stands in: {used}"));
        return Some(stand_in);
    }
    let name = text.strip_prefix("photo-")?;
    Some(Sample::from_name(name).unwrap_or_else(|| {
        let name = shown(name);
        notices.add("x", format!("There is no photograph “{name}”; another one is used: {used}"));
        stand_in
    }))
}

fn kernel_choice(text: &str, notices: &mut Notices) -> KernelChoice {
    if let Some(preset) = KernelPreset::from_name(text) {
        return KernelChoice::Preset(preset);
    }
    if let Some(bank) = Bank::ALL.iter().copied().find(|bank| bank.name() == text) {
        return KernelChoice::Bank(bank);
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
    KernelChoice::Own(numbers("w", text, MAX_OWN_WEIGHTS + 1, notices))
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

/// Numbers for an input: as many as it has cells, and no more than links hold.
fn input_numbers(
    numbers: Vec<f32>,
    channels: u64,
    size: [u64; 2],
    notices: &mut Notices,
) -> (InputSource, [u64; 2]) {
    let [height, width] = size;
    let expected = (channels * height * width) as usize;
    let what = || format!("numbers for an input of {}", shape_text(channels, size));
    let numbers = counted(numbers, expected, "x", what, notices);
    let most = (MAX_OWN_INPUTS / channels).isqrt().clamp(1, MAX_NUMBERS);
    let fitting = size.map(|len| len.min(most));
    if fitting == size {
        return (InputSource::Numbers(numbers), size);
    }
    let (asked, used) = (shape_text(channels, size), shape_text(channels, fitting));
    let most = shape_text(channels, [most; 2]);
    notices.add("n", format!("Numbers go up to {most}, the link says {asked}; {used} are used"));
    let planes = numbers.chunks((height * width) as usize);
    let cropped = planes.flat_map(|plane| moved(plane, size, fitting, [0, 0])).collect();
    (InputSource::Numbers(cropped), fitting)
}

/// `5 × 5`, or `5 × 5 × 3`
fn shape_text(channels: u64, [height, width]: [u64; 2]) -> String {
    match channels {
        1 => format!("{height} × {width}"),
        _ => format!("{height} × {width} × {channels}"),
    }
}

/// As many weights as the model's layer has.
pub(super) fn count_weights(model: &mut LabModel, notices: &mut Notices) {
    let [filters, slices, k_h, k_w] = model.weight_shape();
    let expected = (filters * slices * k_h * k_w) as usize;
    if matches!(model.kernel, KernelChoice::Own(_)) && expected > MAX_OWN_WEIGHTS {
        let [needed, most] = [expected, MAX_OWN_WEIGHTS].map(|count| number::grouped(count as u128));
        let text = format!("The layer has {needed} weights, a link holds {most}; random ones are used");
        notices.add("w", text);
        model.kernel = KernelChoice::Random { seed: 1 };
    }
    if let KernelChoice::Own(weights) = &mut model.kernel {
        let what = || match filters * slices {
            1 => format!("weights for a kernel of {k_h} × {k_w}"),
            n => format!("weights for {n} slices of {k_h} × {k_w}"),
        };
        *weights = counted(std::mem::take(weights), expected, "w", what, notices);
    }
}

/// As many numbers as are expected.
fn counted(
    mut numbers: Vec<f32>,
    expected: usize,
    key: &str,
    what: impl Fn() -> String,
    notices: &mut Notices,
) -> Vec<f32> {
    let got = numbers.len();
    if got != expected {
        let rest = if got < expected { "the missing ones are 0" } else { "the last ones are left out" };
        notices.add(key, format!("The link has {got} {}; {rest}", what()));
        numbers.resize(expected, 0.0);
    }
    numbers
}

fn operation(text: &str, notices: &mut Notices) -> Operation {
    Operation::from_name(text).unwrap_or_else(|| {
        notices.add("o", format!("There is no operation “{}”; a convolution is shown", shown(text)));
        Operation::Conv
    })
}

fn activation(text: &str, notices: &mut Notices) -> Activation {
    Activation::ALL.iter().copied().find(|it| activation_name(*it) == text).unwrap_or_else(|| {
        notices.add("a", format!("There is no activation “{}”; none is used", shown(text)));
        Activation::Identity
    })
}

fn element_type(text: &str, notices: &mut Notices) -> ElementType {
    TYPES.iter().copied().find(|it| type_name(*it) == text).unwrap_or_else(|| {
        notices.add("type", format!("There is no type “{}”; float32 is used", shown(text)));
        ElementType::Float32
    })
}

fn view(text: Option<&str>, operation: Operation, notices: &mut Notices) -> View {
    let usual = operation.views()[0];
    let Some(text) = text else { return usual };
    View::from_name(text).filter(|view| operation.views().contains(view)).unwrap_or_else(|| {
        let used = usual.name();
        notices.add("view", format!("There is no view “{}” of this operation; {used} is used", shown(text)));
        usual
    })
}

/// `inside`, or the number that sums are divided by.
fn divisor(text: &str, notices: &mut Notices) -> AvgDivisor {
    let fixed = || count(text).filter(|value| *value != 0 && value.unsigned_abs() <= MAX_VALUE as u64);
    match (text, fixed()) {
        ("inside", _) => AvgDivisor::CountInside,
        (_, Some(divisor)) => AvgDivisor::Fixed(divisor),
        _ => {
            let text = shown(text);
            notices.add(
                "div",
                format!("Divisor “{text}” in the link is no whole number to divide by; the window's cells are used"),
            );
            AvgDivisor::CountIncludePad
        }
    }
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
