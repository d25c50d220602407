//! Every example gives what its sentence says.

use super::*;

#[track_caller]
fn check(name: &str, output: u64) {
    let preset = PRESETS.iter().find(|preset| preset.name == name).unwrap();
    let lab = (preset.model)().derive(None).unwrap();
    assert_eq!(lab.geometry.output_size(), [output, output], "{name}");
    assert_eq!(lab.model, (preset.model)(), "{name} opens at a step that exists");
}

#[test]
fn every_preset_has_the_known_output_size() {
    let known = [
        ("example", 3),
        ("shrink", 2),
        ("keep", 5),
        ("no-padding-no-strides", 2),
        ("arbitrary-padding-no-strides", 6),
        ("same-padding-no-strides", 5),
        ("full-padding-no-strides", 7),
        ("no-padding-strides", 2),
        ("padding-strides", 3),
        ("padding-strides-odd", 3),
        ("dilation", 3),
        ("no-padding-no-strides-transposed", 4),
        ("arbitrary-padding-no-strides-transposed", 5),
        ("same-padding-no-strides-transposed", 5),
        ("full-padding-no-strides-transposed", 5),
        ("no-padding-strides-transposed", 5),
        ("padding-strides-transposed", 5),
        ("padding-strides-odd-transposed", 6),
        ("checkerboard", 7),
        ("no-checkerboard", 8),
        ("max-pool", 3),
        ("lenet-average-pool", 14),
        ("ceil-drop", 5),
        ("googlenet-pool", 56),
        ("resnet-pool", 56),
        ("volume-one-filter", 28),
        ("volume-six-filters", 28),
        ("volume-numbers", 28),
        ("channels-in-numbers", 3),
        ("pointwise-grey", 64),
        ("pointwise-256-64", 8),
        ("parameters-760", 32),
        ("parameters-22550", 12),
        ("depthwise", 32),
        ("separable", 14),
        ("resnet-stem", 112),
        ("alexnet-conv1", 55),
    ];
    assert_eq!(known.len(), PRESETS.len());
    for (name, output) in known {
        check(name, output);
    }
}

#[test]
fn presets_that_name_a_number_of_parameters_have_it() {
    for (name, params) in [
        ("parameters-760", 760),
        ("parameters-22550", 22_550),
        ("pointwise-256-64", 16_384),
        ("depthwise", 78),
    ] {
        let preset = PRESETS.iter().find(|preset| preset.name == name).unwrap();
        assert_eq!((preset.model)().derive(None).unwrap().cost.params(), params, "{name}");
    }
}

#[test]
fn the_checkerboard_counts_what_each_output_adds_up() {
    let lab = |name: &str| {
        let preset = PRESETS.iter().find(|preset| preset.name == name).unwrap();
        (preset.model)().derive(None).unwrap()
    };
    let uneven = lab("checkerboard");
    assert_eq!(uneven.output.data()[7..14], [2.0, 4.0, 2.0, 4.0, 2.0, 4.0, 2.0]);
    let even = lab("no-checkerboard");
    assert_eq!(even.output.data()[8..16], [2.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 2.0]);
}

#[test]
fn the_example_has_28_at_row_1_column_1() {
    let lab = (PRESETS[0].model)().derive(None).unwrap();
    assert_eq!(lab.output.at([0, 0, 1, 1]), 28.0);
}

#[test]
fn names_and_models_are_unique() {
    for (idx, preset) in PRESETS.iter().enumerate() {
        // The list on the page finds a preset whatever of it is looked at.
        let LabModel { view, channel, filter, step, .. } = (preset.model)();
        let looked_at = |other: &Preset| LabModel { view, channel, filter, step, ..(other.model)() };
        let differs = |other: &Preset| other.name != preset.name && looked_at(other) != (preset.model)();
        assert!(PRESETS[..idx].iter().all(differs), "{}", preset.name);
    }
}
