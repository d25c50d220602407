//! Operators that move a window over maps of one or two spatial axes.

use convscope_core::{
    AdaptivePool2d, AutoPad, AvgDivisor, AxisParams, Conv2dOptions, Conv2dParams, ConvTranspose2dOptions,
    ConvTranspose2dParams, Padding2d, Pads, Pool2dOptions, Pool2dParams, PoolRounding,
};
use convscope_kernels::{self as kernels, Conv2d, KernelError, NO_INDEX, Precision, Scratch};

use super::call::{Call, Stop, Value, unset};

/// Maps of one spatial axis become maps of height 1: shapes and windows gain an axis in front of it.
#[derive(Clone, Copy)]
struct Lift {
    is_lifted: bool,
}

impl Lift {
    fn of(shape: &[u64]) -> Result<Self, Stop> {
        match shape.len() {
            3 => Ok(Self { is_lifted: true }),
            4 => Ok(Self { is_lifted: false }),
            rank => Err(format!("an input of {rank} axes").into()),
        }
    }

    /// NCHW of an input, OIHW of a weight.
    fn shape(self, shape: &[u64]) -> Result<[u64; 4], Stop> {
        match (self.is_lifted, shape) {
            (true, &[n, c, width]) => Ok([n, c, 1, width]),
            (false, &[n, c, height, width]) => Ok([n, c, height, width]),
            _ => Err(format!("{shape:?} has not as many axes as the input").into()),
        }
    }

    /// One number for each spatial axis.
    fn pair<T: Copy>(self, name: &str, values: &[T], lifted: T) -> Result<[T; 2], Stop> {
        match (self.is_lifted, values) {
            (true, &[value]) => Ok([lifted, value]),
            (false, &[rows, columns]) => Ok([rows, columns]),
            _ => Err(format!("{name} has {} numbers", values.len()).into()),
        }
    }

    /// An attribute of one size for each spatial axis.
    fn sizes(self, call: &Call<'_>, name: &str, default: u64) -> Result<[u64; 2], Stop> {
        let Some(values) = call.ints(name)? else { return Ok([default; 2]) };
        let values = values.iter().map(|&value| u64::try_from(value)).collect::<Result<Vec<_>, _>>();
        self.pair(name, &values.map_err(|_| format!("{name} is negative"))?, default)
    }

    /// `auto_pad` and `pads`, which stand as beginnings and then ends.
    fn padding(self, call: &Call<'_>) -> Result<AutoPad, Stop> {
        Ok(match call.text("auto_pad", "NOTSET")? {
            "NOTSET" => match (call.ints("pads")?, self.is_lifted) {
                (None, _) => AutoPad::default(),
                (Some(&[left, right]), true) => AutoPad::Explicit(Pads::new([0, left, 0, right])?),
                (Some(&[top, left, bottom, right]), false) => {
                    AutoPad::Explicit(Pads::new([top, left, bottom, right])?)
                }
                (Some(pads), _) => return Err(format!("pads has {} numbers", pads.len()).into()),
            },
            "VALID" => AutoPad::Valid,
            "SAME_UPPER" => AutoPad::SameUpper,
            "SAME_LOWER" => AutoPad::SameLower,
            other => return Err(format!("auto_pad {other:?} is not known").into()),
        })
    }

    /// Undoes what was done to an input's shape.
    fn lower(self, shape: [u64; 4]) -> Vec<u64> {
        let [n, c, height, width] = shape;
        if self.is_lifted { vec![n, c, width] } else { vec![n, c, height, width] }
    }
}

/// A layer's weight, with two spatial axes.
struct Weight<'a> {
    cells: &'a [f32],
    shape: [u64; 4],
    kernel_size: [u64; 2],
}

impl<'a> Weight<'a> {
    fn of(call: &Call<'a>, lift: Lift) -> Result<Self, Stop> {
        let weight = call.input(1)?;
        let shape = lift.shape(&weight.shape)?;
        let kernel_size = [shape[2], shape[3]];
        if call.ints("kernel_shape")?.is_some() && lift.sizes(call, "kernel_shape", 1)? != kernel_size {
            return Err(format!("kernel_shape differs from the weight's {:?}", weight.shape).into());
        }
        Ok(Self { cells: weight.cells()?, shape, kernel_size })
    }
}

