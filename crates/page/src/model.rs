//! The model of the lab: all that a shared link restores, and everything that is computed from it.

use convscope_core::tensor::Tensor;
use convscope_core::{
    Conv2dGeometry, Conv2dParams, ConvError, Cost, Padding2d, PaddingMode, Pads, conv2d, cost, sample,
};

use crate::kernel::{KernelChoice, KernelPreset};
use crate::limits::MAX_KERNEL;
use crate::shape::Shape;
use crate::source::{InputSource, Picture, filled};

/// One convolution with one channel and one filter. Pairs are `[vertical, horizontal]`.
///
/// Any value may stand in the fields; [`LabModel::derive`] says whether they make a convolution.
#[derive(Clone, Debug, PartialEq)]
pub struct LabModel {
    /// Where the input's numbers come from.
    pub input: InputSource,
    /// Height and width of the input, before padding.
    pub input_size: [u64; 2],
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
    /// The number added to every output.
    pub bias: Option<f32>,
    /// Row-major index of the current output cell, from 0; links and pages count from 1.
    pub step: u64,
}

/// A model with everything that is computed from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Lab {
    /// What it was computed from.
    pub model: LabModel,
    /// Its checked parameters.
    pub params: Conv2dParams,
    /// Where its windows lie.
    pub geometry: Conv2dGeometry,
    /// `[1, 1, height, width]`
    pub input: Tensor,
    /// `[1, 1, k_h, k_w]`
    pub weight: Tensor,
    /// `[1, 1, height, width]`
    pub output: Tensor,
    /// What it costs.
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
}

impl Default for LabModel {
    /// Sobel x over 5 × 5 numbers at stride 2, padding 1 and bias 1, where it has just computed 28.
    fn default() -> Self {
        Self {
            input: InputSource::default_for([5, 5]),
            input_size: [5, 5],
            kernel: KernelChoice::Preset(KernelPreset::SobelX),
            kernel_size: [3, 3],
            stride: [2, 2],
            dilation: [1, 1],
            padding: Padding2d::Explicit(Pads { top: 1, left: 1, bottom: 1, right: 1 }),
            padding_mode: PaddingMode::Zeros,
            bias: Some(1.0),
            step: 4,
        }
    }
}

impl LabModel {
    /// The checked parameters of the layer.
    ///
    /// # Errors
    ///
    /// Those of [`Conv2dParams::new`].
    pub fn params(&self) -> Result<Conv2dParams, ConvError> {
        Conv2dParams::new(Shape::of(self).options)
    }

    /// Where the windows lie.
    ///
    /// # Errors
    ///
    /// Those of [`Conv2dParams::new`] and [`Conv2dParams::geometry`].
    pub fn geometry(&self) -> Result<Conv2dGeometry, ConvError> {
        Shape::of(self).geometry()
    }

    /// The kernel, `[1, 1, k_h, k_w]`. Sizes that the page does not offer give a tensor of the nearest size.
    pub fn weight(&self) -> Tensor {
        let [height, width] = self.kernel_size.map(|len| len.clamp(1, MAX_KERNEL));
        let weight = match &self.kernel {
            KernelChoice::Preset(preset) => filled([height, width], &preset.weights([height, width])),
            KernelChoice::Random { seed } => sample::random_weights(height, width, *seed),
            KernelChoice::Own(weights) => filled([height, width], weights),
        };
        match weight {
            Ok(weight) => weight,
            Err(_) => panic!("at most 121 weights fit in memory"),
        }
    }

    /// Everything that is computed from the model: what the figure, the inspector and the cards read.
    /// `sample` is the photograph that the model names, as in [`InputSource::tensor`].
    ///
    /// # Errors
    ///
    /// Why the model makes no convolution.
    pub fn derive(&self, sample: Option<&Picture>) -> Result<Lab, ConvError> {
        let params = self.params()?;
        let geometry = params.geometry(self.input_size)?;
        let input = self.input.tensor(self.input_size, sample)?;
        let weight = self.weight();
        let output = conv2d::conv2d(&params, &input, &weight, self.bias.as_ref().map(std::slice::from_ref))?;
        let cost = cost::cost(&params, input.shape())?;
        let mut model = self.clone();
        model.step = model.step.min(geometry.n_steps() - 1);
        Ok(Lab { model, params, geometry, input, weight, output, cost })
    }

    /// The model with one number of its input changed; a pattern turns to numbers.
    ///
    /// `current` is the input as it stands. Unchanged for pictures, inputs larger than 64 × 64 and
    /// positions outside.
    pub fn with_input_value(&self, current: &Tensor, at: [u64; 2], value: f32) -> Self {
        let [height, width] = self.input_size;
        let fits = self.has_editable_cells() && current.shape() == [1, 1, height, width];
        if !fits || at[0] >= height || at[1] >= width {
            return self.clone();
        }
        let mut numbers = current.data().to_vec();
        if let Some(cell) = numbers.get_mut((at[0] * width + at[1]) as usize) {
            *cell = value;
        }
        Self { input: InputSource::Numbers(numbers), ..self.clone() }
    }

    /// The model with one weight changed; a preset turns to own weights. Unchanged outside the kernel.
    pub fn with_weight(&self, at: [u64; 2], value: f32) -> Self {
        let [height, width] = self.kernel_size;
        if at[0] >= height || at[1] >= width {
            return self.clone();
        }
        let mut weights = self.weight().data().to_vec();
        if let Some(weight) = weights.get_mut((at[0] * width + at[1]) as usize) {
            *weight = value;
        }
        Self { kernel: KernelChoice::Own(weights), ..self.clone() }
    }

    /// Puts the step within the output: at `previous`, an output cell to keep, or the nearest to it;
    /// without one, at most the last.
    pub fn clamp_step(&mut self, previous: Option<[u64; 2]>) {
        let Ok(geometry) = self.geometry() else { return };
        let [height, width] = geometry.output_size();
        self.step = match previous {
            Some([row, column]) => row.min(height - 1) * width + column.min(width - 1),
            None => self.step.min(geometry.n_steps() - 1),
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
        let current = model.input.tensor(model.input_size, None).unwrap();
        let edited = model.with_input_value(&current, [4, 4], -1.0).with_weight([0, 2], 0.5);
        let lab = edited.derive(None).unwrap();
        assert_eq!((lab.input.at([0, 0, 4, 3]), lab.input.at([0, 0, 4, 4])), (23.0, -1.0));
        assert_eq!(edited.kernel, KernelChoice::Own(vec![-1., 0., 0.5, -2., 0., 2., -1., 0., 1.]));
        assert_eq!(edited.with_input_value(&current, [5, 0], 1.0), edited);
        assert_eq!(edited.with_weight([0, 3], 1.0), edited);
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
    }
}
