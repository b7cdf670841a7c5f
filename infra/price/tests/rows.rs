//! What it costs that functions write rows: the direct writer, and the one that closes hours.

use infra_core::{Arn, Handle, Node, Template, Value, concat_values};
use infra_price::{Estimate, Line, Load, Region};
use infra_resources::lambda::{self, EventSourceMapping, function};
use infra_resources::s3::{self, bucket};
use infra_resources::scheduler::{self, schedule};
use infra_resources::{dynamodb, glue, iam, kinesis, sqs};

/// A million events an hour, each a record: at 920 bytes in a call's 6 MB that is 6,521 records a
/// call, and 111,947 calls a month.
fn load() -> Load {
    Load {
        hours_per_month: 730,
        events_per_hour: 1_000_000,
        bytes_per_event: 300,
        events_per_record: 1,
        stored_bytes_per_event: 45,
        stored_months: 1,
        ..Load::default()
    }
}

fn raw<T>(text: &'static str) -> Value<T> {
    Value::raw(Node::Text(text.into()))
}

fn function(t: &mut Template, id: &str, knows: [Option<Value<String>>; 2]) -> Handle<lambda::Function> {
    let role: Value<Arn<iam::Role>> = raw("role");
    let variables = knows.into_iter().flatten().enumerate();
    let variables = variables.map(|(number, value)| (format!("KNOWN_{number}"), value));
    let function = lambda::Function {
        environment: Some(function::Environment {
            variables: Some(variables.collect()),
        }),
        memory_size: Some(512.into()),
        ..lambda::Function::new(function::Code::new(), role)
    };
    t.add(id, function)
}

/// A stream with a window, a writer with its table, a bucket whose queue a third function reads,
/// and a function that closes hours; `is_lake` says whether the bucket has a table of the catalog.
fn template(window_seconds: i64, is_lake: bool) -> Template {
    let mut template = Template::new("Rows");
    let t = &mut template;
    let stream = kinesis::Stream {
        shard_count: Some(2.into()),
        ..kinesis::Stream::new()
    };
    let stream = t.add("Stream", stream);
    let queue = t.add("Queue", sqs::Queue::new());
    let created = bucket::QueueConfiguration::new("s3:ObjectCreated:*", queue.arn());
    let bucket = s3::Bucket {
        notification_configuration: Some(bucket::NotificationConfiguration {
            queue_configurations: Some(vec![created]),
            ..bucket::NotificationConfiguration::new()
        }),
        ..s3::Bucket::new()
    };
    let bucket = t.add("Bucket", bucket);
    if is_lake {
        let storage = glue::table::StorageDescriptor {
            location: Some(concat_values!["s3://", bucket.reference(), "/raw/"]),
            ..glue::table::StorageDescriptor::new()
        };
        let input = glue::table::TableInput {
            storage_descriptor: Some(storage),
            ..glue::table::TableInput::new()
        };
        let table = glue::Table {
            table_input: Some(input),
            ..glue::Table::new("123456789012", raw("database"))
        };
        t.add("Table", table);
    }
    let by_request = || dynamodb::Table {
        billing_mode: Some(dynamodb::table::BillingMode::PayPerRequest.into()),
        ..dynamodb::Table::new(Vec::new())
    };
    let fences = t.add("Fences", by_request());
    let hours = t.add("Hours", by_request());
    let knows = |name: Value<String>| Some(name);
    let (bucket, fences, hours) = (
        knows(bucket.reference().text()),
        knows(fences.reference().text()),
        knows(hours.reference().text()),
    );
    let writer = function(t, "Writer", [bucket.clone(), fences]);
    let register = function(t, "Register", [hours.clone(), None]);
    let closer = function(t, "Closer", [bucket, hours]);
    let records = EventSourceMapping {
        batch_size: Some(10_000.into()),
        event_source_arn: Some(stream.arn().into()),
        maximum_batching_window_in_seconds: Some(window_seconds.into()),
        ..EventSourceMapping::new(writer.reference())
    };
    t.add("Records", records);
    let messages = EventSourceMapping {
        event_source_arn: Some(queue.arn().into()),
        ..EventSourceMapping::new(register.reference())
    };
    t.add("Messages", messages);
    let window = schedule::FlexibleTimeWindow::new(schedule::FlexibleTimeWindowMode::Off);
    let target = schedule::Target::new(closer.arn(), raw::<Arn<iam::Role>>("role"));
    t.add("Hourly", scheduler::Schedule::new(window, "cron(10 * * * ? *)", target));
    template
}

/// The lines of a resource, each as its name and what is counted, without the price.
#[track_caller]
fn check(template: &Template, load: &Load, id: &str, expected: &[&str]) {
    let estimate = Estimate::of_template("test", template, load, Region::UsEast1);
    let resource = estimate.resources.iter().find(|resource| resource.id == id).unwrap();
    let lines: Vec<String> = resource.lines().iter().map(counted).collect();
    assert_eq!(lines, expected);
}

/// A line without its price and sum.
fn counted(line: &Line) -> String {
    let formula = line.formula();
    let (counted, _) = formula.split_once(" x $").unwrap();
    let counted = counted.split_once(" = ").map_or(counted, |(counted, _)| counted);
    format!("{}: {counted}", line.name())
}

#[test]
fn a_writer_is_called_for_full_batches_or_when_the_wait_is_over() {
    let full = template(60, true);
    let lines = [
        "function call: 111,947 calls",
        "GB-second on x86: 111,947 calls x 113 ms x 512 MiB",
    ];
    check(&full, &load(), "Writer", &lines);
    // Two shards, a batch a minute from each, of 17 events.
    let quiet = Load {
        events_per_hour: 2_000,
        ..load()
    };
    let lines = [
        "function call: 87,600 calls",
        "GB-second on x86: 87,600 calls x 61 ms x 512 MiB",
    ];
    check(&full, &quiet, "Writer", &lines);
}

#[test]
fn each_object_is_announced_registered_and_read_again() {
    let template = template(60, true);
    check(
        &template,
        &load(),
        "Bucket",
        &[
            "PUT: 123,142 objects written",
            "PUT: 730 objects of closed hours",
            "GET: 123,142 objects read to close hours",
            "GB-month stored: 730,000,000 events x 45 B x 1 month",
            "GB-month stored: 730,000,000 events x 45 B x 1 month",
        ],
    );
    check(
        &template,
        &load(),
        "Queue",
        &[
            "request to a queue: 123,142 messages x 3 requests",
            "request to a queue: 730 h x 5 pollers x 180 polls an hour",
        ],
    );
    let lines = [
        "function call: 12,315 calls",
        "GB-second on x86: 12,315 calls x 61 ms x 512 MiB",
    ];
    check(&template, &load(), "Register", &lines);
    let lines = [
        "function call: 730 calls",
        "GB-second on x86: 730 calls x 3,500 ms x 512 MiB",
    ];
    check(&template, &load(), "Closer", &lines);
}

#[test]
fn ledgers_are_written_with_every_batch_object_and_hour() {
    let template = template(60, true);
    let writes = |number: &str| format!("write unit: {number} writes x 1 write unit x 1 table and indexes");
    for (id, number) in [("Fences", "335,841"), ("Hours", "127,522")] {
        let estimate = Estimate::of_template("test", &template, &load(), Region::UsEast1);
        let table = estimate.resources.iter().find(|resource| resource.id == id).unwrap();
        assert_eq!(counted(table.lines().first().unwrap()), writes(number));
    }
}

#[test]
fn a_bucket_without_a_table_is_given_no_rows() {
    let template = template(60, false);
    check(&template, &load(), "Bucket", &[]);
}
