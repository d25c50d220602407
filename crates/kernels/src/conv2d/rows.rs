//! One input channel under a 3x3 kernel: some rows of outputs at once, vector by vector along the row, with
//! the nine weights in registers.
//!
//! The input is read where it lies. Above and below it stands a row of zeros, or whichever row the padding
//! mode says; a column of zeros at the left or right is shuffled in. Other padding goes through a copy of
//! the rows.

use convscope_core::conv2d::PaddingMode;

use super::Kernel;
use super::layer::Layer;
use super::padded::{ColumnCopy, source};
use crate::error::KernelError;
use crate::memory::{Floats, Scratch, product, try_collect};
use crate::simd::F32x4;

const LANES: usize = F32x4::LANES;

/// Taps of the kernel along each axis.
const TAPS: usize = 3;

/// The most rows of outputs that a column of vectors goes down.
const STRIP: usize = 32;

/// Rows of outputs to go down so that the lines of a column stay in a first-level cache of 8 ways of 64 lines
/// of 16 cells, where four columns share a line: rows whose length has large powers of two meet the same few
/// lines.
fn strip(stride: usize, in_width: usize, out_width: usize) -> usize {
    let ways = |width: usize| (1024 / (1_usize << width.trailing_zeros().min(10))).min(64) * 8;
    // In the worst case inputs and outputs meet.
    let room = ways(in_width).min(ways(out_width));
    (room.saturating_sub(2) / (stride + 1)).clamp(4, STRIP)
}

/// Rows of inputs that a strip reads at most.
const STRIP_READS: usize = 2 * STRIP + 1;

/// Weights, and how rows end.
pub(crate) struct Rows {
    /// How rows are copied where shuffles do not suffice.
    copy: Option<ColumnCopy>,
    /// The row of the input that each tap of each output row reads, or none for zeros.
    sources: Vec<Option<usize>>,
    /// Columns that a row is read in, without padding that is shuffled in.
    width: usize,
    weights: Floats,
    bias: Floats,
}

/// Whether both axes have three taps and the same stride, 1 or 2.
pub(crate) fn suits(layer: &Layer) -> bool {
    let axes = [&layer.rows, &layer.columns];
    layer.group_in() == 1
        && axes.iter().all(|axis| axis.kernel == TAPS && axis.dilation == 1)
        && layer.rows.stride == layer.columns.stride
        && layer.rows.stride <= 2
        && layer.columns.out_len > LANES
}

impl Rows {
    /// For a layer that [`suits`]. `bias` has a number for each output channel.
    pub fn new(layer: &Layer, weight: &[f32], bias: Floats) -> Result<Self, KernelError> {
        let columns = &layer.columns;
        let read = (columns.out_len - 1) * columns.stride + TAPS;
        let beyond = read.saturating_sub(columns.pad_before + columns.in_len);
        let unpadded = columns.pad_before == 0 && beyond == 0;
        let shuffled = layer.mode == PaddingMode::Zeros && columns.pad_before <= 1 && beyond <= 1;
        let copy =
            if unpadded || shuffled { None } else { Some(ColumnCopy::new(columns, layer.mode, 0, 1, read)?) };
        let mut weights = Floats::zeros(weight.len())?;
        weights.as_mut_slice().copy_from_slice(weight);
        let width = if copy.is_some() { read } else { columns.in_len };
        let rows = &layer.rows;
        let n_reads = (rows.out_len - 1) * rows.stride + TAPS;
        let sources = try_collect((0..n_reads).map(|i| source(rows, layer.mode, i)))?;
        Ok(Self { copy, sources, width, weights, bias })
    }
}

