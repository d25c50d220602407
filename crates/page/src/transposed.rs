//! The three views of a transposed convolution: which of them fits, their figures, and the same place in each.

use std::rc::Rc;

use convscope_core::{ConvTranspose2dGeometry, Layer, Pads};
use convscope_scene::transposed::{MatrixFigure, ScatterFigure, TransposedSpec, TransposedWords};
use convscope_scene::{Figure, Part, Size};

use crate::lab::Lab;
use crate::model::LabModel;
use crate::operation::{Operation, View};

/// Rows and columns of the input, and of what lands with all that is cropped, of which scattering is drawn.
const MOST_SCATTERED: [u64; 2] = [12, 26];
/// Columns and rows of a matrix that is drawn: cells of input and output.
const MOST_MATRIX: [u64; 2] = [64, 196];

impl LabModel {
    /// The view that is shown: the chosen one where it fits, of a transposed convolution otherwise the flat one.
    pub fn shown_view(&self) -> View {
        if self.operation == Operation::Transposed { self.fitting_view() } else { self.view }
    }

    #[inline(never)] // No part of what runs first.
    fn fitting_view(&self) -> View {
        let Ok(Layer::ConvTranspose2d(params)) = self.layer() else { return View::Flat };
        let Ok(geometry) = params.geometry(self.input_size) else { return View::Flat };
        match self.view {
            View::Scatter if !self.is_picture() && scatter_fits(&geometry) => View::Scatter,
            View::Matrix if !self.is_picture() && matrix_fits(&geometry) => View::Matrix,
            _ => View::Flat,
        }
    }

    /// A view of the same layer, at the same place: from an input cell to the output under its kernel's middle,
    /// and back to the input cell whose kernel lies there.
    pub fn with_transposed_view(&self, view: View) -> Self {
        let before = self.step_position();
        let mut model = Self { view, ..self.clone() };
        let [from, to] = [self, &model].map(|model| model.shown_view() == View::Scatter);
        let position = match (before, self.layer()) {
            (Some(at), Ok(Layer::ConvTranspose2d(params))) => {
                params.geometry(self.input_size).ok().map(|geometry| match (from, to) {
                    (true, false) => output_of(&geometry, at),
                    (false, true) => input_of(&geometry, at),
                    _ => at,
                })
            }
            _ => before,
        };
        model.clamp_step(position);
        model
    }
}

fn scatter_fits(geometry: &ConvTranspose2dGeometry) -> bool {
    let [most_input, most_landed] = MOST_SCATTERED;
    [&geometry.rows, &geometry.columns].iter().all(|axis| {
        let landed = axis.pad_before() + axis.output_len() + axis.pad_after();
        axis.input_len() <= most_input && landed <= most_landed
    })
}

fn matrix_fits(geometry: &ConvTranspose2dGeometry) -> bool {
    let [inputs, outputs] =
        [geometry.input_size(), geometry.output_size()].map(|[height, width]| height * width);
    inputs <= MOST_MATRIX[0] && outputs <= MOST_MATRIX[1]
}

/// The output under the middle of an input cell's kernel, or the nearest that is not cropped.
pub(crate) fn output_of(geometry: &ConvTranspose2dGeometry, input: [u64; 2]) -> [u64; 2] {
    let axes = [&geometry.rows, &geometry.columns];
    [0, 1].map(|idx: usize| {
        let axis = axes[idx];
        let target = axis.target(input[idx], axis.params().kernel_size() / 2);
        u64::try_from(target).unwrap_or(0).min(axis.output_len() - 1)
    })
}

/// The input cell whose kernel's middle is nearest to an output.
fn input_of(geometry: &ConvTranspose2dGeometry, output: [u64; 2]) -> [u64; 2] {
    let axes = [&geometry.rows, &geometry.columns];
    [0, 1].map(|idx: usize| {
        let (axis, at) = (axes[idx], output[idx].cast_signed());
        let middle = axis.params().kernel_size() / 2;
        let distance = |input: &u64| {
            let target = axis.target(*input, middle);
            // A middle that is cropped stands for the nearest output.
            let kept = target.clamp(0, axis.output_len().cast_signed() - 1);
            ((kept - at).unsigned_abs(), (target - at).unsigned_abs())
        };
        (0..axis.input_len()).min_by_key(distance).unwrap_or(0)
    })
}

