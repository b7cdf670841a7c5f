//! Files of this machine, and objects of S3, as lines.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use flate2::read::MultiGzDecoder;

use crate::client::Aws;
use crate::repair::objects::{Bucket, Objects as _};

/// A file, or an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// Of this machine.
    File(PathBuf),
    /// Of S3.
    Object {
        /// The bucket.
        bucket: String,
        /// The object's key.
        key: String,
    },
}

/// The inputs that are meant: of `s3://bucket/prefix` every object below it, in the order of keys.
pub(super) async fn all(aws: &Aws, names: &[String]) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for name in names {
        let Some(place) = name.strip_prefix("s3://") else {
            inputs.push(Input::File(name.into()));
            continue;
        };
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let objects = Bucket::new(aws, bucket.to_owned(), prefix.to_owned());
        let (before, mut token) = (inputs.len(), None);
        loop {
            let (keys, next) = objects.list(token).await?;
            let object = |key| Input::Object {
                bucket: bucket.to_owned(),
                key,
            };
            inputs.extend(keys.into_iter().filter(|key| !key.ends_with('/')).map(object));
            token = next;
            if token.is_none() {
                break;
            }
        }
        if inputs.len() == before {
            bail!("there is no object below {name}");
        }
    }
    Ok(inputs)
}

impl Input {
    /// How a person finds it.
    pub(super) fn name(&self) -> String {
        match self {
            Input::File(path) => path.display().to_string(),
            Input::Object { bucket, key } => format!("s3://{bucket}/{key}"),
        }
    }

    /// Its text; an object is held whole.
    pub(super) async fn read(&self, aws: &Aws) -> Result<Box<dyn BufRead>> {
        match self {
            Input::File(path) => {
                let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
                plain(file).with_context(|| format!("cannot read {}", path.display()))
            }
            Input::Object { bucket, key } => {
                let objects = Bucket::new(aws, bucket.clone(), String::new());
                plain(Cursor::new(objects.read(key).await?.bytes))
                    .with_context(|| format!("cannot read {}", self.name()))
            }
        }
    }
}

/// Text, which may be compressed with gzip.
fn plain(reader: impl Read + 'static) -> Result<Box<dyn BufRead>> {
    let mut reader = BufReader::new(reader);
    Ok(match reader.fill_buf()? {
        [0x1f, 0x8b, ..] => Box::new(BufReader::new(MultiGzDecoder::new(reader))),
        _ => Box::new(reader),
    })
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read as _, Write as _};

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::plain;

    #[test]
    fn compressed_parts_are_one_text() {
        let mut compressed = Vec::new();
        for part in ["one\n", "two\n"] {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(part.as_bytes()).expect("memory");
            compressed.extend(encoder.finish().expect("memory"));
        }
        for bytes in [b"one\ntwo\n".to_vec(), compressed] {
            let mut text = String::new();
            plain(Cursor::new(bytes))
                .expect("text")
                .read_to_string(&mut text)
                .expect("text");
            assert_eq!(text, "one\ntwo\n");
        }
    }
}
