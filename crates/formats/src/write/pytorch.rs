//! `torch.nn`: a chain as `Sequential`, anything else as a module with `forward`.

use convscope_core::graph::{
    Arithmetic, NodeId, Norm, Op, Pointwise, PoolKind, Resample, ResampleMode, ResampleSize, Shape, Size,
};
use convscope_core::resolved::{
    Counted, OutputPaddingLimit, Reduce, Resolved, ResolvedConv2d, ResolvedConvTranspose2d, ResolvedPool2d,
};
use convscope_core::{AvgDivisor, Layer, PaddingMode, Pads, PoolRounding};

use super::Refusal;
use super::functions::{Known, NO_NUMBERS, known};
use super::names::{Named, listed, pair, push_pair, tuple};

/// What becomes of a node.
enum Code {
    /// Modules one behind the other, with a comment.
    Modules(Vec<String>, &'static str),
    /// An expression of what it reads.
    Expression(String),
    /// A learned tensor.
    Parameter(Shape),
    /// An argument of `forward`.
    Given,
}

pub(super) fn code(named: &Named<'_>) -> Result<String, Refusal> {
    let graph = named.graph();
    let codes: Vec<(NodeId, Code)> =
        graph.ids().map(|id| node(named, id).map(|code| (id, code))).collect::<Result<_, _>>()?;
    let given = named.given();
    let shapes: Vec<String> = given.iter().map(|&id| named.shape(id).to_string()).collect();
    let mut text =
        format!("import torch\nfrom torch import nn\n\n# Made for an input of {}.\n", shapes.join(" and "));
    let all_modules = codes.iter().skip(1).all(|(_, code)| matches!(code, Code::Modules(..)));
    if named.is_chain() && all_modules {
        text.push_str("net = nn.Sequential(\n");
        for (_, code) in &codes {
            if let Code::Modules(modules, comment) = code {
                push_modules(&mut text, modules, comment);
            }
        }
        text.push_str(")\n");
    } else {
        push_class(&mut text, named, &given, &codes);
    }
    let zeros: Vec<String> =
        given.iter().map(|&id| format!("torch.zeros({})", tuple(named.shape(id).sizes()))).collect();
    text.push_str(&format!("\ny = net.eval()({})\nprint(y.shape)\n", zeros.join(", ")));
    Ok(text)
}

/// A comment behind code.
fn behind(comment: &str) -> String {
    if comment.is_empty() { String::new() } else { format!("  # {comment}") }
}

fn push_modules(text: &mut String, modules: &[String], comment: &str) {
    for (index, module) in modules.iter().enumerate() {
        let comment = behind(if index == 0 { comment } else { "" });
        text.push_str(&format!("    {module},{comment}\n"));
    }
}

fn push_class(text: &mut String, named: &Named<'_>, given: &[NodeId], codes: &[(NodeId, Code)]) {
    text.push_str("class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n");
    for (id, code) in codes {
        let name = named.name(*id);
        match code {
            Code::Modules(modules, comment) => {
                let comment = behind(comment);
                match modules.as_slice() {
                    [only] => text.push_str(&format!("        self.{name} = {only}{comment}\n")),
                    all => text.push_str(&format!(
                        "        self.{name} = nn.Sequential({comment}\n            {},\n        )\n",
                        all.join(",\n            ")
                    )),
                }
            }
            Code::Parameter(shape) => {
                let shape = tuple(shape.sizes());
                text.push_str(&format!("        self.{name} = nn.Parameter(torch.zeros({shape}))\n"));
            }
            Code::Expression(_) | Code::Given => {}
        }
    }
    let given: Vec<&str> = given.iter().map(|&id| named.name(id)).collect();
    text.push_str(&format!("\n    def forward(self, {}):\n", given.join(", ")));
    for (id, code) in codes {
        let name = named.name(*id);
        let reads = named.inputs(named.graph().node(*id));
        match code {
            Code::Given => {}
            Code::Modules(..) => {
                text.push_str(&format!("        {name} = self.{name}({})\n", reads.join(", ")))
            }
            Code::Expression(expression) => text.push_str(&format!("        {name} = {expression}\n")),
            Code::Parameter(_) => text.push_str(&format!("        {name} = self.{name}\n")),
        }
    }
    let last = named.graph().last().map(|id| named.name(id)).unwrap_or_default();
    text.push_str(&format!("        return {last}\n\n\nnet = Net()\n"));
}

fn module(text: String) -> Code {
    Code::Modules(vec![text], "")
}

fn node(named: &Named<'_>, id: NodeId) -> Result<Code, Refusal> {
    let node = named.graph().node(id);
    let input = named.input_shape(node);
    let reads = named.inputs(node);
    let x = reads.first().copied().unwrap_or("x");
    let refuse = |why| named.refuse(id, why);
    Ok(match &node.op {
        Op::Input(_) => Code::Given,
        Op::Parameter(shape) => Code::Parameter(shape.clone()),
        Op::Layer(layer) => self::layer(layer, &input, x).map_err(refuse)?,
        Op::AdaptivePool(pool, kind) => {
            let kind = if *kind == PoolKind::Average { "Avg" } else { "Max" };
            module(format!("nn.Adaptive{kind}Pool2d({})", pair(pool.output_size())))
        }
        Op::Linear(params) => {
            let bias = if params.bias() { "" } else { ", bias=False" };
            module(format!("nn.Linear({}, {}{bias})", params.in_features(), params.out_features()))
        }
        Op::Norm(norm) => self::norm(norm, &input, &reads).map_err(refuse)?,
        Op::Pointwise(function) => pointwise(function, x).map_err(refuse)?,
        Op::Softmax(axis) => module(format!("nn.Softmax(dim={axis})")),
        Op::Arithmetic(kind) => Code::Expression(reads.join(sign(*kind))),
        Op::Concat(axis) => Code::Expression(format!("torch.cat([{}], dim={axis})", reads.join(", "))),
        Op::Chunk { chunks, axis } => Code::Expression(format!("torch.chunk({x}, {chunks}, dim={axis})")),
        Op::Split { sizes, axis } => {
            Code::Expression(format!("torch.split({x}, [{}], dim={axis})", listed(sizes)))
        }
        Op::Item(item) => Code::Expression(format!("{x}[{item}]")),
        Op::Pad { pads, mode } => {
            let [top, left, bottom, right] = *pads;
            let crops_alone = pads.iter().all(|&pad| pad <= 0);
            let mode = if crops_alone { PaddingMode::Zeros } else { *mode };
            if mode != PaddingMode::Zeros && pads.iter().any(|&pad| pad < 0) {
                return Err(refuse("PyTorch does not crop one side while it repeats cells on another"));
            }
            let sides = [left, right, top, bottom];
            let all = if sides == [left; 4] { left.to_string() } else { tuple(&sides) };
            module(format!("nn.{}({all})", pad_class(mode)))
        }
        Op::Upsample(resample) => module(upsample(resample, &input, &named.shape(id))),
        Op::Flatten { start: 1, end: -1 } => module("nn.Flatten()".to_owned()),
        Op::Flatten { start, end } => module(format!("nn.Flatten({start}, {end})")),
        Op::Reshape(sizes) => {
            let size = |size: &Size| match size {
                Size::Fixed(size) => size.to_string(),
                Size::Of(axis) => format!("{x}.size({axis})"),
                Size::Rest => "-1".to_owned(),
            };
            Code::Expression(format!("{x}.reshape({})", tuple(&sizes.iter().map(size).collect::<Vec<_>>())))
        }
        Op::Permute(order) => Code::Expression(format!("{x}.permute({})", tuple(order))),
        Op::Transpose(a, b) => Code::Expression(format!("{x}.transpose({a}, {b})")),
        Op::Mean { axes, keepdim } => {
            let keep = if *keepdim { ", keepdim=True" } else { "" };
            let axes = if axes.is_empty() { (0..input.rank().cast_signed()).collect() } else { axes.clone() };
            Code::Expression(format!("{x}.mean({}{keep})", tuple(&axes)))
        }
        Op::ChannelShuffle(groups) => module(format!("nn.ChannelShuffle({groups})")),
        Op::Unknown { .. } => return Err(refuse("nobody here knows what it computes")),
    })
}

/// What stands between the operands.
pub(super) fn sign(kind: Arithmetic) -> &'static str {
    match kind {
        Arithmetic::Add => " + ",
        Arithmetic::Subtract => " - ",
        Arithmetic::Multiply => " * ",
        Arithmetic::Divide => " / ",
    }
}

