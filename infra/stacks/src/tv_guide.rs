//! The TV guide: upstreams to a stream to a table; an API, a page and notifications from it.
//!
//! Reading order: this file, which makes what the parts share and joins them; `function`, what all
//! functions have in common; `work`, the four that fill the table; `front`, the API with the
//! people and the page; `landing`, the stream's way into the lake; `alarms`.

mod alarms;
mod front;
mod function;
mod landing;
mod work;

use ::tv_guide::contract::table::QUARANTINE_PREFIX;
use ::tv_guide::contract::{TABLE, attribute, index, output};
use infra_constructs::bucket::{AccessLog, Bucket, Expiry};
use infra_constructs::code;
use infra_constructs::key::Key;
use infra_constructs::queue::DeadLetters;
use infra_constructs::secret::Secret;
use infra_constructs::stream::Stream;
use infra_constructs::table::{Attribute, Index, Table};
use infra_constructs::topic::{self, Alarms};
use infra_core::stack::{Setting, Site};
use infra_core::{Asset, Handle, Parameter, Stack, Template, Value};
use infra_resources::{dynamodb, kinesis, secrets_manager, sns, sqs};

use crate::environment::{Environment, OnDelete, Settings};
use crate::lake;

use function::{Codes, Common};

/// What the system is called: its stack, and what its own names begin with.
pub const SYSTEM: &str = "tv-guide";

/// The stream of programmes behind the environment's prefix, as the seed called it.
const STREAM: &str = "ProgrammeDataStream";

/// The folder of the page's files.
const PAGE: &str = "handlers/tv-guide-ui/site";

/// What several parts of the guide work on.
struct Stores {
    table: Handle<dynamodb::Table>,
    stream: Handle<kinesis::Stream>,
    dead_letters: Handle<sqs::Queue>,
    /// Where followers are told of changes.
    changes: Handle<sns::Topic>,
    /// The key of Watchmode.
    watchmode_key: Handle<secrets_manager::Secret>,
}

/// Where the upstreams are; a local cloud has its own.
struct Upstreams {
    watchmode: Value<String>,
    tvmaze: Value<String>,
}

