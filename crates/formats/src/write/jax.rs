//! A function on `jax.lax`, which takes any padding and dilation in one call. Channels come first, as in the list.

use convscope_core::graph::{NodeId, Norm, Op, Pointwise, PoolKind, ResampleMode, Shape, Size};
use convscope_core::resolved::{Counted, Reduce, Resolved, ResolvedConvTranspose2d, ResolvedPool2d};
use convscope_core::{AdaptivePool2d, AvgDivisor, Layer, PaddingMode, Pads};

use super::Refusal;
use super::functions::{Known, NO_NUMBERS, filled, known};
use super::names::{Named, axes, listed, tuple};
use super::pytorch::{NO_AXES, NO_FIT, sign};

/// Functions that are written only where they are called.
const HELPERS: [(&str, &str); 4] = [
    (
        "batch_norm(",
        "def batch_norm(x, mean, var):
    shape = (1, -1) + (1,) * (x.ndim - 2)
    return (x - mean.reshape(shape)) * lax.rsqrt(var.reshape(shape) + 1e-5)
",
    ),
    (
        "layer_norm(",
        "def layer_norm(x, axes):
    return (x - x.mean(axes, keepdims=True)) * lax.rsqrt(x.var(axes, keepdims=True) + 1e-5)
",
    ),
    (
        "group_norm(",
        "def group_norm(x, groups):
    g = x.reshape(x.shape[0], groups, -1)
    g = (g - g.mean(2, keepdims=True)) * lax.rsqrt(g.var(2, keepdims=True) + 1e-5)
    return g.reshape(x.shape)
",
    ),
    (
        "aligned(",
        "def aligned(x, size, axis):
    # Bilinear along one axis, with corners aligned.
    at = jnp.linspace(0, x.shape[axis] - 1, size)
    low = jnp.floor(at).astype(int)
    high = jnp.minimum(low + 1, x.shape[axis] - 1)
    share = (at - low).reshape((-1,) + (1,) * (3 - axis))
    return x.take(low, axis) * (1 - share) + x.take(high, axis) * share
",
    ),
];

/// What stands before the first transposed convolution.
const TURNED: &str = "    # A transposed convolution: by the kernel turned by half a turn, over an input with zeros inserted.\n";

/// More windows of one axis than this are not written one by one.
const MAX_WINDOWS: u64 = 1 << 12;

/// Shapes of weights, and the lines of the function.
#[derive(Default)]
struct Text {
    shapes: Vec<String>,
    lines: Vec<String>,
}

pub(super) fn code(named: &Named<'_>) -> Result<String, Refusal> {
    let graph = named.graph();
    let mut text = Text::default();
    for id in graph.ids() {
        text.node(named, id)?;
    }
    let given = named.given();
    let names: Vec<&str> = given.iter().map(|&id| named.name(id)).collect();
    let shapes: Vec<String> = given.iter().map(|&id| named.shape(id).to_string()).collect();
    let lines = text.lines.concat();
    let helpers: Vec<&str> =
        HELPERS.iter().filter(|(call, _)| lines.contains(call)).map(|(_, text)| *text).collect();
    let helpers: String = helpers.iter().map(|text| format!("{text}\n\n")).collect();
    let last = graph.last().map(|id| named.name(id)).unwrap_or_default();
    let zeros: Vec<String> =
        given.iter().map(|&id| format!("jnp.zeros({})", tuple(named.shape(id).sizes()))).collect();
    let image = if lines.contains("image.resize(") { "image, " } else { "" };
    Ok(format!(
        "from jax import {image}lax, nn, numpy as jnp\n\n# Made for an input of {}.\nshapes = {{\n{}}}\n\n\n{helpers}\
         def net(w, {}):\n{lines}    return {last}\n\n\n\
         weights = {{name: jnp.zeros(shape) for name, shape in shapes.items()}}  # Put your own here.\n\
         y = net(weights, {})\nprint(y.shape)\n",
        shapes.join(" and "),
        text.shapes.concat(),
        names.join(", "),
        zeros.join(", "),
    ))
}

impl Text {
    /// A weight: its shape is written down, and it is read by its name.
    fn weight(&mut self, name: &str, part: &str, shape: &[u64]) -> String {
        self.shapes.push(format!("    \"{name}.{part}\": {},\n", tuple(shape)));
        format!("w[\"{name}.{part}\"]")
    }

    fn set(&mut self, name: &str, value: &str) {
        self.lines.push(format!("    {name} = {value}\n"));
    }

