//! The ledger of hours in DynamoDB; [`lake::contract::hours`] says what its items are.

use std::collections::HashMap;
use std::fmt::Display;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{DisplayErrorContext, SdkError};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use lake::Hour;
use lake::compact::{Dirty, Fault, Held, Hours, Intent, Kept, Leased, Published, Query, Retired, Tally};
use lake::contract::hours;
use lake::write::Millis;

type Item = HashMap<String, AttributeValue>;

/// The hours of one dataset, in a table whose keys are [`hours::LIST`] and [`hours::HOUR`].
#[derive(Debug, Clone)]
pub struct Ledger {
    client: Client,
    table: String,
    dirty: String,
    published: String,
    retired: String,
}

impl Ledger {
    /// The ledger of a dataset.
    #[must_use]
    pub fn new(config: &SdkConfig, table: String, dataset: &str) -> Self {
        Ledger {
            client: Client::new(config),
            table,
            dirty: hours::dirty(dataset),
            published: hours::published(dataset),
            retired: hours::retired(dataset),
        }
    }

    /// A change of a marked hour.
    fn update(&self, hour: Hour, expression: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key(hours::LIST, text(&self.dirty))
            .key(hours::HOUR, text(&hour.name()))
            .update_expression(expression)
    }

    /// A change that only the lease's owner may make.
    async fn change(&self, change: UpdateItemFluentBuilder, owner: &str) -> Result<Kept, Fault> {
        let answer = change
            .condition_expression("#owner = :owner")
            .expression_attribute_names("#owner", hours::OWNER)
            .expression_attribute_values(":owner", text(owner))
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Kept::Made),
            Err(error) => overtaken(error, UpdateItemError::is_conditional_check_failed_exception),
        }
    }

    /// The items of a list up to a key and with it, in their order.
    async fn items(&self, list: &str, last: &str) -> Result<Vec<Item>, Fault> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("#list = :list AND #hour <= :last")
            .expression_attribute_names("#list", hours::LIST)
            .expression_attribute_names("#hour", hours::HOUR)
            .expression_attribute_values(":list", text(list))
            .expression_attribute_values(":last", text(last))
            .into_paginator()
            .items()
            .send();
        let mut items = Vec::new();
        while let Some(item) = pages.next().await {
            items.push(item.map_err(fault)?);
        }
        Ok(items)
    }
}

impl Hours for Ledger {
    async fn mark(&self, hour: Hour, now: Millis) -> Result<(), Fault> {
        let answer = self
            .update(hour, "SET #since = if_not_exists(#since, :now) ADD #touched :one")
            .expression_attribute_names("#since", hours::SINCE)
            .expression_attribute_names("#touched", hours::TOUCHED)
            .expression_attribute_values(":now", number(now))
            .expression_attribute_values(":one", number(1))
            .send()
            .await;
        answer.map(|_| ()).map_err(fault)
    }

    async fn dirty(&self, last: Hour) -> Result<Vec<Dirty>, Fault> {
        let items = self.items(&self.dirty, &last.name()).await?;
        let dirty = |item: &Item| {
            Ok(Dirty {
                hour: hour(item, hours::HOUR)?,
                attempts: count(item, hours::ATTEMPTS)?.unwrap_or(0),
            })
        };
        items.iter().map(dirty).collect()
    }

    async fn lease(&self, hour: Hour, owner: &str, now: Millis, until: Millis) -> Result<Leased, Fault> {
        const FREE: &str = "attribute_exists(#touched) AND \
            (attribute_not_exists(#until) OR #until < :now OR #owner = :owner)";
        let answer = self
            .update(hour, "SET #owner = :owner, #until = :until ADD #attempts :one")
            .condition_expression(FREE)
            .expression_attribute_names("#touched", hours::TOUCHED)
            .expression_attribute_names("#attempts", hours::ATTEMPTS)
            .expression_attribute_names("#owner", hours::OWNER)
            .expression_attribute_names("#until", hours::UNTIL)
            .expression_attribute_values(":owner", text(owner))
            .expression_attribute_values(":now", number(now))
            .expression_attribute_values(":until", number(until))
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match answer {
            Ok(answer) => held(&answer.attributes.unwrap_or_default()).map(Leased::Held),
            Err(SdkError::ServiceError(answer)) if answer.err().is_conditional_check_failed_exception() => {
                match answer.into_err() {
                    UpdateItemError::ConditionalCheckFailedException(refusal) if refusal.item.is_some() => {
                        Ok(Leased::Taken)
                    }
                    _ => Ok(Leased::Clean),
                }
            }
            Err(error) => Err(fault(error)),
        }
    }

