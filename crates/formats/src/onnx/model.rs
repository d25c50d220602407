//! What a model says: nodes with typed attributes, tensors, and the shapes of values.

use super::Tensor;

/// A model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// The version of the form, 3 to 12 so far.
    pub ir_version: i64,
    /// The program that wrote it, such as `pytorch`.
    pub producer: String,
    /// What versions of operators its nodes mean.
    pub opsets: Vec<Opset>,
    /// The network.
    pub graph: Graph,
}

/// A set of operators in one version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opset {
    /// Empty for ONNX's own operators, which are also called `ai.onnx`.
    pub domain: String,
    /// 6 to 25 for ONNX's own.
    pub version: i64,
}

/// The network: nodes in an order in which they can be computed, joined by the names of values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Its name.
    pub name: String,
    /// The operations.
    pub nodes: Vec<Node>,
    /// Weights and other constants.
    pub initializers: Vec<Tensor>,
    /// What is given; up to IR version 3 the initializers too.
    pub inputs: Vec<ValueInfo>,
    /// What is asked for.
    pub outputs: Vec<ValueInfo>,
    /// What is known of values between.
    pub values: Vec<ValueInfo>,
}

/// One operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// Its name; may be empty.
    pub name: String,
    /// `Conv`, `Relu`, ...
    pub op_type: String,
    /// Whose operator it is, as in [`Opset::domain`].
    pub domain: String,
    /// The names of values; an empty one stands for an optional input that is not given.
    pub inputs: Vec<String>,
    /// The names of values; an empty one stands for an output that nobody asks for.
    pub outputs: Vec<String>,
    /// Its parameters.
    pub attributes: Vec<Attribute>,
}

/// A parameter of a node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
}

/// The value of an attribute.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// One real number.
    Float(f32),
    /// One integer.
    Int(i64),
    /// One text. Bytes that are not UTF-8 are replaced.
    Text(String),
    /// A constant.
    Tensor(Tensor),
    /// Real numbers.
    Floats(Vec<f32>),
    /// Integers.
    Ints(Vec<i64>),
    /// Texts.
    Texts(Vec<String>),
    /// A graph, a type, a sparse tensor, or a reference to a function's attribute: skipped.
    #[default]
    Other,
}

/// What is known of a value: the type and shape of a tensor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueInfo {
    /// Its name.
    pub name: String,
    /// The type of its elements; nothing when it is unknown or the value is no tensor.
    pub data_type: Option<super::DataType>,
    /// Its sizes; nothing when not even their number is known.
    pub shape: Option<Vec<Dim>>,
}

/// One size of a tensor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Dim {
    /// So many.
    Known(u64),
    /// Known by a name alone, such as `batch`; equal names are equal sizes.
    Named(String),
    /// Not known.
    #[default]
    Unknown,
}

impl Model {
    /// The version of ONNX's own operators; nothing when the model names none.
    pub fn opset(&self) -> Option<i64> {
        let own = |opset: &&Opset| matches!(opset.domain.as_str(), "" | "ai.onnx");
        self.opsets.iter().find(own).map(|opset| opset.version)
    }
}

impl Graph {
    /// The constant with this name.
    pub fn initializer(&self, name: &str) -> Option<&Tensor> {
        self.initializers.iter().find(|tensor| tensor.name == name)
    }
}

impl Node {
    /// The value of an attribute, where it is given.
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.attributes.iter().find(|attribute| attribute.name == name).map(|attribute| &attribute.value)
    }
}
