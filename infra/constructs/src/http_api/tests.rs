use infra_core::{Asset, Template};
use infra_resources::lambda::function::Architecture;

use super::{HttpApi, Limit, Origins, Route, Tokens};
use crate::code;
use crate::function::Function;
use crate::key::Key;
use crate::queue::DeadLetters;

fn route(key: &str, public: bool, limit: Option<Limit>) -> Route {
    Route {
        id: key.split(['/', ' ']).next_back().unwrap_or_default().to_owned(),
        key: key.to_owned(),
        public,
        limit,
    }
}

/// An API with these routes, in JSON.
fn api(routes: Vec<Route>) -> String {
    let mut template = Template::new("an API");
    let key = Key {
        description: "tests".to_owned(),
        alias: "tests".to_owned(),
        keep: false,
    };
    let key = key.add(&mut template, "Key");
    let name = "dead".to_owned();
    let queue = DeadLetters { name, key: &key }.add(&mut template, "Dead");
    let (code_bucket, [code_key]) = code::parameters(&mut template, [&Asset::of("answer")]);
    let function = Function {
        name: "answer".to_owned(),
        description: "Answers",
        code_bucket,
        code_key,
        architecture: Architecture::Arm64,
        memory_mib: 128,
        timeout_seconds: 10,
        concurrency: None,
        variables: Vec::new(),
        grants: Vec::new(),
        key: &key,
        dead_letters: &queue,
        log_days: 1,
    };
    let function = function.add(&mut template, "Answer");
    let api = HttpApi {
        name: "shop".to_owned(),
        description: "A shop",
        function: &function,
        routes,
        tokens: Tokens {
            issuer: "https://issuer.example".into(),
            clients: vec!["page".into()],
        },
        origins: Origins {
            allowed: vec!["https://shop.example".into()],
            methods: vec!["GET", "PUT"],
            request_headers: &["authorization"],
            response_headers: &["ETag"],
            max_age_seconds: 600,
        },
        limit: Limit { rate: 100, burst: 50 },
        key: &key,
        log_days: 1,
    };
    api.add(&mut template, "Api");
    assert_eq!(template.check(), Ok(()));
    template.to_json()
}

#[track_caller]
fn check(routes: Vec<Route>, expected: &[&str]) {
    let json = api(routes);
    for expected in expected {
        assert!(json.contains(expected), "{expected} is not in {json}");
    }
}

#[test]
fn a_route_that_is_not_public_wants_a_token() {
    let limit = Limit { rate: 50, burst: 25 };
    check(
        vec![
            route("GET /goods", true, None),
            route("PUT /basket", false, Some(limit)),
        ],
        &[
            r#""RouteKey":"GET /goods","Target":{"Fn::Sub":"integrations/${ApiFunction}"}"#,
            r#""AuthorizationType":"JWT","AuthorizerId":{"Ref":"ApiTokens"},"RouteKey":"PUT /basket""#,
            r#""JwtConfiguration":{"Audience":["page"],"Issuer":"https://issuer.example"}"#,
            r#""AllowOrigins":["https://shop.example"],"ExposeHeaders":["ETag"],"MaxAge":600"#,
        ],
    );
}

#[test]
fn limits_are_set_once_their_routes_are_there() {
    let limit = Limit { rate: 50, burst: 25 };
    check(
        vec![route("PUT /basket", false, Some(limit))],
        &[
            r#""DependsOn":["ApiRoutebasket","ApiRouteDefault"]"#,
            r#""DefaultRouteSettings":{"ThrottlingBurstLimit":50,"ThrottlingRateLimit":100"#,
            r#""RouteSettings":{"PUT /basket":{"ThrottlingBurstLimit":25,"ThrottlingRateLimit":50"#,
        ],
    );
}

#[test]
fn what_is_no_route_is_the_functions_to_answer() {
    check(Vec::new(), &[r#""AuthorizationType":"NONE","RouteKey":"$default""#]);
}

/// An address with a query, a header or a body may hold what is a person's own.
#[test]
fn the_access_log_holds_nothing_personal_but_the_address() {
    let json = api(Vec::new());
    for hidden in ["$context.path", "queryString", "authorizer.claims", "userAgent"] {
        assert!(!json.contains(hidden), "{hidden} is logged");
    }
    check(Vec::new(), &[r#"\"route\":\"$context.routeKey\""#]);
}
