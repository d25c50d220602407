//! Cases of pools: values, indices, sizes, and what PyTorch refuses.

use crate::compare::compare;
use crate::conv2d::{auto_pad, tensor};
use crate::outcome::{Sizes, positive, said, same};
use crate::row::{Row, shape, to_f32};
use convscope_core::cost::cost_unweighted;
use convscope_core::pool2d::{avg_pool2d, max_pool2d};
use convscope_core::{AdaptivePool2d, AutoPad, AvgDivisor, ConvError};
use convscope_core::{Pads, Pool2dOptions, Pool2dParams, PoolRounding};
use convscope_kernels::{self as kernels, Scratch};
use serde::Deserialize;

#[derive(Deserialize)]
struct Params {
    kernel: [i64; 2],
    stride: [i64; 2],
    /// Symmetric, `[vertical, horizontal]`; absent where ONNX pads by itself.
    padding: Option<[i64; 2]>,
    #[serde(default = "undilated")]
    dilation: [i64; 2],
    #[serde(default)]
    ceil_mode: bool,
    #[serde(default)]
    count_include_pad: bool,
    divisor_override: Option<i64>,
    auto_pad: Option<String>,
    /// What `auto_pad` comes to.
    pads: Option<[i64; 4]>,
}

fn undilated() -> [i64; 2] {
    [1, 1]
}

/// A pool of a row, not checked against an input yet.
pub(crate) struct Layer {
    pub(crate) params: Pool2dParams,
    pub(crate) divisor: AvgDivisor,
}

/// Every value, the core's and the kernel's, and the indices of maxima.
pub(crate) fn check_values(row: &Row) -> Result<(), String> {
    let Layer { params, divisor } = layer(row)?.map_err(said)?;
    let input = tensor(shape(&row.input_shape)?, to_f32(&row.input))?;
    if let Some(pads) = Params::deserialize(&row.params).map_err(|error| error.to_string())?.pads {
        let geometry = params.geometry([row.input_shape[2], row.input_shape[3]]).map_err(said)?;
        same("pads", Ok(geometry.pads()), Pads::new(pads))?;
    }
    let mut kernel = vec![f32::NAN; row.output.len()];
    let (cells, input_shape, scratch) = (input.data(), input.shape(), &mut Scratch::new());
    let output = if row.op.starts_with("max") {
        let (output, indices) = max_pool2d(&params, &input).map_err(said)?;
        kernels::max_pool2d(&params, cells, input_shape, &mut kernel, scratch).map_err(said)?;
        compare(&kernel, row).map_err(|reason| format!("kernel: {reason}"))?;
        let mut places = vec![0; kernel.len()];
        kernels::max_pool2d_with_indices(&params, cells, input_shape, &mut kernel, &mut places, scratch)
            .map_err(said)?;
        if let Some(expected) = &row.indices {
            let known: Vec<_> = expected.iter().map(|&index| Some(index)).collect();
            same("indices", &indices, &known)?;
            let widened: Vec<_> = places.into_iter().map(u64::from).collect();
            same("indices of the kernel", &widened, expected)?;
        }
        output
    } else {
        kernels::avg_pool2d(&params, divisor, cells, input_shape, &mut kernel, scratch).map_err(said)?;
        avg_pool2d(&params, divisor, &input).map_err(said)?
    };
    same("output_shape", Some(output.shape().as_slice()), row.output_shape.as_deref())?;
    compare(output.data(), row)?;
    compare(&kernel, row).map_err(|reason| format!("kernel: {reason}"))
}

/// Every value of an adaptive pool, and the indices of maxima.
pub(crate) fn check_adaptive(row: &Row) -> Result<(), String> {
    let (input_shape, pool) = (shape(&row.input_shape)?, adaptive(row)?.map_err(said)?);
    let output_shape = pool.output_shape(input_shape).map_err(said)?;
    same("output_shape", Some(output_shape.as_slice()), row.output_shape.as_deref())?;
    let (input, mut output) = (to_f32(&row.input), vec![f32::NAN; row.output.len()]);
    if let Some(expected) = &row.indices {
        let mut indices = vec![0; output.len()];
        kernels::adaptive_max_pool2d(pool, &input, input_shape, &mut output, &mut indices).map_err(said)?;
        let widened: Vec<_> = indices.into_iter().map(u64::from).collect();
        same("indices", &widened, expected)?;
    } else {
        kernels::adaptive_avg_pool2d(pool, &input, input_shape, &mut output).map_err(said)?;
    }
    compare(&output, row)
}

/// What PyTorch would say, without any value.
pub(crate) fn sizes(row: &Row) -> Result<Result<Sizes, ConvError>, String> {
    let (input_shape, layer) = (shape(&row.input_shape)?, layer(row)?);
    Ok(layer.and_then(|Layer { params, .. }| {
        params.pytorch()?;
        let output_shape = params.output_shape(input_shape)?;
        Ok(Sizes { output_shape: output_shape.into(), cost: cost_unweighted(input_shape, output_shape)? })
    }))
}

/// The same of an adaptive pool.
pub(crate) fn adaptive_sizes(row: &Row) -> Result<Result<Sizes, ConvError>, String> {
    let (input_shape, pool) = (shape(&row.input_shape)?, adaptive(row)?);
    Ok(pool.and_then(|pool| {
        let output_shape = pool.output_shape(input_shape)?;
        Ok(Sizes { output_shape: output_shape.into(), cost: cost_unweighted(input_shape, output_shape)? })
    }))
}

/// The pool of a row.
pub(crate) fn layer(row: &Row) -> Result<Result<Layer, ConvError>, String> {
    let params = Params::deserialize(&row.params).map_err(|error| error.to_string())?;
    let padding = match (&params.auto_pad, params.padding) {
        (Some(name), None) => Ok(auto_pad(name)?),
        (None, Some([vertical, horizontal])) => {
            Pads::new([vertical, horizontal, vertical, horizontal]).map(AutoPad::Explicit)
        }
        _ => return Err("the pool has either padding or auto_pad".to_owned()),
    };
    let options = padding.map(|padding| Pool2dOptions {
        kernel_size: params.kernel.map(positive),
        stride: params.stride.map(positive),
        dilation: params.dilation.map(positive),
        padding,
        rounding: if params.ceil_mode { PoolRounding::Ceil } else { PoolRounding::Floor },
    });
    let layer = |options| {
        let divisor = AvgDivisor::new(params.count_include_pad, params.divisor_override)?;
        Ok(Layer { params: Pool2dParams::new(options)?, divisor })
    };
    Ok(options.and_then(layer))
}

/// The adaptive pool of a row.
pub(crate) fn adaptive(row: &Row) -> Result<Result<AdaptivePool2d, ConvError>, String> {
    #[derive(Deserialize)]
    struct Params {
        output_size: [i64; 2],
    }
    let Params { output_size } = Params::deserialize(&row.params).map_err(|error| error.to_string())?;
    Ok(AdaptivePool2d::new(output_size))
}
