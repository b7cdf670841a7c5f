//! Static sites: the files of a folder, put into a bucket of the stack once that is there.
//!
//! Each object carries a digest of its bytes and headers, so that a file which stands there as it
//! should is not sent again. Pages go last, after all that they load, and only then is removed
//! what the folder no longer has: a visitor never meets a page whose parts are missing.
//!
//! No cache is told of a change, because none keeps anything unasked. Files are handed out as
//! `no-cache`, so browsers and CloudFront ask again on every use and get 304 by the ETag; only a
//! file whose name holds a hash of its content is kept for good.

mod folder;

use std::path::Path;

use anyhow::{Context as _, Result};
use infra_core::Site;
use infra_core::stack::Setting;
use serde::Serialize;

use crate::asset::hex_digest;
use crate::bucket::{Objects, Page};
use crate::clock::Clock;
use crate::cloudformation::CloudFormation;
use crate::console::{Console, unless_interrupted};
use crate::engine::Engine;

/// The file that tells a page about its deployment.
const CONFIG: &str = "config.json";

/// Ask again on every use.
const ASK_AGAIN: &str = "no-cache";

/// Never ask again: another content has another name.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// What a site's `config.json` may say of the place that it is deployed to.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The region.
    pub region: String,
    /// The endpoint that answers for all services; `None` where each has its own, as on AWS.
    pub endpoint: Option<String>,
    /// The domain under which each service has its own, `amazonaws.com` but in China.
    pub domain: &'static str,
}

impl Surroundings {
    fn value(&self, setting: Setting, outputs: &[(String, String)]) -> Result<String> {
        Ok(match setting {
            Setting::Output(name) => output(outputs, name)?.to_owned(),
            Setting::Region => self.region.clone(),
            Setting::Endpoint(service) => match &self.endpoint {
                Some(endpoint) => endpoint.trim_end_matches('/').to_owned(),
                None => format!("https://{service}.{}.{}", self.region, self.domain),
            },
        })
    }
}

/// The members of `config.json`, in their order.
struct Config(Vec<(&'static str, String)>);

impl Serialize for Config {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<C: CloudFormation, O: Objects, K: Clock, H: Console> Engine<C, O, K, H> {
    /// Makes a bucket hold a site and nothing else. `root` is what the site's folder is relative
    /// to, `outputs` are those of the stack.
    ///
    /// # Errors
    /// [`Interrupted`](crate::console::Interrupted) on Ctrl-C; the folder or an output is missing,
    /// or S3 refuses.
    pub async fn upload(
        &self,
        site: &Site,
        root: &Path,
        outputs: &[(String, String)],
        surroundings: &Surroundings,
    ) -> Result<()> {
        let meaning = || {
            format!(
                "interrupted; the site of {} is half uploaded, deploy again",
                site.folder
            )
        };
        let work = async {
            let bucket = output(outputs, site.bucket)?;
            let pages = pages(site, root, outputs, surroundings)?;
            self.replace(bucket, &pages)
                .await
                .with_context(|| format!("cannot upload {} to {bucket}", site.folder))
        };
        unless_interrupted(&self.console, meaning, work).await
    }

    async fn replace(&self, bucket: &str, pages: &[Page]) -> Result<()> {
        let mut old = self.objects.keys(bucket).await?;
        let mut uploaded = 0;
        for page in pages {
            let stands = old.contains(&page.key)
                && self.objects.digest(bucket, &page.key).await?.as_deref() == Some(page.digest.as_str());
            if !stands {
                self.console.status(&[format!("uploading {}", page.key)]);
                let sent = self.objects.put_page(bucket, page).await;
                self.console.status(&[]);
                sent?;
                uploaded += 1;
            }
        }
        old.retain(|key| pages.iter().all(|page| page.key != *key));
        for batch in old.chunks(crate::bucket::BATCH) {
            self.objects.remove(bucket, batch).await?;
        }
        self.console.say(&format!(
            "site in {bucket}: {uploaded} uploaded, {} unchanged, {} removed",
            pages.len() - uploaded,
            old.len()
        ));
        Ok(())
    }
}

/// All that the bucket is to hold, in the order in which it is sent.
fn pages(site: &Site, root: &Path, outputs: &[(String, String)], surroundings: &Surroundings) -> Result<Vec<Page>> {
    let mut files = folder::read(&root.join(site.folder))?;
    if !site.config.is_empty() {
        let members = site.config.iter().map(|(name, setting)| {
            let value = surroundings.value(*setting, outputs)?;
            Ok((*name, value))
        });
        let config = serde_json::to_vec(&Config(members.collect::<Result<_>>()?))?;
        files.retain(|(key, _)| key != CONFIG);
        files.push((CONFIG.to_owned(), config));
    }
    let mut pages: Vec<Page> = files.into_iter().map(|(key, bytes)| page(key, bytes)).collect();
    pages.sort_by_key(|page| (page.content_type == folder::HTML, page.key.clone()));
    Ok(pages)
}

fn page(key: String, bytes: Vec<u8>) -> Page {
    let content_type = folder::content_type(&key);
    let cache_control = if folder::has_hash(&key) { FOR_GOOD } else { ASK_AGAIN };
    let headers = format!("{content_type}\n{cache_control}\n");
    Page {
        digest: hex_digest(&[headers.as_bytes(), &bytes].concat()),
        key,
        bytes,
        content_type,
        cache_control,
    }
}

fn output<'a>(outputs: &'a [(String, String)], name: &str) -> Result<&'a str> {
    let found = outputs.iter().find(|(other, _)| other == name);
    let (_, value) = found.with_context(|| format!("the stack has no output {name}, which its site needs"))?;
    Ok(value)
}

#[cfg(test)]
mod tests;
