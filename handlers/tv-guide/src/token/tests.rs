use base64_simd::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use proptest::prelude::{any, prop, proptest};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};

use super::{Keys, Refusal, Token, Verifier};
use crate::event::id::UserId;

const POOL: &str = "eu-west-2_AbCdEfGhI";
const CLIENT: &str = "client0123456789";
const KID: &str = "pool-key/1+=";
const SUB: &str = "7c1f8a52-2f0e-4b6e-9d7a-0a4f3b1c2d3e";
/// 2026-01-09T21:00:00Z.
const NOW: i64 = 1_767_992_400;

/// Keys that were made for these tests: one stands for the pool's, one for anybody's.
fn key(name: &str) -> KeyPair {
    let der = match name {
        "pool" => &include_bytes!("fixtures/pool.pk8")[..],
        _ => &include_bytes!("fixtures/stranger.pk8")[..],
    };
    KeyPair::from_pkcs8(der).unwrap()
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

fn jwk(kid: &str, name: &str) -> Value {
    let RsaPublicKeyComponents::<Vec<u8>> { n, e } = key(name).public().into();
    json!({"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid, "n": encode(n), "e": encode(e)})
}

fn keys() -> Keys {
    let document = json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "elliptic"}, jwk(KID, "pool")]});
    Keys::parse(document.to_string().as_bytes()).unwrap()
}

fn header() -> Value {
    json!({"kid": KID, "alg": "RS256"})
}

fn claims() -> Value {
    json!({
        "sub": SUB, "iss": format!("https://cognito-idp.eu-west-2.amazonaws.com/{POOL}"),
        "client_id": CLIENT, "token_use": "access", "scope": "aws.cognito.signin.user.admin",
        "auth_time": NOW - 600, "iat": NOW - 600, "exp": NOW + 3000, "jti": "1", "username": SUB,
    })
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().remove(name);
    object
}

/// Signs texts as they are, so that a test can sign what no library would write.
fn sign(by: &str, header: &str, claims: &str) -> String {
    let signed = format!("{}.{}", encode(header), encode(claims));
    let key = key(by);
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{signed}.{}", encode(signature))
}

fn signed(header: Value, claims: Value) -> String {
    sign("pool", &header.to_string(), &claims.to_string())
}

fn verify(authorization: Option<&str>) -> Result<UserId, Refusal> {
    let verifier = Verifier::new(POOL, ["other".to_owned(), CLIENT.to_owned()]).unwrap();
    let token = Token::parse(authorization)?;
    let keys = keys();
    let key = keys.get(token.kid()).ok_or(Refusal::UnknownKey)?;
    verifier.verify(&token, key, Timestamp::from_second(NOW).unwrap())
}

#[track_caller]
fn check(token: &str, expected: Result<&str, Refusal>) {
    let user = verify(Some(&format!("Bearer {token}")));
    assert_eq!(user.as_ref().map(UserId::as_str).map_err(|refusal| *refusal), expected);
}

#[test]
fn the_pools_access_tokens_name_their_user() {
    check(&signed(header(), claims()), Ok(SUB));
    check(&signed(with(header(), "typ", json!("JWT")), claims()), Ok(SUB));
    check(&signed(header(), with(claims(), "client_id", json!("other"))), Ok(SUB));
    check(&signed(header(), with(claims(), "aud", json!(CLIENT))), Ok(SUB));
    check(&signed(header(), with(claims(), "aud", json!(["x", CLIENT]))), Ok(SUB));
    check(&signed(header(), with(claims(), "nbf", json!(NOW + 60))), Ok(SUB));
    check(&signed(header(), with(claims(), "exp", json!(NOW - 59))), Ok(SUB));
    let lower = verify(Some(&format!("bearer {}", signed(header(), claims()))));
    assert!(lower.is_ok(), "the scheme's case does not matter (RFC 9110, 11.1)");
}

#[test]
fn a_request_without_a_bearer_token_has_no_user() {
    let basic = format!("Basic {}", signed(header(), claims()));
    for header in [None, Some(""), Some("Bearer"), Some(basic.as_str())] {
        assert_eq!(verify(header), Err(Refusal::Missing), "{header:?}");
    }
}

