//! The table of layers: each row with its settings and its own numbers, or why it has none.

use convscope_core::graph::{AxisField, Field, Graph, Jump, LayerError, NodeId, Op, Value};
use convscope_core::{ElementType, Layer};
use convscope_scene::number;

use super::Stack;
use super::kind::{Kind, op_label, shape_text};
use super::setting::{Setting, Switch};
use crate::text::{bytes_text, joined, size};

/// One layer of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number; the input is 0.
    pub node: usize,
    /// "Conv"
    pub label: String,
    /// "4 Conv 3 × 3"
    pub title: String,
    /// What it is called where it comes from; may be empty.
    pub name: String,
    /// Its kind, where it can be chosen from the list.
    pub kind: Option<Kind>,
    /// Its settings, those of [`Setting::COLUMNS`] first; the last one is what it reads.
    pub cells: Vec<Cell>,
    /// What it does or does not.
    pub switches: Vec<(Switch, bool)>,
    /// "reads 3 and 7", where it does not simply read the layer before it.
    pub reads: Option<String>,
    /// Whether its field is larger than the input on some axis.
    pub exceeds: bool,
    /// Its numbers, or why there are none.
    pub outcome: Outcome,
}

/// One setting of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Which.
    pub setting: Setting,
    /// What it is, as it can be typed.
    pub text: String,
    /// Whether it can be typed; otherwise it follows from the layers before.
    pub editable: bool,
}

/// What became of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is possible.
    Numbers(Numbers),
    /// It is not, for a reason of its own: one sentence.
    Impossible(String),
    /// A layer before it is not.
    Blocked,
}

/// The numbers of a row, as they are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// "14 × 14 × 8"
    pub output: String,
    /// The receptive field: "10", "3 × 5", "188–204", "all".
    pub field: String,
    /// Input cells from one unit to the next: "2", "1/2".
    pub jump: String,
    /// The first input cell of unit 0: "−4".
    pub start: String,
    /// "1,168"
    pub params: String,
    /// Of the output as 32-bit floats: "3.1 KiB".
    pub memory: String,
    /// "56,448"
    pub macs: String,
}

/// The last row: sums over all layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals {
    /// The field of the chosen layer, as in its row.
    pub field: String,
    /// "1,976"
    pub params: String,
    /// Of all outputs as 32-bit floats.
    pub memory: String,
    /// "211,680"
    pub macs: String,
}

impl Stack {
    /// How many rows there are, that of the input included.
    pub fn n_rows(&self) -> usize {
        self.analysis.graph().len()
    }

    /// The row of a layer; `None` beyond the last one.
    pub fn row(&self, node: usize) -> Option<Row> {
        let graph = self.analysis.graph();
        let id = graph.id(node)?;
        let at = graph.node(id);
        let simple = match at.inputs.as_slice() {
            [] => true,
            [only] => only.index() + 1 == node,
            _ => false,
        };
        let inputs: Vec<String> = at.inputs.iter().map(|input| input.index().to_string()).collect();
        Some(Row {
            node,
            label: op_label(&at.op),
            title: self.title(node),
            name: at.name.clone(),
            kind: Kind::of(&at.op),
            cells: self.cells(id),
            switches: self.model.switches(node),
            reads: (!simple).then(|| joined(&["reads ", &listed(&inputs)], "")),
            exceeds: self.exceeds(node),
            outcome: self.outcome(id),
        })
    }

    /// "4 Conv 3 × 3"; "Input" for the first.
    pub fn title(&self, node: usize) -> String {
        title_of(self.analysis.graph(), node)
    }

    fn cells(&self, id: NodeId) -> Vec<Cell> {
        let op = &self.analysis.graph().node(id).op;
        let mut cells: Vec<Cell> = Setting::of(op)
            .into_iter()
            .filter_map(|setting| {
                let text = self.model.setting(id.index(), setting)?;
                Some(Cell { setting, text, editable: true })
            })
            .collect();
        // Layers without filters of their own pass the channels on.
        let channels = self.analysis.value(id).ok().and_then(|value| value.tensor()?.nchw());
        if let (Some([_, channels, ..]), false) = (channels, matches!(op, Op::Input(_)))
            && !cells.iter().any(|cell| cell.setting == Setting::Filters)
        {
            let place = cells.iter().take_while(|cell| Setting::COLUMNS.contains(&cell.setting)).count();
            let cell = Cell { setting: Setting::Filters, text: channels.to_string(), editable: false };
            cells.insert(place, cell);
        }
        cells
    }

