//! What must hold of any estimate, whatever the load: steps, monotony, and that a property that
//! changes changes the price.

use infra_core::{Node, Template};
use infra_price::report::{self, Detail};
use infra_price::{Estimate, Load, Money, Region, Standing};
use infra_resources::dynamodb::{self, table};
use infra_resources::kinesis::{self, stream};
use infra_resources::kinesis_firehose::{DeliveryStream, delivery_stream};
use infra_resources::{iam, kms, media_convert, rds, s3};
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};

const KB: u32 = 1024;

fn load() -> Load {
    Load {
        hours_per_month: 730,
        events_per_hour: 1_000,
        bytes_per_event: 300,
        events_per_record: 1,
        stored_bytes_per_event: 45,
        stored_months: 1,
        ..Load::default()
    }
}

fn estimate(template: &Template, load: &Load) -> Estimate {
    Estimate::of_template("test", template, load, Region::EuWest2)
}

fn streams(stream: kinesis::Stream) -> Template {
    let mut template = Template::new("A stream");
    template.add("Stream", stream);
    template
}

/// A delivery of what is put into it, to a bucket of its own.
fn delivery() -> Template {
    let mut template = Template::new("A delivery");
    let t = &mut template;
    let role = t.add("Role", iam::Role::new(infra_core::policy::Document::new([])));
    let bucket = t.add("Bucket", s3::Bucket::new());
    let destination = delivery_stream::ExtendedS3DestinationConfiguration::new(bucket.arn(), role.arn());
    t.add(
        "Delivery",
        DeliveryStream {
            extended_s3_destination_configuration: Some(destination),
            ..DeliveryStream::new()
        },
    );
    template
}

fn line(estimate: &Estimate, name: &str) -> (u128, Money) {
    let (_, line) = estimate.lines().find(|(_, line)| line.name() == name).unwrap();
    (line.quantity(), line.amount())
}

#[test]
fn firehose_rounds_each_record_up_to_five_kb() {
    let billed = |bytes_per_event| {
        let load = Load {
            bytes_per_event,
            ..load()
        };
        line(&estimate(&delivery(), &load), "GB taken in").0 / load.records()
    };
    let steps = [(1, 5), (5 * KB, 5), (5 * KB + 1, 10), (10 * KB, 10), (10 * KB + 1, 15)];
    for (bytes, kb) in steps {
        assert_eq!(billed(bytes), u128::from(kb * KB), "{bytes}");
    }
}

#[test]
fn kinesis_rounds_each_record_up_to_twenty_five_kb() {
    let units = |bytes_per_event| {
        let load = Load {
            bytes_per_event,
            ..load()
        };
        line(&estimate(&streams(kinesis::Stream::new()), &load), "PUT payload unit").0 / load.records()
    };
    let steps = [(1, 1), (25 * KB, 1), (25 * KB + 1, 2), (50 * KB, 2), (1024 * KB, 41)];
    for (bytes, expected) in steps {
        assert_eq!(units(bytes), expected, "{bytes}");
    }
}

#[test]
fn a_changed_property_changes_the_price() {
    let total = |stream| estimate(&streams(stream), &load()).total();
    let one = total(kinesis::Stream::new());
    let shards = |shards: i64| kinesis::Stream {
        shard_count: Some(shards.into()),
        ..kinesis::Stream::new()
    };
    let retention = |hours: i64| kinesis::Stream {
        retention_period_hours: Some(hours.into()),
        ..kinesis::Stream::new()
    };
    assert_eq!(total(shards(1)), one);
    assert!(total(shards(2)) > one);
    assert_eq!(total(retention(24)), one);
    assert!(total(retention(25)) > one);
    assert!(total(retention(169)) > total(retention(168)));
    let on_demand = kinesis::Stream {
        stream_mode_details: Some(stream::StreamModeDetails::new(stream::StreamMode::OnDemand)),
        ..kinesis::Stream::new()
    };
    assert_ne!(total(on_demand), one);
}