#[test]
fn a_token_that_nobody_of_the_pool_signed_is_refused() {
    let good = signed(header(), claims());
    let (head, signature) = good.rsplit_once('.').unwrap();
    let public = jwk(KID, "pool")["n"].as_str().unwrap().to_owned();
    let mac = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, public.as_bytes());
    let hs256 = format!(
        "{}.{}",
        encode(with(header(), "alg", json!("HS256")).to_string()),
        encode(claims().to_string())
    );
    let tag = ring::hmac::sign(&mac, hs256.as_bytes());
    check(&format!("{hs256}.{}", encode(tag)), Err(Refusal::Algorithm));

    for alg in ["none", "None", "NONE", "", "rs256", "RS384", "PS256", "ES256"] {
        let claims = encode(claims().to_string());
        let unsigned = format!("{}.{claims}.", encode(with(header(), "alg", json!(alg)).to_string()));
        check(&unsigned, Err(Refusal::Algorithm));
        check(
            &signed(with(header(), "alg", json!(alg)), json!({})),
            Err(Refusal::Algorithm),
        );
    }
    check(
        &sign("stranger", &header().to_string(), &claims().to_string()),
        Err(Refusal::Signature),
    );
    check(&format!("{head}."), Err(Refusal::Signature));
    check(&format!("{head}.{}", encode([0; 256])), Err(Refusal::Signature));

    // Another user's name under a good signature.
    let forged = with(claims(), "sub", json!("b2b2b2b2")).to_string();
    let forged = format!("{}.{}.{signature}", encode(header().to_string()), encode(forged));
    check(&forged, Err(Refusal::Signature));

    check(
        &signed(with(header(), "kid", json!("pool-key/2")), claims()),
        Err(Refusal::UnknownKey),
    );
    check(
        &signed(with(header(), "kid", json!("elliptic")), claims()),
        Err(Refusal::UnknownKey),
    );
    check(
        &signed(with(header(), "kid", json!("")), claims()),
        Err(Refusal::UnknownKey),
    );
}

#[test]
fn a_header_that_brings_its_own_key_is_refused() {
    let own = jwk(KID, "stranger");
    for (name, value) in [
        ("jku", json!("https://example.com/jwks.json")),
        ("jwk", own),
        ("x5u", json!("https://example.com/cert.pem")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("AAAA")),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("cty", json!("JWT")),
    ] {
        let header = with(header(), name, value).to_string();
        check(&sign("stranger", &header, &claims().to_string()), Err(Refusal::Header));
    }
    check(&signed(without(header(), "kid"), claims()), Err(Refusal::Header));
    check(&signed(without(header(), "alg"), claims()), Err(Refusal::Header));
    check(
        &signed(with(header(), "alg", json!(["RS256"])), claims()),
        Err(Refusal::Header),
    );
}

#[test]
fn a_token_that_the_pool_signed_for_something_else_is_refused() {
    let claim = |name, value, refusal| check(&signed(header(), with(claims(), name, value)), Err(refusal));
    let issuer = "https://cognito-idp.eu-west-2.amazonaws.com/";
    claim("iss", json!(format!("{issuer}eu-west-2_XyZ")), Refusal::Issuer);
    claim("iss", json!(format!("{issuer}{POOL}/")), Refusal::Issuer);
    claim("iss", json!(format!("https://example.com/{POOL}")), Refusal::Issuer);
    claim("iss", json!(POOL), Refusal::Issuer);
    claim("token_use", json!("id"), Refusal::Use);
    claim("token_use", json!("refresh"), Refusal::Use);
    claim("client_id", json!("stranger"), Refusal::Client);
    claim("client_id", json!(""), Refusal::Client);
    claim("aud", json!("stranger"), Refusal::Client);
    claim("aud", json!([]), Refusal::Client);
    claim("exp", json!(NOW - 60), Refusal::Expired);
    claim("exp", json!(0), Refusal::Expired);
    claim("exp", json!(i64::MIN), Refusal::Expired);
    claim("nbf", json!(NOW + 61), Refusal::Early);
    claim("iat", json!(NOW + 61), Refusal::Early);
    for sub in ["", "*", "a/b", "a b", "${aws:PrincipalTag/sub}", "é", &"a".repeat(65)] {
        claim("sub", json!(sub), Refusal::Subject);
    }
    for name in ["sub", "iss", "client_id", "token_use", "exp", "iat"] {
        check(&signed(header(), without(claims(), name)), Err(Refusal::Claims));
        claim(name, json!({}), Refusal::Claims);
        claim(name, json!(null), Refusal::Claims);
    }
    claim("exp", json!("4102444800"), Refusal::Claims);
    claim("exp", json!(1e300), Refusal::Claims);
    // What an id token looks like: an audience, and no client.
    let id = without(with(claims(), "aud", json!(CLIENT)), "client_id");
    check(&signed(header(), id), Err(Refusal::Claims));
}

