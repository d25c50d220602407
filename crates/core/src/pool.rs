//! Pooling: where the windows lie, and which of them the rounding keeps.
//!
//! `output_len = round((input_len + pad_before + pad_after - dilated_kernel) / stride) + 1`, rounded down or
//! up. Rounded up, the last window hangs over the padding's end, and is dropped again where it would start
//! beyond input and left padding (PyTorch's `pooling_output_shape`).

use crate::auto_pad::AutoPad;
use crate::axis::{AxisGeometry, AxisParams, Padding};
use crate::conv2d::{Conv2dGeometry, Pads};
use crate::error::ConvError;

/// What becomes of a last window that hangs over the padding's end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PoolRounding {
    /// There is none: sizes are rounded down. `ceil_mode=False`.
    #[default]
    Floor,
    /// It is kept if it starts in the input or in the padding before it. `ceil_mode=True` of PyTorch, and of
    /// ONNX from opset 22 on.
    Ceil,
    /// It is kept wherever it starts, even if it holds padding alone: the formula of ONNX before opset 22.
    CeilKeepLast,
}

/// What a user may ask for; [`Pool2dParams::new`] checks it. Pairs are `[vertical, horizontal]`.
///
/// The default is a 1x1 window at stride 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool2dOptions {
    /// Height and width of the window, in cells that it takes.
    pub kernel_size: [u64; 2],
    /// Cells from one window to the next.
    pub stride: [u64; 2],
    /// Cells from one of a window's cells to the next; 1 means no gaps.
    pub dilation: [u64; 2],
    /// How much padding. What stands in it belongs to the operation: nothing for a maximum, zeros otherwise.
    pub padding: AutoPad,
    /// Which windows there are; only explicit padding is rounded up.
    pub rounding: PoolRounding,
}

impl Default for Pool2dOptions {
    fn default() -> Self {
        Self {
            kernel_size: [1, 1],
            stride: [1, 1],
            dilation: [1, 1],
            padding: AutoPad::default(),
            rounding: PoolRounding::Floor,
        }
    }
}

/// Checked parameters of a pooling layer. Invariant: no size is 0, and the window's cells can be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool2dParams {
    options: Pool2dOptions,
    rows: AxisParams,
    columns: AxisParams,
}

impl Pool2dParams {
    /// Checks what can be checked without knowing the input.
    ///
    /// # Errors
    ///
    /// [`ConvError::Zero`], and [`ConvError::Overflow`] when the window's cells cannot be counted in `u64`.
    pub fn new(options: Pool2dOptions) -> Result<Self, ConvError> {
        let Pool2dOptions { kernel_size, stride, dilation, .. } = options;
        let rows = AxisParams::new(kernel_size[0], stride[0], dilation[0])?;
        let columns = AxisParams::new(kernel_size[1], stride[1], dilation[1])?;
        kernel_size[0].checked_mul(kernel_size[1]).ok_or(ConvError::Overflow)?;
        Ok(Self { options, rows, columns })
    }

    /// What was asked for.
    pub fn options(&self) -> &Pool2dOptions {
        &self.options
    }

    /// The vertical axis.
    pub fn rows(&self) -> AxisParams {
        self.rows
    }

    /// The horizontal axis.
    pub fn columns(&self) -> AxisParams {
        self.columns
    }

    /// Lays the windows out over an input of `[height, width]`.
    ///
    /// # Errors
    ///
    /// Those of [`PoolAxis::new`], rows first; [`ConvError::Overflow`] when the output cannot be counted.
    pub fn geometry(&self, input: [u64; 2]) -> Result<Pool2dGeometry, ConvError> {
        let Pool2dOptions { padding, rounding, .. } = self.options;
        let pads = padding.pads([self.rows, self.columns], input)?;
        let rounding = match padding {
            AutoPad::Explicit(_) => rounding,
            _ => PoolRounding::Floor,
        };
        let rows = PoolAxis::new(self.rows, input[0], [pads.top, pads.bottom], rounding)?;
        let columns = PoolAxis::new(self.columns, input[1], [pads.left, pads.right], rounding)?;
        Pool2dGeometry::new(rows, columns)
    }

