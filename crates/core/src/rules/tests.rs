use super::*;
use crate::auto_pad::AutoPad;
use crate::conv_transpose2d::{ConvTranspose2dOptions, ConvTranspose2dParams};
use crate::conv2d::{Conv2dOptions, Conv2dParams, Padding2d};
use crate::padding::PaddingMode;
use crate::pool::{AvgDivisor, Pool2dOptions, Pool2dParams};

/// Kernel, stride, dilation and padding, the same along both axes.
fn conv(k: u64, s: u64, d: u64, pads: [i64; 4]) -> Layer {
    conv_mode(k, s, d, pads, PaddingMode::Zeros)
}

fn conv_mode(k: u64, s: u64, d: u64, pads: [i64; 4], padding_mode: PaddingMode) -> Layer {
    let options = Conv2dOptions {
        kernel_size: [k; 2],
        stride: [s; 2],
        dilation: [d; 2],
        padding: Padding2d::Explicit(Pads::new(pads).unwrap()),
        padding_mode,
        ..Default::default()
    };
    Layer::Conv2d(Conv2dParams::new(options).unwrap())
}

fn pool_options(k: u64, s: u64, d: u64, pads: [i64; 4]) -> Pool2dParams {
    let options = Pool2dOptions {
        kernel_size: [k; 2],
        stride: [s; 2],
        dilation: [d; 2],
        padding: AutoPad::Explicit(Pads::new(pads).unwrap()),
        ..Default::default()
    };
    Pool2dParams::new(options).unwrap()
}

fn pool(k: u64, s: u64, pads: [i64; 4]) -> Layer {
    Layer::MaxPool2d(pool_options(k, s, 1, pads))
}

fn scatter(k: u64, s: u64, d: u64, pads: [i64; 4], output_padding: u64) -> Layer {
    let options = ConvTranspose2dOptions {
        kernel_size: [k; 2],
        stride: [s; 2],
        dilation: [d; 2],
        padding: AutoPad::Explicit(Pads::new(pads).unwrap()),
        output_padding: [output_padding; 2],
        ..Default::default()
    };
    Layer::ConvTranspose2d(ConvTranspose2dParams::new(options).unwrap())
}

/// Compares `[output, pad_before, pad_after, left_over]` of the columns of a square input.
#[track_caller]
fn check(rule: Rule, layer: &Layer, n: u64, expected: Result<[u64; 4], Refusal>) {
    let ours = rule.layout(layer, [n, n]).map(|it| {
        assert_eq!([it.output[0], it.output[0]], it.output);
        [it.output[1].size().unwrap(), it.pads.left, it.pads.right, it.left_over[1]]
    });
    assert_eq!(ours, expected, "{rule:?}");
}

#[test]
fn the_stem_of_resnet_leaves_one_cell_over_and_the_formula_gives_no_whole_number() {
    let stem = conv(7, 2, 1, [3; 4]);
    for rule in [Rule::PyTorch, Rule::KerasPadded, Rule::Onnx] {
        check(rule, &stem, 224, Ok([112, 3, 3, 1]));
    }
    for rule in [Rule::KerasSame, Rule::OnnxSameUpper] {
        check(rule, &stem, 224, Ok([112, 2, 3, 0]));
    }
    check(Rule::OnnxSameLower, &stem, 224, Ok([112, 3, 2, 0]));
    for rule in [Rule::KerasValid, Rule::OnnxValid] {
        check(rule, &stem, 224, Ok([109, 0, 0, 1]));
    }
    let course = Rule::Course.layout(&stem, [224, 225]).unwrap();
    let numbers = course.output.map(|ratio| (ratio.numerator(), ratio.denominator()));
    assert_eq!((numbers, course.output_size()), ([(225, 2), (113, 1)], None));
    let same = Err(Refusal::Impossible(ConvError::SameWithStride { stride: 2 }));
    check(Rule::PyTorchSame, &stem, 224, same);
    // The cell that is left over is padding; without padding it is a cell of the input.
    assert_eq!(Rule::PyTorch.layout(&stem, [224; 2]).unwrap().lost_input(), [0, 0]);
    assert_eq!(Rule::KerasValid.layout(&stem, [224; 2]).unwrap().lost_input(), [1, 1]);
}

