//! What the page says of known networks.

use std::sync::Arc;

use convscope_core::graph::notation::read;
use convscope_core::graph::zoo::Zoo;
use convscope_scene::stack::Word;

use super::*;
use crate::stack::{Side, Stack, StackModel};
use crate::text::plain;

fn stack(text: &str, selected: usize, unit: [u64; 2]) -> Stack {
    let model = StackModel::of_graph(Arc::new(read(text).unwrap()));
    StackModel { selected, unit, ..model }.derive()
}

#[track_caller]
fn check(text: &str, selected: usize, unit: [u64; 2], expected: &str) {
    assert_eq!(sentence_plain(&stack(text, selected, unit)), expected);
}

const PADDED: &str = "i1x3x14x14.c8k3p1.c8k3p1.mk2.c16k3p1";
const HOLES: &str = "i1x3x14x14.c8k3p2d2.c8k3p2d2.c16k3p2d2";

#[test]
fn the_sentences_of_the_pictures() {
    check(PADDED, 4, [1, 4], "One unit of layer 4 sees 10 × 10 cells: 80 pixels read, 20 outside the image");
    let holes = "One unit of layer 3 sees 13 × 13 cells: 42 pixels read, 101 skipped, 26 outside the image";
    check(HOLES, 3, [4, 7], holes);
    let entries = legend(&stack(HOLES, 3, [4, 7]));
    let texts: Vec<_> = entries.iter().map(|entry| entry.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "receptive field (hull)",
            "pixel read: 42",
            "hole, inside the hull but never read: 101",
            "outside the image: 26"
        ]
    );
    assert_eq!(legend(&stack(PADDED, 4, [3, 3]))[2].text, "hole, inside the hull but never read: none");
    // Maps behind the chosen one show who sees it, and of a pixel there is nothing else to explain.
    let swatches =
        |node| legend(&stack(PADDED, node, [3, 3])).into_iter().map(|it| it.swatch).collect::<Vec<_>>();
    assert_eq!(swatches(2).last(), Some(&Swatch::Seen));
    assert_eq!(swatches(0), [Swatch::Seen]);
    assert!(legend(&stack("i1x3x4x4", 0, [0, 0])).is_empty());
}

#[test]
fn sentences_of_all_that_may_be_chosen() {
    check(PADDED, 1, [5, 5], "One unit of layer 1 sees 3 × 3 cells: 9 pixels read");
    check(PADDED, 0, [3, 4], "Pixel (3, 4) is seen by 20 units of layer 4");
    check("i1x3x4x4.A.F.f2", 1, [0, 0], "Every unit of layer 1 sees 4 × 4 cells: 16 pixels read");
    check("i1x3x4x4.t2k1s2", 1, [1, 1], "Unit (1, 1) of layer 1 sees nothing: no kernel is scattered there");
    check("i1x3x4x4.w3x1x1", 1, [0, 0], "Layer 1 does not depend on the input");
    check(
        "i1x3x4x4.Umystery~1x3x4x4.r",
        2,
        [0, 0],
        "What layer 2 sees is not known: layer 1 is “mystery”, and what that reads is not known here",
    );
    check("i1x3x4x4.c2k9.r", 2, [0, 0], "Layer 2 has no output: layer 1 before it is impossible");
    check(
        "i1x3x4x4.c2k9",
        1,
        [0, 0],
        "Layer 1 is impossible. The window covers 9 cells, but only 4 are there. Padding of 3 on every side would do",
    );
    check("i1x3x4x4", 0, [0, 0], "A cell of the input sees itself");
    // A plus of 1 x 3 beside 3 x 1.
    check(
        "i1x1x9x9.c1k1x3p0x1.c1k3x1p1x0_2.q_2,1",
        3,
        [4, 4],
        "One unit of layer 3 sees 3 × 3 cells: 5 pixels read, 4 skipped",
    );
}

#[test]
fn maps_have_captions() {
    let stack = stack(PADDED, 4, [1, 4]);
    let say = words(&stack);
    let id = |node| stack.analysis.graph().id(node).unwrap();
    for (word, expected) in [
        (Word::Title(id(0)), "Input image"),
        (Word::Title(id(3)), "3 Max pool 2 × 2"),
        (Word::Size(id(4)), "7 × 7 × 16"),
        (Word::Region(id(1), [8, 8]), "region 8 × 8"),
        (Word::Region(id(0), [10, 10]), "field 10 × 10"),
        (Word::Unit(id(4), [1, 4]), "unit (1, 4)"),
        (Word::Unit(id(0), [1, 4]), "pixel (1, 4)"),
        (Word::Seen(id(2), [3, 2]), "seen by 3 × 2"),
        (Word::Row(id(3)), "3 Max pool"),
        (Word::Row(id(0)), "Input"),
        (Word::Hidden(12), "12 layers"),
        (Word::Hidden(1), "1 layer"),
    ] {
        assert_eq!(say(word), expected);
    }
    assert_eq!(unit_name(&stack, 4, [1, 4]), "Unit (1, 4) of layer 4 Conv 3 × 3");
}

