//! The parts of an OpenAPI 3.1 document that ours has.

use std::collections::BTreeMap;

use schemars::Schema;
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Debug, Serialize)]
pub(super) struct OpenApi {
    pub openapi: &'static str,
    pub info: Info,
    pub servers: Vec<Server>,
    pub paths: BTreeMap<&'static str, PathItem>,
    pub components: Components,
}

#[derive(Debug, Serialize)]
pub(super) struct Info {
    pub title: &'static str,
    pub version: &'static str,
    pub description: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct Server {
    /// Relative to the address of the document.
    pub url: &'static str,
}

/// Operations by method.
pub(super) type PathItem = BTreeMap<&'static str, Operation>;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Operation {
    pub operation_id: &'static str,
    pub summary: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub description: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_body: Option<RequestBody>,
    pub responses: BTreeMap<String, Reply>,
    pub security: Vec<BTreeMap<&'static str, Vec<&'static str>>>,
}

#[derive(Debug, Serialize)]
pub(super) struct Parameter {
    pub name: &'static str,
    #[serde(rename = "in")]
    pub place: &'static str,
    pub description: &'static str,
    pub required: bool,
    pub schema: Schema,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<&'static str>,
}

#[derive(Debug, Serialize)]
pub(super) struct RequestBody {
    pub required: bool,
    pub description: String,
    pub content: BTreeMap<&'static str, Media>,
}

#[derive(Debug, Serialize)]
pub(super) struct Reply {
    pub description: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<&'static str, Header>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub content: BTreeMap<&'static str, Media>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Header {
    pub description: &'static str,
    pub schema: Schema,
}

#[derive(Debug, Serialize)]
pub(super) struct Media {
    pub schema: Schema,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Components {
    pub schemas: Map<String, Value>,
    pub security_schemes: BTreeMap<&'static str, Scheme>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Scheme {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub scheme: &'static str,
    pub bearer_format: &'static str,
    pub description: &'static str,
}
