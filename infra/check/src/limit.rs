//! Values against their limits: which texts, which numbers, how long, how many.

use infra_core::facts::Limit;

use crate::check::Check;
use crate::rule::rules;
use crate::tree::{Text, Tree};

rules! {
    ENUM = error("enum-value", "a value is one of those that AWS takes", "choose one of them", ["E3030", "W2030"]);
    PATTERN = error("pattern", "a text has the form that AWS asks for", "change it to that form", ["E3031", "W2031"]);
    LENGTH = error("text-length", "a text is as long as AWS asks for", "shorten or lengthen it", ["E3033"]);
    RANGE = error("number-range", "a number is within its bounds", "choose a number within them", ["E3034"]);
    COUNT = error("item-count", "a list has as many items as AWS asks for", "add or remove items", ["E3032"]);
    REPEATED = note("repeated-item", "a list holds each item once", "remove the second one", ["I3037"]);
    UNIQUE = error("unique-items", "no item stands twice where items are distinct", "remove the second one", ["E3037"]);
}

/// Checks a text.
pub(crate) fn text(cx: &mut Check<'_>, text: &str, limits: &[Limit]) {
    let name = cx.path().property();
    let length = text.chars().count() as u64;
    for limit in limits {
        match limit {
            Limit::OneOf(values) if !values.contains(&text) && !is_other_spelling(values, text) => {
                cx.report(&ENUM, format!("{name} `{text}` is not one of {}", values.join(", ")));
            }
            Limit::Pattern(pattern) if cx.patterns.matches(pattern, text) == Some(false) => {
                cx.report(&PATTERN, format!("{name} `{text}` does not match {pattern}"));
            }
            Limit::MinLength(least) if length < *least => {
                cx.report(
                    &LENGTH,
                    format!("{name} has {length} characters, at least {least} are needed"),
                );
            }
            Limit::MaxLength(most) if length > *most => {
                cx.report(&LENGTH, format!("{name} has {length} characters, {most} are allowed"));
            }
            _ => {}
        }
    }
}

/// Whether the text is a word in the other spelling of a pair, of which the facts keep the first.
fn is_other_spelling(values: &[&str], text: &str) -> bool {
    const PAIR: [&str; 2] = ["GLACIER", "Glacier"];
    PAIR.contains(&text) && values.iter().any(|value| PAIR.contains(value))
}

/// The fixed part of a text whose whole is known only when the stack is made.
pub(crate) fn part_of_text(cx: &mut Check<'_>, fixed: &str, limits: &[Limit]) {
    let name = cx.path().property();
    let length = fixed.chars().count() as u64;
    for limit in limits {
        if let Limit::MaxLength(most) = limit
            && length > *most
        {
            cx.report(
                &LENGTH,
                format!("{name} has {length} fixed characters, {most} are allowed"),
            );
        }
    }
}

/// Checks a number.
pub(crate) fn number(cx: &mut Check<'_>, number: f64, limits: &[Limit]) {
    let name = cx.path().property();
    for limit in limits {
        match limit {
            Limit::AtLeast(least) if number < *least => {
                cx.report(&RANGE, format!("{name} is {number}, at least {least} is needed"));
            }
            Limit::AtMost(most) if number > *most => {
                cx.report(&RANGE, format!("{name} is {number}, at most {most} is allowed"));
            }
            Limit::OneOfNumbers(values) if !values.iter().any(|value| *value as f64 == number) => {
                cx.report(&ENUM, format!("{name} {number} is not one of {values:?}"));
            }
            _ => {}
        }
    }
}

/// Checks a list as a whole.
pub(crate) fn list(cx: &mut Check<'_>, items: &[Tree], limits: &[Limit]) {
    // An item that a condition may leave out, or a function that gives several, makes the count unknown.
    let is_open = items.iter().any(|item| matches!(item.call(), Some(("Fn::If", _))));
    let rule = if limits.contains(&Limit::Unique) {
        &UNIQUE
    } else {
        &REPEATED
    };
    // The words of a command may well come twice.
    if let Some(at) = (1..items.len()).find(|at| items[..*at].contains(&items[*at]))
        && cx.path().property() != "Command"
    {
        cx.report(rule, format!("item {at}, {}, stands twice", items[at]));
    }
    for limit in limits {
        match limit {
            Limit::MinItems(_) | Limit::MaxItems(_) if is_open => {}
            Limit::Unique => {}
            limit => count(cx, items.len(), "items", limit),
        }
    }
}

/// Checks a map with free keys as a whole.
pub(crate) fn map(cx: &mut Check<'_>, members: &[(Text, Tree)], limits: &[Limit]) {
    for limit in limits {
        match limit {
            Limit::Pattern(pattern) => {
                for (key, _) in members {
                    if cx.patterns.matches(pattern, key) == Some(false) {
                        cx.report(&PATTERN, format!("the key `{key}` does not match {pattern}"));
                    }
                }
            }
            limit => count(cx, members.len(), "members", limit),
        }
    }
}

fn count(cx: &mut Check<'_>, count: usize, what: &str, limit: &Limit) {
    let (name, count) = (cx.path().property(), count as u64);
    match limit {
        Limit::MinItems(least) if count < *least => {
            cx.report(
                &COUNT,
                format!("{name} has {count} {what}, at least {least} are needed"),
            );
        }
        Limit::MaxItems(most) if count > *most => {
            cx.report(&COUNT, format!("{name} has {count} {what}, {most} are allowed"));
        }
        _ => {}
    }
}
