use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{Account, Backoff, Checkpoint, Record, send};
use crate::produce::fake::{Fake, Faults};
use crate::repair::run::{Account as _, Run};

fn event(number: u32, size: usize) -> String {
    format!(
        r#"{{"event_uuid":"u{number}","event_name":"a:b","created_at":1769900400,"x":"{}"}}"#,
        "x".repeat(size)
    )
}

async fn fill(text: &str, stream: &Arc<Fake>, checkpoint: &Path) -> (Account, bool) {
    let backoff = Backoff {
        first: Duration::ZERO,
        most: Duration::ZERO,
    };
    let mut checkpoint = Checkpoint::open(Some(checkpoint.to_owned()), "test").expect("a checkpoint");
    let (mut run, stream) = (Run::<Account>::unstopped(), Arc::new(Arc::clone(stream)));
    let text = Box::new(Cursor::new(text.as_bytes().to_vec()));
    let ended = send("events.jsonl", text, &stream, backoff, &mut checkpoint, &mut run).await;
    assert!(run.account.adds_up(), "{:?}", run.account);
    (run.account, ended.is_ok())
}

/// How often the stream has each event.
fn arrived(stream: &Fake) -> BTreeMap<Vec<u8>, usize> {
    let log = stream.log.lock().expect("alone");
    let mut arrived = BTreeMap::new();
    for event in log.acknowledged.iter().cloned().flat_map(Record::into_events) {
        *arrived.entry(event).or_default() += 1;
    }
    arrived
}

#[tokio::test]
async fn every_line_is_sent_refused_or_blank() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("checkpoint.json");
    let lines = [&event(1, 0), "no event", "", &event(2, 30_000), "  \r", &event(3, 0)].map(|line| format!("{line}\n"));
    let text = lines.concat() + &event(4, 0);
    let stream = Arc::new(Fake::new(1, Faults::default()));
    let (account, is_done) = fill(&text, &stream, &path).await;
    assert_eq!((account.read, account.sent, account.refused, is_done), (5, 4, 1, true));
    let wanted = [event(1, 0), event(2, 30_000), event(3, 0), event(4, 0)];
    assert_eq!(arrived(&stream), wanted.map(|event| (event.into_bytes(), 1)).into());
    // Small ones are packed.
    assert_eq!(stream.log.lock().expect("alone").acknowledged.len(), 3);
    let (account, is_done) = fill(&text, &stream, &path).await;
    assert_eq!((account.sent, account.skipped, is_done), (0, 5, true));
}

#[tokio::test]
async fn what_breaks_off_goes_on_where_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("checkpoint.json");
    let text: String = (0..3_000).map(|number| event(number, 5_000) + "\n").collect();
    // Of four requests two get through.
    let broken = Arc::new(Fake::new(
        1,
        Faults {
            fatal_after: Some(2),
            ..Faults::default()
        },
    ));
    let (account, is_done) = fill(&text, &broken, &path).await;
    assert!(!is_done && account.sent > 0 && account.sent < 3_000, "{account:?}");
    let sound = Arc::new(Fake::new(1, Faults::default()));
    let (rest, is_done) = fill(&text, &sound, &path).await;
    assert!(is_done);
    assert_eq!((rest.skipped, rest.sent), (account.sent, 3_000 - account.sent));
    let mut all = arrived(&broken);
    for (event, times) in arrived(&sound) {
        *all.entry(event).or_default() += times;
    }
    assert!(all.len() == 3_000 && all.values().all(|times| *times == 1));
}
