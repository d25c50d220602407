//! A convolution to be timed from JavaScript: `speed.mjs` beside this file builds it, drives it and says how.
//!
//! One layer at a time is held here; numbers go in and out through its buffers.
#![expect(unsafe_code, reason = "exported names")]

use std::cell::{Cell, RefCell};

use convscope_core::conv2d::{Conv2dOptions, Padding2d, Pads};
use convscope_core::tensor::element_count;
use convscope_core::{Conv2dParams, Tensor, naive};
use convscope_kernels::{Algorithm, Conv2d, Precision, Scratch};

struct Layer {
    options: Conv2dOptions,
    input: Tensor,
    weight: Tensor,
    bias: Vec<f32>,
    conv: Conv2d,
    output: Vec<f32>,
}

thread_local! {
    static SIZES: Cell<[u32; 10]> = const { Cell::new([1; 10]) };
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::new());
    static LAYER: RefCell<Option<Layer>> = const { RefCell::new(None) };
}

/// Sets the layer up with random numbers. `algorithm` counts `Algorithm::ALL`; beyond it the chooser decides.
///
/// Returns the number of the algorithm in use, or -1 when the layer is impossible or not suited.
#[unsafe(no_mangle)]
pub extern "C" fn prepare(algorithm: u32) -> i32 {
    build(SIZES.get().map(u64::from), algorithm as usize).unwrap_or(-1)
}

/// Sets one of the layer's sizes: channels, height, width, filters, kernel height and width, stride, padding,
/// dilation, groups.
#[unsafe(no_mangle)]
pub extern "C" fn size(i: usize, value: u32) {
    let mut sizes = SIZES.get();
    sizes[i] = value;
    SIZES.set(sizes);
}

fn build([c, h, w, f, k_h, k_w, stride, pad, dilation, groups]: [u64; 10], algorithm: usize) -> Option<i32> {
    LAYER.take();
    let options = Conv2dOptions {
        in_channels: c,
        out_channels: f,
        kernel_size: [k_h, k_w],
        stride: [stride; 2],
        dilation: [dilation; 2],
        padding: Padding2d::Explicit(Pads::all(pad)),
        groups,
        bias: true,
        ..Default::default()
    };
    let params = Conv2dParams::new(options).ok()?;
    let input = random([1, c, h, w], 1)?;
    let weight = random(params.weight_shape(), 2)?;
    let bias = random([1, 1, 1, f], 3)?.data().to_vec();
    let conv = match Algorithm::ALL.get(algorithm) {
        Some(&algorithm) => {
            Conv2d::with_algorithm(&params, input.shape(), weight.data(), Some(&bias), algorithm).ok()??
        }
        None => Conv2d::new(&params, input.shape(), weight.data(), Some(&bias), Precision::Fast).ok()?,
    };
    let output = vec![0.0; element_count(conv.output_shape()).ok()? as usize];
    let used = Algorithm::ALL.iter().position(|&known| known == conv.algorithm())?;
    LAYER.set(Some(Layer { options, input, weight, bias, conv, output }));
    Some(used as i32)
}

fn random(shape: [u64; 4], seed: u64) -> Option<Tensor> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f32 / (1_u64 << 30) as f32 - 1.0
    };
    let count = element_count(shape).ok()?;
    Tensor::new(shape, (0..count).map(|_| next()).collect()).ok()
}

/// Runs the layer so many times.
#[unsafe(no_mangle)]
pub extern "C" fn run(times: u32) {
    SCRATCH.with_borrow_mut(|scratch| {
        LAYER.with_borrow_mut(|layer| {
            let Some(Layer { input, conv, output, .. }) = layer else { return };
            for _ in 0..times {
                if conv.run(input.data(), output, scratch).is_err() {
                    output.fill(f32::NAN);
                }
            }
        });
    });
}

/// The largest error of the last run, relative to the largest output, against the naive convolution in `f64`.
#[unsafe(no_mangle)]
pub extern "C" fn error() -> f64 {
    LAYER.with_borrow(|layer| {
        let Some(layer) = layer else { return f64::NAN };
        let Some(naive) = naive::conv2d(&layer.options, &layer.input, &layer.weight, Some(&layer.bias))
        else {
            return f64::NAN;
        };
        let largest = naive.data.iter().fold(0.0_f64, |most, cell| most.max(cell.abs()));
        let errors =
            layer.output.iter().zip(&naive.data).map(|(&ours, exact)| (f64::from(ours) - exact).abs());
        // NaN must not be lost, as in `f64::max`.
        errors.fold(0.0_f64, |most, error| if error > most || error.is_nan() { error } else { most })
            / largest
    })
}

/// The name of an algorithm, for its number: where it stands.
#[unsafe(no_mangle)]
pub extern "C" fn name_at(algorithm: u32) -> *const u8 {
    Algorithm::ALL.get(algorithm as usize).map_or(std::ptr::null(), |algorithm| algorithm.name().as_ptr())
}

/// The name of an algorithm, for its number: its length in bytes, 0 beyond the last.
#[unsafe(no_mangle)]
pub extern "C" fn name_len(algorithm: u32) -> usize {
    Algorithm::ALL.get(algorithm as usize).map_or(0, |algorithm| algorithm.name().len())
}

/// So many rounds of twelve independent multiply-add chains of four lanes: what the machine can do at most.
#[cfg(target_arch = "wasm32")]
#[unsafe(no_mangle)]
pub extern "C" fn roof(rounds: u32) -> f32 {
    use core::arch::wasm32 as arch;
    let (factor, mut sums) = (arch::f32x4_splat(0.999), [arch::f32x4_splat(1.0); 12]);
    for _ in 0..rounds {
        for sum in &mut sums {
            #[cfg(target_feature = "relaxed-simd")]
            let next = arch::f32x4_relaxed_madd(*sum, factor, factor);
            #[cfg(not(target_feature = "relaxed-simd"))]
            let next = arch::f32x4_add(arch::f32x4_mul(*sum, factor), factor);
            *sum = next;
        }
    }
    sums.into_iter().map(|sum| arch::f32x4_extract_lane::<0>(sum)).sum()
}

/// Copies so many bytes once: the bandwidth of memory.
#[unsafe(no_mangle)]
pub extern "C" fn copy(bytes: usize) -> u8 {
    thread_local! {
        static BYTES: RefCell<[Vec<u8>; 2]> = const { RefCell::new([Vec::new(), Vec::new()]) };
    }
    BYTES.with_borrow_mut(|[from, to]| {
        from.resize(bytes, 1);
        to.resize(bytes, 0);
        to.copy_from_slice(from);
        to.last().copied().unwrap_or_default()
    })
}
