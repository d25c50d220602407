//! Each edit on a chain and on a residual block.

use super::*;
use convscope_core::Layer;
use convscope_core::graph::notation::{Names, read, write};
use convscope_core::graph::zoo::Zoo;

fn model(text: &str) -> StackModel {
    StackModel::of_graph(Arc::new(read(text).unwrap()))
}

fn text(model: &StackModel) -> String {
    write(&model.graph, Names::Left)
}

const CHAIN: &str = "i1x3x14x14.c8k3.c16k3.mk2.c4k3";
/// The sum reads the second convolution and the input.
const BLOCK: &str = "i1x8x9x9.c8k3p1.r.c8k3p1.ja_1,4.r";

#[track_caller]
fn check(edited: Option<StackModel>, expected: &str, selected: usize) {
    let edited = edited.unwrap();
    assert_eq!((text(&edited).as_str(), edited.selected), (expected, selected));
    assert_eq!(edited.graph.analyse().first_error(), None);
    assert_eq!(edited.zoo, None);
}

#[test]
fn layers_are_added_behind_another_and_read_in_its_place() {
    check(model(CHAIN).add_after(1, Kind::Relu), "i1x3x14x14.c8k3.r.c16k3.mk2.c4k3", 2);
    // A convolution keeps size and channels; the next one takes as many.
    check(model(CHAIN).add_after(0, Kind::Conv), "i1x3x14x14.c3k3p1.c8k3.c16k3.mk2.c4k3", 1);
    check(model(CHAIN).add_after(4, Kind::Flatten), "i1x3x14x14.c8k3.c16k3.mk2.c4k3.F", 5);
    // Behind the input of a block both branches read it.
    check(model(BLOCK).add_after(0, Kind::Relu), "i1x8x9x9.r.c8k3p1.r.c8k3p1.ja_1,4.r", 1);
    assert_eq!(model(CHAIN).add_after(5, Kind::Relu), None);
}

#[test]
fn what_joins_branches_begins_with_a_way_round_the_last_window() {
    let chain = "i1x8x9x9.c8k3p1.b.r";
    // Round the convolution, whatever stands between it and the sum.
    check(model(chain).add_after(3, Kind::Add), "i1x8x9x9.c8k3p1.b.r.ja_1,4", 4);
    check(model(chain).add_after(1, Kind::Concat), "i1x8x9x9.c8k3p1.q_1,2.b.r", 2);
    check(model(chain).set_kind(3, Kind::Multiply), "i1x8x9x9.c8k3p1.b.jm_1,3", 1);
    // Where no shape is the same as before, one layer is read alone.
    check(model(CHAIN).add_after(4, Kind::Add), "i1x3x14x14.c8k3.c16k3.mk2.c4k3.ja", 5);
    check(model("i1x4x9x9.c8k3p1").add_after(1, Kind::Add), "i1x4x9x9.c8k3p1.ja", 2);
    check(model("i1x4x9x9.c8k3p1").add_after(1, Kind::Concat), "i1x4x9x9.c8k3p1.q_1,2", 2);
    check(model(chain).add_after(0, Kind::Add), "i1x8x9x9.ja.c8k3p1.b.r", 1);
}

#[test]
fn what_read_a_removed_layer_reads_its_first_input() {
    check(model(CHAIN).remove(1), "i1x3x14x14.c16k3.mk2.c4k3", 3);
    check(model(CHAIN).remove(4), "i1x3x14x14.c8k3.c16k3.mk2", 3);
    check(model(BLOCK).remove(2), "i1x8x9x9.c8k3p1.c8k3p1.ja_1,3.r", 3);
    // Without the sum the second branch is all that is left.
    check(model(BLOCK).remove(4), "i1x8x9x9.c8k3p1.r.c8k3p1.r", 4);
    assert_eq!((model(CHAIN).remove(0), model(CHAIN).remove(5)), (None, None));
}

