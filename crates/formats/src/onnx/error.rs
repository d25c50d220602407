//! Why a model could not be read, and where.

use std::fmt;

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Where reading stopped, in bytes from the start of the file.
    pub offset: u64,
    /// The parts of the model around that byte, from the outside in.
    pub places: Vec<Place>,
    /// What is wrong.
    pub reason: Reason,
}

/// A part of a model: the name of its field in `onnx.proto`, and which one of several, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// `graph`, `node`, `initializer`, ...
    pub field: &'static str,
    /// Which of them; nothing where there is only one.
    pub index: Option<usize>,
}

/// What is wrong with the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The bytes end, or the part that they belong to, before what was begun.
    EndsEarly,
    /// A part claims more bytes than what surrounds it has left.
    TooLong {
        /// The claimed length.
        bytes: u64,
        /// What is left.
        left: u64,
    },
    /// A number takes more than ten bytes.
    Varint,
    /// A field has the number 0, or a wire type that `onnx.proto` never uses.
    Tag {
        /// The field's number.
        number: u32,
        /// How it is stored: 0 to 7, of which 0, 1, 2 and 5 exist.
        wire_type: u8,
    },
    /// A field of ONNX is stored in another way than ONNX stores it.
    FieldType {
        /// The field's number.
        number: u32,
        /// How it is stored.
        wire_type: u8,
    },
    /// A name is not UTF-8.
    Utf8,
    /// A size of a tensor is below 0.
    Dim {
        /// The size.
        size: i64,
    },
    /// A tensor has another number of elements than its shape says.
    Elements {
        /// What the shape says; nothing when that exceeds `u64`.
        expected: Option<u64>,
        /// What is there.
        got: u64,
    },
    /// An integer does not fit in `i64`.
    Integer {
        /// The integer.
        value: u64,
    },
    /// There is no graph: this is no model.
    NoGraph,
    /// More would have to be kept than was allowed.
    TooMuch {
        /// What was allowed, in bytes.
        max_kept_bytes: u64,
    },
    /// The bytes could not be fetched, in the words of who fetches them.
    Source(String),
}

impl ReadError {
    /// Says that it happened inside of `field`.
    pub(super) fn within(mut self: Box<Self>, field: &'static str, index: Option<usize>) -> Box<Self> {
        self.places.insert(0, Place { field, index });
        self
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Place { field, index } in &self.places {
            match index {
                Some(index) => write!(f, "{field} {index}, ")?,
                None => write!(f, "{field}, ")?,
            }
        }
        write!(f, "byte {}: {}", self.offset, self.reason)
    }
}

impl std::error::Error for ReadError {}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EndsEarly => f.write_str("it ends in the middle of a field"),
            Self::TooLong { bytes, left } => {
                write!(f, "a field claims {bytes} bytes where {left} are left")
            }
            Self::Varint => f.write_str("a number takes more than ten bytes"),
            Self::Tag { number, wire_type } => {
                write!(f, "field {number} of wire type {wire_type} is none of protobuf's")
            }
            Self::FieldType { number, wire_type } => {
                write!(f, "field {number} has the wire type {wire_type}, which it has not in ONNX")
            }
            Self::Utf8 => f.write_str("a name is not UTF-8"),
            Self::Dim { size } => write!(f, "a tensor has the size {size}"),
            Self::Elements { expected: Some(expected), got } => {
                write!(f, "a tensor has {got} elements where its shape says {expected}")
            }
            Self::Elements { expected: None, .. } => {
                f.write_str("a tensor has more elements than can be counted")
            }
            Self::Integer { value } => write!(f, "the integer {value} is too large"),
            Self::NoGraph => f.write_str("there is no graph, so this is no ONNX model"),
            Self::TooMuch { max_kept_bytes } => {
                write!(f, "what it describes takes more than {max_kept_bytes} bytes of memory")
            }
            Self::Source(words) => f.write_str(words),
        }
    }
}
