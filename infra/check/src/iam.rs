//! IAM policy documents: the grammar, and which parts each kind of policy takes.

use crate::check::{Check, Resource};
use crate::function;
use crate::place;
use crate::rule::rules;
use crate::tree::Tree;

rules! {
    SHAPE = error("policy-shape", "a policy document has the members that IAM knows, each of its kind", "write it as the grammar of IAM policies has it", ["E3510", "E3512", "E3530"]);
    VERSION = error("policy-version", "a policy has a version that IAM knows", "set Version to 2012-10-17", ["E3510", "E3512", "E3530"]);
    OLD_VERSION = warning("policy-version-old", "a policy is written in the language of 2012, which has policy variables", "set Version to 2012-10-17", ["W2511"]);
    EFFECT = error("policy-effect", "a statement allows or denies", "set Effect to Allow or Deny", ["E3510", "E3512", "E3530"]);
    PARTS = error("policy-parts", "a statement has the parts that its kind of policy takes", "add the missing part, or remove the one that does not belong", ["E3510", "E3512", "E3530"]);
    ACTION = error("policy-action", "an action is service:Operation, or *", "write it as service:Operation", ["W3037"]);
    FOREIGN_ACTION = error("policy-foreign-action", "the policy of a resource speaks of its own service", "use an action of the resource's own service", ["W3037"]);
    RESOURCE = error("policy-resource", "a resource is an ARN, or *", "give an ARN", ["E3510"]);
    PRINCIPAL = error("policy-principal", "a principal is *, or an object of AWS, Service, Federated and CanonicalUser", "name who is meant", ["E3512", "E3530"]);
    SID = error("policy-sid", "a Sid has letters and digits, and stands once", "rename the statement", ["E3510", "E3512", "E3530"]);
    CONDITION = error("policy-condition", "a condition is an operator of IAM over keys and values", "check the spelling of the operator", ["E3510", "E3512", "E3530"]);
}

/// What a policy belongs to, which decides the parts of its statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A role's or user's permissions: resources, no principals.
    Identity,
    /// Who may become a role: principals, no resources.
    Trust,
    /// A resource's own policy: principals and resources.
    Resource,
    /// A repository's own policy: principals, and the resource is itself.
    Own,
}

/// Where policies stand: type, property path, kind, and the service that its actions are of.
const PLACES: [(&str, &str, Kind, &str); 15] = [
    ("AWS::IAM::Role", "AssumeRolePolicyDocument", Kind::Trust, ""),
    ("AWS::IAM::Role", "Policies", Kind::Identity, ""),
    ("AWS::IAM::User", "Policies", Kind::Identity, ""),
    ("AWS::IAM::Group", "Policies", Kind::Identity, ""),
    ("AWS::IAM::Policy", "PolicyDocument", Kind::Identity, ""),
    ("AWS::IAM::ManagedPolicy", "PolicyDocument", Kind::Identity, ""),
    ("AWS::IAM::RolePolicy", "PolicyDocument", Kind::Identity, ""),
    ("AWS::S3::BucketPolicy", "PolicyDocument", Kind::Resource, "s3"),
    ("AWS::SQS::QueuePolicy", "PolicyDocument", Kind::Resource, "sqs"),
    ("AWS::SNS::TopicPolicy", "PolicyDocument", Kind::Resource, "sns"),
    ("AWS::KMS::Key", "KeyPolicy", Kind::Resource, "kms"),
    (
        "AWS::SecretsManager::ResourcePolicy",
        "ResourcePolicy",
        Kind::Resource,
        "secretsmanager",
    ),
    (
        "AWS::Kinesis::ResourcePolicy",
        "ResourcePolicy",
        Kind::Resource,
        "kinesis",
    ),
    ("AWS::EC2::VPCEndpoint", "PolicyDocument", Kind::Resource, ""),
    ("AWS::ECR::Repository", "RepositoryPolicyText", Kind::Own, "ecr"),
];

