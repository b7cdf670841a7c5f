//! What every ledger of hours must do; the one in memory and the one on DynamoDB pass the same.

use std::collections::BTreeSet;

use super::{Dirty, Held, Hours, Intent, Kept, Leased, Published, Query, Retired, Tally};
use crate::Hour;

/// Checks a ledger that is empty.
///
/// # Panics
///
/// When it is none.
pub async fn hours(hours: &impl Hours) {
    let [one, two, later] = ["2026-01-09T20", "2026-01-09T21", "2026-12-31T23"].map(hour);
    leases(hours, one).await;
    marks(hours, [one, two, later]).await;
    generations(hours, one, two).await;
    removals(hours, one, two).await;
}

/// Leaves the hour leased by `c`, marked once and leased five times.
async fn leases(hours: &impl Hours, one: Hour) {
    let held = |attempts, intent: &Intent| {
        Ok(Leased::Held(Held {
            touched: 1,
            attempts,
            intent: intent.clone(),
        }))
    };
    let nothing = Intent::default();

    // Nobody holds an hour that is not marked.
    assert_eq!(hours.lease(one, "a", 100, 200).await, Ok(Leased::Clean));
    assert_eq!(hours.intend(one, "a", &nothing).await, Ok(Kept::Overtaken));
    assert_eq!(hours.clear(one, "a", 0).await, Ok(Kept::Overtaken));
    assert_eq!(hours.release(one, "a").await, Ok(()));
    assert_eq!(hours.dirty(one).await, Ok(vec![]));

    // A lease is one owner's until it runs out, and that owner may take it again.
    assert_eq!(hours.mark(one, 50).await, Ok(()));
    assert_eq!(hours.lease(one, "a", 100, 200).await, held(1, &nothing));
    assert_eq!(hours.lease(one, "b", 200, 300).await, Ok(Leased::Taken));
    assert_eq!(hours.lease(one, "a", 150, 250).await, held(2, &nothing));

    // What was intended outlives the owner who intended it.
    let query = Query {
        id: "q".to_owned(),
        generation: "x".to_owned(),
        inputs: "digest".to_owned(),
    };
    let intent = Intent {
        generations: BTreeSet::from(["x".to_owned(), "y".to_owned()]),
        query: Some(query),
    };
    assert_eq!(hours.intend(one, "b", &intent).await, Ok(Kept::Overtaken));
    assert_eq!(hours.intend(one, "a", &intent).await, Ok(Kept::Made));
    assert_eq!(hours.release(one, "b").await, Ok(()));
    assert_eq!(hours.lease(one, "b", 250, 300).await, Ok(Leased::Taken));
    assert_eq!(hours.lease(one, "b", 251, 300).await, held(3, &intent));
    assert_eq!(hours.clear(one, "a", 1).await, Ok(Kept::Overtaken));
    assert_eq!(hours.release(one, "b").await, Ok(()));
    let without = Intent {
        query: None,
        ..intent.clone()
    };
    assert_eq!(hours.lease(one, "c", 252, 300).await, held(4, &intent));
    assert_eq!(hours.intend(one, "c", &without).await, Ok(Kept::Made));
    assert_eq!(hours.lease(one, "c", 252, 300).await, held(5, &without));
}

async fn marks(hours: &impl Hours, [one, two, later]: [Hour; 3]) {
    // They are listed in order, up to the last one that is asked for.
    assert_eq!(hours.mark(later, 60).await, Ok(()));
    assert_eq!(hours.mark(two, 61).await, Ok(()));
    let waits = |hour, attempts| Dirty { hour, attempts };
    assert_eq!(hours.dirty(one).await, Ok(vec![waits(one, 5)]));
    assert_eq!(hours.dirty(two).await, Ok(vec![waits(one, 5), waits(two, 0)]));

    // An hour that was marked again stays, and forgets what was tried.
    assert_eq!(hours.mark(one, 62).await, Ok(()));
    assert_eq!(hours.clear(one, "c", 1).await, Ok(Kept::Made));
    assert_eq!(hours.dirty(one).await, Ok(vec![waits(one, 0)]));
    let again = Held {
        touched: 2,
        attempts: 1,
        intent: Intent::default(),
    };
    assert_eq!(hours.lease(one, "d", 253, 300).await, Ok(Leased::Held(again)));
    assert_eq!(hours.clear(one, "d", 2).await, Ok(Kept::Made));
    assert_eq!(hours.dirty(two).await, Ok(vec![waits(two, 0)]));
    assert_eq!(hours.clear(one, "d", 2).await, Ok(Kept::Overtaken));
}

async fn generations(hours: &impl Hours, one: Hour, two: Hour) {
    let published = |generation: &str, rows_in| Published {
        generation: generation.to_owned(),
        inputs: format!("inputs of {generation}"),
        objects: 3,
        rows: Tally {
            rows_in,
            duplicates: 2,
            rows_out: rows_in - 2,
        },
    };
    assert_eq!(hours.published(one).await, Ok(None));
    let (old, new) = (published("0000000000001-a", 7), published("0000000000002-a", 9));
    assert_eq!(hours.publish(one, &new).await, Ok(Kept::Made));
    assert_eq!(hours.publish(one, &old).await, Ok(Kept::Overtaken));
    assert_eq!(hours.publish(one, &new).await, Ok(Kept::Made));
    assert_eq!(hours.published(one).await, Ok(Some(new)));
    assert_eq!(hours.published(two).await, Ok(None));
}

async fn removals(hours: &impl Hours, one: Hour, two: Hour) {
    let retired = |hour, generation: &str, since| Retired {
        hour,
        generation: generation.to_owned(),
        since,
    };
    let (first, second) = (retired(two, "b", 9), retired(one, "a", 10));
    let third = retired(one, "b", 10);
    for retired in [&third, &first, &second, &first] {
        assert_eq!(hours.retire(retired).await, Ok(()));
    }
    assert_eq!(hours.retired(8).await, Ok(vec![]));
    assert_eq!(hours.retired(9).await, Ok(vec![first.clone()]));
    assert_eq!(hours.forget(&first).await, Ok(()));
    let mut rest = hours.retired(10).await.expect("a ledger answers");
    rest.sort_by(|a, b| a.generation.cmp(&b.generation));
    assert_eq!(rest, [second, third]);
}

fn hour(name: &str) -> Hour {
    Hour::from_name(name).expect("an hour's name")
}
