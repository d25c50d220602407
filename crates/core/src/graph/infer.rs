//! The shape of a node's output from those of its inputs.

use super::shape::product;
use super::{LayerError, Norm, Op, ResampleSize, Shape, Size, Value};
use crate::error::ConvError;

impl Op {
    /// What it makes of its inputs, for those who build a graph and need sizes on the way.
    ///
    /// # Errors
    ///
    /// [`LayerError`] where these inputs are impossible for it.
    pub fn output(&self, inputs: &[&Value]) -> Result<Value, LayerError> {
        output(self, inputs)
    }
}

/// What an operation makes of its inputs.
pub(super) fn output(op: &Op, inputs: &[&Value]) -> Result<Value, LayerError> {
    check_count(op, inputs.len())?;
    if let Op::Item(item) = op {
        return self::item(*item, inputs[0]).map(Value::Tensor);
    }
    let shapes: Vec<&Shape> = inputs
        .iter()
        .map(|value| value.tensor().ok_or(LayerError::List { expected: false }))
        .collect::<Result<_, _>>()?;
    match op {
        Op::Layer(layer) => Ok(Value::Tensor(layer.output_shape(nchw(shapes[0])?)?.into())),
        Op::Pointwise(_) => Ok(Value::Tensor(shapes[0].clone())),
        Op::Input(shape) => {
            shape.elements()?;
            Ok(Value::Tensor(shape.clone()))
        }
        Op::Chunk { chunks, axis } => chunk(shapes[0], *chunks, *axis).map(Value::List),
        Op::Split { sizes, axis } => split(shapes[0], sizes, *axis).map(Value::List),
        _ => tensor(op, &shapes).map(Value::Tensor),
    }
}

fn check_count(op: &Op, got: usize) -> Result<(), LayerError> {
    let (least, most) = match op {
        Op::Input(_) | Op::Parameter(_) => (0, 0),
        Op::Arithmetic(_) | Op::Concat(_) => (1, usize::MAX),
        Op::Norm(Norm::LayerOf) => (1, 3),
        Op::Unknown { .. } => (0, usize::MAX),
        _ => (1, 1),
    };
    if (least..=most).contains(&got) {
        Ok(())
    } else {
        let expected = if got < least { least } else { most };
        Err(LayerError::InputCount { expected: expected as u64, got: got as u64 })
    }
}

