//! One output cell for each image and feature: a matrix times a vector, bound by reading the weights.
//!
//! Eight features at a time, four taps a vector, in the order that they are read: one stream from memory.

use super::Kernel;
use super::layer::Layer;
use super::padded::Padded;
use crate::error::KernelError;
use crate::memory::{Floats, Scratch, product};
use crate::simd::F32x4;

/// Features that are summed side by side.
const FEATURES: usize = 8;

/// A vector of each feature.
const STEP: usize = FEATURES * F32x4::LANES;

/// Packed weights and where their taps read.
pub(crate) struct Dense {
    /// None where the window is the input as it stands.
    copy: Option<(Padded, Vec<usize>)>,
    /// `[group][feature / 8][k / 4][feature % 8][k % 4]`, filled up with zeros.
    weights: Floats,
    bias: Floats,
}

impl Dense {
    /// `bias` has a number for each output channel.
    pub fn new(layer: &Layer, weight: &[f32], bias: Floats) -> Result<Self, KernelError> {
        let copy = if layer.depth() == layer.group_in() * layer.in_plane() && layer.is_unpadded() {
            None
        } else {
            let padded = Padded::new(layer, layer.group_in(), 0, 1)?;
            let offsets = padded.offsets(layer.group_in())?;
            Some((padded, offsets))
        };
        let depth = layer.depth();
        let block_len = product(&[depth.div_ceil(F32x4::LANES), STEP])?;
        let n_blocks = layer.group_out().div_ceil(FEATURES);
        let mut weights = Floats::zeros(product(&[layer.groups, n_blocks, block_len])?)?;
        let mut blocks = weights.as_mut_slice().chunks_exact_mut(block_len);
        for group in weight.chunks_exact(layer.group_out() * depth) {
            for (features, block) in group.chunks(FEATURES * depth).zip(&mut blocks) {
                for (f, feature) in features.chunks_exact(depth).enumerate() {
                    for (taps, step) in feature.chunks(F32x4::LANES).zip(block.chunks_exact_mut(STEP)) {
                        step[f * F32x4::LANES..][..taps.len()].copy_from_slice(taps);
                    }
                }
            }
        }
        Ok(Self { copy, weights, bias })
    }
}

impl Kernel for Dense {
    fn run(
        &self,
        layer: &Layer,
        input: &[f32],
        output: &mut [f32],
        scratch: &mut Scratch,
    ) -> Result<(), KernelError> {
        let depth = layer.depth();
        let window_len = depth.next_multiple_of(STEP);
        let copy_len = self.copy.as_ref().map_or(Ok(0), |(padded, _)| padded.len(layer.group_in()))?;
        let scratch = scratch.take(product(&[window_len + copy_len])?)?;
        let (window, copy) = scratch.split_at_mut(window_len);
        window[depth..].fill(0.0);
        let n_vectors = depth.div_ceil(F32x4::LANES);
        let n_blocks = layer.group_out().div_ceil(FEATURES);
        for (group, planes, output) in layer.groups_of(input, output) {
            match &self.copy {
                None => window[..depth].copy_from_slice(planes),
                Some((padded, offsets)) => {
                    padded.fill(copy, planes, 0);
                    window.iter_mut().zip(offsets).for_each(|(tap, &offset)| *tap = copy[offset]);
                }
            }
            let weights =
                self.weights.as_slice()[group * n_blocks * n_vectors * STEP..].chunks_exact(n_vectors * STEP);
            let bias = self.bias.as_slice()[group * layer.group_out()..].chunks(FEATURES);
            for ((output, weights), bias) in output.chunks_mut(FEATURES).zip(weights).zip(bias) {
                let sums = features(weights, &window[..n_vectors * F32x4::LANES]);
                for ((cell, sum), bias) in output.iter_mut().zip(sums).zip(bias) {
                    *cell = sum + bias;
                }
            }
        }
        Ok(())
    }
}

/// The sums of eight features.
#[inline(never)]
#[expect(unsafe_code, reason = "bounds are checked once for eight features instead of once for a vector")]
fn features(weights: &[f32], window: &[f32]) -> [f32; FEATURES] {
    let n_vectors = window.len() / F32x4::LANES;
    assert!(weights.len() >= n_vectors * STEP, "weights end before the window");
    let mut sums = [F32x4::splat(0.0); FEATURES];
    let (mut weight, mut taps) = (weights.as_ptr(), window.as_ptr());
    for _ in 0..n_vectors {
        // SAFETY: the window has n_vectors vectors, the weights 8 times as many.
        unsafe {
            let tap = F32x4::load(taps);
            for (f, sum) in sums.iter_mut().enumerate() {
                *sum = F32x4::load(weight.add(f * F32x4::LANES)).madd(tap, *sum);
            }
            weight = weight.add(STEP);
            taps = taps.add(F32x4::LANES);
        }
    }
    sums.map(F32x4::sum)
}
