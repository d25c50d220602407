//! Output channels in blocks of as many as a microkernel has accumulators for, and weights packed for them.

use super::layer::Layer;
use crate::error::KernelError;
use crate::memory::{Floats, product, try_vec};

/// The most features of a block.
///
/// V8 has 15 vector registers to give: 6 features times 2 vectors of pixels, the 2 vectors and a weight. A
/// product that is rounded on its way to the sum needs one more.
pub(crate) const MAX_FEATURES: usize =
    if cfg!(all(target_arch = "wasm32", not(target_feature = "relaxed-simd"))) { 5 } else { 6 };

/// Some neighbouring features of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The first feature, counted within the group.
    pub first: usize,
    /// How many, from 1 to [`MAX_FEATURES`].
    pub n: usize,
}

/// Splits the features of a group into as few blocks as possible, of nearly equal size.
pub(crate) fn blocks(features: usize) -> Result<Vec<Block>, KernelError> {
    let n_blocks = features.div_ceil(MAX_FEATURES);
    let mut blocks = try_vec(n_blocks)?;
    // Without products, which could be too large: the first `larger` blocks have one feature more.
    let (smaller, larger) = (features / n_blocks.max(1), features % n_blocks.max(1));
    let mut first = 0;
    for i in 0..n_blocks {
        let n = smaller + usize::from(i < larger);
        blocks.push(Block { first, n });
        first += n;
    }
    Ok(blocks)
}

/// OIHW weights as `[group][block][k][feature]`, where `k` counts `(i, k_y, k_x)`.
pub(crate) fn pack(layer: &Layer, blocks: &[Block], weight: &[f32]) -> Result<Floats, KernelError> {
    let depth = layer.depth();
    let mut packed = Floats::zeros(product(&[layer.out_channels, depth])?)?;
    if depth == 0 {
        return Ok(packed);
    }
    let group_len = layer.group_out() * depth;
    let groups = packed.as_mut_slice().chunks_exact_mut(group_len).zip(weight.chunks_exact(group_len));
    for (packed, weight) in groups {
        for block in blocks {
            let range = block.first * depth..(block.first + block.n) * depth;
            let features = weight[range.clone()].chunks_exact(depth).enumerate();
            let packed = &mut packed[range];
            for (f, feature) in features {
                packed[f..].iter_mut().step_by(block.n).zip(feature).for_each(|(to, &from)| *to = from);
            }
        }
    }
    Ok(packed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_cover_all_features_evenly() {
        for features in 1..40 {
            let blocks = blocks(features).unwrap();
            let mut next = 0;
            for block in &blocks {
                assert_eq!(block.first, next);
                next += block.n;
            }
            assert_eq!(next, features);
            let sizes = || blocks.iter().map(|block| block.n);
            assert!(sizes().max().unwrap() <= MAX_FEATURES);
            assert!(sizes().max().unwrap() - sizes().min().unwrap() <= 1);
        }
    }
}
