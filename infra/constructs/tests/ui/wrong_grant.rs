//! A call on a stream cannot be granted on a bucket.

use contract_kit::operation::kinesis;
use infra_constructs::grant;
use infra_core::Template;
use infra_resources::s3::Bucket;

contract_kit::needs! {
    ReadNeeds { stream: kinesis::Stream [GET_RECORDS] }
}

fn main() {
    let mut template = Template::new("wrong grant");
    let bucket = template.add("Bucket", Bucket::new());
    ReadNeeds { stream: grant::on(bucket.arn()) }.grants();
}
