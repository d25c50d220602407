//! Does every algorithm equal the naive convolution, over random layers and where the chooser changes its mind?
//!
//! Algorithms are forced one by one. `PROPTEST_CASES` asks for more cases; the seed is written below.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use convscope_core::conv2d::{Conv2dOptions, Padding2d, PaddingMode, Pads};
use convscope_core::tensor::element_count;
use convscope_core::{Conv2dParams, ConvError, Tensor, naive};
use convscope_kernels::{Algorithm, Conv2d, KernelError, Precision, Scratch};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Half of an ulp of 1: the relative error of one rounding.
const ROUNDING: f64 = 1.0 / (1 << 24) as f64;

/// What a transform may lose, relative to the largest sum of absolute products.
const WINOGRAD: f64 = 1e-5;

#[derive(Clone, Debug)]
struct Case {
    options: Conv2dOptions,
    input_shape: [u64; 4],
}

impl Case {
    fn params(&self) -> Conv2dParams {
        Conv2dParams::new(self.options).unwrap()
    }
}

/// Numbers of one kind in every tensor of a case.
#[derive(Clone, Copy)]
enum Numbers {
    /// Multiples of 1/8, small enough that every sum is exact.
    Eighths,
    /// Anything from -1 to 1.
    Any,
}

/// Deterministic numbers; a shape's worth.
fn numbers(shape: [u64; 4], seed: u64, kind: Numbers) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let count = element_count(shape).unwrap();
    let number = |random: u64| match kind {
        Numbers::Eighths => (random % 33) as f32 / 8.0 - 2.0,
        Numbers::Any => random as f32 / (1_u64 << 30) as f32 - 1.0,
    };
    (0..count).map(|_| number(next())).collect()
}

struct Data {
    input: Tensor,
    weight: Tensor,
    bias: Option<Vec<f32>>,
}

fn data(case: &Case, kind: Numbers) -> Data {
    let options = &case.options;
    let weight_shape = case.params().weight_shape();
    let tensor = |shape, seed| Tensor::new(shape, numbers(shape, seed, kind)).unwrap();
    Data {
        input: tensor(case.input_shape, 1),
        weight: tensor(weight_shape, 2),
        bias: options.bias.then(|| numbers([1, 1, 1, options.out_channels], 3, kind)),
    }
}

/// Sums of the absolute values of products: what rounding errors are relative to.
fn magnitudes(case: &Case, data: &Data) -> Vec<f64> {
    let absolute = |tensor: &Tensor| {
        Tensor::new(tensor.shape(), tensor.data().iter().map(|cell| cell.abs()).collect()).unwrap()
    };
    let bias = data.bias.as_ref().map(|bias| bias.iter().map(|b| b.abs()).collect::<Vec<_>>());
    naive::conv2d(&case.options, &absolute(&data.input), &absolute(&data.weight), bias.as_deref())
        .unwrap()
        .data
}

fn run(conv: &Conv2d, input: &[f32], scratch: &mut Scratch) -> Vec<f32> {
    // Cells that are not written would stay NaN.
    let mut output = vec![f32::NAN; element_count(conv.output_shape()).unwrap() as usize];
    conv.run(input, &mut output, scratch).unwrap();
    output
}

