//! What `lake-register` tells of a batch.

use std::io;

use lake::contract::metric;
use lake::register::Noted;
use lambda_kit::batch::{Response, sqs};

use crate::report::{Invocation, Reporter, count};

/// The answer to the queue's mapping.
#[must_use]
pub fn answer(noted: &Noted, event: &sqs::Event) -> Response {
    let again = noted.again.iter().filter_map(|place| event.records.get(*place));
    Response::again(again.map(|message| message.message_id.clone()))
}

impl Reporter {
    /// Logs what was ignored and the hours that are marked, and writes the batch's metrics to `out`.
    ///
    /// # Errors
    ///
    /// When `out` fails.
    pub fn registered(&self, noted: &Noted, invocation: Invocation<'_>, out: impl io::Write) -> io::Result<()> {
        let dataset = self.dataset();
        for key in &noted.ignored {
            tracing::warn!(dataset, key, "an object is no hour's");
        }
        let hours = || {
            noted
                .marked
                .iter()
                .map(|hour| hour.name())
                .collect::<Vec<_>>()
                .join(" ")
        };
        tracing::info!(
            dataset,
            objects = noted.objects,
            hours = hours(),
            "objects have arrived"
        );
        if !noted.again.is_empty() {
            tracing::error!(dataset, messages = noted.again.len(), "messages must come again");
        }
        let metrics = [
            count(metric::OBJECTS_SEEN, noted.objects),
            count(metric::OBJECTS_IGNORED, noted.ignored.len()),
            count(metric::HOURS_MARKED, noted.marked.len()),
            invocation.latency(),
        ];
        self.line(&metrics, &[], invocation, out)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use lake::Hour;
    use lake::register::Noted;
    use lambda_kit::batch::sqs;
    use serde_json::{Value, json};

    use super::answer;
    use crate::report::{Invocation, Reporter};

    #[test]
    fn a_batch_is_answered_by_its_messages_ids_and_counted() {
        let message = |id: &str| json!({ "messageId": id, "body": "{}", "eventSource": "aws:sqs" });
        let event = json!({ "Records": [message("a"), message("b"), message("c")] });
        let event: sqs::Event = serde_json::from_value(event).unwrap();
        let mut noted = Noted {
            objects: 5,
            ignored: vec!["raw/x".to_owned()],
            marked: BTreeSet::from([Hour::at(0).unwrap(), Hour::at(3_600_000).unwrap()]),
            again: vec![0, 2],
        };
        let text = |noted: &Noted| serde_json::to_string(&answer(noted, &event)).unwrap();
        let both = r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"c"}]}"#;
        assert_eq!(text(&noted), both);
        noted.again.clear();
        assert_eq!(text(&noted), r#"{"batchItemFailures":[]}"#);

        let mut out = Vec::new();
        let reporter = Reporter::new("test", "events".to_owned());
        let invocation = Invocation {
            request_id: "request",
            took: Duration::from_millis(3),
            timestamp_ms: 1_700_000_000_000,
        };
        reporter.registered(&noted, invocation, &mut out).unwrap();
        let line: Value = serde_json::from_slice(&out).unwrap();
        let counts = ["ObjectsSeen", "ObjectsIgnored", "HoursMarked"].map(|name| line[name].as_f64().unwrap());
        assert_eq!(counts, [5.0, 1.0, 2.0]);
    }
}
