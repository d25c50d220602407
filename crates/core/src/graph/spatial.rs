//! Where rows and columns are among a tensor's axes, and how each node's depend on those before it.
//!
//! The input's last two axes of four are rows and columns. Permutations move them, views keep them where
//! they find them again, and what takes an axis together (flatten, mean, features of a linear layer) reads
//! all of it and leaves an axis of one unit.

use super::infer::{permutation, reduced};
use super::relation::{Link, Relation, Spans};
use super::{Norm, Op, ResampleMode, Shape, Value};
use crate::layer::Layer;
use crate::padding::PaddingMode;

/// Rows and columns of a node's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Map {
    /// Which axes of the tensor they are; `None` where the output has no such axis.
    pub axes: [Option<usize>; 2],
    /// How many rows and columns there are; 1 where there is no such axis.
    pub size: [u64; 2],
}

/// Rows and columns of a node, and how they depend on those of each input.
pub(super) fn map(op: &Op, inputs: &[(&Value, Map)], output: &Value) -> (Map, Vec<[Link; 2]>) {
    let mut map = Map { axes: [None, None], size: [1, 1] };
    let mut links = vec![[Link::new(Relation::Same, 1, 1); 2]; inputs.len()];
    for side in 0..2 {
        let (axis, relations) = one_side(op, inputs, output, side);
        let shape = output.shapes().first();
        // A list is cut out of what it is made of: its rows and columns are those before the cut.
        let size = match (axis, output, shape) {
            (Some(_), Value::List(_), _) => inputs.first().map_or(1, |(_, map)| map.size[side]),
            (Some(axis), _, Some(shape)) => shape.sizes().get(axis).copied().unwrap_or(1),
            _ => 1,
        };
        (map.axes[side], map.size[side]) = (axis, size);
        for ((link, relation), (_, input)) in links.iter_mut().zip(relations).zip(inputs) {
            link[side] = Link::new(relation, input.size[side], size);
        }
    }
    (map, links)
}

/// The axis of the output that is its rows (`side` 0) or columns, and how they depend on each input's.
fn one_side(
    op: &Op,
    inputs: &[(&Value, Map)],
    output: &Value,
    side: usize,
) -> (Option<usize>, Vec<Relation>) {
    match op {
        Op::Input(shape) => (shape.nchw().map(|_| 2 + side), Vec::new()),
        Op::Parameter(_) => (None, Vec::new()),
        Op::Unknown { shape, .. } => {
            let axis = shape.as_ref().and_then(Shape::nchw).map(|_| 2 + side);
            (axis, vec![Relation::Unknown; inputs.len()])
        }
        Op::Arithmetic(_) | Op::Norm(Norm::LayerOf) => aligned(inputs, output, side, None),
        Op::Concat(axis) => {
            let axis = inputs.first().and_then(|(value, _)| value.tensor()?.axis(*axis).ok());
            aligned(inputs, output, side, axis)
        }
        _ => {
            let (input, before) = (inputs[0].0, inputs[0].1);
            let (axis, relation) = match (before.axes[side], output) {
                (Some(axis), _) => unary(op, input, axis, output, before.size[side]),
                // A map made of features again: each of its cells may come from all of them.
                (None, Value::Tensor(shape)) if matches!(op, Op::Reshape(_)) => {
                    (shape.nchw().map(|_| 2 + side), Relation::First)
                }
                (None, _) => (None, Relation::Same),
            };
            (axis, vec![relation])
        }
    }
}

/// Several inputs laid over each other from the last axis on, as in numpy, or one after the other.
#[inline(never)]
fn aligned(
    inputs: &[(&Value, Map)],
    output: &Value,
    side: usize,
    cut: Option<usize>,
) -> (Option<usize>, Vec<Relation>) {
    let rank = output.tensor().map_or(0, |shape| shape.sizes().len());
    // An input's axis as one of the output.
    let place = |(value, map): &(&Value, Map)| {
        let own = value.tensor().map_or(0, |shape| shape.sizes().len());
        map.axes[side].map(|axis| axis + rank.saturating_sub(own))
    };
    let longest =
        inputs.iter().filter(|input| place(input).is_some()).rev().max_by_key(|input| input.1.size[side]);
    let Some(axis) = longest.and_then(place) else {
        return (None, vec![Relation::Same; inputs.len()]);
    };
    let len = output.tensor().map_or(1, |shape| shape.sizes()[axis]);
    let mut offset = 0_u64;
    let relations = inputs.iter().map(|input| {
        let size = input.1.size[side];
        match place(input) {
            Some(own) if own == axis && cut == Some(axis) => {
                offset = offset.saturating_add(size);
                if size == len { Relation::Same } else { Relation::Placed { offset: offset - size } }
            }
            Some(own) if own == axis && size == len => Relation::Same,
            Some(own) if own == axis => Relation::First,
            // No such axis, as of a scale for each channel or the features of a gate.
            None => Relation::First,
            // Another axis takes its place: each unit may read any.
            Some(_) => Relation::Whole,
        }
    });
    (Some(axis), relations.collect())
}

/// What becomes of one axis under an operation of one input.
fn unary(op: &Op, input: &Value, axis: usize, output: &Value, size: u64) -> (Option<usize>, Relation) {
    let Some(shape) = input.shapes().first() else { return (None, Relation::Whole) };
    match op {
        Op::Layer(layer) => match axis {
            2 | 3 => (Some(axis), windows(layer, shape, axis - 2)),
            1 if layer.weight_shape().is_some() => (Some(axis), Relation::Whole),
            _ => (Some(axis), Relation::Same),
        },
        Op::Pointwise(_) | Op::Norm(_) => (Some(axis), Relation::Same),
        _ => rearranged(op, input, shape, axis, output, size),
    }
}

