//! The partitions of a dataset's tables, in Glue.
//!
//! Calls are signed by hand, see [`lambda_kit::json`]. A partition repeats its table's description,
//! columns and all; it is read with every change, so that a table that was changed under a warm
//! function is repeated as it is.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use lake::Hour;
use lake::compact::{Catalog, Fault};
use lambda_kit::json::{CallError, Client};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most partitions in one call (`BatchCreatePartition`).
const PARTITIONS: usize = 100;

/// What Glue says of a table or a partition that it does not have.
const NOT_FOUND: &str = "EntityNotFoundException";
/// What it says of a partition that it has.
const FOUND: &str = "AlreadyExistsException";

/// The tables, by their names in one database.
#[derive(Debug, Clone)]
pub struct Tables {
    /// The database.
    pub database: String,
    /// The table that people query.
    pub table: String,
    /// The table of raw objects.
    pub raw: String,
    /// The table that generations are written through; a function that writes none has none.
    pub generations: Option<String>,
}

/// Glue's catalog.
#[derive(Debug)]
pub struct Glue {
    client: Client,
    tables: Tables,
}

/// Where and how objects are stored: the place is ours to choose, the rest is repeated as it was
/// read, whatever Glue adds to it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Storage {
    #[serde(rename = "Location", default)]
    location: String,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    storage_descriptor: Storage,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TableAnswer {
    table: Described,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PartitionAnswer {
    partition: Described,
}

/// The partitions that were not made.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BatchAnswer {
    #[serde(default)]
    errors: Vec<BatchError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BatchError {
    #[serde(default)]
    partition_values: Vec<String>,
    error_detail: ErrorDetail,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorDetail {
    #[serde(default)]
    error_code: String,
    #[serde(default)]
    error_message: String,
}

/// An answer of which nothing is read.
#[derive(Deserialize)]
struct Done {}

/// A call's members, of which each has some.
#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Request<'r> {
    database_name: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    table_name: Option<&'r str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    partition_values: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    partition_value_list: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partition_input: Option<PartitionInput>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    partition_input_list: Vec<PartitionInput>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PartitionInput {
    values: Vec<String>,
    storage_descriptor: Storage,
}

impl Glue {
    /// These tables of the catalog.
    #[must_use]
    pub fn new(config: &SdkConfig, tables: Tables) -> Self {
        Glue {
            client: Client::new(config, "glue"),
            tables,
        }
    }

    fn request<'r>(&'r self, table: &'r str) -> Request<'r> {
        Request {
            database_name: &self.tables.database,
            table_name: Some(table),
            ..Request::default()
        }
    }

    async fn storage(&self, table: &str) -> Result<Storage, Fault> {
        let request = Request {
            table_name: None,
            name: Some(table),
            ..self.request(table)
        };
        let answer: TableAnswer = self.client.call("AWSGlue.GetTable", &request).await.map_err(fault)?;
        Ok(answer.table.storage_descriptor)
    }

    async fn register_in(&self, table: &str, hours: &[Hour]) -> Result<(), Fault> {
        let storage = self.storage(table).await?;
        let root = storage.location.trim_end_matches('/');
        for hours in hours.chunks(PARTITIONS) {
            let input = |hour: &Hour| PartitionInput {
                values: values(*hour),
                storage_descriptor: Storage {
                    location: format!("{root}/{hour}/"),
                    rest: storage.rest.clone(),
                },
            };
            let request = Request {
                partition_input_list: hours.iter().map(input).collect(),
                ..self.request(table)
            };
            let answer = self.client.call("AWSGlue.BatchCreatePartition", &request).await;
            let BatchAnswer { errors } = answer.map_err(fault)?;
            let mut refused = errors.iter().filter(|error| error.error_detail.error_code != FOUND);
            if let Some(BatchError {
                partition_values,
                error_detail,
            }) = refused.next()
            {
                let ErrorDetail {
                    error_code,
                    error_message,
                } = error_detail;
                let partition = partition_values.join("/");
                tracing::error!(table, partition, error_code, error_message, "a partition is not made");
                return Err(Fault);
            }
        }
        Ok(())
    }
}

impl Catalog for Glue {
    async fn register(&self, hours: &[Hour]) -> Result<(), Fault> {
        for table in [&self.tables.raw, &self.tables.table] {
            self.register_in(table, hours).await?;
        }
        Ok(())
    }

    async fn location(&self, hour: Hour) -> Result<Option<String>, Fault> {
        let request = Request {
            partition_values: values(hour),
            ..self.request(&self.tables.table)
        };
        match self.client.call("AWSGlue.GetPartition", &request).await {
            Ok(PartitionAnswer { partition }) => {
                let location = partition.storage_descriptor.location;
                Ok(Some(format!("{}/", location.trim_end_matches('/'))))
            }
            Err(error) if error.is(NOT_FOUND) => Ok(None),
            Err(error) => Err(fault(error)),
        }
    }

    async fn publish(&self, hour: Hour, location: &str) -> Result<(), Fault> {
        let storage = self.storage(&self.tables.table).await?;
        let request = Request {
            partition_value_list: values(hour),
            partition_input: Some(PartitionInput {
                values: values(hour),
                storage_descriptor: Storage {
                    location: location.to_owned(),
                    ..storage
                },
            }),
            ..self.request(&self.tables.table)
        };
        let answer = self.client.call("AWSGlue.UpdatePartition", &request).await;
        answer.map(|Done {}| ()).map_err(fault)
    }

    async fn drop_generation(&self, hour: Hour, generation: &str) -> Result<(), Fault> {
        let Some(table) = &self.tables.generations else {
            return Ok(());
        };
        let mut partition_values = values(hour);
        partition_values.push(generation.to_owned());
        let request = Request {
            partition_values,
            ..self.request(table)
        };
        match self.client.call("AWSGlue.DeletePartition", &request).await {
            Ok(Done {}) => Ok(()),
            Err(error) if error.is(NOT_FOUND) => Ok(()),
            Err(error) => Err(fault(error)),
        }
    }
}

fn values(hour: Hour) -> Vec<String> {
    hour.partition().map(|(_, value)| value).into()
}

fn fault(error: CallError) -> Fault {
    let source = std::error::Error::source(&error).map(ToString::to_string);
    tracing::error!(%error, source, "the catalog does not do what it was asked");
    Fault
}

#[cfg(test)]
mod tests {
    use lake::Hour;
    use serde_json::json;

    use super::{BatchAnswer, PartitionInput, Request, Storage, TableAnswer, values};

    #[test]
    fn a_partition_repeats_its_table_but_for_the_place() {
        let storage = json!({
            "Columns": [{ "Name": "event_uuid", "Type": "string" }], "Location": "s3://b/raw/events/",
            "SerdeInfo": { "Parameters": { "serialization.format": "1" } }, "AddedByGlueLater": { "deep": [1] },
        });
        let answer = json!({ "Table": { "Name": "events", "CreateTime": 1.5, "StorageDescriptor": storage } });
        let answer: TableAnswer = serde_json::from_value(answer).unwrap();
        let hour = Hour::from_name("2026-01-09T20").unwrap();
        let request = Request {
            database_name: "lake",
            table_name: Some("events"),
            partition_value_list: values(hour),
            partition_input: Some(PartitionInput {
                values: values(hour),
                storage_descriptor: Storage {
                    location: "s3://b/curated/".to_owned(),
                    ..answer.table.storage_descriptor
                },
            }),
            ..Request::default()
        };
        let mut moved = storage;
        moved["Location"] = json!("s3://b/curated/");
        let hour = ["2026", "01", "09", "20"];
        let expected = json!({
            "DatabaseName": "lake", "TableName": "events", "PartitionValueList": hour,
            "PartitionInput": { "Values": hour, "StorageDescriptor": moved },
        });
        assert_eq!(serde_json::to_value(&request).unwrap(), expected);
    }

    #[test]
    fn what_was_not_made_is_read_with_its_code() {
        let answer = json!({ "Errors": [
            { "PartitionValues": ["2026"], "ErrorDetail": { "ErrorCode": "AlreadyExistsException" } },
            { "ErrorDetail": { "ErrorCode": "InternalServiceException", "ErrorMessage": "no" } },
        ] });
        let BatchAnswer { errors } = serde_json::from_value(answer).unwrap();
        let codes: Vec<&str> = errors
            .iter()
            .map(|error| error.error_detail.error_code.as_str())
            .collect();
        assert_eq!(codes, ["AlreadyExistsException", "InternalServiceException"]);
        let none: BatchAnswer = serde_json::from_value(json!({})).unwrap();
        assert!(none.errors.is_empty());
    }
}
