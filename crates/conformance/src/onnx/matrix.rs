//! Matrix products.

use convscope_kernels::{self as kernels, Arithmetic, Gemm, Scratch, broadcast_shape};

use super::call::{Call, Stop, Value, unset};

/// `alpha * a * b + beta * c`, where `c` is repeated to the result's shape.
pub(super) fn gemm(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let (a, b) = (call.input(0)?, call.input(1)?);
    let (trans_a, trans_b) = (call.int("transA", 0)? != 0, call.int("transB", 0)? != 0);
    let [m, k] = matrix(a, trans_a)?;
    let [k_of_b, n] = matrix(b, trans_b)?;
    same_depth(k, k_of_b)?;
    let shape = [m, n].map(|size| size as u64);
    let mut output = unset(&shape)?;
    let mut beta = 0.0;
    if let Some(c) = call.optional(2) {
        let zeros = vec![0.0; output.len()];
        kernels::arithmetic(Arithmetic::Add, (&zeros, &shape), (c.cells()?, &c.shape), &mut output)?;
        beta = call.float("beta", 1.0)?;
    }
    let gemm = Gemm { m, n, k, trans_a, trans_b, alpha: call.float("alpha", 1.0)?, beta };
    gemm.run(a.cells()?, b.cells()?, &mut output, &mut Scratch::new())?;
    Ok(vec![Value::floats(shape, output)])
}

/// Products of the matrices that the last two axes hold; the others are repeated to each other's shape. A
/// tensor of one axis is a row on the left and a column on the right, and the result lacks that axis.
pub(super) fn matmul(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let (a, b) = (call.input(0)?, call.input(1)?);
    let (mut a_shape, mut b_shape) = (a.shape.clone(), b.shape.clone());
    let (is_row, is_column) = (a_shape.len() == 1, b_shape.len() == 1);
    if is_row {
        a_shape.insert(0, 1);
    }
    if is_column {
        b_shape.push(1);
    }
    let (Some((a_stack, &[m, k])), Some((b_stack, &[k_of_b, n]))) =
        (a_shape.split_last_chunk::<2>(), b_shape.split_last_chunk::<2>())
    else {
        return Err("a single number is no matrix".into());
    };
    let [m, k, k_of_b, n] = [m, k, k_of_b, n].map(|size| size as usize);
    same_depth(k, k_of_b)?;
    let stack = broadcast_shape(a_stack, b_stack)?;
    let mut shape = stack.clone();
    shape.extend([(!is_row).then_some(m), (!is_column).then_some(n)].into_iter().flatten().map(|n| n as u64));
    let mut output = unset(&shape)?;
    let scratch = &mut Scratch::new();
    for (i, output) in output.chunks_mut((m * n).max(1)).enumerate() {
        let (a_at, b_at) = (place(i, &stack, a_stack) * m * k, place(i, &stack, b_stack) * k * n);
        let (a, b) = (&a.cells()?[a_at..][..m * k], &b.cells()?[b_at..][..k * n]);
        Gemm::new(m, n, k).run(a, b, output, scratch)?;
    }
    Ok(vec![Value::floats(shape, output)])
}

/// Which matrix of the stack `of` is taken for the matrix `i` of the stack `shape`.
fn place(mut i: usize, shape: &[u64], of: &[u64]) -> usize {
    let mut place = 0;
    let mut step = 1;
    for (back, &size) in shape.iter().rev().enumerate() {
        let own = of.len().checked_sub(back + 1).map_or(1, |axis| of[axis] as usize);
        place += step * (i % size as usize % own);
        step *= own;
        i /= size as usize;
    }
    place
}

fn matrix(value: &Value, is_transposed: bool) -> Result<[usize; 2], Stop> {
    let &[rows, columns] = value.shape.as_slice() else {
        return Err(format!("{:?} is no matrix", value.shape).into());
    };
    let [rows, columns] = [rows as usize, columns as usize];
    Ok(if is_transposed { [columns, rows] } else { [rows, columns] })
}

fn same_depth(a: usize, b: usize) -> Result<(), Stop> {
    if a == b { Ok(()) } else { Err(format!("{a} columns meet {b} rows").into()) }
}
