//! Brings values that are impossible together to the nearest possible ones, with a notice each.

use convscope_core::{ConvError, Padding2d, PaddingMode, Pads};

use super::Notices;
use super::read::count_weights;
use crate::bounds::{Control, shown, value, with};
use crate::model::LabModel;
use crate::operation::Operation;
use crate::shape::dividing;

/// A model that makes a convolution, at the step that the link says.
pub(super) fn possible(model: LabModel, step: Option<&str>, notices: &mut Notices) -> LabModel {
    let model = fit_transposed(fit_channels(model, notices), notices);
    let mut model = fit_work(fit_kernel(fit_padding(model, notices), notices), notices);
    count_weights(&mut model, notices);
    if model.geometry().is_err() {
        // Values in their ranges leave nothing else to go wrong; the default is possible in any case.
        notices.add("", "The link makes no convolution; the example is shown".into());
        model = LabModel::default();
    }
    read_step(&mut model, step, notices);
    model
}

/// A photograph has three channels, and groups divide the channels.
fn fit_channels(mut model: LabModel, notices: &mut Notices) -> LabModel {
    if model.is_picture() && model.in_channels > 3 {
        let asked = model.in_channels;
        notices.add("c", format!("A photograph has 3 channels, the link says {asked}; 3 are used"));
        model.in_channels = 3;
    }
    let groups = dividing(model.groups, [model.in_channels, model.out_channels]);
    if groups != model.groups && model.operation.has_weights() {
        let LabModel { in_channels, out_channels, groups: asked, .. } = model;
        notices.add(
            "g",
            format!("{asked} groups do not divide {in_channels} channels and {out_channels} filters; {groups} is used"),
        );
        model.groups = groups;
    }
    if !model.operation.has_padding_modes() {
        model.padding_mode = PaddingMode::Zeros;
    }
    if model.operation == Operation::Transposed && model.padding == Padding2d::Full {
        notices.add(
            "p",
            "A transposed convolution crops by its padding, full would leave nothing; valid is used".into(),
        );
        model.padding = Padding2d::Valid;
    }
    model
}

/// A transposed convolution crops by its padding, which must leave something, and adds fewer cells after its
/// output than its stride or dilation is.
fn fit_transposed(mut model: LabModel, notices: &mut Notices) -> LabModel {
    if model.operation != Operation::Transposed {
        return model;
    }
    let most = [0, 1].map(|axis| model.stride[axis].max(model.dilation[axis]).saturating_sub(1));
    let used = [0, 1].map(|axis: usize| model.output_padding[axis].min(most[axis]));
    if used != model.output_padding {
        let ([down, across], [asked, beside]) = (used, model.output_padding);
        notices.add(
            "q",
            format!("Output padding {asked} × {beside} is not smaller than stride or dilation; {down} × {across} is used"),
        );
        model.output_padding = used;
    }
    let Padding2d::Explicit(pads) = model.padding else { return model };
    let cropped_to = |most: u64| {
        let Pads { top, left, bottom, right } = pads;
        let [top, left, bottom, right] = [top, left, bottom, right].map(|side| side.min(most));
        LabModel { padding: Padding2d::Explicit(Pads { top, left, bottom, right }), ..model.clone() }
    };
    let largest = pads.top.max(pads.left).max(pads.bottom).max(pads.right);
    let leaves_none = |model: &LabModel| matches!(model.geometry(), Err(ConvError::OutputCropped { .. }));
    match (0..=largest).rev().find(|most| !leaves_none(&cropped_to(*most))) {
        Some(most) if most < largest => {
            notices
                .add("p", format!("Padding {largest} would crop the whole output; at most {most} is used"));
            cropped_to(most)
        }
        _ => model,
    }
}

