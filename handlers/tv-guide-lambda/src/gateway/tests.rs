use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use jiff::Timestamp;
use serde_json::{Value, json};
use tv_guide::api::memory::Walled;
use tv_guide::api::{Caller, Response};
use tv_guide::contract::api::ROUTES;
use tv_guide::event::id::UserId;
use tv_guide::table::memory::Memory;
use tv_guide::token::Refusal;

use super::report::Report;
use super::{Event, Gateway, Origins, Reply};

const SITE: &str = "https://guide.example.com";
const LOCAL: &str = "http://127.0.0.1:8080";

/// What the gateway sends for a request with a token, in the form of its documentation.
const WITH_TOKEN: &str = include_str!("../../tests/fixtures/http-api-put-preferences.json");
/// What it sends for one with neither query nor body.
const PLAIN: &str = include_str!("../../tests/fixtures/http-api-get-sources.json");

/// Sends an event; the token is the user's name.
async fn send(event: &Value) -> Response {
    let text = event.to_string();
    let event: Event<'_> = serde_json::from_str(&text).unwrap();
    let gateway = Gateway::new(Origins::listed(&format!("{SITE}, {LOCAL}")));
    let identify =
        async |authorization: Option<&str>| match authorization.and_then(|header| header.strip_prefix("Bearer ")) {
            Some(user) => Caller::User(UserId::new(user).unwrap()),
            None => Caller::Refused(Refusal::Missing),
        };
    let table = Memory::new();
    let now = Timestamp::from_second(1_767_992_400).unwrap();
    gateway.answer(&event, identify, &table, &Walled(&table), now).await
}

fn event(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    let mut values = response
        .headers
        .iter()
        .filter(|(known, _)| known.eq_ignore_ascii_case(name));
    let value = values.next().map(|(_, value)| value.as_str());
    assert!(values.next().is_none(), "{name} is there twice");
    value
}

#[tokio::test]
async fn what_the_gateway_sends_is_answered() {
    for text in [WITH_TOKEN, PLAIN] {
        serde_json::from_str::<ApiGatewayV2httpRequest>(text).unwrap();
    }
    let put = send(&event(WITH_TOKEN)).await;
    assert_eq!((put.status, put.operation), (204, Some("putPreferences")));
    let get = send(&event(PLAIN)).await;
    assert_eq!((get.status, get.body.as_slice()), (200, b"[]".as_slice()));
}

#[tokio::test]
async fn what_the_gateway_takes_is_sent() {
    let reply = serde_json::to_value(Reply::from(send(&event(PLAIN)).await)).unwrap();
    let tag = reply["headers"]["ETag"].clone();
    assert!(tag.is_string());
    let expected = json!({
        "statusCode": 200,
        "headers": {"Cache-Control": "no-cache", "Content-Type": "application/json", "ETag": tag, "Vary": "Origin"},
        "body": "[]",
        "isBase64Encoded": false,
    });
    assert_eq!(reply, expected);
}

#[tokio::test]
async fn a_body_may_come_as_base64() {
    let body = |body: &str, is_base64: bool| {
        let mut event = event(WITH_TOKEN);
        event["body"] = body.into();
        event["isBase64Encoded"] = is_base64.into();
        event
    };
    for (sent, is_base64, status) in [
        ("{}", false, 204),
        ("e30=", true, 204),
        ("e30", true, 400),
        ("{}", true, 400),
        ("e30=", false, 400),
        ("", true, 400),
    ] {
        assert_eq!(send(&body(sent, is_base64)).await.status, status, "{sent} {is_base64}");
    }
}

#[tokio::test]
async fn only_operations_for_users_ask_who_it_is() {
    for route in &ROUTES {
        let mut event = event(PLAIN);
        event["requestContext"]["http"]["method"] = route.method.as_str().into();
        event["rawPath"] = route.path.replace("{kind}", "show").replace("{id}", "1").into();
        assert_eq!(send(&event).await.status == 401, !route.public, "{}", route.key());
    }
}

