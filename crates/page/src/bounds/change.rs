//! Sets a number of a model and brings along what hangs on it: numbers, weights and the step.

use super::Control;
use crate::kernel::KernelChoice;
use crate::limits::{MAX_CHANNELS, MAX_KERNEL, MAX_NUMBERS};
use crate::model::LabModel;
use crate::shape::{Shape, dividing};
use crate::source::InputSource;

/// The model with `value` in all of `controls`.
///
/// Typed numbers keep their place, new cells below and to the right are 0; own weights keep the kernel's
/// middle, new ones are 0. The step stays at its output cell, or moves to the nearest.
/// A side of the padding makes the other sides explicit too.
pub fn with(model: &LabModel, controls: &[Control], value: u64) -> LabModel {
    let mut changed = model.clone();
    if controls.contains(&Control::Bias) {
        changed.bias = Some(value as f32);
    }
    let shape = Shape::of(model).with(controls, value);
    changed.input_size = shape.input;
    changed.kernel_size = shape.options.kernel_size;
    changed.stride = shape.options.stride;
    changed.dilation = shape.options.dilation;
    changed.padding = shape.options.padding;
    changed.in_channels = shape.options.in_channels;
    changed.out_channels = shape.options.out_channels;
    changed.groups = shape.options.groups;
    changed.output_padding = shape.output_padding;
    changed.exponent = shape.exponent();
    if let InputSource::Numbers(numbers) = &model.input {
        let size = shape.input.map(|len| len.min(MAX_NUMBERS));
        changed.input_size = size;
        changed.input = InputSource::Numbers(input_moved(numbers, model, size, changed.in_channels));
    }
    if let KernelChoice::Own(weights) = &model.kernel {
        changed.kernel_size = shape.options.kernel_size.map(|len| len.min(MAX_KERNEL));
        changed.kernel =
            KernelChoice::Own(weights_moved(weights, model.weight_shape(), changed.weight_shape()));
    }
    changed.clamp_step(model.step_position());
    changed
}

/// The numbers of groups that a layer's channels and filters can be split into, from 1 up: those that divide both.
pub fn group_choices(model: &LabModel) -> Vec<u64> {
    let most = model.in_channels.min(model.out_channels).min(MAX_CHANNELS);
    let divides = |n: &u64| model.in_channels.is_multiple_of(*n) && model.out_channels.is_multiple_of(*n);
    let choices: Vec<u64> = (1..=most).filter(divides).collect();
    if choices.is_empty() { vec![1] } else { choices }
}

/// The model split into so many groups, or into the most below that divide its channels and filters. Own weights
/// keep their slices as far as filters still read that many.
pub fn with_groups(model: &LabModel, groups: u64) -> LabModel {
    let groups = dividing(groups.max(1), [model.in_channels, model.out_channels]);
    let mut changed = LabModel { groups, ..model.clone() };
    if let KernelChoice::Own(weights) = &model.kernel {
        changed.kernel =
            KernelChoice::Own(weights_moved(weights, model.weight_shape(), changed.weight_shape()));
    }
    changed.with_filter(changed.filter)
}

/// The numbers of an input of another size; new channels repeat the last one that there is.
fn input_moved(numbers: &[f32], model: &LabModel, size: [u64; 2], channels: u64) -> Vec<f32> {
    let plane = (model.input_size[0] * model.input_size[1]).max(1) as usize;
    let planes: Vec<&[f32]> = numbers.chunks(plane).collect();
    let moved_plane = |channel: u64| {
        let cells = planes.get(channel as usize).or(planes.last()).copied().unwrap_or_default();
        moved(cells, model.input_size, size, [0, 0])
    };
    (0..channels).flat_map(moved_plane).collect()
}

/// Weights of another shape. The kernel's middle is kept; new slices and filters repeat the last that there is.
fn weights_moved(weights: &[f32], old: [u64; 4], new: [u64; 4]) -> Vec<f32> {
    let [_, old_slices, old_size @ ..] = old;
    let [filters, slices, new_size @ ..] = new;
    let plane = (old_size[0] * old_size[1]).max(1) as usize;
    let planes: Vec<&[f32]> = weights.chunks(plane).collect();
    let n_filters = (planes.len() as u64 / old_slices.max(1)).max(1);
    let offset = [0, 1].map(|axis| (new_size[axis] / 2).cast_signed() - (old_size[axis] / 2).cast_signed());
    let of = |o: u64, i: u64| {
        let idx = o.min(n_filters - 1) * old_slices + i.min(old_slices.max(1) - 1);
        moved(planes.get(idx as usize).copied().unwrap_or_default(), old_size, new_size, offset)
    };
    (0..filters).flat_map(|o| (0..slices).map(move |i| (o, i))).flat_map(|(o, i)| of(o, i)).collect()
}

