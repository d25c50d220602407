//! Cases of `conv2d`: values, sizes, and what PyTorch refuses.

use crate::compare::{compare, compare_f64};
use crate::outcome::{Sizes, positive, said, same};
use crate::row::{Row, shape, to_f32};
use convscope_core::conv2d::conv2d;
use convscope_core::cost::{Cost, cost};
use convscope_core::tensor::element_count;
use convscope_core::{AutoPad, AxisParams, Conv2dOptions, Conv2dParams, ConvError};
use convscope_core::{Padding2d, PaddingMode, Pads, Tensor, naive};
use convscope_kernels::{Conv2d, Precision, Scratch};
use serde::Deserialize;

#[derive(Deserialize)]
struct Params {
    kernel: [i64; 2],
    stride: [i64; 2],
    padding: String,
    pads: [i64; 4],
    dilation: [i64; 2],
    groups: i64,
    padding_mode: String,
    bias: bool,
}

/// Every value, the core's, the kernels' and the naive convolution's, and the padding that was resolved.
pub(crate) fn check_values(row: &Row) -> Result<(), String> {
    let case = Case::new(row)?;
    let input = tensor(case.input_shape, to_f32(&row.input))?;
    let weight = tensor(case.weight_shape, to_f32(&row.weight))?;
    let bias = row.bias.as_deref().map(to_f32);
    let (params, _, output_shape) = case.outcome().map_err(said)?;
    same("output_shape", Some(output_shape.as_slice()), row.output_shape.as_deref())?;
    let geometry = params.geometry([case.input_shape[2], case.input_shape[3]]).map_err(said)?;
    same("pads", Ok(geometry.pads()), Pads::new(case.pads))?;

    let output = conv2d(&params, &input, &weight, bias.as_deref()).map_err(said)?;
    compare(output.data(), row)?;
    for precision in [Precision::Exact, Precision::Fast] {
        let output = by_kernel(&params, &input, &weight, bias.as_deref(), precision)?;
        compare(&output, row).map_err(|reason| format!("kernel, {precision:?}: {reason}"))?;
    }

    let naive = naive::conv2d(params.options(), &input, &weight, bias.as_deref());
    let naive = naive.ok_or("the naive convolution finds no window")?;
    same("naive output_shape", Some(naive.shape.as_slice()), row.output_shape.as_deref())?;
    compare_f64(&naive.data, row).map_err(|reason| format!("naive: {reason}"))
}

/// What PyTorch would say, without any value.
pub(crate) fn sizes(row: &Row) -> Result<Result<Sizes, ConvError>, String> {
    let case = Case::new(row)?;
    let sizes = |(_, cost, output_shape): (_, _, [u64; 4])| Sizes { output_shape: output_shape.into(), cost };
    Ok(case.outcome().map(sizes))
}

/// Values under one of ONNX's ways of asking for padding.
pub(crate) fn check_auto_pad(row: &Row) -> Result<(), String> {
    let params = AutoPadded::deserialize(&row.params).map_err(|error| error.to_string())?;
    let (input_shape, weight_shape) =
        (shape(&row.input_shape)?, shape(row.weight_shape.as_deref().unwrap_or_default())?);
    let [kernel_size, stride, dilation] = [params.kernel, params.stride, params.dilation];
    let axis = |i: usize| AxisParams::new(kernel_size[i], stride[i], dilation[i]).map_err(said);
    let padding = auto_pad(&params.auto_pad)?.pads([axis(0)?, axis(1)?], [input_shape[2], input_shape[3]]);
    let padding = padding.map_err(said)?;
    same("pads", Ok(padding), Pads::new(params.pads))?;
    let options = Conv2dOptions {
        in_channels: input_shape[1],
        out_channels: weight_shape[0],
        kernel_size,
        stride,
        dilation,
        padding: Padding2d::Explicit(padding),
        bias: row.bias.is_some(),
        ..Default::default()
    };
    let params = Conv2dParams::new(options).map_err(said)?;
    let input = tensor(input_shape, to_f32(&row.input))?;
    let weight = tensor(weight_shape, to_f32(&row.weight))?;
    let output =
        conv2d(&params, &input, &weight, row.bias.as_deref().map(to_f32).as_deref()).map_err(said)?;
    same("output_shape", Some(output.shape().as_slice()), row.output_shape.as_deref())?;
    compare(output.data(), row)?;
    let bias = row.bias.as_deref().map(to_f32);
    let output = by_kernel(&params, &input, &weight, bias.as_deref(), Precision::Fast)?;
    compare(&output, row).map_err(|reason| format!("kernel: {reason}"))
}

