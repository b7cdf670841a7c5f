//! The TV guide's demo: what a viewer gets of it, and that nothing is lost on the way.
//!
//! The upstreams are asked, a user signs in, says what he likes, looks what is on and follows a
//! show. Then the schedule changes, and he is told.

mod operator;
mod report;
mod rest;
mod upstream;
mod wire;

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::steps::Steps;
use super::{Args, Stage};
use crate::forward::{LAKE, TV_GUIDE};
use crate::progress::count;
use crate::workspace::Workspace;
use crate::{child, progress};
use operator::{Guide, Programme};
use report::{Account, Report, Story};

pub(crate) use report::Guest;

/// How long nothing may arrive before the demo gives up; a busy machine takes its time.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long to wait before counting again.
const POLL: Duration = Duration::from_millis(500);

/// How far the followed programme is moved, in minutes.
const LATER: i64 = 15;

/// The journey, once the cloud stands and the functions are packed.
pub(super) fn run(stage: &Stage<'_>, args: &Args, mut steps: Steps) -> Result<()> {
    let (guide, filled) = furnish(stage, &mut steps)?;
    let (mut story, followed) = steps.time("use", || use_it(&guide))?;
    let published = filled.published + steps.time("change", || change(stage, &guide, &followed, &mut story))?;
    let changed = steps.time("count", || settle(&guide, published))?;
    let repeated = steps.time("repeat", || silent("asking the upstreams once more", || guide.ingest()))?;
    let account = steps.time("count", || settle(&guide, published + repeated))?;
    story.moved = changed.changes - filled.changes;
    story.repeated = account.changes - changed.changes;
    let guest = guide.guest(stage.cloud.address())?;
    Report::new(args.keep, account, story, guest, steps).print(args.json)
}

/// Does something with a guide that is deployed to a cloud of its own, and filled.
pub(crate) fn as_guest<T>(workspace: &Workspace, work: impl FnOnce(&Guest) -> Result<T>) -> Result<T> {
    let mut steps = Steps::begin();
    let stage = super::set(workspace, false, &[], &mut steps)?;
    let (guide, _) = furnish(&stage, &mut steps)?;
    // A guest compares what he reads at different times.
    rest::wait(stage.cloud.address())?;
    let done = work(&guide.guest(stage.cloud.address())?)?;
    stage.cloud.finish();
    Ok(done)
}

/// Deploys the guide and fills it.
fn furnish<'a>(stage: &'a Stage<'_>, steps: &mut Steps) -> Result<(Guide<'a>, Account)> {
    let guide = Guide(steps.time("deploy", || stage.deploy(&[LAKE, TV_GUIDE]))?);
    steps.time("reference", || {
        silent("asking Watchmode for sources and genres", || guide.refresh())
    })?;
    let published = steps.time("ingest", || {
        silent("asking for titles and a week of schedules", || guide.ingest())
    })?;
    let filled = steps.time("consume", || settle(&guide, published))?;
    guide.add_user()?;
    Ok((guide, filled))
}

fn silent<T>(title: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let step = progress::step(title);
    let done = work()?;
    step.done();
    Ok(done)
}

/// Waits until every record that the stream took is a row of the lake, and every programme of the
/// lake is in the guide or every record that cannot be used in quarantine.
fn settle(guide: &Guide<'_>, published: u64) -> Result<Account> {
    let step = progress::step("waiting until every record has arrived");
    let mut last = Account::default();
    let mut moved = Instant::now();
    loop {
        let account = guide.count(published)?;
        if account.is_settled() {
            step.done();
            return Ok(account);
        }
        if account.rows > published {
            bail!(
                "{} records arrived of {} that were published",
                count(account.rows),
                count(published)
            );
        }
        if account != last {
            (last, moved) = (account, Instant::now());
        }
        if moved.elapsed() > PATIENCE {
            bail!("nothing has arrived for {} s; so far {account}", PATIENCE.as_secs());
        }
        step.detail(account.to_string());
        child::pause(POLL)?;
    }
}

/// A user comes, looks around and follows a show.
fn use_it(guide: &Guide<'_>) -> Result<(Story, Programme)> {
    let sources = guide.ids("/sources")?;
    let genres = guide.ids("/genres")?;
    let some = |ids: &BTreeSet<String>| ids.iter().take(10).cloned().collect::<Vec<_>>();
    let wanted = serde_json::json!({ "sources": some(&sources), "genres": some(&genres) });
    guide.call(&["PUT", "/preferences", "--body", &wanted.to_string()])?;
    let kept: serde_json::Value = serde_json::from_str(&guide.call(&["/preferences"])?)?;
    if kept != wanted {
        bail!("the preferences are {kept} after they were set to {wanted}");
    }
    let followed = guide.next_programme_of_a_show()?;
    guide.call(&["PUT", &format!("/favourites/show/{}", followed.show()?)])?;
    let story = Story {
        sources: sources.len(),
        genres: genres.len(),
        recommended: guide.recommended()?,
        now: guide.now()?,
        followed: followed.title.clone(),
        ..Story::default()
    };
    Ok((story, followed))
}

/// The upstream moves the programme that the user follows, and he is told; gives how many records
/// went to the stream.
fn change(stage: &Stage<'_>, guide: &Guide<'_>, followed: &Programme, story: &mut Story) -> Result<u64> {
    let step = progress::step("moving a programme and waiting for the notification");
    let (listening, heard) = mpsc::channel();
    std::thread::scope(|scope| {
        let notified = scope.spawn(|| guide.notification(listening));
        let changed = heard
            .recv()
            .context("nobody listens to the notifications")
            .and_then(|()| upstream::postpone(stage.cloud.address(), &followed.program_id, LATER))
            .and_then(|()| guide.ingest());
        if changed.is_err() {
            child::end_all();
        }
        let notified = notified.join().unwrap_or_else(|_| bail!("the listener has failed"));
        let published = changed?;
        story.notification = notified?;
        step.done();
        Ok(published)
    })
}
