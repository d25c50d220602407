//! What has to be computed for one unit of one layer: the layers that lead to it, as steps.
//!
//! With nonlinearities left out, each operation becomes the linear one that reads the same cells: activations
//! are dropped, maxima and norms of windows become means, and of products what is no gate is added up.

use convscope_core::activation::Activation as Shown;
use convscope_core::graph::{
    Analysis, Arithmetic, Graph, Node, NodeId, Norm, Op, Pointwise, PoolKind, Shape, Value,
};
use convscope_core::{
    AvgDivisor, Conv2dOptions, Conv2dParams, ConvError, ConvTranspose2dOptions, ConvTranspose2dParams,
    Layer as CoreLayer, LinearParams,
};
use convscope_kernels::{Activation, KernelError, LocalResponse};

use super::error::{EffectiveError, Layer};
use super::spread::Hull;
use super::step::{Axes, Step};
use crate::message::{EffectiveRequest, Weights};

/// A step, and what it reads.
pub(super) struct Planned {
    pub(super) id: NodeId,
    pub(super) step: Step,
    /// Earlier steps, each with the shape in which it is read.
    pub(super) inputs: Vec<(usize, Shape)>,
    pub(super) shape: Shape,
    /// Numbers of the output.
    pub(super) len: usize,
    /// Whether the input of the graph reaches it.
    pub(super) reached: bool,
    /// Whether its numbers have to be computed.
    pub(super) runs: bool,
    /// Whether they have to be there when gradients come back.
    pub(super) kept: bool,
    /// The last step that reads its numbers forward; itself where none does.
    pub(super) last_reader: usize,
}

/// All steps, in an order in which each comes after those that it reads.
pub(super) struct Plan {
    pub(super) steps: Vec<Planned>,
    /// The step whose unit is looked at, and the shape in which the layer gives its numbers.
    pub(super) target: usize,
    pub(super) target_shape: Shape,
    /// The axes of that shape that are rows and columns.
    pub(super) target_axes: [Option<usize>; 2],
    /// The step that is the picture.
    pub(super) source: usize,
    /// Height and width of the picture.
    pub(super) size: [u64; 2],
    /// The theoretical field of the unit.
    pub(super) hull: Hull,
    /// The most multiply-accumulates of a layer, and which it is.
    pub(super) most_macs: (u128, NodeId),
}

impl Plan {
    pub(super) fn new(request: &EffectiveRequest) -> Result<Self, EffectiveError> {
        let graph = &request.graph;
        let analysis = graph.analyse();
        let nothing = |missing| EffectiveError::Nothing { missing };
        let target = usize::try_from(request.node).ok().and_then(|index| graph.id(index));
        let target = target.ok_or(nothing("layer"))?;
        let source = analysis.source().ok_or(nothing("picture"))?;
        let shape = tensor(&analysis, graph, source)?;
        let [_, _, height, width] = shape.nchw().ok_or(nothing("picture"))?;
        let target_shape = tensor(&analysis, graph, target)?.clone();
        let map = analysis.map(target).ok_or(nothing("layer"))?;
        if (0..2).any(|side| request.unit[side] >= map.size[side]) {
            return Err(EffectiveError::Unit { unit: request.unit, size: map.size });
        }
        let mut planner =
            Planner { request, analysis: &analysis, lowered: vec![None; graph.len()], steps: Vec::new() };
        let needed = planner.needed(target);
        for id in graph.ids().filter(|id| needed[id.index()]) {
            planner.lower(id)?;
        }
        let Planner { lowered, mut steps, .. } = planner;
        let place = |id: NodeId| lowered[id.index()];
        let (Some(target_step), Some(source_step)) = (place(target), place(source)) else {
            return Err(EffectiveError::NotReached(Layer::new(graph, target)));
        };
        mark(&mut steps, source_step);
        if !steps[target_step].reached {
            return Err(EffectiveError::NotReached(Layer::new(graph, target)));
        }
        let macs = |step: &Planned| (analysis.cost(step.id).map_or(0, |cost| cost.macs), step.id);
        let most_macs = steps.iter().map(macs).max_by_key(|(macs, _)| *macs).unwrap_or((0, source));
        Ok(Self {
            steps,
            target: target_step,
            target_shape,
            target_axes: map.axes,
            source: source_step,
            size: [height, width],
            hull: hull(&analysis, target, request.unit, source)?,
            most_macs,
        })
    }