fn pad_class(mode: PaddingMode) -> &'static str {
    match mode {
        PaddingMode::Zeros => "ZeroPad2d",
        PaddingMode::Reflect => "ReflectionPad2d",
        PaddingMode::Replicate => "ReplicationPad2d",
        PaddingMode::Circular => "CircularPad2d",
    }
}

/// PyTorch's order of sides.
fn sides(pads: Pads) -> String {
    let Pads { top, left, bottom, right } = pads;
    tuple(&[left, right, top, bottom])
}

fn layer(layer: &Layer, input: &Shape, x: &str) -> Result<Code, &'static str> {
    let [_, _, height, width] = input.nchw().unwrap_or_default();
    Ok(match Resolved::new(layer, [height, width]).map_err(|_| NO_FIT)? {
        Resolved::Conv2d(conv) => Code::Modules(self::conv(&conv), ""),
        Resolved::ConvTranspose2d(transposed) => Code::Modules(self::transposed(&transposed), ""),
        Resolved::Pool2d(pool) => self::pool(&pool, x)?,
    })
}

/// Why a layer is refused that no checked network has.
pub(super) const NO_FIT: &str = "it does not fit its input";

fn conv(conv: &ResolvedConv2d) -> Vec<String> {
    let options = &conv.options;
    let mut modules = Vec::new();
    let mut args =
        vec![options.in_channels.to_string(), options.out_channels.to_string(), pair(options.kernel_size)];
    push_pair(&mut args, "stride", options.stride, 1);
    // A layer with a stride does not pad by itself.
    let keeps = conv.is_same() && options.stride == [1, 1];
    let padding = conv.pads.symmetric();
    match padding {
        _ if keeps => args.push("padding=\"same\"".to_owned()),
        Some(padding) => push_pair(&mut args, "padding", padding, 0),
        None => modules.push(format!("nn.{}({})", pad_class(options.padding_mode), sides(conv.pads))),
    }
    let mode = match options.padding_mode {
        PaddingMode::Zeros => None,
        PaddingMode::Reflect => Some("reflect"),
        PaddingMode::Replicate => Some("replicate"),
        PaddingMode::Circular => Some("circular"),
    };
    if let Some(mode) = mode.filter(|_| keeps || padding.is_some()) {
        args.push(format!("padding_mode=\"{mode}\""));
    }
    push_pair(&mut args, "dilation", options.dilation, 1);
    if options.groups != 1 {
        args.push(format!("groups={}", options.groups));
    }
    if !options.bias {
        args.push("bias=False".to_owned());
    }
    modules.push(format!("nn.Conv2d({})", args.join(", ")));
    modules
}

