//! API Gateway and CloudFront: what faces the world.

use super::{Demand, Policy, ensure};
use crate::rule::Rule;
use crate::tree::Tree;

const STAGE: &[&str] = &["AWS::ApiGateway::Stage"];
const DISTRIBUTION: &[&str] = &["AWS::CloudFront::Distribution"];

pub(super) static POLICIES: &[Policy] = &[
    Policy::new(
        Rule::error(
            "method-authorized",
            "a method asks who calls",
            "set AuthorizationType, or require a key",
            &[
                "CKV_AWS_59",
                "API_GW_METHOD_AUTHORIZATION_TYPE_RULE",
                "AwsSolutions-APIG4",
            ],
        ),
        &["AWS::ApiGateway::Method"],
        Demand::Holds(|_, method| {
            let is_preflight = method.at("HttpMethod").and_then(Tree::text) == Some("OPTIONS");
            let is_open = method
                .at("AuthorizationType")
                .is_none_or(|it| it.text() == Some("NONE"));
            let has_key = method.at("ApiKeyRequired").and_then(Tree::truth) == Some(true);
            ensure(is_preflight || !is_open || has_key, "anyone may call")
        }),
    ),
    Policy::new(
        Rule::error(
            "stage-tracing",
            "calls are traced",
            "set TracingEnabled to true",
            &["CKV_AWS_73", "Serverless-APIGWXrayEnabled"],
        ),
        STAGE,
        Demand::True("TracingEnabled"),
    ),
    Policy::new(
        Rule::error(
            "stage-access-log",
            "calls are logged",
            "set AccessLogSetting",
            &[
                "CKV_AWS_76",
                "API_GW_STAGE_ACCESS_LOGGING_RULE",
                "AwsSolutions-APIG1",
                "Serverless-APIGWAccessLogging",
            ],
        ),
        STAGE,
        Demand::Set("AccessLogSetting.DestinationArn"),
    ),
    Policy::new(
        Rule::error(
            "http-stage-access-log",
            "calls of an HTTP API are logged",
            "set AccessLogSettings",
            &[
                "CKV_AWS_95",
                "API_GWV2_ACCESS_LOGS_ENABLED",
                "AwsSolutions-APIG1",
                "Serverless-APIGWAccessLogging",
            ],
        ),
        &["AWS::ApiGatewayV2::Stage"],
        Demand::Set("AccessLogSettings.DestinationArn"),
    ),
    Policy::new(
        Rule::warning(
            "http-stage-throttling",
            "an HTTP API has a limit of calls a second",
            "set ThrottlingRateLimit of DefaultRouteSettings",
            &["Serverless-APIGWDefaultThrottling"],
        ),
        &["AWS::ApiGatewayV2::Stage"],
        Demand::Set("DefaultRouteSettings.ThrottlingRateLimit"),
    ),
    Policy::new(
        Rule::error(
            "route-authorized",
            "a route asks who calls",
            "set AuthorizationType",
            &["CKV_AWS_309", "AwsSolutions-APIG4"],
        ),
        &["AWS::ApiGatewayV2::Route"],
        Demand::Holds(|_, route| {
            let is_preflight = route
                .at("RouteKey")
                .and_then(Tree::text)
                .is_some_and(|key| key.starts_with("OPTIONS "));
            let is_open = route.at("AuthorizationType").is_none_or(|it| it.text() == Some("NONE"));
            ensure(is_preflight || !is_open, "anyone may call")
        }),
    ),
    Policy::new(
        Rule::error(
            "authorizer-audience",
            "an authorizer says whose tokens it takes, and for whom they were issued",
            "set Issuer and Audience of JwtConfiguration",
            &[],
        ),
        &["AWS::ApiGatewayV2::Authorizer"],
        Demand::Holds(|_, authorizer| {
            let is_jwt = authorizer.at("AuthorizerType").and_then(Tree::text) == Some("JWT");
            let audience = authorizer.at("JwtConfiguration.Audience").map_or(&[][..], Tree::items);
            let is_bound = authorizer.at("JwtConfiguration.Issuer").is_some() && !audience.is_empty();
            ensure(!is_jwt || is_bound, "tokens for anybody are taken")
        }),
    ),
    Policy::new(
        Rule::error(
            "api-origins",
            "an HTTP API with credentials does not take all origins",
            "name the origins",
            &[],
        ),
        &["AWS::ApiGatewayV2::Api"],
        Demand::Holds(|_, api| {
            let origins = api.at("CorsConfiguration.AllowOrigins").map_or(&[][..], Tree::items);
            let has_credentials = api.at("CorsConfiguration.AllowCredentials").and_then(Tree::truth) == Some(true);
            ensure(
                !has_credentials || !origins.iter().any(|origin| origin.text() == Some("*")),
                "all origins are allowed",
            )
        }),
    ),
    Policy::new(
        Rule::error(
            "distribution-https",
            "a site is served over HTTPS only",
            "set ViewerProtocolPolicy to redirect-to-https or https-only",
            &["CKV_AWS_34", "CLOUDFRONT_VIEWER_POLICY_HTTPS"],
        ),
        DISTRIBUTION,
        Demand::Holds(|_, site| {
            let behaviours = site
                .at("DistributionConfig.CacheBehaviors")
                .map_or(&[][..], Tree::items);
            let all = site
                .at("DistributionConfig.DefaultCacheBehavior")
                .into_iter()
                .chain(behaviours);
            let is_plain = |it: &Tree| it.get("ViewerProtocolPolicy").and_then(Tree::text) == Some("allow-all");
            let mut all = all;
            ensure(!all.any(is_plain), "a behaviour allows HTTP")
        }),
    ),
    Policy::new(
        Rule::error(
            "distribution-tls",
            "viewers use TLS 1.2 or newer",
            "set MinimumProtocolVersion to TLSv1.2_2021",
            &[
                "CKV_AWS_174",
                "CLOUDFRONT_MINIMUM_PROTOCOL_VERSION_RULE",
                "AwsSolutions-CFR4",
            ],
        ),
        DISTRIBUTION,
        Demand::Holds(|_, site| {
            let version = site.at("DistributionConfig.ViewerCertificate.MinimumProtocolVersion");
            ensure(
                version.is_some_and(|it| {
                    it.text()
                        .is_none_or(|it| it.starts_with("TLSv1.2") || it.starts_with("TLSv1.3"))
                }),
                "older TLS is allowed",
            )
        }),
    ),
    Policy::new(
        Rule::warning(
            "distribution-access-log",
            "a site logs who reads it",
            "set Logging",
            &["CKV_AWS_86", "CLOUDFRONT_ACCESSLOGS_ENABLED", "AwsSolutions-CFR3"],
        ),
        DISTRIBUTION,
        Demand::Set("DistributionConfig.Logging"),
    ),
    Policy::new(
        Rule::warning(
            "distribution-firewall",
            "a site stands behind a firewall",
            "set WebACLId",
            &["CKV_AWS_68", "AwsSolutions-CFR2"],
        ),
        DISTRIBUTION,
        Demand::Set("DistributionConfig.WebACLId"),
    ),
    Policy::new(
        Rule::warning(
            "distribution-headers",
            "a site tells browsers what its pages may do",
            "set ResponseHeadersPolicyId of DefaultCacheBehavior",
            &["CKV2_AWS_32"],
        ),
        DISTRIBUTION,
        Demand::Set("DistributionConfig.DefaultCacheBehavior.ResponseHeadersPolicyId"),
    ),
    Policy::new(
        Rule::error(
            "distribution-origin-access",
            "buckets behind a site are reached by origin access control",
            "set OriginAccessControlId of each S3 origin",
            &["AwsSolutions-CFR7", "AwsSolutions-S5"],
        ),
        DISTRIBUTION,
        Demand::Holds(|_, site| {
            let origins = site.at("DistributionConfig.Origins").map_or(&[][..], Tree::items);
            let is_open =
                |origin: &Tree| origin.get("S3OriginConfig").is_some() && origin.get("OriginAccessControlId").is_none();
            ensure(!origins.iter().any(is_open), "a bucket is read without it")
        }),
    ),
];
