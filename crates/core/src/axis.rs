//! One axis of a convolution: where the windows lie, which cells they read, and who reads a cell.
//!
//! `output_len = floor((input_len + pad_before + pad_after - dilated_kernel) / stride) + 1`
//! (Dumoulin and Visin 2016, relationship 15, with unequal padding).
//! Positions are input cells counted from 0; padding lies at negative positions and from `input_len` on.

use crate::congruence::{Solutions, solve};
use crate::error::ConvError;
use crate::padding::PaddingMode;
use std::ops::Range;

pub use crate::padding::Padding;

/// Parameters of a convolution along one axis. Invariant: every field is at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AxisParams {
    kernel_size: u64,
    stride: u64,
    dilation: u64,
}

/// The windows of one axis, laid out over an input. Made by [`AxisParams::geometry`], so at least one
/// window fits and every position fits in `i64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AxisGeometry {
    params: AxisParams,
    input_len: u64,
    pad_before: u64,
    pad_after: u64,
    padded_len: u64,
    dilated_kernel: u64,
    output_len: u64,
}

impl AxisParams {
    /// Checks the three numbers.
    ///
    /// # Errors
    ///
    /// [`ConvError::Zero`] when one of them is 0.
    pub fn new(kernel_size: u64, stride: u64, dilation: u64) -> Result<Self, ConvError> {
        for (param, value) in [("kernel_size", kernel_size), ("stride", stride), ("dilation", dilation)] {
            if value == 0 {
                return Err(ConvError::Zero { param });
            }
        }
        Ok(Self { kernel_size, stride, dilation })
    }

    /// Taps of the kernel along this axis.
    pub fn kernel_size(&self) -> u64 {
        self.kernel_size
    }

    /// Cells from one window to the next.
    pub fn stride(&self) -> u64 {
        self.stride
    }

    /// Cells from one tap to the next; 1 means no gaps.
    pub fn dilation(&self) -> u64 {
        self.dilation
    }

    /// Cells from the first to the last tap: `dilation * (kernel_size - 1) + 1`.
    ///
    /// # Errors
    ///
    /// [`ConvError::Overflow`] when that does not fit.
    pub fn dilated_kernel(&self) -> Result<u64, ConvError> {
        self.dilation
            .checked_mul(self.kernel_size - 1)
            .and_then(|gaps| gaps.checked_add(1))
            .ok_or(ConvError::Overflow)
    }

    /// Lays the windows out over an input of `input_len` cells.
    ///
    /// `output_len = floor((input_len + pad_before + pad_after - dilated_kernel) / stride) + 1`
    ///
    /// # Errors
    ///
    /// [`ConvError::Zero`] for an empty input, [`ConvError::KernelExceedsInput`] when not even one window
    /// fits, [`ConvError::Overflow`] when the padded length does not fit in `i64`.
    pub fn geometry(&self, input_len: u64, padding: Padding) -> Result<AxisGeometry, ConvError> {
        if input_len == 0 {
            return Err(ConvError::Zero { param: "input" });
        }
        let dilated_kernel = self.dilated_kernel()?;
        let [pad_before, pad_after] = match padding {
            Padding::Valid => [0, 0],
            Padding::Same => self.same_pads(input_len, dilated_kernel)?,
            Padding::Full => [dilated_kernel - 1; 2],
            Padding::Explicit { before, after } => [before, after],
        };
        let padded_len = input_len
            .checked_add(pad_before)
            .and_then(|len| len.checked_add(pad_after))
            .filter(|&len| i64::try_from(len).is_ok())
            .ok_or(ConvError::Overflow)?;
        let room = padded_len
            .checked_sub(dilated_kernel)
            .ok_or(ConvError::KernelExceedsInput { dilated_kernel, padded_input: padded_len })?;
        let output_len = room / self.stride + 1;
        Ok(AxisGeometry {
            params: *self,
            input_len,
            pad_before,
            pad_after,
            padded_len,
            dilated_kernel,
            output_len,
        })
    }

    /// `total = max(0, (ceil(input_len / stride) - 1) * stride + dilated_kernel - input_len)`
    pub(crate) fn same_pads(&self, input_len: u64, dilated_kernel: u64) -> Result<[u64; 2], ConvError> {
        let last_window = (input_len.div_ceil(self.stride) - 1) * self.stride;
        let needed = last_window.checked_add(dilated_kernel).ok_or(ConvError::Overflow)?;
        let total = needed.saturating_sub(input_len);
        Ok([total / 2, total - total / 2])
    }
}

