//! The functions that fill the table and tell of its changes, and what calls them.

use ::tv_guide::contract::ingest::{IngestEnv, IngestNeeds, ReferenceEnv, ReferenceNeeds, limit, schedule};
use ::tv_guide::contract::table::{self, ConsumeEnv, ConsumeNeeds, NotifyEnv, NotifyNeeds};
use ::tv_guide::contract::{index, output};
use infra_constructs::event_source::{self, Records, Source};
use infra_constructs::grant;
use infra_constructs::schedule::{Caller, Schedule};
use infra_core::{Handle, Template, Value};
use infra_resources::{lambda, s3};

use super::function::{CONSUME, Common, INGEST, NOTIFY, REFERENCE};
use super::{Stores, Upstreams};
use crate::function::Own;

/// The functions.
pub(super) struct Work {
    pub(super) reference: Handle<lambda::Function>,
    pub(super) ingest: Handle<lambda::Function>,
    pub(super) consume: Handle<lambda::Function>,
    pub(super) notify: Handle<lambda::Function>,
}

/// Longest wait for a full batch, in seconds: records come in bursts, and wait for nobody else.
const WINDOW_SECONDS: u16 = 1;

/// What the names of the schedules end in; the first two are the seed's.
const TITLES_TRIGGER: &str = "DailyUKTVDataIngestionTrigger";
const REFERENCE_TRIGGER: &str = "DailyUKTVReferenceTrigger";
const SCHEDULES_TRIGGER: &str = "HourlyUKTVScheduleTrigger";

/// Adds the functions, their schedules and what they read.
pub(super) fn add(
    template: &mut Template,
    common: &Common<'_>,
    stores: &Stores,
    upstreams: &Upstreams,
    quarantine: &Handle<s3::Bucket>,
) -> Work {
    let work = Work {
        reference: reference(template, common, stores, upstreams),
        ingest: ingest(template, common, stores, upstreams),
        consume: consume(template, common, stores, upstreams, quarantine),
        notify: notify(template, common, stores),
    };
    schedules(template, common, &work);
    let mapping = |source, function, batch: u32, filters| Records {
        source,
        function,
        batch: u16::try_from(batch).unwrap_or(u16::MAX),
        window_seconds: WINDOW_SECONDS,
        filters,
        failures: &stores.dead_letters,
    };
    let stream = Source::Stream(&stores.stream);
    mapping(stream, &work.consume, table::limit::CONSUME_BATCH, &[]).add(template, "ConsumeRecords");
    let changes = Source::Changes(&stores.table);
    let filters = &[table::NOTIFY_FILTER];
    mapping(changes, &work.notify, table::limit::NOTIFY_BATCH, filters).add(template, "NotifyRecords");
    template.output(
        output::INGEST_FUNCTION_NAME,
        "Function that fetches titles and schedules",
        work.ingest.reference(),
    );
    template.output(
        output::INGEST_FUNCTION_ARN,
        "The same, by its ARN",
        work.ingest.arn().text(),
    );
    template.output(
        output::REFERENCE_FUNCTION_NAME,
        "Function that fetches sources and genres",
        work.reference.reference(),
    );
    work
}

fn reference(
    template: &mut Template,
    common: &Common<'_>,
    stores: &Stores,
    upstreams: &Upstreams,
) -> Handle<lambda::Function> {
    let settings = &common.environment.settings.tv_guide;
    let needs = ReferenceNeeds {
        table: grant::on(stores.table.arn()),
        key: grant::on(stores.watchmode_key.reference()),
    };
    let own = Own {
        name: REFERENCE,
        description: "Fetches sources and genres into the table",
        code: &common.codes.reference,
        architecture: settings.functions.architecture.into(),
        memory_mib: settings.functions.reference_mib,
        timeout_seconds: seconds(limit::REFERENCE_SECONDS),
        concurrency: None,
        variables: ReferenceEnv {
            environment: stage(common),
            table: stores.table.reference().text(),
            watchmode_url: upstreams.watchmode.clone(),
            watchmode_secret: stores.watchmode_key.reference().text(),
            monthly_budget: budget(common),
        }
        .variables(),
        grants: needs.grants(),
    };
    common.add(template, "Reference", own).0
}

fn ingest(
    template: &mut Template,
    common: &Common<'_>,
    stores: &Stores,
    upstreams: &Upstreams,
) -> Handle<lambda::Function> {
    let settings = &common.environment.settings.tv_guide;
    let needs = IngestNeeds {
        table: grant::on(stores.table.arn()),
        index: grant::indexes(&stores.table.arn(), &[index::GSI1, index::GSI3]),
        stream: grant::on(stores.stream.arn()),
        key: grant::on(stores.watchmode_key.reference()),
    };
    let own = Own {
        name: INGEST,
        description: "Fetches titles and schedules, and puts what has changed into the stream",
        code: &common.codes.ingest,
        architecture: settings.functions.architecture.into(),
        memory_mib: settings.functions.ingest_mib,
        timeout_seconds: seconds(limit::INGEST_SECONDS),
        concurrency: settings.functions.ingest_concurrency,
        variables: IngestEnv {
            environment: stage(common),
            table: stores.table.reference().text(),
            stream: stores.stream.reference().text(),
            watchmode_url: upstreams.watchmode.clone(),
            watchmode_secret: stores.watchmode_key.reference().text(),
            monthly_budget: budget(common),
            tvmaze_url: upstreams.tvmaze.clone(),
        }
        .variables(),
        grants: needs.grants(),
    };
    common.add(template, "Ingest", own).0
}