#[test]
fn a_pixel_is_seen_by_as_many_units_as_see_it() {
    let stack = StackModel { selected: 0, unit: [0, 0], ..StackModel::of_zoo(Zoo::CoursePadded) }.derive();
    let of = |node| seen_units(&stack, stack.analysis.graph().id(node).unwrap());
    assert_eq!([of(1), of(2), of(3), of(4)], [Some(4), Some(9), Some(4), Some(9)]);
}

#[test]
fn who_sees_a_pixel_is_listed_layer_by_layer() {
    let stack = StackModel { selected: 0, unit: [3, 4], ..StackModel::of_zoo(Zoo::CoursePadded) }.derive();
    let rows = seen_rows(&stack, 3);
    let texts: Vec<_> = rows.iter().map(|row| (row.title.as_str(), row.text.as_str())).collect();
    assert_eq!(
        texts,
        [
            ("1 Conv 3 × 3", "9 units, 3 × 3"),
            ("2 Conv 3 × 3", "25 units, 5 × 5"),
            ("3 Max pool 2 × 2", "9 units, 3 × 3")
        ]
    );
    assert_eq!(rows[0].share, 9.0 / 196.0);
    // 1 x 3 beside 3 x 1: a plus of units, which is no rectangle.
    let plus = self::stack("i1x1x9x9.c1k1x3p0x1.c1k3x1p1x0_2.q_2,1", 0, [4, 4]);
    assert_eq!(seen_rows(&plus, 9).last().unwrap().text, "5 units");
    assert!(seen_rows(&self::stack(PADDED, 4, [0, 0]), 9).is_empty());
}

fn zoo(zoo: Zoo) -> Stack {
    StackModel::of_zoo(zoo).derive()
}

fn lines(stack: &Stack) -> Vec<String> {
    let line = |line: RecurrenceLine| format!("R_{} = {}", line.node, plain(&line.runs));
    recurrence(stack, Side::Rows).into_iter().map(line).collect()
}

#[test]
fn the_course_s_recurrence_is_filled_in() {
    let expected = [
        "R_1 = 1 + (3 − 1) × 1 = 3",
        "R_2 = 3 + (3 − 1) × 1 = 5",
        "R_3 = 5 + (2 − 1) × 1 × 1 = 6",
        "R_4 = 6 + (3 − 1) × 1 × 1 × 2 = 10",
    ];
    assert_eq!(lines(&zoo(Zoo::Course)), expected);
    assert_eq!(lines(&zoo(Zoo::CoursePadded)), expected);
    // Dilated windows span 5 cells.
    let holes = ["R_1 = 1 + (5 − 1) × 1 = 5", "R_2 = 5 + (5 − 1) × 1 = 9", "R_3 = 9 + (5 − 1) × 1 × 1 = 13"];
    assert_eq!(lines(&stack(HOLES, 3, [0, 0])), holes);
}

#[test]
fn the_recurrence_ends_in_the_field_of_every_known_chain() {
    for (net, last, size) in [
        (Zoo::Vgg16, "196 + (2 − 1) × 16 = 212", 18),
        (Zoo::PatchGan, "46 + (4 − 1) × 2 × 2 × 2 × 1 = 70", 5),
    ] {
        let lines = recurrence(&zoo(net), Side::Columns);
        assert_eq!((plain(&lines.last().unwrap().runs).as_str(), lines.len()), (last, size), "{net:?}");
        assert!(lines.iter().all(|line| line.by_formula));
    }
    let resnet = recurrence(&zoo(Zoo::ResNet50), Side::Rows);
    let text = plain(&resnet.iter().rev().find(|line| line.by_formula).unwrap().runs);
    assert_eq!(text, "363 + (3 − 1) × 32 = 427");
}

#[test]
fn where_the_formula_ends_words_go_on() {
    let stack = stack("i1x3x32x32.c8k3s2p1.t8k3s2p1.c8k3p1.A", 4, [0, 0]);
    assert_eq!(
        lines(&stack),
        [
            "R_1 = 1 + (3 − 1) × 1 = 3",
            "R_2 = by its place, 3–5",
            "R_3 = by its place, 5–7",
            "R_4 = the whole axis"
        ]
    );
}

