//! Cases of operations without windows: values, sizes, and what PyTorch refuses.

use crate::compare::compare;
use crate::outcome::{Sizes, positive, said, same};
use crate::row::{Row, shape, to_f32};
use convscope_core::cost::{Cost, cost_linear};
use convscope_core::linear::resolve_axis;
use convscope_core::{ConvError, LinearParams};
use convscope_kernels::{self as kernels, Activation, BatchNorm, Scratch};
use serde::Deserialize;

/// Every value.
pub(crate) fn check_values(row: &Row) -> Result<(), String> {
    let (input, scratch) = (to_f32(&row.input), &mut Scratch::new());
    let mut output = vec![f32::NAN; row.output.len()];
    match row.op.as_str() {
        "relu" => {
            output.copy_from_slice(&input);
            kernels::activate(Activation::Relu, &mut output);
        }
        "softmax" => kernels::softmax(&input, &row.input_shape, axis(row)?, &mut output).map_err(said)?,
        "linear" | "flatten_linear" => {
            let rows = row.input_shape.first().copied().unwrap_or_default();
            let (weight, bias) = (to_f32(&row.weight), row.bias.as_deref().map(to_f32));
            let params = linear_params(row)?;
            kernels::linear(&params, &input, rows as usize, &weight, bias.as_deref(), &mut output, scratch)
                .map_err(said)?;
            same(
                "output_shape",
                Some([rows, params.out_features()].as_slice()),
                row.output_shape.as_deref(),
            )?;
        }
        "batch_norm_inference" => {
            let (weight, bias) = (to_f32(&row.weight), row.bias.as_deref().map(to_f32));
            let norm = BatchNorm {
                mean: &row.floats("running_mean")?,
                variance: &row.floats("running_var")?,
                weight: Some(&weight),
                bias: bias.as_deref(),
                eps: row.params["eps"].as_f64().ok_or("the row has no eps")? as f32,
            };
            norm.run(&input, shape(&row.input_shape)?, &mut output).map_err(said)?;
        }
        "upsample_nearest" => {
            let scale = <[u64; 2]>::deserialize(&row.params["scale"]).map_err(|error| error.to_string())?;
            kernels::upsample_nearest(&input, shape(&row.input_shape)?, scale, &mut output).map_err(said)?;
        }
        _ => return Err("not built yet".to_owned()),
    }
    compare(&output, row)
}

/// The linear layer of a row of values, whose weight is `[out_features, in_features]`.
pub(crate) fn linear_params(row: &Row) -> Result<LinearParams, String> {
    let Some(&[out_features, in_features]) = row.weight_shape.as_deref() else {
        return Err("a linear layer has a weight of two sizes".to_owned());
    };
    LinearParams::new(in_features, out_features, row.bias.is_some()).map_err(said)
}

/// What PyTorch would say of a linear layer, without any value.
pub(crate) fn linear_sizes(row: &Row) -> Result<Result<Sizes, ConvError>, String> {
    #[derive(Deserialize)]
    struct Params {
        out_features: i64,
        bias: bool,
    }
    let Params { out_features, bias } =
        Params::deserialize(&row.params).map_err(|error| error.to_string())?;
    let (&[rows, features], Some(&[_, in_features])) =
        (row.input_shape.as_slice(), row.weight_shape.as_deref())
    else {
        return Err("a linear layer has an input and a weight of two sizes".to_owned());
    };
    Ok(LinearParams::new(in_features, positive(out_features), bias).and_then(|params| {
        params.check_input(features)?;
        params.check_bias(row.bias_len.unwrap_or(0))?;
        Ok(Sizes { output_shape: vec![rows, params.out_features()], cost: cost_linear(&params, rows)? })
    }))
}

/// The same of softmax, which keeps the shape.
pub(crate) fn softmax_sizes(row: &Row) -> Result<Result<Sizes, ConvError>, String> {
    let elements = row.input_shape.iter().product();
    let cost = Cost { weights: 0, biases: 0, input_elements: elements, output_elements: elements, macs: 0 };
    let sizes = |_| Sizes { output_shape: row.input_shape.clone(), cost };
    Ok(resolve_axis(axis(row)?, row.input_shape.len() as u64).map(sizes))
}

fn axis(row: &Row) -> Result<i64, String> {
    row.params["axis"].as_i64().ok_or_else(|| "the row has no axis".to_owned())
}
