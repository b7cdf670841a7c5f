//! What waits for what: circles, `DependsOn`, and dependencies that are stated twice.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::Check;
use crate::function;
use crate::rule::rules;
use crate::tree::Tree;

rules! {
    CIRCLE = error("circular-dependency", "no resource waits for itself", "cut the circle: build a name or ARN from parts instead of a reference", ["E3004"]);
    DEPENDS_ON = error("depends-on-target", "DependsOn names other resources of this template", "check the spelling of the logical id", ["E3005"]);
    REDUNDANT = warning("depends-on-redundant", "DependsOn names nothing that a reference says already", "remove it from DependsOn", ["W3005"]);
}

/// The resources that each one refers to, and those it names in `DependsOn`.
struct Graph<'a> {
    references: BTreeMap<&'a str, BTreeSet<&'a str>>,
    named: BTreeMap<&'a str, Vec<&'a str>>,
}

/// Checks who waits for whom.
pub(crate) fn check(cx: &mut Check<'_>) {
    let mut graph = Graph {
        references: BTreeMap::new(),
        named: BTreeMap::new(),
    };
    for at in 0..cx.resources.len() {
        let resource = cx.resources[at];
        graph
            .references
            .insert(resource.id, references(cx, resource.properties));
        let named = resource.body.get("DependsOn").map_or(&[][..], Tree::one_or_many);
        graph
            .named
            .insert(resource.id, named.iter().filter_map(Tree::text).collect());
        cx.below("Resources", |cx| {
            cx.below(resource.id, |cx| {
                cx.below("DependsOn", |cx| depends_on(cx, resource.id, named))
            });
        });
    }
    redundant(cx, &graph);
    circles(cx, &graph);
}

fn references<'a>(cx: &Check<'a>, properties: &'a Tree) -> BTreeSet<&'a str> {
    let mut targets = BTreeSet::new();
    properties.walk(&mut |tree| match tree.call() {
        Some(("Fn::Sub", argument)) => {
            let pattern = argument.text().or_else(|| argument.items().first()?.text());
            let ids = function::variables(pattern.unwrap_or_default());
            targets.extend(ids.filter_map(|name| name.split('.').next()));
        }
        Some(_) => targets.extend(tree.target()),
        None => {}
    });
    targets.retain(|id| cx.resource(id).is_some());
    targets
}

fn depends_on(cx: &mut Check<'_>, id: &str, named: &[Tree]) {
    for tree in named {
        match tree.text() {
            Some(other) if other == id => cx.report(&DEPENDS_ON, format!("`{id}` does not depend on itself")),
            Some(other) if cx.resource(other).is_some() => {}
            Some(other) => cx.report(&DEPENDS_ON, format!("`{other}` is no resource of this template")),
            None => cx.report(&DEPENDS_ON, format!("DependsOn takes logical ids, not {}", tree.kind())),
        }
    }
}

fn redundant<'a>(cx: &mut Check<'a>, graph: &Graph<'a>) {
    for (id, named) in &graph.named {
        for other in named.iter().filter(|other| graph.references[id].contains(*other)) {
            cx.below("Resources", |cx| {
                cx.below(id, |cx| {
                    cx.report_at(
                        "DependsOn",
                        &REDUNDANT,
                        format!("a reference to `{other}` says so already"),
                    );
                });
            });
        }
    }
}

/// Whether references lead from one resource to another.
fn reaches(references: &BTreeMap<&str, BTreeSet<&str>>, from: &str, to: &str) -> bool {
    let (mut open, mut seen) = (vec![from], BTreeSet::new());
    while let Some(id) = open.pop() {
        for next in references.get(id).into_iter().flatten() {
            if *next == to {
                return true;
            }
            if seen.insert(*next) {
                open.push(next);
            }
        }
    }
    false
}

fn circles<'a>(cx: &mut Check<'a>, graph: &Graph<'a>) {
    let mut edges = graph.references.clone();
    for (id, named) in &graph.named {
        // One that depends on itself through DependsOn has been told so already.
        let known = named
            .iter()
            .filter(|other| graph.references.contains_key(*other) && other != &id);
        edges.entry(id).or_default().extend(known);
    }
    for id in edges.keys() {
        if reaches(&edges, id, id) {
            let circle = edges
                .keys()
                .filter(|other| reaches(&edges, id, other) && reaches(&edges, other, id));
            let circle: Vec<&str> = circle.copied().collect();
            let message = format!("{} wait for each other", circle.join(", "));
            cx.below("Resources", |cx| cx.report_at(id, &CIRCLE, message));
        }
    }
}