    fn node(&mut self, named: &Named<'_>, id: NodeId) -> Result<(), Refusal> {
        let (node, name) = (named.graph().node(id), named.name(id));
        let (input, output) = (named.input_shape(node), named.shape(id));
        let reads = named.inputs(node);
        let x = reads.first().copied().unwrap_or("x");
        let refuse = |why| named.refuse(id, why);
        let axis = |axis: i64| input.axis(axis).unwrap_or(0);
        let value = match &node.op {
            Op::Input(_) => return Ok(()),
            Op::Parameter(shape) => self.weight(name, "weight", shape.sizes()),
            Op::Layer(layer) => return self.layer(name, layer, &input, x).map_err(refuse),
            Op::AdaptivePool(pool, kind) => adaptive(pool, *kind, &input, x).map_err(refuse)?,
            Op::Linear(params) => {
                let weight = self.weight(name, "weight", &params.weight_shape());
                let bias = if params.bias() {
                    format!(" + {}", self.weight(name, "bias", &[params.out_features()]))
                } else {
                    String::new()
                };
                format!("{x} @ {weight}.T{bias}")
            }
            Op::Norm(norm) => self.norm(name, norm, &input, &reads).map_err(refuse)?,
            Op::Pointwise(function) => pointwise(function, x).map_err(refuse)?,
            Op::Softmax(along) => format!("nn.softmax({x}, axis={along})"),
            Op::Arithmetic(kind) => reads.join(sign(*kind)),
            Op::Concat(along) => format!("jnp.concatenate([{}], axis={along})", reads.join(", ")),
            Op::Chunk { axis: along, .. } | Op::Split { axis: along, .. } => {
                let cuts = named.cuts(id, axis(*along));
                format!("jnp.split({x}, [{}], axis={along})", listed(&cuts))
            }
            Op::Item(item) => format!("{x}[{item}]"),
            Op::Pad { pads, mode } => pad(*pads, *mode, x).map_err(refuse)?,
            Op::Upsample(resample) => upsample(resample.mode, &output, x),
            Op::Flatten { start: 1, end: -1 } if input.rank() > 1 => format!("{x}.reshape({x}.shape[0], -1)"),
            Op::Flatten { .. } => format!("{x}.reshape({})", tuple(output.sizes())),
            Op::Reshape(sizes) => {
                let size = |size: &Size| match size {
                    Size::Fixed(size) => size.to_string(),
                    Size::Of(axis) => format!("{x}.shape[{axis}]"),
                    Size::Rest => "-1".to_owned(),
                };
                format!("{x}.reshape({})", tuple(&sizes.iter().map(size).collect::<Vec<_>>()))
            }
            Op::Permute(order) => {
                format!("{x}.transpose({})", tuple(&order.iter().map(|&a| axis(a)).collect::<Vec<_>>()))
            }
            Op::Transpose(a, b) => format!("{x}.swapaxes({a}, {b})"),
            Op::Mean { axes, keepdim } => {
                let axes =
                    if axes.is_empty() { (0..input.rank().cast_signed()).collect() } else { axes.clone() };
                format!("{x}.mean({}{})", tuple(&axes), if *keepdim { ", keepdims=True" } else { "" })
            }
            Op::ChannelShuffle(groups) => {
                format!(
                    "{x}.reshape({x}.shape[0], {groups}, -1, *{x}.shape[2:]).swapaxes(1, 2).reshape({x}.shape)"
                )
            }
            Op::Unknown { .. } => return Err(refuse("nobody here knows what it computes")),
        };
        self.set(name, &value);
        Ok(())
    }

