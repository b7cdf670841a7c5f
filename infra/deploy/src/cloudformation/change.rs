//! Change sets in plain types.

/// A change set to be made.
#[derive(Debug, Clone)]
pub struct NewChangeSet {
    /// Name of the stack.
    pub stack: String,
    /// Name of the change set.
    pub name: String,
    /// Whether the stack is to be created; else it is updated.
    pub create: bool,
    /// The template.
    pub template: Template,
    /// Parameters of the template that do not have their defaults.
    pub parameters: Vec<(String, Argument)>,
    /// Tags of the stack, which CloudFormation puts on its resources too.
    pub tags: Vec<(String, String)>,
    /// How it is to be carried out.
    pub mode: Mode,
    /// What undoes it once it is carried out.
    pub alarms: RollbackAlarms,
    /// Makes a repeated request count once.
    pub token: String,
}

/// What a parameter is set to.
#[derive(Clone, PartialEq, Eq)]
pub enum Argument {
    /// This text.
    Given(String),
    /// The value that the stack has already, and does not tell.
    Held,
}

impl std::fmt::Debug for Argument {
    /// Without the text, which may be a secret.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Argument::Given(_) => "Given(..)",
            Argument::Held => "Held",
        })
    }
}

/// How a change set is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Every resource is waited for until it works; a failure is rolled back.
    #[default]
    Standard,
    /// Done as soon as the settings are applied, while resources still settle.
    Express {
        /// Whether a failure is rolled back all the same.
        rollback: bool,
    },
    /// Resources that somebody changed by hand are put back, too.
    RevertDrift,
}

impl Mode {
    /// Whether a failure leaves the stack where it stopped. EXPRESS turns rolling back off unless
    /// it is asked for; every decision on it is made by this answer.
    pub fn rollback_disabled(self) -> bool {
        self == Mode::Express { rollback: false }
    }
}

/// Alarms that roll an update back when they go off.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RollbackAlarms {
    /// How long they are watched after the update, 0 to 180 minutes.
    pub minutes: u16,
    /// Their ARNs, at most [`RollbackAlarms::MOST`].
    pub arns: Vec<String>,
}

impl RollbackAlarms {
    /// Most alarms that one stack can be watched by (API reference, `RollbackConfiguration`).
    pub const MOST: usize = 5;
}

/// How a template reaches CloudFormation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Template {
    /// In the request itself.
    Inline(String),
    /// From this address of an object in S3.
    Url(String),
}

/// What CloudFormation calls a change set and its stack.
#[derive(Debug, Clone)]
pub struct ChangeSetIds {
    /// ARN of the change set.
    pub id: String,
    /// ARN of the stack.
    pub stack_id: String,
}

/// One page of a change set.
#[derive(Debug, Clone)]
pub struct ChangeSet {
    /// How far the service is with it.
    pub state: ChangeSetState,
    /// The service's words on the state.
    pub reason: Option<String>,
    /// The changes on this page.
    pub changes: Vec<Change>,
    /// The mark of the next page.
    pub next: Option<String>,
}

/// How far the service is with a change set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeSetState {
    /// Still being worked out.
    Pending,
    /// Can be executed.
    Ready,
    /// Cannot be executed; also what a change set without changes ends as.
    Failed,
}

/// What a change set would do to one resource.
#[derive(Debug, Clone)]
pub struct Change {
    /// The kind of change.
    pub action: Action,
    /// The resource's name in the template; `Parent/Child` for one of a nested stack.
    pub logical_id: String,
    /// Its type, such as `AWS::SQS::Queue`.
    pub kind: String,
    /// Whether the resource is replaced by a new one.
    pub replacement: Replacement,
    /// Whether the service would keep what it takes out of the stack.
    pub retained: bool,
    /// The properties that change.
    pub properties: Vec<Property>,
    /// Whether it changes only if a value of another resource comes out different, which for most
    /// listed ones never happens.
    pub contingent: bool,
    /// The change set of the nested stack that this resource is.
    pub nested: Option<String>,
}

/// A property that changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Property {
    /// Its name, or its path where the service gives one: `Tags.0.Value`.
    pub path: String,
    /// The value that it has; `None` where there is none, or it was not given.
    pub before: Option<String>,
    /// The value that it gets, likewise.
    pub after: Option<String>,
}

impl Property {
    /// The property of the resource that the path begins with.
    pub fn name(&self) -> &str {
        self.path.split('.').next().unwrap_or_default()
    }
}

/// The kind of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A new resource.
    Add,
    /// Another value of a property.
    Modify,
    /// Taken out of the stack.
    Remove,
    /// Taken into the stack as it stands.
    Import,
    /// Not known before the execution.
    Dynamic,
}

/// Whether a modified resource is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacement {
    /// It stays.
    No,
    /// It depends on values that are known only when the change set is executed.
    Perhaps,
    /// A new one takes its place.
    Yes,
}
