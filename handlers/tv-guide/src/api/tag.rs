//! Entity tags (RFC 9110, 8.8.3): whether what a client has is what there is.

use sha2::{Digest, Sha256};

/// The tag of a body: 128 bits of its SHA-256, in quotation marks.
pub(super) fn of(body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

/// Whether `If-None-Match` lists the tag; weak tags count.
pub(super) fn is_known(if_none_match: &str, tag: &str) -> bool {
    listed(if_none_match).any(|listed| listed == "*" || listed.trim_start_matches("W/") == tag)
}

/// Whether `If-Match` lists the tag; weak tags do not count.
pub(super) fn is_current(if_match: &str, tag: &str) -> bool {
    listed(if_match).any(|listed| listed == "*" || listed == tag)
}

fn listed(header: &str) -> impl Iterator<Item = &str> {
    header.split(',').map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::{is_current, is_known, of};

    #[track_caller]
    fn check(header: &str, known: bool, current: bool) {
        assert_eq!(
            (is_known(header, "\"a\""), is_current(header, "\"a\"")),
            (known, current),
            "{header}"
        );
    }

    #[test]
    fn a_tag_matches_alone_in_a_list_or_by_the_star() {
        check("\"a\"", true, true);
        check("\"b\", \"a\"", true, true);
        check("*", true, true);
        check("W/\"a\"", true, false);
        check("\"b\"", false, false);
        check("a", false, false);
        check("", false, false);
    }

    #[test]
    fn a_tag_follows_from_the_body() {
        assert_eq!(of(b"{}"), of(b"{}"));
        assert_ne!(of(b"{}"), of(b"[]"));
        assert_eq!(of(b"").len(), 34);
    }
}
