//! Operators that move cells about: pad, concat, transpose, and those that change the shape alone.

use convscope_core::linear::resolve_axis;
use convscope_kernels::{self as kernels, PadMode, concat_shape, padded_shape};

use super::call::{Call, Stop, Value, unset};

/// Pads are attributes before opset 11 and inputs from it on, and may name axes from 18 on.
pub(super) fn pad(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let input = call.input(0)?;
    let rank = input.shape.len();
    let (numbers, value) = if call.opset < 11 {
        let name = if call.opset < 2 { "paddings" } else { "pads" };
        (call.ints(name)?.ok_or("pads are missing")?, call.float("value", 0.0)?)
    } else {
        (call.input_ints(1)?.ok_or("pads are missing")?, call.input_float(2)?.unwrap_or(0.0))
    };
    let axes: Vec<usize> = match call.input_ints(3)? {
        None => (0..rank).collect(),
        Some(axes) => resolved(axes, rank as u64)?,
    };
    if numbers.len() != 2 * axes.len() {
        return Err(format!("{} pads for {} axes", numbers.len(), axes.len()).into());
    }
    let (before, after) = numbers.split_at(axes.len());
    let mut pads = vec![[0, 0]; rank];
    for ((&axis, &before), &after) in axes.iter().zip(before).zip(after) {
        pads[axis] = [before, after];
    }
    let mode = match call.text("mode", "constant")? {
        "constant" => PadMode::Constant(value),
        "reflect" => PadMode::Reflect,
        "edge" => PadMode::Replicate,
        "wrap" => PadMode::Circular,
        other => return Err(format!("mode {other:?} is not known").into()),
    };
    let shape = padded_shape(&input.shape, &pads)?;
    let mut output = unset(&shape)?;
    kernels::pad(input.cells()?, &input.shape, &pads, mode, &mut output)?;
    Ok(vec![Value::floats(shape, output)])
}

pub(super) fn concat(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let axis = call.int("axis", 1)?;
    let inputs = (0..call.inputs.len()).map(|k| {
        let input = call.input(k)?;
        Ok((input.cells()?, input.shape.as_slice()))
    });
    let inputs = inputs.collect::<Result<Vec<_>, Stop>>()?;
    let shapes: Vec<_> = inputs.iter().map(|&(_, shape)| shape).collect();
    let shape = concat_shape(&shapes, axis)?;
    let mut output = unset(&shape)?;
    kernels::concat(&inputs, axis, &mut output)?;
    Ok(vec![Value::floats(shape, output)])
}

/// Axes in the order of `perm`, or from the last to the first.
pub(super) fn transpose(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let input = call.input(0)?;
    let rank = input.shape.len();
    let order: Vec<usize> = match call.ints("perm")? {
        None => (0..rank).rev().collect(),
        Some(perm) => resolved(perm, rank as u64)?,
    };
    let mut sorted = order.clone();
    sorted.sort_unstable();
    if !sorted.into_iter().eq(0..rank) {
        return Err(format!("perm {order:?} is no order of {rank} axes").into());
    }
    let shape: Vec<u64> = order.iter().map(|&axis| input.shape[axis]).collect();
    let steps: Vec<usize> =
        (0..rank).map(|axis| input.shape[axis + 1..].iter().product::<u64>() as usize).collect();
    let cells = input.cells()?;
    let mut output = unset(&shape)?;
    for (i, cell) in output.iter_mut().enumerate() {
        let (mut rest, mut from) = (i, 0);
        for (&axis, &size) in order.iter().zip(&shape).rev() {
            from += rest % size as usize * steps[axis];
            rest /= size as usize;
        }
        *cell = cells[from];
    }
    Ok(vec![Value::floats(shape, output)])
}

/// Axes before `axis` as one, and the others as another; `axis` may be the number of axes.
pub(super) fn flatten(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let input = call.input(0)?;
    let rank = input.shape.len();
    let axis = match usize::try_from(call.int("axis", 1)?) {
        Ok(axis) if axis == rank => rank,
        _ => resolve_axis(call.int("axis", 1)?, rank as u64)? as usize,
    };
    let (rows, columns) = input.shape.split_at(axis);
    let shape = [rows.iter().product(), columns.iter().product()];
    Ok(vec![Value::floats(shape, input.cells()?.to_vec())])
}

/// A size of -1 is what is left, one of 0 that of the input unless `allowzero` says otherwise.
pub(super) fn reshape(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let input = call.input(0)?;
    let wanted = match call.input_ints(1)? {
        Some(shape) => shape,
        None => call.ints("shape")?.ok_or("the shape is missing")?,
    };
    let keeps = call.int("allowzero", 0)? == 0;
    let unfit = || Stop::from(format!("{:?} does not become {wanted:?}", input.shape));
    let mut shape = Vec::new();
    for (i, &size) in wanted.iter().enumerate() {
        shape.push(match size {
            0 if keeps => *input.shape.get(i).ok_or_else(unfit)?,
            -1 => 1,
            size => u64::try_from(size).map_err(|_| unfit())?,
        });
    }
    let cells = input.cells()?;
    let n_others = shape.iter().product::<u64>();
    if let Some(open) = wanted.iter().position(|&size| size == -1) {
        shape[open] = (cells.len() as u64).checked_div(n_others).ok_or_else(unfit)?;
    }
    if shape.iter().product::<u64>() != cells.len() as u64 {
        return Err(unfit());
    }
    Ok(vec![Value::floats(shape, cells.to_vec())])
}

/// Without the named axes, or without all of length 1. Axes are an attribute before opset 13, then an input.
pub(super) fn squeeze(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let input = call.input(0)?;
    let rank = input.shape.len() as u64;
    let gone = match axes(call)? {
        Some(axes) => resolved(axes, rank)?,
        None => (0..rank as usize).filter(|&axis| input.shape[axis] == 1).collect(),
    };
    let kept = input.shape.iter().enumerate().filter(|(axis, _)| !gone.contains(axis));
    let shape: Vec<_> = kept.map(|(_, &size)| size).collect();
    if gone.iter().any(|&axis| input.shape[axis] != 1) {
        return Err(format!("axes {gone:?} of {:?} are not of length 1", input.shape).into());
    }
    Ok(vec![Value::floats(shape, input.cells()?.to_vec())])
}

/// With axes of length 1 where the result shall have them.
pub(super) fn unsqueeze(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let input = call.input(0)?;
    let axes = axes(call)?.ok_or("axes are missing")?;
    let rank = input.shape.len() + axes.len();
    let new = resolved(axes, rank as u64)?;
    let mut old = input.shape.iter().copied();
    let sizes = (0..rank).map(|axis| if new.contains(&axis) { Some(1) } else { old.next() });
    let shape = sizes.collect::<Option<Vec<_>>>().ok_or("an axis is named twice")?;
    Ok(vec![Value::floats(shape, input.cells()?.to_vec())])
}

fn axes<'a>(call: &Call<'a>) -> Result<Option<&'a [i64]>, Stop> {
    if call.opset < 13 { call.ints("axes") } else { call.input_ints(1) }
}

/// Axes from the start; negative ones count from the end.
fn resolved(axes: &[i64], rank: u64) -> Result<Vec<usize>, Stop> {
    let resolved = axes.iter().map(|&axis| resolve_axis(axis, rank).map(|axis| axis as usize));
    Ok(resolved.collect::<Result<_, _>>()?)
}
