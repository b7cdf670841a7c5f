//! The folder that a site is uploaded from, and what each of its files is.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// The type of pages, which everything else is a part of.
pub(super) const HTML: &str = "text/html; charset=utf-8";

/// Types by the end of the name; what is not here is handed out as bytes.
const TYPES: [(&str, &str); 16] = [
    ("avif", "image/avif"),
    ("css", "text/css; charset=utf-8"),
    ("gif", "image/gif"),
    ("html", HTML),
    ("ico", "image/x-icon"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("txt", "text/plain; charset=utf-8"),
    ("webmanifest", "application/manifest+json"),
    ("webp", "image/webp"),
    ("woff2", "font/woff2"),
    ("xml", "application/xml"),
];

/// Fewest hexadecimal digits that are taken for a hash of the content.
const HASH: usize = 8;

/// The files below a folder by key, in order; hidden ones are left out.
///
/// # Errors
/// The folder or a file cannot be read, or a name is no text.
pub(super) fn read(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    let mut waiting = vec![(folder.to_owned(), String::new())];
    while let Some((folder, path)) = waiting.pop() {
        let entries = fs::read_dir(&folder).with_context(|| format!("cannot read the site's {}", folder.display()))?;
        for entry in entries {
            let file = entry?.path();
            let name = file.file_name().and_then(|name| name.to_str());
            let name = name.with_context(|| format!("the name of {} is no text; change it", file.display()))?;
            if name.starts_with('.') {
                continue;
            }
            let key = format!("{path}{name}");
            if file.is_dir() {
                waiting.push((file, key + "/"));
            } else {
                let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
                files.push((key, bytes));
            }
        }
    }
    files.sort();
    Ok(files)
}

pub(super) fn content_type(key: &str) -> &'static str {
    let end = key.rsplit('/').next().and_then(|name| name.rsplit_once('.'));
    let end = end.map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
    let known = TYPES.iter().find(|(known, _)| *known == end);
    known.map_or("application/octet-stream", |(_, kind)| kind)
}

/// Whether the name holds a hash of the content: `app.0a1b2c3d.js`, `app-0a1b2c3d.js`.
pub(super) fn has_hash(key: &str) -> bool {
    let name = key.rsplit('/').next().unwrap_or(key);
    let Some((stem, _)) = name.rsplit_once('.') else {
        return false;
    };
    let last = stem.rsplit_once(['.', '-']).map(|(_, last)| last);
    last.is_some_and(|last| last.len() >= HASH && last.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::{TYPES, content_type, has_hash};

    #[test]
    fn types_follow_the_end_of_the_name() {
        assert_eq!(content_type("js/grid.js"), "text/javascript; charset=utf-8");
        assert_eq!(content_type("LOGO.SVG"), "image/svg+xml");
        assert_eq!(content_type("a.b/licence"), "application/octet-stream");
        assert!(TYPES.is_sorted());
    }

    #[test]
    fn only_a_name_with_a_hash_is_kept_for_good() {
        for (key, hashed) in [
            ("app.0a1b2c3d.js", true),
            ("css/app-0A1B2C3D4E.css", true),
            ("app.js", false),
            ("app.2026.js", false),
            ("deadbeef.js", false),
            ("app-favourites.js", false),
        ] {
            assert_eq!(has_hash(key), hashed, "{key}");
        }
    }
}