/// Runs `check` on each policy document of a resource, with its kind and the service of its actions.
pub(crate) fn each_document<'a>(
    cx: &mut Check<'a>,
    resource: Resource<'a>,
    check: &mut dyn FnMut(&mut Check<'a>, &'a Tree, Kind, &'static str),
) {
    for (_, property, kind, service) in PLACES.iter().filter(|(kind, ..)| *kind == resource.kind) {
        let Some(tree) = resource.properties.get(property) else {
            continue;
        };
        cx.below(property, |cx| match *property {
            "Policies" => cx.each(tree.items(), |cx, policy| {
                if let Some(tree) = policy.get("PolicyDocument") {
                    cx.below("PolicyDocument", |cx| check(cx, tree, *kind, service));
                }
            }),
            _ => check(cx, tree, *kind, service),
        });
    }
}

/// Checks the policies of a resource.
pub(crate) fn check<'a>(cx: &mut Check<'a>, resource: Resource<'a>) {
    each_document(cx, resource, &mut document);
}

fn document<'a>(cx: &mut Check<'a>, tree: &'a Tree, kind: Kind, service: &'static str) {
    if tree.call().is_some() {
        return;
    }
    let Tree::Map(members) = tree else {
        // A text that holds JSON is taken, too, where the schema says so.
        if tree.text().is_none_or(|text| !text.trim_start().starts_with('{')) {
            cx.report(&SHAPE, format!("a policy document is an object, not {}", tree.kind()));
        }
        return;
    };
    for (name, value) in members {
        match name.as_ref() {
            "Version" if value.call().is_some() => {}
            "Version" => match value.text() {
                Some("2012-10-17") => {}
                Some("2008-10-17") => cx.report_at(name, &OLD_VERSION, "the version is that of 2008"),
                _ => cx.report_at(name, &VERSION, format!("the version is not {value}")),
            },
            "Statement" => {}
            "Id" => {
                if !is_text(value) {
                    cx.report_at(name, &SHAPE, format!("an Id is a text, not {}", value.kind()));
                }
            }
            _ => cx.report_at(name, &SHAPE, format!("a policy document has no {name}")),
        }
    }
    if tree.get("Version").is_none() {
        cx.report(&OLD_VERSION, "without a version it is that of 2008");
    }
    let Some(statements) = tree.get("Statement") else {
        return cx.report(&SHAPE, "Statement is required");
    };
    cx.below("Statement", |cx| {
        cx.one_or_many(statements, |cx, tree| statement(cx, tree, kind, service));
        let sids: Vec<&str> = statements
            .one_or_many()
            .iter()
            .filter_map(|it| it.get("Sid")?.text())
            .collect();
        for (at, sid) in sids.iter().enumerate() {
            if sids[..at].contains(sid) {
                cx.report(&SID, format!("the Sid `{sid}` stands twice"));
            }
        }
    });
}

/// A text, or a function that becomes one.
fn is_text(tree: &Tree) -> bool {
    tree.text().is_some() || tree.call().is_some()
}

fn statement<'a>(cx: &mut Check<'a>, tree: &'a Tree, kind: Kind, service: &str) {
    if tree.call().is_some() {
        return;
    }
    let Tree::Map(members) = tree else {
        return cx.report(&SHAPE, format!("a statement is an object, not {}", tree.kind()));
    };
    for (name, value) in members {
        cx.below(name, |cx| match name.as_ref() {
            "Effect" => {
                if value.call().is_none() && !matches!(value.text(), Some("Allow" | "Deny")) {
                    cx.report(&EFFECT, format!("{value} is no effect"));
                }
            }
            "Sid" => sid(cx, value, kind),
            "Action" | "NotAction" => one_or_more(cx, value, &ACTION, |cx, it| action(cx, it, service)),
            "Resource" | "NotResource" => one_or_more(cx, value, &RESOURCE, resource),
            "Principal" | "NotPrincipal" => principal(cx, value),
            "Condition" => conditions(cx, value),
            _ => cx.report(&SHAPE, format!("a statement has no {name}")),
        });
    }
    if tree.get("Effect").is_none() {
        cx.report(&EFFECT, "Effect is required");
    }
    exactly_one(cx, tree, ["Action", "NotAction"]);
    match kind {
        Kind::Identity => {
            exactly_one(cx, tree, ["Resource", "NotResource"]);
            none(cx, tree, ["Principal", "NotPrincipal"]);
        }
        Kind::Trust | Kind::Own => {
            exactly_one(cx, tree, ["Principal", "NotPrincipal"]);
            none(cx, tree, ["Resource", "NotResource"]);
        }
        Kind::Resource => {
            exactly_one(cx, tree, ["Principal", "NotPrincipal"]);
            exactly_one(cx, tree, ["Resource", "NotResource"]);
        }
    }
}

