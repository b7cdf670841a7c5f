//! What holds for every type: tags, ARNs, names that clash.

use std::collections::BTreeMap;

use crate::check::{Check, Resource};
use crate::rule::rules;
use crate::tree::Tree;
use infra_core::facts::Tags;

rules! {
    TAG_TWICE = error("tag-twice", "a resource has each tag once", "remove the second one", ["E3024"]);
    TAG_RESERVED = error("tag-reserved", "no tag begins with aws:", "rename the tag", ["E3024"]);
    PARTITION = note("arn-partition", "an ARN names the partition by AWS::Partition", "write arn:${AWS::Partition}: in Fn::Sub", ["I3042"]);
    PLACE = warning("arn-account-region", "an ARN names account and region by pseudo parameters", "write ${AWS::AccountId} and ${AWS::Region} in Fn::Sub", ["I3042"]);
    IDENTITY = error("identity-clash", "no two resources of a type have the same identity", "rename one of them", ["E3019"]);
}

pub(super) fn tags<'a>(cx: &mut Check<'a>, resource: Resource<'a>) {
    let Some(facts) = resource.facts else { return };
    let (property, keys): (&str, Vec<&str>) = match facts.tags {
        Tags::None => return,
        Tags::List(property) => {
            let tags = resource.at(property).map_or(&[][..], Tree::items);
            (property, tags.iter().filter_map(|tag| tag.get("Key")?.text()).collect())
        }
        Tags::Map(property) => {
            let tags = resource.at(property).map_or(&[][..], Tree::members);
            (property, tags.iter().map(|(key, _)| key.as_ref()).collect())
        }
    };
    for (at, key) in keys.iter().enumerate() {
        if keys[..at].contains(key) {
            cx.report_at(property, &TAG_TWICE, format!("`{key}` stands twice"));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            cx.report_at(property, &TAG_RESERVED, format!("`{key}` is AWS's own"));
        }
    }
}

pub(super) fn arns<'a>(cx: &mut Check<'a>, resource: Resource<'a>) {
    let mut hard_coded = Vec::new();
    resource.properties.walk(&mut |tree| {
        if let Tree::Text(text) = tree
            && text.starts_with("arn:")
        {
            hard_coded.push(text);
        }
    });
    for text in hard_coded {
        let mut parts = text.split(':').skip(1);
        let (partition, region, account) = (parts.next(), parts.nth(1), parts.next());
        // What belongs to AWS itself, such as managed policies, is found in one account: aws.
        let is_digits = |account: &str| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        if partition.is_some_and(|partition| partition.starts_with("aws")) {
            cx.report(&PARTITION, format!("`{text}` has a fixed partition"));
        }
        let is_region = region.is_some_and(|region| region.split('-').count() >= 3 && !region.contains('$'));
        if is_region || account.is_some_and(is_digits) {
            cx.report(&PLACE, format!("`{text}` has a fixed account or region"));
        }
    }
}

pub(super) fn identifiers(cx: &mut Check<'_>) {
    let mut seen = BTreeMap::new();
    for at in 0..cx.resources.len() {
        let resource = cx.resources[at];
        // Two of which only one is ever made may share a name.
        if resource.body.get("Condition").is_some() {
            continue;
        }
        let Some(facts) = resource.facts.filter(|facts| !facts.primary_identifier.is_empty()) else {
            continue;
        };
        let values = facts
            .primary_identifier
            .iter()
            .map(|name| resource.at(name).map(identity));
        let Some(values) = values.collect::<Option<Vec<String>>>() else {
            continue;
        };
        if let Some(other) = seen.insert((resource.kind, values), resource.id) {
            for (id, other) in [(resource.id, other), (other, resource.id)] {
                cx.below("Resources", |cx| {
                    cx.report_at(id, &IDENTITY, format!("{other} has the same identity"));
                });
            }
        }
    }
}

/// A value as a text that equals another one where the two name the same.
fn identity(tree: &Tree) -> String {
    crate::function::resolve(tree).unwrap_or_else(|| format!("{tree:?}"))
}
