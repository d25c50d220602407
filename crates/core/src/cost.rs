//! What a layer costs: parameters, activations, and multiply-accumulates (MACs).
//!
//! `macs = batch * out_channels * out_height * out_width * (in_channels / groups) * k_h * k_w`. A MAC is one
//! multiplication with its addition and counts as two FLOPs; the bias is not counted, padding is.

use crate::axis::AxisGeometry;
use crate::congruence::floor_sum;
use crate::conv_transpose2d::ConvTranspose2dParams;
use crate::conv2d::{Conv2dGeometry, Conv2dParams};
use crate::error::ConvError;
use crate::linear::LinearParams;
use crate::tensor::element_count;

/// The type in which a number is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ElementType {
    /// Double precision: 8 bytes.
    Float64,
    /// Single precision, the usual one: 4 bytes.
    #[default]
    Float32,
    /// Half precision: 2 bytes.
    Float16,
    /// Half precision with the range of single precision: 2 bytes.
    BFloat16,
    /// A quantised number: 1 byte.
    Int8,
}

impl ElementType {
    /// Bytes of one element.
    pub fn bytes(self) -> u64 {
        match self {
            Self::Float64 => 8,
            Self::Float32 => 4,
            Self::Float16 | Self::BFloat16 => 2,
            Self::Int8 => 1,
        }
    }
}

/// Bytes of so many elements of a type.
pub fn bytes(elements: u64, element_type: ElementType) -> u128 {
    u128::from(elements) * u128::from(element_type.bytes())
}

/// What one layer costs for one input. Made by [`cost`], so the sums below do not overflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Elements of the weight.
    pub weights: u64,
    /// Elements of the bias.
    pub biases: u64,
    /// Elements of the input, over the whole batch.
    pub input_elements: u64,
    /// Elements of the output, over the whole batch.
    pub output_elements: u64,
    /// Multiply-accumulates, over the whole batch.
    pub macs: u128,
}

impl Cost {
    /// Weights and biases.
    pub fn params(&self) -> u64 {
        self.weights + self.biases
    }

    /// Two per MAC: the multiplication and the addition.
    pub fn flops(&self) -> u128 {
        2 * self.macs
    }
}

/// Counts what a layer costs for an input, NCHW.
///
/// # Errors
///
/// Those of [`Conv2dParams::output_shape`], and [`ConvError::Overflow`] when a count does not fit.
pub fn cost(params: &Conv2dParams, input_shape: [u64; 4]) -> Result<Cost, ConvError> {
    let options = params.options();
    let output_elements = element_count(params.output_shape(input_shape)?)?;
    let weights = element_count(params.weight_shape())?;
    let biases = if options.bias { options.out_channels } else { 0 };
    weights.checked_add(biases).ok_or(ConvError::Overflow)?;
    let macs = u128::from(output_elements) * u128::from(weights / options.out_channels);
    macs.checked_mul(2).ok_or(ConvError::Overflow)?;
    Ok(Cost { weights, biases, input_elements: element_count(input_shape)?, output_elements, macs })
}

/// Counts what a transposed layer costs for an input, NCHW. Every tap of every input cell is counted, those
/// that padding crops included: `batch * in_channels * height * width * (out_channels / groups) * k_h * k_w`.
///
/// # Errors
///
/// Those of [`ConvTranspose2dParams::output_shape`], and [`ConvError::Overflow`] when a count does not fit.
pub fn cost_transposed(params: &ConvTranspose2dParams, input_shape: [u64; 4]) -> Result<Cost, ConvError> {
    let options = params.options();
    let output_elements = element_count(params.output_shape(input_shape)?)?;
    let input_elements = element_count(input_shape)?;
    let weights = element_count(params.weight_shape())?;
    let biases = if options.bias { options.out_channels } else { 0 };
    weights.checked_add(biases).ok_or(ConvError::Overflow)?;
    let macs = match weights.checked_div(options.in_channels) {
        Some(taps) => u128::from(input_elements) * u128::from(taps),
        None => 0,
    };
    macs.checked_mul(2).ok_or(ConvError::Overflow)?;
    Ok(Cost { weights, biases, input_elements, output_elements, macs })
}