fn transposed(transposed: &ResolvedConvTranspose2d) -> Vec<String> {
    let ResolvedConvTranspose2d { options, crops, .. } = transposed;
    let (zeros, rest) = transposed.split_output_padding(OutputPaddingLimit::StrideOrDilation);
    let mut modules = Vec::new();
    if zeros != Pads::default() {
        modules.push(format!("nn.ZeroPad2d({})", sides(zeros)));
    }
    let mut args =
        vec![options.in_channels.to_string(), options.out_channels.to_string(), pair(options.kernel_size)];
    push_pair(&mut args, "stride", options.stride, 1);
    let padding = crops.symmetric();
    push_pair(&mut args, "padding", padding.unwrap_or_default(), 0);
    push_pair(&mut args, "output_padding", rest, 0);
    push_pair(&mut args, "dilation", options.dilation, 1);
    if options.groups != 1 {
        args.push(format!("groups={}", options.groups));
    }
    if !options.bias {
        args.push("bias=False".to_owned());
    }
    modules.push(format!("nn.ConvTranspose2d({})", args.join(", ")));
    if padding.is_none() {
        let Pads { top, left, bottom, right } = crops;
        let less = |cells: &u64| if *cells == 0 { "0".to_owned() } else { format!("-{cells}") };
        modules.push(format!("nn.ZeroPad2d({})", tuple(&[left, right, top, bottom].map(less))));
    }
    modules
}

