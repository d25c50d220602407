//! What a control may be set to while the rest stays as it is, and why no more.
//!
//! Bounds are found by trying: outwards from the value that stands there until no convolution results.
//! So every value within them gives one, whatever the padding mode and "same" padding make of the sizes.

use convscope_core::ConvError;

use crate::limits::{
    MAX_CHANNELS, MAX_DILATION, MAX_EXPONENT, MAX_INPUT, MAX_KERNEL, MAX_NUMBERS, MAX_OWN_INPUTS, MAX_PAD,
    MAX_STRIDE, MAX_TRANSPOSED_STRIDE, SLIDER_BIAS, SLIDER_CHANNELS, SLIDER_INPUT,
};
use crate::model::LabModel;
use crate::operation::Operation;
use crate::shape::Shape;
use crate::source::InputSource;

mod change;
mod entry;

pub(crate) use change::moved;
pub use change::{group_choices, with, with_groups};
pub(crate) use entry::shown;
pub use entry::{Refusal, read_batch, read_divisor, read_groups, read_number, read_whole};

/// A control that holds a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Rows of the input.
    InputHeight,
    /// Columns of the input.
    InputWidth,
    /// Rows of the kernel.
    KernelHeight,
    /// Columns of the kernel.
    KernelWidth,
    /// Rows from one window to the next.
    StrideVertical,
    /// Columns from one window to the next.
    StrideHorizontal,
    /// Rows from one tap to the next.
    DilationVertical,
    /// Columns from one tap to the next.
    DilationHorizontal,
    /// Rows of padding above.
    PadTop,
    /// Columns of padding to the left.
    PadLeft,
    /// Rows of padding below.
    PadBottom,
    /// Columns of padding to the right.
    PadRight,
    /// Channels of the input.
    Channels,
    /// Channels of the output.
    Filters,
    /// Rows added below the output of a transposed convolution.
    OutputPaddingBelow,
    /// Columns added to the right of it.
    OutputPaddingRight,
    /// The exponent of an Lp pool.
    Exponent,
    /// The bias. Its slider goes from minus [`SLIDER_BIAS`] to it; any number can be typed.
    Bias,
}

/// The kinds of control, whatever the axis or side.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Input,
    Kernel,
    Stride,
    Dilation,
    Pad,
    Channels,
    Filters,
    OutputPadding,
    Exponent,
    Bias,
}

/// What a control may be set to, and one sentence for each end. Both ends are possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The smallest value.
    pub low: u64,
    /// The largest value of the slider.
    pub high: u64,
    /// Why not less.
    pub low_reason: String,
    /// Why not more.
    pub high_reason: String,
}

impl Control {
    /// Every control.
    pub const ALL: &[Self] = &[
        Self::InputHeight,
        Self::InputWidth,
        Self::KernelHeight,
        Self::KernelWidth,
        Self::StrideVertical,
        Self::StrideHorizontal,
        Self::DilationVertical,
        Self::DilationHorizontal,
        Self::PadTop,
        Self::PadLeft,
        Self::PadBottom,
        Self::PadRight,
        Self::Channels,
        Self::Filters,
        Self::OutputPaddingBelow,
        Self::OutputPaddingRight,
        Self::Exponent,
        Self::Bias,
    ];

    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::InputHeight | Self::InputWidth => Kind::Input,
            Self::KernelHeight | Self::KernelWidth => Kind::Kernel,
            Self::StrideVertical | Self::StrideHorizontal => Kind::Stride,
            Self::DilationVertical | Self::DilationHorizontal => Kind::Dilation,
            Self::PadTop | Self::PadLeft | Self::PadBottom | Self::PadRight => Kind::Pad,
            Self::Channels => Kind::Channels,
            Self::Filters => Kind::Filters,
            Self::OutputPaddingBelow | Self::OutputPaddingRight => Kind::OutputPadding,
            Self::Exponent => Kind::Exponent,
            Self::Bias => Kind::Bias,
        }
    }

    /// 0 for the vertical axis, 1 for the horizontal.
    fn axis(self) -> usize {
        match self {
            Self::InputHeight
            | Self::KernelHeight
            | Self::StrideVertical
            | Self::DilationVertical
            | Self::PadTop
            | Self::PadBottom
            | Self::OutputPaddingBelow => 0,
            _ => 1,
        }
    }
}

