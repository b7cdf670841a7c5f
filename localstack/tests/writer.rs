//! The direct writer over DynamoDB and S3, held to what its twin in memory is held to.

use std::time::Duration;

use anyhow::{Context as _, Result};
use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use lake::write::{Batch, Clock as _, Margins, Outcome, Sequence, Tally, Writer, conformance};
use lake_lambda::bucket::Bucket;
use lake_lambda::clock::Machine;
use lake_lambda::fence::Dynamo;
use lake_lambda::parts::{Parts, Record};
use localstack_tests::objects;

/// A table of fences and a bucket of a test's own; what is left of them goes with the cloud.
struct Lake {
    name: String,
    runtime: tokio::runtime::Runtime,
    fences: Dynamo,
    bucket: Bucket,
}

impl Lake {
    fn create() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let name = format!("t{:08x}-writer", fastrand::u32(..));
        let http = aws_smithy_http_client::Builder::new().build_http();
        let defaults = aws_config::defaults(aws_config::BehaviorVersion::latest());
        let config = runtime.block_on(defaults.http_client(http).load());
        runtime.block_on(create_table(&aws_sdk_dynamodb::Client::new(&config), &name))?;
        runtime.block_on(create_bucket(&config, &name))?;
        Ok(Lake {
            fences: Dynamo::new(&config, name.clone()),
            bucket: Bucket::new(&config, name.clone()),
            name,
            runtime,
        })
    }

    /// Writes or redrives the records of these numbers, each of them an event.
    fn drive(&self, redrive: bool, numbers: std::ops::RangeInclusive<u32>) -> Result<Tally> {
        let data: Vec<(Sequence, String)> = numbers
            .map(|number| anyhow::Ok((number.to_string().parse()?, event(number))))
            .collect::<Result<_>>()?;
        let records: Vec<Record<'_>> = data
            .iter()
            .map(|(sequence, data)| Record {
                sequence: sequence.clone(),
                data,
                arrival_ms: CREATED * 1_000,
            })
            .collect();
        let batch = Batch {
            fence: "events/shard",
            shard: "shard",
            owner: &format!("{:x}", fastrand::u64(..)),
            deadline: Machine.now() + 30_000,
            records: &records,
        };
        let writer = Writer::new(self.fences.clone(), self.bucket.clone(), Machine, Margins::default());
        let mut parts = Parts::new("events".to_owned())?;
        let outcome = self.runtime.block_on(async {
            match redrive {
                true => writer.redrive(&batch, &mut parts).await,
                false => writer.write(&batch, &mut parts).await,
            }
        });
        match outcome {
            Outcome::Done(tally) => Ok(tally),
            Outcome::Again(cause) => Err(cause.into()),
        }
    }

    /// Drives records, and compares them, the events put and found, and the objects with what is
    /// expected.
    #[track_caller]
    fn check(
        &self,
        redrive: bool,
        numbers: std::ops::RangeInclusive<u32>,
        expected: (usize, usize, usize, usize),
    ) -> Result<()> {
        let Tally {
            records,
            rows,
            covered,
            objects,
            ..
        } = self.drive(redrive, numbers)?;
        assert_eq!((records, rows, covered, objects), expected);
        Ok(())
    }

    /// The identities of all rows, sorted.
    fn rows(&self) -> Result<Vec<String>> {
        let bucket = objects::Bucket::open(self.name.clone())?;
        let mut rows = Vec::new();
        for key in bucket.keys("raw/events/")? {
            for row in bucket.parquet(&key)?.rows {
                let (_, uuid) = row.get_column_iter().next().context("a column")?;
                rows.push(uuid.to_string());
            }
        }
        rows.sort();
        Ok(rows)
    }
}

/// 2026-01-31T23:00Z; the events of a hundred numbers are of one hour.
const CREATED: i64 = 1_769_900_400;

