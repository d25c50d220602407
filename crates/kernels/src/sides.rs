//! The three sums that a convolution, its transpose and their gradients are made of.
//!
//! A weight `[small_channels, large_channels / groups, k_h, k_w]` joins a large side, the input of a
//! convolution or the output of a transposed one, with a small side. [`scatter`](Sides::scatter) goes from
//! the small to the large side, [`gather`](Sides::gather) back, and [`correlate`](Sides::correlate) gives the
//! weight's gradient. Each is a matrix product with the large side laid out in columns, a strip at a time;
//! with few channels in a group, each tap goes along whole rows instead.

use crate::check::{elements, size};
use crate::error::KernelError;
use crate::gemm::{Matrix, multiply, panel_len};
use crate::memory::{Scratch, product};
use crate::span::{Run, Span, add_scaled_to_spread, add_to_spread, copy_spread, dot_spread};
use convscope_core::{Conv2dParams, ConvTranspose2dParams};
use std::ops::Range;

/// Floats of the columns that are laid out at a time, unless a single row of a single channel has more.
const COLUMNS_BUDGET: usize = 128 * 1024;

/// Channels of the small side in a group below which rows are faster than a matrix product.
const FEW_CHANNELS: usize = 4;

/// Both sides of a layer over an input of known shape. No length is 0 but those of channels and batch.
pub(crate) struct Sides {
    pub groups: usize,
    /// Channels of a group on the small side.
    pub small_channels: usize,
    /// Channels of a group on the large side.
    pub large_channels: usize,
    pub rows: Span,
    pub columns: Span,
    /// [`COLUMNS_BUDGET`], but in tests.
    budget: usize,
}

impl Sides {
    /// Of a convolution over an input of `input_shape`, which is the large side; nothing when a tensor is
    /// empty. Padding is zeros beyond the large side, or with `padded` cells of it.
    ///
    /// # Errors
    ///
    /// [`KernelError::Shape`] for what [`Conv2dParams::output_shape`] refuses; [`KernelError::OutOfMemory`].
    pub fn of_conv(
        params: &Conv2dParams,
        input_shape: [u64; 4],
        padded: bool,
    ) -> Result<Option<Self>, KernelError> {
        let shapes = [input_shape, params.output_shape(input_shape)?, params.weight_shape()];
        if any_empty(shapes)? {
            return Ok(None);
        }
        let geometry = params.geometry([input_shape[2], input_shape[3]])?;
        let span = if padded { Span::of_padded } else { Span::of_conv };
        let options = params.options();
        Ok(Some(Self {
            groups: size(options.groups)?,
            small_channels: size(options.out_channels / options.groups)?,
            large_channels: size(options.in_channels / options.groups)?,
            rows: span(&geometry.rows)?,
            columns: span(&geometry.columns)?,
            budget: COLUMNS_BUDGET,
        }))
    }

    /// Of a transposed convolution, whose output is the large side; nothing when a tensor is empty.
    ///
    /// # Errors
    ///
    /// [`KernelError::Shape`] for what [`ConvTranspose2dParams::output_shape`] refuses;
    /// [`KernelError::OutOfMemory`].
    pub fn of_transposed(
        params: &ConvTranspose2dParams,
        input_shape: [u64; 4],
    ) -> Result<Option<Self>, KernelError> {
        let shapes = [input_shape, params.output_shape(input_shape)?, params.weight_shape()];
        if any_empty(shapes)? {
            return Ok(None);
        }
        let geometry = params.geometry([input_shape[2], input_shape[3]])?;
        let options = params.options();
        Ok(Some(Self {
            groups: size(options.groups)?,
            small_channels: size(options.in_channels / options.groups)?,
            large_channels: size(options.out_channels / options.groups)?,
            rows: Span::of_transposed(&geometry.rows)?,
            columns: Span::of_transposed(&geometry.columns)?,
            budget: COLUMNS_BUDGET,
        }))
    }

