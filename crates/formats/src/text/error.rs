//! Why a text could not be read, and where.

use convscope_core::ConvError;

/// A place in a text, both from 1; columns in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextError {
    /// Where; nothing where the whole text is meant.
    pub at: Option<At>,
    /// What is wrong there.
    pub reason: Reason,
}

/// What is wrong in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// There is nothing.
    Empty,
    /// There is text, but no layer in it.
    NoLayers,
    /// The text has more bytes than are read.
    TooLong {
        /// The most that are read.
        max_bytes: usize,
    },
    /// There are more layers than can be shown.
    TooMany {
        /// The most that are taken.
        max_layers: usize,
    },
    /// Brackets or blocks are nested more deeply than is read.
    TooDeep {
        /// The deepest that is read.
        max_depth: usize,
    },
    /// Quotation marks are not closed.
    OpenText,
    /// Something else should stand here.
    Expected {
        /// What should.
        what: &'static str,
        /// What does; empty at the end.
        found: String,
    },
    /// A star, or a comprehension: a list that only Python can make.
    Unpacked,
    /// A layer lacks an argument.
    Missing {
        /// The layer.
        layer: String,
        /// The argument.
        argument: &'static str,
    },
    /// An argument of a layer is of no use.
    Argument {
        /// The layer.
        layer: String,
        /// The argument.
        argument: &'static str,
        /// What it should be.
        what: &'static str,
    },
    /// The numbers of a layer do not go together.
    Sizes {
        /// The layer.
        layer: String,
        /// Why.
        error: ConvError,
    },
    /// A name stands for nothing that is known here.
    Name {
        /// The name.
        name: String,
    },
}

impl TextError {
    pub(super) fn at(at: At, reason: Reason) -> Self {
        Self { at: Some(at), reason }
    }

    pub(super) fn whole(reason: Reason) -> Self {
        Self { at: None, reason }
    }
}
