//! A model as `onnx.parser` reads it, opset 22. Weights are inputs of the graph, so that none need be written.

use convscope_core::graph::{Arithmetic, NodeId, Norm, Op, Pointwise, PoolKind, ResampleMode, Shape, Size};
use convscope_core::resolved::{
    OutputPaddingLimit, Reduce, Resolved, ResolvedConvTranspose2d, ResolvedPool2d,
};
use convscope_core::{AvgDivisor, Layer, PaddingMode, Pads, PoolRounding};

use super::Refusal;
use super::functions::{Known, NO_NUMBERS, Step, known};
use super::names::{Named, listed};
use super::pytorch::{LOCAL_RESPONSE, NO_AXES};

/// Inputs of the graph, and nodes.
#[derive(Default)]
struct Text {
    inputs: Vec<String>,
    nodes: Vec<String>,
}

pub(super) fn text(named: &Named<'_>) -> Result<String, Refusal> {
    let mut text = Text::default();
    for id in named.graph().ids() {
        text.node(named, id)?;
    }
    let last = named.graph().last().map(|id| (id, named.name(id).to_owned()));
    let Some((last, mut name)) = last else { return Ok(String::new()) };
    if matches!(named.graph().node(last).op, Op::Input(_) | Op::Parameter(_)) {
        // No input is an output as well.
        text.push("y", "Identity", &[], std::slice::from_ref(&name));
        "y".clone_into(&mut name);
    }
    let output = typed(&named.shape(last), &name);
    Ok(format!(
        "<ir_version: 10, opset_import: [\"\" : 22]>\nnetwork (\n   {}\n) => ({output})\n{{\n{}}}\n",
        text.inputs.join(",\n   "),
        text.nodes.concat(),
    ))
}

/// `float[1,3,14,14] x`
fn typed(shape: &Shape, name: &str) -> String {
    format!("float[{}] {name}", shape.sizes().iter().map(u64::to_string).collect::<Vec<_>>().join(","))
}

fn ints<T: ToString>(name: &str, values: &[T]) -> String {
    format!("{name} = [{}]", listed(values))
}

/// Beginnings, then ends.
fn pads_of(pads: Pads) -> String {
    ints("pads", &pads.sides())
}

impl Text {
    fn weight(&mut self, name: &str, part: &str, shape: Shape) -> String {
        let name = format!("{name}__{part}");
        self.inputs.push(typed(&shape, &name));
        name
    }

    fn push(&mut self, outputs: &str, op: &str, attributes: &[String], inputs: &[String]) {
        let attributes =
            if attributes.is_empty() { String::new() } else { format!("<{}>", attributes.join(", ")) };
        self.nodes.push(format!("   {outputs} = {op} {attributes}({})\n", inputs.join(", ")));
    }

    /// A constant of so many equal numbers.
    fn filled(&mut self, name: &str, part: &str, shape: &Shape, value: f32) -> String {
        let sizes: Vec<i64> = shape.sizes().iter().map(|size| size.cast_signed()).collect();
        let sizes = self.numbers(name, &format!("{part}_shape"), &sizes);
        let name = format!("{name}__{part}");
        let value = format!("value = float[1] {{{value:?}}}");
        self.push(&name, "ConstantOfShape", &[value], &[sizes]);
        name
    }

    /// A constant of whole numbers.
    fn numbers(&mut self, name: &str, part: &str, values: &[i64]) -> String {
        let name = format!("{name}__{part}");
        let tensor = format!("int64[{}] {{{}}}", values.len(), listed(values));
        self.nodes.push(format!("   {name} = Constant <value = {tensor}>()\n"));
        name
    }