/// Counts what a layer without weights costs: elements alone. A pool compares or adds; neither is a MAC.
///
/// # Errors
///
/// [`ConvError::Overflow`] when a count does not fit.
pub fn cost_unweighted(input_shape: [u64; 4], output_shape: [u64; 4]) -> Result<Cost, ConvError> {
    let [input_elements, output_elements] = [element_count(input_shape)?, element_count(output_shape)?];
    Ok(Cost { weights: 0, biases: 0, input_elements, output_elements, macs: 0 })
}

/// Counts what a linear layer costs for so many rows of input: `rows * in_features * out_features` MACs.
///
/// # Errors
///
/// [`ConvError::Overflow`] when a count does not fit.
pub fn cost_linear(params: &LinearParams, rows: u64) -> Result<Cost, ConvError> {
    let elements = |features: u64| rows.checked_mul(features).ok_or(ConvError::Overflow);
    let weights = params.in_features().checked_mul(params.out_features()).ok_or(ConvError::Overflow)?;
    let biases = if params.bias() { params.out_features() } else { 0 };
    let macs = u128::from(rows) * u128::from(weights);
    macs.checked_mul(2).ok_or(ConvError::Overflow)?;
    let [input_elements, output_elements] =
        [elements(params.in_features())?, elements(params.out_features())?];
    Ok(Cost { weights, biases, input_elements, output_elements, macs })
}

/// Multiplications that meet padding, in one feature map for one input channel.
///
/// Those of the whole layer are `batch * out_channels * in_channels / groups` times as many.
pub fn padding_macs(geometry: &Conv2dGeometry) -> u128 {
    let taps = |axis: &AxisGeometry| u128::from(axis.output_len()) * u128::from(axis.params().kernel_size());
    let all = taps(&geometry.rows) * taps(&geometry.columns);
    all - taps_inside(&geometry.rows) * taps_inside(&geometry.columns)
}

/// Pairs of window and tap that lie in the input.
fn taps_inside(axis: &AxisGeometry) -> u128 {
    let pad_before = u128::from(axis.pad_before());
    taps_before(axis, pad_before + u128::from(axis.input_len())) - taps_before(axis, pad_before)
}