#[test]
fn same_splits_with_the_odd_cell_after() {
    for (n, k, s, expected) in [
        (224, 7, 2, [112, 2, 3, 0]),
        (224, 3, 2, [112, 0, 1, 0]),
        (6, 3, 2, [3, 0, 1, 0]),
        (321, 7, 2, [161, 3, 3, 0]),
        (5, 4, 1, [5, 1, 2, 0]),
        (5, 2, 1, [5, 0, 1, 0]),
        // A stride beyond the kernel needs no padding and steps over the end.
        (5, 1, 3, [2, 0, 0, 1]),
    ] {
        for layer in [conv(k, s, 1, [0; 4]), pool(k, s, [0; 4])] {
            check(Rule::KerasSame, &layer, n, Ok(expected));
            check(Rule::OnnxSameUpper, &layer, n, Ok(expected));
            let [output, before, after, left_over] = expected;
            check(Rule::OnnxSameLower, &layer, n, Ok([output, after, before, left_over]));
        }
        if s == 1 {
            check(Rule::PyTorchSame, &conv(k, s, 1, [0; 4]), n, Ok(expected));
        }
    }
    check(Rule::KerasSame, &conv(3, 1, 2, [0; 4]), 5, Ok([5, 2, 2, 0]));
}

/// Compares `[output, overhang, dropped_windows, left_over]` of the columns.
#[track_caller]
fn check_ceil(rule: Rule, n: u64, layer: &Layer, expected: [u64; 4]) {
    let it = rule.layout(layer, [n, n]).unwrap();
    assert_eq!(
        [it.output[1].size().unwrap(), it.overhang[1], it.dropped_windows[1], it.left_over[1]],
        expected,
        "{rule:?}"
    );
}

#[test]
fn ceil_mode_drops_a_window_that_starts_beyond_the_input() {
    for (n, layer, floor, ceil, ceil_before_22) in [
        (10, pool(1, 2, [0; 4]), [5, 0, 0, 1], [5, 0, 1, 1], [6, 1, 0, 0]),
        (32, pool(1, 2, [0; 4]), [16, 0, 0, 1], [16, 0, 1, 1], [17, 1, 0, 0]),
        (112, pool(3, 2, [0; 4]), [55, 0, 0, 1], [56, 1, 0, 0], [56, 1, 0, 0]),
        (64, pool(3, 2, [1; 4]), [32, 0, 0, 1], [33, 1, 0, 0], [33, 1, 0, 0]),
        // Of the padding after the input two cells stay: the dropped window would have begun there.
        (8, pool(2, 3, [1; 4]), [3, 0, 0, 2], [3, 0, 1, 2], [4, 1, 0, 0]),
        (9, pool(3, 3, [0; 4]), [3, 0, 0, 0], [3, 0, 0, 0], [3, 0, 0, 0]),
    ] {
        check_ceil(Rule::PyTorch, n, &layer, floor);
        check_ceil(Rule::Onnx, n, &layer, floor);
        check_ceil(Rule::PyTorchCeil, n, &layer, ceil);
        check_ceil(Rule::OnnxCeil, n, &layer, ceil);
        check_ceil(Rule::OnnxCeilBefore22, n, &layer, ceil_before_22);
    }
}

#[test]
fn a_dropped_window_leaves_over_more_than_a_stride() {
    // Kernel 1, stride 2 and 4 cells of padding behind 3 of input: windows at 0 and 2, the next one beyond.
    let params = pool_options(1, 2, 1, [0, 0, 4, 4]);
    let it = Rule::OnnxCeil.layout(&Layer::MaxPool2d(params), [3, 3]).unwrap();
    assert_eq!((it.output_size(), it.left_over), (Some([3, 3]), [2, 2]));
}

#[test]
fn pytorch_refuses_what_its_pools_do_not_take() {
    let unequal = Err(Refusal::Impossible(ConvError::UnequalPoolPadding { before: 0, after: 1 }));
    let too_much = Err(Refusal::Impossible(ConvError::PoolPadding { pad: 2, kernel_size: 3 }));
    for rule in [Rule::PyTorch, Rule::PyTorchCeil] {
        check(rule, &pool(2, 2, [0, 0, 1, 1]), 5, unequal);
        check(rule, &pool(3, 2, [2; 4]), 5, too_much);
        check(rule, &Layer::LpPool2d(pool_options(2, 2, 1, [1; 4]), 2), 5, {
            Err(Refusal::Padding(Pads::all(1)))
        });
        let dilated = pool_options(2, 1, 2, [0; 4]);
        for layer in
            [Layer::AvgPool2d(dilated.clone(), AvgDivisor::CountInside), Layer::LpPool2d(dilated.clone(), 2)]
        {
            check(rule, &layer, 5, Err(Refusal::Dilation { dilation: 2 }));
        }
        check(rule, &Layer::MaxPool2d(dilated), 5, Ok([3, 0, 0, 0]));
    }
    check(Rule::Onnx, &pool(2, 2, [0, 0, 1, 1]), 5, Ok([3, 0, 1, 0]));
    check(Rule::Onnx, &pool(3, 2, [2; 4]), 5, Ok([4, 2, 2, 0]));
}