    /// Bytes of numbers, gradients and weights at the worst moment of a draw, without what kernels use inside.
    pub(super) fn bytes(&self) -> u64 {
        let bytes = |numbers: usize| (numbers as u64).saturating_mul(4);
        let weights = |step: &Planned| step.step.n_weights().saturating_mul(4);
        let (mut live, mut peak) = (0_u64, 0_u64);
        for (i, step) in self.steps.iter().enumerate().filter(|(_, step)| step.runs) {
            live = live.saturating_add(bytes(step.len)).saturating_add(weights(step));
            peak = peak.max(live);
            for ended in &self.steps[..=i] {
                if ended.runs && !ended.kept && ended.last_reader == i {
                    live -= bytes(ended.len);
                }
            }
        }
        let mut waiting = vec![false; self.steps.len()];
        waiting[self.target] = true;
        live = live.saturating_add(bytes(self.steps[self.target].len));
        for (i, step) in self.steps.iter().enumerate().rev().filter(|(_, step)| step.reached) {
            if !waiting[i] {
                continue;
            }
            if !step.runs {
                live = live.saturating_add(weights(step));
            }
            for (input, _) in step.inputs.iter().filter(|(input, _)| self.steps[*input].reached) {
                if !std::mem::replace(&mut waiting[*input], true) {
                    live = live.saturating_add(bytes(self.steps[*input].len));
                }
            }
            peak = peak.max(live);
            live = live.saturating_sub(bytes(step.len)).saturating_sub(weights(step));
            if step.kept {
                live = live.saturating_sub(bytes(step.len));
            }
        }
        peak
    }
}

/// Works out what each step is needed for.
fn mark(steps: &mut [Planned], source: usize) {
    for i in 0..steps.len() {
        let reached = steps[i].inputs.iter().any(|(input, _)| steps[*input].reached);
        steps[i].reached = i == source || reached;
    }
    for i in (0..steps.len()).rev() {
        let step = &mut steps[i];
        step.runs |= step.reached && step.step.runs_for_gradient();
        step.kept |= step.reached && step.step.reads_output_back();
        let (runs, reads_back) = (step.runs, step.reached && step.step.reads_inputs_back());
        for input in step.inputs.iter().map(|(input, _)| *input).collect::<Vec<_>>() {
            steps[input].runs |= runs || reads_back;
            steps[input].kept |= reads_back;
            if runs {
                steps[input].last_reader = steps[input].last_reader.max(i);
            }
        }
    }
}

/// The theoretical field.
fn hull(analysis: &Analysis, id: NodeId, unit: [u64; 2], source: NodeId) -> Result<Hull, EffectiveError> {
    let layer = || Layer::new(analysis.graph(), id);
    let uncounted = |error| EffectiveError::Uncounted(layer(), error);
    let projection = analysis.project(id, unit).map_err(uncounted)?;
    let region = projection.region(source).map_err(uncounted)?;
    match (region.hull(0), region.hull(1)) {
        (Some(rows), Some(columns)) => Ok(Hull { runs: [rows, columns] }),
        _ => Err(EffectiveError::NotReached(layer())),
    }
}

fn tensor<'a>(analysis: &'a Analysis, graph: &Graph, id: NodeId) -> Result<&'a Shape, EffectiveError> {
    let layer = || Layer::new(graph, id);
    let value = analysis.value(id).map_err(|error| EffectiveError::Impossible(layer(), error.clone()))?;
    value.tensor().ok_or_else(|| EffectiveError::NoGradient(layer()))
}

struct Planner<'a> {
    request: &'a EffectiveRequest,
    analysis: &'a Analysis,
    /// The step that gives each node's numbers.
    lowered: Vec<Option<usize>>,
    steps: Vec<Planned>,
}