    fn outcome(&self, id: NodeId) -> Outcome {
        match self.analysis.value(id) {
            Err(LayerError::Blocked { .. }) => Outcome::Blocked,
            Err(error) => Outcome::Impossible(crate::text::stack::layer_error(self, id, error)),
            Ok(value) => Outcome::Numbers(self.numbers(id, value)),
        }
    }

    fn numbers(&self, id: NodeId, value: &Value) -> Numbers {
        let cost = self.analysis.cost(id).unwrap_or_default();
        let fields = self.analysis.fields(id);
        let both = |text: fn(&Field) -> String| {
            fields.map_or_else(|| "–".into(), |fields| both_axes(fields.each_ref().map(text)))
        };
        Numbers {
            output: match value {
                Value::Tensor(shape) => shape_text(shape),
                Value::List(parts) => format!("{} parts", number::grouped(parts.len() as u128)),
            },
            field: both(field_size),
            jump: both(field_jump),
            start: both(field_start),
            params: number::grouped(cost.params.into()),
            memory: bytes_text(cost.output_bytes(ElementType::Float32)),
            macs: number::grouped(cost.macs),
        }
    }

    /// Sums over all layers that are possible.
    pub fn totals(&self) -> Totals {
        let totals = self.analysis.totals();
        let fields = self.selected().and_then(|id| self.analysis.fields(id));
        let bytes = totals.output_elements.saturating_mul(ElementType::Float32.bytes().into());
        Totals {
            field: fields.map_or_else(|| "–".into(), |fields| both_axes(fields.each_ref().map(field_size))),
            params: number::grouped(totals.params),
            memory: bytes_text(bytes),
            macs: number::grouped(totals.macs),
        }
    }
}

/// "4 Conv 3 × 3"; "Input" for the first.
pub(crate) fn title_of(graph: &Graph, node: usize) -> String {
    let Some(at) = graph.nodes().get(node) else { return String::new() };
    let label = op_label(&at.op);
    match window(&at.op) {
        _ if node == 0 => label,
        Some(window) => format!("{node} {label} {}", size(window)),
        None => format!("{node} {label}"),
    }
}

/// Height and width of the window that a layer moves.
pub(crate) fn window(op: &Op) -> Option<[u64; 2]> {
    match op {
        Op::Layer(Layer::Conv2d(params)) => Some(params.options().kernel_size),
        Op::Layer(Layer::ConvTranspose2d(params)) => Some(params.options().kernel_size),
        Op::Layer(Layer::MaxPool2d(params) | Layer::AvgPool2d(params, _) | Layer::LpPool2d(params, _)) => {
            Some(params.options().kernel_size)
        }
        _ => None,
    }
}

/// `3 and 7`, `1, 4 and 6`
pub(crate) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => joined(&[joined(first, ", "), last.clone()], " and "),
    }
}

/// `10`, or `3 × 5` where rows and columns differ.
pub(crate) fn both_axes([rows, columns]: [String; 2]) -> String {
    if rows == columns { rows } else { joined(&[rows, columns], " × ") }
}

/// How many cells units see on one axis, from the first to the last: the least and the most where that differs
/// from unit to unit.
pub(crate) fn field_size(field: &Field) -> String {
    match field {
        Field::Nothing => "0".into(),
        Field::Periodic(field) => sizes(field),
        Field::Whole => "all".into(),
        Field::Irregular => "varies".into(),
        Field::Unknown => "?".into(),
        Field::TooLarge(_) => "too large".into(),
    }
}

fn sizes(field: &AxisField) -> String {
    let sizes = field.sizes();
    let least = sizes.iter().min().copied().unwrap_or(0);
    let [least, most] = [least, field.size()].map(|size| number::grouped(size.into()));
    if least == most { most } else { joined(&[least, most], "–") }
}

pub(crate) fn field_jump(field: &Field) -> String {
    match field {
        Field::Periodic(field) => ratio(field.jump()),
        Field::Irregular => "varies".into(),
        _ => "–".into(),
    }
}