#[test]
fn layers_are_doubled() {
    check(model(CHAIN).duplicate(2), "i1x3x14x14.c8k3.c16k3.c16k3.mk2.c4k3", 3);
    check(model(BLOCK).duplicate(4), "i1x8x9x9.c8k3p1.r.c8k3p1.ja_1,4.ja_1,5.r", 5);
    assert_eq!(model(CHAIN).duplicate(0), None);
}

#[test]
fn layers_are_moved_by_one_or_to_a_place() {
    let moved = |text, node, by| model(text).move_by(node, by).ok();
    check(moved(CHAIN, 2, 1), "i1x3x14x14.c8k3.mk2.c16k3.c4k3", 4);
    check(moved(CHAIN, 2, -1), "i1x3x14x14.c16k3.c8k3.mk2.c4k3", 4);
    check(model(CHAIN).move_to(4, 1).ok(), "i1x3x14x14.c4k3.c8k3.c16k3.mk2", 1);
    check(model(CHAIN).move_to(1, 4).ok(), "i1x3x14x14.c16k3.mk2.c4k3.c8k3", 3);
    // The last function of a block goes in front of its sum, on the branch before it.
    check(moved(BLOCK, 5, -1), "i1x8x9x9.c8k3p1.r.c8k3p1.r.ja_1,5", 5);
    for (node, by, error) in [
        (0, 1, CannotMove::Input),
        (1, -1, CannotMove::Input),
        (5, 1, CannotMove::NoPlace),
        (9, -1, CannotMove::NoPlace),
        (2, 0, CannotMove::NoPlace),
        (1, -2, CannotMove::NoPlace),
    ] {
        assert_eq!(model(BLOCK).move_by(node, by), Err(error), "{node} by {by}");
    }
    // What else the sum reads must stay before it.
    let late = "i1x8x9x9.c8k3p1.r.c8k3p1.ja_2,1";
    assert_eq!(model(late).move_to(4, 2), Err(CannotMove::Reads(3)));
}

#[test]
fn branches_read_what_they_are_told_to() {
    let chain = model("i1x8x9x9.c8k3p1.c8k3p1.ja_1,2");
    check(chain.set_inputs(3, &[2, 0]), "i1x8x9x9.c8k3p1.c8k3p1.ja_1,3", chain.selected);
    check(chain.set_inputs(3, &[2]), "i1x8x9x9.c8k3p1.c8k3p1.ja", chain.selected);
    assert_eq!(chain.set_inputs(3, &[3]), None);
    assert_eq!(chain.set_inputs(0, &[]), None);
}

#[test]
fn kinds_keep_their_windows() {
    check(model(CHAIN).set_kind(2, Kind::AvgPool), "i1x3x14x14.c8k3.ak3s1.mk2.c4k3", 4);
    check(model(CHAIN).set_kind(3, Kind::Conv), "i1x3x14x14.c8k3.c16k3.c16k2s2.c4k3", 4);
    // The sum was of two, a function reads one.
    check(model(BLOCK).set_kind(4, Kind::Relu), "i1x8x9x9.c8k3p1.r.c8k3p1.r.r", 4);
    for &kind in Kind::ALL {
        let changed = model(CHAIN).set_kind(2, kind).unwrap();
        assert_eq!(Kind::of(&changed.graph.nodes()[2].op), Some(kind));
        assert_eq!(Kind::from_name(kind.name()), Some(kind));
    }
    assert!(matches!(model(CHAIN).graph.nodes()[2].op, Op::Layer(Layer::Conv2d(_))));
}

#[test]
fn what_stays_as_it_is_stays_published() {
    let model = StackModel::of_zoo(Zoo::Vgg16);
    let op = model.graph.nodes()[1].op.clone();
    assert_eq!(model.with_op(1, op).unwrap().zoo, Some(Zoo::Vgg16));
    assert_eq!(model.remove(2).unwrap().zoo, None);
}
