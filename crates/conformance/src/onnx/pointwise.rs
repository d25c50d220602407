//! Operators that keep the shape: activations, softmax, batch norm, dropout.

use convscope_core::linear::resolve_axis;
use convscope_kernels::{self as kernels, Activation, Arithmetic, BatchNorm};

use super::call::{Call, Numbers, Stop, Value, unset};
use super::outside::TRAINING;

/// Activations; every operator that is not known at all ends here.
pub(super) fn activation(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let alpha = |default| call.float("alpha", default);
    let mut factor = 1.0;
    let activation = match call.node.op_type.as_str() {
        "Relu" => Activation::Relu,
        "LeakyRelu" => Activation::LeakyRelu { slope: alpha(0.01)? },
        "Elu" => Activation::Elu { alpha: alpha(1.0)? },
        // Numbers of Klambauer et al. 2017, rounded as ONNX rounds them.
        "Selu" => {
            factor = call.float("gamma", 1.050_701)?;
            Activation::Elu { alpha: alpha(1.673_263_2)? }
        }
        "Sigmoid" => Activation::Sigmoid,
        "Tanh" => Activation::Tanh,
        "HardSigmoid" => Activation::HardSigmoid { slope: alpha(0.2)?, offset: call.float("beta", 0.5)? },
        "HardSwish" => Activation::HardSwish,
        "Swish" if alpha(1.0)? == 1.0 => Activation::Silu,
        "Gelu" => match call.text("approximate", "none")? {
            "none" => Activation::Gelu,
            "tanh" => Activation::GeluTanh,
            other => return Err(format!("approximate {other:?} is not known").into()),
        },
        "Softplus" => Activation::Softplus,
        "Mish" => Activation::Mish,
        "Clip" => clip(call)?,
        _ => return Err("this operator is not built".into()),
    };
    let input = call.input(0)?;
    let mut output = input.cells()?.to_vec();
    kernels::activate(activation, &mut output);
    output.iter_mut().for_each(|cell| *cell *= factor);
    Ok(vec![Value::floats(input.shape.clone(), output)])
}

/// Bounds are attributes before opset 11 and inputs from it on.
fn clip(call: &Call<'_>) -> Result<Activation, Stop> {
    let (low, high) = if call.opset < 11 {
        (call.float("min", f32::MIN)?, call.float("max", f32::MAX)?)
    } else {
        (call.input_float(1)?.unwrap_or(f32::MIN), call.input_float(2)?.unwrap_or(f32::MAX))
    };
    Ok(Activation::Clip { low, high })
}

/// Along one axis from opset 13 on; before that along all axes from `axis` on, as one.
pub(super) fn softmax(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let input = call.input(0)?;
    let mut output = unset(&input.shape)?;
    if call.opset >= 13 {
        kernels::softmax(input.cells()?, &input.shape, call.int("axis", -1)?, &mut output)?;
    } else {
        let axis = resolve_axis(call.int("axis", 1)?, input.shape.len() as u64)? as usize;
        let (rows, columns) = input.shape.split_at(axis);
        let shape = [rows.iter().product(), columns.iter().product()];
        kernels::softmax(input.cells()?, &shape, 1, &mut output)?;
    }
    Ok(vec![Value::floats(input.shape.clone(), output)])
}

pub(super) fn log_softmax(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let mut outputs = softmax(call)?;
    for output in &mut outputs {
        if let Numbers::Floats(cells) = &mut output.numbers {
            cells.iter_mut().for_each(|cell| *cell = cell.ln());
        }
    }
    Ok(outputs)
}

/// With `spatial` of 0, before opset 9, there are statistics for each cell of a map.
pub(super) fn batch_norm(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let input = call.input(0)?;
    let &[n, c, ref plane @ ..] = input.shape.as_slice() else {
        return Err(format!("an input of the shape {:?}", input.shape).into());
    };
    let plane = plane.iter().product();
    let shape = if call.int("spatial", 1)? == 1 { [n, c, plane, 1] } else { [n, c * plane, 1, 1] };
    let norm = BatchNorm {
        weight: Some(call.input(1)?.cells()?),
        bias: Some(call.input(2)?.cells()?),
        mean: call.input(3)?.cells()?,
        variance: call.input(4)?.cells()?,
        eps: call.float("epsilon", 1e-5)?,
    };
    let mut output = unset(&input.shape)?;
    norm.run(input.cells()?, shape, &mut output)?;
    Ok(vec![Value::floats(input.shape.clone(), output)])
}

/// A slope for each channel, or, from opset 7 on, any tensor that is repeated to the input's shape.
pub(super) fn prelu(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let (input, slope) = (call.input(0)?, call.input(1)?);
    let mut output = input.cells()?.to_vec();
    let per_channel = match (input.shape.as_slice(), slope.shape.as_slice()) {
        ([_, c, plane @ ..], [slopes, ones @ ..]) if c == slopes => {
            let rank_fits = ones.len() == plane.len() || call.opset < 7;
            (rank_fits && ones.iter().all(|&size| size == 1)).then(|| plane.iter().product::<u64>())
        }
        _ => None,
    };
    match per_channel {
        Some(plane) => kernels::prelu(slope.cells()?, plane as usize, &mut output),
        None => {
            let mut below = unset(&input.shape)?;
            let (cells, slopes) = ((input.cells()?, &*input.shape), (slope.cells()?, &*slope.shape));
            kernels::arithmetic(Arithmetic::Mul, cells, slopes, &mut below)?;
            let pairs = output.iter_mut().zip(below);
            pairs.filter(|(cell, _)| **cell < 0.0).for_each(|(cell, below)| *cell = below);
        }
    }
    Ok(vec![Value::floats(input.shape.clone(), output)])
}

/// Nothing is dropped in inference: the second output keeps everything. Opset 12 and later say by an input
/// that they train, those before 7 by `is_test`.
pub(super) fn dropout(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let trains = match call.opset {
        12.. => call.input_ints(2)?.is_some_and(|values| values.contains(&1)),
        7..12 => false,
        _ => call.int("is_test", 0)? == 0,
    };
    if trains {
        return Err(Stop::Outside(TRAINING));
    }
    let input = call.input(0)?.clone();
    let kept = Value::ints(input.shape.clone(), vec![1; input.cells()?.len()]);
    Ok(vec![input, kept])
}