/// Runs one algorithm on one case and compares; false when the algorithm does not suit it.
fn check(case: &Case, algorithm: Option<Algorithm>) -> bool {
    let params = case.params();
    let Data { input, weight, bias } = &data(case, Numbers::Any);
    let (shape, bias) = (case.input_shape, bias.as_deref());
    let conv = match algorithm {
        Some(algorithm) => Conv2d::with_algorithm(&params, shape, weight.data(), bias, algorithm),
        None => Conv2d::new(&params, shape, weight.data(), bias, Precision::Fast).map(Some),
    };
    let naive = naive::conv2d(&case.options, input, weight, bias);
    if shape[0] == 0 || naive.is_none() {
        assert_eq!(naive.is_some(), conv.is_ok(), "{case:?}");
        return false;
    }
    let (Some(conv), Some(naive)) = (conv.unwrap(), naive) else { return false };
    assert_eq!(conv.output_shape(), naive.shape);
    // A scratch with something in it, as after other layers.
    let mut scratch = Scratch::new();
    let output = run(&conv, input.data(), &mut scratch);
    let magnitudes = magnitudes(case, &data(case, Numbers::Any));
    let largest = magnitudes.iter().copied().fold(0.0, f64::max);
    let products = case.options.in_channels / case.options.groups
        * case.options.kernel_size[0]
        * case.options.kernel_size[1];
    for (i, ((&ours, &exact), &magnitude)) in output.iter().zip(&naive.data).zip(&magnitudes).enumerate() {
        let error = (f64::from(ours) - exact).abs();
        let bound = if conv.algorithm().is_transform() {
            WINOGRAD * largest
        } else {
            // One rounding for each product, sum and bias (Higham 2002, section 3.1).
            (products + 2) as f64 * ROUNDING * magnitude
        };
        assert!(error <= bound, "{} at {i}: {ours} for {exact}, {case:?}", conv.algorithm());
    }
    assert_eq!(run(&conv, input.data(), &mut scratch), output, "a second run differs, {case:?}");
    true
}

/// The exact path against the core, bit by bit.
fn check_exact(case: &Case, kind: Numbers) {
    let Data { input, weight, bias } = &data(case, kind);
    let params = case.params();
    let ours = Conv2d::new(&params, case.input_shape, weight.data(), bias.as_deref(), Precision::Exact);
    match convscope_core::conv2d::conv2d(&params, input, weight, bias.as_deref()) {
        Ok(core) => {
            let ours = run(&ours.unwrap(), input.data(), &mut Scratch::new());
            let bits = |cells: &[f32]| cells.iter().map(|cell| cell.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&ours), bits(core.data()), "{case:?}");
        }
        Err(error) => assert_eq!(ours.map(|_| ()), Err(KernelError::Shape(error))),
    }
}

fn pair<T: std::fmt::Debug>(of: impl Strategy<Value = T> + Clone) -> impl Strategy<Value = [T; 2]> {
    [of.clone(), of]
}

/// What a case is made to be, where chance would rarely make it.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Any,
    OneWindow,
    Depthwise,
    Depthwise3x3,
}

/// Layers of every kind, small: about one in three has no window, or padding that cannot be made.
fn any_case() -> impl Strategy<Value = Case> {
    let channels = (
        prop_oneof![2 => Just(1_u64), 1 => 2..5_u64],
        prop_oneof![1 => Just(0_u64), 20 => 1..9_u64],
        prop_oneof![3 => 1..9_u64, 1 => 9..20_u64],
    );
    let window = (
        pair(prop_oneof![4 => 1..4_u64, 1 => 4..9_u64]),
        pair(prop_oneof![3 => Just(1_u64), 2 => 2..5_u64]),
        pair(prop_oneof![3 => Just(1_u64), 1 => 2..4_u64]),
    );
    let padding = prop_oneof![
        Just(Padding2d::Valid),
        Just(Padding2d::Same),
        Just(Padding2d::Full),
        (0..3_u64).prop_map(|pad| Padding2d::Explicit(Pads::all(pad))),
        (0..4_u64, 0..4_u64, 0..4_u64, 0..4_u64).prop_map(|(top, left, bottom, right)| {
            Padding2d::Explicit(Pads { top, left, bottom, right })
        }),
    ];
    let mode = prop_oneof![
        3 => Just(PaddingMode::Zeros),
        1 => Just(PaddingMode::Reflect),
        1 => Just(PaddingMode::Replicate),
        1 => Just(PaddingMode::Circular),
    ];
    let input = (prop_oneof![1 => Just(0_u64), 20 => 1..3_u64], pair(prop_oneof![1..12_u64, 12..30_u64]));
    let kind = prop_oneof![
        4 => Just(Kind::Any),
        1 => Just(Kind::OneWindow),
        1 => Just(Kind::Depthwise),
        1 => Just(Kind::Depthwise3x3),
    ];
    (channels, window, padding, mode, input, any::<bool>(), kind).prop_map(
        |(channels, window, mut padding, padding_mode, (n, mut size), bias, kind)| {
            let (groups, mut group_in, group_out) = channels;
            let (mut kernel_size, mut stride, mut dilation) = window;
            match kind {
                Kind::Any => {}
                Kind::OneWindow => {
                    padding = Padding2d::Valid;
                    size = [0, 1].map(|i| dilation[i] * (kernel_size[i] - 1) + 1 + size[i] % stride[i]);
                }
                Kind::Depthwise => group_in = 1,
                Kind::Depthwise3x3 => {
                    (group_in, kernel_size, dilation) = (1, [3, 3], [1, 1]);
                    stride = [stride[0].min(2); 2];
                }
            }
            let options = Conv2dOptions {
                in_channels: groups * group_in,
                out_channels: groups * group_out,
                kernel_size,
                stride,
                dilation,
                padding,
                padding_mode,
                groups,
                bias,
            };
            Case { options, input_shape: [n, groups * group_in, size[0], size[1]] }
        },
    )
}

