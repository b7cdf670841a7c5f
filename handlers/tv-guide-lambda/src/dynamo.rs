//! The table in DynamoDB.
//!
//! Reading order: [`Dynamo`], `expression` (a write as DynamoDB spells it), `batch` and
//! `transaction` (several at once), `value` (JSON to DynamoDB's types and back).

mod batch;
mod expression;
mod transaction;
mod value;

use std::collections::HashMap;
use std::error::Error as StdError;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use tv_guide::contract::attribute;
use tv_guide::table::{Change, Cursor, Error, Index, Item, Key, Outcome, Page, Query, Table, Write, check_keys};

use expression::Expression;

/// An item as the SDK has it.
type Attributes = HashMap<String, AttributeValue>;

/// A table in DynamoDB.
#[derive(Debug, Clone)]
pub struct Dynamo {
    client: Client,
    table: String,
}

impl Dynamo {
    /// The table called `table`.
    #[must_use]
    pub fn new(config: &SdkConfig, table: impl Into<String>) -> Self {
        Dynamo {
            client: Client::new(config),
            table: table.into(),
        }
    }

    fn failed(&self, call: &'static str, source: impl StdError + Send + Sync + 'static) -> Error {
        Error::Call {
            call,
            table: self.table.clone(),
            source: Box::new(source),
        }
    }

    fn strange(&self, call: &'static str, what: impl Into<String>) -> Error {
        Error::Answer {
            call,
            table: self.table.clone(),
            what: what.into(),
        }
    }

    fn item(&self, call: &'static str, attributes: Attributes) -> Result<Item, Error> {
        value::item(attributes).map_err(|unknown| self.strange(call, unknown.to_string()))
    }

    fn optional(&self, call: &'static str, attributes: Option<Attributes>) -> Result<Option<Item>, Error> {
        attributes.map(|attributes| self.item(call, attributes)).transpose()
    }

    async fn put(&self, key: &Key, item: &Item, expression: Expression) -> Result<Outcome, Error> {
        const CALL: &str = "PutItem";
        let call = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(value::whole(key, item)))
            .set_condition_expression(expression.condition)
            .set_expression_attribute_names(expression.names)
            .set_expression_attribute_values(expression.values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = call.send().await else {
            return Ok(Outcome::Done(None));
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                Ok(Outcome::Refused(self.optional(CALL, refused.item.clone())?))
            }
            _ => Err(self.failed(CALL, error)),
        }
    }

    async fn delete(&self, key: &Key, expression: Expression) -> Result<Outcome, Error> {
        const CALL: &str = "DeleteItem";
        let call = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(value::key(key)))
            .set_condition_expression(expression.condition)
            .set_expression_attribute_names(expression.names)
            .set_expression_attribute_values(expression.values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = call.send().await else {
            return Ok(Outcome::Done(None));
        };
        match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(refused)) => {
                Ok(Outcome::Refused(self.optional(CALL, refused.item.clone())?))
            }
            _ => Err(self.failed(CALL, error)),
        }
    }

    async fn update(&self, key: &Key, expression: Expression) -> Result<Outcome, Error> {
        const CALL: &str = "UpdateItem";
        let call = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(value::key(key)))
            .set_update_expression(expression.update)
            .set_condition_expression(expression.condition)
            .set_expression_attribute_names(expression.names)
            .set_expression_attribute_values(expression.values)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let error = match call.send().await {
            Ok(done) => return Ok(Outcome::Done(self.optional(CALL, done.attributes)?)),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                Ok(Outcome::Refused(self.optional(CALL, refused.item.clone())?))
            }
            _ => Err(self.failed(CALL, error)),
        }
    }
}

impl Table for Dynamo {
    async fn get(&self, key: &Key) -> Result<Option<Item>, Error> {
        const CALL: &str = "GetItem";
        let call = self.client.get_item().table_name(&self.table);
        let call = call.set_key(Some(value::key(key))).consistent_read(true);
        let answer = call.send().await.map_err(|error| self.failed(CALL, error))?;
        self.optional(CALL, answer.item)
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, Error> {
        self.get_batches(keys).await
    }

    async fn query(&self, query: &Query) -> Result<Page, Error> {
        const CALL: &str = "Query";
        if !query.is_own_cursor() {
            return Err(Error::Cursor);
        }
        let Some(expression) = expression::keys(query.index, &query.pk, &query.range) else {
            return Ok(Page {
                items: Vec::new(),
                next: None,
                read: 0,
            });
        };
        let call = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(query.index.name().map(str::to_owned))
            .set_key_condition_expression(expression.condition)
            .set_expression_attribute_names(expression.names)
            .set_expression_attribute_values(expression.values)
            .scan_index_forward(query.forward)
            .consistent_read(query.index == Index::Table)
            .set_limit(query.limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX).max(1)))
            .set_exclusive_start_key(query.after.as_ref().map(|cursor| start(query, cursor)));
        let answer = call.send().await.map_err(|error| self.failed(CALL, error))?;
        let items = answer.items.unwrap_or_default();
        let items = items.into_iter().map(|attributes| self.item(CALL, attributes));
        let next = answer.last_evaluated_key.map(|last| end(query.index, &last));
        Ok(Page {
            items: items.collect::<Result<_, _>>()?,
            next: match next {
                Some(None) => return Err(self.strange(CALL, "a last key without its texts")),
                next => next.flatten(),
            },
            read: u32::try_from(answer.scanned_count).unwrap_or_default(),
        })
    }

    async fn write(&self, write: Write) -> Result<Outcome, Error> {
        let Some(expression) = expression::write(&write) else {
            return Ok(Outcome::Refused(self.get(&write.key).await?));
        };
        match &write.change {
            Change::Put(item) => {
                check_keys(&write.key, item)?;
                self.put(&write.key, item, expression).await
            }
            Change::Delete => self.delete(&write.key, expression).await,
            Change::Merge { set, .. } => {
                check_keys(&write.key, set)?;
                self.update(&write.key, expression).await
            }
            Change::Add { .. } => self.update(&write.key, expression).await,
        }
    }

    async fn write_all(&self, writes: Vec<Write>) -> Result<(), Error> {
        self.write_batches(writes).await
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<Outcome, Error> {
        self.transaction(writes).await
    }
}

/// A cursor as DynamoDB has it: the key in the table, and that in the index.
fn start(query: &Query, cursor: &Cursor) -> Attributes {
    let mut start = value::key(&cursor.key);
    if let Some(sort) = &cursor.sort {
        let (partition_name, sort_name) = query.index.attributes();
        start.insert(partition_name.to_owned(), AttributeValue::S(query.pk.clone()));
        start.insert(sort_name.to_owned(), AttributeValue::S(sort.clone()));
    }
    start
}

/// The cursor that DynamoDB's last key is.
fn end(index: Index, last: &Attributes) -> Option<Cursor> {
    let text = |name: &str| Some(last.get(name)?.as_s().ok()?.clone());
    let sort = match index {
        Index::Table => None,
        _ => Some(text(index.attributes().1)?),
    };
    Some(Cursor {
        key: Key {
            pk: text(attribute::PK)?,
            sk: text(attribute::SK)?,
        },
        sort,
    })
}