fn by_kernel(
    params: &Conv2dParams,
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&[f32]>,
    precision: Precision,
) -> Result<Vec<f32>, String> {
    let conv = Conv2d::new(params, input.shape(), weight.data(), bias, precision).map_err(said)?;
    let mut output = vec![f32::NAN; element_count(conv.output_shape()).map_err(said)? as usize];
    conv.run(input.data(), &mut output, &mut Scratch::new()).map_err(said)?;
    Ok(output)
}

#[derive(Deserialize)]
struct AutoPadded {
    kernel: [u64; 2],
    stride: [u64; 2],
    dilation: [u64; 2],
    auto_pad: String,
    pads: [i64; 4],
}

/// ONNX's names.
pub(crate) fn auto_pad(name: &str) -> Result<AutoPad, String> {
    match name {
        "VALID" => Ok(AutoPad::Valid),
        "SAME_UPPER" => Ok(AutoPad::SameUpper),
        "SAME_LOWER" => Ok(AutoPad::SameLower),
        _ => Err(format!("auto_pad {name:?} is not known")),
    }
}

/// The layer of a row, not checked yet.
pub(crate) struct Case {
    pub(crate) options: Result<Conv2dOptions, ConvError>,
    pads: [i64; 4],
    input_shape: [u64; 4],
    weight_shape: [u64; 4],
    bias_len: u64,
}

impl Case {
    pub(crate) fn new(row: &Row) -> Result<Self, String> {
        let params = Params::deserialize(&row.params).map_err(|error| error.to_string())?;
        let input_shape = shape(&row.input_shape)?;
        let weight_shape = shape(row.weight_shape.as_deref().unwrap_or_default())?;
        let padding_mode = match params.padding_mode.as_str() {
            "zeros" => PaddingMode::Zeros,
            "reflect" => PaddingMode::Reflect,
            "replicate" => PaddingMode::Replicate,
            "circular" => PaddingMode::Circular,
            other => return Err(format!("padding_mode {other:?} is not known")),
        };
        let padding = match params.padding.as_str() {
            "explicit" => Pads::new(params.pads).map(Padding2d::Explicit),
            "same" => Ok(Padding2d::Same),
            "valid" => Ok(Padding2d::Valid),
            other => return Err(format!("padding {other:?} is not known")),
        };
        let options = padding.map(|padding| Conv2dOptions {
            in_channels: input_shape[1],
            out_channels: weight_shape[0],
            kernel_size: params.kernel.map(positive),
            stride: params.stride.map(positive),
            dilation: params.dilation.map(positive),
            padding,
            padding_mode,
            groups: positive(params.groups),
            bias: params.bias,
        });
        let bias_len = row.bias_len.or(row.bias.as_ref().map(|bias| bias.len() as u64)).unwrap_or(0);
        Ok(Self { options, pads: params.pads, input_shape, weight_shape, bias_len })
    }

    /// What PyTorch would say, without any value.
    fn outcome(&self) -> Result<(Conv2dParams, Cost, [u64; 4]), ConvError> {
        let params = Conv2dParams::new(self.options?)?;
        params.pytorch()?;
        params.check_weight(self.weight_shape)?;
        params.check_bias(self.bias_len)?;
        let output_shape = params.output_shape(self.input_shape)?;
        let cost = cost(&params, self.input_shape)?;
        Ok((params, cost, output_shape))
    }
}

pub(crate) fn tensor(shape: [u64; 4], data: Vec<f32>) -> Result<Tensor, String> {
    Tensor::new(shape, data).map_err(said)
}
