//! Real files and texts that were damaged: never a panic, never long, and what is read is a network that the page
//! can hold. `examples/fuzz.rs` does the same for as long as one likes.

mod mutate;

use std::time::Duration;

use mutate::{Chance, MODELS, TEXTS, model, read_file, read_text, survive, words};

/// With a debug build on a busy machine; whole networks take a tenth of it.
const MOST: Duration = Duration::from_secs(10);

#[test]
fn what_is_whole_is_read() {
    for (at, bytes) in MODELS.iter().enumerate() {
        assert!(survive(|| read_file(bytes)).0, "model {at}: {:?}", read_file(bytes));
    }
    for (at, bytes) in TEXTS.iter().enumerate() {
        let words = String::from_utf8_lossy(bytes);
        assert!(survive(|| read_text(&words)).0, "text {at}: {:?}", read_text(&words));
    }
}

#[test]
fn a_damaged_file_is_a_network_or_refused() {
    let chance = &mut Chance::new(1);
    let mut networks = 0;
    for _ in 0..1500 {
        let bytes = model(chance);
        let (is_network, took) = survive(|| read_file(&bytes));
        networks += u32::from(is_network);
        assert!(took < MOST, "{} bytes took {took:?}", bytes.len());
    }
    // Not all damage stops at the first byte.
    assert!(networks > 50, "{networks}");
}

#[test]
fn a_damaged_text_is_a_network_or_refused() {
    let chance = &mut Chance::new(2);
    let mut networks = 0;
    for _ in 0..1500 {
        let text = words(chance);
        let (is_network, took) = survive(|| read_text(&text));
        networks += u32::from(is_network);
        assert!(took < MOST, "took {took:?}:\n{text}");
    }
    assert!(networks > 300, "{networks}");
}

#[test]
fn a_file_may_end_anywhere() {
    let whole = MODELS[7];
    for len in 0..whole.len() {
        survive(|| read_file(&whole[..len]));
    }
    let large = MODELS[0];
    for len in (0..large.len()).step_by(211) {
        survive(|| read_file(&large[..len]));
    }
    let table = TEXTS[4];
    for len in (0..table.len()).step_by(37) {
        survive(|| read_text(&String::from_utf8_lossy(&table[..len])));
    }
}
