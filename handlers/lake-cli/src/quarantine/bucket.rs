//! The objects below the error prefix.

use super::lines::Lines;
use crate::client::{Aws, root_cause};
use anyhow::{Result, anyhow};
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::primitives::DateTime;

/// A bucket and a prefix in it.
pub(crate) struct Bucket<'a> {
    aws: &'a Aws,
    client: aws_sdk_s3::Client,
    name: String,
    prefix: String,
}

/// An object with error documents.
pub(crate) struct Object {
    /// Its key.
    pub(crate) key: String,
    /// When it was written, in milliseconds since 1970.
    pub(crate) written_ms: Option<i64>,
}

/// Objects, and where to go on.
pub(crate) struct Listing {
    /// In the order of their keys.
    pub(crate) objects: Vec<Object>,
    /// Names the next page, if there is one.
    pub(crate) next: Option<String>,
}

impl<'a> Bucket<'a> {
    /// Reaches no one yet.
    pub(crate) fn new(aws: &'a Aws, name: String, prefix: String) -> Self {
        Self {
            aws,
            client: aws.s3(),
            name,
            prefix,
        }
    }

    /// A page of objects; `token` is [`Listing::next`] of the page before, none for the first.
    pub(crate) async fn list(&self, token: Option<String>) -> Result<Listing> {
        let request = self.client.list_objects_v2().bucket(&self.name).prefix(&self.prefix);
        let answer = request
            .set_continuation_token(token)
            .send()
            .await
            .map_err(|error| match &error {
                SdkError::ServiceError(service) if service.err().is_no_such_bucket() => anyhow!(
                    "there is no bucket {}; deploy the stack first (`cargo xtask deploy --env ENV`) or name another \
                 with --bucket",
                    self.name
                ),
                _ => self
                    .aws
                    .explain(&format!("cannot list s3://{}/{}", self.name, self.prefix), error),
            })?;
        let object = |object: aws_sdk_s3::types::Object| {
            let written = object
                .last_modified
                .as_ref()
                .map(|time| DateTime::to_millis(*time))
                .and_then(Result::ok);
            object.key.map(|key| Object {
                key,
                written_ms: written,
            })
        };
        Ok(Listing {
            objects: answer
                .contents
                .unwrap_or_default()
                .into_iter()
                .filter_map(object)
                .collect(),
            next: answer.next_continuation_token,
        })
    }

    /// Reads an object line by line, until `each` has had enough.
    pub(crate) async fn read(&self, key: &str, mut each: impl FnMut(u64, &[u8]) -> Result<bool>) -> Result<bool> {
        let place = || format!("cannot read s3://{}/{key}", self.name);
        let request = self.client.get_object().bucket(&self.name).key(key);
        let answer = request
            .send()
            .await
            .map_err(|error| self.aws.explain(&place(), error))?;
        let (mut body, mut lines) = (answer.body, Lines::default());
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|error| anyhow!("{}: {}", place(), root_cause(&error)))?;
            for (number, line) in lines.push(&piece) {
                if !each(number, &line)? {
                    return Ok(false);
                }
            }
        }
        match lines.finish() {
            Some((number, line)) => each(number, &line),
            None => Ok(true),
        }
    }

    /// The folder below the prefix that a key is in: Firehose's error type.
    pub(crate) fn kind(&self, key: &str) -> String {
        kind(&self.prefix, key).to_owned()
    }

    /// How a person finds an object.
    pub(crate) fn url(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.name)
    }
}

fn kind<'k>(prefix: &str, key: &'k str) -> &'k str {
    let below = key.strip_prefix(prefix).unwrap_or(key).trim_start_matches('/');
    below.split_once('/').map_or("unknown", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn the_error_type_is_the_folder_below_the_prefix() {
        assert_eq!(
            kind("errors/events/", "errors/events/processing-failed/2026/x"),
            "processing-failed"
        );
        assert_eq!(
            kind("errors/events", "errors/events/format-conversion-failed/x"),
            "format-conversion-failed"
        );
        assert_eq!(kind("errors/events/", "errors/events/stray"), "unknown");
    }
}
