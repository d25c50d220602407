//! Activations, number by number and in place.

/// A function of one number, in PyTorch's words.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Activation {
    /// `max(0, x)`; a NaN stays, and so does -0.
    Relu,
    /// `min(max(0, x), 6)`
    Relu6,
    /// `x`, or `slope * x` below 0.
    LeakyRelu {
        /// PyTorch's `negative_slope`.
        slope: f32,
    },
    /// `x`, or `alpha * (exp(x) - 1)` below 0.
    Elu {
        /// What it tends to, with the sign turned.
        alpha: f32,
    },
    /// `1 / (1 + exp(-x))`
    Sigmoid,
    /// `tanh(x)`
    Tanh,
    /// `clamp(slope * x + offset, 0, 1)`: PyTorch's with 1/6 and 1/2, ONNX's with 0.2 and 0.5.
    HardSigmoid {
        /// ONNX's `alpha`.
        slope: f32,
        /// ONNX's `beta`.
        offset: f32,
    },
    /// `x * clamp(x / 6 + 1 / 2, 0, 1)`
    HardSwish,
    /// `x * sigmoid(x)`
    Silu,
    /// `x * Phi(x)`, where `Phi` is the normal distribution.
    Gelu,
    /// The approximation of [`Self::Gelu`] by `tanh`.
    GeluTanh,
    /// `ln(1 + exp(x))`
    Softplus,
    /// `x * tanh(softplus(x))`
    Mish,
    /// `min(max(x, low), high)`
    Clip {
        /// The least that comes out.
        low: f32,
        /// The most that comes out.
        high: f32,
    },
}

/// Applies an activation to every number.
pub fn activate(activation: Activation, cells: &mut [f32]) {
    let cells = cells.iter_mut();
    match activation {
        Activation::Relu => cells.for_each(|x| *x = relu(*x)),
        Activation::Relu6 => cells.for_each(|x| *x = clip(*x, 0.0, 6.0)),
        Activation::LeakyRelu { slope } => cells.for_each(|x| *x = if *x < 0.0 { slope * *x } else { *x }),
        Activation::Elu { alpha } => {
            cells.for_each(|x| *x = if *x < 0.0 { alpha * x.exp_m1() } else { *x });
        }
        Activation::Sigmoid => cells.for_each(|x| *x = sigmoid(*x)),
        Activation::Tanh => cells.for_each(|x| *x = x.tanh()),
        Activation::HardSigmoid { slope, offset } => {
            cells.for_each(|x| *x = clip(slope * *x + offset, 0.0, 1.0));
        }
        Activation::HardSwish => cells.for_each(|x| *x *= clip(*x + 3.0, 0.0, 6.0) / 6.0),
        Activation::Silu => cells.for_each(|x| *x *= sigmoid(*x)),
        Activation::Gelu => cells.for_each(|x| *x = gelu(*x)),
        Activation::GeluTanh => cells.for_each(|x| *x = gelu_tanh(*x)),
        Activation::Softplus => cells.for_each(|x| *x = softplus(*x)),
        Activation::Mish => cells.for_each(|x| *x *= softplus(*x).tanh()),
        Activation::Clip { low, high } => cells.for_each(|x| *x = clip(*x, low, high)),
    }
}

/// A slope below 0 for each channel: `cells` is a run of maps of `plane` cells, whose channels take turns.
///
/// Nothing happens without slopes or cells of a map.
pub fn prelu(slopes: &[f32], plane: usize, cells: &mut [f32]) {
    if plane > 0 {
        for (map, &slope) in cells.chunks_mut(plane).zip(slopes.iter().cycle()) {
            activate(Activation::LeakyRelu { slope }, map);
        }
    }
}

fn relu(x: f32) -> f32 {
    if x < 0.0 { 0.0 } else { x }
}

/// Unlike `f32::clamp` without a panic for bounds in the wrong order: the upper one wins, as in PyTorch.
fn clip(x: f32, low: f32, high: f32) -> f32 {
    let above = if x < low { low } else { x };
    if above > high { high } else { above }
}

pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

pub(crate) fn softplus(x: f32) -> f32 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn gelu(x: f32) -> f32 {
    (f64::from(x) * normal(f64::from(x))) as f32
}