impl Kernel for Rows {
    fn run(
        &self,
        layer: &Layer,
        input: &[f32],
        output: &mut [f32],
        scratch: &mut Scratch,
    ) -> Result<(), KernelError> {
        let (rows, columns) = (&layer.rows, &layer.columns);
        let left = if self.copy.is_some() { 0 } else { columns.pad_before };
        let n_copies = if self.copy.is_some() { STRIP_READS } else { 0 };
        let scratch = scratch.take(product(&[1 + n_copies, self.width])?)?;
        let (zeros, copies) = scratch.split_at_mut(self.width);
        zeros.fill(0.0);
        let strip = strip(rows.stride, self.width, columns.out_len);
        for (group, plane, output) in layer.groups_of(input, output) {
            for y in (0..rows.out_len).step_by(strip) {
                let n_rows = strip.min(rows.out_len - y);
                let n_reads = (n_rows - 1) * rows.stride + TAPS;
                let sources = &self.sources[y * rows.stride..][..n_reads];
                let row_at = |y: usize| &plane[y * columns.in_len..][..columns.in_len];
                let mut from = [zeros.as_ptr(); STRIP_READS];
                match &self.copy {
                    None => {
                        for (from, &source) in from.iter_mut().zip(sources) {
                            if let Some(y) = source {
                                *from = row_at(y).as_ptr();
                            }
                        }
                    }
                    Some(copy) => {
                        let copies = copies.chunks_exact_mut(self.width);
                        for ((from, &source), to) in from.iter_mut().zip(sources).zip(copies) {
                            if let Some(y) = source {
                                copy.fill(to, row_at(y));
                                *from = to.as_ptr();
                            }
                        }
                    }
                }
                for (f, map) in output.chunks_exact_mut(layer.out_plane()).enumerate() {
                    let feature = group * layer.group_out() + f;
                    let strip = Strip {
                        from: &from[..n_reads],
                        width: self.width,
                        left,
                        to: &mut map[y * columns.out_len..][..n_rows * columns.out_len],
                        out_width: columns.out_len,
                        weights: &self.weights.as_slice()[feature * TAPS * TAPS..],
                        bias: &self.bias.as_slice()[feature],
                    };
                    if rows.stride == 1 { strip.run::<1>() } else { strip.run::<2>() }
                }
            }
        }
        Ok(())
    }
}

/// Some rows of outputs of one feature.
struct Strip<'a> {
    /// Input rows of `width` cells.
    from: &'a [*const f32],
    width: usize,
    /// Columns of zeros before the input, 0 or 1.
    left: usize,
    /// Output rows of `out_width` cells.
    to: &'a mut [f32],
    out_width: usize,
    weights: &'a [f32],
    bias: *const f32,
}

/// Which column of zeros a vector of outputs reads.
#[derive(Clone, Copy)]
struct Edge {
    left: bool,
    right: bool,
}

