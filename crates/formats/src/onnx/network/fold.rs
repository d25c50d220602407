//! Constants that follow from constants and shapes, as exporters write them for `view(x.size(0), -1)`.

use super::call::Call;
use super::reorder::{Cut, slices, squeezed};
use super::{Build, Constant, MAX_VALUES, Operand, constant};
use crate::onnx::model::Value;
use convscope_core::graph::Shape;

impl Build<'_> {
    /// What a call gives, if that is known without the network's input.
    pub(super) fn fold(&self, call: &Call<'_>) -> Option<Constant> {
        match call.node.op_type.as_str() {
            "Constant" => of_attributes(call),
            "Shape" => {
                let shape = self.shape_of(call, 0)?;
                let len = shape.sizes().len() as i64;
                let place = |at: i64| (if at < 0 { at + len } else { at }).clamp(0, len) as usize;
                let start = place(call.int("start", 0).ok()?);
                let end = place(call.int("end", len).ok()?).max(start);
                let sizes = shape.sizes()[start..end].iter().map(|&size| i64::try_from(size));
                Some(ints(vec![(end - start) as u64], sizes.collect::<Result<_, _>>().ok()?))
            }
            "Size" => {
                let elements = self.shape_of(call, 0)?.elements().ok()?;
                Some(ints(Vec::new(), vec![i64::try_from(elements).ok()?]))
            }
            "ConstantOfShape" => {
                let dims: Option<Vec<u64>> =
                    call.input_ints(0)?.iter().map(|&size| u64::try_from(size).ok()).collect();
                let dims = dims?;
                let count = Shape::new(dims.clone()).elements().ok().filter(|&count| count <= MAX_VALUES);
                let value = match call.node.attribute("value") {
                    Some(Value::Tensor(tensor)) => constant(tensor),
                    _ => Constant { floats: Some(vec![0.0]), ..Default::default() },
                };
                let ints = value.ints.as_deref().and_then(<[i64]>::first).zip(count);
                let ints = ints.map(|(&value, count)| vec![value; count as usize]);
                Some(Constant { dims, ints, ..Default::default() })
            }
            _ if call.inputs.is_empty() => None,
            _ => self.of_constants(call),
        }
    }

    /// Operators on constants of integers.
    fn of_constants(&self, call: &Call<'_>) -> Option<Constant> {
        let operand = |index: usize| match call.input(index)? {
            Operand::Constant(constant) => Some(constant.as_ref()),
            _ => None,
        };
        if !call.inputs.iter().flatten().all(|input| matches!(input, Operand::Constant(_))) {
            return None;
        }
        let first = operand(0)?;
        let shape = Shape::new(first.dims.clone());
        match call.node.op_type.as_str() {
            "Identity" | "Cast" | "CastLike" => {
                let mut constant = first.clone();
                if let (Some(floats), Ok(to)) = (&constant.floats, call.int("to", 0))
                    && matches!(to, 2..=7 | 9 | 12 | 13)
                {
                    constant.ints = Some(floats.iter().map(|&value| value as i64).collect());
                    constant.floats = None;
                } else if let (Some(ints), Ok(1 | 10 | 11 | 16)) = (&constant.ints, call.int("to", 0)) {
                    constant.floats = Some(ints.iter().map(|&value| value as f32).collect());
                    constant.ints = None;
                }
                Some(constant)
            }
            "Gather" => {
                let axis = shape.axis(call.int("axis", 0).ok()?).ok()?;
                let (values, picks) = (first.ints.as_ref()?, call.input_ints(1)?);
                if first.dims.len() != 1 || axis != 0 {
                    return None;
                }
                let pick = |&pick: &i64| {
                    let from_end = if pick < 0 { pick + values.len() as i64 } else { pick };
                    values.get(usize::try_from(from_end).ok()?).copied()
                };
                Some(ints(operand(1)?.dims.clone(), picks.iter().map(pick).collect::<Option<_>>()?))
            }
            "Slice" => {
                let cuts = slices(call, &shape).ok()?;
                let [(0, Cut { start, end, step })] = cuts.as_slice() else { return None };
                if first.dims.len() != 1 {
                    return None;
                }
                let kept = first.ints.as_ref()?.get(*start as usize..*end as usize)?;
                let kept: Vec<i64> = kept.iter().step_by(usize::try_from(*step).ok()?).copied().collect();
                Some(ints(vec![kept.len() as u64], kept))
            }
            "Squeeze" | "Unsqueeze" => {
                let axes = squeezed(call, &shape).ok()?;
                let dims = axes.into_iter().map(|axis| axis.map_or(1, |axis| first.dims[axis])).collect();
                Some(Constant { dims, ..first.clone() })
            }
            "Reshape" => {
                let sizes = call.input_ints(1)?;
                let count = shape.elements().ok()?;
                let mut known = sizes.iter().filter_map(|&size| u64::try_from(size).ok());
                let known = known.try_fold(1_u64, |all, size| all.checked_mul(size))?;
                let rest = count.checked_div(known).unwrap_or(1);
                let dims = sizes.iter().map(|&size| u64::try_from(size).unwrap_or(rest)).collect::<Vec<_>>();
                (Shape::new(dims.clone()).elements() == Ok(count)).then(|| Constant { dims, ..first.clone() })
            }
            "Concat" => {
                let mut values = Vec::new();
                for index in 0..call.inputs.len() {
                    let part = operand(index)?;
                    if part.dims.len() != 1 {
                        return None;
                    }
                    values.extend_from_slice(part.ints.as_ref()?);
                }
                (values.len() as u64 <= MAX_VALUES).then(|| ints(vec![values.len() as u64], values))
            }
            "Transpose" => {
                // A weight that is stored the other way round.
                let mut dims = first.dims.clone();
                match call.ints("perm").ok()? {
                    None => dims.reverse(),
                    Some(order) => {
                        let picked =
                            order.iter().map(|&axis| first.dims.get(usize::try_from(axis).ok()?).copied());
                        dims = picked
                            .collect::<Option<Vec<_>>>()
                            .filter(|dims| dims.len() == first.dims.len())?;
                    }
                }
                Some(Constant { dims, ints: None, floats: None, ..first.clone() })
            }
            "QuantizeLinear" | "DequantizeLinear" => {
                Some(Constant { ints: None, floats: None, ..first.clone() })
            }
            "Add" | "Sub" | "Mul" | "Div" | "Mod" | "Max" | "Min" => self.of_two(call, first, operand(1)?),
            "Range" => {
                let [start, end, step] =
                    [0, 1, 2].map(|index| call.input_ints(index).and_then(|it| it.first()));
                let (start, end, step) = (*start?, *end?, *step?);
                let count =
                    u64::try_from(end.checked_sub(start)?).ok()?.checked_div(u64::try_from(step).ok()?)?;
                let exact = (end - start) % step == 0;
                let count = (count + u64::from(!exact)).min(MAX_VALUES + 1);
                let values = (0..count as i64).map(|i| start.checked_add(i.checked_mul(step)?));
                let values = values.collect::<Option<Vec<_>>>()?;
                (count <= MAX_VALUES).then(|| ints(vec![count], values))
            }
            "ReduceProd" => {
                let product = first.ints.as_ref()?.iter().try_fold(1_i64, |all, &it| all.checked_mul(it))?;
                let keep = call.int("keepdims", 1).ok()? != 0;
                Some(ints(if keep { vec![1] } else { Vec::new() }, vec![product]))
            }
            _ => None,
        }
    }

    /// Integers combined one by one; a single one with each.
    fn of_two(&self, call: &Call<'_>, left: &Constant, right: &Constant) -> Option<Constant> {
        let (a, b) = (left.ints.as_ref()?, right.ints.as_ref()?);
        // Of numbers that are as many, the one with more axes.
        let is_left = (a.len(), left.dims.len()) >= (b.len(), right.dims.len());
        let dims = if is_left { &left.dims } else { &right.dims };
        let len = a.len().max(b.len());
        if a.is_empty()
            || b.is_empty()
            || (a.len() != len && a.len() != 1)
            || (b.len() != len && b.len() != 1)
        {
            return None;
        }
        let values = (0..len).map(|i| {
            let (x, y) = (a[i % a.len()], b[i % b.len()]);
            match call.node.op_type.as_str() {
                "Add" => x.checked_add(y),
                "Sub" => x.checked_sub(y),
                "Mul" => x.checked_mul(y),
                "Div" => x.checked_div(y),
                "Mod" => x.checked_rem_euclid(y),
                "Max" => Some(x.max(y)),
                _ => Some(x.min(y)),
            }
        });
        Some(ints(dims.clone(), values.collect::<Option<Vec<_>>>()?))
    }
}

fn ints(dims: Vec<u64>, values: Vec<i64>) -> Constant {
    Constant { dims, ints: Some(values), ..Default::default() }
}

/// The value of a node `Constant`, which has one of several attributes.
fn of_attributes(call: &Call<'_>) -> Option<Constant> {
    let attribute = call.node.attributes.first()?;
    Some(match &attribute.value {
        Value::Tensor(tensor) => Constant { name: String::new(), ..constant(tensor) },
        Value::Int(value) => ints(Vec::new(), vec![*value]),
        Value::Ints(values) => ints(vec![values.len() as u64], values.clone()),
        Value::Float(value) => Constant { floats: Some(vec![*value]), ..Default::default() },
        Value::Floats(values) => {
            Constant { dims: vec![values.len() as u64], floats: Some(values.clone()), ..Default::default() }
        }
        _ => return None,
    })
}