/// A grid of another size; cell `[0, 0]` of the old one comes to lie at `offset`, new cells are 0.
pub(crate) fn moved(
    cells: &[f32],
    [_, old_width]: [u64; 2],
    [height, width]: [u64; 2],
    offset: [i64; 2],
) -> Vec<f32> {
    let rows = 0..height.cast_signed();
    let old_cell = |y: i64, x: i64| {
        let row = u64::try_from(y - offset[0]).ok()?;
        let column = u64::try_from(x - offset[1]).ok().filter(|&column| column < old_width)?;
        cells.get((row * old_width + column) as usize).copied()
    };
    let columns = |y: i64| (0..width.cast_signed()).map(move |x| (y, x));
    rows.flat_map(columns).map(|(y, x)| old_cell(y, x).unwrap_or(0.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_cropped_or_extended_with_zeros() {
        let model = with(&LabModel::default(), &[Control::InputHeight, Control::InputWidth], 2);
        assert_eq!(model.input, InputSource::Numbers(vec![0., 1., 1., 0.]));
        let model = with(&model, &[Control::InputWidth], 3);
        assert_eq!(model.input, InputSource::Numbers(vec![0., 1., 0., 1., 0., 0.]));
    }

    #[test]
    fn own_weights_keep_the_middle() {
        let own = LabModel { kernel_size: [1, 3], ..LabModel::default() };
        let own = LabModel { kernel: KernelChoice::Own(vec![1., 2., 3.]), ..own };
        let wider = with(&own, &[Control::KernelWidth], 5);
        assert_eq!(wider.kernel, KernelChoice::Own(vec![0., 1., 2., 3., 0.]));
        assert_eq!(with(&wider, &[Control::KernelWidth], 1).kernel, KernelChoice::Own(vec![2.]));
        let taller = with(&own, &[Control::KernelHeight], 2);
        assert_eq!(taller.kernel, KernelChoice::Own(vec![0., 0., 0., 1., 2., 3.]));
    }

    #[test]
    fn presets_stay_presets() {
        let model = with(&LabModel::default(), &[Control::KernelWidth], 5);
        assert_eq!(model.kernel, LabModel::default().kernel);
        assert_eq!(model.weight().shape(), [1, 1, 3, 5]);
    }

    #[test]
    fn the_step_stays_at_its_cell() {
        let model = with(&LabModel::default(), &[Control::StrideVertical, Control::StrideHorizontal], 1);
        assert_eq!(model.geometry().unwrap().output_position(model.step), [1, 1]);
        let model = with(&LabModel::default(), &[Control::StrideHorizontal], 5);
        assert_eq!(model.geometry().unwrap().output_position(model.step), [1, 0]);
    }

    #[test]
    fn groups_divide_channels_and_filters() {
        let model = LabModel { in_channels: 12, out_channels: 18, ..LabModel::default() };
        assert_eq!(group_choices(&model), [1, 2, 3, 6]);
        let groups = |n| with_groups(&model, n).groups;
        assert_eq!([groups(0), groups(4), groups(6), groups(99)], [1, 3, 6, 6]);
        let own = LabModel { in_channels: 2, out_channels: 2, kernel_size: [1, 1], ..LabModel::default() };
        let own = LabModel { kernel: KernelChoice::Own(vec![1., 2., 3., 4.]), ..own };
        assert_eq!(with_groups(&own, 2).kernel, KernelChoice::Own(vec![1., 3.]));
    }

    #[test]
    fn one_side_makes_all_explicit() {
        let same = LabModel { padding: convscope_core::Padding2d::Same, ..LabModel::default() };
        let model = with(&same, &[Control::PadRight], 0);
        let expected = convscope_core::Pads { top: 1, left: 1, bottom: 1, right: 0 };
        assert_eq!(model.padding, convscope_core::Padding2d::Explicit(expected));
    }
}