impl Lab {
    /// Whether input and kernel are drawn as the layer has them, and not as the ordinary convolution that computes
    /// the same.
    pub fn is_direct(&self) -> bool {
        self.model.operation == Operation::Transposed && self.model.shown_view() != View::Flat
    }

    /// Rows and columns of the steps.
    pub fn step_size(&self) -> [u64; 2] {
        match self.model.operation {
            Operation::Transposed if self.model.shown_view() == View::Scatter => self.model.input_size,
            _ => self.geometry.output_size(),
        }
    }

    /// How many steps there are.
    pub fn n_steps(&self) -> u64 {
        let [height, width] = self.step_size();
        height * width
    }

    /// The output of a step; of an input cell that scatters, the one under its kernel's middle.
    pub fn output_of_step(&self, step: u64) -> [u64; 2] {
        let [_, width] = self.step_size();
        let step = step.min(self.n_steps() - 1);
        let at = [step / width, step % width];
        match self.scattered_step(step) {
            Some(input) => self.scatter().map_or(at, |geometry| output_of(&geometry, input)),
            None => at,
        }
    }

    /// The input cell of a step, where each scatters the kernel.
    pub fn scattered_step(&self, step: u64) -> Option<[u64; 2]> {
        let scatters =
            self.model.operation == Operation::Transposed && self.model.shown_view() == View::Scatter;
        let [_, width] = self.model.input_size;
        let step = step.min(self.n_steps() - 1);
        scatters.then(|| [step / width, step % width])
    }

    /// First position and counts of the input's cells as they are drawn, padding included.
    pub fn input_extent(&self) -> ([i64; 2], [u64; 2]) {
        if self.is_direct() {
            return ([0, 0], self.model.input_size);
        }
        let pads = self.geometry.pads();
        ([-pads.top.cast_signed(), -pads.left.cast_signed()], self.geometry.padded_size())
    }

    /// What a part of this lab's figure is called in the figure of another view of the same layer.
    pub fn part_in(&self, part: Part, other: &Self) -> Option<Part> {
        if self.is_direct() == other.is_direct() {
            return Some(part);
        }
        match part {
            Part::Input(position) if other.is_direct() => {
                Some(Part::Input(self.layer_cell(position)?.map(u64::cast_signed)))
            }
            Part::Input([y, x]) => {
                let at = |at: i64, axis: usize| {
                    at.checked_mul(self.model.stride[axis].cast_signed())?
                        .checked_sub(other.crop[axis].cast_signed())
                };
                let position = [at(y, 0)?, at(x, 1)?];
                other.layer_cell(position).map(|_| Part::Input(position))
            }
            Part::Kernel([k_y, k_x]) => {
                let [k_h, k_w] = self.model.kernel_size;
                Some(Part::Kernel([k_h.checked_sub(1 + k_y)?, k_w.checked_sub(1 + k_x)?]))
            }
            other => Some(other),
        }
    }

    /// A weight as it is drawn.
    pub(crate) fn drawn_weight(&self, [k_y, k_x]: [u64; 2]) -> f32 {
        match (&self.layer_weight, self.is_direct()) {
            (Some(weight), true) => {
                let group_filters = self.model.out_channels / self.model.groups;
                weight.at([self.channel(), self.filter() % group_filters, k_y, k_x])
            }
            _ => self.weight_at([k_y, k_x]),
        }
    }
}

/// The figure of the view that is shown; `None` for the flat one.
#[inline(never)] // No part of what runs first.
pub(crate) fn figure(lab: &Lab, aids: bool, room: Size) -> Option<Rc<dyn Figure>> {
    match lab.model.shown_view() {
        View::Scatter => Some(Rc::new(ScatterFigure::new(spec(lab, aids)?, room))),
        View::Matrix => Some(Rc::new(MatrixFigure::new(spec(lab, aids)?, room))),
        _ => None,
    }
}

fn spec(lab: &Lab, aids: bool) -> Option<TransposedSpec> {
    let Layer::ConvTranspose2d(params) = &lab.layer else { return None };
    let geometry = lab.scatter()?;
    Some(TransposedSpec {
        params: params.clone(),
        geometry,
        input: lab.layer_input.clone(),
        weight: lab.layer_weight.clone()?,
        bias: lab.model.bias,
        output: lab.output.clone(),
        channel: lab.channel(),
        filter: lab.filter(),
        words: words(lab, &geometry),
        aids,
    })
}

