//! Counts tests by the lines in which their runners report results.
//!
//! cargo test and wasm-bindgen-test-runner end each program with
//! `test result: ok. 3 passed; 0 failed; 0 ignored; ..`, node's runner ends with `ℹ pass 3` and
//! so on (`# pass 3` in its TAP format), the comparison with other programs with
//! `3 passed, 0 failed, 1 skipped`.

/// How many tests passed and how many did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    /// Adds what a line reports. A test that was left out counts as failed; a case that is about what
    /// convscope leaves out counts as nothing.
    pub(crate) fn read(&mut self, line: &str) {
        if let Some(result) = line.trim().strip_prefix("test result: ") {
            let results = result.split_once(". ").map_or(result, |(_, rest)| rest);
            for part in results.split(';') {
                match number_and_word(part) {
                    Some((n, "passed")) => self.passed += n,
                    Some((n, "failed" | "ignored")) => self.failed += n,
                    _ => {}
                }
            }
        } else if let Some((passed, failed)) = compared(line) {
            self.passed += passed;
            self.failed += failed;
        } else if let Some(result) = line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# ")) {
            let mut words = result.split_whitespace();
            let (word, n) = (words.next(), words.next().and_then(|n| n.parse::<u64>().ok()));
            match (word, n, words.next()) {
                (Some("pass"), Some(n), None) => self.passed += n,
                (Some("fail" | "cancelled" | "skipped" | "todo"), Some(n), None) => {
                    self.failed += n;
                }
                _ => {}
            }
        }
    }

    /// Adds the results of another.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// One test, which passed or not.
    pub(crate) fn one(passed: bool) -> Self {
        Self { passed: u64::from(passed), failed: u64::from(!passed) }
    }
}

/// `3 passed, 0 failed, 1 skipped`, and nothing else.
fn compared(line: &str) -> Option<(u64, u64)> {
    let mut parts = line.split(',').map(number_and_word);
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (
            Some(Some((passed, "passed"))),
            Some(Some((failed, "failed"))),
            Some(Some((_, "skipped"))),
            None,
        ) => Some((passed, failed)),
        _ => None,
    }
}

/// `" 3 passed"` is 3 and `passed`.
fn number_and_word(part: &str) -> Option<(u64, &str)> {
    let (n, word) = part.trim().split_once(' ')?;
    Some((n.parse().ok()?, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, passed: u64, failed: u64) {
        let mut tally = Tally::default();
        text.lines().for_each(|line| tally.read(line));
        assert_eq!(tally, Tally { passed, failed });
    }

    #[test]
    fn programs_of_cargo_test_are_added_up() {
        check(
            "running 2 tests\n\
             test axis::tests::one ... ok\n\
             test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
             \n\
             test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 1 filtered out; finished in 0.10s\n",
            7,
            0,
        );
    }

    #[test]
    fn failed_and_ignored_tests_count_as_failed() {
        check(
            "test result: FAILED. 1 passed; 2 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            1,
            5,
        );
    }

    #[test]
    fn the_browser_runner_ends_like_cargo_test() {
        check("test result: ok. 4 passed; 0 failed; 0 ignored; 0 filtered out; finished in 0.03s", 4, 0);
    }

    #[test]
    fn the_summary_of_node_is_read_and_its_skipped_tests_count_as_failed() {
        check(
            "✔ opens (10ms)\nℹ tests 9\nℹ suites 1\nℹ pass 4\nℹ fail 1\nℹ cancelled 1\nℹ skipped 1\nℹ todo 2\nℹ duration_ms 12.5",
            4,
            5,
        );
        check("# tests 3\n# pass 3\n# fail 0\n# duration_ms 5", 3, 0);
    }

    #[test]
    fn cases_that_are_skipped_count_as_nothing() {
        check("onnx-node a: value 0 is 1.0, expected 2.0\n7 passed, 1 failed, 2 skipped", 7, 1);
    }

    #[test]
    fn other_lines_count_nothing() {
        check("3 passed, 1 failed\n3 passed, 1 failed, 2 skipped, and more", 0, 0);
        check("# pass 3 of them\nℹ pass\ntest result\nℹ the lab opens", 0, 0);
    }
}
