use infra_core::{Asset, Handle, Template, ToNode, json};
use infra_resources::lambda::function::Architecture;
use infra_resources::{kms, lambda, sqs};

use super::{Records, Source, read};
use crate::code;
use crate::function::Function;
use crate::grant;
use crate::key::Key;
use crate::queue::DeadLetters;
use crate::stream::Stream;
use crate::table::{Attribute, Table};

/// A template with what a function needs.
struct Bench {
    template: Template,
    key: Handle<kms::Key>,
    queue: Handle<sqs::Queue>,
}

impl Bench {
    fn new() -> Self {
        let mut template = Template::new("a stream and its reader");
        let key = Key {
            description: "tests".to_owned(),
            alias: "tests".to_owned(),
            keep: false,
        };
        let key = key.add(&mut template, "Key");
        let name = "dead".to_owned();
        let queue = DeadLetters { name, key: &key }.add(&mut template, "Dead");
        Bench { template, key, queue }
    }

    fn reader(&mut self) -> Handle<lambda::Function> {
        let (code_bucket, [code_key]) = code::parameters(&mut self.template, [&Asset::of("reader")]);
        let function = Function {
            name: "reader".to_owned(),
            description: "Reads",
            code_bucket,
            code_key,
            architecture: Architecture::Arm64,
            memory_mib: 128,
            timeout_seconds: 10,
            concurrency: None,
            variables: Vec::new(),
            grants: Vec::new(),
            key: &self.key,
            dead_letters: &self.queue,
            log_days: 1,
        };
        function.add(&mut self.template, "Reader")
    }

    #[track_caller]
    fn check(&mut self, source: Source<'_>, filters: &[&str], expected: &[&str]) {
        let function = self.reader();
        let records = Records {
            source,
            function: &function,
            batch: 100,
            window_seconds: 1,
            filters,
            failures: &self.queue,
        };
        records.add(&mut self.template, "Records");
        assert_eq!(self.template.check(), Ok(()));
        let grants = grant::statements(read(source, &self.queue));
        let grants = json::to_string(&infra_core::policy::Document::new(grants).to_node());
        let json = self.template.to_json() + &grants;
        for expected in expected {
            assert!(json.contains(expected), "{expected} is not in {json}");
        }
    }
}

#[test]
fn a_record_that_is_given_up_is_named_somewhere() {
    let mut bench = Bench::new();
    let stream = Stream {
        name: "events".to_owned(),
        shards: Some(1),
        retention_hours: 24,
        keep: false,
    };
    let stream = stream.add(&mut bench.template, "Stream");
    bench.check(
        Source::Stream(&stream),
        &[],
        &[
            r#""BatchSize":100,"BisectBatchOnFunctionError":true"#,
            r#""DestinationConfig":{"OnFailure":{"Destination":{"Fn::GetAtt":["Dead","Arn"]}}}"#,
            r#""EventSourceArn":{"Fn::GetAtt":["Stream","Arn"]}"#,
            r#""FunctionResponseTypes":["ReportBatchItemFailures"]"#,
            r#""MaximumRecordAgeInSeconds":86400,"MaximumRetryAttempts":5,"ParallelizationFactor":1,"StartingPosition":"TRIM_HORIZON""#,
            r#""kinesis:GetRecords""#,
            r#"{"Sid":"GivenUp","Effect":"Allow","Action":"sqs:SendMessage","Resource":{"Fn::GetAtt":["Dead","Arn"]}}"#,
        ],
    );
}

#[test]
fn changes_of_a_table_can_be_filtered() {
    let mut bench = Bench::new();
    let table = Table {
        changes: true,
        ..Table::new("prices".to_owned(), Attribute::Text("item"), &bench.key)
    };
    let table = table.add(&mut bench.template, "Prices");
    bench.check(
        Source::Changes(&table),
        &[r#"{"eventName":["INSERT"]}"#],
        &[
            r#""EventSourceArn":{"Fn::GetAtt":["Prices","StreamArn"]}"#,
            r#""FilterCriteria":{"Filters":[{"Pattern":"{\"eventName\":[\"INSERT\"]}"}]}"#,
            r#""Action":["dynamodb:DescribeStream","dynamodb:GetRecords","dynamodb:GetShardIterator"],"Resource":{"Fn::GetAtt":["Prices","StreamArn"]}"#,
            r#""Action":"dynamodb:ListStreams","Resource":"*""#,
        ],
    );
}