/// What `control` is set to; the sides of a padding as they are resolved.
pub fn value(model: &LabModel, control: Control) -> u64 {
    Shape::of(model).get(control)
}

/// What `control` may be set to while the rest of the model stays as it is.
///
/// A stride's `high` is where only one window is left: a larger one can be typed and changes nothing.
/// An input's `high` leaves sizes for the keyboard that would make the slider hard to use.
pub fn bounds(model: &LabModel, control: Control) -> Bounds {
    bounds_of(model, &[control])
}

/// What two linked controls may be set to together.
pub fn bounds_linked(model: &LabModel, a: Control, b: Control) -> Bounds {
    bounds_of(model, &[a, b])
}

/// What several linked controls may be set to together; none of them gives an empty range.
pub fn bounds_of(model: &LabModel, controls: &[Control]) -> Bounds {
    let Some(&first) = controls.first() else { return reasoned(0, 0, String::new(), String::new()) };
    if first.kind() == Kind::Bias {
        let reason = format!("The slider ends at {SLIDER_BIAS} on both sides, larger numbers can be typed");
        return reasoned(0, SLIDER_BIAS, reason.clone(), reason);
    }
    let shape = Shape::of(model);
    let (least, most) = (least(first), most(model, shape, controls));
    let possible = |value: u64| shape.with(controls, value).geometry().is_ok();
    let Some(start) = nearest(shape.get(first), least, most, possible) else {
        let value = shape.get(first).min(most).max(least);
        let reason = "No value makes a convolution; another control has to change first";
        return reasoned(value, value, reason.into(), reason.into());
    };
    let low = (least..start).rev().take_while(|&value| possible(value)).last().unwrap_or(start);
    let high = (start + 1..=most).take_while(|&value| possible(value)).last().unwrap_or(start);
    let error_at = |value: u64| shape.with(controls, value).geometry().err();
    let below = low.checked_sub(1).and_then(error_at);
    let beyond = if high == most { None } else { error_at(high + 1) };
    reasoned(
        low,
        high,
        low_reason(first, shape.operation, low, below),
        high_reason(model, first, &shape.with(controls, high), high, beyond),
    )
}

fn reasoned(low: u64, high: u64, low_reason: String, high_reason: String) -> Bounds {
    Bounds { low, high, low_reason, high_reason }
}

/// The value nearest to `wanted` within `least..=most` that is possible; of two the smaller.
pub(crate) fn nearest(wanted: u64, least: u64, most: u64, possible: impl Fn(u64) -> bool) -> Option<u64> {
    let wanted = wanted.min(most).max(least);
    (0..=most - least).find_map(|distance| {
        let below = wanted.checked_sub(distance).filter(|&value| value >= least && possible(value));
        below.or_else(|| Some(wanted + distance).filter(|&value| value <= most && possible(value)))
    })
}

/// The least that any model allows.
pub(crate) fn least(control: Control) -> u64 {
    u64::from(!matches!(control.kind(), Kind::Pad | Kind::OutputPadding))
}

/// The largest value that this page takes at all; a side of "same" or "full" padding may be larger already.
pub(crate) fn limit(model: &LabModel, control: Control) -> u64 {
    match control.kind() {
        Kind::Input if matches!(model.input, InputSource::Numbers(_)) => {
            (MAX_OWN_INPUTS / model.in_channels.max(1)).isqrt().clamp(1, MAX_NUMBERS)
        }
        Kind::Input => MAX_INPUT,
        Kind::Kernel => MAX_KERNEL,
        Kind::Stride => MAX_STRIDE,
        Kind::Dilation => MAX_DILATION,
        Kind::Pad => Shape::of(model).get(control).max(MAX_PAD),
        Kind::Channels if model.is_picture() => 3,
        Kind::Channels => match &model.input {
            InputSource::Numbers(_) => {
                let cells = model.input_size[0].saturating_mul(model.input_size[1]).max(1);
                (MAX_OWN_INPUTS / cells).clamp(1, MAX_CHANNELS)
            }
            _ => MAX_CHANNELS,
        },
        Kind::Filters => MAX_CHANNELS,
        Kind::OutputPadding => MAX_STRIDE,
        Kind::Exponent => MAX_EXPONENT,
        Kind::Bias => SLIDER_BIAS,
    }
}