/// What would take this page too long, or too much memory, is halved until it does not.
fn fit_work(mut model: LabModel, notices: &mut Notices) -> LabModel {
    let sizes: [(&'static str, &str, &[Control]); 4] = [
        ("s", "Stride", &[Control::StrideVertical, Control::StrideHorizontal]),
        ("f", "Filters", &[Control::Filters]),
        ("c", "Channels", &[Control::Channels]),
        ("n", "Input size", &[Control::InputHeight, Control::InputWidth]),
    ];
    let too_much = |model: &LabModel| matches!(model.geometry(), Err(ConvError::Overflow));
    for (key, name, controls) in sizes {
        // A smaller stride makes the output of anything else larger.
        if key == "s" && model.operation != Operation::Transposed {
            continue;
        }
        let mut most = controls.iter().map(|control| value(&model, *control)).max().unwrap_or(1);
        let asked = most;
        while most > 1 && too_much(&model) {
            most /= 2;
            for &control in controls {
                model = with(&model, &[control], value(&model, control).min(most));
            }
        }
        if most < asked {
            notices.add(key, format!("{name} {asked} takes more work than this page does; {most} is used"));
        }
    }
    model
}

/// Padding that copies cells of the input is limited by the input's size.
fn fit_padding(mut model: LabModel, notices: &mut Notices) -> LabModel {
    let stated = match model.padding {
        Padding2d::Explicit(pads) => Some(pads),
        // Zeros are always possible and give the same sizes.
        _ => LabModel { padding_mode: PaddingMode::Zeros, ..model.clone() }.geometry().ok().map(|g| g.pads()),
    };
    let [height, width] = model.input_size;
    let (name, most) = match model.padding_mode {
        PaddingMode::Reflect => ("Reflect", [height - 1, width - 1]),
        PaddingMode::Circular => ("Circular", [height, width]),
        _ => return model,
    };
    let Some(pads) = stated else { return model };
    let used = Pads {
        top: pads.top.min(most[0]),
        left: pads.left.min(most[1]),
        bottom: pads.bottom.min(most[0]),
        right: pads.right.min(most[1]),
    };
    if used != pads {
        let Pads { top, left, bottom, right } = used;
        // The largest of the sides that had to change.
        let sides = [(pads.top, top), (pads.left, left), (pads.bottom, bottom), (pads.right, right)];
        let changed = sides.into_iter().filter(|(asked, used)| asked != used).map(|(asked, _)| asked);
        let largest = changed.max().unwrap_or(0);
        notices.add(
            "p",
            format!("{name} padding of {largest} is too large for an input of {height} × {width}; {top}, {left}, {bottom}, {right} is used"),
        );
        model.padding = Padding2d::Explicit(used);
    }
    model
}

/// The kernel must fit in the padded input.
fn fit_kernel(mut model: LabModel, notices: &mut Notices) -> LabModel {
    for (axis, control) in [Control::KernelHeight, Control::KernelWidth].into_iter().enumerate() {
        let Err(ConvError::KernelExceedsInput { dilated_kernel, padded_input }) = axis_only(&model, axis)
        else {
            continue;
        };
        let used = (padded_input.max(1) - 1) / model.dilation[axis] + 1;
        let asked = model.kernel_size[axis];
        let extent = ["high", "wide"][axis];
        let spans = if model.dilation[axis] == 1 {
            format!("A kernel {asked} {extent}")
        } else {
            format!(
                "A kernel of {asked} at dilation {}, {dilated_kernel} cells {extent},",
                model.dilation[axis]
            )
        };
        notices
            .add("k", format!("{spans} does not fit in the padded input of {padded_input}; {used} is used"));
        model = with(&model, &[control], used);
    }
    model
}

/// The geometry of one axis: the other one always fits.
fn axis_only(model: &LabModel, axis: usize) -> Result<(), ConvError> {
    let mut alone = model.clone();
    alone.kernel_size[1 - axis] = 1;
    alone.geometry().map(|_| ())
}

fn read_step(model: &mut LabModel, step: Option<&str>, notices: &mut Notices) {
    if let Some(text) = step {
        match text.trim().parse::<u64>() {
            Ok(step) if step > 0 => model.step = step - 1,
            _ => notices
                .add("step", format!("Step “{}” in the link is no step; steps count from 1", shown(text))),
        }
    }
    let asked = model.step;
    model.clamp_step(None);
    if step.is_some() && asked > model.step && asked < u64::MAX {
        let (asked, n_steps) = (asked + 1, model.step + 1);
        notices.add("step", format!("Step {asked} in the link is beyond the last; {n_steps} is used"));
    }
}
