//! A model with everything that is computed from it.

use std::sync::Arc;

use convscope_core::conv2d::conv2d;
use convscope_core::cost;
use convscope_core::inserted::inserted;
use convscope_core::pool2d::max_pool2d;
use convscope_core::tensor::Tensor;
use convscope_core::{
    Activation, Conv2dGeometry, Conv2dOptions, Conv2dParams, ConvError, ConvTranspose2dGeometry, Cost, Layer,
    Padding2d, Pads, Pool2dGeometry,
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
    /// Of a max pool, where the maximum of each window stands, as in [`max_pool2d`]; `None` for all else.
    pub winners: Option<Winners>,
    /// Of a transposed convolution, cells of the stretched input that are cropped `[above, left]` of it.
    pub crop: [u64; 2],
}

/// Of each window of a max pool, where its maximum stands: see [`max_pool2d`].
pub type Winners = Arc<Vec<Option<u64>>>;

/// What lies at a position of the drawn input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// A cell of the layer's input.
    Input,
    /// A zero between them, which a transposed convolution inserts.
    Inserted,
    /// Padding.
    Padding,
    /// Beyond the padding, where the last window of a pool hangs over.
    Beyond,
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

    /// The windows of a pool.
    #[inline(never)]
    pub fn pool(&self) -> Option<Pool2dGeometry> {
        let (Layer::MaxPool2d(params) | Layer::AvgPool2d(params, _) | Layer::LpPool2d(params, _)) =
            &self.layer
        else {
            return None;
        };
        params.geometry(self.model.input_size).ok()
    }

    /// The scattered kernels of a transposed convolution.
    #[inline(never)]
    pub fn scatter(&self) -> Option<ConvTranspose2dGeometry> {
        let Layer::ConvTranspose2d(params) = &self.layer else { return None };
        params.geometry(self.model.input_size).ok()
    }

    /// The layer's padding in cells: of a transposed convolution what is cropped, of a pool without what its
    /// last window hangs over.
    pub fn pads(&self) -> Pads {
        match self.model.operation {
            Operation::Conv => self.geometry.pads(),
            Operation::Transposed => self.scatter().map_or_else(Pads::default, |scatter| scatter.pads()),
            _ => self.pool().map_or_else(Pads::default, |pool| pool.pads()),
        }
    }

    /// What lies at a position of the drawn input.
    pub fn zone(&self, position: [i64; 2]) -> Zone {
        let [height, width] = self.geometry.input_size().map(u64::cast_signed);
        let inside = (0..height).contains(&position[0]) && (0..width).contains(&position[1]);
        if inside {
            return if self.layer_cell(position).is_some() { Zone::Input } else { Zone::Inserted };
        }
        let Some(pool) = self.pool() else { return Zone::Padding };
        let Pads { bottom, right, .. } = pool.pads();
        let beyond =
            position[0] >= height + bottom.cast_signed() || position[1] >= width + right.cast_signed();
        if beyond { Zone::Beyond } else { Zone::Padding }
    }

    /// The cell of the layer's input that stands at a position of the drawn input.
    pub fn layer_cell(&self, position: [i64; 2]) -> Option<[u64; 2]> {
        let [y, x] = [u64::try_from(position[0]).ok()?, u64::try_from(position[1]).ok()?];
        let stride = if self.model.operation == Operation::Transposed { self.model.stride } else { [1, 1] };
        let cell = |at: u64, axis: usize| {
            let stretched = at + self.crop[axis];
            let idx = stretched / stride[axis];
            (stretched.is_multiple_of(stride[axis]) && idx < self.model.input_size[axis]).then_some(idx)
        };
        Some([cell(y, 0)?, cell(x, 1)?])
    }

    /// What stands in the padding, where it holds no copies.
    pub fn pad_value(&self) -> f32 {
        if self.model.operation == Operation::MaxPool { f32::NEG_INFINITY } else { 0.0 }
    }

    /// Where the maximum of a window stands in the map shown, of a max pool; `None` for a window of padding.
    pub fn winner(&self, [y, x]: [u64; 2]) -> Option<[u64; 2]> {
        let [height, width] = self.geometry.output_size();
        let idx = (self.filter() * height + y) * width + x;
        let place = (*self.winners.as_ref()?.get(usize::try_from(idx).ok()?)?)?;
        let columns = self.model.input_size[1];
        Some([place / columns, place % columns])
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
        let (sums, winners) = match (&layer, layer_weight.as_deref()) {
            (Layer::Conv2d(params), Some(weight)) => (conv2d(params, &layer_input, weight, biases)?, None),
            (layer, weight) => applied(layer, &layer_input, weight, biases)?,
        };
        let sums = Arc::new(sums);
        let output = match self.activation {
            Activation::Identity => sums.clone(),
            activation => activated(activation, &sums),
        };
        let cost = match &layer {
            Layer::Conv2d(params) => cost::cost(params, layer_input.shape())?,
            layer => layer.cost(layer_input.shape())?,
        };
        let mut model = self.clone();
        model.clamp_step(None);
        model.channel = model.channel.min(self.in_channels - 1);
        model.filter = model.filter.min(sums.shape()[1] - 1);
        let (params, input, weight, crop) = match (&layer, &layer_weight) {
            (Layer::Conv2d(params), Some(weight)) => {
                (params.clone(), layer_input.clone(), weight.clone(), [0, 0])
            }
            (layer, weight) => drawn(layer, geometry, &layer_input, weight.as_ref())?,
        };
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
            winners,
            crop,
        })
    }
}

