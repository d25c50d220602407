//! Cases of `conv_transpose2d`: values, sizes, and what PyTorch refuses.

use crate::compare::compare;
use crate::conv2d::tensor;
use crate::outcome::{Sizes, positive, said, same};
use crate::row::{Row, shape, to_f32};
use convscope_core::conv_transpose2d::conv_transpose2d;
use convscope_core::cost::cost_transposed;
use convscope_core::{AutoPad, ConvError, ConvTranspose2dOptions, ConvTranspose2dParams, Pads};
use convscope_kernels::{self as kernels, Scratch};
use serde::Deserialize;

#[derive(Deserialize)]
struct Params {
    kernel: [i64; 2],
    stride: [i64; 2],
    pads: [i64; 4],
    output_padding: [i64; 2],
    dilation: [i64; 2],
    groups: i64,
    bias: bool,
}

/// Every value, the core's and the kernel's.
pub(crate) fn check_values(row: &Row) -> Result<(), String> {
    let params = layer(row)?.map_err(said)?;
    let input = tensor(shape(&row.input_shape)?, to_f32(&row.input))?;
    let weight = tensor(params.weight_shape(), to_f32(&row.weight))?;
    let bias = row.bias.as_deref().map(to_f32);
    let output = conv_transpose2d(&params, &input, &weight, bias.as_deref()).map_err(said)?;
    same("output_shape", Some(output.shape().as_slice()), row.output_shape.as_deref())?;
    compare(output.data(), row)?;

    let mut output = vec![f32::NAN; row.output.len()];
    kernels::conv_transpose2d(
        &params,
        input.data(),
        input.shape(),
        weight.data(),
        bias.as_deref(),
        &mut output,
        &mut Scratch::new(),
    )
    .map_err(said)?;
    compare(&output, row).map_err(|reason| format!("kernel: {reason}"))
}

/// What PyTorch would say, without any value.
pub(crate) fn sizes(row: &Row) -> Result<Result<Sizes, ConvError>, String> {
    let (input_shape, params) = (shape(&row.input_shape)?, layer(row)?);
    let bias_len = row.bias_len.unwrap_or(0);
    Ok(params.and_then(|params| {
        params.check_bias(bias_len)?;
        let output_shape = params.output_shape(input_shape)?.into();
        Ok(Sizes { output_shape, cost: cost_transposed(&params, input_shape)? })
    }))
}

/// The layer of a row, made for its weight.
pub(crate) fn layer(row: &Row) -> Result<Result<ConvTranspose2dParams, ConvError>, String> {
    let params = Params::deserialize(&row.params).map_err(|error| error.to_string())?;
    let weight_shape = shape(row.weight_shape.as_deref().unwrap_or_default())?;
    let groups = positive(params.groups);
    let options = Pads::new(params.pads).map(|pads| ConvTranspose2dOptions {
        in_channels: weight_shape[0],
        out_channels: weight_shape[1].saturating_mul(groups),
        kernel_size: params.kernel.map(positive),
        stride: params.stride.map(positive),
        dilation: params.dilation.map(positive),
        padding: AutoPad::Explicit(pads),
        output_padding: params.output_padding.map(positive),
        output_size: None,
        groups,
        bias: params.bias,
    });
    Ok(options.and_then(ConvTranspose2dParams::new))
}
