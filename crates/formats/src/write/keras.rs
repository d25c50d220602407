//! A functional model of Keras, channels last. What is no map keeps the order of its axes (`layout.rs`).

use convscope_core::graph::{NodeId, Norm, Op, Pointwise, Size};

use super::Refusal;
use super::functions::{Known, NO_NUMBERS, filled, known};
use super::jax::last_axes;
use super::layout::{Layout, transposed};
use super::names::{Named, listed, tuple};
use super::pytorch::{NO_AXES, sign};

mod windows;

/// What is written only where it is called.
const HELPERS: [(&str, &str); 3] = [
    (
        "Parameter(",
        "class Parameter(keras.layers.Layer):
    def __init__(self, shape, **options):
        super().__init__(**options)
        self.weight = self.add_weight(shape=shape, initializer=\"zeros\")

    def call(self, x):
        return keras.ops.convert_to_tensor(self.weight)
",
    ),
    (
        "local_response(",
        "def local_response(x):
    # Over 5 channels, as in AlexNet and GoogLeNet.
    squares = keras.ops.pad(x ** 2, ((0, 0), (0, 0), (0, 0), (2, 2)))
    total = squares[..., :-4] + squares[..., 1:-3] + squares[..., 2:-2] + squares[..., 3:-1] + squares[..., 4:]
    return x / (1 + 1e-4 / 5 * total) ** 0.75
",
    ),
    (
        "aligned(",
        "def aligned(x, size, axis):
    # Bilinear along one axis, with corners aligned.
    at = np.linspace(0, x.shape[axis] - 1, size)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, x.shape[axis] - 1)
    share = (at - low).astype(\"float32\").reshape((-1,) + (1,) * (3 - axis))
    return keras.ops.take(x, low, axis) * (1 - share) + keras.ops.take(x, high, axis) * share
",
    ),
];

/// The lines so far, and the layout of each node's tensor.
struct Text<'a> {
    named: &'a Named<'a>,
    layouts: Vec<Layout>,
    lines: Vec<String>,
}

pub(super) fn code(named: &Named<'_>) -> Result<String, Refusal> {
    let graph = named.graph();
    let mut text = Text { named, layouts: Vec::new(), lines: Vec::new() };
    for id in graph.ids() {
        let (value, layout) = text.node(id)?;
        text.lines.push(format!("{} = {value}\n", named.name(id)));
        text.layouts.push(layout);
    }
    let lines = text.lines.concat();
    let helpers: String = HELPERS
        .iter()
        .filter(|(call, _)| lines.contains(call))
        .map(|(_, text)| format!("\n\n{text}\n\n"))
        .collect::<Vec<_>>()
        .concat()
        .replace("\n\n\n\n\n\n", "\n\n\n");
    let numpy = if helpers.contains("np.") { "import numpy as np\n" } else { "" };
    let given: Vec<&str> = named.given().into_iter().map(|id| named.name(id)).collect();
    let given =
        if let [only] = given.as_slice() { (*only).to_owned() } else { format!("[{}]", given.join(", ")) };
    let last = graph.last().map(|id| named.name(id)).unwrap_or_default();
    let helpers = if helpers.is_empty() { "\n" } else { &helpers };
    Ok(format!(
        "import keras\n{numpy}{helpers}{lines}\nnet = keras.Model({given}, {last})\nprint(net.output_shape)\n"
    ))
}

