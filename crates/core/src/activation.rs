//! What a layer's outputs go through, number by number: for grids on which every number is shown.

/// A function of one number, in PyTorch's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activation {
    /// `x`: nothing is done.
    #[default]
    Identity,
    /// `max(0, x)`; a NaN stays.
    Relu,
    /// `x`, or `0.01 x` below 0: PyTorch's default slope.
    LeakyRelu,
    /// `1 / (1 + exp(-x))`
    Sigmoid,
    /// `tanh(x)`
    Tanh,
    /// `x / (1 + exp(-x))`
    Silu,
}

impl Activation {
    /// Every activation.
    pub const ALL: &[Self] =
        &[Self::Identity, Self::Relu, Self::LeakyRelu, Self::Sigmoid, Self::Tanh, Self::Silu];

    /// The function of one number, computed in `f64` and rounded once where it is not exact.
    pub fn of(self, x: f32) -> f32 {
        let wide = f64::from(x);
        match self {
            Self::Identity => x,
            Self::Relu if x < 0.0 => 0.0,
            Self::Relu => x,
            Self::LeakyRelu if x < 0.0 => (0.01 * wide) as f32,
            Self::LeakyRelu => x,
            Self::Sigmoid => (1.0 / (1.0 + (-wide).exp())) as f32,
            Self::Tanh => wide.tanh() as f32,
            Self::Silu => (wide / (1.0 + (-wide).exp())) as f32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_its_formula() {
        // PyTorch 2.x at -2, 0 and 2.
        for (activation, expected) in [
            (Activation::Identity, [-2.0, 0.0, 2.0]),
            (Activation::Relu, [0.0, 0.0, 2.0]),
            (Activation::LeakyRelu, [-0.02, 0.0, 2.0]),
            (Activation::Sigmoid, [0.119_202_92, 0.5, 0.880_797]),
            (Activation::Tanh, [-0.964_027_6, 0.0, 0.964_027_6]),
            (Activation::Silu, [-0.238_405_84, 0.0, 1.761_594_2]),
        ] {
            for (x, expected) in [-2.0, 0.0, 2.0].into_iter().zip(expected) {
                assert!((activation.of(x) - expected).abs() <= 1e-7, "{activation:?} of {x}");
            }
        }
        assert!(Activation::Relu.of(f32::NAN).is_nan());
    }
}