    /// The output's shape for an input's, both NCHW. The batch may be empty.
    ///
    /// # Errors
    ///
    /// [`ConvError::Zero`] for an input without channels, and those of [`geometry`](Self::geometry).
    pub fn output_shape(&self, input_shape: [u64; 4]) -> Result<[u64; 4], ConvError> {
        let [batch, channels, height, width] = input_shape;
        if channels == 0 {
            return Err(ConvError::Zero { param: "channels" });
        }
        let [out_height, out_width] = self.geometry([height, width])?.output_size();
        Ok([batch, channels, out_height, out_width])
    }

    /// Whether `torch.nn.MaxPool2d` and its like take this padding too; ONNX takes any.
    ///
    /// # Errors
    ///
    /// [`ConvError::UnequalPoolPadding`], and [`ConvError::PoolPadding`] when more than half of the kernel
    /// is padding.
    pub fn pytorch(&self) -> Result<(), ConvError> {
        let Pads { top, left, bottom, right } = match self.options.padding {
            AutoPad::Explicit(pads) => pads,
            _ => return Ok(()),
        };
        for (before, after, axis) in [(top, bottom, self.rows), (left, right, self.columns)] {
            let (pad, kernel_size) = (before.max(after), axis.kernel_size());
            if before != after {
                return Err(ConvError::UnequalPoolPadding { before, after });
            }
            if pad > kernel_size / 2 {
                return Err(ConvError::PoolPadding { pad, kernel_size });
            }
        }
        Ok(())
    }
}

/// The windows of one axis of a pool. Made by [`PoolAxis::new`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolAxis {
    windows: AxisGeometry,
    pad_after: u64,
    dropped: u64,
}

impl PoolAxis {
    /// Lays windows out over `input_len` cells with padding `[before, after]`.
    ///
    /// # Errors
    ///
    /// [`ConvError::Zero`] for an empty input, [`ConvError::KernelExceedsInput`] when not even one window
    /// fits, [`ConvError::Overflow`] when the padded length or the last window's end does not fit in `i64`.
    pub fn new(
        params: AxisParams,
        input_len: u64,
        [before, pad_after]: [u64; 2],
        rounding: PoolRounding,
    ) -> Result<Self, ConvError> {
        if input_len == 0 {
            return Err(ConvError::Zero { param: "input" });
        }
        let dilated_kernel = params.dilated_kernel()?;
        let in_i64 = |len: &u64| i64::try_from(*len).is_ok();
        let from_before = input_len.checked_add(before).ok_or(ConvError::Overflow)?;
        let padded_input = from_before.checked_add(pad_after).filter(in_i64).ok_or(ConvError::Overflow)?;
        // Windows beyond the first; one fewer than none when the kernel is larger than the padded input.
        let room = i128::from(padded_input) - i128::from(dilated_kernel);
        let up = if rounding == PoolRounding::Floor { 0 } else { i128::from(params.stride()) - 1 };
        let beyond_first = (room + up).div_euclid(i128::from(params.stride()));
        let Ok(mut beyond_first) = u64::try_from(beyond_first) else {
            return Err(ConvError::KernelExceedsInput { dilated_kernel, padded_input });
        };
        let start = |window: u64| window.checked_mul(params.stride()).ok_or(ConvError::Overflow);
        let mut dropped = 0;
        if rounding == PoolRounding::Ceil && beyond_first > 0 && start(beyond_first)? >= from_before {
            beyond_first -= 1;
            dropped = 1;
        }
        let end =
            start(beyond_first)?.checked_add(dilated_kernel).filter(in_i64).ok_or(ConvError::Overflow)?;
        // Laid out as a convolution whose padding ends with the last window, unless cells are left over.
        let fits = end <= padded_input && padded_input - end < params.stride();
        let after = if fits { pad_after } else { end.saturating_sub(from_before) };
        let windows = params.geometry(input_len, Padding::Explicit { before, after })?;
        Ok(Self { windows, pad_after, dropped })
    }

    /// The windows as those of a convolution. Its padding after the input reaches to the end of the last
    /// window, where that hangs over the stated one.
    pub fn windows(&self) -> &AxisGeometry {
        &self.windows
    }

    /// Windows, and so cells of the output.
    pub fn output_len(&self) -> u64 {
        self.windows.output_len()
    }

    /// Padding cells before the input.
    pub fn pad_before(&self) -> u64 {
        self.windows.pad_before()
    }

