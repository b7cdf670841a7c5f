use crate::cloudformation::fake::{Answer, Script, look, nothing};
use crate::cloudformation::{Refactor, RefactorState, Template};
use crate::engine::bench::{Bench, bench, chain, plan};
use crate::plan::Plan;
use infra_diff::Move;
use std::cell::RefCell;

const OLD: &str = r#"{"Resources":{"Old":{"Type":"AWS::SQS::Queue"},"Policy":{"Type":"AWS::SQS::QueuePolicy","Properties":{"Queues":[{"Ref":"Old"}]}}}}"#;

/// The queue has another id, and something else is new.
const NEW: &str = r#"{"Resources":{"New":{"Type":"AWS::SQS::Queue","Properties":{"DelaySeconds":1}}}}"#;

fn moving() -> Plan {
    Plan {
        template: NEW.to_owned(),
        moves: vec![Move {
            from: "Old".to_owned(),
            to: "New".to_owned(),
        }],
        ..plan()
    }
}

fn deployed(template: &str, states: &[Answer<RefactorState>]) -> Bench {
    let mut script = Script::new([look("UPDATE_COMPLETE")]);
    script.template = template.to_owned();
    let refactor = |state: &Answer<RefactorState>| match state {
        Answer::Give(state) => Answer::Give(Refactor {
            state: *state,
            reason: Some("the template changes Policy".to_owned()),
        }),
        Answer::Throttle => Answer::Throttle,
    };
    script.refactors = RefCell::new(states.iter().map(refactor).collect());
    bench(script)
}

#[tokio::test]
async fn a_due_move_is_carried_out_with_nothing_but_other_ids() {
    use RefactorState::{Done, Pending, Ready, Running};
    let states = [Pending, Ready, Ready, Running, Done].map(Answer::Give);
    let [pending, rest @ ..] = states;
    let bench = deployed(OLD, &[&[pending, Answer::Throttle], &rest[..]].concat());
    bench.rename(&moving(), "assets", true).await.unwrap();
    assert_eq!(bench.cloud.deeds(), ["make refactor", "execute refactor"]);
    let wanted = bench.cloud.refactoring.borrow().clone().unwrap();
    assert_eq!(wanted.moves, [("Old".to_owned(), "New".to_owned())]);
    let Template::Inline(sent) = wanted.template else {
        panic!("the template is small")
    };
    let sent: serde_json::Value = serde_json::from_str(&sent).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&OLD.replace("Old", "New")).unwrap();
    assert_eq!(sent, expected);
    assert!(bench.console.text().ends_with("renamed in stack lake: Old -> New"));
}

#[tokio::test]
async fn nothing_is_asked_for_where_no_move_is_due() {
    for bench in [deployed(NEW, &[]), bench(Script::new([nothing()]))] {
        bench.rename(&moving(), "assets", true).await.unwrap();
        assert!(bench.cloud.deeds().is_empty());
    }
    let bench = deployed(OLD, &[]);
    bench.rename(&plan(), "assets", true).await.unwrap();
    assert!(bench.cloud.calls().is_empty(), "without moves nobody needs to look");
}

#[tokio::test]
async fn a_rename_that_is_not_taken_says_which_and_why() {
    for (states, deeds) in [
        (vec![RefactorState::Failed], 1),
        (
            vec![RefactorState::Ready, RefactorState::Running, RefactorState::Failed],
            2,
        ),
    ] {
        let states: Vec<_> = states.into_iter().map(Answer::Give).collect();
        let bench = deployed(OLD, &states);
        let error = bench.rename(&moving(), "assets", true).await.unwrap_err();
        assert_eq!(
            chain(&error),
            [
                "cannot rename Old -> New in stack lake",
                "CloudFormation does not take it: the template changes Policy",
            ]
        );
        assert_eq!(bench.cloud.deeds().len(), deeds);
    }
}

#[tokio::test]
async fn a_no_and_an_interruption_leave_the_stack_as_it_was() {
    let mut bench = deployed(OLD, &[Answer::Give(RefactorState::Ready)]);
    bench.console.answer = Some(false);
    let error = bench.rename(&moving(), "assets", false).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "not deployed, as you answered no; stack lake is as it was"
    );
    assert_eq!(bench.cloud.deeds(), ["make refactor"]);

    let mut bench = deployed(OLD, &[Answer::Give(RefactorState::Pending)]);
    bench.console.interrupt_after = Some("rename in stack");
    let error = bench.rename(&moving(), "assets", true).await.unwrap_err();
    assert_eq!(error.to_string(), "interrupted; nothing was renamed in stack lake");
}
