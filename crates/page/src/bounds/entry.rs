//! Reads what was typed into a field: a number, or one sentence on what is wrong and what helps.

use convscope_core::ConvError;
use convscope_scene::number;

use super::{Control, Kind, bounds_of, extent, group_choices, least, limit, nearest, word};
use crate::limits::{MAX_BATCH, MAX_ELEMENTS, MAX_MACS, MAX_NUMBERS, MAX_VALUE};
use crate::model::LabModel;
use crate::shape::Shape;
use crate::source::InputSource;

/// Why a field's text is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// One sentence for the message below the field, without full stop.
    pub text: String,
    /// The nearest value that is possible, for a repair with one press.
    pub repair: Option<u64>,
}

/// Reads a whole number for all of `controls`. Every number that makes a convolution within the page's
/// limits is taken, also beyond the end of a slider.
///
/// # Errors
///
/// What is wrong, with the numbers, and what helps.
pub fn read_whole(model: &LabModel, controls: &[Control], text: &str) -> Result<u64, Refusal> {
    let Some(&first) = controls.first() else {
        return Err(Refusal { text: "There is nothing to set".into(), repair: None });
    };
    let shape = Shape::of(model);
    let (least, most) = (least(first), limit(model, first));
    let possible = |value: u64| shape.with(controls, value).geometry().is_ok();
    let refuse = |text: String, wanted: u64| Refusal { text, repair: nearest(wanted, least, most, possible) };
    let trimmed = text.trim();
    let value = match whole(trimmed) {
        Whole::Number(value) => value,
        Whole::Negative => {
            let reason = bounds_of(model, controls).low_reason;
            return Err(refuse(format!("{} is negative. {reason}", shown(trimmed)), least));
        }
        Whole::Fraction(below) => {
            return Err(refuse(format!("{} is not a whole number", shown(trimmed)), below));
        }
        Whole::Empty => return Err(refuse("Type a whole number".into(), shape.get(first))),
        Whole::Text => {
            let text = format!("“{}” is not a whole number", shown(trimmed));
            return Err(refuse(text, shape.get(first)));
        }
    };
    if value < least {
        return Err(refuse(bounds_of(model, controls).low_reason, value));
    }
    if value > most {
        return Err(refuse(beyond_page(model, first, value, most), value));
    }
    match shape.with(controls, value).geometry() {
        Ok(_) => Ok(value),
        Err(error) => Err(refuse(impossible(first, value, &shape, error), value)),
    }
}

/// Reads a number of groups: one that divides channels and filters.
///
/// # Errors
///
/// Which of the two it does not divide, and the nearest below that divides both.
pub fn read_groups(model: &LabModel, text: &str) -> Result<u64, Refusal> {
    let choices = group_choices(model);
    let nearest = |wanted: u64| choices.iter().rev().copied().find(|n| *n <= wanted).or(Some(1));
    let groups = positive(text).map_err(|text| Refusal { text, repair: nearest(model.groups) })?;
    let LabModel { in_channels, out_channels, .. } = *model;
    if choices.contains(&groups) {
        return Ok(groups);
    }
    let (what, count) = match in_channels % groups {
        0 => ("filters", out_channels),
        _ => ("channels", in_channels),
    };
    let text =
        format!("{groups} groups do not divide {count} {what}: each group needs as many as the others");
    Err(Refusal { text, repair: nearest(groups) })
}

/// Reads how many images there are at once.
///
/// # Errors
///
/// Why not, and the nearest that can be.
pub fn read_batch(text: &str) -> Result<u64, Refusal> {
    let batch = positive(text).map_err(|text| Refusal { text, repair: Some(1) })?;
    if batch > MAX_BATCH {
        let most = number::grouped(MAX_BATCH.into());
        let text =
            format!("{} is more than {most}, the largest batch on this page", number::grouped(batch.into()));
        return Err(Refusal { text, repair: Some(MAX_BATCH) });
    }
    Ok(batch)
}

/// A whole number from 1 up, or why the text is none.
fn positive(text: &str) -> Result<u64, String> {
    let trimmed = text.trim();
    match whole(trimmed) {
        Whole::Number(0) => Err("At least 1".into()),
        Whole::Number(value) => Ok(value),
        Whole::Negative => Err(format!("{} is negative. At least 1", shown(trimmed))),
        Whole::Fraction(_) => Err(format!("{} is not a whole number", shown(trimmed))),
        Whole::Empty => Err("Type a whole number".into()),
        Whole::Text => Err(format!("“{}” is not a whole number", shown(trimmed))),
    }
}

