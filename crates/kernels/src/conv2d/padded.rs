//! A padded copy of some channels, in which every tap of a row of outputs is a run of neighbouring cells.
//!
//! With stride `s`, tap `k` of output `i` reads padded cell `i * s + k * d`. Cells are copied by phase, their
//! position modulo `s`: in phase `k * d % s` the tap reads cell `i + k * d / s`. Phases that no tap reads are
//! left out. Order: channel, row phase, row, column phase, column.

use convscope_core::conv2d::PaddingMode;

use super::layer::{Axis, Layer};
use crate::error::KernelError;
use crate::memory::{product, try_collect, try_vec};

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

/// How one column phase of a row is copied.
#[derive(Clone, Debug)]
struct ColumnCopy {
    /// Copied cells that come from inside the input, and the input cell of the first.
    interior: std::ops::Range<usize>,
    first_source: usize,
    /// The others with the cell that stands there, unless that is zero.
    border: Vec<[usize; 2]>,
}

impl ColumnCopy {
    fn new(axis: &Axis, mode: PaddingMode, residue: usize, len: usize) -> Result<Self, KernelError> {
        let &Axis { in_len, stride, pad_before, .. } = axis;
        // Cell i stands at input position residue + i * stride - pad_before.
        let cells_below = |position: usize| position.saturating_sub(residue).div_ceil(stride).min(len);
        let interior = cells_below(pad_before)..cells_below(pad_before + in_len);
        let n_border = if mode == PaddingMode::Zeros { 0 } else { len - interior.len() };
        let mut border = try_vec(n_border)?;
        if n_border > 0 {
            let outside = (0..interior.start).chain(interior.end..len);
            border.extend(outside.filter_map(|i| Some([i, source(axis, mode, residue + i * stride)?])));
        }
        let first_source = (residue + interior.start * stride).saturating_sub(pad_before);
        Ok(Self { interior, first_source, border })
    }

    fn fill(&self, to: &mut [f32], row: &[f32], stride: usize) {
        to[..self.interior.start].fill(0.0);
        to[self.interior.end..].fill(0.0);
        if !self.interior.is_empty() {
            let (to, from) = (&mut to[self.interior.clone()], &row[self.first_source..]);
            match stride {
                1 => to.copy_from_slice(&from[..to.len()]),
                2 => to.iter_mut().zip(from.chunks(2)).for_each(|(to, from)| *to = from[0]),
                _ => to.iter_mut().zip(from.iter().step_by(stride)).for_each(|(to, from)| *to = *from),
            }
        }
        for &[i, source] in &self.border {
            to[i] = row[source];
        }
    }
}

/// The input cell that stands at a padded position, or none for a zero.
fn source(axis: &Axis, mode: PaddingMode, padded: usize) -> Option<usize> {
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
    /// For strips of as many output rows as keep a copy of so many channels below a number of floats, but
    /// one at least.
    pub fn new(layer: &Layer, channels: usize, budget: usize) -> Result<Self, KernelError> {
        let (rows, columns) = (Phases::new(&layer.rows)?, Phases::new(&layer.columns)?);
        let mut column_copies = try_vec(columns.residues.len())?;
        for &residue in &columns.residues {
            column_copies.push(ColumnCopy::new(&layer.columns, layer.mode, residue, columns.len)?);
        }
        let row_pitch = product(&[columns.residues.len(), columns.len])?;
        let row_of_all = product(&[channels.max(1), rows.residues.len(), row_pitch])?;
        let shared = rows.len - layer.rows.out_len;
        let strip = (budget / row_of_all).saturating_sub(shared).clamp(1, layer.rows.out_len);
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
                        None => row.fill(0.0),
                    }
                }
            }
        }
    }

    fn fill_row(&self, to: &mut [f32], row: &[f32]) {
        for (to, copy) in to.chunks_exact_mut(self.columns.len).zip(&self.column_copies) {
            copy.fill(to, row, self.column_axis.stride);
        }
    }
}
