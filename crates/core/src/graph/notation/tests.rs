//! Known texts, and where broken ones break. Any graph and any text: `tests/notation.rs`.

use super::*;
use crate::graph::zoo::Zoo;

#[test]
fn the_example_is_short() {
    let graph = Zoo::Course.build();
    assert_eq!(write(&graph, Names::Left), "i1x3x14x14.c8k3.c8k3.mk2.c8k3");
    assert_eq!(write(&graph, Names::Kept), "i1x3x14x14:input.c8k3:conv1.c8k3:conv2.mk2:pool.c8k3:conv3");
}

#[test]
fn known_networks_are_read_back_and_fit_in_a_link() {
    for &zoo in Zoo::ALL {
        let graph = zoo.build();
        let text = write(&graph, Names::Kept);
        assert_eq!(read(&text).as_ref(), Ok(&graph), "{zoo:?}");
        let short = write(&graph, Names::Left);
        assert!(short.len() < 4_500, "{zoo:?}: {}", short.len());
        assert!(short.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".,_-".contains(&byte)), "{short}");
        assert_eq!(write(&read(&short).unwrap(), Names::Left), short);
    }
}

#[test]
fn what_stands_before_need_not_be_said() {
    // 3 channels become 8, 8 x 6 x 6 become features; a norm of 5 behind 8 channels is impossible and said.
    let text = "i1x3x14x14.c8k3s2.b.r.c16k3g.ja_3,1.bi5.F.f10i5";
    let graph = read("i1x3x14x14.c8k3s2.b.r.F.f10n").unwrap();
    assert_eq!(graph.analyse().first_error(), None);
    assert_eq!(write(&graph, Names::Left), "i1x3x14x14.c8k3s2.b.r.F.f10n");
    let graph = read(text).unwrap();
    assert_eq!(graph.nodes()[5].inputs.iter().map(|id| id.index()).collect::<Vec<_>>(), [2, 4]);
    assert!(graph.analyse().first_error().is_some());
}

#[track_caller]
fn check(text: &str, layer: usize, at: usize, reason: Reason) {
    let error = NotationError { layer, at, reason };
    assert!(!error.to_string().is_empty());
    assert_eq!(read(text), Err(error));
    let (graph, _) = read_until(text, usize::MAX);
    assert_eq!(graph.len(), layer);
}

#[test]
fn errors_say_where() {
    check("i1x3x8x8..r", 1, 9, Reason::Layer(Some('.')));
    check("i1x3x8x8.", 1, 9, Reason::Layer(None));
    check("i1x3x8x8.c8k3é", 1, 13, Reason::Setting('é'));
    check("i1x3x8x8.Z", 1, 9, Reason::Layer(Some('Z')));
    check("i1x3x8x8.ck3", 1, 10, Reason::Number);
    check("i1x3x8x8.c8k99999999999999999999", 1, 32, Reason::Number);
    check("i1x3x8x8.r_2", 1, 12, Reason::Distance(2));
    check("c8", 0, 2, Reason::Channels);
    check("i1x3x8x8.c8k0", 1, 13, Reason::Sizes(crate::ConvError::Zero { param: "kernel_size" }));
    check("i1x3x8x8.ejelly", 1, 15, Reason::Name);
    check("i1x3x8x8.r:'open", 1, 11, Reason::Name);
    check("i1x3x8x8.p1,2", 1, 13, Reason::Number);
    let (graph, error) = read_until("i1.r.r.r", 2);
    assert_eq!((graph.len(), error.map(|error| error.reason)), (2, Some(Reason::TooMany(2))));
}