#[test]
fn a_type_that_is_not_known_is_said_to_be_not_priced() {
    let mut template = Template::new("What is known and what is not");
    template.add("Key", kms::Key::new());
    template.add("Transcode", media_convert::Queue::new());
    template.add("Role", iam::Role::new(infra_core::policy::Document::new([])));
    template.add(
        "Database",
        rds::DbInstance {
            db_instance_class: Some("db.r8g.metal".into()),
            ..rds::DbInstance::new()
        },
    );
    let estimate = estimate(&template, &load());
    assert_eq!(estimate.total(), Money::dollars(1));
    let not_priced: Vec<_> = estimate
        .not_priced()
        .map(|(resource, why)| (resource.id.as_str(), why))
        .collect();
    assert_eq!(
        not_priced,
        [
            ("Transcode", "the model does not know AWS::MediaConvert::Queue"),
            ("Database", "no price is known for an instance db.r8g.metal"),
        ]
    );
    assert!(matches!(estimate.resources[2].standing, Standing::Free));
    assert_eq!(
        report::table(&[estimate], Detail::Formulas),
        [
            "test: $1.00 a month in eu-west-2, 2 of 4 resources not priced",
            "  Key  AWS::KMS::Key  $1.00",
            "    key and month: 1 key x $1.00 = $1.00  [unverified, 2026-11-20]",
            "  Transcode (AWS::MediaConvert::Queue) is not priced: the model does not know AWS::MediaConvert::Queue",
            "  Database (AWS::RDS::DBInstance) is not priced: no price is known for an instance db.r8g.metal",
            "  1 more resource is free",
            "  1 of 1 prices are unverified",
            "  price list: https://aws.amazon.com/kms/pricing/",
            "total: $1.00 a month",
        ]
    );
}

#[test]
fn an_index_takes_every_write_again() {
    let load = Load {
        item_writes_per_hour: 1_000,
        bytes_per_item: 1025,
        ..load()
    };
    let writes = |indexes: usize| {
        let key = || vec![table::KeySchema::new("id", "HASH")];
        let index_key = || vec![table::GlobalSecondaryIndexKeySchema::new("id", "HASH")];
        let index = || table::GlobalSecondaryIndex::new("by-id", index_key(), table::Projection::new());
        let table = dynamodb::Table {
            billing_mode: Some(table::BillingMode::PayPerRequest.into()),
            global_secondary_indexes: Some((0..indexes).map(|_| index()).collect()),
            ..dynamodb::Table::new(key())
        };
        let mut template = Template::new("A table");
        template.add("Table", table);
        line(&estimate(&template, &load), "write unit").0
    };
    assert_eq!(writes(0), 730_000 * 2);
    assert_eq!(writes(2), 730_000 * 2 * 3);
}

#[test]
fn a_delta_names_what_changes() {
    let before = estimate(&streams(kinesis::Stream::new()), &load());
    let mut template = streams(kinesis::Stream {
        shard_count: Some(2.into()),
        ..kinesis::Stream::new()
    });
    template.add("Key", kms::Key::new());
    let after = estimate(&template, &load());
    let delta = before.delta(&after);
    let ids: Vec<&str> = delta.changes.iter().map(|change| change.id.as_str()).collect();
    assert_eq!(ids, ["Stream", "Key"]);
    assert_eq!(delta.changes[1].before, None);
    assert_eq!(delta.amount(), after.total() - before.total());
    assert_eq!(delta.to_string(), "+$13.92 a month ($12.93 -> $26.85)");
    let back = after.delta(&before);
    assert_eq!(back.changes[1].after, None);
    assert_eq!(back.to_string(), "-$13.92 a month ($26.85 -> $12.93)");
    assert_eq!(after.delta(&after).to_string(), "no change ($26.85 a month)");
    assert!(after.delta(&after).changes.is_empty());
}

