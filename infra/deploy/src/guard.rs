//! Refuses changes that would throw away data, unless the person names each one.

use crate::bucket::Objects;
use crate::clock::Clock;
use crate::cloudformation::{Action, Change, CloudFormation, Replacement};
use crate::console::Console;
use crate::engine::Engine;
use crate::plan::Plan;
use anyhow::{Result, bail};
use infra_diff::{Move, Template, rename};

impl<C: CloudFormation, O: Objects, K: Clock, H: Console> Engine<C, O, K, H> {
    /// Checks that every loss of a stateful resource is allowed by its logical id, and tells a
    /// rename that was not declared from a removal that was meant.
    ///
    /// # Errors
    /// Those of [`check`], or CloudFormation refuses to show the deployed template.
    pub(crate) async fn guard(&self, plan: &Plan, changes: &[Change], allowed: &[String]) -> Result<()> {
        let mut losses = losses(changes, allowed);
        let suspects = match losses.any(|change| change.action == Action::Remove) {
            true => rename::suspects(&self.deployed(&plan.stack).await?, &Template::parse(&plan.template)?),
            false => Vec::new(),
        };
        check(changes, allowed, &suspects)
    }
}

/// Checks that every loss of a stateful resource is allowed by its logical id.
///
/// Only what is sure to happen counts: a replacement that depends on values which are known at
/// execution only is shown in the table, and CloudFormation lists many that never happen.
///
/// # Errors
/// Names the changes that are not allowed, the flag that allows them, and what to write instead
/// where one of `suspects` is a rename.
pub fn check(changes: &[Change], allowed: &[String], suspects: &[Move]) -> Result<()> {
    let (mut said, mut flags, mut advice) = (Vec::new(), Vec::new(), String::new());
    for change in losses(changes, allowed) {
        let what = if change.action == Action::Remove {
            "remove"
        } else {
            "replace"
        };
        let kept = if change.retained {
            ", leaving the old one behind"
        } else {
            ""
        };
        said.push(format!("{what} {} ({}){kept}", change.logical_id, change.kind));
        flags.push(format!("--allow-replace {}", change.logical_id));
        if let Some(suspect) = suspects.iter().find(|suspect| suspect.from == change.logical_id) {
            advice.push_str(&format!("; {}", suspect.advice()));
        }
    }
    if said.is_empty() {
        return Ok(());
    }
    bail!(
        "refused: this would {}; if that is wanted, say so with {}{advice}",
        said.join(" and "),
        flags.join(" ")
    );
}

fn losses<'a>(changes: &'a [Change], allowed: &[String]) -> impl Iterator<Item = &'a Change> {
    let losses = changes.iter().filter(|change| is_loss(change));
    losses.filter(|change| !allowed.contains(&change.logical_id))
}

fn is_loss(change: &Change) -> bool {
    let gone = change.action == Action::Remove || change.replacement == Replacement::Yes;
    gone && infra_resources::facts(&change.kind).is_some_and(|facts| facts.stateful)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::cloudformation::fake::{Script, change, look};
    use crate::cloudformation::{Action, Replacement};
    use crate::engine::bench::{bench, plan};
    use crate::plan::Plan;

    const STREAM: &str = "AWS::Kinesis::Stream";

    #[test]
    fn sure_losses_of_stateful_resources_are_refused() {
        for (action, replacement, kind, refused) in [
            (Action::Modify, Replacement::Yes, STREAM, true),
            (Action::Remove, Replacement::No, STREAM, true),
            (Action::Modify, Replacement::Perhaps, STREAM, false),
            (Action::Modify, Replacement::No, STREAM, false),
            (Action::Add, Replacement::No, STREAM, false),
            (Action::Modify, Replacement::Yes, "AWS::Lambda::Permission", false),
            (Action::Remove, Replacement::No, "AWS::Lambda::Permission", false),
        ] {
            let result = check(&[change("It", kind, action, replacement)], &[], &[]);
            assert_eq!(result.is_err(), refused, "{action:?} {replacement:?} {kind}");
        }
    }

    #[test]
    fn each_loss_is_allowed_by_its_own_name() {
        let changes = [
            change("Stream", STREAM, Action::Modify, Replacement::Yes),
            change("Data", "AWS::S3::Bucket", Action::Remove, Replacement::No),
        ];
        let message = check(&changes, &["Stream".to_owned()], &[]).unwrap_err().to_string();
        assert_eq!(
            message,
            "refused: this would remove Data (AWS::S3::Bucket); if that is wanted, say so with --allow-replace Data"
        );
        check(&changes, &["Stream".to_owned(), "Data".to_owned()], &[]).unwrap();
    }

    #[tokio::test]
    async fn a_rename_that_nobody_declared_is_told_from_a_removal() {
        let template = |id: &str| format!(r#"{{"Resources":{{"{id}":{{"Type":"{STREAM}"}}}}}}"#);
        let mut cloud = Script::new([look("UPDATE_COMPLETE")]);
        cloud.template = template("Old");
        let bench = bench(cloud);
        let plan = Plan {
            template: template("New"),
            ..plan()
        };
        let changes = [change("Old", STREAM, Action::Remove, Replacement::No)];
        let message = bench.guard(&plan, &changes, &[]).await.unwrap_err().to_string();
        assert_eq!(
            message,
            "refused: this would remove Old (AWS::Kinesis::Stream); if that is wanted, say so with --allow-replace Old; \
             if New is Old under a new name, say `template.moved(\"Old\", &handle)` where New is added"
        );

        let looked = bench.cloud.calls().len();
        bench.guard(&plan, &changes, &["Old".to_owned()]).await.unwrap();
        assert_eq!(bench.cloud.calls().len(), looked, "what is allowed needs no look");
    }
}
