use super::{Record, Records, RequestError, read};
use crate::reason::Syntax;
use crate::scan::Fault;

/// Keeps what it is told.
#[derive(Default)]
struct Kept(Vec<Record>);

impl Records for Kept {
    fn begin(&mut self) {
        self.0.clear();
    }

    fn record(&mut self, record: &Record) -> Result<(), Fault> {
        self.0.push(record.clone());
        Ok(())
    }
}

/// What is read of each record: id, data, arrival, metadata.
type Read<'t> = (&'t str, Option<&'t str>, Option<i64>, Option<&'t str>);

#[track_caller]
fn check(request: &str, expected: Result<&[Read<'_>], RequestError>) {
    let mut records = Kept::default();
    let found = read(request.as_bytes(), &mut records).map(|()| {
        let records = records.0.iter();
        records
            .map(|record| {
                let data = record.data.clone().map(|span| &request[span]);
                let metadata = record.metadata.clone().map(|span| &request[span]);
                (&request[record.id.clone()], data, record.arrival, metadata)
            })
            .collect::<Vec<_>>()
    });
    assert_eq!(found.as_deref(), expected.as_ref().map(|all| *all), "{request}");
}

#[test]
fn records_are_read_in_any_dress() {
    check(r#"{"records":[]}"#, Ok(&[]));
    check(
        r#"{"invocationId":"i","records":[{"recordId":"a","approximateArrivalTimestamp":7,"data":"eA=="}]}"#,
        Ok(&[("a", Some("eA=="), Some(7), None)]),
    );
    check(
        " { \"records\" : [ { \"data\" : \"eA==\" ,\n\"recordId\":\"a\\\"b\" } , {\"recordId\":\"\"} ] , \"x\" : [{}] } ",
        Ok(&[("a\\\"b", Some("eA=="), None, None), ("", None, None, None)]),
    );
    check(
        r#"{"records":[{"recordId":"a","data":null,"approximateArrivalTimestamp":1.5,"kinesisRecordMetadata":{"sequenceNumber":"9","x":{}},"new":[1]}]}"#,
        Ok(&[("a", None, None, Some(r#"{"sequenceNumber":"9","x":{}}"#))]),
    );
    check(
        r#"{"records":[{"recordId":"a","approximateArrivalTimestamp":99999999999999999999}]}"#,
        Ok(&[("a", None, None, None)]),
    );
}

#[test]
fn the_last_of_two_members_counts() {
    check(
        r#"{"records":[{"recordId":"a"}],"records":[{"recordId":"b","recordId":"c","data":"eA==","data":"eQ=="}]}"#,
        Ok(&[("c", Some("eQ=="), None, None)]),
    );
    check(r#"{"records":[{"recordId":"a"}],"records":[]}"#, Ok(&[]));
}

#[test]
fn data_ends_where_its_string_ends() {
    let data = |text: &str| format!(r#"{{"records":[{{"recordId":"a","data":"{text}"}}]}}"#);
    for text in ["", "eA==", r"\\", r#"\""#, r"a\/b", r#"\\\"x"#, r"\u002f"] {
        check(&data(text), Ok(&[("a", Some(text), None, None)]));
    }
    let at = data("").find(r#""}"#).unwrap();
    let not_json = |at, syntax| Err(RequestError::NotJson { at, syntax });
    check(&data(r"\"), not_json(at + 5, Syntax::End));
    check(&data(r"\x\"), not_json(at + 1, Syntax::Escape));
    // Nobody decodes the first one of two.
    check(&data("\u{1}\",\"data\":\""), not_json(at, Syntax::ControlCharacter));
}

#[test]
fn what_names_no_records_is_refused_as_a_whole() {
    for request in ["{}", "[]", "null", r#"{"Records":[]}"#, r#"{"records":{}}"#] {
        check(request, Err(RequestError::NoRecords));
    }
    for (record, index) in [
        (r#"{"recordId":"a"},{"data":"eA=="}"#, 1),
        (r#"{"recordId":7}"#, 0),
        ("7", 0),
    ] {
        let request = format!(r#"{{"records":[{record}]}}"#);
        check(&request, Err(RequestError::NoRecordId { index }));
    }
    let not_json = |at, syntax| Err(RequestError::NotJson { at, syntax });
    check("", not_json(0, Syntax::End));
    check(r#"{"records":[{"recordId":"a"}"#, not_json(28, Syntax::End));
    check(r#"{"records":[{"recordId":"a"},]}"#, not_json(29, Syntax::Value));
    check(
        "{\"records\":[{\"recordId\":\"a\u{1}\"}]}",
        not_json(26, Syntax::ControlCharacter),
    );
    check(r#"{"records":[]}x"#, Err(RequestError::TrailingBytes { at: 14 }));
    let deep = format!(r#"{{"x":{}}}"#, "[".repeat(200));
    check(&deep, Err(RequestError::TooDeep { at: 131 }));
}

#[test]
fn an_id_that_is_not_utf8_cannot_be_repeated() {
    let request = b"{\"records\":[{\"recordId\":\"\xff\"}]}";
    let refusal = read(request, &mut Kept::default());
    assert_eq!(refusal, Err(RequestError::NoRecordId { index: 0 }));
}
