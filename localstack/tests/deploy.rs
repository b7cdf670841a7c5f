//! Several stacks at once: two that stand alone, and one that reads an output of each.

use anyhow::{Context as _, Result};
use infra_core::{Stack, Template, Value};
use infra_deploy::bucket;
use infra_deploy::client::Aws;
use infra_deploy::clock::System;
use infra_deploy::cloudformation::{CloudFormation as _, Standing};
use infra_deploy::console::Screen;
use infra_deploy::deploy::Options;
use infra_deploy::engine::Engine;
use infra_deploy::{destroy, fleet};
use infra_resources::sqs;

/// A queue of this name, and what its stack is called.
fn queue(template: &mut Template, name: &str) -> Value<String> {
    let queue = sqs::Queue {
        queue_name: Some(Value::from(name)),
        ..sqs::Queue::new()
    };
    let queue = template.add("Queue", queue);
    template.options(&queue).delete();
    queue.queue_name().text()
}

/// The reader first, so that only the references put it last.
fn stacks(prefix: &str) -> Vec<Stack> {
    let named = |what: &str| format!("{prefix}-{what}");
    let mut reader = Template::new("Reads both");
    let mut producers = Vec::new();
    for (what, parameter) in [("red", "Red"), ("blue", "Blue")] {
        let mut template = Template::new("Stands alone");
        let name = queue(&mut template, &named(what));
        let shared = template.share(&named(what), &format!("{parameter}Queue"), "Its queue", name);
        let read = reader.read(parameter, &shared);
        reader.output::<String>(&format!("{parameter}Seen"), "What came in", read);
        producers.push((named(what), template));
    }
    queue(&mut reader, &named("reader"));
    let stack = |(name, template)| Stack::new(name, template);
    std::iter::once((named("reader"), reader))
        .chain(producers)
        .map(stack)
        .collect()
}

#[tokio::test]
async fn stacks_are_deployed_after_those_that_they_read() -> Result<()> {
    let prefix = format!("t{:08x}", fastrand::u32(..));
    let aws = Aws::connect(None).await?;
    let identity = aws.identity().await?;
    let engine = Engine {
        cloud: aws.cloudformation(),
        objects: aws.s3(&identity),
        clock: System,
        console: Screen::open()?,
        run: prefix.clone(),
    };
    let asset_bucket = bucket::name(&prefix, &identity, "eu-west-2");
    let stacks = stacks(&prefix);
    let options = Options {
        yes: true,
        ..Options::default()
    };
    let zips = tempfile::tempdir()?;
    let deployed = engine
        .each(&stacks, fleet::AT_ONCE, async |engine, stack| {
            let plan = engine.plan(stack, &asset_bucket, zips.path()).await?;
            engine.deploy(&plan, &asset_bucket, &options).await
        })
        .await?;
    let seen = &deployed.first().context("the reader was deployed")?.outputs;
    for (output, queue) in [("RedSeen", "red"), ("BlueSeen", "blue")] {
        let expected = (output.to_owned(), format!("{prefix}-{queue}"));
        assert!(seen.contains(&expected), "{expected:?} in {seen:?}");
    }
    let away = destroy::Options {
        yes: true,
        ..destroy::Options::default()
    };
    for stack in &stacks {
        engine.destroy(&stack.name, &away).await?;
        let left = engine.cloud.stack(&stack.name).await?;
        assert!(left.is_none_or(|stack| stack.status.standing() == Standing::Absent));
    }
    Ok(())
}
