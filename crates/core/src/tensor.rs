//! A tensor of rank 4 in `f32`, row-major: activations NCHW, weights OIHW.

use crate::error::{ConvError, Lengths};

/// Numbers in the shape `[n, c, height, width]`. Invariant: there are as many as the shape says.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    shape: [u64; 4],
    data: Vec<f32>,
}

/// Elements of a shape: the product of its sizes, 0 when one of them is 0.
///
/// # Errors
///
/// [`ConvError::Overflow`] when that does not fit in `u64`.
pub fn element_count(shape: [u64; 4]) -> Result<u64, ConvError> {
    if shape.contains(&0) {
        return Ok(0);
    }
    shape.iter().try_fold(1_u64, |count, &size| count.checked_mul(size)).ok_or(ConvError::Overflow)
}

impl Tensor {
    /// Gives data a shape.
    ///
    /// # Errors
    ///
    /// [`ConvError::ElementCount`] when there are more or fewer numbers than the shape says.
    pub fn new(shape: [u64; 4], data: Vec<f32>) -> Result<Self, ConvError> {
        let (expected, got) = (element_count(shape)?, data.len() as u64);
        if expected == got {
            Ok(Self { shape, data })
        } else {
            Err(ConvError::ElementCount { expected, got })
        }
    }

    /// A tensor of zeros.
    ///
    /// # Errors
    ///
    /// [`ConvError::Overflow`] when it does not fit in memory.
    pub fn zeros(shape: [u64; 4]) -> Result<Self, ConvError> {
        let len = usize::try_from(element_count(shape)?).map_err(|_| ConvError::Overflow)?;
        let mut data = Vec::new();
        data.try_reserve_exact(len).map_err(|_| ConvError::Overflow)?;
        data.resize(len, 0.0);
        Ok(Self { shape, data })
    }

    /// One feature map, `[1, 1, rows, columns]`, from its cells row by row.
    ///
    /// # Errors
    ///
    /// [`ConvError::ElementCount`] when there are not `rows * columns` numbers.
    pub fn map(rows: u64, columns: u64, data: Vec<f32>) -> Result<Self, ConvError> {
        Self::new([1, 1, rows, columns], data)
    }

    /// The four sizes.
    pub fn shape(&self) -> [u64; 4] {
        self.shape
    }

    /// All numbers, row-major.
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// All numbers, row-major, to change them.
    pub fn data_mut(&mut self) -> &mut [f32] {
        &mut self.data
    }

    /// One number.
    ///
    /// # Panics
    ///
    /// When the index lies outside, as slices do.
    pub fn at(&self, index: [u64; 4]) -> f32 {
        let [n, c, y, x] = index;
        let columns = self.shape[3];
        let (wanted, shape) = (Lengths(index), Lengths(self.shape));
        assert!(y < self.shape[2] && x < columns, "index {wanted} lies outside the shape {shape}");
        self.plane(n, c)[(y * columns + x) as usize]
    }

    /// One feature map, row-major.
    ///
    /// # Panics
    ///
    /// When there is no such image or channel, as slices do.
    pub fn plane(&self, n: u64, c: u64) -> &[f32] {
        let [images, channels, rows, columns] = self.shape;
        assert!(
            n < images && c < channels,
            "plane [{n}, {c}] lies outside the shape {}",
            Lengths(self.shape)
        );
        if self.data.is_empty() {
            return &[];
        }
        // Within the data, whose length is a usize.
        let len = (rows * columns) as usize;
        let start = (n * channels + c) as usize * len;
        &self.data[start..start + len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_must_fill_the_shape() {
        assert_eq!(Tensor::map(2, 3, vec![0.0; 5]), Err(ConvError::ElementCount { expected: 6, got: 5 }));
        assert_eq!(Tensor::new([2, 0, 3, 3], vec![]).map(|tensor| tensor.data().len()), Ok(0));
    }

    #[test]
    fn cells_and_planes_are_row_major() {
        let tensor = Tensor::new([2, 2, 2, 3], (0..24_u8).map(f32::from).collect()).unwrap();
        assert_eq!(tensor.at([1, 0, 1, 2]), 17.0);
        assert_eq!(tensor.plane(0, 1), [6.0, 7.0, 8.0, 9.0, 10.0, 11.0]);
        assert_eq!(Tensor::zeros([1, 1, 0, u64::MAX]).unwrap().plane(0, 0), [0.0; 0]);
    }

    #[test]
    #[should_panic(expected = "lies outside")]
    fn a_column_outside_is_not_a_cell_of_the_next_row() {
        Tensor::map(2, 2, vec![0.0; 4]).unwrap().at([0, 0, 0, 2]);
    }

    #[test]
    fn tensors_beyond_memory_are_refused() {
        assert_eq!(Tensor::zeros([1, 1, 1 << 32, 1 << 30]), Err(ConvError::Overflow));
        assert_eq!(Tensor::zeros([1 << 32, 1, 1 << 32, 1]), Err(ConvError::Overflow));
        assert_eq!(Tensor::zeros([0, u64::MAX, u64::MAX, 1]).map(|tensor| tensor.data().len()), Ok(0));
    }
}
