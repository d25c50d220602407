//! Bounds hold for every value within them and for none beyond.

use super::*;
use convscope_core::{Padding2d, PaddingMode, Pads};

/// Small models of every kind, all of them possible.
fn models() -> Vec<LabModel> {
    let mut models = Vec::new();
    let paddings = [
        Padding2d::Valid,
        Padding2d::Same,
        Padding2d::Full,
        Padding2d::Explicit(Pads { top: 0, left: 1, bottom: 2, right: 0 }),
        Padding2d::Explicit(Pads { top: 2, left: 0, bottom: 2, right: 3 }),
    ];
    let modes = [PaddingMode::Zeros, PaddingMode::Reflect, PaddingMode::Replicate, PaddingMode::Circular];
    for (padding, padding_mode) in paddings.into_iter().flat_map(|p| modes.map(|m| (p, m))) {
        for kernel_size in [[1, 1], [2, 3], [4, 1], [5, 5]] {
            for (stride, dilation) in [([1, 1], [1, 1]), ([2, 3], [1, 2]), ([5, 1], [2, 3])] {
                for input_size in [[1, 4], [3, 3], [6, 5], [9, 16]] {
                    models.push(LabModel {
                        input: InputSource::default_for([1, 1]),
                        input_size,
                        kernel_size,
                        stride,
                        dilation,
                        padding,
                        padding_mode,
                        ..LabModel::default()
                    });
                }
            }
        }
    }
    models.retain(|model| model.geometry().is_ok());
    models
}

#[test]
fn every_value_within_bounds_gives_a_geometry_and_none_just_beyond_does() {
    let models = models();
    assert!(models.len() > 200, "{}", models.len());
    for model in &models {
        for &control in &Control::ALL[..12] {
            let Bounds { low, high, low_reason, high_reason } = bounds(model, control);
            for value in low..=high {
                assert!(with(model, &[control], value).geometry().is_ok(), "{control:?} {value} {model:?}");
                assert_eq!(read_whole(model, &[control], &value.to_string()), Ok(value));
            }
            let possible = |value: u64| Shape::of(model).with(&[control], value).geometry().is_ok();
            if low > least(control) {
                assert!(!possible(low - 1), "{control:?} {low} {model:?}");
            }
            if high < most(model, Shape::of(model), &[control]) {
                assert!(!possible(high + 1), "{control:?} {high} {model:?}");
            }
            assert!(low_reason.starts_with(&format!("At least {low}: ")), "{low_reason}");
            assert!(high_reason.starts_with(&format!("At most {high}: ")), "{high_reason}");
        }
    }
}

#[test]
fn linked_bounds_hold_for_both() {
    let pairs = [
        [Control::InputHeight, Control::InputWidth],
        [Control::KernelHeight, Control::KernelWidth],
        [Control::StrideVertical, Control::StrideHorizontal],
        [Control::DilationVertical, Control::DilationHorizontal],
        [Control::PadTop, Control::PadBottom],
    ];
    for model in &models() {
        for [a, b] in pairs {
            let Bounds { low, high, high_reason, .. } = bounds_linked(model, a, b);
            if high_reason.starts_with("No value") {
                continue;
            }
            for value in low..=high {
                assert!(with(model, &[a, b], value).geometry().is_ok(), "{a:?} {value} {model:?}");
            }
        }
    }
}

#[track_caller]
fn check(control: Control, low: u64, high: u64, high_reason: &str) {
    let bounds = bounds(&LabModel::default(), control);
    assert_eq!((bounds.low, bounds.high, bounds.high_reason.as_str()), (low, high, high_reason));
}

#[test]
fn the_example_has_the_bounds_of_the_design() {
    check(Control::InputWidth, 1, 16, "At most 16: the slider ends here, up to 64 can be typed");
    check(Control::KernelWidth, 1, 7, "At most 7: the padded input is 7 wide");
    check(Control::KernelHeight, 1, 7, "At most 7: the padded input is 7 high");
    check(Control::StrideHorizontal, 1, 5, "At most 5: from there on only one window fits");
    check(Control::DilationHorizontal, 1, 3, "At most 3: with dilation 4 the kernel would span 9 of 7 cells");
    check(Control::PadLeft, 0, 128, "At most 128: this page draws no more");
}

#[test]
fn a_kernel_that_needs_its_padding_bounds_it_from_below() {
    let model = LabModel { kernel_size: [7, 3], ..LabModel::default() };
    let top = bounds(&model, Control::PadTop);
    assert_eq!(
        (top.low, top.low_reason.as_str()),
        (1, "At least 1: with 0 the padded input is 6 high, the kernel 7")
    );
    let height = bounds(&model, Control::InputHeight);
    assert_eq!(height.low, 5);
}

#[test]
fn one_window_from_the_start_leaves_the_stride_nothing_to_do() {
    let model = LabModel { kernel_size: [7, 7], ..LabModel::default() };
    let stride = bounds(&model, Control::StrideHorizontal);
    assert_eq!((stride.low, stride.high), (1, 1));
}

#[test]
fn an_impossible_model_has_bounds_that_lead_out_of_it() {
    let model = LabModel { kernel_size: [9, 9], ..LabModel::default() };
    let size = bounds_linked(&model, Control::KernelHeight, Control::KernelWidth);
    assert_eq!((size.low, size.high), (1, 7));
    assert!(bounds(&model, Control::KernelWidth).high_reason.starts_with("No value"));
}
