//! DynamoDB and Kinesis: keys, attributes, capacity.

use std::collections::BTreeSet;

use crate::check::{Check, Resource};
use crate::rule::rules;
use crate::tree::Tree;

rules! {
    ATTRIBUTES = error("table-attributes", "the attributes that are defined are those of the keys", "define each attribute of a key, and no other", ["E3039"]);
    KEYS = error("table-keys", "a key schema is one HASH key, then at most one RANGE key", "put the HASH key first", []);
    ON_DEMAND = error("table-on-demand", "a table that is paid per request has no provisioned throughput", "remove ProvisionedThroughput", ["E3638"]);
    PROVISIONED = error("table-provisioned", "a provisioned table has a throughput", "set ProvisionedThroughput, or BillingMode to PAY_PER_REQUEST", ["E3639"]);
    SHARDS = error("stream-shards", "a provisioned stream has a ShardCount, one on demand has none", "set ShardCount for PROVISIONED only", []);
}

pub(super) fn table<'a>(cx: &mut Check<'a>, resource: Resource<'a>) {
    let lists = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"];
    let indexes = lists
        .iter()
        .flat_map(|name| resource.at(name).map_or(&[][..], Tree::items));
    let schemas: Vec<&Tree> = resource
        .at("KeySchema")
        .into_iter()
        .chain(indexes.filter_map(|index| index.get("KeySchema")))
        .collect();
    // Whoever computes a part of it knows better.
    let is_open = |tree: &&Tree| tree.call().is_some() || tree.items().iter().any(|item| item.call().is_some());
    let definitions = resource.at("AttributeDefinitions");
    if !schemas.iter().any(is_open) && definitions.is_some_and(|tree| !is_open(&tree)) {
        let names = |trees: &mut dyn Iterator<Item = &'a Tree>| -> BTreeSet<&'a str> {
            trees.filter_map(|item| item.get("AttributeName")?.text()).collect()
        };
        let used = names(&mut schemas.iter().flat_map(|schema| schema.items()));
        let defined = names(&mut definitions.into_iter().flat_map(Tree::items));
        if used != defined {
            let odd: Vec<&str> = used.symmetric_difference(&defined).copied().collect();
            cx.report_at(
                "AttributeDefinitions",
                &ATTRIBUTES,
                format!("{} stands on one side only", odd.join(", ")),
            );
        }
    }
    for schema in schemas {
        let kinds: Vec<&str> = schema
            .items()
            .iter()
            .filter_map(|key| key.get("KeyType")?.text())
            .collect();
        if kinds.len() == schema.items().len() && !matches!(kinds.as_slice(), [] | ["HASH"] | ["HASH", "RANGE"]) {
            cx.report_at("KeySchema", &KEYS, format!("the keys are {}", kinds.join(", ")));
        }
    }
    let has_throughput = resource.at("ProvisionedThroughput").is_some();
    match resource.at("BillingMode") {
        Some(Tree::Text(mode)) if mode == "PAY_PER_REQUEST" && has_throughput => {
            cx.report_at("ProvisionedThroughput", &ON_DEMAND, "the table is paid per request");
        }
        Some(Tree::Text(mode)) if mode == "PAY_PER_REQUEST" => {}
        Some(mode) if mode.call().is_some() => {}
        _ if !has_throughput => cx.report(&PROVISIONED, "ProvisionedThroughput is required"),
        _ => {}
    }
}

pub(super) fn stream<'a>(cx: &mut Check<'a>, resource: Resource<'a>) {
    let mode = resource.at("StreamModeDetails.StreamMode");
    let has_shards = resource.at("ShardCount").is_some();
    match (mode.and_then(Tree::text), has_shards) {
        (Some("ON_DEMAND"), true) => cx.report_at("ShardCount", &SHARDS, "the stream is on demand"),
        (Some("PROVISIONED"), false) => cx.report(&SHARDS, "ShardCount is required"),
        (None, false) if mode.is_none() => cx.report(&SHARDS, "ShardCount is required"),
        _ => {}
    }
}
