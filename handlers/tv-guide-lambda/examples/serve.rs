//! The API on one's own machine, over a guide in memory: for tests that send many requests, and for
//! working on a page. The tokens `alice` and `bob` are good; nothing outside this machine reaches it.
//!
//! ```text
//! cargo run -p tv-guide-lambda --example serve -- 8080 [ORIGIN]
//! curl -H 'Authorization: Bearer alice' http://127.0.0.1:8080/preferences
//! ```

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use tv_guide::api::memory::Walled;
use tv_guide::api::{Caller, Response};
use tv_guide::event::id::{ChannelId, GenreId, ProgrammeId, ShowId, SourceId, UserId};
use tv_guide::table::entity::{self, Channel, Edges, Programme, Title};
use tv_guide::table::memory::Memory;
use tv_guide::table::{Item, Table};
use tv_guide::token::Refusal;
use tv_guide_lambda::gateway::{Event, Gateway, Origins};

/// Largest body that is read at all, in bytes; API Gateway takes 10 MB.
const BODY: usize = 10_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().unwrap_or_else(|| "8080".to_owned()).parse()?;
    let gateway = Gateway::new(Origins::listed(&arguments.next().unwrap_or_default()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let table = Memory::new();
    runtime.block_on(fill(&table, Timestamp::now()))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    println!("http://{}", listener.local_addr()?);
    std::thread::scope(|scope| {
        for stream in listener.incoming().flatten() {
            let (gateway, table) = (&gateway, &table);
            scope.spawn(move || {
                // Whoever hangs up has no use for an error.
                let _ = converse(stream, gateway, table);
            });
        }
    });
    Ok(())
}

/// Answers the requests of one connection.
fn converse(mut stream: TcpStream, gateway: &Gateway, table: &Memory) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(event) = read(&mut reader)? {
        let event = event.to_string();
        let event: Event<'_> = serde_json::from_str(&event)?;
        let identify = async |authorization: Option<&str>| match authorization
            .and_then(|header| header.strip_prefix("Bearer "))
        {
            Some(user @ ("alice" | "bob")) => UserId::new(user).map_or(Caller::Refused(Refusal::Subject), Caller::User),
            Some(_) => Caller::Refused(Refusal::Malformed),
            None => Caller::Refused(Refusal::Missing),
        };
        let users = Walled(table);
        let answer = gateway.answer(&event, identify, table, &users, Timestamp::now());
        let response = runtime.block_on(answer);
        write(&mut stream, &response)?;
    }
    Ok(())
}

/// The next request, as API Gateway would hand it on; none when the connection ends.
fn read(reader: &mut impl BufRead) -> Result<Option<Value>, Box<dyn Error>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut parts = line.split_whitespace();
    let (method, target) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = Map::new();
    loop {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line)?;
        let line = String::from_utf8_lossy(&line);
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        let value = value.trim();
        let joined = match headers.get(&name.to_lowercase()).and_then(Value::as_str) {
            Some(first) => format!("{first},{value}"),
            None => value.to_owned(),
        };
        headers.insert(name.to_lowercase(), joined.into());
    }
    let length = headers.get("content-length").and_then(Value::as_str);
    let length: usize = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length.min(BODY)];
    reader.read_exact(&mut body)?;
    Ok(Some(json!({
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {"http": {"method": method}},
        "body": base64_simd::STANDARD.encode_to_string(&body),
        "isBase64Encoded": true,
    })))
}

fn write(stream: &mut TcpStream, response: &Response) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {} -\r\n", response.status);
    for (name, value) in &response.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if response.status != 204 && response.status != 304 {
        head.push_str(&format!("Content-Length: {}\r\n", response.body.len()));
    }
    stream.write_all(&[head.as_bytes(), b"\r\n", &response.body].concat())
}

/// Forty channels with a week of programmes, and 400 titles on eight sources and of nine genres.
async fn fill(table: &Memory, now: Timestamp) -> Result<(), Box<dyn Error>> {
    for id in 1..=8_u64 {
        let name = format!("Source {id}");
        let data = json!({"id": id, "name": name, "type": "sub", "regions": ["GB"]});
        let data = data.as_object().cloned().unwrap_or_default();
        table
            .write(entity::source(&SourceId::from(id), &name, data, &["GB".to_owned()]))
            .await?;
    }
    for id in 1..=9_u64 {
        let name = format!("Genre {id}");
        let data = json!({"id": id, "name": name});
        table
            .write(entity::genre(
                &GenreId::from(id),
                &name,
                data.as_object().cloned().unwrap_or_default(),
            ))
            .await?;
    }
    let midnight = Timestamp::from_second(now.as_second().div_euclid(86_400) * 86_400)?;
    for channel in 1..=40_u64 {
        let name = format!("Channel {channel}");
        table.write(read_channel(channel, &name)?.write()).await?;
        for slot in 0..7 * 32_u64 {
            let start = midnight.checked_add(SignedDuration::from_mins(i64::try_from(slot)? * 45))?;
            let programme = Programme::read(&programme(channel, &name, slot, start)?)?;
            table.write(programme.write()).await?;
        }
    }
    for id in 1..=400_u64 {
        let title = Title::read(&title(id, now)?)?;
        table.write(title.write(None)).await?;
        for writes in Edges::of(&title).writes(&title.data.id, &Edges::default()) {
            table.write_all(writes).await?;
        }
    }
    Ok(())
}

fn read_channel(id: u64, name: &str) -> Result<Channel, Box<dyn Error>> {
    Ok(Channel::read(&item(json!({
        "channel_id": ChannelId::from(id), "name": name, "order": id, "version": "1",
    }))?)?)
}

fn programme(channel: u64, name: &str, slot: u64, start: Timestamp) -> Result<Item, Box<dyn Error>> {
    item(json!({
        "program_id": ProgrammeId::from(channel * 1_000 + slot),
        "title": format!("Programme {slot} of {name}"),
        "channel": name,
        "channel_id": ChannelId::from(channel),
        "start_time": start.to_string(),
        "end_time": start.checked_add(SignedDuration::from_mins(45))?.to_string(),
        "description": "What it is about.",
        "show_id": ShowId::from(slot % 97 + 1),
        "genres": ["Drama"],
        "status": "scheduled",
        "version": "1",
    }))
}

fn title(id: u64, now: Timestamp) -> Result<Item, Box<dyn Error>> {
    let seen = now.checked_sub(SignedDuration::from_hours(i64::try_from(id)? * 3))?;
    item(json!({
        "data": {
            "id": id,
            "title": format!("{} {id}", ["Harbour", "Garden", "Murder", "Été"][(id % 4) as usize]),
            "year": 2000 + id % 26,
            "type": "tv_series",
            "source_ids": [(id % 8 + 1).to_string()],
            "genre_ids": [(id % 9 + 1).to_string(), (id % 5 + 1).to_string()],
            "user_rating": (id % 11) as f64,
        },
        "listed": true,
        "first_seen": seen.to_string(),
        "version": "1",
        "show_id": ShowId::from(id % 97 + 1),
        "revision": 1,
    }))
}

fn item(value: Value) -> Result<Item, Box<dyn Error>> {
    match value {
        Value::Object(item) => Ok(item),
        _ => Err("no object".into()),
    }
}