    /// Padding cells after the input, as stated: without what the last window hangs over.
    pub fn pad_after(&self) -> u64 {
        self.pad_after
    }

    /// Cells beyond the padding that the last window covers; averages do not count them.
    pub fn overhang(&self) -> u64 {
        self.windows.pad_after().saturating_sub(self.pad_after)
    }

    /// Windows that rounding up would have added and that are dropped, as they start beyond the input: 0
    /// or 1.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The cells of a window that lie in the input, as a range of taps. Empty for a window of padding.
    pub fn taps_inside(&self, output_idx: u64) -> std::ops::Range<u64> {
        self.taps_until(output_idx, 0, self.windows.input_len())
    }

    /// The cells of a window that lie in the input or in its stated padding: what an average counts with
    /// `count_include_pad`.
    pub fn taps_padded(&self, output_idx: u64) -> std::ops::Range<u64> {
        self.taps_until(output_idx, self.pad_before(), self.windows.input_len() + self.pad_after)
    }

    /// Taps at positions from `-before` to `end`.
    fn taps_until(&self, output_idx: u64, before: u64, end: u64) -> std::ops::Range<u64> {
        let params = self.windows.params();
        let first = i128::from(self.windows.window_start(output_idx));
        let dilation = i128::from(params.dilation());
        let taps = |position: i128| {
            let rounded_up = (position - first + dilation - 1).max(0) / dilation;
            u64::try_from(rounded_up).map_or(params.kernel_size(), |n| n.min(params.kernel_size()))
        };
        let start = taps(-i128::from(before));
        start..taps(i128::from(end)).max(start)
    }
}

/// The windows of both axes. Made by [`Pool2dParams::geometry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pool2dGeometry {
    /// The vertical axis.
    pub rows: PoolAxis,
    /// The horizontal axis.
    pub columns: PoolAxis,
}

impl Pool2dGeometry {
    /// Puts two axes together.
    ///
    /// # Errors
    ///
    /// [`ConvError::Overflow`] when the output's or a window's cells cannot be counted in `u64`.
    pub fn new(rows: PoolAxis, columns: PoolAxis) -> Result<Self, ConvError> {
        Conv2dGeometry::new(rows.windows, columns.windows).map(|_| Self { rows, columns })
    }

    /// The windows as those of a convolution: see [`PoolAxis::windows`].
    pub fn windows(&self) -> Conv2dGeometry {
        Conv2dGeometry::new(self.rows.windows, self.columns.windows).expect("counted when put together")
    }

    /// Height and width of the output.
    pub fn output_size(&self) -> [u64; 2] {
        [self.rows.output_len(), self.columns.output_len()]
    }

    /// The stated padding in cells.
    pub fn pads(&self) -> Pads {
        let Self { rows, columns } = self;
        Pads {
            top: rows.pad_before(),
            left: columns.pad_before(),
            bottom: rows.pad_after(),
            right: columns.pad_after(),
        }
    }
}

/// How an average pool divides its sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AvgDivisor {
    /// By the cells of the window that lie in the input or its stated padding: PyTorch's default.
    CountIncludePad,
    /// By those that lie in the input: `count_include_pad=False`, ONNX's default.
    CountInside,
    /// By this number: `divisor_override`, which may be negative but not 0.
    Fixed(i64),
}

impl AvgDivisor {
    /// PyTorch's two arguments as one.
    ///
    /// # Errors
    ///
    /// [`ConvError::Zero`] for a divisor of 0.
    pub fn new(count_include_pad: bool, divisor_override: Option<i64>) -> Result<Self, ConvError> {
        match divisor_override {
            Some(0) => Err(ConvError::Zero { param: "divisor_override" }),
            Some(divisor) => Ok(Self::Fixed(divisor)),
            None if count_include_pad => Ok(Self::CountIncludePad),
            None => Ok(Self::CountInside),
        }
    }

