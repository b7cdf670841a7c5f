//! A Firehose delivery stream: Kinesis in, a transform function, Parquet by partition out.

use contract_kit::{Grant, operation};
use infra_core::{Arn, Handle, Template, Value, Waiver, pseudo};
use infra_resources::kinesis_firehose::{self, delivery_stream};
use infra_resources::{iam, kinesis, kms, lambda, logs, s3};

use crate::grant::{self, Scope};
use crate::{catalog, function, log, role};

/// A delivery stream.
pub struct Delivery<'a> {
    /// The name.
    pub name: String,
    /// Where records come from.
    pub stream: &'a Handle<kinesis::Stream>,
    /// What makes a row and its partition keys of a record.
    pub transform: &'a Handle<lambda::Function>,
    /// Raw megabytes per call of the transform, 0.2 to 3.
    pub transform_buffer_mb: f64,
    /// Longest wait for a full call, 0 to 900 seconds.
    pub transform_buffer_seconds: u16,
    /// The bucket that rows go to.
    pub bucket: Value<Arn<s3::Bucket>>,
    /// The path of a row, as an expression of partition keys.
    pub prefix: String,
    /// The path of what could not be delivered, as an expression of the kind of error.
    pub error_prefix: String,
    /// Where errors begin, without expressions; for the role.
    pub error_root: &'a str,
    /// Where rows begin, without expressions; for the role.
    pub root: &'a str,
    /// Input of an object, 64 to 128 MiB.
    pub buffer_mib: u16,
    /// Longest wait for a full object, 60 to 900 seconds.
    pub buffer_seconds: u16,
    /// The table whose schema the Parquet files have.
    pub table: &'a catalog::Made,
    /// The key that encrypts the objects.
    pub objects_key: Value<Arn<kms::Key>>,
    /// The key that encrypts the log.
    pub key: &'a Handle<kms::Key>,
    /// Days that the log is kept.
    pub log_days: u16,
}

contract_kit::needs! {
    /// What Firehose calls with the role of a delivery stream.
    Needs {
        source: operation::kinesis::Stream [DESCRIBE_STREAM, GET_RECORDS, GET_SHARD_ITERATOR, LIST_SHARDS],
        transform: operation::lambda::Function [GET_FUNCTION_CONFIGURATION, INVOKE_FUNCTION],
        bucket: operation::s3::Bucket [GET_BUCKET_LOCATION, LIST_BUCKET, LIST_BUCKET_MULTIPART_UPLOADS],
        objects: operation::s3::Object [ABORT_MULTIPART_UPLOAD, GET_OBJECT, PUT_OBJECT],
        schema: operation::glue::Table [GET_TABLE, GET_TABLE_VERSION, GET_TABLE_VERSIONS],
        log: operation::logs::LogStream [PUT_LOG_EVENTS],
        encrypt: operation::kms::Key [DECRYPT, GENERATE_DATA_KEY],
    }
}

/// How often Firehose calls the transform again when a call as a whole has failed.
const TRANSFORM_RETRIES: u8 = 3;

/// How long Firehose tries again when S3 refuses an object; 0 to 7,200 seconds.
const PARTITION_RETRY_SECONDS: i64 = 300;

