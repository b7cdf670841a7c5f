//! The estimate of a stack, the difference of two, and what exceeds a budget.

use std::fmt;

use infra_core::{Node, Stack, Template};

use crate::line::Line;
use crate::load::Load;
use crate::model::{self, Site};
use crate::money::Money;
use crate::resource::Resources;
use crate::table::Region;

/// What a stack costs in a month.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// The stack's name.
    pub stack: String,
    /// The region whose prices were taken.
    pub region: Region,
    /// Its resources, in the order of the template.
    pub resources: Vec<Priced>,
}

/// What a resource costs in a month.
#[derive(Clone, Debug)]
pub struct Priced {
    /// The logical id.
    pub id: String,
    /// The type, such as `AWS::Kinesis::Stream`.
    pub kind: &'static str,
    /// What is known about its price.
    pub standing: Standing,
}

/// What is known about the price of a resource.
#[derive(Clone, Debug)]
pub enum Standing {
    /// It costs what these lines come to.
    Lines(Vec<Line>),
    /// AWS asks nothing for it.
    Free,
    /// It may cost something that is not counted here, for this reason.
    NotPriced(String),
}

impl Estimate {
    /// Prices a stack under a load.
    pub fn of(stack: &Stack, load: &Load, region: Region) -> Self {
        Self::of_template(&stack.name, &stack.template, load, region)
    }

    /// Prices a template under a load.
    pub fn of_template(stack: &str, template: &Template, load: &Load, region: Region) -> Self {
        Self::of_resources(stack, template.resources(), load, region)
    }

    /// Prices resources by their logical ids, types and properties, whatever they come from.
    pub fn of_resources<'a>(
        stack: &str,
        resources: impl IntoIterator<Item = (&'a str, &'static str, &'a Node)>,
        load: &Load,
        region: Region,
    ) -> Self {
        let resources = Resources::of(resources);
        let site = Site {
            resources: &resources,
            load,
            region,
        };
        let resources = resources.all().map(|resource| Priced {
            id: resource.id.to_owned(),
            kind: resource.kind,
            standing: model::price(&site, &resource),
        });
        Estimate {
            stack: stack.to_owned(),
            region,
            resources: resources.collect(),
        }
    }

    /// What all resources cost that could be priced.
    pub fn total(&self) -> Money {
        self.resources.iter().map(Priced::total).sum()
    }

    /// All lines, each with its resource.
    pub fn lines(&self) -> impl Iterator<Item = (&Priced, &Line)> {
        let resources = self.resources.iter();
        resources.flat_map(|resource| resource.lines().iter().map(move |line| (resource, line)))
    }

    /// The resources that could not be priced, each with the reason.
    pub fn not_priced(&self) -> impl Iterator<Item = (&Priced, &str)> {
        self.resources.iter().filter_map(|resource| match &resource.standing {
            Standing::NotPriced(why) => Some((resource, why.as_str())),
            Standing::Lines(_) | Standing::Free => None,
        })
    }

    /// What changes on the way from this estimate to `after`.
    pub fn delta(&self, after: &Estimate) -> Delta {
        let amount = |estimate: &Estimate, id: &str| {
            let found = estimate.resources.iter().find(|resource| resource.id == id);
            found.map(Priced::total)
        };
        let added = after.resources.iter();
        let added = added.filter(|new| !self.resources.iter().any(|old| old.id == new.id));
        let changes = self.resources.iter().chain(added).map(|resource| Change {
            id: resource.id.clone(),
            kind: resource.kind,
            before: amount(self, &resource.id),
            after: amount(after, &resource.id),
        });
        Delta {
            before: self.total(),
            after: after.total(),
            changes: changes
                .filter(|change| change.before.unwrap_or_default() != change.after.unwrap_or_default())
                .collect(),
        }
    }

    /// By how much estimates together exceed a budget of whole dollars a month; none where they
    /// do not.
    pub fn excess(estimates: &[Estimate], budget_usd: u32) -> Option<Money> {
        let total: Money = estimates.iter().map(Estimate::total).sum();
        let budget = Money::dollars(budget_usd);
        (total > budget).then(|| total - budget)
    }
}

impl Priced {
    /// What it costs; nothing where that is not known.
    pub fn total(&self) -> Money {
        self.lines().iter().map(Line::amount).sum()
    }

    /// Its lines; none where it is free or not priced.
    pub fn lines(&self) -> &[Line] {
        match &self.standing {
            Standing::Lines(lines) => lines,
            Standing::Free | Standing::NotPriced(_) => &[],
        }
    }
}

/// The difference between two estimates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    /// The total before.
    pub before: Money,
    /// The total after.
    pub after: Money,
    /// The resources whose price differs, those of before first.
    pub changes: Vec<Change>,
}

/// A resource whose price differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The logical id.
    pub id: String,
    /// The type.
    pub kind: &'static str,
    /// What it cost; none where it was not there.
    pub before: Option<Money>,
    /// What it will cost; none where it will be gone.
    pub after: Option<Money>,
}

impl Delta {
    /// After less before.
    pub fn amount(&self) -> Money {
        self.after - self.before
    }
}

/// `+$10.95 a month ($21.17 -> $32.12)`, or `no change ($21.17 a month)`.
impl fmt::Display for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = self.amount();
        if amount == Money::ZERO {
            return write!(f, "no change ({} a month)", self.after);
        }
        let plus = if amount > Money::ZERO { "+" } else { "" };
        write!(f, "{plus}{amount} a month ({} -> {})", self.before, self.after)
    }
}