/// The values after an activation.
#[inline(never)]
fn activated(activation: Activation, sums: &Tensor) -> Arc<Tensor> {
    let mut output = sums.clone();
    output.data_mut().iter_mut().for_each(|value| *value = activation.of(*value));
    Arc::new(output)
}

/// What a layer computes, and of a max pool where the maxima stand. Not inlined: for a convolution, which is all
/// that runs first, none of it is needed.
#[inline(never)]
fn applied(
    layer: &Layer,
    input: &Tensor,
    weight: Option<&Tensor>,
    biases: Option<&[f32]>,
) -> Result<(Tensor, Option<Winners>), ConvError> {
    if let Layer::MaxPool2d(params) = layer {
        let (maxima, winners) = max_pool2d(params, input)?;
        return Ok((maxima, Some(Arc::new(winners))));
    }
    Ok((layer.apply(input, weight, biases)?, None))
}

/// A convolution with its input and weight, and the cells of the input that are cropped above and to the left.
type Drawn = (Conv2dParams, Arc<Tensor>, Arc<Tensor>, [u64; 2]);

/// The convolution that the flat figure draws of another layer. Not inlined, as above.
#[inline(never)]
fn drawn(
    layer: &Layer,
    geometry: Conv2dGeometry,
    input: &Arc<Tensor>,
    weight: Option<&Arc<Tensor>>,
) -> Result<Drawn, ConvError> {
    if layer.weight_shape().is_some() {
        let (Layer::ConvTranspose2d(params), Some(weight)) = (layer, weight) else {
            let expected = layer.weight_shape().unwrap_or_default();
            return Err(ConvError::WeightShape { expected, got: [0; 4] });
        };
        let ordinary = inserted(params, input, weight)?;
        return Ok((ordinary.params, Arc::new(ordinary.input), Arc::new(ordinary.weight), ordinary.crop));
    }
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
    Ok((params, input.clone(), Arc::new(ones), [0, 0]))
}

impl Operation {
    /// Whether pads may be filled with copies of the input.
    pub fn has_padding_modes(self) -> bool {
        self == Self::Conv
    }
}

#[cfg(test)]
mod tests {
    use convscope_core::{AvgDivisor, Pads};

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
            let drawn = conv2d(&lab.params, &lab.input, &lab.weight, Some(&bias)).unwrap();
            assert_eq!(drawn, *lab.sums);
            assert_eq!(lab.geometry.output_size(), [drawn.shape()[2], drawn.shape()[3]]);
        }
        let pool = LabModel { operation: Operation::AvgPool, divisor: AvgDivisor::Fixed(1), ..base };
        let lab = derived(LabModel { ceil_mode: true, stride: [2, 2], input_size: [6, 6], ..pool });
        let drawn = conv2d(&lab.params, &lab.input, &lab.weight, None).unwrap();
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
    fn a_position_knows_what_lies_there() {
        let stretched =
            LabModel { operation: Operation::Transposed, padding: Padding2d::Valid, ..LabModel::default() };
        let lab = derived(stretched.clone());
        let zones = [[0, 0], [0, 1], [8, 8], [-1, 0]].map(|position| lab.zone(position));
        assert_eq!(zones, [Zone::Input, Zone::Inserted, Zone::Input, Zone::Padding]);
        assert_eq!(lab.layer_cell([8, 2]), Some([4, 1]));
        // Padding of more than the kernel reaches crops cells of the stretched input.
        let cropped = LabModel { padding: Padding2d::Explicit(Pads::all(3)), ..stretched };
        let lab = derived(cropped);
        assert_eq!((lab.crop, lab.layer_cell([0, 0]), lab.layer_cell([1, 1])), ([1, 1], None, Some([1, 1])));
        for (y, x) in (0..lab.input.shape()[2]).flat_map(|y| (0..lab.input.shape()[3]).map(move |x| (y, x))) {
            let value =
                lab.layer_cell([y, x].map(u64::cast_signed)).map(|[y, x]| lab.layer_input.at([0, 0, y, x]));
            assert_eq!(lab.input.at([0, 0, y, x]), value.unwrap_or(0.0));
        }
        let hanging = LabModel {
            operation: Operation::MaxPool,
            stride: [3, 3],
            ceil_mode: true,
            padding: Padding2d::Explicit(Pads { top: 0, left: 0, bottom: 1, right: 0 }),
            input_size: [7, 4],
            ..LabModel::default()
        };
        let lab = derived(hanging);
        assert_eq!(lab.geometry.output_size(), [3, 2]);
        let zones = [[6, 3], [7, 3], [8, 3], [0, 4]].map(|position| lab.zone(position));
        assert_eq!(zones, [Zone::Input, Zone::Padding, Zone::Beyond, Zone::Beyond]);
        assert_eq!(lab.pads(), Pads { top: 0, left: 0, bottom: 1, right: 0 });
    }

    #[test]
    fn the_maximum_has_its_place() {
        let lab = derived(LabModel { operation: Operation::MaxPool, ..LabModel::default() });
        for (y, x) in (0..3).flat_map(|y| (0..3).map(move |x| (y, x))) {
            let [row, column] = lab.winner([y, x]).unwrap();
            assert_eq!(lab.output_at([y, x]), lab.input_at([row, column]));
        }
        assert_eq!((lab.winner([1, 1]), lab.winner([9, 9])), (Some([2, 3]), None));
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