    fn layer(&mut self, name: &str, layer: &Layer, input: &Shape, x: &str) -> Result<(), &'static str> {
        let [_, _, height, width] = input.nchw().unwrap_or_default();
        match Resolved::new(layer, [height, width]).map_err(|_| NO_FIT)? {
            Resolved::Conv2d(conv) => {
                let options = conv.options;
                let weight = self.weight(name, "weight", &conv.weight_shape);
                let around = axes(conv.pads.sides());
                let (x, padding) = match conv.numpy_mode() {
                    Some(mode) => {
                        let padded = format!("jnp.pad({x}, ((0, 0), (0, 0), {around}), \"{mode}\")");
                        (padded, "\"VALID\"".to_owned())
                    }
                    None => (x.to_owned(), format!("({around})")),
                };
                let mut args = vec![x, weight, tuple(&options.stride), padding];
                if options.dilation != [1, 1] {
                    args.push(format!("rhs_dilation={}", tuple(&options.dilation)));
                }
                self.convolve(name, args, options.groups, options.bias.then_some(options.out_channels));
            }
            Resolved::ConvTranspose2d(transposed) => self.transposed(name, &transposed, x),
            Resolved::Pool2d(pool) => {
                let value = self::pool(&pool, x)?;
                self.set(name, &value);
            }
        }
        Ok(())
    }

    /// A convolution of the input with zeros between its cells. The weight is that of PyTorch with its channels in
    /// the order of a convolution and turned by half a turn.
    fn transposed(&mut self, name: &str, transposed: &ResolvedConvTranspose2d, x: &str) {
        let options = &transposed.options;
        let shape = [options.out_channels, options.in_channels / options.groups.max(1)];
        let weight = self.weight(name, "weight", &[shape, options.kernel_size].concat());
        let around = format!("({})", axes(transposed.inserted_pads));
        let mut args = vec![x.to_owned(), weight, "(1, 1)".to_owned(), around];
        args.push(format!("lhs_dilation={}", tuple(&options.stride)));
        if options.dilation != [1, 1] {
            args.push(format!("rhs_dilation={}", tuple(&options.dilation)));
        }
        if !self.lines.iter().any(|line| line.as_str() == TURNED) {
            self.lines.push(TURNED.to_owned());
        }
        self.convolve(name, args, options.groups, options.bias.then_some(options.out_channels));
    }

    fn convolve(&mut self, name: &str, mut args: Vec<String>, groups: u64, bias: Option<u64>) {
        if groups != 1 {
            args.push(format!("feature_group_count={groups}"));
        }
        let mut value = format!("lax.conv_general_dilated({})", args.join(", "));
        if let Some(features) = bias {
            value = format!("{value} + {}[:, None, None]", self.weight(name, "bias", &[features]));
        }
        self.set(name, &value);
    }

    fn norm(
        &mut self,
        name: &str,
        norm: &Norm,
        input: &Shape,
        reads: &[&str],
    ) -> Result<String, &'static str> {
        let x = reads.first().copied().unwrap_or("x");
        let per_channel = |weight: &str| match input.rank() {
            0..=2 => weight.to_owned(),
            rank => format!("{weight}[:{}]", ", None".repeat(usize::try_from(rank - 2).unwrap_or(0))),
        };
        Ok(match norm {
            Norm::Batch { tracked: false, .. } => {
                return Err("in JAX the statistics of a batch norm are weights, and this one keeps none");
            }
            Norm::Batch { features, affine, .. } => {
                let [mean, var] = ["mean", "var"].map(|part| self.weight(name, part, &[*features]));
                let mut value = format!("batch_norm({x}, {mean}, {var})");
                if *affine {
                    let scale = per_channel(&self.weight(name, "weight", &[*features]));
                    let shift = per_channel(&self.weight(name, "bias", &[*features]));
                    value = format!("{value} * {scale} + {shift}");
                }
                value
            }
            Norm::Group { groups, features, affine } => {
                let mut value = format!("group_norm({x}, {groups})");
                if *affine {
                    let scale = per_channel(&self.weight(name, "weight", &[*features]));
                    let shift = per_channel(&self.weight(name, "bias", &[*features]));
                    value = format!("{value} * {scale} + {shift}");
                }
                value
            }
            Norm::Layer { shape, scale, shift } => {
                let mut value = format!("layer_norm({x}, {})", last_axes(shape.rank()));
                if *scale {
                    value = format!("{value} * {}", self.weight(name, "weight", shape.sizes()));
                }
                if *shift {
                    value = format!("{value} + {}", self.weight(name, "bias", shape.sizes()));
                }
                value
            }
            Norm::LayerOf => return Err(NO_AXES),
            Norm::LocalResponse => {
                // Over 5 channels, as in AlexNet and GoogLeNet.
                let window = "(1, 5, 1, 1), (1, 1, 1, 1), \"SAME\"";
                format!("{x} / (1 + 1e-4 / 5 * lax.reduce_window({x} ** 2, 0.0, lax.add, {window})) ** 0.75")
            }
        })
    }
}

/// `(-2, -1)`
pub(super) fn last_axes(rank: u64) -> String {
    tuple(&(1..=rank.cast_signed()).rev().map(|axis| -axis).collect::<Vec<_>>())
}

fn pointwise(function: &Pointwise, x: &str) -> Result<String, &'static str> {
    match known(function) {
        Some(Known::Nothing { .. }) => Ok(x.to_owned()),
        Some(Known::Function(function)) if !function.jax.is_empty() => Ok(filled(function.jax, x)),
        _ => Err(NO_NUMBERS),
    }
}

