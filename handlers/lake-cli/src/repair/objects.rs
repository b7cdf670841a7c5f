//! Objects of a bucket that are read, and replaced by what is left of them.

use std::collections::HashMap;

use anyhow::{Result, anyhow};
use aws_sdk_s3::primitives::ByteStream;

use crate::client::{Aws, root_cause};

/// An object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Object {
    /// Its content.
    pub(crate) bytes: Vec<u8>,
    /// What it says about itself; what replaces it says the same.
    pub(crate) metadata: HashMap<String, String>,
}

/// Objects below a prefix.
pub(crate) trait Objects {
    /// Keys of some objects, in their order, and where to go on.
    async fn list(&self, token: Option<String>) -> Result<(Vec<String>, Option<String>)>;
    /// An object.
    async fn read(&self, key: &str) -> Result<Object>;
    /// Puts an object in the place of the one that is there.
    async fn replace(&self, key: &str, object: Object) -> Result<()>;
    /// Removes an object.
    async fn remove(&self, key: &str) -> Result<()>;
}

/// A bucket of S3, and a prefix in it.
pub(crate) struct Bucket<'a> {
    aws: &'a Aws,
    client: aws_sdk_s3::Client,
    name: String,
    prefix: String,
}

impl<'a> Bucket<'a> {
    /// Reaches no one yet.
    pub(crate) fn new(aws: &'a Aws, name: String, prefix: String) -> Self {
        let client = aws.s3();
        Bucket {
            aws,
            client,
            name,
            prefix,
        }
    }

    fn place(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.name)
    }
}

impl Objects for Bucket<'_> {
    async fn list(&self, token: Option<String>) -> Result<(Vec<String>, Option<String>)> {
        let request = self.client.list_objects_v2().bucket(&self.name).prefix(&self.prefix);
        let answer = request.set_continuation_token(token).send().await;
        let answer = answer.map_err(|error| {
            self.aws
                .explain(&format!("cannot list {}", self.place(&self.prefix)), error)
        })?;
        let keys = answer
            .contents
            .unwrap_or_default()
            .into_iter()
            .filter_map(|object| object.key);
        Ok((keys.collect(), answer.next_continuation_token))
    }

    async fn read(&self, key: &str) -> Result<Object> {
        let wanted = format!("cannot read {}", self.place(key));
        let answer = self.client.get_object().bucket(&self.name).key(key).send().await;
        let answer = answer.map_err(|error| self.aws.explain(&wanted, error))?;
        let metadata = answer.metadata.unwrap_or_default();
        let bytes = answer.body.collect().await;
        let bytes = bytes
            .map_err(|error| anyhow!("{wanted}: {}", root_cause(&error)))?
            .to_vec();
        Ok(Object { bytes, metadata })
    }

    async fn replace(&self, key: &str, object: Object) -> Result<()> {
        let request = self.client.put_object().bucket(&self.name).key(key);
        let request = request
            .set_metadata(Some(object.metadata))
            .body(ByteStream::from(object.bytes));
        let answer = request.send().await;
        answer.map_err(|error| self.aws.explain(&format!("cannot replace {}", self.place(key)), error))?;
        Ok(())
    }

    async fn remove(&self, key: &str) -> Result<()> {
        let answer = self.client.delete_object().bucket(&self.name).key(key).send().await;
        answer.map_err(|error| self.aws.explain(&format!("cannot remove {}", self.place(key)), error))?;
        Ok(())
    }
}
