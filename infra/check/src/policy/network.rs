//! Security groups, subnets and load balancers.

use super::{Demand, Policy, ensure};
use crate::check::{Check, Resource};
use crate::rule::Rule;
use crate::tree::Tree;

const GROUP: &[&str] = &["AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"];
const BALANCER: &[&str] = &["AWS::ElasticLoadBalancingV2::LoadBalancer"];
const LISTENER: &[&str] = &["AWS::ElasticLoadBalancingV2::Listener"];

pub(super) static POLICIES: &[Policy] = &[
    Policy::new(
        Rule::error(
            "group-no-ssh",
            "SSH is not open to the world",
            "name who may connect",
            &["CKV_AWS_24", "INCOMING_SSH_DISABLED", "AwsSolutions-EC23"],
        ),
        GROUP,
        Demand::Holds(|cx, group| is_closed(cx, group, 22)),
    ),
    Policy::new(
        Rule::error(
            "group-no-rdp",
            "remote desktops are not open to the world",
            "name who may connect",
            &["CKV_AWS_25", "RESTRICTED_INCOMING_TRAFFIC", "AwsSolutions-EC23"],
        ),
        GROUP,
        Demand::Holds(|cx, group| is_closed(cx, group, 3389)),
    ),
    Policy::new(
        Rule::warning(
            "group-no-http",
            "plain HTTP is not open to the world",
            "use HTTPS",
            &[
                "CKV_AWS_260",
                "EC2_SECURITY_GROUP_INGRESS_OPEN_TO_WORLD_RULE",
                "AwsSolutions-EC23",
            ],
        ),
        GROUP,
        Demand::Holds(|cx, group| is_closed(cx, group, 80)),
    ),
    Policy::new(
        Rule::warning(
            "group-described",
            "each rule of a security group says what it is for",
            "set Description",
            &["CKV_AWS_23", "SECURITY_GROUP_DESCRIPTION_RULE", "AwsSolutions-EC27"],
        ),
        &[
            "AWS::EC2::SecurityGroup",
            "AWS::EC2::SecurityGroupIngress",
            "AWS::EC2::SecurityGroupEgress",
        ],
        Demand::Holds(|_, group| {
            let lists = ["SecurityGroupIngress", "SecurityGroupEgress"];
            let mut rules = lists
                .iter()
                .flat_map(|name| group.at(name).map_or(&[][..], Tree::items));
            let is_described = match group.kind {
                "AWS::EC2::SecurityGroup" => rules.all(|rule| rule.get("Description").is_some()),
                _ => group.at("Description").is_some(),
            };
            ensure(is_described, "a rule has no description")
        }),
    ),
    Policy::new(
        Rule::warning(
            "subnet-private",
            "what starts in a subnet gets no public address by itself",
            "set MapPublicIpOnLaunch to false",
            &["CKV_AWS_130", "SUBNET_AUTO_ASSIGN_PUBLIC_IP_DISABLED"],
        ),
        &["AWS::EC2::Subnet"],
        Demand::NotTrue("MapPublicIpOnLaunch"),
    ),
    Policy::new(
        Rule::warning(
            "network-flow-log",
            "a network logs its flows",
            "add a FlowLog",
            &["CKV2_AWS_11", "AwsSolutions-VPC7"],
        ),
        &["AWS::EC2::VPC"],
        Demand::Holds(|cx, network| {
            let logs = |it: &Resource<'_>| {
                it.kind == "AWS::EC2::FlowLog" && it.at("ResourceId").and_then(Tree::target) == Some(network.id)
            };
            ensure(cx.resources.iter().any(logs), "no FlowLog names it")
        }),
    ),
    Policy::new(
        Rule::warning(
            "balancer-access-log",
            "a load balancer logs who calls",
            "set access_logs.s3.enabled to true",
            &["CKV_AWS_91", "ELBV2_ACCESS_LOGGING_RULE", "AwsSolutions-ELB2"],
        ),
        BALANCER,
        Demand::Holds(|_, balancer| attribute(balancer, "access_logs.s3.enabled")),
    ),
    Policy::new(
        Rule::error(
            "balancer-drops-headers",
            "a load balancer drops malformed headers",
            "set routing.http.drop_invalid_header_fields.enabled to true",
            &["CKV_AWS_131", "ALB_HTTP_DROP_INVALID_HEADER_ENABLED"],
        ),
        BALANCER,
        Demand::Holds(|_, balancer| {
            let is_for_http = balancer
                .at("Type")
                .and_then(Tree::text)
                .is_none_or(|kind| kind == "application");
            match is_for_http {
                true => attribute(balancer, "routing.http.drop_invalid_header_fields.enabled"),
                false => Ok(()),
            }
        }),
    ),
    Policy::new(
        Rule::warning(
            "balancer-deletion-protection",
            "a load balancer is not deleted by mistake",
            "set deletion_protection.enabled to true",
            &["ELB_DELETION_PROTECTION_ENABLED"],
        ),
        BALANCER,
        Demand::Holds(|_, balancer| attribute(balancer, "deletion_protection.enabled")),
    ),
    Policy::new(
        Rule::error(
            "listener-encrypted",
            "a listener takes HTTPS or TLS, or redirects to it",
            "set Protocol to HTTPS",
            &["CKV_AWS_2", "ELBV2_LISTENER_PROTOCOL_RULE"],
        ),
        LISTENER,
        Demand::Holds(|_, listener| {
            let actions = listener.at("DefaultActions").map_or(&[][..], Tree::items);
            let redirects = |action: &Tree| action.at("RedirectConfig.Protocol").and_then(Tree::text) == Some("HTTPS");
            let is_plain = listener.at("Protocol").and_then(Tree::text) == Some("HTTP");
            ensure(!is_plain || actions.iter().any(redirects), "it takes plain HTTP")
        }),
    ),
    Policy::new(
        Rule::error(
            "listener-tls",
            "a listener takes TLS 1.2 or newer",
            "set SslPolicy to ELBSecurityPolicy-TLS13-1-2-2021-06",
            &["CKV_AWS_103", "ELBV2_LISTENER_SSL_POLICY_RULE"],
        ),
        LISTENER,
        Demand::Holds(|_, listener| {
            let is_secure = matches!(listener.at("Protocol").and_then(Tree::text), Some("HTTPS" | "TLS"));
            let policy = listener.at("SslPolicy");
            let is_new = policy.is_some_and(|it| {
                it.text()
                    .is_none_or(|name| name.contains("TLS13") || name.contains("TLS-1-2"))
            });
            ensure(!is_secure || is_new, "older TLS is taken")
        }),
    ),
];

