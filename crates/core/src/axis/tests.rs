//! Lengths, taps and reads of single axes.

use super::*;

/// Compares `[pad_before, pad_after, output_len]`.
#[track_caller]
fn check(input_len: u64, k_s_d: [u64; 3], padding: Padding, expected: Result<[u64; 3], ConvError>) {
    let [kernel_size, stride, dilation] = k_s_d;
    let geometry =
        AxisParams::new(kernel_size, stride, dilation).and_then(|p| p.geometry(input_len, padding));
    assert_eq!(geometry.map(|axis| [axis.pad_before, axis.pad_after, axis.output_len]), expected);
}

fn explicit(before: u64, after: u64) -> Padding {
    Padding::Explicit { before, after }
}

fn axis(input_len: u64, [kernel_size, stride, dilation]: [u64; 3], padding: Padding) -> AxisGeometry {
    AxisParams::new(kernel_size, stride, dilation).unwrap().geometry(input_len, padding).unwrap()
}

/// Every axis of these small sizes on which a window fits.
fn small_axes() -> impl Iterator<Item = AxisGeometry> {
    let sizes = (1..=7).flat_map(|n| (1..=4).map(move |k| (n, k)));
    let params = sizes.flat_map(|nk| (1..=5).flat_map(move |s| (1..=3).map(move |d| (nk, [s, d]))));
    params.flat_map(|((n, k), [s, d])| {
        let paddings = [Padding::Valid, Padding::Same, Padding::Full, explicit(2, 1), explicit(0, 5)];
        let params = AxisParams::new(k, s, d).unwrap();
        paddings.into_iter().filter_map(move |padding| params.geometry(n, padding).ok())
    })
}

#[test]
fn valid_padding_keeps_the_windows_inside() {
    check(4, [3, 1, 1], Padding::Valid, Ok([0, 0, 2]));
    check(7, [3, 1, 2], Padding::Valid, Ok([0, 0, 3]));
    check(11, [3, 1, 3], Padding::Valid, Ok([0, 0, 5]));
    check(32, [5, 1, 1], Padding::Valid, Ok([0, 0, 28]));
}

#[test]
fn a_stride_that_does_not_divide_is_rounded_down() {
    check(6, [3, 2, 1], explicit(1, 1), Ok([1, 1, 3]));
    check(224, [11, 4, 1], explicit(2, 2), Ok([2, 2, 55]));
    check(4, [2, 9, 1], Padding::Valid, Ok([0, 0, 1]));
}

#[test]
fn same_padding_puts_the_odd_cell_after() {
    check(224, [7, 2, 1], Padding::Same, Ok([2, 3, 112]));
    check(224, [3, 2, 1], Padding::Same, Ok([0, 1, 112]));
    check(6, [3, 2, 1], Padding::Same, Ok([0, 1, 3]));
    check(321, [7, 2, 1], Padding::Same, Ok([3, 3, 161]));
    check(5, [4, 1, 1], Padding::Same, Ok([1, 2, 5]));
    check(5, [2, 1, 1], Padding::Same, Ok([0, 1, 5]));
}

#[test]
fn same_padding_counts_the_dilated_kernel() {
    check(5, [3, 1, 2], Padding::Same, Ok([2, 2, 5]));
    check(5, [2, 1, 3], Padding::Same, Ok([1, 2, 5]));
}

#[test]
fn same_padding_is_never_negative() {
    check(6, [1, 4, 1], Padding::Same, Ok([0, 0, 2]));
    check(7, [2, 4, 1], Padding::Same, Ok([0, 0, 2]));
}

#[test]
fn full_padding_takes_every_window_that_touches_the_input() {
    check(5, [3, 1, 1], Padding::Full, Ok([2, 2, 7]));
    check(5, [3, 1, 2], Padding::Full, Ok([4, 4, 9]));
    check(1, [1, 1, 1], Padding::Full, Ok([0, 0, 1]));
}

#[test]
fn sides_are_padded_one_by_one() {
    check(5, [4, 1, 1], explicit(2, 1), Ok([2, 1, 5]));
    check(3, [1, 1, 1], explicit(0, 4), Ok([0, 4, 7]));
}

#[test]
fn parameters_of_zero_are_refused_by_name() {
    check(5, [0, 1, 1], Padding::Valid, Err(ConvError::Zero { param: "kernel_size" }));
    check(5, [1, 0, 1], Padding::Valid, Err(ConvError::Zero { param: "stride" }));
    check(5, [1, 1, 0], Padding::Valid, Err(ConvError::Zero { param: "dilation" }));
    check(0, [1, 1, 1], explicit(2, 2), Err(ConvError::Zero { param: "input" }));
}

