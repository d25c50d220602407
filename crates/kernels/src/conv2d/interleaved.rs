//! Depthwise layers with four channels in the lanes of a vector: any kernel, stride and dilation, and rows as
//! narrow as they like.
//!
//! Four padded channels are interleaved, `[row][column][4]`, multiplied tap by tap with four channels' weights,
//! and the outputs are taken apart again.

use super::Kernel;
use super::layer::Layer;
use super::padded::{ColumnCopy, source};
use crate::error::KernelError;
use crate::memory::{Floats, Scratch, product, try_collect, try_vec};
use crate::simd::{F32x4, clear};

const LANES: usize = F32x4::LANES;

/// Floats of a copy, unless a single row of outputs needs more.
const COPY_BUDGET: usize = 16 * 1024;

/// Packed weights and where their taps read.
pub(crate) struct Interleaved {
    copy: ColumnCopy,
    /// The row of the input that stands in each padded row, or none for zeros.
    sources: Vec<Option<usize>>,
    /// Columns of the copy.
    width: usize,
    /// Rows of outputs that a copy serves, and rows of the copy.
    strip: usize,
    rows: usize,
    /// For each tap the float of the copy that output 0 reads.
    offsets: Vec<usize>,
    /// `[4 groups][feature of a group][k][group]`, filled up with zeros.
    weights: Floats,
    /// `[4 groups][feature of a group][group]`
    bias: Floats,
}

/// Whether each output channel reads one input channel.
pub(crate) fn suits(layer: &Layer) -> bool {
    layer.group_in() == 1
}

impl Interleaved {
    /// For a layer that [`suits`]. `bias` has a number for each output channel.
    pub fn new(layer: &Layer, weight: &[f32], bias: Floats) -> Result<Self, KernelError> {
        let (rows, columns) = (&layer.rows, &layer.columns);
        let reach = (rows.kernel - 1) * rows.dilation + 1;
        let width = (columns.out_len - 1) * columns.stride + (columns.kernel - 1) * columns.dilation + 1;
        let row_len = product(&[width, LANES])?;
        let room = (COPY_BUDGET / row_len).saturating_sub(reach) / rows.stride + 1;
        let strip = room.min(rows.out_len);
        let n_sources = (rows.out_len - 1) * rows.stride + reach;
        let mut offsets = try_vec(layer.taps())?;
        for k_y in 0..rows.kernel {
            let row = product(&[k_y * rows.dilation, row_len])?;
            offsets.extend((0..columns.kernel).map(|k_x| row + k_x * columns.dilation * LANES));
        }
        let (taps, multiplier) = (layer.taps(), layer.group_out());
        let quads = layer.groups.div_ceil(LANES);
        let mut weights = Floats::zeros(product(&[quads, multiplier, taps, LANES])?)?;
        let mut biases = Floats::zeros(product(&[quads, multiplier, LANES])?)?;
        for (feature, (kernel, &bias)) in weight.chunks_exact(taps).zip(bias.as_slice()).enumerate() {
            let (group, j) = (feature / multiplier, feature % multiplier);
            let quad = (group / LANES * multiplier + j) * LANES;
            biases.as_mut_slice()[quad + group % LANES] = bias;
            let places = weights.as_mut_slice()[quad * taps + group % LANES..].iter_mut().step_by(LANES);
            places.zip(kernel).for_each(|(to, &tap)| *to = tap);
        }
        Ok(Self {
            copy: ColumnCopy::new(columns, layer.mode, 0, 1, width)?,
            sources: try_collect((0..n_sources).map(|i| source(rows, layer.mode, i)))?,
            width,
            strip,
            rows: (strip - 1) * rows.stride + reach,
            offsets,
            weights,
            bias: biases,
        })
    }

