//! Arithmetic of tensors that are repeated to each other's shape.

use convscope_kernels::{self as kernels, Arithmetic, broadcast_shape};

use super::call::{Call, Stop, Value, unset};

/// `Add`, `Sub`, `Mul`, `Div`.
pub(super) fn of_two(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let op = match call.node.op_type.as_str() {
        "Add" => Arithmetic::Add,
        "Sub" => Arithmetic::Sub,
        "Mul" => Arithmetic::Mul,
        _ => Arithmetic::Div,
    };
    let (a, b) = (call.input(0)?, call.input(1)?);
    let b_shape = if call.opset < 7 { aligned(call, &a.shape, &b.shape)? } else { b.shape.clone() };
    compute(op, a, b, &b_shape).map(|value| vec![value])
}

/// Any number of tensors.
pub(super) fn sum(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let mut sum = call.input(0)?.clone();
    for k in 1..call.inputs.len() {
        let next = call.input(k)?;
        sum = compute(Arithmetic::Add, &sum, next, &next.shape)?;
    }
    Ok(vec![sum])
}

fn compute(op: Arithmetic, a: &Value, b: &Value, b_shape: &[u64]) -> Result<Value, Stop> {
    let shape = broadcast_shape(&a.shape, b_shape)?;
    let mut output = unset(&shape)?;
    kernels::arithmetic(op, (a.cells()?, &a.shape), (b.cells()?, b_shape), &mut output)?;
    Ok(Value::floats(shape, output))
}

/// The second shape as opset 6 means it: equal to the first, or, with `broadcast`, to some of its axes in a
/// row, from `axis` on or else the last.
fn aligned(call: &Call<'_>, a: &[u64], b: &[u64]) -> Result<Vec<u64>, Stop> {
    let unfit = || Stop::from(format!("{b:?} does not fit to {a:?}"));
    if call.int("broadcast", 0)? == 0 {
        return if a == b { Ok(b.to_vec()) } else { Err(unfit()) };
    }
    let last = a.len().checked_sub(b.len()).ok_or_else(unfit)?;
    let axis = match call.int("axis", last as i64)? {
        axis @ ..0 => axis + a.len() as i64,
        axis => axis,
    };
    let after = usize::try_from(axis).ok().and_then(|axis| last.checked_sub(axis)).ok_or_else(unfit)?;
    Ok([b, &vec![1; after]].concat())
}
