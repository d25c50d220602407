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

#[test]
fn what_every_filter_reads_is_said_of_all_of_them() {
    let lab = linked("#/lab?x=random-1&n=5&c=3&f=6&s=1&p=0&fi=3&step=1");
    let headline = plain(&inspect_input(&lab, [0, 1], 0).headline);
    assert!(
        headline.ends_with(
            "2 of 9 outputs of map 3, and by as many of each of the 5 other maps made from this channel."
        ),
        "{headline}"
    );
    assert!(
        reads(&lab).text.starts_with("By each of 6 filters: 1 cell is read 9 times"),
        "{}",
        reads(&lab).text
    );
    // Depthwise, each channel has one filter; of two, there is another one.
    let depthwise = linked("#/lab?x=random-1&n=5&c=3&f=3&g=3&s=1&p=0&step=1");
    assert!(plain(&inspect_input(&depthwise, [0, 1], 0).headline).ends_with("2 of 9 outputs."));
    assert!(reads(&depthwise).text.starts_with("1 cell is read 9 times"));
    let grouped = linked("#/lab?x=random-1&n=5&c=2&f=4&g=2&s=1&p=1&step=1");
    let headline = plain(&inspect_input(&grouped, [0, 1], 0).headline);
    assert!(
        headline.ends_with("of map 1, and by as many of the other map made from this channel."),
        "{headline}"
    );
    assert!(reads(&grouped).text.starts_with("By each of 2 filters of a group: 9 cells are read 9 times"));
    let transposed = linked("#/lab?o=transposed&x=random-1&n=3&c=2&f=1&step=1");
    assert!(reads(&transposed).text.starts_with("From each of 2 channels: 4 outputs are reached 4 times"));
}

#[test]
fn channels_stand_in_the_sentence_of_every_operation() {
    let said = |link: &str| plain(&sentence(&linked(link)));
    let transposed = said("#/lab?o=transposed&n=3&c=4&f=2&g=2&step=1");
    assert!(transposed.ends_with("padding 1, in 2 groups, turns 3 × 3 × 4 into 5 × 5 × 2"), "{transposed}");
    assert!(said("#/lab?o=average&n=28&c=6&k=2&p=0").ends_with("turns 28 × 28 × 6 into 14 × 14 × 6"));
    let short = plain(&sentence_short(&linked("#/lab?o=max&n=4&c=3&k=2&p=0")));
    assert!(short.starts_with("4 × 4 × 3 becomes 2 × 2 × 3 at stride 2"), "{short}");
}

#[test]
fn a_stride_that_steps_over_both_axes_says_so_once() {
    let lab = linked("#/lab?n=10&k=1&s=2&p=0&o=max&ceil=1");
    let over: Vec<String> =
        notes(&lab).into_iter().map(|it| it.text).filter(|text| text.contains("steps over")).collect();
    assert_eq!(over, ["Stride 2 steps over 1 row and 1 column after each window: the window spans only 1."]);
}

#[test]
fn channels_beyond_their_limit_are_refused_with_what_sets_it() {
    let refused = |link: &str| {
        let lab = linked(link);
        let refusal =
            crate::bounds::read_whole(&lab.model, &[crate::bounds::Control::Channels], "600").unwrap_err();
        (refusal.text, refusal.repair)
    };
    let (text, repair) = refused("#/lab?n=2&x=1,2,3,4&k=1&p=0&s=1");
    assert!(text.starts_with("600 is more than ") && text.ends_with("patterns have more channels"), "{text}");
    assert!(repair.is_some());
    let text = refused("#/lab?x=random-1").0;
    assert_eq!(text, "600 is more than 512, the most channels that there can be on this page");
    let photo = crate::LabModel {
        in_channels: 3,
        ..crate::link::parse("#/lab?x=photo-coffee&n=32").page.lab().unwrap().clone()
    };
    let refusal = crate::bounds::read_whole(&photo, &[crate::bounds::Control::Channels], "4").unwrap_err();
    assert_eq!(refusal.text, "4 is more than 3: a photograph has three channels, red, green and blue");
}
