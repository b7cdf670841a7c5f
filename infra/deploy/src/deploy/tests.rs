use super::{Deployed, Options};
use crate::cause::RootCause;
use crate::clock::Clock as _;
use crate::cloudformation::fake::{
    Answer, Look, Script, change, event, look, news, nothing, ready, stack_event, throttle, turned_down,
};
use crate::cloudformation::{Action, ChangeSet, ChangeSetState, Finding, Replacement, Resource, Status};
use crate::console::Interrupted;
use crate::engine::bench::{Bench, bench, chain, plan, yes};
use crate::plan::Plan;
use infra_price::Money;
use infra_stacks::price::OverBudget;
use std::time::Duration;

async fn deploy(bench: &Bench) -> anyhow::Result<Deployed> {
    bench.deploy(&plan(), "assets", &yes()).await
}

fn queue() -> Vec<crate::cloudformation::Change> {
    vec![change("Queue", "AWS::SQS::Queue", Action::Add, Replacement::No)]
}

/// The stack is there and is updated.
fn update_looks() -> Vec<Look> {
    vec![
        news("CREATE_COMPLETE", [stack_event("CREATE_COMPLETE", None)]),
        news(
            "UPDATE_IN_PROGRESS",
            [
                stack_event("UPDATE_IN_PROGRESS", None),
                event("Queue", "CREATE_IN_PROGRESS", None),
            ],
        ),
        news(
            "UPDATE_COMPLETE",
            [
                event("Queue", "CREATE_COMPLETE", None),
                stack_event("UPDATE_COMPLETE", None),
            ],
        ),
    ]
}

#[tokio::test]
async fn a_stack_is_created() {
    let looks = [
        nothing(),
        news(
            "CREATE_IN_PROGRESS",
            [
                stack_event("CREATE_IN_PROGRESS", None),
                event("Queue", "CREATE_IN_PROGRESS", None),
            ],
        ),
        news(
            "CREATE_COMPLETE",
            [
                event("Queue", "CREATE_COMPLETE", None),
                stack_event("CREATE_COMPLETE", None),
            ],
        ),
    ];
    let bench = bench(Script::new(looks).changing(queue()));
    let deployed = deploy(&bench).await.unwrap();
    assert!(deployed.changed);
    assert_eq!(deployed.outputs, [("StreamName".to_owned(), "events".to_owned())]);
    assert_eq!(bench.cloud.deeds(), ["make create change set", "execute"]);
    let text = bench.console.text();
    assert!(text.contains("create stack lake, 1 change:"), "{text}");
    assert!(
        text.contains("CREATE_COMPLETE        1.0 s  Queue (AWS::Test::Thing)"),
        "{text}"
    );
}

#[tokio::test]
async fn a_stack_is_updated_after_a_stale_change_set_was_deleted() {
    let bench = bench(Script::new(update_looks()).changing(queue()));
    assert!(deploy(&bench).await.unwrap().changed);
    let deeds = ["delete change set", "make update change set", "execute"];
    assert_eq!(bench.cloud.deeds(), deeds);
}

#[tokio::test]
async fn a_change_set_whose_name_is_still_taken_is_asked_for_again() {
    let bench = bench(Script::new(update_looks()).changing(queue()));
    bench.cloud.taken.set(3);
    assert!(deploy(&bench).await.unwrap().changed);
}

#[tokio::test]
async fn no_changes_is_a_success_that_leaves_no_change_set() {
    let script = Script::new([look("UPDATE_COMPLETE")]);
    let reason = "The submitted information didn't contain changes. Submit different information.";
    script
        .change_sets
        .borrow_mut()
        .push_back(Answer::Give(vec![turned_down(reason)]));
    let bench = bench(script);
    assert!(!deploy(&bench).await.unwrap().changed);
    let deeds = ["delete change set", "make update change set", "delete change set"];
    assert_eq!(bench.cloud.deeds(), deeds);
    assert!(bench.console.text().contains("stack lake: no changes"));
}

#[tokio::test]
async fn a_failed_update_reports_its_rollback_and_the_root_cause_last() {
    let looks = [
        news(
            "CREATE_COMPLETE",
            [
                event("Topic", "CREATE_FAILED", Some("of an earlier operation")),
                stack_event("CREATE_COMPLETE", None),
            ],
        ),
        news(
            "UPDATE_ROLLBACK_IN_PROGRESS",
            [
                stack_event("UPDATE_IN_PROGRESS", None),
                event("Table", "UPDATE_FAILED", Some("Resource update cancelled")),
                event("Queue", "CREATE_FAILED", Some("name taken")),
                stack_event("UPDATE_ROLLBACK_IN_PROGRESS", Some("[Queue] failed")),
            ],
        ),
        news(
            "UPDATE_ROLLBACK_COMPLETE",
            [stack_event("UPDATE_ROLLBACK_COMPLETE", None)],
        ),
    ];
    let bench = bench(Script::new(looks).changing(queue()));
    let error = deploy(&bench).await.unwrap_err();
    assert_eq!(
        chain(&error),
        [
            "stack lake was not updated and is as it was (UPDATE_ROLLBACK_COMPLETE)",
            "Queue (AWS::Test::Thing) CREATE_FAILED: name taken",
        ]
    );
    assert!(error.downcast_ref::<RootCause>().is_some());
    assert!(bench.console.text().contains("rolling back: [Queue] failed"));
}

