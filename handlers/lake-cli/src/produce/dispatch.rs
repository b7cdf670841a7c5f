//! From the source to the lanes: at the wanted rate, in batches, until the end.

use super::batch::{Batch, MAX_RECORD_BYTES};
use super::deliver::{Backoff, Courier, Report, Stop};
use super::failed::{Failure, code};
use super::key;
use super::pace::Pace;
use super::source::Item;
use super::stream::{Record, Stream};
use anyhow::{Context, Result};
use fastrand::Rng;
use lake::aggregate::{Packed, Packer, UNIT};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// How long an event waits for others to share its request.
const LINGER: Duration = Duration::from_millis(200);

/// How a run is to go.
pub(crate) struct Plan {
    /// Events per second; none for as fast as they come.
    pub(crate) rate: Option<f64>,
    /// When to stop taking events.
    pub(crate) duration: Option<Duration>,
    /// How many requests may be under way at once.
    pub(crate) lanes: usize,
    /// Whether events are packed into records of [`UNIT`] bytes, instead of a record for each.
    pub(crate) aggregate: bool,
    /// Waits between tries.
    pub(crate) backoff: Backoff,
    /// For the waits.
    pub(crate) rng: Rng,
}

/// What was taken from the source.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// Events, each of which is reported acknowledged or failed.
    pub(crate) events: u64,
    /// Lines without an event.
    pub(crate) blank: u64,
    /// Why the source ended early, if it did.
    pub(crate) broken: Option<anyhow::Error>,
}

/// One request at a time, and the batch that fills meanwhile.
struct Lane {
    packer: Option<Packer>,
    batch: Batch,
    oldest: Option<Instant>,
    sender: mpsc::Sender<Vec<Record>>,
}

impl Lane {
    /// Takes an event: into a record with others, or into one of its own.
    async fn place(&mut self, event: Record) -> Result<()> {
        let Some(packer) = &mut self.packer else {
            return self.push(event).await;
        };
        if event.size() >= UNIT {
            // It fills a record by itself, and packed it might be too large for one.
            if let Some(before) = packer.finish() {
                self.push(packed(before)).await?;
            }
            return self.push(event).await;
        }
        self.oldest.get_or_insert_with(Instant::now);
        match packer.push(&event.key, &event.data) {
            Some(full) => self.push(packed(full)).await,
            None => Ok(()),
        }
    }

    async fn push(&mut self, record: Record) -> Result<()> {
        let now = Instant::now();
        match self.batch.push(record) {
            Some(full) => {
                self.oldest = Some(now);
                self.send(full).await
            }
            None => {
                self.oldest.get_or_insert(now);
                Ok(())
            }
        }
    }

    /// Sends what has waited long enough, unless the lane is busy: then it would only wait
    /// there, and take no others along.
    async fn flush_due(&mut self, now: Instant) -> Result<()> {
        if self.oldest.is_none_or(|oldest| now < oldest + LINGER) {
            return Ok(());
        }
        if self.sender.capacity() > 0 {
            return self.flush().await;
        }
        self.oldest = Some(now);
        Ok(())
    }

    async fn flush(&mut self) -> Result<()> {
        if let Some(last) = self.packer.as_mut().and_then(Packer::finish) {
            self.push(packed(last)).await?;
        }
        self.oldest = None;
        match self.batch.take() {
            Some(records) => self.send(records).await,
            None => Ok(()),
        }
    }

    async fn send(&self, records: Vec<Record>) -> Result<()> {
        self.sender
            .send(records)
            .await
            .ok()
            .context("a lane ended before its batches did")
    }
}

