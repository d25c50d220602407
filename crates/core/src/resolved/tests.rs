//! Layers over their input, in numbers.

use super::*;
use crate::axis::AxisParams;
use crate::padding::PaddingMode;
use crate::pool::Pool2dOptions;

fn conv(options: Conv2dOptions, input: [u64; 2]) -> ResolvedConv2d {
    match Resolved::new(&Layer::Conv2d(Conv2dParams::new(options).unwrap()), input) {
        Ok(Resolved::Conv2d(conv)) => conv,
        other => panic!("{other:?}"),
    }
}

fn transposed(options: ConvTranspose2dOptions, input: [u64; 2]) -> ResolvedConvTranspose2d {
    match Resolved::new(&Layer::ConvTranspose2d(ConvTranspose2dParams::new(options).unwrap()), input) {
        Ok(Resolved::ConvTranspose2d(transposed)) => transposed,
        other => panic!("{other:?}"),
    }
}

fn pool(reduce: Reduce, options: Pool2dOptions, input: [u64; 2]) -> Result<ResolvedPool2d, ConvError> {
    let params = Pool2dParams::new(options).unwrap();
    let layer = match reduce {
        Reduce::Max => Layer::MaxPool2d(params),
        Reduce::Avg(divisor) => Layer::AvgPool2d(params, divisor),
        Reduce::Lp(p) => Layer::LpPool2d(params, p),
    };
    match Resolved::new(&layer, input)? {
        Resolved::Pool2d(pool) => {
            assert_eq!(pool.reduce, reduce);
            Ok(pool)
        }
        other => panic!("{other:?}"),
    }
}

/// Pools along rows, of one column and no padding beside it, wherever they are possible.
fn pools_along_rows(reduce: Reduce) -> impl Iterator<Item = ResolvedPool2d> {
    use PoolRounding::{Ceil, CeilKeepLast, Floor};
    let sizes = (1..=5_u64).flat_map(|len| (1..=3_u64).map(move |k| (len, k)));
    let steps = move |(len, k)| {
        (1..=4_u64).flat_map(move |s| [1, 2, 7].into_iter().map(move |d| ([len, 1], [k, s, d])))
    };
    let pads = (0..=3_u64).flat_map(|top| (0..=4_u64).map(move |bottom| (top, bottom)));
    sizes.flat_map(steps).flat_map(move |(input, [k, s, d])| {
        let pads = pads.clone();
        [Floor, Ceil, CeilKeepLast].into_iter().flat_map(move |rounding| {
            pads.clone().filter_map(move |(top, bottom)| {
                let options = Pool2dOptions {
                    kernel_size: [k, 1],
                    stride: [s, 1],
                    dilation: [d, 1],
                    padding: AutoPad::Explicit(Pads { top, bottom, ..Pads::default() }),
                    rounding,
                };
                pool(reduce, options, input).ok()
            })
        })
    })
}

#[test]
fn what_was_asked_for_in_words_is_padding_in_cells() {
    let options = Conv2dOptions {
        in_channels: 2,
        out_channels: 4,
        groups: 2,
        kernel_size: [3, 4],
        dilation: [2, 1],
        ..Default::default()
    };
    let same = conv(Conv2dOptions { padding: Padding2d::Same, ..options }, [7, 6]);
    assert_eq!((same.pads.sides(), same.output, same.is_same()), ([2, 1, 2, 2], [7, 6], true));
    assert_eq!((same.dilated_kernel, same.weight_shape), ([5, 4], [4, 1, 3, 4]));
    let full = conv(Conv2dOptions { padding: Padding2d::Full, ..options }, [7, 6]);
    assert_eq!((full.pads.sides(), full.output, full.is_same()), ([4, 3, 4, 3], [11, 9], false));
}

#[test]
fn a_mode_counts_where_there_is_padding() {
    let mode = |padding_mode, pads| {
        let padding = Padding2d::Explicit(pads);
        conv(Conv2dOptions { kernel_size: [2, 2], padding, padding_mode, ..Default::default() }, [3, 3])
            .numpy_mode()
    };
    let right = Pads { right: 1, ..Pads::default() };
    assert_eq!(mode(PaddingMode::Zeros, right), None);
    assert_eq!(mode(PaddingMode::Replicate, right), Some("edge"));
    assert_eq!(mode(PaddingMode::Replicate, Pads::default()), None);
}

#[test]
fn an_impossible_layer_has_no_numbers() {
    let options = Conv2dOptions { kernel_size: [3, 3], ..Default::default() };
    let layer = Layer::Conv2d(Conv2dParams::new(options).unwrap());
    let error = ConvError::KernelExceedsInput { dilated_kernel: 3, padded_input: 2 };
    assert_eq!(Resolved::new(&layer, [2, 9]), Err(error));
    assert_eq!(pool(Reduce::Max, Pool2dOptions::default(), [4, 0]), Err(ConvError::Zero { param: "input" }));
}