fn exactly_one(cx: &mut Check<'_>, tree: &Tree, names: [&str; 2]) {
    match names.map(|name| tree.get(name).is_some()) {
        [false, false] => cx.report(&PARTS, format!("{} is required", names[0])),
        [true, true] => cx.report(&PARTS, format!("{} and {} exclude each other", names[0], names[1])),
        _ => {}
    }
}

fn none<'a>(cx: &mut Check<'a>, tree: &'a Tree, names: [&'static str; 2]) {
    for name in names.into_iter().filter(|name| tree.get(name).is_some()) {
        cx.report_at(name, &PARTS, format!("this kind of policy takes no {name}"));
    }
}

fn sid(cx: &mut Check<'_>, tree: &Tree, kind: Kind) {
    match tree {
        // Some services take more characters in their own policies.
        Tree::Text(text) if kind != Kind::Identity || is_alphanumeric(text) => {}
        Tree::Text(text) => cx.report(&SID, format!("the Sid `{text}` has more than letters and digits")),
        other if other.call().is_some() => {}
        other => cx.report(&SID, format!("a Sid is a text, not {}", other.kind())),
    }
}

fn is_alphanumeric(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Checks each of one or many texts; an empty list says nothing.
fn one_or_more<'a>(
    cx: &mut Check<'a>,
    tree: &'a Tree,
    rule: &'static crate::rule::Rule,
    mut check: impl FnMut(&mut Check<'a>, &str),
) {
    if matches!(tree, Tree::List(items) if items.is_empty()) {
        return cx.report(rule, "the list is empty");
    }
    let is_item = matches!(tree, Tree::List(_));
    cx.one_or_many(tree, |cx, it| match (it.call(), it) {
        (_, Tree::Text(text)) => check(cx, text),
        (Some((name @ ("Fn::GetAZs" | "Fn::Cidr"), _)), _) => cx.report(rule, format!("{name} gives none of these")),
        (Some(("Fn::Split", _)), _) if is_item => cx.report(rule, "a list stands within a list"),
        (Some(("Fn::Split", argument)), _) => {
            let parts = argument.items();
            if let Some((delimiter, whole)) = parts
                .first()
                .and_then(Tree::text)
                .zip(parts.get(1).and_then(function::resolve))
            {
                whole.split(delimiter).for_each(|part| check(cx, part));
            }
        }
        (Some(("Ref", Tree::Text(id))), _) if is_resource(rule) => arn(cx, id, "Ref"),
        (Some(("Fn::GetAtt", Tree::List(parts))), _) if is_resource(rule) => {
            if let [Tree::Text(id), Tree::Text(attribute)] = parts.as_slice() {
                arn(cx, id, attribute);
            }
        }
        (Some(_), _) => {
            if let Some(text) = function::resolve(it) {
                check(cx, &text);
            }
        }
        (None, other) => cx.report(rule, format!("a text is needed, not {}", other.kind())),
    });
}

fn is_resource(rule: &crate::rule::Rule) -> bool {
    rule.id == RESOURCE.id
}

/// Checks that a reference becomes an ARN.
fn arn(cx: &mut Check<'_>, id: &str, attribute: &str) {
    if !place::is_arn(cx, id, attribute) {
        cx.report(&RESOURCE, format!("{attribute} of {id} is no ARN"));
    }
}

fn action(cx: &mut Check<'_>, text: &str, service: &str) {
    if text == "*" {
        return;
    }
    let is_word = |word: &str, more: &[u8]| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
    };
    match text.split_once(':') {
        Some((prefix, operation)) if is_word(prefix, b"-") && is_word(operation, b"*?-") => {
            if !service.is_empty() && !prefix.eq_ignore_ascii_case(service) {
                cx.report(&FOREIGN_ACTION, format!("`{text}` is not an action of {service}"));
            }
        }
        _ => cx.report(&ACTION, format!("`{text}` is no action")),
    }
}

