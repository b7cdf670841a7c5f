//! The half that takes events: Kinesis, Firehose, Glue, Athena.

use infra_core::policy::Statement;
use infra_core::{Handle, Name, Template, Value, action, concat_values, pseudo};
use infra_resources::athena::{self, work_group};
use infra_resources::cloudwatch::alarm::Statistic;
use infra_resources::glue::{self, crawler, database, table};
use infra_resources::kinesis::{self, stream};
use infra_resources::kinesis_firehose::{self, delivery_stream};
use infra_resources::{iam, kms, lambda, logs, s3};

use crate::base::{Base, Watch, role};

/// Columns of the table, which the Parquet files have as well.
const COLUMNS: [(&str, &str); 6] = [
    ("event_uuid", "string"),
    ("event_name", "string"),
    ("event_type", "string"),
    ("created_at", "double"),
    ("ingested_at", "timestamp"),
    ("payload", "string"),
];

const QUERIES: [(&str, &str, &str); 2] = [
    ("Count", "count", "SELECT count(*) FROM events"),
    (
        "Latest",
        "latest",
        "SELECT * FROM events ORDER BY created_at DESC LIMIT 10",
    ),
];

/// Adds it; gives back the stream.
pub(crate) fn add(t: &mut Template, base: &Base, raw: &Handle<s3::Bucket>) -> Handle<kinesis::Stream> {
    let stream = t.add(
        "Stream",
        kinesis::Stream {
            name: Some("bench-events".into()),
            retention_period_hours: Some(24.into()),
            stream_encryption: Some(stream::StreamEncryption::new(
                stream::EncryptionType::Kms,
                Value::from(Name::<kms::Alias>::new("alias/aws/kinesis")),
            )),
            stream_mode_details: Some(stream::StreamModeDetails::new(stream::StreamMode::OnDemand)),
            ..kinesis::Stream::new()
        },
    );
    let (database, table) = catalog(t, raw);
    let transform = base.function(t, "Transform", "transform", Vec::new());
    let delivery = delivery(t, base, &stream, &transform, raw, (&database, &table));
    workgroup(t, base, raw, &database);
    base.alarm(
        t,
        "IteratorAgeAlarm",
        Watch {
            meaning: "Records wait for more than a minute",
            namespace: "AWS/Kinesis",
            metric: "GetRecords.IteratorAgeMilliseconds",
            of: ("StreamName", stream.reference().text()),
            statistic: Statistic::Maximum,
            above: 60_000.0,
        },
    );
    base.alarm(
        t,
        "FreshnessAlarm",
        Watch {
            meaning: "The oldest record that is not delivered is too old",
            namespace: "AWS/Firehose",
            metric: "DeliveryToS3.DataFreshness",
            of: ("DeliveryStreamName", delivery.reference().text()),
            statistic: Statistic::Maximum,
            above: 900.0,
        },
    );
    stream
}

fn catalog(t: &mut Template, raw: &Handle<s3::Bucket>) -> (Handle<glue::Database>, Handle<glue::Table>) {
    let input = database::DatabaseInput {
        name: Some("bench_lake".into()),
        ..database::DatabaseInput::new()
    };
    let database = t.add("Database", glue::Database::new(pseudo::account_id(), input));
    let column = |(name, kind): (&str, &str)| table::Column {
        r#type: Some(kind.into()),
        ..table::Column::new(name)
    };
    let partitions = ["year", "month", "day", "hour"].map(|name| column((name, "string")));
    let storage = table::StorageDescriptor {
        columns: Some(COLUMNS.into_iter().map(column).collect()),
        location: Some(concat_values!["s3://", raw.reference(), "/events/"]),
        input_format: Some("org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat".into()),
        output_format: Some("org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat".into()),
        serde_info: Some(table::SerdeInfo {
            serialization_library: Some("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe".into()),
            ..table::SerdeInfo::new()
        }),
        ..table::StorageDescriptor::new()
    };
    let input = table::TableInput {
        name: Some("events".into()),
        table_type: Some(table::TableType::ExternalTable.into()),
        partition_keys: Some(partitions.into()),
        storage_descriptor: Some(storage),
        ..table::TableInput::new()
    };
    let table = t.add(
        "Table",
        glue::Table {
            table_input: Some(input),
            ..glue::Table::new(pseudo::account_id(), database.reference())
        },
    );
    let read = vec![Statement::allow("Read", [action!("s3:GetObject")]).on([raw.arn().path("/events/*")])];
    let role = role(t, "CrawlerRole", "glue.amazonaws.com", read);
    let targets = crawler::Targets {
        catalog_targets: Some(vec![crawler::CatalogTarget {
            database_name: Some(database.reference()),
            tables: Some(vec![table.reference()]),
            ..crawler::CatalogTarget::new()
        }]),
        ..crawler::Targets::new()
    };
    t.add(
        "Crawler",
        glue::Crawler {
            schedule: Some(crawler::Schedule {
                schedule_expression: Some("cron(10 * * * ? *)".into()),
            }),
            schema_change_policy: Some(crawler::SchemaChangePolicy {
                delete_behavior: Some(crawler::DeleteBehavior::Log.into()),
                update_behavior: Some(crawler::UpdateBehavior::Log.into()),
            }),
            ..glue::Crawler::new(role.arn(), targets)
        },
    );
    (database, table)
}

