//! Convolutions, pools, resizing and padding.

use convscope_core::graph::{Op, PoolKind, Resample, ResampleMode, ResampleSize};
use convscope_core::{
    AdaptivePool2d, AutoPad, AvgDivisor, Conv2dOptions, Conv2dParams, ConvTranspose2dOptions,
    ConvTranspose2dParams, Layer, Padding2d, PaddingMode, Pads, Pool2dOptions, Pool2dParams, PoolRounding,
};

use super::call::Call;
use super::{Build, Operand};
use crate::reading::Why;

impl Build<'_> {
    /// The shape of a weight OIHW, or why the layer is none of two spatial axes.
    fn weight(&self, call: &Call<'_>, index: usize) -> Result<[u64; 4], Why> {
        let shape = self.shape_of(call, index).ok_or(Why::NoWeightShape)?;
        let axes = shape.sizes().len();
        shape.nchw().ok_or(Why::SpatialAxes(axes.saturating_sub(2)))
    }

    pub(super) fn conv(&mut self, call: &Call<'_>, weight: usize, bias: usize) -> Result<Operand, Why> {
        let [out_channels, in_group, k_h, k_w] = self.weight(call, weight)?;
        let groups = u64::try_from(call.int("group", 1)?).map_err(|_| Why::Parameter("group"))?;
        let (kernel_size, stride) = ([k_h, k_w], call.pair("strides", 1)?);
        let dilation = call.pair("dilations", 1)?;
        let padding = match padding(call)? {
            AutoPad::Explicit(pads) => Padding2d::Explicit(pads),
            AutoPad::Valid => Padding2d::Valid,
            AutoPad::SameUpper => Padding2d::Same,
            AutoPad::SameLower => {
                let input = self.shape_of(call, 0).and_then(|shape| shape.nchw());
                let [.., height, width] = input.ok_or(Why::Parameter("auto_pad"))?;
                let axis = |i: usize| convscope_core::AxisParams::new(kernel_size[i], stride[i], dilation[i]);
                Padding2d::Explicit(AutoPad::SameLower.pads([axis(0)?, axis(1)?], [height, width])?)
            }
        };
        let params = Conv2dParams::new(Conv2dOptions {
            in_channels: in_group.saturating_mul(groups),
            out_channels,
            kernel_size,
            stride,
            dilation,
            padding,
            padding_mode: PaddingMode::Zeros,
            groups,
            bias: call.input(bias).is_some(),
        })?;
        self.layer(call, Op::Layer(Layer::Conv2d(params)))
    }

    pub(super) fn conv_transpose(&mut self, call: &Call<'_>) -> Result<Operand, Why> {
        let [in_channels, out_group, k_h, k_w] = self.weight(call, 1)?;
        let groups = u64::try_from(call.int("group", 1)?).map_err(|_| Why::Parameter("group"))?;
        let output_size = match call.ints("output_shape")? {
            None => None,
            // Some write all axes.
            Some(&[_, _, rows, columns] | &[rows, columns]) => {
                let size = [rows, columns].map(u64::try_from);
                let [Ok(rows), Ok(columns)] = size else { return Err(Why::Parameter("output_shape")) };
                Some([rows, columns])
            }
            Some(_) => return Err(Why::Parameter("output_shape")),
        };
        let params = ConvTranspose2dParams::new(ConvTranspose2dOptions {
            in_channels,
            out_channels: out_group.saturating_mul(groups),
            kernel_size: [k_h, k_w],
            stride: call.pair("strides", 1)?,
            dilation: call.pair("dilations", 1)?,
            padding: padding(call)?,
            output_padding: call.pair("output_padding", 0)?,
            output_size,
            groups,
            bias: call.input(2).is_some(),
        })?;
        self.layer(call, Op::Layer(Layer::ConvTranspose2d(params)))
    }

    pub(super) fn pool(&mut self, call: &Call<'_>) -> Result<Operand, Why> {
        let kernel = call.ints("kernel_shape")?.ok_or(Why::Parameter("kernel_shape"))?;
        if kernel.len() != 2 {
            return Err(Why::SpatialAxes(kernel.len()));
        }
        let rounding = match call.int("ceil_mode", 0)? {
            0 => PoolRounding::Floor,
            _ if call.opset < 22 => PoolRounding::CeilKeepLast,
            _ => PoolRounding::Ceil,
        };
        let params = Pool2dParams::new(Pool2dOptions {
            kernel_size: call.pair("kernel_shape", 1)?,
            stride: call.pair("strides", 1)?,
            dilation: call.pair("dilations", 1)?,
            padding: padding(call)?,
            rounding,
        })?;
        let layer = match call.node.op_type.as_str() {
            "MaxPool" => Layer::MaxPool2d(params),
            "LpPool" => {
                let p =
                    u32::try_from(call.int("p", 2)?).ok().filter(|&p| p > 0).ok_or(Why::Parameter("p"))?;
                Layer::LpPool2d(params, p)
            }
            _ => Layer::AvgPool2d(params, AvgDivisor::new(call.int("count_include_pad", 0)? != 0, None)?),
        };
        self.layer(call, Op::Layer(layer))
    }

    pub(super) fn global_pool(&mut self, call: &Call<'_>) -> Result<Operand, Why> {
        self.expect_maps(call)?;
        let kind = match call.node.op_type.as_str() {
            "GlobalMaxPool" => PoolKind::Max,
            "GlobalAveragePool" => PoolKind::Average,
            _ => return Err(Why::Unknown),
        };
        self.layer(call, Op::AdaptivePool(AdaptivePool2d::GLOBAL, kind))
    }

    /// Over rows and columns, kept with size 1, it is a global pool; otherwise a mean is a mean.
    pub(super) fn reduce(&mut self, call: &Call<'_>) -> Result<Operand, Why> {
        let keepdim = call.int("keepdims", 1)? != 0;
        let axes = call.listed("axes", 1)?.unwrap_or_default().to_vec();
        if axes.is_empty() && call.int("noop_with_empty_axes", 0)? != 0 {
            return call.input(0).cloned().ok_or(Why::NotConstant("input"));
        }
        let shape = self.shape_of(call, 0);
        let is_spatial = |shape: &convscope_core::graph::Shape| {
            let named: Vec<_> = axes.iter().filter_map(|&axis| shape.axis(axis).ok()).collect();
            shape.nchw().is_some() && matches!(named.as_slice(), [2, 3] | [3, 2])
        };
        let is_global = keepdim && shape.as_ref().is_some_and(is_spatial);
        let op = match (call.node.op_type.as_str(), is_global) {
            ("ReduceMean", true) => Op::AdaptivePool(AdaptivePool2d::GLOBAL, PoolKind::Average),
            ("ReduceMean", false) => Op::Mean { axes, keepdim },
            (_, true) => Op::AdaptivePool(AdaptivePool2d::GLOBAL, PoolKind::Max),
            _ => return Err(Why::Unknown),
        };
        self.layer(call, op)
    }

    pub(super) fn resize(&mut self, call: &Call<'_>) -> Result<Operand, Why> {
        let shape = self.expect_maps(call)?;
        let mode = match call.text("mode", "nearest")? {
            "nearest" => ResampleMode::Nearest,
            "linear" | "bilinear" => match call.text("coordinate_transformation_mode", "half_pixel")? {
                "align_corners" => ResampleMode::BilinearAligned,
                _ => ResampleMode::Bilinear,
            },
            _ => return Err(Why::Parameter("mode")),
        };
        // Resize: X, roi, scales, sizes from opset 11 on; X, scales in opset 10, as Upsample.
        let is_new = call.node.op_type == "Resize" && call.opset >= 11;
        let scales = call.floats("scales").or_else(|| call.input_floats(if is_new { 2 } else { 1 }));
        let sizes = if is_new { call.input_ints(3) } else { None };
        let axes = call.ints("axes")?;
        let spatial = |len: usize| match (axes, len) {
            (None, 4) => Ok([2, 3]),
            (Some(&[rows, columns]), 2) if shape.axis(rows) == Ok(2) && shape.axis(columns) == Ok(3) => {
                Ok([0, 1])
            }
            _ => Err(Why::Parameter("axes")),
        };
        let size = match (sizes.filter(|sizes| !sizes.is_empty()), scales.filter(|scales| !scales.is_empty()))
        {
            (Some(sizes), _) => {
                let [rows, columns] = spatial(sizes.len())?.map(|i| u64::try_from(sizes[i]));
                let (Ok(rows), Ok(columns)) = (rows, columns) else { return Err(Why::Parameter("sizes")) };
                let [_, _, height, width] = shape.nchw().unwrap_or_default();
                match (rows.checked_rem(height), columns.checked_rem(width)) {
                    (Some(0), Some(0)) => ResampleSize::By([[rows / height, 1], [columns / width, 1]]),
                    _ => ResampleSize::To([rows, columns]),
                }
            }
            (None, Some(scales)) => {
                let [rows, columns] = spatial(scales.len())?.map(|i| scales[i]);
                match (ratio(rows), ratio(columns)) {
                    (Some(rows), Some(columns)) => ResampleSize::By([rows, columns]),
                    _ => {
                        let [_, _, height, width] = shape.nchw().unwrap_or_default();
                        let by = |len: u64, scale: f32| (len as f64 * f64::from(scale)).floor();
                        let [rows, columns] = [by(height, rows), by(width, columns)];
                        let fits = |size: f64| (1.0..1e15).contains(&size);
                        if !fits(rows) || !fits(columns) {
                            return Err(Why::Parameter("scales"));
                        }
                        ResampleSize::To([rows as u64, columns as u64])
                    }
                }
            }
            _ => return Err(Why::NotConstant(if is_new { "sizes" } else { "scales" })),
        };
        self.layer(call, Op::Upsample(Resample { size, mode }))
    }

    pub(super) fn pad(&mut self, call: &Call<'_>) -> Result<Operand, Why> {
        let shape = self.expect_maps(call)?;
        let pads = match call.ints("paddings")? {
            Some(pads) => Some(pads),
            None => call.listed("pads", 1)?,
        };
        let pads = pads.ok_or(Why::Parameter("pads"))?;
        let mode = match call.text("mode", "constant")? {
            "constant" => PaddingMode::Zeros,
            "reflect" => PaddingMode::Reflect,
            "edge" => PaddingMode::Replicate,
            "wrap" => PaddingMode::Circular,
            _ => return Err(Why::Parameter("mode")),
        };
        let mut sides = [[0_i64; 2]; 4];
        let axes = match call.input(3) {
            None => vec![0, 1, 2, 3],
            Some(_) => call.input_ints(3).ok_or(Why::NotConstant("axes"))?.to_vec(),
        };
        if pads.len() != 2 * axes.len() {
            return Err(Why::Parameter("pads"));
        }
        for (i, axis) in axes.iter().enumerate() {
            let axis = shape.axis(*axis)?;
            sides[axis] = [pads[i], pads[i + axes.len()]];
        }
        let [[0, 0], [0, 0], [top, bottom], [left, right]] = sides else {
            return Err(Why::Parameter("pads"));
        };
        self.layer(call, Op::Pad { pads: [top, left, bottom, right], mode })
    }

    /// The shape of the first input, which must be maps of two spatial axes where it is known.
    pub(super) fn expect_maps(&self, call: &Call<'_>) -> Result<convscope_core::graph::Shape, Why> {
        let shape = self.shape_of(call, 0).ok_or(Why::NotConstant("shape"))?;
        match shape.sizes().len() {
            4 => Ok(shape),
            rank => Err(Why::SpatialAxes(rank.saturating_sub(2))),
        }
    }
}

/// A factor as a fraction: whole, or one over a whole number.
fn ratio(scale: f32) -> Option<[u64; 2]> {
    let whole = |value: f32| (1.0..=65536.0).contains(&value) && value.fract() == 0.0;
    if whole(scale) {
        return Some([scale as u64, 1]);
    }
    let inverse = 1.0 / scale;
    whole(inverse).then_some([1, inverse as u64])
}

/// `auto_pad` and `pads`, which stand as beginnings and then ends.
fn padding(call: &Call<'_>) -> Result<AutoPad, Why> {
    Ok(match call.text("auto_pad", "NOTSET")? {
        "NOTSET" | "" => match call.ints("pads")? {
            None => AutoPad::default(),
            Some(&[top, left, bottom, right]) => AutoPad::Explicit(Pads::new([top, left, bottom, right])?),
            Some(_) => return Err(Why::Parameter("pads")),
        },
        "VALID" => AutoPad::Valid,
        "SAME_UPPER" => AutoPad::SameUpper,
        "SAME_LOWER" => AutoPad::SameLower,
        _ => return Err(Why::Parameter("auto_pad")),
    })
}
