use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use serde_json::{Value, json};

use super::{CallError, Client};

fn config(endpoint: Option<String>) -> SdkConfig {
    let credentials = Credentials::new("AKID", "secret", Some("token".to_owned()), None, "test");
    let timeouts = TimeoutConfig::builder().operation_timeout(Duration::from_secs(20));
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-west-2"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .timeout_config(timeouts.build());
    config.set_endpoint_url(endpoint);
    config.build()
}

/// A service that gives these answers, one after another; and what it was sent.
fn service(answers: &'static [(&str, &str)]) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let mut requests = Vec::new();
        for (status, body) in answers {
            let mut stream = BufReader::new(listener.accept().unwrap().0);
            let (mut request, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
                request += &line;
            }
            let mut content = vec![0; length];
            stream.read_exact(&mut content).unwrap();
            requests.push(request + &String::from_utf8(content).unwrap());
            let head = format!(
                "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            stream.get_mut().write_all((head + body).as_bytes()).unwrap();
        }
        requests
    });
    (url, served)
}

async fn call(answers: &'static [(&str, &str)]) -> (Result<Value, CallError>, Vec<String>) {
    let (url, served) = service(answers);
    let client = Client::new(&config(Some(url)), "glue");
    let answer = client.call("AWSGlue.GetTable", &json!({ "Name": "events" })).await;
    (answer, served.join().unwrap())
}

#[tokio::test]
async fn a_call_is_signed_for_its_service_and_region() {
    let client = Client::new(&config(None), "glue");
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_769_900_400);
    let request = client.signed("AWSGlue.GetTable", b"{}", now).await.unwrap();
    assert_eq!(request.uri(), "https://glue.eu-west-2.amazonaws.com/");
    let header = |name: &str| request.headers().get(name).unwrap_or_default().to_owned();
    assert_eq!(header("x-amz-target"), "AWSGlue.GetTable");
    assert_eq!(header("x-amz-security-token"), "token");
    let authorization = header("authorization");
    let credential = "AWS4-HMAC-SHA256 Credential=AKID/20260131/eu-west-2/glue/aws4_request, \
                      SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, ";
    assert!(authorization.starts_with(credential), "{authorization}");
    assert!(!format!("{request:?}").contains("secret"));
}

#[tokio::test]
async fn an_answer_is_read_and_the_request_was_whole() {
    let (answer, requests) = call(&[("200 OK", r#"{"Table":{"Name":"events"}}"#)]).await;
    assert_eq!(answer.unwrap()["Table"]["Name"], "events");
    let [request] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    assert!(request.starts_with("POST / HTTP/1.1"), "{request}");
    assert!(request.contains("x-amz-target: AWSGlue.GetTable"), "{request}");
    assert!(request.ends_with(r#"{"Name":"events"}"#), "{request}");
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_a_refusal_is_not() {
    let (answer, requests) = call(&[
        ("503 Busy", ""),
        ("400 No", r#"{"__type":"ThrottlingException"}"#),
        ("200 OK", "{}"),
    ])
    .await;
    assert_eq!((answer.unwrap(), requests.len()), (json!({}), 3));

    let (answer, _) = call(&[
        ("503 Busy", ""),
        ("503 Busy", ""),
        ("500 Broken", r#"{"message":"internal"}"#),
    ])
    .await;
    let error = answer.unwrap_err();
    assert_eq!(error.to_string(), "GetTable was refused: : internal (HTTP status 500)");

    const REFUSAL: &str = r#"{"__type":"com.amazonaws.glue#EntityNotFoundException:http://x","Message":"no table"}"#;
    let (answer, requests) = call(&[("400 No", REFUSAL)]).await;
    let error = answer.unwrap_err();
    assert!(error.is("EntityNotFoundException") && !error.is("AccessDeniedException"));
    let said = "GetTable was refused: EntityNotFoundException: no table (HTTP status 400)";
    assert_eq!((error.to_string().as_str(), requests.len()), (said, 1));
}

#[tokio::test]
async fn nobody_at_home_and_nonsense_are_told_apart() {
    let nobody = Client::new(&config(Some("http://127.0.0.1:9".to_owned())), "glue");
    let error = nobody.call::<Value>("AWSGlue.GetTable", &json!({})).await.unwrap_err();
    assert_eq!(error.to_string(), "GetTable got no answer");
    let (answer, _) = call(&[("200 OK", "<html>")]).await;
    assert_eq!(answer.unwrap_err().to_string(), "the answer to GetTable cannot be read");
}
