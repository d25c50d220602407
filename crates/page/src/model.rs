//! The model of the lab: all that a shared link restores.

use convscope_core::tensor::Tensor;
use convscope_core::{
    Activation, AvgDivisor, Conv2dGeometry, ConvError, ElementType, Layer, Padding2d, PaddingMode, Pads,
};

use crate::kernel::{KernelChoice, KernelPreset};
use crate::limits::MAX_OWN_WEIGHTS;
use crate::operation::{Operation, View};
use crate::shape::Shape;
use crate::source::InputSource;

/// One layer and its numbers. Pairs are `[vertical, horizontal]`.
///
/// Any value may stand in the fields; [`LabModel::derive`] says whether they make a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LabModel {
    /// What is done with each window.
    pub operation: Operation,
    /// Where the input's numbers come from.
    pub input: InputSource,
    /// Height and width of the input, before padding.
    pub input_size: [u64; 2],
    /// Channels of the input.
    pub in_channels: u64,
    /// Filters, and so channels of the output; pools keep those of the input.
    pub out_channels: u64,
    /// Parts that the channels are split into; pools have none.
    pub groups: u64,
    /// Where the weights come from.
    pub kernel: KernelChoice,
    /// Height and width of the kernel.
    pub kernel_size: [u64; 2],
    /// Cells from one window to the next.
    pub stride: [u64; 2],
    /// Cells from one tap to the next; 1 means no gaps.
    pub dilation: [u64; 2],
    /// How much padding; `Explicit` is "Custom" on the page.
    pub padding: Padding2d,
    /// What stands in the padding.
    pub padding_mode: PaddingMode,
    /// The number added to every output, of each filter.
    pub bias: Option<f32>,
    /// Whether the kernel is turned by half a turn first: convolution as mathematics has it.
    pub flip: bool,
    /// What the outputs go through.
    pub activation: Activation,
    /// Cells added after the output of a transposed convolution.
    pub output_padding: [u64; 2],
    /// Whether a pool keeps a last window that hangs over.
    pub ceil_mode: bool,
    /// What an average pool divides by.
    pub divisor: AvgDivisor,
    /// The exponent of an Lp pool.
    pub exponent: u32,
    /// Images at once, for memory alone.
    pub batch: u64,
    /// The type of the numbers, for memory alone.
    pub element_type: ElementType,
    /// How it is looked at.
    pub view: View,
    /// The input channel that flat figures show, from 0.
    pub channel: u64,
    /// The filter that flat figures show, from 0.
    pub filter: u64,
    /// Row-major index of the current output cell, from 0; links and pages count from 1.
    pub step: u64,
}

impl Default for LabModel {
    /// Sobel x over 5 × 5 numbers at stride 2, padding 1 and bias 1, where it has just computed 28.
    fn default() -> Self {
        Self {
            operation: Operation::Conv,
            input: InputSource::default_for([5, 5]),
            input_size: [5, 5],
            in_channels: 1,
            out_channels: 1,
            groups: 1,
            kernel: KernelChoice::Preset(KernelPreset::SobelX),
            kernel_size: [3, 3],
            stride: [2, 2],
            dilation: [1, 1],
            padding: Padding2d::Explicit(Pads { top: 1, left: 1, bottom: 1, right: 1 }),
            padding_mode: PaddingMode::Zeros,
            bias: Some(1.0),
            flip: false,
            activation: Activation::Identity,
            output_padding: [0, 0],
            ceil_mode: false,
            divisor: AvgDivisor::CountIncludePad,
            exponent: 2,
            batch: 1,
            element_type: ElementType::Float32,
            view: View::Flat,
            channel: 0,
            filter: 0,
            step: 4,
        }
    }
}

impl LabModel {
    /// The layer with its checked parameters.
    ///
    /// # Errors
    ///
    /// Those of the operation's parameters.
    pub fn layer(&self) -> Result<Layer, ConvError> {
        Shape::of(self).layer()
    }

    /// Where the windows of the convolution lie that the flat figure draws.
    ///
    /// # Errors
    ///
    /// Those of the operation's parameters and geometry; [`ConvError::Overflow`] for more work than the page
    /// does.
    pub fn geometry(&self) -> Result<Conv2dGeometry, ConvError> {
        Shape::of(self).geometry()
    }

    /// The shape of [`weight`](Self::weight): OIHW, for a transposed convolution `[in_channels,
    /// out_channels / groups, k_h, k_w]`. Sizes that the page does not offer are brought to the nearest.
    pub fn weight_shape(&self) -> [u64; 4] {
        Shape::of(self).weight_shape()
    }

    /// The layer's weight, flipped where the model says so.
    pub fn weight(&self) -> Tensor {
        let shape = self.weight_shape();
        let mut weights = self.kernel.weights(shape);
        if self.flip {
            let plane = (shape[2] * shape[3]) as usize;
            weights.chunks_exact_mut(plane).for_each(<[f32]>::reverse);
        }
        match Tensor::new(shape, weights) {
            Ok(weight) => weight,
            Err(_) => panic!("there are as many weights as the shape asks for"),
        }
    }