/// Where the slider ends if geometry does not end it before.
fn most(model: &LabModel, shape: Shape, controls: &[Control]) -> u64 {
    let Some(&first) = controls.first() else { return 0 };
    let limit = limit(model, first);
    match first.kind() {
        Kind::Input if !model.is_picture() && controls.iter().all(|&c| shape.get(c) <= SLIDER_INPUT) => {
            SLIDER_INPUT
        }
        Kind::Channels | Kind::Filters if controls.iter().all(|&c| shape.get(c) <= SLIDER_CHANNELS) => {
            limit.min(SLIDER_CHANNELS)
        }
        Kind::Stride => controls.iter().map(|&c| last_useful_stride(shape, c)).max().unwrap_or(1).min(limit),
        _ => limit,
    }
}

/// The smallest stride at which only one window is left.
fn last_useful_stride(shape: Shape, control: Control) -> u64 {
    if shape.operation == Operation::Transposed {
        return MAX_TRANSPOSED_STRIDE;
    }
    let one_window = |stride: u64| {
        let geometry = shape.with(&[control], stride).geometry();
        geometry.is_ok_and(|geometry| geometry.output_size()[control.axis()] == 1)
    };
    (1..=MAX_STRIDE).find(|&stride| one_window(stride)).unwrap_or(MAX_STRIDE)
}

/// "wide" or "high".
pub(crate) fn extent(control: Control) -> &'static str {
    ["high", "wide"][control.axis()]
}

fn low_reason(control: Control, operation: Operation, low: u64, below: Option<ConvError>) -> String {
    let extent = extent(control);
    let scatters = operation == Operation::Transposed;
    let why = match (below, control.kind()) {
        (Some(ConvError::KernelExceedsInput { dilated_kernel, padded_input }), _) => {
            format!(
                "with {} the padded input is {padded_input} {extent}, the kernel {dilated_kernel}",
                low - 1
            )
        }
        (Some(ConvError::ReflectPadding { pad, .. }), _) => {
            format!("reflect padding of {pad} needs a larger input")
        }
        (Some(ConvError::CircularPadding { pad, .. }), _) => {
            format!("circular padding of {pad} needs an input as large")
        }
        (_, Kind::Input) => "an empty input has no output".into(),
        (_, Kind::Channels) => "an input without channels holds nothing".into(),
        (_, Kind::Filters) => "without filters there is no output".into(),
        (_, Kind::Exponent) => "the 0-norm is no norm".into(),
        (_, Kind::OutputPadding) => "it only adds cells".into(),
        (Some(ConvError::OutputCropped { uncropped, padding }), _) => {
            format!("padding would crop {padding} of {uncropped} cells")
        }
        (Some(ConvError::OutputPadding { output_padding, .. }), _) => {
            format!("PyTorch wants the {output_padding} added below the stride or the dilation")
        }
        (_, Kind::Stride) if scatters => "with stride 0 all inputs would land on the same cells".into(),
        (_, Kind::Dilation) if scatters => "with dilation 0 all taps would land on the same cell".into(),
        (_, Kind::Pad) if scatters => "less than no padding crops nothing".into(),
        (_, Kind::Kernel) => "a kernel without taps computes nothing".into(),
        (_, Kind::Stride) => "with stride 0 the window would never move".into(),
        (_, Kind::Dilation) => "with dilation 0 all taps would read the same cell".into(),
        _ => "padding only adds cells".into(),
    };
    format!("At least {low}: {why}")
}

