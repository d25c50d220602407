//! A fraction in lowest terms, for the formula that has no floor.

/// `numerator / denominator` in lowest terms; the denominator is at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    numerator: i128,
    denominator: u64,
}

impl Ratio {
    /// Brings a fraction to its lowest terms; a denominator of 0 counts as 1.
    pub(crate) fn new(numerator: i128, denominator: u64) -> Self {
        let denominator = denominator.max(1);
        let (mut a, mut b) = (numerator.unsigned_abs(), u128::from(denominator));
        while b > 0 {
            (a, b) = (b, a % b);
        }
        // The greatest common divisor divides the denominator, so it fits in u64 and in i128.
        Self { numerator: numerator / a as i128, denominator: denominator / a as u64 }
    }

    /// A whole number.
    pub(super) fn whole(number: u64) -> Self {
        Self { numerator: number.into(), denominator: 1 }
    }

    /// What is divided; negative below 0.
    pub fn numerator(self) -> i128 {
        self.numerator
    }

    /// By what; 1 for a whole number.
    pub fn denominator(self) -> u64 {
        self.denominator
    }

    /// As a size: a whole number of at least 1.
    pub fn size(self) -> Option<u64> {
        let size = u64::try_from(self.numerator).ok()?;
        (self.denominator == 1 && size > 0).then_some(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_in_lowest_terms() {
        for (fraction, lowest, size) in [
            ((225, 2), (225, 2), None),
            ((224, 2), (112, 1), Some(112)),
            ((6, 4), (3, 2), None),
            ((-6, 4), (-3, 2), None),
            ((-4, 2), (-2, 1), None),
            ((0, 7), (0, 1), None),
            ((5, 0), (5, 1), Some(5)),
        ] {
            let ratio = Ratio::new(fraction.0, fraction.1);
            assert_eq!(((ratio.numerator(), ratio.denominator()), ratio.size()), (lowest, size));
        }
        assert_eq!(Ratio::new(u64::MAX.into(), 1), Ratio::whole(u64::MAX));
    }
}
