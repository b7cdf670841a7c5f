use super::memory::Memory;
use super::{Objects as _, bootstrap, empty, ensure, name};
use crate::client::Identity;
use crate::console::Recorder;

#[test]
fn the_name_carries_account_and_region() {
    let identity = Identity {
        account: "123456789012".to_owned(),
        partition: "aws".to_owned(),
    };
    assert_eq!(
        name("headend", &identity, "eu-west-2"),
        "headend-assets-123456789012-eu-west-2"
    );
}

#[tokio::test]
async fn the_bucket_is_made_and_hardened_once_and_bootstrap_hardens_again() {
    let (objects, console) = (Memory::default(), Recorder::default());
    assert!(ensure(&objects, &console, "assets", &[]).await.unwrap());
    assert!(!ensure(&objects, &console, "assets", &[]).await.unwrap());
    assert_eq!(*objects.hardened.borrow(), ["assets"]);
    bootstrap(&objects, &console, "assets", &[]).await.unwrap();
    assert_eq!(*objects.hardened.borrow(), ["assets", "assets"]);
}

#[tokio::test]
async fn a_bucket_of_somebody_else_is_refused() {
    let mut objects = Memory::default();
    objects.foreign.push("assets");
    let error = ensure(&objects, &Recorder::default(), "assets", &[]).await.unwrap_err();
    assert!(error.to_string().contains("choose another --prefix"), "{error}");
    assert!(!objects.exists("assets"));
}

#[tokio::test]
async fn emptying_goes_in_batches_of_a_thousand() {
    let (objects, console) = (Memory::holding("data", 2500), Recorder::default());
    assert_eq!(empty(&objects, &console, "data").await.unwrap(), 2500);
    assert_eq!(*objects.batches.borrow(), [1000, 1000, 500]);
    assert!(objects.versions("data", 1).await.unwrap().is_empty());
    assert!(console.text().contains("emptied data: 2500 object versions deleted"));
}
