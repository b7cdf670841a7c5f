//! Where a page ended, as a text that only the same request can use.
//!
//! It holds a position and a digest of position and request. The digest has no secret, and needs
//! none: a position can only lead to another place of what the request may read anyway. It makes a
//! cursor that was cut, changed or sent with other parameters a plain mistake of the client.

use base64_simd::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::problem::Problem;

/// Bytes of the digest in front of the position.
const DIGEST: usize = 8;

/// The cursor of a position; `request` is what the position belongs to.
pub(super) fn encode(request: &str, position: &impl Serialize) -> String {
    // Texts and numbers always serialise.
    let position = serde_json::to_vec(position).unwrap_or_default();
    let mut bytes = digest(request, &position);
    bytes.extend(position);
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// The position of a cursor.
///
/// # Errors
///
/// When it was not made for this request.
pub(super) fn decode<P: DeserializeOwned>(request: &str, cursor: &str) -> Result<P, Problem> {
    let bytes = URL_SAFE_NO_PAD.decode_to_vec(cursor).map_err(|_| foreign())?;
    let (given, position) = bytes.split_at_checked(DIGEST).ok_or_else(foreign)?;
    if given != digest(request, position) {
        return Err(foreign());
    }
    serde_json::from_slice(position).map_err(|_| foreign())
}

/// The problem of a cursor that does not belong to the request.
pub(super) fn foreign() -> Problem {
    Problem::parameter(
        "cursor",
        "not a cursor of this request: send `next` of its last answer, with the same parameters",
    )
}

fn digest(request: &str, position: &[u8]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update((request.len() as u64).to_be_bytes());
    hash.update(request);
    hash.update(position);
    hash.finalize().iter().take(DIGEST).copied().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, proptest};

    use super::{decode, encode};

    #[test]
    fn a_cursor_leads_back_to_its_position() {
        let cursor = encode("getGuide", &("2026", 7));
        assert_eq!(
            decode::<(String, u8)>("getGuide", &cursor).unwrap(),
            ("2026".to_owned(), 7)
        );
        assert!(decode::<(String, u8)>("listTitles", &cursor).is_err());
    }

    proptest! {
        #[test]
        fn a_changed_cursor_is_refused(at in any::<prop::sample::Index>(), char in "[A-Za-z0-9_=%+/-]") {
            let good = encode("getGuide", &"2026-01-09T20:00:00Z#bbc#1");
            let mut bad = good.clone();
            let at = at.index(bad.len());
            bad.replace_range(at..=at, &char);
            assert_eq!(decode::<String>("getGuide", &bad).is_ok(), bad == good);
        }

        #[test]
        fn no_text_is_a_cursor(text in any::<String>()) {
            assert!(decode::<String>("getGuide", &text).is_err());
        }
    }
}
