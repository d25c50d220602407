//! What pools share: windows reduced along rows first, then along columns.
//!
//! A row of windows takes the cells of the interior tap by tap, without bounds; the few windows that reach
//! into the padding take theirs one by one. Both steps keep the order in which a window's cells stand, row by
//! row, so that the first of equal maxima is the first of all.

use crate::check::{elements, length, size};
use crate::error::KernelError;
use crate::memory::{Scratch, product, try_vec};
use convscope_core::pool::PoolAxis;
use convscope_core::{Pool2dGeometry, Pool2dParams};
use std::ops::Range;

/// The windows of one axis, in cells of the input; those of the padding are left out.
pub(crate) struct Windows {
    pub in_len: usize,
    /// For each window its first cell and how many it has.
    pub windows: Vec<Window>,
    /// Cells from one of a window's cells to the next.
    pub dilation: usize,
    /// Cells from one window to the next.
    pub stride: usize,
    /// The windows that reach into no padding.
    pub interior: Range<usize>,
}

/// The cells of one window along one axis.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    pub first: usize,
    pub cells: usize,
}

impl Windows {
    fn new(axis: &PoolAxis) -> Result<Self, KernelError> {
        let (geometry, params) = (axis.windows(), axis.windows().params());
        let mut windows = try_vec(size(axis.output_len())?)?;
        for o in 0..axis.output_len() {
            let taps = axis.taps_inside(o);
            let cells = (taps.end - taps.start) as usize;
            let first = if cells > 0 { geometry.tap(o, taps.start) } else { 0 };
            windows.push(Window { first: u64::try_from(first).unwrap_or(0) as usize, cells });
        }
        // A window wider than usize has a cell outside, so none is whole.
        let kernel = usize::try_from(params.kernel_size()).unwrap_or(usize::MAX);
        let start = windows.iter().position(|window| window.cells == kernel).unwrap_or(0);
        let whole = windows[start..].iter().take_while(|window| window.cells == kernel).count();
        let in_usize = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
        Ok(Self {
            in_len: size(geometry.input_len())?,
            windows,
            dilation: in_usize(params.dilation()),
            stride: in_usize(params.stride()),
            interior: start..start + whole,
        })
    }

    /// The cells of a window, first to last.
    pub fn cells(&self, window: Window) -> impl Iterator<Item = usize> + use<> {
        let dilation = self.dilation;
        (0..window.cells).map(move |tap| window.first + tap * dilation)
    }

    pub fn out_len(&self) -> usize {
        self.windows.len()
    }
}

/// Both axes of a pool over maps in memory.
pub(crate) struct Windows2d {
    pub geometry: Pool2dGeometry,
    pub rows: Windows,
    pub columns: Windows,
}

/// What becomes of a window's cells: `join(join(empty, first), second)`, and so on.
pub(crate) struct Reduction<C, J> {
    /// A window without cells.
    pub empty: f32,
    /// Changes each cell first.
    pub of_cell: Option<C>,
    pub join: J,
}

impl<J: Fn(f32, f32) -> f32 + Copy> Reduction<fn(f32) -> f32, J> {
    /// Of the cells as they are.
    pub fn new(empty: f32, join: J) -> Self {
        Self { empty, of_cell: None, join }
    }
}

impl Windows2d {
    /// Checks the slices' lengths; nothing when the batch is empty.
    ///
    /// # Errors
    ///
    /// [`KernelError::Shape`] for what [`Pool2dParams::output_shape`] refuses; [`KernelError::Length`];
    /// [`KernelError::OutOfMemory`].
    pub fn new(
        params: &Pool2dParams,
        input: usize,
        input_shape: [u64; 4],
        output: usize,
    ) -> Result<Option<Self>, KernelError> {
        length("input", input, elements(input_shape)?)?;
        length("output", output, elements(params.output_shape(input_shape)?)?)?;
        if output == 0 {
            return Ok(None);
        }
        let geometry = params.geometry([input_shape[2], input_shape[3]])?;
        let (rows, columns) = (Windows::new(&geometry.rows)?, Windows::new(&geometry.columns)?);
        Ok(Some(Self { geometry, rows, columns }))
    }

    pub fn in_plane(&self) -> usize {
        self.rows.in_len * self.columns.in_len
    }

    pub fn out_plane(&self) -> usize {
        self.rows.out_len() * self.columns.out_len()
    }

    /// Reduces each window of each map, and hands each row of the output, with its number, to `finish`.
    pub fn reduce(
        &self,
        reduction: &Reduction<impl Fn(f32) -> f32, impl Fn(f32, f32) -> f32 + Copy>,
        input: &[f32],
        output: &mut [f32],
        scratch: &mut Scratch,
        finish: impl Fn(usize, &mut [f32]),
    ) -> Result<(), KernelError> {
        let &Reduction { empty, ref of_cell, join } = reduction;
        let (in_width, out_width) = (self.columns.in_len, self.columns.out_len());
        let n_changed = if of_cell.is_some() { in_width } else { 0 };
        let n_reduced = product(&[self.rows.in_len, out_width])?;
        let (changed, reduced) = scratch.take(n_changed + n_reduced)?.split_at_mut(n_changed);
        let maps = input.chunks_exact(self.in_plane()).zip(output.chunks_exact_mut(self.out_plane()));
        for (map, output) in maps {
            for (row, reduced) in map.chunks_exact(in_width).zip(reduced.chunks_exact_mut(out_width)) {
                let row = match of_cell {
                    Some(of_cell) => {
                        changed.iter_mut().zip(row).for_each(|(changed, &cell)| *changed = of_cell(cell));
                        &*changed
                    }
                    None => row,
                };
                self.columns.reduce_row(row, reduced, empty, join);
            }
            for (y, row) in output.chunks_exact_mut(out_width).enumerate() {
                row.fill(empty);
                for in_y in self.rows.cells(self.rows.windows[y]) {
                    let cells = &reduced[in_y * out_width..][..out_width];
                    row.iter_mut().zip(cells).for_each(|(best, &cell)| *best = join(*best, cell));
                }
                finish(y, row);
            }
        }
        Ok(())
    }
}

impl Windows {
    /// Reduces every window of one row.
    fn reduce_row(&self, row: &[f32], reduced: &mut [f32], empty: f32, join: impl Fn(f32, f32) -> f32) {
        let Range { start, end } = self.interior;
        for window in (0..start).chain(end..self.windows.len()) {
            let cells = self.cells(self.windows[window]);
            reduced[window] = cells.fold(empty, |best, cell| join(best, row[cell]));
        }
        if start == end {
            return;
        }
        let interior = &mut reduced[start..end];
        interior.fill(empty);
        for first in self.cells(self.windows[start]) {
            let cells = row[first..].iter();
            if self.stride == 1 {
                interior.iter_mut().zip(cells).for_each(|(best, &cell)| *best = join(*best, cell));
            } else if self.stride == 2 {
                // Pairs are taken apart by shuffles, which is several times faster than single loads.
                let (pairs, rest) = row[first..].as_chunks::<2>();
                let n = interior.len().min(pairs.len());
                interior.iter_mut().zip(pairs).for_each(|(best, pair)| *best = join(*best, pair[0]));
                if let (Some(best), Some(&cell)) = (interior.get_mut(n), rest.first()) {
                    *best = join(*best, cell);
                }
            } else {
                let cells = cells.step_by(self.stride);
                interior.iter_mut().zip(cells).for_each(|(best, &cell)| *best = join(*best, cell));
            }
        }
    }
}
