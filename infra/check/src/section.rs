//! The sections of a template, but for what stands in resources: names, shapes, quotas.

mod parameter;

use infra_core::pseudo;

use crate::check::Check;
use crate::function;
use crate::rule::rules;
use crate::tree::{Text, Tree};

rules! {
    SECTION = error("template-section", "a template has the sections that CloudFormation knows, each an object", "check the spelling of the section", ["E1001", "E1005"]);
    VERSION = error("template-version", "the format version is 2010-09-09", "set AWSTemplateFormatVersion to 2010-09-09", ["E1001"]);
    DESCRIPTION = error("description", "a description is a text of at most 1,024 bytes", "shorten it", ["E1003", "E1004", "E6002"]);
    SIZE = error("template-size", "a template has at most 1,000,000 bytes", "split the stack", ["E1002"]);
    INLINE = note("template-inline", "a template over 51,200 bytes is deployed by way of S3", "nothing; deploy uploads it", []);
    QUOTA = error("template-quota", "a template keeps the quotas: 500 resources, 200 parameters, outputs and mappings", "split the stack", ["E3010", "E2010", "E6010", "E7010"]);
    NAME = error("entry-name", "a name has 1 to 255 letters and digits", "rename it", ["E3006", "E2003", "E6004", "E3001", "E7002"]);
    TWICE = error("name-taken", "a name stands once", "rename one of them", ["E0000", "E3007"]);
    ENTRY = error("entry-shape", "an entry has the members that its section asks for, and no others", "check the spelling of the member", ["E3001", "E2001", "E6001", "E6002", "E6003", "E7001", "E8001"]);
    UNUSED = warning("unused-parameter", "a parameter is used", "use it, or remove it", ["W2001"]);
    UNUSED_CONDITION = warning("unused-condition", "a condition is used", "use it, or remove it", ["W8001"]);
    UNUSED_MAPPING = warning("unused-mapping", "a mapping is used", "use it, or remove it", ["W7001"]);
    POLICY = error("deletion-policy", "DeletionPolicy and UpdateReplacePolicy hold a policy that the type takes", "use Delete, Retain or, where the type has snapshots, Snapshot", ["E3035", "E3036"]);
    POLICY_PAIR = warning("deletion-policy-pair", "DeletionPolicy and UpdateReplacePolicy are set together", "set the other one too", ["W3011"]);
    STATEFUL = warning("stateful-without-policy", "what holds data says what becomes of it", "set DeletionPolicy and UpdateReplacePolicy", ["I3011"]);
    CONDITION = error("condition-shape", "a condition is built of Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition", "rewrite the condition", ["E8001", "E8003", "E8004", "E8005", "E8006", "E8007"]);
    OUTPUT = error("output-value", "an output is a text", "output one of its parts", ["E6101", "E6102"]);
}

/// The rules of parameters, which stand apart for their number.
pub(crate) static PARAMETER_RULES: &[&crate::rule::Rule] = parameter::RULES;

/// The sections that CloudFormation knows, and how many entries each may have.
const SECTIONS: [(&str, usize); 10] = [
    ("AWSTemplateFormatVersion", 0),
    ("Description", 0),
    ("Metadata", usize::MAX),
    ("Parameters", 200),
    ("Mappings", 200),
    ("Rules", usize::MAX),
    ("Conditions", usize::MAX),
    ("Transform", 0),
    ("Resources", 500),
    ("Outputs", 200),
];

/// Types with snapshots.
const SNAPSHOTS: [&str; 8] = [
    "AWS::DocDB::DBCluster",
    "AWS::EC2::Volume",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Neptune::DBCluster",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
];

/// Bytes that CloudFormation takes by way of S3.
const MAX_SIZE: usize = 1_000_000;
/// Bytes that it takes in the call itself.
const MAX_INLINE: usize = 51_200;
/// Bytes of a description.
const MAX_DESCRIPTION: usize = 1_024;

