//! Any convolution, tap by tap over a padded copy: a few output channels times a few vectors of pixels.
//!
//! `output[f, y, x] = sum(weight[f, k] * copy[offset[k] + y * pitch + x]) + bias[f]`, where `k` counts the
//! taps `(i, k_y, k_x)` in that order. Each sum starts at 0 and the bias is added last. When it is exact,
//! products and sums are rounded one by one: the bits of `convscope_core::conv2d`, on every machine.
//!
//! A feature of its own would load more pixels than it multiplies. Under a kernel of some height at stride 1 two of
//! its rows count as two features: their kernel has one row more, which is zeros at the bottom for the first and
//! at the top for the second.

use super::Kernel;
use super::blocks::{Block, blocks};
use super::layer::Layer;
use super::padded::Padded;
use crate::error::KernelError;
use crate::memory::{Floats, Scratch, product};
use crate::simd::F32x4;

/// Floats of a copy: half of a small second-level cache.
const COPY_BUDGET: usize = 64 * 1024;

/// The largest number of vectors in a block.
const MAX_VECTORS: usize = 8;

/// Packed weights and where their taps read.
pub(crate) struct Direct {
    padded: Padded,
    offsets: Vec<usize>,
    blocks: Vec<Block>,
    /// Rows of outputs of a block, 1 or 2.
    n_rows: usize,
    /// Group by group, block by block, `[k][feature]`, or `[k][row]`.
    weights: Floats,
    bias: Floats,
    relaxed: bool,
}

impl Direct {
    /// `bias` has a number for each output channel; `relaxed` gives up the order of roundings.
    pub fn new(layer: &Layer, weight: &[f32], bias: Floats, relaxed: bool) -> Result<Self, KernelError> {
        let n_rows = if relaxed && is_paired(layer) { 2 } else { 1 };
        let mut read = *layer;
        read.rows.kernel += n_rows - 1;
        read.rows.out_len -= n_rows - 1;
        let padded = Padded::new(&read, layer.group_in(), COPY_BUDGET, n_rows)?;
        let offsets = padded.offsets(layer.group_in())?;
        let blocks = blocks(layer.group_out())?;
        let weights =
            if n_rows == 2 { pairs(layer, weight)? } else { super::blocks::pack(layer, &blocks, weight)? };
        Ok(Self { padded, offsets, blocks, n_rows, weights, bias, relaxed })
    }
}

impl Kernel for Direct {
    fn run(
        &self,
        layer: &Layer,
        input: &[f32],
        output: &mut [f32],
        scratch: &mut Scratch,
    ) -> Result<(), KernelError> {
        let copy = scratch.take(self.padded.len(layer.group_in())?)?;
        let (out_rows, width) = (layer.rows.out_len, layer.columns.out_len);
        let out_plane = layer.out_plane();
        for (group, planes, output) in layer.groups_of(input, output) {
            let depth = self.offsets.len();
            let weights = &self.weights.as_slice()[group * layer.group_out() * self.n_rows * depth..];
            let bias = &self.bias.as_slice()[group * layer.group_out()..];
            // The last pair ends with the map: rather a row twice.
            let last = out_rows - self.n_rows;
            for first_row in (0..out_rows).step_by(self.padded.strip) {
                let first_row = first_row.min(last);
                self.padded.fill(copy, planes, first_row);
                let rows = first_row..out_rows.min(first_row + self.padded.strip);
                for y in rows.step_by(self.n_rows).map(|y| y.min(last)) {
                    let cells = &copy[(y - first_row) * self.padded.row_pitch..];
                    for block in &self.blocks {
                        // With two rows there is one feature.
                        let n = block.n * self.n_rows;
                        let row = BlockRow {
                            cells,
                            offsets: &self.offsets,
                            weights: &weights[block.first * depth..][..n * depth],
                            bias: &bias[block.first..][..block.n],
                            output: &mut output[block.first * out_plane..][..block.n * out_plane],
                            pitch: if self.n_rows == 2 { width } else { out_plane },
                            start: y * width,
                        };
                        row.run(width, n, self.relaxed);
                    }
                }
            }
        }
        Ok(())
    }
}

/// One row of outputs of one block of features, or two of one feature.
struct BlockRow<'a> {
    /// The copy from the row's first cell on.
    cells: &'a [f32],
    offsets: &'a [usize],
    /// `[k][feature]`
    weights: &'a [f32],
    /// For each feature; for both rows the same.
    bias: &'a [f32],
    /// The block's feature maps.
    output: &'a mut [f32],
    /// From one feature, or row, to the next.
    pitch: usize,
    /// The row's first cell in the first feature map.
    start: usize,
}

