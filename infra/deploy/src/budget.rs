//! Money that was not planned for: asked about by itself, since `--yes` answers for the changes
//! and not for the bill.

use anyhow::{Result, bail};
use infra_stacks::price::OverBudget;

/// The question before `doing` something that may be over budget; none where nothing is to be
/// asked.
///
/// # Errors
/// Nobody is to be asked, and the budget is exceeded; names the flag that allows it.
pub fn question(doing: &str, yes: bool, over: Option<&OverBudget>) -> Result<Option<String>> {
    match (over, yes) {
        (None, true) => Ok(None),
        (None, false) => Ok(Some(format!("{doing}?"))),
        (Some(over), false) => Ok(Some(format!("{over}; {doing} all the same?"))),
        (Some(over), true) => bail!(
            "refused: {over}; if that is wanted, say so with --over-budget, or raise \
             `budget_usd_per_month` in the environment's file"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::question;
    use infra_price::Money;
    use infra_stacks::price::OverBudget;

    const OVER: OverBudget = OverBudget {
        total: Money::dollars(12),
        budget: Money::dollars(10),
        excess: Money::dollars(2),
    };

    #[test]
    fn a_yes_answers_for_the_changes_alone() {
        let ask = |yes, over| question("update lake", yes, over).map_err(|error| error.to_string());
        assert_eq!(ask(true, None), Ok(None));
        assert_eq!(ask(false, None), Ok(Some("update lake?".to_owned())));
        let asked = "$12.00 a month is $2.00 over the budget of $10.00; update lake all the same?";
        assert_eq!(ask(false, Some(&OVER)), Ok(Some(asked.to_owned())));
        let refused = ask(true, Some(&OVER)).unwrap_err();
        assert!(
            refused.starts_with("refused: $12.00 a month is $2.00 over"),
            "{refused}"
        );
        assert!(refused.contains("--over-budget"), "{refused}");
    }
}
