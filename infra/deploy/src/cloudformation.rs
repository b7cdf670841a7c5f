//! The port to CloudFormation: the few operations that the engine needs, in plain types.
//!
//! [`sdk::Sdk`] speaks to the service (or to a local cloud, by the same calls).

mod change;
mod drift;
mod refactor;

pub mod sdk;

#[cfg(test)]
pub(crate) mod fake;

pub use change::{
    Action, Argument, Change, ChangeSet, ChangeSetIds, ChangeSetState, Mode, NewChangeSet, Property, Replacement,
    RollbackAlarms, Template,
};
pub use drift::{Detection, Difference, Drift, DriftState};
pub use refactor::{NewRefactor, Refactor, RefactorState};

use crate::error::Error;
use std::time::Duration;

/// What the engine asks of CloudFormation.
///
/// A stack is named by its name until its first description, then by its id: a name can come to
/// mean another stack while an operation runs, an id cannot.
#[expect(
    async_fn_in_trait,
    reason = "the engine runs on one thread and asks for no Send futures"
)]
pub trait CloudFormation {
    /// The stack of this name or id, or `None` where CloudFormation knows none.
    async fn stack(&self, stack: &str) -> Result<Option<Stack>, Error>;
    /// Asks for a change set; it is built in the background.
    async fn create_change_set(&self, wanted: &NewChangeSet) -> Result<ChangeSetIds, Error>;
    /// One page of a change set, from the start or from a page mark; with the values of its
    /// properties, which the service cannot always give, or without.
    async fn change_set(&self, id: &str, page: Option<&str>, values: bool) -> Result<ChangeSet, Error>;
    /// Deletes a change set; one that does not exist is no error.
    async fn delete_change_set(&self, stack: &str, name: &str) -> Result<(), Error>;
    /// What the checks found that CloudFormation runs before it touches a resource.
    async fn findings(&self, scope: Scope<'_>) -> Result<Vec<Finding>, Error>;
    /// Starts to carry out a change set.
    async fn execute_change_set(&self, id: &str, token: &str) -> Result<(), Error>;
    /// Asks for a refactor and gives back the id to ask with; it is worked out in the background.
    async fn create_refactor(&self, wanted: &NewRefactor) -> Result<String, Error>;
    /// How far that is.
    async fn refactor(&self, id: &str) -> Result<Refactor, Error>;
    /// Starts to carry out a refactor.
    async fn execute_refactor(&self, id: &str) -> Result<(), Error>;
    /// Starts to undo once more an update whose undoing failed, leaving these resources as they
    /// are.
    async fn continue_rollback(&self, stack: &str, skip: &[String], token: &str) -> Result<(), Error>;
    /// Starts to undo an update that failed and was left standing.
    async fn roll_back(&self, stack: &str, token: &str) -> Result<(), Error>;
    /// Has the service refuse to delete a stack, or no longer.
    async fn protect(&self, stack: &str, protected: bool) -> Result<(), Error>;
    /// Starts to delete a stack.
    async fn delete_stack(&self, stack: &str, token: &str) -> Result<(), Error>;
    /// One page of a stack's events, newest first.
    async fn events(&self, stack: &str, page: Option<&str>) -> Result<Page<Event>, Error>;
    /// One page of a stack's resources.
    async fn resources(&self, stack: &str, page: Option<&str>) -> Result<Page<Resource>, Error>;
    /// Starts to compare a stack's resources with its template; gives back the id to ask with.
    async fn detect_drift(&self, stack: &str) -> Result<String, Error>;
    /// How far that is.
    async fn drift_detection(&self, id: &str) -> Result<Detection, Error>;
    /// One page of what the last comparison found, resources in their place left out.
    async fn drifts(&self, stack: &str, page: Option<&str>) -> Result<Page<Drift>, Error>;
    /// One page of the names of the stacks that import an export.
    async fn importers(&self, export: &str, page: Option<&str>) -> Result<Page<String>, Error>;
    /// The template that the stack was last deployed from, as it was sent.
    async fn template(&self, stack: &str) -> Result<String, Error>;
}

/// Part of a listing.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The items of this part, in the service's order.
    pub items: Vec<T>,
    /// The mark to ask for the next part with; `None` on the last one.
    pub next: Option<String>,
}

/// A stack as CloudFormation describes it.
#[derive(Debug, Clone)]
pub struct Stack {
    /// The stack's ARN.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub status: Status,
    /// The service's words on the status, often empty.
    pub reason: Option<String>,
    /// Names of the parameters that it has values of.
    pub parameters: Vec<String>,
    /// Output key and value, in the service's order.
    pub outputs: Vec<(String, String)>,
    /// Output key and export name of those that it exports.
    pub exports: Vec<(String, String)>,
    /// Whether the service refuses to delete it.
    pub protected: bool,
    /// Whether its last operation ran in EXPRESS mode.
    pub express: bool,
}

