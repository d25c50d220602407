//! Parameters, memory and multiplications of one layer, each written out with its numbers.

use convscope_core::{ElementType, PaddingMode, cost};
use convscope_scene::number;

use super::{Run, joined};
use crate::lab::Lab;

/// A card with one result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmallCard {
    /// "Parameters"
    pub heading: &'static str,
    /// "10"
    pub value: String,
    /// "3 · 3 · 1 · 1 + 1"
    pub formula: Vec<Run>,
    /// "weights + bias"
    pub notes: Vec<String>,
}

/// `kernel height · kernel width · in_channels · out_channels + biases`
pub(super) fn params(lab: &Lab) -> SmallCard {
    let mut formula = vec![Run::Kernel(product(lab.model.kernel_size)), Run::Plain(" · 1 · 1".into())];
    let biases = lab.cost.biases;
    if biases > 0 {
        formula.push(Run::Plain(format!(" + {biases}")));
    }
    let note = if biases > 0 { "weights + bias" } else { "weights, no bias" };
    SmallCard {
        heading: "Parameters",
        value: number::grouped(lab.cost.params().into()),
        formula,
        notes: vec![note.into()],
    }
}

/// `output height · output width · out_channels · 4 B`, and what the input takes besides
pub(super) fn memory(lab: &Lab) -> SmallCard {
    let [of_input, of_output] = [lab.cost.input_elements, lab.cost.output_elements]
        .map(|elements| bytes_text(cost::bytes(elements, ElementType::Float32)));
    let [input, output] =
        [lab.cost.input_elements, lab.cost.output_elements].map(|elements| number::grouped(elements.into()));
    SmallCard {
        heading: "Memory",
        value: of_output,
        formula: vec![Run::Output(product(lab.geometry.output_size())), Run::Plain(" · 1 · 4 B".into())],
        notes: vec![
            joined(&["output: ", &output, " elements as 32-bit floats"], ""),
            joined(&["input: ", &input, " elements, ", &of_input], ""),
        ],
    }
}

/// `output elements × kernel height · kernel width · in_channels`
pub(super) fn macs(lab: &Lab) -> SmallCard {
    let in_padding = cost::padding_macs(&lab.geometry);
    let what = match lab.model.padding_mode {
        PaddingMode::Zeros => "padding",
        _ => "copies in the padding",
    };
    let padding = match in_padding {
        0 => format!("none multiplies {what}"),
        1 => format!("1 multiplies {what}"),
        n => format!("{} multiply {what}", number::grouped(n)),
    };
    let flops = number::grouped(lab.cost.flops());
    SmallCard {
        heading: "MACs",
        value: number::grouped(lab.cost.macs),
        formula: vec![
            Run::Output(product(lab.geometry.output_size())),
            Run::Plain(" · 1 × ".into()),
            Run::Kernel(product(lab.model.kernel_size)),
            Run::Plain(" · 1".into()),
        ],
        notes: vec![padding, format!("1 MAC = 2 FLOPs, so {flops} FLOPs")],
    }
}

/// `3 · 3`
fn product([height, width]: [u64; 2]) -> String {
    format!("{height} · {width}")
}

/// `36 B`, `49 KiB`, `1.5 MiB`
fn bytes_text(bytes: u128) -> String {
    let (divisor, unit) = match bytes {
        0..0x400 => return joined(&[&number::ungrouped(bytes), " B"], ""),
        0x400..0x10_0000 => (1024.0, "KiB"),
        0x10_0000..0x4000_0000 => (1_048_576.0, "MiB"),
        _ => (1_073_741_824.0, "GiB"),
    };
    format!("{} {unit}", number::cell((bytes as f64 / divisor) as f32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_binary_units() {
        for (bytes, text) in [(36, "36 B"), (1023, "1023 B"), (50_176, "49 KiB"), (1_572_864, "1.5 MiB")] {
            assert_eq!(bytes_text(bytes), text);
        }
    }
}
