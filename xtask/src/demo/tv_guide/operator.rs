//! The TV guide as its operator and its users have it: through `tv-guide-cli` and `lake-cli`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::Sender;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use super::report::{Account, Guest};
use crate::child;
use crate::demo::deployed::Deployed;
use crate::forward::Verb;
use crate::launcher::Address;

/// The password of the demo's user, in a cloud that goes with the demo.
pub(super) const PASSWORD: &str = "Demo-guide-1";

/// What the demo asks of the lake: how many records there are, how many of them are changes, and
/// how many programmes they speak of.
const ROWS: &str = "SELECT count(*) AS records FROM programmes";
const CHANGES: &str = "SELECT count(*) AS changes FROM programmes WHERE event_name <> 'title:enrich'";
const PROGRAMMES: &str = "\
    SELECT count(DISTINCT json_extract_scalar(payload, '$.payload.program_id')) AS programmes \
    FROM programmes WHERE event_name = 'programme:scheduled'";

/// Seconds within which the notification must come.
const NOTIFIED: u64 = 90;

/// All that ingest has published: from what was on last night to the end of the last day.
const WEEK: [&str; 4] = ["--back", "48", "--ahead", "216"];

/// A deployed TV guide.
pub(super) struct Guide<'a>(pub(super) Deployed<'a>);

/// A programme, as far as the demo looks at it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Programme {
    pub(super) program_id: String,
    pub(super) title: String,
    show_id: Option<String>,
}

impl Programme {
    /// The show that it belongs to.
    pub(super) fn show(&self) -> Result<&str> {
        self.show_id
            .as_deref()
            .with_context(|| format!("{} belongs to no show", self.title))
    }
}

/// What a function of the guide answers.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    body: String,
}

impl Guide<'_> {
    /// Where to look further. The page is where the local cloud serves it, as nobody knows the
    /// distribution's own name.
    pub(super) fn guest(&self, cloud: &Address) -> Result<Guest> {
        Ok(Guest::new(
            &cloud.site,
            self.0.output("ApiUrl")?,
            self.0.output("TestUsername")?,
        ))
    }

    /// Has sources and genres fetched.
    pub(super) fn refresh(&self) -> Result<()> {
        let wanted = r#"{"refresh_sources":"Y","refresh_genres":"Y","regions":"GB"}"#;
        self.invoke("tv-guide-reference", wanted).map(drop)
    }

    /// Has titles and schedules fetched; gives how many records went to the stream.
    pub(super) fn ingest(&self) -> Result<u64> {
        let said = self.invoke("tv-guide-ingest", "{}")?;
        let records = said.get("records").and_then(Value::as_u64);
        records.with_context(|| format!("ingest does not say how many records it sent: {said}"))
    }

    fn invoke(&self, function: &str, payload: &str) -> Result<Value> {
        let mut command = self.0.command(Verb::Invoke)?;
        let text = child::quiet_output(command.args([function, "--payload", payload]))?;
        let answer: Answer =
            serde_json::from_str(&text).with_context(|| format!("cannot read what {function} answers: {text}"))?;
        if answer.status_code != 200 {
            bail!("{function} answers {}: {}", answer.status_code, answer.body);
        }
        serde_json::from_str(&answer.body).with_context(|| format!("cannot read what {function} says: {}", answer.body))
    }

    /// Adds the stack's test user.
    pub(super) fn add_user(&self) -> Result<()> {
        let mut command = self.0.command(Verb::Guide)?;
        child::quiet_output(command.args(["user", "add", "--password", PASSWORD])).map(drop)
    }

    /// Asks the API as the test user.
    pub(super) fn call(&self, request: &[&str]) -> Result<String> {
        let mut command = self.0.command(Verb::Guide)?;
        child::quiet_output(command.arg("call").args(request).args(["--password", PASSWORD]))
    }

    /// The ids of a list of sources or genres.
    pub(super) fn ids(&self, path: &str) -> Result<BTreeSet<String>> {
        let list: Vec<BTreeMap<String, Value>> = serde_json::from_str(&self.call(&[path])?)?;
        let ids = list.iter().filter_map(|entry| entry.get("id"));
        Ok(ids
            .map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned))
            .collect())
    }

    /// How many titles are recommended to the user.
    pub(super) fn recommended(&self) -> Result<usize> {
        let answer: Value = serde_json::from_str(&self.call(&["/recommendations"])?)?;
        Ok(answer.get("titles").and_then(Value::as_array).map_or(0, Vec::len))
    }

    /// What is on, as a table for people.
    pub(super) fn now(&self) -> Result<String> {
        let mut command = self.0.command(Verb::Guide)?;
        child::quiet_output(command.args(["now", "--channels", "10"]))
    }

    /// The first programme to come that belongs to a show.
    pub(super) fn next_programme_of_a_show(&self) -> Result<Programme> {
        let coming = self.programmes(&["--upcoming"])?;
        let mut of_shows = coming.into_iter().filter(|programme| programme.show_id.is_some());
        of_shows.next().context("no programme of a show is coming")
    }

    /// The programmes of a window, by start.
    fn programmes(&self, window: &[&str]) -> Result<Vec<Programme>> {
        let mut command = self.0.command(Verb::Guide)?;
        let text = child::quiet_output(command.arg("programmes").args(window))?;
        let lines = text.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().context("cannot read a programme")
    }

    /// Counts what has arrived, on all sides.
    pub(super) fn count(&self, published: u64) -> Result<Account> {
        let mut account = Account {
            published,
            rows: self.0.number(ROWS).context("cannot count the records in the lake")?,
            ..Account::default()
        };
        // A week of the guide is worth asking for once the rest is there.
        if account.rows == published {
            account.lake = self
                .0
                .number(PROGRAMMES)
                .context("cannot count the programmes in the lake")?;
            account.changes = self.0.number(CHANGES).context("cannot count the changes in the lake")?;
            account.guide = self.programmes(&WEEK)?.len() as u64;
            let mut quarantine = self.0.command(Verb::Guide)?;
            let lines = child::quiet_output(quarantine.args(["quarantine", "--json"]))?;
            account.quarantined = lines.lines().count() as u64;
        }
        Ok(account)
    }

    /// Waits until a move is told, and says when it has begun to listen.
    pub(super) fn notification(&self, listening: Sender<()>) -> Result<Value> {
        let mut command = self.0.command(Verb::Guide)?;
        // Programmes that were added a moment ago may still be told of.
        command.args(["notifications", "--kind", "moved", "--count", "1", "--json"]);
        command.args(["--within", &NOTIFIED.to_string()]);
        let (status, said) = child::lines(&mut command, |line| {
            if line.starts_with(b"listening") {
                // Whoever waited may have given up; then the answer is of no use to anybody.
                let _ = listening.send(());
            }
        })?;
        let last = child::last_line(&said);
        if !status.success() {
            bail!("no notification: {last}");
        }
        serde_json::from_str(last).with_context(|| format!("cannot read the notification {last}"))
    }
}
