//! The layers with their numbers: settings, shape, field, jump, start, parameters, memory and multiply-adds.

use convscope_core::graph::{Analysis, Field, NodeId, Op, Pointwise, Shape, Value};
use convscope_core::{Activation, AutoPad, ElementType, Layer, Padding2d, Pads};

use crate::reading::Kind;
use crate::words::grouped;

/// What stands in the columns; numbers are on the right.
const HEADS: [(&str, bool); 17] = [
    ("Layer", true),
    ("Name", false),
    ("Operation", false),
    ("Reads", false),
    ("Kernel", true),
    ("Stride", true),
    ("Padding", true),
    ("Dilation", true),
    ("Groups", true),
    ("Output", false),
    ("Field", true),
    ("Jump", true),
    ("Start", true),
    ("Parameters", true),
    ("Bytes (float32)", true),
    ("MACs", true),
    ("Note", false),
];

pub(super) fn csv(analysis: &Analysis) -> String {
    let cell = |text: &String| {
        if text.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.clone()
        }
    };
    let line = |cells: &[String]| cells.iter().map(cell).collect::<Vec<_>>().join(",") + "\n";
    let mut text = line(&HEADS.map(|(head, _)| head.to_owned()));
    for id in analysis.graph().ids() {
        text.push_str(&line(&row(analysis, id, |count| count.to_string())));
    }
    text
}

pub(super) fn markdown(analysis: &Analysis) -> String {
    let cell = |text: &String| text.replace('|', "\\|").replace(['\n', '\r'], " ");
    let line = |cells: &[String]| format!("| {} |\n", cells.iter().map(cell).collect::<Vec<_>>().join(" | "));
    let rows: Vec<[String; 17]> = analysis.graph().ids().map(|id| row(analysis, id, grouped)).collect();
    // Columns in which nothing stands are left out.
    let kept: Vec<usize> =
        (0..HEADS.len()).filter(|&column| rows.iter().any(|row| !row[column].is_empty())).collect();
    let of = |cells: &[String; 17]| kept.iter().map(|&column| cells[column].clone()).collect::<Vec<_>>();
    let mut text = line(&of(&HEADS.map(|(head, _)| head.to_owned())));
    text.push_str(&line(&of(&HEADS.map(|(_, right)| if right { "---:" } else { "---" }.to_owned()))));
    for cells in &rows {
        text.push_str(&line(&of(cells)));
    }
    let totals = analysis.totals();
    let mut last = std::array::from_fn(|_| String::new());
    "Total".clone_into(&mut last[2]);
    (last[13], last[15]) = (grouped(totals.params), grouped(totals.macs));
    last[14] = grouped(totals.output_elements.saturating_mul(ElementType::Float32.bytes().into()));
    text.push_str(&line(&of(&last)));
    text
}

/// What a layer is set to, as texts.
#[derive(Default)]
struct Settings {
    kernel: String,
    stride: String,
    padding: String,
    dilation: String,
    groups: String,
}

fn settings(op: &Op) -> Settings {
    let pair = |[rows, columns]: [u64; 2]| {
        if rows == columns { rows.to_string() } else { format!("{rows} x {columns}") }
    };
    let sides = |Pads { top, left, bottom, right }: Pads| match (top == bottom, left == right) {
        (true, true) => pair([top, left]),
        _ => format!("{top} top, {left} left, {bottom} bottom, {right} right"),
    };
    let auto = |padding: AutoPad| match padding {
        AutoPad::Explicit(pads) => sides(pads),
        AutoPad::Valid => "0".to_owned(),
        AutoPad::SameUpper => "same".to_owned(),
        AutoPad::SameLower => "same, odd cell first".to_owned(),
    };
    let [kernel, stride, dilation] = match op {
        Op::Layer(Layer::Conv2d(it)) => {
            [it.options().kernel_size, it.options().stride, it.options().dilation]
        }
        Op::Layer(Layer::ConvTranspose2d(it)) => {
            [it.options().kernel_size, it.options().stride, it.options().dilation]
        }
        Op::Layer(Layer::MaxPool2d(it) | Layer::AvgPool2d(it, _) | Layer::LpPool2d(it, _)) => {
            [it.options().kernel_size, it.options().stride, it.options().dilation]
        }
        _ => return Settings::default(),
    };
    let (padding, groups) = match op {
        Op::Layer(Layer::Conv2d(it)) => {
            let padding = match it.options().padding {
                Padding2d::Valid => "0".to_owned(),
                Padding2d::Same => "same".to_owned(),
                Padding2d::Full => "full".to_owned(),
                Padding2d::Explicit(pads) => sides(pads),
            };
            (padding, it.options().groups.to_string())
        }
        Op::Layer(Layer::ConvTranspose2d(it)) => {
            (auto(it.options().padding), it.options().groups.to_string())
        }
        Op::Layer(Layer::MaxPool2d(it) | Layer::AvgPool2d(it, _) | Layer::LpPool2d(it, _)) => {
            (auto(it.options().padding), String::new())
        }
        _ => Default::default(),
    };
    Settings { kernel: pair(kernel), stride: pair(stride), padding, dilation: pair(dilation), groups }
}

