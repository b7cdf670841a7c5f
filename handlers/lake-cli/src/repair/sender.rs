//! Events onto the stream, one request after another: what comes back is known to be there.

use std::sync::Arc;

use anyhow::{Result, bail};
use fastrand::Rng;
use tokio::sync::{mpsc, watch};

use crate::produce::batch::{Batch, MAX_RECORD_BYTES};
use crate::produce::deliver::{Backoff, Courier, Report, Stop};
use crate::produce::stream::{Record, Stream};

/// Reports under way.
const REPORTS: usize = 64;

/// The records, each request's by themselves.
///
/// # Errors
///
/// When one is larger than the stream takes.
pub(crate) fn requests(records: impl IntoIterator<Item = Record>) -> Result<Vec<Vec<Record>>> {
    let (mut batch, mut requests) = (Batch::default(), Vec::new());
    for record in records {
        if record.size() > MAX_RECORD_BYTES {
            bail!("a record of {} bytes is larger than the stream takes", record.size());
        }
        requests.extend(batch.push(record));
    }
    requests.extend(batch.take());
    Ok(requests)
}

/// Sends the records of a request until the stream has acknowledged each of them.
///
/// # Errors
///
/// When one does not get through, however often it is sent; others may have.
pub(crate) async fn send<S: Stream>(stream: &Arc<S>, request: Vec<Record>, backoff: Backoff) -> Result<()> {
    let (reports, mut reported) = mpsc::channel(REPORTS);
    let mut courier = Courier {
        stream: Arc::clone(stream),
        backoff,
        rng: Rng::new(),
        stop: watch::channel(Stop::No).0,
        reports,
    };
    let delivered = async move { courier.deliver(request).await };
    let failure = async {
        let mut first = None;
        while let Some(report) = reported.recv().await {
            if let Report::Failed(failure) = report {
                first.get_or_insert(failure);
            }
        }
        first
    };
    let ((), failure) = tokio::join!(delivered, failure);
    match failure {
        None => Ok(()),
        Some(failure) => bail!(
            "the stream does not take it: {}: {}",
            failure.error_code,
            failure.reason
        ),
    }
}
