//! What Firehose could not deliver, because the transform was broken, is sent again once it is whole.

use std::fs;

use anyhow::{Result, ensure};
use lake::contract::{ERROR_PREFIX, output};
use localstack_tests::objects::Bucket;
use localstack_tests::repair::{event, said, settled};
use localstack_tests::{Lake, endpoint, eventually, http};
use serde_json::{Value, json};

#[test]
fn what_a_broken_transform_left_behind_is_sent_again() -> Result<()> {
    let lake = Lake::deploy_with(&["lake.delivery=firehose"])?;
    let bucket = Bucket::open(lake.output(output::DATA_BUCKET_NAME)?)?;
    let input = lake.folder().join("events.jsonl");
    let lines = |numbers: std::ops::Range<usize>| numbers.map(|number| event(number) + "\n").collect::<String>();
    let transform = Transform::of(&lake)?;

    transform.set(&json!({}))?;
    // Objects of good events alone, and then some with others among them.
    for (text, failed) in [(lines(0..100), 100), (lines(100..200) + "no event\nnor this\n", 202)] {
        fs::write(&input, text)?;
        lake.produce(&input)?;
        eventually(|| Ok((lake.quarantine()?.len() == failed).then_some(())))?;
    }
    transform.set(&transform.variables)?;

    let before = bucket.keys(ERROR_PREFIX)?;
    let redrive = |options: &[&str]| said(lake.cli("redrive").args(["--from", "errors", "--json"]).args(options));
    let expected = |redriven: u64, sources: usize| {
        json!({
            "found": redriven + 2, "redriven": redriven, "already_there": 0, "still_bad": 2, "expired": 0,
            "sources": sources, "unreadable": 0,
        })
    };
    assert_eq!(redrive(&["--dry-run"])?, expected(200, before.len()));
    assert_eq!(bucket.keys(ERROR_PREFIX)?, before);
    assert_eq!(redrive(&[])?, expected(200, before.len()));
    settled(&lake, 200, 200)?;
    // The two that are no events are where they were, and nothing else is.
    let (left, objects) = (lake.quarantine()?, bucket.keys(ERROR_PREFIX)?.len());
    assert!(
        left.len() == 2 && objects <= 2 && objects < before.len(),
        "{objects} objects: {left:?}"
    );
    assert_eq!(redrive(&[])?["redriven"], 0);
    settled(&lake, 200, 200)
}

/// The transform's variables, without which it does not start.
struct Transform {
    url: String,
    variables: Value,
}

impl Transform {
    fn of(lake: &Lake) -> Result<Self> {
        let name = lake.output(output::TRANSFORM_FUNCTION_NAME)?;
        let url = format!("{}/2015-03-31/functions/{name}/configuration", endpoint()?);
        let variables = http::send("GET", &url, &[], "")?.json()?["Environment"]["Variables"].clone();
        ensure!(variables.is_object(), "{name} has no variables");
        Ok(Transform { url, variables })
    }

    fn set(&self, variables: &Value) -> Result<()> {
        let body = json!({ "Environment": { "Variables": variables } });
        let answer = http::send("PUT", &self.url, &[], &body.to_string())?;
        ensure!(answer.status == 200, "{}", answer.body);
        Ok(())
    }
}
