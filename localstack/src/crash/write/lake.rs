//! A stream, the writer with its mapping, its fences, its bucket and its queue of failures.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use lake::contract::fence;
use serde_json::{Value, json};

use super::input::Record;
use crate::crash::function::Function;
use crate::http::{self, Answer};
use crate::objects::Bucket;

/// What the writer is given.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Shards of the stream.
    pub shards: usize,
    /// Most records in a batch.
    pub batch: usize,
    /// Longest run of the writer, in seconds.
    pub timeout: usize,
}

/// Bytes of base64 in one request to the stream, of 5 MiB that it takes.
const REQUEST: usize = 4_000_000;

/// Records in one event for the writer that is made by hand.
const REDRIVEN: usize = 500;

/// The parts, by their names.
pub struct Lake {
    endpoint: String,
    name: String,
    queue: String,
    writer: Option<Function>,
    mapping: String,
}

/// Records that were given up.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GivenUp {
    shard_id: String,
    start_sequence_number: String,
    end_sequence_number: String,
    /// How many.
    pub batch_size: usize,
}

/// What the mapping has come to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Progress {
    /// Records that the writer has taken.
    pub delivered: usize,
    /// Records that were given up.
    pub discarded: usize,
    /// Whether nothing is waiting or under way.
    pub is_idle: bool,
    /// The age of the youngest of those that wait, in seconds of AWS; none where none waits.
    pub youngest: Option<f64>,
}

