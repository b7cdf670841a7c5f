use std::borrow::Cow;
use std::collections::BTreeMap;

use base64_simd::STANDARD;
use serde::{Deserialize, Serialize};
use tv_guide::api::Response;

/// A request as the gateway hands it to a function, as far as ours looks at it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event<'e> {
    #[serde(borrow)]
    raw_path: Cow<'e, str>,
    #[serde(borrow, default)]
    raw_query_string: Cow<'e, str>,
    /// By their names in lower case; several of one name are joined by commas.
    #[serde(borrow, default)]
    headers: BTreeMap<Cow<'e, str>, Cow<'e, str>>,
    #[serde(borrow)]
    request_context: Context<'e>,
    #[serde(borrow)]
    body: Option<Cow<'e, str>>,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Debug, Deserialize)]
struct Context<'e> {
    #[serde(borrow)]
    http: Http<'e>,
}

#[derive(Debug, Deserialize)]
struct Http<'e> {
    #[serde(borrow)]
    method: Cow<'e, str>,
}

impl Event<'_> {
    pub(super) fn method(&self) -> &str {
        &self.request_context.http.method
    }

    pub(super) fn path(&self) -> &str {
        &self.raw_path
    }

    pub(super) fn query(&self) -> &str {
        &self.raw_query_string
    }

    /// A header by its name in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(Cow::as_ref)
    }

    /// The body's bytes; none where it is said to be base64, and is not.
    pub(super) fn body(&self) -> Option<Cow<'_, [u8]>> {
        let body = self.body.as_deref().unwrap_or_default();
        match self.is_base64_encoded {
            true => STANDARD.decode_to_vec(body).ok().map(Cow::Owned),
            false => Some(Cow::Borrowed(body.as_bytes())),
        }
    }
}

/// An answer as the gateway takes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reply {
    status_code: u16,
    headers: BTreeMap<&'static str, String>,
    body: String,
    is_base64_encoded: bool,
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        // The API's bodies are JSON, which is UTF-8.
        let body = String::from_utf8_lossy(&response.body).into_owned();
        Self {
            status_code: response.status,
            headers: response.headers.into_iter().collect(),
            body,
            is_base64_encoded: false,
        }
    }
}
