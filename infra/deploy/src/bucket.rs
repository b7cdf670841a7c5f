//! Buckets: the one that holds assets, made and hardened here, and those that a destroyed stack
//! leaves to be emptied.

pub mod s3;

#[cfg(test)]
pub(crate) mod memory;

use crate::client::Identity;
use crate::console::Console;
use crate::error::Error;
use anyhow::{Context as _, Result, bail};

/// What the engine asks of S3.
#[expect(
    async_fn_in_trait,
    reason = "the engine runs on one thread and asks for no Send futures"
)]
pub trait Objects {
    /// Who holds a bucket of this name.
    async fn holder(&self, bucket: &str) -> Result<Holder, Error>;
    /// Makes a bucket in the region of the deployment.
    async fn create(&self, bucket: &str) -> Result<(), Error>;
    /// Encryption, no public access, versions, TLS only, a life cycle, tags: all of them, again
    /// on every call.
    async fn harden(&self, bucket: &str, tags: &[(String, String)]) -> Result<(), Error>;
    /// Whether an object of this key exists.
    async fn has(&self, bucket: &str, key: &str) -> Result<bool, Error>;
    /// Stores an object.
    async fn put(&self, bucket: &str, key: &str, bytes: Vec<u8>) -> Result<(), Error>;
    /// The address under which CloudFormation reads an object.
    async fn url(&self, bucket: &str, key: &str) -> Result<String, Error>;
    /// Up to `limit` object versions and delete markers, at most [`BATCH`].
    async fn versions(&self, bucket: &str, limit: usize) -> Result<Vec<Version>, Error>;
    /// Deletes object versions and delete markers, at most [`BATCH`] of them.
    async fn delete_versions(&self, bucket: &str, versions: &[Version]) -> Result<(), Error>;
    /// The keys of all objects.
    async fn keys(&self, bucket: &str) -> Result<Vec<String>, Error>;
    /// The digest that an object was stored with by [`Objects::put_page`]; `None` for one that
    /// was not.
    async fn digest(&self, bucket: &str, key: &str) -> Result<Option<String>, Error>;
    /// Stores a file of a web site with its headers and its digest.
    async fn put_page(&self, bucket: &str, page: &Page) -> Result<(), Error>;
    /// Deletes objects, at most [`BATCH`] of them; versions that a bucket keeps stay.
    async fn remove(&self, bucket: &str, keys: &[String]) -> Result<(), Error>;
    /// Deletes an empty bucket.
    async fn delete(&self, bucket: &str) -> Result<(), Error>;
}

/// Most keys of one ListObjectVersions or DeleteObjects call (S3 API reference).
pub const BATCH: usize = 1000;

/// Who holds a bucket name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// This account.
    Us,
    /// Somebody else, or this account without the right to look.
    Other,
    /// Nobody.
    Nobody,
}

/// One version of an object, or a delete marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Key of the object.
    pub key: String,
    /// Id of the version.
    pub id: String,
}

/// A file of a web site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Key of the object, which is the path after the site's address.
    pub key: String,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// The header `Content-Type`.
    pub content_type: &'static str,
    /// The header `Cache-Control`.
    pub cache_control: &'static str,
    /// Differs where any of the above but the key does.
    pub digest: String,
}

/// The asset bucket's name.
///
/// Account and region make it unique among all accounts, so that nobody else needs this name.
pub fn name(prefix: &str, identity: &Identity, region: &str) -> String {
    format!("{prefix}-assets-{}-{region}", identity.account)
}

/// Makes the asset bucket where it is lacking; gives back whether it did.
///
/// # Errors
/// The name is held by another account, or S3 refuses.
pub async fn ensure(
    objects: &impl Objects,
    console: &impl Console,
    bucket: &str,
    tags: &[(String, String)],
) -> Result<bool> {
    match objects.holder(bucket).await? {
        Holder::Us => return Ok(false),
        Holder::Other => bail!(
            "bucket {bucket} is not open to this account; if somebody else holds the name, choose another --prefix"
        ),
        Holder::Nobody => {}
    }
    objects.create(bucket).await?;
    objects.harden(bucket, tags).await.with_context(|| {
        format!("bucket {bucket} was made and is not hardened yet; run `infra-deploy bootstrap` again")
    })?;
    console.say(&format!("made asset bucket {bucket}"));
    Ok(true)
}

/// Makes or re-hardens the asset bucket: what `infra-deploy bootstrap` does.
///
/// # Errors
/// The name is held by another account, or S3 refuses.
pub async fn bootstrap(
    objects: &impl Objects,
    console: &impl Console,
    bucket: &str,
    tags: &[(String, String)],
) -> Result<()> {
    if !ensure(objects, console, bucket, tags).await? {
        objects.harden(bucket, tags).await?;
        console.say(&format!("asset bucket {bucket} was there; hardened it again"));
    }
    Ok(())
}

/// Deletes every version and delete marker of a bucket; gives back how many there were.
///
/// # Errors
/// S3 refuses to list or to delete.
pub async fn empty(objects: &impl Objects, console: &impl Console, bucket: &str) -> Result<u64> {
    let mut deleted: u64 = 0;
    loop {
        // What is deleted leaves the listing, so each batch is the first page of what is left.
        let versions = objects.versions(bucket, BATCH).await?;
        if versions.is_empty() {
            break;
        }
        objects.delete_versions(bucket, &versions).await?;
        deleted += versions.len() as u64;
        console.status(&[format!("emptying {bucket}: {deleted} deleted")]);
    }
    console.status(&[]);
    console.say(&format!("emptied {bucket}: {deleted} object versions deleted"));
    Ok(deleted)
}

#[cfg(test)]
mod tests;
