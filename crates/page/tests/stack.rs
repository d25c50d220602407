//! The stack page as readers use it: any network can be edited, linked and talked about, and what other tools
//! get wrong is right here.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::sync::Arc;

use convscope_core::graph::notation::{Names, read, read_until, write as notation};
use convscope_core::graph::zoo::Zoo;
use convscope_page::link::{Page, parse, write};
use convscope_page::stack::{Kind, Outcome, STACK_PRESETS, Setting, Side, Stack, StackModel, Switch};
use convscope_page::text::stack as text;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

fn model(layers: &str) -> StackModel {
    StackModel::of_graph(Arc::new(read(layers).unwrap()))
}

fn numbers(stack: &Stack, node: usize) -> convscope_page::stack::Numbers {
    match stack.row(node).unwrap().outcome {
        Outcome::Numbers(numbers) => numbers,
        other => panic!("layer {node}: {other:?}"),
    }
}

fn field(layers: &str, node: usize) -> String {
    numbers(&model(layers).derive(), node).field
}

// What other tools get wrong.

/// Four refuse a stride that does not divide.
#[test]
fn a_stride_that_does_not_divide_is_taken() {
    let stepped = model("i1x3x224x224.c64k7p3").set(1, Setting::Stride, "2").unwrap().derive();
    assert_eq!(numbers(&stepped, 1).output, "112 × 112 × 64");
    let alexnet = model("i1x3x224x224.c64k11p2").set(1, Setting::Stride, "4").unwrap().derive();
    assert_eq!(numbers(&alexnet, 1).output, "55 × 55 × 64");
}

/// One always rounds up, one never, and one forgets that the last window must start in the input.
#[test]
fn a_pool_is_rounded_up_when_asked() {
    let size = |layers: &str, up| {
        let stack = model(layers).switch(1, Switch::CeilMode, up).unwrap().derive();
        stack.analysis.map(stack.analysis.graph().id(1).unwrap()).unwrap().size[0]
    };
    for (layers, floor, ceil) in [
        ("i1x8x112x112.mk3s2", 55, 56),
        ("i1x8x10x10.mk1s2", 5, 5),
        ("i1x8x32x32.mk1s2", 16, 16),
        ("i1x8x64x64.mk3s2p1", 32, 33),
    ] {
        assert_eq!([size(layers, false), size(layers, true)], [floor, ceil], "{layers}");
    }
}

/// One reads a single digit of a kernel of 11.
#[test]
fn kernels_of_two_digits_are_read_as_such() {
    let stack = model("i1x3x224x224.c64k3s4p2").set(1, Setting::Kernel, "11").unwrap().derive();
    assert_eq!(numbers(&stack, 1).field, "11");
    assert_eq!(stack.row(1).unwrap().title, "1 Conv 11 × 11");
    let alexnet = StackModel::of_zoo(Zoo::AlexNet).derive();
    let windows = (1..alexnet.n_rows()).filter(|node| alexnet.row(*node).unwrap().title.contains('×'));
    let fields: Vec<String> = windows.map(|node| numbers(&alexnet, node).field).collect();
    assert_eq!(fields, ["11", "19", "51", "67", "99", "131", "163", "195"]);
}

/// One gave 308 for VGG-16, two put the branches of a module in a row.
#[test]
fn fields_of_known_networks_are_those_published() {
    for (net, at, expected) in [
        (Zoo::Vgg16, "pool5", "212"),
        (Zoo::GoogLeNet, "3a.concat", "59"),
        (Zoo::ResNet50, "layer4.2.add", "427"),
        (Zoo::ResNet50Original, "layer4.2.add", "483"),
        (Zoo::InceptionV3, "7c.concat", "1,311"),
        (Zoo::PatchGan, "patches", "70"),
    ] {
        let stack = StackModel::of_zoo(net).derive();
        let graph = stack.analysis.graph();
        let node = graph.find(at).or_else(|| graph.id(stack.model.selected)).unwrap();
        assert_eq!(numbers(&stack, node.index()).field, expected, "{net:?}");
    }
}

/// One ignores dilation, one counts it in one of two formulas, one loses it in the start.
#[test]
fn dilation_counts() {
    let stack = model("i1x3x32x32.c8k3p2").set(1, Setting::Dilation, "2").unwrap().derive();
    let row = numbers(&stack, 1);
    assert_eq!([row.output, row.field, row.start], ["32 × 32 × 8", "5", "−2"]);
}

