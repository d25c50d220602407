//! Cases of gradients: those of convolutions as `f32`, the others as `f64` alone.

use crate::compare::compare_within;
use crate::conv2d::Case;
use crate::outcome::said;
use crate::row::{Row, shape, to_f32};
use crate::{conv_transpose2d, pointwise, pool};
use convscope_core::Conv2dParams;
use convscope_kernels::{self as kernels, Scratch, grad};

/// Every gradient of a convolution.
pub(crate) fn check_conv2d(row: &Row) -> Result<(), String> {
    let params = Case::new(row)?.options.and_then(Conv2dParams::new).map_err(said)?;
    let (input_shape, output_shape) = (shape(&row.input_shape)?, output_shape(row)?);
    let (input, weight, grad_output) = (to_f32(&row.input), to_f32(&row.weight), row.floats("grad_output")?);
    let scratch = &mut Scratch::new();
    let mut grad_input = vec![f32::NAN; input.len()];
    grad::conv2d_grad_input(&params, &weight, &grad_output, input_shape, &mut grad_input, scratch)
        .map_err(said)?;
    compare_rounded(&grad_input, row, "grad_input")?;
    let packed = grad::Conv2dGradInput::new(&params, input_shape, &weight).map_err(said)?;
    packed.run(&grad_output, &mut grad_input, scratch).map_err(said)?;
    compare_rounded(&grad_input, row, "grad_input")?;
    let mut grad_weight = vec![f32::NAN; weight.len()];
    grad::conv2d_grad_weight(&params, &input, &grad_output, input_shape, &mut grad_weight, scratch)
        .map_err(said)?;
    compare_rounded(&grad_weight, row, "grad_weight")?;
    if let Some(bias) = &row.bias {
        let mut grad_bias = vec![f32::NAN; bias.len()];
        grad::grad_bias(&grad_output, output_shape, &mut grad_bias).map_err(said)?;
        compare_rounded(&grad_bias, row, "grad_bias")?;
    }
    Ok(())
}

/// Every gradient of another operation.
pub(crate) fn check_other(row: &Row) -> Result<(), String> {
    let (input, scratch) = (to_f32(&row.input), &mut Scratch::new());
    let mut grad_input = vec![f32::NAN; input.len()];
    match row.op.as_str() {
        "max_pool2d_grad" => {
            let (params, input_shape) = (pool::layer(row)?.map_err(said)?.params, shape(&row.input_shape)?);
            let grad_output = row.floats("grad_output")?;
            let (mut output, mut indices) = (vec![0.0; grad_output.len()], vec![0; grad_output.len()]);
            kernels::max_pool2d_with_indices(
                &params,
                &input,
                input_shape,
                &mut output,
                &mut indices,
                scratch,
            )
            .map_err(said)?;
            grad::max_pool2d_grad(&indices, &grad_output, input_shape, &mut grad_input).map_err(said)?;
        }
        "avg_pool2d_grad" => {
            let layer = pool::layer(row)?.map_err(said)?;
            let (grad_output, input_shape) = (row.floats("grad_output")?, shape(&row.input_shape)?);
            grad::avg_pool2d_grad(&layer.params, layer.divisor, &grad_output, input_shape, &mut grad_input)
                .map_err(said)?;
        }
        "conv_transpose2d_grad" => conv_transpose2d_grad(row, &mut grad_input)?,
        "linear_grad" => {
            let (params, weight) = (pointwise::linear_params(row)?, to_f32(&row.weight));
            let (rows, grad_output) = (row.input_shape[0] as usize, row.floats("grad_output")?);
            grad::linear_grad_input(&params, &weight, &grad_output, rows, &mut grad_input, scratch)
                .map_err(said)?;
            let mut grad_weight = vec![f32::NAN; weight.len()];
            grad::linear_grad_weight(&params, &input, &grad_output, rows, &mut grad_weight, scratch)
                .map_err(said)?;
            compare_relative(&grad_weight, row, "grad_weight_f64")?;
            let mut grad_bias = vec![f32::NAN; params.out_features() as usize];
            grad::linear_grad_bias(&grad_output, rows, &mut grad_bias).map_err(said)?;
            compare_relative(&grad_bias, row, "grad_bias_f64")?;
        }
        "relu_grad" => {
            grad::relu_grad(&input, &row.floats("grad_output")?, &mut grad_input).map_err(said)?;
        }
        "softmax_cross_entropy" => {
            let labels: Vec<u32> = row.numbers("labels")?.iter().map(|&label| label as u32).collect();
            let classes = row.input_shape.get(1).copied().unwrap_or_default() as usize;
            let loss =
                grad::softmax_cross_entropy(&input, &labels, classes, &mut grad_input).map_err(said)?;
            let expected: Vec<f64> = row.output_f64.iter().flatten().map(|number| number.0).collect();
            within(&[loss], &expected, "loss")?;
        }
        _ => return Err("not built yet".to_owned()),
    }
    compare_relative(&grad_input, row, "grad_input_f64")
}