impl Lake {
    /// Makes all but the function and its mapping.
    ///
    /// # Errors
    ///
    /// When the cloud refuses.
    pub fn create(endpoint: &str, shards: usize) -> Result<Self> {
        let name = format!("t{:08x}-crash", fastrand::u32(..));
        let mut lake = Lake {
            endpoint: endpoint.to_owned(),
            name,
            queue: String::new(),
            writer: None,
            mapping: String::new(),
        };
        let name = &lake.name;
        lake.call(
            "Kinesis_20131202.CreateStream",
            &json!({ "StreamName": name, "ShardCount": shards }),
        )?;
        lake.call(
            "DynamoDB_20120810.CreateTable",
            &json!({
                "TableName": name,
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{ "AttributeName": fence::SHARD, "AttributeType": "S" }],
                "KeySchema": [{ "AttributeName": fence::SHARD, "KeyType": "HASH" }],
            }),
        )?;
        let queue = lake.call("AmazonSQS.CreateQueue", &json!({ "QueueName": name }))?;
        let queue = text(&queue["QueueUrl"])?;
        lake.rest("PUT", &format!("/{name}"), "")?;
        lake.queue = queue;
        Ok(lake)
    }

    /// Starts the writer behind a proxy.
    ///
    /// # Errors
    ///
    /// When the cloud refuses.
    pub fn start(&mut self, proxy: SocketAddr, settings: Settings) -> Result<()> {
        let name = &self.name;
        let environment = json!({
            "HEADEND_ENVIRONMENT": "local",
            "HEADEND_DATASET": lake::contract::DATASET,
            "HEADEND_BUCKET": name,
            "HEADEND_FENCES": name,
        });
        let timeout = settings.timeout;
        let writer = Function::create(&self.endpoint, name, "lake-write", proxy, timeout, &environment)?;
        self.writer = Some(writer);
        let stream = self.call("Kinesis_20131202.DescribeStreamSummary", &json!({ "StreamName": name }))?;
        let attributes = json!({ "QueueUrl": self.queue, "AttributeNames": ["QueueArn"] });
        let queue = self.call("AmazonSQS.GetQueueAttributes", &attributes)?;
        let mapping = json!({
            "FunctionName": name,
            "EventSourceArn": stream["StreamDescriptionSummary"]["StreamARN"],
            "StartingPosition": "TRIM_HORIZON",
            "BatchSize": settings.batch,
            "ParallelizationFactor": 1,
            "BisectBatchOnFunctionError": true,
            "MaximumRetryAttempts": 5,
            "MaximumRecordAgeInSeconds": 604_800,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "DestinationConfig": { "OnFailure": { "Destination": queue["Attributes"]["QueueArn"] } },
        });
        let mapping = self.rest("POST", "/2015-03-31/event-source-mappings/", &mapping.to_string())?;
        self.mapping = text(&mapping.json()?["UUID"])?;
        Ok(())
    }

    /// Changes the mapping.
    ///
    /// # Errors
    ///
    /// When the cloud refuses.
    pub fn change(&self, settings: &Value) -> Result<()> {
        let path = format!("/2015-03-31/event-source-mappings/{}", self.mapping);
        self.rest("PUT", &path, &settings.to_string())?;
        Ok(())
    }

    /// The keys of the shards' fences.
    ///
    /// # Errors
    ///
    /// When the shards cannot be listed.
    pub fn fences(&self) -> Result<Vec<Value>> {
        let shards = self.call("Kinesis_20131202.ListShards", &json!({ "StreamName": self.name }))?;
        let shards = shards["Shards"].as_array().context("a list of shards")?;
        shards
            .iter()
            .map(|shard| {
                let fence = format!("{}/{}", self.name, text(&shard["ShardId"])?);
                Ok(json!({ fence::SHARD: { "S": fence } }))
            })
            .collect()
    }

    /// Puts records into the stream.
    ///
    /// # Errors
    ///
    /// When one is not taken.
    pub fn put(&self, records: &[Record]) -> Result<()> {
        let mut rest = records;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fitting = rest.iter().take(500).take_while(|record| {
                bytes += record.data.len() * 4 / 3 + 100;
                bytes <= REQUEST
            });
            let (now, later) = rest.split_at(fitting.count().max(1));
            let entry = |record: &Record| {
                json!({
                    "PartitionKey": record.key,
                    "Data": base64_simd::STANDARD.encode_to_string(&record.data),
                })
            };
            let entries: Vec<Value> = now.iter().map(entry).collect();
            let body = json!({ "StreamName": self.name, "Records": entries });
            let answer = self.call("Kinesis_20131202.PutRecords", &body)?;
            ensure!(answer["FailedRecordCount"] == 0, "the stream refuses records");
            rest = later;
        }
        Ok(())
    }

    /// What the mapping has come to, as the launcher tells it.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub fn progress(&self) -> Result<Progress> {
        let mappings = self.rest("GET", "/_headend/mappings", "")?.json()?;
        let mapping = &mappings[&self.mapping];
        let shards = mapping["shards"].as_object().cloned().unwrap_or_default();
        let mut progress = Progress {
            is_idle: true,
            youngest: mapping["age"].as_f64(),
            ..Progress::default()
        };
        for shard in shards.values() {
            let number = |name: &str| shard[name].as_u64().unwrap_or_default() as usize;
            progress.delivered += number("delivered");
            progress.discarded += number("discarded");
            progress.is_idle &= number("backlog") == 0 && shard["state"] == "waiting";
        }
        Ok(progress)
    }

    /// Takes what was given up from the queue.
    ///
    /// # Errors
    ///
    /// When a message is none of the mapping's.
    pub fn failures(&self) -> Result<Vec<GivenUp>> {
        let mut all = Vec::new();
        loop {
            let wanted = json!({ "QueueUrl": self.queue, "MaxNumberOfMessages": 10 });
            let answer = self.call("AmazonSQS.ReceiveMessage", &wanted)?;
            let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
            if messages.is_empty() {
                return Ok(all);
            }
            for message in messages {
                let body: Value = serde_json::from_str(&text(&message["Body"])?)?;
                all.push(serde_json::from_value(body["KinesisBatchInfo"].clone()).context("no batch of a stream")?);
                let handle = &message["ReceiptHandle"];
                self.call(
                    "AmazonSQS.DeleteMessage",
                    &json!({ "QueueUrl": self.queue, "ReceiptHandle": handle }),
                )?;
            }
        }
    }

    /// Drives records again, as often as it takes; gives how many events were lacking and how many
    /// were there.
    ///
    /// # Errors
    ///
    /// When the stream does not have them, or the function fails for good.
    pub fn redrive(&self, given_up: &GivenUp) -> Result<(usize, usize)> {
        let writer = self.writer.as_ref().context("a writer that was started")?;
        let (mut rows, mut covered) = (0, 0);
        for records in self.records(given_up)?.chunks(REDRIVEN) {
            let event = json!({ "redrive": true, "Records": records });
            let answer = (0..20)
                .map(|_| writer.invoke(&event)?.json())
                .find(|answer| answer.as_ref().map_or(true, |answer| answer["rows"].is_number()));
            let answer = answer.context("the writer does not drive records again")??;
            rows += answer["rows"].as_u64().context("rows")? as usize;
            covered += answer["covered"].as_u64().context("covered")? as usize;
        }
        Ok((rows, covered))
    }

    /// Records of a shard, as Lambda would send them.
    fn records(&self, given_up: &GivenUp) -> Result<Vec<Value>> {
        let shard = &given_up.shard_id;
        let wanted = json!({
            "StreamName": self.name,
            "ShardId": shard,
            "ShardIteratorType": "AT_SEQUENCE_NUMBER",
            "StartingSequenceNumber": given_up.start_sequence_number,
        });
        let mut iterator = self.call("Kinesis_20131202.GetShardIterator", &wanted)?["ShardIterator"].clone();
        let mut found = Vec::new();
        while found.len() < given_up.batch_size {
            let wanted = json!({ "ShardIterator": iterator, "Limit": (given_up.batch_size - found.len()).min(1_000) });
            let answer = self.call("Kinesis_20131202.GetRecords", &wanted)?;
            let records = answer["Records"].as_array().context("records")?;
            ensure!(
                !records.is_empty(),
                "{shard} ends before {}",
                given_up.end_sequence_number
            );
            for record in records {
                let sequence = text(&record["SequenceNumber"])?;
                found.push(json!({
                    "eventID": format!("{shard}:{sequence}"),
                    "eventSourceARN": format!("arn:aws:kinesis:eu-west-2:000000000000:stream/{}", self.name),
                    "kinesis": {
                        "sequenceNumber": sequence,
                        "data": record["Data"],
                        "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"],
                    },
                }));
            }
            iterator = answer["NextShardIterator"].clone();
        }
        let last = found.last().context("a record")?;
        ensure!(
            last["kinesis"]["sequenceNumber"] == given_up.end_sequence_number,
            "{given_up:?} is not {} records",
            given_up.batch_size
        );
        Ok(found)
    }

    /// Writes all rows and refusals of the bucket below a folder; gives how many objects there are
    /// below each prefix.
    ///
    /// # Errors
    ///
    /// When the bucket cannot be read.
    pub fn download(&self, folder: &Path) -> Result<BTreeMap<&'static str, usize>> {
        let bucket = Bucket::open(self.name.clone())?;
        let mut objects = BTreeMap::new();
        for prefix in ["raw/", "quarantine/"] {
            let keys = bucket.keys(prefix)?;
            for key in &keys {
                let path = folder.join(key);
                fs::create_dir_all(path.parent().context("a folder")?)?;
                fs::write(path, bucket.bytes(key)?)?;
            }
            objects.insert(prefix, keys.len());
        }
        Ok(objects)
    }

    fn call(&self, target: &str, body: &Value) -> Result<Value> {
        let answer = http::send(
            "POST",
            &self.endpoint,
            &[("x-amz-target", target), JSON],
            &body.to_string(),
        )?;
        ensure!(answer.status == 200, "{target}: {}", answer.body);
        match answer.body.is_empty() {
            true => Ok(Value::Null),
            false => answer.json(),
        }
    }

    fn rest(&self, method: &str, path: &str, body: &str) -> Result<Answer> {
        let url = format!("{}{path}", self.endpoint);
        let answer = http::send(method, &url, &[JSON], body)?;
        ensure!(answer.status / 100 == 2, "{method} {path}: {}", answer.body);
        Ok(answer)
    }
}

const JSON: (&str, &str) = ("content-type", "application/x-amz-json-1.1");

fn text(value: &Value) -> Result<String> {
    value
        .as_str()
        .map(str::to_owned)
        .with_context(|| format!("{value} is no text"))
}
