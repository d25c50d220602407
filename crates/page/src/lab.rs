//! A model with everything that is computed from it.

use std::sync::Arc;

use convscope_core::inserted::inserted;
use convscope_core::tensor::Tensor;
use convscope_core::{
    Activation, Conv2dGeometry, Conv2dOptions, Conv2dParams, ConvError, Cost, Layer, Padding2d,
};

use crate::model::LabModel;
use crate::operation::Operation;
use crate::shape::Shape;
use crate::source::Picture;

/// What the figure, the inspector and the cards read.
///
/// `params`, `geometry`, `input` and `weight` are those of the convolution that the flat figure draws: windows
/// of weights over cells. That is the layer itself, or what computes the same: for a transposed convolution the
/// one over its input with zeros inserted, for a pool one kernel a channel, whose weights are all 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Lab {
    /// What it was computed from; its step, channel and filter exist.
    pub model: LabModel,
    /// The layer, as frameworks have it.
    pub layer: Layer,
    /// The layer's input, NCHW.
    pub layer_input: Arc<Tensor>,
    /// The layer's weight, in the layout of [`Layer::weight_shape`]; `None` for pools.
    pub layer_weight: Option<Arc<Tensor>>,
    /// Parameters of the convolution that is drawn.
    pub params: Conv2dParams,
    /// Where its windows lie.
    pub geometry: Conv2dGeometry,
    /// Its input, NCHW.
    pub input: Arc<Tensor>,
    /// Its weight, OIHW.
    pub weight: Arc<Tensor>,
    /// What the layer computes before the activation, NCHW.
    pub sums: Arc<Tensor>,
    /// What comes out after the activation, NCHW; `sums` itself where there is none.
    pub output: Arc<Tensor>,
    /// What the layer costs for one image.
    pub cost: Cost,
}

impl Lab {
    /// The default model with everything that is computed from it.
    pub fn example() -> Self {
        match LabModel::default().derive(None) {
            Ok(lab) => lab,
            Err(_) => panic!("the default model makes a convolution, as its test shows"),
        }
    }

    /// The input channel that flat figures show: the chosen one of those that the chosen filter reads.
    pub fn channel(&self) -> u64 {
        self.first_channel() + self.slice()
    }

    /// The filter, and so the map of the output, that flat figures show.
    pub fn filter(&self) -> u64 {
        if self.model.operation.is_pool() { self.model.channel } else { self.model.filter }
    }

    /// Channels that one filter reads.
    pub fn n_slices(&self) -> u64 {
        self.params.weight_shape()[1]
    }

    /// The slice of the chosen filter that lies over [`channel`](Self::channel).
    pub fn slice(&self) -> u64 {
        self.model.channel.saturating_sub(self.first_channel()).min(self.n_slices() - 1)
    }

    /// The first channel of the chosen filter's group.
    pub fn first_channel(&self) -> u64 {
        let options = self.params.options();
        self.filter() / (options.out_channels / options.groups) * self.n_slices()
    }

    /// The input's value in the channel shown.
    ///
    /// # Panics
    ///
    /// Outside of the drawn input, as slices do; so for all below.
    pub fn input_at(&self, [y, x]: [u64; 2]) -> f32 {
        self.input.at([0, self.channel(), y, x])
    }

    /// The weight of the slice shown.
    pub fn weight_at(&self, [k_y, k_x]: [u64; 2]) -> f32 {
        self.weight.at([self.filter(), self.slice(), k_y, k_x])
    }

    /// The output's value in the map shown.
    pub fn output_at(&self, [y, x]: [u64; 2]) -> f32 {
        self.output.at([0, self.filter(), y, x])
    }
}

impl LabModel {
    /// Everything that is computed from the model. `sample` is the photograph that the model names, as in
    /// [`crate::InputSource::tensor`].
    ///
    /// # Errors
    ///
    /// Why the model makes no layer.
    pub fn derive(&self, sample: Option<&Picture>) -> Result<Lab, ConvError> {
        let shape = Shape::of(self);
        let layer = shape.layer()?;
        let geometry = shape.geometry()?;
        let layer_input =
            Arc::new(self.input.tensor([self.in_channels, self.input_size[0], self.input_size[1]], sample)?);
        let layer_weight = layer.weight_shape().map(|_| Arc::new(self.weight()));
        let bias = self.bias.filter(|_| self.operation.has_weights());
        let biases = vec![bias.unwrap_or(0.0); if bias.is_some() { self.out_channels as usize } else { 0 }];
        let biases = bias.map(|_| biases.as_slice());
        let sums = Arc::new(layer.apply(&layer_input, layer_weight.as_deref(), biases)?);
        let output = activated(self.activation, &sums);
        let cost = layer.cost(layer_input.shape())?;
        let mut model = self.clone();
        model.step = model.step.min(geometry.n_steps() - 1);
        model.channel = model.channel.min(self.in_channels - 1);
        model.filter = model.filter.min(sums.shape()[1] - 1);
        let (params, input, weight) = drawn(&layer, geometry, &layer_input, layer_weight.as_ref())?;
        Ok(Lab {
            model,
            layer,
            layer_input,
            layer_weight,
            params,
            geometry,
            input,
            weight,
            sums,
            output,
            cost,
        })
    }
}

/// The values after an activation.
fn activated(activation: Activation, sums: &Arc<Tensor>) -> Arc<Tensor> {
    if activation == Activation::Identity {
        return sums.clone();
    }
    let mut output = Tensor::clone(sums);
    output.data_mut().iter_mut().for_each(|value| *value = activation.of(*value));
    Arc::new(output)
}