#[test]
fn a_token_that_two_readers_could_read_differently_is_refused() {
    let (head, body) = (header().to_string(), claims().to_string());
    let twice = |object: &str, member: &str| format!("{}, {member}}}", object.strip_suffix('}').unwrap());
    check(
        &sign("pool", &head, &twice(&body, r#""sub": "b2b2""#)),
        Err(Refusal::Malformed),
    );
    check(
        &sign("pool", &head, &twice(&body, r#""s\u0075b": "b2b2""#)),
        Err(Refusal::Malformed),
    );
    check(
        &sign("pool", &head, &twice(&body, r#""a": {"b": 1, "b": 2}"#)),
        Err(Refusal::Malformed),
    );
    check(
        &sign("pool", &twice(&head, r#""alg": "none""#), &body),
        Err(Refusal::Malformed),
    );
    check(&sign("pool", &format!("[{head}]"), &body), Err(Refusal::Malformed));
    check(
        &sign("pool", r#"["RS256", "pool-key/1+="]"#, &body),
        Err(Refusal::Malformed),
    );
    check(&sign("pool", &head, &format!("{body} {body}")), Err(Refusal::Malformed));
    check(&sign("pool", &head, "null"), Err(Refusal::Malformed));
    check(&sign("pool", &head, ""), Err(Refusal::Malformed));

    let good = sign("pool", &head, &body);
    for bad in [
        format!("{good}="),
        format!("{good}\n"),
        format!(" {good}"),
        format!("{good}.{}", encode("{}")),
        good.replacen('.', "..", 1),
        good.replacen('.', "", 1),
        good.replace('.', "+"),
        good.chars().rev().collect(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        String::new(),
    ] {
        check(&bad, Err(Refusal::Malformed));
    }
    // The last character of 256 bytes holds two bits that stand for nothing: only zeros are canonical.
    let last = good.chars().next_back().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let next = alphabet.chars().nth(alphabet.find(last).unwrap() + 1).unwrap();
    check(&format!("{}{next}", &good[..good.len() - 1]), Err(Refusal::Malformed));

    let bytes = [&body.as_bytes()[..body.len() - 1], b", \"x\": \"\xff\"}"].concat();
    check(
        &format!("{}.{}.AA", encode(&head), encode(bytes)),
        Err(Refusal::Signature),
    );
    check(
        &format!("{}.AA.AA", encode(b"{\"alg\": \"RS256\", \"kid\": \"\xff\"}")),
        Err(Refusal::Malformed),
    );
}

#[test]
fn a_token_is_not_read_beyond_its_size() {
    check(&"A".repeat(64 * 1024), Err(Refusal::Oversized));
    let padded = with(claims(), "custom", json!("x".repeat(16 * 1024)));
    check(&signed(header(), padded), Err(Refusal::Oversized));
    let nested = format!("{{\"a\":{}", "[".repeat(10_000));
    check(&sign("pool", &header().to_string(), &nested), Err(Refusal::Malformed));
}

#[test]
fn a_document_without_keys_for_rs256_is_an_error() {
    for document in [
        json!({"keys": []}),
        json!({"keys": [{"kty": "EC", "kid": "a"}]}),
        json!({"keys": [with(jwk("a", "pool"), "use", json!("enc"))]}),
        json!({"keys": [with(jwk("a", "pool"), "alg", json!("RS512"))]}),
        json!({"keys": [without(jwk("a", "pool"), "kid")]}),
        json!({"keys": [with(jwk("a", "pool"), "n", json!("+/"))]}),
        json!({"message": "Service Unavailable"}),
        json!([]),
    ] {
        assert!(Keys::parse(document.to_string().as_bytes()).is_err(), "{document}");
    }
    assert!(Keys::parse(b"<html>").is_err());
}

#[test]
fn a_pools_issuer_follows_from_its_id() {
    assert_eq!(Verifier::new("pool", []), None);
}

proptest! {
    #[test]
    fn no_text_panics_or_passes(text in any::<String>()) {
        assert!(verify(Some(&text)).is_err());
    }

    #[test]
    fn no_three_parts_panic_or_pass(parts in prop::array::uniform3(prop::collection::vec(any::<u8>(), 0..64))) {
        let [header, claims, signature] = parts.map(encode);
        assert!(verify(Some(&format!("Bearer {header}.{claims}.{signature}"))).is_err());
    }

    #[test]
    fn no_change_of_one_byte_passes(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let good = signed(header(), claims()).into_bytes();
        let mut bad = good.clone();
        let at = at.index(bad.len());
        bad[at] = byte;
        if bad != good && let Ok(bad) = String::from_utf8(bad) {
            assert!(verify(Some(&format!("Bearer {bad}"))).is_err());
        }
    }
}
