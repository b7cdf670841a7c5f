//! A bucket policy has no attributes: CloudFormation would refuse this at deployment.

use infra_core::policy::Document;
use infra_core::Template;
use infra_resources::s3::{Bucket, BucketPolicy};

fn main() {
    let mut template = Template::new("missing attribute");
    let bucket = template.add("Bucket", Bucket::new());
    let policy = template.add("Policy", BucketPolicy::new(bucket.reference(), Document::new([])));
    policy.arn();
}