    /// Adds to the large side what each small cell scatters: `large[.., target] += small * weight`.
    pub fn scatter(
        &self,
        small: &[f32],
        weight: &[f32],
        large: &mut [f32],
        scratch: &mut Scratch,
    ) -> Result<(), KernelError> {
        let (small_len, large_len, weight_len) = self.group_lens()?;
        let groups = small.chunks_exact(small_len).zip(large.chunks_exact_mut(large_len));
        if self.small_channels < FEW_CHANNELS {
            for (i, (small, large)) in groups.enumerate() {
                let weight = &weight[i % self.groups * weight_len..][..weight_len];
                self.each_row(weight_len, |tap, (small_row, large_row)| {
                    let from = &small[small_row..][..self.columns.runs[tap.k_x].small.len()];
                    add_scaled_to_spread(&mut large[large_row..], self.columns.step, weight[tap.index], from);
                });
            }
            return Ok(());
        }
        let depth = self.large_channels * self.taps();
        let strips = Strips::new(self, |n_rows, n_columns| [n_rows, n_columns, self.small_channels])?;
        let (panels, buffer) = strips.buffers(scratch)?;
        for (i, (small, large)) in groups.enumerate() {
            let weight = &weight[i % self.groups * weight_len..][..weight_len];
            for strip in strips.iter(self) {
                let strip = strip?;
                let m = strip.channels.len() * self.taps();
                let n = strip.rows.len() * self.columns.small;
                let a = Matrix::new(&weight[strip.channels.start * self.taps()..], 1, depth);
                let b = Matrix::new(&small[strip.rows.start * self.columns.small..], self.small_plane(), 1);
                multiply([m, n, self.small_channels], 1.0, a, b, 0.0, &mut buffer[..m * n], n, panels);
                self.each_run(&strip, |from, to, len| {
                    add_to_spread(&mut large[to..], self.columns.step, &buffer[from..][..len]);
                });
            }
        }
        Ok(())
    }

    /// Adds to the small side what each of its cells gathers: `small += weight * large[.., target]`.
    pub fn gather(
        &self,
        large: &[f32],
        weight: &[f32],
        small: &mut [f32],
        scratch: &mut Scratch,
    ) -> Result<(), KernelError> {
        let (small_len, large_len, weight_len) = self.group_lens()?;
        let groups = small.chunks_exact_mut(small_len).zip(large.chunks_exact(large_len));
        if self.small_channels < FEW_CHANNELS {
            for (i, (small, large)) in groups.enumerate() {
                let weight = &weight[i % self.groups * weight_len..][..weight_len];
                self.each_row(weight_len, |tap, (small_row, large_row)| {
                    let sums = &mut small[small_row..][..self.columns.runs[tap.k_x].small.len()];
                    let (cells, factor) = (large[large_row..].iter(), weight[tap.index]);
                    if self.columns.step == 1 {
                        sums.iter_mut().zip(cells).for_each(|(sum, cell)| *sum += factor * cell);
                    } else {
                        let cells = cells.step_by(self.columns.step);
                        sums.iter_mut().zip(cells).for_each(|(sum, cell)| *sum += factor * cell);
                    }
                });
            }
            return Ok(());
        }
        let depth = self.large_channels * self.taps();
        let strips = Strips::new(self, |n_rows, n_columns| [self.small_channels, n_columns, n_rows])?;
        let (panels, buffer) = strips.buffers(scratch)?;
        for (i, (small, large)) in groups.enumerate() {
            let weight = &weight[i % self.groups * weight_len..][..weight_len];
            for strip in strips.iter(self) {
                let strip = strip?;
                let k = strip.channels.len() * self.taps();
                let n = strip.rows.len() * self.columns.small;
                self.lay_out(&strip, large, &mut buffer[..k * n]);
                let a = Matrix::new(&weight[strip.channels.start * self.taps()..], depth, 1);
                let b = Matrix::new(&buffer[..k * n], n, 1);
                let sums = &mut small[strip.rows.start * self.columns.small..];
                multiply([self.small_channels, n, k], 1.0, a, b, 1.0, sums, self.small_plane(), panels);
            }
        }
        Ok(())
    }

