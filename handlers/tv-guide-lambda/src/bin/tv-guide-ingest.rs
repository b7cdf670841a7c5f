//! Publishes what has changed at the upstreams.

use std::time::Duration;

use lambda_kit::{aws, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use tv_guide::budget::Budget;
use tv_guide::contract::ingest::IngestEnv;
use tv_guide::ingest::{self, Order, Ports};
use tv_guide::retry::Client;
use tv_guide::upstream::Pace as _;
use tv_guide_lambda::dynamo::Dynamo;
use tv_guide_lambda::pace::RealTime;
use tv_guide_lambda::run::{Reporter, chain, deadline, number};
use tv_guide_lambda::secret::{Key, SecretsManager};
use tv_guide_lambda::stream::Kinesis;
use tv_guide_lambda::upstream::{Bases, Http};

/// The longest that one call of AWS may take, with its repetitions.
const AWS_CALL: Duration = Duration::from_secs(20);

/// What every invocation uses.
struct Function {
    table: Dynamo,
    stream: Kinesis,
    upstream: Http<SecretsManager>,
    monthly_budget: u64,
    reporter: Reporter,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let IngestEnv {
        environment,
        table,
        stream,
        watchmode_url,
        watchmode_secret,
        monthly_budget,
        tvmaze_url,
    } = IngestEnv::read(|key| std::env::var(key).ok()).inspect_err(|missing| tracing::error!("{missing}"))?;
    let aws = aws::config(AWS_CALL);
    let bases = Bases {
        watchmode: watchmode_url,
        tvmaze: Some(tvmaze_url),
    };
    let function = Function {
        table: Dynamo::new(&aws, table),
        stream: Kinesis::new(&aws, stream),
        upstream: Http::new(bases, Key::new(SecretsManager::new(&aws, watchmode_secret)))?,
        monthly_budget: number("WATCHMODE_MONTHLY_BUDGET", &monthly_budget)?,
        reporter: Reporter::new(&environment, "tv-guide-ingest"),
    };
    let function = &function;
    lambda_runtime::run(service_fn(move |event| function.answer(event))).await
}

impl Function {
    async fn answer(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        let order = Order::read(&event.payload);
        let budget = Budget::new(&self.table, self.monthly_budget);
        let client = Client::new(&self.upstream, &RealTime, budget, deadline(&event.context));
        let ports = Ports {
            client: &client,
            table: &self.table,
            stream: &self.stream,
            pace: &RealTime,
        };
        let ran = ingest::run(&order, &ports).await;
        let now = RealTime.now().as_millisecond().unsigned_abs();
        self.reporter.log(&ran.report);
        let metrics = self.reporter.metrics(
            &ran.report,
            ran.records,
            client.counts(),
            &event.context.request_id,
            now,
            std::io::stdout().lock(),
        );
        if let Err(error) = metrics {
            // What was published is worth more than its count.
            tracing::error!(%error, "metrics are not written");
        }
        match ran.error {
            None => Ok(ran.answer()),
            Some(error) => {
                tracing::error!("the run failed: {}", chain(&error));
                Err(error.into())
            }
        }
    }
}
