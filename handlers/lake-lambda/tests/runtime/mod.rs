//! A Lambda runtime API small enough to read: it hands out requests and collects the answers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

/// Longest time for one answer; a debug build on a busy machine needs a fraction.
const DEADLINE: Duration = Duration::from_secs(60);

/// What the function posted for one invocation.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Whether it was a response, not an error.
    pub(crate) ok: bool,
    pub(crate) body: Vec<u8>,
}

/// A finished run of the function.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) answers: Vec<Answer>,
    /// Everything on standard output.
    pub(crate) log: String,
}

/// The function's process, ended with the test whatever happens.
struct Function(Child);

impl Drop for Function {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The function as a process that still lacks what `environment!` asks for.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lake-transform"));
    command
        .env_clear()
        .env("AWS_LAMBDA_FUNCTION_NAME", "lake-transform")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
        .env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9")
        .stdout(Stdio::piped());
    command
}

/// Runs the function on `requests`, one invocation each, and stops it after the last answer.
pub(crate) fn run(requests: Vec<Vec<u8>>) -> Run {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut function = Function(
        command()
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("HEADEND_ENVIRONMENT", "test")
            .env("HEADEND_DATASET", "events")
            .spawn()
            .unwrap(),
    );
    let mut stdout = function.0.stdout.take().unwrap();
    let log = thread::spawn(move || {
        let mut log = String::new();
        stdout.read_to_string(&mut log).unwrap();
        log
    });

    let count = requests.len();
    let (send, receive): (Sender<Answer>, Receiver<Answer>) = mpsc::channel();
    thread::spawn(move || serve(&listener, requests, &send));
    let answers = (0..count)
        .map(|_| receive.recv_timeout(DEADLINE).expect("an answer in time"))
        .collect();
    // The function logs before it answers, so that nothing is lost by ending it now.
    drop(function);
    Run {
        answers,
        log: log.join().unwrap(),
    }
}

fn serve(listener: &TcpListener, requests: Vec<Vec<u8>>, send: &Sender<Answer>) {
    let mut requests = requests.into_iter().enumerate();
    for stream in listener.incoming() {
        let mut stream = BufReader::new(stream.unwrap());
        while let Some((path, body)) = receive(&mut stream) {
            if path.ends_with("/invocation/next") {
                let Some((index, request)) = requests.next() else {
                    // No more work: leave the function waiting, as Lambda does.
                    break;
                };
                let headers = format!(
                    "Lambda-Runtime-Aws-Request-Id: request-{index}\r\n\
                     Lambda-Runtime-Deadline-Ms: 4102444800000\r\n\
                     Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-2:000000000000:\
                     function:lake-transform\r\n"
                );
                answer(stream.get_mut(), "200 OK", &headers, &request);
            } else {
                answer(stream.get_mut(), "202 Accepted", "", b"{}");
                let ok = path.ends_with("/response");
                if send.send(Answer { ok, body }).is_err() {
                    return;
                }
            }
        }
        if requests.len() == 0 {
            // Keep the connection open until the function is ended.
            let _ = stream.read_to_end(&mut Vec::new());
        }
    }
}

/// One HTTP request: its path and its body; `None` at the end of the connection.
fn receive(stream: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut line = String::new();
    if stream.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let path = line.split(' ').nth(1).unwrap().to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).unwrap();
        let Some((name, value)) = header.split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    Some((path, body))
}

fn answer(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
}
