use crate::cloudformation::fake::{Look, Script, event, look, news, nothing, stack_event};
use crate::cloudformation::{Resource, Status};
use crate::engine::bench::{Bench, bench, chain};

const FAILED: &str = "UPDATE_ROLLBACK_FAILED";

fn stuck(looks: impl IntoIterator<Item = Look>) -> Bench {
    let mut script = Script::new(looks);
    let resource = |id: &str, status: &str| Resource {
        logical_id: id.to_owned(),
        physical_id: id.to_lowercase(),
        kind: "AWS::SQS::Queue".to_owned(),
        status: Status(status.to_owned()),
    };
    script.resources = vec![
        resource("Fine", "UPDATE_COMPLETE"),
        resource("Topic", "UPDATE_COMPLETE"),
        resource("Table", "UPDATE_FAILED"),
    ];
    bench(script)
}

fn brought_back() -> [Look; 3] {
    [
        look(FAILED),
        news(
            "UPDATE_ROLLBACK_IN_PROGRESS",
            [stack_event("UPDATE_ROLLBACK_IN_PROGRESS", None)],
        ),
        news(
            "UPDATE_ROLLBACK_COMPLETE",
            [stack_event("UPDATE_ROLLBACK_COMPLETE", None)],
        ),
    ]
}

async fn recover(bench: &Bench, skip: &[&str]) -> anyhow::Result<String> {
    let skip: Vec<String> = skip.iter().map(|id| (*id).to_owned()).collect();
    bench.recover("lake", &skip).await?;
    Ok(bench.console.text())
}

#[tokio::test]
async fn a_failed_rollback_is_continued_to_its_end() {
    let bench = stuck(brought_back());
    let text = recover(&bench, &[]).await.unwrap();
    assert_eq!(bench.cloud.deeds(), ["continue rollback without "]);
    assert!(
        text.ends_with(
            "stack lake is back as it was (UPDATE_ROLLBACK_COMPLETE) after 0.1 s; mend the fault, then deploy again"
        ),
        "{text}"
    );
}

#[tokio::test]
async fn what_cannot_be_put_back_is_left_as_it_is() {
    let bench = stuck(brought_back());
    let text = recover(&bench, &["Table", "Nested.Queue"]).await.unwrap();
    assert_eq!(bench.cloud.deeds(), ["continue rollback without Table, Nested.Queue"]);
    assert!(
        text.contains("except Table, Nested.Queue, which you left as it is"),
        "{text}"
    );
}

#[tokio::test]
async fn only_what_failed_can_be_left() {
    let bench = stuck(brought_back());
    let error = recover(&bench, &["Fine"]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Fine is not what keeps lake from being rolled back; what can be skipped is Table"
    );
    assert!(bench.cloud.deeds().is_empty());
}

#[tokio::test]
async fn a_rollback_that_fails_again_names_what_was_not_put_back() {
    let bench = stuck([
        look(FAILED),
        news(
            FAILED,
            [
                stack_event("UPDATE_ROLLBACK_IN_PROGRESS", None),
                event("Table", "UPDATE_FAILED", Some("no permission")),
                stack_event(FAILED, Some("[Table] failed")),
            ],
        ),
    ]);
    let error = recover(&bench, &[]).await.unwrap_err();
    let chain = chain(&error);
    assert!(chain[0].starts_with("stack lake could not be brought back and stays in UPDATE_ROLLBACK_FAILED"));
    assert!(
        chain[0].contains("`--skip ID`") && chain[0].ends_with("not put back: Table"),
        "{}",
        chain[0]
    );
    assert_eq!(chain[1], "Table (AWS::Test::Thing) UPDATE_FAILED: no permission");
}

#[tokio::test]
async fn an_update_that_was_left_standing_is_rolled_back() {
    let [_, running, back] = brought_back();
    let bench = stuck([look("UPDATE_FAILED"), running, back]);
    recover(&bench, &[]).await.unwrap();
    assert_eq!(bench.cloud.deeds(), ["roll back"]);

    let bench = stuck([look("UPDATE_FAILED")]);
    let error = recover(&bench, &["Table"]).await.unwrap_err().to_string();
    assert!(error.contains("leave it out"), "{error}");
    assert!(bench.cloud.deeds().is_empty());
}

#[tokio::test]
async fn express_has_no_way_back_and_is_not_offered_one() {
    let mut bench = stuck([look("UPDATE_FAILED")]);
    bench.cloud.express = true;
    let error = recover(&bench, &[]).await.unwrap_err().to_string();
    assert!(error.contains("deploy with `--express`"), "{error}");
    assert!(!error.contains("--continue-rollback"), "{error}");
    assert!(bench.cloud.deeds().is_empty());
}

#[tokio::test]
async fn stacks_in_other_states_say_what_is_to_be_done() {
    for (status, said) in [
        ("CREATE_FAILED", "starts anew"),
        ("ROLLBACK_COMPLETE", "starts anew"),
        ("DELETE_FAILED", "delete the rest with `destroy`"),
        ("IMPORT_ROLLBACK_FAILED", "describe-stack-events --stack-name lake"),
        ("REVIEW_IN_PROGRESS", "does not exist"),
    ] {
        let bench = stuck([look(status)]);
        let error = recover(&bench, &[]).await.unwrap_err().to_string();
        assert!(error.contains(said), "{status}: {error}");
        assert!(bench.cloud.deeds().is_empty(), "{status}");
    }
    assert!(recover(&stuck([nothing()]), &[]).await.is_err());
    let text = recover(&stuck([look("UPDATE_COMPLETE")]), &[]).await.unwrap();
    assert!(text.contains("nothing to roll back"), "{text}");
}