/// No rule opens a port to the whole world.
fn is_closed(_: &Check<'_>, group: &Resource<'_>, port: i64) -> Result<(), String> {
    let rules = match group.kind {
        "AWS::EC2::SecurityGroup" => group.at("SecurityGroupIngress").map_or(&[][..], Tree::items),
        _ => std::slice::from_ref(group.properties),
    };
    let opens = |rule: &Tree| {
        let is = |name: &str, text: &str| rule.get(name).and_then(Tree::text) == Some(text);
        let bound = |name: &str| rule.get(name).and_then(Tree::number);
        let covers = match (bound("FromPort"), bound("ToPort")) {
            (Some(from), Some(to)) => (from..=to).contains(&(port as f64)) || from == -1.0,
            _ => rule
                .get("IpProtocol")
                .is_some_and(|it| it.text() == Some("-1") || it.number() == Some(-1.0)),
        };
        covers && (is("CidrIp", "0.0.0.0/0") || is("CidrIpv6", "::/0"))
    };
    ensure(!rules.iter().any(opens), "a rule opens it to the world")
}

/// An attribute of a load balancer is on.
fn attribute(balancer: &Resource<'_>, key: &str) -> Result<(), String> {
    let attributes = balancer.at("LoadBalancerAttributes").map_or(&[][..], Tree::items);
    let is_on = |it: &Tree| {
        it.get("Key").and_then(Tree::text) == Some(key)
            && it.get("Value").is_some_and(|value| value.truth() != Some(false))
    };
    match attributes.iter().any(is_on) {
        true => Ok(()),
        false => Err(format!("{key} is not on")),
    }
}
