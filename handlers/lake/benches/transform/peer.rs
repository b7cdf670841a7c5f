//! The transform as one writes it first: `serde_json::Value` all the way.
//!
//! Same contract for good events; base64 by the same crate, so that only the JSON differs.

use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    record_id: String,
    approximate_arrival_timestamp: i64,
    data: String,
}

/// One request to its response.
pub(crate) fn transform(request: &[u8]) -> Vec<u8> {
    let request: Request = serde_json::from_slice(request).unwrap();
    let records: Vec<Value> = request.records.iter().map(record).collect();
    serde_json::to_vec(&json!({ "records": records })).unwrap()
}

fn record(record: &Record) -> Value {
    let data = base64_simd::STANDARD.decode_to_vec(&record.data).unwrap();
    let mut event: Map<String, Value> = serde_json::from_slice(&data).unwrap();
    let uuid = event.remove("event_uuid").unwrap();
    let name = event.remove("event_name").unwrap();
    let created = event.remove("created_at").unwrap();
    let mut parts = name.as_str().unwrap().split(':');
    let moment = time(created.as_f64().unwrap() as i64);
    let (year, month, day, hour) = (&moment[..4], &moment[5..7], &moment[8..10], &moment[11..13]);
    let arrival = record.approximate_arrival_timestamp;
    let line = json!({
        "event_uuid": uuid,
        "event_name": name,
        "event_type": parts.next(),
        "event_subtype": parts.next().filter(|part| !part.is_empty()),
        "created_at": created,
        "created_datetime": format!("{moment}Z"),
        "ingested_at": format!("{}.{:03}Z", time(arrival / 1_000), arrival % 1_000),
        "payload": serde_json::to_string(&event).unwrap(),
    });
    let line = format!("{line}\n");
    json!({
        "recordId": record.record_id,
        "result": "Ok",
        "data": base64_simd::STANDARD.encode_to_string(line),
        "metadata": {
            "partitionKeys": { "year": year, "month": month, "day": day, "hour": hour },
        },
    })
}

fn time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .unwrap()
        .strftime("%Y-%m-%dT%H:%M:%S")
        .to_string()
}

/// A response as values, the events and their payloads decoded too, to compare by meaning.
pub(crate) fn read(response: &[u8]) -> Value {
    let mut response: Value = serde_json::from_slice(response).unwrap();
    for record in response["records"].as_array_mut().unwrap() {
        let line = base64_simd::STANDARD
            .decode_to_vec(record["data"].as_str().unwrap())
            .unwrap();
        let mut event: Value = serde_json::from_slice(&line).unwrap();
        event["payload"] = serde_json::from_str(event["payload"].as_str().unwrap()).unwrap();
        record["data"] = event;
    }
    response
}