#[test]
fn a_budget_is_exceeded_from_the_first_micro_dollar_on() {
    let mut template = Template::new("Keys");
    template.add("Key", kms::Key::new());
    let key = || estimate(&template, &load());
    assert_eq!(Estimate::excess(&[key()], 1), None);
    assert_eq!(Estimate::excess(&[key(), key()], 1), Some(Money::dollars(1)));
    assert_eq!(Estimate::excess(&[], 0), None);
}

#[test]
fn reports_say_the_same_in_every_format() {
    let estimates = [estimate(&streams(kinesis::Stream::new()), &load())];
    let markdown = report::markdown(&estimates, Detail::Resources).join("\n");
    assert!(
        markdown.contains("| `Stream` | `AWS::Kinesis::Stream` | $12.93 |"),
        "{markdown}"
    );
    let formulas = report::markdown(&estimates, Detail::Formulas).join("\n");
    let formula = "730 h x 1 shard x $0.0177 = $12.92";
    assert!(formulas.contains(formula), "{formulas}");
    assert!(formulas.contains("[2026-11-20, unverified](https://aws.amazon.com/kinesis/data-streams/pricing/)"));
    let json = report::json(&estimates);
    assert!(json.contains(r#""usd_per_month":"12.933045""#), "{json}");
    assert!(json.contains(formula), "{json}");
}

/// A template of everything that the load moves.
fn everything() -> Template {
    let mut template = delivery();
    template.add("Stream", kinesis::Stream::new());
    let key = vec![table::KeySchema::new("id", "HASH")];
    let table = dynamodb::Table {
        billing_mode: Some(table::BillingMode::PayPerRequest.into()),
        ..dynamodb::Table::new(key)
    };
    template.add("Table", table);
    template
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn more_load_never_costs_less(
        events in 0_u64..1_000_000_000,
        more_events in 0_u64..1_000_000,
        bytes in 1_u32..100_000,
        more_bytes in 0_u32..100_000,
        items in 0_u64..1_000_000,
    ) {
        let template = everything();
        let with = |events_per_hour, bytes_per_event, item_writes_per_hour| {
            let load = Load { events_per_hour, bytes_per_event, item_writes_per_hour, bytes_per_item: 700, ..load() };
            estimate(&template, &load).total()
        };
        let before = with(events, bytes, items);
        prop_assert!(with(events + more_events, bytes, items) >= before);
        prop_assert!(with(events, bytes + more_bytes, items) >= before);
        prop_assert!(with(events, bytes, items * 2) >= before);
    }

    #[test]
    fn aggregating_never_costs_more(events in 1_u64..1_000_000_000, per_record in 2_u32..80) {
        let template = everything();
        let with = |events_per_record| {
            estimate(&template, &Load { events_per_hour: events, events_per_record, ..load() }).total()
        };
        prop_assert!(with(per_record) <= with(1));
    }

    #[test]
    fn a_total_is_the_sum_of_its_lines(events in any::<u32>(), bytes in 1_u32..1_000_000) {
        let load = Load { events_per_hour: events.into(), bytes_per_event: bytes, ..load() };
        let estimate = estimate(&everything(), &load);
        let lines: Money = estimate.lines().map(|(_, line)| line.amount()).sum();
        prop_assert_eq!(estimate.total(), lines);
    }

    #[test]
    fn a_price_list_reads_its_own_numbers(tenths in 0_u64..1_000_000_000) {
        let text = format!("{}.{:02}", tenths / 100, tenths % 100);
        let rate = infra_price::money::Rate::usd(&text);
        prop_assert_eq!(rate.to_string().replace(['$', ','], ""), text);
    }
}

#[test]
fn what_the_template_says_raw_is_read_too() {
    let mut template = Template::new("A stream");
    let stream = kinesis::Stream {
        shard_count: Some(infra_core::Value::raw(Node::Int(3))),
        ..kinesis::Stream::new()
    };
    template.add("Stream", stream);
    assert_eq!(line(&estimate(&template, &load()), "shard-hour").0, 3 * 730);
}
