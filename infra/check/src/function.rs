//! Functions: whether they are well formed, what they point at, and what they become.

mod resolve;

use infra_core::facts::Shape;
use infra_core::pseudo;

use crate::check::Check;
use crate::limit;
use crate::place;
use crate::rule::rules;
use crate::schema;
use crate::section;
use crate::tree::Tree;

pub(crate) use resolve::{text as resolve, variables};

rules! {
    SHAPE = error("function-shape", "a function has the arguments that it takes", "write it as the documentation of the function has it", ["E1010", "E1011", "E1015", "E1016", "E1017", "E1018", "E1019", "E1020", "E1021", "E1022", "E1024", "E1028"]);
    UNKNOWN = error("unknown-function", "a function is one of CloudFormation's", "check the spelling", ["E1001", "E3012"]);
    TARGET = error("reference-target", "a reference points at something in this template", "check the spelling of the logical id or parameter", ["E1020", "E1010", "E1019"]);
    ATTRIBUTE = error("attribute", "an attribute is one that the type has", "choose one of the type's attributes", ["E1010", "E1019"]);
    KIND = error("function-kind", "a function becomes the kind of value that the property takes", "use a function that gives that kind of value", ["E1010", "E1020", "E3012"]);
    CONDITION = error("condition-target", "a condition that is named is declared", "declare it under Conditions, or check the spelling", ["E8002", "E1028"]);
    MAPPING = error("mapping-target", "a mapping and the keys that are looked up exist", "add them under Mappings, or check the spelling", ["E1011"]);
    NO_VARIABLE = warning("sub-without-variable", "Fn::Sub has something to put in", "write the plain text", ["W1020"]);
    FORGOTTEN_SUB = error("forgotten-sub", "a text with a variable stands in Fn::Sub", "put the text into Fn::Sub", ["E1029"]);
}

/// Types whose properties are attributes, too; of the others only what the service sets is one.
const PROPERTIES_TOO: [&str; 13] = [
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::VPC",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::Events::EventBus",
    "AWS::Kinesis::StreamConsumer",
    "AWS::MediaConvert::JobTemplate",
    "AWS::MediaConvert::Preset",
    "AWS::MediaConvert::Queue",
    "AWS::RDS::DBInstance",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SSM::Parameter",
];

/// What a function gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gives {
    /// A text, or what a text can spell.
    Scalar,
    List,
    /// That depends.
    Anything,
}

/// Attributes that are lists; all others are scalars.
const LIST_ATTRIBUTES: [&str; 10] = [
    "CidrBlockAssociations",
    "DnsEntries",
    "GroupIds",
    "Ipv6CidrBlocks",
    "LoadBalancerArns",
    "NameServers",
    "NetworkInterfaceIds",
    "SecondaryPrivateIpAddresses",
    "SecurityGroups",
    "VPCZoneIdentifier",
];

/// Checks all functions below a piece of template that no schema describes.
pub(crate) fn free<'a>(cx: &mut Check<'a>, tree: &'a Tree) {
    if tree.call().is_some() {
        return call(cx, tree, None);
    }
    match tree {
        Tree::List(items) => cx.each(items, free),
        Tree::Map(members) => {
            section::twice(cx, members);
            for (name, tree) in members {
                cx.below(name, |cx| free(cx, tree));
            }
        }
        Tree::Null => cx.report(&schema::NULL, "null is no value"),
        Tree::Text(text) => plain(cx, text),
        _ => {}
    }
}

