//! A layer or a block of layers as a text states it, before it is a network.

use convscope_core::graph::Shape;

use super::error::{At, Reason, TextError};

/// A layer, or a block with layers inside.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Module {
    pub(super) at: At,
    /// What it is called where it stands; may be empty.
    pub(super) name: String,
    /// The last part of its class: `Conv2d`.
    pub(super) class: String,
    pub(super) args: Vec<Arg>,
    pub(super) children: Vec<Self>,
    /// What a table states of it.
    pub(super) stated: Option<Stated>,
}

/// An argument; positional ones have no name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Arg {
    pub(super) at: At,
    pub(super) name: Option<String>,
    pub(super) value: Val,
}

/// A value of Python.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Val {
    Int(i64),
    Float(f64),
    Bool(bool),
    None,
    Text(String),
    List(Vec<Val>),
    Module(Box<Module>),
    /// A name that stands for nothing known here.
    Unknown(String),
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stated {
    /// The shape of the output; nothing where it is no tensor.
    pub(super) shape: Option<Shape>,
    pub(super) params: u64,
    /// The shape of the input, where the table has a column for it.
    pub(super) input: Option<Shape>,
    /// The size of its window, where the table has a column for it.
    pub(super) kernel: Option<[u64; 2]>,
}

impl Module {
    pub(super) fn new(at: At, name: impl Into<String>, class: impl Into<String>) -> Self {
        let (name, class) = (name.into(), class.into());
        Self { at, name, class, args: Vec::new(), children: Vec::new(), stated: None }
    }

    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// An argument by its place among the positional ones, or by name.
    pub(super) fn arg(&self, index: usize, name: &str) -> Option<&Arg> {
        let by_name = self.args.iter().find(|arg| arg.name.as_deref() == Some(name));
        by_name.or_else(|| self.args.iter().filter(|arg| arg.name.is_none()).nth(index))
    }

    fn wrong(&self, arg: &Arg, argument: &'static str, what: &'static str) -> TextError {
        let layer = self.class.clone();
        match &arg.value {
            Val::Unknown(name) if !name.is_empty() => {
                TextError::at(arg.at, Reason::Name { name: name.clone() })
            }
            _ => TextError::at(arg.at, Reason::Argument { layer, argument, what }),
        }
    }

    /// An argument, unless it is not there or `None`.
    fn given(&self, index: usize, name: &str) -> Option<&Arg> {
        self.arg(index, name).filter(|arg| arg.value != Val::None)
    }

    fn missing(&self, argument: &'static str) -> TextError {
        TextError::at(self.at, Reason::Missing { layer: self.class.clone(), argument })
    }

    /// A whole number of at least 0.
    pub(super) fn count(&self, index: usize, name: &'static str) -> Result<u64, TextError> {
        self.count_or(index, name, None)?.ok_or_else(|| self.missing(name))
    }

    /// The same with a default.
    pub(super) fn count_or(
        &self,
        index: usize,
        name: &'static str,
        default: Option<u64>,
    ) -> Result<Option<u64>, TextError> {
        let Some(arg) = self.given(index, name) else { return Ok(default) };
        let count = count(&arg.value).ok_or_else(|| self.wrong(arg, name, "a whole number"))?;
        Ok(Some(count))
    }

    /// A whole number, or one for rows and one for columns.
    pub(super) fn pair(&self, index: usize, name: &'static str) -> Result<[u64; 2], TextError> {
        self.pair_or(index, name, None)?.ok_or_else(|| self.missing(name))
    }

    /// The same with a default.
    pub(super) fn pair_or(
        &self,
        index: usize,
        name: &'static str,
        default: Option<[u64; 2]>,
    ) -> Result<Option<[u64; 2]>, TextError> {
        let Some(arg) = self.given(index, name) else { return Ok(default) };
        let pair = match &arg.value {
            Val::List(items) => match items.as_slice() {
                [both] => count(both).map(|both| [both; 2]),
                [rows, columns] => count(rows).zip(count(columns)).map(|(rows, columns)| [rows, columns]),
                _ => None,
            },
            value => count(value).map(|both| [both; 2]),
        };
        pair.map(Some).ok_or_else(|| self.wrong(arg, name, "a whole number or two"))
    }

    pub(super) fn flag(&self, index: usize, name: &'static str, default: bool) -> Result<bool, TextError> {
        match self.given(index, name) {
            None => Ok(default),
            Some(Arg { value: Val::Bool(value), .. }) => Ok(*value),
            Some(Arg { value: Val::Int(value @ (0 | 1)), .. }) => Ok(*value == 1),
            Some(arg) => Err(self.wrong(arg, name, "True or False")),
        }
    }

    /// A text; printed modules have it without quotation marks.
    pub(super) fn text(&self, index: usize, name: &str) -> Option<&str> {
        match &self.arg(index, name)?.value {
            Val::Text(text) | Val::Unknown(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number of any sign.
    pub(super) fn int(&self, index: usize, name: &'static str, default: i64) -> Result<i64, TextError> {
        match self.given(index, name) {
            None => Ok(default),
            Some(Arg { value: Val::Int(value), .. }) => Ok(*value),
            Some(arg) => Err(self.wrong(arg, name, "a whole number")),
        }
    }

    /// So many whole numbers, of which one stands for all; any number of them for a `len` of 0.
    pub(super) fn ints(&self, index: usize, name: &'static str, len: usize) -> Result<Vec<i64>, TextError> {
        let arg = self.given(index, name).ok_or_else(|| self.missing(name))?;
        let ints = match &arg.value {
            Val::Int(value) => Some(vec![*value; len.max(1)]),
            Val::List(items) if items.len() == len || len == 0 => items
                .iter()
                .map(|item| match item {
                    Val::Int(value) => Some(*value),
                    _ => None,
                })
                .collect(),
            _ => None,
        };
        ints.ok_or_else(|| self.wrong(arg, name, "whole numbers"))
    }
}

fn count(value: &Val) -> Option<u64> {
    match value {
        Val::Int(value) => u64::try_from(*value).ok(),
        Val::Float(value) if value.fract() == 0.0 && (0.0..1e15).contains(value) => Some(*value as u64),
        _ => None,
    }
}
