//! Layers of `keras.layers` that move a window over a map, and what takes the place of their missing arguments.

use convscope_core::graph::{PoolKind, ResampleMode, Shape};
use convscope_core::resolved::{
    Counted, OutputPaddingLimit, Reduce, Resolved, ResolvedConv2d, ResolvedConvTranspose2d, ResolvedPool2d,
};
use convscope_core::{AdaptivePool2d, AvgDivisor, Conv2dOptions, Layer, PaddingMode, Pads};

use super::super::names::{axes, pair, push_pair};
use super::super::pytorch::NO_FIT;

/// A layer over a map, channels last; `called` is its name as an argument.
pub(super) fn layer(layer: &Layer, input: &Shape, x: &str, called: &str) -> Result<String, &'static str> {
    let [_, _, height, width] = input.nchw().unwrap_or_default();
    match Resolved::new(layer, [height, width]).map_err(|_| NO_FIT)? {
        Resolved::Conv2d(conv) => self::conv(&conv, x, called),
        Resolved::ConvTranspose2d(transposed) => self::transposed(&transposed, x, called),
        Resolved::Pool2d(pool) => self::pool(&pool, x, called),
    }
}

fn conv(conv: &ResolvedConv2d, x: &str, called: &str) -> Result<String, &'static str> {
    let ResolvedConv2d { options, pads, dilated_kernel, .. } = *conv;
    let Conv2dOptions { in_channels, out_channels, kernel_size, stride, dilation, groups, .. } = options;
    if stride != [1, 1] && dilation != [1, 1] {
        return Err("Keras takes a stride or a dilation above 1, not both");
    }
    let is_depthwise = groups > 1 && groups == in_channels && stride[0] == stride[1];
    let mut args = if is_depthwise {
        let mut args = vec![pair(kernel_size)];
        if out_channels != in_channels {
            args.push(format!("depth_multiplier={}", out_channels / in_channels));
        }
        args
    } else {
        vec![out_channels.to_string(), pair(kernel_size)]
    };
    push_pair(&mut args, "strides", stride, 1);
    let keeps = conv.is_same()
        || stride == [1, 1]
            && pads.symmetric().is_some_and(|pads| pads.map(|pad| 2 * pad + 1) == dilated_kernel);
    let x = match conv.numpy_mode() {
        Some("reflect") => {
            format!("keras.ops.pad({x}, ((0, 0), {}, (0, 0)), \"reflect\")", axes(pads.sides()))
        }
        Some(_) => return Err(NO_MODE),
        None if keeps && pads != Pads::default() => {
            args.push("padding=\"same\"".to_owned());
            x.to_owned()
        }
        None => zero_padded(x, pads),
    };
    push_pair(&mut args, "dilation_rate", dilation, 1);
    if groups > 1 && !is_depthwise {
        args.push(format!("groups={groups}"));
    }
    if !options.bias {
        args.push("use_bias=False".to_owned());
    }
    args.push(called.to_owned());
    let class = if is_depthwise { "DepthwiseConv2D" } else { "Conv2D" };
    Ok(format!("keras.layers.{class}({})({x})", args.join(", ")))
}

/// Modes that not every backend of Keras has.
const NO_MODE: &str = "Keras pads with zeros or a reflection; what else there is, its backends do not share";

fn transposed(transposed: &ResolvedConvTranspose2d, x: &str, called: &str) -> Result<String, &'static str> {
    let ResolvedConvTranspose2d { options, crops, output, .. } = transposed;
    if options.groups > 1 {
        return Err("Keras has no groups in a transposed convolution");
    }
    if options.dilation != [1, 1] {
        return Err("Keras has no dilation in a transposed convolution that all of its backends share");
    }
    let (zeros, rest) = transposed.split_output_padding(OutputPaddingLimit::Stride);
    let mut args = vec![options.out_channels.to_string(), pair(options.kernel_size)];
    push_pair(&mut args, "strides", options.stride, 1);
    // Without it, Keras fills up to the stride where that is beyond the kernel.
    if rest != [0, 0] || transposed.has_gaps() {
        args.push(format!("output_padding=({}, {})", rest[0], rest[1]));
    }
    if !options.bias {
        args.push("use_bias=False".to_owned());
    }
    args.push(called.to_owned());
    let whole = format!("keras.layers.Conv2DTranspose({})({})", args.join(", "), zero_padded(x, zeros));
    Ok(if *crops == Pads::default() {
        whole
    } else {
        let Pads { top, left, .. } = *crops;
        format!("{whole}[:, {top}:{}, {left}:{}]", top + output[0], left + output[1])
    })
}

