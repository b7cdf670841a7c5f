use std::fmt::Debug;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use tracing::field::{Field, Visit};
use tracing::span::{self, Attributes, Id};
use tracing::{Event, Metadata, Subscriber};

use super::*;
use crate::secret::Stage;

const KEY: &str = "s3cr3t";

#[derive(Debug)]
struct Fixed;

impl Versions for Fixed {
    async fn text(&self, _: Stage) -> Result<Option<String>, Fault> {
        Ok(Some(KEY.to_owned()))
    }
}

/// A server on the loopback that gives each connection the next answer, and hands out the requests.
///
/// It ends with its last answer.
fn serve(answers: Vec<String>) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, requests) = channel();
    thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = sender.send(head(&mut stream));
            let _ = stream.write_all(answer.as_bytes());
            if answer.is_empty() {
                // Silence, until the other side has had enough.
                let _ = stream.read(&mut [0]);
            }
        }
    });
    (address, requests)
}

fn head(stream: &mut TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        head.extend(byte);
    }
    String::from_utf8(head).unwrap()
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}")
}

fn http(watchmode: SocketAddr, tvmaze: SocketAddr) -> Http<Fixed> {
    let bases = Bases {
        watchmode: format!("http://{watchmode}/v1"),
        tvmaze: Some(format!("http://{tvmaze}")),
    };
    Http::new(bases, Key::new(Fixed)).unwrap()
}

async fn ask(answers: Vec<String>, within: Duration) -> (Result<Response, Fault>, Vec<String>) {
    let (address, requests) = serve(answers);
    let request = tv_guide::watchmode::sources("GB");
    let result = http(address, address).send(&request, within).await;
    (result, requests.try_iter().collect())
}

const WITHIN: Duration = Duration::from_secs(5);

#[tokio::test]
async fn the_key_travels_in_a_header_and_not_in_the_url() {
    let (result, requests) = ask(vec![answer("200 OK", "", "[]")], WITHIN).await;
    assert_eq!(result.unwrap().body, b"[]");
    let (line, headers) = requests[0].split_once("\r\n").unwrap();
    assert_eq!(line, "GET /v1/sources?regions=GB HTTP/1.1");
    assert!(
        headers.contains("x-api-key: s3cr3t\r\n") && headers.contains("user-agent: headend-tv-guide/"),
        "{headers}"
    );
}

#[tokio::test]
async fn tvmaze_never_sees_the_key() {
    let (address, requests) = serve(vec![answer("200 OK", "", "[]")]);
    let request = tv_guide::tvmaze::schedule(jiff::civil::date(2026, 1, 9));
    http(address, address).send(&request, WITHIN).await.unwrap();
    let head = requests.recv().unwrap();
    assert!(
        head.starts_with("GET /schedule?country=GB&date=2026-01-09 ") && !head.contains(KEY),
        "{head}"
    );
}

#[tokio::test]
async fn every_status_is_an_answer() {
    let busy = answer("429 Too Many Requests", "retry-after: 7\r\n", "{}");
    let (result, _) = ask(vec![busy], WITHIN).await;
    let expected = Response {
        status: 429,
        retry_after: Some("7".to_owned()),
        body: b"{}".to_vec(),
    };
    assert_eq!(result, Ok(expected));
}

