use std::time::Duration;

use super::memory::{Lines, World};
use super::{Cause, Compaction, Fault, Outcome, Ports, Report, Settings, Shift, conformance};
use crate::Hour;
use crate::write::Millis;
use crate::write::conformance::block_on;

mod crash;
mod hour;

/// An hour, and when it closes.
const HOUR: &str = "2026-01-09T20";
const MINUTE: Millis = 60_000;
const CLOSE_AFTER: Millis = 10 * MINUTE;
const GRACE: Millis = 60 * MINUTE;
/// How long an invocation may take.
const SHIFT: Millis = 15 * MINUTE;

fn the_hour() -> Hour {
    Hour::from_name(HOUR).unwrap()
}

fn settings() -> Settings {
    let [close_after, grace] = [CLOSE_AFTER, GRACE].map(Duration::from_millis);
    Settings::new(close_after, grace, u64::MAX)
}

type Memory<'w> = Compaction<&'w World, &'w World, &'w World, Lines, &'w World, &'w World>;

fn compaction(world: &World, settings: Settings) -> Memory<'_> {
    let ports = Ports {
        hours: world,
        store: world,
        catalog: world,
        merge: Lines::default(),
        engine: world,
        clock: world,
    };
    Compaction::new(ports, settings)
}

/// A future's answer; none if it waits, which here only who has died does.
fn alive<R>(future: impl Future<Output = R>) -> Option<R> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(answer) => Some(answer),
        std::task::Poll::Pending => None,
    }
}

/// A run of the hour, `late` minutes after it was closed, with a name of its own.
fn run(world: &World, settings: Settings, late: Millis) -> Option<Result<Report, Fault>> {
    let now = the_hour().end() + CLOSE_AFTER + late * MINUTE;
    world.state.borrow_mut().now = now;
    let owner = format!("run-{late}");
    let shift = Shift {
        owner: &owner,
        deadline: now + SHIFT,
    };
    alive(compaction(world, settings).run(shift))
}

/// What has become of the hour in a run without trouble; none if it was not tried.
fn outcome(world: &World, settings: Settings, late: Millis) -> Option<Outcome> {
    let report = run(world, settings, late).unwrap().unwrap();
    let mut hours = report.hours.into_iter();
    let outcome = hours.next().map(|(_, outcome)| outcome);
    assert!(hours.next().is_none());
    outcome
}

#[test]
fn a_ledger_in_memory_is_a_ledger() {
    let world = World::default();
    block_on(conformance::hours(&&world));
}
