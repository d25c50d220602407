//! Shapes of any rank, and what a node of a graph gives: a tensor, or a list of them.

use crate::error::ConvError;
use crate::linear::resolve_axis;
use std::fmt;

/// Sizes of a tensor along its axes, outermost first; of no axes for a single number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape(Vec<u64>);

impl Shape {
    /// From the sizes.
    pub fn new(sizes: impl Into<Vec<u64>>) -> Self {
        Self(sizes.into())
    }

    /// The sizes, outermost axis first.
    pub fn sizes(&self) -> &[u64] {
        &self.0
    }

    /// The number of axes.
    pub fn rank(&self) -> u64 {
        self.0.len() as u64
    }

    /// The product of the sizes; 1 for a single number.
    ///
    /// # Errors
    ///
    /// [`ConvError::Overflow`] when that does not fit in `u64`.
    pub fn elements(&self) -> Result<u64, ConvError> {
        product(&self.0)
    }

    /// The sizes of a tensor of four axes.
    pub fn nchw(&self) -> Option<[u64; 4]> {
        self.0.as_slice().try_into().ok()
    }

    /// The index of an axis; negative ones count from the end.
    ///
    /// # Errors
    ///
    /// [`ConvError::AxisOutOfRange`].
    pub fn axis(&self, axis: i64) -> Result<usize, ConvError> {
        resolve_axis(axis, self.rank()).map(|axis| axis as usize)
    }
}

impl<const N: usize> From<[u64; N]> for Shape {
    fn from(sizes: [u64; N]) -> Self {
        Self(sizes.to_vec())
    }
}

/// `[1, 64, 112, 112]`
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// The product of sizes, 0 when one of them is 0 however large the others are.
pub(super) fn product(sizes: &[u64]) -> Result<u64, ConvError> {
    if sizes.contains(&0) {
        return Ok(0);
    }
    sizes.iter().try_fold(1_u64, |count, &size| count.checked_mul(size)).ok_or(ConvError::Overflow)
}

/// What a node gives to those that read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// One tensor.
    Tensor(Shape),
    /// The parts of a chunk or split, which an item takes one of.
    List(Vec<Shape>),
}

impl Value {
    /// The shape of a tensor; `None` for a list.
    pub fn tensor(&self) -> Option<&Shape> {
        match self {
            Self::Tensor(shape) => Some(shape),
            Self::List(_) => None,
        }
    }

    /// The shapes of all its tensors.
    pub fn shapes(&self) -> &[Shape] {
        match self {
            Self::Tensor(shape) => std::slice::from_ref(shape),
            Self::List(shapes) => shapes,
        }
    }

    /// Elements of all its tensors.
    ///
    /// # Errors
    ///
    /// [`ConvError::Overflow`] when they cannot be counted in `u64`.
    pub fn elements(&self) -> Result<u64, ConvError> {
        self.shapes()
            .iter()
            .try_fold(0_u64, |sum, shape| sum.checked_add(shape.elements()?).ok_or(ConvError::Overflow))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_counted_or_refused() {
        assert_eq!(Shape::from([1, 64, 112, 112]).elements(), Ok(802_816));
        assert_eq!(Shape::new([]).elements(), Ok(1));
        assert_eq!(Shape::from([u64::MAX, 2, 0]).elements(), Ok(0));
        assert_eq!(Shape::from([u64::MAX, 2]).elements(), Err(ConvError::Overflow));
        let list = Value::List(vec![Shape::from([2, 3]), Shape::from([4])]);
        assert_eq!((list.elements(), list.tensor()), (Ok(10), None));
    }

    #[test]
    fn axes_count_from_either_end() {
        let shape = Shape::from([1, 2, 3, 4]);
        assert_eq!([shape.axis(1), shape.axis(-1)], [Ok(1), Ok(3)]);
        assert_eq!(shape.axis(4), Err(ConvError::AxisOutOfRange { axis: 4, rank: 4 }));
        assert_eq!((shape.to_string().as_str(), shape.nchw()), ("[1, 2, 3, 4]", Some([1, 2, 3, 4])));
    }
}
