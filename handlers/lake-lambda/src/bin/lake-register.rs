//! Hears of new objects: their hours become partitions, and are marked for a compaction.

use std::time::{Duration, Instant};

use lake::contract::RegisterEnv;
use lake::register::Register;
use lake::write::Clock as _;
use lake_lambda::catalog::{Glue, Tables};
use lake_lambda::clock::Machine;
use lake_lambda::hours::Ledger;
use lake_lambda::register::answer;
use lake_lambda::report::{Invocation, Reporter};
use lambda_kit::batch::{Response, sqs};
use lambda_kit::{aws, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};

/// How long one call to AWS may take with all its tries.
const CALL: Duration = Duration::from_secs(8);

struct Function {
    register: Register<Ledger, Glue>,
    reporter: Reporter,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let RegisterEnv {
        environment,
        dataset,
        database,
        table,
        raw_table: raw,
        hours,
    } = RegisterEnv::read(|key| std::env::var(key).ok()).inspect_err(|missing| tracing::error!("{missing}"))?;
    let config = aws::config(CALL);
    let tables = Tables {
        database,
        table,
        raw,
        generations: None,
    };
    let ledger = Ledger::new(&config, hours, &dataset);
    let function = Function {
        register: Register::new(ledger, Glue::new(&config, tables), &dataset),
        reporter: Reporter::new(&environment, dataset),
    };
    // One invocation at a time: the lock never waits.
    let function = tokio::sync::Mutex::new(function);
    lambda_runtime::run(service_fn(|event| async { function.lock().await.handle(event).await })).await
}

impl Function {
    async fn handle(&mut self, event: LambdaEvent<sqs::Event>) -> Result<Response, Error> {
        let start = Instant::now();
        let LambdaEvent { payload, context } = event;
        let bodies: Vec<&str> = payload.records.iter().map(|message| message.body.as_str()).collect();
        let now = Machine.now();
        let noted = self.register.note(&bodies, now).await;
        let invocation = Invocation {
            request_id: &context.request_id,
            took: start.elapsed(),
            timestamp_ms: now,
        };
        let reported = self.reporter.registered(&noted, invocation, std::io::stdout());
        if let Err(error) = reported {
            // The hours are worth more than their count.
            tracing::error!(%error, "metrics are not written");
        }
        Ok(answer(&noted, &payload))
    }
}
