//! The direct writer under seeded schedules of everything that an event source mapping, a bucket
//! and a table can do to it.
//!
//! `world` is the bucket, the fence's table and the clock, with requests that get lost, come late or
//! land after their sender has died; `mapping` is the event source mapping, with batches that move,
//! halve, come again, overlap and are given up; `schedule` runs one of them from a seed, with records
//! driven again meanwhile.
//!
//! The last tests take one rule of the writer away and want faults: they say that the simulator can
//! see what the rule is for.

mod mapping;
mod schedule;
mod world;

use std::thread;

use schedule::{Fault, Rules, run};

/// Runs seeds on every core and gives the faults of each seed that has some.
fn faults(seeds: std::ops::Range<u64>, rules: Rules) -> Vec<(u64, Fault)> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let work = |first: usize| {
            let seeds = seeds.clone().skip(first).step_by(threads);
            seeds
                .filter_map(|seed| run(seed, rules).err().map(|fault| (seed, fault)))
                .collect::<Vec<_>>()
        };
        let workers: Vec<_> = (0..threads).map(|first| scope.spawn(move || work(first))).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("a schedule does not panic"))
            .collect()
    })
}

#[track_caller]
fn check_seen(rules: Rules) {
    let faults = faults(0..20_000, rules);
    assert!(faults.len() > 20, "only {} of 20,000 schedules show it", faults.len());
}

#[test]
fn a_million_schedules_lose_nothing_and_write_nothing_twice() {
    let faults = faults(0..1_000_000, Rules::default());
    assert!(
        faults.is_empty(),
        "{} schedules fail, first {:?}",
        faults.len(),
        faults.first()
    );
}

#[test]
fn without_the_fence_there_are_faults() {
    check_seen(Rules {
        fence: false,
        ..Rules::default()
    });
}

#[test]
fn without_the_lease_there_are_faults() {
    check_seen(Rules {
        lease: false,
        ..Rules::default()
    });
}

#[test]
fn without_the_intended_names_there_are_faults() {
    check_seen(Rules {
        intent: false,
        ..Rules::default()
    });
}

#[test]
fn without_what_was_driven_again_ahead_there_are_faults() {
    check_seen(Rules {
        ahead: false,
        ..Rules::default()
    });
}
