//! EXPRESS mode: what it cannot do is refused before it is tried.
//!
//! A deployment in it is done when the settings are applied, and its failures are not rolled back
//! unless asked. CloudFormation finds out about the rest half-way, which leaves a stack that only
//! another EXPRESS deployment gets out of that state.

use crate::cloudformation::{Change, Mode, Replacement, Stack};
use anyhow::{Result, bail};

/// Types that EXPRESS does not deploy.
const REFUSED: [&str; 2] = ["AWS::CloudFormation::CustomResource", "AWS::CloudFormation::StackSet"];

/// Whether a stack that a failed update has left standing takes another one.
pub fn takes_over(mode: Mode, stack: &Stack) -> bool {
    stack.status.0 == "UPDATE_FAILED" && stack.express && matches!(mode, Mode::Express { .. })
}

/// Checks that changes can be carried out in this mode.
///
/// # Errors
/// Names the resources that keep them from it, and the way that is open.
pub fn check(mode: Mode, changes: &[Change]) -> Result<()> {
    let Mode::Express { .. } = mode else { return Ok(()) };
    let named = |wanted: &dyn Fn(&Change) -> bool| -> Vec<&str> {
        let found = changes.iter().filter(|change| wanted(change));
        found.map(|change| change.logical_id.as_str()).collect()
    };
    let unfit = named(&|change| change.kind.starts_with("Custom::") || REFUSED.contains(&change.kind.as_str()));
    if !unfit.is_empty() {
        bail!(
            "refused: EXPRESS does not deploy {}; leave out --express",
            unfit.join(", ")
        );
    }
    let replaced = named(&|change| change.replacement == Replacement::Yes);
    if mode.rollback_disabled() && !replaced.is_empty() {
        bail!(
            "refused: this would replace {}, which CloudFormation does not do while rolling back is off; \
             add --rollback, or leave out --express",
            replaced.join(", ")
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests;