    /// Adds to the weight's gradient how both sides go together: `grad += small * large[.., target]`.
    pub fn correlate(
        &self,
        small: &[f32],
        large: &[f32],
        grad: &mut [f32],
        scratch: &mut Scratch,
    ) -> Result<(), KernelError> {
        let (small_len, large_len, weight_len) = self.group_lens()?;
        let groups = small.chunks_exact(small_len).zip(large.chunks_exact(large_len));
        if self.small_channels < FEW_CHANNELS {
            for (i, (small, large)) in groups.enumerate() {
                let grad = &mut grad[i % self.groups * weight_len..][..weight_len];
                self.each_row(weight_len, |tap, (small_row, large_row)| {
                    let cells = &small[small_row..][..self.columns.runs[tap.k_x].small.len()];
                    grad[tap.index] += dot_spread(cells, &large[large_row..], self.columns.step);
                });
            }
            return Ok(());
        }
        let depth = self.large_channels * self.taps();
        let strips = Strips::new(self, |n_rows, n_columns| [self.small_channels, n_rows, n_columns])?;
        let (panels, buffer) = strips.buffers(scratch)?;
        for (i, (small, large)) in groups.enumerate() {
            let grad = &mut grad[i % self.groups * weight_len..][..weight_len];
            for strip in strips.iter(self) {
                let strip = strip?;
                let n = strip.channels.len() * self.taps();
                let k = strip.rows.len() * self.columns.small;
                self.lay_out(&strip, large, &mut buffer[..n * k]);
                let a = Matrix::new(&small[strip.rows.start * self.columns.small..], self.small_plane(), 1);
                let b = Matrix::new(&buffer[..n * k], 1, k);
                let sums = &mut grad[strip.channels.start * self.taps()..];
                multiply([self.small_channels, n, k], 1.0, a, b, 1.0, sums, depth, panels);
            }
        }
        Ok(())
    }

    /// Cells of one map of the small side.
    pub fn small_plane(&self) -> usize {
        self.rows.small * self.columns.small
    }

    /// Cells of one map of the large side.
    pub fn large_plane(&self) -> usize {
        self.rows.large * self.columns.large
    }

    fn taps(&self) -> usize {
        self.rows.runs.len() * self.columns.runs.len()
    }

    /// Elements of a group of one image on the small and on the large side, and of its weight.
    fn group_lens(&self) -> Result<(usize, usize, usize), KernelError> {
        Ok((
            product(&[self.small_channels, self.small_plane()])?,
            product(&[self.large_channels, self.large_plane()])?,
            product(&[self.small_channels, self.large_channels, self.taps()])?,
        ))
    }

    /// Every tap of a group's weight, row by row: where its cells begin on the small and on the large side.
    fn each_row(&self, weight_len: usize, mut visit: impl FnMut(TapOfGroup, (usize, usize))) {
        let kernel_width = self.columns.runs.len();
        for index in 0..weight_len {
            let (k_y, k_x) = (index / kernel_width % self.rows.runs.len(), index % kernel_width);
            let channels = index / self.taps();
            let (small, large) = (channels / self.large_channels, channels % self.large_channels);
            let (rows, columns) = (&self.rows.runs[k_y], &self.columns.runs[k_x]);
            if columns.small.is_empty() {
                continue;
            }
            for (j, y) in rows.small.clone().enumerate() {
                let large_y = rows.large + j * self.rows.step;
                let small_row = small * self.small_plane() + y * self.columns.small + columns.small.start;
                let large_row = large * self.large_plane() + large_y * self.columns.large + columns.large;
                visit(TapOfGroup { index, k_x }, (small_row, large_row));
            }
        }
    }

    /// Every run of a strip: where it begins in the columns and in the group's large side, and its length.
    fn each_run(&self, strip: &Strip, mut visit: impl FnMut(usize, usize, usize)) {
        let width = self.columns.small;
        let mut column = 0;
        for channel in strip.channels.clone() {
            for rows in &strip.runs {
                for columns in &self.columns.runs {
                    for (j, y) in rows.small.clone().enumerate() {
                        let large_y = rows.large + j * self.rows.step;
                        let from = column + y * width + columns.small.start;
                        let to = channel * self.large_plane() + large_y * self.columns.large + columns.large;
                        visit(from, to, columns.small.len());
                    }
                    column += strip.rows.len() * width;
                }
            }
        }
    }

    /// Lays a strip of the large side out in columns: `[channel][k_y][k_x][small row][small column]`.
    fn lay_out(&self, strip: &Strip, large: &[f32], buffer: &mut [f32]) {
        buffer.fill(0.0);
        self.each_run(strip, |from, to, len| {
            copy_spread(&mut buffer[from..][..len], &large[to..], self.columns.step);
        });
    }
}

