//! The ARN of a bucket is not the ARN of a role.

use infra_core::Template;
use infra_resources::iam::Role;
use infra_resources::kinesis::Stream;
use infra_resources::kinesis_firehose::delivery_stream::KinesisStreamSourceConfiguration;
use infra_resources::s3::Bucket;

fn source(template: &mut Template, role: &infra_core::Handle<Role>) {
    let stream = template.add("Stream", Stream::new());
    let bucket = template.add("Bucket", Bucket::new());
    let mut source = KinesisStreamSourceConfiguration::new(stream.arn(), role.arn());
    source.role_arn = bucket.arn();
}

fn main() {}
