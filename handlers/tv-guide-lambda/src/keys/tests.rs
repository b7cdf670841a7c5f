use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::error::Error;

use jiff::{SignedDuration, Timestamp};

use super::{Endpoint, Jwks, KeyStore};

/// Answers with documents that have these keys, or fails, in turn.
struct Script {
    answers: RefCell<VecDeque<Result<&'static [&'static str], &'static str>>>,
    asked: Cell<u32>,
}

impl Jwks for &Script {
    async fn document(&self) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        self.asked.set(self.asked.get() + 1);
        tokio::task::yield_now().await;
        let kids = self.answers.borrow_mut().pop_front().expect("one more answer")?;
        let key = |kid: &&str| format!(r#"{{"kty": "RSA", "kid": "{kid}", "n": "AQAB", "e": "AQAB"}}"#);
        let keys: Vec<String> = kids.iter().map(key).collect();
        Ok(format!(r#"{{"keys": [{}]}}"#, keys.join(",")).into_bytes())
    }
}

fn script(answers: &[Result<&'static [&'static str], &'static str>]) -> Script {
    Script {
        answers: RefCell::new(answers.iter().copied().collect()),
        asked: Cell::new(0),
    }
}

/// Whether a key is found, some seconds after the start; none if that cannot be said.
async fn get(store: &KeyStore<&Script>, kid: &str, seconds: i64) -> Option<bool> {
    let start = Timestamp::from_second(1_767_992_400).unwrap();
    let now = start.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    store.get(kid, now).await.ok().map(|key| key.is_some())
}

#[tokio::test]
async fn keys_are_fetched_once_and_again_after_an_hour() {
    let script = script(&[Ok(&["a", "b"]), Ok(&["b"])]);
    let store = KeyStore::new(&script);
    assert_eq!(get(&store, "a", 0).await, Some(true));
    assert_eq!(get(&store, "b", 3599).await, Some(true));
    assert_eq!(script.asked.get(), 1);
    assert_eq!(get(&store, "a", 3600).await, Some(false));
    assert_eq!(get(&store, "b", 3601).await, Some(true));
    assert_eq!(script.asked.get(), 2);
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_once_a_minute() {
    let script = script(&[Ok(&["a"]), Ok(&["a"]), Ok(&["a", "new"])]);
    let store = KeyStore::new(&script);
    assert_eq!(get(&store, "a", 0).await, Some(true));
    for seconds in [1, 30, 59] {
        assert_eq!(get(&store, "new", seconds).await, Some(false));
    }
    assert_eq!(script.asked.get(), 1);
    for seconds in [60, 61, 119] {
        assert_eq!(get(&store, "new", seconds).await, Some(false));
    }
    assert_eq!(script.asked.get(), 2);
    assert_eq!(get(&store, "new", 120).await, Some(true));
}

#[tokio::test]
async fn stale_keys_are_kept_while_there_are_no_others() {
    let script = script(&[Ok(&["a"]), Err("down"), Ok(&[]), Ok(&["b"])]);
    let store = KeyStore::new(&script);
    assert_eq!(get(&store, "a", 0).await, Some(true));
    assert_eq!(get(&store, "a", 4000).await, Some(true));
    // A key that may be new is not refused while nobody can say.
    assert_eq!(get(&store, "b", 4001).await, None);
    assert_eq!(script.asked.get(), 2);
    assert_eq!(get(&store, "b", 4060).await, None);
    assert_eq!(get(&store, "a", 4061).await, Some(true));
    assert_eq!(script.asked.get(), 3);
    assert_eq!(get(&store, "b", 4120).await, Some(true));
    assert_eq!(get(&store, "a", 4121).await, Some(false));
}

#[tokio::test]
async fn without_any_key_the_next_request_asks_again_soon() {
    let script = script(&[Err("down"), Ok(&["a"])]);
    let store = KeyStore::new(&script);
    assert_eq!(get(&store, "a", 0).await, None);
    assert_eq!(get(&store, "a", 1).await, None);
    assert_eq!(script.asked.get(), 1);
    assert_eq!(get(&store, "a", 2).await, Some(true));
}

#[tokio::test(flavor = "current_thread")]
async fn callers_at_the_same_time_wait_for_one_fetch() {
    let script = script(&[Ok(&["a"])]);
    let store = KeyStore::new(&script);
    let (first, second, third) = tokio::join!(get(&store, "a", 0), get(&store, "a", 0), get(&store, "x", 0));
    assert_eq!((first, second, third), (Some(true), Some(true), Some(false)));
    assert_eq!(script.asked.get(), 1);
}

#[test]
fn the_endpoint_is_the_regions_or_a_local_clouds() {
    let url = |local| Endpoint::new("eu-west-2_AbC", local).unwrap().url;
    assert_eq!(
        url(None),
        "https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_AbC/.well-known/jwks.json"
    );
    assert_eq!(
        url(Some("http://127.0.0.1:4566/")),
        "http://127.0.0.1:4566/eu-west-2_AbC/.well-known/jwks.json"
    );
}
