//! The lake's demo: events go in, every one of them is counted, a query tells of them.

mod report;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::deployed::Deployed;
use super::steps::Steps;
use super::{Args, Stage};
use crate::forward::{LAKE, Verb};
use crate::progress::count;
use crate::{child, progress};
use report::{Account, Report};

/// The demo's last question; what it asks of the table is what a user would.
const BY_TYPE: &str = "\
    SELECT event_type, count(*) AS events, count(DISTINCT event_subtype) AS subtypes \
    FROM events GROUP BY event_type ORDER BY events DESC, event_type LIMIT 10";

const COUNT: &str = "SELECT count(*) AS events FROM events";

/// How long no new event may arrive before the demo gives up: Firehose's buffer of a minute is
/// 3 s in the local cloud, and a busy machine takes its time for the rest.
const PATIENCE: Duration = Duration::from_secs(90);

/// How long to wait before asking again; an Athena query takes about as long.
const POLL: Duration = Duration::from_millis(500);

/// What `lake-cli produce --json` says at its end.
#[derive(Debug, Deserialize)]
struct Sent {
    sent: u64,
    /// How many events the stream took.
    acknowledged: u64,
    failed: u64,
}

/// What `lake-cli quarantine --summary --json` says.
#[derive(Debug, Deserialize)]
struct Quarantine {
    records: u64,
}

/// The journey, once the cloud stands and the functions are packed.
pub(super) fn run(stage: &Stage<'_>, args: &Args, mut steps: Steps) -> Result<()> {
    let deployed = steps.time("deploy", || stage.deploy(&[LAKE]))?;
    let lake = Lake(deployed);
    let sent = steps.time("produce", || lake.produce(args.events))?;
    let account = steps.time("deliver", || settle(&lake, &sent))?;
    let table = steps.time("query", || lake.events_by_type())?;
    Report::new(args.keep, account, steps).print(args.json, &table)
}

/// Waits until every event that the stream took is either in the table or in quarantine.
fn settle(lake: &Lake<'_>, sent: &Sent) -> Result<Account> {
    let step = progress::step("waiting until every event has arrived");
    let mut last = Account::default();
    let mut moved = Instant::now();
    loop {
        let account = lake.count(sent)?;
        let arrived = account.queryable + account.quarantined;
        if arrived == sent.acknowledged {
            step.done();
            return Ok(account);
        }
        if arrived > sent.acknowledged {
            bail!(
                "{} events arrived of {} that were sent",
                count(arrived),
                count(sent.acknowledged)
            );
        }
        if account != last {
            (last, moved) = (account, Instant::now());
        }
        if moved.elapsed() > PATIENCE {
            bail!(
                "{} of {} events are missing, and none has arrived for {} s",
                count(sent.acknowledged - arrived),
                count(sent.acknowledged),
                PATIENCE.as_secs()
            );
        }
        step.detail(format!("{} of {}", count(arrived), count(sent.acknowledged)));
        child::pause(POLL)?;
    }
}

/// A deployed lake.
struct Lake<'a>(Deployed<'a>);

impl Lake<'_> {
    /// Sends generated events.
    fn produce(&self, events: u64) -> Result<Sent> {
        let mut command = self.0.command(Verb::Produce)?;
        let text = child::output(command.args(["--count", &events.to_string(), "--json"]))?;
        let sent: Sent =
            serde_json::from_str(&text).with_context(|| format!("cannot read what produce prints: {text}"))?;
        if sent.failed > 0 || sent.sent != events {
            bail!(
                "{} of {events} events were not taken by the stream",
                events - sent.acknowledged
            );
        }
        Ok(sent)
    }

    /// Counts what has arrived, on either side.
    fn count(&self, sent: &Sent) -> Result<Account> {
        let queryable = self.0.number(COUNT).context("cannot count the rows")?;
        let mut quarantine = self.0.command(Verb::Quarantine)?;
        let text =
            child::quiet_output(quarantine.args(["--summary", "--json"])).context("cannot count the quarantine")?;
        let quarantine: Quarantine =
            serde_json::from_str(&text).with_context(|| format!("cannot read what quarantine prints: {text}"))?;
        Ok(Account {
            events: sent.acknowledged,
            queryable,
            quarantined: quarantine.records,
        })
    }

    /// The commonest types of events, as a table for people.
    fn events_by_type(&self) -> Result<String> {
        child::output(self.0.command(Verb::Query)?.arg(BY_TYPE))
    }
}
