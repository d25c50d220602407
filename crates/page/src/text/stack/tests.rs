//! What the page says of known networks.

use std::sync::Arc;

use convscope_core::graph::notation::read;
use convscope_core::graph::zoo::Zoo;
use convscope_scene::stack::Word;

use super::*;
use crate::stack::{Stack, StackModel};

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
        (Word::Unit([1, 4]), "unit (1, 4)"),
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
