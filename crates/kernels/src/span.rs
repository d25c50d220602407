//! One axis between the two sides of a convolution, tap by tap: where runs of cells meet.
//!
//! The large side is a convolution's input or a transposed one's output, the small side the other. Tap `k`
//! joins small cell `i` with large cell `i * stride + k * dilation - pad`.

use crate::check::size;
use crate::error::KernelError;
use crate::memory::{try_collect, try_vec};
use convscope_core::{AxisGeometry, AxisParams, TransposedAxis};
use std::ops::Range;

/// An axis with a run for each tap.
pub(crate) struct Span {
    /// Cells of the large side.
    pub large: usize,
    /// Cells of the small side.
    pub small: usize,
    /// Large cells from one small cell to the next.
    pub step: usize,
    /// What each tap joins.
    pub runs: Vec<Run>,
}

/// The small cells that a tap joins with a large cell.
#[derive(Clone)]
pub(crate) struct Run {
    pub small: Range<usize>,
    /// The large cell of the first of them.
    pub large: usize,
}

impl Span {
    /// Of a convolution whose padding is zeros.
    pub fn of_conv(axis: &AxisGeometry) -> Result<Self, KernelError> {
        let lens = [axis.input_len(), axis.output_len()];
        Self::new(lens, axis.params(), |tap| axis.interior(tap), |start, tap| axis.tap(start, tap))
    }

    /// Of a convolution whose padding is part of the large side.
    pub fn of_padded(axis: &AxisGeometry) -> Result<Self, KernelError> {
        let (lens, params) = ([axis.padded_len(), axis.output_len()], axis.params());
        let windows = axis.output_len();
        Self::new(lens, params, |_| 0..windows, |_, tap| (tap * params.dilation()).cast_signed())
    }

    /// Of a transposed convolution.
    pub fn of_transposed(axis: &TransposedAxis) -> Result<Self, KernelError> {
        let lens = [axis.output_len(), axis.input_len()];
        Self::new(lens, axis.params(), |tap| axis.interior(tap), |start, tap| axis.target(start, tap))
    }

    /// `interior` gives the small cells that a tap joins, and `target` where the first of them lands.
    fn new(
        lens: [u64; 2],
        params: AxisParams,
        interior: impl Fn(u64) -> Range<u64>,
        target: impl Fn(u64, u64) -> i64,
    ) -> Result<Self, KernelError> {
        let [large, small] = [size(lens[0])?, size(lens[1])?];
        let run = |tap: usize| {
            let joined = interior(tap as u64);
            if joined.is_empty() {
                return Run { small: 0..0, large: 0 };
            }
            let large = u64::try_from(target(joined.start, tap as u64)).unwrap_or(0);
            // Both lie within the sides, whose lengths are those of slices.
            Run { small: joined.start as usize..joined.end as usize, large: large as usize }
        };
        let runs = try_collect((0..size(params.kernel_size())?).map(run))?;
        // A stride beyond usize joins one cell at most.
        let step = usize::try_from(params.stride()).unwrap_or(usize::MAX);
        Ok(Self { large, small, step, runs })
    }

    /// The part of the axis whose small cells lie in a range, which then counts from 0.
    pub fn part(&self, small: Range<usize>) -> Result<Vec<Run>, KernelError> {
        let mut runs = try_vec(self.runs.len())?;
        runs.extend(self.runs.iter().map(|run| {
            let start = run.small.start.max(small.start);
            let end = run.small.end.min(small.end);
            if start >= end {
                return Run { small: 0..0, large: 0 };
            }
            let skipped = (start - run.small.start).saturating_mul(self.step);
            Run { small: start - small.start..end - small.start, large: run.large + skipped }
        }));
        Ok(runs)
    }
}

/// Adds `from` to every `step`th cell of `to`.
pub(crate) fn add_to_spread(to: &mut [f32], step: usize, from: &[f32]) {
    if step == 1 {
        to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
    } else {
        to.iter_mut().step_by(step).zip(from).for_each(|(to, from)| *to += from);
    }
}

/// Adds `factor * from` to every `step`th cell of `to`.
pub(crate) fn add_scaled_to_spread(to: &mut [f32], step: usize, factor: f32, from: &[f32]) {
    if step == 1 {
        to.iter_mut().zip(from).for_each(|(to, from)| *to += factor * from);
    } else {
        to.iter_mut().step_by(step).zip(from).for_each(|(to, from)| *to += factor * from);
    }
}

/// Copies every `step`th cell of `from`.
pub(crate) fn copy_spread(to: &mut [f32], from: &[f32], step: usize) {
    if step == 1 {
        to.copy_from_slice(&from[..to.len()]);
    } else {
        to.iter_mut().zip(from.iter().step_by(step)).for_each(|(to, from)| *to = *from);
    }
}

/// The sum of `a[i] * b[i * step]`, in eight lanes.
pub(crate) fn dot_spread(a: &[f32], b: &[f32], step: usize) -> f32 {
    if step != 1 {
        return a.iter().zip(b.iter().step_by(step)).map(|(a, b)| a * b).sum();
    }
    let mut lanes = [0.0_f32; 8];
    let (a_chunks, a_rest) = a.as_chunks::<8>();
    let (b_chunks, b_rest) = b[..a.len()].as_chunks::<8>();
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f32>() + rest
}

/// The sum of a slice, in eight lanes.
pub(crate) fn sum(cells: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    let (chunks, rest) = cells.as_chunks::<8>();
    for chunk in chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, cell)| *lane += cell);
    }
    lanes.iter().sum::<f32>() + rest.iter().sum::<f32>()
}
