//! Reads and writes of many items: in batches of what DynamoDB takes, until nothing is left over.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::types::{DeleteRequest, KeysAndAttributes, PutRequest, WriteRequest};
use tv_guide::contract::attribute;
use tv_guide::table::{Change, Condition, Error, Item, Key, Write, check_keys};

use super::{Attributes, Dynamo, value};

/// Most keys of one BatchGetItem (`API_BatchGetItem`).
const GET_LIMIT: usize = 100;
/// Most requests of one BatchWriteItem (`API_BatchWriteItem`).
const WRITE_LIMIT: usize = 25;
/// How often what a call has left over is sent again.
const TRIES: u32 = 8;

/// A call left something over, again and again.
#[derive(Debug, thiserror::Error)]
#[error("{left} items were left over {TRIES} times: the table is throttled")]
struct LeftOver {
    left: usize,
}

impl Dynamo {
    pub(super) async fn get_batches(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, Error> {
        let mut distinct: Vec<&Key> = keys.iter().collect();
        distinct.sort_unstable();
        distinct.dedup();
        let mut found = BTreeMap::new();
        for batch in distinct.chunks(GET_LIMIT) {
            let keys = batch.iter().map(|key| value::key(key)).collect();
            for attributes in self.get_batch(keys).await? {
                let item = self.item(GET, attributes)?;
                let text = |name| item.get(name).and_then(|value| value.as_str()).map(str::to_owned);
                let (Some(pk), Some(sk)) = (text(attribute::PK), text(attribute::SK)) else {
                    return Err(self.strange(GET, "an item without a key"));
                };
                found.insert(Key { pk, sk }, item);
            }
        }
        Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
    }

    async fn get_batch(&self, mut keys: Vec<Attributes>) -> Result<Vec<Attributes>, Error> {
        let mut items = Vec::new();
        for tries in 1.. {
            let wanted = KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .consistent_read(true)
                .build()
                .map_err(|error| self.failed(GET, error))?;
            let call = self.client.batch_get_item().request_items(&self.table, wanted);
            let answer = call.send().await.map_err(|error| self.failed(GET, error))?;
            items.extend(answer.responses.unwrap_or_default().into_values().flatten());
            keys = take(answer.unprocessed_keys).map_or_else(Vec::new, |left| left.keys);
            if keys.is_empty() {
                break;
            }
            self.wait(GET, tries, keys.len()).await?;
        }
        Ok(items)
    }

    pub(super) async fn write_batches(&self, writes: Vec<Write>) -> Result<(), Error> {
        // DynamoDB refuses a batch that names an item twice.
        let mut last = BTreeMap::new();
        for write in writes {
            if write.condition != Condition::Always {
                return Err(Error::Batch);
            }
            let request = match &write.change {
                Change::Put(item) => {
                    check_keys(&write.key, item)?;
                    let put = PutRequest::builder().set_item(Some(value::whole(&write.key, item)));
                    let put = put.build().map_err(|error| self.failed(WRITE, error))?;
                    WriteRequest::builder().put_request(put).build()
                }
                Change::Delete => {
                    check_keys(&write.key, &Item::new())?;
                    let delete = DeleteRequest::builder().set_key(Some(value::key(&write.key)));
                    let delete = delete.build().map_err(|error| self.failed(WRITE, error))?;
                    WriteRequest::builder().delete_request(delete).build()
                }
                Change::Merge { .. } | Change::Add { .. } => return Err(Error::Batch),
            };
            last.insert(write.key, request);
        }
        let requests: Vec<WriteRequest> = last.into_values().collect();
        for batch in requests.chunks(WRITE_LIMIT) {
            self.write_batch(batch.to_vec()).await?;
        }
        Ok(())
    }

    async fn write_batch(&self, mut requests: Vec<WriteRequest>) -> Result<(), Error> {
        for tries in 1.. {
            let call = self.client.batch_write_item().request_items(&self.table, requests);
            let answer = call.send().await.map_err(|error| self.failed(WRITE, error))?;
            requests = take(answer.unprocessed_items).unwrap_or_default();
            if requests.is_empty() {
                break;
            }
            self.wait(WRITE, tries, requests.len()).await?;
        }
        Ok(())
    }

    /// Waits before what was left over is sent again, if it may be.
    pub(super) async fn wait(&self, call: &'static str, tries: u32, left: usize) -> Result<(), Error> {
        if tries >= TRIES {
            return Err(self.failed(call, LeftOver { left }));
        }
        tokio::time::sleep(pause(tries)).await;
        Ok(())
    }
}

const GET: &str = "BatchGetItem";
const WRITE: &str = "BatchWriteItem";

/// What is left over of the one table that was named.
fn take<T>(left: Option<HashMap<String, T>>) -> Option<T> {
    left.unwrap_or_default().into_values().next()
}

/// Full jitter: any time up to 50 ms, doubled with every try.
fn pause(tries: u32) -> Duration {
    let most = 50_u64 << tries.min(TRIES);
    Duration::from_millis(fastrand::u64(0..=most))
}
