//! Which algorithm computes a convolution: the first that suits it.

use std::fmt;

use super::layer::Layer;
use super::{interleaved, rows, winograd};

/// What a caller needs of the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// The bits of `convscope_core::conv2d` on every machine: each output is summed in `f32` from 0, in the
    /// order `(i, k_y, k_x)`, and the bias is added last. For numbers that are shown.
    Exact,
    /// The fastest algorithm. The error of each output stays below `1e-4` of the largest output, and far
    /// below where no Winograd transform is used; the last bits differ between machines.
    Fast,
}

/// A way to compute a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// Nothing to multiply: no input channels, or no images.
    Bias,
    /// Tap by tap, in the order of [`Precision::Exact`].
    Exact,
    /// Tap by tap over a padded copy.
    Direct,
    /// One output cell for each feature: a matrix times a vector.
    Dense,
    /// Depthwise, with four channels in the lanes of a vector.
    Interleaved,
    /// A matrix product over panels of pixels.
    Panels,
    /// Rows of a feature map that reads one channel under a 3x3 kernel.
    Rows,
    /// Winograd's minimal filtering.
    Winograd,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Bias,
        Self::Exact,
        Self::Direct,
        Self::Dense,
        Self::Interleaved,
        Self::Panels,
        Self::Rows,
        Self::Winograd,
    ];

    /// Its name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bias => "bias",
            Self::Exact => "exact",
            Self::Direct => "direct",
            Self::Dense => "dense",
            Self::Interleaved => "interleaved",
            Self::Panels => "panels",
            Self::Rows => "rows",
            Self::Winograd => "winograd",
        }
    }

    /// Whether it goes through a Winograd transform, whose errors are relative to the largest output.
    pub fn is_transform(self) -> bool {
        self == Self::Winograd
    }

    /// Whether it can compute a layer that is not empty.
    pub(crate) fn suits(self, layer: &Layer) -> bool {
        match self {
            Self::Bias => layer.in_channels == 0,
            _ if layer.in_channels == 0 => false,
            Self::Exact | Self::Direct | Self::Panels => true,
            Self::Dense => layer.out_plane() == 1,
            Self::Interleaved => interleaved::suits(layer),
            Self::Rows => rows::suits(layer),
            Self::Winograd => winograd::suits(layer),
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The algorithm for a layer that is not empty: the first whose condition holds.
///
/// The numbers are where one overtook the other in `examples/speed.mjs --all`.
pub(crate) fn choose(layer: &Layer, precision: Precision) -> Algorithm {
    if Algorithm::Bias.suits(layer) {
        return Algorithm::Bias;
    }
    if precision == Precision::Exact {
        return Algorithm::Exact;
    }
    if Algorithm::Dense.suits(layer) {
        return Algorithm::Dense;
    }
    // Few outputs read each channel: gathering its taps for a product would not pay.
    if layer.group_in() == 1 && layer.group_out() <= 4 {
        if Algorithm::Rows.suits(layer) {
            return Algorithm::Rows;
        }
        if Algorithm::Interleaved.suits(layer) && layer.groups >= 4 {
            return Algorithm::Interleaved;
        }
    }
    if layer.group_out() < 16 {
        return Algorithm::Direct;
    }
    if Algorithm::Winograd.suits(layer) {
        // Transforms pay for enough channels, and where tiles are not mostly beyond the map.
        if winograd::costs(layer).is_some_and(|(channels, products)| channels >= 8 && products < 0.6) {
            return Algorithm::Winograd;
        }
    }
    Algorithm::Panels
}
