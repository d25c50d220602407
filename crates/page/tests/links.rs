//! Links in general: whatever a model is, its link gives it back; whatever a link is, it gives a model.

use convscope_core::{Activation, AvgDivisor, Padding2d, PaddingMode, Pads};
use convscope_page::bounds::{self, Control};
use convscope_page::kernel::{KernelChoice, KernelPreset};
use convscope_page::link::{MAX_NOTICES, Page, parse, write};
use convscope_page::model::LabModel;
use convscope_page::operation::{Operation, TYPES};
use convscope_page::playback::{Playback, Speed};
use convscope_page::presets::PRESETS;
use convscope_page::source::{InputSource, Pattern, PictureSource, Sample};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const EXAMPLES: &str = include_str!("../../../public/examples.txt");

fn pair(most: u64) -> impl Strategy<Value = [u64; 2]> {
    [1..=most, 1..=most]
}

fn number() -> impl Strategy<Value = f32> {
    prop_oneof![
        (-9_i32..=9).prop_map(|whole| whole as f32),
        (-1e6_f32..=1e6).prop_map(|value| value),
        any::<f32>().prop_map(|value| if value.abs() <= 1e6 { value } else { 0.1 }),
    ]
}

fn input() -> impl Strategy<Value = (InputSource, [u64; 2])> {
    let numbers = pair(12).prop_flat_map(|size| {
        let len = (size[0] * size[1]) as usize;
        (prop::collection::vec(number(), len).prop_map(InputSource::Numbers), Just(size))
    });
    let pattern = prop_oneof![
        prop::sample::select(Pattern::ALL),
        any::<u64>().prop_map(|seed| Pattern::Random { seed }),
    ];
    let picture = prop::sample::select(Sample::ALL)
        .prop_map(|sample| InputSource::Picture(PictureSource::Sample(sample)));
    prop_oneof![
        numbers,
        (pattern.prop_map(InputSource::Pattern), pair(256)),
        (picture, pair(256)),
        pair(6).prop_map(|size| (InputSource::default_for(size), size)),
    ]
}

fn kernel() -> impl Strategy<Value = (KernelChoice, [u64; 2])> {
    let own = pair(11).prop_flat_map(|size| {
        let len = (size[0] * size[1]) as usize;
        (prop::collection::vec(number(), len).prop_map(KernelChoice::Own), Just(size))
    });
    prop_oneof![
        own,
        (prop::sample::select(KernelPreset::ALL).prop_map(KernelChoice::Preset), pair(11)),
        (any::<u64>().prop_map(|seed| KernelChoice::Random { seed }), pair(11)),
    ]
}

fn padding() -> impl Strategy<Value = Padding2d> {
    let explicit = [0_u64..=128, 0..=128, 0..=128, 0..=128].prop_map(|[top, left, bottom, right]| Pads {
        top,
        left,
        bottom,
        right,
    });
    prop_oneof![
        Just(Padding2d::Valid),
        Just(Padding2d::Same),
        Just(Padding2d::Full),
        (0_u64..=4).prop_map(|pad| Padding2d::Explicit(Pads::all(pad))),
        explicit.prop_map(Padding2d::Explicit),
    ]
}

fn n_steps(model: &LabModel) -> Option<u64> {
    model.step_size().ok().map(|[height, width]| height * width)
}

/// Models that make a convolution, at a step that exists.
fn model() -> impl Strategy<Value = LabModel> {
    let modes = [PaddingMode::Zeros, PaddingMode::Reflect, PaddingMode::Replicate, PaddingMode::Circular];
    let stride = prop_oneof![pair(4), pair(256)];
    let dilation = prop_oneof![Just([1, 1]), pair(3), pair(64)];
    let mode = prop::sample::select(modes.to_vec());
    let bias = prop::option::of(number());
    (input(), kernel(), stride, dilation, padding(), mode, bias, any::<u64>()).prop_filter_map(
        "makes a convolution",
        |(
            (input, input_size),
            (kernel, kernel_size),
            stride,
            dilation,
            padding,
            padding_mode,
            bias,
            step,
        )| {
            let mut model = LabModel {
                input,
                input_size,
                kernel,
                kernel_size,
                stride,
                dilation,
                padding,
                padding_mode,
                bias,
                step,
                ..LabModel::default()
            };
            model.step %= model.geometry().ok()?.n_steps();
            Some(model)
        },
    )
}