/// The convolution that the flat figure draws, with its input and weight.
fn drawn(
    layer: &Layer,
    geometry: Conv2dGeometry,
    input: &Arc<Tensor>,
    weight: Option<&Arc<Tensor>>,
) -> Result<(Conv2dParams, Arc<Tensor>, Arc<Tensor>), ConvError> {
    match (layer, weight) {
        (Layer::Conv2d(params), Some(weight)) => Ok((params.clone(), input.clone(), weight.clone())),
        (Layer::ConvTranspose2d(params), Some(weight)) => {
            let ordinary = inserted(params, input, weight)?;
            Ok((ordinary.params, Arc::new(ordinary.input), Arc::new(ordinary.weight)))
        }
        (Layer::Conv2d(_) | Layer::ConvTranspose2d(_), None) => {
            Err(ConvError::WeightShape { expected: layer.weight_shape().unwrap_or_default(), got: [0; 4] })
        }
        (Layer::MaxPool2d(_) | Layer::AvgPool2d(..) | Layer::LpPool2d(..), _) => {
            let channels = input.shape()[1];
            let [rows, columns] = [geometry.rows.params(), geometry.columns.params()];
            let params = Conv2dParams::new(Conv2dOptions {
                in_channels: channels,
                out_channels: channels,
                groups: channels,
                kernel_size: [rows.kernel_size(), columns.kernel_size()],
                stride: [rows.stride(), columns.stride()],
                dilation: [rows.dilation(), columns.dilation()],
                padding: Padding2d::Explicit(geometry.pads()),
                ..Default::default()
            })?;
            let mut ones = Tensor::zeros(params.weight_shape())?;
            ones.data_mut().fill(1.0);
            Ok((params, input.clone(), Arc::new(ones)))
        }
    }
}

impl Operation {
    /// Whether pads may be filled with copies of the input.
    pub fn has_padding_modes(self) -> bool {
        self == Self::Conv
    }
}

#[cfg(test)]
mod tests {
    use convscope_core::{AvgDivisor, Pads, conv2d};

    use super::*;

    fn derived(model: LabModel) -> Lab {
        model.derive(None).unwrap()
    }

    #[test]
    fn the_course_s_example_has_six_maps() {
        let model = LabModel {
            in_channels: 3,
            out_channels: 6,
            input: crate::InputSource::default_for([32, 32]),
            input_size: [32, 32],
            kernel_size: [5, 5],
            stride: [1, 1],
            padding: Padding2d::Valid,
            channel: 7,
            filter: 7,
            ..LabModel::default()
        };
        let lab = derived(model);
        assert_eq!(lab.output.shape(), [1, 6, 28, 28]);
        assert_eq!(lab.cost.params(), 456);
        assert_eq!((lab.channel(), lab.filter(), lab.n_slices()), (2, 5, 3));
        let all: f32 =
            convscope_core::window::taps(&lab.params, &lab.geometry, &lab.input, &lab.weight, [0, 5, 3, 4])
                .iter()
                .map(|tap| tap.product)
                .sum();
        assert_eq!(lab.output_at([3, 4]), all + 1.0);
    }

    #[test]
    fn what_is_drawn_computes_what_the_layer_does() {
        let base = LabModel { in_channels: 4, out_channels: 2, groups: 2, ..LabModel::default() };
        let transposed =
            LabModel { operation: Operation::Transposed, output_padding: [1, 1], ..base.clone() };
        for model in [base.clone(), LabModel { flip: true, ..base.clone() }, transposed] {
            let lab = derived(model);
            let bias = [1.0; 2];
            let drawn = conv2d::conv2d(&lab.params, &lab.input, &lab.weight, Some(&bias)).unwrap();
            assert_eq!(drawn, *lab.sums);
            assert_eq!(lab.geometry.output_size(), [drawn.shape()[2], drawn.shape()[3]]);
        }
        let pool = LabModel { operation: Operation::AvgPool, divisor: AvgDivisor::Fixed(1), ..base };
        let lab = derived(LabModel { ceil_mode: true, stride: [2, 2], input_size: [6, 6], ..pool });
        let drawn = conv2d::conv2d(&lab.params, &lab.input, &lab.weight, None).unwrap();
        assert_eq!((drawn.shape(), &drawn), ([1, 4, 4, 4], &*lab.sums));
    }

    #[test]
    fn flipping_turns_the_kernel_by_half_a_turn() {
        let lab = derived(LabModel { flip: true, ..LabModel::default() });
        assert_eq!(lab.weight.data(), [1., 0., -1., 2., 0., -2., 1., 0., -1.]);
        assert_eq!(lab.output_at([1, 1]), -26.0);
    }

    #[test]
    fn activations_come_last() {
        let lab = derived(LabModel { activation: Activation::Relu, ..LabModel::default() });
        assert_eq!(lab.sums.data()[..3], [3., 21., -21.]);
        assert_eq!(lab.output.data()[..3], [3., 21., 0.]);
    }

    #[test]
    fn pools_leave_weights_alone() {
        let pads = Padding2d::Explicit(Pads::all(1));
        let model = LabModel { operation: Operation::MaxPool, padding: pads, ..LabModel::default() };
        let lab = derived(model);
        assert_eq!((lab.cost.params(), lab.layer_weight.is_none()), (0, true));
        assert_eq!(lab.output.shape(), [1, 1, 3, 3]);
        assert!(lab.output.data().iter().all(|value| *value >= 1.0));
    }
}
