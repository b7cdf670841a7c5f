use crate::stand_in::{Reply, Request, refused, run, start};
use serde_json::{Value, json};

const PREFIX: &str = "errors/events/";

fn document(data: &[u8], code: &str) -> String {
    let data = base64_simd::STANDARD.encode_to_string(data);
    let document = json!({
        "rawData": data, "errorCode": code, "errorMessage": "Firehose's words", "attemptsMade": 1,
        "arrivalTimestamp": 1_790_000_000_000_i64, "attemptEndingTimestamp": 1_790_000_060_000_i64,
        "lambdaARN": "arn:aws:lambda:eu-west-2:000000000000:function:f",
    });
    format!("{document}\n")
}

/// S3 with two objects, listed on two pages.
fn answer(request: &Request) -> Reply {
    let listing = |key: &str, more: &str| {
        format!(
            "<?xml version=\"1.0\"?><ListBucketResult><Contents><Key>{PREFIX}{key}</Key>\
             <LastModified>2026-09-21T14:14:20.000Z</LastModified><Size>1</Size></Contents>{more}</ListBucketResult>"
        )
    };
    let good = br#"{"event_uuid":"1","event_name":"a:b","created_at":1789999999}"#;
    let text = match request.path.as_str() {
        path if path.starts_with("/missing") => {
            return (
                404,
                b"<Error><Code>NoSuchBucket</Code><Message>no</Message></Error>".to_vec(),
            );
        }
        path if path.contains("continuation-token=2") => listing("processing-failed/b", ""),
        path if path.contains("list-type=2") => {
            assert!(
                path.starts_with("/data/?") || path.starts_with("/data?"),
                "not path style: {path}"
            );
            let more = "<IsTruncated>true</IsTruncated><NextContinuationToken>2</NextContinuationToken>";
            listing("format-conversion-failed/a", more)
        }
        path if path.contains("conversion") => document(good, "DataFormatConversion.ParseError"),
        _ => document(b"{\"event_uuid\":\"2\"}", "Lambda.ProcessingFailedStatus") + "{\"errorCode\":1}\n",
    };
    (200, text.into_bytes())
}

#[test]
fn every_record_has_a_reason_and_a_broken_document_a_place() {
    let output = run(
        &start(answer),
        &["quarantine", "--bucket", "data", "--prefix", PREFIX, "--json"],
        "",
    );
    let findings: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let seen = |at: usize, field: &str| findings[at][field].as_str().unwrap_or_default().to_owned();
    assert_eq!(findings.as_array().map(Vec::len), Some(2));
    assert_eq!(
        ["type", "code", "reason"].map(|field| seen(0, field)),
        [
            "format-conversion-failed",
            "DataFormatConversion.ParseError",
            "Firehose's words"
        ]
    );
    assert_eq!(
        ["type", "code", "reason"].map(|field| seen(1, field)),
        ["processing-failed", "missing_field", "field event_name is missing"]
    );
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains(
            "s3://data/errors/events/processing-failed/b line 2 is no error document: it has neither rawData nor data"
        ),
        "{said}"
    );
    assert!(said.contains("2 records in 2 objects\n"), "{said}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_bucket_that_is_not_there_is_said() {
    let output = run(&start(answer), &["quarantine", "--bucket", "missing"], "");
    refused(&output, "there is no bucket missing; deploy the stack first");
}