/// Checks the template as a whole.
pub(crate) fn check(cx: &mut Check<'_>) {
    let document = cx.document;
    let root = document.root();
    if !matches!(root, Tree::Map(_)) {
        return cx.report(&SECTION, format!("a template is an object, not {}", root.kind()));
    }
    match document.size() {
        size if size > MAX_SIZE => cx.report(&SIZE, format!("{size} bytes are too many")),
        size if size > MAX_INLINE => cx.report(&INLINE, format!("{size} bytes")),
        _ => {}
    }
    twice(cx, root.members());
    for (name, section) in root.members() {
        cx.below(name, |cx| self::section(cx, name, section));
    }
    if root.get("Resources").is_none() {
        cx.report(&SECTION, "a template has Resources");
    }
    unused(cx);
}

fn section<'a>(cx: &mut Check<'a>, name: &str, section: &'a Tree) {
    let Some((_, most)) = SECTIONS.iter().find(|(known, _)| *known == name) else {
        return cx.report(&SECTION, format!("there is no section {name}"));
    };
    match name {
        "AWSTemplateFormatVersion" if section.text() != Some("2010-09-09") => {
            cx.report(&VERSION, format!("the version is not {section}"));
        }
        "Description" => description(cx, section),
        "AWSTemplateFormatVersion" | "Transform" | "Metadata" | "Rules" => {}
        _ => entries(cx, name, section, *most),
    }
}

fn description(cx: &mut Check<'_>, tree: &Tree) {
    match tree {
        Tree::Text(text) if text.len() <= MAX_DESCRIPTION => {}
        Tree::Text(text) => cx.report(&DESCRIPTION, format!("the description has {} bytes", text.len())),
        other => cx.report(&DESCRIPTION, format!("a description is a text, not {}", other.kind())),
    }
}

fn entries<'a>(cx: &mut Check<'a>, section: &str, tree: &'a Tree, most: usize) {
    let Tree::Map(members) = tree else {
        return cx.report(&SECTION, format!("{section} is an object, not {}", tree.kind()));
    };
    if members.len() > most {
        cx.report(&QUOTA, format!("{} entries, {most} are allowed", members.len()));
    }
    if section == "Resources" && members.is_empty() {
        cx.report(&SECTION, "a template has at least one resource");
    }
    twice(cx, members);
    for (name, entry) in members {
        cx.below(name, |cx| {
            let is_free = section == "Mappings" || section == "Conditions";
            let is_plain = (1..=255).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if !is_plain && !is_free && !name.starts_with("Fn::ForEach::") {
                cx.report(&NAME, format!("`{name}` is no name for an entry of {section}"));
            }
            match section {
                "Parameters" => parameter::check(cx, entry),
                "Mappings" => mapping(cx, entry),
                "Conditions" => condition(cx, entry),
                "Resources" => resource(cx, entry),
                _ => output(cx, entry),
            }
        });
    }
    if section == "Resources" {
        let parameters = cx.document.root().get("Parameters").map_or(&[][..], Tree::members);
        for (name, _) in members {
            if parameters.iter().any(|(parameter, _)| parameter == name) {
                cx.report_at(name, &TWICE, format!("`{name}` is also a parameter"));
            }
        }
    }
}

/// Checks that no member of an object stands twice: readers differ in which one counts.
pub(crate) fn twice<'a>(cx: &mut Check<'a>, members: &'a [(Text, Tree)]) {
    for (at, (name, _)) in members.iter().enumerate() {
        if members[..at].iter().any(|(other, _)| other == name) {
            cx.report_at(name, &TWICE, format!("`{name}` stands twice"));
        }
    }
}

