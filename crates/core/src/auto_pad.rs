//! ONNX's ways of asking for padding, resolved to four numbers.

use crate::axis::AxisParams;
use crate::error::ConvError;
use crate::padding::Pads;

/// ONNX's `auto_pad`, for convolutions, pools and transposed convolutions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutoPad {
    /// As many cells as stated: ONNX's `NOTSET`.
    Explicit(Pads),
    /// None.
    Valid,
    /// So much that `output_len = ceil(input_len / stride)`; the odd cell goes after. TensorFlow's `SAME`.
    SameUpper,
    /// The same with the odd cell before.
    SameLower,
}

impl Default for AutoPad {
    fn default() -> Self {
        Self::Explicit(Pads::default())
    }
}

impl AutoPad {
    /// The padding of a convolution or pool over an input of `[height, width]`.
    ///
    /// `total = max(0, (ceil(input_len / stride) - 1) * stride + dilated_kernel - input_len)`, of which
    /// `floor(total / 2)` cells lie on the side that does not get the odd one.
    ///
    /// # Errors
    ///
    /// [`ConvError::Zero`] for an empty input and [`ConvError::Overflow`], for the two `SAME` only.
    pub fn pads(self, axes: [AxisParams; 2], input: [u64; 2]) -> Result<Pads, ConvError> {
        let same = |axis: usize| {
            if input[axis] == 0 {
                return Err(ConvError::Zero { param: "input" });
            }
            axes[axis].same_pads(input[axis], axes[axis].dilated_kernel()?)
        };
        match self {
            Self::Explicit(pads) => Ok(pads),
            Self::Valid => Ok(Pads::default()),
            Self::SameUpper => {
                let ([top, bottom], [left, right]) = (same(0)?, same(1)?);
                Ok(Pads { top, left, bottom, right })
            }
            Self::SameLower => {
                let ([bottom, top], [right, left]) = (same(0)?, same(1)?);
                Ok(Pads { top, left, bottom, right })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(auto_pad: AutoPad, input: [u64; 2], expected: Result<[i64; 4], ConvError>) {
        // Rows of kernel 3, stride 2; columns of kernel 4, stride 2: the first case of ONNX Runtime's.
        let axes = [AxisParams::new(3, 2, 1).unwrap(), AxisParams::new(4, 2, 1).unwrap()];
        let expected = expected.and_then(Pads::new);
        assert_eq!(auto_pad.pads(axes, input), expected);
    }

    #[test]
    fn the_odd_cell_goes_after_or_before() {
        check(AutoPad::SameUpper, [10, 9], Ok([0, 1, 1, 2]));
        check(AutoPad::SameLower, [10, 9], Ok([1, 2, 0, 1]));
    }

    #[test]
    fn what_is_stated_is_kept_and_valid_is_none() {
        check(AutoPad::Explicit(Pads::all(3)), [10, 9], Ok([3; 4]));
        check(AutoPad::Valid, [10, 9], Ok([0; 4]));
        check(AutoPad::default(), [10, 9], Ok([0; 4]));
    }

    #[test]
    fn an_empty_or_immense_input_is_refused() {
        check(AutoPad::SameUpper, [0, 9], Err(ConvError::Zero { param: "input" }));
        check(AutoPad::SameLower, [u64::MAX, 9], Err(ConvError::Overflow));
    }
}
