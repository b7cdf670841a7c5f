//! An HTTP API in front of one function: routes, tokens, limits, an access log.

use infra_core::{AnyArn, Handle, Template, ToNode, Value, Waiver, concat_values, pseudo};
use infra_resources::api_gateway_v2::{self, api, authorizer, stage};
use infra_resources::{kms, lambda};

use crate::log;

/// An HTTP API.
pub struct HttpApi<'a> {
    /// The name.
    pub name: String,
    /// What it is, for the console.
    pub description: &'static str,
    /// What answers; it is called for what is no route, too, and says that there is none.
    pub function: &'a Handle<lambda::Function>,
    /// The routes.
    pub routes: Vec<Route>,
    /// Whose tokens open the routes that are not public.
    pub tokens: Tokens,
    /// Which pages of browsers may call.
    pub origins: Origins,
    /// How many calls it takes; what is more is answered with 429.
    pub limit: Limit,
    /// The key that encrypts the access log.
    pub key: &'a Handle<kms::Key>,
    /// Days that the access log is kept.
    pub log_days: u16,
}

/// A route.
#[derive(Clone, Debug)]
pub struct Route {
    /// The logical id, and the name of the operation.
    pub id: String,
    /// Method and path: `GET /titles/{id}`.
    pub key: String,
    /// Whether it is open to everybody.
    pub public: bool,
    /// A limit of its own, below that of the whole API.
    pub limit: Option<Limit>,
}

/// Whose tokens are taken: the gateway verifies them before it calls the function.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Who issued them, as they name it.
    pub issuer: Value<String>,
    /// For which app clients.
    pub clients: Vec<Value<String>>,
}

/// Which pages may call from a browser, and what they may send and read.
#[derive(Clone, Debug)]
pub struct Origins {
    /// The origins, exactly as browsers send them.
    pub allowed: Vec<Value<String>>,
    /// The methods.
    pub methods: Vec<&'static str>,
    /// The headers that a page may send.
    pub request_headers: &'static [&'static str],
    /// The headers that a page may read.
    pub response_headers: &'static [&'static str],
    /// How long a browser may keep the answer, in seconds.
    pub max_age_seconds: u32,
}

/// How many calls are taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Calls a second, over time.
    pub rate: u32,
    /// Calls at once.
    pub burst: u32,
}

/// How long the gateway waits for the function, in milliseconds; 50 to 30,000.
const TIMEOUT_MILLISECONDS: i64 = 10_000;

/// What the access log says of a call: no query, no header and no body, which may hold what is a
/// person's own.
const LOGGED: [(&str, &str); 9] = [
    ("time", "$context.requestTime"),
    ("requestId", "$context.requestId"),
    ("ip", "$context.identity.sourceIp"),
    ("route", "$context.routeKey"),
    ("status", "$context.status"),
    ("milliseconds", "$context.responseLatency"),
    ("bytes", "$context.responseLength"),
    ("authorizerError", "$context.authorizer.error"),
    ("integrationError", "$context.integrationErrorMessage"),
];

const PUBLIC: Waiver = Waiver::new(
    &["route-authorized", "AwsSolutions-APIG4"],
    "platform",
    "what it answers is the same for everybody and no secret, or says that there is no such route",
);

