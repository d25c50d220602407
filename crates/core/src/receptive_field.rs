//! Which input cells a unit can see, along one axis, through a chain of layers.
//!
//! `size' = size + (dilated_kernel - 1) * jump`, `start' = start - pad_before * jump`,
//! `jump' = jump * stride` (Araujo, Norris and Sim 2019, with the left edge in place of the centre, so
//! that everything stays an integer).

use crate::axis::{AxisGeometry, AxisParams};
use crate::error::ConvError;

/// The input cells that unit `u` of a layer can see: `start + u * jump`, and `size` cells from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceptiveField {
    /// Cells from the first to the last one seen, holes of a dilation included.
    pub size: u64,
    /// Input cells from one unit to the next; also called effective stride.
    pub jump: u64,
    /// The left edge of unit 0's field, not clipped to the input: negative in the padding.
    pub start: i64,
}

impl ReceptiveField {
    /// The field of an input cell: itself.
    pub const INPUT: Self = Self { size: 1, jump: 1, start: 0 };

    /// The field after one more layer, of which only the padding before the input matters.
    ///
    /// # Errors
    ///
    /// [`ConvError::Overflow`] when one of the numbers does not fit.
    pub fn then(self, params: AxisParams, pad_before: u64) -> Result<Self, ConvError> {
        let reach = (params.dilated_kernel()? - 1).checked_mul(self.jump);
        let size = reach.and_then(|reach| self.size.checked_add(reach));
        let jump = self.jump.checked_mul(params.stride());
        let shift = pad_before.checked_mul(self.jump);
        let start = shift.and_then(|shift| self.start.checked_sub_unsigned(shift));
        match (size, jump, start) {
            (Some(size), Some(jump), Some(start)) => Ok(Self { size, jump, start }),
            _ => Err(ConvError::Overflow),
        }
    }

    /// The first and the last input position that unit `unit` sees, not clipped to the input.
    ///
    /// # Errors
    ///
    /// [`ConvError::Overflow`] when one of them does not fit.
    pub fn span(&self, unit: u64) -> Result<[i64; 2], ConvError> {
        let first = unit.checked_mul(self.jump).and_then(|shift| self.start.checked_add_unsigned(shift));
        let last = first.and_then(|first| first.checked_add_unsigned(self.size - 1));
        first.zip(last).map(|(first, last)| [first, last]).ok_or(ConvError::Overflow)
    }
}

/// The field of a chain of layers, from the input on: each one's parameters and padding before.
///
/// # Errors
///
/// [`ConvError::Overflow`] when one of the numbers does not fit.
pub fn of_chain(layers: &[(AxisParams, u64)]) -> Result<ReceptiveField, ConvError> {
    layers
        .iter()
        .try_fold(ReceptiveField::INPUT, |field, &(params, pad_before)| field.then(params, pad_before))
}

/// The field of one layer that is already laid out.
impl TryFrom<AxisGeometry> for ReceptiveField {
    type Error = ConvError;

