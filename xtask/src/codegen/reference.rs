//! Which properties hold the ARN, the name or the id of which resource.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{model::Rust, schema::text};

/// Property types that are written by hand in `infra-resources`, because several kinds of value fit.
const HAND_WRITTEN: &[&str] = &["AnyFunction", "AnyKey"];

/// The generated types: `AWS::IAM::Role` to `iam::Role`.
pub(super) struct Targets(pub(super) BTreeMap<String, String>);

impl Targets {
    /// Reads a Rust type of the overlay: `Arn<iam::Role>`, `AnyArn`, `policy`, `Map<String>`.
    pub(super) fn parse(&self, rust: &str) -> Result<Rust> {
        if HAND_WRITTEN.contains(&rust) {
            return Ok(Rust::Plain(format!("crate::{rust}")));
        }
        match rust {
            "policy" => return Ok(Rust::Plain("policy::Document".to_owned())),
            "json" => return Ok(Rust::Plain("Json".to_owned())),
            "Map<String>" => return Ok(Rust::Plain("Vec<(String, Value<String>)>".to_owned())),
            "String" | "AnyArn" | "i64" | "bool" => return Ok(Rust::Value(rust.to_owned())),
            _ => {}
        }
        let inner = rust.strip_suffix('>').and_then(|rest| rest.split_once('<'));
        match inner {
            Some((kind @ ("Arn" | "Name" | "Id" | "Url"), path)) if self.0.values().any(|known| known == path) => {
                Ok(Rust::Value(format!("{kind}<crate::{path}>")))
            }
            _ => bail!(
                "overlay.toml has the type `{rust}`, which is neither a kind of reference to a generated type nor known otherwise"
            ),
        }
    }

    /// What `format` and `relationshipRef` say about a text; a reference of a type to itself, in the
    /// schema of `own_type`, is how it is named and not a reference.
    pub(super) fn marked(&self, node: &Value, own_type: &str) -> Result<Option<Rust>> {
        let alternatives = node.get("anyOf").and_then(Value::as_array);
        let nodes: Vec<&Value> = std::iter::once(node)
            .chain(alternatives.into_iter().flatten())
            .collect();
        let marks: Vec<(String, &str)> = nodes.iter().filter_map(|node| mark(node)).collect();
        let is_key = |(target, kind): &(String, &str)| target == "AWS::KMS::Key" && *kind == "Id";
        if own_type != "AWS::KMS::Key" && marks.iter().any(is_key) {
            return self.parse("AnyKey").map(Some);
        }
        let mut known = marks
            .iter()
            .filter(|(target, _)| target != own_type && self.0.contains_key(target));
        match (known.next(), known.next()) {
            // Two different targets: only the overlay can say which type takes both.
            (Some((target, kind)), None) => {
                let path = self.0.get(target).context("a known target has a path")?;
                self.parse(&format!("{kind}<{path}>")).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// Target type and kind of reference of one `format` or `relationshipRef`.
fn mark(node: &Value) -> Option<(String, &'static str)> {
    if let Some(relation) = node.get("relationshipRef") {
        let property = text(relation, "propertyPath")?.trim_start_matches("/properties/");
        return Some((text(relation, "typeName")?.to_owned(), kind(property)?));
    }
    let (target, property) = text(node, "format")?.split_once('.')?;
    // Formats call the service by its short name.
    let target = target.replace("AWS::ACM::", "AWS::CertificateManager::");
    Some((target, kind(property)?))
}

fn kind(property: &str) -> Option<&'static str> {
    let ends = |suffix: &str| property.ends_with(suffix);
    match property {
        _ if ends("Arn") => Some("Arn"),
        _ if ends("Id") || ends("Ids") => Some("Id"),
        _ if ends("Name") => Some("Name"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Rust, Targets};

    fn targets() -> Targets {
        let known = [
            ("AWS::IAM::Role", "iam::Role"),
            ("AWS::KMS::Key", "kms::Key"),
            ("AWS::EC2::Subnet", "ec2::Subnet"),
            (
                "AWS::CertificateManager::Certificate",
                "certificate_manager::Certificate",
            ),
        ];
        Targets(known.map(|(name, path)| (name.to_owned(), path.to_owned())).into())
    }

    #[track_caller]
    fn check(node: serde_json::Value, expected: Option<Rust>) {
        assert_eq!(targets().marked(&node, "AWS::Unit::Thing").unwrap(), expected);
    }

    #[test]
    fn formats_and_relations_name_their_target() {
        let value = |rust: &str| Some(Rust::Value(rust.to_owned()));
        check(json!({"format": "AWS::IAM::Role.Arn"}), value("Arn<crate::iam::Role>"));
        check(
            json!({"format": "AWS::EC2::Subnet.Ids"}),
            value("Id<crate::ec2::Subnet>"),
        );
        let relation = json!({"typeName": "AWS::EC2::Subnet", "propertyPath": "/properties/SubnetId"});
        check(json!({"relationshipRef": relation}), value("Id<crate::ec2::Subnet>"));
        check(
            json!({"format": "AWS::ACM::Certificate.Arn"}),
            value("Arn<crate::certificate_manager::Certificate>"),
        );
        check(json!({"format": "AWS::MSK::Cluster.Arn"}), None);
        check(json!({"format": "ipv4-network"}), None);
    }

    #[test]
    fn a_key_may_be_given_in_several_ways() {
        let either = json!({"anyOf": [{"format": "AWS::KMS::Key.Arn"}, {"format": "AWS::KMS::Key.Id"}]});
        check(either, Some(Rust::Plain("crate::AnyKey".to_owned())));
        check(
            json!({"format": "AWS::KMS::Key.Arn"}),
            Some(Rust::Value("Arn<crate::kms::Key>".to_owned())),
        );
    }

    #[test]
    fn the_name_of_the_type_itself_is_a_plain_text() {
        let node = json!({"format": "AWS::IAM::Role.Name"});
        assert_eq!(targets().marked(&node, "AWS::IAM::Role").unwrap(), None);
    }

    #[test]
    fn an_unknown_type_in_the_overlay_is_an_error() {
        assert!(targets().parse("Arn<iam::Rolle>").is_err());
        assert!(targets().parse("Value<String>").is_err());
    }
}
