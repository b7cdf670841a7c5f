use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use reqwest::Method;

use super::answer::{Answer, every, is_refusal};
use super::{Aws, Call, Service, encoded, http};

fn aws(endpoint: Option<&str>) -> Aws {
    Aws {
        http: http().unwrap(),
        credentials: SharedCredentialsProvider::new(Credentials::new("AKID", "secret", None, None, "test")),
        region: "eu-west-2".to_owned(),
        endpoint: endpoint.map(str::to_owned),
    }
}

fn call(service: Service, path: &str) -> Call<'static> {
    Call {
        service,
        operation: "Test",
        method: Method::POST,
        path: path.to_owned(),
        headers: &[],
        body: b"{}".to_vec(),
    }
}

#[tokio::test]
async fn a_call_is_signed_for_its_service_and_goes_to_its_host() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_769_900_400);
    let request = aws(None).signed(call(Service::Sqs, "/"), now).await.unwrap();
    assert_eq!(request.url().as_str(), "https://sqs.eu-west-2.amazonaws.com/");
    let authorization = request.headers()["authorization"].to_str().unwrap();
    assert!(
        authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKID/20260131/eu-west-2/sqs/aws4_request"),
        "{authorization}"
    );
    assert!(!format!("{request:?}").contains("secret"));

    let local = aws(Some("http://127.0.0.1:4566"));
    let request = local.signed(call(Service::S3, "/bucket/a%20b"), now).await.unwrap();
    assert_eq!(request.url().as_str(), "http://127.0.0.1:4566/bucket/a%20b");
    assert!(request.headers().contains_key("x-amz-content-sha256"));
}

#[tokio::test]
async fn nobody_at_home_is_said_with_the_cure() {
    let nobody = aws(Some("http://127.0.0.1:9"));
    let error = nobody.call(call(Service::Sqs, "/?secret=1")).await.unwrap_err();
    let said = format!("{error:#}");
    assert!(
        said.starts_with("Test got no answer from http://127.0.0.1:9; start the local cloud with"),
        "{said}"
    );
    assert!(!said.contains("secret"), "{said}");
}

#[test]
fn refusals_of_every_protocol_have_their_code_and_message() {
    for (body, expected) in [
        (
            r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"gone"}"#,
            "Test was refused: QueueDoesNotExist: gone (HTTP status 400)",
        ),
        (
            r#"{"__type":"UsernameExistsException:http://x","Message":"taken"}"#,
            "Test was refused: UsernameExistsException: taken (HTTP status 400)",
        ),
        (
            "<ErrorResponse><Error><Code>NotFound</Code><Message>no &quot;topic&quot;</Message></Error></ErrorResponse>",
            "Test was refused: NotFound: no \"topic\" (HTTP status 400)",
        ),
        ("", "Test was refused: no error code (HTTP status 400)"),
    ] {
        let error = Answer::of(400, body).refusal().unwrap().of("Test");
        assert_eq!(error.to_string(), expected);
    }
    assert!(Answer::of(200, "{}").refusal().is_none());
    let error = Answer::of(400, r#"{"__type":"A"}"#).refusal().unwrap().of("Test");
    assert!(is_refusal(&error, "A") && !is_refusal(&error, "B"));
}

#[test]
fn elements_are_found_in_order_and_unescaped_once() {
    let xml = "<R><Key>a&amp;lt;b</Key><Other/><Key>c</Key></R>";
    assert_eq!(every(xml, "Key").collect::<Vec<_>>(), ["a&lt;b", "c"]);
    assert_eq!(every("<Key>open", "Key").count(), 0);
}

#[test]
fn what_is_reserved_is_encoded() {
    assert_eq!(encoded("a b&c=ü/é~"), "a%20b%26c%3D%C3%BC%2F%C3%A9~");
}
