//! What readers say, in words: the one place where notes and errors become sentences.

use std::fmt::{self, Display, Formatter};

use crate::reading::{Form, Kind, Note, Place, Reading, Remark, Why};
use crate::text::{Reason, TextError};

impl Reading {
    /// "4 layers found: 3 convolutions, 1 max pool."
    pub fn sentence(&self) -> String {
        let found = self.found();
        let n_layers: usize = found.iter().map(|(_, count)| count).sum();
        let parts: Vec<String> = found.iter().map(|&(kind, count)| counted(kind, count)).collect();
        let layers = if n_layers == 1 { "layer" } else { "layers" };
        format!("{} {layers} found: {}.", grouped(n_layers as u128), parts.join(", "))
    }
}

/// "3 convolutions"
fn counted(kind: Kind, count: usize) -> String {
    let [one, many] = kind.names();
    format!("{} {}", grouped(count as u128), if count == 1 { one } else { many })
}

impl Kind {
    /// What one and what several of it are called.
    pub(crate) fn names(self) -> [&'static str; 2] {
        match self {
            Self::Convolution => ["convolution", "convolutions"],
            Self::Transposed => ["transposed convolution", "transposed convolutions"],
            Self::MaxPool => ["max pool", "max pools"],
            Self::AveragePool => ["average pool", "average pools"],
            Self::LpPool => ["Lp pool", "Lp pools"],
            Self::Linear => ["linear layer", "linear layers"],
            Self::Norm => ["norm", "norms"],
            Self::Activation => ["activation", "activations"],
            Self::Dropout => ["dropout", "dropouts"],
            Self::Sum => ["sum", "sums"],
            Self::Product => ["product", "products"],
            Self::Concatenation => ["concatenation", "concatenations"],
            Self::Upsampling => ["upsampling", "upsamplings"],
            Self::Padding => ["padding or crop", "paddings or crops"],
            Self::Rearrangement => ["rearrangement", "rearrangements"],
            Self::Unknown => ["unknown layer", "unknown layers"],
        }
    }
}

/// 12,345
pub(crate) fn grouped(count: u128) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// " (3 times)", and nothing for one.
fn times(count: usize) -> String {
    if count == 1 { String::new() } else { format!(" ({} times)", grouped(count as u128)) }
}

impl Form {
    /// What a text or file of this form is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Onnx => "ONNX file",
            Self::PyTorch => "PyTorch code",
            Self::Printed => "printed PyTorch module",
            Self::Torchinfo => "table of torchinfo",
            Self::Torchsummary => "table of torchsummary",
            Self::Fomoro => "Fomoro link",
        }
    }
}

/// "Line 5: ..."
impl Display for Note {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Whole => {}
            Place::Line(line) => write!(f, "Line {line}: ")?,
            Place::Node(name) => write!(f, "{name}: ")?,
        }
        write!(f, "{}.", self.remark)
    }
}

impl Display for Remark {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stops { operator, why, count } => {
                write!(f, "{operator}{} {why}, so receptive fields end there", times(*count))
            }
            Self::InputSize { size: [height, width], fitted: false } => {
                write!(f, "the input's size is not stated; {height} × {width} is taken")
            }
            Self::InputSize { size: [height, width], fitted: true } => {
                write!(f, "the input's size is not stated; {height} × {width} is taken, which all layers fit")
            }
            Self::InputChannels { channels } => {
                write!(f, "the input's channels are not stated; {channels} are taken")
            }
            Self::Residual { block, count } => {
                write!(
                    f,
                    "{block}{} ends with the sum of its input and its layers, as in torchvision",
                    times(*count)
                )
            }
            Self::InOrder { container, count } => {
                write!(
                    f,
                    "what {container}{} does with its layers is not followed; they are read in order",
                    times(*count)
                )
            }
            Self::Flattened => f.write_str("maps become features before the linear layer, as its size says"),
            Self::Deduced => f.write_str(
                "the table states no kernel sizes, strides or padding; they follow from parameters and sizes",
            ),
            Self::Window { taken, layer, count } => {
                write!(f, "several windows fit {layer}{}; {taken} is taken", times(*count))
            }
            Self::PassedOver { what } => write!(f, "{what} is passed over"),
            Self::NotCounted { layer } => write!(f, "the slopes of {layer} are not counted as parameters"),
            Self::Strided => f.write_str(
                "a slice with steps is written as a pool of single cells, which computes the same",
            ),
        }
    }
}