#[tokio::test]
async fn findings_of_the_checks_are_the_cause_where_no_resource_was_touched() {
    let looks = [
        nothing(),
        news(
            "ROLLBACK_COMPLETE",
            [
                stack_event("CREATE_IN_PROGRESS", None),
                stack_event("CREATE_FAILED", Some("Validation failed with 1 error(s)")),
                stack_event("ROLLBACK_COMPLETE", None),
            ],
        ),
    ];
    let mut script = Script::new(looks).changing(queue());
    script.findings = vec![Finding {
        at: Duration::from_secs(1),
        logical_id: "Queue".to_owned(),
        kind: "AWS::SQS::Queue".to_owned(),
        path: "/Resources/Queue".to_owned(),
        reason: "it exists already".to_owned(),
    }];
    let error = deploy(&bench(script)).await.unwrap_err();
    assert_eq!(
        chain(&error),
        [
            "stack lake was not created (ROLLBACK_COMPLETE); the next deployment starts anew",
            "Queue (AWS::SQS::Queue) at /Resources/Queue: it exists already",
        ]
    );
}

#[tokio::test]
async fn findings_of_an_earlier_operation_are_not_the_cause() {
    let looks = [
        news(
            "UPDATE_ROLLBACK_COMPLETE",
            [
                stack_event("UPDATE_IN_PROGRESS", None),
                stack_event("UPDATE_ROLLBACK_COMPLETE", None),
            ],
        ),
        news(
            "UPDATE_ROLLBACK_COMPLETE",
            [
                stack_event("UPDATE_IN_PROGRESS", None),
                stack_event("UPDATE_FAILED", Some("Validation failed with 1 error(s)")),
                stack_event("UPDATE_ROLLBACK_COMPLETE", None),
            ],
        ),
    ];
    let finding = |at: u64, path: &str| Finding {
        at: Duration::from_secs(at),
        logical_id: "Queue".to_owned(),
        kind: "AWS::SQS::Queue".to_owned(),
        path: path.to_owned(),
        reason: "it exists already".to_owned(),
    };
    let mut script = Script::new(looks).changing(queue());
    script.findings = vec![finding(1, "/Resources/Old"), finding(3, "/Resources/New")];
    let error = deploy(&bench(script)).await.unwrap_err();
    assert!(chain(&error)[1].contains("at /Resources/New"), "{error:#}");
}

#[tokio::test]
async fn a_change_set_that_is_turned_down_leaves_nothing_behind() {
    let script = Script::new([nothing(), look("REVIEW_IN_PROGRESS")]);
    script
        .change_sets
        .borrow_mut()
        .push_back(Answer::Give(vec![turned_down("Circular dependency")]));
    let bench = bench(script);
    let error = deploy(&bench).await.unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("turned down the changes of lake: Circular dependency")
    );
    assert_eq!(
        bench.cloud.deeds(),
        ["make create change set", "delete change set", "delete stack"]
    );
}

#[tokio::test]
async fn the_shell_of_a_change_set_that_was_never_executed_is_created_upon() {
    let looks = [
        look("REVIEW_IN_PROGRESS"),
        news("CREATE_COMPLETE", [stack_event("CREATE_COMPLETE", None)]),
    ];
    let bench = bench(Script::new(looks).changing(queue()));
    deploy(&bench).await.unwrap();
    let deeds = ["delete change set", "make create change set", "execute"];
    assert_eq!(bench.cloud.deeds(), deeds);
}

#[tokio::test]
async fn a_stack_whose_creation_failed_is_deleted_and_created_anew() {
    let looks = [
        news("ROLLBACK_COMPLETE", [stack_event("ROLLBACK_COMPLETE", None)]),
        news("DELETE_COMPLETE", [stack_event("DELETE_COMPLETE", None)]),
        news("CREATE_COMPLETE", [stack_event("CREATE_COMPLETE", None)]),
    ];
    let bench = bench(Script::new(looks).changing(queue()));
    deploy(&bench).await.unwrap();
    assert_eq!(
        bench.cloud.deeds(),
        ["delete stack", "make create change set", "execute"]
    );
    assert!(bench.console.text().contains("deleting it to create it anew"));
}