/// Checks a function where a value of this shape is wanted.
pub(crate) fn call<'a>(cx: &mut Check<'a>, tree: &'a Tree, shape: Option<&'static Shape>) {
    let Some((name, argument)) = tree.call() else { return };
    cx.below(name, |cx| {
        let gives = match (name, argument) {
            ("Ref", Tree::Text(target)) => reference(cx, target),
            ("Fn::GetAtt", argument) => attribute(cx, argument),
            ("Fn::Sub", argument) => substitute(cx, argument),
            ("Fn::If", Tree::List(parts)) if parts.len() == 3 => return choice(cx, parts, shape),
            ("Fn::Join", Tree::List(parts)) => join(cx, parts),
            ("Fn::FindInMap", Tree::List(parts)) => look_up(cx, parts),
            ("Fn::Select", Tree::List(parts)) if parts.len() == 2 => {
                cx.each(parts, free);
                Gives::Anything
            }
            ("Fn::Split", Tree::List(parts)) if parts.len() == 2 => {
                cx.each(parts, free);
                Gives::List
            }
            ("Fn::Cidr", Tree::List(parts)) if (2..=3).contains(&parts.len()) => {
                cx.each(parts, free);
                Gives::List
            }
            ("Fn::GetAZs", argument) if !matches!(argument, Tree::List(_)) => {
                free(cx, argument);
                Gives::List
            }
            ("Fn::ImportValue" | "Fn::Base64", argument) if !matches!(argument, Tree::List(_)) => {
                free(cx, argument);
                Gives::Scalar
            }
            ("Fn::ToJsonString" | "Fn::Length" | "Fn::GetStackOutput", argument) => {
                free(cx, argument);
                Gives::Scalar
            }
            ("Fn::Transform", argument) => {
                free(cx, argument);
                Gives::Anything
            }
            (name, _) if !KNOWN.contains(&name) => {
                cx.report(&UNKNOWN, format!("there is no function {name} for values"));
                return;
            }
            (name, argument) => {
                cx.report(&SHAPE, format!("{name} does not take {} like this", argument.kind()));
                return;
            }
        };
        expect(cx, name, gives, shape);
    });
    if let Some(shape) = shape {
        outcome(cx, tree, shape);
    }
}

const KNOWN: [&str; 16] = [
    "Ref",
    "Fn::Base64",
    "Fn::Cidr",
    "Fn::FindInMap",
    "Fn::GetAZs",
    "Fn::GetAtt",
    "Fn::GetStackOutput",
    "Fn::If",
    "Fn::ImportValue",
    "Fn::Join",
    "Fn::Length",
    "Fn::Select",
    "Fn::Split",
    "Fn::Sub",
    "Fn::ToJsonString",
    "Fn::Transform",
];

fn expect(cx: &mut Check<'_>, name: &str, gives: Gives, shape: Option<&'static Shape>) {
    let wanted = match (gives, shape) {
        (Gives::Scalar, Some(Shape::List(..))) => "a list",
        (Gives::Scalar | Gives::List, Some(Shape::Object(_) | Shape::Map(..))) => "an object",
        (Gives::List, Some(Shape::Text(_) | Shape::Integer(_) | Shape::Number(_) | Shape::Boolean)) => "a scalar",
        _ => return,
    };
    let given = if gives == Gives::List { "a list" } else { "a scalar" };
    cx.report(&KIND, format!("{wanted} is needed here, and {name} gives {given}"));
}

/// Checks what a function becomes, where that is known before the stack is made.
fn outcome<'a>(cx: &mut Check<'a>, tree: &'a Tree, shape: &'static Shape) {
    if let Some(("Ref", Tree::Text(name))) = tree.call()
        && let Some(parameter) = cx.entry("Parameters", name)
    {
        return given(cx, parameter, shape);
    }
    let Shape::Text(limits) = shape else {
        if let Shape::Integer(limits) | Shape::Number(limits) = shape
            && let Some(number) = resolve(tree).and_then(|text| text.parse().ok())
        {
            limit::number(cx, number, limits);
        }
        return;
    };
    match (resolve(tree), tree.call()) {
        (Some(text), _) => {
            place::literal(cx, &text);
            limit::text(cx, &text, limits);
        }
        (None, Some(("Fn::Sub", argument))) => {
            let pattern = argument.text().or_else(|| argument.items().first()?.text());
            limit::part_of_text(cx, &resolve::fixed(pattern.unwrap_or_default()), limits);
        }
        _ => {}
    }
}

