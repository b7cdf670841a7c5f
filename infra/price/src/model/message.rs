//! What passes messages on: queues, topics, schedules, state machines.

use super::catalog::schedule_runs;
use super::function::Source;
use super::{HOUR, Site, rows};
use crate::line::{Line, count, of};
use crate::resource::{Resource, refers};
use crate::table::prices;

/// A message is sent, received and deleted.
const REQUESTS_PER_MESSAGE: u8 = 3;

/// Lambda asks an empty queue with so many long polls at once, each of so many seconds.
const POLLERS: u8 = 5;
const POLL_SECONDS: u128 = 20;

pub(super) fn queue(site: &Site<'_>, queue: &Resource<'_>) -> Vec<Line> {
    let load = site.load;
    let price = if queue.holds("FifoQueue") {
        &prices::SQS_FIFO
    } else {
        &prices::SQS
    };
    let messages = count(sent(site, queue), "message");
    let mut lines = vec![site.line(price, [messages, of(REQUESTS_PER_MESSAGE, "requests")])];
    let mut mappings = site.resources.of_kind("AWS::Lambda::EventSourceMapping");
    if mappings.any(|mapping| mapping.refers(Source::PROPERTY, queue)) {
        let polls = HOUR / POLL_SECONDS;
        let factors = [
            of(load.hours_per_month, "h"),
            of(POLLERS, "pollers"),
            of(polls, "polls an hour"),
        ];
        lines.push(site.line(price, factors));
    }
    lines
}

/// Messages that a queue is sent in a month: those that are stated, and what buckets announce in it.
pub(super) fn sent(site: &Site<'_>, queue: &Resource<'_>) -> u128 {
    site.load.monthly(site.load.messages_per_hour) + rows::announced(site, queue)
}

pub(super) fn topic(site: &Site<'_>) -> Vec<Line> {
    let messages = site.load.monthly(site.load.messages_per_hour);
    vec![site.line(&prices::SNS, [count(messages, "message")])]
}

/// A rule that runs on a schedule, or that passes on AWS's own events, is free; what others
/// publish is billed to the bus.
pub(super) fn rule(site: &Site<'_>, rule: &Resource<'_>) -> Vec<Line> {
    if rule.at("ScheduleExpression").is_some() {
        return Vec::new();
    }
    let messages = site.load.monthly(site.load.messages_per_hour);
    vec![site.line(&prices::EVENT, [count(messages, "event")])]
}

pub(super) fn schedule(site: &Site<'_>, schedule: &Resource<'_>) -> Vec<Line> {
    let runs = runs(site, schedule).unwrap_or(0);
    vec![site.line(&prices::SCHEDULE, [count(runs, "call")])]
}

pub(super) fn workflow(site: &Site<'_>, machine: &Resource<'_>) -> Vec<Line> {
    let load = site.load;
    let runs = count(load.monthly(load.workflow_runs_per_hour), "run");
    if machine.is("StateMachineType", "EXPRESS") {
        return vec![site.line(&prices::EXPRESS_RUN, [runs])];
    }
    vec![site.line(
        &prices::TRANSITION,
        [runs, count(load.transitions_per_run, "transition")],
    )]
}

/// Whether a schedule or a rule calls a function.
pub(super) fn calls(resource: &Resource<'_>, function: &Resource<'_>) -> bool {
    match resource.kind {
        "AWS::Scheduler::Schedule" => resource.refers("Target", function),
        "AWS::Events::Rule" => {
            let targets = resource.list("Targets").iter();
            targets.into_iter().any(|target| refers(target, function.id))
        }
        _ => false,
    }
}

/// How often a schedule or a scheduled rule runs in a month, where it says so in a way that is
/// counted.
pub(super) fn runs(site: &Site<'_>, resource: &Resource<'_>) -> Option<u128> {
    let expression = resource.text("ScheduleExpression")?;
    schedule_runs(expression, site.load.hours_per_month)
}
