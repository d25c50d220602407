//! Convolution, forward: weights packed once for the algorithm that suits the layer, then run many times.
//!
//! Cross-correlation as in `convscope_core::conv2d`; input and output NCHW, weights OIHW.

mod blocks;
mod choose;
mod dense;
mod direct;
mod gemm;
mod interleaved;
mod layer;
mod padded;
mod panels;
mod rows;
mod winograd;

use convscope_core::Conv2dParams;
use convscope_core::tensor::element_count;

pub use choose::{Algorithm, Precision};

use crate::error::KernelError;
use crate::memory::{Floats, Scratch};
use dense::Dense;
use direct::Direct;
use interleaved::Interleaved;
use layer::Layer;
use panels::Panels;
use rows::Rows;
use winograd::Winograd;

/// A convolution with its weights, for inputs of one shape.
///
/// ```
/// use convscope_core::{Conv2dOptions, Conv2dParams};
/// use convscope_kernels::{Conv2d, Precision, Scratch};
///
/// let params = Conv2dParams::new(Conv2dOptions { kernel_size: [2, 2], ..Default::default() })?;
/// let conv = Conv2d::new(&params, [1, 1, 3, 3], &[1.0, 2.0, 3.0, 4.0], None, Precision::Fast)?;
/// let mut output = [0.0; 4];
/// conv.run(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], &mut output, &mut Scratch::new())?;
/// assert_eq!(output, [37.0, 47.0, 67.0, 77.0]);
/// # Ok::<(), convscope_kernels::KernelError>(())
/// ```
pub struct Conv2d {
    output_shape: [u64; 4],
    work: Option<Work>,
}

/// A layer that is not empty, and how it is computed.
struct Work {
    layer: Layer,
    algorithm: Algorithm,
    kernel: Box<dyn Kernel>,
}

/// Weights in the order that an algorithm reads them, and the algorithm.
trait Kernel {
    /// Computes every cell of `output`; both slices are as long as the layer says.
    fn run(
        &self,
        layer: &Layer,
        input: &[f32],
        output: &mut [f32],
        scratch: &mut Scratch,
    ) -> Result<(), KernelError>;
}

impl Conv2d {
    /// Chooses an algorithm for inputs of `[n, c, height, width]` and packs the weights for it.
    ///
    /// `weight` is OIHW, [`Conv2dParams::weight_shape`]; `bias` has a number for each output channel and is
    /// there exactly when the parameters say so. Both are copied.
    ///
    /// # Errors
    ///
    /// [`KernelError::Shape`] for everything that [`Conv2dParams::output_shape`] and
    /// [`Conv2dParams::check_bias`] refuse; [`KernelError::Length`] for a weight of another length;
    /// [`KernelError::OutOfMemory`].
    pub fn new(
        params: &Conv2dParams,
        input_shape: [u64; 4],
        weight: &[f32],
        bias: Option<&[f32]>,
        precision: Precision,
    ) -> Result<Self, KernelError> {
        Self::build(params, input_shape, weight, bias, |layer| Some(choose::choose(layer, precision)))
            .map(|conv| conv.expect("the chooser names an algorithm for every layer"))
    }

    /// The same with an algorithm of the caller's choice, or `None` where that one cannot compute the layer.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new).
    pub fn with_algorithm(
        params: &Conv2dParams,
        input_shape: [u64; 4],
        weight: &[f32],
        bias: Option<&[f32]>,
        algorithm: Algorithm,
    ) -> Result<Option<Self>, KernelError> {
        let suited = |layer: &Layer| algorithm.suits(layer).then_some(algorithm);
        Self::build(params, input_shape, weight, bias, suited)
    }

    fn build(
        params: &Conv2dParams,
        input_shape: [u64; 4],
        weight: &[f32],
        bias: Option<&[f32]>,
        choose: impl Fn(&Layer) -> Option<Algorithm>,
    ) -> Result<Option<Self>, KernelError> {
        let output_shape = params.output_shape(input_shape)?;
        params.check_bias(bias.map_or(0, |bias| bias.len() as u64))?;
        let weights = element_count(params.weight_shape())?;
        if weight.len() as u64 != weights {
            let bytes = weights.saturating_mul(4);
            let expected = usize::try_from(weights).map_err(|_| KernelError::OutOfMemory { bytes })?;
            return Err(KernelError::Length { name: "weight", expected, got: weight.len() });
        }
        let Some(layer) = Layer::new(params, input_shape)? else {
            return Ok(Some(Self { output_shape, work: None }));
        };
        let Some(algorithm) = choose(&layer) else { return Ok(None) };
        let mut biases = Floats::zeros(layer.out_channels)?;
        if let Some(bias) = bias {
            biases.as_mut_slice().copy_from_slice(bias);
        }
        let kernel = kernel(algorithm, &layer, weight, biases)?;
        Ok(Some(Self { output_shape, work: Some(Work { layer, algorithm, kernel }) }))
    }

    /// The output's shape, NCHW.
    pub fn output_shape(&self) -> [u64; 4] {
        self.output_shape
    }

    /// The algorithm in use.
    pub fn algorithm(&self) -> Algorithm {
        self.work.as_ref().map_or(Algorithm::Bias, |work| work.algorithm)
    }

    /// Computes the output for one input, both NCHW and of the shapes that were agreed on.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`] for an `input` or `output` of another length; [`KernelError::OutOfMemory`]
    /// when the scratch cannot grow. The output is then untouched.
    pub fn run(&self, input: &[f32], output: &mut [f32], scratch: &mut Scratch) -> Result<(), KernelError> {
        let lens =
            self.work.as_ref().map_or([0, 0], |work| [work.layer.input_len(), work.layer.output_len()]);
        for (name, expected, got) in [("input", lens[0], input.len()), ("output", lens[1], output.len())] {
            if got != expected {
                return Err(KernelError::Length { name, expected, got });
            }
        }
        match &self.work {
            Some(Work { layer, kernel, .. }) => kernel.run(layer, input, output, scratch),
            None => Ok(()),
        }
    }
}

/// Packs weights for an algorithm that suits the layer; `bias` has a number for each output channel.
fn kernel(
    algorithm: Algorithm,
    layer: &Layer,
    weight: &[f32],
    bias: Floats,
) -> Result<Box<dyn Kernel>, KernelError> {
    Ok(match algorithm {
        Algorithm::Bias => Box::new(Bias(bias)),
        Algorithm::Exact => Box::new(Direct::new(layer, weight, bias, false)?),
        Algorithm::Direct => Box::new(Direct::new(layer, weight, bias, true)?),
        Algorithm::Dense => Box::new(Dense::new(layer, weight, bias)?),
        Algorithm::Interleaved => Box::new(Interleaved::new(layer, weight, bias)?),
        Algorithm::Panels => Box::new(Panels::new(layer, weight, bias)?),
        Algorithm::Rows => Box::new(Rows::new(layer, weight, bias)?),
        Algorithm::Winograd => Box::new(Winograd::new(layer, weight, bias)?),
    })
}

/// The bias alone, for a layer without products.
struct Bias(Floats);

impl Kernel for Bias {
    fn run(&self, layer: &Layer, _: &[f32], output: &mut [f32], _: &mut Scratch) -> Result<(), KernelError> {
        let maps = output.chunks_exact_mut(layer.out_plane());
        maps.zip(self.0.as_slice().iter().cycle()).for_each(|(map, &bias)| map.fill(bias));
        Ok(())
    }
}