/// Reads a weight, an input or a bias: a decimal with a point, an exponent or a fraction like `1/9`; minus
/// may be typed as a hyphen or as U+2212.
///
/// # Errors
///
/// One sentence, without full stop.
pub fn read_number(text: &str) -> Result<f32, String> {
    let typed = text.trim();
    if typed.is_empty() {
        return Err("Type a number".into());
    }
    let plain = typed.replace('\u{2212}', "-");
    let value = match plain.split_once('/') {
        Some((above, below)) => match (decimal(above), decimal(below)) {
            (Some(_), Some(0.0)) => return Err(format!("{} divides by 0", shown(typed))),
            (Some(above), Some(below)) => Some(above / below),
            _ => None,
        },
        None => decimal(&plain),
    };
    match value {
        Some(value) if value.abs() <= MAX_VALUE => Ok(value),
        Some(value) if value.is_finite() => {
            Err(format!("{} is too large: at most 1,000,000, with either sign", shown(typed)))
        }
        Some(_) => Err(format!("“{}” is not a finite number", shown(typed))),
        None if typed.contains(',') => {
            Err(format!("“{}” is not a number; write 0.5 with a point", shown(typed)))
        }
        None => Err(format!("“{}” is not a number", shown(typed))),
    }
}

/// Reads what sums are divided by: a whole number, of either sign but not 0.
///
/// # Errors
///
/// One sentence, without full stop.
pub fn read_divisor(text: &str) -> Result<f32, String> {
    match read_number(text)? {
        0.0 => Err("A sum cannot be divided by 0".into()),
        value if value.fract() != 0.0 => {
            Err(format!("{} is not whole: divisor_override is a whole number", shown(text.trim())))
        }
        value => Ok(value),
    }
}

fn decimal(text: &str) -> Option<f32> {
    number::parse(text.trim())
}

/// What a text says as a whole number.
enum Whole {
    /// Digits; what does not fit is the largest number.
    Number(u64),
    Negative,
    /// With the whole number below.
    Fraction(u64),
    Empty,
    Text,
}

fn whole(text: &str) -> Whole {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let read = |text: &str| text.parse().unwrap_or(u64::MAX);
    if text.is_empty() {
        return Whole::Empty;
    }
    let plain = text.strip_prefix('+').unwrap_or(text);
    if digits(plain) {
        return Whole::Number(read(plain));
    }
    if let Some(rest) = text.strip_prefix(['-', '\u{2212}'])
        && digits(rest)
    {
        return if rest.bytes().all(|byte| byte == b'0') { Whole::Number(0) } else { Whole::Negative };
    }
    match plain.split_once('.') {
        Some((before, after)) if digits(before) && digits(after) => {
            if after.bytes().all(|byte| byte == b'0') {
                Whole::Number(read(before))
            } else {
                Whole::Fraction(read(before))
            }
        }
        _ => Whole::Text,
    }
}

/// A typed text, short enough for a message.
pub(crate) fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(20).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short.replace('-', "\u{2212}")
}

fn beyond_page(model: &LabModel, control: Control, value: u64, most: u64) -> String {
    let value = number::grouped(value.into());
    match control.kind() {
        Kind::Input if most == MAX_NUMBERS && !model.is_picture() => {
            format!("{value} is more than {most}: typed numbers end there, patterns and photographs do not")
        }
        Kind::Channels if model.is_picture() => {
            format!("{value} is more than {most}: a photograph has three channels, red, green and blue")
        }
        Kind::Channels if matches!(model.input, InputSource::Numbers(_)) => {
            format!(
                "{value} is more than {most}: a link holds no more typed numbers, patterns have more channels"
            )
        }
        Kind::Channels | Kind::Filters => {
            format!("{value} is more than {most}, the most {} that there can be on this page", word(control))
        }
        _ => format!("{value} is more than {most}, the largest {} on this page", word(control)),
    }
}

