//! A layer as a volume: what the figures of many channels show.

use std::rc::Rc;

use convscope_core::conv2d::{Conv2dOptions, Conv2dParams, conv2d};
use convscope_core::tensor::Tensor;

use crate::lab::{LabSpec, magnitude, raster, usual_magnitude};
use crate::scene::{Raster, Scale};

/// The words of the figures of many channels; wording belongs to the page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VolumeWords {
    /// Over the columns of the working view: input channel, slice, channel map, sum.
    pub columns: [String; 4],
    /// What each channel of the input is called, from the first.
    pub channels: Vec<String>,
    /// What the chosen filter's map is called, and what the filter is.
    pub map: [String; 2],
    /// How many channels of the group are not among the rows; empty where all are.
    pub more: String,
    /// The bias with its sign, and the activation; empty where there is none.
    pub added: [String; 2],
    /// Titles and captions of input, filters and output in the depth view.
    pub volumes: [[String; 2]; 3],
    /// Below the sheets of input and output: which they are, from front to back.
    pub order: [String; 2],
    /// How many sheets of the input, of a filter, and of the output, and how many filters, are not drawn;
    /// empty where all are.
    pub hidden: [String; 4],
    /// What the lines between channels and filters are.
    pub wiring: String,
}

/// A layer as a volume.
#[derive(Clone, Debug)]
pub struct VolumeSpec {
    /// The layer, with the chosen channel and filter.
    pub lab: LabSpec,
    /// The words.
    pub words: VolumeWords,
}

impl VolumeSpec {
    /// Channels of the input, and filters.
    pub fn counts(&self) -> [u64; 2] {
        let options = self.lab.params.options();
        [options.in_channels, options.out_channels]
    }

    /// Channels that one filter reads.
    pub fn n_slices(&self) -> u64 {
        self.lab.params.weight_shape()[1]
    }

    /// The first channel that a filter reads.
    pub fn first_channel(&self, filter: u64) -> u64 {
        let options = self.lab.params.options();
        filter / (options.out_channels / options.groups) * self.n_slices()
    }

    /// The products of one slice of the chosen filter, added up by themselves: that channel's share of the map,
    /// before the sum.
    pub(crate) fn share(&self, slice: u64) -> Vec<f32> {
        let LabSpec { params, input, weight, filter, .. } = &self.lab;
        let [_, _, height, width] = input.shape();
        let [_, _, k_h, k_w] = weight.shape();
        let one =
            Conv2dOptions { in_channels: 1, out_channels: 1, groups: 1, bias: false, ..*params.options() };
        let channel = self.first_channel(*filter) + slice;
        let map = |size: [u64; 2], values: &[f32]| Tensor::map(size[0], size[1], values.to_vec());
        let share = Conv2dParams::new(one).and_then(|one| {
            let plane = map([height, width], input.plane(0, channel))?;
            let kernel = map([k_h, k_w], weight.plane(*filter, slice))?;
            conv2d(&one, &plane, &kernel, None)
        });
        // The whole layer was computed, so one channel of it can be.
        share.map_or_else(|_| Vec::new(), |share| share.data().to_vec())
    }

    /// The magnitude that stands for the end of the signed scale, of these values.
    pub(crate) fn end(&self, values: &[f32]) -> f32 {
        if self.lab.photograph { usual_magnitude(values) } else { magnitude(values) }
    }

    /// The largest magnitude among the weights of a filter, 1 where all are 0.
    pub(crate) fn largest_weight(&self, filter: u64) -> f32 {
        let slices = (0..self.n_slices()).flat_map(|slice| self.lab.weight.plane(filter, slice));
        let most = slices.fold(0.0_f32, |most, weight| most.max(weight.abs()));
        if most > 0.0 { most } else { 1.0 }
    }

    /// How the numbers of the input become colours.
    pub(crate) fn input_scale(&self) -> Scale {
        if self.lab.photograph {
            Scale::Grey { low: 0.0, high: 1.0 }
        } else {
            Scale::Signed { max: magnitude(self.lab.input.data()) }
        }
    }

    /// A channel of the input as a picture.
    pub(crate) fn channel_raster(&self, channel: u64, scale: Scale) -> Rc<Raster> {
        Rc::new(raster(&self.lab.input, channel, scale))
    }

    /// A slice of a filter as a picture, on a scale whose end is `max`.
    pub(crate) fn slice_raster(&self, filter: u64, slice: u64, max: f32) -> Rc<Raster> {
        let [_, _, k_h, k_w] = self.lab.weight.shape();
        let values = self.lab.weight.plane(filter, slice).to_vec();
        Rc::new(Raster { width: k_w as u32, height: k_h as u32, values, scale: Scale::Signed { max } })
    }
}

/// Which of `n` things are drawn where `most` are, with the chosen one among them: the first and how many.
pub fn drawn(n: u64, chosen: u64, most: u64) -> [u64; 2] {
    if n <= most {
        return [0, n];
    }
    // One place is for the count of the rest.
    let count = most.saturating_sub(1).max(1);
    [chosen.saturating_sub(count / 2).min(n - count), count]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chosen_one_is_always_drawn() {
        for n in 1..40 {
            for chosen in 0..n {
                let [first, count] = drawn(n, chosen, 8);
                assert!((first..first + count).contains(&chosen) && first + count <= n);
                assert_eq!(count, if n <= 8 { n } else { 7 });
            }
        }
    }
}
