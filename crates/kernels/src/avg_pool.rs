//! Average pooling: the sum of each window, divided once.

use crate::error::KernelError;
use crate::memory::{Scratch, try_vec};
use crate::pool::{Reduction, Windows2d};
use convscope_core::{AvgDivisor, Pool2dParams};

/// The average of each window: `output` is NCHW of [`Pool2dParams::output_shape`] for `input_shape`.
///
/// A window without a cell to count gives 0.
///
/// # Errors
///
/// [`KernelError::Shape`] for what [`Pool2dParams::output_shape`] refuses; [`KernelError::Length`];
/// [`KernelError::OutOfMemory`].
pub fn avg_pool2d(
    params: &Pool2dParams,
    divisor: AvgDivisor,
    input: &[f32],
    input_shape: [u64; 4],
    output: &mut [f32],
    scratch: &mut Scratch,
) -> Result<(), KernelError> {
    let Some(windows) = Windows2d::new(params, input.len(), input_shape, output.len())? else {
        return Ok(());
    };
    let divisors = Divisors::new(divisor, &windows)?;
    let reduction = Reduction::new(0.0, |sum: f32, cell: f32| sum + cell);
    windows.reduce(&reduction, input, output, scratch, |y, row| match &divisors {
        Divisors::Fixed(divisor) => row.iter_mut().for_each(|sum| *sum /= divisor),
        Divisors::Counts { rows, columns } => {
            let sums = row.iter_mut().zip(columns);
            sums.for_each(|(sum, column)| *sum /= rows[y] * column);
        }
    })
}

/// What the sum of a window is divided by; never 0, because a window without a cell to count sums to 0.
pub(crate) enum Divisors {
    Fixed(f32),
    /// The cells that count, by row and by column of the output.
    Counts {
        rows: Vec<f32>,
        columns: Vec<f32>,
    },
}

impl Divisors {
    pub fn new(divisor: AvgDivisor, windows: &Windows2d) -> Result<Self, KernelError> {
        let axes = [&windows.geometry.rows, &windows.geometry.columns];
        let padded = match divisor {
            AvgDivisor::Fixed(divisor) => return Ok(Self::Fixed(divisor as f32)),
            AvgDivisor::CountIncludePad => true,
            AvgDivisor::CountInside => false,
        };
        let mut counts = [try_vec(windows.rows.out_len())?, try_vec(windows.columns.out_len())?];
        for (counts, axis) in counts.iter_mut().zip(axes) {
            counts.extend((0..axis.output_len()).map(|o| {
                let taps = if padded { axis.taps_padded(o) } else { axis.taps_inside(o) };
                (taps.end - taps.start).max(1) as f32
            }));
        }
        let [rows, columns] = counts;
        Ok(Self::Counts { rows, columns })
    }

    pub fn of_window(&self, [y, x]: [usize; 2]) -> f32 {
        match self {
            Self::Fixed(divisor) => *divisor,
            Self::Counts { rows, columns } => rows[y] * columns[x],
        }
    }
}