pub(super) fn conv(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let input = call.input(0)?;
    let lift = Lift::of(&input.shape)?;
    let input_shape = lift.shape(&input.shape)?;
    let Weight { cells: weight, shape: weight_shape, kernel_size } = Weight::of(call, lift)?;
    let bias = call.optional(2).map(Value::cells).transpose()?;
    let stride = lift.sizes(call, "strides", 1)?;
    let dilation = lift.sizes(call, "dilations", 1)?;
    let axis = |i: usize| AxisParams::new(kernel_size[i], stride[i], dilation[i]);
    let pads = lift.padding(call)?.pads([axis(0)?, axis(1)?], [input_shape[2], input_shape[3]])?;
    let params = Conv2dParams::new(Conv2dOptions {
        in_channels: input_shape[1],
        out_channels: weight_shape[0],
        kernel_size,
        stride,
        dilation,
        padding: Padding2d::Explicit(pads),
        groups: u64::try_from(call.int("group", 1)?).unwrap_or(0),
        bias: bias.is_some(),
        ..Default::default()
    })?;
    params.check_weight(weight_shape)?;
    let conv = Conv2d::new(&params, input_shape, weight, bias, Precision::Fast)?;
    let mut output = unset(&conv.output_shape())?;
    conv.run(input.cells()?, &mut output, &mut Scratch::new())?;
    Ok(vec![Value::floats(lift.lower(conv.output_shape()), output)])
}

pub(super) fn conv_transpose(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let input = call.input(0)?;
    let lift = Lift::of(&input.shape)?;
    let input_shape = lift.shape(&input.shape)?;
    let Weight { cells: weight, shape: weight_shape, kernel_size } = Weight::of(call, lift)?;
    let bias = call.optional(2).map(Value::cells).transpose()?;
    let groups = u64::try_from(call.int("group", 1)?).unwrap_or(0);
    let output_size = call.ints("output_shape")?.map(|_| lift.sizes(call, "output_shape", 1)).transpose()?;
    let params = ConvTranspose2dParams::new(ConvTranspose2dOptions {
        in_channels: input_shape[1],
        out_channels: weight_shape[1].saturating_mul(groups),
        kernel_size,
        stride: lift.sizes(call, "strides", 1)?,
        dilation: lift.sizes(call, "dilations", 1)?,
        padding: lift.padding(call)?,
        output_padding: lift.sizes(call, "output_padding", 0)?,
        output_size,
        groups,
        bias: bias.is_some(),
    })?;
    params.check_weight(weight_shape)?;
    let output_shape = params.output_shape(input_shape)?;
    let mut output = unset(&output_shape)?;
    let scratch = &mut Scratch::new();
    kernels::conv_transpose2d(&params, input.cells()?, input_shape, weight, bias, &mut output, scratch)?;
    Ok(vec![Value::floats(lift.lower(output_shape), output)])
}

/// A pool of a node, with its input as maps.
struct Pool<'a> {
    lift: Lift,
    params: Pool2dParams,
    input: &'a [f32],
    input_shape: [u64; 4],
    output_shape: [u64; 4],
}

impl<'a> Pool<'a> {
    fn of(call: &Call<'a>) -> Result<Self, Stop> {
        let input = call.input(0)?;
        let lift = Lift::of(&input.shape)?;
        let input_shape = lift.shape(&input.shape)?;
        call.ints("kernel_shape")?.ok_or("kernel_shape is missing")?;
        let rounding = match call.int("ceil_mode", 0)? {
            0 => PoolRounding::Floor,
            _ if call.opset < 22 => PoolRounding::CeilKeepLast,
            _ => PoolRounding::Ceil,
        };
        let params = Pool2dParams::new(Pool2dOptions {
            kernel_size: lift.sizes(call, "kernel_shape", 1)?,
            stride: lift.sizes(call, "strides", 1)?,
            dilation: lift.sizes(call, "dilations", 1)?,
            padding: lift.padding(call)?,
            rounding,
        })?;
        let output_shape = params.output_shape(input_shape)?;
        Ok(Self { lift, params, input: input.cells()?, input_shape, output_shape })
    }

    fn value(&self, cells: Vec<f32>) -> Value {
        Value::floats(self.lift.lower(self.output_shape), cells)
    }
}

