//! HTTP to servers of this machine, by hand: a test sees what is on the wire.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers, as they came.
    pub head: String,
    /// Its body.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.body).with_context(|| format!("no JSON: {}", self.body))
    }
}

/// Sends a request to `http://127.0.0.1:...`.
///
/// # Errors
///
/// When nobody answers, or not in HTTP.
pub fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Result<Answer> {
    let rest = url.strip_prefix("http://").context("a local URL begins with http://")?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let path = if path.is_empty() { "/" } else { path };
    let mut stream = TcpStream::connect(host).with_context(|| format!("nobody answers at {host}"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += &format!("content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8(answer).context("the answer is no text")?;
    let (head, body) = answer.split_once("\r\n\r\n").context("the answer has no head")?;
    let body = match head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        true => joined(body)?,
        false => body.to_owned(),
    };
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok(Answer {
        status: status.with_context(|| format!("no status in {head}"))?,
        head: head.to_owned(),
        body,
    })
}

/// A body that comes in chunks, each after its size in hexadecimal and before a line break.
fn joined(mut rest: &str) -> Result<String> {
    let mut body = String::new();
    loop {
        let (size, chunk) = rest.split_once("\r\n").context("a chunk has no size")?;
        let size = usize::from_str_radix(size, 16).with_context(|| format!("{size} is no size"))?;
        let (chunk, after) = chunk.split_at_checked(size).context("a chunk is cut")?;
        if chunk.is_empty() {
            return Ok(body);
        }
        body += chunk;
        rest = after.strip_prefix("\r\n").context("a chunk is longer than it says")?;
    }
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn chunks_are_joined_and_cut_ones_are_refused() {
        let check = |body: &str, expected: Option<&str>| assert_eq!(joined(body).ok().as_deref(), expected, "{body:?}");
        check("0\r\n\r\n", Some(""));
        check(
            "5\r\nab\r\nc\r\na\r\n0123456789\r\n0\r\n\r\n",
            Some("ab\r\nc0123456789"),
        );
        for cut in ["", "5\r\nabc", "2\r\nabc\r\n0\r\n\r\n", "x\r\nabc\r\n", "2\r\nab\r\n"] {
            check(cut, None);
        }
    }
}