#[tokio::test]
async fn a_running_operation_is_awaited_before_ours_begins() {
    let mut looks = vec![
        look("UPDATE_IN_PROGRESS"),
        news("UPDATE_IN_PROGRESS", [stack_event("UPDATE_IN_PROGRESS", None)]),
    ];
    looks.extend(update_looks().into_iter().skip(2));
    looks.extend(update_looks().into_iter().skip(2));
    looks.extend(update_looks().into_iter().skip(1));
    let bench = bench(Script::new(looks).changing(queue()));
    deploy(&bench).await.unwrap();
    let calls = bench.cloud.calls();
    let made = calls.iter().position(|call| call == "make update change set").unwrap();
    let looked = calls[..made].iter().filter(|call| call.starts_with("stack ")).count();
    assert!(looked >= 3, "{calls:?}");
    assert!(
        bench
            .console
            .text()
            .contains("stack lake is in UPDATE_IN_PROGRESS; waiting")
    );
}

#[tokio::test]
async fn stacks_that_take_no_update_say_what_to_do() {
    for (status, cure) in [
        ("UPDATE_ROLLBACK_FAILED", "`deploy --continue-rollback`"),
        ("UPDATE_FAILED", "roll it back with `deploy --continue-rollback`"),
        ("DELETE_FAILED", "delete the rest with `destroy`"),
    ] {
        let bench = bench(Script::new([look(status)]));
        let message = deploy(&bench).await.unwrap_err().to_string();
        assert!(message.contains(cure), "{message}");
        assert!(bench.cloud.deeds().is_empty());
    }
}

#[tokio::test]
async fn a_change_set_is_awaited_and_read_to_its_last_page() {
    let script = Script::new(update_looks());
    let pending = ChangeSet {
        state: ChangeSetState::Pending,
        ..ready(Vec::new())
    };
    let page = |id: &str| ready(vec![change(id, "AWS::SQS::Queue", Action::Add, Replacement::No)]);
    *script.change_sets.borrow_mut() = [
        Answer::Give(vec![pending.clone()]),
        Answer::Throttle,
        Answer::Give(vec![pending]),
        Answer::Give(vec![page("First"), page("Second"), page("Third")]),
    ]
    .into();
    let bench = bench(script);
    deploy(&bench).await.unwrap();
    let text = bench.console.text();
    assert!(text.contains("update stack lake, 3 changes:"), "{text}");
    assert!(text.contains("Third"), "{text}");
}

#[tokio::test]
async fn a_stateful_replacement_is_refused_and_allowed_by_name() {
    let replace = || {
        vec![change(
            "Stream",
            "AWS::Kinesis::Stream",
            Action::Modify,
            Replacement::Yes,
        )]
    };
    let refused = bench(Script::new([look("CREATE_COMPLETE")]).changing(replace()));
    let message = deploy(&refused).await.unwrap_err().to_string();
    assert!(message.contains("--allow-replace Stream"), "{message}");
    let deeds = ["delete change set", "make update change set", "delete change set"];
    assert_eq!(refused.cloud.deeds(), deeds);

    let allowed = bench(Script::new(update_looks()).changing(replace()));
    let options = Options {
        allow_replace: vec!["Stream".to_owned()],
        ..yes()
    };
    assert!(allowed.deploy(&plan(), "assets", &options).await.unwrap().changed);
}

#[tokio::test]
async fn without_yes_the_person_decides_and_without_a_person_nothing_is_done() {
    for (answer, executed) in [(Some(true), true), (Some(false), false), (None, false)] {
        let mut bench = bench(Script::new(update_looks()).changing(queue()));
        bench.console.answer = answer;
        let result = bench.deploy(&plan(), "assets", &Options::default()).await;
        assert_eq!(result.is_ok(), executed, "{answer:?}");
        let deeds = bench.cloud.deeds();
        let last = if executed { "execute" } else { "delete change set" };
        assert_eq!(deeds.last().unwrap(), last);
        assert!(bench.console.text().contains("update lake?"));
    }
}