/// The less common operations: apart, so that a page can begin without them.
#[inline(never)]
fn tensor(op: &Op, shapes: &[&Shape]) -> Result<Shape, LayerError> {
    Ok(match op {
        Op::Parameter(shape) => {
            shape.elements()?;
            shape.clone()
        }
        Op::AdaptivePool(pool, _) => pool.output_shape(nchw(shapes[0])?)?.into(),
        Op::Linear(params) => {
            let (last, rows) = last(shapes[0])?;
            params.check_input(last)?;
            Shape::new([rows, &[params.out_features()]].concat())
        }
        Op::Norm(norm) => {
            check_norm(norm, shapes)?;
            shapes[0].clone()
        }
        Op::Softmax(axis) => {
            shapes[0].axis(*axis)?;
            shapes[0].clone()
        }
        Op::Arithmetic(_) => broadcast(shapes)?,
        Op::Concat(axis) => concat(shapes, *axis)?,
        Op::Pad { pads, mode } => {
            let [n, c, height, width] = nchw(shapes[0])?;
            let padded = |input_len: u64, before: i64, after: i64| {
                let len = i128::from(input_len) + i128::from(before) + i128::from(after);
                let fits = len > 0 && len <= i128::from(i64::MAX) && before > i64::MIN && after > i64::MIN;
                let len = u64::try_from(len).ok().filter(|_| fits);
                let len = len.ok_or(LayerError::Crop { input_len, before, after })?;
                let pad = u64::try_from(before.max(after)).unwrap_or(0);
                mode.check(pad, input_len)?;
                Ok::<_, LayerError>(len)
            };
            [n, c, padded(height, pads[0], pads[2])?, padded(width, pads[1], pads[3])?].into()
        }
        Op::Upsample(resample) => {
            let [n, c, height, width] = nchw(shapes[0])?;
            for len in [height, width] {
                if len == 0 {
                    return Err(ConvError::Zero { param: "input" }.into());
                }
                resampled(len)?;
            }
            let [height, width] = match resample.size {
                ResampleSize::To(size) => size,
                ResampleSize::By([rows, columns]) => [scaled(height, rows)?, scaled(width, columns)?],
            };
            for len in [height, width] {
                if len == 0 {
                    return Err(ConvError::Zero { param: "output_size" }.into());
                }
                resampled(len)?;
            }
            [n, c, height, width].into()
        }
        Op::Flatten { start, end } => flatten(shapes[0], *start, *end)?,
        Op::Reshape(sizes) => reshape(shapes[0], sizes)?,
        Op::Permute(order) => {
            let order = permutation(shapes[0], order)?;
            Shape::new(order.iter().map(|&axis| shapes[0].sizes()[axis]).collect::<Vec<_>>())
        }
        Op::Transpose(a, b) => {
            let (a, b) = (shapes[0].axis(*a)?, shapes[0].axis(*b)?);
            let mut sizes = shapes[0].sizes().to_vec();
            sizes.swap(a, b);
            Shape::new(sizes)
        }
        Op::Mean { axes, keepdim } => {
            let reduced = reduced(shapes[0], axes)?;
            let sizes = shapes[0].sizes().iter().zip(&reduced);
            let kept = sizes.filter(|&(_, &reduced)| !reduced || *keepdim);
            Shape::new(kept.map(|(&size, &reduced)| if reduced { 1 } else { size }).collect::<Vec<_>>())
        }
        Op::ChannelShuffle(groups) => {
            let [n, c, h, w] = nchw(shapes[0])?;
            match c.checked_rem(*groups) {
                None => return Err(ConvError::Zero { param: "groups" }.into()),
                Some(0) => [n, c, h, w].into(),
                Some(_) => return Err(ConvError::GroupsInChannels { groups: *groups, in_channels: c }.into()),
            }
        }
        Op::Unknown { operator, shape } => {
            shape.clone().ok_or_else(|| LayerError::Unknown { operator: operator.clone() })?
        }
        Op::Input(_)
        | Op::Layer(_)
        | Op::Pointwise(_)
        | Op::Chunk { .. }
        | Op::Split { .. }
        | Op::Item(_) => return Err(LayerError::List { expected: true }),
    })
}

fn nchw(shape: &Shape) -> Result<[u64; 4], LayerError> {
    shape.nchw().ok_or_else(|| LayerError::Rank { expected: 4, got: shape.clone() })
}

/// The last size, and those before it.
fn last(shape: &Shape) -> Result<(u64, &[u64]), LayerError> {
    let split = shape.sizes().split_last().map(|(&last, rest)| (last, rest));
    split.ok_or_else(|| LayerError::Rank { expected: 1, got: shape.clone() })
}

/// Twice a position times a length must fit in `i128`.
fn resampled(len: u64) -> Result<(), ConvError> {
    if len < 1 << 61 { Ok(()) } else { Err(ConvError::Overflow) }
}

fn scaled(len: u64, [numerator, denominator]: [u64; 2]) -> Result<u64, LayerError> {
    let product = u128::from(len) * u128::from(numerator);
    let scaled = product.checked_div(denominator.into()).ok_or(ConvError::Zero { param: "scale_factor" })?;
    Ok(u64::try_from(scaled).map_err(|_| ConvError::Overflow)?)
}

