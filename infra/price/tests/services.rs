//! What each service's formula reads from properties and load, as the lines that it gives.

use infra_core::{AnyArn, Arn, Handle, Id, Node, Template, Value};
use infra_price::{Estimate, Load, Region, Standing};
use infra_resources::lambda::{self, EventSourceMapping, function};
use infra_resources::s3::{self, bucket};
use infra_resources::{
    api_gateway, api_gateway_v2, athena, cloudwatch, cognito, ec2, events, glue, iam, logs, rds, scheduler, sqs, ssm,
    step_functions,
};

fn load() -> Load {
    Load {
        hours_per_month: 730,
        ..Load::default()
    }
}

fn raw<T>(text: &'static str) -> Value<T> {
    Value::raw(Node::Text(text.into()))
}

/// The lines of the resource `id`, each as its name and formula at the prices of us-east-1.
#[track_caller]
fn check(template: &Template, load: &Load, id: &str, expected: &[&str]) {
    let estimate = Estimate::of_template("test", template, load, Region::UsEast1);
    let resource = estimate.resources.iter().find(|resource| resource.id == id).unwrap();
    let lines = resource
        .lines()
        .iter()
        .map(|line| format!("{}: {}", line.name(), line.formula()));
    assert_eq!(lines.collect::<Vec<_>>(), expected);
}

fn with<R: infra_core::Resource>(resource: R) -> Template {
    let mut template = Template::new("One resource");
    template.add("It", resource);
    template
}

fn add_function(t: &mut Template) -> Handle<lambda::Function> {
    let role: Value<Arn<iam::Role>> = raw("role");
    t.add("Function", lambda::Function::new(function::Code::new(), role))
}

#[test]
fn a_queue_that_a_function_reads_is_asked_all_the_time() {
    let load = Load {
        messages_per_hour: 100,
        ..load()
    };
    let sent = "request to a queue: 73,000 messages x 3 requests x $0.40 per 1,000,000 = $0.09";
    check(&with(sqs::Queue::new()), &load, "It", &[sent]);

    let mut template = with(sqs::Queue::new());
    let function = add_function(&mut template);
    let queue = template.add("Queue", sqs::Queue::new());
    let mapping = EventSourceMapping {
        event_source_arn: Some(queue.arn().into()),
        ..EventSourceMapping::new(function.reference())
    };
    template.add("Mapping", mapping);
    let asked = "request to a queue: 730 h x 5 pollers x 180 polls an hour x $0.40 per 1,000,000 = $0.26";
    check(&template, &load, "Queue", &[sent, asked]);
    check(
        &template,
        &load,
        "Function",
        &[
            "function call: 7,300 calls x $0.20 per 1,000,000 = $0.001460",
            "GB-second on x86: 7,300 calls x 61 ms x 128 MiB = 55.6625 GB-s x $0.0000166667 = $0.000928",
        ],
    );
}

#[test]
fn a_function_is_called_by_schedules_and_requests_too() {
    let load = Load {
        requests_per_hour: 10,
        log_bytes_per_call: 1_000,
        ..load()
    };
    let mut template = Template::new("A function");
    let t = &mut template;
    let group = t.add("Log", logs::LogGroup::new());
    let role: Value<Arn<iam::Role>> = raw("role");
    let function = lambda::Function {
        logging_config: Some(function::LoggingConfig {
            log_group: Some(group.reference()),
            ..function::LoggingConfig::new()
        }),
        tracing_config: Some(function::TracingConfig {
            mode: Some(function::TracingMode::Active.into()),
        }),
        ..lambda::Function::new(function::Code::new(), role.clone())
    };
    let function = t.add("Function", function);
    let target = scheduler::schedule::Target::new(Value::<AnyArn>::from(function.arn()), role);
    let window = scheduler::schedule::FlexibleTimeWindow::new(scheduler::schedule::FlexibleTimeWindowMode::Off);
    t.add("Schedule", scheduler::Schedule::new(window, "rate(1 hour)", target));
    let api: Value<Id<api_gateway_v2::Api>> = t.add("Api", api_gateway_v2::Api::new()).reference();
    let integration = api_gateway_v2::Integration {
        integration_uri: Some(function.arn().text()),
        ..api_gateway_v2::Integration::new(api, "AWS_PROXY")
    };
    t.add("Integration", integration);
    check(
        &template,
        &load,
        "Function",
        &[
            "function call: 730 calls x $0.20 per 1,000,000 = $0.000146",
            "GB-second on x86: 730 calls x 1,000 ms x 128 MiB = 91.25 GB-s x $0.0000166667 = $0.001521",
            "function call: 7,300 calls x $0.20 per 1,000,000 = $0.001460",
            "GB-second on x86: 7,300 calls x 20 ms x 128 MiB = 18.25 GB-s x $0.0000166667 = $0.000304",
            "trace recorded: 8,030 traces x $5.00 per 1,000,000 = $0.04",
        ],
    );
    check(
        &template,
        &load,
        "Api",
        &["HTTP API request: 7,300 requests x 1 step x $1.00 per 1,000,000 = $0.007300"],
    );
    check(
        &template,
        &load,
        "Schedule",
        &["scheduled call: 730 calls x $1.00 per 1,000,000 = $0.000730"],
    );
    check(
        &template,
        &load,
        "Log",
        &[
            "GB of log: 8,030 calls x 1,000 B = 0.0075 GB x $0.50 = $0.003739",
            "GB-month of log: 0 B kept = 0 GB-months x $0.03 = $0.00",
        ],
    );
}