/// Checks that an entry is an object with known members, and has those that are required.
fn shape<'a>(cx: &mut Check<'a>, entry: &'a Tree, known: &[&str], required: &[&str]) -> bool {
    let Tree::Map(members) = entry else {
        cx.report(&ENTRY, format!("an entry is an object, not {}", entry.kind()));
        return false;
    };
    for (name, _) in members {
        if !known.contains(&name.as_ref()) {
            cx.report_at(name, &ENTRY, format!("there is no {name} here"));
        }
    }
    for name in required {
        if entry.get(name).is_none() {
            cx.report(&ENTRY, format!("{name} is required"));
        }
    }
    true
}

fn mapping<'a>(cx: &mut Check<'a>, entry: &'a Tree) {
    let Tree::Map(keys) = entry else {
        return cx.report(&ENTRY, format!("a mapping is an object, not {}", entry.kind()));
    };
    for (key, values) in keys {
        if !matches!(values, Tree::Map(_)) && key != "Fn::Transform" {
            cx.report_at(
                key,
                &ENTRY,
                format!("a mapping has two levels of keys; `{key}` has none below"),
            );
        }
    }
}

fn condition<'a>(cx: &mut Check<'a>, entry: &'a Tree) {
    let (name, argument) = match entry.members() {
        [(name, argument)] => (name.as_ref(), argument),
        _ => return cx.report(&CONDITION, format!("a condition is a function, not {}", entry.kind())),
    };
    cx.below(name, |cx| match (name, argument) {
        ("Condition", Tree::Text(target)) => function::condition(cx, target),
        ("Fn::Equals", Tree::List(sides)) if sides.len() == 2 => cx.each(sides, function::free),
        ("Fn::Not", Tree::List(inner)) if inner.len() == 1 => cx.each(inner, condition),
        ("Fn::And" | "Fn::Or", Tree::List(inner)) if (2..=10).contains(&inner.len()) => cx.each(inner, condition),
        _ => cx.report(&CONDITION, format!("{name} does not take this as a condition")),
    });
}

fn resource<'a>(cx: &mut Check<'a>, entry: &'a Tree) {
    let known = [
        "Condition",
        "CreationPolicy",
        "DeletionPolicy",
        "DependsOn",
        "Metadata",
        "Properties",
        "Type",
        "UpdatePolicy",
        "UpdateReplacePolicy",
        "Version",
    ];
    if !shape(cx, entry, &known, &["Type"]) {
        return;
    }
    let Some(kind) = entry.get("Type").and_then(Tree::text) else {
        return cx.report_at("Type", &ENTRY, "a type is a text");
    };
    let is_named = kind.split("::").count() >= 3 || kind.starts_with("Custom::");
    if !is_named || kind.split("::").any(str::is_empty) {
        cx.report_at("Type", &ENTRY, format!("`{kind}` is no type of a resource"));
    }
    if entry
        .get("Properties")
        .is_some_and(|properties| !matches!(properties, Tree::Map(_)))
    {
        cx.report_at("Properties", &ENTRY, "properties are an object");
    }
    match entry.get("Condition") {
        Some(Tree::Text(name)) => cx.below("Condition", |cx| function::condition(cx, name)),
        Some(other) => cx.report_at(
            "Condition",
            &ENTRY,
            format!("a condition is named, not {}", other.kind()),
        ),
        None => {}
    }
    for name in ["DeletionPolicy", "UpdateReplacePolicy"] {
        let Some(policy) = entry.get(name) else { continue };
        let has_snapshots = SNAPSHOTS.contains(&kind);
        let is_right = match policy.text() {
            Some("Delete" | "Retain") => true,
            Some("Snapshot") => has_snapshots,
            Some("RetainExceptOnCreate") => name == "DeletionPolicy",
            Some(_) => false,
            None => policy.call().is_some(),
        };
        if !is_right {
            cx.report_at(name, &POLICY, format!("{policy} is no {name} of {kind}"));
        }
    }
    let set = (
        entry.get("DeletionPolicy").is_some(),
        entry.get("UpdateReplacePolicy").is_some(),
    );
    let is_stateful = infra_resources::facts(kind).is_some_and(|facts| facts.stateful);
    match set {
        (true, true) => {}
        (false, false) if !is_stateful => {}
        (false, false) => cx.report(&STATEFUL, format!("{kind} holds data")),
        (true, false) => cx.report(&POLICY_PAIR, "UpdateReplacePolicy is missing"),
        (false, true) => cx.report(&POLICY_PAIR, "DeletionPolicy is missing"),
    }
    if is_stateful && set.0 != set.1 {
        cx.report(&STATEFUL, format!("{kind} holds data"));
    }
}