impl Text<'_> {
    fn layout(&self, id: NodeId) -> Layout {
        self.layouts[id.index()]
    }

    /// The layout that a tensor has where nothing else is asked for.
    fn natural(&self, id: NodeId) -> Layout {
        if self.named.shape(id).rank() == 4 { Layout::ChannelsLast } else { Layout::Listed }
    }

    /// A tensor in a layout.
    fn read(&self, id: NodeId, layout: Layout) -> String {
        let name = self.named.name(id);
        let order: Vec<usize> = (0..self.named.shape(id).sizes().len()).collect();
        match transposed(&order, self.layout(id), layout) {
            None => name.to_owned(),
            Some(axes) => format!("keras.ops.transpose({name}, {})", tuple(&axes)),
        }
    }

    /// The first tensor that a node reads, channels last.
    fn map(&self, id: NodeId) -> String {
        self.read(self.named.graph().node(id).inputs[0], Layout::ChannelsLast)
    }

    fn node(&self, id: NodeId) -> Result<(String, Layout), Refusal> {
        let named = self.named;
        let node = named.graph().node(id);
        let (input, output) = (named.input_shape(node), named.shape(id));
        let refuse = |why| named.refuse(id, why);
        let called = format!("name=\"{}\"", named.name(id));
        let layer = |class: &str, args: &[String], x: &str| {
            format!(
                "keras.layers.{class}({})({x})",
                [args, std::slice::from_ref(&called)].concat().join(", ")
            )
        };
        let first = node.inputs.first().copied();
        let own = first.map_or(Layout::Listed, |id| self.layout(id));
        let x = first.map(|id| named.name(id)).unwrap_or_default();
        let listed_x = || first.map(|id| self.read(id, Layout::Listed)).unwrap_or_default();
        let axis = |axis: i64| input.axis(axis).unwrap_or(0);
        Ok(match &node.op {
            Op::Input(shape) => {
                let layout = self.natural(id);
                let sizes = layout.sizes(shape.sizes());
                let [batch, rest @ ..] = sizes.as_slice() else {
                    return Err(refuse("an input of Keras has at least one axis"));
                };
                (format!("keras.Input({}, batch_size={batch}, {called})", tuple(rest)), layout)
            }
            Op::Parameter(shape) => {
                let given = named.given().first().map(|&id| named.name(id)).unwrap_or_default();
                (format!("Parameter({}, {called})({given})", tuple(shape.sizes())), Layout::Listed)
            }
            Op::Layer(op) => {
                (windows::layer(op, &input, &self.map(id), &called).map_err(refuse)?, Layout::ChannelsLast)
            }
            Op::AdaptivePool(pool, kind) => {
                let pooled =
                    windows::adaptive(pool, *kind, &input, &self.map(id), &called).map_err(refuse)?;
                (pooled, Layout::ChannelsLast)
            }
            Op::Linear(params) => {
                let mut args = vec![params.out_features().to_string()];
                if !params.bias() {
                    args.push("use_bias=False".to_owned());
                }
                (layer("Dense", &args, &listed_x()), Layout::Listed)
            }
            Op::Norm(norm) => self.norm(id, norm, &called).map_err(refuse)?,
            Op::Pointwise(function) => (pointwise(function, x, &called).map_err(refuse)?, own),
            Op::Softmax(along) => (layer("Softmax", &[format!("axis={}", own.axis(axis(*along)))], x), own),
            Op::Arithmetic(kind) => {
                let layout = self.common(id);
                let terms: Vec<String> = node.inputs.iter().map(|&id| self.read(id, layout)).collect();
                (terms.join(sign(*kind)), if output.rank() == 4 { layout } else { Layout::Listed })
            }
            Op::Concat(along) => {
                let layout = self.common(id);
                let parts: Vec<String> = node.inputs.iter().map(|&id| self.read(id, layout)).collect();
                let along = layout.axis(axis(*along));
                (format!("keras.ops.concatenate([{}], axis={along})", parts.join(", ")), layout)
            }
            Op::Chunk { axis: along, .. } | Op::Split { axis: along, .. } => {
                let cuts = named.cuts(id, axis(*along));
                let along = own.axis(axis(*along));
                (format!("keras.ops.split({x}, [{}], axis={along})", listed(&cuts)), own)
            }
            Op::Item(item) => (format!("{x}[{item}]"), own),
            Op::Pad { pads, mode } => {
                (windows::pad(*pads, *mode, &self.map(id), &called).map_err(refuse)?, Layout::ChannelsLast)
            }
            Op::Upsample(resample) => (
                windows::upsample(resample.mode, &input, &output, &self.map(id), &called),
                Layout::ChannelsLast,
            ),
            Op::Flatten { start: 1, end: -1 } if input.rank() > 1 => {
                // One cell has no order.
                let one = input.nchw().is_some_and(|[_, _, height, width]| [height, width] == [1, 1]);
                let x = if one { x.to_owned() } else { listed_x() };
                (layer("Flatten", &[], &x), Layout::Listed)
            }
            Op::Flatten { .. } | Op::Reshape(_) => {
                let mut sizes: Vec<String> = output.sizes().iter().map(u64::to_string).collect();
                if let Op::Reshape(asked) = &node.op {
                    let rest = asked.iter().position(|size| *size == Size::Rest);
                    if let Some(rest) = rest {
                        sizes[rest] = "-1".to_owned();
                    }
                }
                (format!("keras.ops.reshape({}, {})", listed_x(), tuple(&sizes)), Layout::Listed)
            }
            Op::Permute(order) => self.permuted(id, &order.iter().map(|&a| axis(a)).collect::<Vec<_>>()),
            Op::Transpose(a, b) => {
                let mut order: Vec<usize> = (0..input.sizes().len()).collect();
                order.swap(axis(*a), axis(*b));
                self.permuted(id, &order)
            }
            Op::Mean { axes, keepdim } => {
                let all: Vec<usize> = if axes.is_empty() {
                    (0..input.sizes().len()).collect()
                } else {
                    axes.iter().map(|&along| axis(along)).collect()
                };
                // Without rows and columns, what is left stands in order.
                let stays = *keepdim || own == Layout::Listed || all.contains(&2) && all.contains(&3);
                let (x, layout) = if stays { (x.to_owned(), own) } else { (listed_x(), Layout::Listed) };
                let along: Vec<usize> = all.iter().map(|&it| layout.axis(it)).collect();
                let keep = if *keepdim { ", keepdims=True" } else { "" };
                let value = format!("keras.ops.mean({x}, axis={}{keep})", tuple(&along));
                (value, if *keepdim { layout } else { Layout::Listed })
            }
            Op::ChannelShuffle(groups) => {
                let [n, c, height, width] = input.nchw().unwrap_or_default();
                let parted = tuple(&[n, height, width, *groups, c / (*groups).max(1)]);
                let x = self.map(id);
                let turned = format!("keras.ops.swapaxes(keras.ops.reshape({x}, {parted}), 3, 4)");
                (
                    format!("keras.ops.reshape({turned}, {})", tuple(&[n, height, width, c])),
                    Layout::ChannelsLast,
                )
            }
            Op::Unknown { .. } => return Err(refuse("nobody here knows what it computes")),
        })
    }

    /// One layout for all that a node reads: channels last where all of them are maps, and one of them is so.
    fn common(&self, id: NodeId) -> Layout {
        let inputs = &self.named.graph().node(id).inputs;
        let maps = inputs.iter().all(|&id| self.named.shape(id).rank() == 4);
        let last = inputs.iter().any(|&id| self.layout(id) == Layout::ChannelsLast);
        if maps && last { Layout::ChannelsLast } else { Layout::Listed }
    }

    /// The axes in another order; where that is a change of layout alone, nothing moves.
    fn permuted(&self, id: NodeId, order: &[usize]) -> (String, Layout) {
        let input = self.named.graph().node(id).inputs[0];
        let (x, from) = (self.named.name(input), self.layout(input));
        let layouts: &[Layout] =
            if order.len() == 4 { &[Layout::Listed, Layout::ChannelsLast] } else { &[Layout::Listed] };
        for &to in layouts {
            if transposed(order, from, to).is_none() {
                return (x.to_owned(), to);
            }
        }
        let axes = transposed(order, from, Layout::Listed).unwrap_or_default();
        (format!("keras.ops.transpose({x}, {})", tuple(&axes)), Layout::Listed)
    }

    fn norm(&self, id: NodeId, norm: &Norm, called: &str) -> Result<(String, Layout), &'static str> {
        let input = self.named.graph().node(id).inputs[0];
        let rank = self.named.shape(input).rank();
        let own = self.layout(input);
        let x = self.named.name(input);
        let switches = |scale: bool, shift: bool| {
            let scale = if scale { "" } else { ", scale=False" };
            format!("{scale}{}", if shift { "" } else { ", center=False" })
        };
        let axis =
            if own == Layout::ChannelsLast || rank == 2 { String::new() } else { "axis=1, ".to_owned() };
        Ok(match norm {
            Norm::Batch { tracked: false, .. } => {
                return Err("Keras always keeps the statistics of a batch norm");
            }
            Norm::Batch { affine, .. } => {
                let switches = switches(*affine, *affine);
                let momentum = "momentum=0.9, epsilon=1e-5";
                (format!("keras.layers.BatchNormalization({axis}{momentum}{switches}, {called})({x})"), own)
            }
            Norm::Group { groups, affine, .. } => {
                let switches = switches(*affine, *affine);
                (
                    format!(
                        "keras.layers.GroupNormalization({groups}, {axis}epsilon=1e-5{switches}, {called})({x})"
                    ),
                    own,
                )
            }
            Norm::Layer { shape, scale, shift } => {
                let x = self.read(input, Layout::Listed);
                let axes = if shape.rank() == 1 { "-1".to_owned() } else { last_axes(shape.rank()) };
                let switches = switches(*scale, *shift);
                (
                    format!(
                        "keras.layers.LayerNormalization(axis={axes}, epsilon=1e-5{switches}, {called})({x})"
                    ),
                    Layout::Listed,
                )
            }
            Norm::LayerOf => return Err(NO_AXES),
            Norm::LocalResponse => {
                (format!("local_response({})", self.read(input, Layout::ChannelsLast)), Layout::ChannelsLast)
            }
        })
    }
}

fn pointwise(function: &Pointwise, x: &str, called: &str) -> Result<String, &'static str> {
    match known(function) {
        // The rate makes no difference in inference; that of Keras has no default.
        Some(Known::Nothing { dropout: true }) => Ok(format!("keras.layers.Dropout(0.5, {called})({x})")),
        Some(Known::Nothing { .. }) => Ok(x.to_owned()),
        Some(Known::Function(function)) if function.keras == "keras.ops.relu({})" => {
            Ok(format!("keras.layers.ReLU({called})({x})"))
        }
        Some(Known::Function(function)) if !function.keras.is_empty() => Ok(filled(function.keras, x)),
        _ => Err(NO_NUMBERS),
    }
}