fn delivery(
    t: &mut Template,
    base: &Base,
    stream: &Handle<kinesis::Stream>,
    transform: &Handle<lambda::Function>,
    raw: &Handle<s3::Bucket>,
    catalog: (&Handle<glue::Database>, &Handle<glue::Table>),
) -> Handle<kinesis_firehose::DeliveryStream> {
    let log = base.log(t, "DeliveryLog", "/aws/kinesisfirehose/bench-events");
    let log_stream = t.add(
        "DeliveryLogStream",
        logs::LogStream {
            log_stream_name: Some("delivery".into()),
            ..logs::LogStream::new(log.reference())
        },
    );
    let read = [
        action!("kinesis:DescribeStream"),
        action!("kinesis:GetRecords"),
        action!("kinesis:GetShardIterator"),
        action!("kinesis:ListShards"),
    ];
    let statements = vec![
        Statement::allow("Source", read).on([stream.arn().into()]),
        Statement::allow("Transform", [action!("lambda:InvokeFunction")]).on([transform.arn().path(":*")]),
        Statement::allow("Objects", [action!("s3:PutObject"), action!("s3:AbortMultipartUpload")])
            .on([raw.arn().path("/*")]),
        Statement::allow("Log", [action!("logs:PutLogEvents")]).on([log.arn().into()]),
    ];
    let role = role(t, "DeliveryRole", "firehose.amazonaws.com", statements);
    let destination = delivery_stream::ExtendedS3DestinationConfiguration {
        buffering_hints: Some(delivery_stream::BufferingHints {
            interval_in_seconds: Some(300.into()),
            size_in_mbs: Some(128.into()),
        }),
        cloud_watch_logging_options: Some(delivery_stream::CloudWatchLoggingOptions {
            enabled: Some(true.into()),
            log_group_name: Some(log.reference()),
            log_stream_name: Some(log_stream.reference()),
        }),
        compression_format: Some(delivery_stream::CompressionFormat::Uncompressed.into()),
        data_format_conversion_configuration: Some(conversion(&role, catalog)),
        error_output_prefix: Some("errors/!{firehose:error-output-type}/".into()),
        prefix: Some("events/!{timestamp:yyyy/MM/dd/HH}/".into()),
        processing_configuration: Some(processing(transform)),
        ..delivery_stream::ExtendedS3DestinationConfiguration::new(raw.arn(), role.arn())
    };
    let source = delivery_stream::KinesisStreamSourceConfiguration::new(stream.arn(), role.arn());
    t.add(
        "Delivery",
        kinesis_firehose::DeliveryStream {
            delivery_stream_name: Some("bench-events".into()),
            delivery_stream_type: Some(delivery_stream::DeliveryStreamType::KinesisStreamAsSource.into()),
            extended_s3_destination_configuration: Some(destination),
            kinesis_stream_source_configuration: Some(source),
            ..kinesis_firehose::DeliveryStream::new()
        },
    )
}

fn conversion(
    role: &Handle<iam::Role>,
    (database, table): (&Handle<glue::Database>, &Handle<glue::Table>),
) -> delivery_stream::DataFormatConversionConfiguration {
    delivery_stream::DataFormatConversionConfiguration {
        enabled: Some(true.into()),
        input_format_configuration: Some(delivery_stream::InputFormatConfiguration {
            deserializer: Some(delivery_stream::Deserializer {
                open_x_json_serde: Some(delivery_stream::OpenXJsonSerde::new()),
                ..delivery_stream::Deserializer::new()
            }),
        }),
        output_format_configuration: Some(delivery_stream::OutputFormatConfiguration {
            serializer: Some(delivery_stream::Serializer {
                parquet_serde: Some(delivery_stream::ParquetSerde {
                    compression: Some(delivery_stream::ParquetSerdeCompression::Snappy.into()),
                    ..delivery_stream::ParquetSerde::new()
                }),
                ..delivery_stream::Serializer::new()
            }),
        }),
        schema_configuration: Some(delivery_stream::SchemaConfiguration {
            database_name: Some(database.reference()),
            region: Some(pseudo::region()),
            role_arn: Some(role.arn()),
            table_name: Some(table.reference()),
            version_id: Some("LATEST".into()),
            ..delivery_stream::SchemaConfiguration::new()
        }),
    }
}

fn processing(transform: &Handle<lambda::Function>) -> delivery_stream::ProcessingConfiguration {
    let function = delivery_stream::ProcessorParameter::new(
        delivery_stream::ParameterName::LambdaArn,
        concat_values![transform.arn(), ":$LATEST"],
    );
    delivery_stream::ProcessingConfiguration {
        enabled: Some(true.into()),
        processors: Some(vec![delivery_stream::Processor {
            parameters: Some(vec![function]),
            ..delivery_stream::Processor::new(delivery_stream::ProcessorType::Lambda)
        }]),
    }
}

fn workgroup(t: &mut Template, base: &Base, raw: &Handle<s3::Bucket>, database: &Handle<glue::Database>) {
    let encryption = work_group::EncryptionConfiguration {
        kms_key: Some(base.key.arn().into()),
        ..work_group::EncryptionConfiguration::new(work_group::EncryptionOption::SseKms)
    };
    let results = work_group::ResultConfiguration {
        encryption_configuration: Some(encryption),
        output_location: Some(concat_values!["s3://", raw.reference(), "/results/"]),
        ..work_group::ResultConfiguration::new()
    };
    let workgroup = t.add(
        "Workgroup",
        athena::WorkGroup {
            work_group_configuration: Some(work_group::WorkGroupConfiguration {
                enforce_work_group_configuration: Some(true.into()),
                result_configuration: Some(results),
                ..work_group::WorkGroupConfiguration::new()
            }),
            ..athena::WorkGroup::new("bench")
        },
    );
    for (id, name, sql) in QUERIES {
        t.add(
            &format!("{id}Query"),
            athena::NamedQuery {
                name: Some(name.into()),
                work_group: Some(workgroup.reference()),
                ..athena::NamedQuery::new(database.reference(), sql)
            },
        );
    }
}
