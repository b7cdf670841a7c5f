//! Values as people read them: one line, functions in their short form.

use serde_json::Value;

use crate::template::call;

/// A value in one line.
pub(crate) fn show(value: &Value) -> String {
    if let Some((name, argument)) = call(value) {
        let short = name.strip_prefix("Fn::").unwrap_or(name);
        let argument = match (short, argument) {
            ("GetAtt", Value::Array(parts)) => parts.iter().map(show).collect::<Vec<_>>().join("."),
            (_, argument) => show(argument),
        };
        return format!("!{short} {argument}");
    }
    match value {
        Value::String(text) => text.replace('\n', "\\n"),
        Value::Array(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| format!("{key}: {}", show(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        plain => plain.to_string(),
    }
}

/// The items of a list, or a value alone: what IAM calls "one or many", in order, each once.
pub(crate) fn one_or_many(value: &Value) -> Vec<String> {
    let mut words: Vec<String> = match value {
        Value::Array(items) => items.iter().map(show).collect(),
        one => vec![show(one)],
    };
    words.sort();
    words.dedup();
    words
}

/// A longer value hides the rest of its line.
const LONGEST: usize = 100;

/// What stays in sight on both sides of a difference in a long text.
const CONTEXT: usize = 20;

/// Two values side by side: of two long ones only where they part, and nothing too long.
pub(crate) fn pair(before: &Value, after: &Value) -> (String, String) {
    let (before, after) = (show(before), show(after));
    if before.chars().count().max(after.chars().count()) <= LONGEST {
        return (before, after);
    }
    let (old, new): (Vec<char>, Vec<char>) = (before.chars().collect(), after.chars().collect());
    let head = old.iter().zip(&new).take_while(|(one, other)| one == other).count();
    let most = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(most);
    let tail = tail.take_while(|(one, other)| one == other).count();
    let (skip, keep) = (head.saturating_sub(CONTEXT), tail.saturating_sub(CONTEXT));
    let part = |text: &[char]| {
        let middle: String = text[skip..text.len() - keep].iter().collect();
        let (start, end) = (if skip > 0 { "..." } else { "" }, if keep > 0 { "..." } else { "" });
        format!("{start}{}{end}", cut(&middle))
    };
    (part(&old), part(&new))
}

/// A value alone, cut where it is too long.
pub(crate) fn alone(value: &Value) -> String {
    cut(&show(value))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}... ({} characters)", &text[..end], text.chars().count()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{pair, show};
    use serde_json::json;

    #[test]
    fn functions_are_shown_in_their_short_form() {
        let value = json!({"A": {"Fn::GetAtt": ["Key", "Arn"]}, "B": [{"Ref": "X"}, 1, true]});
        assert_eq!(show(&value), "{A: !GetAtt Key.Arn, B: [!Ref X, 1, true]}");
        assert_eq!(show(&json!({"Fn::Sub": "${Key.Arn}/*"})), "!Sub ${Key.Arn}/*");
        assert_eq!(show(&json!("two\nlines")), "two\\nlines");
    }

    #[test]
    fn of_long_texts_only_the_difference_is_shown() {
        let text = |middle: &str| json!(format!("{}{middle}{}", "a".repeat(90), "z".repeat(90)));
        let around = |middle: &str| format!("...{}{middle}{}...", "a".repeat(20), "z".repeat(20));
        assert_eq!(pair(&text("ONE"), &text("TWO")), (around("ONE"), around("TWO")));
        assert_eq!(
            pair(&json!("one"), &json!("one more")),
            ("one".to_owned(), "one more".to_owned())
        );
        let (none, long) = pair(&json!(""), &json!("x".repeat(300)));
        assert_eq!((none.as_str(), long.len()), ("", 100 + "... (300 characters)".len()));
    }
}