/// One gives transposed layers no field, one takes the kernel away, one knows none.
#[test]
fn transposed_layers_have_a_field() {
    assert_eq!(field("i1x3x32x32.t8k3s2p1", 1), "1–2");
    assert_eq!(field("i1x3x32x32.t8k2s2", 1), "1");
    assert_eq!(field("i1x3x32x32.c8k3s2p1.t8k3s2p1", 2), "3–5");
    assert_eq!(numbers(&model("i1x3x32x32.t8k2s2").derive(), 1).jump, "1/2");
}

/// One reads the first axis alone.
#[test]
fn axes_may_differ() {
    assert_eq!(field("i1x3x32x32.c8k3x5.c8k1x7", 2), "3 × 11");
}

/// Adaptive pools are windows where they divide; one has a formula for their padding.
#[test]
fn adaptive_pools_see_what_their_windows_see() {
    assert_eq!(field("i1x3x12x12.A4", 1), "3");
    assert_eq!(field("i1x3x12x12.A", 1), "all");
    assert_eq!(field("i1x3x12x12.A5", 1), "3–4");
}

/// Four count grouped and transposed multiplications wrong, one of them depthwise transposed ones as 0.
#[test]
fn multiplications_are_counted_once() {
    for (layers, macs) in [
        ("i1x6x5x5.t6k4s2", "14,400"),
        ("i1x6x5x5.t6k4s2g2", "7,200"),
        ("i1x6x5x5.t6k4s2g", "2,400"),
        ("i1x6x5x5.c6k3p1g", "1,350"),
        ("i1x6x5x5.c6k3p1g3", "2,700"),
    ] {
        assert_eq!(numbers(&model(layers).derive(), 1).macs, macs, "{layers}");
    }
}

/// None tells read pixels, holes and padding apart; one clips fields to the image and forgets what is beyond.
#[test]
fn pixels_holes_and_padding_are_counted_for_any_unit() {
    for preset in STACK_PRESETS {
        let model = preset.model();
        let stack = model.derive();
        let id = stack.selected().unwrap();
        let [height, width] = stack.analysis.map(id).unwrap().size;
        let corners = [[0, 0], [height - 1, width - 1], [height / 2, width / 3], [0, width / 2]];
        for unit in corners {
            let looked = stack.look(&StackModel { unit, ..model.clone() });
            let Some(counts) = looked.counts() else { panic!("{} {unit:?}", preset.label) };
            let area = u128::from(counts.hull[0]) * u128::from(counts.hull[1]);
            assert_eq!(counts.read + counts.skipped + counts.outside, area, "{} {unit:?}", preset.label);
            assert!(counts.read > 0 && counts.exact, "{} {unit:?}", preset.label);
        }
    }
}

#[test]
fn every_preset_has_a_link_that_opens_it() {
    for preset in STACK_PRESETS {
        let model = preset.model();
        let link = write(&Page::Stack(model.clone()));
        let parsed = parse(&link);
        assert!(parsed.notices.is_empty() && link.len() < 100, "{link}: {:?}", parsed.notices);
        assert_eq!(parsed.page, Page::Stack(model));
    }
}

/// The longest link of a known network: DenseNet-121 with one layer changed.
#[test]
fn an_edited_densenet_fits_in_a_link() {
    let edited = StackModel::of_zoo(Zoo::DenseNet121).set(1, Setting::Filters, "48").unwrap();
    assert_eq!(edited.zoo, None);
    let link = write(&Page::Stack(edited.clone()));
    assert!(link.len() < 5_000, "{}", link.len());
    let Page::Stack(again) = parse(&link).page else { panic!("the stack page") };
    assert_eq!(notation(&again.graph, Names::Left), notation(&edited.graph, Names::Left));
    assert_eq!(again.graph.analyse().first_error(), None);
}