fn pool(pool: &ResolvedPool2d, x: &str) -> Result<Code, &'static str> {
    let mut modules = Vec::new();
    // What a pool takes itself: equal sides, of at most half its window.
    let fits = pool
        .stated
        .symmetric()
        .filter(|padding| [0, 1].iter().all(|&axis| padding[axis] <= pool.kernel_size[axis] / 2));
    let own =
        fits.filter(|_| pool.rounding != PoolRounding::CeilKeepLast || pool.overhang() == Pads::default());
    let ceil = pool.rounding == PoolRounding::Ceil && own.is_some();
    let mut args = vec![pair(pool.kernel_size)];
    if pool.stride != pool.kernel_size {
        args.push(format!("stride={}", pair(pool.stride)));
    }
    let plain = args.join(", ");
    if pool.is_dilated() && pool.reduce != Reduce::Max {
        return Err("PyTorch has dilation for maximum pools alone");
    }
    let class = match pool.reduce {
        Reduce::Max => {
            match own {
                Some(padding) => push_pair(&mut args, "padding", padding, 0),
                None => modules.push(format!("nn.ConstantPad2d({}, float(\"-inf\"))", sides(pool.pads))),
            }
            push_pair(&mut args, "dilation", pool.dilation, 1);
            "Max"
        }
        Reduce::Avg(divisor) => {
            let counted = pool.counted();
            match (own, counted) {
                (Some(padding), _) => push_pair(&mut args, "padding", padding, 0),
                // A window's sum over its count, as two averages over windows of the same size.
                (None, Some(Counted { pads, rest, .. })) => {
                    let ones = padded(&format!("torch.ones_like({x})"), pads, 1);
                    let (sum, count) = (padded(x, pool.pads, 0), padded(&ones, rest, 0));
                    let average = |of: String| format!("nn.functional.avg_pool2d({of}, {plain})");
                    return Ok(Code::Expression(format!("{} / {}", average(sum), average(count))));
                }
                (None, None) if pool.pads != Pads::default() => {
                    modules.push(format!("nn.ZeroPad2d({})", sides(pool.pads)));
                }
                (None, None) => {}
            }
            if divisor == AvgDivisor::CountInside && own.is_some_and(|padding| padding != [0, 0]) {
                args.push("count_include_pad=False".to_owned());
            }
            if let AvgDivisor::Fixed(divisor) = divisor {
                args.push(format!("divisor_override={divisor}"));
            }
            "Avg"
        }
        Reduce::Lp(p) => {
            if pool.overhang() != Pads::default()
                && pool.rounding == PoolRounding::Ceil
                && pool.stated == Pads::default()
            {
                args.push("ceil_mode=True".to_owned());
            } else if pool.pads != Pads::default() {
                modules.push(format!("nn.ZeroPad2d({})", sides(pool.pads)));
            }
            modules.push(format!("nn.LPPool2d({p}, {})", args.join(", ")));
            return Ok(Code::Modules(modules, ""));
        }
    };
    if ceil {
        args.push("ceil_mode=True".to_owned());
    }
    modules.push(format!("nn.{class}Pool2d({})", args.join(", ")));
    Ok(Code::Modules(modules, ""))
}

/// A map with cells around it.
fn padded(x: &str, pads: Pads, value: u8) -> String {
    match (pads == Pads::default(), value) {
        (true, _) => x.to_owned(),
        (false, 0) => format!("nn.functional.pad({x}, {})", sides(pads)),
        (false, value) => format!("nn.functional.pad({x}, {}, value={value})", sides(pads)),
    }
}

