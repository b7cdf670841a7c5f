use std::collections::BTreeSet;

use super::{
    COLUMNS, DATASET, ERROR_PREFIX, ERROR_ROOT, PARTITIONS, QUERIES, RAW_PREFIX, error_output_prefix, error_prefix,
    prefix, raw_prefix,
};

#[test]
fn prefixes_name_the_dataset_and_every_partition_key() {
    assert_eq!(RAW_PREFIX, raw_prefix(DATASET));
    assert_eq!(ERROR_PREFIX, error_prefix(DATASET));
    assert!(ERROR_PREFIX.starts_with(ERROR_ROOT));
    assert_eq!(
        prefix("events"),
        "raw/events/year=!{partitionKeyFromLambda:year}/month=!{partitionKeyFromLambda:month}/\
         day=!{partitionKeyFromLambda:day}/hour=!{partitionKeyFromLambda:hour}/"
    );
    assert_eq!(
        error_output_prefix("events"),
        "errors/events/!{firehose:error-output-type}/"
    );
}

#[test]
fn names_are_unique_and_in_the_catalogs_case() {
    let names: Vec<&str> = COLUMNS
        .iter()
        .map(|column| column.name)
        .chain(PARTITIONS.iter().map(|partition| partition.name))
        .collect();
    let unique: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(unique.len(), names.len());
    for name in names {
        assert!(
            name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
            "{name} would be folded by Glue"
        );
    }
}

#[test]
fn comments_fit_the_catalog() {
    // Glue's limit for a column comment is 255 bytes.
    for comment in COLUMNS
        .iter()
        .map(|column| column.comment)
        .chain(PARTITIONS.iter().map(|partition| partition.comment))
    {
        assert!((1..=255).contains(&comment.len()), "{comment}");
    }
}

#[test]
fn queries_are_one_statement_over_the_dataset() {
    let mut names = BTreeSet::new();
    for query in QUERIES {
        assert!(names.insert(query.name), "{} twice", query.name);
        assert!(!query.sql.contains(';'), "{} holds a semicolon", query.name);
        assert!(
            query.sql.contains(&format!("FROM {DATASET}\n")),
            "{} does not read the dataset",
            query.name
        );
        assert!(!query.description.ends_with('.'));
    }
}
