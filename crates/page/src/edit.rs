//! Changes of a model that are more than one number: another kind of input, a value in a cell.

use convscope_scene::Part;

use crate::lab::Lab;
use crate::limits::{CHOSEN_PICTURE, MAX_NUMBERS, MAX_OWN_INPUTS, MAX_OWN_WEIGHTS};
use crate::link;
use crate::model::LabModel;
use crate::operation::Operation;
use crate::source::{InputSource, Pattern, Picture, PictureSource, Sample};

/// The size of numbers that take the place of a photograph.
const NUMBERS_SIZE: [u64; 2] = [8, 8];

impl LabModel {
    /// The model with random digits in place of a photograph.
    pub fn with_numbers(&self) -> Self {
        let input_size = self.input_size.map(|len| len.min(NUMBERS_SIZE[0]));
        let input = InputSource::Pattern(Pattern::Random { seed: 1 });
        Self { input, input_size, ..self.clone() }.made_possible()
    }

    /// The model with a photograph as input; another photograph keeps the size.
    pub fn with_sample(&self, sample: Sample) -> Self {
        let input = InputSource::Picture(PictureSource::Sample(sample));
        let input_size = if self.is_picture() { self.input_size } else { CHOSEN_PICTURE };
        let model = Self { input, input_size, ..self.clone() }.made_possible();
        if self.is_picture() { model } else { model.at_middle() }
    }

    /// The model with another operation. What still makes sense stays, the rest is brought to the nearest; the
    /// windows of a pool stand side by side at first, as PyTorch's do.
    pub fn with_operation(&self, operation: Operation) -> Self {
        if operation == self.operation {
            return self.clone();
        }
        let mut model = Self { operation, view: operation.views()[0], ..self.clone() };
        if operation.is_pool() && !self.operation.is_pool() {
            model.stride = model.kernel_size;
        }
        let mut model = model.made_possible();
        model.clamp_step(self.step_position());
        model
    }

    /// The model with zeros everywhere in its input, whatever its size.
    pub fn cleared(&self) -> Self {
        Self { input: InputSource::Pattern(Pattern::Zeros), ..self.clone() }
    }

    /// Whether single cells of the input may be given a value: numbers stand in the link, and those of a
    /// larger input or of a photograph would not fit.
    pub fn has_editable_cells(&self) -> bool {
        let [height, width] = self.input_size;
        let cells = height.saturating_mul(width).saturating_mul(self.in_channels);
        !self.is_picture() && height.max(width) <= MAX_NUMBERS && cells <= MAX_OWN_INPUTS
    }

    /// Whether single weights may be given a value: they stand in the link, which holds so many.
    pub fn has_editable_weights(&self) -> bool {
        let n_weights = self.weight_shape().iter().product::<u64>();
        self.operation.has_weights() && n_weights <= MAX_OWN_WEIGHTS as u64
    }

    /// The nearest possible model: padding and kernel are reduced until windows fit, as for a link.
    pub fn made_possible(self) -> Self {
        link::nearest_possible(self)
    }

    /// The model with its step in the middle of the output, where a photograph has something to show.
    pub fn at_middle(mut self) -> Self {
        if let Ok([height, width]) = self.step_size() {
            self.step = height / 2 * width + width / 2;
        }
        self
    }

    /// The model with its step at the cell that it has in `before`, or at the nearest.
    pub fn with_step_kept(mut self, before: &Self) -> Self {
        let step = self.step;
        self.clamp_step(Self { step, ..before.clone() }.step_position());
        self
    }
}

impl Lab {
    /// The value of an input cell or weight that may be edited by hand; `None` for anything else.
    pub fn value_to_edit(&self, part: Part) -> Option<f32> {
        match part {
            Part::Input(position) => self
                .own_cell(position)
                .filter(|_| self.model.has_editable_cells())
                .map(|[y, x]| self.layer_input.at([0, self.channel(), y, x])),
            Part::Kernel(kernel) => self.model.has_editable_weights().then(|| self.drawn_weight(kernel)),
            Part::Bias => self.model.bias.filter(|_| self.model.operation.has_weights()),
            Part::Output(_) | Part::Channel(_) | Part::Filter(_) | Part::Factor(_) => None,
        }
    }

