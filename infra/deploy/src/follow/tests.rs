use super::Log;
use crate::bucket::memory::Memory;
use crate::clock::Leaping;
use crate::cloudformation::CloudFormation as _;
use crate::cloudformation::fake::{Look, STACK_ID, Script, event, look, news, nothing, stack_event, throttle};
use crate::console::Recorder;
use crate::engine::Engine;
use crate::progress::Board;
use std::time::Duration;

fn bench(looks: impl IntoIterator<Item = Look>) -> Engine<Script, Memory, Leaping, Recorder> {
    Engine {
        cloud: Script::new(looks),
        objects: Memory::default(),
        clock: Leaping::default(),
        console: Recorder::default(),
        run: "run".to_owned(),
    }
}

fn board() -> Board {
    Board::new(["Queue".to_owned()], Duration::ZERO)
}

#[tokio::test]
async fn news_are_read_back_to_the_last_known_event_and_no_further() {
    let many = (0..250).map(|index| event(&format!("R{index}"), "CREATE_COMPLETE", None));
    let mut script = Script::new([
        news("CREATE_COMPLETE", many),
        news(
            "UPDATE_IN_PROGRESS",
            [
                event("A", "UPDATE_IN_PROGRESS", None),
                event("B", "UPDATE_IN_PROGRESS", None),
                event("C", "UPDATE_IN_PROGRESS", None),
            ],
        ),
    ]);
    script.page_size = 2;
    script.stack("lake").await.unwrap();
    let mut log = Log::from_now(&script, STACK_ID).await.unwrap();
    assert!(log.news(&script, STACK_ID).await.unwrap().is_empty());
    script.stack("lake").await.unwrap();

    let before = script.event_pages();
    let ids: Vec<String> = log
        .news(&script, STACK_ID)
        .await
        .unwrap()
        .into_iter()
        .map(|event| event.logical_id)
        .collect();
    assert_eq!(ids, ["A", "B", "C"], "oldest first");
    assert_eq!(script.event_pages() - before, 2, "old pages are left alone");
}

#[tokio::test]
async fn events_that_arrive_between_two_pages_are_told_once() {
    let three = ["A", "B", "C"].map(|id| event(id, "UPDATE_COMPLETE", None));
    let mut script = Script::new([news("UPDATE_IN_PROGRESS", three)]);
    script.page_size = 2;
    script.meanwhile = vec![event("D", "UPDATE_COMPLETE", None)].into();
    script.stack("lake").await.unwrap();
    let mut log = Log::default();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let news = log.news(&script, STACK_ID).await.unwrap();
        ids.extend(news.into_iter().map(|event| event.logical_id));
    }
    assert_eq!(ids, ["A", "B", "C", "D"]);
}

#[tokio::test]
async fn a_description_from_before_the_operation_is_not_taken_for_its_end() {
    let bench = bench([
        news("UPDATE_COMPLETE", [stack_event("UPDATE_IN_PROGRESS", None)]),
        look("UPDATE_COMPLETE"),
        look("UPDATE_IN_PROGRESS"),
        news(
            "UPDATE_ROLLBACK_COMPLETE",
            [stack_event("UPDATE_ROLLBACK_COMPLETE", None)],
        ),
    ]);
    let ended = bench.follow(STACK_ID, Log::default(), board()).await.unwrap();
    assert_eq!(ended.stack.unwrap().status.0, "UPDATE_ROLLBACK_COMPLETE");
}

#[tokio::test]
async fn a_stack_without_events_of_its_own_is_believed_after_a_while() {
    let bench = bench([look("UPDATE_COMPLETE")]);
    let ended = bench.follow(STACK_ID, Log::default(), board()).await.unwrap();
    assert_eq!(ended.stack.unwrap().status.0, "UPDATE_COMPLETE");
}

#[tokio::test]
async fn a_stack_that_is_gone_has_ended() {
    let bench = bench([look("DELETE_IN_PROGRESS"), nothing()]);
    let ended = bench.follow(STACK_ID, Log::default(), board()).await.unwrap();
    assert!(ended.stack.is_none());
}

#[tokio::test]
async fn silence_that_lasts_is_an_error_that_says_what_goes_on() {
    let bench = bench([look("UPDATE_IN_PROGRESS"), throttle()]);
    let error = bench.follow(STACK_ID, Log::default(), board()).await.unwrap_err();
    assert!(error.to_string().contains("its operation goes on in CloudFormation"));
}

#[tokio::test]
async fn a_log_without_live_rows_gets_a_sign_of_life() {
    let mut looks = vec![news("UPDATE_IN_PROGRESS", [event("Queue", "CREATE_IN_PROGRESS", None)])];
    looks.extend((0..60).map(|_| look("UPDATE_IN_PROGRESS")));
    looks.push(news("UPDATE_COMPLETE", [stack_event("UPDATE_COMPLETE", None)]));
    let bench = bench(looks);
    bench.follow(STACK_ID, Log::default(), board()).await.unwrap();
    let said = bench.console.said.borrow();
    let signs = said
        .iter()
        .filter(|line| line.contains("0 of 1 done") && line.contains("Queue"));
    assert_eq!(signs.count(), 3, "{said:?}");
}
