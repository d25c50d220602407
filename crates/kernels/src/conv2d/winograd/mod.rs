//! Winograd's minimal filtering: tiles of 6x6 inputs, 36 matrix products between them, tiles of outputs.
//!
//! `V[p][c] = Bᵀ d B`, `M[p][f] = sum over c of U[p][f][c] V[p][c]`, `Y = Aᵀ M A`, where `p` counts the 36 products
//! of a tile and `U = G g Gᵀ` is worked out once, in `f64` (Lavin and Gray 2016). A channel is an input channel
//! times the parts that a kernel falls into ([`plan`]).

mod plan;
mod tiles;
mod transform;

use super::Kernel;
use super::blocks::{Block, blocks};
use super::gemm::{PANEL, Start, multiply};
use super::layer::Layer;
use super::padded::{ColumnCopy, source};
use crate::error::KernelError;
use crate::memory::{Floats, Scratch, product, try_collect, try_vec};
use crate::simd::{F32x4, clear};
use plan::{AxisPlan, Segment};
use tiles::{Group, Places, Tile, Work, transform_input, transform_rows};
use transform::{MAX_OUTPUTS, POINTS, PRODUCTS};

/// Floats of the transformed inputs and outputs of a block of tiles.
const BLOCK_BUDGET: usize = 128 * 1024;

/// Features whose products are held at the same time, unless there are more channels.
const FEATURES_AT_ONCE: usize = 24;

/// Keeps the 36 slabs of a block from falling on the same lines of a cache.
const SLAB_GAP: usize = 16;

const LANES: usize = F32x4::LANES;

/// Transformed weights and the way through the tiles.
pub(crate) struct Winograd {
    rows: AxisPlan,
    columns: AxisPlan,
    tile_blocks: Vec<Vec<Segment>>,
    features: Vec<Block>,
    /// Blocks whose products are held at the same time, and features that they have at most.
    blocks_at_once: usize,
    features_at_once: usize,
    /// `[group][product][block][channel][feature]`
    weights: Floats,
    bias: Floats,
}

/// Whether every axis can be split, into not too many parts.
pub(crate) fn suits(layer: &Layer) -> bool {
    plans(layer).is_some_and(|[rows, columns]| rows.parts.len() * columns.parts.len() <= 9)
}

/// Channels of the products, and multiplications in them for each one of a direct convolution.
pub(crate) fn costs(layer: &Layer) -> Option<(usize, f64)> {
    let [rows, columns] = plans(layer)?;
    let n_parts = rows.parts.len() * columns.parts.len();
    let tiles =
        |plan: &AxisPlan, axis| (0..plan.residues).map(|residue| plan.tiles(axis, residue)).sum::<usize>();
    let tiles = tiles(&rows, &layer.rows) as f64 * tiles(&columns, &layer.columns) as f64;
    let products = tiles * (n_parts * PRODUCTS) as f64;
    Some((layer.group_in() * n_parts, products / (layer.out_plane() * layer.taps()) as f64))
}

fn plans(layer: &Layer) -> Option<[AxisPlan; 2]> {
    let channels = layer.group_in();
    Some([AxisPlan::new(&layer.rows, channels)?, AxisPlan::new(&layer.columns, channels)?])
}

impl Winograd {
    /// For a layer that [`suits`]. `bias` has a number for each output channel.
    pub fn new(layer: &Layer, weight: &[f32], bias: Floats) -> Result<Self, KernelError> {
        let [rows, columns] = plans(layer).expect("the layer suits, as is asked for");
        let channels = layer.group_in() * rows.parts.len() * columns.parts.len();
        let features = blocks(layer.group_out())?;
        // Products of a few features stay in a near cache; but for each few the inputs are read again.
        let block_len = features[0].n;
        let blocks_at_once = channels.max(FEATURES_AT_ONCE).div_ceil(block_len).min(features.len());
        let features_at_once = (blocks_at_once * block_len).min(layer.group_out());
        let a_tile = product(&[PRODUCTS, channels + features_at_once])?;
        let most = (BLOCK_BUDGET / a_tile).clamp(2 * PANEL, 8 * PANEL) / PANEL * PANEL;
        let tile_blocks = plan::blocks(layer, [&rows, &columns], most)?;
        let len = product(&[layer.out_channels, channels, PRODUCTS])?;
        let mut plan = Self {
            rows,
            columns,
            tile_blocks,
            features,
            blocks_at_once,
            features_at_once,
            weights: Floats::zeros(len)?,
            bias,
        };
        plan.transform_weights(layer, weight);
        Ok(plan)
    }