fn consume(
    template: &mut Template,
    common: &Common<'_>,
    stores: &Stores,
    upstreams: &Upstreams,
    quarantine: &Handle<s3::Bucket>,
) -> Handle<lambda::Function> {
    let settings = &common.environment.settings.tv_guide;
    let needs = ConsumeNeeds {
        table: grant::on(stores.table.arn()),
        quarantine: grant::objects(&quarantine.arn(), &[table::QUARANTINE_PREFIX]),
        key: grant::on(stores.watchmode_key.reference()),
    };
    let reads = event_source::read(Source::Stream(&stores.stream), &stores.dead_letters);
    let own = Own {
        name: CONSUME,
        description: "Puts the records of the stream into the table, with details of titles",
        code: &common.codes.consume,
        architecture: settings.functions.architecture.into(),
        memory_mib: settings.functions.consume_mib,
        timeout_seconds: seconds(table::limit::CONSUME_SECONDS),
        concurrency: None,
        variables: ConsumeEnv {
            environment: stage(common),
            table: stores.table.reference().text(),
            quarantine: quarantine.reference().text(),
            watchmode_url: upstreams.watchmode.clone(),
            watchmode_secret: stores.watchmode_key.reference().text(),
            monthly_budget: budget(common),
            tvmaze_url: upstreams.tvmaze.clone(),
        }
        .variables(),
        grants: [needs.grants(), reads].concat(),
    };
    common.add(template, "Consume", own).0
}

fn notify(template: &mut Template, common: &Common<'_>, stores: &Stores) -> Handle<lambda::Function> {
    let settings = &common.environment.settings.tv_guide;
    let needs = NotifyNeeds {
        table: grant::on(stores.table.arn()),
        index: grant::index(stores.table.arn(), index::GSI1),
        topic: grant::on(stores.changes.reference()),
    };
    let reads = event_source::read(Source::Changes(&stores.table), &stores.dead_letters);
    let own = Own {
        name: NOTIFY,
        description: "Tells followers of programmes that are new, moved or cancelled",
        code: &common.codes.notify,
        architecture: settings.functions.architecture.into(),
        memory_mib: settings.functions.notify_mib,
        timeout_seconds: seconds(table::limit::NOTIFY_SECONDS),
        concurrency: None,
        variables: NotifyEnv {
            environment: stage(common),
            table: stores.table.reference().text(),
            topic: stores.changes.reference().text(),
        }
        .variables(),
        grants: [needs.grants(), reads].concat(),
    };
    common.add(template, "Notify", own).0
}

fn schedules(template: &mut Template, common: &Common<'_>, work: &Work) {
    let role = Caller {
        functions: &[&work.reference, &work.ingest],
        dead_letters: common.dead_letters,
        key: common.key,
    };
    let role = role.add(template, "ScheduleRole");
    for (id, name, description, expression, input, function) in [
        (
            "ReferenceSchedule",
            REFERENCE_TRIGGER,
            "Sources and genres, every day",
            schedule::REFERENCE_RATE,
            schedule::REFERENCE_INPUT,
            &work.reference,
        ),
        (
            "TitlesSchedule",
            TITLES_TRIGGER,
            "Titles and schedules, every day",
            schedule::TITLES_RATE,
            schedule::TITLES_INPUT,
            &work.ingest,
        ),
        (
            "SchedulesSchedule",
            SCHEDULES_TRIGGER,
            "Schedules alone, every hour",
            schedule::SCHEDULES_RATE,
            schedule::SCHEDULES_INPUT,
            &work.ingest,
        ),
    ] {
        let schedule = Schedule {
            name: common.environment.name(name),
            description,
            expression: expression.to_owned(),
            input,
            function,
            role: &role,
            dead_letters: common.dead_letters,
            key: common.key,
        };
        schedule.add(template, id);
    }
}

fn stage(common: &Common<'_>) -> Value<String> {
    common.environment.stage.name().into()
}

fn budget(common: &Common<'_>) -> Value<String> {
    let budget = common.environment.settings.tv_guide.upstream.monthly_budget;
    budget.to_string().into()
}

/// Lambda runs for 900 seconds at most.
fn seconds(timeout: u32) -> u16 {
    u16::try_from(timeout).unwrap_or(900)
}