#[test]
fn a_kernel_beyond_the_padded_input_is_refused_with_both_sizes() {
    let error =
        |dilated_kernel, padded_input| Err(ConvError::KernelExceedsInput { dilated_kernel, padded_input });
    check(2, [4, 1, 1], Padding::Valid, error(4, 2));
    check(4, [3, 1, 2], Padding::Valid, error(5, 4));
    // Division that truncates towards zero used to give 1 here, in other tools.
    check(1, [2, 2, 1], Padding::Valid, error(2, 1));
    check(1, [7, 2, 1], explicit(1, 2), error(7, 4));
}

#[test]
fn a_kernel_that_fills_the_padded_input_has_one_window() {
    check(3, [5, 1, 1], explicit(1, 1), Ok([1, 1, 1]));
    check(7, [4, 3, 2], Padding::Valid, Ok([0, 0, 1]));
}

#[test]
fn sizes_beyond_32_bits_are_exact() {
    check(1 << 40, [3, 2, 1], explicit(1, 1), Ok([1, 1, 1 << 39]));
    check((1 << 62) + 1, [1 << 61, 1, 2], Padding::Valid, Ok([0, 0, 3]));
}

#[test]
fn sizes_beyond_64_bits_are_refused() {
    check(5, [u64::MAX, 1, 2], Padding::Valid, Err(ConvError::Overflow));
    check(5, [u64::MAX, 1, 1], Padding::Full, Err(ConvError::Overflow));
    check(5, [1, 1, 1], explicit(u64::MAX, 1), Err(ConvError::Overflow));
    check(u64::MAX, [1, 1, 1], Padding::Valid, Err(ConvError::Overflow));
    check(u64::MAX, [2, 1, 1], Padding::Same, Err(ConvError::Overflow));
}

#[test]
fn windows_start_in_the_padding() {
    let axis = axis(5, [3, 2, 1], explicit(1, 1));
    assert_eq!((0..3).map(|o| axis.window_start(o)).collect::<Vec<_>>(), [-1, 1, 3]);
    assert_eq!([axis.tap(0, 2), axis.tap(2, 2)], [1, 5]);
    assert_eq!(axis.positions(), -1..6);
    assert_eq!([axis.padded_len(), axis.dilated_kernel()], [7, 3]);
}

#[test]
fn the_leftover_is_what_the_last_window_leaves() {
    for axis in small_axes() {
        let last = axis.tap(axis.output_len - 1, axis.params.kernel_size - 1);
        assert_eq!(axis.positions().end - 1 - last, axis.leftover().cast_signed());
        assert!(axis.leftover() < axis.params.stride);
    }
}

#[test]
fn readers_are_the_taps_read_backwards() {
    for axis in small_axes() {
        for position in -9..20 {
            let mut expected = Vec::new();
            for o in 0..axis.output_len {
                let taps = (0..axis.params.kernel_size).filter(|&k| axis.tap(o, k) == position);
                expected.extend(taps.map(|k| (o, k)));
            }
            assert_eq!(axis.readers(position).collect::<Vec<_>>(), expected, "{axis:?} at {position}");
            assert_eq!(axis.reads(position), expected.len() as u64);
        }
    }
}

#[test]
fn readers_of_huge_axes_are_found_without_trying_each_window() {
    let axis = axis(1 << 60, [1 << 30, 6, 4], Padding::Valid);
    // 6 o + 4 k = 2^59: o in steps of 2, and k below 2^30 leaves the last 2^32 / 12 of them.
    let first = axis.readers(1 << 59).next().unwrap();
    assert_eq!(axis.tap(first.0, first.1), 1 << 59);
    assert_eq!(axis.reads(1 << 59), (1 << 32) / 12);
    assert_eq!(axis.reads((1 << 59) + 1), 0);
}

#[test]
fn the_interior_is_where_a_tap_lies_in_the_input() {
    for axis in small_axes() {
        for k in 0..axis.params.kernel_size {
            let inside = |o: &u64| (0..axis.input_len.cast_signed()).contains(&axis.tap(*o, k));
            let expected: Vec<u64> = (0..axis.output_len).filter(inside).collect();
            assert_eq!(axis.interior(k).collect::<Vec<_>>(), expected, "{axis:?} tap {k}");
        }
    }
}
