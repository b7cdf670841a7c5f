//! Backfills of a lake with Firehose: archives in S3, and the stream's own past, go the whole way again.

use std::fs;
use std::io::Write as _;

use anyhow::{Context as _, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use lake::contract::output;
use localstack_tests::Lake;
use localstack_tests::objects::Bucket;
use localstack_tests::repair::{event, failed, said, settled};
use serde_json::json;

#[test]
fn archives_and_the_streams_past_go_the_whole_way_again() -> Result<()> {
    let lake = Lake::deploy_with(&["lake.delivery=firehose"])?;
    let input = lake.folder().join("events.jsonl");
    fs::write(&input, lines(0..300))?;
    lake.produce(&input)?;
    settled(&lake, 300, 300)?;
    objects_of_s3_are_filled_in(&lake)?;
    a_range_of_the_stream_is_sent_once_more(&lake)
}

fn lines(numbers: std::ops::Range<usize>) -> String {
    numbers.map(|number| event(number) + "\n").collect()
}

fn objects_of_s3_are_filled_in(lake: &Lake) -> Result<()> {
    let name = lake.output(output::DATA_BUCKET_NAME)?;
    let bucket = Bucket::open(name.clone())?;
    let mut compressed = GzEncoder::new(Vec::new(), Compression::fast());
    compressed.write_all(lines(400..500).as_bytes())?;
    bucket.put("archive/1.jsonl", (lines(300..400) + "no event\n").into_bytes())?;
    bucket.put("archive/2.jsonl.gz", compressed.finish()?)?;
    bucket.put("elsewhere/3.jsonl", lines(900..901).into_bytes())?;

    let place = format!("s3://{name}/archive/");
    let mut backfill = lake.cli("backfill");
    backfill.args(["--input", &place, "--json"]);
    let (account, stderr) = failed(&mut backfill, 1)?;
    assert_eq!(account, json!({ "read": 201, "sent": 200, "refused": 1, "skipped": 0 }));
    let refused = format!("s3://{name}/archive/1.jsonl line 101 is refused");
    assert!(stderr.contains(&refused), "{stderr}");
    settled(lake, 500, 500)?;

    let again = json!({ "read": 201, "sent": 0, "refused": 0, "skipped": 201 });
    assert_eq!(said(&mut backfill)?, again);
    let nothing = lake
        .cli("backfill")
        .args(["--input", &format!("s3://{name}/nothing/")])
        .output()?;
    let stderr = String::from_utf8(nothing.stderr)?;
    assert!(
        nothing.status.code() == Some(1) && stderr.contains("there is no object below"),
        "{stderr}"
    );
    settled(lake, 500, 500)
}

fn a_range_of_the_stream_is_sent_once_more(lake: &Lake) -> Result<()> {
    let checkpoint = lake.folder().join("checkpoint.json");
    let mut backfill = lake.cli("backfill");
    backfill
        .args(["--stream", "--from", "2026-01-01T00:00:00Z", "--json", "--checkpoint"])
        .arg(&checkpoint);
    // The archives are packed into records, which go as they are.
    let account = said(&mut backfill)?;
    let records = account["read"].as_u64().context("a count")?;
    assert!((300..500).contains(&records), "{account}");
    assert_eq!(
        account,
        json!({ "read": records, "sent": records, "refused": 0, "skipped": 0 })
    );
    settled(lake, 1_000, 500)?;
    let rows = lake.query("deduplicated")?;
    assert_eq!(rows.len(), 500);

    // What has been sent is on the stream, too, and is none of what was to be sent.
    let again = json!({ "read": records, "sent": 0, "refused": 0, "skipped": records });
    assert_eq!(said(&mut backfill)?, again);
    settled(lake, 1_000, 500)
}
