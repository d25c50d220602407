//! A fully connected layer, and the axes of tensors of any rank.

use crate::error::ConvError;

/// Checked parameters of a linear layer, like `torch.nn.Linear`'s: `output = input * weight^T + bias`.
///
/// Invariant: the weight's elements, with the biases, can be counted in `u64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinearParams {
    in_features: u64,
    out_features: u64,
    bias: bool,
}

impl LinearParams {
    /// Checks the sizes; PyTorch allows 0 for both.
    ///
    /// # Errors
    ///
    /// [`ConvError::Overflow`] when the parameters cannot be counted.
    pub fn new(in_features: u64, out_features: u64, bias: bool) -> Result<Self, ConvError> {
        let biases = if bias { out_features } else { 0 };
        let weights = in_features.checked_mul(out_features);
        weights.and_then(|weights| weights.checked_add(biases)).ok_or(ConvError::Overflow)?;
        Ok(Self { in_features, out_features, bias })
    }

    /// Numbers that each row of the input has.
    pub fn in_features(&self) -> u64 {
        self.in_features
    }

    /// Numbers that each row of the output has.
    pub fn out_features(&self) -> u64 {
        self.out_features
    }

    /// Whether one number per output feature is added.
    pub fn bias(&self) -> bool {
        self.bias
    }

    /// `[out_features, in_features]`
    pub fn weight_shape(&self) -> [u64; 2] {
        [self.out_features, self.in_features]
    }

    /// Checks the last size of an input.
    ///
    /// # Errors
    ///
    /// [`ConvError::FeatureMismatch`] when it is not `in_features`.
    pub fn check_input(&self, features: u64) -> Result<(), ConvError> {
        let expected = self.in_features;
        if features == expected {
            Ok(())
        } else {
            Err(ConvError::FeatureMismatch { expected, got: features })
        }
    }

    /// Checks the number of biases: `out_features`, or none at all for a layer without.
    ///
    /// # Errors
    ///
    /// [`ConvError::BiasLength`] when there are more or fewer.
    pub fn check_bias(&self, len: u64) -> Result<(), ConvError> {
        let expected = if self.bias { self.out_features } else { 0 };
        if len == expected { Ok(()) } else { Err(ConvError::BiasLength { expected, got: len }) }
    }
}

/// The axis that a number names in a tensor of `rank` axes; negative ones count from the end.
///
/// # Errors
///
/// [`ConvError::AxisOutOfRange`] outside of `-rank .. rank`.
pub fn resolve_axis(axis: i64, rank: u64) -> Result<u64, ConvError> {
    let from_start = if axis < 0 { rank.checked_sub(axis.unsigned_abs()) } else { Some(axis.unsigned_abs()) };
    from_start.filter(|&axis| axis < rank).ok_or(ConvError::AxisOutOfRange { axis, rank })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_and_biases_must_be_those_of_the_layer() {
        let params = LinearParams::new(7, 3, true).unwrap();
        assert_eq!(params.check_input(4), Err(ConvError::FeatureMismatch { expected: 7, got: 4 }));
        assert_eq!(params.check_input(7), Ok(()));
        assert_eq!(params.check_bias(0), Err(ConvError::BiasLength { expected: 3, got: 0 }));
        assert_eq!(LinearParams::new(7, 3, false).unwrap().check_bias(0), Ok(()));
        assert_eq!(LinearParams::new(1 << 32, 1 << 32, false), Err(ConvError::Overflow));
        assert_eq!(LinearParams::new(1, u64::MAX, true), Err(ConvError::Overflow));
    }

    #[test]
    fn negative_axes_count_from_the_end() {
        assert_eq!([0, 3, -1, -4].map(|axis| resolve_axis(axis, 4)), [Ok(0), Ok(3), Ok(3), Ok(0)]);
        for axis in [4, -5, i64::MIN, i64::MAX] {
            assert_eq!(resolve_axis(axis, 4), Err(ConvError::AxisOutOfRange { axis, rank: 4 }));
        }
        assert!(resolve_axis(0, 0).is_err());
    }
}
