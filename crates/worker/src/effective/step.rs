//! What one layer does to numbers, in the form that is computed: forward, and gradients back.

use convscope_core::graph::{Resample, ResampleMode, Shape};
use convscope_core::pool::PoolAxis;
use convscope_core::{
    AdaptivePool2d, AvgDivisor, Conv2dParams, ConvTranspose2dParams, LinearParams, PaddingMode, Pool2dParams,
};
use convscope_kernels::{Activation, AxisMatrix, KernelError, LocalResponse};

/// What a layer does.
pub(super) enum Step {
    /// Numbers from the seed: the input.
    Numbers,
    /// Ones: a learned tensor that enters as it is.
    Ones,
    /// A convolution.
    Conv2d(Conv2dParams),
    /// A transposed convolution.
    ConvTranspose2d(ConvTranspose2dParams),
    /// A fully connected layer over the last axis.
    Linear(LinearParams),
    /// A maximum, which takes the gradient where it stood.
    MaxPool2d(Pool2dParams),
    /// The same over windows that share the map out.
    AdaptiveMaxPool2d(AdaptivePool2d),
    /// A `p`-norm; the matrices sum over its windows.
    LpPool2d(Pool2dParams, u32, Vec<Along>),
    /// Axes one by one through sparse matrices: averages, crops, copies, blends.
    Along(Vec<Along>),
    /// Inputs one after the other.
    Concat(i64),
    /// Axes in another order: `[place] = axis`, of a tensor seen with these sizes.
    Permute(Vec<usize>, Vec<u64>),
    /// A function of each number.
    Activation(Activation),
    /// Numbers that add up to 1 along an axis.
    Softmax(i64),
    /// Runs of so many numbers to mean 0 and variance 1.
    Normalize { len: usize, follow: bool },
    /// By neighbouring channels.
    LocalResponse(LocalResponse),
    /// The inputs added up, each with its sign.
    Sum(Vec<f32>),
    /// The inputs multiplied.
    Product,
    /// The first over the others.
    Quotient,
}

impl Step {
    /// Whether weights belong to it, and how many.
    pub(super) fn n_weights(&self) -> u64 {
        let product = |shape: &[u64]| shape.iter().fold(1_u64, |count, &len| count.saturating_mul(len));
        match self {
            Self::Conv2d(params) => product(&params.weight_shape()),
            Self::ConvTranspose2d(params) => product(&params.weight_shape()),
            Self::Linear(params) => product(&params.weight_shape()),
            _ => 0,
        }
    }

    /// Products that are summed in one output number.
    pub(super) fn fan_in(&self) -> f64 {
        match self {
            Self::Conv2d(params) => {
                let [_, channels, height, width] = params.weight_shape();
                channels as f64 * height as f64 * width as f64
            }
            // Kernels are scattered a stride apart, so only so many meet in a cell.
            Self::ConvTranspose2d(params) => {
                let [channels, _, height, width] = params.weight_shape();
                let options = params.options();
                let meeting = |taps: u64, stride: u64| (taps as f64 / stride as f64).max(1.0);
                let taps = meeting(height, options.stride[0]) * meeting(width, options.stride[1]);
                (channels / options.groups) as f64 * taps
            }
            Self::Linear(params) => params.in_features() as f64,
            _ => 1.0,
        }
    }

    /// Whether the gradient needs the numbers of its inputs.
    pub(super) fn reads_inputs_back(&self) -> bool {
        matches!(
            self,
            Self::Activation(_)
                | Self::LocalResponse(_)
                | Self::LpPool2d(..)
                | Self::Product
                | Self::Quotient
        )
    }

    /// Whether the gradient needs what the step gave, or found on its way.
    pub(super) fn runs_for_gradient(&self) -> bool {
        matches!(
            self,
            Self::MaxPool2d(_)
                | Self::AdaptiveMaxPool2d(_)
                | Self::LpPool2d(..)
                | Self::Softmax(_)
                | Self::Normalize { .. }
        )
    }

    /// Whether the gradient needs the numbers that the step gave.
    pub(super) fn reads_output_back(&self) -> bool {
        matches!(self, Self::LpPool2d(..) | Self::Softmax(_) | Self::Normalize { follow: true, .. })
    }
}

