//! The function: each message becomes an item.

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use guide::OrdersEnv;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[derive(serde::Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Message>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    message_id: String,
    body: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let OrdersEnv { table } = OrdersEnv::read(|key| std::env::var(key).ok())?;
    let tls = Provider::Rustls(CryptoMode::Ring);
    let http = aws_smithy_http_client::Builder::new().tls_provider(tls).build_https();
    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http).load().await;
    let dynamo = aws_sdk_dynamodb::Client::new(&config);
    let put = async |event: LambdaEvent<Batch>| {
        let mut failed = Vec::new();
        for Message { message_id, body } in event.payload.records {
            let (id, order) = (AttributeValue::S(message_id.clone()), AttributeValue::S(body));
            let put = dynamo.put_item().table_name(&table).item("id", id).item("order", order);
            if let Err(error) = put.send().await {
                eprintln!("message {message_id} is tried again: {:?}", error.into_service_error());
                failed.push(json!({ "itemIdentifier": message_id }));
            }
        }
        Ok::<Value, Error>(json!({ "batchItemFailures": failed }))
    };
    lambda_runtime::run(service_fn(put)).await
}
