//! A static site: a private bucket, and the distribution that alone may read it.
//!
//! What is in the bucket is uploaded when the stack is deployed, see [`infra_core::Site`].

use infra_core::policy::{Principal, Statement};
use infra_core::{Handle, Id, Template, Value, Waiver, action, concat_values, pseudo};
use infra_resources::cloudfront::{self, distribution, origin_access_control, response_headers_policy};
use infra_resources::s3::{self, bucket};

use crate::bucket as buckets;

/// A static site.
pub struct Site<'a> {
    /// The name of what has one, at most 64 letters, digits and hyphens.
    pub name: String,
    /// What it is, for the console.
    pub description: String,
    /// The name of the bucket, unique in all of AWS.
    pub bucket: Value<String>,
    /// Where the bucket's access log goes.
    pub access_log: &'a Handle<s3::Bucket>,
    /// The page that is shown for the site's own address.
    pub index: &'static str,
    /// The page that is shown for what is not there.
    pub missing: &'static str,
    /// Where the pages may send requests beside their own origin.
    pub connect: Vec<Value<String>>,
    /// Whether the bucket outlives its stack.
    pub keep: bool,
}

/// What was added.
pub struct Made {
    /// The bucket of the files.
    pub bucket: Handle<s3::Bucket>,
    /// What serves them.
    pub distribution: Handle<cloudfront::Distribution>,
}

/// CloudFront's own policy `CachingOptimized`: files are kept as long as their headers say, and
/// compressed; a query, a cookie or a header is no part of what is asked for.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html>
const CACHING_OPTIMIZED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";

/// How long a browser remembers that the site is to be asked for over TLS only: two years.
const TLS_SECONDS: i64 = 63_072_000;

/// How long CloudFront remembers that a file is missing, in seconds.
const MISSING_SECONDS: f64 = 10.0;

const WAIVERS: [Waiver; 4] = [
    Waiver::new(
        &[
            "distribution-tls",
            "CKV_AWS_174",
            "CLOUDFRONT_MINIMUM_PROTOCOL_VERSION_RULE",
            "AwsSolutions-CFR4",
        ],
        "platform",
        "under CloudFront's own name the oldest TLS is CloudFront's to choose; a site with a name of its own would set it",
    ),
    Waiver::new(
        &[
            "distribution-access-log",
            "CKV_AWS_86",
            "CLOUDFRONT_ACCESSLOGS_ENABLED",
            "AwsSolutions-CFR3",
        ],
        "platform",
        "the pages are the same for everybody, and such a log wants a bucket with access lists; calls of the API are logged",
    ),
    Waiver::new(
        &["distribution-firewall", "CKV_AWS_68", "AwsSolutions-CFR2"],
        "platform",
        "there is no code behind the distribution that a firewall could shield, only files that everybody may read",
    ),
    Waiver::new(
        &["AwsSolutions-CFR1"],
        "platform",
        "the files are for readers in all countries",
    ),
];

