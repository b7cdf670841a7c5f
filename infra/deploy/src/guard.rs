//! Refuses changes that would throw away data, unless the person names each one.

use crate::cloudformation::{Action, Change, Replacement};
use anyhow::{Result, bail};

/// Types whose resources hold what cannot be deployed again.
const STATEFUL: [&str; 12] = [
    "AWS::CloudFormation::Stack",
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::Kinesis::Stream",
    "AWS::Logs::LogGroup",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
];

/// Checks that every loss of a stateful resource is allowed by its logical id.
///
/// Only what is sure to happen counts: a replacement that depends on values which are known at
/// execution only is shown in the table, and CloudFormation lists many that never happen.
///
/// # Errors
/// Names the changes that are not allowed, and the flag that allows them.
pub fn check(changes: &[Change], allowed: &[String]) -> Result<()> {
    let losses: Vec<&Change> = changes
        .iter()
        .filter(|change| is_loss(change) && !allowed.contains(&change.logical_id))
        .collect();
    if losses.is_empty() {
        return Ok(());
    }
    let (mut said, mut flags) = (Vec::new(), Vec::new());
    for change in losses {
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
    }
    bail!(
        "refused: this would {}; if that is wanted, say so with {}",
        said.join(" and "),
        flags.join(" ")
    );
}

fn is_loss(change: &Change) -> bool {
    let gone = change.action == Action::Remove || change.replacement == Replacement::Yes;
    gone && STATEFUL.contains(&change.kind.as_str())
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::cloudformation::fake::change;
    use crate::cloudformation::{Action, Replacement};

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
            let result = check(&[change("It", kind, action, replacement)], &[]);
            assert_eq!(result.is_err(), refused, "{action:?} {replacement:?} {kind}");
        }
    }

    #[test]
    fn each_loss_is_allowed_by_its_own_name() {
        let changes = [
            change("Stream", STREAM, Action::Modify, Replacement::Yes),
            change("Data", "AWS::S3::Bucket", Action::Remove, Replacement::No),
        ];
        let message = check(&changes, &["Stream".to_owned()]).unwrap_err().to_string();
        assert_eq!(
            message,
            "refused: this would remove Data (AWS::S3::Bucket); if that is wanted, say so with --allow-replace Data"
        );
        check(&changes, &["Stream".to_owned(), "Data".to_owned()]).unwrap();
    }
}
