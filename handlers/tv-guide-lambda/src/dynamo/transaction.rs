//! Several writes of which all are done, or none.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use tv_guide::table::{Change, Error, Key, Outcome, TRANSACTION_LIMIT, Table as _, Write, check_keys};

use super::expression::{self, Expression};
use super::{Dynamo, value};

const CALL: &str = "TransactWriteItems";

impl Dynamo {
    pub(super) async fn transaction(&self, writes: Vec<Write>) -> Result<Outcome, Error> {
        let keys: BTreeSet<&Key> = writes.iter().map(|write| &write.key).collect();
        if keys.len() < writes.len() || writes.len() > TRANSACTION_LIMIT {
            return Err(Error::Transaction { writes: writes.len() });
        }
        if writes.is_empty() {
            return Ok(Outcome::Done(None));
        }
        let mut items = Vec::with_capacity(writes.len());
        for write in &writes {
            let Some(expression) = expression::write(write) else {
                return Ok(Outcome::Refused(self.get(&write.key).await?));
            };
            items.push(self.transact_item(write, expression)?);
        }
        for tries in 1.. {
            let call = self
                .client
                .transact_write_items()
                .set_transact_items(Some(items.clone()));
            let Err(error) = call.send().await else { break };
            let reasons = match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    cancelled.cancellation_reasons()
                }
                _ => return Err(self.failed(CALL, error)),
            };
            match why(reasons) {
                Cancelled::Refused(standing) => {
                    return Ok(Outcome::Refused(self.optional(CALL, standing.item.clone())?));
                }
                Cancelled::Busy => self.wait(CALL, tries, items.len()).await?,
                Cancelled::Wrong => return Err(self.failed(CALL, error)),
            }
        }
        Ok(Outcome::Done(None))
    }

    fn transact_item(&self, write: &Write, expression: Expression) -> Result<TransactWriteItem, Error> {
        const ALL_OLD: ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure::AllOld;
        let incomplete = |error| self.failed(CALL, error);
        let Expression {
            update,
            condition,
            names,
            values,
        } = expression;
        let item = TransactWriteItem::builder();
        let item = match &write.change {
            Change::Put(put) => {
                check_keys(&write.key, put)?;
                let put = Put::builder()
                    .table_name(&self.table)
                    .set_item(Some(value::whole(&write.key, put)))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(ALL_OLD);
                item.put(put.build().map_err(incomplete)?)
            }
            Change::Delete => {
                let delete = Delete::builder()
                    .table_name(&self.table)
                    .set_key(Some(value::key(&write.key)))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(ALL_OLD);
                item.delete(delete.build().map_err(incomplete)?)
            }
            Change::Merge { .. } | Change::Add { .. } => {
                let update = Update::builder()
                    .table_name(&self.table)
                    .set_key(Some(value::key(&write.key)))
                    .set_update_expression(update)
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(ALL_OLD);
                item.update(update.build().map_err(incomplete)?)
            }
        };
        Ok(item.build())
    }
}

/// Why a transaction was cancelled.
enum Cancelled<'a> {
    /// A condition did not hold.
    Refused(&'a CancellationReason),
    /// Another write was in the way, or the table is throttled.
    Busy,
    /// It cannot be done.
    Wrong,
}

fn why(reasons: &[CancellationReason]) -> Cancelled<'_> {
    let has = |code: &str| reasons.iter().find(|reason| reason.code() == Some(code));
    if let Some(refused) = has("ConditionalCheckFailed") {
        return Cancelled::Refused(refused);
    }
    let busy = [
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
    ];
    if busy.into_iter().any(|code| has(code).is_some()) {
        Cancelled::Busy
    } else {
        Cancelled::Wrong
    }
}
