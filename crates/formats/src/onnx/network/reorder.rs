//! Putting together, cutting and rearranging.

use convscope_core::graph::{Op, Shape, Size};
use convscope_core::{AutoPad, Layer, PaddingMode, Pool2dOptions, Pool2dParams, PoolRounding};

use super::call::Call;
use super::{Build, Operand};
use crate::reading::{Place, Remark, Why, push_note};

impl Build<'_> {
    pub(super) fn concat(&mut self, call: &Call<'_>) -> Result<Operand, Why> {
        let axis = call.int("axis", 1)?;
        let inputs = call.inputs.iter().flatten().cloned().collect::<Vec<_>>();
        let maps = inputs.iter().map(|operand| self.map_of(operand)).collect::<Result<Vec<_>, _>>()?;
        self.push(&call.name, Op::Concat(axis), &maps).map(Operand::Node)
    }

    pub(super) fn split(&mut self, call: &Call<'_>) -> Result<Vec<Operand>, Why> {
        let axis = call.int("axis", 0)?;
        let op = match call.listed("split", 1)? {
            Some(sizes) => {
                let sizes = sizes.iter().map(|&size| u64::try_from(size)).collect::<Result<Vec<_>, _>>();
                Op::Split { sizes: sizes.map_err(|_| Why::Parameter("split"))?, axis }
            }
            None => Op::Chunk { chunks: call.node.outputs.len() as u64, axis },
        };
        let input = self.map(call, 0)?;
        let list = self.push(&call.name, op, &[input])?;
        let mut parts = Vec::new();
        for (index, _) in call.node.outputs.iter().enumerate() {
            let item = self.push(&format!("{}.{index}", call.name), Op::Item(index as i64), &[list])?;
            parts.push(Operand::Node(item));
        }
        Ok(parts)
    }

    /// Rows and columns are cropped, other axes cut in parts; steps take every so-manieth cell.
    pub(super) fn slice(&mut self, call: &Call<'_>) -> Result<Operand, Why> {
        let shape = self.shape_of(call, 0).ok_or(Why::NotConstant("shape"))?;
        let slices = slices(call, &shape)?;
        let mut at = self.map(call, 0)?;
        let mut crop = [0_i64; 4];
        let mut strides = [1_u64; 2];
        let is_map = shape.nchw().is_some();
        for (axis, Cut { start, end, step }) in slices {
            let len = shape.sizes()[axis];
            match (is_map, axis) {
                (true, 2 | 3) => {
                    let [before, after] =
                        [start, len - end].map(|cells| i64::try_from(cells).unwrap_or(i64::MAX));
                    (crop[axis - 2], crop[axis]) = (-before, -after);
                    strides[axis - 2] = step;
                }
                _ if step != 1 => return Err(Why::Parameter("steps")),
                _ if end - start == len => {}
                _ => {
                    let parts = [start, end - start, len - end];
                    let sizes: Vec<u64> = parts.into_iter().filter(|&part| part > 0).collect();
                    let list = self.push(&call.name, Op::Split { sizes, axis: axis as i64 }, &[at])?;
                    at = self.push(&call.name, Op::Item(i64::from(start > 0)), &[list])?;
                }
            }
        }
        if crop != [0; 4] {
            at = self.push(&call.name, Op::Pad { pads: crop, mode: PaddingMode::Zeros }, &[at])?;
        }
        if strides != [1, 1] {
            push_note(&mut self.notes, Place::Node(call.name.clone()), Remark::Strided);
            let params = Pool2dParams::new(Pool2dOptions {
                kernel_size: [1, 1],
                stride: strides,
                dilation: [1, 1],
                padding: AutoPad::Valid,
                rounding: PoolRounding::Floor,
            })?;
            at = self.push(&call.name, Op::Layer(Layer::MaxPool2d(params)), &[at])?;
        }
        Ok(Operand::Node(at))
    }

    /// Two axes are left: those before `axis`, and the others.
    pub(super) fn flatten(&mut self, call: &Call<'_>) -> Result<Operand, Why> {
        let axis = call.int("axis", 1)?;
        let shape = self.shape_of(call, 0);
        let rank = shape.as_ref().map(|shape| shape.sizes().len() as i64);
        let from_start = if axis < 0 { rank.map(|rank| axis + rank) } else { Some(axis) };
        match (from_start, &shape) {
            (Some(1), Some(shape)) if shape.sizes().len() > 1 => {
                self.layer(call, Op::Flatten { start: 1, end: -1 })
            }
            (Some(1), None) => self.layer(call, Op::Flatten { start: 1, end: -1 }),
            (Some(axis), Some(shape)) => {
                let axis = usize::try_from(axis).ok().filter(|&axis| axis <= shape.sizes().len());
                let (before, _) = shape.sizes().split_at(axis.ok_or(Why::Parameter("axis"))?);
                let before = Shape::new(before).elements()?;
                self.layer(call, Op::Reshape(vec![Size::Fixed(before), Size::Rest]))
            }
            _ => Err(Why::NotConstant("shape")),
        }
    }

    pub(super) fn reshape(&mut self, call: &Call<'_>) -> Result<Operand, Why> {
        let sizes = call.listed("shape", 1)?.ok_or(Why::NotConstant("shape"))?.to_vec();
        let allow_zero = call.int("allowzero", 0)? != 0;
        let shape = self.shape_of(call, 0);
        let same_as_input = |axis: usize, size: u64| {
            let of_input = shape.as_ref().and_then(|shape| shape.sizes().get(axis).copied());
            // The batch is kept whatever it is.
            axis == 0 && of_input == Some(size)
        };
        let size = |(axis, &size): (usize, &i64)| {
            Ok(match u64::try_from(size) {
                Ok(0) if !allow_zero => Size::Of(axis as u64),
                Ok(size) if same_as_input(axis, size) => Size::Of(0),
                Ok(size) => Size::Fixed(size),
                Err(_) if size == -1 => Size::Rest,
                Err(_) => return Err(Why::Parameter("shape")),
            })
        };
        let sizes = sizes.iter().enumerate().map(size).collect::<Result<Vec<_>, _>>()?;
        // Everything behind the batch as one axis.
        let features = match (&shape, sizes.as_slice()) {
            (Some(shape), [Size::Of(0), Size::Fixed(features)]) if shape.sizes().len() > 2 => {
                Shape::new(&shape.sizes()[1..]).elements() == Ok(*features)
            }
            (Some(shape), [Size::Of(0), Size::Rest]) => shape.sizes().len() > 2,
            _ => false,
        };
        let op = if features { Op::Flatten { start: 1, end: -1 } } else { Op::Reshape(sizes) };
        self.layer(call, op)
    }

    pub(super) fn transpose(&mut self, call: &Call<'_>) -> Result<Operand, Why> {
        let order = match call.ints("perm")? {
            Some(order) => order.to_vec(),
            None => {
                let rank = self.shape_of(call, 0).ok_or(Why::NotConstant("shape"))?.sizes().len();
                (0..rank as i64).rev().collect()
            }
        };
        self.layer(call, Op::Permute(order))
    }

    /// Axes of size 1 that go or come: a new shape made of sizes of the old one.
    pub(super) fn squeeze(&mut self, call: &Call<'_>) -> Result<Operand, Why> {
        let shape = self.shape_of(call, 0).ok_or(Why::NotConstant("shape"))?;
        let sizes = squeezed(call, &shape)?;
        let sizes = sizes.into_iter().map(|size| size.map_or(Size::Fixed(1), |axis| Size::Of(axis as u64)));
        self.layer(call, Op::Reshape(sizes.collect()))
    }
}