    fn node(&mut self, named: &Named<'_>, id: NodeId) -> Result<(), Refusal> {
        let (node, name) = (named.graph().node(id), named.name(id));
        let input = named.input_shape(node);
        let reads: Vec<String> = named.inputs(node).into_iter().map(str::to_owned).collect();
        let axis = |axis: &i64| format!("axis = {axis}");
        match &node.op {
            Op::Input(shape) | Op::Parameter(shape) => self.inputs.push(typed(shape, name)),
            Op::Layer(layer) => self.layer(named, id, layer, &input)?,
            Op::AdaptivePool(pool, kind) => {
                let [_, _, height, width] = input.nchw().unwrap_or_default();
                let [rows, columns] = pool.output_size();
                let is_average = *kind == PoolKind::Average;
                match [rows, columns] {
                    [1, 1] => {
                        let op = if is_average { "GlobalAveragePool" } else { "GlobalMaxPool" };
                        self.push(name, op, &[], &reads);
                    }
                    // Windows of equal height and width, side by side.
                    _ if rows > 0
                        && columns > 0
                        && height.is_multiple_of(rows)
                        && width.is_multiple_of(columns) =>
                    {
                        let window = [height / rows, width / columns];
                        let attributes = [ints("kernel_shape", &window), ints("strides", &window)];
                        let op = if is_average { "AveragePool" } else { "MaxPool" };
                        self.push(name, op, &attributes, &reads);
                    }
                    _ => return Err(named.refuse(id, "ONNX has no pool whose windows differ in size")),
                }
            }
            Op::Linear(params) => {
                let [rows, columns] = params.weight_shape();
                if input.rank() == 2 {
                    let weight = self.weight(name, "weight", [rows, columns].into());
                    let mut inputs = [reads, vec![weight]].concat();
                    if params.bias() {
                        inputs.push(self.weight(name, "bias", [rows].into()));
                    }
                    self.push(name, "Gemm", &["transB = 1".to_owned()], &inputs);
                } else {
                    let weight = self.weight(name, "weight", [columns, rows].into());
                    let product = if params.bias() { format!("{name}__product") } else { name.to_owned() };
                    self.push(&product, "MatMul", &[], &[reads, vec![weight]].concat());
                    if params.bias() {
                        let bias = self.weight(name, "bias", [rows].into());
                        self.push(name, "Add", &[], &[product, bias]);
                    }
                }
            }
            Op::Norm(norm) => self.norm(name, norm, reads).map_err(|why| named.refuse(id, why))?,
            Op::Pointwise(function) => {
                self.pointwise(name, function, reads).map_err(|why| named.refuse(id, why))?;
            }
            Op::Softmax(along) => self.push(name, "Softmax", &[axis(along)], &reads),
            Op::Arithmetic(kind) => {
                let op = match kind {
                    Arithmetic::Add => "Add",
                    Arithmetic::Subtract => "Sub",
                    Arithmetic::Multiply => "Mul",
                    Arithmetic::Divide => "Div",
                };
                match (reads.as_slice(), kind) {
                    ([_, _], _) => self.push(name, op, &[], &reads),
                    ([_], _) => self.push(name, "Identity", &[], &reads),
                    (_, Arithmetic::Add) => self.push(name, "Sum", &[], &reads),
                    ([first, rest @ ..], _) => {
                        // Two at a time, from the first on.
                        let mut before = first.clone();
                        for (index, next) in rest.iter().enumerate() {
                            let last = index + 1 == rest.len();
                            let output = if last { name.to_owned() } else { format!("{name}__step{index}") };
                            self.push(&output, op, &[], &[before, next.clone()]);
                            before = output;
                        }
                    }
                    ([], _) => {}
                }
            }
            Op::Concat(along) => self.push(name, "Concat", &[axis(along)], &reads),
            Op::Chunk { axis: along, .. } | Op::Split { axis: along, .. } => {
                let parts = named.parts(id);
                let at = input.axis(*along).unwrap_or(0);
                let sizes: Vec<i64> = parts.iter().map(|part| part.sizes()[at].cast_signed()).collect();
                let sizes = self.numbers(name, "sizes", &sizes);
                let outputs: Vec<String> =
                    (0..parts.len()).map(|part| format!("{name}__part{part}")).collect();
                self.push(&outputs.join(", "), "Split", &[axis(along)], &[reads, vec![sizes]].concat());
            }
            Op::Item(item) => {
                let len = node.inputs.first().map_or(0, |&list| named.parts(list).len() as i64);
                let part = if *item < 0 { item + len } else { *item };
                let part = reads.first().map(|list| format!("{list}__part{part}"));
                self.push(name, "Identity", &[], &part.into_iter().collect::<Vec<_>>());
            }
            Op::Pad { pads: [top, left, bottom, right], mode } => {
                let pads = self.numbers(name, "pads", &[0, 0, *top, *left, 0, 0, *bottom, *right]);
                self.push(
                    name,
                    "Pad",
                    &[format!("mode = \"{}\"", mode_name(*mode))],
                    &[reads, vec![pads]].concat(),
                );
            }
            Op::Upsample(resample) => {
                let shape = named.shape(id);
                let sizes: Vec<i64> = shape.sizes().iter().map(|size| size.cast_signed()).collect();
                let sizes = self.numbers(name, "sizes", &sizes);
                let [mode, place] = match resample.mode {
                    ResampleMode::Nearest => ["nearest", "asymmetric"],
                    ResampleMode::Bilinear => ["linear", "half_pixel"],
                    ResampleMode::BilinearAligned => ["linear", "align_corners"],
                };
                let mut attributes = vec![
                    format!("mode = \"{mode}\""),
                    format!("coordinate_transformation_mode = \"{place}\""),
                ];
                if mode == "nearest" {
                    attributes.push("nearest_mode = \"floor\"".to_owned());
                }
                self.push(
                    name,
                    "Resize",
                    &attributes,
                    &[reads, vec![String::new(), String::new(), sizes]].concat(),
                );
            }
            Op::Flatten { start: 1, end: -1 } if input.rank() > 1 => self.push(name, "Flatten", &[], &reads),
            Op::Flatten { .. } | Op::Reshape(_) => {
                let fixed = named.shape(id);
                let sizes: Vec<i64> = match &node.op {
                    Op::Reshape(sizes) => sizes
                        .iter()
                        .zip(fixed.sizes())
                        .enumerate()
                        .map(|(axis, (size, fixed))| match size {
                            Size::Of(of) if *of == axis as u64 => 0,
                            Size::Rest => -1,
                            _ => fixed.cast_signed(),
                        })
                        .collect(),
                    _ => fixed.sizes().iter().map(|size| size.cast_signed()).collect(),
                };
                let shape = self.numbers(name, "shape", &sizes);
                self.push(name, "Reshape", &[], &[reads, vec![shape]].concat());
            }
            Op::Permute(order) => {
                let order: Vec<usize> = order.iter().filter_map(|&axis| input.axis(axis).ok()).collect();
                self.push(name, "Transpose", &[ints("perm", &order)], &reads);
            }
            Op::Transpose(a, b) => {
                let mut order: Vec<usize> = (0..input.sizes().len()).collect();
                if let (Ok(a), Ok(b)) = (input.axis(*a), input.axis(*b)) {
                    order.swap(a, b);
                }
                self.push(name, "Transpose", &[ints("perm", &order)], &reads);
            }
            Op::Mean { axes, keepdim } => {
                let axes =
                    if axes.is_empty() { (0..input.rank().cast_signed()).collect() } else { axes.clone() };
                let axes = &axes;
                let axes = self.numbers(name, "axes", axes);
                let keep = format!("keepdims = {}", u8::from(*keepdim));
                self.push(name, "ReduceMean", &[keep], &[reads, vec![axes]].concat());
            }
            Op::ChannelShuffle(groups) => {
                let [n, c, h, w] = input.nchw().unwrap_or_default().map(u64::cast_signed);
                let groups = groups.cast_signed();
                let split = self.numbers(name, "split", &[n, groups, c / groups.max(1), h, w]);
                let joined = self.numbers(name, "joined", &[n, c, h, w]);
                let [parted, turned] = ["parted", "turned"].map(|part| format!("{name}__{part}"));
                self.push(&parted, "Reshape", &[], &[reads, vec![split]].concat());
                self.push(&turned, "Transpose", &[ints("perm", &[0, 2, 1, 3, 4])], &[parted]);
                self.push(name, "Reshape", &[], &[turned, joined]);
            }
            Op::Unknown { .. } => return Err(named.refuse(id, "nobody here knows what it computes")),
        }
        Ok(())
    }

