//! What a service answers, and how its refusals are told.

use anyhow::{Context as _, Result, anyhow};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// An answer, whole.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: StatusCode,
    /// Its headers.
    headers: HeaderMap,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// A service's no.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: u16,
    code: String,
    message: String,
}

/// A refusal as the error of a call, which callers may look into for its code.
#[derive(Debug)]
pub(crate) struct Refused {
    operation: &'static str,
    refusal: Refusal,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Refusal { status, code, message } = &self.refusal;
        let separator = if message.is_empty() { "" } else { ": " };
        write!(
            out,
            "{} was refused: {code}{separator}{message} (HTTP status {status})",
            self.operation
        )
    }
}

impl std::error::Error for Refused {}

impl Refusal {
    /// The error of this operation.
    pub(super) fn of(self, operation: &'static str) -> anyhow::Error {
        anyhow::Error::new(Refused {
            operation,
            refusal: self,
        })
    }
}

/// Whether an error is a service's no with this code.
pub(crate) fn is_refusal(error: &anyhow::Error, code: &str) -> bool {
    error
        .downcast_ref::<Refused>()
        .is_some_and(|refused| refused.refusal.code == code)
}

impl Answer {
    pub(crate) async fn read(response: reqwest::Response) -> reqwest::Result<Self> {
        Ok(Answer {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.bytes().await?.into(),
        })
    }

    /// A header's value, as far as it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> Result<&str> {
        std::str::from_utf8(&self.body).context("the answer is no text")
    }

    /// The body as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).context("cannot read the answer")
    }

    /// What the service says no with; `None` for a success.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        if self.status.is_success() {
            return None;
        }
        let body = String::from_utf8_lossy(&self.body);
        let json: Value = serde_json::from_str(&body).unwrap_or_default();
        let text = |names: &[&str]| {
            let found = names.iter().find_map(|name| json.get(*name)?.as_str());
            found.map(str::to_owned)
        };
        // A code may come as `com.amazonaws.x#Code` or `Code:http://...`.
        let code = self.header("x-amzn-errortype").map(str::to_owned);
        let code = code.or_else(|| text(&["__type", "code"]));
        let code = code.or_else(|| every(&body, "Code").next());
        let code = code.unwrap_or_else(|| "no error code".to_owned());
        let code = code.rsplit('#').next().unwrap_or_default();
        let message = text(&["message", "Message", "errorMessage"]).or_else(|| every(&body, "Message").next());
        Some(Refusal {
            status: self.status.as_u16(),
            code: code.split(':').next().unwrap_or_default().to_owned(),
            message: message.unwrap_or_default(),
        })
    }

    /// The text of the first XML element of this name.
    pub(crate) fn element(&self, name: &str) -> Result<String> {
        let found = every(self.text()?, name).next();
        found.ok_or_else(|| anyhow!("the answer lacks {name}"))
    }

    /// The texts of all XML elements of this name.
    pub(crate) fn elements(&self, name: &str) -> Result<Vec<String>> {
        Ok(every(self.text()?, name).collect())
    }
}

/// The texts of all XML elements of this name which hold nothing but text.
pub(super) fn every<'a>(xml: &'a str, name: &str) -> impl Iterator<Item = String> + use<'a> {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let mut rest = xml;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&start)?;
        let (text, after) = after.split_once(&end)?;
        rest = after;
        Some(unescaped(text))
    })
}

fn unescaped(text: &str) -> String {
    let marks = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&apos;", "'"),
        // Last, so that what it brings to light is left as it is.
        ("&amp;", "&"),
    ];
    marks
        .iter()
        .fold(text.to_owned(), |text, (mark, plain)| text.replace(mark, plain))
}

#[cfg(test)]
impl Answer {
    /// An answer with nothing but a status and a body.
    pub(super) fn of(status: u16, body: &str) -> Self {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: body.into(),
        }
    }
}