#[test]
fn keras_refuses_what_its_layers_do_not_take() {
    let keras = [Rule::KerasPadded, Rule::KerasValid, Rule::KerasSame];
    let options = ConvTranspose2dOptions { in_channels: 4, out_channels: 4, groups: 2, ..Default::default() };
    let grouped = Layer::ConvTranspose2d(ConvTranspose2dParams::new(options).unwrap());
    for rule in keras {
        let both = Refusal::StrideWithDilation { stride: 2, dilation: 3 };
        check(rule, &conv(3, 2, 3, [0; 4]), 9, Err(both));
        check(rule, &scatter(3, 2, 3, [0; 4], 0), 9, Err(both));
        check(rule, &grouped, 9, Err(Refusal::Groups { groups: 2 }));
        let beyond = Refusal::OutputPadding { output_padding: 1, stride: 1 };
        check(rule, &scatter(3, 1, 2, [0; 4], 1), 9, Err(beyond));
        let dilated = Layer::MaxPool2d(pool_options(2, 1, 2, [0; 4]));
        check(rule, &dilated, 9, Err(Refusal::Dilation { dilation: 2 }));
        check(rule, &Layer::LpPool2d(pool_options(2, 2, 1, [0; 4]), 2), 9, Err(Refusal::Operation));
    }
}

#[test]
fn padding_that_a_layer_does_not_take_is_an_operation_of_its_own() {
    let detour = |rule: Rule, layer: &Layer| rule.layout(layer, [9, 9]).unwrap().detour;
    let (even, odd) = (conv(3, 2, 1, [1; 4]), conv(3, 2, 1, [0, 0, 1, 1]));
    assert_eq!([&even, &odd].map(|it| detour(Rule::PyTorch, it)), [Detour::None, Detour::PadFirst]);
    assert_eq!([&even, &odd].map(|it| detour(Rule::Onnx, it)), [Detour::None; 2]);
    assert_eq!([&even, &odd].map(|it| detour(Rule::KerasPadded, it)), [Detour::PadFirst; 2]);
    assert_eq!(detour(Rule::KerasPadded, &conv(3, 2, 1, [0; 4])), Detour::None);
    let mirrored = conv_mode(3, 2, 1, [1; 4], PaddingMode::Reflect);
    assert_eq!([Rule::PyTorch, Rule::Onnx].map(|it| detour(it, &mirrored)), [Detour::None, Detour::PadFirst]);
    let (cropped, uneven) = (scatter(4, 2, 1, [1; 4], 0), scatter(4, 2, 1, [1, 1, 0, 0], 0));
    assert_eq!([&cropped, &uneven].map(|it| detour(Rule::PyTorch, it)), [Detour::None, Detour::CropAfter]);
    assert_eq!(detour(Rule::KerasPadded, &cropped), Detour::CropAfter);
    assert_eq!(detour(Rule::Onnx, &uneven), Detour::None);
}

#[test]
fn a_mode_that_cannot_fill_the_padding_is_refused_where_it_is_used() {
    let mirrored = conv_mode(3, 1, 1, [3; 4], PaddingMode::Reflect);
    let refused = Err(Refusal::Impossible(ConvError::ReflectPadding { pad: 3, input_len: 3 }));
    for rule in [Rule::PyTorch, Rule::KerasPadded, Rule::Onnx] {
        check(rule, &mirrored, 3, refused);
    }
    check(Rule::KerasSame, &mirrored, 3, Ok([3, 1, 1, 0]));
}