#[test]
fn a_transposed_convolution_is_one_over_zeros_inserted() {
    let options = ConvTranspose2dOptions {
        kernel_size: [3, 2],
        stride: [2, 3],
        dilation: [2, 1],
        ..Default::default()
    };
    let crops = Pads { top: 5, left: 0, bottom: 1, right: 2 };
    let explicit =
        ConvTranspose2dOptions { padding: AutoPad::Explicit(crops), output_padding: [1, 2], ..options };
    let plan = transposed(explicit, [4, 5]);
    assert_eq!((plan.crops, plan.output, plan.dilated_kernel), (crops, [6, 14], [5, 2]));
    assert_eq!(plan.inserted_pads, [-1, 1, 4, 1]);
    for axis in [0, 1] {
        // Stride 1 over the input with zeros between its cells.
        let inserted = (([4, 5][axis] - 1) * options.stride[axis] + 1).cast_signed();
        let padded = inserted + plan.inserted_pads[axis] + plan.inserted_pads[axis + 2];
        assert_eq!(padded - plan.dilated_kernel[axis].cast_signed() + 1, plan.output[axis].cast_signed());
    }
    // Asked for a size, it adds what is missing.
    let sized = transposed(ConvTranspose2dOptions { output_size: Some([9, 17]), ..options }, [4, 5]);
    assert_eq!((sized.crops.sides(), sized.output_padding, sized.output), ([1, 0, 1, 0], [0, 3], [9, 17]));
}

#[test]
fn kernels_leave_gaps_where_the_stride_is_larger() {
    let has_gaps = |kernel_size, dilation| {
        let options = ConvTranspose2dOptions { kernel_size, dilation, stride: [3, 3], ..Default::default() };
        transposed(options, [2, 2]).has_gaps()
    };
    assert!(has_gaps([3, 2], [1, 1]));
    assert!(!has_gaps([3, 2], [1, 2]));
}

/// A 1x1 kernel over `[3, 3]` that adds so many cells: more than may be asked for, up to the output's size.
fn with_output_padding(stride: [u64; 2], dilation: [u64; 2], cells: [u64; 2]) -> ResolvedConvTranspose2d {
    let output_size = Some([0, 1].map(|axis| 2 * stride[axis] + 1 + cells[axis]));
    let plan =
        transposed(ConvTranspose2dOptions { stride, dilation, output_size, ..Default::default() }, [3, 3]);
    assert_eq!(plan.output_padding, cells);
    plan
}

#[test]
fn output_padding_is_split_only_where_it_is_beyond_the_limit() {
    let split = |stride, dilation, cells, limit| {
        let (zeros, rest) = with_output_padding(stride, dilation, cells).split_output_padding(limit);
        assert_eq!([zeros.top, zeros.left], [0, 0]);
        ([zeros.bottom, zeros.right], rest)
    };
    use OutputPaddingLimit::{Stride, StrideOrDilation};
    assert_eq!(split([2, 3], [1, 1], [1, 2], Stride), ([0, 0], [1, 2]));
    assert_eq!(split([2, 3], [1, 1], [5, 3], Stride), ([2, 1], [1, 0]));
    // PyTorch takes what is less than the dilation, on the axis where it is.
    assert_eq!(split([2, 2], [5, 1], [4, 4], Stride), ([2, 2], [0, 0]));
    assert_eq!(split([2, 2], [5, 1], [4, 4], StrideOrDilation), ([0, 2], [4, 0]));
    assert_eq!(split([2, 2], [5, 5], [5, 4], StrideOrDilation), ([2, 0], [1, 4]));
}

#[test]
fn zeros_and_the_rest_do_as_much_as_the_output_padding() {
    for (stride, dilation) in (1..=4).flat_map(|stride| (1..=4).map(move |dilation| (stride, dilation))) {
        let axis = AxisParams::new(1, stride, dilation).unwrap();
        for cells in 0..=9 {
            let plan = with_output_padding([stride; 2], [dilation; 2], [cells; 2]);
            for limit in [OutputPaddingLimit::Stride, OutputPaddingLimit::StrideOrDilation] {
                let (zeros, [rest, _]) = plan.split_output_padding(limit);
                let output_padding = [rest; 2];
                // Refused where it is not below the limit of PyTorch.
                let split = ConvTranspose2dOptions { output_padding, output_size: None, ..plan.options };
                let size = transposed(split, [3 + zeros.bottom, 3 + zeros.right]).output;
                assert_eq!(size, plan.output, "{stride} {dilation} {cells} {limit:?}");
                assert!(limit == OutputPaddingLimit::StrideOrDilation || rest < stride, "{stride} {cells}");
                if axis.check_output_padding(cells).is_ok() {
                    assert!(limit == OutputPaddingLimit::Stride || rest == cells, "{stride} {dilation}");
                }
            }
        }
    }
}