/// One axis through a matrix.
pub(super) struct Along {
    pub(super) matrix: AxisMatrix,
    /// Numbers from one cell of the axis to the next, in input and output alike.
    pub(super) inner: usize,
}

impl Along {
    /// A tensor through all matrices, one after the other.
    pub(super) fn forward(all: &[Self], input: &[f32]) -> Result<Vec<f32>, KernelError> {
        let mut numbers = Vec::new();
        for (i, Self { matrix, inner }) in all.iter().enumerate() {
            let input = if i == 0 { input } else { &numbers };
            let outer = input.len() / (matrix.input_len() * inner).max(1);
            let mut output = floats(outer * matrix.output_len() * inner)?;
            matrix.apply(input, *inner, &mut output)?;
            numbers = output;
        }
        Ok(if all.is_empty() { input.to_vec() } else { numbers })
    }

    /// A gradient back through all matrices.
    pub(super) fn backward(all: &[Self], grad_output: &[f32]) -> Result<Vec<f32>, KernelError> {
        let mut numbers = Vec::new();
        for (i, Self { matrix, inner }) in all.iter().rev().enumerate() {
            let grad_output = if i == 0 { grad_output } else { &numbers };
            let outer = grad_output.len() / (matrix.output_len() * inner).max(1);
            let mut grad_input = floats(outer * matrix.input_len() * inner)?;
            matrix.apply_transposed(grad_output, *inner, &mut grad_input)?;
            numbers = grad_input;
        }
        Ok(if all.is_empty() { grad_output.to_vec() } else { numbers })
    }
}

/// So many zeros.
pub(super) fn floats(len: usize) -> Result<Vec<f32>, KernelError> {
    let mut floats = Vec::new();
    let bytes = (len as u64).saturating_mul(4);
    floats.try_reserve_exact(len).map_err(|_| KernelError::OutOfMemory { bytes })?;
    floats.resize(len, 0.0);
    Ok(floats)
}

/// Makes the matrices of one layer, axis after axis.
pub(super) struct Axes {
    sizes: Vec<u64>,
    all: Vec<Along>,
}

impl Axes {
    pub(super) fn new(shape: &Shape) -> Self {
        Self { sizes: shape.sizes().to_vec(), all: Vec::new() }
    }

    /// Takes an axis through a matrix, unless it has no such axis or stays as it is.
    pub(super) fn along<T: IntoIterator<Item = (u64, f32)>>(
        mut self,
        axis: usize,
        output_len: u64,
        terms_of: impl Fn(u64) -> T,
    ) -> Result<Self, KernelError> {
        let Some(&input_len) = self.sizes.get(axis) else { return Ok(self) };
        let matrix = AxisMatrix::new([input_len, output_len], terms_of)?;
        let inner = self.sizes[axis + 1..].iter().try_fold(1_u64, |inner, &len| inner.checked_mul(len));
        let bytes = u64::MAX;
        let inner = inner.and_then(|inner| usize::try_from(inner).ok());
        let inner = inner.ok_or(KernelError::OutOfMemory { bytes })?;
        self.sizes[axis] = output_len;
        self.all.push(Along { matrix, inner });
        Ok(self)
    }

    pub(super) fn step(self) -> Step {
        Step::Along(self.all)
    }

    /// The windows of a pool, each sum divided as the divisor says; by nothing without one.
    pub(super) fn pool(
        self,
        params: &Pool2dParams,
        divisor: Option<AvgDivisor>,
    ) -> Result<Self, KernelError> {
        let size = [self.sizes[2], self.sizes[3]];
        let geometry = params.geometry(size)?;
        let mut axes = self;
        for (side, axis) in [geometry.rows, geometry.columns].into_iter().enumerate() {
            let factor = move |window: u64| -> f32 {
                let count = |taps: std::ops::Range<u64>| 1.0 / (taps.end - taps.start).max(1) as f32;
                match divisor {
                    None => 1.0,
                    Some(AvgDivisor::CountInside) => count(axis.taps_inside(window)),
                    Some(AvgDivisor::CountIncludePad) => count(axis.taps_padded(window)),
                    Some(AvgDivisor::Fixed(_)) if side == 1 => 1.0,
                    Some(AvgDivisor::Fixed(divisor)) => 1.0 / divisor as f32,
                }
            };
            let terms = |window: u64| window_cells(axis, window).map(move |cell| (cell, factor(window)));
            axes = axes.along(2 + side, axis.output_len(), terms)?;
        }
        Ok(axes)
    }

