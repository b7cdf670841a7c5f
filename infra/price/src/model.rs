//! The model: what each type of resource costs under a load.
//!
//! One module per kind of service. A rate of work that AWS does not bill by (how long a call
//! takes, how large a log entry is) is a constant beside the formula that uses it.

mod api;
mod bucket;
mod catalog;
mod database;
mod delivery;
mod function;
mod message;
mod monitor;
mod rows;
mod standing;
mod stream;

use crate::estimate::Standing;
use crate::line::{Factor, Line};
use crate::load::Load;
use crate::resource::{Resource, Resources};
use crate::table::{Price, Region};

/// What a formula may look at: the other resources, the load, the region.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site<'a> {
    pub(crate) resources: &'a Resources<'a>,
    pub(crate) load: &'a Load,
    pub(crate) region: Region,
}

impl Site<'_> {
    fn line(&self, price: &'static Price, factors: impl Into<Vec<Factor>>) -> Line {
        Line::new(self.region, price, factors)
    }
}

/// Seconds in an hour.
const HOUR: u128 = 3600;

/// Types that AWS asks nothing for; what they cause is priced where it is billed.
const FREE: [&str; 90] = [
    "AWS::ApiGateway::Account",
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::Authorizer",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::GatewayResponse",
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::Model",
    "AWS::ApiGateway::RequestValidator",
    "AWS::ApiGateway::Resource",
    "AWS::ApiGateway::UsagePlan",
    "AWS::ApiGateway::UsagePlanKey",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::ApiGatewayV2::VpcLink",
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::Athena::NamedQuery",
    "AWS::Athena::PreparedStatement",
    "AWS::Budgets::Budget",
    "AWS::CertificateManager::Certificate",
    "AWS::CloudFormation::Stack",
    "AWS::CloudFront::CachePolicy",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::Cognito::IdentityPool",
    "AWS::Cognito::IdentityPoolRoleAttachment",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolDomain",
    "AWS::Cognito::UserPoolGroup",
    "AWS::Cognito::UserPoolResourceServer",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::Route",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::ECS::Cluster",
    "AWS::ECS::TaskDefinition",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::Events::Connection",
    "AWS::Events::EventBus",
    "AWS::Glue::DataQualityRuleset",
    "AWS::Glue::Database",
    "AWS::Glue::Registry",
    "AWS::Glue::Schema",
    "AWS::Glue::SecurityConfiguration",
    "AWS::Glue::Trigger",
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::KMS::Alias",
    "AWS::LakeFormation::DataLakeSettings",
    "AWS::LakeFormation::PrincipalPermissions",
    "AWS::LakeFormation::Resource",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Url",
    "AWS::Lambda::Version",
    "AWS::Logs::LogStream",
    "AWS::Logs::QueryDefinition",
    "AWS::Logs::SubscriptionFilter",
    "AWS::MediaConvert::JobTemplate",
    "AWS::MediaConvert::Preset",
    "AWS::RDS::DBClusterParameterGroup",
    "AWS::RDS::DBProxyTargetGroup",
    "AWS::RDS::DBSubnetGroup",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::ScheduleGroup",
    "AWS::SecretsManager::RotationSchedule",
    "AWS::SecretsManager::SecretTargetAttachment",
    "AWS::StepFunctions::StateMachineAlias",
    "AWS::StepFunctions::StateMachineVersion",
    "AWS::WAFv2::IPSet",
    "AWS::WAFv2::WebACLAssociation",
    "AWS::XRay::Group",
];

/// What a resource costs in a month.
pub(crate) fn price(site: &Site<'_>, resource: &Resource<'_>) -> Standing {
    let lines = match resource.kind {
        "AWS::ApiGateway::RestApi" | "AWS::ApiGatewayV2::Api" => api::lines(site, resource),
        "AWS::ApiGateway::Stage" => return api::stage(resource),
        "AWS::Athena::WorkGroup" => catalog::workgroup(site),
        "AWS::CloudFront::Distribution" => api::site(site),
        "AWS::CloudWatch::Alarm" | "AWS::CloudWatch::CompositeAlarm" => monitor::alarm(site, resource),
        "AWS::CloudWatch::Dashboard" => standing::dashboard(site),
        "AWS::Cognito::UserPool" => api::users(site, resource),
        "AWS::DynamoDB::Table" => database::table(site, resource),
        "AWS::EC2::EIP" => standing::address(site),
        "AWS::EC2::NatGateway" => standing::nat_gateway(site),
        "AWS::EC2::VPCEndpoint" => standing::endpoint(site, resource),
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => standing::load_balancer(site),
        "AWS::Events::Rule" => message::rule(site, resource),
        "AWS::Glue::Crawler" => catalog::crawler(site, resource),
        "AWS::Glue::Table" => catalog::table(site, resource),
        "AWS::KMS::Key" => standing::key(site),
        "AWS::Kinesis::Stream" => stream::lines(site, resource),
        "AWS::KinesisFirehose::DeliveryStream" => delivery::lines(site, resource),
        "AWS::Lambda::Function" => function::lines(site, resource),
        "AWS::Logs::LogGroup" => monitor::log_group(site, resource),
        "AWS::Logs::MetricFilter" => standing::metric(site),
        "AWS::RDS::DBInstance" => return database::instance(site, resource),
        "AWS::S3::Bucket" => bucket::lines(site, resource),
        "AWS::SNS::Topic" => message::topic(site),
        "AWS::SQS::Queue" => message::queue(site, resource),
        "AWS::SSM::Parameter" => return standing::parameter(resource),
        "AWS::Scheduler::Schedule" => message::schedule(site, resource),
        "AWS::SecretsManager::Secret" => standing::secret(site),
        "AWS::StepFunctions::StateMachine" => message::workflow(site, resource),
        "AWS::WAFv2::WebACL" => standing::web_acl(site, resource),
        kind if FREE.contains(&kind) => return Standing::Free,
        kind => return Standing::NotPriced(format!("the model does not know {kind}")),
    };
    if lines.is_empty() {
        return Standing::Free;
    }
    Standing::Lines(lines)
}

#[cfg(test)]
mod tests {
    use super::FREE;

    #[test]
    fn what_is_free_exists() {
        for kind in FREE {
            assert!(infra_resources::facts(kind).is_some(), "{kind}");
        }
        assert!(FREE.is_sorted());
    }
}
