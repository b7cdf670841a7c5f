use super::{Report, describe};
use crate::cloudformation::fake::{Answer, Script, look, nothing};
use crate::cloudformation::{Detection, Difference, Drift, DriftState};
use crate::engine::bench::{Bench, bench};

fn drift(id: &str, state: DriftState, differences: &[(&str, Option<&str>, Option<&str>)]) -> Drift {
    Drift {
        logical_id: id.to_owned(),
        physical_id: id.to_lowercase(),
        kind: "AWS::SQS::Queue".to_owned(),
        state,
        differences: differences
            .iter()
            .map(|(path, expected, actual)| Difference {
                path: (*path).to_owned(),
                expected: expected.map(str::to_owned),
                actual: actual.map(str::to_owned),
            })
            .collect(),
    }
}

/// A stack of which three resources are reported, on two pages.
fn drifted(detections: impl IntoIterator<Item = Answer<Detection>>) -> Bench {
    let mut script = Script::new([look("UPDATE_COMPLETE")]);
    script.detections.borrow_mut().extend(detections);
    script.drifts = vec![
        drift(
            "Queue",
            DriftState::Modified,
            &[("DelaySeconds", Some("0"), Some("5")), ("Tags.0", None, Some("{}"))],
        ),
        drift("Odd", DriftState::Unknown, &[]),
        drift("Topic", DriftState::Deleted, &[]),
    ];
    bench(script)
}

#[tokio::test]
async fn a_comparison_is_awaited_and_read_to_its_last_page() {
    let bench = drifted([
        Answer::Give(Detection::Running),
        Answer::Throttle,
        Answer::Give(Detection::Running),
        Answer::Give(Detection::Complete),
    ]);
    let report = bench.drift("lake").await.unwrap();
    assert_eq!(
        describe(&report, 100),
        [
            "stack lake: 2 resources are not as their template says",
            "  RESOURCE                 PROPERTY      TEMPLATE  ACTUAL",
            "  Queue (AWS::SQS::Queue)  DelaySeconds  0         5",
            "  Queue (AWS::SQS::Queue)  Tags.0        (none)    {}",
            "  Topic (AWS::SQS::Queue)  all           there     deleted",
            "not compared by CloudFormation: Odd",
        ]
    );
    assert!(bench.cloud.deeds().is_empty(), "nothing is changed");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["drifted"][1]["state"], "deleted");
}

#[tokio::test]
async fn a_partial_comparison_gives_what_it_found_and_says_why() {
    let bench = drifted([Answer::Give(Detection::Partial("no permission for Odd".to_owned()))]);
    assert_eq!(bench.drift("lake").await.unwrap().drifted.len(), 2);
    assert!(
        bench
            .console
            .text()
            .contains("could not be compared: no permission for Odd")
    );
}

#[tokio::test]
async fn a_stack_that_is_not_there_is_an_error() {
    for look in [nothing(), look("REVIEW_IN_PROGRESS")] {
        let error = bench(Script::new([look])).drift("lake").await.unwrap_err();
        assert!(error.to_string().contains("does not exist"), "{error}");
    }
}

#[test]
fn a_stack_in_order_says_so_in_one_line() {
    let report = Report {
        stack: "lake".to_owned(),
        drifted: Vec::new(),
        unknown: Vec::new(),
    };
    let said = ["stack lake: every resource that can be compared is as its template says"];
    assert_eq!(describe(&report, 100), said);
}
