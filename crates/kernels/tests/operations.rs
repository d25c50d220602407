//! Do transposed convolution, pools and gradients equal their definitions, over random layers?
//!
//! Each definition is written out below with signed positions and sums in `f64`; it shares no geometry with
//! what it checks. Numbers are whole, so that sums are exact.
#![cfg(not(target_arch = "wasm32"))]

use convscope_core::conv2d::{Conv2dOptions, Padding2d, PaddingMode, Pads};
use convscope_core::{AutoPad, AvgDivisor, Conv2dParams, ConvTranspose2dOptions, ConvTranspose2dParams};
use convscope_core::{Pool2dOptions, Pool2dParams, PoolRounding};
use convscope_kernels::{NO_INDEX, Scratch, grad};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const SEED: u64 = 20_261_124;

/// Whole numbers from -4 to 4.
fn numbers(len: usize, seed: u64) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) % 9
    };
    (0..len).map(|_| next() as f32 - 4.0).collect()
}

fn count(shape: [u64; 4]) -> usize {
    shape.iter().product::<u64>() as usize
}

fn at(shape: [u64; 4], index: [i64; 4]) -> usize {
    index.iter().zip(shape).fold(0, |flat, (&i, len)| flat * len as usize + i as usize)
}

fn each(lens: [u64; 4]) -> impl Iterator<Item = [i64; 4]> {
    let [a, b, c, d] = lens.map(u64::cast_signed);
    (0..a).flat_map(move |i| {
        (0..b).flat_map(move |j| (0..c).flat_map(move |k| (0..d).map(move |l| [i, j, k, l])))
    })
}

/// A layer that joins a large with a small side: both shapes, the weight's and the rest of it.
#[derive(Clone, Debug)]
struct Joined {
    large: [u64; 4],
    small: [u64; 4],
    weight: [u64; 4],
    stride: [i64; 2],
    dilation: [i64; 2],
    /// Top and left.
    pads: [i64; 2],
    mode: PaddingMode,
}

/// The cell that stands at a position, found by walking back into the tensor.
fn cell_at(mode: PaddingMode, position: i64, len: i64) -> Option<i64> {
    let mut cell = position;
    while !(0..len).contains(&cell) {
        cell = match mode {
            PaddingMode::Zeros => return None,
            PaddingMode::Replicate => {
                if cell < 0 {
                    cell + 1
                } else {
                    cell - 1
                }
            }
            PaddingMode::Circular => {
                if cell < 0 {
                    cell + len
                } else {
                    cell - len
                }
            }
            PaddingMode::Reflect => {
                if cell < 0 {
                    -cell
                } else {
                    2 * (len - 1) - cell
                }
            }
        };
    }
    Some(cell)
}

impl Joined {
    /// Visits every product: places in the large side, the small side and the weight.
    fn products(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let [small_channels, group_large, k_h, k_w] = self.weight;
        let groups = self.large[1] / group_large;
        for [n, s, y, x] in each(self.small) {
            let group = s / (small_channels / groups).cast_signed();
            for [l, k_y, k_x, _] in each([group_large, k_h, k_w, 1]) {
                let position = |i: i64, k: i64, axis: usize| {
                    i * self.stride[axis] + k * self.dilation[axis] - self.pads[axis]
                };
                let [height, width] = [self.large[2], self.large[3]].map(u64::cast_signed);
                let row = cell_at(self.mode, position(y, k_y, 0), height);
                let column = cell_at(self.mode, position(x, k_x, 1), width);
                if let (Some(row), Some(column)) = (row, column) {
                    let channel = group * group_large.cast_signed() + l;
                    visit(
                        at(self.large, [n, channel, row, column]),
                        at(self.small, [n, s, y, x]),
                        at(self.weight, [s, l, k_y, k_x]),
                    );
                }
            }
        }
    }
}

/// Channels of both sides and groups; 1 to 6 channels of a group on the small side reach both ways of
/// computing.
fn channels() -> impl Strategy<Value = [u64; 3]> {
    (1..=3_u64, 1..=6_u64, 1..=3_u64)
        .prop_map(|(groups, small, large)| [groups * small, groups * large, groups])
}