#[test]
fn a_bucket_key_saves_requests_to_kms_and_an_expiry_storage() {
    let bucket = |has_bucket_key: bool, days: Option<i64>| {
        let default = bucket::ServerSideEncryptionByDefault::new(bucket::SseAlgorithm::AwsKms);
        let rule = bucket::ServerSideEncryptionRule {
            bucket_key_enabled: Some(has_bucket_key.into()),
            server_side_encryption_by_default: Some(default),
            ..bucket::ServerSideEncryptionRule::new()
        };
        let rules = days.map(|days| bucket::Rule {
            expiration_in_days: Some(days.into()),
            ..bucket::Rule::new(bucket::RuleStatus::Enabled)
        });
        s3::Bucket {
            bucket_encryption: Some(bucket::BucketEncryption::new(vec![rule])),
            lifecycle_configuration: rules.map(|rule| bucket::LifecycleConfiguration::new(vec![rule])),
            ..s3::Bucket::new()
        }
    };
    let load = Load {
        puts_per_hour: 100,
        stored_months: 12,
        ..load()
    };
    let put = "PUT: 73,000 stated requests x $0.005 per 1,000 = $0.37";
    let asked = |requests| format!("request to KMS: {requests} requests x $0.03 per 10,000 = ");
    check(
        &with(bucket(true, None)),
        &load,
        "It",
        &[put, &(asked("730") + "$0.002190")],
    );
    check(
        &with(bucket(false, None)),
        &load,
        "It",
        &[put, &(asked("73,000") + "$0.22")],
    );

    // A bucket that takes the access log of another keeps an entry for each request.
    let logs = |days| {
        let mut template = Template::new("Two buckets");
        let log = template.add("Log", bucket(true, days));
        let logging = bucket::LoggingConfiguration {
            destination_bucket_name: Some(log.reference()),
            ..bucket::LoggingConfiguration::new()
        };
        let logged = s3::Bucket {
            logging_configuration: Some(logging),
            ..s3::Bucket::new()
        };
        template.add("Data", logged);
        template
    };
    let kept = "GB-month stored: 438,000,000 B of access logs kept = 0.4079 GB-months x $0.023 = $0.009382";
    check(&logs(None), &load, "Log", &[kept]);
    let kept = "GB-month stored: 36,000,000 B of access logs kept = 0.0335 GB-months x $0.023 = $0.000771";
    check(&logs(Some(30)), &load, "Log", &[kept]);
}

#[test]
fn a_query_is_billed_for_ten_megabytes_at_least() {
    let group = with(athena::WorkGroup::new("group"));
    let scanned = |scanned_mb_per_query, expected: &str| {
        let load = Load {
            queries_per_day: 24,
            scanned_mb_per_query,
            ..load()
        };
        check(&group, &load, "It", &[expected]);
    };
    scanned(1, "TB scanned: 730 queries x 10,485,760 B = 0.007 TB x $5.00 = $0.03");
    scanned(
        100,
        "TB scanned: 730 queries x 104,857,600 B = 0.0696 TB x $5.00 = $0.35",
    );
}

#[test]
fn a_run_of_a_crawler_is_billed_for_ten_minutes() {
    let crawler = glue::Crawler {
        schedule: Some(glue::crawler::Schedule {
            schedule_expression: Some("cron(10 0/12 * * ? *)".into()),
        }),
        ..glue::Crawler::new(raw("role"), glue::crawler::Targets::new())
    };
    check(
        &with(crawler),
        &load(),
        "It",
        &["DPU-hour of a crawler: 61 runs x 10 min x 2 DPU = 20.3333 DPU-h x $0.44 = $8.95"],
    );
}

