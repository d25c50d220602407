//! Sentences for layers that a link names: cells that are read in unusual ways, or not at all.

use super::*;

/// The lab that a link opens.
fn linked(link: &str) -> Lab {
    crate::link::parse(link).page.lab().unwrap().derive(None).unwrap()
}

#[test]
fn copies_in_the_padding_are_uses() {
    // It used to say "never read" of a cell whose copy goes into an output.
    let lab = linked("#/lab?n=3&k=1&s=2&p=1&m=circular&b=none");
    let it = inspect_input(&lab, [0, 0], 0);
    assert!(it.fact.ends_with("A copy of it in the padding is read once."), "{}", it.fact);
}

#[test]
fn a_cell_between_taps_is_not_one_that_the_stride_steps_over() {
    let lab = linked("#/lab?n=20&k=2&d=3&s=5&p=0");
    let it = inspect_input(&lab, [1, 0], 0);
    assert!(it.fact.starts_with("At dilation 3 and stride 5, row 1 falls between"), "{}", it.fact);
    let it = inspect_input(&lab, [4, 0], 0);
    assert!(it.fact.starts_with("Stride 5 steps over row 4"), "{}", it.fact);
}

#[test]
fn a_stride_counts_only_where_windows_move() {
    let lab = linked("#/lab?n=9x5&s=9x1&b=none");
    assert!(!notes(&lab).iter().any(|note| note.text.contains("9th")));
}