    fn try_from(geometry: AxisGeometry) -> Result<Self, ConvError> {
        Self::INPUT.then(geometry.params(), geometry.pad_before())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::axis::Padding;

    /// `[kernel_size, stride, pad_before, dilation]` of each layer.
    fn fields(layers: &[[u64; 4]]) -> Vec<ReceptiveField> {
        let layer = |&[k, s, p, d]: &[u64; 4]| (AxisParams::new(k, s, d).unwrap(), p);
        (1..=layers.len())
            .map(|len| of_chain(&layers[..len].iter().map(layer).collect::<Vec<_>>()).unwrap())
            .collect()
    }

    fn sizes(layers: &[[u64; 4]]) -> Vec<u64> {
        fields(layers).iter().map(|field| field.size).collect()
    }

    #[test]
    fn one_layer_sees_its_dilated_kernel() {
        let params = AxisParams::new(3, 2, 2).unwrap();
        let geometry = params.geometry(9, Padding::Explicit { before: 2, after: 0 }).unwrap();
        let field = ReceptiveField::try_from(geometry).unwrap();
        assert_eq!(field, ReceptiveField { size: 5, jump: 2, start: -2 });
        // Unit 1 sees what its window spans.
        assert_eq!(field.span(1), Ok([geometry.window_start(1), geometry.tap(1, 2)]));
    }

    #[test]
    fn a_chain_grows_by_the_jump() {
        let chain = fields(&[[3, 1, 0, 1], [3, 1, 0, 1], [2, 2, 0, 1], [3, 1, 0, 1]]);
        assert_eq!(chain.iter().map(|field| field.size).collect::<Vec<_>>(), [3, 5, 6, 10]);
        assert_eq!(chain.iter().map(|field| field.jump).collect::<Vec<_>>(), [1, 1, 2, 2]);
        assert_eq!(chain[3].span(2), Ok([4, 13]));
    }

    #[test]
    fn padding_moves_the_start_by_the_jump() {
        let chain = fields(&[[3, 1, 1, 1], [3, 1, 1, 1], [2, 2, 0, 1], [3, 1, 1, 1]]);
        assert_eq!(chain.iter().map(|field| field.start).collect::<Vec<_>>(), [-1, -2, -2, -4]);
    }

    #[test]
    fn same_padding_keeps_a_dilated_field_centred() {
        // Another tool loses the dilation here and shifts the centre by one cell.
        assert_eq!(fields(&[[3, 1, 2, 2]])[0].span(0), Ok([-2, 2]));
    }

    #[test]
    fn a_chain_of_unequal_layers_agrees_with_gradients() {
        let chain = fields(&[[4, 1, 3, 2], [3, 3, 4, 4], [5, 1, 13, 4], [7, 1, 9, 3]]);
        let expected = [(7, 1, -3), (15, 3, -7), (63, 3, -46), (117, 3, -73)];
        assert_eq!(chain, expected.map(|(size, jump, start)| ReceptiveField { size, jump, start }));
    }

    #[test]
    fn vgg_16_sees_212_cells() {
        let (conv, pool) = ([3, 1, 1, 1], [2, 2, 0, 1]);
        let blocks = [[conv, conv, pool].as_slice(), &[conv, conv, pool]].concat();
        let deep = [conv, conv, conv, pool].repeat(3);
        assert_eq!(
            sizes(&[blocks, deep].concat()),
            [3, 5, 6, 10, 14, 16, 24, 32, 40, 44, 60, 76, 92, 100, 132, 164, 196, 212]
        );
    }

    #[test]
    fn alexnet_sees_195_cells_from_66_before_the_input() {
        let (conv, pool) = ([3, 1, 1, 1], [3, 2, 0, 1]);
        let layers = [[11, 4, 2, 1], pool, [5, 1, 2, 1], pool, conv, conv, conv, pool];
        assert_eq!(sizes(&layers), [11, 19, 51, 67, 99, 131, 163, 195]);
        assert_eq!(fields(&layers)[7], ReceptiveField { size: 195, jump: 32, start: -66 });
    }

    #[test]
    fn patchgan_sees_70_cells_and_dqn_36() {
        let patchgan = sizes(&[[4, 2, 1, 1], [4, 2, 1, 1], [4, 2, 1, 1], [4, 1, 1, 1], [4, 1, 1, 1]]);
        assert_eq!(patchgan.last(), Some(&70));
        assert_eq!(sizes(&[[8, 4, 0, 1], [4, 2, 0, 1], [3, 1, 0, 1]]).last(), Some(&36));
    }

    #[test]
    fn three_3x3_see_what_one_7x7_sees() {
        assert_eq!(fields(&[[3, 1, 1, 1]; 3])[2], fields(&[[7, 1, 3, 1]])[0]);
    }

    #[test]
    fn fields_beyond_64_bits_are_refused() {
        let halving = (AxisParams::new(2, 2, 1).unwrap(), 0);
        assert_eq!(of_chain(&[halving; 63]).map(|field| field.jump), Ok(1 << 63));
        assert_eq!(of_chain(&[halving; 64]), Err(ConvError::Overflow));
        let padded = (AxisParams::new(1, 1, 1).unwrap(), u64::MAX);
        assert_eq!(of_chain(&[padded]), Err(ConvError::Overflow));
        assert_eq!(of_chain(&[halving; 63]).unwrap().span(1), Err(ConvError::Overflow));
    }
}
