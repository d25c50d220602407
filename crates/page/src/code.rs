//! Code for the present layer: a snippet of Python that computes the figure's output in one framework.
//!
//! A snippet runs as it is and ends with `y`, NCHW, whatever layout the framework prefers.
//! Small inputs and weights are written out; larger ones are random, with a comment that says so.
//! What a framework cannot take, such as padding of unequal sides, becomes a step of its own that gives the same
//! numbers, and a comment gives the reason.
//! The texts are run outside of the tests, in the frameworks themselves: `tests/code/freeze.py`.

mod jax;
mod keras;
mod onnx;
mod pytorch;
mod writer;

use convscope_core::conv2d::Pads;
use convscope_core::resolved::Resolved;
use convscope_core::rules::Rule;
use convscope_core::tensor::Tensor;
use convscope_core::{Activation, ConvError, Layer};

use crate::lab::Lab;

/// Whose code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framework {
    /// `torch.nn`.
    PyTorch,
    /// `keras.layers`, on any of its backends.
    Keras,
    /// `jax.lax`.
    Jax,
    /// A model made with `onnx.helper`, run by ONNX Runtime.
    Onnx,
}

impl Framework {
    /// Every framework, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::PyTorch, Self::Keras, Self::Jax, Self::Onnx];

    /// Its name in a list of choices: `pytorch`.
    pub fn id(self) -> &'static str {
        match self {
            Self::PyTorch => "pytorch",
            Self::Keras => "keras",
            Self::Jax => "jax",
            Self::Onnx => "onnx",
        }
    }

    /// What it is called: "PyTorch".
    pub fn name(self) -> &'static str {
        match self {
            Self::PyTorch => "PyTorch",
            Self::Keras => "Keras",
            Self::Jax => "JAX",
            Self::Onnx => "ONNX",
        }
    }
}

/// What is put into code.
#[derive(Clone, Copy, Debug)]
pub struct Snippet<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// NCHW.
    pub input_shape: [u64; 4],
    /// The input's numbers; `None` for the reader's own. Written out up to [`MAX_WRITTEN`].
    pub input: Option<&'a Tensor>,
    /// The weight, in the layer's `weight_shape`; `None` for the reader's own. Written out likewise.
    pub weight: Option<&'a Tensor>,
    /// One number for each output channel, of a layer with bias; `None` for the reader's own.
    pub bias: Option<&'a [f32]>,
    /// What the outputs go through.
    pub activation: Activation,
}

/// Numbers of a tensor that are written out: more would hide the code that they stand beside.
pub const MAX_WRITTEN: usize = 128;

/// The snippet of a lab's layer: with its numbers, where they are few and no photograph.
///
/// # Errors
///
/// Those of [`code`].
pub fn of_lab(lab: &Lab, framework: Framework) -> Result<String, ConvError> {
    let n_filters = lab.sums.shape()[1] as usize;
    let bias = lab.model.bias.filter(|_| lab.model.operation.has_weights());
    let biases = bias.map(|bias| vec![bias; n_filters]);
    let snippet = Snippet {
        layer: &lab.layer,
        input_shape: lab.layer_input.shape(),
        input: Some(&*lab.layer_input).filter(|_| !lab.model.is_picture()),
        weight: lab.layer_weight.as_deref(),
        bias: biases.as_deref(),
        activation: lab.model.activation,
    };
    code(framework, &snippet)
}

/// The snippet, with a line feed at the end of each line and lines of 64 characters at most.
///
/// # Errors
///
/// Those of [`Layer::output_shape`]: what is no layer has no code.
pub fn code(framework: Framework, snippet: &Snippet<'_>) -> Result<String, ConvError> {
    snippet.layer.output_shape(snippet.input_shape)?;
    let [.., height, width] = snippet.input_shape;
    let layer = Resolved::new(snippet.layer, [height, width])?;
    Ok(match framework {
        Framework::PyTorch => pytorch::code(snippet, &layer),
        Framework::Keras => keras::code(snippet, &layer),
        Framework::Jax => jax::code(snippet, &layer),
        Framework::Onnx => onnx::code(snippet, &layer),
    })
}

/// Numbers that are written out, or that the reader brings.
#[derive(Clone, Copy)]
struct Numbers<'a> {
    shape: &'a [u64],
    data: Option<&'a [f32]>,
}

impl<'a> Snippet<'a> {
    fn input(&self) -> Numbers<'_> {
        Numbers { shape: &self.input_shape, data: written(self.input.map(Tensor::data)) }
    }

    fn weight(&self) -> Option<&'a [f32]> {
        written(self.weight.map(Tensor::data))
    }

    /// The bias, of whose numbers as many are written as there are, if they are all the same.
    fn bias(&self) -> Option<&'a [f32]> {
        self.bias.filter(|bias| finite(bias) && (bias.len() <= MAX_WRITTEN || is_constant(bias)))
    }

    /// Why a rule does not take the layer as it is, in words; `None` where it does.
    fn remark(&self, rule: Rule) -> Option<String> {
        let [.., height, width] = self.input_shape;
        crate::text::rule_remark(rule, self.layer, [height, width])
    }
}

fn written(data: Option<&[f32]>) -> Option<&[f32]> {
    data.filter(|data| data.len() <= MAX_WRITTEN && finite(data))
}

fn finite(data: &[f32]) -> bool {
    data.iter().all(|value| value.is_finite())
}

/// Whether all numbers are the same, and more than a line of them.
fn is_constant(data: &[f32]) -> bool {
    data.len() > 8 && data.iter().all(|value| value.to_bits() == data[0].to_bits())
}

/// `2`, or `(2, 1)` where the axes differ.
fn pair(pair: [u64; 2]) -> String {
    if pair[0] == pair[1] { pair[0].to_string() } else { tuple(&pair) }
}

/// `(2, 1)`
fn tuple(numbers: &[u64]) -> String {
    enclosed("(", numbers, ")")
}

/// `[2, 1]`
fn list(numbers: &[u64]) -> String {
    enclosed("[", numbers, "]")
}

fn enclosed(open: &str, numbers: &[u64], close: &str) -> String {
    let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
    crate::text::joined(&[open, &crate::text::joined(&numbers, ", "), close], "")
}

/// `name=value`
fn named(name: &str, value: &str) -> String {
    crate::text::joined(&[name, "=", value], "")
}

/// Adds `name=pair`, if it differs from the default.
fn push_pair(args: &mut Vec<String>, name: &str, numbers: [u64; 2], default: u64) {
    if numbers != [default; 2] {
        args.push(named(name, &pair(numbers)));
    }
}

/// `mode="reflect"`
fn mode(name: &str) -> String {
    crate::text::joined(&["mode=\"", name, "\""], "")
}

/// `(1, 1), (1, 1)`: rows and columns, before and after.
fn sides(Pads { top, left, bottom, right }: Pads) -> String {
    crate::text::joined(&[tuple(&[top, bottom]), tuple(&[left, right])], ", ")
}

/// `[(0, 0), (0, 0), (1, 1), (1, 1)]`: the same of all axes.
fn nchw(pads: Pads) -> String {
    crate::text::joined(&["[(0, 0), (0, 0), ", &sides(pads), "]"], "")
}