#[test]
fn fields_that_differ_by_place_are_counted() {
    assert_eq!(
        by_place(&zoo(Zoo::UNet), Side::Rows).as_deref(),
        Some("Units see 188 or 204 cells on the rows by their place: 4 of 16 see 188, 12 see 204")
    );
    assert_eq!(by_place(&zoo(Zoo::Vgg16), Side::Rows), None);
    let gaps = stack("i1x3x4x4.t2k1s3", 1, [0, 0]);
    assert_eq!(
        by_place(&gaps, Side::Rows).as_deref(),
        Some("Units see 0 or 1 cells on the rows by their place: 2 of 3 see 0, 1 sees 1")
    );
}

#[test]
fn branches_say_who_sets_the_field_and_whether_they_agree() {
    let block = branches(&stack("i1x8x9x9.c8k3p1.r.c8k3p1.ja_1,4.r", 5, [4, 4]), Side::Rows).unwrap();
    assert_eq!(block.heading, "Branches meet in layer 4 Add");
    assert_eq!(plain(&block.sets), "Layer 3 sets the field: 5 cells on the rows");
    let rows: Vec<_> =
        block.rows.iter().map(|row| (row.title.as_str(), row.field.as_str(), row.sets)).collect();
    assert_eq!(rows, [("3 Conv 3 × 3", "5", true), ("Input", "1", false)]);
    assert_eq!(block.alignment, "The branches look at the same place: same jump, same centre");
    assert_eq!((block.aligned, block.disagreement), (Some(true), None));
    assert_eq!(
        block.paths,
        ["2 ways lead from the input to layer 4", "Through layers 1, 2 and 3: 5 cells", "Directly: 1 cell"]
    );
    assert_eq!(branches(&zoo(Zoo::Vgg16), Side::Rows), None);
    let many = branches(&zoo(Zoo::ResNet50), Side::Rows).unwrap();
    assert_eq!(many.paths, ["65,536 ways lead from the input to layer 171"]);
}

/// The toy of Araujo et al.: an unpadded 3 x 3 in steps of 2 beside a 1 x 1 in steps of 4.
#[test]
fn branches_that_disagree_say_where_and_by_how_much() {
    let toy = "i1x1x32x32.c1k1s4.c1k3s2_2.c1k1s2.ja_3,1.c1k3p1.c1k3p1.ja_1,3";
    let stack = stack(toy, 7, [3, 3]);
    let last = branches(&stack, Side::Rows).unwrap();
    assert_eq!(last.heading, "Branches meet in layer 7 Add");
    assert_eq!(last.aligned, Some(true));
    assert_eq!(
        last.disagreement.as_deref(),
        Some(
            "Branches disagree first in layer 4 Add. The branches look at different places: the centre of layer 3 lies 1 cell behind that of layer 1"
        )
    );
    let jumps =
        branches(&self::stack("i1x1x16x16.c1k2s2.c1k9p4.c1k9_3.ja_3,1", 4, [0, 0]), Side::Rows).unwrap();
    assert_eq!(
        (jumps.alignment.as_str(), jumps.aligned),
        (
            "The branches move on at unequal speeds: by 2 cells through layer 1, by 1 through layer 3",
            Some(false)
        )
    );
    assert_eq!(plain(&jumps.sets), "Which branch sets the field differs from unit to unit");
}

#[test]
fn gates_are_passed_by_and_said() {
    let gated = stack("i1x8x9x9.c8k3p1.A.c8.esigmoid.jm_4,1", 5, [4, 4]);
    let merge = branches(&gated, Side::Rows).unwrap();
    assert!(merge.rows[1].gate && merge.alignment.starts_with("A gate"));
    assert!(marks(&gated, Side::Rows).iter().any(|mark| mark.kind == MarkKind::Gates));
    assert_eq!(sentence_plain(&gated), "One unit of layer 5 sees 3 × 3 cells: 9 pixels read");
}

#[track_caller]
fn check_mark(stack: &Stack, kind: MarkKind, expected: Option<&str>) {
    let marks = marks(stack, Side::Rows);
    let text = marks.iter().find(|mark| mark.kind == kind).map(|mark| mark.text.as_str());
    assert_eq!(text, expected);
}

