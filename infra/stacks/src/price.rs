//! What the stacks of an environment cost under the load that its file states.

use infra_core::Stack;
use infra_price::{Estimate, Money, Region};

use crate::environment::Environment;

/// The estimates of an environment's stacks, and its budget.
#[derive(Clone, Debug)]
pub struct Bill {
    /// One per stack, in their order.
    pub estimates: Vec<Estimate>,
    /// What they together may cost in a month, in US dollars.
    pub budget_usd: Option<u32>,
}

/// A bill that is above its budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverBudget {
    /// What the stacks cost in a month.
    pub total: Money,
    /// What they may cost.
    pub budget: Money,
    /// The difference.
    pub excess: Money,
}

impl Bill {
    /// Prices an environment's stacks; none where no prices are known for its region.
    pub fn of(environment: &Environment, stacks: &[Stack]) -> Option<Self> {
        let settings = &environment.settings;
        let region = Region::named(&settings.region)?;
        let estimates = stacks
            .iter()
            .map(|stack| Estimate::of(stack, environment.load_of(&stack.name), region));
        Some(Bill {
            estimates: estimates.collect(),
            budget_usd: settings.budget_usd_per_month,
        })
    }

    /// What all stacks cost in a month.
    pub fn total(&self) -> Money {
        self.estimates.iter().map(Estimate::total).sum()
    }

    /// By how much the stacks exceed the budget; none where they do not, or there is none.
    pub fn over_budget(&self) -> Option<OverBudget> {
        let budget = self.budget_usd?;
        let excess = Estimate::excess(&self.estimates, budget)?;
        Some(OverBudget {
            total: self.total(),
            budget: Money::dollars(budget),
            excess,
        })
    }
}

/// `$131.20 a month is $31.20 over the budget of $100.00`.
impl std::fmt::Display for OverBudget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let OverBudget { total, budget, excess } = self;
        write!(f, "{total} a month is {excess} over the budget of {budget}")
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Bill;
    use crate::environment::{Environment, Stage};
    use crate::{Error, app};

    fn environment(stage: Stage) -> Environment {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../environments");
        Environment::load(&directory, stage.name(), "headend").unwrap()
    }

    fn bill(environment: &Environment) -> Result<Option<Bill>, Error> {
        Ok(Bill::of(environment, &app(environment)?))
    }

    #[test]
    fn every_environment_is_priced_whole_and_within_its_budget() {
        for stage in Stage::ALL {
            let bill = bill(&environment(stage)).unwrap().unwrap();
            assert_eq!(bill.over_budget(), None, "{stage}");
            for estimate in &bill.estimates {
                assert_eq!(estimate.not_priced().count(), 0, "{stage}");
            }
        }
    }

    #[test]
    fn what_is_over_budget_says_by_how_much() {
        let mut environment = environment(Stage::Dev);
        environment.settings.budget_usd_per_month = Some(1);
        let bill = bill(&environment).unwrap().unwrap();
        let over = bill.over_budget().unwrap();
        assert_eq!(over.total, bill.total());
        assert_eq!(over.excess + over.budget, over.total);
        let total = bill.total().to_string();
        assert!(over.to_string().starts_with(&format!("{total} a month is ")), "{over}");
        assert!(over.to_string().ends_with(" over the budget of $1.00"), "{over}");
    }

    #[test]
    fn a_region_without_prices_has_no_bill() {
        let mut environment = environment(Stage::Dev);
        environment.settings.region = "eu-west-3".to_owned();
        assert!(bill(&environment).unwrap().is_none());
    }
}