/// The same for the less common operations: apart, so that a page can begin without them.
#[inline(never)]
fn rearranged(
    op: &Op,
    input: &Value,
    shape: &Shape,
    axis: usize,
    output: &Value,
    size: u64,
) -> (Option<usize>, Relation) {
    let kept = |relation| (Some(axis), relation);
    let lost = (None, Relation::Whole);
    let rank = shape.sizes().len();
    match op {
        Op::AdaptivePool(pool, _) if axis >= 2 => {
            let [before, after] = [shape.sizes()[axis], pool.output_size()[axis - 2]];
            let relation = if after <= 1 { Relation::Whole } else { Relation::Spans(Spans::Adaptive) };
            kept(if before == after { Relation::Same } else { relation })
        }
        Op::Upsample(resample) if axis >= 2 => {
            let after = output.tensor().and_then(|shape| shape.sizes().get(axis).copied());
            let spans = match resample.mode {
                ResampleMode::Nearest => Spans::Nearest,
                ResampleMode::Bilinear => Spans::Bilinear,
                ResampleMode::BilinearAligned => Spans::BilinearAligned,
            };
            kept(if after == Some(shape.sizes()[axis]) { Relation::Same } else { Relation::Spans(spans) })
        }
        Op::Pad { pads, mode } if axis >= 2 => {
            let (before, after) = (pads[axis - 2], pads[axis]);
            let same = before == 0 && after == 0;
            kept(if same { Relation::Same } else { Relation::Padded { before, mode: *mode } })
        }
        Op::Linear(_) if axis + 1 == rank => lost,
        Op::Softmax(along) if shape.axis(*along) == Ok(axis) => kept(Relation::Whole),
        Op::Item(item) => kept(part(*item, input, axis, size)),
        Op::Flatten { start, end } => match (shape.axis(*start), shape.axis(*end)) {
            (Ok(start), Ok(end)) if axis < start || start == end => kept(Relation::Same),
            (Ok(start), Ok(end)) if axis > end => (Some(axis - (end - start)), Relation::Same),
            _ => lost,
        },
        Op::Reshape(_) => match output.tensor().and_then(|new| found_again(shape, axis, new)) {
            Some(place) => (Some(place), Relation::Same),
            None => lost,
        },
        Op::Permute(order) => {
            let place =
                permutation(shape, order).ok().and_then(|order| order.iter().position(|&a| a == axis));
            (place, Relation::Same)
        }
        Op::Transpose(a, b) => match (shape.axis(*a), shape.axis(*b)) {
            (Ok(a), Ok(b)) if axis == a => (Some(b), Relation::Same),
            (Ok(a), Ok(b)) if axis == b => (Some(a), Relation::Same),
            _ => kept(Relation::Same),
        },
        Op::Mean { axes, keepdim } => match reduced(shape, axes) {
            Ok(reduced) if !reduced[axis] => {
                let gone = reduced[..axis].iter().filter(|&&reduced| reduced && !keepdim).count();
                (Some(axis - gone), Relation::Same)
            }
            _ if *keepdim => kept(Relation::Whole),
            _ => lost,
        },
        _ => kept(Relation::Same),
    }
}

/// Windows of a layer over rows (0) or columns (1) of a map whose output is known.
fn windows(layer: &Layer, shape: &Shape, side: usize) -> Relation {
    let [height, width] = match shape.nchw() {
        Some([_, _, height, width]) => [height, width],
        None => return Relation::Unknown,
    };
    let relation = match layer {
        Layer::Conv2d(params) => params.geometry([height, width]).map(|geometry| {
            let axis = if side == 0 { geometry.rows } else { geometry.columns };
            Relation::Windows(axis, params.options().padding_mode)
        }),
        Layer::ConvTranspose2d(params) => params
            .geometry([height, width])
            .map(|geometry| Relation::Scattered(if side == 0 { geometry.rows } else { geometry.columns })),
        Layer::MaxPool2d(params) | Layer::AvgPool2d(params, _) | Layer::LpPool2d(params, _) => {
            params.geometry([height, width]).map(|geometry| {
                let axis = if side == 0 { geometry.rows } else { geometry.columns };
                Relation::Windows(*axis.windows(), PaddingMode::Zeros)
            })
        }
    };
    relation.unwrap_or(Relation::Unknown)
}

/// Where a part of a list lies along an axis of `whole` units; at its own place if another axis was cut.
fn part(item: i64, list: &Value, axis: usize, whole: u64) -> Relation {
    let size = |shape: &Shape| shape.sizes().get(axis).copied().unwrap_or(0);
    let shapes = list.shapes();
    match super::infer::item_index(item, shapes.len()) {
        Some(index) if size(&shapes[index]) == whole => Relation::Same,
        Some(index) => {
            Relation::Part { offset: shapes[..index].iter().map(size).fold(0, u64::saturating_add) }
        }
        None => Relation::Unknown,
    }
}

/// The axis of the new shape that has as many units, each as far from the next in memory.
fn found_again(shape: &Shape, axis: usize, new: &Shape) -> Option<usize> {
    let inner = |sizes: &[u64], i: usize| super::shape::product(&sizes[i + 1..]).ok();
    let len = shape.sizes()[axis];
    let apart = inner(shape.sizes(), axis)?;
    let fits = |i: usize| new.sizes().get(i) == Some(&len) && inner(new.sizes(), i) == Some(apart);
    // Axes of one unit fit in several places: the old one first.
    if fits(axis) { Some(axis) } else { (0..new.sizes().len()).rev().find(|&i| fits(i)) }
}