impl BlockRow<'_> {
    /// Goes along the row in the widest steps that the block's features allow.
    fn run(mut self, width: usize, features: usize, relaxed: bool) {
        let most = match features {
            1 => MAX_VECTORS,
            2 => 4,
            3 => 3,
            _ => 2,
        };
        let mut x = 0;
        while x < width {
            let left = (width - x).div_ceil(F32x4::LANES);
            let vectors = if left >= most { most } else { fitting(features, left) };
            let pixels = vectors * F32x4::LANES;
            // Rather some pixels twice than lanes that are thrown away.
            let first = if x + pixels > width { width.saturating_sub(pixels) } else { x };
            self.pixels(first, pixels.min(width), [features, vectors], relaxed);
            x += pixels;
        }
    }

    fn pixels(&mut self, x: usize, n_pixels: usize, [features, vectors]: [usize; 2], relaxed: bool) {
        macro_rules! dispatch {
            ($(($f:literal, $v:literal)),*) => {
                match (features, vectors, relaxed) {
                    $(
                        ($f, $v, true) => self.block::<$f, $v, true>(x, n_pixels),
                        ($f, $v, false) => self.block::<$f, $v, false>(x, n_pixels),
                    )*
                    _ => unreachable!("blocks have 1 to 6 features, and as many vectors as fit"),
                }
            };
        }
        dispatch!(
            (1, 8),
            (1, 4),
            (1, 2),
            (1, 1),
            (2, 4),
            (2, 2),
            (2, 1),
            (3, 3),
            (3, 2),
            (3, 1),
            (4, 2),
            (4, 1),
            (5, 2),
            (5, 1),
            (6, 2),
            (6, 1)
        );
    }

    /// `F` features times `V` vectors of pixels, of which the first `n_pixels` are kept.
    #[expect(unsafe_code, reason = "bounds are checked once for a block instead of once for a tap")]
    #[inline(never)]
    fn block<const F: usize, const V: usize, const RELAXED: bool>(&mut self, x: usize, n_pixels: usize) {
        let farthest = self.offsets.iter().copied().max().unwrap_or(0);
        debug_assert!(farthest + x + V * F32x4::LANES <= self.cells.len());
        debug_assert_eq!(self.weights.len(), self.offsets.len() * F);
        let mut sums = [[F32x4::splat(0.0); V]; F];
        let cells = self.cells[x..].as_ptr();
        let mut weights = self.weights.as_ptr();
        for &offset in self.offsets {
            // SAFETY: the copy has SLACK cells, more than a block is wide, behind the last that a tap of any
            // output reads; there are F weights for each offset.
            unsafe {
                let pixels: [F32x4; V] =
                    std::array::from_fn(|v| F32x4::load(cells.add(offset + v * F32x4::LANES)));
                for (f, sums) in sums.iter_mut().enumerate() {
                    let weight = F32x4::load_splat(weights.add(f));
                    for (sum, pixels) in sums.iter_mut().zip(pixels) {
                        *sum = weight.accumulate::<RELAXED>(pixels, *sum);
                    }
                }
                weights = weights.add(F);
            }
        }
        for (f, sums) in sums.iter().enumerate() {
            let bias = F32x4::splat(self.bias[f.min(self.bias.len() - 1)]);
            let row = &mut self.output[f * self.pitch + self.start + x..];
            for (v, sum) in sums.iter().enumerate() {
                store(sum.add(bias), &mut row[..n_pixels], v * F32x4::LANES);
            }
        }
    }
}

/// Whether a block is two rows of one feature: where the kernel's additional row is few more products.
fn is_paired(layer: &Layer) -> bool {
    let rows = &layer.rows;
    layer.group_out() == 1 && rows.kernel >= 4 && rows.stride == 1 && rows.dilation == 1 && rows.out_len >= 2
}

/// OIHW weights of one feature a group as `[group][k][row]`, where `k` counts `(i, k_y, k_x)` of kernels that have
/// one row more.
fn pairs(layer: &Layer, weight: &[f32]) -> Result<Floats, KernelError> {
    let (taps, width) = (layer.taps(), layer.columns.kernel);
    let mut packed = Floats::zeros(product(&[layer.out_channels, layer.group_in(), taps + width, 2])?)?;
    let channels = packed.as_mut_slice().chunks_exact_mut((taps + width) * 2).zip(weight.chunks_exact(taps));
    for (to, from) in channels {
        to.iter_mut().step_by(2).zip(from).for_each(|(to, &from)| *to = from);
        to[2 * width + 1..].iter_mut().step_by(2).zip(from).for_each(|(to, &from)| *to = from);
    }
    Ok(packed)
}

/// The vectors of a block's narrower variants.
fn fitting(features: usize, left: usize) -> usize {
    match (features, left) {
        (_, ..=1) => 1,
        (_, 2) => 2,
        (3, _) => 3,
        (_, 3 | 4) => 4,
        _ => MAX_VECTORS,
    }
}

/// Writes the lanes that lie in the row.
#[inline(always)]
#[expect(unsafe_code, reason = "a vector is written through a pointer")]
fn store(vector: F32x4, row: &mut [f32], at: usize) {
    if at + F32x4::LANES <= row.len() {
        // SAFETY: four cells from here lie in the row.
        unsafe { vector.store(row.as_mut_ptr().add(at)) };
    } else if at < row.len() {
        row[at..].iter_mut().zip(vector.to_array()).for_each(|(cell, lane)| *cell = lane);
    }
}