    async fn intend(&self, hour: Hour, owner: &str, intent: &Intent) -> Result<Kept, Fault> {
        const WITH: &str = "SET #pending = :pending, #query = :query, #target = :target, #inputs = :inputs";
        const WITHOUT: &str = "SET #pending = :pending REMOVE #query, #target, #inputs";
        let pending = intent.generations.iter().map(|generation| text(generation)).collect();
        let change = self
            .update(hour, if intent.query.is_some() { WITH } else { WITHOUT })
            .expression_attribute_names("#pending", hours::PENDING)
            .expression_attribute_names("#query", hours::QUERY)
            .expression_attribute_names("#target", hours::TARGET)
            .expression_attribute_names("#inputs", hours::INPUTS)
            .expression_attribute_values(":pending", AttributeValue::L(pending));
        let change = match &intent.query {
            Some(query) => change
                .expression_attribute_values(":query", text(&query.id))
                .expression_attribute_values(":target", text(&query.generation))
                .expression_attribute_values(":inputs", text(&query.inputs)),
            None => change,
        };
        self.change(change, owner).await
    }

    async fn release(&self, hour: Hour, owner: &str) -> Result<(), Fault> {
        let change = self
            .update(hour, "REMOVE #owner, #until")
            .expression_attribute_names("#until", hours::UNTIL);
        self.change(change, owner).await.map(|_| ())
    }

    async fn clear(&self, hour: Hour, owner: &str, touched: u64) -> Result<Kept, Fault> {
        let answer = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key(hours::LIST, text(&self.dirty))
            .key(hours::HOUR, text(&hour.name()))
            .condition_expression("#owner = :owner AND #touched = :touched")
            .expression_attribute_names("#owner", hours::OWNER)
            .expression_attribute_names("#touched", hours::TOUCHED)
            .expression_attribute_values(":owner", text(owner))
            .expression_attribute_values(":touched", number(touched))
            .send()
            .await;
        let Err(error) = answer else {
            return Ok(Kept::Made);
        };
        overtaken(error, |error| error.is_conditional_check_failed_exception())?;
        // Marked again meanwhile, or somebody else's.
        const FORGET: &str = "REMOVE #owner, #until, #attempts, #pending, #query, #target, #inputs";
        let change = self
            .update(hour, FORGET)
            .expression_attribute_names("#until", hours::UNTIL)
            .expression_attribute_names("#attempts", hours::ATTEMPTS)
            .expression_attribute_names("#pending", hours::PENDING)
            .expression_attribute_names("#query", hours::QUERY)
            .expression_attribute_names("#target", hours::TARGET)
            .expression_attribute_names("#inputs", hours::INPUTS);
        self.change(change, owner).await
    }

    async fn published(&self, hour: Hour) -> Result<Option<Published>, Fault> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .consistent_read(true)
            .key(hours::LIST, text(&self.published))
            .key(hours::HOUR, text(&hour.name()))
            .send()
            .await;
        let Some(item) = answer.map_err(fault)?.item else {
            return Ok(None);
        };
        let rows = Tally {
            rows_in: wanted(&item, hours::ROWS_IN, count)?,
            duplicates: wanted(&item, hours::DUPLICATES, count)?,
            rows_out: wanted(&item, hours::ROWS, count)?,
        };
        Ok(Some(Published {
            generation: wanted(&item, hours::GENERATION, words)?,
            inputs: wanted(&item, hours::INPUTS, words)?,
            objects: wanted(&item, hours::OBJECTS, count)?,
            rows,
        }))
    }

    async fn publish(&self, hour: Hour, published: &Published) -> Result<Kept, Fault> {
        let answer = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(hours::LIST, text(&self.published))
            .item(hours::HOUR, text(&hour.name()))
            .item(hours::GENERATION, text(&published.generation))
            .item(hours::INPUTS, text(&published.inputs))
            .item(hours::OBJECTS, number(published.objects))
            .item(hours::ROWS_IN, number(published.rows.rows_in))
            .item(hours::DUPLICATES, number(published.rows.duplicates))
            .item(hours::ROWS, number(published.rows.rows_out))
            .condition_expression("attribute_not_exists(#generation) OR #generation <= :generation")
            .expression_attribute_names("#generation", hours::GENERATION)
            .expression_attribute_values(":generation", text(&published.generation))
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Kept::Made),
            Err(error) => overtaken(error, |error| error.is_conditional_check_failed_exception()),
        }
    }

    async fn retire(&self, retired: &Retired) -> Result<(), Fault> {
        let answer = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(hours::LIST, text(&self.retired))
            .item(hours::HOUR, text(&retired_key(retired)))
            .item(hours::PARTITION, text(&retired.hour.name()))
            .item(hours::GENERATION, text(&retired.generation))
            .item(hours::SINCE, number(retired.since))
            .send()
            .await;
        answer.map(|_| ()).map_err(fault)
    }

    async fn retired(&self, until: Millis) -> Result<Vec<Retired>, Fault> {
        // Before the first key of the next millisecond, and after all of this one.
        let items = self.items(&self.retired, &since(until.saturating_add(1))).await?;
        let retired = |item: &Item| {
            Ok(Retired {
                hour: hour(item, hours::PARTITION)?,
                generation: wanted(item, hours::GENERATION, words)?,
                since: wanted(item, hours::SINCE, count)?,
            })
        };
        items.iter().map(retired).collect()
    }

    async fn forget(&self, retired: &Retired) -> Result<(), Fault> {
        let answer = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key(hours::LIST, text(&self.retired))
            .key(hours::HOUR, text(&retired_key(retired)))
            .send()
            .await;
        answer.map(|_| ()).map_err(fault)
    }
}