    /// Channels of a product: those of a group times the parts of a kernel.
    fn channels(&self, layer: &Layer) -> usize {
        layer.group_in() * self.rows.parts.len() * self.columns.parts.len()
    }

    fn transform_weights(&mut self, layer: &Layer, weight: &[f32]) {
        let channels = self.channels(layer);
        let k_w = layer.columns.kernel;
        let slab = layer.group_out() * channels;
        let groups = weight.chunks_exact(layer.group_out() * layer.depth());
        for (group, packed) in groups.zip(self.weights.as_mut_slice().chunks_exact_mut(PRODUCTS * slab)) {
            let mut kernels = group.chunks_exact(layer.taps());
            for block in &self.features {
                for f in 0..block.n {
                    let mut channel = 0;
                    for kernel in kernels.by_ref().take(layer.group_in()) {
                        for row_part in &self.rows.parts {
                            for column_part in &self.columns.parts {
                                let mut taps = [[0.0; MAX_OUTPUTS]; MAX_OUTPUTS];
                                for (y, taps) in taps.iter_mut().take(row_part.n).enumerate() {
                                    for (x, tap) in taps.iter_mut().take(column_part.n).enumerate() {
                                        let row = row_part.tap + y * row_part.step;
                                        let column = column_part.tap + x * column_part.step;
                                        *tap = f64::from(kernel[row * k_w + column]);
                                    }
                                }
                                let values = kernel_values(&taps, [self.rows.taps(), self.columns.taps()]);
                                let at = block.first * channels + channel * block.n + f;
                                let places = packed[at..].iter_mut().step_by(slab);
                                places.zip(values.as_flattened()).for_each(|(to, &value)| *to = value as f32);
                                channel += 1;
                            }
                        }
                    }
                }
            }
        }
    }
}

/// `G g Gᵀ` of the first taps of each axis.
fn kernel_values(
    taps: &[[f64; MAX_OUTPUTS]; MAX_OUTPUTS],
    [rows, columns]: [usize; 2],
) -> [[f64; POINTS]; POINTS] {
    let mut values = [[0.0; POINTS]; POINTS];
    let by_row: [[f64; POINTS]; MAX_OUTPUTS] =
        std::array::from_fn(|y| transform::kernel_values(&taps[y][..columns]));
    for x in 0..POINTS {
        let column: [f64; MAX_OUTPUTS] = std::array::from_fn(|y| by_row[y][x]);
        let transformed = transform::kernel_values(&column[..rows]);
        (0..POINTS).for_each(|y| values[y][x] = transformed[y]);
    }
    values
}

/// How a segment is copied, for each part of both axes.
struct SegmentCopy {
    rows: Vec<[Option<usize>; POINTS]>,
    columns: Vec<ColumnCopy>,
}

/// What all images and groups share in a block of tiles.
struct TileBlock {
    copies: Vec<SegmentCopy>,
    /// From one row of a copy to the next.
    pitch: usize,
    /// A whole number of panels; tiles beyond the last are like the last.
    groups: Vec<Group>,
}