fn output<'a>(cx: &mut Check<'a>, entry: &'a Tree) {
    if !shape(cx, entry, &["Condition", "Description", "Export", "Value"], &["Value"]) {
        return;
    }
    if let Some(text) = entry.get("Description") {
        cx.below("Description", |cx| description(cx, text));
    }
    match entry.get("Condition") {
        Some(Tree::Text(name)) => cx.below("Condition", |cx| function::condition(cx, name)),
        Some(other) => cx.report_at(
            "Condition",
            &ENTRY,
            format!("a condition is named, not {}", other.kind()),
        ),
        None => {}
    }
    if let Some(value) = entry.get("Value") {
        cx.below("Value", |cx| text(cx, value));
    }
    if let Some(export) = entry.get("Export") {
        cx.below("Export", |cx| {
            if shape(cx, export, &["Name"], &["Name"])
                && let Some(name) = export.get("Name")
            {
                cx.below("Name", |cx| text(cx, name));
            }
        });
    }
}

/// An output is a text: a list or an object is none.
fn text<'a>(cx: &mut Check<'a>, value: &'a Tree) {
    static TEXT: infra_core::facts::Shape = infra_core::facts::Shape::Text(&[]);
    match value {
        Tree::Null | Tree::List(_) => cx.report(&OUTPUT, format!("the value is {}", value.kind())),
        Tree::Map(_) if value.call().is_none() => cx.report(&OUTPUT, "the value is an object"),
        value => crate::schema::value(cx, value, &TEXT),
    }
}

/// Parameters, conditions and mappings that nothing names.
fn unused(cx: &mut Check<'_>) {
    let root = cx.document.root();
    let mut named: Vec<&str> = pseudo::ALL.to_vec();
    let mut conditions: Vec<&str> = Vec::new();
    let mut mappings: Vec<&str> = Vec::new();
    root.walk(&mut |tree| {
        match tree.call() {
            Some(("Ref", Tree::Text(name))) => named.push(name),
            Some(("Fn::Sub", argument)) => {
                let pattern = argument.text().or_else(|| argument.items().first()?.text());
                named.extend(function::variables(pattern.unwrap_or_default()));
            }
            Some(("Fn::If", Tree::List(parts))) => conditions.extend(parts.first().and_then(Tree::text)),
            Some(("Fn::FindInMap", Tree::List(parts))) => match parts.first() {
                Some(Tree::Text(name)) => mappings.push(name),
                // Which mapping is meant is known only when the stack is made.
                _ => mappings.extend(
                    root.get("Mappings")
                        .map_or(&[][..], Tree::members)
                        .iter()
                        .map(|(name, _)| name.as_ref()),
                ),
            },
            _ => {}
        }
        conditions.extend(tree.get("Condition").and_then(Tree::text));
    });
    // What a transform or a rule makes of the template is theirs to say.
    if root.get("Transform").is_some() || root.get("Rules").is_some() {
        return;
    }
    let sections = [
        ("Parameters", &named, &UNUSED),
        ("Conditions", &conditions, &UNUSED_CONDITION),
        ("Mappings", &mappings, &UNUSED_MAPPING),
    ];
    for (section, used, rule) in sections {
        for (name, _) in root.get(section).map_or(&[][..], Tree::members) {
            if !used.contains(&name.as_ref()) {
                cx.below(section, |cx| cx.report_at(name, rule, format!("nothing uses `{name}`")));
            }
        }
    }
}
