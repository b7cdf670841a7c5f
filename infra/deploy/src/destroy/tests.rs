use super::Options;
use crate::bucket::memory::Memory;
use crate::clock::Leaping;
use crate::cloudformation::fake::{Look, Script, event, look, news, nothing, stack_event};
use crate::cloudformation::{Resource, Status};
use crate::console::Recorder;
use crate::engine::Engine;

type Bench = Engine<Script, Memory, Leaping, Recorder>;

fn resource(id: &str, kind: &str) -> Resource {
    Resource {
        logical_id: id.to_owned(),
        physical_id: id.to_lowercase(),
        kind: kind.to_owned(),
        status: Status("CREATE_COMPLETE".to_owned()),
    }
}

/// A stack with a full bucket, a queue, a bucket that outlives the stack, and one more queue.
fn bench(looks: impl IntoIterator<Item = Look>) -> Bench {
    let mut cloud = Script::new(looks);
    cloud.resources = vec![
        resource("Data", "AWS::S3::Bucket"),
        resource("Queue", "AWS::SQS::Queue"),
        resource("Kept", "AWS::S3::Bucket"),
        resource("Last", "AWS::SQS::Queue"),
    ];
    cloud.template = r#"{"Resources":{"Kept":{"DeletionPolicy":"Retain"},"Data":{},"Queue":{},"Last":{}}}"#.to_owned();
    let objects = Memory::holding("data", 3);
    objects.add("kept", 2);
    Engine {
        cloud,
        objects,
        clock: Leaping::default(),
        console: Recorder::default(),
        run: "run".to_owned(),
    }
}

fn deleted() -> [Look; 2] {
    [
        look("UPDATE_COMPLETE"),
        news("DELETE_COMPLETE", [stack_event("DELETE_COMPLETE", None)]),
    ]
}

fn yes() -> Options {
    Options {
        yes: true,
        ..Options::default()
    }
}

#[tokio::test]
async fn a_stack_that_is_not_there_is_no_error() {
    let bench = bench([nothing()]);
    assert!(!bench.destroy("lake", &yes()).await.unwrap());
    assert!(bench.console.text().contains("nothing to destroy"));
    assert!(bench.cloud.deeds().is_empty());
}

#[tokio::test]
async fn a_full_bucket_is_refused_and_nothing_is_deleted() {
    let bench = bench(deleted());
    let message = bench.destroy("lake", &yes()).await.unwrap_err().to_string();
    assert!(message.contains("bucket data is not empty"), "{message}");
    assert!(message.contains("--empty-buckets"), "{message}");
    assert!(bench.cloud.deeds().is_empty());
    assert_eq!(bench.objects.keys_of("data").len(), 3);
}

#[tokio::test]
async fn with_leave_the_stacks_own_buckets_are_emptied_and_the_retained_one_is_left() {
    let bench = bench(deleted());
    let options = Options {
        empty_buckets: true,
        ..yes()
    };
    assert!(bench.destroy("lake", &options).await.unwrap());
    assert!(bench.objects.keys_of("data").is_empty());
    assert_eq!(bench.objects.keys_of("kept").len(), 2);
    assert_eq!(bench.cloud.deeds(), ["delete stack"]);
    let text = bench.console.text();
    assert!(
        text.contains("delete  Last      AWS::SQS::Queue  last"),
        "all pages are listed: {text}"
    );
    assert!(text.contains("keep    Kept      AWS::S3::Bucket  kept"), "{text}");
    assert!(text.ends_with("left behind: kept (AWS::S3::Bucket)"), "{text}");
}

#[tokio::test]
async fn retained_buckets_go_only_when_that_is_said() {
    let bench = bench(deleted());
    let options = Options {
        empty_buckets: true,
        delete_retained: true,
        ..yes()
    };
    bench.destroy("lake", &options).await.unwrap();
    assert!(!bench.objects.exists("kept"));
    assert!(bench.console.text().contains("delete  Kept"));
}

#[tokio::test]
async fn a_protected_stack_is_refused() {
    let mut bench = bench(deleted());
    bench.cloud.protected = true;
    let message = bench.destroy("lake", &yes()).await.unwrap_err().to_string();
    assert!(message.contains("--release-protection"), "{message}");
    assert!(bench.cloud.deeds().is_empty());
}

#[tokio::test]
async fn a_protected_stack_goes_when_its_protection_is_released() {
    let mut bench = bench(deleted());
    bench.cloud.protected = true;
    let options = Options {
        release_protection: true,
        empty_buckets: true,
        ..yes()
    };
    assert!(bench.destroy("lake", &options).await.unwrap());
    assert_eq!(bench.cloud.deeds(), ["protect false", "delete stack"]);
}

#[tokio::test]
async fn without_yes_the_person_decides() {
    for (answer, destroyed) in [(Some(true), true), (Some(false), false), (None, false)] {
        let mut bench = bench(deleted());
        bench.console.answer = answer;
        let options = Options {
            empty_buckets: true,
            ..Options::default()
        };
        assert_eq!(bench.destroy("lake", &options).await.is_ok(), destroyed, "{answer:?}");
        assert_eq!(bench.objects.keys_of("data").is_empty(), destroyed);
    }
}

#[tokio::test]
async fn a_deletion_that_fails_ends_with_its_root_cause() {
    let bench = bench([
        look("UPDATE_COMPLETE"),
        news(
            "DELETE_FAILED",
            [
                event("Data", "DELETE_FAILED", Some("The bucket is not empty")),
                stack_event("DELETE_FAILED", Some("The following resources failed: [Data]")),
            ],
        ),
    ]);
    let options = Options {
        empty_buckets: true,
        ..yes()
    };
    let error = bench.destroy("lake", &options).await.unwrap_err();
    let chain: Vec<String> = error.chain().map(ToString::to_string).collect();
    assert_eq!(
        chain,
        [
            "stack lake was not deleted (DELETE_FAILED)",
            "Data (AWS::Test::Thing) DELETE_FAILED: The bucket is not empty",
        ]
    );
}

#[tokio::test]
async fn objects_that_arrive_while_the_stack_is_deleted_are_deleted_too() {
    let bench = bench([
        look("UPDATE_COMPLETE"),
        news(
            "DELETE_FAILED",
            [
                event("Data", "DELETE_FAILED", Some("The bucket is not empty")),
                stack_event("DELETE_FAILED", None),
            ],
        ),
        news("DELETE_COMPLETE", [stack_event("DELETE_COMPLETE", None)]),
    ]);
    bench.objects.late.set(5);
    let options = Options {
        empty_buckets: true,
        ..yes()
    };
    bench.destroy("lake", &options).await.unwrap();
    assert_eq!(bench.cloud.deeds(), ["delete stack", "delete stack"]);
    assert_eq!(*bench.objects.batches.borrow(), [3, 5]);
}
