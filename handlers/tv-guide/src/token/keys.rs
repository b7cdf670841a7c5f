//! The public keys of a user pool, as its JWKS document lists them (RFC 7517).

use std::fmt;

use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::Deserialize;

use super::{Refusal, jose};

/// The keys of a pool: Cognito has two, and changes them now and then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys(Vec<Key>);

/// An RSA key that verifies signatures.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    kid: String,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

/// A JWKS document that holds no key to verify with.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// It is no such document.
    #[error("the user pool's keys are no JWKS document")]
    Document(#[source] serde_json::Error),
    /// It has no RSA key for RS256.
    #[error("the user pool's keys hold none for RS256")]
    Empty,
}

impl Keys {
    /// The RS256 keys of a JWKS document; others are passed over (RFC 7517, 5).
    ///
    /// # Errors
    ///
    /// When it is no JWKS document, or has no such key.
    pub fn parse(document: &[u8]) -> Result<Self, KeysError> {
        let Document { keys } = serde_json::from_slice(document).map_err(KeysError::Document)?;
        let keys: Vec<Key> = keys.into_iter().filter_map(Key::from_jwk).collect();
        if keys.is_empty() {
            return Err(KeysError::Empty);
        }
        Ok(Self(keys))
    }

    /// The key with an id.
    #[must_use]
    pub fn get(&self, kid: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.kid == kid)
    }
}

impl Key {
    fn from_jwk(jwk: Jwk) -> Option<Self> {
        let is = |value: &Option<String>, expected: &str| value.as_deref().is_none_or(|value| value == expected);
        let fits = jwk.kty == "RSA" && is(&jwk.alg, "RS256") && is(&jwk.usage, "sig");
        let (kid, n, e) = (jwk.kid?, jwk.n?, jwk.e?);
        // Ring takes numbers without leading zeros; a key's modulus may be written with them.
        let number = |text: &str| {
            let bytes = jose::decode(text).ok()?;
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            Some(bytes.get(zeros..)?.to_vec())
        };
        fits.then_some(())?;
        Some(Self {
            kid,
            modulus: number(&n)?,
            exponent: number(&e)?,
        })
    }

    /// Whether this key has signed `message`: RSASSA-PKCS1-v1_5 with SHA-256, of 2,048 bits at least.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        let key = RsaPublicKeyComponents {
            n: &self.modulus,
            e: &self.exponent,
        };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .map_err(|_| Refusal::Signature)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.kid)
    }
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Jwk>,
}

/// A member of the document; of other kinds of key only `kty` is sure to be there.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    n: Option<String>,
    e: Option<String>,
}
