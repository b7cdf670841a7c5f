//! The ARN of a bucket is not the ARN of a role.

use infra_core::Template;
use infra_resources::{kinesis_firehose::delivery_stream::KinesisStreamSourceConfiguration, kinesis::Stream, s3::Bucket};

fn main() {
    let mut template = Template::new("wrong ARN");
    let stream = template.add("Stream", Stream::new());
    let bucket = template.add("Bucket", Bucket::new());
    KinesisStreamSourceConfiguration::new(stream.arn(), bucket.arn());
}
