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
    let good: Vec<String> = (0..200).map(event).collect();
    let transform = Transform::of(&lake)?;

    transform.set(&json!({}))?;
    fs::write(&input, good.join("\n") + "\nno event\nnor this\n")?;
    assert_eq!(lake.produce(&input)?["acknowledged"], 202);
    eventually(|| Ok((lake.quarantine()?.len() == 202).then_some(())))?;
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
    let left = lake.quarantine()?;
    assert_eq!(left.len(), 2, "{left:?}");
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
