//! ONNX: reads the graph of a model, and single tensors, from their protobuf form.
//!
//! The form is `onnx.proto` of the ONNX project (IR versions 3 to 12, which carry opsets 6 to 25). Fields that
//! nobody here needs are skipped and never held: doc strings, metadata, training, functions, and the bodies of
//! `If` and `Loop`. Values of a tensor are read only up to [`Options::max_values`], so a file of any size can
//! be read through a [`Source`] that fetches slices.

mod error;
mod model;
pub mod network;
mod read;
mod source;
mod tensor;
mod wire;

pub use error::{Place, ReadError, Reason};
pub use model::{Attribute, Dim, Graph, Model, Node, Opset, Value, ValueInfo};
pub use source::Source;
pub use tensor::{Data, DataType, Tensor};

use wire::Wire;

/// How much to read.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Tensors of more elements keep name, shape and type alone, as [`Data::Skipped`].
    pub max_values: u64,
    /// What is kept may take this many bytes, and a few times that while lists grow. A model of twenty thousand
    /// nodes takes some 10 MiB without its weights.
    pub max_kept_bytes: u64,
}

impl Default for Options {
    /// All values that fit in 1 GiB.
    fn default() -> Self {
        Self { max_values: u64::MAX, max_kept_bytes: 1 << 30 }
    }
}

/// Reads a model (`ModelProto`).
///
/// # Errors
///
/// [`ReadError`] with the byte and the place in the model when the bytes are cut off or are none of ONNX's,
/// when the source fails, and when more would have to be kept than `options` allow.
pub fn read_model(source: &mut dyn Source, options: Options) -> Result<Model, ReadError> {
    read::model(&mut Wire::new(source, options)).map_err(|error| *error)
}

/// Reads one tensor (`TensorProto`), which is what the test cases of ONNX store in `.pb` files.
///
/// # Errors
///
/// As [`read_model`].
pub fn read_tensor(source: &mut dyn Source, options: Options) -> Result<Tensor, ReadError> {
    tensor::read(&mut Wire::new(source, options)).map_err(|error| *error)
}