    /// The model with one number of its input changed; a pattern turns to numbers.
    ///
    /// `current` is the layer's input as it stands, `at` is `[channel, row, column]`. Unchanged for pictures,
    /// inputs of more numbers than links hold and positions outside.
    pub fn with_input_value(&self, current: &Tensor, at: [u64; 3], value: f32) -> Self {
        let [height, width] = self.input_size;
        let fits = self.has_editable_cells() && current.shape() == [1, self.in_channels, height, width];
        if !fits || at[0] >= self.in_channels || at[1] >= height || at[2] >= width {
            return self.clone();
        }
        let mut numbers = current.data().to_vec();
        if let Some(cell) = numbers.get_mut(((at[0] * height + at[1]) * width + at[2]) as usize) {
            *cell = value;
        }
        Self { input: InputSource::Numbers(numbers), ..self.clone() }
    }

    /// The model with one weight changed, `at` in [`weight_shape`](Self::weight_shape) before flipping; a preset
    /// turns to own weights. Unchanged outside the kernel and where links cannot hold the weights.
    pub fn with_weight(&self, at: [u64; 4], value: f32) -> Self {
        let shape = self.weight_shape();
        let mut weights = self.kernel.weights(shape);
        if at.iter().zip(shape).any(|(at, len)| *at >= len) || weights.len() > MAX_OWN_WEIGHTS {
            return self.clone();
        }
        let at = [0, 1, 2, 3].into_iter().fold(0, |idx, axis| idx * shape[axis] + at[axis]);
        if let Some(weight) = weights.get_mut(at as usize) {
            *weight = value;
        }
        Self { kernel: KernelChoice::Own(weights), ..self.clone() }
    }

    /// Rows and columns of the steps: those of the output, or of the input where each scatters the kernel.
    ///
    /// # Errors
    ///
    /// Those of [`geometry`](Self::geometry).
    pub fn step_size(&self) -> Result<[u64; 2], ConvError> {
        let geometry = self.geometry()?;
        Ok(if self.shown_view() == View::Scatter { self.input_size } else { geometry.output_size() })
    }

    /// The cell of the current step; `None` of an impossible model.
    pub fn step_position(&self) -> Option<[u64; 2]> {
        let [height, width] = self.step_size().ok()?;
        let step = self.step.min(height * width - 1);
        Some([step / width, step % width])
    }

    /// Puts the step within its bounds: at `previous`, a cell to keep, or the nearest to it; without one, at most
    /// the last.
    pub fn clamp_step(&mut self, previous: Option<[u64; 2]>) {
        let Ok([height, width]) = self.step_size() else { return };
        self.step = match previous {
            Some([row, column]) => row.min(height - 1) * width + column.min(width - 1),
            None => self.step.min(height * width - 1),
        };
    }

    /// Whether the input is a photograph.
    pub fn is_picture(&self) -> bool {
        matches!(self.input, InputSource::Picture(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Lab;
    use crate::source::Pattern;

    #[test]
    fn the_default_has_just_computed_28() {
        let lab = Lab::example();
        assert_eq!(lab.output.data(), [3., 21., -21., 8., 28., -33., 14., 14., -25.]);
        assert_eq!(lab.geometry.output_position(lab.model.step), [1, 1]);
    }

    #[test]
    fn an_edit_turns_patterns_to_numbers_and_presets_to_own_weights() {
        let model = LabModel { input: InputSource::Pattern(Pattern::Ramp), ..LabModel::default() };
        let current = model.input.tensor([1, 5, 5], None).unwrap();
        let edited = model.with_input_value(&current, [0, 4, 4], -1.0).with_weight([0, 0, 0, 2], 0.5);
        let lab = edited.derive(None).unwrap();
        assert_eq!((lab.input.at([0, 0, 4, 3]), lab.input.at([0, 0, 4, 4])), (23.0, -1.0));
        assert_eq!(edited.kernel, KernelChoice::Own(vec![-1., 0., 0.5, -2., 0., 2., -1., 0., 1.]));
        assert_eq!(edited.with_input_value(&current, [0, 5, 0], 1.0), edited);
        assert_eq!(edited.with_weight([0, 0, 0, 3], 1.0), edited);
    }

    #[test]
    fn a_step_is_kept_or_moves_to_the_nearest_cell() {
        let mut model = LabModel { stride: [1, 1], step: 24, ..LabModel::default() };
        model.clamp_step(None);
        assert_eq!(model.step, 24);
        model.stride = [2, 2];
        model.clamp_step(Some([4, 1]));
        assert_eq!(model.step, 7);
        model.step = 100;
        assert_eq!(model.derive(None).unwrap().model.step, 8);
    }

    #[test]
    fn impossible_models_say_why() {
        let model = LabModel { stride: [0, 1], ..LabModel::default() };
        assert_eq!(model.derive(None), Err(ConvError::Zero { param: "stride" }));
        let model = LabModel { input_size: [1, u64::MAX], ..LabModel::default() };
        assert_eq!(model.derive(None), Err(ConvError::Overflow));
        let model = LabModel { kernel_size: [40, 40], ..LabModel::default() };
        assert!(model.derive(None).is_err());
        let model = LabModel { in_channels: 3, groups: 2, ..LabModel::default() };
        assert_eq!(model.derive(None), Err(ConvError::GroupsInChannels { groups: 2, in_channels: 3 }));
        let model = LabModel { in_channels: 1024, out_channels: 1024, ..LabModel::default() };
        assert_eq!(model.derive(None), Err(ConvError::Overflow));
    }
}
