//! Transposed convolutions, pools and linear layers of any magnitude: no panic, no wrapped number.
#![cfg(not(target_arch = "wasm32"))]

use convscope_core::adaptive::AdaptiveAxis;
use convscope_core::cost::{cost_linear, cost_transposed, cost_unweighted};
use convscope_core::pool::PoolAxis;
use convscope_core::transposed::Crop;
use convscope_core::{AutoPad, AvgDivisor, AxisParams, ConvTranspose2dOptions, ConvTranspose2dParams};
use convscope_core::{LinearParams, Pads, Pool2dOptions, Pool2dParams, PoolRounding};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const SEED: u64 = 20_261_123;

/// Small sizes, sizes around powers of two, and any.
fn size() -> impl Strategy<Value = u64> {
    let near_power =
        (0..64_u32, 0..5_u64).prop_map(|(bits, offset)| (1_u64 << bits).wrapping_add(offset).wrapping_sub(2));
    prop_oneof![4 => 0..20_u64, 2 => near_power, 1 => any::<u64>()]
}

fn crop() -> impl Strategy<Value = Crop> {
    let explicit = (size(), size()).prop_map(|(before, after)| Crop::Explicit { before, after });
    prop_oneof![2 => explicit, 1 => size().prop_map(Crop::ToLenUpper), 1 => size().prop_map(Crop::ToLenLower)]
}

fn rounding() -> impl Strategy<Value = PoolRounding> {
    prop_oneof![Just(PoolRounding::Floor), Just(PoolRounding::Ceil), Just(PoolRounding::CeilKeepLast)]
}