impl AxisGeometry {
    /// The parameters that were laid out.
    pub fn params(&self) -> AxisParams {
        self.params
    }

    /// Cells of the input.
    pub fn input_len(&self) -> u64 {
        self.input_len
    }

    /// Padding cells before the input.
    pub fn pad_before(&self) -> u64 {
        self.pad_before
    }

    /// Padding cells after the input.
    pub fn pad_after(&self) -> u64 {
        self.pad_after
    }

    /// `pad_before + input_len + pad_after`
    pub fn padded_len(&self) -> u64 {
        self.padded_len
    }

    /// `dilation * (kernel_size - 1) + 1`
    pub fn dilated_kernel(&self) -> u64 {
        self.dilated_kernel
    }

    /// Windows that fit, and so cells of the output.
    pub fn output_len(&self) -> u64 {
        self.output_len
    }

    /// Cells at the padded end that no window reaches: `(padded_len - dilated_kernel) % stride`.
    pub fn leftover(&self) -> u64 {
        (self.padded_len - self.dilated_kernel) % self.params.stride
    }

    /// The position of a window's first tap: `output_idx * stride - pad_before`. Negative in the padding.
    ///
    /// # Panics
    ///
    /// For an index so far beyond `output_len` that the position does not fit in `i64`.
    pub fn window_start(&self, output_idx: u64) -> i64 {
        self.tap(output_idx, 0)
    }

    /// The position that tap `kernel_idx` of window `output_idx` reads; it may lie in the padding.
    ///
    /// `position = output_idx * stride - pad_before + kernel_idx * dilation`
    ///
    /// # Panics
    ///
    /// For indices so far outside that the position does not fit in `i64`.
    pub fn tap(&self, output_idx: u64, kernel_idx: u64) -> i64 {
        let window = u128::from(output_idx) * u128::from(self.params.stride);
        let within = u128::from(kernel_idx) * u128::from(self.params.dilation);
        window
            .checked_add(within)
            .and_then(|padded| i128::try_from(padded).ok())
            .and_then(|padded| i64::try_from(padded - i128::from(self.pad_before)).ok())
            .expect("taps of the output lie within the padded length, which was checked")
    }

    /// Every `(output_idx, kernel_idx)` whose tap is `position`, in output order.
    ///
    /// Positions are input cells, padding included; elsewhere there are none.
    pub fn readers(&self, position: i64) -> impl Iterator<Item = (u64, u64)> + use<> {
        self.windows_of(position).pairs()
    }

    /// How many taps read `position`: the number of its [`readers`](Self::readers).
    pub fn reads(&self, position: i64) -> u64 {
        self.windows_of(position).count()
    }

    /// The input cell whose value stands at `position`: see [`PaddingMode::source`].
    pub fn source(&self, position: i64, mode: PaddingMode) -> Option<u64> {
        mode.source(position, self.input_len)
    }

    /// Every position from the first padding cell to the last: `-pad_before .. input_len + pad_after`.
    pub fn positions(&self) -> Range<i64> {
        let before = -self.pad_before.cast_signed();
        before..before + self.padded_len.cast_signed()
    }

    /// The windows whose tap `kernel_idx` lies in the input; for those before and after, it is padding.
    pub fn interior(&self, kernel_idx: u64) -> Range<u64> {
        let stride = i128::from(self.params.stride);
        let first_tap = i128::from(self.tap(0, kernel_idx));
        // Window o reads first_tap + o * stride; the bounds are rounded up.
        let windows_until = |position: i128| {
            let rounded_up = (position - first_tap + stride - 1).max(0) / stride;
            u64::try_from(rounded_up).map_or(self.output_len, |n| n.min(self.output_len))
        };
        let start = windows_until(0);
        start..windows_until(i128::from(self.input_len)).max(start)
    }

    /// The windows that read a position; none outside the padded input.
    fn windows_of(&self, position: i64) -> Solutions {
        let AxisParams { kernel_size, stride, dilation } = self.params;
        let padded = i128::from(position) + i128::from(self.pad_before);
        match u64::try_from(padded) {
            Ok(padded) if padded < self.padded_len => {
                solve(padded, [stride, self.output_len], [dilation, kernel_size])
            }
            _ => Solutions::NONE,
        }
    }
}

#[cfg(test)]
mod tests {
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
        let error = |dilated_kernel, padded_input| {
            Err(ConvError::KernelExceedsInput { dilated_kernel, padded_input })
        };
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
}