/// An event; every tenth record holds none.
fn event(number: u32) -> String {
    let created = CREATED - i64::from(number / 100) * 3_600;
    let text = match number % 10 {
        0 => format!("poison {number}"),
        _ => format!(r#"{{"event_uuid":"{number:08}","event_name":"a:b","created_at":{created}}}"#),
    };
    base64_simd::STANDARD.encode_to_string(text)
}

/// The identities of the events among records, as [`Lake::rows`] gives them.
fn events(numbers: std::ops::RangeInclusive<u32>) -> Vec<String> {
    let events = numbers.filter(|number| number % 10 != 0);
    events.map(|number| format!("\"{number:08}\"")).collect()
}

async fn create_table(client: &aws_sdk_dynamodb::Client, name: &str) -> Result<()> {
    let key = lake::contract::fence::SHARD;
    let text = AttributeDefinition::builder().attribute_type(ScalarAttributeType::S);
    let hash = KeySchemaElement::builder().key_type(KeyType::Hash);
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(text.attribute_name(key).build()?)
        .key_schema(hash.attribute_name(key).build()?)
        .send()
        .await
        .with_context(|| format!("cannot create table {name}"))?;
    Ok(())
}

async fn create_bucket(config: &aws_config::SdkConfig, name: &str) -> Result<()> {
    let region = config.region().context("a region")?.as_ref();
    let place = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::from(region));
    let config = aws_sdk_s3::config::Builder::from(config).force_path_style(true);
    aws_sdk_s3::Client::from_conf(config.build())
        .create_bucket()
        .bucket(name)
        .create_bucket_configuration(place.build())
        .send()
        .await
        .with_context(|| format!("cannot create bucket {name}"))?;
    Ok(())
}

#[test]
fn an_item_of_dynamodb_is_a_fence() -> Result<()> {
    let lake = Lake::create()?;
    lake.runtime.block_on(conformance::fence(&lake.fences, "events/shard"));
    Ok(())
}

#[test]
fn a_bucket_is_a_store() -> Result<()> {
    let lake = Lake::create()?;
    lake.runtime.block_on(conformance::store(&lake.bucket, "raw/events/"));
    Ok(())
}

#[test]
fn what_was_given_up_is_driven_again_once() -> Result<()> {
    let lake = Lake::create()?;
    lake.check(false, 1..=99, (99, 99, 0, 2))?;
    // 100 to 199 were given up by the event source mapping, and 180 to 199 are of the same hour.
    lake.check(false, 200..=249, (50, 50, 0, 2))?;
    lake.check(true, 100..=199, (100, 100, 0, 2))?;
    lake.check(true, 100..=199, (100, 0, 100, 0))?;
    lake.check(true, 50..=249, (200, 0, 200, 0))?;
    lake.check(false, 150..=249, (0, 0, 0, 0))?;
    assert_eq!(lake.rows()?, events(1..=249));
    Ok(())
}

#[test]
fn what_was_driven_again_beyond_the_fence_is_not_written_again() -> Result<()> {
    let lake = Lake::create()?;
    lake.check(false, 1..=9, (9, 9, 0, 1))?;
    lake.check(true, 20..=59, (40, 40, 0, 2))?;
    lake.check(false, 10..=39, (30, 10, 20, 2))?;
    lake.check(false, 40..=69, (30, 10, 20, 2))?;
    lake.check(false, 70..=79, (10, 10, 0, 2))?;
    assert_eq!(lake.rows()?, events(1..=79));
    Ok(())
}

#[test]
fn a_batch_of_very_many_hours_is_written_from_its_beginning() -> Result<()> {
    let lake = Lake::create()?;
    // 250 hours and the quarantine.
    let numbers = 1..=24_999;
    let first = lake.drive(false, numbers.clone())?;
    assert_eq!((first.records, first.left, first.objects), (12_499, 12_500, 126));
    let second = lake.drive(false, numbers.clone())?;
    assert_eq!((second.skipped, second.records, second.left), (12_499, 12_500, 0));
    assert_eq!(lake.rows()?, events(numbers));
    Ok(())
}

#[test]
fn a_lease_that_is_taken_is_waited_for() -> Result<()> {
    let lake = Lake::create()?;
    let fence = async |owner: &str| {
        use lake::write::Fence as _;
        let now = Machine.now();
        lake.fences.acquire("events/shard", owner, now, now + 1_500).await
    };
    lake.runtime
        .block_on(fence("somebody else"))
        .context("the lease is free")?;
    let start = std::time::Instant::now();
    let tally = lake.drive(false, 1..=9)?;
    assert_eq!((tally.rows, tally.objects), (9, 1));
    assert!(start.elapsed() > Duration::from_millis(1_000), "{:?}", start.elapsed());
    Ok(())
}
