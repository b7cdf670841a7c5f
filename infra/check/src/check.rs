//! The state of a check on its way through a template: where it is, and what it has found.

use std::collections::HashMap;

use infra_core::Facts;

use crate::document::Document;
use crate::finding::{Finding, Path};
use crate::pattern::Patterns;
use crate::rule::Rule;
use crate::tree::Tree;

/// A resource of a template.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resource<'a> {
    pub(crate) id: &'a str,
    /// The type's name; empty where there is none.
    pub(crate) kind: &'a str,
    pub(crate) body: &'a Tree,
    pub(crate) properties: &'a Tree,
    /// None for types that we do not know.
    pub(crate) facts: Option<&'static Facts>,
}

impl<'a> Resource<'a> {
    /// What stands under these properties, one below the other.
    pub(crate) fn at(&self, path: &str) -> Option<&'a Tree> {
        self.properties.at(path)
    }
}

/// A check of one template.
#[derive(Debug)]
pub(crate) struct Check<'a> {
    pub(crate) document: &'a Document,
    pub(crate) resources: Vec<Resource<'a>>,
    index: HashMap<&'a str, usize>,
    pub(crate) patterns: Patterns,
    path: Path<'a>,
    findings: Vec<Finding>,
}

/// Stands for the properties of a resource that has none.
static NO_PROPERTIES: Tree = Tree::Map(Vec::new());

impl<'a> Check<'a> {
    pub(crate) fn new(document: &'a Document) -> Self {
        let members = document.root().get("Resources").map_or(&[][..], Tree::members);
        let resources: Vec<_> = members
            .iter()
            .map(|(id, body)| {
                let kind = body.get("Type").and_then(Tree::text).unwrap_or_default();
                Resource {
                    id,
                    kind,
                    body,
                    properties: body.get("Properties").unwrap_or(&NO_PROPERTIES),
                    facts: infra_resources::facts(kind),
                }
            })
            .collect();
        let index = resources
            .iter()
            .enumerate()
            .map(|(at, resource)| (resource.id, at))
            .collect();
        Check {
            document,
            resources,
            index,
            patterns: Patterns::default(),
            path: Path::default(),
            findings: Vec::new(),
        }
    }

    /// The resource with this logical id.
    pub(crate) fn resource(&self, id: &str) -> Option<&Resource<'a>> {
        self.index.get(id).map(|at| &self.resources[*at])
    }

    /// The resource of this template that a `Ref` or `Fn::GetAtt` points at.
    pub(crate) fn target(&self, tree: &Tree) -> Option<&Resource<'a>> {
        self.resource(tree.target()?)
    }

    /// An entry of a section: `Parameters`, `Conditions`, `Mappings`.
    pub(crate) fn entry(&self, section: &str, name: &str) -> Option<&'a Tree> {
        self.document.root().get(section)?.get(name)
    }

    /// Where the check is.
    pub(crate) fn path(&self) -> &Path<'a> {
        &self.path
    }

    /// Runs `check` one name further down.
    pub(crate) fn below(&mut self, name: &'a str, check: impl FnOnce(&mut Self)) {
        self.path.push(name);
        check(self);
        self.path.pop();
    }

    /// Runs `check` on each item of a list, one index further down.
    pub(crate) fn each(&mut self, items: &'a [Tree], mut check: impl FnMut(&mut Self, &'a Tree)) {
        for (index, item) in items.iter().enumerate() {
            self.path.push_index(index);
            check(self, item);
            self.path.pop();
        }
    }

    /// Runs `check` on each item where `tree` is a list, else on `tree` itself.
    pub(crate) fn one_or_many(&mut self, tree: &'a Tree, mut check: impl FnMut(&mut Self, &'a Tree)) {
        match tree {
            Tree::List(items) => self.each(items, check),
            one => check(self, one),
        }
    }

    /// Runs `check` in the properties of each resource.
    pub(crate) fn each_resource(&mut self, mut check: impl FnMut(&mut Self, Resource<'a>)) {
        for at in 0..self.resources.len() {
            let resource = self.resources[at];
            self.below("Resources", |cx| {
                cx.below(resource.id, |cx| cx.below("Properties", |cx| check(cx, resource)));
            });
        }
    }

    /// Notes a breach of `rule` here.
    pub(crate) fn report(&mut self, rule: &'static Rule, message: impl Into<String>) {
        let resource = self.path.resource();
        self.findings.push(Finding {
            rule,
            resource: resource.map(str::to_owned),
            path: self.path.to_string(),
            message: message.into(),
            made_at: resource.and_then(|id| self.document.made_at(id)),
        });
    }

    /// Notes a breach of `rule` at a dotted path below here.
    pub(crate) fn report_at(&mut self, below: &'a str, rule: &'static Rule, message: impl Into<String>) {
        self.below(below, |cx| cx.report(rule, message));
    }

    /// All findings, sorted; the same one twice is one.
    pub(crate) fn finish(self) -> Vec<Finding> {
        let mut findings = self.findings;
        findings.sort_by(|left, right| left.key().cmp(&right.key()));
        findings.dedup();
        findings
    }
}
