//! Writes a page as a link: only what differs from the default, keys in a fixed order.

use convscope_core::{AvgDivisor, Padding2d, PaddingMode, Pads};
use convscope_scene::number;

use super::Page;
use super::read::{implied_input_size, implied_kernel_size};
use crate::kernel::{KernelChoice, KernelPreset};
use crate::model::LabModel;
use crate::operation::{activation_name, type_name};
use crate::source::{InputSource, Pattern, PictureSource};
use crate::text::joined;

/// The canonical link of a page, with `#`. The default model gives `#/lab`.
///
/// A reader's own picture is not in it; `own` says that there was one.
pub fn write(page: &Page) -> String {
    let (path, model) = match page {
        Page::Lab(model) => ("#/lab", model),
        Page::Embed(model) => ("#/embed/lab", model),
        Page::Stack(model) => return super::stack::write(model),
    };
    let query = query(model);
    if query.is_empty() { path.into() } else { joined(&[path, "?v=1", &query], "") }
}

fn query(model: &LabModel) -> String {
    let default = LabModel::default();
    let mut query = String::new();
    let mut add = |key: &str, value: &str| {
        for part in ["&", key, "=", value] {
            query.push_str(part);
        }
    };
    if model.operation != default.operation {
        add("o", model.operation.name());
    }
    let x_written = model.input != InputSource::default_for(model.input_size);
    let implied =
        if x_written { implied_input_size(&model.input, model.in_channels) } else { default.input_size };
    if model.input_size != implied {
        add("n", &pair(model.input_size));
    }
    if x_written {
        add("x", &input(&model.input));
    }
    for (key, value) in [("c", model.in_channels), ("f", model.out_channels), ("g", model.groups)] {
        if value != 1 {
            add(key, &value.to_string());
        }
    }
    if model.kernel_size != implied_kernel_size(&model.kernel) {
        add("k", &pair(model.kernel_size));
    }
    if model.kernel != default.kernel {
        add("w", &kernel(&model.kernel));
    }
    if model.stride != default.stride {
        add("s", &pair(model.stride));
    }
    if model.dilation != default.dilation {
        add("d", &pair(model.dilation));
    }
    if model.padding != default.padding {
        add("p", &padding(model.padding));
    }
    if model.padding_mode != default.padding_mode {
        add("m", padding_mode(model.padding_mode));
    }
    if model.output_padding != default.output_padding {
        add("q", &pair(model.output_padding));
    }
    for (key, value) in [("ceil", model.ceil_mode), ("flip", model.flip)] {
        if value {
            add(key, "1");
        }
    }
    match model.divisor {
        AvgDivisor::CountIncludePad => {}
        AvgDivisor::CountInside => add("div", "inside"),
        AvgDivisor::Fixed(divisor) => add("div", &divisor.to_string()),
    }
    if model.exponent != default.exponent {
        add("e", &model.exponent.to_string());
    }
    if model.bias != default.bias {
        add("b", &model.bias.map_or_else(|| "none".into(), number::plain));
    }
    if model.activation != default.activation {
        add("a", activation_name(model.activation));
    }
    if model.batch != default.batch {
        add("batch", &model.batch.to_string());
    }
    if model.element_type != default.element_type {
        add("type", type_name(model.element_type));
    }
    if model.view != model.operation.views()[0] {
        add("view", model.view.name());
    }
    for (key, value) in [("ch", model.channel), ("fi", model.filter)] {
        if value != 0 {
            add(key, &number::ungrouped(u128::from(value) + 1));
        }
    }
    let last = model.step_size().map_or(default.step, |[height, width]| height * width - 1);
    if model.step != default.step.min(last) {
        add("step", &number::ungrouped(u128::from(model.step) + 1));
    }
    query
}

pub(super) fn pair([first, second]: [u64; 2]) -> String {
    let mut text = first.to_string();
    if first != second {
        text.push('x');
        text.push_str(&second.to_string());
    }
    text
}

fn input(source: &InputSource) -> String {
    match source {
        InputSource::Numbers(numbers) => list(numbers),
        InputSource::Pattern(Pattern::Random { seed }) => joined(&["random-", &seed.to_string()], ""),
        InputSource::Pattern(pattern) => pattern.name().into(),
        InputSource::Picture(PictureSource::Sample(sample)) => joined(&["photo-", sample.name()], ""),
        InputSource::Picture(PictureSource::Own(_)) => "own".into(),
    }
}

fn kernel(choice: &KernelChoice) -> String {
    match choice {
        KernelChoice::Preset(preset) => KernelPreset::name(*preset).into(),
        KernelChoice::Random { seed } => joined(&["random-", &seed.to_string()], ""),
        KernelChoice::Bank(bank) => bank.name().into(),
        KernelChoice::Own(weights) => list(weights),
    }
}

fn padding(padding: Padding2d) -> String {
    match padding {
        Padding2d::Valid => "valid".into(),
        Padding2d::Same => "same".into(),
        Padding2d::Full => "full".into(),
        Padding2d::Explicit(pads) if pads == Pads::all(pads.top) => pads.top.to_string(),
        Padding2d::Explicit(Pads { top, left, bottom, right }) => {
            joined(&[top, left, bottom, right].map(|side| side.to_string()), ",")
        }
    }
}

fn padding_mode(mode: PaddingMode) -> &'static str {
    match mode {
        PaddingMode::Zeros => "zeros",
        PaddingMode::Reflect => "reflect",
        PaddingMode::Replicate => "replicate",
        PaddingMode::Circular => "circular",
    }
}

fn list(numbers: &[f32]) -> String {
    let mut text = String::with_capacity(numbers.len() * 2);
    for (idx, &value) in numbers.iter().enumerate() {
        if idx > 0 {
            text.push(',');
        }
        text.push_str(&number::plain(value));
    }
    text
}
