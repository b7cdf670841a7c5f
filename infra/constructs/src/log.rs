//! A log group: encrypted, and with an end.

use infra_core::{Handle, Template};
use infra_resources::{kms, logs};

/// A log group.
pub struct Group<'a> {
    /// The name.
    pub name: String,
    /// The key that encrypts it.
    pub key: &'a Handle<kms::Key>,
    /// Days that events are kept; one of the steps of CloudWatch Logs.
    pub days: u16,
}

impl Group<'_> {
    /// Adds the group; it goes with its stack, since its events end anyway.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<logs::LogGroup> {
        let group = template.add(
            id,
            logs::LogGroup {
                kms_key_id: Some(self.key.arn()),
                log_group_name: Some(self.name.into()),
                retention_in_days: Some(i64::from(self.days).into()),
                ..logs::LogGroup::new()
            },
        );
        template.options(&group).delete();
        group
    }
}