/// Runs a property over cases from a written seed.
fn for_cases(n_cases: u32, cases: impl Strategy<Value = Case>, property: impl Fn(&Case)) {
    let config = Config { failure_persistence: None, ..Config::with_cases(n_cases) };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, b"convscope kernels, forward conv2");
    TestRunner::new_with_rng(config, rng)
        .run(&cases, |case| {
            property(&case);
            Ok(())
        })
        .unwrap();
}

/// Cases for a property; fewer under Miri, which is slow.
fn n_cases(n: u32) -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    asked.unwrap_or(if cfg!(miri) { n / 50 + 1 } else { n })
}

#[test]
fn the_exact_path_has_the_bits_of_the_core() {
    for_cases(n_cases(150), any_case(), |case| {
        check_exact(case, Numbers::Any);
        check_exact(case, Numbers::Eighths);
    });
}

#[test]
fn every_algorithm_equals_the_naive_convolution() {
    for algorithm in Algorithm::ALL.into_iter().filter(|&algorithm| algorithm != Algorithm::Bias) {
        let suited = std::cell::Cell::new(0);
        for_cases(n_cases(150), any_case(), |case| {
            suited.set(suited.get() + u32::from(check(case, Some(algorithm))));
        });
        let least = n_cases(150) / 30;
        assert!(suited.get() >= least, "{algorithm} suited only {} cases", suited.get());
    }
}

#[test]
fn the_chosen_algorithm_equals_the_naive_convolution() {
    for_cases(n_cases(150), any_case(), |case| {
        check(case, None);
    });
}

/// `[in_channels, out_channels, groups]`, kernel, stride, dilation, padding, input.
#[track_caller]
fn check_choice(channels: [u64; 3], window: [u64; 4], size: [u64; 2], expected: Algorithm) {
    let ([in_channels, out_channels, groups], [kernel, stride, dilation, pad]) = (channels, window);
    let options = Conv2dOptions {
        in_channels,
        out_channels,
        groups,
        kernel_size: [kernel; 2],
        stride: [stride; 2],
        dilation: [dilation; 2],
        padding: Padding2d::Explicit(Pads::all(pad)),
        bias: true,
        ..Default::default()
    };
    let case = Case { options, input_shape: [1, in_channels, size[0], size[1]] };
    let Data { weight, bias, .. } = data(&case, Numbers::Any);
    let conv = Conv2d::new(&case.params(), case.input_shape, weight.data(), bias.as_deref(), Precision::Fast)
        .unwrap();
    assert_eq!(conv.algorithm(), expected);
    assert!(check(&case, None));
}

#[test]
fn rows_in_pairs_are_right_up_to_the_last() {
    // Kernels of three rows and of four; maps of one row, of two, and of an odd number; strips of two rows, and the
    // last of one.
    let sizes = [[3, 9], [4, 9], [5, 9], [7, 40], [8, 33], [11, 6001], [12, 6000]];
    for (kernel_size, padding) in [([3, 3], 0), ([4, 5], 0), ([4, 1], 0), ([7, 7], 3), ([5, 2], 1)] {
        for groups in [1, 3] {
            for size in sizes {
                let options = Conv2dOptions {
                    in_channels: 3,
                    out_channels: groups,
                    groups,
                    kernel_size,
                    padding: Padding2d::Explicit(Pads::all(padding)),
                    bias: true,
                    ..Default::default()
                };
                let case = Case { options, input_shape: [1, 3, size[0], size[1]] };
                let is_wide = size[1] > 1000;
                if size[0] + 2 * padding >= kernel_size[0] && (!is_wide || kernel_size == [7, 7]) {
                    assert!(check(&case, Some(Algorithm::Direct)));
                }
            }
        }
    }
}