    /// The cell of the layer's input that is drawn at a position.
    pub(crate) fn own_cell(&self, position: [i64; 2]) -> Option<[u64; 2]> {
        if !self.is_direct() {
            return self.layer_cell(position);
        }
        let [y, x] = [u64::try_from(position[0]).ok()?, u64::try_from(position[1]).ok()?];
        let [height, width] = self.model.input_size;
        (y < height && x < width).then_some([y, x])
    }

    /// Where the drawn weight `[row, column]` of the slice shown stands in the model's own weights, before
    /// flipping.
    fn own_weight(&self, [row, column]: [u64; 2]) -> [u64; 4] {
        let [k_h, k_w] = self.model.kernel_size;
        let turned = [k_h.saturating_sub(1 + row), k_w.saturating_sub(1 + column)];
        let [row, column] = if self.model.flip { turned } else { [row, column] };
        if self.model.operation != Operation::Transposed {
            return [self.filter(), self.slice(), row, column];
        }
        // Drawn flipped in the flat view, so that what is flipped for the layer is drawn as it was.
        let [row, column] = match self.is_direct() {
            true => [row, column],
            false => [k_h.saturating_sub(1 + row), k_w.saturating_sub(1 + column)],
        };
        let group_filters = self.model.out_channels / self.model.groups;
        [self.channel(), self.filter() % group_filters, row, column]
    }

    /// `model` with another value in an input cell, a weight or the bias.
    pub fn with_value(&self, model: &LabModel, part: Part, value: f32) -> LabModel {
        match part {
            Part::Input(position) => match self.own_cell(position) {
                Some([y, x]) => model.with_input_value(&self.layer_input, [self.channel(), y, x], value),
                None => model.clone(),
            },
            Part::Kernel(position) => model.with_weight(self.own_weight(position), value),
            Part::Bias => LabModel { bias: Some(value), ..model.clone() },
            _ => model.clone(),
        }
    }
}