#[tokio::test]
async fn what_is_over_budget_is_asked_about_and_a_yes_beforehand_is_not_enough() {
    let over = |yes| Options {
        yes,
        over_budget: Some(OverBudget {
            total: Money::dollars(12),
            budget: Money::dollars(10),
            excess: Money::dollars(2),
        }),
        ..Options::default()
    };
    for (yes, answer, executed) in [
        (true, None, false),
        (false, Some(true), true),
        (false, Some(false), false),
    ] {
        let mut bench = bench(Script::new(update_looks()).changing(queue()));
        bench.console.answer = answer;
        let result = bench.deploy(&plan(), "assets", &over(yes)).await;
        let last = if executed { "execute" } else { "delete change set" };
        assert_eq!(bench.cloud.deeds().last().unwrap(), last, "{yes} {answer:?}");
        let said = result.map_or_else(|error| error.to_string(), |_| bench.console.text());
        assert_eq!(said.contains("--over-budget"), yes, "{said}");
        let question = "$12.00 a month is $2.00 over the budget of $10.00; update lake all the same?";
        assert_eq!(bench.console.text().contains(question), !yes);
    }
}

#[tokio::test]
async fn an_interruption_before_the_execution_leaves_nothing_behind() {
    let script = Script::new([nothing(), look("REVIEW_IN_PROGRESS")]);
    let pending = ChangeSet {
        state: ChangeSetState::Pending,
        ..ready(Vec::new())
    };
    script.change_sets.borrow_mut().push_back(Answer::Give(vec![pending]));
    let mut bench = bench(script);
    bench.console.interrupt_after = Some("works out the changes");
    let error = deploy(&bench).await.unwrap_err();
    assert!(error.is::<Interrupted>());
    assert_eq!(
        error.to_string(),
        "interrupted; nothing of this deployment was carried out on lake"
    );
    assert_eq!(
        bench.cloud.deeds(),
        ["make create change set", "delete change set", "delete stack"]
    );
}

#[tokio::test]
async fn an_interruption_of_the_execution_says_that_it_goes_on() {
    let looks = [
        look("CREATE_COMPLETE"),
        news(
            "UPDATE_IN_PROGRESS",
            [
                stack_event("UPDATE_IN_PROGRESS", None),
                event("Queue", "CREATE_IN_PROGRESS", None),
                event("Queue", "CREATE_COMPLETE", None),
            ],
        ),
        look("UPDATE_IN_PROGRESS"),
    ];
    let mut bench = bench(Script::new(looks).changing(queue()));
    bench.console.interrupt_after = Some("CREATE_COMPLETE");
    let error = deploy(&bench).await.unwrap_err();
    assert!(error.is::<Interrupted>());
    assert!(
        error
            .to_string()
            .contains("aws cloudformation cancel-update-stack --stack-name lake")
    );
    assert_eq!(bench.cloud.deeds().last().unwrap(), "execute");
}

#[tokio::test]
async fn being_throttled_while_watching_is_waited_out() {
    let mut looks = update_looks();
    for _ in 0..3 {
        looks.insert(2, throttle());
    }
    let bench = bench(Script::new(looks).changing(queue()));
    deploy(&bench).await.unwrap();
    assert!(
        bench.clock.now() >= Duration::from_secs(15),
        "each throttled look is waited out"
    );
}

#[tokio::test]
async fn a_stack_is_protected_once_it_stands_and_only_where_the_plan_says_so() {
    for (wanted, has, deeds) in [
        (true, false, vec!["protect true"]),
        (true, true, vec![]),
        (false, true, vec![]),
    ] {
        let mut bench = bench(Script::new(update_looks()).changing(queue()));
        bench.cloud.protected = has;
        let plan = Plan {
            protected: wanted,
            ..plan()
        };
        bench.deploy(&plan, "assets", &yes()).await.unwrap();
        assert_eq!(bench.cloud.deeds().split_off(3), deeds, "{wanted} {has}");
    }
}

#[tokio::test]
async fn an_update_is_guarded_by_the_alarms_that_are_there_already() {
    let resource = |id: &str, kind: &str| Resource {
        logical_id: id.to_owned(),
        physical_id: format!("lake-{}", id.to_lowercase()),
        kind: kind.to_owned(),
        status: Status("CREATE_COMPLETE".to_owned()),
    };
    let mut cloud = Script::new(update_looks()).changing(queue());
    cloud.resources = vec![
        resource("Queue", "AWS::SQS::Queue"),
        resource("Other", "AWS::CloudWatch::Alarm"),
        resource("Errors", "AWS::CloudWatch::Alarm"),
    ];
    let bench = bench(cloud);
    let plan = Plan {
        guards: vec!["Errors".to_owned(), "Queue".to_owned(), "New".to_owned()],
        watch_minutes: 5,
        ..plan()
    };
    bench.deploy(&plan, "assets", &yes()).await.unwrap();
    let wanted = bench.cloud.wanted.borrow().clone().unwrap();
    assert_eq!(wanted.alarms.minutes, 5);
    assert_eq!(
        wanted.alarms.arns,
        ["arn:aws:cloudwatch:eu-west-2:123456789012:alarm:lake-errors"]
    );
}
