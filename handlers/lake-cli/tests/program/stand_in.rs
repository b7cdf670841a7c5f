//! A server that answers as a test wants, and the program that talks to it.

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

/// What the program asked.
pub(crate) struct Request {
    /// Path and query.
    pub(crate) path: String,
    /// The operation, for services that name it in a header.
    pub(crate) operation: String,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

/// Status and body.
pub(crate) type Reply = (u16, Vec<u8>);

pub(crate) fn json(status: u16, body: Value) -> Reply {
    (status, body.to_string().into_bytes())
}

/// Starts a server; its endpoint.
pub(crate) fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, answer) = (stream.expect("a connection"), Arc::clone(&answer));
            std::thread::spawn(move || serve(stream, &*answer));
        }
    });
    endpoint
}

fn serve(mut stream: TcpStream, answer: &dyn Fn(&Request) -> Reply) {
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    while let Some(request) = read(&mut reader) {
        let (status, body) = answer(&request);
        let kind = if body.first() == Some(&b'<') {
            "application/xml"
        } else {
            "application/x-amz-json-1.1"
        };
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        // The program may have had enough of the answer.
        let _ = stream.write_all(&[head.into_bytes(), body].concat());
    }
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let path = line.split(' ').nth(1)?.to_owned();
    let (mut operation, mut length) = (String::new(), 0);
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "x-amz-target" => operation = value.rsplit('.').next()?.to_owned(),
            "content-length" => length = value.parse().expect("a length"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { path, operation, body })
}

/// Runs the program in a folder of its own.
pub(crate) fn run(endpoint: &str, arguments: &[&str], input: &str) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lake-cli"));
    command
        .current_dir(folder.path())
        .env_clear()
        .envs([("AWS_ENDPOINT_URL", endpoint), ("AWS_REGION", "eu-west-2")])
        .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")])
        .env("HOME", folder.path())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A program that ends before it reads is no mistake of the test.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("an end")
}

/// The program failed, and said so in one line that holds these words.
#[track_caller]
pub(crate) fn refused(output: &Output, wanted: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains(wanted), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
}