impl TileBlock {
    fn new(plan: &Winograd, layer: &Layer, segments: &[Segment]) -> Result<Self, KernelError> {
        let Winograd { rows, columns, .. } = plan;
        let pitch = plan.pitch(segments);
        let n_tiles = segments.iter().map(|segment| segment.n).sum::<usize>();
        let mut copies = try_vec(segments.len())?;
        let mut tiles: Vec<Tile> = try_vec(n_tiles.next_multiple_of(PANEL))?;
        for (i, segment) in segments.iter().enumerate() {
            let [[residue_y, residue_x], [tile_y, tile_x]] = [segment.residue, segment.tile];
            let cells = columns.outputs * (segment.n - 1) + POINTS;
            let mut column_copies = try_vec(columns.parts.len())?;
            for part in &columns.parts {
                let first = columns.first_cell(&layer.columns, residue_x, tile_x, part);
                column_copies.push(ColumnCopy::new(&layer.columns, layer.mode, first, columns.step, cells)?);
            }
            let row_sources = try_collect(rows.parts.iter().map(|part| {
                let first = rows.first_cell(&layer.rows, residue_y, tile_y, part);
                std::array::from_fn(|y| source(&layer.rows, layer.mode, first + y * rows.step))
            }))?;
            copies.push(SegmentCopy { rows: row_sources, columns: column_copies });
            let y = rows.first_output(residue_y, tile_y);
            let n_rows = (layer.rows.out_len - y).div_ceil(rows.residues).min(rows.outputs);
            for t in 0..segment.n {
                let x = columns.first_output(residue_x, tile_x + t);
                let left = (layer.columns.out_len - x).div_ceil(columns.residues);
                tiles.push(Tile {
                    cell: i * POINTS * pitch + t * columns.outputs,
                    output: y * layer.columns.out_len + x,
                    rows: n_rows,
                    columns: left.min(columns.outputs),
                    whole: columns.residues == 1 && left >= columns.outputs.max(LANES),
                });
            }
        }
        if let Some(&last) = tiles.last() {
            tiles.resize(n_tiles.next_multiple_of(PANEL), last);
        }
        let groups =
            try_collect(
                tiles.as_chunks::<LANES>().0.iter().enumerate().map(|(i, tiles)| Group {
                    tiles: *tiles,
                    n: n_tiles.saturating_sub(i * LANES).min(LANES),
                }),
            )?;
        Ok(Self { copies, pitch, groups })
    }
}

impl TileBlock {
    /// Tiles, those beyond the last included.
    fn n_tiles(&self) -> usize {
        self.groups.len() * LANES
    }
}

impl Winograd {
    /// From one row of a block's copy to the next: the cells of its longest segment.
    fn pitch(&self, segments: &[Segment]) -> usize {
        let longest = segments.iter().map(|segment| segment.n).max().unwrap_or(1);
        self.columns.outputs * (longest - 1) + POINTS
    }

    /// Copies, transforms and lays out the inputs of a block: `[product][panel][channel][8]`.
    fn transform_inputs(
        &self,
        layer: &Layer,
        block: &TileBlock,
        planes: &[f32],
        copy: &mut [f32],
        transformed: &mut [f32],
    ) {
        let channels = self.channels(layer);
        let slab = block.n_tiles() * channels + SLAB_GAP;
        let width = layer.columns.in_len;
        let mut work = Work::default();
        let mut channel = 0;
        for plane in planes.chunks_exact(layer.in_plane()) {
            for row_part in 0..self.rows.parts.len() {
                for column_part in 0..self.columns.parts.len() {
                    let segments = copy.chunks_exact_mut(POINTS * block.pitch);
                    for (to, segment) in segments.zip(&block.copies) {
                        let columns = &segment.columns[column_part];
                        for (to, source) in to.chunks_exact_mut(block.pitch).zip(segment.rows[row_part]) {
                            match source {
                                Some(y) => columns.fill(to, &plane[y * width..][..width]),
                                None => clear(to),
                            }
                        }
                    }
                    for (i, group) in block.groups.iter().enumerate() {
                        let at = (i / 2 * channels + channel) * PANEL + i % 2 * LANES;
                        transform_input(
                            copy,
                            &group.tiles,
                            block.pitch,
                            &mut work,
                            &mut transformed[at..],
                            slab,
                        );
                    }
                    channel += 1;
                }
            }
        }
    }

