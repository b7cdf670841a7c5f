//! The regular expressions of the schemas, compiled when a template first needs them.
//!
//! They are ECMA 262, with look-around and Unicode classes, so the engine is one for ECMA 262;
//! the few that are written in Java's or Python's dialect are translated.

use std::borrow::Cow;
use std::collections::HashMap;

use regress::Regex;

/// Compiled patterns, by their source.
#[derive(Debug, Default)]
pub(crate) struct Patterns(HashMap<&'static str, Option<Regex>>);

impl Patterns {
    /// Whether the pattern finds a match in `text`; none where it is no regular expression.
    pub(crate) fn matches(&mut self, pattern: &'static str, text: &str) -> Option<bool> {
        let regex = self.0.entry(pattern).or_insert_with(|| compile(pattern).ok());
        regex.as_ref().map(|regex| regex.find(text).is_some())
    }
}

/// Compiles a pattern of a schema, or of a parameter.
pub(crate) fn compile(pattern: &str) -> Result<Regex, regress::Error> {
    let mut flags = String::new();
    let mut source = Cow::Borrowed(pattern);
    if source.contains("(?s)") {
        source = source.replacen("(?s)", "", 1).into();
        flags.push('s');
    }
    if source.ends_with("\\Z") {
        source = format!("{}$", &source[..source.len() - 2]).into();
    }
    if source.contains("\\p{Print}") {
        source = source.replace("\\p{Print}", "[ -~\\u00a0-\\uffff]").into();
    }
    if source.contains("\\p{") {
        flags.push('u');
    }
    Regex::with_flags(&source, flags.as_str())
}

#[cfg(test)]
mod tests {
    use infra_core::facts::{Limit, Object, Shape};

    use super::compile;

    /// Every pattern below an object; `seen` ends recursion.
    fn collect(object: &'static Object, seen: &mut Vec<*const Object>, patterns: &mut Vec<&'static str>) {
        if seen.contains(&std::ptr::from_ref(object)) {
            return;
        }
        seen.push(object);
        for property in object.properties {
            collect_shape(&property.shape, seen, patterns);
        }
    }

    fn collect_shape(shape: &'static Shape, seen: &mut Vec<*const Object>, patterns: &mut Vec<&'static str>) {
        let limits = match shape {
            Shape::Text(limits) | Shape::Integer(limits) | Shape::Number(limits) => limits,
            Shape::List(item, limits) | Shape::Map(item, limits) => {
                collect_shape(item, seen, patterns);
                limits
            }
            Shape::Object(object) => return collect(object, seen, patterns),
            Shape::Boolean | Shape::Any => return,
        };
        patterns.extend(limits.iter().filter_map(|limit| match limit {
            Limit::Pattern(pattern) => Some(*pattern),
            _ => None,
        }));
    }

    #[test]
    fn every_pattern_of_the_facts_compiles() {
        let (mut seen, mut patterns) = (Vec::new(), Vec::new());
        for facts in infra_resources::all_facts() {
            collect(facts.properties, &mut seen, &mut patterns);
        }
        assert!(patterns.len() > 400, "{}", patterns.len());
        let broken: Vec<_> = patterns.iter().filter(|pattern| compile(pattern).is_err()).collect();
        assert!(broken.is_empty(), "{broken:?}");
    }

    #[test]
    fn dialects_are_translated() {
        let check = |pattern: &str, text: &str, expected: bool| {
            assert_eq!(
                compile(pattern).unwrap().find(text).is_some(),
                expected,
                "{pattern} on {text}"
            );
        };
        check("^(?s)", "anything", true);
        check(r"^\p{Print}+$", "a b~", true);
        check(r"^\p{Print}+$", "a\tb", false);
        check(r"^[a-z]+\Z", "abc", true);
        check(r"^[a-z]+\Z", "abc1", false);
        check(r"^(?!aws:)[\p{L}]*$", "clé", true);
        check(r"^(?!aws:)[\p{L}]*$", "aws:x", false);
    }
}
