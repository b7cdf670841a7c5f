//! Counting tests from what the runners print.

/// The suites that ran.
#[derive(Debug, Default)]
pub(super) struct Tally {
    suites: Vec<Suite>,
}

#[derive(Debug)]
struct Suite {
    name: &'static str,
    succeeded: bool,
    counted: Counted,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counted {
    passed: u64,
    failed: u64,
}

impl Tally {
    /// Adds a suite: whether it succeeded, and what it printed.
    pub(super) fn add(&mut self, name: &'static str, (succeeded, said): (bool, String)) {
        self.suites.push(Suite {
            name,
            succeeded,
            counted: counted(&said),
        });
    }

    pub(super) fn passed(&self) -> u64 {
        self.suites.iter().map(|suite| suite.counted.passed).sum()
    }

    /// Failed tests; a suite that failed without one, because it did not compile for example,
    /// counts as one.
    pub(super) fn failed(&self) -> u64 {
        let failed = |suite: &Suite| suite.counted.failed.max(u64::from(!suite.succeeded));
        self.suites.iter().map(failed).sum()
    }

    pub(super) fn failed_suites(&self) -> Vec<&'static str> {
        let failed = self
            .suites
            .iter()
            .filter(|suite| !suite.succeeded || suite.counted.failed > 0);
        failed.map(|suite| suite.name).collect()
    }
}

/// Adds up the summaries of nextest, of cargo's runner and of Python's unittest.
fn counted(said: &str) -> Counted {
    let mut counted = Counted::default();
    let mut python_total: u64 = 0;
    // nextest repeats what a failed test printed, the summary of cargo's runner among it.
    let is_nextest = said
        .lines()
        .any(|line| plain(line).trim_start().starts_with("Summary ["));
    for line in said.lines() {
        let line = plain(line);
        let line = line.trim();
        let words: Vec<_> = line
            .split([' ', ',', ';', '(', ')', '='])
            .filter(|word| !word.is_empty())
            .collect();
        match words.as_slice() {
            ["test", "result:", ..] if is_nextest => {}
            ["Summary", ..] | ["test", "result:", ..] => {
                counted.passed += before(&words, &["passed"]);
                counted.failed += before(&words, &["failed", "timed"]);
            }
            ["Ran", total, "test" | "tests", "in", _] => python_total = total.parse().unwrap_or(0),
            ["OK" | "FAILED", ..] if python_total > 0 => {
                let failed = after(&words, &["failures", "errors"]);
                let skipped = after(&words, &["skipped"]);
                counted.failed += failed;
                counted.passed += python_total.saturating_sub(failed + skipped);
                python_total = 0;
            }
            _ => {}
        }
    }
    counted
}

/// The sum of the numbers right before any of `names`.
fn before(words: &[&str], names: &[&str]) -> u64 {
    let pairs = words.windows(2).filter(|pair| names.contains(&pair[1]));
    pairs.filter_map(|pair| pair[0].parse::<u64>().ok()).sum()
}

/// The sum of the numbers right after any of `names`.
fn after(words: &[&str], names: &[&str]) -> u64 {
    let pairs = words.windows(2).filter(|pair| names.contains(&pair[0]));
    pairs.filter_map(|pair| pair[1].parse::<u64>().ok()).sum()
}

/// The line without colours, which a runner prints into a pipe when it is told to.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        if char == '\u{1b}' {
            chars.by_ref().find(char::is_ascii_alphabetic);
        } else {
            text.push(char);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Counted, Tally, counted};

    #[track_caller]
    fn check(said: &str, passed: u64, failed: u64) {
        assert_eq!(counted(said), Counted { passed, failed }, "{said}");
    }

    #[test]
    fn nextest_has_one_summary() {
        check("     Summary [   0.055s] 53 tests run: 53 passed, 0 skipped\n", 53, 0);
        check(
            "Summary [ 9.1s] 10 tests run: 6 passed (1 slow), 3 failed, 1 timed out, 2 skipped",
            6,
            4,
        );
        check(
            "\u{1b}[32;1m     Summary\u{1b}[0m [ 1s] \u{1b}[1m2\u{1b}[0m tests run: \u{1b}[1m2\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m, 0 skipped",
            2,
            0,
        );
    }

    #[test]
    fn what_nextest_repeats_of_a_failed_test_counts_once() {
        let said = "    test result: FAILED. 0 passed; 1 failed; 0 ignored;\n\
                    Summary [ 25.3s] 4 tests run: 3 passed, 1 failed, 0 skipped";
        check(said, 3, 1);
    }

    #[test]
    fn cargo_has_one_per_program() {
        let said = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
                    test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out\n";
        check(said, 7, 3);
    }

    #[test]
    fn unittest_says_how_many_ran_and_how_many_did_not_pass() {
        check("Ran 12 tests in 3.2s\n\nOK\n", 12, 0);
        check("Ran 1 test in 0.1s\n\nOK\n", 1, 0);
        check(
            "Ran 12 tests in 3.2s\n\nFAILED (failures=1, errors=2, skipped=4)\n",
            5,
            3,
        );
    }

    #[test]
    fn other_lines_count_nothing() {
        check("OK\nFAILED (failures=9)\n3 passed, 4 failed\n", 0, 0);
    }

    #[test]
    fn a_suite_that_did_not_get_far_is_a_failure() {
        let mut tally = Tally::default();
        tally.add("unit tests", (true, "test result: ok. 5 passed; 0 failed;".to_owned()));
        tally.add("launcher", (false, "No module named unittest".to_owned()));
        assert_eq!((tally.passed(), tally.failed()), (5, 1));
        assert_eq!(tally.failed_suites(), ["launcher"]);
    }
}
