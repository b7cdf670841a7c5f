use super::{Transformer, explain};
use crate::RequestError;
use crate::reason::{Field, Kind, Reason, Syntax, Unit};

/// 2024-04-07T17:42:03.120Z
const ARRIVAL: i64 = 1_712_511_723_120;

/// An event with the three known fields and `rest` behind them.
fn event(rest: &str) -> String {
    format!(r#"{{"event_uuid":"u","event_name":"a:b","created_at":1712511721{rest}}}"#)
}

#[track_caller]
fn check(event: &str, line: &str) {
    let transformed = explain(event.as_bytes(), ARRIVAL).expect(event);
    assert_eq!(str::from_utf8(&transformed.line).unwrap(), format!("{line}\n"));
}

#[track_caller]
fn check_payload(rest: &str, payload: &str) {
    check(
        &event(rest),
        &format!(
            r#"{{"event_uuid":"u","event_name":"a:b","event_type":"a","event_subtype":"b","created_at":1712511721,"created_datetime":"2024-04-07T17:42:01Z","ingested_at":"2024-04-07T17:42:03.120Z","payload":"{payload}"}}"#
        ),
    );
}

#[track_caller]
fn check_name(name: &str, kind: &str, subkind: &str) {
    check(
        &format!(r#"{{"event_uuid":"u","event_name":"{name}","created_at":0}}"#),
        &format!(
            r#"{{"event_uuid":"u","event_name":"{name}","event_type":"{kind}","event_subtype":{subkind},"created_at":0,"created_datetime":"1970-01-01T00:00:00Z","ingested_at":"2024-04-07T17:42:03.120Z","payload":"{{}}"}}"#
        ),
    );
}

#[track_caller]
fn check_reason(event: impl AsRef<[u8]>, reason: Reason) {
    let event = event.as_ref();
    assert_eq!(
        explain(event, ARRIVAL),
        Err(reason),
        "{}",
        String::from_utf8_lossy(event)
    );
}

#[test]
fn the_event_of_the_brief() {
    let event = br#"{"event_uuid":"78d1b928-7ea0-4b2c-9d3a-4f0c5d1f7a10","event_name":"payment:order:completed","created_at":1712511721.022075,"amount":12.50}"#;
    let transformed = explain(event, ARRIVAL).unwrap();
    assert_eq!(
        str::from_utf8(&transformed.line).unwrap(),
        concat!(
            r#"{"event_uuid":"78d1b928-7ea0-4b2c-9d3a-4f0c5d1f7a10","#,
            r#""event_name":"payment:order:completed","event_type":"payment","event_subtype":"order","#,
            r#""created_at":1712511721.022075,"created_datetime":"2024-04-07T17:42:01Z","#,
            r#""ingested_at":"2024-04-07T17:42:03.120Z","payload":"{\"amount\":12.50}"}"#,
            "\n"
        )
    );
    let partition = transformed.partition.each_ref();
    let partition = partition.map(|(name, value)| (*name, value.as_str()));
    assert_eq!(
        partition,
        [("year", "2024"), ("month", "04"), ("day", "07"), ("hour", "17")]
    );
}

#[test]
fn names_are_split_at_colons() {
    check_name("account:created", "account", r#""created""#);
    check_name("heartbeat", "heartbeat", "null");
    check_name("a:", "a", "null");
    check_name("a::c", "a", "null");
    check_name(":b", "", r#""b""#);
    check_name(":", "", "null");
    check_name("ünï:☃", "ünï", r#""☃""#);
    // An escaped colon is a colon, and a part with a quote stays one string.
    check_name(r"a\u003ab:c", "a", r#""b""#);
    check_name(r#"a\"b:c\\d"#, r#"a\"b"#, r#""c\\d""#);
    check_name(r"\u00e9\n:x", r"é\n", r#""x""#);
}

#[test]
fn the_rest_is_kept_as_it_was_sent() {
    check_payload("", "{}");
    check_payload(r#","n":1.50,"s":"x""#, r#"{\"n\":1.50,\"s\":\"x\"}"#);
    check_payload(r#","s":"\"\\\n""#, r#"{\"s\":\"\\\"\\\\\\n\"}"#);
    check_payload(",\n\t\"n\" :\r1 ", r#"{\"n\" :\r1}"#);
    check_payload(",\"a\": {\n\t\"b\": [1, 2]\n}", r#"{\"a\": {\n\t\"b\": [1, 2]\n}}"#);
    check_payload(r#","a":1,"a":2"#, r#"{\"a\":1,\"a\":2}"#);
    check_payload(r#","n":1e999,"s":"\ud800""#, r#"{\"n\":1e999,\"s\":\"\\ud800\"}"#);
    check_payload(r#","é":"𝄞""#, r#"{\"é\":\"𝄞\"}"#);
    check_payload(r#","\ud800":1"#, r#"{\"\\ud800\":1}"#);
    // Only the outermost names are the lake's.
    check_payload(r#","a":{"event_uuid":1}"#, r#"{\"a\":{\"event_uuid\":1}}"#);
}

#[test]
fn fields_named_like_derived_columns_are_rest() {
    check_payload(
        r#","event_type":1,"payload":{"x":"y"},"created_datetime":null,"ingested_at":2,"event_subtype":[]"#,
        r#"{\"event_type\":1,\"payload\":{\"x\":\"y\"},\"created_datetime\":null,\"ingested_at\":2,\"event_subtype\":[]}"#,
    );
}

#[test]
fn known_fields_stand_anywhere_and_may_be_escaped() {
    let line = r#"{"event_uuid":"u","event_name":"a:b","event_type":"a","event_subtype":"b","created_at":1712511721,"created_datetime":"2024-04-07T17:42:01Z","ingested_at":"2024-04-07T17:42:03.120Z","payload":"{\"x\":1,\"y\":2,\"z\":3}"}"#;
    check(
        r#"{"x":1,"created_at":1712511721,"event_name":"a:b","y":2,"event_uuid":"u","z":3}"#,
        line,
    );
    check(
        r#" { "x":1,"y":2 , "created\u005fat" : 1712511721 , "z":3, "\u0065vent_name":"a:b","event_uuid":"u" } "#,
        line,
    );
}

#[test]
fn long_strings_cross_strides_and_blocks() {
    for length in 0..150 {
        let text = "x".repeat(length);
        check_payload(
            &format!(r#","{text}":"{text}\"{text}""#),
            &format!(r#"{{\"{text}\":\"{text}\\\"{text}\"}}"#),
        );
        // The last of a run has no mark behind it.
        let digits = "7".repeat(length + 1);
        check_payload(&format!(r#","n":{digits}"#), &format!(r#"{{\"n\":{digits}}}"#));
    }
}

#[test]
fn bytes_that_are_no_event_say_why() {
    check_reason("", Reason::Empty);
    check_reason(" \n\t ", Reason::Empty);
    check_reason([0x1f, 0x8b, 8, 0], Reason::Gzip);
    check_reason([0xf3, 0x89, 0x9a, 0xc2, 1], Reason::Aggregated);
    check_reason(b"{\"a\":\"\xff\"}", Reason::NotUtf8 { at: 6 });
    let not_json = |at, syntax| Reason::NotJson { at, syntax };
    check_reason("hello", not_json(0, Syntax::Value));
    check_reason("{", not_json(1, Syntax::End));
    check_reason("[1,", not_json(3, Syntax::End));
    check_reason(r#"{"a":01}"#, not_json(6, Syntax::Number));
    for (value, found) in [
        ("[{}]", Kind::Array),
        ("7", Kind::Number),
        ("\"{}\"", Kind::String),
        ("null", Kind::Null),
        ("false", Kind::Boolean),
    ] {
        check_reason(value, Reason::NotObject { found });
    }
    let deep = event(&format!(",\"a\":{}{}", "[".repeat(127), "]".repeat(127)));
    check_reason(
        &deep,
        Reason::TooDeep {
            at: deep.find("[").unwrap() + 126,
        },
    );
    let two = event("") + "\n" + &event("");
    check_reason(
        &two,
        Reason::TrailingBytes {
            at: event("").len() + 1,
        },
    );
}

#[test]
fn known_fields_that_are_wrong_say_which_and_where() {
    let (uuid, name, created) = (r#""event_uuid":"u""#, r#""event_name":"n""#, r#""created_at":1"#);
    let all = format!("{uuid},{name},{created}");
    for (fields, field) in [
        (format!("{name},{created}"), Field::EventUuid),
        (format!("{uuid},{created}"), Field::EventName),
        (format!("{uuid},{name}"), Field::CreatedAt),
        (String::new(), Field::EventUuid),
    ] {
        check_reason(format!("{{{fields}}}"), Reason::MissingField { field });
    }
    for (fields, field, found, at) in [
        (r#""event_uuid":null"#, Field::EventUuid, Kind::Null, 14),
        (r#""event_name":{"a":1}"#, Field::EventName, Kind::Object, 14),
        (r#""created_at":"1712511721""#, Field::CreatedAt, Kind::String, 14),
    ] {
        check_reason(format!("{{{fields}}}"), Reason::WrongType { field, found, at });
    }
    for (again, field) in [
        (uuid, Field::EventUuid),
        (name, Field::EventName),
        (created, Field::CreatedAt),
    ] {
        let at = all.len() + 2 + again.find(':').unwrap() + 1;
        check_reason(format!("{{{all},{again}}}"), Reason::DuplicateField { field, at });
    }
    check_reason(
        r#"{"event_uuid":"","event_name":"n","created_at":1}"#,
        Reason::EmptyField {
            field: Field::EventUuid,
            at: 14,
        },
    );
    check_reason(
        r#"{"event_name":"","event_uuid":"u","created_at":1}"#,
        Reason::EmptyField {
            field: Field::EventName,
            at: 14,
        },
    );
    check_reason(
        r#"{"event_uuid":"\ud83d","event_name":"n","created_at":1}"#,
        Reason::LoneSurrogate {
            field: Field::EventUuid,
            at: 14,
        },
    );
    check_reason(
        r#"{"event_name":"\ude00:x","event_uuid":"u","created_at":1}"#,
        Reason::LoneSurrogate {
            field: Field::EventName,
            at: 14,
        },
    );
    // What is not JSON is called so, whatever else is wrong.
    check_reason(
        r#"{"event_uuid":1,"x":}"#,
        Reason::NotJson {
            at: 20,
            syntax: Syntax::Value,
        },
    );
}

#[test]
fn times_are_checked_against_the_arrival() {
    let at = |created: &str| format!(r#"{{"event_uuid":"u","event_name":"n","created_at":{created}}}"#);
    check_reason(at("-0.5"), Reason::CreatedNegative);
    check_reason(at("1e999"), Reason::CreatedOutOfRange);
    check_reason(
        at("1712511721022"),
        Reason::CreatedUnit {
            unit: Unit::Milliseconds,
        },
    );
    check_reason(at("1722511721"), Reason::CreatedInFuture);
    assert_eq!(explain(at("1").as_bytes(), -1), Err(Reason::NoArrival));
    assert_eq!(explain(at("1").as_bytes(), i64::MAX), Err(Reason::NoArrival));
}

#[test]
fn sentences_name_the_thing_and_the_place() {
    for (event, code, sentence) in [
        (
            r#"{"event_uuid":"u","event_name":"n","created_at":null}"#,
            "wrong_type",
            "field created_at is null, not a number",
        ),
        ("{", "not_json", "not JSON at byte 1: the text ends too early"),
        ("[]", "not_object", "the event is an array, not an object"),
        ("{}", "missing_field", "field event_uuid is missing"),
    ] {
        let reason = explain(event.as_bytes(), ARRIVAL).unwrap_err();
        assert_eq!((reason.code(), reason.to_string().as_str()), (code, sentence));
    }
}

#[test]
fn a_records_data_is_a_string_in_base64() {
    let mut transformer = Transformer::default();
    let mut answer = |data: &str| {
        let request =
            format!(r#"{{"records":[{{"recordId":"a","approximateArrivalTimestamp":{ARRIVAL},"data":"{data}"}}]}}"#);
        let batch = transformer.transform(request.as_bytes())?;
        Ok(batch.failures.first().map(|failure| failure.reason))
    };
    let encoded = base64_simd::STANDARD.encode_to_string(event(r#","x":"???""#));
    assert!(encoded.contains('/'), "{encoded}");
    assert_eq!(answer(&encoded), Ok(None));
    // As some encoders write it.
    assert_eq!(answer(&encoded.replace('/', r"\/")), Ok(None));
    for text in ["eA", "ä", r"\n", r#"\""#, "e A="] {
        assert_eq!(answer(text), Ok(Some(Reason::NotBase64)), "{text}");
    }
    let not_json = |at, syntax| Err(RequestError::NotJson { at, syntax });
    assert_eq!(answer("eA\n=="), not_json(82, Syntax::ControlCharacter));
    assert_eq!(answer(r"eA\x=="), not_json(83, Syntax::Escape));
}