fn check_norm(norm: &Norm, shapes: &[&Shape]) -> Result<(), LayerError> {
    let shape = shapes[0];
    let channels = || shape.sizes().get(1).copied();
    match norm {
        Norm::Batch { features, .. } | Norm::Group { features, .. } => {
            let got = channels().ok_or_else(|| LayerError::Rank { expected: 4, got: shape.clone() })?;
            if got != *features {
                return Err(ConvError::ChannelMismatch { expected: *features, got }.into());
            }
            if let Norm::Group { groups, .. } = norm {
                match features.checked_rem(*groups) {
                    None => return Err(ConvError::Zero { param: "groups" }.into()),
                    Some(0) => {}
                    Some(_) => {
                        return Err(
                            ConvError::GroupsInChannels { groups: *groups, in_channels: *features }.into()
                        );
                    }
                }
            }
            Ok(())
        }
        Norm::Layer { shape: normalized, .. } => ends_with(shape, normalized),
        Norm::LayerOf => shapes[1..].iter().try_for_each(|normalized| ends_with(shape, normalized)),
        Norm::LocalResponse => nchw(shape).map(|_| ()),
    }
}

fn ends_with(shape: &Shape, end: &Shape) -> Result<(), LayerError> {
    if end.rank() > 0 && shape.sizes().ends_with(end.sizes()) {
        Ok(())
    } else {
        Err(LayerError::Normalized { expected: end.clone(), got: shape.clone() })
    }
}

/// The shape of several tensors combined element by element, as in numpy.
fn broadcast(shapes: &[&Shape]) -> Result<Shape, LayerError> {
    let mut all = shapes[0].clone();
    for &shape in &shapes[1..] {
        let rank = all.sizes().len().max(shape.sizes().len());
        let size = |shape: &Shape, i: usize| {
            let missing = rank - shape.sizes().len();
            if i < missing { 1 } else { shape.sizes()[i - missing] }
        };
        let sizes = (0..rank).map(|i| match (size(&all, i), size(shape, i)) {
            (a, b) if a == b => Ok(a),
            (1, b) => Ok(b),
            (a, 1) => Ok(a),
            _ => Err(LayerError::Broadcast { left: all.clone(), right: shape.clone() }),
        });
        all = Shape::new(sizes.collect::<Result<Vec<_>, _>>()?);
    }
    all.elements()?;
    Ok(all)
}

fn concat(shapes: &[&Shape], axis: i64) -> Result<Shape, LayerError> {
    let first = shapes[0];
    let axis = first.axis(axis)?;
    let mut sizes = first.sizes().to_vec();
    for &shape in &shapes[1..] {
        let alike = shape.rank() == first.rank()
            && (0..sizes.len()).all(|i| i == axis || shape.sizes()[i] == first.sizes()[i]);
        if !alike {
            let (left, right) = (first.clone(), shape.clone());
            return Err(LayerError::Concat { axis: axis as u64, left, right });
        }
        sizes[axis] = sizes[axis].checked_add(shape.sizes()[axis]).ok_or(ConvError::Overflow)?;
    }
    product(&sizes)?;
    Ok(Shape::new(sizes))
}

/// More parts than this are refused: each is held.
const MAX_PARTS: u64 = 1 << 10;

#[inline(never)]
fn chunk(shape: &Shape, chunks: u64, axis: i64) -> Result<Vec<Shape>, LayerError> {
    if chunks == 0 {
        return Err(ConvError::Zero { param: "chunks" }.into());
    }
    let axis = shape.axis(axis)?;
    let size = shape.sizes()[axis];
    let part = size.div_ceil(chunks).max(1);
    if size.div_ceil(part) > MAX_PARTS {
        return Err(ConvError::Overflow.into());
    }
    let mut sizes = Vec::new();
    let mut left = size;
    while left > 0 || sizes.is_empty() {
        sizes.push(part.min(left));
        left -= part.min(left);
    }
    Ok(parts(shape, axis, &sizes))
}

