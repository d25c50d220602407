//! One layer that moves a window over feature maps, whichever operation it is.

use crate::conv_transpose2d::{ConvTranspose2dParams, conv_transpose2d};
use crate::conv2d::{Conv2dParams, conv2d};
use crate::cost::{Cost, cost, cost_transposed, cost_unweighted};
use crate::error::ConvError;
use crate::pool::{AvgDivisor, Pool2dParams};
use crate::pool2d::{avg_pool2d, lp_pool2d, max_pool2d};
use crate::tensor::Tensor;

/// An operation with its checked parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Each output is a weighted sum of a window.
    Conv2d(Conv2dParams),
    /// Each input scatters the kernel, scaled by its value.
    ConvTranspose2d(ConvTranspose2dParams),
    /// Each output is the largest value of a window.
    MaxPool2d(Pool2dParams),
    /// Each output is the mean of a window.
    AvgPool2d(Pool2dParams, AvgDivisor),
    /// Each output is the p-norm of a window; the exponent is at least 1.
    LpPool2d(Pool2dParams, u32),
}

impl Layer {
    /// The shape of the weight: OIHW, for a transposed convolution `[in_channels, out_channels / groups, k_h,
    /// k_w]`; `None` for pools.
    pub fn weight_shape(&self) -> Option<[u64; 4]> {
        match self {
            Self::Conv2d(params) => Some(params.weight_shape()),
            Self::ConvTranspose2d(params) => Some(params.weight_shape()),
            _ => None,
        }
    }

    /// The output's shape for an input's, both NCHW.
    ///
    /// # Errors
    ///
    /// Those of the operation's `output_shape`.
    pub fn output_shape(&self, input_shape: [u64; 4]) -> Result<[u64; 4], ConvError> {
        match self {
            Self::Conv2d(params) => params.output_shape(input_shape),
            Self::ConvTranspose2d(params) => params.output_shape(input_shape),
            Self::MaxPool2d(params) | Self::AvgPool2d(params, _) | Self::LpPool2d(params, _) => {
                params.output_shape(input_shape)
            }
        }
    }

    /// What the layer costs for an input, NCHW. Pools have neither parameters nor MACs.
    ///
    /// # Errors
    ///
    /// Those of [`output_shape`](Self::output_shape), and [`ConvError::Overflow`] when a count does not fit.
    pub fn cost(&self, input_shape: [u64; 4]) -> Result<Cost, ConvError> {
        match self {
            Self::Conv2d(params) => cost(params, input_shape),
            Self::ConvTranspose2d(params) => cost_transposed(params, input_shape),
            _ => cost_unweighted(input_shape, self.output_shape(input_shape)?),
        }
    }

    /// The output, NCHW. `weight` has [`weight_shape`](Self::weight_shape); pools ignore weight and bias.
    ///
    /// # Errors
    ///
    /// Those of the operation; [`ConvError::WeightShape`] where a weight is missing.
    pub fn apply(
        &self,
        input: &Tensor,
        weight: Option<&Tensor>,
        bias: Option<&[f32]>,
    ) -> Result<Tensor, ConvError> {
        let missing = |expected| ConvError::WeightShape { expected, got: [0; 4] };
        match self {
            Self::Conv2d(params) => {
                conv2d(params, input, weight.ok_or(missing(params.weight_shape()))?, bias)
            }
            Self::ConvTranspose2d(params) => {
                conv_transpose2d(params, input, weight.ok_or(missing(params.weight_shape()))?, bias)
            }
            Self::MaxPool2d(params) => max_pool2d(params, input).map(|(output, _)| output),
            Self::AvgPool2d(params, divisor) => avg_pool2d(params, *divisor, input),
            Self::LpPool2d(params, p) => lp_pool2d(params, *p, input),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conv_transpose2d::ConvTranspose2dOptions;
    use crate::conv2d::Conv2dOptions;
    use crate::pool::Pool2dOptions;
    use crate::sample::ramp;

    #[test]
    fn each_operation_answers_with_its_own() {
        let conv = Conv2dOptions { kernel_size: [2, 2], ..Default::default() };
        let transposed = ConvTranspose2dOptions { kernel_size: [2, 2], ..Default::default() };
        let pool = Pool2dParams::new(Pool2dOptions { kernel_size: [2, 2], ..Default::default() }).unwrap();
        let input = ramp(3, 3).unwrap();
        let ones = Tensor::map(2, 2, vec![1.0; 4]).unwrap();
        let layers = [
            (Layer::Conv2d(Conv2dParams::new(conv).unwrap()), 2, 8.0, 4),
            (Layer::ConvTranspose2d(ConvTranspose2dParams::new(transposed).unwrap()), 4, 0.0, 4),
            (Layer::MaxPool2d(pool.clone()), 2, 4.0, 0),
            (Layer::AvgPool2d(pool.clone(), AvgDivisor::CountInside), 2, 2.0, 0),
            (Layer::LpPool2d(pool, 1), 2, 8.0, 0),
        ];
        for (layer, size, first, params) in layers {
            let output = layer.apply(&input, Some(&ones), None).unwrap();
            assert_eq!(output.shape(), [1, 1, size, size]);
            assert_eq!(layer.output_shape(input.shape()), Ok(output.shape()));
            assert_eq!((output.data()[0], layer.cost(input.shape()).unwrap().params()), (first, params));
            let bare = layer.apply(&input, None, None);
            assert_eq!(bare.is_err(), layer.weight_shape().is_some());
        }
    }
}
