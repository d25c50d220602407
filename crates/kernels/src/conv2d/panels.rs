//! A matrix product: weights times panels of 8 pixels, each with all taps of its windows (im2col, panel by
//! panel). Of a 1x1 kernel that reads every cell once, the pixels are the input as it stands.

use super::Kernel;
use super::blocks::{Block, blocks, pack};
use super::gemm::{PANEL, Start, multiply};
use super::layer::Layer;
use super::padded::Padded;
use crate::error::KernelError;
use crate::memory::{Floats, Scratch, product};

/// Floats of a padded copy.
const COPY_BUDGET: usize = 64 * 1024;

/// Taps that are multiplied in one go: panels and a block of weights then stay in the first-level cache.
const DEPTH: usize = 256;

/// Panels that are gathered in one go: a run of two cache lines.
const PANELS: usize = 4;

/// Packed weights and where their taps read.
pub(crate) struct Panels {
    /// None where the input is read as it stands.
    copy: Option<(Padded, Vec<usize>)>,
    blocks: Vec<Block>,
    weights: Floats,
    bias: Floats,
}

impl Panels {
    /// `bias` has a number for each output channel.
    pub fn new(layer: &Layer, weight: &[f32], bias: Floats) -> Result<Self, KernelError> {
        let copy = if layer.is_pointwise() {
            None
        } else {
            let padded = Padded::new(layer, layer.group_in(), COPY_BUDGET, 1)?;
            let offsets = padded.offsets(layer.group_in())?;
            Some((padded, offsets))
        };
        let blocks = blocks(layer.group_out())?;
        let weights = pack(layer, &blocks, weight)?;
        Ok(Self { copy, blocks, weights, bias })
    }

    /// Multiplies `n_pixels` neighbouring outputs, at most 32, from the cell `first` of each feature map on.
    ///
    /// `gather(panels, taps)` fills panels, `[panel][k][8]`, with some of the taps.
    fn pixels(
        &self,
        layer: &Layer,
        group: usize,
        panels: &mut [f32],
        [first, n_pixels]: [usize; 2],
        output: &mut [f32],
        gather: impl Fn(&mut [f32], std::ops::Range<usize>),
    ) {
        let (depth, out_plane) = (layer.depth(), layer.out_plane());
        let weights = &self.weights.as_slice()[group * layer.group_out() * depth..];
        let bias = &self.bias.as_slice()[group * layer.group_out()..];
        for k in (0..depth).step_by(DEPTH) {
            let taps = k..depth.min(k + DEPTH);
            let panels = &mut panels[..n_pixels.div_ceil(PANEL) * taps.len() * PANEL];
            gather(panels, taps.clone());
            for block in &self.blocks {
                let a = &weights[block.first * depth + k * block.n..][..taps.len() * block.n];
                let start = if k == 0 { Start::Bias(&bias[block.first..][..block.n]) } else { Start::Output };
                let output = &mut output[block.first * out_plane + first..];
                multiply([block.n, taps.len()], a, panels, output, out_plane, n_pixels, start);
            }
        }
    }
}

impl Kernel for Panels {
    fn run(
        &self,
        layer: &Layer,
        input: &[f32],
        output: &mut [f32],
        scratch: &mut Scratch,
    ) -> Result<(), KernelError> {
        let panels_len = layer.depth().min(DEPTH) * PANELS * PANEL;
        let (width, out_rows) = (layer.columns.out_len, layer.rows.out_len);
        let Some((padded, offsets)) = &self.copy else {
            let panels = scratch.take(panels_len)?;
            for (group, planes, output) in layer.groups_of(input, output) {
                for (first, n) in runs(layer.out_plane()) {
                    self.pixels(layer, group, panels, [first, n], output, |panels, channels| {
                        gather_cells(panels, planes, layer.in_plane(), channels, first, n);
                    });
                }
            }
            return Ok(());
        };
        let copy_len = padded.len(layer.group_in())?;
        let scratch = scratch.take(product(&[copy_len.next_multiple_of(16) + panels_len])?)?;
        let (copy, panels) = scratch.split_at_mut(copy_len.next_multiple_of(16));
        for (group, planes, output) in layer.groups_of(input, output) {
            for first_row in (0..out_rows).step_by(padded.strip) {
                padded.fill(copy, planes, first_row);
                let n_rows = padded.strip.min(out_rows - first_row);
                for (first, n) in runs(n_rows * width) {
                    // Of lanes beyond the last pixel the first one's cells are as good as any.
                    let cell = |p: usize| {
                        let pixel = if p < n { first + p } else { first };
                        pixel / width * padded.row_pitch + pixel % width
                    };
                    let cells: [usize; PANELS * PANEL] = std::array::from_fn(cell);
                    let pixels = [first_row * width + first, n];
                    self.pixels(layer, group, panels, pixels, output, |panels, taps| {
                        gather_taps(panels, copy, &offsets[taps], &cells);
                    });
                }
            }
        }
        Ok(())
    }
}

/// `(first, n)` of runs of at most 32 pixels.
fn runs(pixels: usize) -> impl Iterator<Item = (usize, usize)> {
    let most = PANELS * PANEL;
    (0..pixels).step_by(most).map(move |first| (first, most.min(pixels - first)))
}

/// Panels of `n` neighbouring cells of some channels.
fn gather_cells(
    panels: &mut [f32],
    planes: &[f32],
    plane: usize,
    channels: std::ops::Range<usize>,
    first: usize,
    n: usize,
) {
    let panel_len = channels.len() * PANEL;
    for (k, channel) in channels.enumerate() {
        let cells = &planes[channel * plane + first..][..n];
        let mut whole = cells.chunks_exact(PANEL);
        for (panel, cells) in panels.chunks_exact_mut(panel_len).zip(&mut whole) {
            panel[k * PANEL..][..PANEL].copy_from_slice(cells);
        }
        let rest = whole.remainder();
        if !rest.is_empty() {
            panels[n / PANEL * panel_len + k * PANEL..][..rest.len()].copy_from_slice(rest);
        }
    }
}

/// Panels of the cells that taps read, `cells` away from where they read for the copy's first output.
fn gather_taps(panels: &mut [f32], copy: &[f32], offsets: &[usize], cells: &[usize; PANELS * PANEL]) {
    let panels = panels.chunks_exact_mut(offsets.len() * PANEL);
    for (panel, cells) in panels.zip(cells.as_chunks::<PANEL>().0) {
        let first = cells[0];
        let taps = panel.as_chunks_mut::<PANEL>().0.iter_mut().zip(offsets);
        if cells.iter().enumerate().all(|(p, &cell)| cell == first + p) {
            taps.for_each(|(to, offset)| to.copy_from_slice(&copy[first + offset..][..PANEL]));
        } else {
            taps.for_each(|(to, offset)| *to = cells.map(|cell| copy[cell + offset]));
        }
    }
}
