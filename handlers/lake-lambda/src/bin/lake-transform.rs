//! The Firehose transform function.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use lake::Transformer;
use lake::contract::TransformEnv;
use lake_lambda::report::{Invocation, Reporter};
use lambda_kit::telemetry;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::value::RawValue;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let TransformEnv { environment, dataset } =
        TransformEnv::read(|key| std::env::var(key).ok()).inspect_err(|missing| tracing::error!("{missing}"))?;
    let reporter = Reporter::new(&environment, dataset);
    let mut transformer = Transformer::default();
    // The transform waits for nothing, so that its answer is a future that is ready.
    let answer = move |event| std::future::ready(answer(&mut transformer, &reporter, event));
    lambda_runtime::run(service_fn(answer)).await
}

/// The request stays text, and the response is text already: neither becomes a tree.
fn answer(
    transformer: &mut Transformer,
    reporter: &Reporter,
    event: LambdaEvent<Box<RawValue>>,
) -> Result<Box<RawValue>, Error> {
    let start = Instant::now();
    let batch = transformer
        .transform(event.payload.get().as_bytes())
        .inspect_err(|refusal| tracing::error!("{refusal}"))?;
    let response = serde_json::from_slice(batch.response)?;
    let took = start.elapsed();
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let invocation = Invocation {
        request_id: &event.context.request_id,
        took,
        timestamp_ms: now.as_millis() as u64,
    };
    let reported = reporter.transformed(&batch, invocation, std::io::stdout());
    if let Err(error) = reported {
        // The events are worth more than their count.
        tracing::error!(%error, "metrics are not written");
    }
    Ok(response)
}
