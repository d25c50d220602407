//! One axis of a transposed convolution: where each input cell is scattered to, and who meets in an output.
//!
//! `output_len = stride * (input_len - 1) + dilated_kernel + output_padding - pad_before - pad_after`
//! (PyTorch's `ConvTranspose2d`; Dumoulin and Visin 2016, relationship 14). Tap `kernel_idx` of input cell
//! `input_idx` lands at `input_idx * stride + kernel_idx * dilation - pad_before`: the forward window, read
//! backwards. Padding crops.

use crate::axis::AxisParams;
use crate::congruence::{Solutions, solve};
use crate::error::ConvError;
use std::ops::Range;

/// How the ends of a transposed convolution are cut, along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crop {
    /// As many cells as stated. PyTorch calls them padding, because they are that of the forward one.
    Explicit {
        /// Cells before the output.
        before: u64,
        /// Cells after the output.
        after: u64,
    },
    /// So many that the output has this length, the odd one after. Where it would be shorter without any,
    /// cells are added after it: ONNX's `output_shape` with `SAME_UPPER`.
    ToLenUpper(u64),
    /// The same with the odd one before: ONNX's `output_shape` otherwise.
    ToLenLower(u64),
}

/// The scattered kernels of one axis. Made by [`AxisParams::transposed`], so at least one output cell is
/// left and every position fits in `i64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransposedAxis {
    params: AxisParams,
    input_len: u64,
    pad_before: u64,
    pad_after: u64,
    output_padding: u64,
    dilated_kernel: u64,
    output_len: u64,
}

impl AxisParams {
    /// Scatters the kernel from each of `input_len` cells.
    ///
    /// # Errors
    ///
    /// [`ConvError::Zero`] for an empty input or a length of 0, [`ConvError::OutputCropped`] when nothing is
    /// left, [`ConvError::Overflow`] when the uncropped length or a crop does not fit in `i64`. Whether the
    /// output padding is too large is not asked here: see [`Self::check_output_padding`].
    pub fn transposed(
        &self,
        input_len: u64,
        crop: Crop,
        output_padding: u64,
    ) -> Result<TransposedAxis, ConvError> {
        if input_len == 0 {
            return Err(ConvError::Zero { param: "input" });
        }
        let dilated_kernel = self.dilated_kernel()?;
        let in_i64 = |len: &u64| i64::try_from(*len).is_ok();
        let scattered = self
            .stride()
            .checked_mul(input_len - 1)
            .and_then(|len| len.checked_add(dilated_kernel))
            .filter(in_i64)
            .ok_or(ConvError::Overflow)?;
        let uncropped = scattered.checked_add(output_padding).filter(in_i64).ok_or(ConvError::Overflow)?;
        let cut_to = |len: u64| match len {
            0 => Err(ConvError::Zero { param: "output_size" }),
            _ if !in_i64(&len) => Err(ConvError::Overflow),
            _ => Ok((uncropped.saturating_sub(len), len.max(uncropped) - scattered)),
        };
        let (pad_before, pad_after, output_padding) = match crop {
            Crop::Explicit { before, after } => (before, after, output_padding),
            Crop::ToLenUpper(len) => {
                let (total, output_padding) = cut_to(len)?;
                (total / 2, total - total / 2, output_padding)
            }
            Crop::ToLenLower(len) => {
                let (total, output_padding) = cut_to(len)?;
                (total - total / 2, total / 2, output_padding)
            }
        };
        let uncropped = scattered + output_padding;
        let padding = pad_before.checked_add(pad_after).filter(in_i64).ok_or(ConvError::Overflow)?;
        let output_len = uncropped
            .checked_sub(padding)
            .filter(|&len| len > 0)
            .ok_or(ConvError::OutputCropped { uncropped, padding })?;
        let params = *self;
        Ok(TransposedAxis {
            params,
            input_len,
            pad_before,
            pad_after,
            output_padding,
            dilated_kernel,
            output_len,
        })
    }

    /// PyTorch's rule on `output_padding`, which is there to choose among the inputs of a forward
    /// convolution that give the same output.
    ///
    /// # Errors
    ///
    /// [`ConvError::OutputPadding`] when it is neither below the stride nor below the dilation.
    pub fn check_output_padding(&self, output_padding: u64) -> Result<(), ConvError> {
        let (stride, dilation) = (self.stride(), self.dilation());
        if output_padding < stride.max(dilation) {
            Ok(())
        } else {
            Err(ConvError::OutputPadding { output_padding, stride, dilation })
        }
    }
}

impl TransposedAxis {
    /// The parameters of the forward convolution that this one is the transpose of.
    pub fn params(&self) -> AxisParams {
        self.params
    }

    /// Cells of the input.
    pub fn input_len(&self) -> u64 {
        self.input_len
    }

    /// Cells cropped before the output; padding cells of the forward convolution.
    pub fn pad_before(&self) -> u64 {
        self.pad_before
    }

    /// Cells cropped after the output.
    pub fn pad_after(&self) -> u64 {
        self.pad_after
    }

