//! Tells followers of changes in the table.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use lambda_kit::batch::{Response, dynamodb};
use lambda_kit::{aws, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use tv_guide::contract::attribute;
use tv_guide::contract::table::NotifyEnv;
use tv_guide::notify::{Record, notify};
use tv_guide_lambda::batch::{Call, Reporter, answer};
use tv_guide_lambda::dynamo::Dynamo;
use tv_guide_lambda::run::deadline;
use tv_guide_lambda::topic::Sns;

/// The longest that one call of AWS may take, with its repetitions.
const AWS_CALL: Duration = Duration::from_secs(20);

/// What every invocation uses.
struct Function {
    table: Dynamo,
    topic: Sns,
    reporter: Reporter,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let NotifyEnv {
        environment,
        table,
        topic,
    } = NotifyEnv::read(|key| std::env::var(key).ok()).inspect_err(|missing| tracing::error!("{missing}"))?;
    let aws = aws::config(AWS_CALL);
    let function = Function {
        table: Dynamo::new(&aws, table),
        topic: Sns::new(&aws, topic),
        reporter: Reporter::new(&environment, "tv-guide-notify"),
    };
    let function = &function;
    lambda_runtime::run(service_fn(move |event| function.answer(event))).await
}

impl Function {
    async fn answer(&self, event: LambdaEvent<dynamodb::Event>) -> Result<Response, Error> {
        let start = Instant::now();
        let records: Vec<Record<'_>> = event.payload.records.iter().map(record).collect();
        let end = deadline(&event.context);
        let report = notify(&records, &self.table, &self.topic, Timestamp::now, end).await;
        let call = Call {
            request_id: &event.context.request_id,
            timestamp_ms: Timestamp::now().as_millisecond().unsigned_abs(),
            took: start.elapsed(),
        };
        if let Err(error) = self.reporter.notified(&report, call, std::io::stdout().lock()) {
            // Who has been told is worth more than the count.
            tracing::error!(%error, "metrics are not written");
        }
        Ok(answer(
            report.failure.as_ref().map(|failure| failure.sequence_number.as_str()),
        ))
    }
}

fn record(record: &dynamodb::Record) -> Record<'_> {
    let pk = record.keys.get(attribute::PK).and_then(|pk| pk.as_str());
    Record {
        sequence_number: &record.sequence_number,
        pk: pk.unwrap_or_default(),
        old: record.old.as_ref(),
        // What has expired is as good as removed; nobody is told of either.
        new: record.new.as_ref().filter(|_| !record.expired),
    }
}
