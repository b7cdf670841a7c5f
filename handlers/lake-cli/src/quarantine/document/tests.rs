use super::{Document, Refused, read};
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof};
use proptest::{collection, option, proptest};

fn document(data: &[u8]) -> Document {
    Document {
        data: data.to_vec(),
        ..Document::default()
    }
}

#[test]
fn the_two_shapes_of_firehose_are_read() {
    let failed = br#"{"rawData":"bm8=","errorCode":"Lambda.ProcessingFailedStatus","errorMessage":"ProcessingFailed status set for record","attemptsMade":1,"arrivalTimestamp":1790000000123,"attemptEndingTimestamp":1790000060000,"lambdaARN":"arn:aws:lambda:eu-west-2:000000000000:function:f"}"#;
    let wanted = Document {
        error_code: Some("Lambda.ProcessingFailedStatus".to_owned()),
        error_message: Some("ProcessingFailed status set for record".to_owned()),
        arrival_ms: Some(1_790_000_000_123),
        ended_ms: Some(1_790_000_060_000),
        attempts: Some(1),
        function: Some("arn:aws:lambda:eu-west-2:000000000000:function:f".to_owned()),
        ..document(b"no")
    };
    assert_eq!(read(failed), [Ok(wanted)]);
    let unconverted = br#"{"attemptsMade":"1","arrivalTimestamp":"1790000000123","lastErrorCode":"DataFormatConversion.ParseError","lastErrorMessage":null,"rawData":"","sequenceNumber":"4","dataCatalogTable":{"rawData":"x"}}"#;
    let wanted = Document {
        error_code: Some("DataFormatConversion.ParseError".to_owned()),
        arrival_ms: Some(1_790_000_000_123),
        attempts: Some(1),
        ..document(b"")
    };
    assert_eq!(read(unconverted), [Ok(wanted)]);
}

#[test]
fn the_direct_writers_lines_bring_their_reason() {
    let line = br#"{"reason":"not_json","error":"not JSON at byte 5","sequence":"49","event":null,"arrival_ms":1790000000123,"data":"bm8="}"#;
    let wanted = Document {
        arrival_ms: Some(1_790_000_000_123),
        refused: Some(Refused {
            code: "not_json".to_owned(),
            words: "not JSON at byte 5".to_owned(),
        }),
        ..document(b"no")
    };
    assert_eq!(read(line), [Ok(wanted)]);
}

#[test]
fn what_is_no_error_document_is_said() {
    let one = |line: &[u8]| match &read(line)[..] {
        [Err(why)] => why.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(one(br#"{"errorCode":"x"}"#), "it has neither rawData nor data");
    assert_eq!(one(br#"{"rawData":null}"#), "it has neither rawData nor data");
    assert_eq!(one(br#"{"rawData":"*"}"#), "its data is not base64");
    assert!(one(b"[1]").contains("expected an error document"));
    assert!(one(br#"{"rawData":"bm8="#).contains("EOF"));
    assert!(one(b"\xff").contains("expected value"));
    let mixed = read(br#"{"rawData":"bm8="} {"rawData":1} {"rawData":"bm8="}"#);
    assert!(matches!(&mixed[..], [Ok(_), Err(_)]), "{mixed:?}");
}

/// A member's name in one of the spellings that are about.
fn spelt(name: &'static str) -> impl Strategy<Value = String> {
    let mut upper = name.to_owned();
    upper[..1].make_ascii_uppercase();
    prop_oneof![
        Just(name.to_owned()),
        Just(upper.clone()),
        Just(name.to_uppercase()),
        Just(format!("last{upper}"))
    ]
}

fn written() -> impl Strategy<Value = (String, Document)> {
    let names = (
        spelt("rawData"),
        spelt("errorCode"),
        spelt("errorMessage"),
        spelt("arrivalTimestamp"),
        spelt("attemptsMade"),
        spelt("lambdaArn"),
    );
    let text = || option::of(any::<String>());
    let values = (
        collection::vec(any::<u8>(), 0..60),
        text(),
        text(),
        option::of(any::<i64>()),
        any::<bool>(),
    );
    (names, values, any::<u64>()).prop_map(|(names, (data, code, message, arrival, quoted), order)| {
        let json = |text: &Option<String>| serde_json::to_string(text).expect("text");
        let base64 = base64_simd::STANDARD.encode_to_string(&data);
        let arrival_text = match (arrival, quoted) {
            (Some(ms), true) => format!("\"{ms}\""),
            (Some(ms), false) => ms.to_string(),
            (None, _) => "null".to_owned(),
        };
        let mut members = vec![
            format!("\"{}\":\"{base64}\"", names.0),
            format!("\"{}\":{}", names.1, json(&code)),
            format!("\"{}\":{}", names.2, json(&message)),
            format!("\"{}\":{arrival_text}", names.3),
            format!("\"{}\":3", names.4),
            format!("\"{}\":\"arn\"", names.5),
            r#""other":{"rawData":[1]}"#.to_owned(),
        ];
        fastrand::Rng::with_seed(order).shuffle(&mut members);
        let document = Document {
            data,
            error_code: code,
            error_message: message,
            arrival_ms: arrival,
            ended_ms: None,
            attempts: Some(3),
            function: Some("arn".to_owned()),
            refused: None,
        };
        (format!("{{{}}}", members.join(", ")), document)
    })
}

proptest! {
    #[test]
    fn any_spelling_and_order_reads_the_same(
        documents in collection::vec((written(), prop_oneof![Just(""), Just(" ")]), 1..4),
    ) {
        let line: String = documents.iter().map(|((text, _), gap)| format!("{text}{gap}")).collect();
        let wanted: Vec<_> = documents.into_iter().map(|((_, document), _)| Ok(document)).collect();
        prop_assert_eq!(read(line.as_bytes()), wanted);
    }

    #[test]
    fn no_line_is_passed_over_in_silence(line in collection::vec(any::<u8>(), 1..80)) {
        let blank = line.iter().all(|byte| b" \t\r\n".contains(byte));
        prop_assert!(blank || !read(&line).is_empty());
    }
}
