//! The writer's fence as one DynamoDB item per stream and shard.
//!
//! | attribute | content |
//! |---|---|
//! | `shard` | the key: `<stream>/<shard id>` |
//! | `last` | the last sequence number that is in the store |
//! | `ahead` | the last sequence number beyond it that was driven again |
//! | `owner`, `until` | the lease: request id, milliseconds since 1970 |
//! | `pending` | the names that an attempt intends to put |

use std::collections::{BTreeSet, HashMap};

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use lake::contract::fence;
use lake::write::{Acquired, Committed, Fault, Fence, Millis, Reached, Sequence};

/// Fences in a table whose partition key is [`fence::SHARD`].
#[derive(Debug, Clone)]
pub struct Dynamo {
    client: Client,
    table: String,
}

impl Dynamo {
    /// The fences of this table.
    #[must_use]
    pub fn new(config: &SdkConfig, table: String) -> Self {
        let client = Client::new(config);
        Dynamo { client, table }
    }

    fn update(&self, shard: &str, expression: &str, condition: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key(fence::SHARD, text(shard))
            .update_expression(expression)
            .condition_expression(condition)
    }
}

impl Fence for Dynamo {
    async fn acquire(&self, shard: &str, owner: &str, now: Millis, until: Millis) -> Result<Acquired, Fault> {
        const FREE: &str = "attribute_not_exists(#owner) OR #until < :now OR #owner = :owner";
        let answer = self
            .update(shard, "SET #owner = :owner, #until = :until", FREE)
            .expression_attribute_names("#owner", fence::OWNER)
            .expression_attribute_names("#until", fence::UNTIL)
            .expression_attribute_values(":owner", text(owner))
            .expression_attribute_values(":now", number(now))
            .expression_attribute_values(":until", number(until))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match answer {
            Ok(answer) => held(answer.attributes.unwrap_or_default()),
            Err(error) => match refused(error, shard)? {
                Some(item) => match item.get(fence::UNTIL).and_then(millis) {
                    Some(until) => Ok(Acquired::Taken { until }),
                    None => Err(broken(shard, fence::UNTIL)),
                },
                // Whoever held it has given it back meanwhile: ask again at once.
                None => Ok(Acquired::Taken { until: now }),
            },
        }
    }

    async fn intend(&self, shard: &str, owner: &str, keys: &BTreeSet<String>) -> Result<Committed, Fault> {
        let keys = keys.iter().map(|key| text(key)).collect();
        let answer = self
            .update(shard, "SET #pending = :keys", "#owner = :owner")
            .expression_attribute_names("#owner", fence::OWNER)
            .expression_attribute_names("#pending", fence::PENDING)
            .expression_attribute_values(":owner", text(owner))
            .expression_attribute_values(":keys", AttributeValue::L(keys))
            .send()
            .await;
        committed(answer, shard)
    }

    async fn commit(
        &self,
        shard: &str,
        owner: &str,
        from: Option<&Sequence>,
        to: &Reached,
    ) -> Result<Committed, Fault> {
        let (mut sets, mut removes) = (Vec::new(), vec!["#owner", "#until", "#pending"]);
        for (part, name, value) in [(&to.last, "#last", ":last"), (&to.ahead, "#ahead", ":ahead")] {
            match part {
                Some(_) => sets.push(format!("{name} = {value}")),
                None => removes.push(name),
            }
        }
        let mut expression = format!("REMOVE {}", removes.join(", "));
        if !sets.is_empty() {
            expression = format!("SET {} {expression}", sets.join(", "));
        }
        let condition = match from {
            Some(_) => "#owner = :owner AND #last = :from",
            None => "#owner = :owner AND attribute_not_exists(#last)",
        };
        let mut update = self
            .update(shard, &expression, condition)
            .expression_attribute_names("#owner", fence::OWNER)
            .expression_attribute_names("#until", fence::UNTIL)
            .expression_attribute_names("#pending", fence::PENDING)
            .expression_attribute_names("#last", fence::LAST)
            .expression_attribute_names("#ahead", fence::AHEAD)
            .expression_attribute_values(":owner", text(owner));
        let values = [
            (":from", from),
            (":last", to.last.as_ref()),
            (":ahead", to.ahead.as_ref()),
        ];
        for (name, sequence) in values {
            if let Some(sequence) = sequence {
                update = update.expression_attribute_values(name, text(sequence.as_str()));
            }
        }
        committed(update.send().await, shard)
    }

    async fn release(&self, shard: &str, owner: &str) -> Result<(), Fault> {
        let answer = self
            .update(shard, "REMOVE #owner, #until", "#owner = :owner")
            .expression_attribute_names("#owner", fence::OWNER)
            .expression_attribute_names("#until", fence::UNTIL)
            .expression_attribute_values(":owner", text(owner))
            .send()
            .await;
        committed(answer, shard).map(|_| ())
    }
}

type Attributes = HashMap<String, AttributeValue>;

fn held(item: Attributes) -> Result<Acquired, Fault> {
    let sequence = |attribute| match item.get(attribute) {
        None => Ok(None),
        Some(AttributeValue::S(sequence)) => sequence.parse().map(Some).map_err(|_| broken("", attribute)),
        Some(_) => Err(broken("", attribute)),
    };
    let reached = Reached {
        last: sequence(fence::LAST)?,
        ahead: sequence(fence::AHEAD)?,
    };
    let mut pending = BTreeSet::new();
    match item.get(fence::PENDING) {
        None => {}
        Some(AttributeValue::L(keys)) => {
            for key in keys {
                match key {
                    AttributeValue::S(key) => pending.insert(key.clone()),
                    _ => return Err(broken("", fence::PENDING)),
                };
            }
        }
        Some(_) => return Err(broken("", fence::PENDING)),
    }
    Ok(Acquired::Held { reached, pending })
}

fn committed(answer: Result<UpdateItemOutput, SdkError<UpdateItemError>>, shard: &str) -> Result<Committed, Fault> {
    match answer {
        Ok(_) => Ok(Committed::Moved),
        Err(error) => refused(error, shard).map(|_| Committed::Overtaken),
    }
}

/// The item that did not meet a condition, as it stands; a fault where that was not the error.
fn refused(error: SdkError<UpdateItemError>, shard: &str) -> Result<Option<Attributes>, Fault> {
    match error {
        SdkError::ServiceError(answer) if answer.err().is_conditional_check_failed_exception() => {
            match answer.into_err() {
                UpdateItemError::ConditionalCheckFailedException(refusal) => Ok(refusal.item),
                _ => Ok(None),
            }
        }
        error => {
            let error = aws_sdk_dynamodb::error::DisplayErrorContext(error);
            tracing::error!(shard, %error, "the fence's table does not answer");
            Err(Fault)
        }
    }
}

/// An item that nobody of us has written like this.
fn broken(shard: &str, attribute: &str) -> Fault {
    tracing::error!(shard, attribute, "the fence's item has an attribute of another type");
    Fault
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn millis(value: &AttributeValue) -> Option<Millis> {
    value.as_n().ok()?.parse().ok()
}
