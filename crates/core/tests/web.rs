//! Sizes beyond 32 bits where `usize` has 32 bits.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "tests, though clippy does not know the attribute")]

use convscope_core::conv2d::conv2d;
use convscope_core::cost::cost;
use convscope_core::{Conv2dOptions, Conv2dParams, ConvError, Padding2d, Pads, Tensor, sample};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn params(options: Conv2dOptions) -> Conv2dParams {
    Conv2dParams::new(options).unwrap()
}

#[wasm_bindgen_test]
fn tensors_beyond_memory_are_refused_not_wrapped() {
    // 2^32 elements: as a usize of 32 bits that is 0.
    assert_eq!(Tensor::zeros([1, 1, 1 << 16, 1 << 16]), Err(ConvError::Overflow));
    assert_eq!(sample::ramp(1 << 31, 1), Err(ConvError::Overflow));
    let far = Conv2dOptions { padding: Padding2d::Explicit(Pads::all(1 << 31)), ..Default::default() };
    let (input, weight) = (sample::ramp(1, 1).unwrap(), sample::ramp(1, 1).unwrap());
    assert_eq!(conv2d(&params(far), &input, &weight, None), Err(ConvError::Overflow));
}

#[wasm_bindgen_test]
fn sizes_and_counts_are_not_those_of_memory() {
    let params = params(Conv2dOptions { kernel_size: [3, 3], stride: [2, 1], ..Default::default() });
    let size = (1_u64 << 33) + 1;
    let geometry = params.geometry([size, 5]).unwrap();
    assert_eq!(geometry.output_size(), [1 << 32, 3]);
    assert_eq!(geometry.rows.reads(1 << 32), 2);
    assert_eq!(geometry.rows.window_start((1 << 32) - 1), (1 << 33) - 2);
    assert_eq!(cost(&params, [1, 1, size, 5]).unwrap().macs, 27 << 32);

    let empty = Tensor::zeros([0, 1, 5, size]).unwrap();
    let output = conv2d(&params, &empty, &sample::ramp(3, 3).unwrap(), None).unwrap();
    assert_eq!(output.shape(), [0, 1, 2, size - 2]);
}

#[wasm_bindgen_test]
fn a_stride_beyond_usize_leaves_one_window() {
    let params =
        params(Conv2dOptions { kernel_size: [1, 2], stride: [1 << 33, 1 << 33], ..Default::default() });
    let output = conv2d(&params, &sample::ramp(3, 3).unwrap(), &sample::ramp(1, 2).unwrap(), None).unwrap();
    assert_eq!(output.data(), [1.0]);
}
