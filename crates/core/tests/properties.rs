//! What holds for sizes of any magnitude: no panic, no wrapped number, and windows that read backwards.
#![cfg(not(target_arch = "wasm32"))]

use convscope_core::cost::{cost, padding_macs};
use convscope_core::{AxisGeometry, AxisParams, Conv2dOptions, Conv2dParams, ConvError};
use convscope_core::{Padding, Padding2d, PaddingMode, Pads, ReceptiveField};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const SEED: u64 = 20_260_722;

/// Small sizes, sizes around powers of two, and any.
fn size() -> impl Strategy<Value = u64> {
    let near_power =
        (0..64_u32, 0..5_u64).prop_map(|(bits, offset)| (1_u64 << bits).wrapping_add(offset).wrapping_sub(2));
    prop_oneof![4 => 0..20_u64, 2 => near_power, 1 => any::<u64>()]
}

fn padding() -> impl Strategy<Value = Padding> {
    let explicit = (size(), size()).prop_map(|(before, after)| Padding::Explicit { before, after });
    prop_oneof![Just(Padding::Valid), Just(Padding::Same), Just(Padding::Full), explicit]
}

fn layout(input_len: u64, k_s_d: [u64; 3], padding: Padding) -> Result<AxisGeometry, ConvError> {
    AxisParams::new(k_s_d[0], k_s_d[1], k_s_d[2])?.geometry(input_len, padding)
}

