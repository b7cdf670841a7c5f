//! Parameters: their types, constraints and defaults.

use super::{DESCRIPTION, ENTRY, shape};
use crate::check::Check;
use crate::pattern;
use crate::rule::rules;
use crate::schema::spelled;
use crate::tree::Tree;

rules! {
    PARAMETER_TYPE = error("parameter-type", "a parameter has a type that CloudFormation knows", "use String, Number, CommaDelimitedList or an AWS type", ["E2002"]);
    PARAMETER_DEFAULT = error("parameter-default", "a default keeps the constraints of its parameter", "change the default or the constraint", ["E2015"]);
    PARAMETER_PATTERN = error("parameter-pattern", "an allowed pattern is a regular expression", "mend the pattern", ["I2003"]);
}

/// Checks a parameter.
pub(super) fn check<'a>(cx: &mut Check<'a>, entry: &'a Tree) {
    let known = [
        "AllowedPattern",
        "AllowedValues",
        "ConstraintDescription",
        "Default",
        "Description",
        "MaxLength",
        "MaxValue",
        "MinLength",
        "MinValue",
        "NoEcho",
        "Type",
    ];
    if !shape(cx, entry, &known, &["Type"]) {
        return;
    }
    if let Some(kind) = entry.get("Type") {
        let is_known = kind.text().is_some_and(|kind| {
            matches!(
                kind,
                "String" | "Number" | "CommaDelimitedList" | "List<Number>" | "List<String>"
            ) || kind.starts_with("AWS::") && kind.matches("::").count() >= 2
                || kind.starts_with("List<AWS::")
        });
        if !is_known {
            cx.report_at("Type", &PARAMETER_TYPE, format!("{kind} is no type of a parameter"));
        }
    }
    if let Some(text) = entry.get("Description") {
        cx.below("Description", |cx| match text {
            Tree::Text(text) if text.len() <= 4_000 => {}
            _ => cx.report(
                &DESCRIPTION,
                "a parameter's description is a text of at most 4,000 bytes",
            ),
        });
    }
    for (name, is_right) in [
        ("MinLength", Tree::number as fn(&Tree) -> Option<f64>),
        ("MaxLength", Tree::number),
        ("MinValue", Tree::number),
        ("MaxValue", Tree::number),
    ] {
        if let Some(value) = entry.get(name)
            && is_right(value).is_none()
        {
            cx.report_at(name, &ENTRY, format!("{name} is a number, not {value}"));
        }
    }
    for (name, is_right) in [
        (
            "NoEcho",
            entry.get("NoEcho").is_none_or(|value| value.truth().is_some()),
        ),
        (
            "AllowedValues",
            entry
                .get("AllowedValues")
                .is_none_or(|value| matches!(value, Tree::List(_))),
        ),
        (
            "Default",
            entry
                .get("Default")
                .is_none_or(|value| !matches!(value, Tree::List(_) | Tree::Map(_) | Tree::Null)),
        ),
        (
            "AllowedPattern",
            entry.get("AllowedPattern").is_none_or(|value| value.text().is_some()),
        ),
    ] {
        if !is_right {
            cx.report_at(name, &ENTRY, format!("{name} has the wrong kind of value"));
        }
    }
    default(cx, entry);
}

fn default(cx: &mut Check<'_>, entry: &Tree) {
    let regex = match entry.get("AllowedPattern").and_then(Tree::text).map(pattern::compile) {
        Some(Err(error)) => return cx.report_at("AllowedPattern", &PARAMETER_PATTERN, error.to_string()),
        Some(Ok(regex)) => Some(regex),
        None => None,
    };
    let Some(default) = entry.get("Default") else { return };
    let text = spelled(default);
    let (length, number) = (text.chars().count() as f64, default.number());
    let bound = |name: &str| entry.get(name).and_then(Tree::number);
    let allowed = entry.get("AllowedValues").map_or(&[][..], Tree::items);
    let breaches = [
        regex.is_some_and(|regex| regex.find(&text).is_none()),
        !allowed.is_empty() && !allowed.iter().any(|value| spelled(value) == text),
        bound("MinLength").is_some_and(|least| length < least),
        bound("MaxLength").is_some_and(|most| length > most),
        bound("MinValue")
            .zip(number)
            .is_some_and(|(least, number)| number < least),
        bound("MaxValue")
            .zip(number)
            .is_some_and(|(most, number)| number > most),
        entry.get("Type").and_then(Tree::text) == Some("Number") && number.is_none(),
    ];
    if breaches.contains(&true) {
        cx.report_at(
            "Default",
            &PARAMETER_DEFAULT,
            format!("the default {default} is not allowed"),
        );
    }
}
