//! The stack on which we are measured against our peers, as a program that is measured whole.
//!
//! Writes the template to standard output; with `--check` it is validated, held against the policy
//! rules and priced as well, which is said on standard error.
//! `run.py` makes the same resources with CDK and troposphere, and measures nothing when one of the
//! three templates differs from the others.

mod base;
mod lake;
mod web;

use std::io::Write as _;
use std::process::ExitCode;

use infra_check::{Document, Setting, Severity, judge};
use infra_core::{Date, Template};
use infra_price::{Estimate, Load, Region, report};

use base::Base;

/// A million events a day, and some people who look at them.
const LOAD: Load = Load {
    hours_per_month: 730,
    events_per_hour: 42_000,
    bytes_per_event: 600,
    events_per_record: 1,
    errors_per_million: 100,
    stored_bytes_per_event: 120,
    stored_months: 12,
    queries_per_day: 50,
    scanned_mb_per_query: 500,
    log_bytes_per_call: 800,
    metrics_per_function: 3,
    puts_per_hour: 100,
    gets_per_hour: 100,
    requests_per_hour: 5_000,
    bytes_per_answer: 2_000,
    users_per_month: 1_000,
    item_writes_per_hour: 42_000,
    item_reads_per_hour: 10_000,
    bytes_per_item: 400,
    stored_items: 10_000_000,
    messages_per_hour: 10,
    workflow_runs_per_hour: 0,
    transitions_per_run: 0,
};

fn main() -> ExitCode {
    let template = template();
    if let Err(faults) = template.check() {
        for fault in faults {
            eprintln!("{fault}");
        }
        return ExitCode::FAILURE;
    }
    if std::env::args().any(|argument| argument == "--check") {
        check(&template);
    }
    match std::io::stdout().write_all(template.to_json().as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot write the template: {error}");
            ExitCode::FAILURE
        }
    }
}

fn template() -> Template {
    let mut template = Template::new("What peers are measured on");
    let t = &mut template;
    let base = Base::add(t);
    let [raw, curated, _] =
        [("Raw", "raw"), ("Curated", "curated"), ("Logs", "logs")].map(|(id, name)| base.bucket(t, id, name));
    let stream = lake::add(t, &base, &raw);
    web::add(t, &base, &stream, &curated);
    template
}

fn check(template: &Template) {
    let setting = Setting {
        // Always the same day: there are no waivers here that could expire.
        today: Date::new(2026, 11, 20),
        environment: None,
    };
    let findings = judge(&Document::of(template), &setting).open;
    for finding in &findings {
        eprintln!("{finding}");
    }
    let errors = findings.iter().filter(|finding| finding.severity() == Severity::Error);
    eprintln!("{} findings, {} of them errors", findings.len(), errors.count());
    let estimate = Estimate::of_template("bench", template, &LOAD, Region::EuWest2);
    eprintln!("{}", report::summary(&estimate));
}
