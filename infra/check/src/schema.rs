//! Properties against the facts of their type: what must be there, what may, and within which limits.

use infra_core::facts::{Object, Rule as Relation, Shape};

use crate::check::{Check, Resource};
use crate::function;
use crate::limit;
use crate::place;
use crate::rule::rules;
use crate::section;
use crate::tree::Tree;

rules! {
    UNKNOWN_TYPE = note("unknown-type", "a type is one whose facts are known", "check the spelling; other types are not looked into", ["E3006"]);
    MISSPELT_TYPE = error("misspelt-type", "a type is spelt as CloudFormation spells it", "correct the type", ["E3006"]);
    REQUIRED = error("required-property", "what AWS requires is there", "set the property", ["E3003"]);
    UNKNOWN = error("unknown-property", "a property is one that the type has", "check the spelling, or remove it", ["E3002"]);
    READ_ONLY = error("read-only-property", "what the service sets is left to it", "remove the property", ["E3040"]);
    TYPE = error("value-type", "a value has the kind that the property takes", "give a value of that kind", ["E3012"]);
    NULL = error("null-value", "a template holds no null", "remove the member, or give it a value", ["E0000"]);
    EXCLUSIVE = error("exactly-one", "of alternatives exactly one is chosen", "keep one of them", ["E3014"]);
    ANY = error("at-least-one", "of alternatives at least one is chosen", "set one of them", ["E3015", "E3017", "E3058"]);
    TOGETHER = error("required-together", "what belongs together is set together", "set the others too, or remove it", ["E3021"]);
    EXCLUDED = error("excluded-together", "what excludes each other is not set together", "remove one of them", ["E3020"]);
}

/// Checks the properties of a resource.
pub(crate) fn resource<'a>(cx: &mut Check<'a>, resource: Resource<'a>) {
    match resource.facts {
        Some(facts) => {
            if resource.properties.call().is_none() {
                object(cx, resource.properties, facts.properties, facts.read_only);
            }
        }
        None => {
            function::free(cx, resource.properties);
            match meant(resource.kind) {
                Some(known) => cx.report(
                    &MISSPELT_TYPE,
                    format!("there is no {}; {known} is the nearest", resource.kind),
                ),
                None if resource.kind.starts_with("AWS::") => {
                    cx.report(&UNKNOWN_TYPE, format!("nothing is known about {}", resource.kind));
                }
                None => {}
            }
        }
    }
}

/// The type that is meant by one that we do not know: of the same service, and spelt almost alike.
fn meant(kind: &str) -> Option<&'static str> {
    let (service, name) = kind.rsplit_once("::")?;
    let mut types = infra_resources::all_facts().map(|facts| facts.type_name);
    types.find(|known| {
        let known = known.rsplit_once("::");
        known.is_some_and(|(other, known)| {
            // Short names are near to one another, whatever they mean.
            other.eq_ignore_ascii_case(service) && known.len() > FARTHEST + 1 && distance(name, known) < FARTHEST
        })
    })
}

/// Checks a value against its shape.
pub(crate) fn value<'a>(cx: &mut Check<'a>, tree: &'a Tree, shape: &'static Shape) {
    if *tree == Tree::Null {
        return cx.report(&NULL, "null is no value");
    }
    if tree.call().is_some() {
        return function::call(cx, tree, Some(shape));
    }
    match shape {
        Shape::Text(limits) => match tree {
            Tree::List(_) | Tree::Map(_) => mismatch(cx, "a text", tree),
            scalar => {
                let text = spelled(scalar);
                function::plain(cx, &text);
                place::literal(cx, &text);
                limit::text(cx, &text, limits);
            }
        },
        Shape::Integer(limits) => match tree.number() {
            Some(number) if number.fract() == 0.0 => limit::number(cx, number, limits),
            _ => mismatch(cx, "a whole number", tree),
        },
        Shape::Number(limits) => match tree.number() {
            Some(number) => limit::number(cx, number, limits),
            None => mismatch(cx, "a number", tree),
        },
        Shape::Boolean => {
            if tree.truth().is_none() {
                mismatch(cx, "true or false", tree);
            }
        }
        Shape::Any => match tree {
            Tree::Bool(_) | Tree::Int(_) | Tree::Float(_) | Tree::List(_) => mismatch(cx, "an object", tree),
            tree => function::free(cx, tree),
        },
        Shape::Object(it) => match tree {
            Tree::Map(_) => object(cx, tree, it, &[]),
            _ => mismatch(cx, "an object", tree),
        },
        Shape::List(item, limits) => match tree {
            Tree::List(items) => {
                cx.each(items, |cx, tree| value(cx, tree, item));
                limit::list(cx, items, limits);
            }
            _ => mismatch(cx, "a list", tree),
        },
        Shape::Map(item, limits) => match tree {
            Tree::Map(members) => {
                for (key, tree) in members {
                    cx.below(key, |cx| value(cx, tree, item));
                }
                limit::map(cx, members, limits);
            }
            _ => mismatch(cx, "an object", tree),
        },
    }
}