fn norm(norm: &Norm, input: &Shape, reads: &[&str]) -> Result<Code, &'static str> {
    Ok(match norm {
        Norm::Batch { features, affine, tracked } => {
            let class = match input.rank() {
                4 => "BatchNorm2d",
                2 | 3 => "BatchNorm1d",
                5 => "BatchNorm3d",
                _ => return Err("PyTorch has no batch norm for so many axes"),
            };
            let affine = if *affine { "" } else { ", affine=False" };
            let tracked = if *tracked { "" } else { ", track_running_stats=False" };
            module(format!("nn.{class}({features}{affine}{tracked})"))
        }
        Norm::Layer { shape, scale, shift } => {
            let affine = match (scale, shift) {
                (true, true) => "",
                (true, false) => ", bias=False",
                (false, false) => ", elementwise_affine=False",
                (false, true) => return Err("nn.LayerNorm learns no shift without a scale"),
            };
            module(format!("nn.LayerNorm({}{affine})", tuple(shape.sizes())))
        }
        Norm::LayerOf => {
            let [x, scale, rest @ ..] = reads else { return Err(NO_AXES) };
            let shift = rest.first().map(|shift| format!(", {shift}")).unwrap_or_default();
            Code::Expression(format!("nn.functional.layer_norm({x}, {scale}.shape, {scale}{shift})"))
        }
        Norm::Group { groups, features, affine } => {
            let affine = if *affine { "" } else { ", affine=False" };
            module(format!("nn.GroupNorm({groups}, {features}{affine})"))
        }
        Norm::LocalResponse => Code::Modules(vec!["nn.LocalResponseNorm(5)".to_owned()], LOCAL_RESPONSE),
    })
}

/// Why a norm of which nothing but its input is known is refused.
pub(super) const NO_AXES: &str = "the axes that it takes together are not in the list of layers";

/// What a list of layers does not hold of a local response norm.
pub(super) const LOCAL_RESPONSE: &str = "over 5 channels, as in AlexNet and GoogLeNet";

fn pointwise(function: &Pointwise, x: &str) -> Result<Code, &'static str> {
    Ok(match known(function) {
        Some(Known::Nothing { dropout: true }) => module("nn.Dropout()".to_owned()),
        Some(Known::Nothing { .. }) => {
            let stochastic = matches!(function, Pointwise::StochasticDepth);
            let comment = if stochastic { "drops whole branches in training" } else { "" };
            Code::Modules(vec!["nn.Identity()".to_owned()], comment)
        }
        Some(Known::Function(function)) if function.torch.starts_with("torch.") => {
            Code::Expression(format!("{}({x})", function.torch))
        }
        Some(Known::Function(function)) => module(format!("{}()", function.torch)),
        None => return Err(NO_NUMBERS),
    })
}

fn upsample(resample: &Resample, input: &Shape, output: &Shape) -> String {
    let [_, _, height, width] = input.nchw().unwrap_or_default();
    let [_, _, rows, columns] = output.nchw().unwrap_or_default();
    let size = match resample.size {
        // A factor that is no fraction of a power of two would be rounded, and where it leaves a rest PyTorch
        // goes by the factor and not by the sizes.
        ResampleSize::By(factors)
            if [height, width].iter().zip(factors).all(|(&len, [by, of])| {
                of.is_power_of_two() && u128::from(len) * u128::from(by) % u128::from(of) == 0
            }) =>
        {
            let [rows, columns] = factors.map(|[by, of]| {
                if by.is_multiple_of(of) {
                    (by / of).to_string()
                } else {
                    (by as f64 / of as f64).to_string()
                }
            });
            if rows == columns {
                format!("scale_factor={rows}")
            } else {
                format!("scale_factor=({rows}, {columns})")
            }
        }
        _ => format!("size=({rows}, {columns})"),
    };
    match resample.mode {
        ResampleMode::Nearest => format!("nn.Upsample({size})"),
        ResampleMode::Bilinear => format!("nn.Upsample({size}, mode=\"bilinear\")"),
        ResampleMode::BilinearAligned => {
            format!("nn.Upsample({size}, mode=\"bilinear\", align_corners=True)")
        }
    }
}
