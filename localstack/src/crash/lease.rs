//! Leases of dead processes.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::proxy::Request;
use crate::http;

/// A lease, as the request that takes it names it: the item that is updated, and which of its
/// attributes say who holds it and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    table: String,
    /// What it is a lease of: the item's key.
    pub key: Value,
    owner: Attribute,
    until: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Attribute {
    name: String,
    value: Value,
}

impl Lease {
    /// The lease that a request takes, which calls its attributes `#owner` and `#until`.
    ///
    /// # Errors
    ///
    /// When it takes none.
    pub fn of(request: &Request) -> Result<Self> {
        let body = request.json()?;
        let name = |name: &str| {
            let found = body["ExpressionAttributeNames"][name].as_str();
            found.map(str::to_owned).with_context(|| format!("no {name} in {body}"))
        };
        let owner = Attribute {
            name: name("#owner")?,
            value: body["ExpressionAttributeValues"][":owner"].clone(),
        };
        ensure!(owner.value.is_object(), "nobody takes a lease with {body}");
        Ok(Lease {
            table: body["TableName"].as_str().context("a table")?.to_owned(),
            key: body["Key"].clone(),
            owner,
            until: name("#until")?,
        })
    }

    /// Cuts it short, as if its time had passed; that somebody else has it is as good.
    ///
    /// # Errors
    ///
    /// When the cloud refuses.
    pub fn expire(&self, endpoint: &str) -> Result<()> {
        let body = json!({
            "TableName": self.table,
            "Key": self.key,
            "UpdateExpression": "SET #until = :past",
            "ConditionExpression": "#owner = :owner",
            "ExpressionAttributeNames": { "#until": self.until, "#owner": self.owner.name },
            "ExpressionAttributeValues": { ":past": { "N": "0" }, ":owner": self.owner.value },
        });
        let headers = [
            ("x-amz-target", "DynamoDB_20120810.UpdateItem"),
            ("content-type", "application/x-amz-json-1.0"),
        ];
        let answer = http::send("POST", endpoint, &headers, &body.to_string())?;
        let is_fine = answer.status == 200 || answer.body.contains("ConditionalCheckFailed");
        ensure!(is_fine, "a lease cannot be cut short: {}", answer.body);
        Ok(())
    }
}
