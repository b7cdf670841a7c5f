//! `docs/guide.md` shows the files of this crate as they are, and keeps its promise about them.

use std::path::Path;

/// What stands before a code block that is a file.
const MARK: &str = "<!-- file: ";

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The path and the text of each file that the page shows.
fn shown(page: &str) -> Vec<(&str, &str)> {
    let blocks = page.split(MARK).skip(1).map(|block| {
        let (path, rest) = block.split_once(" -->\n```rust\n").expect("a code block follows its file's name");
        let (text, _) = rest.split_once("```\n").expect("a code block has an end");
        (path, text)
    });
    blocks.collect()
}

#[test]
fn the_page_shows_the_files_as_they_are() {
    let page = read("guide.md");
    let shown = shown(&page);
    assert_eq!(
        shown.iter().map(|(path, _)| *path).collect::<Vec<_>>(),
        ["guide/src/lib.rs", "guide/src/main.rs", "guide/src/bin/guide-orders.rs"]
    );
    for (path, text) in shown {
        assert_eq!(text, read(path), "docs/guide.md does not show {path} as it is: copy it anew");
    }
}

#[test]
fn the_stack_and_its_program_take_fewer_than_60_lines() {
    let lines = |path| read(path).lines().count();
    let total = lines("guide/src/lib.rs") + lines("guide/src/main.rs");
    assert!(total < 60, "{total} lines");
}

#[test]
fn the_stack_is_well_formed() {
    let stack = guide::stack("test");
    assert_eq!(stack.template.check(), Ok(()));
    assert_eq!(stack.template.raw_values(), 0);
}
