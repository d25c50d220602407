//! Adaptive pooling: a given number of windows, shared out evenly over whatever input there is.
//!
//! Window `i` of `m` over `n` cells is `floor(i * n / m) .. ceil((i + 1) * n / m)` (PyTorch's
//! `AdaptiveAvgPool2d`).

use crate::error::ConvError;

/// Windows of one axis that share an input out evenly: `floor(i * n / m) .. ceil((i + 1) * n / m)`.
///
/// They overlap where the output does not divide the input, and repeat where it is longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdaptiveAxis {
    input_len: u64,
    output_len: u64,
}

impl AdaptiveAxis {
    /// Shares `input_len` cells out among `output_len` windows; none is fine.
    ///
    /// # Errors
    ///
    /// [`ConvError::Zero`] for an empty input.
    pub fn new(input_len: u64, output_len: u64) -> Result<Self, ConvError> {
        if input_len == 0 {
            return Err(ConvError::Zero { param: "input" });
        }
        Ok(Self { input_len, output_len })
    }

    /// Windows, and so cells of the output.
    pub fn output_len(&self) -> u64 {
        self.output_len
    }

    /// The input cells of a window, at least one.
    ///
    /// # Panics
    ///
    /// For an index beyond the output.
    pub fn window(&self, output_idx: u64) -> std::ops::Range<u64> {
        assert!(output_idx < self.output_len, "window {output_idx} of {}", self.output_len);
        let [i, n, m] = [output_idx, self.input_len, self.output_len].map(u128::from);
        let cell = |position: u128| u64::try_from(position).unwrap_or(self.input_len);
        cell(i * n / m)..cell(((i + 1) * n).div_ceil(m))
    }
}

/// The output size of an adaptive pool, `[vertical, horizontal]`; `[1, 1]` is a global pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdaptivePool2d {
    output_size: [u64; 2],
}

impl AdaptivePool2d {
    /// One window over the whole map.
    pub const GLOBAL: Self = Self { output_size: [1, 1] };

    /// Checks the size; 0 is allowed and gives an empty output, as in PyTorch.
    ///
    /// # Errors
    ///
    /// [`ConvError::NegativeOutputSize`].
    pub fn new(output_size: [i64; 2]) -> Result<Self, ConvError> {
        let size = |value: i64| u64::try_from(value).map_err(|_| ConvError::NegativeOutputSize { value });
        Ok(Self { output_size: [size(output_size[0])?, size(output_size[1])?] })
    }

    /// Height and width of the output.
    pub fn output_size(&self) -> [u64; 2] {
        self.output_size
    }

    /// The windows over an input of `[height, width]`: rows, then columns.
    ///
    /// # Errors
    ///
    /// [`ConvError::Zero`] for an empty input.
    pub fn axes(&self, input: [u64; 2]) -> Result<[AdaptiveAxis; 2], ConvError> {
        let [rows, columns] = self.output_size;
        Ok([AdaptiveAxis::new(input[0], rows)?, AdaptiveAxis::new(input[1], columns)?])
    }

    /// The output's shape for an input's, both NCHW.
    ///
    /// # Errors
    ///
    /// [`ConvError::Zero`] for an empty input.
    pub fn output_shape(&self, [batch, channels, height, width]: [u64; 4]) -> Result<[u64; 4], ConvError> {
        self.axes([height, width])?;
        Ok([batch, channels, self.output_size[0], self.output_size[1]])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adaptive_windows_overlap_where_they_do_not_divide() {
        let windows = |n, m| -> Vec<_> {
            let axis = AdaptiveAxis::new(n, m).unwrap();
            (0..m).map(|i| axis.window(i)).collect()
        };
        assert_eq!(windows(6, 3), [0..2, 2..4, 4..6]);
        assert_eq!(windows(5, 3), [0..2, 1..4, 3..5]);
        assert_eq!(windows(2, 3), [0..1, 0..2, 1..2]);
        assert_eq!(AdaptiveAxis::new(7, 1).unwrap().window(0), 0..7);
        let huge = AdaptiveAxis::new(u64::MAX, u64::MAX - 1).unwrap();
        assert_eq!(huge.window(u64::MAX - 2).end, u64::MAX);
    }

    #[test]
    fn adaptive_sizes_may_be_0_but_not_less() {
        assert_eq!(AdaptivePool2d::new([-1, 1]), Err(ConvError::NegativeOutputSize { value: -1 }));
        let none = AdaptivePool2d::new([0, 2]).unwrap();
        assert_eq!(none.output_shape([1, 2, 3, 6]), Ok([1, 2, 0, 2]));
        assert_eq!(
            AdaptivePool2d::GLOBAL.output_shape([2, 5, 0, 6]),
            Err(ConvError::Zero { param: "input" })
        );
    }
}
