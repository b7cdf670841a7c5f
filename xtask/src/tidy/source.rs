//! Rules for sources: sizes, names, and what the style guide refuses.

use super::Finding;

/// Most lines of a file that a person wrote.
const LINES: usize = 500;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 8] = [
    "util", "utils", "helper", "helpers", "common", "shared", "misc", "types",
];

/// Calls that have no place in the code, with the place where they have one; each is written in
/// halves, or this file would find itself.
const REFUSED: [(&str, Scope, &str); 4] = [
    (
        concat!("env::", "var"),
        Scope::OutsideMain,
        "read the environment in `main` and pass it inwards",
    ),
    (concat!("to", "do!("), Scope::Everywhere, "write it, or leave it out"),
    (
        concat!("#[ig", "nore"),
        Scope::Everywhere,
        "make the test run, or remove it",
    ),
    (concat!("#[should", "_panic"), Scope::Everywhere, "assert on the error"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Everywhere,
    OutsideMain,
}

pub(super) fn check(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(name) = empty_name(path) {
        let what = format!("`{name}` says nothing about what is inside");
        findings.push(Finding::new(path, 1, what, "name it after what it is"));
    }
    let lines = text.lines().count();
    if lines > LINES && !is_generated(path) {
        let what = format!("{lines} lines, of {LINES} at most");
        findings.push(Finding::new(path, lines, what, "split it by what its parts are"));
    }
    for (index, line) in text.lines().enumerate() {
        if is_comment(line) {
            continue;
        }
        for (pattern, scope, cure) in REFUSED {
            if line.contains(pattern) && !(scope == Scope::OutsideMain && may_read_environment(path)) {
                let what = format!("`{}`", pattern.trim_end_matches('('));
                findings.push(Finding::new(path, index + 1, what, cure));
            }
        }
    }
    findings
}

/// The part of the path, a folder or the file's stem, that says nothing.
fn empty_name(path: &str) -> Option<&'static str> {
    path.split('/').find_map(|part| {
        let stem = part.split_once('.').map_or(part, |(stem, _)| stem);
        EMPTY_NAMES.into_iter().find(|name| *name == stem)
    })
}

fn is_generated(path: &str) -> bool {
    path.contains("/generated/")
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("//") || line.starts_with("# ")
}

/// Programs, what is the whole program of other crates or the beginning of every function, benchmarks,
/// build scripts, and the tests of the local cloud, whose address is in the environment.
fn may_read_environment(path: &str) -> bool {
    let is_program = path.ends_with("/main.rs") || path.contains("/src/bin/") || path.ends_with("/build.rs");
    let is_program = is_program || ["infra/deploy/src/app.rs", "handlers/lambda-kit/src/aws.rs"].contains(&path);
    is_program || path.contains("/benches/") || path.starts_with("localstack/")
}

#[cfg(test)]
mod tests {
    use super::{EMPTY_NAMES, LINES, REFUSED, Scope, check};

    #[test]
    fn a_long_file_is_found_unless_it_is_generated() {
        let text = "\n".repeat(LINES + 1);
        let findings = check("infra/core/src/value.rs", &text);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].what.starts_with("501 lines"), "{}", findings[0]);
        assert!(check("infra/core/src/value.rs", &"\n".repeat(LINES)).is_empty());
        assert!(check("infra/resources/src/generated/lambda.rs", &text).is_empty());
    }

    #[test]
    fn a_name_that_says_nothing_is_found_in_files_and_folders() {
        for name in EMPTY_NAMES {
            assert_eq!(check(&format!("handlers/lake/src/{name}.rs"), "").len(), 1, "{name}");
            assert_eq!(
                check(&format!("handlers/lake/src/{name}/event.rs"), "").len(),
                1,
                "{name}"
            );
        }
        assert!(check("handlers/lake/src/typesetting.rs", "").is_empty());
    }

    #[test]
    fn what_is_refused_is_found_with_its_line() {
        for (pattern, _, cure) in REFUSED {
            let findings = check(
                "handlers/lake/src/event.rs",
                &format!("fn f() {{\n    {pattern}x\n}}\n"),
            );
            assert_eq!(findings.len(), 1, "{pattern}");
            assert_eq!((findings[0].line, findings[0].cure), (2, cure));
        }
    }

    #[test]
    fn a_comment_may_speak_of_it() {
        for (pattern, ..) in REFUSED {
            assert!(check("handlers/lake/src/event.rs", &format!("    // {pattern}x\n")).is_empty());
        }
    }

    #[test]
    fn the_environment_is_read_in_programs_alone() {
        let (pattern, ..) = REFUSED.into_iter().find(|rule| rule.1 == Scope::OutsideMain).unwrap();
        for path in [
            "xtask/src/main.rs",
            "handlers/lake-lambda/src/bin/lake-transform.rs",
            "localstack/src/lib.rs",
        ] {
            assert!(check(path, pattern).is_empty(), "{path}");
        }
        assert_eq!(check("xtask/src/domain.rs", pattern).len(), 1);
    }
}
