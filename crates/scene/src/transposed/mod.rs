//! The figures of a transposed convolution: each input cell scatters the kernel, or one matrix does it all.
//!
//! The third, an ordinary convolution over the input with zeros inserted, is the lab's flat figure.

mod draw;
mod layout;
mod matrix;
mod matrix_layout;
mod scatter;

use std::sync::Arc;

use convscope_core::conv_transpose2d::{ConvTranspose2dGeometry, ConvTranspose2dParams};
use convscope_core::scattered::{Contribution, contributions};
use convscope_core::tensor::Tensor;

pub use matrix::MatrixFigure;
pub use scatter::ScatterFigure;

/// The words of the figures; wording belongs to the page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransposedWords {
    /// Title of the input, and the line below it.
    pub input: [String; 2],
    /// Title of the kernel, and the line below it.
    pub kernel: [String; 2],
    /// Title of the output, and the line below it.
    pub output: [String; 2],
    /// Title of the matrix, and the line below it.
    pub matrix: [String; 2],
    /// Word beside the bias.
    pub bias: String,
    /// Legend: the kernel where it lies on the output.
    pub window: String,
    /// Legend: what rows and columns of the matrix are.
    pub axes: String,
    /// Legend: cells that are cropped; empty where there are none.
    pub cropped: String,
    /// Legend: sums to which more will be added.
    pub partial: String,
}

/// What the figures show.
#[derive(Clone, Debug)]
pub struct TransposedSpec {
    /// The layer.
    pub params: ConvTranspose2dParams,
    /// Where its taps land.
    pub geometry: ConvTranspose2dGeometry,
    /// NCHW; one channel of image 0 is shown.
    pub input: Arc<Tensor>,
    /// `[in_channels, out_channels / groups, k_h, k_w]`; the kernel from the channel shown to the map shown.
    pub weight: Arc<Tensor>,
    /// The bias of the map.
    pub bias: Option<f32>,
    /// NCHW, with bias and activation; one map of image 0 is shown.
    pub output: Arc<Tensor>,
    /// The input channel that is shown, one of the filter's group.
    pub channel: u64,
    /// The map of the output that is shown.
    pub filter: u64,
    /// The words.
    pub words: TransposedWords,
    /// Whether there are row and column numbers and a legend; a small embed goes without.
    pub aids: bool,
}

impl TransposedSpec {
    fn kernel_size(&self) -> [u64; 2] {
        self.params.options().kernel_size
    }

    /// A weight of the kernel shown.
    fn weight_at(&self, [k_y, k_x]: [u64; 2]) -> f32 {
        let options = self.params.options();
        let group_out = options.out_channels / options.groups;
        self.weight.at([self.channel, self.filter % group_out, k_y, k_x])
    }

    fn input_at(&self, [y, x]: [u64; 2]) -> f32 {
        self.input.at([0, self.channel, y, x])
    }

    fn output_at(&self, [y, x]: [u64; 2]) -> f32 {
        self.output.at([0, self.filter, y, x])
    }

    /// The row-major index of an input cell, and the cell of an index.
    fn input_idx(&self, [y, x]: [u64; 2]) -> u64 {
        y * self.geometry.columns.input_len() + x
    }

    fn input_of(&self, idx: u64) -> [u64; 2] {
        let [height, width] = self.geometry.input_size();
        let idx = idx.min(height * width - 1);
        [idx / width, idx % width]
    }

    /// All that is added up in an output cell of the map shown, over all channels of its group.
    fn contributions(&self, [y, x]: [u64; 2]) -> Vec<Contribution> {
        contributions(&self.params, &self.geometry, &self.input, &self.weight, [0, self.filter, y, x])
    }

    /// Indices of the input cells that reach an output cell, in order.
    fn reached_by(&self, [y, x]: [u64; 2]) -> Vec<u64> {
        let columns: Vec<u64> = self.geometry.columns.contributors(x).map(|(column, _)| column).collect();
        let rows = self.geometry.rows.contributors(y);
        rows.flat_map(|(row, _)| columns.iter().map(move |&x| [row, x]))
            .map(|at| self.input_idx(at))
            .collect()
    }

    /// Every cell of the output, row by row.
    fn outputs(&self) -> impl Iterator<Item = [u64; 2]> + use<> {
        let [height, width] = self.geometry.output_size();
        (0..height).flat_map(move |y| (0..width).map(move |x| [y, x]))
    }
}