impl HttpApi<'_> {
    /// Adds the API with its routes, its stage and its access log, and lets it call the function.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<api_gateway_v2::Api> {
        let api = template.add(
            id,
            api_gateway_v2::Api {
                cors_configuration: Some(self.origins.configuration()),
                description: Some(self.description.into()),
                name: Some(self.name.clone().into()),
                protocol_type: Some("HTTP".into()),
                ..api_gateway_v2::Api::new()
            },
        );
        let authorizer = self.authorizer(template, &format!("{id}Tokens"), &api);
        let target = self.integration(template, &format!("{id}Function"), &api);
        let fallback = Route {
            id: "Default".to_owned(),
            key: "$default".to_owned(),
            public: true,
            limit: None,
        };
        let routes: Vec<_> = self.routes.iter().chain([&fallback]).collect();
        let made: Vec<_> = routes
            .iter()
            .map(|route| route.add(template, id, &api, &authorizer, &target))
            .collect();
        let stage = self.stage(template, &format!("{id}Stage"), &api);
        // Limits name routes, which must be there before.
        for route in &made {
            template.options(&stage).depends_on(route);
        }
        let calls: Value<AnyArn> = concat_values![
            "arn:",
            pseudo::partition(),
            ":execute-api:",
            pseudo::region(),
            ":",
            pseudo::account_id(),
            ":",
            api.reference(),
            "/*"
        ];
        template.add(
            &format!("{id}Permission"),
            lambda::Permission {
                source_arn: Some(calls),
                ..lambda::Permission::new("lambda:InvokeFunction", self.function.arn(), "apigateway.amazonaws.com")
            },
        );
        api
    }

    fn authorizer(
        &self,
        template: &mut Template,
        id: &str,
        api: &Handle<api_gateway_v2::Api>,
    ) -> Handle<api_gateway_v2::Authorizer> {
        template.add(
            id,
            api_gateway_v2::Authorizer {
                identity_source: Some(vec!["$request.header.Authorization".into()]),
                jwt_configuration: Some(authorizer::JwtConfiguration {
                    audience: Some(self.tokens.clients.clone()),
                    issuer: Some(self.tokens.issuer.clone()),
                }),
                ..api_gateway_v2::Authorizer::new(api.reference(), "JWT", "tokens")
            },
        )
    }

    /// Adds what calls the function, and gives the target of routes.
    fn integration(&self, template: &mut Template, id: &str, api: &Handle<api_gateway_v2::Api>) -> Value<String> {
        let integration = template.add(
            id,
            api_gateway_v2::Integration {
                integration_uri: Some(self.function.arn().text()),
                payload_format_version: Some("2.0".into()),
                timeout_in_millis: Some(TIMEOUT_MILLISECONDS.into()),
                ..api_gateway_v2::Integration::new(api.reference(), "AWS_PROXY")
            },
        );
        concat_values!["integrations/", integration.reference()]
    }

    fn stage(
        &self,
        template: &mut Template,
        id: &str,
        api: &Handle<api_gateway_v2::Api>,
    ) -> Handle<api_gateway_v2::Stage> {
        let group = log::Group {
            // With this beginning, a log needs no policy that grows with each API.
            name: format!("/aws/vendedlogs/apis/{}", self.name),
            key: self.key,
            days: self.log_days,
        };
        let group = group.add(template, &format!("{id}Log"));
        let limits: Vec<_> = self.routes.iter().filter_map(Route::settings).collect();
        template.add(
            id,
            api_gateway_v2::Stage {
                access_log_settings: Some(stage::AccessLogSettings {
                    destination_arn: Some(group.arn().into()),
                    format: Some(log_format().into()),
                }),
                auto_deploy: Some(true.into()),
                default_route_settings: Some(self.limit.settings()),
                route_settings: (!limits.is_empty()).then(|| limits.to_node().into()),
                ..api_gateway_v2::Stage::new(api.reference(), "$default")
            },
        )
    }
}

impl Route {
    #[track_caller]
    fn add(
        &self,
        template: &mut Template,
        id: &str,
        api: &Handle<api_gateway_v2::Api>,
        authorizer: &Handle<api_gateway_v2::Authorizer>,
        target: &Value<String>,
    ) -> Handle<api_gateway_v2::Route> {
        let common = api_gateway_v2::Route {
            target: Some(target.clone()),
            ..api_gateway_v2::Route::new(api.reference(), self.key.as_str())
        };
        let properties = match self.public {
            true => api_gateway_v2::Route {
                authorization_type: Some("NONE".into()),
                ..common
            },
            false => api_gateway_v2::Route {
                authorization_type: Some("JWT".into()),
                authorizer_id: Some(authorizer.reference()),
                ..common
            },
        };
        let route = template.add(&format!("{id}Route{}", self.id), properties);
        if self.public {
            template.options(&route).waive([PUBLIC]);
        }
        route
    }

    fn settings(&self) -> Option<(String, stage::RouteSettings)> {
        let limit = self.limit?;
        Some((self.key.clone(), limit.settings()))
    }
}

impl Origins {
    fn configuration(&self) -> api::Cors {
        let texts = |texts: &[&'static str]| texts.iter().map(|text| Value::from(*text)).collect();
        api::Cors {
            allow_headers: Some(texts(self.request_headers)),
            allow_methods: Some(texts(&self.methods)),
            allow_origins: Some(self.allowed.clone()),
            expose_headers: Some(texts(self.response_headers)),
            max_age: Some(i64::from(self.max_age_seconds).into()),
            ..api::Cors::new()
        }
    }
}

impl Limit {
    fn settings(self) -> stage::RouteSettings {
        stage::RouteSettings {
            throttling_burst_limit: Some(i64::from(self.burst).into()),
            throttling_rate_limit: Some(f64::from(self.rate).into()),
            ..stage::RouteSettings::new()
        }
    }
}

/// One JSON object in a line for each call.
fn log_format() -> String {
    let members = LOGGED.map(|(name, variable)| format!(r#""{name}":"{variable}""#));
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests;
