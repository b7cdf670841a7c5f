//! The guide, end to end: what `docs/guide.md` tells a stranger to do, done.

use std::fs::File;
use std::io::Write as _;
use std::process::Command;

use anyhow::{Context as _, Result};
use aws_config::SdkConfig;
use localstack_tests::{checked, eventually, program};
use serde_json::Value;
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

/// A deployed guide; destroyed when dropped.
struct Guide {
    prefix: String,
    assets: TempDir,
}

impl Guide {
    fn deploy() -> Result<Self> {
        let guide = Guide {
            prefix: format!("g{:08x}", fastrand::u32(..)),
            assets: TempDir::new()?,
        };
        let code = std::fs::read(program("guide-orders"))?;
        let mut zip = zip::ZipWriter::new(File::create(guide.assets.path().join("guide-orders.zip"))?);
        let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        zip.start_file("bootstrap", stored.unix_permissions(0o755))?;
        zip.write_all(&code)?;
        zip.finish()?;
        guide.run(&["deploy", "--yes"])?;
        Ok(guide)
    }

    /// Runs the guide's own program; gives both of its outputs.
    fn run(&self, arguments: &[&str]) -> Result<(String, String)> {
        let mut command = Command::new(program("guide"));
        command.args(arguments).args(["--prefix", &self.prefix]);
        if arguments.starts_with(&["deploy"]) {
            command.arg("--assets").arg(self.assets.path());
        }
        let output = checked(&mut command)?;
        Ok((String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?))
    }

    fn output(&self, name: &str) -> Result<String> {
        let outputs: Value = serde_json::from_str(&self.run(&["outputs"])?.0)?;
        let output = outputs[name].as_str();
        Ok(output.with_context(|| format!("no {name} in {outputs}"))?.to_owned())
    }
}

impl Drop for Guide {
    fn drop(&mut self) {
        let _ = self.run(&["destroy", "--yes"]);
    }
}

#[test]
fn an_order_goes_from_the_queue_into_the_table() -> Result<()> {
    let guide = Guide::deploy()?;
    let (queue, table) = (guide.output("QueueUrl")?, guide.output("TableName")?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let config = runtime.block_on(connect());
    let (sqs, dynamo) = (
        aws_sdk_sqs::Client::new(&config),
        aws_sdk_dynamodb::Client::new(&config),
    );

    let order = r#"{"tea":2}"#;
    let send = sqs.send_message().queue_url(&queue).message_body(order).send();
    let sent = runtime.block_on(send)?;
    let id = sent.message_id().context("a message has an id")?;
    let item = eventually(|| {
        let items = runtime.block_on(dynamo.scan().table_name(&table).send())?;
        Ok(items.items.unwrap_or_default().pop())
    })?;
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
    assert_eq!(text("id").map(String::as_str), Some(id));
    assert_eq!(text("order").map(String::as_str), Some(order));

    let (_, again) = guide.run(&["deploy", "--yes"])?;
    assert!(again.contains("no changes"), "{again}");
    guide.run(&["destroy", "--yes"])?;
    let gone = guide.run(&["outputs"]).unwrap_err().to_string();
    assert!(gone.contains("does not exist"), "{gone}");
    Ok(())
}

async fn connect() -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let defaults = aws_config::defaults(aws_config::BehaviorVersion::latest());
    defaults.http_client(http).load().await
}
