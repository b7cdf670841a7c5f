//! The local TVmaze, as somebody has it who makes its schedules.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::launcher::Address;

/// How long the fake may take to answer; it does so in milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Moves a programme by so many minutes.
pub(super) fn postpone(cloud: &Address, programme: &str, minutes: i64) -> Result<()> {
    let id: u64 = programme
        .parse()
        .with_context(|| format!("{programme} is no number, as TVmaze's ids are"))?;
    let edits = json!([{ "edit": "move_programme", "id": id, "later": minutes }]);
    post(&cloud.tvmaze, "/_data", &edits.to_string()).context("cannot change the local TVmaze's schedule")
}

/// Posts to a server of this machine, which closes the connection after its answer: too little to
/// want an HTTP client for.
fn post(origin: &str, path: &str, body: &str) -> Result<()> {
    let host = origin.strip_prefix("http://").unwrap_or(origin);
    let host = host.split('/').next().unwrap_or(host);
    let mut stream = TcpStream::connect(host).with_context(|| format!("nobody answers at {host}"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    match answer.split(' ').nth(1) {
        Some("200") => Ok(()),
        _ => bail!("the answer is {}", answer.lines().next_back().unwrap_or("empty")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::post;

    /// Answers one request; gives it.
    fn answered(answer: &'static str) -> (String, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}/v1", listener.local_addr().unwrap());
        let served = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut bytes = [0; 1024];
            let mut request = String::new();
            while !request.ends_with('}') {
                let read = stream.read(&mut bytes).unwrap();
                request += std::str::from_utf8(&bytes[..read]).unwrap();
            }
            stream.write_all(answer.as_bytes()).unwrap();
            request
        });
        (origin, served)
    }

    #[test]
    fn only_200_is_a_success_and_the_reason_of_others_is_told() {
        let (origin, served) = answered("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]");
        post(&origin, "/_data", "{\"a\":1}").unwrap();
        let request = served.join().unwrap();
        assert!(
            request.starts_with("POST /_data HTTP/1.1\r\nhost: 127.0.0.1:"),
            "{request}"
        );
        let (origin, served) = answered("HTTP/1.1 400 Bad Request\r\n\r\n{\"message\":\"no programme 3\"}");
        let said = post(&origin, "/_data", "{}").unwrap_err().to_string();
        served.join().unwrap();
        assert!(said.contains("no programme 3"), "{said}");
    }
}