    /// Cells added after the output, before cropping.
    pub fn output_padding(&self) -> u64 {
        self.output_padding
    }

    /// `dilation * (kernel_size - 1) + 1`
    pub fn dilated_kernel(&self) -> u64 {
        self.dilated_kernel
    }

    /// Cells of the output.
    pub fn output_len(&self) -> u64 {
        self.output_len
    }

    /// Cells of the input with `stride - 1` zeros between its neighbours: the second view of the same
    /// numbers, an ordinary convolution of stride 1 with the kernel flipped.
    pub fn inserted_len(&self) -> u64 {
        self.params.stride() * (self.input_len - 1) + 1
    }

    /// Padding of that ordinary convolution, before and after; negative where cells are cropped.
    pub fn inserted_pads(&self) -> [i64; 2] {
        let around = (self.dilated_kernel - 1).cast_signed();
        let [before, after] = [self.pad_before, self.pad_after].map(u64::cast_signed);
        [around - before, around - after + self.output_padding.cast_signed()]
    }

    /// The output cell on which tap `kernel_idx` of input cell `input_idx` lands; cropped ones lie outside.
    ///
    /// `position = input_idx * stride + kernel_idx * dilation - pad_before`
    ///
    /// # Panics
    ///
    /// For indices so far outside that the position does not fit in `i64`.
    pub fn target(&self, input_idx: u64, kernel_idx: u64) -> i64 {
        let input = u128::from(input_idx) * u128::from(self.params.stride());
        let within = u128::from(kernel_idx) * u128::from(self.params.dilation());
        input
            .checked_add(within)
            .and_then(|uncropped| i128::try_from(uncropped).ok())
            .and_then(|uncropped| i64::try_from(uncropped - i128::from(self.pad_before)).ok())
            .expect("taps of the input land within the uncropped length, which was checked")
    }

    /// Every `(input_idx, kernel_idx)` that lands on `output_idx`, in input order.
    pub fn contributors(&self, output_idx: u64) -> impl Iterator<Item = (u64, u64)> + use<> {
        self.contributors_of(output_idx).pairs()
    }

    /// How many taps land on `output_idx`: unequal counts are what makes a checkerboard.
    pub fn contributions(&self, output_idx: u64) -> u64 {
        self.contributors_of(output_idx).count()
    }

    /// The input cells whose tap `kernel_idx` lands on the output; those before and after are cropped.
    pub fn interior(&self, kernel_idx: u64) -> Range<u64> {
        let stride = i128::from(self.params.stride());
        let first_target = i128::from(self.target(0, kernel_idx));
        let inputs_until = |position: i128| {
            let rounded_up = (position - first_target + stride - 1).max(0) / stride;
            u64::try_from(rounded_up).map_or(self.input_len, |n| n.min(self.input_len))
        };
        let start = inputs_until(0);
        start..inputs_until(i128::from(self.output_len)).max(start)
    }

