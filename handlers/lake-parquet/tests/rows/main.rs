//! What readers get back, against what the transform and `serde_json` make of the same records.

mod events;
mod members;
mod object;
#[path = "../../../lake/src/generate.rs"]
mod texts;
