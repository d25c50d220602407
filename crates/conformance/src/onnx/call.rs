//! A node with its inputs, and reading its parameters.

use convscope_core::ConvError;
use convscope_formats::onnx::{Data, Node, Tensor, Value as Attribute};
use convscope_kernels::KernelError;

/// A tensor, row-major.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Value {
    pub(super) shape: Vec<u64>,
    pub(super) numbers: Numbers,
}

/// The numbers of a tensor.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Numbers {
    Floats(Vec<f32>),
    /// Sizes, axes, indices and truth values.
    Ints(Vec<i64>),
}

/// Why a case does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Wrong(String),
    /// It is about what convscope leaves out.
    Outside(&'static str),
}

impl Stop {
    pub(super) fn map(self, add: impl FnOnce(String) -> String) -> Self {
        match self {
            Self::Wrong(reason) => Self::Wrong(add(reason)),
            outside => outside,
        }
    }
}

impl From<String> for Stop {
    fn from(reason: String) -> Self {
        Self::Wrong(reason)
    }
}

impl From<&str> for Stop {
    fn from(reason: &str) -> Self {
        Self::Wrong(reason.to_owned())
    }
}

impl From<KernelError> for Stop {
    fn from(error: KernelError) -> Self {
        Self::Wrong(format!("refused: {error}"))
    }
}

impl From<ConvError> for Stop {
    fn from(error: ConvError) -> Self {
        Self::Wrong(format!("refused: {error}"))
    }
}

impl Value {
    pub(super) fn new(tensor: Tensor) -> Result<Self, Stop> {
        let numbers = match tensor.data {
            Data::Floats(values) => Numbers::Floats(values),
            Data::Ints(values) => Numbers::Ints(values),
            other => return Err(format!("the tensor {:?} has no values: {other:?}", tensor.name).into()),
        };
        Ok(Self { shape: tensor.dims, numbers })
    }

    pub(super) fn floats(shape: impl Into<Vec<u64>>, values: Vec<f32>) -> Self {
        Self { shape: shape.into(), numbers: Numbers::Floats(values) }
    }

    pub(super) fn ints(shape: impl Into<Vec<u64>>, values: Vec<i64>) -> Self {
        Self { shape: shape.into(), numbers: Numbers::Ints(values) }
    }

    /// Its real numbers.
    pub(super) fn cells(&self) -> Result<&[f32], Stop> {
        match &self.numbers {
            Numbers::Floats(values) => Ok(values),
            Numbers::Ints(_) => Err("integers where real numbers belong".into()),
        }
    }
}

/// So many cells that a wrong kernel cannot leave right by chance.
pub(super) fn unset(shape: &[u64]) -> Result<Vec<f32>, Stop> {
    let n = shape.iter().try_fold(1, |n: usize, &size| n.checked_mul(usize::try_from(size).ok()?));
    let n = n.filter(|&n| n < 1 << 28).ok_or_else(|| format!("{shape:?} is too large"))?;
    Ok(vec![f32::NAN; n])
}

/// A node with its inputs.
pub(super) struct Call<'a> {
    pub(super) node: &'a Node,
    pub(super) opset: i64,
    /// `None` for those that are not given.
    pub(super) inputs: Vec<Option<&'a Value>>,
}

impl<'a> Call<'a> {
    pub(super) fn input(&self, k: usize) -> Result<&'a Value, Stop> {
        self.optional(k).ok_or_else(|| format!("input {k} is missing").into())
    }

    pub(super) fn optional(&self, k: usize) -> Option<&'a Value> {
        self.inputs.get(k).copied().flatten()
    }

    /// The integers of an input, where it is given.
    pub(super) fn input_ints(&self, k: usize) -> Result<Option<&'a [i64]>, Stop> {
        match self.optional(k).map(|value| &value.numbers) {
            None => Ok(None),
            Some(Numbers::Ints(values)) => Ok(Some(values)),
            Some(Numbers::Floats(_)) => Err(format!("input {k} holds real numbers").into()),
        }
    }

    /// The one real number of an input, where it is given.
    pub(super) fn input_float(&self, k: usize) -> Result<Option<f32>, Stop> {
        match self.optional(k).map(Value::cells).transpose()? {
            None => Ok(None),
            Some(&[value]) => Ok(Some(value)),
            Some(values) => Err(format!("input {k} holds {} numbers", values.len()).into()),
        }
    }

    pub(super) fn int(&self, name: &str, default: i64) -> Result<i64, Stop> {
        match self.node.attribute(name) {
            None => Ok(default),
            Some(&Attribute::Int(value)) => Ok(value),
            Some(other) => Err(unfit(name, other)),
        }
    }

    pub(super) fn float(&self, name: &str, default: f32) -> Result<f32, Stop> {
        match self.node.attribute(name) {
            None => Ok(default),
            Some(&Attribute::Float(value)) => Ok(value),
            Some(other) => Err(unfit(name, other)),
        }
    }

    pub(super) fn ints(&self, name: &str) -> Result<Option<&'a [i64]>, Stop> {
        match self.node.attribute(name) {
            None => Ok(None),
            Some(Attribute::Ints(values)) => Ok(Some(values)),
            Some(other) => Err(unfit(name, other)),
        }
    }

    pub(super) fn text(&self, name: &str, default: &'static str) -> Result<&'a str, Stop> {
        match self.node.attribute(name) {
            None => Ok(default),
            Some(Attribute::Text(text)) => Ok(text),
            Some(other) => Err(unfit(name, other)),
        }
    }

    /// What the node `Constant` gives.
    pub(super) fn constant(&self) -> Result<Vec<Value>, Stop> {
        match self.node.attribute("value") {
            Some(Attribute::Tensor(tensor)) => Ok(vec![Value::new(tensor.clone())?]),
            _ => Err("constants other than tensors are not built".into()),
        }
    }
}

fn unfit(name: &str, value: &Attribute) -> Stop {
    format!("the attribute {name} is {value:?}").into()
}