#[test]
fn both_sides_of_every_boundary_of_the_chooser_are_right() {
    // One output cell, and two.
    check_choice([3, 9, 1], [3, 1, 1, 0], [3, 3], Algorithm::Dense);
    check_choice([3, 9, 1], [3, 1, 1, 0], [3, 4], Algorithm::Direct);
    // Rows of five, and of four; stride 2, and 3; 4 features of a channel, and 5.
    check_choice([4, 4, 4], [3, 1, 1, 1], [6, 5], Algorithm::Rows);
    check_choice([4, 4, 4], [3, 1, 1, 1], [6, 4], Algorithm::Interleaved);
    check_choice([5, 5, 5], [3, 2, 1, 1], [11, 10], Algorithm::Rows);
    check_choice([5, 5, 5], [3, 3, 1, 1], [11, 16], Algorithm::Interleaved);
    check_choice([1, 4, 1], [3, 1, 1, 1], [9, 9], Algorithm::Rows);
    check_choice([1, 5, 1], [3, 1, 1, 1], [9, 9], Algorithm::Direct);
    // Four depthwise channels, and three.
    check_choice([4, 8, 4], [5, 1, 1, 2], [9, 9], Algorithm::Interleaved);
    check_choice([3, 3, 3], [5, 1, 1, 2], [9, 9], Algorithm::Direct);
    // 16 features, and 15; 8 channels, and 7; a kernel's parts count as channels.
    check_choice([8, 16, 1], [3, 1, 1, 1], [12, 12], Algorithm::Winograd);
    check_choice([8, 15, 1], [3, 1, 1, 1], [12, 12], Algorithm::Direct);
    check_choice([7, 16, 1], [3, 1, 1, 1], [12, 12], Algorithm::Panels);
    check_choice([2, 16, 1], [5, 2, 1, 2], [24, 24], Algorithm::Winograd);
    check_choice([1, 16, 1], [5, 2, 1, 2], [24, 24], Algorithm::Panels);
    // Maps of whole tiles, and of a cell.
    check_choice([8, 16, 1], [3, 1, 1, 1], [4, 4], Algorithm::Winograd);
    check_choice([8, 16, 1], [3, 1, 1, 1], [2, 2], Algorithm::Panels);
    // Dilation, and with stride; one tap.
    check_choice([8, 16, 1], [3, 1, 2, 2], [16, 16], Algorithm::Winograd);
    check_choice([8, 16, 1], [3, 2, 2, 2], [16, 16], Algorithm::Panels);
    check_choice([8, 16, 1], [1, 1, 1, 0], [7, 7], Algorithm::Panels);
}

/// Every algorithm takes its work apart by a budget of memory; these are larger than one such part.
#[test]
fn layers_of_several_strips_and_blocks_are_right() {
    // Hours under Miri, which has seen the same code with smaller layers.
    if cfg!(miri) {
        return;
    }
    for (channels, window, size) in [
        ([3, 4, 1], [5, 1, 1, 2], [90, 400]),
        ([24, 17, 1], [3, 2, 1, 1], [70, 90]),
        ([300, 20, 1], [1, 1, 1, 0], [9, 11]),
        ([8, 8, 8], [5, 2, 1, 2], [120, 130]),
        ([2, 2, 2], [3, 1, 1, 1], [150, 256]),
        ([20, 18, 1], [3, 1, 1, 1], [50, 60]),
    ] {
        let ([in_channels, out_channels, groups], [kernel, stride, dilation, pad]) = (channels, window);
        let options = Conv2dOptions {
            in_channels,
            out_channels,
            groups,
            kernel_size: [kernel; 2],
            stride: [stride; 2],
            dilation: [dilation; 2],
            padding: Padding2d::Explicit(Pads::all(pad)),
            ..Default::default()
        };
        check(&Case { options, input_shape: [1, in_channels, size[0], size[1]] }, None);
    }
}