impl Planner<'_> {
    fn graph(&self) -> &Graph {
        &self.request.graph
    }

    fn linear(&self) -> bool {
        self.request.linear
    }

    /// Which nodes lead to one, gates that are passed by left out.
    fn needed(&self, target: NodeId) -> Vec<bool> {
        let mut needed = vec![false; self.graph().len()];
        needed[target.index()] = true;
        for id in self.graph().ids().rev() {
            if needed[id.index()] {
                self.read(id).into_iter().for_each(|input| needed[input.index()] = true);
            }
        }
        needed
    }

    /// The inputs of a node that count.
    fn read(&self, id: NodeId) -> Vec<NodeId> {
        let node = self.graph().node(id);
        match &node.op {
            // Scale and shift are taken as 1 and 0, as of a layer that was just made.
            Op::Norm(_) => node.inputs[..node.inputs.len().min(1)].to_vec(),
            Op::Arithmetic(Arithmetic::Multiply | Arithmetic::Divide) if self.linear() => {
                let gates = self.analysis.gates(id).iter();
                let open: Vec<_> = node.inputs.iter().zip(gates).filter(|(_, gate)| !**gate).collect();
                let is_map = |input: NodeId| !matches!(self.graph().node(input).op, Op::Parameter(_));
                let maps: Vec<_> =
                    open.iter().map(|(input, _)| **input).filter(|input| is_map(*input)).collect();
                if maps.is_empty() { node.inputs.clone() } else { maps }
            }
            _ => node.inputs.clone(),
        }
    }

    fn lower(&mut self, id: NodeId) -> Result<(), EffectiveError> {
        let layer = || Layer::new(self.graph(), id);
        let value = self.analysis.value(id);
        let value = value.map_err(|error| EffectiveError::Impossible(layer(), error.clone()))?;
        let lowered = self.step(id, value).map_err(|error| match error {
            Some(error) => EffectiveError::Kernel(layer(), error),
            None => EffectiveError::NoGradient(layer()),
        })?;
        let place = match lowered {
            Lowered::Same(input) => self.lowered[input.index()],
            Lowered::Step(step) => {
                let shape = tensor(self.analysis, self.graph(), id)?.clone();
                let len = shape.elements().ok().and_then(|len| usize::try_from(len).ok());
                let len = len.ok_or_else(|| {
                    EffectiveError::Kernel(layer(), KernelError::OutOfMemory { bytes: u64::MAX })
                })?;
                let mut inputs = Vec::new();
                for input in self.read(id) {
                    let place = self.lowered[input.index()];
                    let shape = self.whole_shape(input);
                    let (Some(place), Some(shape)) = (place, shape) else {
                        return Err(EffectiveError::NoGradient(layer()));
                    };
                    inputs.push((place, shape.clone()));
                }
                let last_reader = self.steps.len();
                let planned = Planned {
                    id,
                    step: *step,
                    inputs,
                    shape,
                    len,
                    reached: false,
                    runs: false,
                    kept: false,
                    last_reader,
                };
                self.steps.push(planned);
                Some(last_reader)
            }
        };
        self.lowered[id.index()] = place;
        Ok(())
    }

    /// The shape of a node's numbers: of a list, that before it was cut.
    fn whole_shape(&self, id: NodeId) -> Option<&Shape> {
        match self.analysis.value(id).ok()? {
            Value::Tensor(shape) => Some(shape),
            Value::List(_) => self.whole_shape(*self.graph().node(id).inputs.first()?),
        }
    }

    /// What a node does; `Err(None)` for what has no gradient here.
    fn step(&self, id: NodeId, value: &Value) -> Result<Lowered, Option<KernelError>> {
        let node = self.graph().node(id);
        let same = || node.inputs.first().map(|input| Lowered::Same(*input)).ok_or(None);
        let whole = || node.inputs.first().and_then(|input| self.whole_shape(*input)).ok_or(None);
        let output = || value.tensor().ok_or(None);
        let step = match &node.op {
            Op::Input(_) => Step::Numbers,
            Op::Parameter(_) => Step::Ones,
            Op::Layer(layer) => self.layer(layer, whole()?)?,
            Op::AdaptivePool(pool, PoolKind::Max) if !self.linear() => Step::AdaptiveMaxPool2d(*pool),
            Op::AdaptivePool(pool, _) => Axes::new(whole()?).adaptive(*pool)?.step(),
            Op::Linear(params) => {
                let params = LinearParams::new(params.in_features(), params.out_features(), false);
                Step::Linear(params.map_err(KernelError::from)?)
            }
            Op::Norm(norm) => match self.norm(norm, node, whole()?)? {
                Some(step) => step,
                None => return same(),
            },
            Op::Pointwise(function) => match self.activation(function)? {
                Some(activation) => Step::Activation(activation),
                None => return same(),
            },
            Op::Softmax(axis) if self.linear() => {
                let shape = whole()?;
                let axis = shape.axis(*axis).map_err(KernelError::from)?;
                let len = shape.sizes()[axis];
                Axes::new(shape).mean(axis)?.repeat(axis, len)?.step()
            }
            Op::Softmax(axis) => Step::Softmax(*axis),
            Op::Arithmetic(arithmetic) => return self.arithmetic(id, *arithmetic, output()?),
            Op::Concat(axis) => Step::Concat(*axis),
            Op::Chunk { .. } | Op::Split { .. } | Op::Flatten { .. } | Op::Reshape(_) => return same(),
            Op::Item(item) => self.item(node, *item, whole()?)?,
            Op::Pad { pads, mode } => Axes::new(whole()?).pad(*pads, *mode, output()?)?.step(),
            Op::Upsample(resample) => Axes::new(whole()?).resample(*resample, output()?)?.step(),
            Op::Permute(order) => {
                let shape = whole()?;
                let axes = order.iter().map(|&axis| shape.axis(axis)).collect::<Result<Vec<_>, _>>();
                Step::Permute(axes.map_err(KernelError::from)?, shape.sizes().to_vec())
            }
            Op::Transpose(a, b) => {
                let shape = whole()?;
                let mut order: Vec<usize> = (0..shape.sizes().len()).collect();
                order.swap(
                    shape.axis(*a).map_err(KernelError::from)?,
                    shape.axis(*b).map_err(KernelError::from)?,
                );
                Step::Permute(order, shape.sizes().to_vec())
            }
            Op::Mean { axes, .. } => {
                let shape = whole()?;
                let mut means = Axes::new(shape);
                for axis in 0..shape.sizes().len() {
                    let named = axes.is_empty() || axes.iter().any(|&named| shape.axis(named) == Ok(axis));
                    if named {
                        means = means.mean(axis)?;
                    }
                }
                means.step()
            }
            Op::ChannelShuffle(groups) => {
                let shape = whole()?;
                let [n, c, h, w] = shape.nchw().ok_or(None)?;
                let per_group = c.checked_div(*groups).ok_or(None)?;
                Step::Permute(vec![0, 2, 1, 3, 4], vec![n, *groups, per_group, h, w])
            }
            Op::Unknown { .. } => return Err(None),
        };
        Ok(Lowered::Step(Box::new(step)))
    }

    fn layer(&self, layer: &CoreLayer, shape: &Shape) -> Result<Step, KernelError> {
        Ok(match layer {
            // Biases are 0 in a layer that was just made.
            CoreLayer::Conv2d(params) => {
                Step::Conv2d(Conv2dParams::new(Conv2dOptions { bias: false, ..*params.options() })?)
            }
            CoreLayer::ConvTranspose2d(params) => {
                let options = ConvTranspose2dOptions { bias: false, ..*params.options() };
                Step::ConvTranspose2d(ConvTranspose2dParams::new(options)?)
            }
            CoreLayer::MaxPool2d(params) if !self.linear() => Step::MaxPool2d(params.clone()),
            CoreLayer::LpPool2d(params, p) if !self.linear() => {
                let Step::Along(windows) = Axes::new(shape).pool(params, None)?.step() else {
                    return Err(ConvError::Overflow.into());
                };
                Step::LpPool2d(params.clone(), *p, windows)
            }
            CoreLayer::MaxPool2d(params) | CoreLayer::LpPool2d(params, _) => {
                Axes::new(shape).pool(params, Some(AvgDivisor::CountInside))?.step()
            }
            CoreLayer::AvgPool2d(params, divisor) => Axes::new(shape).pool(params, Some(*divisor))?.step(),
        })
    }

    /// A norm by the statistics of the draw; `None` where it does nothing.
    fn norm(&self, norm: &Norm, node: &Node, shape: &Shape) -> Result<Option<Step>, Option<KernelError>> {
        if self.request.weights == Weights::Uniform {
            return Ok(None);
        }
        let product = |sizes: &[u64]| {
            let len = sizes.iter().try_fold(1_u64, |len, &size| len.checked_mul(size));
            len.and_then(|len| usize::try_from(len).ok()).ok_or(Some(ConvError::Overflow.into()))
        };
        let sizes = shape.sizes();
        let (len, follow) = match norm {
            Norm::Batch { .. } => (product(sizes.get(2..).unwrap_or_default())?, false),
            Norm::Group { groups, features, .. } => {
                let channels = features.checked_div(*groups).ok_or(None)?;
                (product(&[&[channels], sizes.get(2..).unwrap_or_default()].concat())?, true)
            }
            Norm::Layer { shape, .. } => (product(shape.sizes())?, true),
            Norm::LayerOf => {
                let named = node.inputs.get(1).and_then(|input| self.whole_shape(*input));
                let last = sizes.last().copied().unwrap_or(1);
                (named.map_or_else(|| product(&[last]), |shape| product(shape.sizes()))?, true)
            }
            Norm::LocalResponse if self.linear() => return Ok(None),
            Norm::LocalResponse => return Ok(Some(Step::LocalResponse(LocalResponse::default()))),
        };
        // The variance of one number says nothing.
        Ok((len > 1).then_some(Step::Normalize { len, follow: follow && !self.linear() }))
    }

    fn activation(&self, function: &Pointwise) -> Result<Option<Activation>, Option<KernelError>> {
        if self.linear() {
            return Ok(None);
        }
        Ok(Some(match function {
            Pointwise::Activation(Shown::Identity)
            | Pointwise::Dropout
            | Pointwise::StochasticDepth
            | Pointwise::Contiguous => return Ok(None),
            Pointwise::Activation(Shown::Relu) => Activation::Relu,
            Pointwise::Activation(Shown::LeakyRelu) => Activation::LeakyRelu { slope: 0.01 },
            Pointwise::Activation(Shown::Sigmoid) => Activation::Sigmoid,
            Pointwise::Activation(Shown::Tanh) => Activation::Tanh,
            Pointwise::Activation(Shown::Silu) => Activation::Silu,
            Pointwise::Named(name) => named(name).ok_or(None)?,
        }))
    }

    fn arithmetic(
        &self,
        id: NodeId,
        arithmetic: Arithmetic,
        output: &Shape,
    ) -> Result<Lowered, Option<KernelError>> {
        let inputs = self.read(id);
        if let [only] = inputs.as_slice()
            && self.whole_shape(*only) == Some(output)
        {
            return Ok(Lowered::Same(*only));
        }
        let sum = |first: f32, other: f32| {
            Step::Sum((0..inputs.len()).map(|i| if i == 0 { first } else { other }).collect())
        };
        let step = match arithmetic {
            Arithmetic::Add => sum(1.0, 1.0),
            Arithmetic::Subtract => sum(1.0, -1.0),
            _ if self.linear() => sum(1.0, 1.0),
            Arithmetic::Multiply => Step::Product,
            Arithmetic::Divide => Step::Quotient,
        };
        Ok(Lowered::Step(Box::new(step)))
    }

    fn item(&self, node: &Node, item: i64, whole: &Shape) -> Result<Step, Option<KernelError>> {
        let list = *node.inputs.first().ok_or(None)?;
        let (Op::Chunk { axis, .. } | Op::Split { axis, .. }) = &self.graph().node(list).op else {
            return Err(None);
        };
        let Ok(Value::List(parts)) = self.analysis.value(list) else { return Err(None) };
        let axis = whole.axis(*axis).map_err(KernelError::from)?;
        let from_end = usize::try_from(item.unsigned_abs()).ok();
        let index = if item < 0 { from_end.and_then(|it| parts.len().checked_sub(it)) } else { from_end };
        let index = index.filter(|&index| index < parts.len()).ok_or(None)?;
        let size = |shape: &Shape| shape.sizes().get(axis).copied().unwrap_or(0);
        let offset = parts[..index].iter().map(size).fold(0, u64::saturating_add);
        Ok(Axes::new(whole).part(axis, offset, size(&parts[index]))?.step())
    }
}

enum Lowered {
    /// The same numbers as a node's, perhaps in another shape.
    Same(NodeId),
    Step(Box<Step>),
}

/// Functions by the names that frameworks give them.
fn named(name: &str) -> Option<Activation> {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    Some(match name.to_ascii_lowercase().as_str() {
        "relu" => Activation::Relu,
        "relu6" => Activation::Relu6,
        "leakyrelu" => Activation::LeakyRelu { slope: 0.01 },
        "prelu" => Activation::LeakyRelu { slope: 0.25 },
        "elu" => Activation::Elu { alpha: 1.0 },
        "sigmoid" => Activation::Sigmoid,
        "tanh" => Activation::Tanh,
        "hardsigmoid" => Activation::HardSigmoid { slope: 1.0 / 6.0, offset: 0.5 },
        "hardswish" => Activation::HardSwish,
        "hardtanh" => Activation::Clip { low: -1.0, high: 1.0 },
        "silu" | "swish" => Activation::Silu,
        "gelu" => Activation::Gelu,
        "softplus" => Activation::Softplus,
        "mish" => Activation::Mish,
        _ => return None,
    })
}