fn words(lab: &Lab, geometry: &ConvTranspose2dGeometry) -> TransposedWords {
    let size = |[height, width]: [u64; 2]| format!("{height} × {width}");
    let [input, output] = [geometry.input_size(), geometry.output_size()];
    let cells = |[height, width]: [u64; 2]| height * width;
    let crops = geometry.pads() != Pads::default();
    let of_channel =
        if lab.model.in_channels == 1 { String::new() } else { format!(", channel {}", lab.channel() + 1) };
    let of_filter =
        if lab.model.out_channels == 1 { String::new() } else { format!(", filter {}", lab.filter() + 1) };
    let landed = {
        let Pads { top, left, bottom, right } = geometry.pads();
        [output[0] + top + bottom, output[1] + left + right]
    };
    let cropped_from = if crops { format!(", cropped from {}", size(landed)) } else { String::new() };
    let scatters = lab.model.shown_view() == View::Scatter;
    TransposedWords {
        input: ["Input".into(), [&size(input), of_channel.as_str()].concat()],
        kernel: ["Kernel".into(), format!("{}, {}", size(lab.model.kernel_size), lab.model.kernel.label())],
        output: [
            "Output".into(),
            [size(output).as_str(), if scatters { &cropped_from } else { "" }, &of_filter].concat(),
        ],
        matrix: ["Matrix".into(), format!("{} × {}", cells(output), cells(input))],
        bias: "bias".into(),
        window: if scatters { "kernel × input cell" } else { "row of this output" }.into(),
        axes: "a row for each output, a column for each input".into(),
        cropped: if crops { "cropped".into() } else { String::new() },
        partial: "adding up".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link;

    fn linked(text: &str) -> LabModel {
        link::parse(text).page.lab().unwrap().clone()
    }

    #[test]
    fn switching_views_keeps_the_place() {
        for text in ["n=3", "n=4&k=2&p=0", "n=2&s=3&p=0&q=2", "n=3&d=2&s=1", "n=4x3&k=4x2&s=1x2"] {
            let scatter = linked(&format!("#/lab?o=transposed&step=1&{text}"));
            assert_eq!(scatter.shown_view(), View::Scatter);
            let [height, width] = scatter.input_size;
            for step in 0..height * width {
                let scatter = LabModel { step, ..scatter.clone() };
                let flat = scatter.with_transposed_view(View::Flat);
                let matrix = flat.with_transposed_view(View::Matrix);
                assert_eq!((matrix.step, matrix.view), (flat.step, View::Matrix));
                let lab = scatter.derive(None).unwrap();
                assert_eq!(flat.step_position(), Some(lab.output_of_step(step)), "{text}");
                assert_eq!(matrix.with_transposed_view(View::Scatter).step, step, "{text} {step}");
            }
        }
    }

    #[test]
    fn what_is_too_large_is_drawn_flat() {
        assert_eq!(linked("#/lab?o=transposed&n=13&step=1").shown_view(), View::Flat);
        assert_eq!(linked("#/lab?o=transposed&n=9&view=matrix&step=1").shown_view(), View::Flat);
        assert_eq!(linked("#/lab?o=transposed&n=5&view=matrix&step=1").shown_view(), View::Matrix);
        let photo = linked("#/lab?o=transposed&n=8&x=photo-coffee&step=1");
        assert_eq!(photo.shown_view(), View::Flat);
        // As many steps as the figure that is shown has.
        let large = linked("#/lab?o=transposed&n=13&step=600");
        assert_eq!(large.step, 599);
    }

    #[test]
    fn parts_are_found_again_in_another_view() {
        let scatter = linked("#/lab?o=transposed&n=3&step=1").derive(None).unwrap();
        let flat = scatter.model.with_transposed_view(View::Flat).derive(None).unwrap();
        for (part, other) in [
            (Part::Input([1, 2]), Part::Input([2, 4])),
            (Part::Kernel([0, 2]), Part::Kernel([2, 0])),
            (Part::Output([3, 1]), Part::Output([3, 1])),
        ] {
            assert_eq!(
                (scatter.part_in(part, &flat), flat.part_in(other, &scatter)),
                (Some(other), Some(part))
            );
        }
        assert_eq!(flat.part_in(Part::Input([1, 2]), &scatter), None, "an inserted zero");
        assert_eq!(scatter.drawn_weight([0, 2]), flat.drawn_weight([2, 0]));
    }
}