impl Site<'_> {
    /// Adds the bucket, its policy, the distribution and the headers that it sends.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Made {
        let bucket = self.bucket(template, &format!("{id}Bucket"));
        let access = template.add(
            &format!("{id}Access"),
            cloudfront::OriginAccessControl::new(origin_access_control::OriginAccessControlConfig::new(
                self.name.as_str(),
                "s3",
                "always",
                "sigv4",
            )),
        );
        let headers = template.add(
            &format!("{id}Headers"),
            cloudfront::ResponseHeadersPolicy::new(self.headers()),
        );
        let distribution = template.add(
            id,
            cloudfront::Distribution::new(self.distribution(&bucket, &access, &headers)),
        );
        template.options(&distribution).waive(WAIVERS);
        let read = Statement::allow("Distribution", [action!("s3:GetObject")])
            .to(Principal::Service("cloudfront.amazonaws.com"))
            .on([bucket.arn().path("/*")])
            .when("StringEquals", "aws:SourceArn", arn(&distribution));
        template.add(
            &format!("{id}BucketPolicy"),
            s3::BucketPolicy::new(bucket.reference(), buckets::tls_only(&bucket, [read])),
        );
        Made { bucket, distribution }
    }

    fn bucket(&self, template: &mut Template, id: &str) -> Handle<s3::Bucket> {
        // A key of ours would have to admit the distribution, which is made after the bucket, and
        // would hide what everybody may read.
        let encryption = bucket::ServerSideEncryptionByDefault::new(bucket::SseAlgorithm::Aes256);
        let bucket = template.add(
            id,
            s3::Bucket {
                logging_configuration: Some(buckets::logging(self.access_log, id)),
                lifecycle_configuration: Some(bucket::LifecycleConfiguration::new(vec![buckets::housekeeping()])),
                ..buckets::private(self.bucket.clone(), encryption)
            },
        );
        buckets::set_deletion(template, &bucket, self.keep);
        bucket
    }

    fn distribution(
        &self,
        bucket: &Handle<s3::Bucket>,
        access: &Handle<cloudfront::OriginAccessControl>,
        headers: &Handle<cloudfront::ResponseHeadersPolicy>,
    ) -> distribution::DistributionConfig {
        const ORIGIN: &str = "files";
        let origin = distribution::Origin {
            origin_access_control_id: Some(access.id()),
            // An empty identity is how an origin says that it is S3 and has none of the old kind.
            s3_origin_config: Some(distribution::S3OriginConfig {
                origin_access_identity: Some("".into()),
                ..distribution::S3OriginConfig::new()
            }),
            ..distribution::Origin::new(bucket.regional_domain_name(), ORIGIN)
        };
        let behaviour = distribution::DefaultCacheBehavior {
            allowed_methods: Some(["GET", "HEAD"].map(Value::from).into()),
            cache_policy_id: Some(Id::new(CACHING_OPTIMIZED).into()),
            compress: Some(true.into()),
            response_headers_policy_id: Some(headers.id()),
            ..distribution::DefaultCacheBehavior::new(ORIGIN, distribution::ViewerProtocolPolicy::RedirectToHttps)
        };
        // Who may not list a bucket is told that what it lacks is forbidden.
        let missing = distribution::CustomErrorResponse {
            error_caching_min_ttl: Some(MISSING_SECONDS.into()),
            response_code: Some(404.into()),
            response_page_path: Some(concat_values!["/", self.missing]),
            ..distribution::CustomErrorResponse::new(403)
        };
        distribution::DistributionConfig {
            comment: Some(self.description.as_str().into()),
            custom_error_responses: Some(vec![missing]),
            default_root_object: Some(self.index.into()),
            http_version: Some(distribution::HttpVersion::Http2And3.into()),
            ipv6_enabled: Some(true.into()),
            origins: Some(vec![origin]),
            price_class: Some(distribution::PriceClass::PriceClass100.into()),
            viewer_certificate: Some(distribution::ViewerCertificate {
                cloud_front_default_certificate: Some(true.into()),
                ..distribution::ViewerCertificate::new()
            }),
            ..distribution::DistributionConfig::new(behaviour, true)
        }
    }

    /// No script, style or font but the site's own, no frame around it, and requests to nowhere
    /// but where it says.
    fn headers(&self) -> response_headers_policy::ResponseHeadersPolicyConfig {
        let mut policy: Value<String> = concat_values![
            "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; manifest-src 'self'; ",
            // Posters stay where they are published.
            "img-src 'self' data: https:; connect-src 'self'"
        ];
        for origin in &self.connect {
            policy = concat_values![policy, " ", origin];
        }
        policy = concat_values![policy, "; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"];
        let security = response_headers_policy::SecurityHeadersConfig {
            content_security_policy: Some(response_headers_policy::ContentSecurityPolicy::new(policy, true)),
            content_type_options: Some(response_headers_policy::ContentTypeOptions::new(true)),
            frame_options: Some(response_headers_policy::FrameOptions::new("DENY", true)),
            referrer_policy: Some(response_headers_policy::ReferrerPolicy::new(
                true,
                "strict-origin-when-cross-origin",
            )),
            strict_transport_security: Some(response_headers_policy::StrictTransportSecurity {
                include_subdomains: Some(true.into()),
                ..response_headers_policy::StrictTransportSecurity::new(TLS_SECONDS, true)
            }),
            ..response_headers_policy::SecurityHeadersConfig::new()
        };
        let custom =
            |name: &'static str, value: &'static str| response_headers_policy::CustomHeader::new(name, true, value);
        let custom = vec![
            custom("Cross-Origin-Opener-Policy", "same-origin"),
            custom(
                "Permissions-Policy",
                "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            ),
        ];
        response_headers_policy::ResponseHeadersPolicyConfig {
            custom_headers_config: Some(response_headers_policy::CustomHeadersConfig::new(custom)),
            security_headers_config: Some(security),
            ..response_headers_policy::ResponseHeadersPolicyConfig::new(self.name.as_str())
        }
    }
}

/// CloudFormation has no attribute for it; distributions belong to no region.
fn arn(distribution: &Handle<cloudfront::Distribution>) -> Value<String> {
    concat_values![
        "arn:",
        pseudo::partition(),
        ":cloudfront::",
        pseudo::account_id(),
        ":distribution/",
        distribution.id()
    ]
}

#[cfg(test)]
mod tests {
    use infra_core::Template;

    use super::Site;
    use crate::bucket::AccessLog;

    #[test]
    fn the_distribution_alone_reads_the_bucket() {
        let mut template = Template::new("a site");
        let log = AccessLog {
            name: "log".into(),
            keep: false,
        };
        let log = log.add(&mut template, "Log");
        let site = Site {
            name: "pages".to_owned(),
            description: "Pages".to_owned(),
            bucket: "pages".into(),
            access_log: &log,
            index: "index.html",
            missing: "404.html",
            connect: vec!["https://api.example".into()],
            keep: false,
        };
        site.add(&mut template, "Site");
        assert_eq!(template.check(), Ok(()));
        let json = template.to_json();
        for expected in [
            r#""Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:GetObject""#,
            r#""Condition":{"StringEquals":{"aws:SourceArn":{"Fn::Sub":"arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Site.Id}"}}}"#,
            r#""OriginAccessControlId":{"Fn::GetAtt":["SiteAccess","Id"]}"#,
            r#"connect-src 'self' https://api.example; base-uri 'none'"#,
            r#""DefaultRootObject":"index.html""#,
            r#""ViewerProtocolPolicy":"redirect-to-https""#,
            r#""RestrictPublicBuckets":true"#,
        ] {
            assert!(json.contains(expected), "{expected} is not in {json}");
        }
        assert!(!json.contains("unsafe-inline"), "{json}");
    }
}