#[test]
fn transposed_sizes_of_pytorch_keras_and_onnx_differ() {
    let layer = scatter(3, 2, 1, [1; 4], 0);
    check(Rule::PyTorch, &layer, 4, Ok([7, 1, 1, 0]));
    check(Rule::KerasPadded, &layer, 4, Ok([7, 1, 1, 0]));
    check(Rule::KerasValid, &layer, 4, Ok([9, 0, 0, 0]));
    check(Rule::KerasSame, &layer, 4, Ok([8, 0, 1, 0]));
    check(Rule::OnnxSameUpper, &layer, 4, Ok([8, 0, 1, 0]));
    check(Rule::OnnxSameLower, &layer, 4, Ok([8, 1, 0, 0]));
    check(Rule::OnnxValid, &layer, 4, Ok([9, 0, 0, 0]));
    // A stride beyond the kernel: Keras fills up to the stride.
    let sparse = scatter(2, 4, 1, [0; 4], 0);
    check(Rule::PyTorch, &sparse, 3, Ok([10, 0, 0, 0]));
    check(Rule::KerasValid, &sparse, 3, Ok([12, 0, 0, 0]));
    assert_eq!(Rule::KerasValid.layout(&sparse, [3, 3]).unwrap().output_padding, [2, 2]);
    check(Rule::KerasSame, &sparse, 3, Ok([12, 0, 0, 0]));
    assert_eq!(Rule::OnnxSameUpper.layout(&sparse, [3, 3]).unwrap().output_padding, [2, 2]);
    // With output padding, Keras's same crops less before: (4 - 1) * 2 + 3 % 2 + 1.
    let filled = scatter(3, 2, 1, [1; 4], 1);
    check(Rule::PyTorch, &filled, 4, Ok([8, 1, 1, 0]));
    check(Rule::KerasSame, &filled, 4, Ok([8, 0, 1, 0]));
    check(Rule::KerasValid, &filled, 4, Ok([10, 0, 0, 0]));
    check(Rule::OnnxSameUpper, &filled, 4, Ok([8, 1, 1, 0]));
}

#[test]
fn the_formula_knows_no_dilation_no_unequal_padding_and_no_bound() {
    let dilated = Err(Refusal::Dilation { dilation: 2 });
    check(Rule::Course, &conv(3, 1, 2, [1; 4]), 9, dilated);
    let pads = Pads::new([0, 0, 1, 1]).unwrap();
    check(Rule::Course, &pool(2, 2, [0, 0, 1, 1]), 9, Err(Refusal::UnequalPadding(pads)));
    check(Rule::Course, &scatter(3, 2, 1, [1; 4], 0), 9, Err(Refusal::Operation));
    let beyond = Rule::Course.layout(&conv(9, 2, 1, [0; 4]), [4, 4]).unwrap();
    assert_eq!((beyond.output[0].numerator(), beyond.output[0].denominator()), (-3, 2));
    let too_large = ConvError::KernelExceedsInput { dilated_kernel: 9, padded_input: 4 };
    check(Rule::PyTorch, &conv(9, 2, 1, [0; 4]), 4, Err(Refusal::Impossible(too_large)));
}

#[test]
fn impossible_sizes_are_refused_by_all() {
    let huge = i64::MAX;
    let layers = [
        conv(3, 2, 1, [huge; 4]),
        conv(3, 2, u64::MAX / 2, [0; 4]),
        conv(3, 1, u64::MAX / 2, [0; 4]),
        pool(3, 2, [huge; 4]),
        scatter(3, u64::MAX, 1, [huge; 4], 0),
        scatter(u32::MAX.into(), 3, u64::MAX / 8, [0; 4], 1),
    ];
    for layer in &layers {
        for n in [0, 1, u64::MAX] {
            for verdict in verdicts(layer, [n, n]) {
                let size = verdict.layout.ok().and_then(|it| it.output_size());
                assert!(n != 0 || size.is_none(), "{layer:?} {:?}", verdict.rule);
            }
        }
    }
}

#[test]
fn every_rule_that_knows_a_layer_gives_a_verdict() {
    for (layer, n_rules) in
        [(conv(3, 1, 1, [1; 4]), 10), (pool(2, 2, [0; 4]), 12), (scatter(2, 2, 1, [0; 4], 0), 8)]
    {
        let verdicts = verdicts(&layer, [8, 8]);
        assert_eq!(verdicts.len(), n_rules);
        assert!(verdicts.iter().all(|it| it.layout.is_ok_and(|it| it.output_size().is_some())));
    }
}

#[test]
fn what_a_layer_states_is_what_pytorch_and_onnx_take() {
    let mut n_compared = 0;
    for (n, k, s) in (1..=9).flat_map(|n| (1..=5).flat_map(move |k| (1..=4).map(move |s| (n, k, s)))) {
        for padding in [Padding2d::Valid, Padding2d::Same, Padding2d::Full] {
            let options =
                Conv2dOptions { kernel_size: [k, 1], stride: [s, 1], padding, ..Default::default() };
            let params = Conv2dParams::new(options).unwrap();
            let geometry = params.geometry([n, 3]);
            for rule in [Rule::PyTorch, Rule::Onnx] {
                let layout = rule.layout(&Layer::Conv2d(params.clone()), [n, 3]);
                let sizes = layout.map(|it| (it.output_size().unwrap(), it.pads)).ok();
                assert_eq!(sizes, geometry.map(|it| (it.output_size(), it.pads())).ok());
                n_compared += 1;
            }
        }
    }
    assert_eq!(n_compared, 9 * 5 * 4 * 3 * 2);
}
