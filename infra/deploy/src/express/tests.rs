use super::check;
use crate::cloudformation::fake::{Script, change, look, news, stack_event};
use crate::cloudformation::{Action, Change, Mode, Replacement};
use crate::deploy::Options;
use crate::engine::bench::{Bench, bench, plan, yes};

const EXPRESS: Mode = Mode::Express { rollback: false };
const WITH_ROLLBACK: Mode = Mode::Express { rollback: true };

fn replace(kind: &str) -> Vec<Change> {
    vec![change("It", kind, Action::Modify, Replacement::Yes)]
}

#[test]
fn rolling_back_is_off_in_express_alone_and_only_unless_asked_for() {
    for (mode, disabled) in [
        (Mode::Standard, false),
        (Mode::RevertDrift, false),
        (EXPRESS, true),
        (WITH_ROLLBACK, false),
    ] {
        assert_eq!(mode.rollback_disabled(), disabled, "{mode:?}");
        let replaced = check(mode, &replace("AWS::Lambda::Permission"));
        assert_eq!(replaced.is_err(), disabled, "{mode:?}");
    }
}

#[test]
fn custom_resources_and_stack_sets_are_not_for_express() {
    for (kind, refused) in [
        ("Custom::Thing", true),
        ("AWS::CloudFormation::CustomResource", true),
        ("AWS::CloudFormation::StackSet", true),
        ("AWS::SQS::Queue", false),
    ] {
        let changes = [change("It", kind, Action::Add, Replacement::No)];
        assert_eq!(check(WITH_ROLLBACK, &changes).is_err(), refused, "{kind}");
        check(Mode::Standard, &changes).unwrap();
    }
}

async fn deploy(bench: &Bench, mode: Mode) -> anyhow::Result<bool> {
    let options = Options { mode, ..yes() };
    Ok(bench.deploy(&plan(), "assets", &options).await?.changed)
}

#[tokio::test]
async fn a_replacement_is_refused_before_it_is_executed() {
    let bench = bench(Script::new([look("CREATE_COMPLETE")]).changing(replace("AWS::ECS::TaskDefinition")));
    let error = deploy(&bench, EXPRESS).await.unwrap_err().to_string();
    assert!(error.starts_with("refused: this would replace It"), "{error}");
    let deeds = ["delete change set", "make update change set", "delete change set"];
    assert_eq!(bench.cloud.deeds(), deeds);
}

#[tokio::test]
async fn what_express_left_standing_is_for_express_alone() {
    let queue = || vec![change("Queue", "AWS::SQS::Queue", Action::Modify, Replacement::No)];
    let left = || {
        let done = news("UPDATE_COMPLETE", [stack_event("UPDATE_COMPLETE", None)]);
        let mut bench = bench(Script::new([look("UPDATE_FAILED"), done]).changing(queue()));
        bench.cloud.express = true;
        bench
    };
    let refused = left();
    let error = deploy(&refused, Mode::Standard).await.unwrap_err().to_string();
    assert!(
        error.contains("deploy with `--express`") && !error.contains("roll"),
        "{error}"
    );
    assert!(refused.cloud.deeds().is_empty());

    let taken = left();
    assert!(deploy(&taken, EXPRESS).await.unwrap());
    assert_eq!(taken.cloud.wanted.borrow().as_ref().unwrap().mode, EXPRESS);
}

#[tokio::test]
async fn a_failure_in_express_offers_no_rollback() {
    let queue = vec![change("Queue", "AWS::SQS::Queue", Action::Modify, Replacement::No)];
    let failed = news("UPDATE_FAILED", [stack_event("UPDATE_FAILED", Some("no"))]);
    let mut bench = bench(Script::new([look("CREATE_COMPLETE"), failed]).changing(queue));
    bench.cloud.express = true;
    let error = deploy(&bench, EXPRESS).await.unwrap_err().to_string();
    assert!(
        error.contains("stays in UPDATE_FAILED; EXPRESS has no way back"),
        "{error}"
    );
}
