//! Which operation the lab shows, and how it is looked at.

use convscope_core::{Activation, ElementType};

/// What is done with each window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Operation {
    /// A weighted sum.
    #[default]
    Conv,
    /// Each input scatters the kernel.
    Transposed,
    /// The largest value.
    MaxPool,
    /// The mean.
    AvgPool,
    /// The p-norm.
    LpPool,
}

impl Operation {
    /// Every operation, in the order of the page.
    pub const ALL: &[Self] = &[Self::Conv, Self::Transposed, Self::MaxPool, Self::AvgPool, Self::LpPool];

    /// What a link says.
    pub fn name(self) -> &'static str {
        match self {
            Self::Conv => "conv",
            Self::Transposed => "transposed",
            Self::MaxPool => "max",
            Self::AvgPool => "average",
            Self::LpPool => "lp",
        }
    }

    /// What a reader sees.
    pub fn label(self) -> &'static str {
        match self {
            Self::Conv => "Convolution",
            Self::Transposed => "Transposed",
            Self::MaxPool => "Max pool",
            Self::AvgPool => "Average pool",
            Self::LpPool => "Lp pool",
        }
    }

    /// The operation that a link names.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.name() == name)
    }

    /// Whether it has weights, filters and groups.
    pub fn has_weights(self) -> bool {
        matches!(self, Self::Conv | Self::Transposed)
    }

    /// Whether each channel is taken by itself.
    pub fn is_pool(self) -> bool {
        !self.has_weights()
    }

    /// How it can be looked at; the first is the usual one.
    pub fn views(self) -> &'static [View] {
        match self {
            Self::Conv => &[View::Flat, View::Depth],
            Self::Transposed => &[View::Scatter, View::Flat, View::Matrix],
            _ => &[View::Flat],
        }
    }
}

/// How an operation is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// Windows over flat maps. Of a transposed convolution: over its input with zeros inserted.
    #[default]
    Flat,
    /// Volumes, drawn with their depth.
    Depth,
    /// Each input scatters a scaled kernel.
    Scatter,
    /// One matrix from all inputs to all outputs.
    Matrix,
}

impl View {
    /// Every view.
    pub const ALL: &[Self] = &[Self::Flat, Self::Depth, Self::Scatter, Self::Matrix];

    /// What a link says.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::Depth => "depth",
            Self::Scatter => "scatter",
            Self::Matrix => "matrix",
        }
    }

    /// The view that a link names.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|view| view.name() == name)
    }
}

/// The types that the page offers.
pub const TYPES: &[ElementType] =
    &[ElementType::Float32, ElementType::Float16, ElementType::Int8, ElementType::Float64];

/// What links and readers call a type.
pub fn type_name(element_type: ElementType) -> &'static str {
    match element_type {
        ElementType::Float64 => "float64",
        ElementType::Float32 => "float32",
        ElementType::Float16 => "float16",
        ElementType::BFloat16 => "bfloat16",
        ElementType::Int8 => "int8",
    }
}

/// What a link calls an activation.
pub fn activation_name(activation: Activation) -> &'static str {
    match activation {
        Activation::Identity => "none",
        Activation::Relu => "relu",
        Activation::LeakyRelu => "leaky-relu",
        Activation::Sigmoid => "sigmoid",
        Activation::Tanh => "tanh",
        Activation::Silu => "silu",
    }
}

/// What a reader calls an activation.
pub fn activation_label(activation: Activation) -> &'static str {
    match activation {
        Activation::Identity => "None",
        Activation::Relu => "ReLU",
        Activation::LeakyRelu => "Leaky ReLU",
        Activation::Sigmoid => "Sigmoid",
        Activation::Tanh => "Tanh",
        Activation::Silu => "SiLU",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for &operation in Operation::ALL {
            assert_eq!(Operation::from_name(operation.name()), Some(operation));
            assert!(!operation.views().is_empty());
        }
        for &view in View::ALL {
            assert_eq!(View::from_name(view.name()), Some(view));
        }
    }
}