/// Pairs of window and tap that lie in the first `len` padded cells:
/// the sum over the taps of `min(output_len, ceil((len - kernel_idx * dilation) / stride))`.
fn taps_before(axis: &AxisGeometry, len: u128) -> u128 {
    let [stride, dilation] = [axis.params().stride(), axis.params().dilation()].map(u128::from);
    let [kernel_size, output_len] = [axis.params().kernel_size(), axis.output_len()].map(u128::from);
    let within = kernel_size.min(len.div_ceil(dilation));
    let with_every_window = len.saturating_sub(stride * (output_len - 1)).div_ceil(dilation).min(within);
    let others = within - with_every_window;
    if others == 0 {
        return with_every_window * output_len;
    }
    let after_last_tap = len - (within - 1) * dilation;
    with_every_window * output_len + floor_sum(others, stride, dilation, after_last_tap + stride - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conv_transpose2d::ConvTranspose2dOptions;
    use crate::conv2d::{Conv2dOptions, Padding2d, PaddingMode, Pads};

    fn layer(in_channels: u64, out_channels: u64, kernel: u64, bias: bool) -> Conv2dOptions {
        Conv2dOptions { in_channels, out_channels, kernel_size: [kernel; 2], bias, ..Default::default() }
    }

    fn cost_of(options: Conv2dOptions, size: u64) -> Cost {
        cost(&Conv2dParams::new(options).unwrap(), [1, options.in_channels, size, size]).unwrap()
    }

    #[test]
    fn ten_5x5x3_filters_have_760_parameters() {
        let same = Conv2dOptions { padding: Padding2d::Explicit(Pads::all(2)), ..layer(3, 10, 5, true) };
        let cost = cost_of(same, 32);
        assert_eq!([cost.params(), cost.weights, cost.biases], [760, 750, 10]);
        assert_eq!([cost.input_elements, cost.output_elements], [3072, 10240]);
        assert_eq!(cost_of(layer(3, 10, 5, false), 32).params(), 750);
    }

    #[test]
    fn elements_are_not_bytes() {
        let types = [ElementType::Float64, ElementType::Float32, ElementType::Float16, ElementType::Int8];
        assert_eq!(types.map(|element| bytes(10240, element)), [81920, 40960, 20480, 10240]);
        assert_eq!(bytes(u64::MAX, ElementType::BFloat16), u128::from(u64::MAX) * 2);
    }

    #[test]
    fn parameters_of_a_second_convolution_count_its_input_channels() {
        assert_eq!(cost_of(layer(3, 50, 3, true), 32).params(), 1400);
        assert_eq!(cost_of(layer(50, 50, 3, true), 15).params(), 22550);
    }

    #[test]
    fn three_3x3_weigh_27_where_a_7x7_weighs_49() {
        assert_eq!(3 * cost_of(layer(64, 64, 3, false), 9).weights, 110_592);
        assert_eq!(cost_of(layer(64, 64, 7, false), 9).weights, 200_704);
        let bottleneck = [layer(256, 64, 1, false), layer(64, 64, 3, false), layer(64, 256, 1, false)];
        assert_eq!(bottleneck.map(|options| cost_of(options, 9).weights).iter().sum::<u64>(), 69_632);
    }

    #[test]
    fn a_first_layer_costs_what_pytorch_counts() {
        let three = Conv2dOptions { padding: Padding2d::Same, ..layer(3, 64, 3, true) };
        let cost = cost_of(three, 256);
        assert_eq!([cost.params(), cost.output_elements], [1792, 4_194_304]);
        assert_eq!([cost.macs, cost.flops()], [113_246_208, 226_492_416]);
        let padding = Padding2d::Explicit(Pads::all(3));
        let seven = cost_of(Conv2dOptions { stride: [2, 2], padding, ..layer(3, 64, 7, true) }, 256);
        assert_eq!((seven.params(), seven.output_elements, seven.macs), (9472, 1_048_576, 154_140_672));
    }

    #[test]
    fn a_fully_connected_layer_is_a_7x7_convolution() {
        let cost = cost_of(layer(512, 4096, 7, true), 7);
        assert_eq!((cost.params(), cost.macs), (102_764_544, 102_760_448));
    }

    #[test]
    fn a_transposed_layer_counts_every_tap_of_its_input() {
        let options = ConvTranspose2dOptions {
            in_channels: 4,
            out_channels: 6,
            kernel_size: [3, 2],
            stride: [2, 1],
            groups: 2,
            bias: true,
            ..Default::default()
        };
        let params = ConvTranspose2dParams::new(options).unwrap();
        let cost = cost_transposed(&params, [2, 4, 5, 5]).unwrap();
        assert_eq!([cost.weights, cost.biases, cost.input_elements, cost.output_elements], [72, 6, 200, 792]);
        assert_eq!(cost.macs, 200 * 3 * 6);
        let empty = ConvTranspose2dParams::new(ConvTranspose2dOptions { in_channels: 0, ..options }).unwrap();
        assert_eq!(cost_transposed(&empty, [2, 0, 5, 5]).map(|cost| cost.macs), Ok(0));
    }

    #[test]
    fn a_linear_layer_is_its_matrix_for_each_row() {
        let cost = cost_linear(&LinearParams::new(25_088, 4096, true).unwrap(), 3).unwrap();
        assert_eq!((cost.params(), cost.macs), (102_764_544, 3 * 102_760_448));
        let wide = LinearParams::new(1 << 40, 1, false).unwrap();
        assert_eq!(cost_linear(&wide, 1 << 30), Err(ConvError::Overflow));
        let pool = cost_unweighted([1, 2, 4, 4], [1, 2, 2, 2]).unwrap();
        assert_eq!((pool.params(), pool.macs, pool.output_elements), (0, 0, 8));
    }

    #[test]
    fn groups_divide_weights_and_macs() {
        let depthwise = Conv2dOptions { groups: 8, ..layer(8, 16, 3, false) };
        assert_eq!((cost_of(depthwise, 5).weights, cost_of(depthwise, 5).macs), (144, 16 * 9 * 9));
    }

    #[test]
    fn an_empty_batch_costs_nothing_but_its_parameters() {
        let params = Conv2dParams::new(layer(3, 6, 5, true)).unwrap();
        let cost = cost(&params, [0, 3, 32, 32]).unwrap();
        assert_eq!((cost.params(), cost.input_elements, cost.output_elements, cost.macs), (456, 0, 0, 0));
    }

    #[test]
    fn macs_beyond_64_bits_are_exact_and_elements_are_refused() {
        let params = Conv2dParams::new(layer(1 << 20, 1 << 20, 3, false)).unwrap();
        let macs = cost(&params, [1, 1 << 20, 1 << 20, 1 << 20]).unwrap().macs;
        assert_eq!(macs, (((1 << 20) - 2) * ((1_u128 << 20) - 2) * 9) << 40);
        let expected = Err(ConvError::Overflow);
        assert_eq!(cost(&params, [1 << 10, 1 << 20, 1 << 20, 1 << 20]), expected);
    }

    #[test]
    fn counts_that_would_not_add_up_are_refused() {
        let expected = Err(ConvError::Overflow);
        let many_biases = Conv2dParams::new(layer(1, 1 << 63, 1, true)).unwrap();
        assert_eq!(cost(&many_biases, [1, 1, 1, 1]), expected);
        // Nearly 2^64 outputs of nearly 2^64 taps: the MACs fit, twice as many FLOPs do not.
        let padding = Padding2d::Explicit(Pads::all((1 << 32) - 2));
        let wide = Conv2dOptions { padding, ..layer(1, 1, (1 << 32) - 1, false) };
        assert_eq!(cost(&Conv2dParams::new(wide).unwrap(), [1, 1, 1, 1]), expected);
    }

    #[test]
    fn a_3x3_at_padding_1_meets_padding_in_32_multiplications_of_a_3x3_map() {
        let padding = Padding2d::Explicit(Pads::all(1));
        let params = Conv2dParams::new(Conv2dOptions { padding, ..layer(1, 1, 3, false) }).unwrap();
        assert_eq!(padding_macs(&params.geometry([3, 3]).unwrap()), 32);
    }

    #[test]
    fn padding_macs_are_the_taps_outside_the_input() {
        for (k, s, d, pad) in (1..=4).flat_map(|k| {
            (1..=4).flat_map(move |s| (1..=3).flat_map(move |d| (0..=4).map(move |pad| (k, s, d, pad))))
        }) {
            let options = Conv2dOptions {
                stride: [s, 1],
                dilation: [d, 1],
                padding: Padding2d::Explicit(Pads { top: pad, left: 1, bottom: 4 - pad, right: 0 }),
                padding_mode: PaddingMode::Replicate,
                ..layer(1, 1, k, false)
            };
            let Ok(geometry) = Conv2dParams::new(options).unwrap().geometry([5, 4]) else { continue };
            let kernel = (0..k).flat_map(|k_y| (0..k).map(move |k_x| [k_y, k_x]));
            let outside = |[y, x]: [i64; 2]| !((0..5).contains(&y) && (0..4).contains(&x));
            let expected = kernel
                .flat_map(|kernel| crate::window::meets(&geometry, kernel))
                .filter(|&(_, position)| outside(position))
                .count();
            assert_eq!(padding_macs(&geometry), expected as u128, "{options:?}");
        }
    }

    #[test]
    fn padding_macs_of_huge_sizes_are_found_at_once() {
        let options =
            Conv2dOptions { padding: Padding2d::Full, kernel_size: [1 << 40, 1], ..Default::default() };
        let geometry = Conv2dParams::new(options).unwrap().geometry([1 << 40, 1]).unwrap();
        // Each of the 2^40 cells meets each of the 2^40 weights; all else is padding.
        let all = ((1_u128 << 41) - 1) << 40;
        assert_eq!(padding_macs(&geometry), all - (1 << 80));
    }
}
