//! Brings the programme stream into the table.

use std::rc::Rc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use lambda_kit::batch::{Response, kinesis};
use lambda_kit::{aws, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use tv_guide::budget::Budget;
use tv_guide::consume::{Record, consume};
use tv_guide::contract::table::{ConsumeEnv, limit};
use tv_guide::enrich::Upstreams;
use tv_guide::retry::{Client, Window};
use tv_guide::upstream::Pace as _;
use tv_guide_lambda::batch::{Call, Reporter, answer};
use tv_guide_lambda::dynamo::Dynamo;
use tv_guide_lambda::pace::RealTime;
use tv_guide_lambda::quarantine::Bucket;
use tv_guide_lambda::run::{deadline, number};
use tv_guide_lambda::secret::{Key, SecretsManager};
use tv_guide_lambda::upstream::{Bases, Http};

/// The longest that one call of AWS may take, with its repetitions.
const AWS_CALL: Duration = Duration::from_secs(20);
/// How long one call of the function may ask for details.
const DETAILS: SignedDuration = SignedDuration::from_secs(limit::DETAILS_SECONDS as i64);

/// What every invocation uses.
struct Function {
    table: Dynamo,
    quarantine: Bucket,
    upstream: Http<SecretsManager>,
    to_tvmaze: Rc<Window>,
    monthly_budget: u64,
    reporter: Reporter,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let ConsumeEnv {
        environment,
        table,
        quarantine,
        watchmode_url,
        watchmode_secret,
        monthly_budget,
        tvmaze_url,
    } = ConsumeEnv::read(|key| std::env::var(key).ok()).inspect_err(|missing| tracing::error!("{missing}"))?;
    let aws = aws::config(AWS_CALL);
    let bases = Bases {
        watchmode: watchmode_url,
        tvmaze: Some(tvmaze_url),
    };
    let function = Function {
        table: Dynamo::new(&aws, table),
        quarantine: Bucket::new(&aws, quarantine),
        upstream: Http::new(bases, Key::new(SecretsManager::new(&aws, watchmode_secret)))?,
        to_tvmaze: Rc::default(),
        monthly_budget: number("WATCHMODE_MONTHLY_BUDGET", &monthly_budget)?,
        reporter: Reporter::new(&environment, "tv-guide-consume"),
    };
    let function = &function;
    lambda_runtime::run(service_fn(move |event| function.answer(event))).await
}

impl Function {
    async fn answer(&self, event: LambdaEvent<kinesis::Event>) -> Result<Response, Error> {
        let (start, now) = (Instant::now(), RealTime.now());
        let records: Vec<Record<'_>> = event.payload.records.iter().map(record).collect();
        let end = deadline(&event.context).min(now.saturating_add(DETAILS)?);
        let budget = Budget::new(&self.table, self.monthly_budget);
        let client = Client::new(&self.upstream, &RealTime, budget, end).sharing(&self.to_tvmaze);
        let details = Upstreams::new(&client, &self.table, self.monthly_budget);
        // On the heap, since a future holds all those inside it.
        let batch = Box::pin(consume(&records, &self.table, &self.quarantine, &details, now));
        let report = batch.await;
        let call = Call {
            request_id: &event.context.request_id,
            timestamp_ms: RealTime.now().as_millisecond().unsigned_abs(),
            took: start.elapsed(),
        };
        if let Err(error) = self.reporter.consumed(&report, call, std::io::stdout().lock()) {
            // The records are worth more than their count.
            tracing::error!(%error, "metrics are not written");
        }
        Ok(answer(
            report.failure.as_ref().map(|failure| failure.sequence_number.as_str()),
        ))
    }
}

fn record(record: &kinesis::Record) -> Record<'_> {
    let arrived = record
        .arrived
        .and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok());
    Record {
        shard: &record.shard,
        sequence_number: &record.sequence_number,
        arrived: arrived.and_then(|since| Timestamp::from_duration(since).ok()),
        data: record.data.as_deref().map_err(String::as_str),
    }
}
