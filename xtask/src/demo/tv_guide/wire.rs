//! HTTP to the local cloud's own servers, by hand: too little to want a client for.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// How long a server of this machine may take to answer; it does so in milliseconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends JSON to a server that closes the connection after its answer; gives the answer's body.
pub(super) fn send(method: &str, origin: &str, path: &str, body: &str) -> Result<String> {
    let host = origin.strip_prefix("http://").unwrap_or(origin);
    let host = host.split('/').next().unwrap_or(host);
    let mut stream = TcpStream::connect(host).with_context(|| format!("nobody answers at {host}"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    match head.split(' ').nth(1) {
        Some("200") => Ok(body.to_owned()),
        _ => bail!("the answer is {}", answer.lines().next_back().unwrap_or("empty")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::send;

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
        assert_eq!(send("POST", &origin, "/_data", "{\"a\":1}").unwrap(), "[]");
        let request = served.join().unwrap();
        assert!(
            request.starts_with("POST /_data HTTP/1.1\r\nhost: 127.0.0.1:"),
            "{request}"
        );
        let (origin, served) = answered("HTTP/1.1 400 Bad Request\r\n\r\n{\"message\":\"no programme 3\"}");
        let said = send("POST", &origin, "/_data", "{}").unwrap_err().to_string();
        served.join().unwrap();
        assert!(said.contains("no programme 3"), "{said}");
    }
}