fn field_start(field: &Field) -> String {
    match field {
        Field::Periodic(field) => field.start().map_or_else(|| "–".into(), number::whole),
        _ => "–".into(),
    }
}

/// `2`, `1/2`, `−3/4`
pub(crate) fn ratio(ratio: Jump) -> String {
    let sign = if ratio.numerator() < 0 { "\u{2212}" } else { "" };
    let above = number::grouped(ratio.numerator().unsigned_abs());
    match ratio.denominator() {
        1 => joined(&[sign, &above], ""),
        below => joined(&[sign, &above, "/", &number::grouped(below.into())], ""),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use convscope_core::graph::notation::read;

    use super::*;
    use crate::stack::StackModel;

    fn stack(text: &str) -> Stack {
        StackModel::of_graph(Arc::new(read(text).unwrap())).derive()
    }

    fn numbers(stack: &Stack, node: usize) -> Numbers {
        match stack.row(node).unwrap().outcome {
            Outcome::Numbers(numbers) => numbers,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn rows_of_the_course_s_padded_example_are_those_of_the_picture() {
        let stack = stack("i1x3x14x14.c8k3p1.c8k3p1.mk2.c16k3p1");
        let fields = |node| {
            let Numbers { output, field, jump, start, params, memory, macs } = numbers(&stack, node);
            [output, field, jump, start, params, memory, macs]
        };
        assert_eq!(fields(0), ["14 × 14 × 3", "1", "1", "0", "0", "2.3 KiB", "0"]);
        assert_eq!(fields(1), ["14 × 14 × 8", "3", "1", "−1", "224", "6.12 KiB", "42,336"]);
        assert_eq!(fields(3), ["7 × 7 × 8", "6", "2", "−2", "0", "1.53 KiB", "0"]);
        assert_eq!(fields(4), ["7 × 7 × 16", "10", "2", "−4", "1,168", "3.06 KiB", "56,448"]);
        let totals = Totals {
            field: "10".into(),
            params: "1,976".into(),
            memory: "19.1 KiB".into(),
            macs: "211,680".into(),
        };
        assert_eq!((stack.totals(), stack.n_rows()), (totals, 5));
        let row = stack.row(4).unwrap();
        assert_eq!((row.label.as_str(), row.title.as_str()), ("Conv", "4 Conv 3 × 3"));
        let pool = stack.row(3).unwrap();
        let texts: Vec<_> = pool.cells.iter().map(|cell| (cell.text.as_str(), cell.editable)).collect();
        assert_eq!(texts, [("2", true), ("2", true), ("0", true), ("1", true), ("8", false), ("2", true)]);
        assert_eq!(stack.row(5), None);
    }

    #[test]
    fn the_first_impossible_layer_says_why_and_the_rest_are_blocked() {
        let stack = stack("i1x3x14x14.c8k3.c8k15.r.c4k1");
        assert!(matches!(stack.row(1).unwrap().outcome, Outcome::Numbers(_)));
        let Outcome::Impossible(text) = stack.row(2).unwrap().outcome else { panic!("impossible") };
        assert_eq!(
            text,
            "The window covers 15 cells, but only 12 are there. Padding of 2 on every side would do"
        );
        assert_eq!([3, 4].map(|node| stack.row(node).unwrap().outcome), [Outcome::Blocked, Outcome::Blocked]);
    }

    #[test]
    fn unequal_axes_phases_and_branches_are_said() {
        let stack = stack("i1x3x32x32.c8k3x5s2x1p1x2.t8k3s2p1.c4k1_3.q_2,1");
        assert_eq!(numbers(&stack, 1).field, "3 × 5");
        assert_eq!((numbers(&stack, 1).jump, numbers(&stack, 1).start), ("2 × 1".into(), "−1 × −2".into()));
        assert_eq!(
            (numbers(&stack, 2).field, numbers(&stack, 2).jump),
            ("3–5 × 5–6".into(), "1 × 1/2".into())
        );
        assert_eq!(stack.row(3).unwrap().reads.as_deref(), Some("reads 0"));
        assert_eq!(stack.row(4).unwrap().reads.as_deref(), Some("reads 2 and 3"));
        assert_eq!(listed(&["1", "4", "6"].map(String::from)), "1, 4 and 6");
    }
}