/// The normal distribution up to `x`: `erfc(-x / sqrt(2)) / 2`.
pub(crate) fn normal(x: f64) -> f64 {
    0.5 * erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

fn gelu_tanh(x: f32) -> f32 {
    let inner = (2.0 / std::f32::consts::PI).sqrt() * (x + 0.044_715 * x * x * x);
    0.5 * x * (1.0 + inner.tanh())
}

/// The complementary error function, with a relative error below 1.2e-7 everywhere (Press and others,
/// Numerical Recipes, section 6.2).
fn erfc(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 10] = [
        0.170_872_77,
        -0.822_152_23,
        1.488_515_87,
        -1.135_203_98,
        0.278_868_07,
        -0.186_288_06,
        0.096_784_18,
        0.374_091_96,
        1.000_023_68,
        -1.265_512_23,
    ];
    if x == f64::INFINITY {
        return 0.0;
    }
    let t = 1.0 / (1.0 + 0.5 * x.abs());
    let series = COEFFICIENTS.iter().fold(0.0, |sum, coefficient| sum * t + coefficient);
    let tail = t * (-x * x + series).exp();
    if x < 0.0 { 2.0 - tail } else { tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(activation: Activation, pairs: &[(f32, f64)]) {
        for &(x, expected) in pairs {
            let mut cells = [x];
            activate(activation, &mut cells);
            let difference = (f64::from(cells[0]) - expected).abs();
            let close = difference <= 1e-7 + 1e-6 * expected.abs() || f64::from(cells[0]) == expected;
            assert!(close, "{activation:?}({x}) is {}, expected {expected}", cells[0]);
        }
    }

    /// Expected values are of mpmath, to 12 digits.
    #[test]
    fn activations_have_the_values_of_their_formulas() {
        check(Activation::Relu6, &[(-1.0, 0.0), (3.5, 3.5), (7.0, 6.0)]);
        check(Activation::LeakyRelu { slope: 0.1 }, &[(-2.0, -0.2), (2.0, 2.0)]);
        check(Activation::Elu { alpha: 2.0 }, &[(-1.0, -1.264241117657), (1.5, 1.5)]);
        check(Activation::Sigmoid, &[(0.0, 0.5), (2.0, 0.880797077978), (-100.0, 0.0)]);
        check(Activation::Tanh, &[(0.5, 0.462117157260), (-20.0, -1.0)]);
        check(Activation::HardSigmoid { slope: 0.2, offset: 0.5 }, &[(1.0, 0.7), (-3.0, 0.0), (3.0, 1.0)]);
        check(Activation::HardSwish, &[(-4.0, 0.0), (1.0, 0.666666666667), (4.0, 4.0)]);
        check(Activation::Silu, &[(1.0, 0.731058578630), (-2.0, -0.238405844044)]);
        check(
            Activation::Gelu,
            &[(1.0, 0.841344746069), (-1.0, -0.158655253931), (0.0, 0.0), (-3.0, -0.004049694105)],
        );
        check(Activation::GeluTanh, &[(1.0, 0.841191990609), (-1.0, -0.158808009391)]);
        check(Activation::Softplus, &[(1.0, 1.313261687518), (100.0, 100.0), (-10.0, 0.000045398899)]);
        check(Activation::Mish, &[(1.0, 0.865098388267)]);
        check(Activation::Clip { low: -1.0, high: 2.0 }, &[(-3.0, -1.0), (0.5, 0.5), (3.0, 2.0)]);
        check(Activation::Clip { low: 3.0, high: 2.0 }, &[(0.5, 2.0)]);
    }

    #[test]
    fn a_nan_stays_one() {
        for activation in [
            Activation::Relu,
            Activation::Relu6,
            Activation::LeakyRelu { slope: 0.1 },
            Activation::Elu { alpha: 1.0 },
            Activation::HardSwish,
            Activation::Gelu,
            Activation::Clip { low: 0.0, high: 1.0 },
        ] {
            let mut cells = [f32::NAN];
            activate(activation, &mut cells);
            assert!(cells[0].is_nan(), "{activation:?}");
        }
    }

    #[test]
    fn each_channel_has_its_slope() {
        let mut cells = [-1.0, 2.0, -1.0, -2.0, -1.0, 0.0];
        prelu(&[0.5, 3.0], 2, &mut cells);
        assert_eq!(cells, [-0.5, 2.0, -3.0, -6.0, -0.5, 0.0]);
    }
}
