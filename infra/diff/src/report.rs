//! Differences of several stacks in the format that is asked for.

use clap::ValueEnum;

use crate::diff::Diff;
use crate::markdown;
use crate::text::{self, Ink};

/// How differences are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal
    #[default]
    Text,
    /// For scripts: a list with one object per stack
    Json,
    /// For a pull request
    Markdown,
}

/// The differences as a text that ends with its last line.
pub fn write(diffs: &[Diff], format: Format, ink: Ink) -> String {
    let texts = match format {
        Format::Text => diffs.iter().map(|diff| text::write(diff, ink)).collect::<Vec<_>>(),
        Format::Markdown => diffs.iter().map(markdown::write).collect(),
        Format::Json => vec![format!("{:#}\n", serde_json::json!(diffs))],
    };
    texts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Format, write};
    use crate::diff::Diff;
    use crate::template::yaml;
    use crate::text::Ink;
    use serde_json::{Value, json};

    #[test]
    fn scripts_get_all_that_people_see() {
        let before = yaml("Resources: {Topic: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: a}}}");
        let after = yaml("Resources: {Topic: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: b}}}");
        let diff = Diff::between("lake", &before, &after, &[]);
        let said: Value = serde_json::from_str(&write(&[diff], Format::Json, Ink::Plain)).unwrap();
        assert_eq!(
            said,
            json!([{
                "stack": "lake",
                "resources": [{
                    "id": "Topic", "type": "AWS::SNS::Topic", "impact": "update", "fate": "nothing",
                    "properties": [{"path": "DisplayName", "before": "a", "after": "b", "replacement": "no"}],
                    "attributes": [], "follows": [],
                }],
                "statements": [], "rules": [], "sections": [], "suspects": [],
            }])
        );
    }

    #[test]
    fn stacks_stand_apart() {
        let [one, two] = ["one", "two"].map(|stack| Diff::between(stack, &yaml("{}"), &yaml("{}"), &[]));
        assert_eq!(
            write(&[one, two], Format::Text, Ink::Plain),
            "one: no changes\n\ntwo: no changes\n"
        );
    }
}