/// Windows one after the other, rows first: a mean of means, as all windows of a row are equally high.
fn adaptive(pool: &AdaptivePool2d, kind: PoolKind, input: &Shape, x: &str) -> Result<String, &'static str> {
    let reduce = if kind == PoolKind::Average { "mean" } else { "max" };
    let [_, _, height, width] = input.nchw().unwrap_or_default();
    if pool.output_size() == [1, 1] {
        return Ok(format!("{x}.{reduce}((2, 3), keepdims=True)"));
    }
    let no_cells = "JAX has no adaptive pool, and this one is not put together of single windows";
    let axes = pool.axes([height, width]).map_err(|_| no_cells)?;
    let mut value = x.to_owned();
    for (axis, [before, len]) in axes.iter().zip([[":, :, ", "2"], [":, :, :, ", "3"]]) {
        let count = axis.output_len();
        if count == 0 || count > MAX_WINDOWS {
            return Err(no_cells);
        }
        let windows: Vec<String> =
            (0..count).map(|idx| axis.window(idx)).map(|it| format!("({}, {})", it.start, it.end)).collect();
        value = format!(
            "jnp.stack([{value}[{before}a:b].{reduce}({len}) for a, b in [{}]], {len})",
            windows.join(", ")
        );
    }
    Ok(value)
}

fn pad(pads: [i64; 4], mode: PaddingMode, x: &str) -> Result<String, &'static str> {
    let crops_alone = pads.iter().all(|&pad| pad <= 0);
    let [top, left, bottom, right] = pads;
    match mode.numpy_name().filter(|_| !crops_alone) {
        None => Ok(format!(
            "lax.pad({x}, 0.0, ((0, 0, 0), (0, 0, 0), ({top}, {bottom}, 0), ({left}, {right}, 0)))"
        )),
        Some(_) if pads.iter().any(|&pad| pad < 0) => {
            Err("jnp.pad does not crop one side while it repeats cells on another")
        }
        Some(mode) => Ok(format!("jnp.pad({x}, ((0, 0), (0, 0), {}), \"{mode}\")", axes(pads))),
    }
}

fn upsample(mode: ResampleMode, output: &Shape, x: &str) -> String {
    let [_, _, rows, columns] = output.nchw().unwrap_or_default();
    match mode {
        ResampleMode::Nearest => format!(
            "{x}[:, :, jnp.arange({rows}) * {x}.shape[2] // {rows}][..., jnp.arange({columns}) * {x}.shape[3] // {columns}]"
        ),
        ResampleMode::Bilinear => {
            format!("image.resize({x}, (*{x}.shape[:2], {rows}, {columns}), \"bilinear\", antialias=False)")
        }
        ResampleMode::BilinearAligned => format!("aligned(aligned({x}, {rows}, 2), {columns}, 3)"),
    }
}

fn pool(pool: &ResolvedPool2d, x: &str) -> Result<String, &'static str> {
    let reduced = |x: &str, start: &str, operation: &str, pads: Pads| {
        let of = |[rows, columns]: [u64; 2]| format!("(1, 1, {rows}, {columns})");
        let padding = format!("((0, 0), (0, 0), {})", axes(pads.sides()));
        let mut args = vec![x, start, operation].into_iter().map(str::to_owned).collect::<Vec<_>>();
        args.extend([of(pool.kernel_size), of(pool.stride), padding]);
        if pool.is_dilated() {
            args.push(format!("window_dilation={}", of(pool.dilation)));
        }
        format!("lax.reduce_window({})", args.join(", "))
    };
    let sum = |x: &str, pads: Pads| reduced(x, "0.0", "lax.add", pads);
    Ok(match pool.reduce {
        Reduce::Max => reduced(x, "-jnp.inf", "lax.max", pool.pads),
        Reduce::Lp(p) => format!("{} ** (1 / {p})", sum(&format!("jnp.abs({x}) ** {p}"), pool.pads)),
        Reduce::Avg(divisor) => match (pool.counted(), divisor) {
            (Some(Counted { pads, rest, .. }), _) => {
                let mut ones = format!("jnp.ones_like({x})");
                if pads != Pads::default() {
                    ones = format!(
                        "jnp.pad({ones}, ((0, 0), (0, 0), {}), constant_values=1)",
                        axes(pads.sides())
                    );
                }
                format!("{} / jnp.maximum({}, 1)", sum(x, pool.pads), sum(&ones, rest))
            }
            (None, AvgDivisor::Fixed(divisor)) => format!("{} / {divisor}", sum(x, pool.pads)),
            (None, _) => format!("{} / {}", sum(x, pool.pads), pool.area()),
        },
    })
}
