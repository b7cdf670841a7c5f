//! Stands between a program's processes and the cloud, and does to each request what the schedule
//! says.
//!
//! A process is known by its access key, `p<process id>`, which the start script gives it: it stands
//! in the signature of every request.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::call::Call;
use super::point::Side;
use super::schedule::{Fate, Passage, Schedule};

/// How long the cloud may take for an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// One request, as it came.
pub struct Request {
    /// Method, path and version.
    line: String,
    headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Starts to listen on a free port of 127.0.0.1 for the cloud at `endpoint`, until the program ends.
///
/// # Errors
///
/// When there is no port, or the cloud is not on this machine.
pub fn start<C: Call>(endpoint: &str, schedule: Arc<Schedule<C>>) -> Result<SocketAddr> {
    let cloud = endpoint.trim_start_matches("http://").parse();
    let cloud = cloud.with_context(|| format!("{endpoint} is no address of this machine"))?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no port for the proxy")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let schedule = Arc::clone(&schedule);
            // A process that was killed leaves a connection behind that nobody reads: no error.
            thread::spawn(move || serve(client, cloud, &schedule));
        }
    });
    Ok(address)
}

/// Serves one request; the client is told to make another connection for the next.
fn serve<C: Call>(client: TcpStream, cloud: SocketAddr, schedule: &Arc<Schedule<C>>) -> Result<()> {
    let mut reader = BufReader::new(client);
    let Some(request) = Request::read(&mut reader)? else {
        return Ok(());
    };
    let mut client = reader.into_inner();
    let passage = Passage::begin(schedule, &request)?;
    match passage.fate() {
        Fate::Pass => client.write_all(&request.forward(cloud)?)?,
        Fate::Kill(Side::Unseen) => passage.kill(),
        Fate::Kill(Side::Unheard) => {
            request.forward(cloud)?;
            passage.kill();
        }
        Fate::Kill(Side::Answered) => {
            client.write_all(&request.forward(cloud)?)?;
            passage.kill();
        }
        Fate::KillLater(after) => {
            client.write_all(&request.forward(cloud)?)?;
            thread::sleep(after);
            passage.kill();
        }
        Fate::KillAndArrive(after) => {
            passage.kill();
            thread::sleep(after);
            request.forward(cloud)?;
        }
        Fate::Arrive(after) => {
            thread::sleep(after);
            client.write_all(&request.forward(cloud)?)?;
        }
    }
    Ok(())
}

impl Request {
    fn read(reader: &mut BufReader<TcpStream>) -> Result<Option<Request>> {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut headers = Vec::new();
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            match header.trim_end().split_once(':') {
                Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
                None => break,
            }
        }
        let mut request = Request {
            line: line.trim_end().to_owned(),
            headers,
            body: Vec::new(),
        };
        if request.header("expect").is_some() {
            reader.get_mut().write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let length = request.header("content-length").unwrap_or("0");
        let length = length.parse().with_context(|| format!("{length} is no length"))?;
        request.body.resize(length, 0);
        reader.read_exact(&mut request.body)?;
        Ok(Some(request))
    }

    /// The value of a header; its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(held, _)| held == name);
        header.map(|(_, value)| value.as_str())
    }

    /// The method.
    pub fn method(&self) -> &str {
        self.line.split(' ').next().unwrap_or_default()
    }

    /// Path and query.
    pub fn target(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }

    /// The body as JSON.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("{} has no JSON", self.line))
    }

    /// The process that sent it.
    pub fn process(&self) -> Option<u32> {
        let (_, credential) = self.header("authorization")?.split_once("Credential=p")?;
        credential.split('/').next()?.parse().ok()
    }

    /// Sends it to the cloud, and gives the whole answer.
    fn forward(&self, cloud: SocketAddr) -> Result<Vec<u8>> {
        let mut head = format!("{}\r\nconnection: close\r\n", self.line);
        for (name, value) in &self.headers {
            if name != "connection" && name != "expect" {
                head += &format!("{name}: {value}\r\n");
            }
        }
        let mut cloud = TcpStream::connect(cloud).context("the cloud is gone")?;
        cloud.set_read_timeout(Some(PATIENCE))?;
        cloud.write_all(head.as_bytes())?;
        cloud.write_all(b"\r\n")?;
        cloud.write_all(&self.body)?;
        let mut answer = Vec::new();
        cloud.read_to_end(&mut answer)?;
        Ok(answer)
    }
}
