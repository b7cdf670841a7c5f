//! The direct writer: a batch of a Kinesis shard to Parquet objects, exactly once.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use lake::contract::WriteEnv;
use lake::write::{Batch, Margins, Outcome, Writer};
use lake_lambda::bucket::Bucket;
use lake_lambda::clock::Machine;
use lake_lambda::fence::Dynamo;
use lake_lambda::parts::Parts;
use lake_lambda::report::{Invocation, Reporter};
use lake_lambda::shard::Event;
use lake_lambda::written::Answer;
use lambda_kit::{aws, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::value::RawValue;

/// How long one call to AWS may take with all its tries: less than the lease's margin, so that no
/// request of a dead invocation is under way when another writes.
const CALL: Duration = Duration::from_secs(8);

struct Function {
    writer: Writer<Dynamo, Bucket, Machine>,
    parts: Parts,
    reporter: Reporter,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let env = WriteEnv::read(|key| std::env::var(key).ok()).inspect_err(|missing| tracing::error!("{missing}"))?;
    let config = aws::config(CALL);
    let bucket = Bucket::new(&config, env.bucket);
    let fences = Dynamo::new(&config, env.fences);
    let function = Function {
        writer: Writer::new(fences, bucket, Machine, Margins::default()),
        parts: Parts::new(env.dataset.clone())?,
        reporter: Reporter::new(&env.environment, env.dataset),
    };
    // One invocation at a time: the lock never waits.
    let function = tokio::sync::Mutex::new(function);
    lambda_runtime::run(service_fn(|event| async { function.lock().await.handle(event).await })).await
}

impl Function {
    async fn handle(&mut self, event: LambdaEvent<Box<RawValue>>) -> Result<Answer, Error> {
        let start = Instant::now();
        let LambdaEvent { payload, context } = event;
        let event: Event<'_> = serde_json::from_str(payload.get())?;
        let shard = event
            .shard()
            .inspect_err(|misdirected| tracing::error!("{misdirected}"))?;
        let Some(shard) = shard else {
            return Ok(Answer::again(&[], 0));
        };
        let batch = Batch {
            fence: &shard.fence,
            shard: shard.id,
            owner: &context.request_id,
            deadline: context.deadline,
            records: &shard.records,
        };
        let outcome = match event.redrive {
            true => self.writer.redrive(&batch, &mut self.parts).await,
            false => self.writer.write(&batch, &mut self.parts).await,
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let invocation = Invocation {
            request_id: &context.request_id,
            took: start.elapsed(),
            timestamp_ms: now.as_millis() as u64,
        };
        self.reporter.written(&batch, outcome, self.parts.counts(), invocation);
        match outcome {
            Outcome::Done(tally) if event.redrive => Ok(Answer::redriven(&tally)),
            Outcome::Done(tally) => Ok(Answer::again(&shard.records, tally.left)),
            Outcome::Again(cause) if event.redrive => Err(cause.into()),
            Outcome::Again(_) => Ok(Answer::again(&shard.records, shard.records.len())),
        }
    }
}