fn conv_transpose2d_grad(row: &Row, grad_input: &mut [f32]) -> Result<(), String> {
    let params = conv_transpose2d::layer(row)?.map_err(said)?;
    let (input, weight, grad_output) = (to_f32(&row.input), to_f32(&row.weight), row.floats("grad_output")?);
    let (input_shape, scratch) = (shape(&row.input_shape)?, &mut Scratch::new());
    grad::conv_transpose2d_grad_input(&params, &weight, &grad_output, input_shape, grad_input, scratch)
        .map_err(said)?;
    let mut grad_weight = vec![f32::NAN; weight.len()];
    grad::conv_transpose2d_grad_weight(&params, &input, &grad_output, input_shape, &mut grad_weight, scratch)
        .map_err(said)?;
    compare_relative(&grad_weight, row, "grad_weight_f64")?;
    let mut grad_bias = vec![f32::NAN; params.options().out_channels as usize];
    grad::grad_bias(&grad_output, output_shape(row)?, &mut grad_bias).map_err(said)?;
    compare_relative(&grad_bias, row, "grad_bias_f64")
}

fn output_shape(row: &Row) -> Result<[u64; 4], String> {
    shape(row.output_shape.as_deref().unwrap_or_default())
}

/// Equal where the case is exact, otherwise within the tolerance of the `f64` gradient.
fn compare_rounded(ours: &[f32], row: &Row, name: &str) -> Result<(), String> {
    let exact = row.rest.get(&format!("{name}_exact")).and_then(serde_json::Value::as_bool);
    let (expected, tol) = match exact {
        Some(true) => (row.floats(name)?.into_iter().map(f64::from).collect(), 0.0),
        Some(false) => {
            let tol = row.rest.get(&format!("{name}_tol")).and_then(serde_json::Value::as_f64);
            (row.numbers(&format!("{name}_f64"))?, tol.ok_or_else(|| format!("the row has no {name}_tol"))?)
        }
        None => return Err(format!("the row has no {name}_exact")),
    };
    let widened: Vec<f64> = ours.iter().map(|&value| f64::from(value)).collect();
    compare_within(&widened, &expected, |_| tol).map_err(|reason| format!("{name}: {reason}"))
}

/// Within 1e-5 of the largest magnitude.
fn compare_relative(ours: &[f32], row: &Row, name: &str) -> Result<(), String> {
    within(ours, &row.numbers(name)?, name)
}

fn within(ours: &[f32], expected: &[f64], name: &str) -> Result<(), String> {
    let widened: Vec<f64> = ours.iter().map(|&value| f64::from(value)).collect();
    let largest = expected.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    compare_within(&widened, expected, |_| 1e-5 * largest).map_err(|reason| format!("{name}: {reason}"))
}