    fn layer(&mut self, named: &Named<'_>, id: NodeId, layer: &Layer, input: &Shape) -> Result<(), Refusal> {
        let (node, name) = (named.graph().node(id), named.name(id));
        let mut inputs: Vec<String> = named.inputs(node).into_iter().map(str::to_owned).collect();
        let [_, _, height, width] = input.nchw().unwrap_or_default();
        let Ok(resolved) = Resolved::new(layer, [height, width]) else { return Ok(()) };
        if let Some(shape) = layer.weight_shape() {
            inputs.push(self.weight(name, "weight", shape.into()));
        }
        match resolved {
            Resolved::Conv2d(conv) => {
                let options = conv.options;
                if options.bias {
                    inputs.push(self.weight(name, "bias", [options.out_channels].into()));
                }
                let mut pads = conv.pads;
                if let Some(mode) = conv.numpy_mode() {
                    self.padded(name, &mut inputs, pads, &[format!("mode = \"{mode}\"")], None);
                    pads = Pads::default();
                }
                let attributes = [
                    ints("kernel_shape", &options.kernel_size),
                    ints("strides", &options.stride),
                    ints("dilations", &options.dilation),
                    pads_of(pads),
                    format!("group = {}", options.groups),
                ];
                self.push(name, "Conv", &attributes, &inputs);
            }
            Resolved::ConvTranspose2d(transposed) => self.transposed(name, &transposed, inputs),
            Resolved::Pool2d(pool) => self.pool(name, &pool, inputs).map_err(|why| named.refuse(id, why))?,
        }
        Ok(())
    }