/// Models of every operation with all that channels, pools and transposed convolutions add.
fn layer() -> impl Strategy<Value = LabModel> {
    let choice = (
        prop::sample::select(Operation::ALL.to_vec()),
        prop::sample::select(Activation::ALL.to_vec()),
        prop::sample::select(TYPES.to_vec()),
        prop::sample::select(vec![
            AvgDivisor::CountIncludePad,
            AvgDivisor::CountInside,
            AvgDivisor::Fixed(-3),
            AvgDivisor::Fixed(7),
        ]),
        any::<[bool; 3]>(),
    );
    let numbers =
        (1_u64..=4, 1_u64..=4, 1_u64..=3, [0_u64..3, 0..3], 1_u32..=5, 1_u64..=64, any::<[u8; 3]>());
    (model(), choice, numbers).prop_filter_map("makes a layer", |(model, choice, numbers)| {
        let (operation, activation, element_type, divisor, [ceil_mode, flip, last_view]) = choice;
        let (slices, filters, groups, output_padding, exponent, batch, [channel, filter, step]) = numbers;
        let picture = model.is_picture();
        let numbers = matches!(model.input, InputSource::Numbers(_));
        let (in_channels, groups) = match (picture, numbers) {
            (_, true) => (1, 1),
            (true, _) => (3, if groups == 3 { 3 } else { 1 }),
            _ => (slices * groups, groups),
        };
        let views = operation.views();
        let view = views[if last_view { views.len() - 1 } else { 0 }];
        let mut model = LabModel {
            operation,
            activation,
            element_type,
            divisor,
            ceil_mode,
            flip,
            view,
            in_channels,
            out_channels: filters * groups,
            groups,
            output_padding,
            exponent,
            batch,
            channel: u64::from(channel) % in_channels,
            filter: u64::from(filter) % (filters * groups),
            ..model
        };
        if !operation.has_padding_modes() {
            model.padding_mode = PaddingMode::Zeros;
        }
        if let KernelChoice::Own(weights) = &mut model.kernel {
            let n_weights = if operation == Operation::Transposed {
                in_channels * filters
            } else {
                filters * groups * in_channels / groups
            };
            let n_weights = if operation.is_pool() { 1 } else { n_weights };
            *weights = weights.repeat(n_weights as usize);
        }
        let full = operation == Operation::Transposed && model.padding == Padding2d::Full;
        model.step = u64::from(step) % n_steps(&model)?;
        (!full).then_some(model)
    })
}

/// A valid link with a few of its characters changed, taken out or put in.
fn mutated() -> impl Strategy<Value = String> {
    let change = (
        any::<prop::sample::Index>(),
        0..3,
        prop::sample::select("0129-,.=&?x%#/aé×−n".chars().collect::<Vec<_>>()),
    );
    let link = prop_oneof![
        model().prop_map(|model| write(&Page::Lab(model))),
        layer().prop_map(|model| write(&Page::Lab(model))),
        prop::sample::select(EXAMPLES.lines().map(String::from).collect::<Vec<_>>()),
    ];
    (link, prop::collection::vec(change, 1..6)).prop_map(|(link, changes)| {
        let mut letters: Vec<char> = link.chars().collect();
        for (at, kind, letter) in changes {
            if letters.is_empty() {
                break;
            }
            let at = at.index(letters.len());
            match kind {
                0 => letters[at] = letter,
                1 => letters.insert(at, letter),
                _ => {
                    letters.remove(at);
                }
            }
        }
        letters.into_iter().collect()
    })
}

/// A link gives a model that makes a convolution, few notices, and a link of its own that means the same.
fn check_total(link: &str) -> Result<(), TestCaseError> {
    let parsed = parse(link);
    prop_assert!(parsed.notices.len() <= MAX_NOTICES);
    match &parsed.page {
        Page::Lab(model) | Page::Embed(model) => {
            let geometry = model.geometry();
            prop_assert!(n_steps(model).is_some_and(|n_steps| model.step < n_steps), "{link}: {model:?}");
            if geometry.is_ok_and(|geometry| geometry.n_steps() < 10_000) {
                prop_assert!(model.derive(None).is_ok(), "{link}");
            }
        }
        Page::Stack(model) => prop_assert_eq!(&model.derive().model, model, "{}", link),
    }
    let again = parse(&write(&parsed.page));
    prop_assert_eq!(&again.page, &parsed.page);
    prop_assert!(again.notices.is_empty(), "{:?}", again.notices);
    Ok(())
}