/// `at_high` is the shape with `high` set.
fn high_reason(
    model: &LabModel,
    control: Control,
    at_high: &Shape,
    high: u64,
    beyond: Option<ConvError>,
) -> String {
    let extent = extent(control);
    let next = high + 1;
    let dilation = at_high.options.dilation[control.axis()];
    let why = match (beyond, control.kind()) {
        (Some(ConvError::KernelExceedsInput { padded_input, .. }), Kind::Kernel) if dilation == 1 => {
            format!("the padded input is {padded_input} {extent}")
        }
        (Some(ConvError::KernelExceedsInput { dilated_kernel, padded_input }), Kind::Kernel) => {
            format!(
                "at dilation {dilation} a kernel of {next} would span {dilated_kernel} of {padded_input} cells"
            )
        }
        (Some(ConvError::KernelExceedsInput { dilated_kernel, padded_input }), _) => {
            format!(
                "with {} {next} the kernel would span {dilated_kernel} of {padded_input} cells",
                word(control)
            )
        }
        (Some(ConvError::ReflectPadding { input_len, .. }), Kind::Pad) => {
            format!("reflect padding must be smaller than the input, which is {input_len} {extent}")
        }
        (Some(ConvError::CircularPadding { input_len, .. }), Kind::Pad) => {
            format!("circular padding must not be larger than the input, which is {input_len} {extent}")
        }
        (Some(ConvError::ReflectPadding { pad, input_len }), _) => {
            format!(
                "with {next} reflect padding would be {pad}, not smaller than the input, which is {input_len} {extent}"
            )
        }
        (Some(ConvError::CircularPadding { pad, input_len }), _) => {
            format!(
                "with {next} circular padding would be {pad}, larger than the input, which is {input_len} {extent}"
            )
        }
        (Some(ConvError::OutputCropped { uncropped, padding }), _) => {
            format!("with {next} padding would crop {padding} of {uncropped} cells, which leaves no output")
        }
        (Some(ConvError::OutputPadding { stride, dilation, .. }), _) => {
            format!("PyTorch wants it below the stride, {stride}, or the dilation, {dilation}")
        }
        (_, Kind::Channels) if model.is_picture() => {
            "a photograph has three channels, red, green and blue".into()
        }
        (Some(ConvError::Overflow), _) => "with more, this page would take too long to compute it".into(),
        (_, Kind::Channels | Kind::Filters) if high < limit(model, control) => {
            format!("the slider ends here, up to {} can be typed", limit(model, control))
        }
        (_, Kind::Channels) if matches!(model.input, InputSource::Numbers(_)) => {
            "the link would hold no more numbers; patterns have more channels".into()
        }
        (_, Kind::Stride) if at_high.operation == Operation::Transposed => {
            format!("the slider ends here, up to {MAX_STRIDE} can be typed")
        }
        (_, Kind::Stride) if high < MAX_STRIDE => "from there on only one window fits".into(),
        (_, Kind::Input) if high < limit(model, control) => {
            format!("the slider ends here, up to {} can be typed", limit(model, control))
        }
        (_, Kind::Input) if matches!(model.input, InputSource::Numbers(_)) => {
            format!("typed numbers end here, patterns and photographs go up to {MAX_INPUT}")
        }
        _ => "this page draws no more".into(),
    };
    format!("At most {high}: {why}")
}

/// What messages call the control.
pub(crate) fn word(control: Control) -> &'static str {
    match control {
        Control::InputHeight => "height",
        Control::InputWidth => "width",
        Control::KernelHeight | Control::KernelWidth => "kernel",
        Control::StrideVertical | Control::StrideHorizontal => "stride",
        Control::DilationVertical | Control::DilationHorizontal => "dilation",
        Control::PadTop => "top padding",
        Control::PadLeft => "left padding",
        Control::PadBottom => "bottom padding",
        Control::PadRight => "right padding",
        Control::Channels => "channels",
        Control::Filters => "filters",
        Control::OutputPaddingBelow => "output padding below",
        Control::OutputPaddingRight => "output padding on the right",
        Control::Exponent => "exponent",
        Control::Bias => "bias",
    }
}

#[cfg(test)]
mod tests;