fn options() -> impl Strategy<Value = Conv2dOptions> {
    let pair = || [size(), size()];
    let pads = [size(), size(), size(), size()].prop_map(|[top, left, bottom, right]| Pads {
        top,
        left,
        bottom,
        right,
    });
    let padding = prop_oneof![
        Just(Padding2d::Valid),
        Just(Padding2d::Same),
        Just(Padding2d::Full),
        pads.prop_map(Padding2d::Explicit)
    ];
    let mode = prop_oneof![
        3 => Just(PaddingMode::Zeros),
        1 => Just(PaddingMode::Reflect),
        1 => Just(PaddingMode::Replicate),
        1 => Just(PaddingMode::Circular)
    ];
    let channels = (size(), size(), prop_oneof![3 => Just(1), 1 => size()]);
    (channels, pair(), pair(), pair(), padding, mode, any::<bool>()).prop_map(
        |(
            (in_channels, out_channels, groups),
            kernel_size,
            stride,
            dilation,
            padding,
            padding_mode,
            bias,
        )| {
            Conv2dOptions {
                in_channels,
                out_channels,
                kernel_size,
                stride,
                dilation,
                padding,
                padding_mode,
                groups,
                bias,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, rng_seed: RngSeed::Fixed(SEED), ..ProptestConfig::default() })]

    /// The formula, in numbers twice as wide.
    #[test]
    fn an_axis_is_exact_or_refused(len in size(), k_s_d in [size(), size(), size()], padding in padding()) {
        let Ok(axis) = layout(len, k_s_d, padding) else { return Ok(()) };
        let wide = u128::from;
        let [k, s, d] = k_s_d.map(u128::from);
        prop_assert_eq!(wide(axis.dilated_kernel()), d * (k - 1) + 1);
        prop_assert_eq!(wide(axis.padded_len()), wide(axis.pad_before()) + wide(len) + wide(axis.pad_after()));
        let room = wide(axis.padded_len()) - wide(axis.dilated_kernel());
        prop_assert_eq!(wide(axis.output_len()), room / s + 1);
        prop_assert_eq!(wide(axis.leftover()), room % s);
        if padding == Padding::Same {
            prop_assert_eq!(axis.output_len(), len.div_ceil(k_s_d[1]));
            prop_assert!(axis.pad_after() - axis.pad_before() <= 1);
        }
    }

    #[test]
    fn small_enough_axes_are_not_refused(
        len in 1..1_u64 << 20,
        k_s_d in [1..1_u64 << 20, 1..1_u64 << 40, 1..1_u64 << 20],
        same in any::<bool>(),
    ) {
        let padding = if same { Padding::Same } else { Padding::Full };
        prop_assert!(layout(len, k_s_d, padding).is_ok());
    }

    #[test]
    fn readers_are_the_inverse_of_taps(
        len in size(), k_s_d in [size(), size(), size()], padding in padding(),
        output_idx in any::<u64>(), kernel_idx in any::<u64>(),
    ) {
        let Ok(axis) = layout(len, k_s_d, padding) else { return Ok(()) };
        let pair = (output_idx % axis.output_len(), kernel_idx % k_s_d[0]);
        let position = axis.tap(pair.0, pair.1);
        prop_assert!(axis.positions().contains(&position));
        prop_assert!(axis.reads(position) >= 1 && axis.reads(position) <= axis.output_len().min(k_s_d[0]));
        for (output_idx, kernel_idx) in axis.readers(position).take(50) {
            prop_assert!(output_idx < axis.output_len() && kernel_idx < k_s_d[0]);
            prop_assert_eq!(axis.tap(output_idx, kernel_idx), position);
        }
        if axis.reads(position) <= 1000 {
            prop_assert!(axis.readers(position).any(|reader| reader == pair));
        }
        let inside = (0..len.cast_signed()).contains(&position);
        prop_assert_eq!(axis.interior(pair.1).contains(&pair.0), inside);
    }

    #[test]
    fn all_reads_together_are_windows_times_taps(
        len in 1..40_u64, k_s_d in [1..9_u64, 1..9_u64, 1..9_u64], before in 0..20_u64, after in 0..20_u64,
    ) {
        let Ok(axis) = layout(len, k_s_d, Padding::Explicit { before, after }) else { return Ok(()) };
        let reads: u64 = axis.positions().map(|position| axis.reads(position)).sum();
        prop_assert_eq!(reads, axis.output_len() * k_s_d[0]);
    }

    #[test]
    fn positions_outside_have_no_reader(
        len in size(), k_s_d in [size(), size(), size()], padding in padding(), position in any::<i64>(),
    ) {
        let Ok(axis) = layout(len, k_s_d, padding) else { return Ok(()) };
        if !axis.positions().contains(&position) {
            prop_assert_eq!(axis.reads(position), 0);
        }
    }

    #[test]
    fn a_source_is_an_input_cell(len in 1..u64::MAX, position in any::<i64>()) {
        for mode in [PaddingMode::Reflect, PaddingMode::Replicate, PaddingMode::Circular] {
            prop_assert!(mode.source(position, len).is_some_and(|cell| cell < len));
        }
    }

    /// Nothing below may panic; debug builds do so where a number would wrap.
    #[test]
    fn a_layer_is_counted_or_refused(options in options(), batch in size(), height in size(), width in size()) {
        let Ok(params) = Conv2dParams::new(options) else { return Ok(()) };
        let Ok(geometry) = params.geometry([height, width]) else { return Ok(()) };
        let [k_h, k_w] = options.kernel_size.map(u128::from);
        prop_assert!(padding_macs(&geometry) <= u128::from(geometry.n_steps()) * k_h * k_w);
        let last = geometry.output_position(geometry.n_steps() - 1);
        prop_assert_eq!(last, geometry.output_size().map(|len| len - 1));
        geometry.reads([0, 0]);
        let Ok(cost) = cost(&params, [batch, options.in_channels, height, width]) else { return Ok(()) };
        let taps = u128::from(options.in_channels / options.groups) * k_h * k_w;
        prop_assert_eq!(cost.macs, u128::from(cost.output_elements) * taps);
        prop_assert_eq!(cost.flops(), cost.macs * 2);
        prop_assert!(cost.params() >= cost.weights);
    }

    /// The recurrence, against placing the last layer's unit and following its first and last tap down.
    #[test]
    fn fields_are_where_the_taps_lead(
        chain in prop::collection::vec(([1..6_u64, 1..4, 1..4], 0..5_u64), 1..6), unit in 0..1000_u64,
    ) {
        let mut field = ReceptiveField::INPUT;
        let mut layers = Vec::new();
        for ([k, s, d], pad) in chain {
            let params = AxisParams::new(k, s, d).map_err(|error| TestCaseError::fail(error.to_string()))?;
            field = field.then(params, pad).map_err(|error| TestCaseError::fail(error.to_string()))?;
            layers.push([k, s, d, pad].map(u64::cast_signed));
        }
        let [mut first, mut last] = [unit.cast_signed(); 2];
        for [k, s, d, pad] in layers.into_iter().rev() {
            first = first * s - pad;
            last = last * s - pad + (k - 1) * d;
        }
        prop_assert_eq!(field.span(unit), Ok([first, last]));
    }

    #[test]
    fn fields_of_any_size_are_exact_or_refused(k_s_d in [size(), size(), size()], pad in size(), times in 1..9_usize) {
        let Ok(params) = AxisParams::new(k_s_d[0], k_s_d[1], k_s_d[2]) else { return Ok(()) };
        let mut field = ReceptiveField::INPUT;
        for _ in 0..times {
            let Ok(next) = field.then(params, pad) else { return Ok(()) };
            prop_assert!(next.size >= field.size && next.jump >= field.jump && next.start <= field.start);
            field = next;
        }
    }
}
