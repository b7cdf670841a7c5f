//! The adapter on the wire: what it sends, and what it makes of the answers that AWS gives.

use super::Sdk;
use crate::cloudformation::fake::property;
use crate::cloudformation::{
    Action, Argument, ChangeSetState, CloudFormation as _, Detection, DriftState, Mode, NewChangeSet, NewRefactor,
    RefactorState, Replacement, RollbackAlarms, Scope, Template,
};
use crate::error::Error;
use aws_sdk_cloudformation::config::http::{HttpRequest, HttpResponse};
use aws_sdk_cloudformation::config::retry::RetryConfig;
use aws_sdk_cloudformation::config::{
    AsyncSleep, BehaviorVersion, Credentials, HttpClient, Region, RuntimeComponents, Sleep,
};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Gives scripted answers in order and keeps what was asked.
#[derive(Debug, Clone, Default)]
struct Wire {
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().unwrap_or_default();
        let body = String::from_utf8_lossy(body).into_owned();
        self.requests.lock().unwrap().push(body);
        let (status, answer) = self
            .answers
            .lock()
            .unwrap()
            .pop_front()
            .expect("an answer for every request");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), answer.into())))
    }
}

impl HttpClient for Wire {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// Lets the SDK's back-off take no time.
#[derive(Debug)]
struct NoSleep;

impl AsyncSleep for NoSleep {
    fn sleep(&self, _: Duration) -> Sleep {
        Sleep::new(async {})
    }
}

const ATTEMPTS: u32 = 3;

fn sdk(answers: impl IntoIterator<Item = (u16, String)>) -> (Sdk, Wire) {
    let wire = Wire::default();
    wire.answers.lock().unwrap().extend(answers);
    let config = aws_sdk_cloudformation::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-2"))
        .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .sleep_impl(NoSleep)
        .http_client(wire.clone())
        .build();
    let client = aws_sdk_cloudformation::Client::from_conf(config);
    (Sdk::new(client, "AWS".to_owned()), wire)
}

fn answer(operation: &str, result: &str) -> (u16, String) {
    let xmlns = "http://cloudformation.amazonaws.com/doc/2010-05-15/";
    let body = format!(
        r#"<{operation}Response xmlns="{xmlns}"><{operation}Result>{result}</{operation}Result></{operation}Response>"#
    );
    (200, body)
}

fn refusal(status: u16, code: &str, message: &str) -> (u16, String) {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    );
    (status, body)
}