fn small(options: Conv2dOptions, input_shape: [u64; 4]) -> (Conv2dParams, Vec<f32>, [u64; 4]) {
    let params = Conv2dParams::new(options).unwrap();
    let weight = vec![0.0; element_count(params.weight_shape()).unwrap() as usize];
    (params, weight, input_shape)
}

#[test]
fn slices_of_another_length_are_refused_with_both_lengths() {
    let options = Conv2dOptions { kernel_size: [2, 2], bias: true, ..Default::default() };
    let (params, weight, shape) = small(options, [1, 1, 3, 3]);
    let new = |weight: &[f32], bias| Conv2d::new(&params, shape, weight, bias, Precision::Fast);
    let missing = ConvError::BiasLength { expected: 1, got: 0 };
    assert_eq!(new(&weight, None).map(|_| ()), Err(KernelError::Shape(missing)));
    let length = KernelError::Length { name: "weight", expected: 4, got: 3 };
    assert_eq!(new(&weight[..3], Some(&[1.0])).map(|_| ()), Err(length));

    let conv = new(&weight, Some(&[1.0])).unwrap();
    let scratch = &mut Scratch::new();
    let input = KernelError::Length { name: "input", expected: 9, got: 8 };
    assert_eq!(conv.run(&[0.0; 8], &mut [0.0; 4], scratch), Err(input));
    let output = KernelError::Length { name: "output", expected: 4, got: 5 };
    assert_eq!(conv.run(&[0.0; 9], &mut [0.0; 5], scratch), Err(output));
}

#[test]
fn sizes_beyond_memory_are_errors_with_bytes() {
    let (params, weight, _) = small(Conv2dOptions::default(), [0; 4]);
    for (shape, bytes) in [([1, 1, 1 << 31, 1 << 30], 1 << 63), ([4, 1, 1 << 31, 1 << 30], u64::MAX)] {
        let conv = Conv2d::new(&params, shape, &weight, None, Precision::Fast);
        assert_eq!(conv.map(|_| ()), Err(KernelError::OutOfMemory { bytes }));
    }
    // A padded copy of 2^61 columns for three taps of one cell each.
    let far = Conv2dOptions {
        kernel_size: [1, 3],
        dilation: [1, 1 << 60],
        padding: Padding2d::Explicit(Pads { top: 0, left: 1 << 60, bottom: 0, right: 1 << 60 }),
        ..Default::default()
    };
    let (params, weight, shape) = small(far, [1, 1, 1, 1]);
    for precision in [Precision::Exact, Precision::Fast] {
        let conv = Conv2d::new(&params, shape, &weight, None, precision);
        let result = conv.and_then(|conv| conv.run(&[1.0], &mut [0.0], &mut Scratch::new()));
        assert!(matches!(result, Err(KernelError::OutOfMemory { bytes }) if bytes > 1 << 60), "{result:?}");
    }
}

#[test]
fn an_empty_batch_and_no_input_channels_are_fine() {
    let (params, weight, shape) = small(Conv2dOptions::default(), [0, 1, 1 << 40, 1 << 20]);
    let conv = Conv2d::new(&params, shape, &weight, None, Precision::Fast).unwrap();
    assert_eq!(conv.algorithm(), Algorithm::Bias);
    assert_eq!(conv.run(&[], &mut [], &mut Scratch::new()), Ok(()));

    let options = Conv2dOptions { in_channels: 0, out_channels: 2, bias: true, ..Default::default() };
    let (params, weight, shape) = small(options, [1, 0, 1, 2]);
    for precision in [Precision::Exact, Precision::Fast] {
        let conv = Conv2d::new(&params, shape, &weight, Some(&[3.0, 4.0]), precision).unwrap();
        assert_eq!(run(&conv, &[], &mut Scratch::new()), [3.0, 3.0, 4.0, 4.0]);
    }
}

#[test]
fn a_stride_beyond_the_input_has_one_window() {
    let options = Conv2dOptions { kernel_size: [2, 2], stride: [u64::MAX, 1 << 40], ..Default::default() };
    let case = Case { options, input_shape: [1, 1, 3, 5] };
    assert!(check(&case, Some(Algorithm::Direct)));
    check_exact(&case, Numbers::Any);
}