/// Checks the values that a parameter offers against the place where it is used.
fn given<'a>(cx: &mut Check<'a>, parameter: &'a Tree, shape: &'static Shape) {
    let kind = parameter.get("Type").and_then(Tree::text).unwrap_or("String");
    let is_list = kind == "CommaDelimitedList" || kind.contains("List<");
    expect(
        cx,
        "the parameter",
        if is_list { Gives::List } else { Gives::Scalar },
        Some(shape),
    );
    // The value of such a parameter is the name of what holds the value.
    if is_list || kind.starts_with("AWS::SSM::") {
        return;
    }
    let allowed = parameter.get("AllowedValues").map_or(&[][..], Tree::items);
    for value in parameter.get("Default").into_iter().chain(allowed) {
        if !matches!(value, Tree::List(_) | Tree::Map(_) | Tree::Null) && !matches!(shape, Shape::Any) {
            schema::value(cx, value, shape);
        }
    }
}

fn reference(cx: &mut Check<'_>, target: &str) -> Gives {
    if let Some(parameter) = cx.entry("Parameters", target) {
        let kind = parameter.get("Type").and_then(Tree::text).unwrap_or_default();
        return match kind == "CommaDelimitedList" || kind.contains("List<") {
            true => Gives::List,
            false => Gives::Scalar,
        };
    }
    match target {
        "AWS::NoValue" => Gives::Anything,
        "AWS::NotificationARNs" => Gives::List,
        _ if pseudo::ALL.contains(&target) => Gives::Scalar,
        _ if cx.resource(target).is_some() => {
            place::reference(cx, target, "Ref");
            Gives::Scalar
        }
        _ => {
            cx.report(
                &TARGET,
                format!("`{target}` is neither a resource nor a parameter of this template"),
            );
            Gives::Anything
        }
    }
}

/// Checks that a variable of a text names something.
fn is_there(cx: &mut Check<'_>, name: &str) {
    if cx.entry("Parameters", name).is_none() && cx.resource(name).is_none() && !pseudo::ALL.contains(&name) {
        cx.report(
            &TARGET,
            format!("`{name}` is neither a resource nor a parameter of this template"),
        );
    }
}

fn attribute<'a>(cx: &mut Check<'a>, argument: &'a Tree) -> Gives {
    let (id, attribute) = match argument {
        Tree::Text(path) => match path.split_once('.') {
            Some(parts) => parts,
            None => {
                cx.report(
                    &SHAPE,
                    format!("Fn::GetAtt takes a logical id and an attribute, not only `{path}`"),
                );
                return Gives::Anything;
            }
        },
        Tree::List(parts) => match parts.as_slice() {
            [Tree::Text(id), Tree::Text(attribute)] => (id.as_ref(), attribute.as_ref()),
            [Tree::Text(_), computed] if computed.call().is_some() => {
                free(cx, computed);
                return Gives::Anything;
            }
            _ => {
                cx.report(&SHAPE, "Fn::GetAtt takes a logical id and an attribute");
                return Gives::Anything;
            }
        },
        other => {
            cx.report(
                &SHAPE,
                format!("Fn::GetAtt takes a logical id and an attribute, not {}", other.kind()),
            );
            return Gives::Anything;
        }
    };
    find_attribute(cx, id, attribute);
    place::reference(cx, id, attribute);
    match LIST_ATTRIBUTES.contains(&attribute) {
        true => Gives::List,
        // What stands behind a nested stack or a custom resource is theirs to say.
        false if cx.resource(id).is_none_or(|resource| resource.facts.is_none()) => Gives::Anything,
        false => Gives::Scalar,
    }
}

fn find_attribute(cx: &mut Check<'_>, id: &str, attribute: &str) {
    let Some(resource) = cx.resource(id) else {
        return cx.report(&TARGET, format!("`{id}` is no resource of this template"));
    };
    let Some(facts) = resource.facts else { return };
    let is_property = || PROPERTIES_TOO.contains(&resource.kind) && facts.properties.property(attribute).is_some();
    if facts.attributes.contains(&attribute) || is_property() {
        return;
    }
    // The outputs of a nested stack are attributes that its own template declares.
    if attribute.starts_with("Outputs.") && resource.kind == "AWS::CloudFormation::Stack" {
        return;
    }
    let message = match facts.attributes {
        [] => format!("{} has no attributes, so no {attribute}", resource.kind),
        known => format!(
            "{} has no attribute {attribute}; it has {}",
            resource.kind,
            known.join(", ")
        ),
    };
    cx.report(&ATTRIBUTE, message);
}