    /// Copies the padded rows of up to four channels, interleaved.
    fn fill(&self, to: &mut [f32], planes: &[f32], layer: &Layer, first: usize) {
        let in_width = layer.columns.in_len;
        let interior = &self.copy.interior;
        // Lanes without a channel repeat the last, and nobody reads what becomes of them.
        let last = planes.len() / layer.in_plane() - 1;
        for (to, &source) in to.chunks_exact_mut(self.width * LANES).zip(&self.sources[first..]) {
            let Some(y) = source else {
                clear(to);
                continue;
            };
            let start = y * in_width + self.copy.first_source;
            let rows = [0, 1, 2, 3]
                .map(|i: usize| &planes[i.min(last) * layer.in_plane() + start..][..interior.len()]);
            clear(&mut to[..interior.start * LANES]);
            clear(&mut to[interior.end * LANES..]);
            interleave(&mut to[interior.start * LANES..interior.end * LANES], rows);
            for &[column, source] in &self.copy.border {
                for (i, cell) in to[column * LANES..][..LANES].iter_mut().enumerate() {
                    *cell = planes[i.min(last) * layer.in_plane() + y * in_width + source];
                }
            }
        }
    }
}

impl Kernel for Interleaved {
    fn run(
        &self,
        layer: &Layer,
        input: &[f32],
        output: &mut [f32],
        scratch: &mut Scratch,
    ) -> Result<(), KernelError> {
        let (taps, multiplier) = (layer.taps(), layer.group_out());
        let (out_rows, out_width) = (layer.rows.out_len, layer.columns.out_len);
        let copy_len = product(&[self.rows, self.width, LANES])?.next_multiple_of(16);
        let sums_len = out_width.next_multiple_of(LANES) * LANES;
        let scratch = scratch.take(product(&[copy_len + sums_len])?)?;
        let (copy, sums) = scratch.split_at_mut(copy_len);
        let images = input.chunks_exact(layer.in_channels * layer.in_plane());
        for (input, output) in images.zip(output.chunks_exact_mut(layer.out_channels * layer.out_plane())) {
            let quads = input.chunks(LANES * layer.in_plane());
            let outputs = output.chunks_mut(LANES * multiplier * layer.out_plane());
            for (quad, (planes, output)) in quads.zip(outputs).enumerate() {
                for first in (0..out_rows).step_by(self.strip) {
                    self.fill(copy, planes, layer, first * layer.rows.stride);
                    for y in first..out_rows.min(first + self.strip) {
                        let cells = &copy[(y - first) * layer.rows.stride * self.width * LANES..];
                        for j in 0..multiplier {
                            let at = (quad * multiplier + j) * LANES;
                            let row = Row {
                                cells,
                                offsets: &self.offsets,
                                weights: &self.weights.as_slice()[at * taps..][..taps * LANES],
                                bias: &self.bias.as_slice()[at..][..LANES],
                            };
                            row.run(layer.columns.stride, &mut sums[..out_width * LANES]);
                            let start = j * layer.out_plane() + y * out_width;
                            take_apart(sums, output, start, multiplier * layer.out_plane(), out_width);
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// A row of outputs of four channels.
struct Row<'a> {
    /// The copy from the row's first cell on.
    cells: &'a [f32],
    offsets: &'a [usize],
    weights: &'a [f32],
    bias: &'a [f32],
}

impl Row<'_> {
    fn run(&self, stride: usize, sums: &mut [f32]) {
        match stride {
            1 => self.pixels::<8, 1>(1, sums),
            2 => self.pixels::<8, 2>(2, sums),
            _ => self.pixels::<4, 0>(stride, sums),
        }
    }

    /// `P` pixels at a time; `S` is the stride where it is known, otherwise 0.
    #[inline(always)]
    fn pixels<const P: usize, const S: usize>(&self, stride: usize, sums: &mut [f32]) {
        let n_pixels = sums.len() / LANES;
        let mut x = 0;
        while x < n_pixels {
            let left = n_pixels - x;
            if left >= P {
                self.block::<P, S>(stride, x, sums);
                x += P;
            } else if n_pixels >= P && left > 2 {
                // Rather some pixels twice than one by one.
                self.block::<P, S>(stride, n_pixels - P, sums);
                x = n_pixels;
            } else if left >= 2 {
                self.block::<2, S>(stride, x, sums);
                x += 2;
            } else {
                self.block::<1, S>(stride, x, sums);
                x += 1;
            }
        }
    }

    #[inline(never)]
    #[expect(unsafe_code, reason = "bounds are checked once for some pixels instead of once for a tap")]
    fn block<const P: usize, const S: usize>(&self, stride: usize, x: usize, sums: &mut [f32]) {
        let stride = if S == 0 { stride } else { S };
        let farthest = self.offsets.last().copied().unwrap_or(0) + (x + P - 1) * stride * LANES + LANES;
        assert!(
            farthest <= self.cells.len() && (x + P) * LANES <= sums.len(),
            "a row ends before its last tap"
        );
        assert!(
            self.weights.len() == self.offsets.len() * LANES && self.bias.len() == LANES,
            "a tap is missing"
        );
        // SAFETY: the last tap of the last pixel lies in the copy and the others before it, there are four
        // weights for each tap, and the sums have P pixels from x on, as asserted.
        unsafe {
            let mut pixels = [F32x4::load(self.bias.as_ptr()); P];
            let cells = self.cells.as_ptr().add(x * stride * LANES);
            let mut weights = self.weights.as_ptr();
            for &offset in self.offsets {
                let weight = F32x4::load(weights);
                let cells = cells.add(offset);
                for (p, pixel) in pixels.iter_mut().enumerate() {
                    *pixel = weight.madd(F32x4::load(cells.add(p * stride * LANES)), *pixel);
                }
                weights = weights.add(LANES);
            }
            let to = sums.as_mut_ptr().add(x * LANES);
            for (p, pixel) in pixels.into_iter().enumerate() {
                pixel.store(to.add(p * LANES));
            }
        }
    }
}

/// Four rows of the same length as one of four lanes.
#[inline(never)]
#[expect(unsafe_code, reason = "bounds are checked once for a row instead of once for a vector")]
fn interleave(to: &mut [f32], rows: [&[f32]; LANES]) {
    let width = to.len() / LANES;
    assert!(rows.iter().all(|row| row.len() == width), "four rows are not as long as one of four lanes");
    if width < LANES {
        for (x, cells) in to.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
            *cells = rows.map(|row| row[x]);
        }
        return;
    }
    let rows = rows.map(<[f32]>::as_ptr);
    let mut x = 0;
    while x < width {
        // The last vectors overlap the ones before.
        let first = x.min(width - LANES);
        // SAFETY: four columns from `first` on lie in each row and in the target, as asserted.
        unsafe {
            let columns = F32x4::transposed(rows.map(|row| F32x4::load(row.add(first))));
            let to = to.as_mut_ptr().add(first * LANES);
            for (i, column) in columns.into_iter().enumerate() {
                column.store(to.add(i * LANES));
            }
        }
        x += LANES;
    }
}

/// Writes a row of four lanes to feature maps that lie `pitch` apart, as many as there are.
#[inline(never)]
#[expect(unsafe_code, reason = "vectors are read through pointers")]
fn take_apart(sums: &[f32], output: &mut [f32], start: usize, pitch: usize, width: usize) {
    assert!(sums.len() >= width.next_multiple_of(LANES) * LANES, "a row is missing");
    for x in (0..width).step_by(LANES) {
        // SAFETY: four vectors from x on lie in the sums, as asserted.
        let columns = [0, 1, 2, 3].map(|i| unsafe { F32x4::load(sums.as_ptr().add((x + i) * LANES)) });
        for (map, row) in output.chunks_mut(pitch).zip(F32x4::transposed(columns)) {
            let to = &mut map[start + x..start + width.min(x + LANES)];
            if to.len() == LANES {
                // SAFETY: the slice has four cells.
                unsafe { row.store(to.as_mut_ptr()) };
            } else {
                to.iter_mut().zip(row.to_array()).for_each(|(to, cell)| *to = cell);
            }
        }
    }
}
