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
mod tests;
