//! Buckets in memory, for unit tests.

use super::{Holder, Objects, Page, Version};
use crate::error::Error;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// Buckets of this account by name, and who else holds names.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    buckets: RefCell<BTreeMap<String, BTreeMap<String, Vec<u8>>>>,
    pub(crate) foreign: Vec<&'static str>,
    pub(crate) hardened: RefCell<Vec<String>>,
    pub(crate) batches: RefCell<Vec<usize>>,
    /// The keys of pages, as they were stored.
    pub(crate) sent: RefCell<Vec<String>>,
    pages: RefCell<BTreeMap<String, Page>>,
    /// How many objects arrive in a bucket right after it was found empty, once.
    pub(crate) late: Cell<usize>,
}

impl Memory {
    pub(crate) fn with_bucket(name: &str) -> Self {
        let memory = Self::default();
        memory.buckets.borrow_mut().insert(name.to_owned(), BTreeMap::new());
        memory
    }

    /// A bucket of this many objects.
    pub(crate) fn holding(name: &str, objects: usize) -> Self {
        let memory = Self::default();
        memory.add(name, objects);
        memory
    }

    pub(crate) fn add(&self, name: &str, objects: usize) {
        let objects = (0..objects).map(|index| (format!("{index:06}"), Vec::new()));
        self.buckets.borrow_mut().insert(name.to_owned(), objects.collect());
    }

    pub(crate) fn page(&self, key: &str) -> Page {
        self.pages.borrow()[key].clone()
    }

    pub(crate) fn keys_of(&self, bucket: &str) -> Vec<String> {
        let buckets = self.buckets.borrow();
        buckets
            .get(bucket)
            .into_iter()
            .flat_map(|objects| objects.keys().cloned())
            .collect()
    }

    pub(crate) fn exists(&self, bucket: &str) -> bool {
        self.buckets.borrow().contains_key(bucket)
    }
}

impl Objects for Memory {
    async fn holder(&self, bucket: &str) -> Result<Holder, Error> {
        Ok(if self.exists(bucket) {
            Holder::Us
        } else if self.foreign.contains(&bucket) {
            Holder::Other
        } else {
            Holder::Nobody
        })
    }

    async fn create(&self, bucket: &str) -> Result<(), Error> {
        self.buckets.borrow_mut().insert(bucket.to_owned(), BTreeMap::new());
        Ok(())
    }

    async fn harden(&self, bucket: &str, _tags: &[(String, String)]) -> Result<(), Error> {
        self.hardened.borrow_mut().push(bucket.to_owned());
        Ok(())
    }

    async fn has(&self, bucket: &str, key: &str) -> Result<bool, Error> {
        Ok(self.keys_of(bucket).iter().any(|held| held == key))
    }

    async fn put(&self, bucket: &str, key: &str, bytes: Vec<u8>) -> Result<(), Error> {
        let mut buckets = self.buckets.borrow_mut();
        buckets
            .entry(bucket.to_owned())
            .or_default()
            .insert(key.to_owned(), bytes);
        Ok(())
    }

    async fn url(&self, bucket: &str, key: &str) -> Result<String, Error> {
        Ok(format!("memory://{bucket}/{key}"))
    }

    async fn versions(&self, bucket: &str, limit: usize) -> Result<Vec<Version>, Error> {
        let found: Vec<Version> = self
            .keys_of(bucket)
            .into_iter()
            .take(limit)
            .map(|key| Version {
                key,
                id: "null".to_owned(),
            })
            .collect();
        if found.is_empty() && self.exists(bucket) {
            self.add(bucket, self.late.take());
        }
        Ok(found)
    }

    async fn delete_versions(&self, bucket: &str, versions: &[Version]) -> Result<(), Error> {
        self.batches.borrow_mut().push(versions.len());
        if let Some(objects) = self.buckets.borrow_mut().get_mut(bucket) {
            objects.retain(|key, _| versions.iter().all(|version| version.key != *key));
        }
        Ok(())
    }

    async fn keys(&self, bucket: &str) -> Result<Vec<String>, Error> {
        Ok(self.keys_of(bucket))
    }

    async fn digest(&self, _bucket: &str, key: &str) -> Result<Option<String>, Error> {
        Ok(self.pages.borrow().get(key).map(|page| page.digest.clone()))
    }

    async fn put_page(&self, bucket: &str, page: &Page) -> Result<(), Error> {
        self.sent.borrow_mut().push(page.key.clone());
        self.pages.borrow_mut().insert(page.key.clone(), page.clone());
        self.put(bucket, &page.key, page.bytes.clone()).await
    }

    async fn remove(&self, bucket: &str, keys: &[String]) -> Result<(), Error> {
        self.pages.borrow_mut().retain(|key, _| !keys.contains(key));
        if let Some(objects) = self.buckets.borrow_mut().get_mut(bucket) {
            objects.retain(|key, _| !keys.contains(key));
        }
        Ok(())
    }

    async fn delete(&self, bucket: &str) -> Result<(), Error> {
        self.buckets.borrow_mut().remove(bucket);
        Ok(())
    }
}
