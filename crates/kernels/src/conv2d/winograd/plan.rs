//! How a layer falls apart into kernels of one size at stride 1, and its outputs into tiles.
//!
//! With stride `s`, the taps `k` of one residue modulo `s` convolve one phase of the input at stride 1, and
//! the results are added up; long kernels are split in the same way. With dilation `d`, each residue of the
//! output modulo `d` is a convolution of one phase of the input. Each part is a channel of its own.

use crate::conv2d::layer::{Axis, Layer};
use crate::error::KernelError;
use crate::memory::{try_collect, try_vec};

use super::transform::POINTS;

/// What transforming a tile back costs along an axis, in multiplications of one channel. Measured with the
/// 7x7 kernels of stride 2 on three channels that networks for photographs begin with.
const WAY_BACK: usize = 24;

/// Some taps of an axis that are transformed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The first tap.
    pub tap: usize,
    /// From one tap to the next.
    pub step: usize,
    /// How many.
    pub n: usize,
}

/// One axis: tiles of `outputs` outputs, and parts of at most `7 - outputs` taps.
#[derive(Clone, Debug)]
pub(crate) struct AxisPlan {
    pub outputs: usize,
    pub parts: Vec<Part>,
    /// Residues of the output that are convolutions of their own.
    pub residues: usize,
    /// From one cell of a tile's input to the next, in cells of the padded input.
    pub step: usize,
}

impl AxisPlan {
    /// The cheapest split for so many input channels, or `None` where the axis has both stride and dilation
    /// or a kernel that is too short to gain.
    pub fn new(axis: &Axis, channels: usize) -> Option<Self> {
        let &Axis { kernel, stride, dilation, .. } = axis;
        if (stride > 1 && dilation > 1) || !(2..=16).contains(&kernel) {
            return None;
        }
        // Longer tiles first, which are to win where two cost the same. Five outputs do not fill whole vectors,
        // and are for kernels of two taps alone.
        let longest = if kernel.div_ceil(stride) <= 2 { 5 } else { 4 };
        let plans = (2..=longest).rev().map(|outputs| (outputs, parts(kernel, stride, POINTS + 1 - outputs)));
        // Multiplications of a tile, and the way back, which is shared by all channels.
        let tile =
            |parts: &Vec<Part>| (parts.len() * POINTS).saturating_mul(channels).saturating_add(WAY_BACK);
        let (outputs, parts) = plans.min_by(|(m, parts), (n, others)| {
            tile(parts).saturating_mul(*n).cmp(&tile(others).saturating_mul(*m))
        })?;
        let residues = if dilation > 1 { dilation.min(axis.out_len) } else { 1 };
        Some(Self { outputs, parts, residues, step: stride.max(dilation) })
    }

    /// Taps that a part has at most.
    pub fn taps(&self) -> usize {
        POINTS + 1 - self.outputs
    }

    /// Tiles of one residue.
    pub fn tiles(&self, axis: &Axis, residue: usize) -> usize {
        (axis.out_len - residue).div_ceil(self.residues.max(1)).div_ceil(self.outputs)
    }

    /// The first output of a tile.
    pub fn first_output(&self, residue: usize, tile: usize) -> usize {
        residue + tile * self.outputs * self.residues
    }

    /// The padded cell that a part's first tap reads for a tile's first output.
    pub fn first_cell(&self, axis: &Axis, residue: usize, tile: usize, part: &Part) -> usize {
        self.first_output(residue, tile) * axis.stride + part.tap * axis.dilation
    }
}

fn parts(kernel: usize, stride: usize, most: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    for residue in 0..stride.min(kernel) {
        let n_taps = (kernel - residue).div_ceil(stride);
        parts.extend((0..n_taps).step_by(most).map(|first| Part {
            tap: residue + first * stride,
            step: stride,
            n: most.min(n_taps - first),
        }));
    }
    parts
}

/// Neighbouring tiles of one row, of one residue on both axes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub residue: [usize; 2],
    /// Tile row, first tile column.
    pub tile: [usize; 2],
    pub n: usize,
}

/// Cuts all tiles into blocks of at most `most`, each of segments in the order of their outputs.
pub(crate) fn blocks(
    layer: &Layer,
    [rows, columns]: [&AxisPlan; 2],
    most: usize,
) -> Result<Vec<Vec<Segment>>, KernelError> {
    let residues = || (0..rows.residues).flat_map(|y| (0..columns.residues).map(move |x| [y, x]));
    let tiles_of = |[y, x]: [usize; 2]| [rows.tiles(&layer.rows, y), columns.tiles(&layer.columns, x)];
    let n_tiles: usize = residues().map(tiles_of).map(|[rows, columns]| rows * columns).sum();
    let n_blocks = n_tiles.div_ceil(most).max(1);
    // Blocks of nearly equal size, in whole panels.
    let size = n_tiles.div_ceil(n_blocks).next_multiple_of(8).min(most);
    let mut blocks: Vec<Vec<Segment>> = try_vec(n_tiles.div_ceil(size))?;
    let mut room = 0;
    for residue in residues() {
        let [tile_rows, tile_columns] = tiles_of(residue);
        for y in 0..tile_rows {
            let mut x = 0;
            while x < tile_columns {
                if room == 0 {
                    blocks.push(Vec::new());
                    room = size;
                }
                let n = room.min(tile_columns - x);
                if let Some(block) = blocks.last_mut() {
                    block.push(Segment { residue, tile: [y, x], n });
                }
                room -= n;
                x += n;
            }
        }
    }
    try_collect(blocks.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(kernel: usize, stride: usize, dilation: usize) -> Axis {
        Axis { in_len: 99, out_len: 20, kernel, stride, dilation, pad_before: 0, pad_after: 0 }
    }

    #[track_caller]
    fn check(channels: usize, kernel_stride_dilation: [usize; 3], outputs: usize, n_parts: usize) {
        let [kernel, stride, dilation] = kernel_stride_dilation;
        let plan = AxisPlan::new(&axis(kernel, stride, dilation), channels).unwrap();
        assert_eq!((plan.outputs, plan.parts.len()), (outputs, n_parts));
        let mut taps: Vec<usize> =
            plan.parts.iter().flat_map(|part| (0..part.n).map(|i| part.tap + i * part.step)).collect();
        taps.sort_unstable();
        assert_eq!(taps, (0..kernel).collect::<Vec<_>>());
        assert!(plan.parts.iter().all(|part| part.n <= plan.taps()));
    }

    #[test]
    fn kernels_fall_apart_into_the_cheapest_parts() {
        check(64, [3, 1, 1], 4, 1);
        check(64, [3, 1, 2], 4, 1);
        check(64, [2, 1, 1], 5, 1);
        check(64, [5, 1, 1], 4, 2);
        check(64, [7, 1, 1], 3, 2);
        check(64, [7, 2, 1], 3, 2);
        check(3, [7, 2, 1], 4, 3);
        check(64, [5, 2, 1], 4, 2);
        check(64, [3, 2, 1], 5, 2);
    }

    #[test]
    fn stride_with_dilation_and_single_taps_are_refused() {
        assert!(AxisPlan::new(&axis(3, 2, 2), 8).is_none());
        assert!(AxisPlan::new(&axis(1, 1, 1), 8).is_none());
    }
}