fn impossible(control: Control, value: u64, shape: &Shape, error: ConvError) -> String {
    let extent = extent(control);
    let dilation = shape.options.dilation[usize::from(extent == "wide")];
    match (error, control.kind()) {
        (ConvError::KernelExceedsInput { padded_input, .. }, Kind::Kernel) if dilation == 1 => {
            format!("The kernel is {value} {extent}, the padded input only {padded_input}")
        }
        (ConvError::KernelExceedsInput { dilated_kernel, padded_input }, Kind::Kernel | Kind::Dilation) => {
            let dilation = if control.kind() == Kind::Dilation { value } else { dilation };
            format!(
                "At dilation {dilation} the kernel spans {dilated_kernel} cells, the padded input is only {padded_input} {extent}"
            )
        }
        (ConvError::KernelExceedsInput { dilated_kernel, padded_input }, _) => {
            format!(
                "With {} {value} the padded input is only {padded_input} {extent}, the kernel {dilated_kernel}",
                word(control)
            )
        }
        (ConvError::ReflectPadding { pad, input_len }, _) => {
            format!("Reflect padding of {pad} is not smaller than the input, which is {input_len} {extent}")
        }
        (ConvError::CircularPadding { pad, input_len }, _) => {
            format!("Circular padding of {pad} is larger than the input, which is {input_len} {extent}")
        }
        (ConvError::OutputCropped { uncropped, padding }, _) => {
            format!(
                "With {} {value} padding would crop {padding} of {uncropped} cells, which leaves no output",
                word(control)
            )
        }
        (ConvError::OutputPadding { output_padding, stride, dilation }, Kind::OutputPadding) => {
            format!(
                "PyTorch wants the cells added below the stride, {stride}, or the dilation, {dilation}: {output_padding} is neither"
            )
        }
        (ConvError::OutputPadding { output_padding, .. }, _) => {
            format!(
                "With {} {value} the {output_padding} added are neither below the stride nor the dilation, which PyTorch refuses",
                word(control)
            )
        }
        (ConvError::Overflow, _) => {
            format!(
                "With {} {value} the layer is more than this page computes at once: {} multiplications, or {} numbers in one tensor",
                word(control),
                number::grouped(MAX_MACS),
                number::grouped(MAX_ELEMENTS)
            )
        }
        (error, _) => format!("With {value}, {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Control::{DilationHorizontal, KernelWidth, PadLeft, StrideHorizontal, StrideVertical};

    #[track_caller]
    fn refused(controls: &[Control], typed: &str, text: &str, repair: Option<u64>) {
        let refusal = read_whole(&LabModel::default(), controls, typed).unwrap_err();
        assert_eq!((refusal.text.as_str(), refusal.repair), (text, repair));
    }

    #[test]
    fn whole_numbers_are_taken() {
        for (typed, value) in [("3", 3), (" 3 ", 3), ("+3", 3), ("3.0", 3), ("007", 7)] {
            assert_eq!(read_whole(&LabModel::default(), &[KernelWidth], typed), Ok(value), "{typed}");
        }
    }

    #[test]
    fn a_kernel_larger_than_the_padded_input_is_repaired() {
        refused(&[KernelWidth], "9", "The kernel is 9 wide, the padded input only 7", Some(7));
    }

    #[test]
    fn a_dilation_too_large_says_how_far_the_kernel_spans() {
        let text = "At dilation 4 the kernel spans 9 cells, the padded input is only 7 wide";
        refused(&[DilationHorizontal], "4", text, Some(3));
    }

    #[test]
    fn zero_negative_text_and_fractions_are_refused() {
        let stride = [StrideVertical, StrideHorizontal];
        refused(&stride, "0", "At least 1: with stride 0 the window would never move", Some(1));
        refused(
            &stride,
            "-3",
            "−3 is negative. At least 1: with stride 0 the window would never move",
            Some(1),
        );
        refused(&stride, "abc", "“abc” is not a whole number", Some(2));
        refused(&stride, "NaN", "“NaN” is not a whole number", Some(2));
        refused(&stride, "", "Type a whole number", Some(2));
        refused(&stride, "3.5", "3.5 is not a whole number", Some(3));
    }

    #[test]
    fn sizes_beyond_the_page_name_its_limit() {
        let text = "18,446,744,073,709,551,615 is more than 128, the largest left padding on this page";
        refused(&[PadLeft], "99999999999999999999", text, Some(128));
        let text = "65 is more than 64: typed numbers end there, patterns and photographs do not";
        refused(&[Control::InputWidth], "65", text, Some(64));
    }

    #[test]
    fn a_stride_beyond_the_slider_can_be_typed() {
        assert_eq!(read_whole(&LabModel::default(), &[StrideHorizontal], "200"), Ok(200));
    }

    #[test]
    fn reflect_padding_must_be_smaller_than_the_input() {
        let mode = convscope_core::PaddingMode::Reflect;
        let model = LabModel { padding_mode: mode, ..LabModel::default() };
        let refusal = read_whole(&model, &[PadLeft], "5").unwrap_err();
        assert_eq!(refusal.text, "Reflect padding of 5 is not smaller than the input, which is 5 wide");
        assert_eq!(refusal.repair, Some(4));
    }

    #[test]
    fn what_a_transposed_convolution_refuses_is_said_with_its_numbers() {
        let of = |link: &str| crate::link::parse(link).page.lab().unwrap().clone();
        let transposed = of("#/lab?o=transposed&n=3&p=1&q=1");
        let refused = |control: Control, typed: &str| {
            let refusal = read_whole(&transposed, &[control], typed).unwrap_err();
            (refusal.text, refusal.repair)
        };
        let text = "PyTorch wants the cells added below the stride, 2, or the dilation, 1: 2 is neither";
        assert_eq!(refused(Control::OutputPaddingBelow, "2"), (text.into(), Some(1)));
        let text = "At least 2: PyTorch wants the 1 added below the stride or the dilation";
        assert_eq!(bounds_of(&transposed, &[StrideVertical]).low_reason, text);
        let text = "With left padding 7 padding would crop 8 of 8 cells, which leaves no output";
        assert_eq!(refused(PadLeft, "7"), (text.into(), Some(6)));
        assert_eq!(
            bounds_of(&transposed, &[PadLeft]).low_reason,
            "At least 0: less than no padding crops nothing"
        );
        let text = "At most 8: the slider ends here, up to 256 can be typed";
        assert_eq!(bounds_of(&transposed, &[StrideVertical]).high_reason, text);
    }

    #[test]
    fn a_layer_that_is_too_much_names_the_page_s_limits() {
        let model = LabModel { in_channels: 512, input_size: [90, 90], ..LabModel::default() };
        let model = LabModel { input: crate::source::InputSource::default_for([90, 90]), ..model };
        let refusal = read_whole(&model, &[Control::Filters], "512").unwrap_err();
        let text = "With filters 512 the layer is more than this page computes at once: 64,000,000 multiplications, \
                    or 4,194,304 numbers in one tensor";
        assert_eq!(refusal.text, text);
    }

    #[test]
    fn groups_that_do_not_divide_are_refused_with_the_nearest_that_do() {
        let model = LabModel { in_channels: 6, out_channels: 4, ..LabModel::default() };
        assert_eq!(read_groups(&model, "2"), Ok(2));
        let refused = |text: &str| {
            let refusal = read_groups(&model, text).unwrap_err();
            (refusal.text, refusal.repair)
        };
        let why = |text: &str| format!("{text}: each group needs as many as the others");
        assert_eq!(refused("3"), (why("3 groups do not divide 4 filters"), Some(2)));
        assert_eq!(refused("4"), (why("4 groups do not divide 6 channels"), Some(2)));
        assert_eq!(refused("0"), ("At least 1".into(), Some(1)));
        assert_eq!(refused("x"), ("“x” is not a whole number".into(), Some(1)));
    }

    #[test]
    fn a_batch_is_a_whole_number() {
        assert_eq!((read_batch("32"), read_batch(" 1 ")), (Ok(32), Ok(1)));
        assert_eq!(read_batch("65537").unwrap_err().repair, Some(65_536));
        assert_eq!(read_batch("-2").unwrap_err().text, "−2 is negative. At least 1");
    }

    #[test]
    fn numbers_are_decimals_or_fractions() {
        for (typed, value) in [
            ("1/9", 1.0 / 9.0),
            ("−2.5", -2.5),
            ("-2.5", -2.5),
            (".5", 0.5),
            ("1e3", 1000.0),
            (" 7 ", 7.0),
            ("-1/4", -0.25),
        ] {
            assert_eq!(read_number(typed), Ok(value), "{typed}");
        }
    }

    #[test]
    fn a_divisor_is_whole_and_not_0() {
        assert_eq!((read_divisor("−4"), read_divisor("9.0")), (Ok(-4.0), Ok(9.0)));
        assert_eq!(read_divisor("0"), Err("A sum cannot be divided by 0".into()));
        assert_eq!(read_divisor("2.5"), Err("2.5 is not whole: divisor_override is a whole number".into()));
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        for (typed, text) in [
            ("", "Type a number"),
            ("NaN", "“NaN” is not a finite number"),
            ("inf", "“inf” is not a finite number"),
            ("1e39", "“1e39” is not a finite number"),
            ("2000000", "2000000 is too large: at most 1,000,000, with either sign"),
            ("1/0", "1/0 divides by 0"),
            ("0,5", "“0,5” is not a number; write 0.5 with a point"),
            ("three", "“three” is not a number"),
            ("1/2/3", "“1/2/3” is not a number"),
        ] {
            assert_eq!(read_number(typed), Err(text.into()));
        }
    }
}