#[inline(never)]
fn split(shape: &Shape, sizes: &[u64], axis: i64) -> Result<Vec<Shape>, LayerError> {
    let axis = shape.axis(axis)?;
    let size = shape.sizes()[axis];
    let sum = sizes.iter().try_fold(0_u64, |sum, &part| sum.checked_add(part)).ok_or(ConvError::Overflow)?;
    if sum == size && !sizes.is_empty() {
        Ok(parts(shape, axis, sizes))
    } else {
        Err(LayerError::Split { parts: sum, size })
    }
}

fn parts(shape: &Shape, axis: usize, sizes: &[u64]) -> Vec<Shape> {
    let part = |&size: &u64| {
        let mut part = shape.sizes().to_vec();
        part[axis] = size;
        Shape::new(part)
    };
    sizes.iter().map(part).collect()
}

/// Which of so many items a number names; negative ones count from the end.
pub(super) fn item_index(item: i64, len: usize) -> Option<usize> {
    let from_end = usize::try_from(item.unsigned_abs()).ok();
    let index = if item < 0 { len.checked_sub(from_end?) } else { from_end };
    index.filter(|&index| index < len)
}

#[inline(never)]
fn item(item: i64, value: &Value) -> Result<Shape, LayerError> {
    let Value::List(list) = value else { return Err(LayerError::List { expected: true }) };
    let index = item_index(item, list.len()).ok_or(LayerError::Item { item, len: list.len() as u64 })?;
    Ok(list[index].clone())
}

fn flatten(shape: &Shape, start: i64, end: i64) -> Result<Shape, LayerError> {
    if shape.rank() == 0 {
        return Ok(Shape::from([1]));
    }
    let (start, end) = (shape.axis(start)?, shape.axis(end)?);
    if start > end {
        return Err(LayerError::Axes { named: 0, rank: shape.rank() });
    }
    let sizes = shape.sizes();
    Ok(Shape::new([&sizes[..start], &[product(&sizes[start..=end])?], &sizes[end + 1..]].concat()))
}

fn reshape(shape: &Shape, sizes: &[Size]) -> Result<Shape, LayerError> {
    let elements = shape.elements()?;
    let known = |size: &Size| match *size {
        Size::Fixed(size) => Ok(size),
        Size::Of(axis) => {
            let axis = i64::try_from(axis).map_err(|_| ConvError::Overflow)?;
            Ok::<_, ConvError>(shape.sizes()[shape.axis(axis)?])
        }
        Size::Rest => Ok(1),
    };
    let mut new = sizes.iter().map(known).collect::<Result<Vec<_>, _>>()?;
    let to = product(&new)?;
    let refused = || LayerError::Reshape { from: shape.clone(), to };
    let mut rests = sizes.iter().enumerate().filter(|(_, size)| **size == Size::Rest);
    match (rests.next(), rests.next()) {
        (None, _) if to == elements => {}
        (Some((rest, _)), None) if to > 0 && elements.is_multiple_of(to) => new[rest] = elements / to,
        _ => return Err(refused()),
    }
    Ok(Shape::new(new))
}

/// The axes of the input in the order of the output.
pub(super) fn permutation(shape: &Shape, order: &[i64]) -> Result<Vec<usize>, LayerError> {
    let axes = order.iter().map(|&axis| shape.axis(axis)).collect::<Result<Vec<_>, _>>()?;
    let named = (0..shape.sizes().len()).filter(|axis| axes.contains(axis)).count();
    if axes.len() == shape.sizes().len() && named == axes.len() {
        Ok(axes)
    } else {
        Err(LayerError::Axes { named: named as u64, rank: shape.rank() })
    }
}

/// Which axes a mean takes together.
pub(super) fn reduced(shape: &Shape, axes: &[i64]) -> Result<Vec<bool>, LayerError> {
    let mut reduced = vec![axes.is_empty(); shape.sizes().len()];
    for &axis in axes {
        reduced[shape.axis(axis)?] = true;
    }
    Ok(reduced)
}
