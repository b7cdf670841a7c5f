//! Assets: the zips that `cargo xtask package` makes, uploaded under the hash of their content.
//!
//! The same bytes have the same key, so an unchanged function is neither uploaded nor updated.

use crate::bucket::Objects;
use crate::clock::{Clock, spoken};
use crate::console::Console;
use anyhow::{Context as _, Result, bail};
use infra_core::stack::Asset;
use sha2::{Digest as _, Sha256};
use std::io::ErrorKind;
use std::path::Path;

/// Uploads what the bucket lacks; gives back the parameter and key of every asset.
///
/// # Errors
/// A zip is missing or unreadable, or S3 refuses it.
pub async fn publish(
    objects: &impl Objects,
    clock: &impl Clock,
    console: &impl Console,
    bucket: &str,
    folder: &Path,
    assets: &[Asset],
) -> Result<Vec<(String, String)>> {
    let mut keys = Vec::with_capacity(assets.len());
    let mut unchanged = 0;
    for (index, asset) in assets.iter().enumerate() {
        let bytes = read(folder, asset.bin)?;
        let key = format!("assets/{}.zip", hex_digest(&bytes));
        if objects.has(bucket, &key).await? {
            unchanged += 1;
        } else {
            let size = megabytes(bytes.len());
            let place = format!("{} of {}", index + 1, assets.len());
            console.status(&[format!("uploading {}.zip, {size} ({place})", asset.bin)]);
            let start = clock.now();
            let sent = objects.put(bucket, &key, bytes).await;
            console.status(&[]);
            sent.with_context(|| format!("cannot upload {}.zip", asset.bin))?;
            let took = spoken(clock.now().saturating_sub(start));
            console.say(&format!("uploaded {}.zip, {size} in {took}", asset.bin));
        }
        keys.push((asset.parameter.clone(), key));
    }
    if !assets.is_empty() {
        let uploaded = assets.len() - unchanged;
        console.say(&format!("assets: {uploaded} uploaded, {unchanged} unchanged"));
    }
    Ok(keys)
}

/// SHA-256 in lower-case hexadecimal digits.
pub(crate) fn hex_digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut digits = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

fn read(folder: &Path, bin: &str) -> Result<Vec<u8>> {
    let path = folder.join(format!("{bin}.zip"));
    match std::fs::read(&path) {
        Ok(bytes) if bytes.is_empty() => {
            bail!("{} is empty; make it again with `cargo xtask package`", path.display())
        }
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("{} is missing; make it with `cargo xtask package`", path.display())
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn megabytes(bytes: usize) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::{hex_digest, megabytes, publish};
    use crate::bucket::memory::Memory;
    use crate::clock::Leaping;
    use crate::console::Recorder;
    use infra_core::stack::Asset;

    #[tokio::test]
    async fn only_changed_zips_are_uploaded() {
        let folder = tempfile::tempdir().unwrap();
        let write = |bin: &str, content: &str| {
            std::fs::write(folder.path().join(format!("{bin}.zip")), content).unwrap();
        };
        write("lake-transform", "one");
        write("lake-write", "two");
        let assets = [Asset::of("lake-transform"), Asset::of("lake-write")];
        let (objects, clock) = (Memory::with_bucket("assets"), Leaping::default());

        let first = Recorder::default();
        let keys = publish(&objects, &clock, &first, "assets", folder.path(), &assets).await;
        let keys = keys.unwrap();
        assert!(first.text().ends_with("assets: 2 uploaded, 0 unchanged"));
        assert_eq!(keys[0].0, "LakeTransformKey");
        assert_eq!(keys[0].1, format!("assets/{}.zip", hex_digest(b"one")));

        write("lake-transform", "three");
        let second = Recorder::default();
        let again = publish(&objects, &clock, &second, "assets", folder.path(), &assets).await;
        let again = again.unwrap();
        assert!(second.text().ends_with("assets: 1 uploaded, 1 unchanged"));
        assert_ne!(keys[0], again[0]);
        assert_eq!(keys[1], again[1]);
    }

    #[tokio::test]
    async fn a_missing_zip_names_the_command_that_makes_it() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Memory::with_bucket("assets");
        let (clock, console) = (Leaping::default(), Recorder::default());
        let assets = [Asset::of("lake-transform")];
        let error = publish(&objects, &clock, &console, "assets", folder.path(), &assets)
            .await
            .unwrap_err();
        let message = error.to_string();
        assert!(message.contains("lake-transform.zip is missing"), "{message}");
        assert!(message.contains("`cargo xtask package`"), "{message}");
    }

    #[test]
    fn digests_and_sizes() {
        assert_eq!(
            hex_digest(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(megabytes(1), "0.1 MB");
        assert_eq!(megabytes(4_140_000), "4.2 MB");
    }
}