fn any_empty(shapes: [[u64; 4]; 3]) -> Result<bool, KernelError> {
    for shape in shapes {
        if elements(shape)? == 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// One weight of a group: its place in the group's weight, and its column in the kernel.
struct TapOfGroup {
    index: usize,
    k_x: usize,
}

/// How a layer is cut so that the columns of one part fit the budget.
struct Strips {
    n_rows: usize,
    n_channels: usize,
    panels: usize,
    buffer: usize,
}

/// Some rows of the small side and some channels of the large one.
struct Strip {
    channels: Range<usize>,
    rows: Range<usize>,
    /// For each row of the kernel what it joins, in rows of the strip.
    runs: Vec<Run>,
}

impl Strips {
    /// `sizes` gives the sizes of the matrix product from the columns' rows and length.
    fn new(sides: &Sides, sizes: impl Fn(usize, usize) -> [usize; 3]) -> Result<Self, KernelError> {
        let row = product(&[sides.taps(), sides.columns.small])?;
        let n_rows = (sides.budget / row).clamp(1, sides.rows.small);
        let channel = product(&[row, n_rows])?;
        let n_channels = (sides.budget / channel).clamp(1, sides.large_channels);
        let buffer = product(&[channel, n_channels])?;
        let panels = panel_len(sizes(n_channels * sides.taps(), n_rows * sides.columns.small));
        Ok(Self { n_rows, n_channels, panels, buffer })
    }

    /// Panels for a product, and the columns.
    fn buffers<'a>(&self, scratch: &'a mut Scratch) -> Result<(&'a mut [f32], &'a mut [f32]), KernelError> {
        Ok(scratch.take(self.panels + self.buffer)?.split_at_mut(self.panels))
    }

    fn iter(&self, sides: &Sides) -> impl Iterator<Item = Result<Strip, KernelError>> {
        let Self { n_rows, n_channels, .. } = *self;
        let (all_rows, all_channels) = (sides.rows.small, sides.large_channels);
        (0..all_rows).step_by(n_rows).flat_map(move |row| {
            let rows = row..all_rows.min(row + n_rows);
            (0..all_channels).step_by(n_channels).map(move |channel| {
                let channels = channel..all_channels.min(channel + n_channels);
                Ok(Strip { channels, runs: sides.rows.part(rows.clone())?, rows: rows.clone() })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use convscope_core::{AutoPad, ConvTranspose2dOptions, Pads};

    fn numbers(len: usize, seed: usize) -> Vec<f32> {
        (0..len).map(|i| ((i * 7 + seed * 5 + i / 3) % 11) as f32 - 5.0).collect()
    }

    #[test]
    fn strips_of_any_size_give_the_same_sums() {
        let options = ConvTranspose2dOptions {
            in_channels: 10,
            out_channels: 6,
            groups: 2,
            kernel_size: [3, 2],
            stride: [2, 3],
            dilation: [1, 2],
            padding: AutoPad::Explicit(Pads { top: 2, left: 1, bottom: 1, right: 2 }),
            ..Default::default()
        };
        let params = ConvTranspose2dParams::new(options).unwrap();
        let shape = [2, 10, 7, 5];
        let lens = [shape, params.output_shape(shape).unwrap(), params.weight_shape()];
        let [small_len, large_len, weight_len] = lens.map(|shape| elements(shape).unwrap());
        let (small, large) = (numbers(small_len, 1), numbers(large_len, 2));
        let weight = numbers(weight_len, 3);
        let mut sides = Sides::of_transposed(&params, shape).unwrap().unwrap();
        let mut sums = |budget| {
            sides.budget = budget;
            let mut sums = [small_len, large_len, weight_len].map(|len| vec![1.0; len]);
            let scratch = &mut Scratch::new();
            sides.gather(&large, &weight, &mut sums[0], scratch).unwrap();
            sides.scatter(&small, &weight, &mut sums[1], scratch).unwrap();
            sides.correlate(&small, &large, &mut sums[2], scratch).unwrap();
            sums
        };
        let at_once = sums(COLUMNS_BUDGET);
        // A row is 30 floats of a channel; 7 rows of it are 210.
        for budget in [1, 30, 70, 100, 210, 500] {
            assert_eq!(sums(budget), at_once, "{budget}");
        }
    }
}
