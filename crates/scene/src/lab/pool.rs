//! What a pool draws beyond a convolution: the cells of its window one by one, which of them wins, and the
//! cells over which its last window hangs.

use std::sync::Arc;

use convscope_core::window::Tap;
use convscope_core::{AvgDivisor, Pads, Pool2dGeometry, PoolAxis};

use crate::geom::Rect;
use crate::ink::Ink;
use crate::lab::moving::taps_of;
use crate::lab::{LabFigure, cells};
use crate::scene::{Align, Mark, Part};

/// Dropped windows that reach further beyond the input than so many cells are not drawn.
const MOST_DROPPED: u64 = 2;

/// A pool, whose windows are those of the figure's geometry.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    /// Its windows, with the padding as stated.
    pub geometry: Pool2dGeometry,
    /// What becomes of a window.
    pub kind: PoolKind,
    /// What stands beside an output that the cell pointed at wins.
    pub wins: String,
}

/// What becomes of a window.
#[derive(Clone, Debug, PartialEq)]
pub enum PoolKind {
    /// Its maximum, and where that stands for each output of all channels, as in
    /// [`convscope_core::pool2d::max_pool2d`].
    Max(Arc<Vec<Option<u64>>>),
    /// Its sum, divided.
    Average(AvgDivisor),
    /// Its norm.
    Norm,
}

impl Pool {
    /// What stands in the padding.
    pub(super) fn pad_value(&self) -> f32 {
        if matches!(self.kind, PoolKind::Max(_)) { f32::NEG_INFINITY } else { 0.0 }
    }

    /// Whether a position lies beyond the padding, where only a last window that hangs over reaches.
    pub(super) fn is_beyond(&self, [row, column]: [i64; 2]) -> bool {
        let [height, width] = self.geometry.windows().input_size().map(u64::cast_signed);
        let Pads { bottom, right, .. } = self.geometry.pads();
        row >= height + bottom.cast_signed() || column >= width + right.cast_signed()
    }

    /// Input and padding as stated: how many rows and columns from the first padding cell on.
    pub(super) fn padded_size(&self) -> [u64; 2] {
        let [height, width] = self.geometry.windows().input_size();
        let Pads { top, left, bottom, right } = self.geometry.pads();
        [top + height + bottom, left + width + right]
    }

    /// Rows below and columns right of the padded input over which dropped windows reach; 0 where there are none,
    /// and where they reach further than is drawn.
    #[inline(never)]
    pub(super) fn dropped_room(&self) -> [u64; 2] {
        [&self.geometry.rows, &self.geometry.columns].map(|axis| {
            let windows = axis.windows();
            let end = dropped_start(axis) + windows.dilated_kernel().cast_signed();
            let beyond = end - (windows.input_len() + windows.pad_after()).cast_signed();
            u64::try_from(beyond).ok().filter(|n| axis.dropped() > 0 && *n <= MOST_DROPPED).unwrap_or(0)
        })
    }

    /// Whether a cell of a window takes part in what becomes of it.
    pub(super) fn takes(&self, tap: &Tap) -> bool {
        match self.kind {
            _ if self.is_beyond(tap.position) => false,
            PoolKind::Average(AvgDivisor::CountInside) => !tap.padded,
            _ => true,
        }
    }
}

/// Where on an axis the window after the last one would start.
fn dropped_start(axis: &PoolAxis) -> i64 {
    axis.windows().window_start(axis.output_len() - 1) + axis.windows().params().stride().cast_signed()
}

/// The windows that rounding up would have added below and at the right, and that are dropped: dashed, with a cross.
#[inline(never)]
pub(super) fn dropped(figure: &LabFigure, pool: &Pool, marks: &mut Vec<Mark>) {
    if figure.is_picture() {
        return;
    }
    let [below, right] = pool.dropped_room().map(|n| n > 0);
    let axes = [&pool.geometry.rows, &pool.geometry.columns];
    // The starts of all windows, the dropped one last.
    let starts = |idx: usize, dropped: bool| -> Vec<i64> {
        let kept = (0..axes[idx].output_len()).map(|at| axes[idx].windows().window_start(at));
        kept.chain(dropped.then(|| dropped_start(axes[idx]))).collect()
    };
    let (rows, columns) = (starts(0, below), starts(1, right));
    let span = axes.map(|axis| axis.windows().dilated_kernel());
    for (y, row) in rows.iter().enumerate() {
        for (x, column) in columns.iter().enumerate() {
            if (below && y + 1 == rows.len()) || (right && x + 1 == columns.len()) {
                let rect = figure.layout.input.block([*row, *column], span).inset(1.0);
                marks.push(Mark::rect(rect, Ink::DroppedWindow));
                marks.push(Mark::text(rect.centre(), "×", 16.0, Align::Middle, Ink::Caption));
            }
        }
    }
}

/// The cells of an output's window, side by side where a convolution has its kernel; and the cell that wins,
/// outlined there and on the input.
#[inline(never)]
pub(super) fn window_cells(
    figure: &LabFigure,
    pool: &Pool,
    marks: &mut Vec<Mark>,
    output: [u64; 2],
    lit: u64,
) {
    let kernel = &figure.layout.kernel;
    let taps = taps_of(figure, output);
    for tap in taps.iter().take(usize::try_from(lit).unwrap_or(usize::MAX)) {
        let rect = kernel.cell(tap.kernel.map(u64::cast_signed));
        let [u, v] = cells::tap_place(tap.kernel, kernel.count);
        let part = Part::Kernel(tap.kernel);
        if !pool.takes(tap) {
            marks.push(Mark::rect(rect, Ink::BeyondCell).with_part(part));
            continue;
        }
        marks.push(Mark::rect(rect, Ink::Tap { u, v }).with_part(part));
        if rect.width >= 24.0 {
            marks.push(cells::value(rect, figure.input_value(tap.position), Ink::TapValue));
        }
    }
    if lit < taps.len() as u64 {
        return;
    }
    let Some(winner) = winner(figure, pool, output) else { return };
    let wins = |tap: &&Tap| tap.source == Some(winner);
    if let Some(tap) = taps.iter().find(wins) {
        marks.push(won(kernel.cell(tap.kernel.map(u64::cast_signed))));
        if !figure.is_picture() {
            marks.push(won(figure.layout.input.cell(tap.position)));
        }
    }
}

/// The outline of the cell that wins.
fn won(rect: Rect) -> Mark {
    Mark::rect(rect.inset((rect.width * 0.06).round().max(2.0)), Ink::Winner)
}

/// Where the maximum of an output's window stands in the map shown.
pub(super) fn winner(figure: &LabFigure, pool: &Pool, [y, x]: [u64; 2]) -> Option<[u64; 2]> {
    let PoolKind::Max(winners) = &pool.kind else { return None };
    let [height, width] = figure.spec.geometry.output_size();
    let idx = (figure.spec.filter * height + y) * width + x;
    let place = (*winners.get(usize::try_from(idx).ok()?)?)?;
    let [_, columns] = figure.spec.geometry.input_size();
    Some([place / columns, place % columns])
}
