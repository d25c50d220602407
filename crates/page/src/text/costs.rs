//! Parameters, memory and multiplications of one layer, each written out with its numbers.

use convscope_core::{PaddingMode, cost};
use convscope_scene::{Factor, number};

use super::{Run, counted, joined};
use crate::lab::Lab;
use crate::model::LabModel;
use crate::operation::{Operation, type_name};

/// A card with one result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmallCard {
    /// "Parameters"
    pub heading: &'static str,
    /// "10"
    pub value: String,
    /// "(3 · 3 · 1 + 1) · 1"
    pub formula: Vec<Run>,
    /// "weights + bias"
    pub notes: Vec<String>,
}

/// `(kernel height · kernel width · in_channels / groups + 1) · filters`, each factor pointing at what it counts.
pub(super) fn params(lab: &Lab) -> SmallCard {
    let value = number::grouped(lab.cost.params().into());
    if !lab.model.operation.has_weights() {
        let formula = vec![Run::Plain("no weights, no bias".into())];
        return SmallCard {
            heading: "Parameters",
            value,
            formula,
            notes: vec!["A pool learns nothing.".into()],
        };
    }
    let [filters, slices, ..] = lab.params.weight_shape();
    let has_bias = lab.cost.biases > 0;
    let factor = |factor: Factor, text: String| Run::Factor(factor, text);
    let plain = |text: &str| Run::Plain(text.into());
    let mut formula = Vec::new();
    if has_bias {
        formula.push(plain("("));
    }
    formula.push(factor(Factor::Taps, product(lab.model.kernel_size)));
    formula.push(plain(" · "));
    formula.push(factor(Factor::Channels, slices.to_string()));
    if has_bias {
        formula.extend([plain(" + "), factor(Factor::Biases, "1".into()), plain(")")]);
    }
    formula.push(plain(" · "));
    formula.push(factor(Factor::Filters, filters.to_string()));
    let mut notes: Vec<String> = vec![if has_bias { "weights + bias" } else { "weights, no bias" }.into()];
    if lab.model.groups > 1 {
        let [channels, groups] = [lab.model.in_channels, lab.model.groups].map(|n| number::grouped(n.into()));
        notes.push(format!("each filter reads {channels} / {groups} channels"));
    }
    notes.extend(super::groups_hint(lab).filter(|_| lab.model.in_channels > 1));
    SmallCard { heading: "Parameters", value, formula, notes }
}

/// What a factor of the parameters counts: "25 weights in each slice: 5 down, 5 across".
pub(crate) fn factor(lab: &Lab, factor: Factor) -> String {
    let [height, width] = lab.model.kernel_size;
    let [filters, slices, ..] = lab.params.weight_shape();
    match factor {
        Factor::Taps => {
            format!("{} in each slice: {height} down, {width} across", counted(height * width, "weight"))
        }
        Factor::Channels => {
            format!("{} of each filter: one for each channel that it reads", counted(slices, "slice"))
        }
        Factor::Filters => format!("{}: each makes one map of the output", counted(filters, "filter")),
        Factor::Biases => "1 bias for each filter, added to the sum of its products".into(),
    }
}

/// `batch · output height · output width · maps · bytes`, in elements first.
pub(super) fn memory(lab: &Lab) -> SmallCard {
    let LabModel { batch, element_type, .. } = lab.model;
    let [of_input, of_output] =
        [lab.cost.input_elements, lab.cost.output_elements].map(|n| n.saturating_mul(batch));
    let bytes = |elements: u64| cost::bytes(elements, element_type);
    let elements = |n: u64| number::grouped(n.into());
    let [height, width] = lab.geometry.output_size();
    let maps = lab.n_filters();
    let mut formula = Vec::new();
    if batch > 1 {
        formula.push(Run::Plain(format!("{} · ", number::grouped(batch.into()))));
    }
    formula.push(Run::Output(format!("{height} · {width} · {maps}")));
    formula.push(Run::Plain(format!(" · {} B", element_type.bytes())));
    let name = type_name(element_type);
    let exactly = |n: u64| {
        let exact = number::grouped(bytes(n));
        if bytes(n) < 0x400 { format!("{exact} B") } else { format!("{exact} B, {}", bytes_text(bytes(n))) }
    };
    let mut notes = vec![
        format!("output: {} elements as {name}, {}", elements(of_output), exactly(of_output)),
        format!("input: {} elements, {}", elements(of_input), exactly(of_input)),
    ];
    if batch == 1 && [maps, height, width] == [10, 32, 32] {
        let float = number::grouped(cost::bytes(of_output, Default::default()));
        notes.push(format!(
            "The course says 10240 bytes. That is {} elements; as 32-bit floats they take {float} B.",
            elements(of_output)
        ));
    }
    SmallCard { heading: "Memory, output", value: bytes_text(bytes(of_output)), formula, notes }
}