proptest! {
    // The same cases each time: what passes here passes everywhere.
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_151_210),
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_written_model_is_read_back(model in model(), embedded in any::<bool>()) {
        let page = if embedded { Page::Embed(model) } else { Page::Lab(model) };
        let link = write(&page);
        let parsed = parse(&link);
        prop_assert_eq!(parsed.page, page);
        prop_assert!(parsed.notices.is_empty(), "{link}: {:?}", parsed.notices);
    }

    #[test]
    fn a_written_layer_is_read_back_and_computed(model in layer()) {
        let link = write(&Page::Lab(model.clone()));
        let parsed = parse(&link);
        prop_assert!(parsed.notices.is_empty(), "{link}: {:?}", parsed.notices);
        prop_assert_eq!(parsed.page, Page::Lab(model.clone()));
        if model.geometry().is_ok_and(|geometry| geometry.n_steps() < 10_000) {
            prop_assert!(model.derive(None).is_ok(), "{link}");
        }
    }

    #[test]
    fn any_text_gives_a_page(text in any::<String>()) {
        check_total(&text)?;
    }

    #[test]
    fn any_values_give_a_page(
        values in prop::collection::vec(("n|x|k|w|s|d|p|m|b|step|v|q|o|c|f|g|e|a|ceil|flip|div|batch|type|view|ch|fi|zz", "[-0-9a-z.,x%]{0,12}|max|lp|conv|transposed|average"), 0..16),
    ) {
        let query: String = values.iter().map(|(key, value)| format!("&{key}={value}")).collect();
        check_total(&format!("#/lab?{query}"))?;
    }

    #[test]
    fn any_values_give_a_stack(
        layers in "(i1x[0-9]x[0-9]{1,2}x9)?(\\.[ctmalfbGLOReinrdksjqhHgpuFvPTESU][-0-9xksdpgno_,a']{0,8}){0,6}",
        values in prop::collection::vec(("v|net|n|c|sel|unit|side|x|view|zz", "[-0-9a-z.,x%]{0,12}|columns|photo"), 0..9),
    ) {
        let query: String = values.iter().map(|(key, value)| format!("&{key}={value}")).collect();
        check_total(&format!("#/stack?l={layers}{query}"))?;
        check_total(&format!("#/stack?net=vgg-11{query}"))?;
    }

    #[test]
    fn a_broken_link_gives_a_page(link in mutated()) {
        check_total(&link)?;
    }

    #[test]
    fn a_change_within_bounds_makes_a_convolution(
        model in prop_oneof![model(), layer()],
        idx in any::<prop::sample::Index>(),
        share in 0.0..=1.0,
    ) {
        let control = *idx.get(Control::ALL);
        let limits = bounds::bounds(&model, control);
        let value = limits.low + ((limits.high - limits.low) as f64 * share) as u64;
        let changed = bounds::with(&model, &[control], value);
        let geometry = changed.geometry();
        prop_assert!(geometry.is_ok_and(|geometry| changed.step < geometry.n_steps()), "{control:?} {value}");
        prop_assert_eq!(parse(&write(&Page::Lab(changed.clone()))).page, Page::Lab(changed));
    }

    #[test]
    fn a_later_pose_is_never_an_earlier_place(
        n_steps in 1_u64..100_000,
        start in any::<u64>(),
        speed in prop::sample::select(Speed::ALL),
        gliding in any::<bool>(),
        times in prop::collection::vec(0.0_f64..100.0, 2..20),
    ) {
        let playback = Playback::resting(n_steps, start % n_steps, speed).play(0.0, gliding);
        let mut times = times;
        times.sort_by(f64::total_cmp);
        let poses: Vec<_> = times.iter().map(|&secs| playback.pose_at(secs)).collect();
        for pose in &poses {
            prop_assert!(pose.step < n_steps && (0.0..1.0).contains(&pose.phase), "{pose:?}");
            prop_assert!(pose.phase == 0.0 || pose.step + 1 < n_steps, "{pose:?}");
        }
        for pair in poses.windows(2) {
            prop_assert!((pair[0].step, pair[0].phase) <= (pair[1].step, pair[1].phase), "{pair:?}");
        }
    }
}

#[test]
fn published_links_open_for_ever() {
    for link in EXAMPLES.lines() {
        let parsed = parse(link);
        assert!(parsed.notices.is_empty(), "{link}: {:?}", parsed.notices);
        assert_eq!(parse(&write(&parsed.page)).page, parsed.page, "{link}");
    }
}

#[test]
fn published_networks_are_possible_and_say_every_key() {
    let networks: Vec<&str> = EXAMPLES.lines().filter(|link| link.starts_with("#/stack")).collect();
    for key in ["v", "net", "l", "n", "c", "sel", "unit", "side", "x", "view"] {
        assert!(
            networks
                .iter()
                .any(|link| link.contains(&["?", key, "="].concat())
                    || link.contains(&["&", key, "="].concat())),
            "{key}"
        );
    }
    for link in networks {
        let Page::Stack(model) = parse(link).page else { panic!("{link} opens the stack page") };
        assert_eq!(model.derive().analysis.first_error(), None, "{link}");
        assert_eq!(write(&Page::Stack(model)), link);
    }
}

/// The tables of the documents are those of the code.
#[test]
fn the_keys_are_those_of_the_documents() {
    let architecture = include_str!("../../../ARCHITECTURE.md");
    for code in [include_str!("../src/link.rs"), include_str!("../src/link/stack.rs")] {
        let rows: Vec<&str> = code.lines().filter_map(|line| line.strip_prefix("//! | `")).collect();
        assert!(rows.len() >= 10);
        for row in rows {
            assert!(architecture.contains(&["| `", row].concat()), "{row}");
        }
    }
}

#[test]
fn published_links_use_every_key_and_hold_every_preset() {
    for key in ["v", "n", "x", "k", "w", "s", "d", "p", "m", "b", "step"] {
        assert!(EXAMPLES.contains(&format!("&{key}=")) || EXAMPLES.contains(&format!("?{key}=")), "{key}");
    }
    for preset in PRESETS {
        let link = write(&Page::Lab((preset.model)()));
        assert!(EXAMPLES.lines().any(|line| line == link), "{}: {link}", preset.name);
        assert_eq!(parse(&link).page, Page::Lab((preset.model)()));
    }
}