/// The text that CloudFormation makes of a scalar.
pub(crate) fn spelled(scalar: &Tree) -> String {
    match scalar {
        Tree::Text(text) => text.to_string(),
        Tree::Bool(value) => value.to_string(),
        Tree::Int(number) => number.to_string(),
        Tree::Float(number) => number.to_string(),
        Tree::Null | Tree::List(_) | Tree::Map(_) => String::new(),
    }
}

fn mismatch(cx: &mut Check<'_>, expected: &str, found: &Tree) {
    let what = match found {
        Tree::List(_) | Tree::Map(_) => found.kind().to_owned(),
        scalar => format!("{} {scalar}", scalar.kind()),
    };
    let name = cx.path().property();
    cx.report(&TYPE, format!("{name} is {expected}, not {what}"));
}

/// Whether a member is there when the stack is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Always,
    /// A condition decides.
    Sometimes,
    Never,
}

fn presence(tree: Option<&Tree>) -> Presence {
    let Some(tree) = tree else { return Presence::Never };
    match tree.call() {
        Some(("Ref", Tree::Text(name))) if name == "AWS::NoValue" => Presence::Never,
        Some(("Fn::If", Tree::List(parts))) if parts.len() == 3 => {
            match (presence(parts.get(1)), presence(parts.get(2))) {
                (Presence::Always, Presence::Always) => Presence::Always,
                (Presence::Never, Presence::Never) => Presence::Never,
                _ => Presence::Sometimes,
            }
        }
        _ => Presence::Always,
    }
}

fn object<'a>(cx: &mut Check<'a>, tree: &'a Tree, object: &'static Object, read_only: &[&str]) {
    let Tree::Map(members) = tree else {
        return mismatch(cx, "an object", tree);
    };
    section::twice(cx, members);
    for (name, tree) in members {
        match object.property(name) {
            Some(property) => cx.below(name, |cx| value(cx, tree, &property.shape)),
            // A transform is merged into the object when the stack is made.
            None if name == "Fn::Transform" => {}
            None if read_only.contains(&name.as_ref()) => {
                cx.report_at(name, &READ_ONLY, format!("{name} is set by the service"));
            }
            None => {
                let message = match nearest(name, object) {
                    Some(nearest) => format!("there is no {name} here; {nearest} is the nearest"),
                    None => format!("there is no {name} here"),
                };
                cx.report_at(name, &UNKNOWN, message);
            }
        }
    }
    for name in object.required {
        if presence(tree.get(name)) != Presence::Always {
            cx.report(&REQUIRED, format!("{name} is required"));
        }
    }
    for relation in object.rules {
        self::relation(cx, tree, *relation);
    }
}

fn relation(cx: &mut Check<'_>, tree: &Tree, relation: Relation) {
    let never = |name: &&&str| presence(tree.get(name)) == Presence::Never;
    let always = |name: &&&str| presence(tree.get(name)) == Presence::Always;
    match relation {
        Relation::ExactlyOne(names) => {
            if names.iter().all(|name| never(&name)) {
                cx.report(&EXCLUSIVE, format!("one of {} is required", listed(names)));
            }
            let set: Vec<&str> = names.iter().filter(always).copied().collect();
            if set.len() > 1 {
                cx.report(&EXCLUSIVE, format!("{} exclude each other", listed(&set)));
            }
        }
        Relation::AtLeastOne(names) => {
            if names.iter().all(|name| never(&name)) {
                cx.report(&ANY, format!("at least one of {} is required", listed(names)));
            }
        }
        Relation::Requires(name, others) => {
            let missing: Vec<&str> = others.iter().filter(never).copied().collect();
            if always(&&name) && !missing.is_empty() {
                cx.report(&TOGETHER, format!("{name} needs {} beside it", listed(&missing)));
            }
        }
        Relation::Excludes(name, others) => {
            let set: Vec<&str> = others.iter().filter(always).copied().collect();
            if always(&&name) && !set.is_empty() {
                cx.report(&EXCLUDED, format!("{name} excludes {}", listed(&set)));
            }
        }
    }
}

fn listed(names: &[&str]) -> String {
    names.join(", ")
}

/// The property whose name is nearest, where one is near enough to be meant.
fn nearest(name: &str, object: &'static Object) -> Option<&'static str> {
    let names = object.properties.iter().map(|property| property.name);
    let close = names.map(|known| (distance(name, known), known));
    let (distance, known) = close.min_by_key(|(distance, _)| *distance)?;
    (distance <= FARTHEST).then_some(known)
}

/// A name with more changed letters is another name.
const FARTHEST: usize = 3;

/// How many letters must change to get from one name to the other, upper and lower case alike.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<u8> = right.bytes().map(|byte| byte.to_ascii_lowercase()).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, byte) in left.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, other) in right.iter().enumerate() {
            let changed = usize::from(byte.to_ascii_lowercase() != *other);
            let best = (diagonal + changed).min(row[column] + 1).min(row[column + 1] + 1);
            diagonal = std::mem::replace(&mut row[column + 1], best);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn distance_counts_changed_letters() {
        let check = |left, right, expected| assert_eq!(distance(left, right), expected, "{left} {right}");
        check("BucketName", "BucketName", 0);
        check("bucketname", "BucketName", 0);
        check("BucketNames", "BucketName", 1);
        check("Name", "BucketName", 6);
        check("", "abc", 3);
    }
}