impl Strip<'_> {
    #[inline(never)]
    fn run<const S: usize>(mut self) {
        let weights: [F32x4; TAPS * TAPS] = std::array::from_fn(|i| F32x4::splat(self.weights[i]));
        let last = self.out_width - LANES;
        let read = (self.out_width - 1) * S + TAPS;
        let right = read > self.left + self.width;
        assert!(self.left <= 1 && read <= self.left + self.width + 1, "a row ends before its last tap");
        assert!((self.to.len() / self.out_width - 1) * S + TAPS == self.from.len(), "a row is missing");
        let mut x = 0;
        if self.left > 0 {
            self.column::<S>(0, &weights, Edge { left: true, right: false });
            x = LANES;
        }
        while x < last {
            self.column::<S>(x, &weights, Edge { left: false, right: false });
            x += LANES;
        }
        // The last vector ends with the row.
        self.column::<S>(last, &weights, Edge { left: false, right });
    }

    /// A vector of each row of outputs, from column `x` on.
    ///
    /// Goes down the input rows with a sum for each row of outputs that they touch. A loop for each row and
    /// a branch between two keep the compiler from gathering all pixels before the first product, which
    /// would leave no registers for the weights.
    #[inline(always)]
    #[expect(unsafe_code, reason = "bounds are checked once for a strip instead of once for a vector")]
    fn column<const S: usize>(&mut self, x: usize, weights: &[F32x4; TAPS * TAPS], edge: Edge) {
        let [top, middle, bottom] = [0, 1, 2].map(|y| [0, 1, 2].map(|x| weights[y * TAPS + x]));
        let add = |sum: F32x4, weights: [F32x4; TAPS], taps: [F32x4; TAPS]| {
            let sum = weights[0].madd(taps[0], sum);
            weights[2].madd(taps[2], weights[1].madd(taps[1], sum))
        };
        let first = x * S;
        let mut to = self.to[x..].as_mut_ptr();
        // SAFETY: rows are as wide as `run` asserts and there is one for each tap; the output has a vector at
        // `x` of each of its rows.
        unsafe {
            let taps = self.taps::<S>(self.from[0], first, edge);
            let mut sum = add(F32x4::load_splat(self.bias), top, taps);
            if S == 1 {
                let taps = self.taps::<S>(self.from[1], first, edge);
                sum = add(sum, middle, taps);
                let mut next = add(F32x4::load_splat(self.bias), top, taps);
                let (last, inner) = (self.from[self.from.len() - 1], &self.from[2..self.from.len() - 1]);
                if let Some((&before_last, inner)) = inner.split_last() {
                    for &row in inner {
                        let taps = self.taps::<S>(row, first, edge);
                        add(sum, bottom, taps).store(to);
                        sum = add(next, middle, taps);
                        next = add(F32x4::load_splat(self.bias), top, taps);
                        to = to.wrapping_add(self.out_width);
                    }
                    let taps = self.taps::<S>(before_last, first, edge);
                    add(sum, bottom, taps).store(to);
                    sum = add(next, middle, taps);
                    to = to.wrapping_add(self.out_width);
                }
                let taps = self.taps::<S>(last, first, edge);
                add(sum, bottom, taps).store(to);
            } else {
                for rows in self.from[1..].chunks_exact(2) {
                    sum = add(sum, middle, self.taps::<S>(rows[0], first, edge));
                    let taps = self.taps::<S>(rows[1], first, edge);
                    add(sum, bottom, taps).store(to);
                    sum = add(F32x4::load_splat(self.bias), top, taps);
                    to = to.wrapping_add(self.out_width);
                }
            }
        }
    }

    /// The three taps of four windows, the first of which starts at column `first - left`.
    ///
    /// # Safety
    ///
    /// Of the cells that the windows read only the first may be missing, at the left edge, or the last, at
    /// the right edge.
    #[inline(always)]
    #[expect(unsafe_code, reason = "bounds are checked once for a strip instead of once for a vector")]
    unsafe fn taps<const S: usize>(&self, row: *const f32, first: usize, edge: Edge) -> [F32x4; TAPS] {
        let zero = F32x4::splat(0.0);
        // At the left edge vectors are read one cell further on, and moved back.
        let back = usize::from(edge.left);
        let moved = |vector: F32x4| if edge.left { zero.shifted_3(vector) } else { vector };
        // SAFETY: the caller's promise; at the edges no vector is read that reaches beyond the row.
        unsafe {
            let cells = row.add(first + back).sub(self.left);
            let first = F32x4::load(cells);
            if S == 1 {
                let second = if edge.left { first } else { F32x4::load(cells.add(1)) };
                let third =
                    if edge.right { second.shifted_1(zero) } else { F32x4::load(cells.add(2 - back)) };
                [moved(first), second, third]
            } else {
                let (first, second) = (moved(first), F32x4::load(cells.add(LANES - back)));
                let (evens, odds) = (first.evens(second), first.odds(second));
                let next = if edge.right { zero } else { F32x4::load_splat(cells.add(2 * LANES - back)) };
                [evens, odds, evens.shifted_1(next)]
            }
        }
    }
}
