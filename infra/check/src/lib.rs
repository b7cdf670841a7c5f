//! The offline validator: a template against what CloudFormation, IAM and good practice ask for.
//!
//! [`check`] takes a [`Document`], from Rust or from a file, and gives [`Finding`]s, sorted and
//! the same every time, in milliseconds: all knowledge is static data in the program.
//!
//! Reading order: [`tree`] (a template as data), [`rule`] and [`finding`], `check` (the state on
//! the way through a template), then one module per family of rules: `section`, `schema` with
//! `limit` and `pattern`, `function`, `graph`, `place`, `iam`, `expression`, `service`, `policy`; at last [`waiver`].

mod check;
pub mod document;
mod expression;
pub mod finding;
mod function;
mod graph;
mod iam;
mod limit;
pub mod list;
mod pattern;
mod place;
mod policy;
pub mod rule;
mod schema;
mod section;
mod service;
pub mod tree;
pub mod waiver;

pub use document::Document;
pub use finding::Finding;
pub use rule::{Rule, Severity};
pub use waiver::{Setting, Verdict, judge};

/// Every breach of every rule, sorted by place.
pub fn check(document: &Document) -> Vec<Finding> {
    let mut cx = check::Check::new(document);
    section::check(&mut cx);
    graph::check(&mut cx);
    cx.each_resource(|cx, resource| {
        schema::resource(cx, resource);
        iam::check(cx, resource);
        expression::check(cx, resource);
        service::check(cx, resource);
        policy::check(cx, resource);
    });
    service::check_all(&mut cx);
    cx.finish()
}

/// All rules, by family.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    let families = [
        section::RULES,
        section::PARAMETER_RULES,
        schema::RULES,
        limit::RULES,
        place::RULES,
        function::RULES,
        graph::RULES,
        iam::RULES,
        expression::RULES,
        waiver::RULES,
    ];
    families
        .into_iter()
        .chain(service::RULES)
        .flatten()
        .copied()
        .chain(policy::rules())
}