    /// The mean of each window of an adaptive pool.
    pub(super) fn adaptive(self, pool: AdaptivePool2d) -> Result<Self, KernelError> {
        let size = [self.sizes[2], self.sizes[3]];
        let mut axes = self;
        for (side, axis) in pool.axes(size)?.into_iter().enumerate() {
            let terms = |window: u64| {
                let cells = axis.window(window);
                let share = 1.0 / (cells.end - cells.start) as f32;
                cells.map(move |cell| (cell, share))
            };
            axes = axes.along(2 + side, axis.output_len(), terms)?;
        }
        Ok(axes)
    }

    /// Cells added and taken away, `[top, left, bottom, right]`.
    pub(super) fn pad(self, pads: [i64; 4], mode: PaddingMode, output: &Shape) -> Result<Self, KernelError> {
        let mut axes = self;
        for (side, before) in [pads[0], pads[1]].into_iter().enumerate() {
            let input_len = axes.sizes[2 + side];
            let terms = |cell: u64| mode.source(cell.cast_signed() - before, input_len).map(|it| (it, 1.0));
            axes = axes.along(2 + side, output.sizes()[2 + side], terms)?;
        }
        Ok(axes)
    }

    /// Another height and width.
    pub(super) fn resample(self, resample: Resample, output: &Shape) -> Result<Self, KernelError> {
        let mut axes = self;
        for side in 0..2 {
            let (n, m) = (axes.sizes[2 + side], output.sizes()[2 + side]);
            axes = axes.along(2 + side, m, |cell| blend(resample.mode, cell, n, m))?;
        }
        Ok(axes)
    }

    /// The mean along an axis, which stays with one cell.
    pub(super) fn mean(self, axis: usize) -> Result<Self, KernelError> {
        let len = self.sizes[axis];
        self.along(axis, 1, |_| (0..len).map(|cell| (cell, 1.0 / len as f32)))
    }

    /// The one cell of an axis so many times.
    pub(super) fn repeat(self, axis: usize, times: u64) -> Result<Self, KernelError> {
        self.along(axis, times, |_| [(0, 1.0)])
    }

    /// A tensor laid over a larger one from the last axis on, as in numpy; nothing where it is as large.
    pub(super) fn broadcast(from: &Shape, to: &Shape) -> Result<Vec<Along>, KernelError> {
        let missing = to.sizes().len().saturating_sub(from.sizes().len());
        let sizes = [&vec![1; missing], from.sizes()].concat();
        let mut axes = Self { sizes, all: Vec::new() };
        for (axis, &len) in to.sizes().iter().enumerate() {
            if axes.sizes[axis] != len {
                axes = axes.repeat(axis, len)?;
            }
        }
        Ok(axes.all)
    }

    /// So many cells of an axis, from an offset on.
    pub(super) fn part(self, axis: usize, offset: u64, len: u64) -> Result<Self, KernelError> {
        self.along(axis, len, |cell| [(offset + cell, 1.0)])
    }
}

/// The cells of the input under one window.
fn window_cells(axis: PoolAxis, window: u64) -> impl Iterator<Item = u64> {
    let geometry = *axis.windows();
    axis.taps_inside(window).map(move |tap| geometry.tap(window, tap).unsigned_abs())
}

/// The cells that a resampled one is made of, each with its share; sizes are below `2^61`.
fn blend(mode: ResampleMode, cell: u64, n: u64, m: u64) -> impl Iterator<Item = (u64, f32)> {
    let [wide, from, to] = [cell, n, m].map(i128::from);
    let (numerator, denominator) = match mode {
        ResampleMode::Nearest => (wide * from / to * to, to),
        ResampleMode::Bilinear => (((2 * wide + 1) * from - to).max(0), 2 * to),
        ResampleMode::BilinearAligned => (wide * (from - 1), (to - 1).max(1)),
    };
    let (whole, rest) = (numerator / denominator, numerator % denominator);
    let share = (rest as f64 / denominator as f64) as f32;
    let at = move |cell: i128| u64::try_from(cell.clamp(0, from - 1)).unwrap_or(0);
    [(at(whole), 1.0 - share), (at(whole + 1), share)].into_iter().filter(|(_, share)| *share != 0.0)
}