impl Delivery<'_> {
    /// Adds the delivery stream, its role and its log.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<kinesis_firehose::DeliveryStream> {
        let log_name = format!("/aws/kinesisfirehose/{}", self.name);
        let group = log::Group {
            name: log_name.clone(),
            key: self.key,
            days: self.log_days,
        };
        let group: Handle<logs::LogGroup> = group.add(template, &format!("{id}Log"));
        let stream = template.add(
            &format!("{id}LogStream"),
            logs::LogStream {
                log_stream_name: Some("delivery".into()),
                ..logs::LogStream::new(group.reference())
            },
        );
        let grants = self.grants(&log_name);
        let role = role::Role {
            service: "firehose.amazonaws.com",
            grants,
        }
        .add(template, &format!("{id}Role"));
        let logging = delivery_stream::CloudWatchLoggingOptions {
            enabled: Some(true.into()),
            log_group_name: Some(group.reference()),
            log_stream_name: Some(stream.reference()),
        };
        let source = delivery_stream::KinesisStreamSourceConfiguration::new(self.stream.arn(), role.arn());
        let destination = delivery_stream::ExtendedS3DestinationConfiguration {
            buffering_hints: Some(delivery_stream::BufferingHints {
                interval_in_seconds: Some(i64::from(self.buffer_seconds).into()),
                size_in_mbs: Some(i64::from(self.buffer_mib).into()),
            }),
            cloud_watch_logging_options: Some(logging),
            // Compression is inside Parquet; Firehose takes no other with format conversion.
            compression_format: Some(delivery_stream::CompressionFormat::Uncompressed.into()),
            data_format_conversion_configuration: Some(self.conversion(&role)),
            dynamic_partitioning_configuration: Some(delivery_stream::DynamicPartitioningConfiguration {
                enabled: Some(true.into()),
                retry_options: Some(delivery_stream::RetryOptions {
                    duration_in_seconds: Some(PARTITION_RETRY_SECONDS.into()),
                }),
            }),
            encryption_configuration: Some(delivery_stream::EncryptionConfiguration {
                kms_encryption_config: Some(delivery_stream::KmsEncryptionConfig::new(self.objects_key.clone())),
                ..delivery_stream::EncryptionConfiguration::new()
            }),
            error_output_prefix: Some(self.error_prefix.as_str().into()),
            prefix: Some(self.prefix.as_str().into()),
            processing_configuration: Some(self.processing(&role)),
            ..delivery_stream::ExtendedS3DestinationConfiguration::new(self.bucket.clone(), role.arn())
        };
        let delivery = template.add(
            id,
            kinesis_firehose::DeliveryStream {
                delivery_stream_name: Some(self.name.into()),
                delivery_stream_type: Some(delivery_stream::DeliveryStreamType::KinesisStreamAsSource.into()),
                extended_s3_destination_configuration: Some(destination),
                kinesis_stream_source_configuration: Some(source),
                ..kinesis_firehose::DeliveryStream::new()
            },
        );
        const WAIVER: Waiver = Waiver::new(
            &["AwsSolutions-KDF1"],
            "platform",
            "Firehose takes no key of its own beside a Kinesis source, and the source is encrypted",
        );
        template.options(&delivery).waive([WAIVER]);
        delivery
    }

    fn conversion(&self, role: &Handle<iam::Role>) -> delivery_stream::DataFormatConversionConfiguration {
        let schema = delivery_stream::SchemaConfiguration {
            database_name: Some(self.table.database.clone()),
            region: Some(pseudo::region()),
            role_arn: Some(role.arn()),
            table_name: Some(self.table.table.reference()),
            version_id: Some("LATEST".into()),
            ..delivery_stream::SchemaConfiguration::new()
        };
        let reader = delivery_stream::Deserializer {
            open_x_json_serde: Some(delivery_stream::OpenXJsonSerde::new()),
            ..delivery_stream::Deserializer::new()
        };
        let writer = delivery_stream::Serializer {
            parquet_serde: Some(delivery_stream::ParquetSerde {
                compression: Some(delivery_stream::ParquetSerdeCompression::Snappy.into()),
                ..delivery_stream::ParquetSerde::new()
            }),
            ..delivery_stream::Serializer::new()
        };
        delivery_stream::DataFormatConversionConfiguration {
            enabled: Some(true.into()),
            input_format_configuration: Some(delivery_stream::InputFormatConfiguration {
                deserializer: Some(reader),
            }),
            output_format_configuration: Some(delivery_stream::OutputFormatConfiguration {
                serializer: Some(writer),
            }),
            schema_configuration: Some(schema),
        }
    }

    fn processing(&self, role: &Handle<iam::Role>) -> delivery_stream::ProcessingConfiguration {
        use delivery_stream::ParameterName::{
            BufferIntervalInSeconds, BufferSizeInMbs, LambdaArn, NumberOfRetries, RoleArn,
        };
        let parameter = |name: delivery_stream::ParameterName, value: Value<String>| {
            delivery_stream::ProcessorParameter::new(name, value)
        };
        let parameters = vec![
            parameter(LambdaArn, function::latest(self.transform)),
            parameter(RoleArn, role.arn().text()),
            parameter(NumberOfRetries, TRANSFORM_RETRIES.to_string().into()),
            parameter(BufferSizeInMbs, self.transform_buffer_mb.to_string().into()),
            parameter(
                BufferIntervalInSeconds,
                self.transform_buffer_seconds.to_string().into(),
            ),
        ];
        delivery_stream::ProcessingConfiguration {
            enabled: Some(true.into()),
            processors: Some(vec![delivery_stream::Processor {
                parameters: Some(parameters),
                ..delivery_stream::Processor::new(delivery_stream::ProcessorType::Lambda)
            }]),
        }
    }

    fn grants(&self, log_name: &str) -> Vec<Grant<Scope>> {
        Needs {
            source: grant::on(self.stream.arn()),
            transform: grant::versions(self.transform.arn()),
            bucket: grant::on(self.bucket.clone()),
            objects: grant::objects(&self.bucket, &[self.root, self.error_root]),
            schema: grant::table(&self.table.database, &self.table.name),
            log: grant::log_streams(log_name),
            encrypt: grant::through(self.objects_key.clone(), "s3"),
        }
        .grants()
    }
}
