//! A padded copy of some channels, in which every tap of a row of outputs is a run of neighbouring cells.
//!
//! With stride `s`, tap `k` of output `i` reads padded cell `i * s + k * d`. Cells are copied by phase, their
//! position modulo `s`: in phase `k * d % s` the tap reads cell `i + k * d / s`. Phases that no tap reads are
//! left out. Order: channel, row phase, row, column phase, column.

use std::ops::Range;

use convscope_core::conv2d::PaddingMode;

use super::layer::{Axis, Layer};
use crate::error::KernelError;
use crate::memory::{product, try_collect, try_vec};
use crate::simd::{clear, copy};

/// Cells beyond a copy that a vector may read.
pub(crate) const SLACK: usize = 64;

/// Where the taps of one axis read.
#[derive(Clone, Debug)]
struct Phases {
    /// The phases that are copied, as positions modulo the stride, in ascending order.
    residues: Vec<usize>,
    /// For each tap the index of its phase, and the cell in it that output 0 reads.
    taps: Vec<[usize; 2]>,
    /// Cells of a phase that all outputs read together.
    len: usize,
}

impl Phases {
    fn new(axis: &Axis) -> Result<Self, KernelError> {
        let &Axis { kernel, stride, dilation, out_len, .. } = axis;
        let mut residues = try_collect((0..kernel).map(|k| k * dilation % stride))?;
        residues.sort_unstable();
        residues.dedup();
        let taps = try_collect((0..kernel).map(|k| {
            let position = k * dilation;
            [residues.partition_point(|&residue| residue < position % stride), position / stride]
        }))?;
        Ok(Self { residues, taps, len: out_len + (kernel - 1) * dilation / stride })
    }
}

/// How to copy cells of a row, `step` padded cells from one to the next.
#[derive(Clone, Debug)]
pub(crate) struct ColumnCopy {
    step: usize,
    /// Copied cells that come from inside the input, and the input cell of the first.
    pub interior: Range<usize>,
    pub first_source: usize,
    /// The others with the cell that stands there, unless that is zero.
    pub border: Vec<[usize; 2]>,
}

impl ColumnCopy {
    /// For `len` cells, of which the first stands at padded cell `first`.
    pub fn new(
        axis: &Axis,
        mode: PaddingMode,
        first: usize,
        step: usize,
        len: usize,
    ) -> Result<Self, KernelError> {
        let &Axis { in_len, pad_before, .. } = axis;
        let cells_below = |position: usize| position.saturating_sub(first).div_ceil(step).min(len);
        let interior = cells_below(pad_before)..cells_below(pad_before + in_len);
        let n_border = if mode == PaddingMode::Zeros { 0 } else { len - interior.len() };
        let mut border = try_vec(n_border)?;
        if n_border > 0 {
            let outside = (0..interior.start).chain(interior.end..len);
            border.extend(outside.filter_map(|i| Some([i, source(axis, mode, first + i * step)?])));
        }
        let first_source = (first + interior.start * step).saturating_sub(pad_before);
        Ok(Self { step, interior, first_source, border })
    }

    /// Copies from a row of the input.
    pub fn fill(&self, to: &mut [f32], row: &[f32]) {
        clear(&mut to[..self.interior.start]);
        clear(&mut to[self.interior.end..]);
        if !self.interior.is_empty() {
            let (to, from) = (&mut to[self.interior.clone()], &row[self.first_source..]);
            match self.step {
                1 => copy(to, &from[..to.len()]),
                2 => to.iter_mut().zip(from.chunks(2)).for_each(|(to, from)| *to = from[0]),
                _ => to.iter_mut().zip(from.iter().step_by(self.step)).for_each(|(to, from)| *to = *from),
            }
        }
        for &[i, source] in &self.border {
            to[i] = row[source];
        }
    }
}

/// The input cell that stands at a padded position, or none for a zero.
pub(crate) fn source(axis: &Axis, mode: PaddingMode, padded: usize) -> Option<usize> {
    // Both fit: the padded length was counted in i64 and in usize.
    let position = padded as i64 - axis.pad_before as i64;
    let inside = usize::try_from(position).ok().filter(|&cell| cell < axis.in_len);
    inside.or_else(|| mode.source(position, axis.in_len as u64).map(|cell| cell as usize))
}