/// For each axis that is left, which of the input's it is; nothing for one of size 1 that is new.
pub(super) fn squeezed(call: &Call<'_>, shape: &Shape) -> Result<Vec<Option<usize>>, Why> {
    let axes = call.listed("axes", 1)?;
    let rank = shape.sizes().len();
    if call.node.op_type == "Squeeze" {
        let gone = match axes {
            Some(axes) => axes.iter().map(|&axis| shape.axis(axis)).collect::<Result<Vec<_>, _>>()?,
            None => (0..rank).filter(|&axis| shape.sizes()[axis] == 1).collect(),
        };
        return Ok((0..rank).filter(|axis| !gone.contains(axis)).map(Some).collect());
    }
    let axes = axes.ok_or(Why::Parameter("axes"))?;
    let new_rank = rank + axes.len();
    if new_rank > 64 {
        return Err(Why::Parameter("axes"));
    }
    let all = Shape::new(vec![1; new_rank]);
    let added = axes.iter().map(|&axis| all.axis(axis)).collect::<Result<Vec<_>, _>>()?;
    let mut old = 0..rank;
    Ok((0..new_rank).map(|axis| if added.contains(&axis) { None } else { old.next() }).collect())
}

/// What is left of an axis: every `step`-th cell from `start` to before `end`, `start <= end <= len`.
pub(super) struct Cut {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) step: u64,
}

/// The cuts of a slice, by axis. Starts and ends count from the end where they are negative, and stop there.
pub(super) fn slices(call: &Call<'_>, shape: &Shape) -> Result<Vec<(usize, Cut)>, Why> {
    let starts = call.listed("starts", 1)?.ok_or(Why::Parameter("starts"))?;
    let ends = call.listed("ends", 2)?.ok_or(Why::Parameter("ends"))?;
    let axes = call.listed("axes", 3)?;
    let steps = match call.input(4) {
        None => None,
        Some(_) => Some(call.input_ints(4).ok_or(Why::NotConstant("steps"))?),
    };
    if starts.len() != ends.len() || starts.len() > shape.sizes().len() {
        return Err(Why::Parameter("ends"));
    }
    let mut cuts = Vec::new();
    for (i, (&start, &end)) in starts.iter().zip(ends).enumerate() {
        let axis = match axes {
            None => i,
            Some(axes) => shape.axis(*axes.get(i).ok_or(Why::Parameter("axes"))?)?,
        };
        let step = steps.map_or(1, |steps| steps.get(i).copied().unwrap_or(1));
        let step = u64::try_from(step).ok().filter(|&step| step > 0).ok_or(Why::Parameter("steps"))?;
        let len = shape.sizes()[axis];
        let place = |at: i64| match u64::try_from(at) {
            Ok(at) => at.min(len),
            Err(_) => len.saturating_sub(at.unsigned_abs()),
        };
        let (start, end) = (place(start), place(end));
        if end < start {
            return Err(Why::Parameter("ends"));
        }
        cuts.push((axis, Cut { start, end, step }));
    }
    Ok(cuts)
}
