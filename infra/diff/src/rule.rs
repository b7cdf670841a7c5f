//! Rules of security groups: which traffic is let through, whatever resource says so.

use serde::Serialize;
use serde_json::Value;

use crate::statement::{Sign, changed};
use crate::template::Template;
use crate::word::show;

/// A rule that comes or goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Rule {
    /// Whether it comes or goes.
    pub sign: Sign,
    /// The security group.
    pub group: String,
    /// Which way the traffic goes.
    pub direction: Direction,
    /// `tcp`, `udp`, `icmp`, a number, or `all`.
    pub protocol: String,
    /// One port, a range, or `all`.
    pub ports: String,
    /// The other side: an address range, a group, or a prefix list.
    pub peer: String,
}

/// Which way traffic goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// In.
    Ingress,
    /// Out.
    Egress,
}

impl Direction {
    /// What a template calls it, in small letters.
    pub fn name(self) -> &'static str {
        match self {
            Direction::Ingress => "ingress",
            Direction::Egress => "egress",
        }
    }
}

/// Members that name the other side.
const PEERS: [&str; 7] = [
    "CidrIp",
    "CidrIpv6",
    "SourceSecurityGroupId",
    "SourceSecurityGroupName",
    "SourcePrefixListId",
    "DestinationSecurityGroupId",
    "DestinationPrefixListId",
];

/// The rules that come and go between two templates; those that come first.
pub fn between(before: &Template, after: &Template) -> Vec<Rule> {
    changed(all(before, Sign::Removed), all(after, Sign::Added), |rule, sign| {
        rule.sign = sign
    })
}

fn all(template: &Template, sign: Sign) -> Vec<Rule> {
    let mut rules = Vec::new();
    for resource in template.resources() {
        let mut list = |direction, name| {
            let items = resource.property(name).and_then(Value::as_array);
            let items = items.into_iter().flatten();
            rules.extend(items.map(|item| rule(sign, format!("!Ref {}", resource.id), direction, item)));
        };
        let alone = match resource.kind {
            "AWS::EC2::SecurityGroup" => {
                list(Direction::Ingress, "SecurityGroupIngress");
                list(Direction::Egress, "SecurityGroupEgress");
                None
            }
            "AWS::EC2::SecurityGroupIngress" => Some(Direction::Ingress),
            "AWS::EC2::SecurityGroupEgress" => Some(Direction::Egress),
            _ => None,
        };
        if let Some(direction) = alone {
            let group = resource.property("GroupId").or(resource.property("GroupName"));
            let group = group.map(group_name).unwrap_or_default();
            rules.push(rule(sign, group, direction, &resource.body["Properties"]));
        }
    }
    rules
}

/// A group by its `Ref`, whichever attribute it is spoken of by.
fn group_name(group: &Value) -> String {
    match group
        .get("Fn::GetAtt")
        .and_then(|path| path.get(0))
        .and_then(Value::as_str)
    {
        Some(id) => format!("!Ref {id}"),
        None => show(group),
    }
}

fn rule(sign: Sign, group: String, direction: Direction, rule: &Value) -> Rule {
    let word = |name: &str| rule.get(name).map(show);
    let protocol = match word("IpProtocol").unwrap_or_default().as_str() {
        "-1" => "all".to_owned(),
        other => other.to_owned(),
    };
    let ports = match (word("FromPort"), word("ToPort")) {
        _ if protocol == "all" => "all".to_owned(),
        (Some(from), Some(to)) if from == to => from,
        (Some(from), Some(to)) => format!("{from}-{to}"),
        (from, to) => from.or(to).unwrap_or_else(|| "all".to_owned()),
    };
    let peers: Vec<String> = PEERS
        .into_iter()
        .filter_map(|name| rule.get(name))
        .map(group_name)
        .collect();
    Rule {
        sign,
        group,
        direction,
        protocol,
        ports,
        peer: peers.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::between;
    use crate::template::yaml;

    #[test]
    fn rules_are_told_wherever_they_stand() {
        let before = "{Resources: {Web: {Type: 'AWS::EC2::SecurityGroup', Properties: {SecurityGroupIngress: [
            {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8},
            {IpProtocol: tcp, FromPort: 80, ToPort: 81, SourceSecurityGroupId: !GetAtt Lb.GroupId}]}}}}";
        // One rule has left the list for a resource of its own, which lets the same traffic through.
        let after = "{Resources: {
            Web: {Type: 'AWS::EC2::SecurityGroup', Properties: {SecurityGroupEgress: [
              {IpProtocol: '-1', CidrIp: 0.0.0.0/0}]}},
            Rule: {Type: 'AWS::EC2::SecurityGroupIngress', Properties:
              {GroupId: !GetAtt Web.GroupId, IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}}}}";
        let rules = between(&yaml(before), &yaml(after));
        let rows = rules.into_iter().map(|rule| {
            let (sign, direction) = (rule.sign, rule.direction);
            format!(
                "{sign:?} {} {direction:?} {} {} {}",
                rule.group, rule.protocol, rule.ports, rule.peer
            )
        });
        assert_eq!(
            rows.collect::<Vec<_>>(),
            [
                "Added !Ref Web Egress all all 0.0.0.0/0",
                "Removed !Ref Web Ingress tcp 80-81 !Ref Lb"
            ]
        );
    }
}