impl Wire {
    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn a_throttled_call_is_made_again() {
    let stack = "<Stacks><member><StackId>arn</StackId><StackName>lake</StackName>\
        <StackStatus>UPDATE_COMPLETE</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime>\
        <EnableTerminationProtection>true</EnableTerminationProtection>\
        <Outputs><member><OutputKey>A</OutputKey><OutputValue>1</OutputValue></member></Outputs>\
        </member></Stacks>";
    let (sdk, wire) = sdk([
        refusal(400, "Throttling", "Rate exceeded"),
        refusal(503, "ServiceUnavailable", "try again"),
        answer("DescribeStacks", stack),
    ]);
    let found = sdk.stack("lake").await.unwrap().unwrap();
    assert_eq!(found.outputs, [("A".to_owned(), "1".to_owned())]);
    assert_eq!(found.status.0, "UPDATE_COMPLETE");
    assert!(found.protected);
    assert_eq!(wire.requests().len(), 3);
}

#[tokio::test]
async fn throttling_that_does_not_end_is_transient_and_a_refusal_is_not() {
    let (throttled, _) = sdk((0..ATTEMPTS).map(|_| refusal(400, "Throttling", "Rate exceeded")));
    let error = throttled.stack("lake").await.unwrap_err();
    assert!(
        matches!(&error, Error::Busy { code, .. } if code == "Throttling"),
        "{error:?}"
    );
    assert!(error.is_transient());

    let (refused, wire) = sdk([refusal(403, "AccessDenied", "not you")]);
    let error = refused.stack("lake").await.unwrap_err();
    assert_eq!(error.to_string(), "DescribeStacks was refused: not you (AccessDenied)");
    assert!(!error.is_transient());
    assert_eq!(wire.requests().len(), 1);
}

#[tokio::test]
async fn a_refactor_is_asked_for_by_name_and_read_with_its_end() {
    let described = |status: &str, execution: &str| {
        let result = format!(
            "<Status>{status}</Status><StatusReason>worked out</StatusReason>\
            <ExecutionStatus>{execution}</ExecutionStatus><ExecutionStatusReason>carried out</ExecutionStatusReason>"
        );
        answer("DescribeStackRefactor", &result)
    };
    let states = [
        (
            "CREATE_IN_PROGRESS",
            "UNAVAILABLE",
            RefactorState::Pending,
            "worked out",
        ),
        ("CREATE_FAILED", "UNAVAILABLE", RefactorState::Failed, "worked out"),
        ("CREATE_COMPLETE", "AVAILABLE", RefactorState::Ready, "carried out"),
        (
            "CREATE_COMPLETE",
            "EXECUTE_IN_PROGRESS",
            RefactorState::Running,
            "carried out",
        ),
        (
            "CREATE_COMPLETE",
            "ROLLBACK_IN_PROGRESS",
            RefactorState::Running,
            "carried out",
        ),
        (
            "CREATE_COMPLETE",
            "EXECUTE_COMPLETE",
            RefactorState::Done,
            "carried out",
        ),
        (
            "CREATE_COMPLETE",
            "ROLLBACK_COMPLETE",
            RefactorState::Failed,
            "carried out",
        ),
        ("CREATE_COMPLETE", "OBSOLETE", RefactorState::Failed, "carried out"),
    ];
    let mut answers = vec![answer("CreateStackRefactor", "<StackRefactorId>it</StackRefactorId>")];
    answers.extend(
        states
            .iter()
            .map(|(status, execution, ..)| described(status, execution)),
    );
    answers.push(answer("ExecuteStackRefactor", ""));
    let (sdk, wire) = sdk(answers);

    let wanted = NewRefactor {
        stack: "lake".to_owned(),
        template: Template::Inline("{}".to_owned()),
        moves: vec![("Old".to_owned(), "New".to_owned())],
    };
    assert_eq!(sdk.create_refactor(&wanted).await.unwrap(), "it");
    for (.., state, reason) in states {
        let refactor = sdk.refactor("it").await.unwrap();
        assert_eq!((refactor.state, refactor.reason.as_deref()), (state, Some(reason)));
    }
    sdk.execute_refactor("it").await.unwrap();
    let requests = wire.requests();
    assert_eq!(
        requests[0],
        "Action=CreateStackRefactor&Version=2010-05-15&EnableStackCreation=false\
         &ResourceMappings.member.1.Source.StackName=lake&ResourceMappings.member.1.Source.LogicalResourceId=Old\
         &ResourceMappings.member.1.Destination.StackName=lake\
         &ResourceMappings.member.1.Destination.LogicalResourceId=New\
         &StackDefinitions.member.1.StackName=lake&StackDefinitions.member.1.TemplateBody=%7B%7D"
    );
    let last = "Action=ExecuteStackRefactor&Version=2010-05-15&StackRefactorId=it";
    assert_eq!(requests.last().map(String::as_str), Some(last));
}

#[tokio::test]
async fn a_stack_that_does_not_exist_is_none_and_another_fault_is_an_error() {
    let (sdk, _) = sdk([
        refusal(400, "ValidationError", "Stack with id lake does not exist"),
        refusal(400, "ValidationError", "1 validation error detected"),
    ]);
    assert!(sdk.stack("lake").await.unwrap().is_none());
    assert!(sdk.stack("la ke").await.is_err());
}

fn wanted(mode: Mode) -> NewChangeSet {
    NewChangeSet {
        stack: "lake".to_owned(),
        name: "infra-deploy".to_owned(),
        create: true,
        template: Template::Url("https://bucket/template".to_owned()),
        parameters: Vec::new(),
        tags: Vec::new(),
        mode,
        alarms: RollbackAlarms::default(),
        token: "run-1".to_owned(),
    }
}

#[tokio::test]
async fn a_mode_is_asked_for_in_the_one_way_that_the_service_takes() {
    for (mode, with, without) in [
        (
            Mode::Express { rollback: false },
            vec!["DeploymentConfig.Mode=EXPRESS", "DeploymentConfig.DisableRollback=true"],
            vec!["&DisableRollback", "OnStackFailure", "DeploymentMode"],
        ),
        (
            Mode::Express { rollback: true },
            vec![
                "DeploymentConfig.Mode=EXPRESS",
                "DeploymentConfig.DisableRollback=false",
            ],
            vec!["&DisableRollback"],
        ),
        (
            Mode::RevertDrift,
            vec!["DeploymentMode=REVERT_DRIFT"],
            vec!["IncludeNestedStacks", "DeploymentConfig"],
        ),
        (Mode::Standard, vec![], vec!["DeploymentConfig", "DeploymentMode"]),
    ] {
        let (sdk, wire) = sdk([answer("CreateChangeSet", "<Id>set</Id><StackId>stack</StackId>")]);
        sdk.create_change_set(&wanted(mode)).await.unwrap();
        let request = wire.requests().remove(0);
        assert!(with.iter().all(|part| request.contains(part)), "{mode:?}: {request}");
        assert!(
            !without.iter().any(|part| request.contains(part)),
            "{mode:?}: {request}"
        );
    }
}

#[tokio::test]
async fn a_change_set_is_asked_for_with_all_that_a_deployment_needs() {
    let (sdk, wire) = sdk([
        answer("CreateChangeSet", "<Id>set</Id><StackId>stack</StackId>"),
        answer("ExecuteChangeSet", ""),
    ]);
    let wanted = NewChangeSet {
        parameters: vec![
            ("AssetBucket".to_owned(), Argument::Given("assets".to_owned())),
            ("Key".to_owned(), Argument::Held),
        ],
        tags: vec![("Application".to_owned(), "headend".to_owned())],
        alarms: RollbackAlarms {
            minutes: 5,
            arns: vec!["alarm".to_owned()],
        },
        ..wanted(Mode::Standard)
    };
    let ids = sdk.create_change_set(&wanted).await.unwrap();
    assert_eq!((ids.id.as_str(), ids.stack_id.as_str()), ("set", "stack"));
    sdk.execute_change_set(&ids.id, "run-2").await.unwrap();
    let requests = wire.requests();
    for part in [
        "ChangeSetType=CREATE",
        "Capabilities.member.1=CAPABILITY_NAMED_IAM",
        "ClientToken=run-1",
        "TemplateURL=https%3A%2F%2Fbucket%2Ftemplate",
        "Parameters.member.1.ParameterKey=AssetBucket&Parameters.member.1.ParameterValue=assets",
        "Parameters.member.2.ParameterKey=Key&Parameters.member.2.UsePreviousValue=true",
        "Tags.member.1.Value=headend",
        "IncludeNestedStacks=true",
        "RollbackConfiguration.RollbackTriggers.member.1.Arn=alarm",
        "RollbackConfiguration.MonitoringTimeInMinutes=5",
    ] {
        assert!(requests[0].contains(part), "{part} in {}", requests[0]);
    }
    for part in ["RetainExceptOnCreate=true", "ClientRequestToken=run-2"] {
        assert!(requests[1].contains(part), "{part} in {}", requests[1]);
    }
}

#[tokio::test]
async fn a_change_set_is_read_page_by_page() {
    let page = |next: &str, change: &str| {
        answer(
            "DescribeChangeSet",
            &format!(
                "<Status>CREATE_COMPLETE</Status>{next}<Changes><member><ResourceChange>{change}</ResourceChange></member></Changes>"
            ),
        )
    };
    let direct = "<Action>Modify</Action><LogicalResourceId>Queue</LogicalResourceId>\
        <ResourceType>AWS::SQS::Queue</ResourceType><Replacement>True</Replacement>\
        <PolicyAction>ReplaceAndRetain</PolicyAction>\
        <Details><member><Target><Attribute>Properties</Attribute><Name>QueueName</Name></Target>\
        <Evaluation>Dynamic</Evaluation><ChangeSource>ResourceReference</ChangeSource></member>\
        <member><Target><Attribute>Properties</Attribute><Name>QueueName</Name>\
        <Path>/Properties/QueueName</Path><BeforeValue>old</BeforeValue><AfterValue>new</AfterValue></Target>\
        <Evaluation>Static</Evaluation><ChangeSource>DirectModification</ChangeSource></member>\
        <member><Target><Attribute>Properties</Attribute><Name>Tags</Name>\
        <Path>/Properties/Tags/0/Value</Path></Target></member></Details>";
    let follower = "<Action>Modify</Action><LogicalResourceId>Alarm</LogicalResourceId>\
        <ResourceType>AWS::CloudWatch::Alarm</ResourceType><Replacement>Conditional</Replacement>\
        <ChangeSetId>below</ChangeSetId>\
        <Details><member><Target><Attribute>Tags</Attribute></Target>\
        <Evaluation>Dynamic</Evaluation><ChangeSource>ResourceReference</ChangeSource></member></Details>";
    let (sdk, wire) = sdk([page("<NextToken>mark</NextToken>", direct), page("", follower)]);

    let first = sdk.change_set("set", None, true).await.unwrap();
    let queue = &first.changes[0];
    assert_eq!(first.state, ChangeSetState::Ready);
    assert_eq!((queue.action, queue.replacement), (Action::Modify, Replacement::Yes));
    assert!(queue.retained && !queue.contingent);
    let name = property("QueueName", Some(("old", "new")));
    assert_eq!(queue.properties, [name, property("Tags.0.Value", None)]);

    let second = sdk.change_set("set", first.next.as_deref(), true).await.unwrap();
    assert!(second.changes[0].contingent);
    assert_eq!(second.changes[0].properties, [property("Tags", None)]);
    assert_eq!(second.changes[0].nested.as_deref(), Some("below"));
    assert!(second.next.is_none());
    assert!(wire.requests()[0].contains("IncludePropertyValues=true"));
    assert!(wire.requests()[1].contains("NextToken=mark"));
}

#[tokio::test]
async fn deleting_a_change_set_that_is_gone_is_no_error() {
    let (sdk, _) = sdk([
        refusal(404, "ChangeSetNotFound", "ChangeSet [infra-deploy] does not exist"),
        refusal(400, "InvalidChangeSetStatus", "it is being executed"),
    ]);
    sdk.delete_change_set("lake", "infra-deploy").await.unwrap();
    assert!(sdk.delete_change_set("lake", "infra-deploy").await.is_err());
}

#[tokio::test]
async fn events_keep_their_order_and_their_time() {
    let event = |id: &str, time: &str| {
        format!(
            "<member><EventId>{id}</EventId><StackId>stack</StackId><StackName>lake</StackName>\
             <LogicalResourceId>Queue</LogicalResourceId><ResourceType>AWS::SQS::Queue</ResourceType>\
             <ResourceStatus>CREATE_FAILED</ResourceStatus><ResourceStatusReason></ResourceStatusReason>\
             <Timestamp>{time}</Timestamp></member>"
        )
    };
    let events = event("new", "1970-01-01T00:01:00.500Z") + &event("old", "1970-01-01T00:00:01Z");
    let (sdk, _) = sdk([answer(
        "DescribeStackEvents",
        &format!("<StackEvents>{events}</StackEvents><NextToken>more</NextToken>"),
    )]);
    let page = sdk.events("stack", None).await.unwrap();
    let times: Vec<Duration> = page.items.iter().map(|event| event.at).collect();
    assert_eq!(times, [Duration::from_millis(60_500), Duration::from_secs(1)]);
    assert_eq!(page.items[0].reason, None, "an empty reason is none");
    assert_eq!(page.next.as_deref(), Some("more"));
}

#[tokio::test]
async fn findings_that_only_warn_and_other_events_are_left_out() {
    let event = |fields: &str| {
        format!("<member><EventId>1</EventId><Timestamp>2026-01-01T00:00:00Z</Timestamp>{fields}</member>")
    };
    let finding = |mode: &str, path: &str| {
        event(&format!(
            "<ValidationFailureMode>{mode}</ValidationFailureMode><ValidationPath>{path}</ValidationPath>\
             <ValidationStatusReason>exists already</ValidationStatusReason>"
        ))
    };
    let events = finding("FAIL", "/Resources/A")
        + &finding("WARN", "/Resources/B")
        + &event("<ResourceStatusReason>Validation failed</ResourceStatusReason>");
    let body = format!("<OperationEvents>{events}</OperationEvents>");
    let (sdk, wire) = sdk([answer("DescribeEvents", &body)]);
    let findings = sdk.findings(Scope::Stack("stack")).await.unwrap();
    let paths: Vec<&str> = findings.iter().map(|finding| finding.path.as_str()).collect();
    assert_eq!(paths, ["/Resources/A"]);
    assert!(wire.requests()[0].contains("Filters.FailedEvents=true"));
}

#[tokio::test]
async fn a_throttled_rollback_is_asked_for_again_with_the_same_token() {
    let (sdk, wire) = sdk([
        refusal(400, "Throttling", "Rate exceeded"),
        answer("ContinueUpdateRollback", ""),
        answer("RollbackStack", ""),
        answer("UpdateTerminationProtection", "<StackId>stack</StackId>"),
    ]);
    let skip = ["Table".to_owned(), "Nested.Queue".to_owned()];
    sdk.continue_rollback("stack", &skip, "run-1").await.unwrap();
    sdk.roll_back("stack", "run-2").await.unwrap();
    sdk.protect("stack", true).await.unwrap();
    let requests = wire.requests();
    assert_eq!(requests[0], requests[1]);
    for (request, part) in [
        (1, "ClientRequestToken=run-1"),
        (1, "ResourcesToSkip.member.2=Nested.Queue"),
        (2, "ClientRequestToken=run-2"),
        (3, "EnableTerminationProtection=true"),
    ] {
        assert!(requests[request].contains(part), "{part} in {}", requests[request]);
    }
}

#[tokio::test]
async fn drift_is_asked_for_awaited_and_read_page_by_page() {
    let drift = |id: &str, status: &str, difference: &str| {
        format!(
            "<member><StackId>stack</StackId><LogicalResourceId>{id}</LogicalResourceId>\
             <ResourceType>AWS::SQS::Queue</ResourceType><Timestamp>2026-01-01T00:00:00Z</Timestamp>\
             <StackResourceDriftStatus>{status}</StackResourceDriftStatus>\
             <PropertyDifferences>{difference}</PropertyDifferences></member>"
        )
    };
    let page = |next: &str, drifts: &str| {
        answer(
            "DescribeStackResourceDrifts",
            &format!("<StackResourceDrifts>{drifts}</StackResourceDrifts>{next}"),
        )
    };
    let status = |status: &str| {
        answer(
            "DescribeStackDriftDetectionStatus",
            &format!(
                "<StackId>stack</StackId><StackDriftDetectionId>id</StackDriftDetectionId>\
                 <Timestamp>2026-01-01T00:00:00Z</Timestamp><DetectionStatusReason>why</DetectionStatusReason>\
                 <DetectionStatus>{status}</DetectionStatus>"
            ),
        )
    };
    let difference = "<member><PropertyPath>/Tags/0/Value</PropertyPath><ExpectedValue>a</ExpectedValue>\
        <ActualValue>null</ActualValue><DifferenceType>REMOVE</DifferenceType></member>";
    let (sdk, wire) = sdk([
        answer("DetectStackDrift", "<StackDriftDetectionId>id</StackDriftDetectionId>"),
        status("DETECTION_IN_PROGRESS"),
        refusal(400, "Throttling", "Rate exceeded"),
        status("DETECTION_FAILED"),
        page("<NextToken>mark</NextToken>", &drift("Fine", "IN_SYNC", "")),
        page(
            "",
            &(drift("Queue", "MODIFIED", difference) + &drift("Odd", "NOT_CHECKED", "")),
        ),
    ]);
    let id = sdk.detect_drift("stack").await.unwrap();
    assert_eq!(sdk.drift_detection(&id).await.unwrap(), Detection::Running);
    let partial = Detection::Partial("why".to_owned());
    assert_eq!(sdk.drift_detection(&id).await.unwrap(), partial);

    let first = sdk.drifts("stack", None).await.unwrap();
    assert!(first.items.is_empty(), "what is in its place is left out");
    let second = sdk.drifts("stack", first.next.as_deref()).await.unwrap();
    assert!(wire.requests()[5].contains("NextToken=mark"));
    let states: Vec<DriftState> = second.items.iter().map(|drift| drift.state).collect();
    assert_eq!(states, [DriftState::Modified, DriftState::Unknown]);
    let difference = &second.items[0].differences[0];
    assert_eq!(difference.path, "Tags.0.Value");
    assert_eq!((difference.expected.as_deref(), &difference.actual), (Some("a"), &None));
}
