//! Finds the failure that started it all among the dozens that follow from it.

use crate::cloudformation::{Event, Finding};
use crate::plan::Lines;

/// The first failure of an operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{resource} ({kind}) {failure}: {reason}{}", line(made_at))]
pub struct RootCause {
    /// The resource's name in the template.
    pub resource: String,
    /// Its type.
    pub kind: String,
    /// The status that it came to, or where in the template the fault is.
    pub failure: String,
    /// The service's words.
    pub reason: String,
    /// The line of Rust that made the resource, where it is known.
    pub made_at: Option<String>,
}

impl RootCause {
    /// With the line behind its resource.
    #[must_use]
    pub fn located(mut self, lines: &Lines) -> Self {
        self.made_at = lines.get(&self.resource).cloned();
        self
    }
}

fn line(made_at: &Option<String>) -> String {
    made_at
        .as_ref()
        .map(|line| format!("; made at {line}"))
        .unwrap_or_default()
}

/// The first resource that failed, among an operation's events given oldest first.
///
/// What comes after it is cancelled for its sake, or fails to be rolled back.
pub fn among_resources(events: &[Event], stack_id: &str) -> Option<RootCause> {
    first_failure(events, |event| !event.is_of_stack(stack_id))
}

/// The stack's own failure, which only repeats that of a resource where there is one.
pub fn of_stack(events: &[Event], stack_id: &str) -> Option<RootCause> {
    first_failure(events, |event| event.is_of_stack(stack_id))
}

/// A finding of the checks that run before the first resource is touched.
pub fn of_check(finding: Finding) -> RootCause {
    RootCause {
        resource: finding.resource().to_owned(),
        kind: finding.kind,
        failure: format!("at {}", finding.path),
        reason: finding.reason,
        made_at: None,
    }
}

fn first_failure(events: &[Event], wanted: impl Fn(&Event) -> bool) -> Option<RootCause> {
    let event = events
        .iter()
        .find(|event| event.status.is_failure() && !is_cancelled(event) && wanted(event))?;
    Some(RootCause {
        resource: event.logical_id.clone(),
        kind: event.kind.clone(),
        failure: event.status.to_string(),
        reason: event.reason.clone().unwrap_or_else(|| "no reason was given".to_owned()),
        made_at: None,
    })
}

/// Whether a resource was stopped because another one failed: "Resource creation cancelled".
fn is_cancelled(event: &Event) -> bool {
    event.reason.as_deref().is_some_and(|reason| {
        let reason = reason.trim_end_matches('.');
        reason.starts_with("Resource ") && reason.ends_with(" cancelled")
    })
}

#[cfg(test)]
mod tests {
    use super::{among_resources, of_stack};
    use crate::cloudformation::fake::{STACK_ID, event, stack_event};

    #[test]
    fn cancelled_and_later_failures_are_not_the_cause() {
        let events = [
            stack_event("UPDATE_IN_PROGRESS", None),
            event("Topic", "UPDATE_FAILED", Some("Resource update cancelled")),
            event("Queue", "CREATE_FAILED", Some("name taken")),
            event("Stream", "CREATE_FAILED", Some("Resource creation cancelled.")),
            stack_event("UPDATE_ROLLBACK_IN_PROGRESS", Some("[Queue] failed")),
            event("Table", "UPDATE_FAILED", Some("cannot be put back")),
        ];
        let cause = among_resources(&events, STACK_ID).unwrap();
        assert_eq!(cause.to_string(), "Queue (AWS::Test::Thing) CREATE_FAILED: name taken");
    }

    #[test]
    fn a_reason_that_only_mentions_a_cancellation_counts() {
        let reason = "The job was cancelled by its quota";
        let events = [event("Job", "CREATE_FAILED", Some(reason))];
        assert_eq!(among_resources(&events, STACK_ID).unwrap().reason, reason);
    }

    #[test]
    fn the_stacks_own_failure_is_kept_apart() {
        let failed = stack_event("UPDATE_ROLLBACK_FAILED", Some("no permission"));
        let events = [stack_event("UPDATE_IN_PROGRESS", None), failed];
        assert_eq!(among_resources(&events, STACK_ID), None);
        assert_eq!(of_stack(&events, STACK_ID).unwrap().reason, "no permission");
        assert_eq!(of_stack(&events[..1], STACK_ID), None);
    }
}