    /// Puts padding before the first input; `value` stands in it, where zeros will not do.
    fn padded(
        &mut self,
        name: &str,
        inputs: &mut [String],
        pads: Pads,
        attributes: &[String],
        value: Option<&str>,
    ) {
        let Pads { top, left, bottom, right } = pads;
        let sides = self.numbers(name, "pads", &[0, 0, top, left, 0, 0, bottom, right].map(u64::cast_signed));
        let filler = value.map(|value| self.number(name, "filler", value));
        let padded = format!("{name}__padded");
        let reads: Vec<String> = [inputs[0].clone(), sides].into_iter().chain(filler).collect();
        self.push(&padded, "Pad", attributes, &reads);
        inputs[0] = padded;
    }

    fn transposed(&mut self, name: &str, transposed: &ResolvedConvTranspose2d, mut inputs: Vec<String>) {
        let ResolvedConvTranspose2d { options, crops, .. } = transposed;
        let (zeros, rest) = transposed.split_output_padding(OutputPaddingLimit::Stride);
        if zeros != Pads::default() {
            self.padded(name, &mut inputs, zeros, &[], None);
        }
        if options.bias {
            inputs.push(self.weight(name, "bias", [options.out_channels].into()));
        }
        let attributes = [
            ints("kernel_shape", &options.kernel_size),
            ints("strides", &options.stride),
            ints("dilations", &options.dilation),
            pads_of(*crops),
            ints("output_padding", &rest),
            format!("group = {}", options.groups),
        ];
        self.push(name, "ConvTranspose", &attributes, &inputs);
    }

