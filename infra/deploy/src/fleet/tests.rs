use super::{Outcome, run, summary};
use crate::clock::{Clock as _, Leaping};
use crate::console::Interrupted;
use anyhow::{Result, bail};
use std::cell::{Cell, RefCell};
use std::time::Duration;

/// What happened, in order: `+0` for the beginning of the first piece of work, `-0` for its end.
async fn history(needs: &[Vec<usize>], limit: usize, fail: Option<usize>) -> (Vec<String>, Vec<Outcome<usize>>) {
    let (clock, log) = (Leaping::default(), RefCell::new(Vec::new()));
    let work = |at: usize| {
        let (clock, log) = (&clock, &log);
        async move {
            log.borrow_mut().push(format!("+{at}"));
            clock.sleep(Duration::from_secs(1)).await;
            log.borrow_mut().push(format!("-{at}"));
            if fail == Some(at) {
                bail!("no luck");
            }
            Ok(at)
        }
    };
    let outcomes = run(needs, limit, work).await;
    (log.into_inner(), outcomes)
}

fn said(outcomes: &[Outcome<usize>]) -> Vec<String> {
    summary(&["a", "b", "c", "d"], outcomes)
}

#[tokio::test]
async fn what_is_independent_runs_side_by_side_and_what_depends_waits() {
    let needs = [vec![1, 2], vec![], vec![]];
    let (log, outcomes) = history(&needs, 4, None).await;
    assert_eq!(log, ["+1", "+2", "-1", "-2", "+0", "-0"]);
    assert_eq!(said(&outcomes), ["a: done", "b: done", "c: done"]);
}

#[tokio::test]
async fn no_more_than_the_limit_run_at_a_time() {
    let (log, _) = history(&[vec![], vec![], vec![]], 1, None).await;
    assert_eq!(log, ["+0", "-0", "+1", "-1", "+2", "-2"]);
}

#[tokio::test]
async fn a_failure_stops_what_depends_on_it_and_nothing_else() {
    let needs = [vec![], vec![0], vec![1], vec![]];
    let (log, outcomes) = history(&needs, 4, Some(0)).await;
    assert_eq!(log, ["+0", "+3", "-0", "-3"]);
    let expected = [
        "a: failed: no luck",
        "b: not begun, as a was not done",
        "c: not begun, as b was not done",
        "d: done",
    ];
    assert_eq!(said(&outcomes), expected);
}

#[tokio::test]
async fn after_an_interruption_nothing_is_begun() {
    let begun = Cell::new(0);
    let work = |_: usize| {
        begun.set(begun.get() + 1);
        async { Result::<usize>::Err(Interrupted("stopped".to_owned()).into()) }
    };
    let outcomes = run(&[vec![], vec![]], 1, work).await;
    assert_eq!(begun.get(), 1);
    assert_eq!(
        said(&outcomes),
        ["a: failed: stopped", "b: not begun, as a was not done"]
    );
}
