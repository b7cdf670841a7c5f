use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop_oneof};
use proptest::sample::select;
use proptest::{prop_assert_eq, proptest};
use serde::de::IgnoredAny;

use super::{Cause, Fault, MAX_DEPTH, Marks, Plain, Scanner, Stops};
use crate::generate::{damaged, json};
use crate::reason::Syntax;

fn scan(text: &str) -> Result<(), Fault> {
    fn whole<S: Stops + Copy>(mut scanner: Scanner<'_, S>) -> Result<(), Fault> {
        scanner.space();
        scanner.value(0)?;
        scanner.space();
        match scanner.peek() {
            None => Ok(()),
            Some(_) => Err(scanner.fault(Syntax::CommaOrEnd)),
        }
    }
    let mut marks = Marks::default();
    marks.read(text.as_bytes());
    let marked = whole(Scanner::new(text.as_bytes(), marks.cursor()));
    let plain = whole(Scanner::new(text.as_bytes(), Plain(text.as_bytes())));
    assert_eq!(marked, plain, "marks and search differ on {text:?}");
    marked
}

/// What the scanner must say, by `serde_json` and a count of brackets.
fn takes(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok() && depth(text) <= MAX_DEPTH
}

/// Deepest nesting of a valid text.
fn depth(text: &str) -> u32 {
    let (mut depth, mut deepest, mut inside, mut escaped) = (0, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = inside,
            b'"' => inside = !inside,
            b'{' | b'[' if !inside => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !inside => depth -= 1,
            _ => {}
        }
    }
    deepest
}

#[track_caller]
fn check(text: &str, fault: Option<(usize, Syntax)>) {
    let expected = fault.map_or(Ok(()), |(at, syntax)| {
        Err(Fault {
            at,
            cause: Cause::Syntax(syntax),
        })
    });
    assert_eq!(scan(text), expected, "{text:?}");
    assert_eq!(takes(text), fault.is_none(), "serde_json on {text:?}");
}

#[test]
fn values_are_taken_or_refused_where_they_break() {
    for good in [
        "0",
        "-0",
        "12.50",
        "1e999",
        "1E+5",
        "-1.5e-300",
        "null",
        "true",
        "false",
        r#""""#,
        r#""\"\\\/\b\f\n\r\t\u00e9""#,
        r#""\ud800""#,
        r#""é☃𝄞""#,
        "\"\u{7f}\"",
        "[]",
        "{}",
        "[ ]",
        "{ }",
        " [ 1 , 2 ] \n",
        r#"{"a":1,"a":{"b":[true,null]}}"#,
    ] {
        check(good, None);
    }
    for (bad, at, syntax) in [
        ("", 0, Syntax::End),
        ("  ", 2, Syntax::End),
        ("01", 1, Syntax::Number),
        ("-", 1, Syntax::End),
        ("-a", 1, Syntax::Number),
        ("1.", 2, Syntax::End),
        ("1.x", 2, Syntax::Number),
        ("1e+", 3, Syntax::End),
        (".5", 0, Syntax::Value),
        ("+1", 0, Syntax::Value),
        ("NaN", 0, Syntax::Value),
        ("nul", 3, Syntax::End),
        ("tru1", 3, Syntax::Value),
        (r#""a"#, 2, Syntax::End),
        ("\"a\nb\"", 2, Syntax::ControlCharacter),
        (r#""\x""#, 2, Syntax::Escape),
        (r#""\u12g4""#, 5, Syntax::Escape),
        (r#""\u12"#, 5, Syntax::End),
        (r#""\"#, 2, Syntax::End),
        ("[1 2]", 3, Syntax::CommaOrEnd),
        ("[1,]", 3, Syntax::Value),
        ("[1}", 2, Syntax::CommaOrEnd),
        ("{1:2}", 1, Syntax::Key),
        (r#"{"a" 1}"#, 5, Syntax::Colon),
        (r#"{"a":1,}"#, 7, Syntax::Key),
        (r#"{"a":}"#, 5, Syntax::Value),
        ("1 2", 2, Syntax::CommaOrEnd),
        ("[1]]", 3, Syntax::CommaOrEnd),
        ("\u{feff}1", 0, Syntax::Value),
        ("\u{a0}1", 0, Syntax::Value),
        ("1\u{0}", 1, Syntax::CommaOrEnd),
    ] {
        check(bad, Some((at, syntax)));
    }
}

#[test]
fn stops_are_found_across_blocks() {
    for length in 0..200 {
        let inside = "x".repeat(length);
        check(&format!(r#"["{inside}",1]"#), None);
        check(&format!(r#"["{inside}\n{inside}"]"#), None);
        check(&format!(r#""{inside}"#), Some((length + 1, Syntax::End)));
        let control = format!("\"{inside}\u{1f}{inside}\"");
        check(&control, Some((length + 1, Syntax::ControlCharacter)));
    }
}

#[test]
fn nesting_ends_where_serde_json_ends_it_for_values() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}"), (r#"[{"a":"#, "}]")] {
        let levels = open.matches(['[', '{']).count();
        for repeat in [126 / levels, 127 / levels, 128 / levels + 1, 5_000] {
            let text = format!("{}1{}", open.repeat(repeat), close.repeat(repeat));
            let value = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            assert_eq!(value, takes(&text));
            match scan(&text) {
                Ok(()) => assert!(value, "{repeat} of {open} is too deep"),
                Err(fault) => {
                    assert!(!value, "{repeat} of {open} is not too deep");
                    assert_eq!(fault.cause, Cause::Depth);
                    assert_eq!(depth_at(&text, fault.at), MAX_DEPTH);
                }
            }
        }
    }
}

fn depth_at(text: &str, at: usize) -> u32 {
    text[..at].matches(['[', '{']).count() as u32
}

/// Pieces of JSON in no order.
fn soup() -> impl Strategy<Value = String> {
    let pieces = select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        " ",
        "\n",
        "\u{0}",
        "\u{1f}",
        "é",
        "\"a\"",
        "\"a\":",
        r#""\u00e9""#,
        r#""\ud83d""#,
        "0",
        "-",
        "1",
        "01",
        "1.",
        ".5",
        "1e",
        "1e5",
        "1E-7",
        "+",
        "true",
        "tru",
        "null",
        "false",
        "NaN",
        "\u{feff}",
    ]);
    vec(pieces, 0..16).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_096))]

    #[test]
    fn json_is_taken(text in json()) {
        prop_assert_eq!(scan(&text), Ok(()));
    }

    #[test]
    fn the_scanner_takes_what_serde_json_takes(
        text in prop_oneof![damaged(json()), soup(), damaged(Just(r#"{"event_uuid":"78d1b928","created_at":1712511721.022075,"a":[{"b":"c\"d"}]}"#.to_owned()))],
    ) {
        prop_assert_eq!(scan(&text).is_ok(), takes(&text), "{:?}: {:?}", scan(&text), text);
    }
}
