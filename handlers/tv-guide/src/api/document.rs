//! The OpenAPI document, made of the routes that are deployed and of what serves them.

mod part;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};

use super::operation::{self, Operation};
use super::parameter;
use super::problem::{Document as ProblemDocument, GatewayMessage, Kind, MEDIA_TYPE};
use crate::contract::api::{Method, ROUTES, Route, limit};
use part::{Components, Header, Info, Media, OpenApi, Parameter, PathItem, Reply, RequestBody, Scheme, Server};

/// The document as it is served, made once.
pub fn document() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    // Texts, numbers and maps with text keys always serialise.
    TEXT.get_or_init(|| serde_json::to_string(&build()).unwrap_or_default())
}

/// Name of the security scheme.
const SCHEME: &str = "cognito";

fn build() -> OpenApi {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths: BTreeMap<&str, PathItem> = BTreeMap::new();
    for route in &ROUTES {
        let Some(operation) = operation::of(route.operation) else {
            continue;
        };
        let described = describe(route, operation, &mut generator);
        paths
            .entry(route.path)
            .or_default()
            .insert(method(route.method), described);
    }
    OpenApi {
        openapi: "3.1.0",
        info: Info {
            title: "TV guide",
            version: env!("CARGO_PKG_VERSION"),
            description: "What is on British television, and what streaming services have.\n\n\
                          Times are UTC. Errors are problem documents (RFC 9457), but for those that the gateway \
                          answers by itself: `{\"message\": ...}`.\n\n\
                          Schedules come from TVmaze (CC BY-SA 4.0), titles from Watchmode.",
        },
        servers: vec![Server { url: "./" }],
        paths,
        components: Components {
            schemas: generator.take_definitions(true),
            security_schemes: BTreeMap::from([(
                SCHEME,
                Scheme {
                    kind: "http",
                    scheme: "bearer",
                    bearer_format: "JWT",
                    description: "An access token of the guide's user pool.",
                },
            )]),
        },
    }
}

fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "get",
        Method::Put => "put",
        Method::Delete => "delete",
    }
}

fn describe(route: &Route, operation: &Operation, generator: &mut SchemaGenerator) -> part::Operation {
    let mut parameters: Vec<Parameter> = operation
        .parameters
        .iter()
        .map(|parameter| in_url(parameter, generator))
        .collect();
    let conditional = match (operation.gives.is_some(), operation.takes.is_some()) {
        (true, _) => Some((
            "If-None-Match",
            "Tags of the answers that the client has; 304 if one is current.",
        )),
        (false, true) => Some((
            "If-Match",
            "The tag of what is to be replaced; 412 if that has changed.",
        )),
        (false, false) => None,
    };
    parameters.extend(conditional.map(|(name, description)| Parameter {
        name,
        place: "header",
        description,
        required: false,
        schema: generator.subschema_for::<String>(),
        example: None,
    }));
    part::Operation {
        operation_id: operation.id,
        summary: operation.summary,
        description: operation.description,
        parameters,
        request_body: operation.takes.map(|shape| RequestBody {
            required: true,
            description: format!("Up to {} bytes.", limit::BODY_BYTES),
            content: json(shape(generator)),
        }),
        responses: replies(route, operation, generator),
        security: if route.public {
            vec![]
        } else {
            vec![BTreeMap::from([(SCHEME, vec![])])]
        },
    }
}

fn in_url(parameter: &parameter::Parameter, generator: &mut SchemaGenerator) -> Parameter {
    Parameter {
        name: parameter.name,
        place: if parameter.is_path { "path" } else { "query" },
        description: parameter.about,
        required: parameter.is_path,
        schema: parameter.kind.schema(generator),
        example: parameter.example,
    }
}

/// Every status that an operation can answer with, whoever answers.
fn replies(route: &Route, operation: &Operation, generator: &mut SchemaGenerator) -> BTreeMap<String, Reply> {
    let mut replies = BTreeMap::new();
    let tag = Header {
        description: "Names this state of what was asked for.",
        schema: generator.subschema_for::<String>(),
    };
    match operation.gives {
        Some(shape) => {
            let known = Reply {
                description: "The client has the current answer.".to_owned(),
                headers: BTreeMap::from([("ETag", tag.clone())]),
                content: BTreeMap::new(),
            };
            let reply = Reply {
                description: "The answer.".to_owned(),
                headers: BTreeMap::from([("ETag", tag)]),
                content: json(shape(generator)),
            };
            replies.extend([("200".to_owned(), reply), ("304".to_owned(), known)]);
        }
        None => {
            let reply = Reply {
                description: "Done.".to_owned(),
                headers: operation.takes.map(|_| ("ETag", tag)).into_iter().collect(),
                content: BTreeMap::new(),
            };
            replies.insert("204".to_owned(), reply);
        }
    }
    // A body can be sent with any request, and any parameter be wrong.
    let always = [Kind::Parameter, Kind::Size, Kind::Unavailable];
    let problems = always.into_iter().chain(operation.problems.iter().copied());
    let problem = schema::<ProblemDocument<'static>>(generator);
    for kind in problems {
        let reply = replies.entry(kind.status().to_string()).or_insert_with(|| Reply {
            description: String::new(),
            headers: BTreeMap::new(),
            content: BTreeMap::from([(
                MEDIA_TYPE,
                Media {
                    schema: problem.clone(),
                },
            )]),
        });
        if !reply.description.is_empty() {
            reply.description.push(' ');
        }
        reply.description.push_str(kind.title());
        reply.description.push('.');
    }
    let gateway = schema::<GatewayMessage>(generator);
    let by_gateway = [
        (401, "The gateway takes no such token."),
        (403, "The gateway lets nobody do this."),
        (413, "The request is too large."),
        (429, "Too many requests: try again later."),
        (500, "The gateway failed."),
        (503, "The gateway has no answer: try again later."),
        (504, "The answer took too long: try again later."),
    ];
    for (status, description) in by_gateway
        .into_iter()
        .filter(|(status, _)| *status != 401 || !route.public)
    {
        let reply = replies.entry(status.to_string()).or_insert_with(|| Reply {
            description: description.to_owned(),
            headers: BTreeMap::new(),
            content: BTreeMap::new(),
        });
        reply.content.insert(
            "application/json",
            Media {
                schema: gateway.clone(),
            },
        );
    }
    replies
}

fn json(schema: schemars::Schema) -> BTreeMap<&'static str, Media> {
    BTreeMap::from([("application/json", Media { schema })])
}

fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> schemars::Schema {
    generator.subschema_for::<T>()
}