#[tokio::test]
async fn an_event_of_something_else_is_no_request() {
    for text in [
        "{}",
        "null",
        r#"{"version": "1.0", "path": "/sources", "httpMethod": "GET"}"#,
    ] {
        assert!(serde_json::from_str::<Event<'_>>(text).is_err(), "{text}");
    }
}

/// Origins, and whether their pages may read the guide.
const ORIGINS: [(&str, bool); 20] = [
    (SITE, true),
    (LOCAL, true),
    ("null", false),
    ("", false),
    ("*", false),
    ("https://guide.example.com.evil.com", false),
    ("https://evil.com/https://guide.example.com", false),
    ("https://evilguide.example.com", false),
    ("https://guide.example.com/", false),
    ("https://guide.example.com:443", false),
    ("https://guide.example.com:8443", false),
    ("http://guide.example.com", false),
    ("HTTPS://guide.example.com", false),
    ("https://GUIDE.example.com", false),
    ("https://guide.example.co", false),
    ("https://guide-example.com", false),
    ("https://guide.example.com, https://evil.com", false),
    ("https://guide.example.com\u{0}.evil.com", false),
    ("http://127.0.0.1", false),
    ("http://localhost:8080", false),
];

#[tokio::test]
async fn pages_of_listed_origins_may_read_answers_and_no_others() {
    for (origin, is_listed) in ORIGINS {
        let mut get = event(PLAIN);
        get["headers"]["origin"] = origin.into();
        let response = send(&get).await;
        assert_eq!(response.status, 200, "{origin}");
        assert_eq!(
            header(&response, "access-control-allow-origin"),
            is_listed.then_some(origin)
        );
        assert_eq!(header(&response, "vary"), Some("Origin"), "{origin}");
        assert_eq!(header(&response, "access-control-allow-credentials"), None);

        let mut preflight = get.clone();
        preflight["requestContext"]["http"]["method"] = "OPTIONS".into();
        preflight["headers"]["access-control-request-method"] = "PUT".into();
        let response = send(&preflight).await;
        assert_eq!(response.status, if is_listed { 204 } else { 403 }, "{origin}");
        assert_eq!(
            header(&response, "access-control-allow-origin"),
            is_listed.then_some(origin)
        );
        assert_eq!(
            header(&response, "access-control-allow-methods").is_some(),
            is_listed,
            "{origin}"
        );
        assert_eq!(header(&response, "vary"), Some("Origin"), "{origin}");
    }
}

#[tokio::test]
async fn a_page_may_also_read_what_went_wrong() {
    let mut put = event(WITH_TOKEN);
    put["headers"]["origin"] = SITE.into();
    for (name, value, status) in [
        ("content-type", "text/plain", 415),
        ("authorization", "Basic x", 401),
        ("if-match", "\"other\"", 412),
    ] {
        let mut put = put.clone();
        put["headers"][name] = value.into();
        let response = send(&put).await;
        assert_eq!(response.status, status, "{name}");
        assert_eq!(header(&response, "access-control-allow-origin"), Some(SITE), "{name}");
        assert_eq!(
            header(&response, "access-control-expose-headers"),
            Some("ETag,Retry-After")
        );
    }
    // No page asks for this: the path answers that it has no such method.
    let mut options = event(PLAIN);
    options["requestContext"]["http"]["method"] = "OPTIONS".into();
    assert_eq!(send(&options).await.status, 405);
}

#[test]
fn metrics_say_operation_status_and_refusal() {
    let report = Report {
        namespace: "headend/dev",
        operation: "getGuide",
        status: 401,
        refusal: Some(Refusal::Expired),
        took: std::time::Duration::from_micros(1_500),
        request_id: "r-1",
        timestamp_ms: 1_767_992_400_123,
    };
    let mut lines = Vec::new();
    report.write(&mut lines).unwrap();
    let lines = String::from_utf8(lines).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said = |line: &Value, names: [&str; 3]| names.map(|name| line[name].clone());
    assert_eq!(
        said(&lines[0], ["ApiRequests", "Route", "Status"]),
        [json!(1.0), json!("getGuide"), json!("4xx")]
    );
    assert_eq!(
        said(&lines[1], ["ApiLatencyMs", "Route", "requestId"]),
        [json!(1.5), json!("getGuide"), json!("r-1")]
    );
    assert_eq!(
        said(&lines[2], ["AuthRejected", "Reason", "requestId"]),
        [json!(1.0), json!("expired"), json!("r-1")]
    );
}