pub(super) fn max_pool(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let pool = Pool::of(call)?;
    let mut output = unset(&pool.output_shape)?;
    let (params, input, input_shape, scratch) =
        (&pool.params, pool.input, pool.input_shape, &mut Scratch::new());
    if call.node.outputs.len() < 2 {
        kernels::max_pool2d(params, input, input_shape, &mut output, scratch)?;
        return Ok(vec![pool.value(output)]);
    }
    let mut indices = vec![NO_INDEX; output.len()];
    kernels::max_pool2d_with_indices(params, input, input_shape, &mut output, &mut indices, scratch)?;
    let by_columns = call.int("storage_order", 0)? == 1;
    let [.., height, width] = pool.input_shape.map(u64::cast_signed);
    let out_plane = (pool.output_shape[2] * pool.output_shape[3]).max(1) as usize;
    let indices = indices.iter().enumerate().map(|(i, &index)| {
        let (map, index) = ((i / out_plane) as i64, i64::from(index));
        let inside = if by_columns { index % width * height + index / width } else { index };
        map * height * width + inside
    });
    let indices = Value::ints(pool.lift.lower(pool.output_shape), indices.collect());
    Ok(vec![pool.value(output), indices])
}

pub(super) fn average_pool(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let pool = Pool::of(call)?;
    let divisor = AvgDivisor::new(call.int("count_include_pad", 0)? != 0, None)?;
    let mut output = unset(&pool.output_shape)?;
    let scratch = &mut Scratch::new();
    kernels::avg_pool2d(&pool.params, divisor, pool.input, pool.input_shape, &mut output, scratch)?;
    Ok(vec![pool.value(output)])
}

pub(super) fn lp_pool(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let pool = Pool::of(call)?;
    let mut output = unset(&pool.output_shape)?;
    let scratch = &mut Scratch::new();
    kernels::lp_pool2d(&pool.params, norm(call)?, pool.input, pool.input_shape, &mut output, scratch)?;
    Ok(vec![pool.value(output)])
}

/// The attribute `p`; 0 is refused by the kernels.
fn norm(call: &Call<'_>) -> Result<u32, Stop> {
    Ok(u32::try_from(call.int("p", 2)?).unwrap_or(0))
}

/// Maps that become one cell each.
fn global(
    call: &Call<'_>,
    reduce: impl FnOnce(&[f32], [u64; 4], &mut [f32]) -> Result<(), KernelError>,
) -> Result<Vec<Value>, Stop> {
    let input = call.input(0)?;
    let lift = Lift::of(&input.shape)?;
    let [n, c, height, width] = lift.shape(&input.shape)?;
    let output_shape = lift.lower([n, c, 1, 1]);
    let mut output = unset(&output_shape)?;
    reduce(input.cells()?, [n, c, height, width], &mut output)?;
    Ok(vec![Value::floats(output_shape, output)])
}

pub(super) fn global_average_pool(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    global(call, |input, shape, output| {
        kernels::adaptive_avg_pool2d(AdaptivePool2d::GLOBAL, input, shape, output)
    })
}

pub(super) fn global_max_pool(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    global(call, |input, shape, output| {
        let mut indices = vec![NO_INDEX; output.len()];
        kernels::adaptive_max_pool2d(AdaptivePool2d::GLOBAL, input, shape, output, &mut indices)
    })
}

pub(super) fn global_lp_pool(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    let p = norm(call)?;
    global(call, |input, shape, output| kernels::global_lp_pool2d(p, input, shape, output))
}

/// By whole factors and without interpolation; `scales` is an attribute before opset 9.
pub(super) fn upsample(call: &Call<'_>) -> Result<Vec<Value>, Stop> {
    use convscope_formats::onnx::Value::Floats;
    let input = call.input(0)?;
    let input_shape = Lift { is_lifted: false }.shape(&input.shape)?;
    let scales = match call.node.attribute("scales") {
        Some(Floats(scales)) => scales,
        _ => call.input(1)?.cells()?,
    };
    let whole = |scale: f32| (scale >= 1.0 && scale.fract() == 0.0).then_some(scale as u64);
    let scale = match (call.text("mode", "nearest")?, scales) {
        ("nearest", &[1.0, 1.0, rows, columns]) => whole(rows).zip(whole(columns)),
        _ => None,
    };
    let (rows, columns) = scale.ok_or("only whole factors without interpolation are built")?;
    let [n, c, height, width] = input_shape;
    let output_shape = [n, c, height * rows, width * columns];
    let mut output = unset(&output_shape)?;
    kernels::upsample_nearest(input.cells()?, input_shape, [rows, columns], &mut output)?;
    Ok(vec![Value::floats(output_shape, output)])
}
