//! Compacts the hours that are closed and marked, or the one that an operator names.

use std::time::{Duration, Instant};

use lake::compact::statement::Tables as Statements;
use lake::compact::{Compaction, Ports, Settings, Shift};
use lake::contract::CompactEnv;
use lake::write::Clock as _;
use lake_lambda::athena::Athena;
use lake_lambda::catalog::{Glue, Tables};
use lake_lambda::clock::Machine;
use lake_lambda::compact::merge::Parquet;
use lake_lambda::compact::objects::Objects;
use lake_lambda::compact::{Answer, Event, Numbers};
use lake_lambda::hours::Ledger;
use lake_lambda::report::{Invocation, Reporter};
use lambda_kit::{aws, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};

/// How long one call to AWS may take with all its tries: a file of a generation is some 40 MB. Less
/// than the lease's margin, so that no request of a dead invocation is under way when another writes.
const CALL: Duration = Duration::from_secs(50);

/// What Lambda says of the function's memory, in MiB.
const MEMORY: &str = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";

struct Function {
    compaction: Compaction<Ledger, Objects, Glue, Parquet, Athena, Machine>,
    reporter: Reporter,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    // It lives on after a panic: one at a damaged object is an error that names the object, and
    // nothing of an hour is left in memory for the next.
    telemetry::log();
    let variable = |key: &str| std::env::var(key).ok();
    let env = CompactEnv::read(variable).inspect_err(|missing| tracing::error!("{missing}"))?;
    let numbers = Numbers::read(&env).inspect_err(|unusable| tracing::error!("{unusable}"))?;
    let memory = variable(MEMORY).and_then(|memory| memory.parse().ok()).unwrap_or(1_024);
    let CompactEnv {
        environment,
        dataset,
        bucket,
        database,
        table,
        raw_table: raw,
        generations_table: generations,
        hours,
        workgroup,
        close_after_minutes: _,
        grace_minutes: _,
        most_bytes: _,
    } = env;
    let config = aws::config(CALL);
    let statements = Statements {
        raw: raw.clone(),
        generations: generations.clone(),
    };
    let tables = Tables {
        database: database.clone(),
        table,
        raw,
        generations: Some(generations),
    };
    let ports = Ports {
        hours: Ledger::new(&config, hours, &dataset),
        store: Objects::new(&config, bucket, &dataset),
        catalog: Glue::new(&config, tables),
        merge: Parquet::new(memory, std::env::temp_dir()),
        engine: Athena::new(&config, workgroup, database, statements),
        clock: Machine,
    };
    let settings = Settings::new(numbers.close_after, numbers.grace, numbers.most_bytes);
    let function = Function {
        compaction: Compaction::new(ports, settings),
        reporter: Reporter::new(&environment, dataset),
    };
    // One invocation at a time: the lock never waits.
    let function = tokio::sync::Mutex::new(function);
    lambda_runtime::run(service_fn(|event| async { function.lock().await.handle(event).await })).await
}

impl Function {
    async fn handle(&mut self, event: LambdaEvent<Event>) -> Result<Answer, Error> {
        let start = Instant::now();
        let LambdaEvent { payload, context } = event;
        let hour = payload.hour().inspect_err(|error| tracing::error!("{error}"))?;
        // An event that Lambda delivers twice has one request id, and both may run at once.
        let owner = format!("{}-{:08x}", context.request_id, fastrand::u32(..));
        let shift = Shift {
            owner: &owner,
            deadline: context.deadline,
        };
        let report = match hour {
            Some(hour) => self.compaction.by_hand(hour, shift).await?,
            None => self.compaction.run(shift).await?,
        };
        let invocation = Invocation {
            request_id: &context.request_id,
            took: start.elapsed(),
            timestamp_ms: Machine.now(),
        };
        let reported = self.reporter.compacted(&report, invocation, std::io::stdout());
        if let Err(error) = reported {
            // The hours are worth more than their count.
            tracing::error!(%error, "metrics are not written");
        }
        Ok(Answer::from(&report))
    }
}
