//! Padding: how much of it, and what stands in it.
//!
//! PyTorch's words and modes; unequal sides and `Same` as in ONNX.

use crate::error::ConvError;

/// Padding along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// None: every window lies within the input.
    Valid,
    /// So much that `output_len = ceil(input_len / stride)`; the odd cell goes after.
    ///
    /// This is ONNX's `SAME_UPPER` and TensorFlow's `SAME`; at stride 1 also PyTorch's `'same'`.
    Same,
    /// `dilated_kernel - 1` on both sides: every window that touches the input.
    Full,
    /// As many cells as stated.
    Explicit {
        /// Cells before the input: above it or to its left.
        before: u64,
        /// Cells after the input: below it or to its right.
        after: u64,
    },
}

/// What stands in the padding. PyTorch's `padding_mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PaddingMode {
    /// Zeros.
    #[default]
    Zeros,
    /// The input mirrored at its edge, which is not repeated: `c b | a b c | b a`.
    Reflect,
    /// The edge cell again and again: `a a | a b c | c c`.
    Replicate,
    /// The input from the other side: `b c | a b c | a b`.
    Circular,
}

impl PaddingMode {
    /// Whether so many cells of padding can be made from the input.
    ///
    /// # Errors
    ///
    /// [`ConvError::ReflectPadding`] and [`ConvError::CircularPadding`], when there are too many.
    pub fn check(self, pad: u64, input_len: u64) -> Result<(), ConvError> {
        match self {
            Self::Reflect if pad >= input_len => Err(ConvError::ReflectPadding { pad, input_len }),
            Self::Circular if pad > input_len => Err(ConvError::CircularPadding { pad, input_len }),
            _ => Ok(()),
        }
    }

    /// What `numpy.pad`, and others after it, call the mode; `None` for zeros, which are their default.
    pub fn numpy_name(self) -> Option<&'static str> {
        match self {
            Self::Zeros => None,
            Self::Reflect => Some("reflect"),
            Self::Replicate => Some("edge"),
            Self::Circular => Some("wrap"),
        }
    }

    /// The input cell whose value stands at `position`, in an input of `input_len` cells, at least 1.
    ///
    /// Inside the input that is the cell itself; in the padding it is `None` for zeros, and for the other
    /// modes the cell that is copied there. Beyond what a layer may pad, the same rule goes on.
    pub fn source(self, position: i64, input_len: u64) -> Option<u64> {
        let (position, len) = (i128::from(position), i128::from(input_len));
        let cell = if (0..len).contains(&position) {
            position
        } else {
            match self {
                Self::Zeros => return None,
                Self::Replicate => position.min(len - 1).max(0),
                Self::Circular => position.rem_euclid(len),
                Self::Reflect => {
                    let period = (2 * (len - 1)).max(1);
                    let folded = position.rem_euclid(period);
                    folded.min(period - folded).min(len - 1)
                }
            }
        };
        u64::try_from(cell).ok()
    }
}

/// Padding on the four sides, in cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pads {
    /// Rows above.
    pub top: u64,
    /// Columns to the left.
    pub left: u64,
    /// Rows below.
    pub bottom: u64,
    /// Columns to the right.
    pub right: u64,
}

impl Pads {
    /// From `[top, left, bottom, right]`.
    ///
    /// # Errors
    ///
    /// [`ConvError::NegativePadding`] for the first negative number.
    pub fn new(pads: [i64; 4]) -> Result<Self, ConvError> {
        let cells = |value: i64| u64::try_from(value).map_err(|_| ConvError::NegativePadding { value });
        let [top, left, bottom, right] = pads;
        Ok(Self { top: cells(top)?, left: cells(left)?, bottom: cells(bottom)?, right: cells(right)? })
    }

    /// The same on every side.
    pub fn all(pad: u64) -> Self {
        Self { top: pad, left: pad, bottom: pad, right: pad }
    }

    /// `[top, left, bottom, right]`
    pub fn sides(self) -> [u64; 4] {
        let Self { top, left, bottom, right } = self;
        [top, left, bottom, right]
    }

    /// The padding of both axes, `[vertical, horizontal]`, where both sides of each have the same.
    pub fn symmetric(self) -> Option<[u64; 2]> {
        let Self { top, left, bottom, right } = self;
        ([top, left] == [bottom, right]).then_some([top, left])
    }
}

/// Padding of both axes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Padding2d {
    /// [`Padding::Valid`] on both axes.
    #[default]
    Valid,
    /// [`Padding::Same`] on both axes.
    Same,
    /// [`Padding::Full`] on both axes.
    Full,
    /// As many cells as stated, side by side.
    Explicit(Pads),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negative_padding_is_refused_with_its_value() {
        assert_eq!(Pads::new([0, 0, -3, -1]), Err(ConvError::NegativePadding { value: -3 }));
    }

    #[test]
    fn sides_are_equal_axis_by_axis() {
        let symmetric = |pads| Pads::new(pads).map(Pads::symmetric);
        assert_eq!(symmetric([1, 2, 1, 2]), Ok(Some([1, 2])));
        assert_eq!(symmetric([1, 1, 2, 2]), Ok(None));
        assert_eq!(symmetric([1, 2, 1, 1]), Ok(None));
        assert_eq!(Pads::new([1, 2, 3, 4]).map(Pads::sides), Ok([1, 2, 3, 4]));
    }

    #[track_caller]
    fn check_sources(mode: PaddingMode, input_len: u64, pad: u64, expected: &[Option<u64>]) {
        let (before, len) = (-pad.cast_signed(), input_len.cast_signed());
        let sources = (before..len - before).map(|position| mode.source(position, input_len));
        assert_eq!(sources.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn padding_shows_what_its_mode_says() {
        check_sources(PaddingMode::Zeros, 2, 1, &[None, Some(0), Some(1), None]);
        check_sources(PaddingMode::Reflect, 3, 2, &[2, 1, 0, 1, 2, 1, 0].map(Some));
        check_sources(PaddingMode::Replicate, 2, 3, &[0, 0, 0, 0, 1, 1, 1, 1].map(Some));
        check_sources(PaddingMode::Circular, 3, 3, &[0, 1, 2, 0, 1, 2, 0, 1, 2].map(Some));
    }

    #[test]
    fn sources_go_on_by_the_same_rule_where_no_layer_may_pad() {
        check_sources(PaddingMode::Reflect, 2, 4, &[0, 1, 0, 1, 0, 1, 0, 1, 0, 1].map(Some));
        check_sources(PaddingMode::Reflect, 1, 2, &[0; 5].map(Some));
        check_sources(PaddingMode::Circular, 2, 3, &[1, 0, 1, 0, 1, 0, 1, 0].map(Some));
    }
}
