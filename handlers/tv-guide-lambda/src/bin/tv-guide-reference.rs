//! Refreshes the sources and genres.

use std::time::Duration;

use lambda_kit::{aws, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use tv_guide::budget::Budget;
use tv_guide::contract::ingest::ReferenceEnv;
use tv_guide::reference::{self, Order};
use tv_guide::retry::Client;
use tv_guide::upstream::Pace as _;
use tv_guide_lambda::dynamo::Dynamo;
use tv_guide_lambda::pace::RealTime;
use tv_guide_lambda::run::{Reporter, chain, deadline, number};
use tv_guide_lambda::secret::{Key, SecretsManager};
use tv_guide_lambda::upstream::{Bases, Http};

/// The longest that one call of AWS may take, with its repetitions.
const AWS_CALL: Duration = Duration::from_secs(20);

/// What every invocation uses.
struct Function {
    table: Dynamo,
    upstream: Http<SecretsManager>,
    monthly_budget: u64,
    reporter: Reporter,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let ReferenceEnv {
        environment,
        table,
        watchmode_url,
        watchmode_secret,
        monthly_budget,
    } = ReferenceEnv::read(|key| std::env::var(key).ok()).inspect_err(|missing| tracing::error!("{missing}"))?;
    let aws = aws::config(AWS_CALL);
    let key = Key::new(SecretsManager::new(&aws, watchmode_secret));
    let bases = Bases {
        watchmode: watchmode_url,
        tvmaze: None,
    };
    let function = Function {
        table: Dynamo::new(&aws, table),
        upstream: Http::new(bases, key)?,
        monthly_budget: number("WATCHMODE_MONTHLY_BUDGET", &monthly_budget)?,
        reporter: Reporter::new(&environment, "tv-guide-reference"),
    };
    let function = &function;
    lambda_runtime::run(service_fn(move |event| function.answer(event))).await
}

impl Function {
    async fn answer(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        let order = Order::read(&event.payload);
        let budget = Budget::new(&self.table, self.monthly_budget);
        let client = Client::new(&self.upstream, &RealTime, budget, deadline(&event.context));
        let refreshed = reference::refresh(&order, &client, &self.table)
            .await
            .inspect_err(|error| tracing::error!("the table failed: {}", chain(error)))?;
        self.reporter.log(&refreshed.report);
        let metrics = self.reporter.metrics(
            &refreshed.report,
            0,
            client.counts(),
            &event.context.request_id,
            RealTime.now().as_millisecond().unsigned_abs(),
            std::io::stdout().lock(),
        );
        if let Err(error) = metrics {
            // What was refreshed is worth more than its count.
            tracing::error!(%error, "metrics are not written");
        }
        Ok(refreshed.answer())
    }
}
