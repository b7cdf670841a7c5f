use std::cell::{Cell, RefCell};

use super::*;

/// A secret in memory, that counts how often it is read.
#[derive(Default)]
struct Memory {
    current: RefCell<Option<&'static str>>,
    pending: RefCell<Option<&'static str>>,
    reads: Cell<u32>,
}

impl Versions for &Memory {
    async fn text(&self, stage: Stage) -> Result<Option<String>, Fault> {
        self.reads.set(self.reads.get() + 1);
        tokio::task::yield_now().await;
        let text = match stage {
            Stage::Current => *self.current.borrow(),
            Stage::Pending => *self.pending.borrow(),
        };
        Ok(text.map(ToOwned::to_owned))
    }
}

fn secret(current: &'static str) -> Memory {
    Memory {
        current: RefCell::new(Some(current)),
        ..Memory::default()
    }
}

#[track_caller]
fn check(text: &str, expected: Result<&str, Fault>) {
    let header = header(text);
    assert_eq!(
        header.as_ref().map(|it| it.to_str().unwrap()).map_err(|fault| *fault),
        expected
    );
    assert!(header.is_err() || header.is_ok_and(|header| header.is_sensitive()));
}

#[test]
fn a_secret_is_a_text_or_one_text_in_an_object() {
    check(" key\n", Ok("key"));
    check(r#"{"WATCHMODE_API_KEY":"key"}"#, Ok("key"));
    check("", Err(Fault::Key));
    check(r#"{"a":"1","b":"2"}"#, Err(Fault::Key));
    check("{}", Err(Fault::Key));
    check("two\nlines", Err(Fault::Key));
}

#[tokio::test]
async fn many_that_need_the_key_at_once_read_the_secret_once() {
    let secret = secret("one");
    let key = Key::new(&secret);
    let (one, two, three) = tokio::join!(key.get(), key.get(), key.get());
    assert_eq!(
        (one.unwrap(), two.unwrap(), three.unwrap()),
        (header("one").unwrap(), header("one").unwrap(), header("one").unwrap())
    );
    assert_eq!(secret.reads.get(), 1);
}

#[tokio::test]
async fn a_refused_key_is_exchanged_for_the_current_or_the_coming_one() {
    let secret = secret("one");
    let key = Key::new(&secret);
    assert_eq!(key.get().await, header("one"));
    assert_eq!(key.renew().await, Ok(false));
    assert_eq!(key.get().await, header("one"));

    secret.pending.replace(Some("two"));
    assert_eq!(key.renew().await, Ok(true));
    assert_eq!(key.get().await, header("two"));

    secret.current.replace(Some("three"));
    assert_eq!(key.renew().await, Ok(true));
    assert_eq!(key.get().await, header("three"));
}

#[tokio::test]
async fn no_secret_is_no_key() {
    let secret = Memory::default();
    assert_eq!(Key::new(&secret).get().await, Err(Fault::Key));
    assert_eq!(Key::new(&secret).renew().await, Ok(false));
}

#[tokio::test]
async fn a_key_shows_itself_nowhere() {
    let secret = secret("s3cr3t");
    let key = Key::new(&secret);
    let header = key.get().await.unwrap();
    assert!(!format!("{key:?} {header:?}").contains("s3cr3t"));
}