#[test]
fn remarks_are_made_where_they_hold() {
    let course = zoo(Zoo::Course);
    check_mark(
        &course,
        MarkKind::Overlap,
        Some(
            "Neighbouring units of layer 4 Conv 3 × 3 lie 2 cells apart and share 8 of their 10 on the rows",
        ),
    );
    check_mark(&course, MarkKind::Exceeds, None);
    check_mark(&course, MarkKind::Saturated, None);
    check_mark(&course, MarkKind::Unread, None);
    let resnet = zoo(Zoo::ResNet50);
    check_mark(
        &resnet,
        MarkKind::Exceeds,
        Some("From layer 124 Conv 3 × 3 on, the field is larger than the image: 235 cells on 224"),
    );
    let original = zoo(Zoo::ResNet50Original);
    check_mark(
        &original,
        MarkKind::Unread,
        Some(
            "Layer 37 Conv 1 × 1 moves further than its window is wide: what lies between is read by no unit of it",
        ),
    );
    let apart = stack("i1x3x16x16.c8k2s3", 1, [0, 0]);
    check_mark(
        &apart,
        MarkKind::Overlap,
        Some("Neighbouring units of layer 1 Conv 2 × 2 leave 1 cell between them that neither sees"),
    );
    // Units read every other cell: neighbours the even and the odd ones.
    let holes = stack("i1x3x16x16.c8k3d2", 1, [0, 0]);
    check_mark(
        &holes,
        MarkKind::Overlap,
        Some(
            "The fields of neighbouring units of layer 1 Conv 3 × 3 lie in one another's holes: 1 cell apart, they share nothing",
        ),
    );
    let pool = stack("i1x3x16x16.mk2", 1, [0, 0]);
    check_mark(
        &pool,
        MarkKind::Overlap,
        Some("The fields of neighbouring units of layer 1 Max pool 2 × 2 touch, and share nothing"),
    );
    // 9 cells on an image of 5: the first unit sees the last pixel, and the last one the first.
    let deep = stack("i1x3x5x5.c1k3p1.c1k3p1.c1k3p1.c1k3p1.c1k3p1", 5, [2, 2]);
    check_mark(
        &deep,
        MarkKind::Saturated,
        Some(
            "From layer 4 Conv 3 × 3 on, every unit sees all rows of the image: the layers behind it combine more, but see no more pixels",
        ),
    );
    check_mark(
        &deep,
        MarkKind::Exceeds,
        Some("From layer 3 Conv 3 × 3 on, the field is larger than the image: 7 cells on 5"),
    );
    assert!(!deep.exceeds(2) && deep.exceeds(3) && deep.row(3).unwrap().exceeds);
}

#[test]
fn costs_are_written_out() {
    let stack = stack(PADDED, 4, [0, 0]);
    let cards = layer_costs(&stack);
    let all: Vec<_> = cards.iter().map(|card| (card.value.as_str(), plain(&card.formula))).collect();
    assert_eq!(
        all,
        [
            ("1,168", "(3 · 3 · 8 + 1) · 16".into()),
            ("56,448", "7 · 7 · 16 × 3 · 3 · 8".into()),
            ("3.06 KiB", "7 × 7 × 16 · 4 B".into())
        ]
    );
    let totals = total_costs(&zoo(Zoo::ResNet50));
    let values: Vec<_> = totals.iter().map(|card| (card.heading, card.value.as_str())).collect();
    assert_eq!(
        values,
        [
            ("Parameters", "25,557,032"),
            ("MACs", "4,089,184,256"),
            ("All outputs", "144 MiB"),
            ("Most at once", "9.19 MiB")
        ]
    );
}

#[test]
fn fields_grow_on_the_way() {
    let course = zoo(Zoo::Course);
    let growth = course.growth(Side::Rows).unwrap();
    let points: Vec<_> = growth.points.iter().map(|point| (point.label.as_str(), point.field)).collect();
    assert_eq!(points, [("Input", 1), ("1 Conv", 3), ("2 Conv", 5), ("3 Max pool", 6), ("4 Conv", 10)]);
    assert_eq!((growth.image, growth.sentence.as_str()), (14, "10 of 14 pixels after 4 layers"));
    let residual = stack("i1x3x9x9.c8k3p1.r.c8k3p1", 3, [0, 0]).growth(Side::Rows).unwrap();
    assert_eq!(residual.sentence, "5 of 9 pixels after 3 layers");
    let resnet = zoo(Zoo::ResNet18).growth(Side::Rows).unwrap();
    assert!(resnet.sentence.contains(" of 224 pixels at layer "), "{}", resnet.sentence);
    let costs = course.costs();
    assert_eq!((costs.len(), costs[0].params, costs[0].macs), (4, 224, 31_104));
}
