use crate::stand_in::{Reply, Request, json as reply, refused, run, start};
use serde_json::{Value, json};
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Athena: a query runs for two looks; its result has a header and comes in two pages.
fn athena(end: &'static str, kind: &'static str) -> String {
    let looks = AtomicUsize::new(0);
    start(move |request| answer(request, end, kind, looks.fetch_add(1, Ordering::Relaxed)))
}

fn answer(request: &Request, end: &str, kind: &str, look: usize) -> Reply {
    let body = request.json();
    let state = if look < 3 { "RUNNING" } else { end };
    let row = |cells: [Value; 2]| {
        json!({"Data": cells.map(|cell| match cell {
            Value::Null => json!({}),
            cell => json!({"VarCharValue": cell}),
        })})
    };
    let columns = json!({"ColumnInfo": [{"Name": "name", "Type": "varchar"}, {"Name": "n", "Type": "bigint"}]});
    reply(
        200,
        match request.operation.as_str() {
            "StartQueryExecution" => {
                assert_eq!(body["QueryString"], "SELECT name, n FROM events");
                assert_eq!(
                    (&body["WorkGroup"], &body["QueryExecutionContext"]["Database"]),
                    (&json!("w"), &json!("d"))
                );
                json!({"QueryExecutionId": "q"})
            }
            "GetQueryExecution" => json!({"QueryExecution": {
                "QueryExecutionId": "q", "StatementType": kind,
                "Status": {"State": state, "StateChangeReason": "COLUMN_NOT_FOUND: line 1:8:\nno such column"},
                "Statistics": {"DataScannedInBytes": 1234},
            }}),
            "GetQueryResults" if body["NextToken"].is_null() => json!({
                "NextToken": "2",
                "ResultSet": {"ResultSetMetadata": columns, "Rows": [row([json!("name"), json!("n")]), row([json!("a"), json!("9223372036854775807")])]},
            }),
            "GetQueryResults" => json!({
                "ResultSet": {"ResultSetMetadata": columns, "Rows": [row([json!("name"), Value::Null])]},
            }),
            "StopQueryExecution" => json!({}),
            other => panic!("{other}"),
        },
    )
}

fn query(endpoint: &str, arguments: &[&str]) -> Output {
    let place = ["query", "--workgroup", "w", "--database", "d"];
    run(
        endpoint,
        &[&place[..], arguments].concat(),
        " SELECT name, n FROM events ;\n",
    )
}

#[test]
fn a_result_is_read_to_its_last_page_without_its_header() {
    let output = query(&athena("SUCCEEDED", "DML"), &["-", "--format", "json"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        text,
        "[\n{\"name\":\"a\",\"n\":9223372036854775807},\n{\"name\":\"name\",\"n\":null}\n]\n"
    );
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.starts_with("2 rows, 1.2 kB scanned, "), "{said}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn what_is_no_select_has_no_header() {
    let output = query(&athena("SUCCEEDED", "UTILITY"), &["-", "--format", "csv"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text, "name,n\r\nname,n\r\na,9223372036854775807\r\nname,\r\n");
}

#[test]
fn a_failure_is_athenas_reason_in_one_sentence() {
    let output = query(&athena("FAILED", "DML"), &["-"]);
    refused(
        &output,
        "error: the query failed: COLUMN_NOT_FOUND: line 1:8: no such column",
    );
    assert!(output.stdout.is_empty());
}

#[test]
fn a_query_that_is_too_slow_is_stopped() {
    let output = query(&athena("RUNNING", "DML"), &["-", "--timeout", "100ms"]);
    refused(
        &output,
        "the query was not done after 0.1 s and was stopped; give more with --timeout",
    );
}