    fn contributors_of(&self, output_idx: u64) -> Solutions {
        if output_idx >= self.output_len {
            return Solutions::NONE;
        }
        let (stride, dilation) = (self.params.stride(), self.params.dilation());
        solve(output_idx + self.pad_before, [stride, self.input_len], [dilation, self.params.kernel_size()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explicit(before: u64, after: u64) -> Crop {
        Crop::Explicit { before, after }
    }

    /// Compares `[pad_before, pad_after, output_padding, output_len]`.
    #[track_caller]
    fn check(
        input_len: u64,
        [k, s, d]: [u64; 3],
        crop: Crop,
        output_padding: u64,
        expected: Result<[u64; 4], ConvError>,
    ) {
        let axis = AxisParams::new(k, s, d).unwrap().transposed(input_len, crop, output_padding);
        let ours = axis.map(|it| [it.pad_before, it.pad_after, it.output_padding, it.output_len]);
        assert_eq!(ours, expected);
    }

    fn small_axes() -> impl Iterator<Item = TransposedAxis> {
        let sizes = (1..=5_u64).flat_map(|n| (1..=4).map(move |k| (n, k)));
        let params = sizes.flat_map(|nk| (1..=4).flat_map(move |s| (1..=3).map(move |d| (nk, s, d))));
        params.flat_map(|((n, k), s, d)| {
            let crops = [explicit(0, 0), explicit(2, 1), Crop::ToLenUpper(7), Crop::ToLenLower(8)];
            let params = AxisParams::new(k, s, d).unwrap();
            let with_padding = crops.into_iter().flat_map(|crop| (0..3).map(move |padding| (crop, padding)));
            with_padding.filter_map(move |(crop, padding)| params.transposed(n, crop, padding).ok())
        })
    }

    #[test]
    fn the_transposed_figures_of_conv_arithmetic_have_their_sizes() {
        for ([n, k, s, p, output_padding], output_len) in [
            ([2, 3, 1, 0, 0], 4),
            ([6, 4, 1, 2, 0], 5),
            ([5, 3, 1, 1, 0], 5),
            ([7, 3, 1, 2, 0], 5),
            ([2, 3, 2, 0, 0], 5),
            ([3, 3, 2, 1, 0], 5),
            ([3, 3, 2, 1, 1], 6),
        ] {
            check(n, [k, s, 1], explicit(p, p), output_padding, Ok([p, p, output_padding, output_len]));
        }
    }

    #[test]
    fn a_length_is_cropped_to_or_filled_up() {
        check(3, [3, 2, 1], Crop::ToLenUpper(6), 0, Ok([0, 1, 0, 6]));
        check(3, [3, 2, 1], Crop::ToLenLower(6), 0, Ok([1, 0, 0, 6]));
        check(3, [3, 2, 1], Crop::ToLenLower(8), 0, Ok([0, 0, 1, 8]));
        check(3, [3, 2, 1], Crop::ToLenUpper(6), 1, Ok([1, 1, 1, 6]));
        check(3, [3, 2, 1], Crop::ToLenUpper(0), 0, Err(ConvError::Zero { param: "output_size" }));
        check(3, [3, 2, 1], Crop::ToLenUpper(u64::MAX), 0, Err(ConvError::Overflow));
    }

    #[test]
    fn padding_may_crop_to_one_cell_but_not_to_none() {
        check(1, [3, 1, 1], explicit(1, 1), 0, Ok([1, 1, 0, 1]));
        check(1, [3, 1, 1], explicit(2, 1), 0, Err(ConvError::OutputCropped { uncropped: 3, padding: 3 }));
        check(2, [2, 2, 1], explicit(2, 3), 0, Err(ConvError::OutputCropped { uncropped: 4, padding: 5 }));
        check(0, [3, 1, 1], explicit(0, 0), 0, Err(ConvError::Zero { param: "input" }));
    }

    #[test]
    fn output_padding_stays_below_stride_or_dilation() {
        let refused = |s, d, output_padding| {
            AxisParams::new(3, s, d).unwrap().check_output_padding(output_padding).is_err()
        };
        assert!(!refused(2, 1, 1) && !refused(1, 2, 1) && !refused(1, 1, 0));
        assert!(refused(2, 1, 2) && refused(1, 3, 3) && refused(1, 1, 1));
    }

    #[test]
    fn sizes_beyond_64_bits_are_refused() {
        check(u64::MAX, [1, 2, 1], explicit(0, 0), 0, Err(ConvError::Overflow));
        check(2, [u64::MAX, 1, 2], explicit(0, 0), 0, Err(ConvError::Overflow));
        check(2, [1, 1, 1], explicit(u64::MAX, 1), 0, Err(ConvError::Overflow));
        check(2, [1, 1, 1], explicit(0, 0), u64::MAX, Err(ConvError::Overflow));
        check(1 << 40, [3, 2, 1], explicit(1, 1), 1, Ok([1, 1, 1, 1 << 41]));
    }

    #[test]
    fn contributors_are_the_targets_read_backwards() {
        for axis in small_axes() {
            for output_idx in 0..axis.output_len + 3 {
                let mut expected = Vec::new();
                for i in 0..axis.input_len {
                    let lands = |k: &u64| axis.target(i, *k) == output_idx.cast_signed();
                    expected.extend((0..axis.params.kernel_size()).filter(lands).map(|k| (i, k)));
                }
                expected.retain(|_| output_idx < axis.output_len);
                assert_eq!(axis.contributors(output_idx).collect::<Vec<_>>(), expected, "{axis:?}");
                assert_eq!(axis.contributions(output_idx), expected.len() as u64);
            }
        }
    }

    #[test]
    fn the_interior_is_what_is_not_cropped() {
        for axis in small_axes() {
            for k in 0..axis.params.kernel_size() {
                let lands = |i: &u64| (0..axis.output_len.cast_signed()).contains(&axis.target(*i, k));
                let expected: Vec<u64> = (0..axis.input_len).filter(lands).collect();
                assert_eq!(axis.interior(k).collect::<Vec<_>>(), expected, "{axis:?} tap {k}");
            }
        }
    }

    #[test]
    fn inserting_zeros_gives_the_same_length() {
        for axis in small_axes() {
            let padded = axis.inserted_len().cast_signed() + axis.inserted_pads().iter().sum::<i64>();
            assert_eq!(padded - axis.dilated_kernel.cast_signed() + 1, axis.output_len.cast_signed());
        }
    }

    #[test]
    fn contributions_by_phase_are_those_of_a_checkerboard() {
        let counts = |[k, s]: [u64; 2], p: u64| -> Vec<u64> {
            let axis = AxisParams::new(k, s, 1).unwrap().transposed(9, explicit(p, p), 0).unwrap();
            (2 * s..3 * s).map(|output_idx| axis.contributions(output_idx)).collect()
        };
        assert_eq!(counts([2, 2], 0), [1, 1]);
        assert_eq!(counts([3, 2], 1), [1, 2]);
        assert_eq!(counts([4, 2], 1), [2, 2]);
        assert_eq!(counts([5, 3], 1), [2, 1, 2]);
    }
}