fn row(analysis: &Analysis, id: NodeId, number: impl Fn(u128) -> String) -> [String; 17] {
    let node = analysis.graph().node(id);
    let operation = match &node.op {
        Op::Input(_) => "input".to_owned(),
        Op::Parameter(_) => "parameter".to_owned(),
        Op::Unknown { operator, .. } => operator.clone(),
        Op::Pointwise(Pointwise::Named(name)) => name.clone(),
        Op::Pointwise(Pointwise::Activation(activation)) => match activation {
            Activation::Identity => "identity",
            Activation::Relu => "ReLU",
            Activation::LeakyRelu => "LeakyReLU",
            Activation::Sigmoid => "sigmoid",
            Activation::Tanh => "tanh",
            Activation::Silu => "SiLU",
        }
        .to_owned(),
        op => Kind::of(op).map(|kind| kind.names()[0]).unwrap_or_default().to_owned(),
    };
    let reads: Vec<String> = node.inputs.iter().map(|input| input.index().to_string()).collect();
    let (output, note) = match analysis.value(id) {
        Ok(Value::Tensor(shape)) => (size(shape), String::new()),
        Ok(Value::List(shapes)) => (shapes.iter().map(size).collect::<Vec<_>>().join(" and "), String::new()),
        Err(error) => (String::new(), format!("impossible: {error}")),
    };
    let fields = analysis.fields(id);
    let both = |of: &dyn Fn(&Field) -> String| match fields {
        Some([rows, columns]) => {
            let (rows, columns) = (of(rows), of(columns));
            if rows == columns { rows } else { format!("{rows} x {columns}") }
        }
        None => String::new(),
    };
    let field = both(&|field| match field {
        Field::Periodic(field) => field.size().to_string(),
        Field::Whole => "all".to_owned(),
        Field::Nothing => "none".to_owned(),
        Field::Irregular => "differs".to_owned(),
        Field::Unknown => "unknown".to_owned(),
        Field::TooLarge(_) => "too large".to_owned(),
    });
    let jump = both(&|field| match field.periodic().map(|field| field.jump()) {
        None => String::new(),
        Some(jump) if jump.denominator() == 1 => jump.numerator().to_string(),
        Some(jump) => format!("{}/{}", jump.numerator(), jump.denominator()),
    });
    let start = both(&|field| {
        field.periodic().and_then(|field| field.start()).map(|start| start.to_string()).unwrap_or_default()
    });
    let Settings { kernel, stride, padding, dilation, groups } = settings(&node.op);
    let cost = analysis.cost(id);
    let params = cost.map(|cost| number(cost.params.into())).unwrap_or_default();
    let bytes = cost.map(|cost| number(cost.output_bytes(ElementType::Float32))).unwrap_or_default();
    let macs = cost.map(|cost| number(cost.macs)).unwrap_or_default();
    [
        id.index().to_string(),
        node.name.clone(),
        operation,
        reads.join(" "),
        kernel,
        stride,
        padding,
        dilation,
        groups,
        output,
        field,
        jump,
        start,
        params,
        bytes,
        macs,
        note,
    ]
}

/// `1 x 64 x 112 x 112`
fn size(shape: &Shape) -> String {
    shape.sizes().iter().map(u64::to_string).collect::<Vec<_>>().join(" x ")
}