/// Takes events until the source ends, the time is up or the run is stopped; returns when every
/// event taken has been reported.
///
/// Records of the same key go through the same lane, so that they stay in order as far as a
/// request that is accepted in part allows.
pub(crate) async fn run<S: Stream>(
    stream: S,
    mut source: mpsc::Receiver<Result<Item>>,
    mut plan: Plan,
    stop: watch::Sender<Stop>,
    reports: mpsc::Sender<Report>,
) -> Result<Taken> {
    let (mut lanes, mut couriers) = (Vec::new(), JoinSet::new());
    let stream = Arc::new(stream);
    for _ in 0..plan.lanes.max(1) {
        let (sender, mut batches) = mpsc::channel(1);
        lanes.push(Lane {
            packer: plan.aggregate.then(|| Packer::new(UNIT)),
            batch: Batch::default(),
            oldest: None,
            sender,
        });
        let mut courier = Courier {
            stream: Arc::clone(&stream),
            backoff: plan.backoff,
            rng: plan.rng.fork(),
            stop: stop.clone(),
            reports: reports.clone(),
        };
        couriers.spawn(async move {
            while let Some(batch) = batches.recv().await {
                courier.deliver(batch).await;
            }
        });
    }
    let taken = take(&mut source, &plan, &mut lanes, &stop, &reports).await?;
    for lane in &mut lanes {
        lane.flush().await?;
    }
    drop(lanes);
    while let Some(ended) = couriers.join_next().await {
        ended.context("a lane broke down")?;
    }
    Ok(taken)
}

async fn take(
    source: &mut mpsc::Receiver<Result<Item>>,
    plan: &Plan,
    lanes: &mut [Lane],
    stop: &watch::Sender<Stop>,
    reports: &mpsc::Sender<Report>,
) -> Result<Taken> {
    let (mut taken, mut pace, mut stop) = (Taken::default(), Pace::new(plan.rate), stop.subscribe());
    let end = plan.duration.and_then(|duration| Instant::now().checked_add(duration));
    while *stop.borrow_and_update() == Stop::No {
        let now = Instant::now();
        if end.is_some_and(|end| end <= now) {
            break;
        }
        for lane in lanes.iter_mut() {
            lane.flush_due(now).await?;
        }
        let due = pace.due().filter(|due| *due > now);
        let linger = lanes
            .iter()
            .filter_map(|lane| lane.oldest)
            .min()
            .map(|oldest| oldest + LINGER);
        let wake = [due, end, linger].into_iter().flatten().min();
        tokio::select! {
            biased;
            _ = stop.changed() => {}
            item = source.recv(), if due.is_none() => match item {
                Some(Ok(Item::Event(data))) => {
                    taken.events += 1;
                    pace.passed(now);
                    place(data, lanes, reports).await?;
                }
                Some(Ok(Item::Blank)) => taken.blank += 1,
                Some(Err(error)) => {
                    taken.broken = Some(error);
                    break;
                }
                None => break,
            },
            () = sleep_until(wake) => {}
        }
    }
    Ok(taken)
}

/// Puts an event into the lane of its key, or reports that it is too large for any.
async fn place(data: Vec<u8>, lanes: &mut [Lane], reports: &mpsc::Sender<Report>) -> Result<()> {
    let record = Record::plain(key::partition_key(&data), data);
    if record.size() > MAX_RECORD_BYTES {
        let reason = format!(
            "the event has {} bytes and its partition key {}; a record has at most {MAX_RECORD_BYTES}",
            record.data.len(),
            record.key.len()
        );
        let failure = Failure {
            data: record.data,
            error_code: code::TOO_LARGE.to_owned(),
            reason,
            attempts: 0,
        };
        return reports
            .send(Report::Failed(failure))
            .await
            .ok()
            .context("the account was closed early");
    }
    let lane = key::lane(&record.key, lanes.len());
    lanes.get_mut(lane).context("there is no lane")?.place(record).await
}

/// A packed record on its way.
pub(crate) fn packed(packed: Packed) -> Record {
    Record {
        key: packed.key,
        data: packed.data,
        packed: Some(packed.events),
    }
}

/// Sleeps until then; for ever without a time.
async fn sleep_until(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time.into()).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