/// A key that sorts by time.
fn retired_key(retired: &Retired) -> String {
    let Retired { hour, generation, .. } = retired;
    format!("{}#{}#{generation}", since(retired.since), hour.name())
}

/// Milliseconds as a text that sorts as they do, until the year 2286.
fn since(milliseconds: Millis) -> String {
    format!("{milliseconds:013}")
}

fn held(item: &Item) -> Result<Held, Fault> {
    let generations = match item.get(hours::PENDING) {
        None => Ok(Vec::new()),
        Some(AttributeValue::L(generations)) => Ok(generations.clone()),
        Some(_) => Err(broken(hours::PENDING)),
    };
    let word = |value: AttributeValue| match value {
        AttributeValue::S(text) => Ok(text),
        _ => Err(broken(hours::PENDING)),
    };
    let query = match words(item, hours::QUERY)? {
        Some(id) => Some(Query {
            id,
            generation: wanted(item, hours::TARGET, words)?,
            inputs: wanted(item, hours::INPUTS, words)?,
        }),
        None => None,
    };
    Ok(Held {
        touched: wanted(item, hours::TOUCHED, count)?,
        attempts: wanted(item, hours::ATTEMPTS, count)?,
        intent: Intent {
            generations: generations?.into_iter().map(word).collect::<Result<_, Fault>>()?,
            query,
        },
    })
}

fn hour(item: &Item, name: &str) -> Result<Hour, Fault> {
    let hour = Hour::from_name(&wanted(item, name, words)?);
    hour.ok_or_else(|| broken(name))
}

/// An attribute that every such item has.
fn wanted<T>(item: &Item, name: &str, read: impl Fn(&Item, &str) -> Result<Option<T>, Fault>) -> Result<T, Fault> {
    read(item, name)?.ok_or_else(|| broken(name))
}

fn words(item: &Item, name: &str) -> Result<Option<String>, Fault> {
    match item.get(name) {
        None => Ok(None),
        Some(AttributeValue::S(text)) => Ok(Some(text.clone())),
        Some(_) => Err(broken(name)),
    }
}

fn count(item: &Item, name: &str) -> Result<Option<u64>, Fault> {
    match item.get(name) {
        None => Ok(None),
        Some(AttributeValue::N(number)) => number.parse().map(Some).map_err(|_| broken(name)),
        Some(_) => Err(broken(name)),
    }
}

/// An item that nobody of us has written like this.
fn broken(attribute: &str) -> Fault {
    tracing::error!(
        attribute,
        "an item of the ledger lacks an attribute, or has it of another type"
    );
    Fault
}

/// Whether an error is a condition that does not hold; every other is a fault.
fn overtaken<E>(error: SdkError<E>, is_condition: impl Fn(&E) -> bool) -> Result<Kept, Fault>
where
    E: std::error::Error + 'static,
{
    match &error {
        SdkError::ServiceError(answer) if is_condition(answer.err()) => Ok(Kept::Overtaken),
        _ => Err(fault(error)),
    }
}

fn fault<E: std::error::Error + 'static>(error: SdkError<E>) -> Fault {
    let error = DisplayErrorContext(error);
    tracing::error!(%error, "the ledger does not do what it was asked");
    Fault
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number(value: impl Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
