//! What functions of each number are called in each form.

use convscope_core::Activation;
use convscope_core::graph::Pointwise;

/// A function of each number by itself. `{}` stands for what it reads; an empty text where there is no word.
pub(super) struct Function {
    name: &'static str,
    /// A class of `torch.nn`, or a function of `torch`.
    pub(super) torch: &'static str,
    pub(super) keras: &'static str,
    pub(super) jax: &'static str,
    pub(super) onnx: &'static [Step],
}

/// An operator of ONNX behind the one before: its name, its attributes, and whether it reads the map as well. Bounds
/// of a `Clip` are inputs.
pub(super) struct Step(pub(super) &'static str, pub(super) &'static str, pub(super) bool);

/// Why a function by name is refused that is none of these.
pub(super) const NO_NUMBERS: &str = "its numbers are not in the list of layers";

/// A row where all have the same word in their own spelling.
macro_rules! rows {
    ($($name:literal: $torch:literal, $keras:literal, $jax:literal, [$($op:literal $attributes:literal $reads:literal),*];)*) => {
        &[$(Function {
            name: $name,
            torch: $torch,
            keras: $keras,
            jax: $jax,
            onnx: &[$(Step($op, $attributes, $reads)),*],
        }),*]
    };
}

// Those with numbers of their own have PyTorch's defaults, which all of these share unless they are written out.
const FUNCTIONS: &[Function] = rows! {
    "ReLU": "nn.ReLU", "keras.ops.relu({})", "nn.relu({})", ["Relu" "" false];
    "LeakyRelu": "nn.LeakyReLU", "keras.ops.leaky_relu({}, 0.01)", "nn.leaky_relu({}, 0.01)", ["LeakyRelu" "alpha = 0.01" false];
    "Sigmoid": "nn.Sigmoid", "keras.ops.sigmoid({})", "nn.sigmoid({})", ["Sigmoid" "" false];
    "Tanh": "nn.Tanh", "keras.ops.tanh({})", "jnp.tanh({})", ["Tanh" "" false];
    "SiLU": "nn.SiLU", "keras.ops.silu({})", "nn.silu({})", ["Sigmoid" "" false, "Mul" "" true];
    "ReLU6": "nn.ReLU6", "keras.ops.relu6({})", "nn.relu6({})", ["Clip" "0 6" false];
    "Hardtanh": "nn.Hardtanh", "keras.ops.hard_tanh({})", "nn.hard_tanh({})", ["Clip" "-1 1" false];
    "GELU": "nn.GELU", "keras.ops.gelu({}, approximate=False)", "nn.gelu({}, approximate=False)", ["Gelu" "" false];
    "Hardswish": "nn.Hardswish", "keras.ops.hard_silu({})", "nn.hard_silu({})", ["HardSwish" "" false];
    "Hardsigmoid": "nn.Hardsigmoid", "keras.ops.hard_sigmoid({})", "nn.hard_sigmoid({})", ["HardSigmoid" "alpha = 0.16666667" false];
    "ELU": "nn.ELU", "keras.ops.elu({})", "nn.elu({})", ["Elu" "" false];
    "SELU": "nn.SELU", "keras.ops.selu({})", "nn.selu({})", ["Selu" "" false];
    "CELU": "nn.CELU", "keras.ops.celu({})", "nn.celu({})", ["Celu" "" false];
    "Mish": "nn.Mish", "{} * keras.ops.tanh(keras.ops.softplus({}))", "nn.mish({})", ["Mish" "" false];
    "Softplus": "nn.Softplus", "keras.ops.softplus({})", "nn.softplus({})", ["Softplus" "" false];
    "Softsign": "nn.Softsign", "keras.ops.softsign({})", "nn.soft_sign({})", ["Softsign" "" false];
    "LogSigmoid": "nn.LogSigmoid", "keras.ops.log_sigmoid({})", "nn.log_sigmoid({})", ["Sigmoid" "" false, "Log" "" false];
    "Tanhshrink": "nn.Tanhshrink", "{} - keras.ops.tanh({})", "{} - jnp.tanh({})", ["Tanh" "" false, "Sub" "" true];
    "Hardshrink": "nn.Hardshrink", "keras.ops.hard_shrink({})", "jnp.where(jnp.abs({}) > 0.5, {}, 0.0)", ["Shrink" "lambd = 0.5" false];
    "Softshrink": "nn.Softshrink", "keras.ops.soft_shrink({})", "{} - jnp.clip({}, -0.5, 0.5)", ["Shrink" "lambd = 0.5, bias = 0.5" false];
    "PReLU": "nn.PReLU", "", "", [];
    "RReLU": "nn.RReLU", "", "", [];
    "Exp": "torch.exp", "keras.ops.exp({})", "jnp.exp({})", ["Exp" "" false];
    "Log": "torch.log", "keras.ops.log({})", "jnp.log({})", ["Log" "" false];
    "Sqrt": "torch.sqrt", "keras.ops.sqrt({})", "jnp.sqrt({})", ["Sqrt" "" false];
    "Reciprocal": "torch.reciprocal", "keras.ops.reciprocal({})", "jnp.reciprocal({})", ["Reciprocal" "" false];
    "Erf": "torch.erf", "keras.ops.erf({})", "lax.erf({})", ["Erf" "" false];
    "Abs": "torch.abs", "keras.ops.abs({})", "jnp.abs({})", ["Abs" "" false];
    "Neg": "torch.neg", "keras.ops.negative({})", "jnp.negative({})", ["Neg" "" false];
    "Floor": "torch.floor", "keras.ops.floor({})", "jnp.floor({})", ["Floor" "" false];
    "Ceil": "torch.ceil", "keras.ops.ceil({})", "jnp.ceil({})", ["Ceil" "" false];
    "Round": "torch.round", "keras.ops.round({})", "jnp.round({})", ["Round" "" false];
    "Sign": "torch.sign", "keras.ops.sign({})", "jnp.sign({})", ["Sign" "" false];
    "Sin": "torch.sin", "keras.ops.sin({})", "jnp.sin({})", ["Sin" "" false];
    "Cos": "torch.cos", "keras.ops.cos({})", "jnp.cos({})", ["Cos" "" false];
};

/// What a function does to a map.
pub(super) enum Known {
    /// Nothing in inference; dropout has a layer of its own almost everywhere.
    Nothing {
        dropout: bool,
    },
    Function(&'static Function),
}

/// A function, where its numbers are known.
pub(super) fn known(function: &Pointwise) -> Option<Known> {
    let name = match function {
        Pointwise::Dropout => return Some(Known::Nothing { dropout: true }),
        Pointwise::StochasticDepth | Pointwise::Contiguous | Pointwise::Activation(Activation::Identity) => {
            return Some(Known::Nothing { dropout: false });
        }
        Pointwise::Activation(activation) => match activation {
            Activation::Identity | Activation::Relu => "ReLU",
            Activation::LeakyRelu => "LeakyRelu",
            Activation::Sigmoid => "Sigmoid",
            Activation::Tanh => "Tanh",
            Activation::Silu => "SiLU",
        },
        Pointwise::Named(name) => name,
    };
    FUNCTIONS.iter().find(|function| function.name == name).map(Known::Function)
}

/// A template with what it reads.
pub(super) fn filled(template: &str, reads: &str) -> String {
    template.replace("{}", reads)
}
