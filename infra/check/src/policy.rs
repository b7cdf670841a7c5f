//! Good practice: how each type is set up so that data is safe, access is narrow and trouble is seen.
//!
//! A rule is a row: the types it is about, what it demands of their properties, and words for
//! people. What a function computes when the stack is made is taken for right.

mod access;
mod compute;
mod data;
mod edge;
mod messaging;
mod network;
mod statement;
mod storage;

use crate::check::{Check, Resource};
use crate::rule::Rule;
use crate::tree::Tree;

/// A rule and what it demands.
pub(crate) struct Policy {
    pub(crate) rule: Rule,
    kinds: &'static [&'static str],
    demand: Demand,
}

/// What is demanded of a resource.
enum Demand {
    /// Something stands under this path.
    Set(&'static str),
    /// `true` stands there.
    True(&'static str),
    /// `true` does not stand there.
    NotTrue(&'static str),
    /// One of these texts stands there.
    Is(&'static str, &'static [&'static str]),
    /// None of these texts stands there.
    IsNot(&'static str, &'static [&'static str]),
    /// Whatever this function wants; it says what is wrong.
    Holds(fn(&Check<'_>, &Resource<'_>) -> Result<(), String>),
}

impl Policy {
    const fn new(rule: Rule, kinds: &'static [&'static str], demand: Demand) -> Self {
        Policy { rule, kinds, demand }
    }
}

/// The rules, by subject.
static FAMILIES: [&[Policy]; 7] = [
    storage::POLICIES,
    messaging::POLICIES,
    compute::POLICIES,
    data::POLICIES,
    access::POLICIES,
    edge::POLICIES,
    network::POLICIES,
];

/// All rules of good practice.
pub(crate) fn rules() -> impl Iterator<Item = &'static Rule> {
    let policies = FAMILIES.into_iter().flatten().map(|policy| &policy.rule);
    policies.chain(statement::RULES.iter().copied())
}

/// Checks one resource.
pub(crate) fn check<'a>(cx: &mut Check<'a>, resource: Resource<'a>) {
    for policy in FAMILIES.into_iter().flatten() {
        if policy.kinds.contains(&resource.kind)
            && let Err(message) = policy.demand.meet(cx, &resource)
        {
            cx.report(&policy.rule, message);
        }
    }
    statement::check(cx, resource);
}

impl Demand {
    fn meet(&self, cx: &Check<'_>, resource: &Resource<'_>) -> Result<(), String> {
        let found = |path: &str| resource.at(path).filter(|tree| !is_nothing(tree));
        let is_open = |tree: &Tree| tree.call().is_some();
        match self {
            Demand::Set(path) => found(path).map(|_| ()).ok_or_else(|| format!("{path} is not set")),
            Demand::True(path) => match found(path) {
                Some(tree) if tree.truth() == Some(true) || is_open(tree) => Ok(()),
                Some(tree) => Err(format!("{path} is {tree}")),
                None => Err(format!("{path} is not set")),
            },
            Demand::NotTrue(path) => match found(path) {
                Some(tree) if tree.truth() == Some(true) => Err(format!("{path} is true")),
                _ => Ok(()),
            },
            Demand::Is(path, values) => match found(path) {
                Some(tree) if is_open(tree) || tree.text().is_some_and(|text| values.contains(&text)) => Ok(()),
                Some(tree) => Err(format!("{path} is {tree}, not {}", values.join(" or "))),
                None => Err(format!("{path} is not set")),
            },
            Demand::IsNot(path, values) => match found(path).and_then(Tree::text) {
                Some(text) if values.contains(&text) => Err(format!("{path} is {text}")),
                _ => Ok(()),
            },
            Demand::Holds(holds) => holds(cx, resource),
        }
    }
}

/// Whether a value is there only in name: an empty list or object, or `AWS::NoValue`.
fn is_nothing(tree: &Tree) -> bool {
    match tree {
        Tree::Null => true,
        Tree::List(items) => items.is_empty(),
        Tree::Map(members) => {
            members.is_empty() || matches!(tree.call(), Some(("Ref", Tree::Text(name))) if name == "AWS::NoValue")
        }
        _ => false,
    }
}

/// Fails with a message where a condition does not hold.
fn ensure(holds: bool, message: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(message.to_owned()) }
}