fn resource(cx: &mut Check<'_>, text: &str) {
    let mut parts = text.splitn(6, ':');
    let is_arn = parts.next() == Some("arn")
        && parts
            .next()
            .is_some_and(|partition| partition == "*" || partition.starts_with("aws"))
        && parts.next().is_some_and(|service| !service.is_empty())
        && parts.count() >= 2;
    if text != "*" && !is_arn {
        cx.report(&RESOURCE, format!("`{text}` is no ARN"));
    }
}

fn principal<'a>(cx: &mut Check<'a>, tree: &'a Tree) {
    let members = match tree {
        Tree::Text(text) if text == "*" => return,
        tree if tree.call().is_some() => return,
        Tree::Map(members) if !members.is_empty() => members,
        other => return cx.report(&PRINCIPAL, format!("{other} is no principal")),
    };
    for (name, value) in members {
        cx.below(name, |cx| match name.as_ref() {
            "AWS" => one_or_more(cx, value, &PRINCIPAL, |cx, text| {
                let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
                if text != "*" && !is_account && !text.starts_with("arn:aws") {
                    cx.report(&PRINCIPAL, format!("`{text}` is neither an ARN nor an account"));
                }
            }),
            "Service" => one_or_more(cx, value, &PRINCIPAL, |cx, text| {
                if text != "*" && !text.contains(".amazon") {
                    cx.report(&PRINCIPAL, format!("`{text}` is no AWS service"));
                }
            }),
            "Federated" | "CanonicalUser" => one_or_more(cx, value, &PRINCIPAL, |_, _| {}),
            _ => cx.report(&PRINCIPAL, format!("there are no principals of kind {name}")),
        });
    }
}

/// The operators of IAM, without quantifier and `IfExists`.
const OPERATORS: [&str; 27] = [
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "BinaryEquals",
    "Bool",
    "DateEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateNotEquals",
    "IpAddress",
    "NotIpAddress",
    "Null",
    "NumericEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericNotEquals",
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "StringNotEquals",
    "StringNotEqualsIgnoreCase",
    "StringNotLike",
];

fn conditions<'a>(cx: &mut Check<'a>, tree: &'a Tree) {
    if tree.call().is_some() {
        return;
    }
    let Tree::Map(operators) = tree else {
        return cx.report(&CONDITION, format!("conditions are an object, not {}", tree.kind()));
    };
    for (name, tests) in operators {
        let bare = name
            .strip_prefix("ForAnyValue:")
            .or_else(|| name.strip_prefix("ForAllValues:"));
        let bare = bare.unwrap_or(name);
        let bare = bare.strip_suffix("IfExists").unwrap_or(bare);
        cx.below(name, |cx| {
            if !OPERATORS.contains(&bare) {
                cx.report(&CONDITION, format!("there is no operator {name}"));
            }
            match tests {
                Tree::Map(tests) => {
                    for (key, value) in tests {
                        cx.below(key, |cx| test(cx, bare, value));
                    }
                }
                tests if tests.call().is_some() => {}
                other => cx.report(
                    &CONDITION,
                    format!("{name} takes an object of keys, not {}", other.kind()),
                ),
            }
        });
    }
}

fn test<'a>(cx: &mut Check<'a>, operator: &str, value: &'a Tree) {
    cx.one_or_many(value, |cx, it| match it {
        it if it.call().is_some() => {}
        Tree::Null | Tree::List(_) | Tree::Map(_) => {
            cx.report(
                &CONDITION,
                format!("a value is a text, a number or a truth, not {}", it.kind()),
            );
        }
        it if matches!(operator, "Null" | "Bool") && it.truth().is_none() => {
            cx.report(&CONDITION, format!("{operator} takes true or false, not {it}"));
        }
        _ => {}
    });
}