impl Display for Why {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("is not known"),
            Self::SpatialAxes(1) => f.write_str("works on one spatial axis instead of two"),
            Self::SpatialAxes(axes) => write!(f, "works on {axes} spatial axes instead of two"),
            Self::NoWeightShape => f.write_str("has a weight whose shape is not stated"),
            Self::NotConstant(input) => write!(f, "has no {input} that is known beforehand"),
            Self::Hidden => {
                f.write_str("holds layers that the table does not show (give summary() a larger depth)")
            }
            Self::NotStated(name) => write!(f, "is shown without its {name}"),
            Self::Parameter(name) => write!(f, "has a {name} that is not known here"),
            Self::Sizes(error) => write!(f, "is impossible: {error}"),
        }
    }
}

/// "line 3, column 14: a comma is expected"
impl Display for TextError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(at) => write!(f, "line {}, column {}: {}", at.line, at.column, self.reason),
            None => self.reason.fmt(f),
        }
    }
}

impl std::error::Error for TextError {}

impl Display for Reason {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there is no text"),
            Self::NoLayers => f.write_str(
                "no layer is found; PyTorch code, a printed module, a table of torchinfo or torchsummary, or a \
                 Fomoro link is expected",
            ),
            Self::TooLong { max_bytes } => write!(f, "the text has more than {} bytes", grouped(*max_bytes as u128)),
            Self::TooMany { max_layers } => write!(f, "there are more than {} layers", grouped(*max_layers as u128)),
            Self::TooDeep { max_depth } => write!(f, "it is nested more than {max_depth} deep"),
            Self::OpenText => f.write_str("quotation marks are not closed"),
            Self::Expected { what, found } if found.is_empty() => {
                write!(f, "{} is expected before the end", sign(what))
            }
            Self::Expected { what, found } => write!(f, "{} is expected, not {found:?}", sign(what)),
            Self::Unpacked => f.write_str(
                "stars, loops and lambdas make layers that only Python can count; print(model) shows them all",
            ),
            Self::Missing { layer, argument } => write!(f, "{layer} needs {argument}"),
            Self::Argument { layer, argument, what } => write!(f, "{argument} of {layer} must be {what}"),
            Self::Sizes { layer, error } => write!(f, "{layer} is impossible: {error}"),
            Self::Name { name } => write!(f, "what {name} stands for is not in the text"),
        }
    }
}

/// A sign in quotation marks; words as they are.
fn sign(what: &str) -> String {
    if what.chars().any(char::is_alphanumeric) { what.to_owned() } else { format!("{what:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_commas_and_the_right_number() {
        assert_eq!(
            (grouped(12), grouped(1_234), grouped(1_234_567)),
            ("12".into(), "1,234".into(), "1,234,567".into())
        );
        assert_eq!((counted(Kind::Sum, 1), counted(Kind::Sum, 2)), ("1 sum".into(), "2 sums".into()));
    }

    #[test]
    fn notes_say_the_line_and_how_often() {
        let remark = Remark::Stops { operator: "Conv1d".into(), why: Why::SpatialAxes(1), count: 3 };
        let note = Note { place: Place::Line(5), remark };
        assert_eq!(
            note.to_string(),
            "Line 5: Conv1d (3 times) works on one spatial axis instead of two, so receptive fields end there."
        );
    }
}
