//! What a network costs, and the chosen layer in it: each count written out with its numbers.

use convscope_core::graph::{NodeId, Norm, Op};
use convscope_core::{ElementType, Layer};
use convscope_scene::number;

use crate::stack::{Stack, shape_text};
use crate::text::{Run, SmallCard, bytes_text, counted};

/// What is counted, and what is not: stands under the table.
pub const CONVENTIONS: &str = "Memory: outputs as 32-bit floats. 1 MAC = 2 FLOPs; biases, norms, pools and activations are not counted.";

/// Parameters, multiplications, memory of all outputs, and the peak of memory, of the whole network.
pub fn total_costs(stack: &Stack) -> Vec<SmallCard> {
    let totals = stack.analysis.totals();
    let bytes = |elements: u128| elements.saturating_mul(ElementType::Float32.bytes().into());
    let card = |heading, value, formula: String, notes| SmallCard {
        heading,
        value,
        formula: if formula.is_empty() { Vec::new() } else { vec![Run::Plain(formula)] },
        notes,
    };
    let mut notes = vec![format!("as 32-bit floats {}", bytes_text(bytes(totals.params)))];
    if totals.buffers > 0 {
        notes.push(format!(
            "{} more are kept, not learned: running statistics",
            number::grouped(totals.buffers)
        ));
    }
    let mut cards = vec![
        card("Parameters", number::grouped(totals.params), String::new(), notes),
        card(
            "MACs",
            number::grouped(totals.macs),
            String::new(),
            vec![format!("1 MAC = 2 FLOPs, so {} FLOPs", number::grouped(totals.flops()))],
        ),
        card(
            "All outputs",
            bytes_text(bytes(totals.output_elements)),
            format!("{} · 4 B", number::grouped(totals.output_elements)),
            vec!["kept while a network is trained".into()],
        ),
    ];
    if let Some(peak) = stack.analysis.peak() {
        let at = stack.title(peak.node.index());
        cards.push(card(
            "Most at once",
            bytes_text(bytes(peak.elements)),
            format!("{} · 4 B", number::grouped(peak.elements)),
            vec![
                format!("while layer {at} runs"),
                "a tensor lives until the last layer that reads it has run; weights are not counted".into(),
            ],
        ));
    }
    cards
}

/// Parameters, multiplications and memory of the chosen layer, with its numbers. Empty where it is impossible.
pub fn layer_costs(stack: &Stack) -> Vec<SmallCard> {
    let Some(id) = stack.selected() else { return Vec::new() };
    let (Ok(value), Some(cost)) = (stack.analysis.value(id), stack.analysis.cost(id)) else {
        return Vec::new();
    };
    let runs = |text: String| if text.is_empty() { Vec::new() } else { vec![Run::Plain(text)] };
    let (params, macs) = formulas(stack, id);
    let shape = value.tensor().map(shape_text);
    vec![
        SmallCard {
            heading: "Parameters",
            value: number::grouped(cost.params.into()),
            formula: runs(params),
            notes: if cost.buffers > 0 {
                vec![format!("and {} that are not learned", number::grouped(cost.buffers.into()))]
            } else {
                Vec::new()
            },
        },
        SmallCard {
            heading: "MACs",
            value: number::grouped(cost.macs),
            formula: runs(macs),
            notes: vec![format!("{} FLOPs", number::grouped(cost.flops()))],
        },
        SmallCard {
            heading: "Memory, output",
            value: bytes_text(cost.output_bytes(ElementType::Float32)),
            formula: runs(shape.map_or_else(String::new, |shape| format!("{shape} · 4 B"))),
            notes: vec![counted(cost.output_elements, "element")],
        },
    ]
}

/// `(3 · 3 · 8 + 1) · 16` and `7 · 7 · 16 × 3 · 3 · 8`; empty where nothing is counted.
fn formulas(stack: &Stack, id: NodeId) -> (String, String) {
    let node = stack.analysis.graph().node(id);
    let nchw = |id: NodeId| stack.analysis.value(id).ok().and_then(|value| value.tensor()?.nchw());
    let learned = |weights: String, bias: bool, times: u64| match bias {
        true => format!("({weights} + 1) · {times}"),
        false => format!("{weights} · {times}"),
    };
    match &node.op {
        Op::Layer(Layer::Conv2d(params)) => {
            let options = params.options();
            let [filters, slices, k_h, k_w] = params.weight_shape();
            let weights = format!("{k_h} · {k_w} · {slices}");
            let macs = nchw(id).map(|[n, _, h, w]| format!("{}{h} · {w} · {filters} × {weights}", batch(n)));
            (learned(weights, options.bias, filters), macs.unwrap_or_default())
        }
        Op::Layer(Layer::ConvTranspose2d(params)) => {
            let options = params.options();
            let [channels, slices, k_h, k_w] = params.weight_shape();
            let weights = format!("{k_h} · {k_w} · {channels} · {slices}");
            let params = match options.bias {
                true => format!("{weights} + {}", options.out_channels),
                false => weights,
            };
            let before = node.inputs.first().and_then(|input| nchw(*input));
            let macs =
                before.map(|[n, c, h, w]| format!("{}{h} · {w} · {c} × {k_h} · {k_w} · {slices}", batch(n)));
            (params, macs.unwrap_or_default())
        }
        Op::Linear(params) => {
            let [out, features] = params.weight_shape();
            (learned(features.to_string(), params.bias(), out), format!("{out} × {features}"))
        }
        Op::Norm(Norm::Batch { features, affine: true, .. } | Norm::Group { features, affine: true, .. }) => {
            (format!("2 · {features}"), String::new())
        }
        _ => (String::new(), String::new()),
    }
}

fn batch(n: u64) -> String {
    if n == 1 { String::new() } else { format!("{n} · ") }
}
