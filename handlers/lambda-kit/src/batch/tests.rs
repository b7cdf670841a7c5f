use serde_json::{Value, json};

use super::{dynamodb, kinesis};

#[test]
fn a_kinesis_batch_is_read_as_lambda_sends_it() {
    let event = json!({"Records": [
        {
            "kinesis": {
                "kinesisSchemaVersion": "1.0", "partitionKey": "12345",
                "sequenceNumber": "49590338271490256608559692538361571095921575989136588898",
                "data": "eyJhIjoxfQ==", "approximateArrivalTimestamp": 1_767_992_400.987,
            },
            "eventSource": "aws:kinesis", "eventVersion": "1.0",
            "eventID": "shardId-000000000006:49590338271490256608559692538361571095921575989136588898",
            "eventName": "aws:kinesis:record", "invokeIdentityArn": "arn:aws:iam::123456789012:role/role",
            "awsRegion": "eu-west-2", "eventSourceARN": "arn:aws:kinesis:eu-west-2:123456789012:stream/programmes",
        },
        {"kinesis": {"sequenceNumber": "2", "data": "%%%"}},
    ]});
    let kinesis::Event { records } = serde_json::from_value(event).unwrap();
    assert_eq!(
        records[0],
        kinesis::Record {
            shard: "shardId-000000000006".to_owned(),
            sequence_number: "49590338271490256608559692538361571095921575989136588898".to_owned(),
            partition_key: "12345".to_owned(),
            arrived: Some(1_767_992_400.987),
            data: Ok(br#"{"a":1}"#.to_vec()),
        }
    );
    assert_eq!((&records[1].data, records[1].arrived), (&Err("%%%".to_owned()), None));
}

#[test]
fn a_tables_batch_is_read_as_lambda_sends_it() {
    let event = json!({"Records": [
        {
            "eventID": "c4ca4238a0b923820dcc509a6f75849b", "eventName": "MODIFY", "eventVersion": "1.1",
            "eventSource": "aws:dynamodb", "awsRegion": "eu-west-2",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_767_992_400, "SequenceNumber": "4421584500000000017450439092",
                "SizeBytes": 59, "StreamViewType": "NEW_AND_OLD_IMAGES",
                "Keys": {"PK": {"S": "programme:1"}, "SK": {"S": "slot"}},
                "OldImage": {"ttl": {"N": "1768597200"}, "PK": {"S": "programme:1"}},
                "NewImage": {
                    "rating": {"N": "7.6"}, "below": {"N": "-3"}, "nothing": {"NULL": true}, "is": {"BOOL": false},
                    "list": {"L": [{"S": "a"}, {"M": {"b": {"N": "1"}}}]}, "set": {"NS": ["1", "2"]}, "texts": {"SS": ["a"]},
                },
            },
            "eventSourceARN": "arn:aws:dynamodb:eu-west-2:123456789012:table/t/stream/2026-01-09T00:00:00.000",
        },
        {
            "eventName": "REMOVE",
            "userIdentity": {"principalId": "dynamodb.amazonaws.com", "type": "Service"},
            "dynamodb": {"SequenceNumber": "3", "Keys": {"PK": {"S": "p"}}, "OldImage": {"PK": {"S": "p"}}},
        },
        {"eventName": "REMOVE", "userIdentity": null, "dynamodb": {"SequenceNumber": "4"}},
    ]});
    let dynamodb::Event { records } = serde_json::from_value(event).unwrap();
    let [changed, expired, removed] = &records[..] else {
        panic!("{records:?}")
    };
    assert_eq!(changed.sequence_number, "4421584500000000017450439092");
    assert_eq!(
        Value::from(changed.keys.clone()),
        json!({"PK": "programme:1", "SK": "slot"})
    );
    assert_eq!(
        changed.old.clone().map(Value::from),
        Some(json!({"ttl": 1_768_597_200, "PK": "programme:1"}))
    );
    assert_eq!(
        changed.new.clone().map(Value::from),
        Some(json!({
            "rating": 7.6, "below": -3, "nothing": null, "is": false, "list": ["a", {"b": 1}], "set": [1, 2],
            "texts": ["a"],
        }))
    );
    assert_eq!(
        (changed.expired, expired.expired, removed.expired),
        (false, true, false)
    );
    assert_eq!((expired.new.as_ref(), removed.old.as_ref()), (None, None));
}

#[test]
fn what_is_no_batch_is_refused() {
    for strange in [
        json!({}),
        json!({"Records": [{}]}),
        json!("./events/sample.json"),
        json!([]),
    ] {
        assert!(
            serde_json::from_value::<kinesis::Event>(strange.clone()).is_err(),
            "{strange}"
        );
        assert!(
            serde_json::from_value::<dynamodb::Event>(strange.clone()).is_err(),
            "{strange}"
        );
    }
}