fn whole(sums: &[f64]) -> Vec<f32> {
    sums.iter().map(|&sum| sum as f32 + 0.0).collect()
}

fn plain(cells: &[f32]) -> Vec<f32> {
    cells.iter().map(|cell| cell + 0.0).collect()
}

fn fail(error: impl std::fmt::Display) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

fn pads() -> impl Strategy<Value = [u64; 4]> {
    [0..4_u64, 0..4_u64, 0..4_u64, 0..4_u64]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, rng_seed: RngSeed::Fixed(SEED), ..ProptestConfig::default() })]

    #[test]
    fn transposed_convolutions_and_their_gradients(
        batch in 0..3_u64, channels in channels(), kernel_size in [1..5_u64, 1..5_u64],
        stride in [1..4_u64, 1..4_u64], dilation in [1..4_u64, 1..3_u64], pads in pads(),
        output_padding in [0..3_u64, 0..3_u64], size in [1..8_u64, 1..9_u64], bias in any::<bool>(), seed in any::<u64>(),
    ) {
        let [in_channels, out_channels, groups] = channels;
        let [top, left, bottom, right] = pads;
        let options = ConvTranspose2dOptions {
            in_channels, out_channels, groups, kernel_size, stride, dilation, output_padding, bias,
            padding: AutoPad::Explicit(Pads { top, left, bottom, right }),
            output_size: None,
        };
        let len = |axis: usize, pad: u64| {
            let uncropped = (size[axis] - 1) * stride[axis] + dilation[axis] * (kernel_size[axis] - 1) + 1 + output_padding[axis];
            uncropped.checked_sub(pad).filter(|&len| len > 0)
        };
        let allowed = (0..2).all(|axis| output_padding[axis] < stride[axis].max(dilation[axis]));
        let expected = len(0, top + bottom).zip(len(1, left + right)).filter(|_| allowed);
        let small = [batch, in_channels, size[0], size[1]];
        let params = ConvTranspose2dParams::new(options);
        let Some((height, width)) = expected else {
            prop_assert!(params.and_then(|params| params.output_shape(small)).is_err());
            return Ok(());
        };
        let params = params.map_err(fail)?;
        let large = [batch, out_channels, height, width];
        prop_assert_eq!(params.output_shape(small), Ok(large));
        let joined = Joined {
            large, small, weight: params.weight_shape(),
            stride: stride.map(u64::cast_signed), dilation: dilation.map(u64::cast_signed),
            pads: [top, left].map(u64::cast_signed), mode: PaddingMode::Zeros,
        };
        let (input, weight, grad_output) =
            (numbers(count(small), seed), numbers(count(joined.weight), seed ^ 1), numbers(count(large), seed ^ 2));
        let biases = numbers(out_channels as usize, seed ^ 3);
        let mut output = vec![0.0; count(large)];
        if bias {
            for [n, c, y, x] in each(large) {
                output[at(large, [n, c, y, x])] = f64::from(biases[c as usize]);
            }
        }
        let (mut grad_input, mut grad_weight) = (vec![0.0; input.len()], vec![0.0; weight.len()]);
        joined.products(|l, s, w| {
            output[l] += f64::from(input[s]) * f64::from(weight[w]);
            grad_input[s] += f64::from(grad_output[l]) * f64::from(weight[w]);
            grad_weight[w] += f64::from(grad_output[l]) * f64::from(input[s]);
        });
        let scratch = &mut Scratch::new();
        let mut ours = vec![f32::NAN; output.len()];
        let biases = bias.then_some(biases.as_slice());
        convscope_kernels::conv_transpose2d(&params, &input, small, &weight, biases, &mut ours, scratch).map_err(fail)?;
        prop_assert_eq!(plain(&ours), whole(&output));
        let mut ours = vec![f32::NAN; input.len()];
        grad::conv_transpose2d_grad_input(&params, &weight, &grad_output, small, &mut ours, scratch).map_err(fail)?;
        prop_assert_eq!(plain(&ours), whole(&grad_input));
        let mut ours = vec![f32::NAN; weight.len()];
        grad::conv_transpose2d_grad_weight(&params, &input, &grad_output, small, &mut ours, scratch).map_err(fail)?;
        prop_assert_eq!(plain(&ours), whole(&grad_weight));
    }

    #[test]
    fn gradients_of_convolutions(
        batch in 0..3_u64, channels in channels(), kernel_size in [1..5_u64, 1..5_u64],
        stride in [1..4_u64, 1..4_u64], dilation in [1..4_u64, 1..3_u64], pads in pads(),
        mode in prop_oneof![
            2 => Just(PaddingMode::Zeros), 1 => Just(PaddingMode::Reflect),
            1 => Just(PaddingMode::Replicate), 1 => Just(PaddingMode::Circular)
        ],
        size in [1..10_u64, 1..12_u64], seed in any::<u64>(),
    ) {
        let [out_channels, in_channels, groups] = channels;
        let [top, left, bottom, right] = pads;
        let options = Conv2dOptions {
            in_channels, out_channels, groups, kernel_size, stride, dilation, padding_mode: mode, bias: true,
            padding: Padding2d::Explicit(Pads { top, left, bottom, right }),
        };
        let params = Conv2dParams::new(options).map_err(fail)?;
        let large = [batch, in_channels, size[0], size[1]];
        let Ok(small) = params.output_shape(large) else { return Ok(()) };
        let joined = Joined {
            large, small, weight: params.weight_shape(),
            stride: stride.map(u64::cast_signed), dilation: dilation.map(u64::cast_signed),
            pads: [top, left].map(u64::cast_signed), mode,
        };
        let (input, weight, grad_output) =
            (numbers(count(large), seed), numbers(count(joined.weight), seed ^ 1), numbers(count(small), seed ^ 2));
        let (mut grad_input, mut grad_weight) = (vec![0.0; input.len()], vec![0.0; weight.len()]);
        joined.products(|l, s, w| {
            grad_input[l] += f64::from(grad_output[s]) * f64::from(weight[w]);
            grad_weight[w] += f64::from(grad_output[s]) * f64::from(input[l]);
        });
        let scratch = &mut Scratch::new();
        let mut ours = vec![f32::NAN; input.len()];
        grad::conv2d_grad_input(&params, &weight, &grad_output, large, &mut ours, scratch).map_err(fail)?;
        prop_assert_eq!(plain(&ours), whole(&grad_input));
        let packed = grad::Conv2dGradInput::new(&params, large, &weight).map_err(fail)?;
        for _ in 0..2 {
            packed.run(&grad_output, &mut ours, scratch).map_err(fail)?;
            prop_assert_eq!(plain(&ours), whole(&grad_input));
        }
        let mut ours = vec![f32::NAN; weight.len()];
        grad::conv2d_grad_weight(&params, &input, &grad_output, large, &mut ours, scratch).map_err(fail)?;
        prop_assert_eq!(plain(&ours), whole(&grad_weight));
        let mut grad_bias = vec![0.0; out_channels as usize];
        for index in each(small) {
            grad_bias[index[1] as usize] += f64::from(grad_output[at(small, index)]);
        }
        let mut ours = vec![f32::NAN; grad_bias.len()];
        grad::grad_bias(&grad_output, small, &mut ours).map_err(fail)?;
        prop_assert_eq!(plain(&ours), whole(&grad_bias));
    }

    /// Windows are placed by the output's size, which the core's tests check by themselves.
    #[test]
    fn pools_and_their_gradients(
        shape in [0..3_u64, 1..3_u64, 1..12_u64, 1..14_u64], kernel_size in [1..5_u64, 1..6_u64],
        stride in [1..4_u64, 1..5_u64], dilation in [1..3_u64, 1..4_u64], pads in pads(),
        rounding in prop_oneof![Just(PoolRounding::Floor), Just(PoolRounding::Ceil), Just(PoolRounding::CeilKeepLast)],
        include in any::<bool>(), divisor in prop::option::of(prop_oneof![1..5_i64, -3..0_i64]),
        nan in any::<bool>(), seed in any::<u64>(),
    ) {
        let [top, left, bottom, right] = pads;
        let padding = AutoPad::Explicit(Pads { top, left, bottom, right });
        let params = Pool2dParams::new(Pool2dOptions { kernel_size, stride, dilation, padding, rounding }).map_err(fail)?;
        let Ok(out_shape) = params.output_shape(shape) else { return Ok(()) };
        let mut input = numbers(count(shape), seed);
        let grad_output = numbers(count(out_shape), seed ^ 1);
        let (mut average, mut norm) = (Vec::new(), Vec::new());
        let (mut maxima, mut places) = (Vec::new(), Vec::new());
        let (mut grad_avg, mut grad_max) = (vec![0.0; input.len()], vec![0.0; input.len()]);
        let [height, width] = [shape[2], shape[3]].map(u64::cast_signed);
        for (index, grad) in each(out_shape).zip(&grad_output) {
            let [n, c, y, x] = index;
            let (mut cells, mut padded) = (Vec::new(), 0_i64);
            for [k_y, k_x, _, _] in each([kernel_size[0], kernel_size[1], 1, 1]) {
                let row = y * stride[0].cast_signed() + k_y * dilation[0].cast_signed() - top.cast_signed();
                let column = x * stride[1].cast_signed() + k_x * dilation[1].cast_signed() - left.cast_signed();
                padded += i64::from(row < height + bottom.cast_signed() && column < width + right.cast_signed());
                if (0..height).contains(&row) && (0..width).contains(&column) {
                    cells.push((at(shape, [n, c, row, column]), (row * width + column) as u32));
                }
            }
            let sum: f64 = cells.iter().map(|&(cell, _)| f64::from(input[cell])).sum();
            let counted = divisor.unwrap_or(if include { padded } else { cells.len() as i64 }) as f64;
            average.push(if cells.is_empty() { 0.0 } else { sum / counted });
            cells.iter().for_each(|&(cell, _)| grad_avg[cell] += f64::from(*grad) / counted);
            norm.push(cells.iter().map(|&(cell, _)| f64::from(input[cell]).powi(2)).sum::<f64>().sqrt());
            // The first that no other exceeds.
            let largest = cells.iter().map(|&(cell, _)| input[cell]).fold(f32::NEG_INFINITY, f32::max);
            let place = cells.iter().find(|&&(cell, _)| input[cell] == largest);
            maxima.push(largest);
            places.push(place.map_or(NO_INDEX, |&(_, place)| place));
            if let Some(&(cell, _)) = place {
                grad_max[cell] += f64::from(*grad);
            }
        }
        let scratch = &mut Scratch::new();
        let mut ours = vec![f32::NAN; grad_output.len()];
        convscope_kernels::max_pool2d(&params, &input, shape, &mut ours, scratch).map_err(fail)?;
        prop_assert_eq!(&ours, &maxima);
        let mut indices = vec![0; ours.len()];
        convscope_kernels::max_pool2d_with_indices(&params, &input, shape, &mut ours, &mut indices, scratch).map_err(fail)?;
        prop_assert_eq!((&ours, &indices), (&maxima, &places));
        let mut grad_input = vec![f32::NAN; input.len()];
        grad::max_pool2d_grad(&indices, &grad_output, shape, &mut grad_input).map_err(fail)?;
        prop_assert_eq!(plain(&grad_input), whole(&grad_max));

        let avg = AvgDivisor::new(include, divisor).map_err(fail)?;
        convscope_kernels::avg_pool2d(&params, avg, &input, shape, &mut ours, scratch).map_err(fail)?;
        prop_assert_eq!(plain(&ours), whole(&average));
        grad::avg_pool2d_grad(&params, avg, &grad_output, shape, &mut grad_input).map_err(fail)?;
        for (ours, expected) in grad_input.iter().zip(&grad_avg) {
            prop_assert!((f64::from(*ours) - expected).abs() <= 1e-4, "{ours} {expected}");
        }
        convscope_kernels::lp_pool2d(&params, 2, &input, shape, &mut ours, scratch).map_err(fail)?;
        prop_assert_eq!(plain(&ours), whole(&norm));

        // One NaN reaches every window that holds it, and no other.
        if nan && !input.is_empty() {
            let cell = (seed % input.len() as u64) as usize;
            input[cell] = f32::NAN;
            convscope_kernels::max_pool2d(&params, &input, shape, &mut ours, scratch).map_err(fail)?;
            let mut with_indices = ours.clone();
            convscope_kernels::max_pool2d_with_indices(&params, &input, shape, &mut with_indices, &mut indices, scratch).map_err(fail)?;
            let plane = count([1, 1, shape[2], shape[3]]);
            for (i, (ours, index)) in ours.iter().zip(&indices).enumerate() {
                prop_assert_eq!(ours.to_bits() == with_indices[i].to_bits(), true);
                let map = i / (grad_output.len() / (shape[0] * shape[1]) as usize);
                let is_it = *index != NO_INDEX && map * plane + *index as usize == cell;
                prop_assert_eq!(ours.is_nan(), is_it);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, rng_seed: RngSeed::Fixed(SEED), ..ProptestConfig::default() })]

    /// Nothing below may panic, whatever the sizes; memory that is not there is an error.
    #[test]
    fn sizes_of_any_magnitude_are_refused_or_computed(
        shape in [size(), size(), size(), size()], kernel_size in [size(), size()], stride in [size(), size()],
        dilation in [size(), size()], pads in [size(), size(), size(), size()], out_channels in size(),
    ) {
        let [top, left, bottom, right] = pads;
        let pads = Pads { top, left, bottom, right };
        let scratch = &mut Scratch::new();
        let options = Pool2dOptions { kernel_size, stride, dilation, padding: AutoPad::Explicit(pads), rounding: PoolRounding::Ceil };
        if let Ok(params) = Pool2dParams::new(options)
            && let Ok(out_shape) = params.output_shape(shape)
        {
            let Some((input, mut output)) = small(shape).zip(small(out_shape)) else { return Ok(()) };
            let mut indices = vec![0; output.len()];
            let _ = convscope_kernels::max_pool2d(&params, &input, shape, &mut output, scratch);
            let _ = convscope_kernels::max_pool2d_with_indices(&params, &input, shape, &mut output, &mut indices, scratch);
            let _ = convscope_kernels::avg_pool2d(&params, AvgDivisor::CountInside, &input, shape, &mut output, scratch);
        }
        let options = ConvTranspose2dOptions {
            in_channels: shape[1], out_channels, kernel_size, stride, dilation, padding: AutoPad::Explicit(pads), ..Default::default()
        };
        if let Ok(params) = ConvTranspose2dParams::new(options)
            && let Ok(out_shape) = params.output_shape(shape)
        {
            let tensors = small(shape).zip(small(out_shape)).zip(small(params.weight_shape()));
            let Some(((input, mut output), weight)) = tensors else { return Ok(()) };
            let _ = convscope_kernels::conv_transpose2d(&params, &input, shape, &weight, None, &mut output, scratch);
            let mut grad_input = input.clone();
            let _ = grad::conv_transpose2d_grad_input(&params, &weight, &output, shape, &mut grad_input, scratch);
        }
        let options = Conv2dOptions {
            in_channels: shape[1], out_channels, kernel_size, stride, dilation, padding: Padding2d::Explicit(pads), ..Default::default()
        };
        if let Ok(params) = Conv2dParams::new(options)
            && let Ok(out_shape) = params.output_shape(shape)
        {
            let tensors = small(shape).zip(small(out_shape)).zip(small(params.weight_shape()));
            let Some(((mut input, output), mut weight)) = tensors else { return Ok(()) };
            let _ = grad::conv2d_grad_input(&params, &weight, &output, shape, &mut input, scratch);
            let _ = grad::conv2d_grad_weight(&params, &input, &output, shape, &mut weight, scratch);
        }
    }
}

fn size() -> impl Strategy<Value = u64> {
    let near_power =
        (0..64_u32, 0..5_u64).prop_map(|(bits, offset)| (1_u64 << bits).wrapping_add(offset).wrapping_sub(2));
    prop_oneof![8 => 1..5_u64, 1 => Just(0), 1 => near_power, 1 => any::<u64>()]
}

/// Zeros for a shape of at most 64 Ki elements.
fn small(shape: [u64; 4]) -> Option<Vec<f32>> {
    let count = shape.iter().try_fold(1_u64, |count, &len| count.checked_mul(len));
    let count = if shape.contains(&0) { Some(0) } else { count };
    count.filter(|&count| count <= 1 << 16).map(|count| vec![0.0; count as usize])
}