/// Everything that is said of a network. Whatever it is, there is a sentence, and nothing panics.
fn talk(model: &StackModel) -> Result<Stack, TestCaseError> {
    let stack = model.derive();
    prop_assert!(!text::sentence_plain(&stack).is_empty());
    text::legend(&stack);
    text::seen_rows(&stack, 9);
    text::layer_costs(&stack);
    text::total_costs(&stack);
    stack.totals();
    stack.costs();
    for &side in Side::ALL {
        text::branches(&stack, side);
        text::by_place(&stack, side);
        text::marks(&stack, side);
        text::recurrence(&stack, side);
        stack.growth(side);
    }
    for node in 0..stack.n_rows() {
        let row = stack.row(node).unwrap();
        if let Outcome::Impossible(text) = &row.outcome {
            prop_assert!(!text.is_empty() && !text.ends_with('.'), "{}", text);
        }
        // What is shown can be typed, where no number in it is beyond what the page offers.
        let usual = |text: &str| {
            text.split([' ', '×', ',']).all(|part| part.is_empty() || part.len() < 3 && part != "0")
        };
        for cell in
            row.cells.iter().filter(|cell| cell.editable && usual(&cell.text) && !cell.text.is_empty())
        {
            let typed = model.set(node, cell.setting, &cell.text);
            prop_assert!(typed.is_ok(), "{:?} {} {:?}", cell.setting, cell.text, typed.err());
        }
    }
    Ok(stack)
}

#[derive(Clone, Debug)]
enum Edit {
    Add(usize, Kind),
    Remove(usize),
    Duplicate(usize),
    Move(usize, usize),
    Kind(usize, Kind),
    Set(usize, Setting, String),
    Reads(usize, usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let node = || 0..12_usize;
    let kind = || select(Kind::ALL);
    let settings = vec![
        Setting::Kernel,
        Setting::Stride,
        Setting::Padding,
        Setting::Dilation,
        Setting::Filters,
        Setting::Groups,
        Setting::OutputPadding,
        Setting::InputSize,
        Setting::InputChannels,
    ];
    prop_oneof![
        (node(), kind()).prop_map(|(node, kind)| Edit::Add(node, kind)),
        node().prop_map(Edit::Remove),
        node().prop_map(Edit::Duplicate),
        (node(), node()).prop_map(|(node, place)| Edit::Move(node, place)),
        (node(), kind()).prop_map(|(node, kind)| Edit::Kind(node, kind)),
        (node(), select(settings), "[0-9]{1,2}(x[0-9])?")
            .prop_map(|(node, setting, text)| Edit::Set(node, setting, text)),
        (node(), node()).prop_map(|(node, input)| Edit::Reads(node, input)),
    ]
}

fn edited(model: &StackModel, edit: &Edit) -> Option<StackModel> {
    match edit {
        Edit::Add(node, kind) => model.add_after(*node, *kind),
        Edit::Remove(node) => model.remove(*node),
        Edit::Duplicate(node) => model.duplicate(*node),
        Edit::Move(node, place) => model.move_to(*node, *place).ok(),
        Edit::Kind(node, kind) => model.set_kind(*node, *kind),
        Edit::Set(node, setting, text) => model.set(*node, *setting, text).ok(),
        Edit::Reads(node, input) => {
            let first = model.graph.nodes().get(*node)?.inputs.first()?.index();
            model.set_inputs(*node, &[first, *input])
        }
    }
}

proptest! {
    // The same cases each time: what passes here passes everywhere.
    #![proptest_config(ProptestConfig {
        cases: 600,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_160_415),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_network_can_be_talked_about(
        layers in "i1x[0-9]x[0-9]{1,2}x9(\\.[ctmalfbGLORrdDkjqhHgpuFvPTESU][-0-9xksdpgno_,a']{0,8}){0,6}",
        selected in 0..8_usize,
        unit in [0..20_u64, 0..20],
    ) {
        let (graph, _) = read_until(&layers, 64);
        if !graph.is_empty() {
            talk(&StackModel { selected, unit, ..StackModel::of_graph(Arc::new(graph)) })?;
        }
    }

    #[test]
    fn any_edits_leave_a_network_that_its_link_gives_back(
        first in select(vec!["i1x3x14x14.c8k3.c8k3.mk2.c8k3", "i1x8x9x9.c8k3p1.b.r.c8k3p1.b.ja_1,6.r.A.F.f10"]),
        edits in prop::collection::vec(edit(), 1..8),
    ) {
        let mut model = model(first);
        for edit in &edits {
            if let Some(next) = edited(&model, edit) {
                prop_assert!(next.selected < next.graph.len());
                model = next;
            }
        }
        let stack = talk(&model)?;
        // Layers count from the input, which stays the first.
        prop_assert_eq!(stack.row(0).unwrap().label, "Input");
        let link = write(&Page::Stack(stack.model.clone()));
        let parsed = parse(&link);
        prop_assert!(parsed.notices.is_empty(), "{}: {:?}", link, parsed.notices);
        prop_assert_eq!(parsed.page, Page::Stack(stack.model));
    }
}