    fn pool(
        &mut self,
        name: &str,
        pool: &ResolvedPool2d,
        mut inputs: Vec<String>,
    ) -> Result<(), &'static str> {
        let mut rounds_up = pool.rounding == PoolRounding::Ceil;
        let mut pads = if rounds_up { pool.stated } else { pool.pads };
        if !pool.is_within_kernel(pads) {
            // A maximum or a sum is padded by another layer.
            let value = match pool.reduce {
                Reduce::Max => "-inf",
                Reduce::Lp(_) | Reduce::Avg(AvgDivisor::CountIncludePad) if pool.counted().is_none() => "0.0",
                _ => return Err("ONNX pads an average by less than its window"),
            };
            self.padded(name, &mut inputs, pool.pads, &[], Some(value));
            (pads, rounds_up) = (Pads::default(), false);
        }
        let mut attributes = vec![
            ints("kernel_shape", &pool.kernel_size),
            ints("strides", &pool.stride),
            ints("dilations", &pool.dilation),
            pads_of(pads),
        ];
        if rounds_up {
            attributes.push("ceil_mode = 1".to_owned());
        }
        let op = match pool.reduce {
            Reduce::Max => "MaxPool",
            Reduce::Avg(AvgDivisor::Fixed(_)) => {
                return Err("ONNX divides an average by the cells that count");
            }
            Reduce::Avg(divisor) => {
                if divisor == AvgDivisor::CountIncludePad {
                    if !rounds_up && pool.overhang() != Pads::default() {
                        return Err("ONNX counts the cells beyond the padding of a last window");
                    }
                    attributes.push("count_include_pad = 1".to_owned());
                }
                "AveragePool"
            }
            Reduce::Lp(p) => {
                attributes.push(format!("p = {p}"));
                "LpPool"
            }
        };
        self.push(name, op, &attributes, &inputs);
        Ok(())
    }

    /// A constant of one number.
    fn number(&mut self, name: &str, part: &str, value: &str) -> String {
        let name = format!("{name}__{part}");
        self.nodes.push(format!("   {name} = Constant <value = float {{{value}}}>()\n"));
        name
    }

    fn norm(&mut self, name: &str, norm: &Norm, reads: Vec<String>) -> Result<(), &'static str> {
        match norm {
            Norm::Batch { tracked: false, .. } => {
                return Err("in ONNX a batch norm has statistics, and this one keeps none");
            }
            Norm::Batch { features, affine, .. } => {
                let shape = Shape::from([*features]);
                let [scale, shift] = self.scale_and_shift(name, &shape, [*affine; 2]);
                let [mean, var] = ["mean", "var"].map(|part| self.weight(name, part, shape.clone()));
                self.push(name, "BatchNormalization", &[], &[reads, vec![scale, shift, mean, var]].concat());
            }
            Norm::Layer { shape, scale, shift } => {
                let weights = self.scale_and_shift(name, shape, [*scale, *shift]);
                let axis = format!("axis = -{}", shape.rank());
                self.push(name, "LayerNormalization", &[axis], &[reads, weights.to_vec()].concat());
            }
            Norm::LayerOf => return Err(NO_AXES),
            Norm::Group { groups, features, affine } => {
                let weights = self.scale_and_shift(name, &Shape::from([*features]), [*affine; 2]);
                let groups = format!("num_groups = {groups}");
                self.push(name, "GroupNormalization", &[groups], &[reads, weights.to_vec()].concat());
            }
            Norm::LocalResponse => {
                self.nodes.push(format!("   # {LOCAL_RESPONSE}\n"));
                self.push(name, "LRN", &["size = 5".to_owned()], &reads);
            }
        }
        Ok(())
    }

    /// What is learned as weights, and ones or zeros for what is not.
    fn scale_and_shift(&mut self, name: &str, shape: &Shape, learned: [bool; 2]) -> [String; 2] {
        let mut part = |part: &str, learned: bool, otherwise: f32| {
            if learned {
                self.weight(name, part, shape.clone())
            } else {
                self.filled(name, part, shape, otherwise)
            }
        };
        [part("weight", learned[0], 1.0), part("bias", learned[1], 0.0)]
    }

    fn pointwise(
        &mut self,
        name: &str,
        function: &Pointwise,
        reads: Vec<String>,
    ) -> Result<(), &'static str> {
        let steps = match known(function) {
            Some(Known::Nothing { dropout }) => {
                self.push(name, if dropout { "Dropout" } else { "Identity" }, &[], &reads);
                return Ok(());
            }
            Some(Known::Function(function)) if !function.onnx.is_empty() => function.onnx,
            _ => return Err(NO_NUMBERS),
        };
        let mut before = reads.clone();
        for (index, Step(op, attributes, reads_map)) in steps.iter().enumerate() {
            let last = index + 1 == steps.len();
            let output = if last { name.to_owned() } else { format!("{name}__step{index}") };
            let mut inputs = if *reads_map { [reads.clone(), before].concat() } else { before };
            let mut stated = vec![(*attributes).to_owned()];
            if let ("Clip", Some((low, high))) = (*op, attributes.split_once(' ')) {
                inputs.push(self.number(name, "min", low));
                inputs.push(self.number(name, "max", high));
                stated.clear();
            }
            stated.retain(|attribute| !attribute.is_empty());
            self.push(&output, op, &stated, &inputs);
            before = vec![output];
        }
        Ok(())
    }
}

fn mode_name(mode: PaddingMode) -> &'static str {
    mode.numpy_name().unwrap_or("constant")
}
