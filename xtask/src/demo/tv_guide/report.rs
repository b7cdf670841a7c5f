//! What the demo says at its end.

use std::fmt;
use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::Value;

use super::operator::PASSWORD;
use crate::demo::steps::{self, Step, Steps};
use crate::progress::count;

/// Every record, and every programme, on all sides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Account {
    /// Records that ingest says the stream took.
    pub(super) published: u64,
    /// Rows of them that Athena finds.
    pub(super) rows: u64,
    /// Those of them that say what has changed; the others ask for a title's details again.
    pub(super) changes: u64,
    /// Programmes in those rows.
    pub(super) lake: u64,
    /// Programmes in the guide.
    pub(super) guide: u64,
    /// Records that the guide could not use.
    pub(super) quarantined: u64,
}

impl Account {
    /// Whether everything has arrived on either side.
    pub(super) fn is_settled(&self) -> bool {
        self.rows == self.published && self.guide == self.lake && self.guide > 0
    }
}

impl fmt::Display for Account {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} of {} records in the lake, {} of {} programmes in the guide",
            count(self.rows),
            count(self.published),
            count(self.guide),
            count(self.lake)
        )
    }
}

/// What the user has seen.
#[derive(Debug, Default, Serialize)]
pub(super) struct Story {
    /// Sources to choose from.
    pub(super) sources: usize,
    /// Genres to choose from.
    pub(super) genres: usize,
    /// Titles that were recommended.
    pub(super) recommended: usize,
    /// What was on.
    #[serde(skip)]
    pub(super) now: String,
    /// The programme whose show the user follows.
    pub(super) followed: String,
    /// Changes that its move brought about.
    pub(super) moved: u64,
    /// What the user was told.
    pub(super) notification: Value,
    /// Changes that a second look at the same upstreams brought about.
    pub(super) repeated: u64,
}

/// Where to look further, and as whom.
#[derive(Debug, Serialize)]
pub(crate) struct Guest {
    /// The guide's page.
    pub(crate) site: String,
    /// The API.
    api: String,
    /// Who may sign in.
    pub(crate) user: String,
    /// With which password.
    pub(crate) password: &'static str,
}

impl Guest {
    pub(super) fn new(site: &str, api: &str, user: &str) -> Guest {
        Guest {
            site: site.to_owned(),
            api: api.to_owned(),
            user: user.to_owned(),
            password: PASSWORD,
        }
    }
}

/// The demo's account, story and times.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    #[serde(flatten)]
    account: Account,
    #[serde(flatten)]
    story: Story,
    #[serde(flatten)]
    guest: Guest,
    seconds: f64,
    steps: Vec<Step>,
    kept: bool,
}

impl Report {
    /// The report of a demo that ends now.
    pub(super) fn new(kept: bool, account: Account, story: Story, guest: Guest, steps: Steps) -> Report {
        let (took, steps) = steps.end();
        Report {
            account,
            story,
            guest,
            seconds: took.as_secs_f64(),
            steps,
            kept,
        }
    }

    /// Prints the report: one JSON object, or the story for people.
    pub(super) fn print(&self, json: bool) -> Result<()> {
        let text = match json {
            true => format!("{}\n", serde_json::to_string(self)?),
            false => self.text(),
        };
        std::io::stdout()
            .write_all(text.as_bytes())
            .context("cannot write to standard output")
    }

    fn text(&self) -> String {
        let Story {
            sources,
            genres,
            recommended,
            now,
            followed,
            moved,
            notification,
            repeated,
        } = &self.story;
        let told = notification.get("text").and_then(Value::as_str);
        let told = told.map_or_else(|| notification.to_string(), str::to_owned);
        let Account {
            published,
            rows,
            lake,
            guide,
            quarantined,
            ..
        } = self.account;
        format!(
            "\n{now}\n\
             {sources} sources and {genres} genres to choose from, {recommended} titles recommended\n\
             following {followed}; the schedule changed: {moved} published, and the user was told:\n  {told}\n\
             the same upstreams once more: {repeated} published\n\
             {} records published = {} in the lake; {} programmes in the guide = {} in the lake; \
             {quarantined} in quarantine\n{}\n\n{}",
            count(published),
            count(rows),
            count(guide),
            count(lake),
            steps::line(Duration::from_secs_f64(self.seconds), &self.steps),
            self.next()
        )
    }

    fn next(&self) -> String {
        let Guest {
            site,
            api,
            user,
            password,
        } = &self.guest;
        match self.kept {
            true => format!(
                "The guide     {site}\n\
                 sign in       {user} with {password}\n\
                 the API       {api}/openapi.json\n\
                 be told       cargo xtask guide notifications --name demo\n\
                 and away      cargo xtask local down --name demo\n"
            ),
            false => "To look at it in a browser:\n  cargo xtask demo --app tv-guide --keep\n".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Account, Guest, Report, Story};
    use crate::demo::steps::Steps;

    fn report(kept: bool) -> Report {
        let account = Account {
            published: 9_001,
            rows: 9_001,
            lake: 8_000,
            guide: 8_000,
            ..Account::default()
        };
        let story = Story {
            now: "CHANNEL  NOW\n".to_owned(),
            followed: "Harbour Lights".to_owned(),
            moved: 1,
            notification: json!({ "kind": "moved", "text": "Harbour Lights begins at 21:15" }),
            ..Story::default()
        };
        let guest = Guest::new("http://127.0.0.1:1", "http://127.0.0.1:2", "a@example.com");
        Report::new(kept, account, story, guest, Steps::begin())
    }

    #[test]
    fn the_story_tells_what_adds_up_and_what_the_user_was_told() {
        let text = report(false).text();
        assert!(
            text.contains("9,001 records published = 9,001 in the lake; 8,000 programmes in the guide = 8,000"),
            "{text}"
        );
        assert!(text.contains("\n  Harbour Lights begins at 21:15\n"), "{text}");
        assert!(!text.contains("127.0.0.1"), "what is gone cannot be opened: {text}");
    }

    #[test]
    fn a_kept_guide_is_shown_with_who_may_sign_in() {
        let text = report(true).text();
        for part in [
            "http://127.0.0.1:1\n",
            "a@example.com with Demo-guide-1",
            "down --name demo",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn the_json_is_one_object() {
        let json = serde_json::to_value(report(true)).unwrap();
        assert_eq!(
            (json["rows"].as_u64(), json["repeated"].as_u64()),
            (Some(9_001), Some(0))
        );
        assert_eq!(json["notification"]["kind"], "moved");
        assert_eq!(json["site"], "http://127.0.0.1:1");
    }

    #[test]
    fn an_empty_guide_is_not_settled() {
        assert!(!Account::default().is_settled());
        assert!(report(true).account.is_settled());
    }
}
