//! A DynamoDB table: encrypted, paid by request, and restorable to any second of the last weeks.
//!
//! What a table is made of beyond its key is set by update:
//! `Table { sort_key, ..Table::new(name, partition_key, &key) }`.

use contract_kit::{Grant, operation};
use infra_core::{Handle, Template};
use infra_resources::dynamodb::{self, table};
use infra_resources::kms;

use crate::grant::{self, Scope};

/// A table.
pub struct Table<'a> {
    /// The name.
    pub name: String,
    /// The attribute that an item is found by.
    pub partition_key: Attribute,
    /// The attribute that items of one partition are sorted by.
    pub sort_key: Option<Attribute>,
    /// Other ways to find its items; each takes every write again.
    pub indexes: &'a [Index],
    /// The attribute that says when an item may go, in seconds since 1970; without it none goes.
    pub expires: Option<&'static str>,
    /// Whether its changes can be read as a stream, each with the item before and after it.
    pub changes: bool,
    /// The key that encrypts it.
    pub key: &'a Handle<kms::Key>,
    /// Whether it outlives its stack, and is protected from deletion by hand.
    pub keep: bool,
}

/// An index over a whole table: items that have its keys, with all their attributes.
#[derive(Clone, Copy, Debug)]
pub struct Index {
    /// The name.
    pub name: &'static str,
    /// The attribute that an item is found by.
    pub partition_key: Attribute,
    /// The attribute that items of one partition are sorted by.
    pub sort_key: Option<Attribute>,
}

/// An attribute of a key: its name, and what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl<'a> Table<'a> {
    /// A table with a partition key and nothing else, which goes with its stack.
    pub fn new(name: String, partition_key: Attribute, key: &'a Handle<kms::Key>) -> Self {
        Table {
            name,
            partition_key,
            sort_key: None,
            indexes: &[],
            expires: None,
            changes: false,
            key,
            keep: false,
        }
    }

    /// Adds the table.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<dynamodb::Table> {
        let key_schema = keys(self.partition_key, self.sort_key);
        let key_schema = key_schema.map(|(name, role)| table::KeySchema::new(name, role));
        let attributes = self.attributes().into_iter().map(Attribute::definition).collect();
        let indexes: Vec<_> = self.indexes.iter().map(Index::property).collect();
        let changes = self
            .changes
            .then(|| table::StreamSpecification::new(table::StreamViewType::NewAndOldImages));
        let expires = self.expires.map(|attribute| table::TimeToLiveSpecification {
            attribute_name: Some(attribute.into()),
            ..table::TimeToLiveSpecification::new(true)
        });
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
                attribute_definitions: Some(attributes),
                billing_mode: Some(table::BillingMode::PayPerRequest.into()),
                deletion_protection_enabled: self.keep.then(|| true.into()),
                global_secondary_indexes: (!indexes.is_empty()).then_some(indexes),
                point_in_time_recovery_specification: Some(recovery),
                sse_specification: Some(encryption),
                stream_specification: changes,
                table_name: Some(self.name.into()),
                time_to_live_specification: expires,
                ..dynamodb::Table::new(key_schema.collect())
            },
        );
        if !self.keep {
            template.options(&table).delete();
        }
        table
    }

    /// The attributes of all keys, each once: DynamoDB wants to know these and no others.
    fn attributes(&self) -> Vec<Attribute> {
        let indexes = self.indexes.iter();
        let keys = indexes.flat_map(|index| [Some(index.partition_key), index.sort_key]);
        let keys = [Some(self.partition_key), self.sort_key]
            .into_iter()
            .chain(keys)
            .flatten();
        let mut attributes = Vec::new();
        for key in keys {
            if !attributes.contains(&key) {
                attributes.push(key);
            }
        }
        attributes
    }
}

impl Index {
    fn property(&self) -> table::GlobalSecondaryIndex {
        let projection = table::Projection {
            projection_type: Some(table::ProjectionType::All.into()),
            ..table::Projection::new()
        };
        let keys = keys(self.partition_key, self.sort_key)
            .map(|(name, role)| table::GlobalSecondaryIndexKeySchema::new(name, role));
        table::GlobalSecondaryIndex::new(self.name, keys.collect(), projection)
    }
}

contract_kit::needs! {
    /// What DynamoDB calls with the role of whoever reads or writes an encrypted table.
    OpenNeeds { open: operation::kms::Key [DECRYPT] }
}

/// What a role must be given beside its calls on a table that this key encrypts; the role of a
/// [`Function`](crate::function::Function) with the same key has it.
pub fn open(key: &Handle<kms::Key>) -> Vec<Grant<Scope>> {
    OpenNeeds {
        open: grant::through(key.arn(), "dynamodb"),
    }
    .grants()
}

/// The attributes of a key, each with its part in it.
fn keys(partition_key: Attribute, sort_key: Option<Attribute>) -> impl Iterator<Item = (&'static str, &'static str)> {
    let sort_key = sort_key.map(|key| (key.name(), "RANGE"));
    [(partition_key.name(), "HASH")].into_iter().chain(sort_key)
}

#[cfg(test)]
mod tests {
    use infra_core::Template;

    use super::{Attribute, Index, Table};
    use crate::key::Key;

    #[track_caller]
    fn check(edit: impl for<'a> FnOnce(&mut Table<'a>), indexes: &[Index], expected: &[&str]) {
        let mut template = Template::new("a table");
        let key = Key {
            description: "tests".to_owned(),
            alias: "tests".to_owned(),
            keep: false,
        };
        let key = key.add(&mut template, "Key");
        let mut table = Table {
            indexes,
            ..Table::new("prices".to_owned(), Attribute::Text("item"), &key)
        };
        edit(&mut table);
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
            |_| {},
            &[],
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
            |table| {
                table.sort_key = Some(Attribute::Number("at"));
                table.keep = true;
            },
            &[],
            &[
                r#"{"AttributeName":"item","KeyType":"HASH"},{"AttributeName":"at","KeyType":"RANGE"}"#,
                r#"{"AttributeName":"at","AttributeType":"N"}"#,
                r#""Prices":{"Type":"AWS::DynamoDB::Table","DeletionPolicy":"Retain""#,
                r#""DeletionProtectionEnabled":true"#,
            ],
        );
    }

    #[test]
    fn the_keys_of_indexes_are_declared_once() {
        let indexes = [
            Index {
                name: "by-day",
                partition_key: Attribute::Text("day"),
                sort_key: Some(Attribute::Text("item")),
            },
            Index {
                name: "by-shop",
                partition_key: Attribute::Text("shop"),
                sort_key: None,
            },
        ];
        let definitions = concat!(
            r#""AttributeDefinitions":[{"AttributeName":"item","AttributeType":"S"},"#,
            r#"{"AttributeName":"day","AttributeType":"S"},{"AttributeName":"shop","AttributeType":"S"}]"#,
        );
        let by_day = concat!(
            r#"{"IndexName":"by-day","KeySchema":[{"AttributeName":"day","KeyType":"HASH"},"#,
            r#"{"AttributeName":"item","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}}"#,
        );
        check(|_| {}, &indexes, &[definitions, by_day]);
    }

    #[test]
    fn changes_and_expiry_are_asked_for() {
        check(
            |table| {
                table.expires = Some("ttl");
                table.changes = true;
            },
            &[],
            &[
                r#""TimeToLiveSpecification":{"AttributeName":"ttl","Enabled":true}"#,
                r#""StreamSpecification":{"StreamViewType":"NEW_AND_OLD_IMAGES"}"#,
            ],
        );
    }
}
