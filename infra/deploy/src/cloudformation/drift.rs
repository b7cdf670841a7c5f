//! Drift in plain types: what became of resources without a template saying so.

/// A comparison of a stack's resources with its template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detection {
    /// Still going on.
    Running,
    /// Every resource that can be compared was.
    Complete,
    /// Some resources could not be compared, for this reason; what was found on the others holds.
    Partial(String),
}

/// A resource that is not as its template says, or cannot be compared with it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Drift {
    /// Its name in the template.
    pub logical_id: String,
    /// Its physical id.
    pub physical_id: String,
    /// Its type, such as `AWS::SQS::Queue`.
    pub kind: String,
    /// How it differs.
    pub state: DriftState,
    /// Where it differs.
    pub differences: Vec<Difference>,
}

/// How a resource differs from its template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DriftState {
    /// Some properties have other values.
    Modified,
    /// It is gone.
    Deleted,
    /// The service cannot tell, for this type or at this time.
    Unknown,
}

/// A property whose value is not that of the template.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// Where, such as `Tags.0.Value`.
    pub path: String,
    /// What the template says; `None` where it says nothing.
    pub expected: Option<String>,
    /// What there is; `None` where there is nothing.
    pub actual: Option<String>,
}