fn substitute<'a>(cx: &mut Check<'a>, argument: &'a Tree) -> Gives {
    let (pattern, given) = match argument {
        Tree::Text(pattern) => (pattern, &[][..]),
        Tree::List(parts) => match parts.as_slice() {
            [Tree::Text(pattern), Tree::Map(given)] => (pattern, given.as_slice()),
            _ => {
                cx.report(&SHAPE, "Fn::Sub takes a text, or a text and an object");
                return Gives::Anything;
            }
        },
        other => {
            cx.report(&SHAPE, format!("Fn::Sub takes a text, not {}", other.kind()));
            return Gives::Anything;
        }
    };
    for (name, value) in given {
        cx.below(name, |cx| free(cx, value));
    }
    let mut count = 0;
    for variable in variables(pattern) {
        count += 1;
        if given.iter().any(|(name, _)| name == variable) {
            continue;
        }
        match variable.split_once('.') {
            Some((id, attribute)) => find_attribute(cx, id, attribute),
            None => is_there(cx, variable),
        }
    }
    if count == 0 {
        cx.report(&NO_VARIABLE, format!("{argument} has no variable"));
    }
    Gives::Scalar
}

fn choice<'a>(cx: &mut Check<'a>, parts: &'a [Tree], shape: Option<&'static Shape>) {
    match &parts[0] {
        Tree::Text(name) => condition(cx, name),
        other => cx.report(
            &SHAPE,
            format!("Fn::If begins with the name of a condition, not {}", other.kind()),
        ),
    }
    let mut at = 0;
    cx.each(parts, |cx, part| {
        at += 1;
        match shape {
            _ if at == 1 => {}
            Some(shape) => schema::value(cx, part, shape),
            None => free(cx, part),
        }
    });
}

/// Checks that a condition is declared.
pub(crate) fn condition(cx: &mut Check<'_>, name: &str) {
    if cx.entry("Conditions", name).is_none() {
        cx.report(&CONDITION, format!("there is no condition `{name}`"));
    }
}

fn join<'a>(cx: &mut Check<'a>, parts: &'a [Tree]) -> Gives {
    match parts {
        [Tree::Text(_), Tree::List(items)] => cx.each(items, |cx, item| match item {
            Tree::List(_) | Tree::Map(_) if item.call().is_none() => {
                cx.report(&SHAPE, format!("Fn::Join takes texts, not {}", item.kind()));
            }
            item => free(cx, item),
        }),
        [Tree::Text(_), list] if list.call().is_some() => free(cx, list),
        _ => cx.report(&SHAPE, "Fn::Join takes a delimiter and a list of texts"),
    }
    Gives::Scalar
}

fn look_up<'a>(cx: &mut Check<'a>, parts: &'a [Tree]) -> Gives {
    if !(3..=4).contains(&parts.len()) {
        cx.report(&SHAPE, "Fn::FindInMap takes a mapping and two keys");
        return Gives::Anything;
    }
    cx.each(parts, free);
    let mut found = cx.document.root().get("Mappings");
    for part in &parts[..3] {
        // A key that a parameter gives is known only when the stack is made.
        let (Some(key), Some(mapping)) = (part.text(), found) else {
            break;
        };
        found = mapping.get(key);
        if found.is_none() && parts.len() == 3 {
            cx.report(&MAPPING, format!("there is no `{key}` in the mappings"));
        }
    }
    if found.is_none() && cx.document.root().get("Mappings").is_none() {
        cx.report(&MAPPING, "the template has no mappings");
    }
    Gives::Anything
}

/// Checks that a plain text is not one that was meant for `Fn::Sub`.
pub(crate) fn plain(cx: &mut Check<'_>, text: &str) {
    if !text.contains("${") {
        return;
    }
    let is_ours = |name: &&str| {
        let id = name.split('.').next().unwrap_or_default();
        pseudo::ALL.contains(name) || cx.resource(id).is_some()
    };
    if let Some(name) = variables(text).find(is_ours)
        // Shells and state machines have variables of their own, which may be called alike.
        && !["UserData", "DefinitionString"].contains(&cx.path().property())
    {
        cx.report(&FORGOTTEN_SUB, format!("nothing replaces ${{{name}}} in a plain text"));
    }
}