/// The model with a picture of the reader's own as input, in its own shape: at most 256 on a side.
pub fn own_picture(model: &LabModel, rgb: Picture) -> LabModel {
    let [_, _, height, width] = rgb.shape();
    let input = InputSource::Picture(PictureSource::Own(rgb));
    LabModel { input, input_size: [height, width], ..model.clone() }.made_possible().at_middle()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use convscope_core::tensor::Tensor;
    use convscope_core::{Padding2d, PaddingMode, Pads};

    use super::*;
    use crate::link::{Page, write};
    use crate::operation::View;

    #[test]
    fn a_kernel_larger_than_a_new_input_shrinks() {
        let model =
            LabModel { input_size: [2, 1], padding: convscope_core::Padding2d::Valid, ..LabModel::default() };
        let possible = model.made_possible();
        assert_eq!((possible.kernel_size, possible.geometry().is_ok()), ([2, 1], true));
    }

    #[test]
    fn another_operation_keeps_what_still_makes_sense() {
        let full = LabModel {
            padding: Padding2d::Full,
            padding_mode: PaddingMode::Reflect,
            kernel_size: [2, 3],
            ..LabModel::default()
        };
        let pool = full.with_operation(Operation::MaxPool);
        assert_eq!(
            (pool.stride, pool.padding, pool.padding_mode),
            ([2, 3], Padding2d::Full, PaddingMode::Zeros)
        );
        // From pool to pool the stride is the reader's.
        let other = LabModel { stride: [1, 1], ..pool }.with_operation(Operation::LpPool);
        assert_eq!(other.stride, [1, 1]);
        let transposed = other.with_operation(Operation::Transposed);
        assert_eq!((transposed.padding, transposed.view), (Padding2d::Valid, View::Scatter));
        let back = transposed.with_operation(Operation::Conv);
        assert_eq!((back.kernel_size, back.view, back.kernel.clone()), ([2, 3], View::Flat, full.kernel));
    }

    #[test]
    fn every_operation_makes_something_of_every_model() {
        let large = LabModel {
            input_size: [256, 256],
            input: InputSource::Pattern(Pattern::Ramp),
            ..LabModel::default()
        };
        let models = [
            LabModel { stride: [256, 256], ..large.clone() },
            LabModel { in_channels: 64, out_channels: 64, stride: [16, 16], ..large.clone() },
            LabModel { padding: Padding2d::Explicit(Pads::all(128)), ..large.clone() },
            LabModel { padding: Padding2d::Explicit(Pads::all(128)), ..LabModel::default() },
            LabModel { output_padding: [9, 9], ..LabModel::default() },
        ];
        for model in models {
            for &operation in Operation::ALL {
                let changed = model.with_operation(operation);
                assert_eq!((changed.operation, changed.geometry().is_ok()), (operation, true), "{model:?}");
                assert_eq!(changed.kernel_size, [3, 3], "{model:?}");
            }
        }
    }

    #[test]
    fn numbers_and_photographs_take_turns() {
        let photo = LabModel::default().with_sample(Sample::Coffee);
        assert_eq!((photo.input_size, photo.step), ([128, 128], 32 * 64 + 32));
        let numbers = photo.with_numbers();
        assert_eq!((numbers.input_size, numbers.is_picture()), ([8, 8], false));
    }

    #[test]
    fn a_picture_of_ones_own_brings_its_pixels_and_its_shape() {
        let picture = |value: f32| Arc::new(Tensor::new([1, 3, 3, 4], vec![value; 36]).unwrap());
        let [first, second] = [0.25, 0.75].map(|value| own_picture(&LabModel::default(), picture(value)));
        assert_eq!((first.input_size, first.step), ([3, 4], 3));
        for (model, value) in [(&first, 0.25), (&second, 0.75)] {
            let shown = model.derive(None).unwrap();
            assert!(shown.input.data().iter().all(|shade| (shade - value).abs() < 1e-6));
        }
        assert_ne!(first, second);
    }

    #[test]
    fn a_large_input_is_cleared_with_a_short_link() {
        let model = LabModel { input_size: [256, 256], ..LabModel::default() }.cleared();
        assert_eq!(write(&Page::Lab(model.clone())), "#/lab?v=1&n=256&x=zeros");
        assert!(model.derive(None).unwrap().input.data().iter().all(|value| *value == 0.0));
        assert!(!model.has_editable_cells());
        let small = LabModel::default().cleared();
        assert!(small.has_editable_cells());
        let input = small.derive(None).unwrap().input;
        let drawn = small.with_input_value(&input, [0, 0, 1], 9.0).derive(None).unwrap().input;
        assert_eq!(drawn.data()[..3], [0.0, 9.0, 0.0]);
    }

    #[test]
    fn only_values_of_the_model_can_be_edited() {
        let lab = Lab::example();
        assert_eq!(lab.value_to_edit(Part::Input([1, 3])), Some(8.0));
        assert_eq!(lab.value_to_edit(Part::Input([-1, 0])), None);
        assert_eq!(lab.value_to_edit(Part::Output([0, 0])), None);
        let edited = lab.with_value(&lab.model, Part::Bias, 2.0);
        assert_eq!(edited.bias, Some(2.0));
        // The stretched input of a transposed convolution: its own cells, but no inserted zeros.
        let flat = LabModel { view: View::Flat, ..lab.model.with_operation(Operation::Transposed) };
        let lab = flat.derive(None).unwrap();
        assert_eq!(lab.value_to_edit(Part::Input([0, 1])), None);
        assert_eq!(lab.value_to_edit(Part::Input([2, 4])), Some(3.0));
        let edited = lab.with_value(&lab.model, Part::Input([2, 4]), -5.0).derive(None).unwrap();
        assert_eq!((edited.layer_input.at([0, 0, 1, 2]), edited.input.at([0, 0, 2, 4])), (-5.0, -5.0));
        // The same cell and weight where they are drawn as the layer has them.
        let scatter = edited.model.with_transposed_view(View::Scatter).derive(None).unwrap();
        assert_eq!(scatter.value_to_edit(Part::Input([1, 2])), Some(-5.0));
        let weight = |lab: &Lab, tap| lab.with_value(&lab.model, Part::Kernel(tap), 7.0).weight();
        assert_eq!(weight(&scatter, [0, 2]), weight(&edited, [2, 0]));
        assert_eq!(weight(&scatter, [0, 2]).at([0, 0, 0, 2]), 7.0);
    }
}