    /// The 36 products: `[product][feature][tile]`.
    fn multiply(
        &self,
        layer: &Layer,
        n_tiles: usize,
        features: &[Block],
        weights: &[f32],
        inputs: &[f32],
        products: &mut [f32],
    ) {
        let channels = self.channels(layer);
        let in_slab = n_tiles * channels + SLAB_GAP;
        let out_slab = n_tiles * self.features_at_once + SLAB_GAP;
        let weights = weights.chunks_exact(layer.group_out() * channels);
        let slabs = inputs.chunks_exact(in_slab).zip(products.chunks_exact_mut(out_slab));
        for (weights, (inputs, products)) in weights.zip(slabs) {
            let inputs = &inputs[..n_tiles * channels];
            for block in features {
                let a = &weights[block.first * channels..][..block.n * channels];
                let out = &mut products[(block.first - features[0].first) * n_tiles..];
                multiply([block.n, channels], a, inputs, out, n_tiles, n_tiles, Start::Zero);
            }
        }
    }

    /// Transforms products back and writes the outputs of as many features as there are biases.
    fn transform_outputs(
        &self,
        layer: &Layer,
        block: &TileBlock,
        bias: &[f32],
        products: &[f32],
        output: &mut [f32],
    ) {
        let n_tiles = block.n_tiles();
        let slab = n_tiles * self.features_at_once + SLAB_GAP;
        let places = Places {
            row_pitch: layer.columns.out_len * self.rows.residues,
            column_step: self.columns.residues,
        };
        let mut work = Work::default();
        let maps = output.chunks_exact_mut(layer.out_plane()).zip(bias);
        for (f, (map, &bias)) in maps.enumerate() {
            for (i, group) in block.groups.iter().enumerate() {
                let products = &products[f * n_tiles + i * LANES..];
                match self.rows.outputs {
                    2 => transform_rows::<2>(products, slab, &mut work),
                    3 => transform_rows::<3>(products, slab, &mut work),
                    4 => transform_rows::<4>(products, slab, &mut work),
                    _ => transform_rows::<5>(products, slab, &mut work),
                }
                let rows = &work.0[..self.rows.outputs];
                match self.columns.outputs {
                    2 => places.write::<2>(rows, bias, group, map),
                    3 => places.write::<3>(rows, bias, group, map),
                    4 => places.write::<4>(rows, bias, group, map),
                    _ => places.write::<5>(rows, bias, group, map),
                }
            }
        }
    }
}

impl Kernel for Winograd {
    fn run(
        &self,
        layer: &Layer,
        input: &[f32],
        output: &mut [f32],
        scratch: &mut Scratch,
    ) -> Result<(), KernelError> {
        let (channels, features) = (self.channels(layer), layer.group_out());
        let most = |of: &dyn Fn(&Vec<Segment>) -> usize| self.tile_blocks.iter().map(of).max().unwrap_or(0);
        let n_tiles =
            most(&|segments| segments.iter().map(|segment| segment.n).sum()).next_multiple_of(PANEL);
        let copy_len = most(&|segments| segments.len() * POINTS * self.pitch(segments)).next_multiple_of(16);
        let in_len = product(&[PRODUCTS, n_tiles * channels + SLAB_GAP])?;
        let out_len = product(&[PRODUCTS, n_tiles * self.features_at_once + SLAB_GAP])?;
        let scratch = scratch.take(product(&[copy_len + in_len + out_len])?)?;
        let (copy, rest) = scratch.split_at_mut(copy_len);
        let (inputs, products) = rest.split_at_mut(in_len);
        for segments in &self.tile_blocks {
            let block = TileBlock::new(self, layer, segments)?;
            let n_tiles = block.n_tiles();
            for (group, planes, output) in layer.groups_of(input, output) {
                let weights_len = PRODUCTS * features * channels;
                let weights = &self.weights.as_slice()[group * weights_len..][..weights_len];
                let bias = &self.bias.as_slice()[group * features..][..features];
                self.transform_inputs(layer, &block, planes, copy, inputs);
                for features in self.features.chunks(self.blocks_at_once) {
                    let first = features[0].first;
                    let n = features.iter().map(|block| block.n).sum::<usize>();
                    let output = &mut output[first * layer.out_plane()..];
                    self.multiply(layer, n_tiles, features, weights, inputs, products);
                    self.transform_outputs(layer, &block, &bias[first..][..n], products, output);
                }
            }
        }
        Ok(())
    }
}
