//! The raw objects of an hour, and the digest by which they are known again.

use std::fmt::Write as _;

use md5::{Digest as _, Md5};

use super::RawObject;

/// What was listed.
#[derive(Debug)]
pub(super) struct Inputs {
    /// The objects, by their keys.
    pub(super) objects: Vec<RawObject>,
    /// Their sizes together.
    pub(super) bytes: u64,
    /// The same for the same keys and contents, in whatever order they were listed.
    pub(super) digest: String,
}

impl Inputs {
    pub(super) fn of(mut objects: Vec<RawObject>) -> Self {
        objects.sort_unstable();
        let mut hash = Md5::new();
        for RawObject { key, etag, size } in &objects {
            hash.update(format!("{}:{key}{etag}:{size};", key.len()));
        }
        let mut digest = String::with_capacity(32);
        for byte in hash.finalize() {
            // Writing to a String cannot fail.
            let _ = write!(digest, "{byte:02x}");
        }
        Inputs {
            bytes: objects.iter().map(|object| object.size).sum(),
            objects,
            digest,
        }
    }
}