/// The TV guide of an environment, beside its lake.
pub fn stack(environment: &Environment, lake: &lake::Shared) -> Stack {
    let Settings {
        tv_guide, operations, ..
    } = &environment.settings;
    let keep = tv_guide.data.on_delete == OnDelete::Keep;
    let named = |what: &str| environment.name(what);
    let mut template = Template::new(format!(
        "TV guide of {}: schedules and titles to a table, an API, a page and notifications",
        environment.stage
    ));
    let t = &mut template;

    let assets = function::BINS.map(Asset::of);
    let (code_bucket, code_keys) = code::parameters(t, assets.each_ref());
    let upstreams = Upstreams {
        watchmode: t.parameter(
            "WatchmodeUrl",
            url(
                "Where Watchmode is, with its version and without a slash at the end",
                "https://api.watchmode.com/v1",
            ),
        ),
        tvmaze: t.parameter(
            "TvmazeUrl",
            url("Where TVmaze is, without a slash at the end", "https://api.tvmaze.com"),
        ),
    };

    let key = Key {
        description: format!("Data, logs and messages of the TV guide of {}", environment.stage),
        alias: named(SYSTEM),
        keep,
    }
    .add(t, "Key");
    let dead_letters = DeadLetters {
        name: named("tv-guide-dead-letters"),
        key: &key,
    }
    .add(t, "DeadLetters");
    let alarm_topic = Alarms {
        name: named("tv-guide-alarms"),
        key: &key,
        emails: &operations.alarm_emails,
    }
    .add(t, "AlarmTopic");
    let access_log = AccessLog {
        name: environment.bucket_name("tv-guide-log"),
        keep,
    }
    .add(t, "AccessLog");
    let quarantine = Bucket {
        name: environment.bucket_name("tv-guide"),
        key: &key,
        access_log: &access_log,
        expiry: &[Expiry {
            name: "quarantine",
            prefix: QUARANTINE_PREFIX,
            days: tv_guide.data.quarantine_expire_days,
        }],
        announces: None,
        keep,
    }
    .add(t, "Quarantine");
    let stores = Stores {
        table: Table {
            sort_key: Some(Attribute::Text(attribute::SK)),
            indexes: &INDEXES,
            expires: Some(attribute::TTL),
            changes: true,
            keep,
            ..Table::new(named(TABLE), Attribute::Text(attribute::PK), &key)
        }
        .add(t, "Programmes"),
        stream: Stream {
            name: named(STREAM),
            shards: tv_guide.stream.shards,
            retention_hours: tv_guide.stream.retention_hours,
            keep,
        }
        .add(t, "ProgrammeStream"),
        dead_letters,
        changes: topic::Messages {
            name: named("tv-guide-changes"),
            key: &key,
        }
        .add(t, "Changes"),
        watchmode_key: Secret {
            name: named("tv-guide-watchmode"),
            description: "Key of the Watchmode API",
            parameter: "WatchModeApiKey",
            key: &key,
        }
        .add(t, "WatchmodeKey"),
    };

    let common = Common {
        environment,
        codes: Codes::new(code_bucket, code_keys),
        key: &key,
        dead_letters: &stores.dead_letters,
    };
    let work = work::add(t, &common, &stores, &upstreams, &quarantine);
    let front = front::add(t, &common, &stores, &access_log, keep);
    let landing = landing::add(t, &common, &stores, lake);
    alarms::add(t, &common, &stores, &work, &front, &landing, &alarm_topic);

    t.output(
        output::PROGRAMMES_TABLE_NAME,
        "Table of programmes, titles and what users chose",
        stores.table.reference(),
    );
    t.output(
        output::PROGRAMME_STREAM_NAME,
        "Stream of programmes and titles",
        stores.stream.reference(),
    );
    t.output(
        output::NOTIFICATION_TOPIC_ARN,
        "Topic of changes of what users follow",
        stores.changes.reference().text(),
    );
    t.output(
        output::QUARANTINE_BUCKET_NAME,
        "Bucket of records that could not be used",
        quarantine.reference(),
    );
    t.output::<String>(
        output::QUARANTINE_PREFIX,
        "Where they are in the bucket",
        QUARANTINE_PREFIX,
    );
    t.output(
        output::DEAD_LETTERS_URL,
        "Queue of dead letters",
        stores.dead_letters.reference(),
    );

    Stack {
        assets: assets.into(),
        tags: vec![
            ("headend:environment".to_owned(), environment.stage.to_string()),
            ("headend:system".to_owned(), SYSTEM.to_owned()),
        ],
        sites: vec![Site {
            folder: PAGE,
            bucket: output::SITE_BUCKET_NAME,
            config: vec![
                ("api", Setting::Output(output::API_URL)),
                ("cognito", Setting::Endpoint("cognito-idp")),
                ("client_id", Setting::Output(output::USER_POOL_CLIENT_ID)),
                ("region", Setting::Region),
            ],
        }],
        ..Stack::new(named(SYSTEM), template)
    }
}

const INDEXES: [Index; 3] = [
    by(index::GSI1, attribute::GSI1PK, attribute::GSI1SK),
    by(index::GSI2, attribute::GSI2PK, attribute::GSI2SK),
    by(index::GSI3, attribute::GSI3PK, attribute::GSI3SK),
];

const fn by(name: &'static str, partition_key: &'static str, sort_key: &'static str) -> Index {
    Index {
        name,
        partition_key: Attribute::Text(partition_key),
        sort_key: Some(Attribute::Text(sort_key)),
    }
}

fn url(description: &'static str, default: &str) -> Parameter {
    Parameter {
        description,
        default: Some(default.to_owned()),
        allowed_pattern: Some("https?://.*[^/]"),
        ..Parameter::default()
    }
}
