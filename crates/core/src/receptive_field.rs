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