fn auto_pad() -> impl Strategy<Value = AutoPad> {
    let explicit = [size(), size(), size(), size()]
        .prop_map(|[top, left, bottom, right]| AutoPad::Explicit(Pads { top, left, bottom, right }));
    prop_oneof![
        2 => explicit,
        1 => Just(AutoPad::Valid),
        1 => Just(AutoPad::SameUpper),
        1 => Just(AutoPad::SameLower)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, rng_seed: RngSeed::Fixed(SEED), ..ProptestConfig::default() })]

    /// The formula, in numbers twice as wide.
    #[test]
    fn a_transposed_axis_is_exact_or_refused(
        len in size(), k_s_d in [size(), size(), size()], crop in crop(), output_padding in size(),
        input_idx in any::<u64>(), kernel_idx in any::<u64>(),
    ) {
        let Ok(params) = AxisParams::new(k_s_d[0], k_s_d[1], k_s_d[2]) else { return Ok(()) };
        let Ok(axis) = params.transposed(len, crop, output_padding) else { return Ok(()) };
        let wide = u128::from;
        let [k, s, d] = k_s_d.map(u128::from);
        let scattered = s * (wide(len) - 1) + d * (k - 1) + 1;
        let padding = wide(axis.pad_before()) + wide(axis.pad_after());
        prop_assert_eq!(wide(axis.output_len()) + padding, scattered + wide(axis.output_padding()));
        match crop {
            Crop::Explicit { .. } => prop_assert_eq!(axis.output_padding(), output_padding),
            Crop::ToLenUpper(len) => {
                prop_assert_eq!(axis.output_len(), len);
                prop_assert!(axis.pad_after() - axis.pad_before() <= 1);
            }
            Crop::ToLenLower(len) => {
                prop_assert_eq!(axis.output_len(), len);
                prop_assert!(axis.pad_before() - axis.pad_after() <= 1);
            }
        }
        let [before, after] = axis.inserted_pads();
        let inserted = i128::from(axis.inserted_len()) + i128::from(before) + i128::from(after);
        prop_assert_eq!(inserted, i128::from(axis.output_len()) + i128::from(axis.dilated_kernel()) - 1);

        let pair = (input_idx % len, kernel_idx % k_s_d[0]);
        let target = axis.target(pair.0, pair.1);
        let lands = u64::try_from(target).is_ok_and(|cell| cell < axis.output_len());
        prop_assert_eq!(axis.interior(pair.1).contains(&pair.0), lands);
        if let Some(cell) = u64::try_from(target).ok().filter(|_| lands) {
            prop_assert!(axis.contributions(cell) >= 1);
            for (input_idx, kernel_idx) in axis.contributors(cell).take(50) {
                prop_assert!(input_idx < len && kernel_idx < k_s_d[0]);
                prop_assert_eq!(axis.target(input_idx, kernel_idx), target);
            }
            if axis.contributions(cell) <= 1000 {
                prop_assert!(axis.contributors(cell).any(|it| it == pair));
            }
        }
    }

    #[test]
    fn all_contributions_together_are_inputs_times_taps(
        len in 1..30_u64, k_s_d in [1..7_u64, 1..6_u64, 1..5_u64], output_padding in 0..4_u64,
    ) {
        let params = AxisParams::new(k_s_d[0], k_s_d[1], k_s_d[2]).map_err(|it| TestCaseError::fail(it.to_string()))?;
        let axis = params.transposed(len, Crop::Explicit { before: 0, after: 0 }, output_padding);
        let axis = axis.map_err(|it| TestCaseError::fail(it.to_string()))?;
        let contributions: u64 = (0..axis.output_len()).map(|cell| axis.contributions(cell)).sum();
        prop_assert_eq!(contributions, len * k_s_d[0]);
    }

    #[test]
    fn a_transposed_layer_is_counted_or_refused(
        channels in (size(), size(), prop_oneof![3 => Just(1), 1 => size()]), kernel_size in [size(), size()],
        stride in [size(), size()], dilation in [size(), size()], padding in auto_pad(),
        output_padding in prop_oneof![2 => Just([0, 0]), 1 => [size(), size()]],
        output_size in prop::option::of([size(), size()]), bias in any::<bool>(),
        batch in size(), input in [size(), size()],
    ) {
        let (in_channels, out_channels, groups) = channels;
        let options = ConvTranspose2dOptions {
            in_channels, out_channels, kernel_size, stride, dilation, padding, output_padding, output_size, groups, bias,
        };
        let Ok(params) = ConvTranspose2dParams::new(options) else { return Ok(()) };
        let Ok(geometry) = params.geometry(input) else { return Ok(()) };
        geometry.contributions([0, 0]);
        prop_assert_eq!(geometry.output_size(), [geometry.rows.output_len(), geometry.columns.output_len()]);
        let Ok(cost) = cost_transposed(&params, [batch, in_channels, input[0], input[1]]) else { return Ok(()) };
        let [k_h, k_w] = kernel_size.map(u128::from);
        prop_assert_eq!(cost.macs, u128::from(cost.input_elements) * u128::from(out_channels / groups) * k_h * k_w);
        prop_assert!(cost.params() >= cost.weights);
    }

    #[test]
    fn a_pool_axis_is_exact_or_refused(
        len in size(), k_s_d in [size(), size(), size()], pads in [size(), size()], rounding in rounding(),
        output_idx in any::<u64>(),
    ) {
        let Ok(params) = AxisParams::new(k_s_d[0], k_s_d[1], k_s_d[2]) else { return Ok(()) };
        let Ok(axis) = PoolAxis::new(params, len, pads, rounding) else { return Ok(()) };
        let [k, s, d] = k_s_d.map(i128::from);
        let room = i128::from(pads[0]) + i128::from(len) + i128::from(pads[1]) - d * (k - 1) - 1;
        let floor = room.div_euclid(s) + 1;
        let ceil = (room + s - 1).div_euclid(s) + 1;
        let from_before = i128::from(len) + i128::from(pads[0]);
        let expected = match rounding {
            PoolRounding::Floor => floor,
            PoolRounding::Ceil if ceil > 1 && (ceil - 1) * s >= from_before => ceil - 1,
            _ => ceil,
        };
        prop_assert_eq!(i128::from(axis.output_len()), expected);
        prop_assert_eq!(axis.pad_before(), pads[0]);
        prop_assert_eq!(axis.pad_after(), pads[1]);
        let last_end = (expected - 1) * s + d * (k - 1) + 1;
        prop_assert_eq!(i128::from(axis.overhang()), (last_end - from_before - i128::from(pads[1])).max(0));
        let window = output_idx % axis.output_len();
        let (inside, padded) = (axis.taps_inside(window), axis.taps_padded(window));
        prop_assert!(inside.end - inside.start <= padded.end - padded.start && padded.end <= k_s_d[0]);
    }

    #[test]
    fn a_pool_is_counted_or_refused(
        kernel_size in [size(), size()], stride in [size(), size()], dilation in [size(), size()],
        padding in auto_pad(), rounding in rounding(), shape in [size(), size(), size(), size()],
        include in any::<bool>(), divisor in prop::option::of(any::<i64>()),
    ) {
        let Ok(params) = Pool2dParams::new(Pool2dOptions { kernel_size, stride, dilation, padding, rounding }) else {
            return Ok(());
        };
        let _ = params.pytorch();
        let Ok(geometry) = params.geometry([shape[2], shape[3]]) else { return Ok(()) };
        let last = geometry.output_size().map(|len| len - 1);
        if let Ok(divisor) = AvgDivisor::new(include, divisor) {
            divisor.of_window(&geometry, last);
        }
        if matches!(padding, AutoPad::SameUpper | AutoPad::SameLower) {
            prop_assert_eq!(geometry.output_size(), [shape[2].div_ceil(stride[0]), shape[3].div_ceil(stride[1])]);
        }
        let Ok(output_shape) = params.output_shape(shape) else { return Ok(()) };
        let _ = cost_unweighted(shape, output_shape);
    }

    #[test]
    fn adaptive_windows_cover_the_input(len in 1..u64::MAX, windows in 1..u64::MAX, idx in any::<u64>()) {
        let axis = AdaptiveAxis::new(len, windows).map_err(|it| TestCaseError::fail(it.to_string()))?;
        let window = axis.window(idx % windows);
        prop_assert!(window.start < window.end && window.end <= len);
        prop_assert_eq!(axis.window(0).start, 0);
        prop_assert_eq!(axis.window(windows - 1).end, len);
        if idx % windows > 0 {
            prop_assert!(axis.window(idx % windows - 1).end >= window.start);
        }
    }

    #[test]
    fn linear_layers_are_counted_or_refused(features in [size(), size()], rows in size(), bias in any::<bool>()) {
        let Ok(params) = LinearParams::new(features[0], features[1], bias) else { return Ok(()) };
        let Ok(cost) = cost_linear(&params, rows) else { return Ok(()) };
        prop_assert_eq!(cost.macs, u128::from(rows) * u128::from(features[0]) * u128::from(features[1]));
    }
}
