//! Gradients of activations, number by number.

use crate::activation::{Activation, normal, sigmoid, softplus};
use crate::check::length;
use crate::error::KernelError;

/// `grad_input = grad_output * f'(input)`.
///
/// Where there is no derivative, PyTorch's side is taken: 0 for ReLU and ReLU6 at their corners, the slope below
/// for leaky ones, 1 at the ends of a clip.
///
/// # Errors
///
/// [`KernelError::Length`] when the three are not of one length.
pub fn activation_grad(
    activation: Activation,
    input: &[f32],
    grad_output: &[f32],
    grad_input: &mut [f32],
) -> Result<(), KernelError> {
    length("grad_output", grad_output.len(), input.len())?;
    length("grad_input", grad_input.len(), input.len())?;
    if activation == Activation::Relu {
        return super::relu_grad(input, grad_output, grad_input);
    }
    let cells = grad_input.iter_mut().zip(grad_output).zip(input);
    cells.for_each(|((to, grad), &x)| *to = grad * slope(activation, x));
    Ok(())
}

/// The derivative. One function for all, as a loop for each would be larger than what it saves.
#[inline(never)]
fn slope(activation: Activation, x: f32) -> f32 {
    match activation {
        Activation::Relu => one_if(x > 0.0),
        Activation::Relu6 => one_if(x > 0.0 && x < 6.0),
        Activation::LeakyRelu { slope } => {
            if x > 0.0 {
                1.0
            } else {
                slope
            }
        }
        Activation::Elu { alpha } => {
            if x > 0.0 {
                1.0
            } else {
                alpha * x.exp()
            }
        }
        Activation::Sigmoid => sigmoid(x) * (1.0 - sigmoid(x)),
        Activation::Tanh => 1.0 - x.tanh() * x.tanh(),
        Activation::HardSigmoid { slope, offset } => {
            let y = slope * x + offset;
            if y > 0.0 && y < 1.0 { slope } else { 0.0 }
        }
        Activation::HardSwish => hard_swish(x),
        Activation::Silu => sigmoid(x) * (1.0 + x * (1.0 - sigmoid(x))),
        Activation::Gelu => gelu(x),
        Activation::GeluTanh => gelu_tanh(x),
        Activation::Softplus => sigmoid(x),
        Activation::Mish => mish(x),
        Activation::Clip { low, high } => one_if(x >= low && x <= high),
    }
}

fn one_if(condition: bool) -> f32 {
    if condition { 1.0 } else { 0.0 }
}

fn hard_swish(x: f32) -> f32 {
    if x < -3.0 {
        0.0
    } else if x <= 3.0 {
        x / 3.0 + 0.5
    } else {
        1.0
    }
}

/// `Phi(x) + x * phi(x)`
fn gelu(x: f32) -> f32 {
    let wide = f64::from(x);
    let density = (-0.5 * wide * wide).exp() / std::f64::consts::TAU.sqrt();
    (normal(wide) + wide * density) as f32
}

fn gelu_tanh(x: f32) -> f32 {
    let factor = std::f32::consts::FRAC_2_SQRT_PI * std::f32::consts::FRAC_1_SQRT_2;
    let tanh = (factor * (x + 0.044_715 * x * x * x)).tanh();
    let inner = factor * (1.0 + 3.0 * 0.044_715 * x * x);
    0.5 * (1.0 + tanh) + 0.5 * x * (1.0 - tanh * tanh) * inner
}

fn mish(x: f32) -> f32 {
    let tanh = softplus(x).tanh();
    tanh + x * (1.0 - tanh * tanh) * sigmoid(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::activate;

    #[test]
    fn slopes_are_those_of_small_differences() {
        let all = [
            Activation::Relu,
            Activation::Relu6,
            Activation::LeakyRelu { slope: 0.1 },
            Activation::Elu { alpha: 1.5 },
            Activation::Sigmoid,
            Activation::Tanh,
            Activation::HardSigmoid { slope: 0.2, offset: 0.5 },
            Activation::HardSwish,
            Activation::Silu,
            Activation::Gelu,
            Activation::GeluTanh,
            Activation::Softplus,
            Activation::Mish,
            Activation::Clip { low: -1.0, high: 2.0 },
        ];
        let input = [-4.1, -2.9, -1.3, -0.4, 0.3, 0.9, 1.7, 2.6, 3.4, 6.5];
        let step = 1.0 / 256.0;
        for activation in all {
            let mut slopes = [f32::NAN; 10];
            activation_grad(activation, &input, &[2.0; 10], &mut slopes).unwrap();
            for (x, slope) in input.into_iter().zip(slopes) {
                let mut ends = [x - step, x + step];
                activate(activation, &mut ends);
                let expected = 2.0 * (ends[1] - ends[0]) / (2.0 * step);
                assert!((slope - expected).abs() <= 1e-3, "{activation:?} at {x}: {slope}, not {expected}");
            }
        }
    }

    #[test]
    fn corners_have_the_slopes_of_pytorch() {
        let slope = |activation, x: f32| {
            let mut slope = [f32::NAN];
            activation_grad(activation, &[x], &[1.0], &mut slope).unwrap();
            slope[0]
        };
        assert_eq!(slope(Activation::Relu, 0.0), 0.0);
        assert_eq!([0.0, 6.0].map(|x| slope(Activation::Relu6, x)), [0.0, 0.0]);
        assert_eq!(slope(Activation::LeakyRelu { slope: 0.1 }, 0.0), 0.1);
        assert_eq!(slope(Activation::Clip { low: -1.0, high: 2.0 }, 2.0), 1.0);
        let refused = activation_grad(Activation::Tanh, &[0.0], &[], &mut [0.0]);
        assert_eq!(refused, Err(KernelError::Length { name: "grad_output", expected: 1, got: 0 }));
    }
}