/// How to copy; the cells themselves are in scratch.
#[derive(Clone, Debug)]
pub(crate) struct Padded {
    row_axis: Axis,
    column_axis: Axis,
    mode: PaddingMode,
    rows: Phases,
    columns: Phases,
    column_copies: Vec<ColumnCopy>,
    /// Output rows that a copy serves.
    pub strip: usize,
    /// From one row to the next.
    pub row_pitch: usize,
    /// From one channel to the next.
    pub channel_pitch: usize,
}

impl Padded {
    /// For strips of as many output rows as keep a copy of so many channels below a number of floats: a
    /// multiple of `step`, and one step at least, but no more than for all.
    pub fn new(layer: &Layer, channels: usize, budget: usize, step: usize) -> Result<Self, KernelError> {
        let (rows, columns) = (Phases::new(&layer.rows)?, Phases::new(&layer.columns)?);
        let mut column_copies = try_vec(columns.residues.len())?;
        for &residue in &columns.residues {
            let (axis, step) = (&layer.columns, layer.columns.stride);
            column_copies.push(ColumnCopy::new(axis, layer.mode, residue, step, columns.len)?);
        }
        let row_pitch = product(&[columns.residues.len(), columns.len])?;
        let row_of_all = product(&[channels.max(1), rows.residues.len(), row_pitch])?;
        let shared = rows.len - layer.rows.out_len;
        let strip = (budget / row_of_all).saturating_sub(shared);
        let strip = (strip - strip % step).max(step).min(layer.rows.out_len.next_multiple_of(step));
        let channel_pitch = product(&[rows.residues.len(), strip + shared, row_pitch])?;
        Ok(Self {
            row_axis: layer.rows,
            column_axis: layer.columns,
            mode: layer.mode,
            rows,
            columns,
            column_copies,
            strip,
            row_pitch,
            channel_pitch,
        })
    }

    /// Floats that a copy of so many channels takes, slack included.
    pub fn len(&self, channels: usize) -> Result<usize, KernelError> {
        let len = product(&[channels, self.channel_pitch])?;
        len.checked_add(SLACK).ok_or(KernelError::OutOfMemory { bytes: u64::MAX })
    }

    /// For each tap `(i, k_y, k_x)` of so many channels, in that order, the cell that output 0 reads.
    pub fn offsets(&self, channels: usize) -> Result<Vec<usize>, KernelError> {
        let mut offsets = try_vec(product(&[channels, self.rows.taps.len(), self.columns.taps.len()])?)?;
        for i in 0..channels {
            for &[row_phase, row] in &self.rows.taps {
                let row = row_phase * (self.channel_pitch / self.rows.residues.len()) + row * self.row_pitch;
                offsets.extend(self.columns.taps.iter().map(|&[column_phase, column]| {
                    i * self.channel_pitch + row + column_phase * self.columns.len + column
                }));
            }
        }
        Ok(offsets)
    }

    /// Copies what the outputs of a strip of rows read, starting at output row `first_row`.
    ///
    /// `planes` are whole feature maps; `to` has room for as many.
    pub fn fill(&self, to: &mut [f32], planes: &[f32], first_row: usize) {
        let width = self.column_axis.in_len;
        let n_rows = self.channel_pitch / self.rows.residues.len() / self.row_pitch;
        let planes = planes.chunks_exact(self.row_axis.in_len * width);
        for (channel, plane) in to.chunks_exact_mut(self.channel_pitch).zip(planes) {
            let phases = channel.chunks_exact_mut(n_rows * self.row_pitch);
            for (phase, &residue) in phases.zip(&self.rows.residues) {
                let rows = phase.chunks_exact_mut(self.row_pitch);
                // The last strip may need fewer rows.
                for (row, i) in rows.zip(first_row..self.rows.len) {
                    let padded = residue + i * self.row_axis.stride;
                    match source(&self.row_axis, self.mode, padded) {
                        Some(y) => self.fill_row(row, &plane[y * width..][..width]),
                        None => clear(row),
                    }
                }
            }
        }
    }

    fn fill_row(&self, to: &mut [f32], row: &[f32]) {
        for (to, copy) in to.chunks_exact_mut(self.columns.len).zip(&self.column_copies) {
            copy.fill(to, row);
        }
    }
}