/// A stack's or a resource's status, as CloudFormation spells it.
///
/// Kept as text because the service adds statuses; every decision on the text is made here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status(pub String);

/// What can be done with a stack in its present status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// There is nothing but a name: a change set was made and never executed, or all is deleted.
    Absent,
    /// An operation is running.
    Busy,
    /// The stack stands and takes an update.
    Ready,
    /// Its creation failed; it takes nothing but a deletion.
    Stillborn,
    /// Its deletion failed; it takes nothing but another deletion.
    HalfDeleted,
    /// A rollback of it failed, and a person has to continue it.
    Stuck,
}

impl Status {
    /// What can be done with a stack in this status.
    pub fn standing(&self) -> Standing {
        match self.0.as_str() {
            "REVIEW_IN_PROGRESS" | "DELETE_COMPLETE" => Standing::Absent,
            "CREATE_FAILED" | "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" => Standing::Stillborn,
            "DELETE_FAILED" => Standing::HalfDeleted,
            other if other.ends_with("_IN_PROGRESS") => Standing::Busy,
            other if other.ends_with("_FAILED") => Standing::Stuck,
            _ => Standing::Ready,
        }
    }

    /// Whether a resource has come to rest in this status.
    pub fn is_final(&self) -> bool {
        !self.0.ends_with("_IN_PROGRESS")
    }

    /// Whether something failed.
    pub fn is_failure(&self) -> bool {
        self.0.ends_with("_FAILED")
    }

    /// Whether this status belongs to the undoing of an operation.
    pub fn is_rollback(&self) -> bool {
        self.0.contains("ROLLBACK")
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.pad(&self.0)
    }
}

/// Whose findings are asked for.
#[derive(Debug, Clone, Copy)]
pub enum Scope<'a> {
    /// Those on a change set, by its ARN.
    ChangeSet(&'a str),
    /// Those on all operations of a stack, by its ARN.
    Stack(&'a str),
}

/// A finding of the checks that CloudFormation runs before it touches a resource.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Time since the Unix epoch, by the service's clock.
    pub at: Duration,
    /// The resource's name in the template.
    pub logical_id: String,
    /// Its type.
    pub kind: String,
    /// Where in the template, such as `/Resources/Queue`.
    pub path: String,
    /// What is wrong.
    pub reason: String,
}

impl Finding {
    /// The resource that it is about. Some checks give a path into the template and nothing else.
    pub fn resource(&self) -> &str {
        let on_path = || self.path.strip_prefix("/Resources/")?.split('/').next();
        match self.logical_id.as_str() {
            "" => on_path().unwrap_or_default(),
            id => id,
        }
    }
}

/// One line of a stack's history.
#[derive(Debug, Clone)]
pub struct Event {
    /// Unique id.
    pub id: String,
    /// Time since the Unix epoch, by the service's clock.
    pub at: Duration,
    /// The resource's name in the template; the stack's own name for the stack.
    pub logical_id: String,
    /// Physical id; the stack's ARN for the stack.
    pub physical_id: String,
    /// Resource type.
    pub kind: String,
    /// The resource's new status.
    pub status: Status,
    /// The service's words on it.
    pub reason: Option<String>,
}

impl Event {
    /// Whether the event speaks of the stack itself and not of a resource in it.
    pub fn is_of_stack(&self, stack_id: &str) -> bool {
        self.physical_id == stack_id
    }
}

/// A resource of a stack.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Its name in the template.
    pub logical_id: String,
    /// Physical id, empty where it was never made.
    pub physical_id: String,
    /// Resource type.
    pub kind: String,
    /// Its status.
    pub status: Status,
}

#[cfg(test)]
mod tests {
    use super::{Standing, Status};

    #[test]
    fn every_stack_status_has_one_standing() {
        for (status, standing) in [
            ("REVIEW_IN_PROGRESS", Standing::Absent),
            ("DELETE_COMPLETE", Standing::Absent),
            ("CREATE_IN_PROGRESS", Standing::Busy),
            ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", Standing::Busy),
            ("UPDATE_ROLLBACK_IN_PROGRESS", Standing::Busy),
            ("CREATE_COMPLETE", Standing::Ready),
            ("UPDATE_COMPLETE", Standing::Ready),
            ("UPDATE_ROLLBACK_COMPLETE", Standing::Ready),
            ("IMPORT_ROLLBACK_COMPLETE", Standing::Ready),
            ("CREATE_FAILED", Standing::Stillborn),
            ("ROLLBACK_COMPLETE", Standing::Stillborn),
            ("ROLLBACK_FAILED", Standing::Stillborn),
            ("DELETE_FAILED", Standing::HalfDeleted),
            ("UPDATE_FAILED", Standing::Stuck),
            ("UPDATE_ROLLBACK_FAILED", Standing::Stuck),
        ] {
            assert_eq!(Status(status.to_owned()).standing(), standing, "standing of {status}");
        }
    }
}