#[tokio::test]
async fn a_body_that_ends_too_early_is_cut() {
    let cut = answer("200 OK", "", r#"[{"id":203},{"id":26}]"#);
    let (result, _) = ask(vec![cut[..cut.len() - 9].to_owned()], WITHIN).await;
    assert_eq!(result, Err(Fault::Cut));
    let cut = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n[{\"id\r\n";
    let (result, _) = ask(vec![cut.to_owned()], WITHIN).await;
    assert_eq!(result, Err(Fault::Cut));
}

#[tokio::test]
async fn silence_ends_in_time() {
    let begin = Instant::now();
    let (result, _) = ask(vec![String::new()], Duration::from_millis(100)).await;
    assert_eq!(result, Err(Fault::TimedOut));
    assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
    // Silence in the middle of a body is no better.
    let stalled = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[";
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        head(&mut stream);
        stream.write_all(stalled.as_bytes()).unwrap();
        let _ = stream.read(&mut [0]);
    });
    let request = tv_guide::watchmode::sources("GB");
    let result = http(address, address).send(&request, Duration::from_millis(100)).await;
    assert_eq!(result, Err(Fault::TimedOut));
}

#[tokio::test]
async fn nobody_there_is_no_connection() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let request = tv_guide::watchmode::sources("GB");
    let result = http(address, address).send(&request, WITHIN).await;
    assert_eq!(result, Err(Fault::Connection));
}

#[tokio::test]
async fn a_redirect_is_followed_on_the_same_host_only() {
    let there = answer("301 Moved Permanently", "location: /v1/genres\r\n", "");
    let (result, requests) = ask(vec![there, answer("200 OK", "", "[]")], WITHIN).await;
    assert_eq!(result.unwrap().body, b"[]");
    assert!(requests[1].starts_with("GET /v1/genres "), "{}", requests[1]);

    let (elsewhere, strangers) = serve(vec![answer("200 OK", "", "[]")]);
    let there = answer("302 Found", &format!("location: http://{elsewhere}/v1/sources\r\n"), "");
    let (result, _) = ask(vec![there], WITHIN).await;
    assert_eq!(result, Err(Fault::Redirect));
    assert!(strangers.try_recv().is_err(), "the key went to another host");

    let round = answer("302 Found", "location: /v1/sources\r\n", "");
    let (result, requests) = ask(vec![round; 9], WITHIN).await;
    assert_eq!((result, requests.len()), (Err(Fault::Redirect), REDIRECTS + 1));
}

#[tokio::test]
async fn a_flood_is_refused() {
    let flood = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}",
        " ".repeat(LARGEST + 1)
    );
    let (result, _) = ask(vec![flood], Duration::from_secs(30)).await;
    assert_eq!(result, Err(Fault::TooLarge { limit: LARGEST }));
}

/// Writes down every span and event, whatever its level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.lock().unwrap().push_str(&format!("{field}={value:?} "));
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &span::Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn an_upstream_that_repeats_the_key_finds_it_in_no_log() {
    let echo = |status| answer(status, "", &format!(r#"{{"statusMessage":"no such key: {KEY}"}}"#));
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let (address, _requests) = serve(vec![
        echo("401 Unauthorized"),
        echo("402 Payment Required"),
        echo("200 OK"),
        answer("200 OK", "", &format!("<{KEY}>")),
    ]);
    let (upstream, table) = (http(address, address), tv_guide::table::memory::Memory::new());
    let budget = tv_guide::budget::Budget::new(&table, 100);
    let deadline = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(20);
    let client = tv_guide::retry::Client::new(&upstream, &crate::pace::RealTime, budget, deadline);
    let mut report = tv_guide::snapshot::Report::default();
    for _ in 0..4 {
        let error = client
            .get::<Vec<u8>>(&tv_guide::watchmode::sources("GB"))
            .await
            .unwrap_err();
        let rejection = tv_guide::snapshot::Rejection::Unanswered(error);
        report.rejected.push(("sources".to_owned(), rejection));
    }
    crate::run::Reporter::new("dev", "tv-guide-reference").log(&report);
    let log = log.0.lock().unwrap();
    assert_eq!(
        log.matches("not published: there is no answer: /sources?regions=GB was")
            .count(),
        4,
        "{log}"
    );
    assert!(!log.contains(KEY), "{log}");
}

#[test]
fn debug_output_has_no_key() {
    let (address, _requests) = serve(Vec::new());
    assert!(!format!("{:?}", http(address, address)).contains(KEY));
}
