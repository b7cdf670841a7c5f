//! `guide notifications`: what users are told of changes of their favourites, as it is said.

use std::io::Write as _;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use tv_guide::contract::output;

use super::queue::Queue;
use crate::End;
use crate::aws::Aws;
use crate::outputs::Outputs;
use crate::signal;

/// Print the notifications of all users as they are published, until Ctrl-C
///
/// A queue of its own is subscribed to the topic meanwhile, and removed at the end.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask guide notifications
  cargo xtask guide notifications --kind moved
  cargo xtask guide notifications --count 1 --within 60 --json      in a script")]
pub(crate) struct Args {
    /// End after so many
    #[arg(long, value_name = "NUMBER")]
    count: Option<u64>,
    /// Fail where they do not come within so many seconds
    #[arg(long, value_name = "SECONDS", requires = "count")]
    within: Option<u64>,
    /// Only what is added, moved or cancelled
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Option<Kind>,
    /// Print the messages as they are, one JSON object per line
    #[arg(long)]
    json: bool,
}

/// What has become of a programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// It is new in the schedule
    Added,
    /// It has another time or channel
    Moved,
    /// It is in the schedule no more
    Cancelled,
}

/// The part of a message that these commands look at.
#[derive(Debug, Deserialize)]
struct Message {
    kind: Kind,
    text: String,
}

/// Says that from now on nothing is missed; `cargo xtask demo` waits for it.
const LISTENING: &str = "listening to the changes of favourites; Ctrl-C ends";

pub(crate) async fn run(args: &Args, outputs: &Outputs) -> Result<End> {
    let topic = outputs.get(output::NOTIFICATION_TOPIC_ARN)?;
    let aws = Aws::connect().await?;
    let queue = Queue::subscribed(&aws, &name(topic), topic)
        .await
        .context("cannot subscribe to the notifications")?;
    eprintln!("{LISTENING}");
    let ended = signal::until(follow(args, &aws, &queue)).await;
    let removed = queue
        .remove(&aws)
        .await
        .context("cannot remove the queue of this command");
    let end = ended?;
    removed?;
    Ok(end)
}

async fn follow(args: &Args, aws: &Aws, queue: &Queue) -> Result<()> {
    let deadline = args.within.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut left = args.count.unwrap_or(u64::MAX);
    while left > 0 {
        let receive = queue.receive(aws);
        let messages = match deadline {
            None => receive.await?,
            Some(deadline) => match tokio::time::timeout_at(deadline.into(), receive).await {
                Ok(messages) => messages?,
                Err(_) => bail!(
                    "{left} notifications have not come within {} s",
                    args.within.unwrap_or_default()
                ),
            },
        };
        for message in messages {
            if let Some(line) = line(&message, args) {
                print(&line)?;
                left = left.saturating_sub(1);
            }
        }
    }
    Ok(())
}

/// What is printed of a message; nothing of one that is not asked for.
fn line(message: &str, args: &Args) -> Option<String> {
    match serde_json::from_str::<Message>(message) {
        Ok(Message { kind, .. }) if args.kind.is_some_and(|wanted| wanted != kind) => None,
        Ok(Message { text, .. }) if !args.json => Some(text),
        // What is not known is shown rather than lost.
        _ => Some(message.to_owned()),
    }
}

fn print(line: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .context("cannot write to standard output")
}

/// A queue's name that nobody else has: the topic's, and when and by which process it was made.
fn name(topic: &str) -> String {
    let topic = topic.rsplit(':').next().unwrap_or_default();
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let millis = since.unwrap_or_default().as_millis();
    // SQS takes 80 characters; the end is what makes it ours.
    let short: String = topic.chars().take(48).collect();
    format!("{short}-{millis}-{}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::{Args, Kind, line, name};

    #[test]
    fn only_the_kind_that_is_asked_for_is_printed_for_people_or_as_it_is() {
        let moved = r#"{"kind":"moved","text":"News has moved","user":"u","before":{},"after":{}}"#;
        let args = |kind, json| Args {
            count: None,
            within: None,
            kind,
            json,
        };
        assert_eq!(line(moved, &args(None, false)).as_deref(), Some("News has moved"));
        assert_eq!(line(moved, &args(Some(Kind::Moved), true)).as_deref(), Some(moved));
        assert_eq!(line(moved, &args(Some(Kind::Added), false)), None);
        assert_eq!(line("other", &args(Some(Kind::Added), false)).as_deref(), Some("other"));
    }

    #[test]
    fn the_name_fits_a_queue() {
        let name = name(&format!("arn:aws:sns:eu-west-2:123456789012:{}", "x".repeat(256)));
        assert!(name.len() <= 80 && name.starts_with("xxx"), "{name}");
    }
}
