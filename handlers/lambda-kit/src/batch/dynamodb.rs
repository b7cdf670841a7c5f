//! Batches of a `DynamoDB` table's stream.

use serde::Deserialize;
use serde_json::{Map, Number, Value};

/// An item, as JSON: numbers are numbers, and sets are lists.
pub type Image = Map<String, Value>;

/// Who deletes items whose time to live has passed.
const TIME_TO_LIVE: &str = "dynamodb.amazonaws.com";

/// A batch: changes of one shard, in their order.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Event {
    /// The changes.
    #[serde(rename = "Records")]
    pub records: Vec<Record>,
}

/// One change of an item, of what Lambda says of it what is used.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "Envelope")]
pub struct Record {
    /// Its place in the shard.
    pub sequence_number: String,
    /// The item's key.
    pub keys: Image,
    /// The item before the change; none if it was absent.
    pub old: Option<Image>,
    /// The item after the change; none if it is gone.
    pub new: Option<Image>,
    /// Whether `DynamoDB` has deleted it, since its time to live has passed.
    pub expired: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    dynamodb: Change,
    user_identity: Option<Identity>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    sequence_number: String,
    #[serde(default)]
    keys: Map<String, Value>,
    old_image: Option<Map<String, Value>>,
    new_image: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    #[serde(default)]
    principal_id: String,
}

impl From<Envelope> for Record {
    fn from(
        Envelope {
            dynamodb,
            user_identity,
        }: Envelope,
    ) -> Self {
        Record {
            sequence_number: dynamodb.sequence_number,
            keys: image(dynamodb.keys),
            old: dynamodb.old_image.map(image),
            new: dynamodb.new_image.map(image),
            expired: user_identity.is_some_and(|identity| identity.principal_id == TIME_TO_LIVE),
        }
    }
}

fn image(attributes: Map<String, Value>) -> Image {
    attributes
        .into_iter()
        .map(|(name, value)| (name, plain(value)))
        .collect()
}

/// `{"S":"text"}` and its like as the value that they are; null for what is none of them.
fn plain(typed: Value) -> Value {
    let Value::Object(typed) = typed else {
        return Value::Null;
    };
    let Some((kind, value)) = typed.into_iter().next() else {
        return Value::Null;
    };
    match (kind.as_str(), value) {
        ("S" | "B" | "BOOL" | "SS" | "BS", value) => value,
        ("N", Value::String(text)) => number(&text),
        ("NS", Value::Array(texts)) => texts.iter().filter_map(Value::as_str).map(number).collect(),
        ("L", Value::Array(values)) => values.into_iter().map(plain).collect(),
        ("M", Value::Object(map)) => Value::Object(image(map)),
        _ => Value::Null,
    }
}

fn number(text: &str) -> Value {
    let whole = text.parse::<u64>().map(Number::from);
    let whole = whole.or_else(|_| text.parse::<i64>().map(Number::from)).ok();
    let number = whole.or_else(|| Number::from_f64(text.parse().ok()?));
    number.map_or(Value::Null, Value::Number)
}
