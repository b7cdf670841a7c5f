//! Estimates for people and for programs: a line, a table, Markdown, JSON.

use std::collections::BTreeSet;

use infra_core::{Node, json};

use crate::estimate::{Estimate, Priced, Standing};
use crate::line::Line;
use crate::money::Money;
use crate::table::Mark;

/// How much a report says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What each resource costs.
    Resources,
    /// Each line of each resource, with its formula, and where the price comes from.
    Formulas,
}

/// The total of a stack in one line: `headend-dev-lake: $131.20 a month in eu-west-2`.
pub fn summary(estimate: &Estimate) -> String {
    let not_priced = match estimate.not_priced().count() {
        0 => String::new(),
        count => format!(", {count} of {} resources not priced", estimate.resources.len()),
    };
    format!(
        "{}: {} a month in {}{not_priced}",
        estimate.stack,
        estimate.total(),
        estimate.region
    )
}

/// A table for a terminal; each line ends clean.
pub fn table(estimates: &[Estimate], detail: Detail) -> Vec<String> {
    let mut lines = Vec::new();
    for estimate in estimates {
        lines.push(summary(estimate));
        let shown: Vec<&Priced> = shown(estimate).collect();
        let amounts: Vec<String> = shown.iter().map(|resource| in_cents(resource.total())).collect();
        let widths = (
            shown.iter().map(|resource| resource.id.len()).max().unwrap_or(0),
            shown.iter().map(|resource| resource.kind.len()).max().unwrap_or(0),
            amounts.iter().map(String::len).max().unwrap_or(0),
        );
        for (resource, amount) in shown.iter().zip(&amounts) {
            let (id, kind) = (&resource.id, resource.kind);
            lines.push(format!(
                "  {id:<0$}  {kind:<1$}  {amount:>2$}",
                widths.0, widths.1, widths.2
            ));
            if detail == Detail::Formulas {
                lines.extend(resource.lines().iter().map(|line| {
                    let quote = line.quote();
                    let (name, formula) = (line.name(), line.formula());
                    format!("    {name}: {formula}  [{}, {}]", quote.mark.name(), quote.date)
                }));
            }
        }
        lines.extend(rest(estimate).map(|line| format!("  {line}")));
        if detail == Detail::Formulas {
            let pages: BTreeSet<&str> = estimate.lines().map(|(_, line)| line.price().page).collect();
            lines.extend(pages.into_iter().map(|page| format!("  price list: {page}")));
        }
    }
    lines.push(format!("total: {} a month", total(estimates)));
    lines
}

/// Markdown for a pull request.
pub fn markdown(estimates: &[Estimate], detail: Detail) -> Vec<String> {
    let mut lines = Vec::new();
    for estimate in estimates {
        lines.push(format!("### {}", summary(estimate)));
        lines.push(String::new());
        match detail {
            Detail::Resources => {
                lines.push("| resource | type | a month |".to_owned());
                lines.push("|---|---|---:|".to_owned());
            }
            Detail::Formulas => {
                lines.push("| resource | what | formula | price |".to_owned());
                lines.push("|---|---|---|---|".to_owned());
            }
        }
        for resource in shown(estimate) {
            match detail {
                Detail::Resources => lines.push(format!(
                    "| `{}` | `{}` | {} |",
                    resource.id,
                    resource.kind,
                    in_cents(resource.total())
                )),
                Detail::Formulas => lines.extend(resource.lines().iter().map(|line| {
                    let (id, quote) = (&resource.id, line.quote());
                    format!(
                        "| `{id}` | {} | {} | [{}, {}]({}) |",
                        line.name(),
                        line.formula(),
                        quote.date,
                        quote.mark.name(),
                        line.price().page
                    )
                })),
            }
        }
        lines.push(String::new());
        lines.extend(rest(estimate).map(|line| format!("- {line}")));
        lines.push(String::new());
    }
    lines.push(format!("**Total: {} a month**", total(estimates)));
    lines
}

/// JSON for programs: amounts are texts in dollars with six decimals, since a number would be
/// read as a float.
pub fn json(estimates: &[Estimate]) -> String {
    let stacks = estimates.iter().map(|estimate| {
        Node::Map(vec![
            ("stack".into(), text(&estimate.stack)),
            ("region".into(), text(estimate.region.name())),
            ("usd_per_month".into(), text(&estimate.total().decimal())),
            (
                "resources".into(),
                Node::List(estimate.resources.iter().map(resource).collect()),
            ),
        ])
    });
    json::to_string(&Node::Map(vec![
        ("usd_per_month".into(), text(&total(estimates).decimal())),
        ("stacks".into(), Node::List(stacks.collect())),
    ]))
}

fn resource(resource: &Priced) -> Node {
    let mut members = vec![("id".into(), text(&resource.id)), ("type".into(), text(resource.kind))];
    match &resource.standing {
        Standing::Free => members.push(("standing".into(), text("free"))),
        Standing::NotPriced(why) => {
            members.push(("standing".into(), text("not priced")));
            members.push(("reason".into(), text(why)));
        }
        Standing::Lines(lines) => {
            members.push(("standing".into(), text("priced")));
            members.push(("usd_per_month".into(), text(&resource.total().decimal())));
            members.push(("lines".into(), Node::List(lines.iter().map(line).collect())));
        }
    }
    Node::Map(members)
}

fn line(line: &Line) -> Node {
    let quote = line.quote();
    Node::Map(vec![
        ("name".into(), text(line.name())),
        ("usd_per_month".into(), text(&line.amount().decimal())),
        ("formula".into(), text(&line.formula())),
        ("price_date".into(), text(quote.date)),
        ("price_mark".into(), text(quote.mark.name())),
        ("price_page".into(), text(line.price().page)),
    ])
}

fn text(text: &str) -> Node {
    Node::Text(text.to_owned().into())
}

fn total(estimates: &[Estimate]) -> Money {
    estimates.iter().map(Estimate::total).sum()
}

/// The resources that have lines: those that cost nothing under this load among them.
fn shown(estimate: &Estimate) -> impl Iterator<Item = &Priced> {
    estimate
        .resources
        .iter()
        .filter(|resource| !resource.lines().is_empty())
}

/// What is not in the table, and how far its prices can be trusted.
fn rest(estimate: &Estimate) -> impl Iterator<Item = String> {
    let not_priced = estimate.not_priced();
    let not_priced =
        not_priced.map(|(resource, why)| format!("{} ({}) is not priced: {why}", resource.id, resource.kind));
    let free = estimate.resources.iter().filter(|resource| resource.lines().is_empty());
    let free = free.filter(|resource| !matches!(resource.standing, Standing::NotPriced(_)));
    let free = match free.count() {
        0 => None,
        1 => Some("1 more resource is free".to_owned()),
        count => Some(format!("{count} more resources are free")),
    };
    let from_memory = estimate.lines().filter(|(_, line)| line.quote().mark == Mark::Memory);
    let from_memory: BTreeSet<&str> = from_memory.map(|(_, line)| line.name()).collect();
    let used: BTreeSet<&str> = estimate.lines().map(|(_, line)| line.name()).collect();
    let unverified =
        (!from_memory.is_empty()).then(|| format!("{} of {} prices are unverified", from_memory.len(), used.len()));
    not_priced.chain(free).chain(unverified)
}

/// An amount among others: whole cents, and no more than that it is less.
fn in_cents(amount: Money) -> String {
    if amount > Money::ZERO && amount < Money::CENT {
        "< $0.01".to_owned()
    } else {
        amount.to_string()
    }
}
