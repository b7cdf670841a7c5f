use serde_json::Value;

use super::*;
use crate::table::memory::Memory;
use crate::upstream::script::{Answer, Hands, Script, answer};

const KEY_IN_THE_BODY: &str = r#"{"statusMessage":"no such key: s3cr3t"}"#;

fn start() -> Timestamp {
    "2026-01-09T21:00:00Z".parse().unwrap()
}

/// Asks upstreams that answer in this order, the last again and again; returns the answer or the
/// error, the requests, and the waits in seconds.
async fn ask(request: Request, answers: Vec<Answer>, keys: &[bool]) -> (Result<Value, Error>, usize, Vec<f64>) {
    let upstream = Script::new(|before, _: &Request| answers[before.min(answers.len() - 1)].clone())
        .with_keys(keys.iter().copied());
    let (table, pace) = (Memory::new(), Hands::new(start(), 0.5));
    let deadline = start() + SignedDuration::from_secs(120);
    let client = Client::new(&upstream, &pace, Budget::new(&table, 1_000), deadline);
    let result = client.get(&request).await;
    let requests = upstream.log().len();
    assert_eq!(client.counts().requests as usize, requests);
    (
        result,
        requests,
        pace.slept().iter().map(Duration::as_secs_f64).collect(),
    )
}

fn sources() -> Request {
    crate::watchmode::sources("GB")
}

fn busy(retry_after: &str) -> Answer {
    Ok(Response {
        retry_after: Some(retry_after.to_owned()),
        ..answer(429, "")
    })
}

fn good() -> Answer {
    Ok(answer(200, "[]"))
}

fn status(status: u16) -> Answer {
    Ok(answer(status, KEY_IN_THE_BODY))
}

#[track_caller]
fn check(asked: &(Result<Value, Error>, usize, Vec<f64>), requests: usize, waits: &[f64], expected: Result<(), &str>) {
    let result = asked.0.as_ref().map(drop).map_err(ToString::to_string);
    assert_eq!(
        (result, asked.1, asked.2.as_slice()),
        (expected.map_err(str::to_owned), requests, waits)
    );
}

