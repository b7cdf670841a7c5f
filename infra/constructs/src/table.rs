//! A DynamoDB table: encrypted, paid by request, and restorable to any second of the last weeks.

use infra_core::{Handle, Template};
use infra_resources::dynamodb::{self, table};
use infra_resources::kms;

/// A table.
pub struct Table<'a> {
    /// The name.
    pub name: String,
    /// The attribute that an item is found by.
    pub partition_key: Attribute,
    /// The attribute that items of one partition are sorted by.
    pub sort_key: Option<Attribute>,
    /// The key that encrypts it.
    pub key: &'a Handle<kms::Key>,
    /// Whether it outlives its stack, and is protected from deletion by hand.
    pub keep: bool,
}

/// An attribute of a key: its name, and what it holds.
#[derive(Clone, Copy, Debug)]
pub enum Attribute {
    /// A text.
    Text(&'static str),
    /// A number.
    Number(&'static str),
}

impl Attribute {
    fn name(self) -> &'static str {
        match self {
            Attribute::Text(name) | Attribute::Number(name) => name,
        }
    }

    fn definition(self) -> table::AttributeDefinition {
        let kind = match self {
            Attribute::Text(_) => table::AttributeType::S,
            Attribute::Number(_) => table::AttributeType::N,
        };
        table::AttributeDefinition::new(self.name(), kind)
    }
}

impl Table<'_> {
    /// Adds the table.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<dynamodb::Table> {
        let mut key_schema = vec![table::KeySchema::new(self.partition_key.name(), "HASH")];
        key_schema.extend(self.sort_key.map(|key| table::KeySchema::new(key.name(), "RANGE")));
        let attributes = [Some(self.partition_key), self.sort_key].into_iter().flatten();
        let encryption = table::SseSpecification {
            kms_master_key_id: Some(self.key.arn().into()),
            sse_type: Some(table::SseType::Kms.into()),
            ..table::SseSpecification::new(true)
        };
        let recovery = table::PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: Some(true.into()),
            ..table::PointInTimeRecoverySpecification::new()
        };
        let table = template.add(
            id,
            dynamodb::Table {
                attribute_definitions: Some(attributes.map(Attribute::definition).collect()),
                billing_mode: Some(table::BillingMode::PayPerRequest.into()),
                deletion_protection_enabled: self.keep.then(|| true.into()),
                point_in_time_recovery_specification: Some(recovery),
                sse_specification: Some(encryption),
                table_name: Some(self.name.into()),
                ..dynamodb::Table::new(key_schema)
            },
        );
        if !self.keep {
            template.options(&table).delete();
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use infra_core::Template;

    use super::{Attribute, Table};
    use crate::key::Key;

    #[track_caller]
    fn check(sort_key: Option<Attribute>, keep: bool, expected: &[&str]) {
        let mut template = Template::new("a table");
        let key = Key {
            description: "tests".to_owned(),
            alias: "tests".to_owned(),
            keep,
        };
        let key = key.add(&mut template, "Key");
        let table = Table {
            name: "prices".to_owned(),
            partition_key: Attribute::Text("item"),
            sort_key,
            key: &key,
            keep,
        };
        table.add(&mut template, "Prices");
        assert_eq!(template.check(), Ok(()));
        let json = template.to_json();
        for expected in expected {
            assert!(json.contains(expected), "{expected} is not in {json}");
        }
    }

    #[test]
    fn a_key_of_one_attribute() {
        check(
            None,
            false,
            &[
                r#""KeySchema":[{"AttributeName":"item","KeyType":"HASH"}]"#,
                r#""AttributeDefinitions":[{"AttributeName":"item","AttributeType":"S"}]"#,
                r#""Prices":{"Type":"AWS::DynamoDB::Table","DeletionPolicy":"Delete""#,
                r#""PointInTimeRecoveryEnabled":true"#,
            ],
        );
    }

    #[test]
    fn a_sorted_partition_of_a_table_that_stays() {
        check(
            Some(Attribute::Number("at")),
            true,
            &[
                r#"{"AttributeName":"item","KeyType":"HASH"},{"AttributeName":"at","KeyType":"RANGE"}"#,
                r#"{"AttributeName":"at","AttributeType":"N"}"#,
                r#""Prices":{"Type":"AWS::DynamoDB::Table","DeletionPolicy":"Retain""#,
                r#""DeletionProtectionEnabled":true"#,
            ],
        );
    }
}
