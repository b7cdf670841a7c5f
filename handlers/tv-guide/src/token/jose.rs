//! What a token is made of, read strictly: a reader that guesses is one that can be fooled.

use std::collections::BTreeSet;
use std::fmt;

use base64_simd::URL_SAFE_NO_PAD;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::Refusal;
use crate::contract::api::limit;

/// A token of the right form, of which nothing is proved yet.
#[derive(Debug)]
pub struct Token<'t> {
    kid: String,
    signed: &'t str,
    claims: Vec<u8>,
    signature: Vec<u8>,
}

impl<'t> Token<'t> {
    /// The token of an `Authorization` header.
    ///
    /// # Errors
    ///
    /// When there is none, or it is no compact JWS (RFC 7515, 7.1) signed with RS256.
    pub fn parse(authorization: Option<&'t str>) -> Result<Self, Refusal> {
        let (scheme, token) = authorization
            .and_then(|header| header.split_once(' '))
            .ok_or(Refusal::Missing)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Refusal::Missing);
        }
        if token.len() > limit::TOKEN_BYTES {
            return Err(Refusal::Oversized);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Refusal::Malformed)?;
        // A further dot would be in one of the parts, where base64url has none.
        let (header, claims) = signed.split_once('.').ok_or(Refusal::Malformed)?;
        let header: Header = object(&decode(header)?, Refusal::Header)?;
        if header.alg != "RS256" {
            return Err(Refusal::Algorithm);
        }
        Ok(Self {
            kid: header.kid,
            signed,
            claims: decode(claims)?,
            signature: decode(signature)?,
        })
    }

    /// Id of the key that is said to have signed it.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// What is signed: header and claims as they were sent.
    pub(super) fn signed(&self) -> &[u8] {
        self.signed.as_bytes()
    }

    pub(super) fn claims(&self) -> &[u8] {
        &self.claims
    }

    pub(super) fn signature(&self) -> &[u8] {
        &self.signature
    }
}

/// All that the header of an access token says; `crit`, `jku`, `jwk`, `x5u` and the like are refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
    #[serde(rename = "typ")]
    _typ: Option<String>,
}

/// Bytes of base64url without padding; no other text gives the same bytes.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode_to_vec(text).map_err(|_| Refusal::Malformed)
}

/// A JSON object in which no member occurs twice, at any depth: of two, one reader takes the first
/// and another the last.
///
/// `otherwise` is the refusal where it is such an object, but not a `T`.
pub(super) fn object<'j, T: Deserialize<'j>>(json: &'j [u8], otherwise: Refusal) -> Result<T, Refusal> {
    // A struct could be read from an array as well.
    if json.first() != Some(&b'{') {
        return Err(Refusal::Malformed);
    }
    serde_json::from_slice::<Distinct>(json).map_err(|_| Refusal::Malformed)?;
    serde_json::from_slice(json).map_err(|_| otherwise)
}

/// Any JSON value whose objects have distinct members.
struct Distinct;

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Walk)
    }
}

struct Walk;

impl<'de> Visitor<'de> for Walk {
    type Value = Distinct;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON whose objects have distinct members")
    }

    fn visit_unit<E>(self) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_str<E>(self, _: &str) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Distinct, A::Error> {
        while items.next_element::<Distinct>()?.is_some() {}
        Ok(Distinct)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Distinct, A::Error> {
        let mut names = BTreeSet::new();
        while let Some(name) = members.next_key::<String>()? {
            members.next_value::<Distinct>()?;
            if !names.insert(name) {
                return Err(A::Error::custom("a member occurs twice"));
            }
        }
        Ok(Distinct)
    }
}