fn pool(pool: &ResolvedPool2d, x: &str, called: &str) -> Result<String, &'static str> {
    if pool.is_dilated() {
        return Err("Keras has no dilation in pools");
    }
    let mut args = vec![pair(pool.kernel_size)];
    if pool.stride != pool.kernel_size {
        args.push(format!("strides={}", pair(pool.stride)));
    }
    let keeps = pool.is_same && pool.pads != Pads::default();
    let made = |class: &str, more: &[&str], x: &str| {
        let more = more.iter().copied().map(str::to_owned);
        let args: Vec<String> = args.iter().cloned().chain(more).collect();
        format!("keras.layers.{class}({})({x})", args.join(", "))
    };
    let average = "AveragePooling2D";
    Ok(match pool.reduce {
        Reduce::Max if keeps => made("MaxPooling2D", &["padding=\"same\"", called], x),
        Reduce::Max if pool.pads == Pads::default() => made("MaxPooling2D", &[called], x),
        Reduce::Max => {
            let padded = format!(
                "keras.ops.pad({x}, ((0, 0), {}, (0, 0)), constant_values=float(\"-inf\"))",
                axes(pool.pads.sides())
            );
            made("MaxPooling2D", &[called], &padded)
        }
        Reduce::Lp(p) => {
            let powers = zero_padded(&format!("keras.ops.abs({x}) ** {p}"), pool.pads);
            format!("({} * {}) ** (1 / {p})", made(average, &[called], &powers), pool.area())
        }
        Reduce::Avg(divisor) => match (pool.counted(), divisor) {
            (Some(Counted { pads, rest, .. }), _) => {
                // A window's sum over its count, as two averages over windows of the same size.
                let mut ones = format!("keras.ops.ones_like({x})");
                if pads != Pads::default() {
                    let around = axes(pads.sides());
                    ones = format!("keras.ops.pad({ones}, ((0, 0), {around}, (0, 0)), constant_values=1)");
                }
                let sum = made(average, &[called], &zero_padded(x, pool.pads));
                format!("{sum} / {}", made(average, &[], &zero_padded(&ones, rest)))
            }
            (None, AvgDivisor::Fixed(divisor)) => {
                let mean = made(average, &[called], &zero_padded(x, pool.pads));
                format!("{mean} * ({} / {divisor})", pool.area())
            }
            (None, _) => made(average, &[called], &zero_padded(x, pool.pads)),
        },
    })
}

/// A map with zeros around it.
fn zero_padded(x: &str, pads: Pads) -> String {
    match pads {
        Pads { top: 0, left: 0, bottom: 0, right: 0 } => x.to_owned(),
        Pads { top, left, bottom, right } if [left, bottom, right] == [top; 3] => {
            format!("keras.layers.ZeroPadding2D({top})({x})")
        }
        pads => format!("keras.layers.ZeroPadding2D(({}))({x})", axes(pads.sides())),
    }
}

/// A pool with a given number of windows: one of Keras's oldest layers where they are all alike.
pub(super) fn adaptive(
    pool: &AdaptivePool2d,
    kind: PoolKind,
    input: &Shape,
    x: &str,
    called: &str,
) -> Result<String, &'static str> {
    let kind = if kind == PoolKind::Average { "Average" } else { "Max" };
    let [rows, columns] = pool.output_size();
    let [_, _, height, width] = input.nchw().unwrap_or_default();
    Ok(match [rows, columns] {
        [1, 1] => {
            let of = if kind == "Average" { "GlobalAveragePooling2D" } else { "GlobalMaxPooling2D" };
            format!("keras.layers.{of}(keepdims=True, {called})({x})")
        }
        _ if rows == 0 || columns == 0 => return Err("Keras has no pools without a window"),
        _ if height.is_multiple_of(rows) && width.is_multiple_of(columns) => {
            let of = if kind == "Average" { "AveragePooling2D" } else { "MaxPooling2D" };
            format!("keras.layers.{of}({}, {called})({x})", pair([height / rows, width / columns]))
        }
        size => format!("keras.layers.Adaptive{kind}Pooling2D({}, {called})({x})", pair(size)),
    })
}

pub(super) fn pad(pads: [i64; 4], mode: PaddingMode, x: &str, called: &str) -> Result<String, &'static str> {
    let crops_alone = pads.iter().all(|&pad| pad <= 0);
    match mode.numpy_name().filter(|_| !crops_alone) {
        None => {
            let more = pads.map(|pad| u64::try_from(pad).unwrap_or(0));
            let less = pads.map(|pad| if pad < 0 { pad.unsigned_abs() } else { 0 });
            let [more_axes, less_axes] = [more, less].map(axes);
            Ok(match (less == [0; 4], more == [0; 4]) {
                (true, true) => x.to_owned(),
                (true, false) => format!("keras.layers.ZeroPadding2D(({more_axes}), {called})({x})"),
                (false, true) => format!("keras.layers.Cropping2D(({less_axes}), {called})({x})"),
                (false, false) => {
                    let cropped = format!("keras.layers.Cropping2D(({less_axes}))({x})");
                    format!("keras.layers.ZeroPadding2D(({more_axes}), {called})({cropped})")
                }
            })
        }
        Some(_) if pads.iter().any(|&pad| pad < 0) => {
            Err("Keras does not crop one side while it repeats cells on another")
        }
        Some("reflect") => Ok(format!("keras.ops.pad({x}, ((0, 0), {}, (0, 0)), \"reflect\")", axes(pads))),
        Some(_) => Err(NO_MODE),
    }
}

pub(super) fn upsample(mode: ResampleMode, input: &Shape, output: &Shape, x: &str, called: &str) -> String {
    let [[_, _, height, width], [_, _, rows, columns]] =
        [input, output].map(|shape| shape.nchw().unwrap_or_default());
    let whole = rows.is_multiple_of(height.max(1)) && columns.is_multiple_of(width.max(1));
    let factors = pair([rows / height.max(1), columns / width.max(1)]);
    match mode {
        ResampleMode::Nearest if whole => format!("keras.layers.UpSampling2D({factors}, {called})({x})"),
        ResampleMode::Nearest => {
            let take = |x: String, len: u64, size: u64, axis: u64| {
                format!("keras.ops.take({x}, [i * {len} // {size} for i in range({size})], axis={axis})")
            };
            take(take(x.to_owned(), height, rows, 1), width, columns, 2)
        }
        ResampleMode::Bilinear => format!("keras.layers.Resizing({rows}, {columns}, {called})({x})"),
        ResampleMode::BilinearAligned => format!("aligned(aligned({x}, {rows}, 1), {columns}, 2)"),
    }
}