#[test]
fn a_last_window_hangs_over_the_stated_padding() {
    let options = Pool2dOptions {
        kernel_size: [3, 2],
        stride: [2, 3],
        padding: AutoPad::Explicit(Pads::all(1)),
        rounding: PoolRounding::Ceil,
        ..Default::default()
    };
    let ceil = pool(Reduce::Max, options, [6, 6]).unwrap();
    assert_eq!((ceil.stated, ceil.pads.sides()), (Pads::all(1), [1, 1, 2, 1]));
    assert_eq!(ceil.overhang(), Pads { bottom: 1, ..Pads::default() });
    assert_eq!((ceil.output, ceil.rounding, ceil.area()), ([4, 3], PoolRounding::Ceil, 6));
    // Padding that keeps sizes is not rounded, whatever was asked for.
    let same = pool(Reduce::Max, Pool2dOptions { padding: AutoPad::SameUpper, ..options }, [6, 6]).unwrap();
    assert_eq!((same.rounding, same.is_same, same.overhang()), (PoolRounding::Floor, true, Pads::default()));
    assert_eq!((same.stated, same.pads), (same.pads, Pads { bottom: 1, ..Pads::default() }));
}

#[test]
fn padding_up_to_the_last_window_gives_the_same_windows_rounded_down() {
    for pool in pools_along_rows(Reduce::Max) {
        let padded = pool.input[0] + pool.pads.top + pool.pads.bottom;
        let windows = (padded - pool.dilated_kernel[0]) / pool.stride[0] + 1;
        assert_eq!(windows, pool.output[0], "{pool:?}");
        let over = (pool.pads.bottom > pool.stated.bottom).then(|| pool.pads.bottom - pool.stated.bottom);
        assert_eq!(pool.overhang().bottom, over.unwrap_or(0), "{pool:?}");
    }
}

/// Compares the sums of [`Counted`]'s ones with what the average divides by.
#[test]
fn sums_of_ones_are_the_divisors_of_an_average() {
    let mut n_unequal = 0;
    for divisor in [AvgDivisor::CountInside, AvgDivisor::CountIncludePad, AvgDivisor::Fixed(-3)] {
        for pool in pools_along_rows(Reduce::Avg(divisor)) {
            let Some(Counted { size, pads, rest }) = pool.counted() else {
                for window in (0..pool.output[0]).filter(|_| !matches!(divisor, AvgDivisor::Fixed(_))) {
                    let divides_by = divisor.of_window(&pool.geometry, [window, 0]);
                    assert_eq!(divides_by, i128::from(pool.area()), "{pool:?}");
                }
                continue;
            };
            assert_eq!(size, [pool.input[0] + pads.top + pads.bottom, 1], "{pool:?}");
            // Sums and counts are divided window by window, so there have to be as many.
            assert_eq!(size[0] + rest.top + rest.bottom, pool.input[0] + pool.pads.top + pool.pads.bottom);
            let ones = rest.top..rest.top + size[0];
            for window in 0..pool.output[0] {
                let first = window * pool.stride[0];
                let taps = (0..pool.kernel_size[0]).map(|tap| first + tap * pool.dilation[0]);
                let count = taps.filter(|cell| ones.contains(cell)).count() as i128;
                assert_eq!(count, divisor.of_window(&pool.geometry, [window, 0]), "{pool:?}");
            }
            n_unequal += 1;
        }
    }
    assert!(n_unequal > 1000, "{n_unequal}");
}

/// It used to be the stated padding, and a window more was counted than summed.
#[test]
fn padding_counts_as_far_as_windows_reach() {
    let options = Pool2dOptions {
        kernel_size: [1, 2],
        stride: [1, 2],
        padding: AutoPad::Explicit(Pads { bottom: 2, ..Pads::default() }),
        rounding: PoolRounding::Ceil,
        ..Default::default()
    };
    let pool = pool(Reduce::Avg(AvgDivisor::CountIncludePad), options, [4, 3]).unwrap();
    assert_eq!((pool.output, pool.stated.bottom), ([5, 2], 2));
    let below = Pads { bottom: 1, ..Pads::default() };
    let beyond = Pads { right: 1, ..Pads::default() };
    assert_eq!(pool.counted(), Some(Counted { size: [5, 3], pads: below, rest: beyond }));
}

#[test]
fn a_window_of_padding_alone_is_found_wherever_it_stands() {
    let mut counts = [0, 0];
    for pool in pools_along_rows(Reduce::Max) {
        let windows = pool.geometry.rows.windows();
        let is_empty = |window| {
            !(0..pool.kernel_size[0])
                .any(|tap| (0..pool.input[0].cast_signed()).contains(&windows.tap(window, tap)))
        };
        let expected = (0..pool.output[0]).any(is_empty);
        assert_eq!(pool.has_empty_window(), expected, "{pool:?}");
        counts[usize::from(expected)] += 1;
    }
    assert!(counts.iter().all(|&n| n > 100), "{counts:?}");
}

#[test]
fn padding_is_within_the_kernel_on_each_side() {
    let options = Pool2dOptions { kernel_size: [3, 2], ..Default::default() };
    let pool = pool(Reduce::Lp(2), options, [4, 4]).unwrap();
    assert!(pool.is_within_kernel(Pads { top: 2, left: 1, bottom: 2, right: 1 }));
    assert!(!pool.is_within_kernel(Pads { bottom: 3, ..Pads::default() }));
    assert!(!pool.is_within_kernel(Pads { left: 2, ..Pads::default() }));
}