#[tokio::test]
async fn what_may_pass_is_asked_again_after_a_jittered_wait_that_doubles() {
    let passing = [
        status(429),
        status(500),
        status(503),
        Err(Fault::TimedOut),
        Err(Fault::Connection),
        Err(Fault::Cut),
        Ok(answer(200, r#"[{"id":20"#)),
    ];
    for setback in passing {
        let asked = ask(sources(), vec![setback.clone(), setback, good()], &[]).await;
        check(&asked, 3, &[0.5, 1.0], Ok(()));
    }
}

#[tokio::test]
async fn five_attempts_are_the_most() {
    let asked = ask(sources(), vec![status(503)], &[]).await;
    let expected = "/sources?regions=GB failed 5 times, at last with status 503";
    check(&asked, 5, &[0.5, 1.0, 2.0, 4.0], Err(expected));
    let asked = ask(sources(), vec![Err(Fault::TimedOut)], &[]).await;
    check(
        &asked,
        5,
        &[0.5, 1.0, 2.0, 4.0],
        Err("/sources?regions=GB failed 5 times"),
    );
}

#[tokio::test]
async fn retry_after_is_honoured_in_seconds_and_as_a_date() {
    check(&ask(sources(), vec![busy("7"), good()], &[]).await, 2, &[7.0], Ok(()));
    check(&ask(sources(), vec![busy(" 0 "), good()], &[]).await, 2, &[0.0], Ok(()));
    let date = "Fri, 09 Jan 2026 21:00:09 GMT";
    check(&ask(sources(), vec![busy(date), good()], &[]).await, 2, &[9.0], Ok(()));
    let past = "Fri, 09 Jan 2026 20:00:00 GMT";
    check(&ask(sources(), vec![busy(past), good()], &[]).await, 2, &[0.0], Ok(()));
    check(
        &ask(sources(), vec![busy("soon"), good()], &[]).await,
        2,
        &[0.5],
        Ok(()),
    );
}

#[tokio::test]
async fn an_upstream_that_wants_a_long_rest_gets_it() {
    let asked = ask(sources(), vec![busy("3600"), good()], &[]).await;
    check(
        &asked,
        1,
        &[],
        Err("/sources?regions=GB may only be asked again in 3600 s"),
    );
    let asked = ask(sources(), vec![busy("18446744073709551615"), good()], &[]).await;
    assert_eq!(asked.1, 1);
}

#[tokio::test]
async fn what_will_not_pass_is_asked_once() {
    for (refusal, cure) in [
        (400, ""),
        (402, ": the plan's quota is used up"),
        (418, ""),
        (401, ": see that the secret's key is right and the plan allows it"),
        (403, ": see that the secret's key is right and the plan allows it"),
    ] {
        let asked = ask(sources(), vec![status(refusal), good()], &[false]).await;
        let expected = format!("/sources?regions=GB was refused with status {refusal}{cure}");
        check(&asked, 1, &[], Err(&expected));
    }
    let asked = ask(sources(), vec![status(404), good()], &[]).await;
    check(&asked, 1, &[], Err("/sources?regions=GB is not found"));
    let asked = ask(sources(), vec![Ok(answer(200, "<html>")), good()], &[]).await;
    let expected = "/sources?regions=GB was answered with something else, at line 1, column 1";
    check(&asked, 1, &[], Err(expected));
    for fault in [Fault::Key, Fault::Redirect, Fault::TooLarge { limit: 1 }] {
        let asked = ask(sources(), vec![Err(fault), good()], &[]).await;
        check(&asked, 1, &[], Err("/sources?regions=GB failed 1 times"));
    }
}

#[tokio::test]
async fn a_key_that_was_rotated_costs_one_request() {
    let asked = ask(sources(), vec![status(401), good()], &[true]).await;
    check(&asked, 2, &[], Ok(()));
    // Only once: a second key that is refused is no rotation.
    let asked = ask(sources(), vec![status(401), status(401), good()], &[true, true]).await;
    assert_eq!(asked.1, 2);
    assert!(asked.0.unwrap_err().ends_the_run());
}

#[tokio::test]
async fn nothing_begins_that_could_not_end_before_the_deadline() {
    let upstream = Script::new(|_, _: &Request| status(500));
    let (table, pace) = (Memory::new(), Hands::new(start(), 1.0));
    let client = Client::new(
        &upstream,
        &pace,
        Budget::new(&table, 1_000),
        start() + SignedDuration::from_secs(4),
    );
    let error = client.get::<Value>(&sources()).await.unwrap_err();
    // After 1 s and 2 s the deadline is 1 s away: too near for a wait of up to 4 s.
    assert!(matches!(error, Error::Busy { .. }), "{error}");
    assert_eq!(upstream.log().len(), 3);
    pace.sleep(Duration::from_secs(1)).await;
    let error = client.get::<Value>(&sources()).await.unwrap_err();
    assert!(
        matches!(error, Error::Deadline { .. }) && error.ends_the_run(),
        "{error}"
    );
    assert_eq!(upstream.log().len(), 3);
}

#[tokio::test]
async fn every_attempt_at_watchmode_is_paid_for_before_it_is_made() {
    let upstream = Script::new(|_, _: &Request| status(500));
    let (table, pace) = (Memory::new(), Hands::new(start(), 0.0));
    let deadline = start() + SignedDuration::from_secs(120);
    let client = Client::new(&upstream, &pace, Budget::new(&table, 3), deadline);
    let error = client.get::<Value>(&sources()).await.unwrap_err();
    assert!(matches!(error, Error::Budget(_)) && error.ends_the_run(), "{error}");
    assert_eq!((upstream.log().len(), client.counts().spent), (2, 2));
    // TVmaze costs nothing.
    let request = crate::tvmaze::schedule("2026-01-09".parse().unwrap());
    client.get::<Value>(&request).await.unwrap_err();
    assert_eq!(upstream.log().len(), 7);
}

#[tokio::test]
async fn tvmaze_is_asked_twenty_times_in_eleven_seconds_at_most_by_all_calls_together() {
    let upstream = Script::new(|_, _: &Request| good());
    let (table, pace, window) = (Memory::new(), Hands::new(start(), 0.0), Rc::default());
    let request = crate::tvmaze::schedule("2026-01-09".parse().unwrap());
    let mut times = Vec::new();
    for _ in 0..5 {
        let deadline = pace.now() + SignedDuration::from_secs(120);
        let client = Client::new(&upstream, &pace, Budget::new(&table, 1_000), deadline).sharing(&window);
        for _ in 0..9 {
            client.get::<Value>(&request).await.unwrap();
            times.push(pace.now().duration_since(start()).as_secs());
        }
    }
    assert_eq!(times, [[0; 20].as_slice(), &[11; 20], &[22; 5]].concat());
    // The next may go in 11 s: whoever has 11 s left has none to be answered in.
    for (left, is_asked) in [(11, false), (12, true)] {
        let window = Rc::clone(&window);
        (0..20).for_each(|_| window.count(pace.now()));
        let before = upstream.log().len();
        let deadline = pace.now() + SignedDuration::from_secs(left);
        let client = Client::new(&upstream, &pace, Budget::new(&table, 1_000), deadline).sharing(&window);
        let asked = client.get::<Value>(&request).await;
        assert_eq!(
            (asked.is_ok(), upstream.log().len() > before),
            (is_asked, is_asked),
            "{left} s"
        );
    }
}

#[test]
fn waits_double_up_to_a_minute() {
    let ceilings = [1, 2, 3, 6, 7, 8, u32::MAX].map(|attempts| ceiling(attempts).as_secs());
    assert_eq!(ceilings, [1, 2, 4, 32, 60, 60, 60]);
}