#[test]
fn what_stands_costs_by_the_hour_or_the_month() {
    let instance = rds::DbInstance {
        allocated_storage: Some("20".into()),
        db_instance_class: Some("db.t4g.micro".into()),
        multi_az: Some(true.into()),
        ..rds::DbInstance::new()
    };
    check(
        &with(instance),
        &load(),
        "It",
        &[
            "db.t4g.micro hour: 730 h x 2 instances x $0.016 = $23.36",
            "GB-month of database: 20 GiB x 1,073,741,824 B x 2 copies = 40 GB-months x $0.115 = $4.60",
        ],
    );
    let vpc: Value<Id<ec2::Vpc>> = raw("vpc");
    let endpoint = ec2::VpcEndpoint {
        subnet_ids: Some(vec![raw("one"), raw("two")]),
        vpc_endpoint_type: Some(ec2::vpc_endpoint::VpcEndpointType::Interface.into()),
        ..ec2::VpcEndpoint::new(vpc.clone())
    };
    check(
        &with(endpoint),
        &load(),
        "It",
        &["interface endpoint hour: 730 h x 2 subnets x $0.01 = $14.60"],
    );
    let gateway = Estimate::of_template("test", &with(ec2::VpcEndpoint::new(vpc)), &load(), Region::UsEast1);
    assert!(matches!(gateway.resources[0].standing, Standing::Free));
}

#[test]
fn a_variant_that_costs_is_not_taken_for_the_free_one() {
    let standing = |template: &Template| {
        let estimate = Estimate::of_template("test", template, &load(), Region::UsEast1);
        estimate.resources[0].standing.clone()
    };
    let stage = |has_cache: bool| {
        with(api_gateway::Stage {
            cache_cluster_enabled: Some(has_cache.into()),
            ..api_gateway::Stage::new(raw::<Id<api_gateway::RestApi>>("api"))
        })
    };
    assert!(matches!(standing(&stage(false)), Standing::Free));
    assert!(matches!(standing(&stage(true)), Standing::NotPriced(_)));
    let parameter = |tier| {
        with(ssm::Parameter {
            tier: Some(tier),
            ..ssm::Parameter::new(raw("String"), "value")
        })
    };
    assert!(matches!(standing(&parameter(raw("Standard"))), Standing::Free));
    assert!(matches!(standing(&parameter(raw("Advanced"))), Standing::NotPriced(_)));
}

#[test]
fn an_alarm_is_billed_by_metric_and_by_how_often_it_looks() {
    let alarm = |period: i64| cloudwatch::Alarm {
        period: Some(period.into()),
        ..cloudwatch::Alarm::new()
    };
    let slow = "alarm metric and month: 1 alarm metric x $0.10 = $0.10";
    let fast = "high-resolution alarm metric and month: 1 alarm metric x $0.30 = $0.30";
    check(&with(alarm(60)), &load(), "It", &[slow]);
    check(&with(alarm(10)), &load(), "It", &[fast]);
}

#[test]
fn people_and_runs_are_counted() {
    let load = Load {
        users_per_month: 1_000,
        workflow_runs_per_hour: 10,
        transitions_per_run: 5,
        messages_per_hour: 7,
        ..load()
    };
    let pool = with(cognito::UserPool::new());
    check(
        &pool,
        &load,
        "It",
        &["user and month, ESSENTIALS: 1,000 users x $0.015 = $15.00"],
    );
    let role: Value<Arn<iam::Role>> = raw("role");
    let machine = with(step_functions::StateMachine::new(role));
    let transitions = "state transition: 7,300 runs x 5 transitions x $0.025 per 1,000 = $0.91";
    check(&machine, &load, "It", &[transitions]);
    let published = "event published: 5,110 events x $1.00 per 1,000,000 = $0.005110";
    check(&with(events::Rule::new()), &load, "It", &[published]);
    let scheduled = events::Rule {
        schedule_expression: Some("rate(1 day)".into()),
        ..events::Rule::new()
    };
    check(&with(scheduled), &load, "It", &[]);
}

#[test]
fn a_function_is_found_inside_a_text_too() {
    let mut template = Template::new("An integration by Fn::Sub");
    let function = add_function(&mut template);
    let api: Value<Id<api_gateway_v2::Api>> = template.add("Api", api_gateway_v2::Api::new()).reference();
    let uri = infra_core::concat_values!["arn:aws:apigateway:lambda:path/", function.arn(), "/invocations"];
    let integration = api_gateway_v2::Integration {
        integration_uri: Some(uri),
        ..api_gateway_v2::Integration::new(api, "AWS_PROXY")
    };
    template.add("Integration", integration);
    let load = Load {
        requests_per_hour: 1,
        ..load()
    };
    let estimate = Estimate::of_template("test", &template, &load, Region::UsEast1);
    assert_eq!(
        estimate
            .lines()
            .filter(|(resource, _)| resource.id == "Function")
            .count(),
        2
    );
}