    /// What the sum of one window, `[row, column]`, is divided by; 0 for a window without a cell to count,
    /// whose average is 0.
    pub fn of_window(self, geometry: &Pool2dGeometry, output: [u64; 2]) -> i128 {
        let count = |range: std::ops::Range<u64>| i128::from(range.end - range.start);
        let Pool2dGeometry { rows, columns } = geometry;
        match self {
            Self::CountIncludePad => {
                count(rows.taps_padded(output[0])) * count(columns.taps_padded(output[1]))
            }
            Self::CountInside => count(rows.taps_inside(output[0])) * count(columns.taps_inside(output[1])),
            Self::Fixed(divisor) => i128::from(divisor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares `[output_len, overhang, dropped]`.
    #[track_caller]
    fn check(
        input_len: u64,
        [k, s, d]: [u64; 3],
        pads: [u64; 2],
        rounding: PoolRounding,
        expected: Result<[u64; 3], ConvError>,
    ) {
        let axis = PoolAxis::new(AxisParams::new(k, s, d).unwrap(), input_len, pads, rounding);
        assert_eq!(axis.map(|it| [it.output_len(), it.overhang(), it.dropped()]), expected);
    }

    fn params(options: Pool2dOptions) -> Pool2dParams {
        Pool2dParams::new(options).unwrap()
    }

    #[test]
    fn ceil_mode_is_not_a_ceil_alone() {
        use PoolRounding::{Ceil, CeilKeepLast, Floor};
        check(112, [3, 2, 1], [0, 0], Floor, Ok([55, 0, 0]));
        check(112, [3, 2, 1], [0, 0], Ceil, Ok([56, 1, 0]));
        check(64, [3, 2, 1], [1, 1], Ceil, Ok([33, 1, 0]));
        // The last window would start beyond the input.
        check(10, [1, 2, 1], [0, 0], Ceil, Ok([5, 0, 1]));
        check(32, [1, 2, 1], [0, 0], Ceil, Ok([16, 0, 1]));
        check(10, [1, 2, 1], [0, 0], CeilKeepLast, Ok([6, 1, 0]));
        check(8, [2, 3, 1], [1, 1], Ceil, Ok([3, 0, 1]));
        check(8, [2, 3, 1], [1, 1], CeilKeepLast, Ok([4, 1, 0]));
    }

    #[test]
    fn ceil_mode_rescues_a_kernel_larger_than_the_input() {
        let error = ConvError::KernelExceedsInput { dilated_kernel: 4, padded_input: 3 };
        check(3, [4, 3, 1], [0, 0], PoolRounding::Floor, Err(error));
        check(3, [4, 3, 1], [0, 0], PoolRounding::Ceil, Ok([1, 1, 0]));
        check(3, [4, 1, 1], [0, 0], PoolRounding::Ceil, Err(error));
        check(0, [1, 1, 1], [1, 1], PoolRounding::Ceil, Err(ConvError::Zero { param: "input" }));
    }

    #[test]
    fn a_window_that_fits_but_starts_in_the_padding_is_dropped_too() {
        check(5, [2, 2, 1], [0, 3], PoolRounding::Floor, Ok([4, 0, 0]));
        check(5, [2, 2, 1], [0, 3], PoolRounding::Ceil, Ok([3, 0, 1]));
        check(5, [1, 3, 1], [0, 2], PoolRounding::Ceil, Ok([2, 0, 1]));
    }

    #[test]
    fn sizes_beyond_64_bits_are_refused() {
        use PoolRounding::Ceil;
        check(u64::MAX, [1, 1, 1], [1, 0], Ceil, Err(ConvError::Overflow));
        check(1, [1, 1, 1], [0, u64::MAX], Ceil, Err(ConvError::Overflow));
        check(1, [u64::MAX, 1, 2], [0, 0], Ceil, Err(ConvError::Overflow));
        // The window that hangs over would end beyond i64.
        check(1 << 62, [3, (1 << 62) - 1, 1 << 61], [0, 1 << 60], Ceil, Err(ConvError::Overflow));
        check(1 << 60, [3, 2, 1], [1, 1], Ceil, Ok([(1 << 59) + 1, 1, 0]));
    }

    /// Windows placed one after the other, and taps counted one by one.
    #[test]
    fn windows_and_their_cells_are_where_counting_puts_them() {
        for (n, k, s, d) in (1..=6_u64).flat_map(|n| {
            (1..=4).flat_map(move |k| (1..=4).flat_map(move |s| (1..=2).map(move |d| (n, k, s, d))))
        }) {
            for (before, after) in (0..=2_u64).flat_map(|before| (0..=3).map(move |after| (before, after))) {
                for rounding in [PoolRounding::Floor, PoolRounding::Ceil, PoolRounding::CeilKeepLast] {
                    let (padded, span) = (before + n + after, d * (k - 1) + 1);
                    // Each window but the first needs one cell more than the one before it leaves.
                    let enough = |window: u64| match rounding {
                        PoolRounding::Floor => window * s + span <= padded,
                        _ => window * s + span < padded + s,
                    };
                    let mut expected = (0..).take_while(|&window| enough(window)).count() as u64;
                    let last_start = expected.saturating_sub(1) * s;
                    if rounding == PoolRounding::Ceil && expected > 1 && last_start >= n + before {
                        expected -= 1;
                    }
                    let axis = PoolAxis::new(AxisParams::new(k, s, d).unwrap(), n, [before, after], rounding);
                    let label = format!("{n} {k} {s} {d} {before} {after} {rounding:?}");
                    let Ok(axis) = axis else {
                        assert_eq!(expected, 0, "{label}");
                        continue;
                    };
                    assert_eq!(axis.output_len(), expected, "{label}");
                    for o in 0..expected {
                        let position = |tap: &u64| (o * s + tap * d).cast_signed() - before.cast_signed();
                        let inside = (0..k).filter(|tap| (0..n.cast_signed()).contains(&position(tap)));
                        assert!(inside.eq(axis.taps_inside(o)), "{label} {o}");
                        let end = (n + after).cast_signed();
                        let padded = (0..k).filter(|tap| position(tap) < end);
                        assert_eq!(padded.count() as u64, axis.taps_padded(o).count() as u64, "{label} {o}");
                    }
                }
            }
        }
    }

    #[test]
    fn auto_pad_is_never_rounded_up() {
        let options = Pool2dOptions {
            kernel_size: [2, 2],
            stride: [3, 2],
            rounding: PoolRounding::CeilKeepLast,
            ..Default::default()
        };
        let size =
            |padding| params(Pool2dOptions { padding, ..options }).geometry([7, 7]).unwrap().output_size();
        assert_eq!(size(AutoPad::Valid), [2, 3]);
        assert_eq!(size(AutoPad::SameUpper), [3, 4]);
        assert_eq!(size(AutoPad::SameLower), [3, 4]);
        assert_eq!(size(AutoPad::default()), [3, 4]);
    }

    #[test]
    fn pytorch_wants_equal_padding_of_at_most_half_the_kernel() {
        let options = |pads: [i64; 4]| Pool2dOptions {
            kernel_size: [3, 4],
            dilation: [2, 2],
            padding: AutoPad::Explicit(Pads::new(pads).unwrap()),
            ..Default::default()
        };
        assert_eq!(params(options([1, 2, 1, 2])).pytorch(), Ok(()));
        let half = ConvError::PoolPadding { pad: 2, kernel_size: 3 };
        assert_eq!(params(options([2, 2, 2, 2])).pytorch(), Err(half));
        let unequal = ConvError::UnequalPoolPadding { before: 2, after: 1 };
        assert_eq!(params(options([1, 2, 1, 1])).pytorch(), Err(unequal));
        assert_eq!(
            params(Pool2dOptions { padding: AutoPad::SameLower, ..options([0; 4]) }).pytorch(),
            Ok(())
        );
        assert_eq!(params(options([2, 2, 2, 2])).output_shape([2, 5, 9, 9]), Ok([2, 5, 9, 7]));
        assert_eq!(
            params(options([0; 4])).output_shape([2, 0, 9, 9]),
            Err(ConvError::Zero { param: "channels" })
        );
    }

    #[test]
    fn zeros_are_refused_by_name() {
        for (param, options) in [
            ("kernel_size", Pool2dOptions { kernel_size: [1, 0], ..Default::default() }),
            ("stride", Pool2dOptions { stride: [0, 1], ..Default::default() }),
            ("dilation", Pool2dOptions { dilation: [0, 1], ..Default::default() }),
        ] {
            assert_eq!(Pool2dParams::new(options), Err(ConvError::Zero { param }));
        }
        assert_eq!(AvgDivisor::new(true, Some(0)), Err(ConvError::Zero { param: "divisor_override" }));
        assert_eq!(AvgDivisor::new(true, Some(-3)), Ok(AvgDivisor::Fixed(-3)));
    }
}
