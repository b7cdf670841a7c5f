//! Stack refactors: resources get other logical ids and stay what they are.

use super::Template;

/// A refactor to be made.
#[derive(Debug, Clone)]
pub struct NewRefactor {
    /// Name of the stack.
    pub stack: String,
    /// The template that the stack has, with other logical ids and nothing else changed.
    pub template: Template,
    /// The old and the new logical id of each resource.
    pub moves: Vec<(String, String)>,
}

/// A refactor as CloudFormation describes it.
#[derive(Debug, Clone)]
pub struct Refactor {
    /// How far the service is with it.
    pub state: RefactorState,
    /// The service's words on the state.
    pub reason: Option<String>,
}

/// How far the service is with a refactor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefactorState {
    /// It is being worked out.
    Pending,
    /// It can be executed.
    Ready,
    /// It is being carried out, or undone.
    Running,
    /// It has been carried out.
    Done,
    /// It cannot be carried out, or was undone.
    Failed,
}
