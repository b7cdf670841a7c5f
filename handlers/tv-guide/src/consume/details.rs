//! Details of titles, after the listings are in: asked for one by one, for as long as there is time.

use jiff::Timestamp;

use super::listing::{settle, store};
use super::{Error, Report};
use crate::enrich::{Details, Found, Later, Subject, pause};
use crate::event::{Version, canonical};
use crate::instant;
use crate::table::entity::{Title, TitleData};
use crate::table::{Table, key};

/// Why a title still waits for its details.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// Nobody can be asked.
    #[error(transparent)]
    Later(Later),
    /// They are known, but not stored.
    #[error("details are not stored")]
    Table(#[source] Error),
}

/// How often a title is read again when others have written it in between.
const TRIES: u32 = 4;

/// Gets the details of titles.
///
/// Whatever goes wrong, the titles are there, and wait until they are asked for again.
pub(super) async fn fetch(
    wanted: Vec<Subject>,
    table: &impl Table,
    details: &impl Details,
    now: Timestamp,
    report: &mut Report,
) {
    let mut wanted = wanted.into_iter();
    for subject in wanted.by_ref() {
        let found = details.details(&subject, now).await;
        let outcome = match found {
            Ok(found) => keep(&subject, Some(found), table, now).await,
            Err(Later::Title(source)) => {
                report.trouble.get_or_insert(Trouble::Later(Later::Title(source)));
                keep(&subject, None, table, now).await
            }
            Err(everyone @ Later::Everyone(_)) => {
                report.pending += 1;
                report.trouble.get_or_insert(Trouble::Later(everyone));
                break;
            }
        };
        match outcome {
            Ok(true) => report.enriched += 1,
            Ok(false) => report.pending += 1,
            Err(error) => {
                report.pending += 1;
                report.trouble.get_or_insert(Trouble::Table(error));
            }
        }
    }
    report.pending += wanted.len();
}

/// Stores what was found of a title, or when to ask again; says whether it has its details.
async fn keep(subject: &Subject, found: Option<Found>, table: &impl Table, now: Timestamp) -> Result<bool, Error> {
    for _ in 0..TRIES {
        let Some(item) = table.get(&key::title(&subject.id)).await? else {
            return Ok(false);
        };
        let standing = Title::read(&item)?;
        let new = match &found {
            Some(found) => detailed(&standing, subject, found, now),
            None => postponed(&standing, now),
        };
        let is_done = new.next_try.is_none();
        if new == standing || store(new, Some(&standing), table).await? {
            return Ok(is_done);
        }
    }
    Err(Error::Contended(subject.id.clone()))
}

/// The title with its details; those of another `IMDb` id than it has by now leave it waiting.
fn detailed(standing: &Title, subject: &Subject, found: &Found, now: Timestamp) -> Title {
    let Found {
        plot_overview,
        poster,
        user_rating,
        ratings,
        show_id,
    } = found.clone();
    let digest = canonical::digest(&(&plot_overview, &poster, user_rating, &ratings, &show_id));
    let version = Version::new(now, &digest);
    let mut title = standing.clone();
    let is_known = title.details_version.as_deref() >= Some(version.as_str());
    if is_known && title.details_of == subject.imdb_id {
        return title;
    }
    title.data = TitleData {
        plot_overview,
        poster,
        user_rating,
        ratings,
        ..title.data
    };
    title.show_id = show_id;
    title.details_version = Some(version.as_str().to_owned());
    title.details_of.clone_from(&subject.imdb_id);
    settle(&mut title);
    title
}

/// The title that is asked for later.
fn postponed(standing: &Title, now: Timestamp) -> Title {
    let mut title = standing.clone();
    if title.next_try.is_some() {
        title.tries = title.tries.saturating_add(1);
        let next = now.checked_add(pause(title.tries)).unwrap_or(now);
        title.next_try = Some(instant::text(next));
    }
    title
}