/// `output elements × kernel height · kernel width · in_channels / groups`
pub(super) fn macs(lab: &Lab) -> SmallCard {
    if lab.model.operation.is_pool() {
        let formula = vec![Run::Plain("no weights to multiply with".into())];
        return SmallCard { heading: "MACs", value: "0".into(), formula, notes: Vec::new() };
    }
    let [filters, slices, ..] = lab.params.weight_shape();
    let flops = number::grouped(lab.cost.flops());
    let mut notes = Vec::new();
    if lab.model.operation == Operation::Conv {
        let in_padding = cost::padding_macs(&lab.geometry) * u128::from(filters) * u128::from(slices);
        let what = match lab.model.padding_mode {
            PaddingMode::Zeros => "padding",
            _ => "copies in the padding",
        };
        notes.push(match in_padding {
            0 => format!("none multiplies {what}"),
            1 => format!("1 multiplies {what}"),
            n => format!("{} multiply {what}", number::grouped(n)),
        });
    }
    notes.push(format!("1 MAC = 2 FLOPs, so {flops} FLOPs"));
    if lab.model.batch > 1 {
        let all = lab.cost.macs.saturating_mul(lab.model.batch.into());
        notes.push(format!(
            "for {} images: {}",
            number::grouped(lab.model.batch.into()),
            number::grouped(all)
        ));
    }
    let formula = if lab.model.operation == Operation::Transposed {
        let [channels, height, width] = [1, 2, 3].map(|axis: usize| lab.layer_input.shape()[axis]);
        vec![
            Run::Input(format!("{height} · {width} · {channels}")),
            Run::Plain(" × ".into()),
            Run::Kernel(format!(
                "{} · {}",
                product(lab.model.kernel_size),
                filters / lab.model.groups.max(1)
            )),
        ]
    } else {
        vec![
            Run::Output(format!("{} · {filters}", product(lab.geometry.output_size()))),
            Run::Plain(" × ".into()),
            Run::Kernel(format!("{} · {slices}", product(lab.model.kernel_size))),
        ]
    };
    SmallCard { heading: "MACs", value: number::grouped(lab.cost.macs), formula, notes }
}

/// `3 · 3`
fn product([height, width]: [u64; 2]) -> String {
    format!("{height} · {width}")
}

/// `36 B`, `49 KiB`, `1.5 MiB`
pub(crate) fn bytes_text(bytes: u128) -> String {
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
    use convscope_core::{ElementType, Padding2d};

    use super::*;
    use crate::source::InputSource;
    use crate::text::plain;

    fn layer(size: u64, in_channels: u64, kernel: u64, pad: u64, out_channels: u64) -> LabModel {
        LabModel {
            input: InputSource::default_for([size; 2]),
            input_size: [size; 2],
            in_channels,
            out_channels,
            kernel_size: [kernel; 2],
            stride: [1, 1],
            padding: Padding2d::Explicit(convscope_core::Pads::all(pad)),
            ..LabModel::default()
        }
    }

    #[test]
    fn bytes_have_binary_units() {
        for (bytes, text) in [(36, "36 B"), (1023, "1023 B"), (50_176, "49 KiB"), (1_572_864, "1.5 MiB")] {
            assert_eq!(bytes_text(bytes), text);
        }
    }

    #[test]
    fn the_course_s_layers_have_the_known_parameters() {
        let card = |model: LabModel| {
            let card = params(&model.derive(None).unwrap());
            (card.value, plain(&card.formula))
        };
        assert_eq!(card(layer(32, 3, 5, 2, 10)), ("760".into(), "(5 · 5 · 3 + 1) · 10".into()));
        assert_eq!(card(layer(8, 50, 3, 0, 50)), ("22,550".into(), "(3 · 3 · 50 + 1) · 50".into()));
        let depthwise = LabModel { groups: 6, ..layer(8, 6, 3, 1, 6) };
        assert_eq!(card(depthwise), ("60".into(), "(3 · 3 · 1 + 1) · 6".into()));
        let bare = LabModel { bias: None, ..layer(8, 3, 5, 0, 6) };
        assert_eq!(card(bare), ("450".into(), "5 · 5 · 3 · 6".into()));
        let pool = LabModel { operation: Operation::MaxPool, ..layer(8, 3, 2, 0, 3) };
        assert_eq!(card(pool), ("0".into(), "no weights, no bias".into()));
    }

    #[test]
    fn the_course_s_bytes_are_elements() {
        let lab = layer(32, 3, 5, 2, 10).derive(None).unwrap();
        let card = memory(&lab);
        assert_eq!((card.value.as_str(), plain(&card.formula)), ("40 KiB", "32 · 32 · 10 · 4 B".into()));
        assert_eq!(card.notes[0], "output: 10,240 elements as float32, 40,960 B, 40 KiB");
        assert!(
            card.notes[2]
                .contains("10240 bytes. That is 10,240 elements; as 32-bit floats they take 40,960 B")
        );
    }

    #[test]
    fn batch_and_type_multiply_memory() {
        let model = LabModel { batch: 8, element_type: ElementType::Int8, ..layer(32, 3, 5, 0, 6) };
        let lab = model.derive(None).unwrap();
        let card = memory(&lab);
        assert_eq!(plain(&card.formula), "8 · 28 · 28 · 6 · 1 B");
        assert_eq!(card.notes[0], "output: 37,632 elements as int8, 37,632 B, 36.8 KiB");
        assert_eq!(macs(&lab).notes[2], "for 8 images: 2,822,400");
    }
}
