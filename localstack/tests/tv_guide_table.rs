//! The guide's table in DynamoDB, held to what its twin in memory is held to, and filled like it.

use anyhow::{Context as _, Result};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};
use jiff::{SignedDuration, Timestamp};
use tv_guide::consume::poison::Kept;
use tv_guide::consume::{Record, Report, consume};
use tv_guide::enrich::{Details, Found, Later, Subject};
use tv_guide::event::{self, Cause, Event};
use tv_guide::table::memory::Memory;
use tv_guide::table::{Index, Table, conformance};
use tv_guide_lambda::dynamo::Dynamo;

/// A table of a test's own; deleted when dropped.
struct Programmes {
    client: aws_sdk_dynamodb::Client,
    name: String,
    runtime: tokio::runtime::Runtime,
    table: Dynamo,
}

impl Programmes {
    fn create() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let name = format!("t{:08x}-programmes", fastrand::u32(..));
        let config = runtime.block_on(connect());
        let client = aws_sdk_dynamodb::Client::new(&config);
        runtime.block_on(create(&client, &name))?;
        Ok(Programmes {
            table: Dynamo::new(&config, name.clone()),
            client,
            name,
            runtime,
        })
    }
}

impl Drop for Programmes {
    fn drop(&mut self) {
        // The cloud goes with the test run, so what is left behind hurts nobody.
        let _ = self
            .runtime
            .block_on(self.client.delete_table().table_name(&self.name).send());
    }
}

/// The stack's table, as far as the port can tell.
async fn create(client: &aws_sdk_dynamodb::Client, name: &str) -> Result<()> {
    let schema = |index: Index| -> Result<Vec<KeySchemaElement>> {
        let (partition, sort) = index.attributes();
        [(partition, KeyType::Hash), (sort, KeyType::Range)]
            .map(|(name, kind)| KeySchemaElement::builder().attribute_name(name).key_type(kind).build())
            .into_iter()
            .map(|element| Ok(element?))
            .collect()
    };
    let mut call = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(schema(Index::Table)?));
    for index in [Index::Table, Index::Gsi1, Index::Gsi2, Index::Gsi3] {
        let (partition, sort) = index.attributes();
        for attribute in [partition, sort] {
            let text = AttributeDefinition::builder().attribute_type(ScalarAttributeType::S);
            call = call.attribute_definitions(text.attribute_name(attribute).build()?);
        }
        if let Some(name) = index.name() {
            let all = Projection::builder().projection_type(ProjectionType::All).build();
            let index = GlobalSecondaryIndex::builder()
                .index_name(name)
                .set_key_schema(Some(schema(index)?))
                .projection(all);
            call = call.global_secondary_indexes(index.build()?);
        }
    }
    call.send()
        .await
        .with_context(|| format!("cannot create table {name}"))?;
    Ok(())
}

async fn connect() -> aws_config::SdkConfig {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let defaults = aws_config::defaults(aws_config::BehaviorVersion::latest());
    defaults.http_client(http).load().await
}

#[test]
fn dynamodb_is_a_table() -> Result<()> {
    let programmes = Programmes::create()?;
    programmes
        .runtime
        .block_on(conformance::check(&programmes.table, "a"))?;
    Ok(())
}

/// Knows nothing of any title.
struct Nobody;

impl Details for Nobody {
    async fn details(&self, _: &Subject, _: Timestamp) -> Result<Found, Later> {
        Ok(Found::default())
    }
}

fn start() -> Timestamp {
    "2026-01-09T21:00:00Z".parse().expect("an instant")
}

/// Versions of a few programmes and titles, each at its own time, shuffled, a third of them twice.
fn updates(random: &mut fastrand::Rng) -> Vec<Vec<u8>> {
    let mut updates: Vec<Vec<u8>> = (0..600)
        .map(|second| {
            let at = start() + SignedDuration::from_secs(second);
            let event = match random.u8(..8) {
                0 => title(random),
                1 => Event::TitleDelisted(event::TitleKey {
                    id: random.u64(..10).into(),
                }),
                2 => Event::ProgrammeCancelled(slot(random)),
                _ => Event::ProgrammeScheduled(slot(random)),
            };
            event::Record::new(event, Cause::Schedule, at).encode()
        })
        .collect();
    updates.extend_from_within(..200);
    random.shuffle(&mut updates);
    updates
}

fn slot(random: &mut fastrand::Rng) -> event::Programme {
    let begins = start() + SignedDuration::from_mins(random.i64(0..600));
    event::Programme {
        program_id: random.u64(..30).into(),
        title: "Harbour Lights".to_owned(),
        channel: "BBC One".to_owned(),
        start_time: begins,
        end_time: begins + SignedDuration::from_mins(random.i64(1..600)),
        description: String::new(),
        channel_id: random.u64(..3).into(),
        show_id: Some(90_001.into()),
        imdb_id: None,
        episode: None,
        season: None,
        number: None,
        genres: vec![],
        image: None,
        url: None,
    }
}

fn title(random: &mut fastrand::Rng) -> Event {
    let mut ids = |most| (0..random.u64(..most)).collect::<Vec<_>>();
    Event::TitleListed(event::Title {
        source_ids: ids(6).into_iter().map(Into::into).collect(),
        genre_ids: ids(4).into_iter().map(Into::into).collect(),
        id: random.u64(..10).into(),
        title: format!("Name {}", random.u8(..5)),
        year: Some(2025),
        imdb_id: None,
        tmdb_id: None,
        tmdb_type: None,
        kind: None,
    })
}

async fn fill(updates: &[Vec<u8>], table: &impl Table) -> (usize, usize) {
    let (mut written, mut unchanged) = (0, 0);
    for batch in updates.chunks(100) {
        let records: Vec<Record<'_>> = batch
            .iter()
            .map(|data| Record {
                shard: "shardId-000000000000",
                sequence_number: "1",
                arrived: None,
                data: Ok(data),
            })
            .collect();
        let report: Report = consume(&records, table, &Kept::default(), &Nobody, start()).await;
        assert!(report.failure.is_none(), "{report:?}");
        written += report.written;
        unchanged += report.unchanged;
    }
    (written, unchanged)
}

#[test]
fn shuffled_updates_leave_the_same_items_as_in_memory() -> Result<()> {
    let programmes = Programmes::create()?;
    let mut random = fastrand::Rng::with_seed(8);
    let updates = updates(&mut random);
    let memory = Memory::new();
    programmes.runtime.block_on(async {
        let (written, unchanged) = fill(&updates, &programmes.table).await;
        assert_eq!((written, unchanged), fill(&updates, &memory).await);
        assert_eq!(written + unchanged, updates.len());
        let items = memory.items();
        let keys: Vec<_> = items.keys().cloned().collect();
        let found = programmes.table.get_many(&keys).await?;
        for (expected, found) in items.into_values().zip(found) {
            assert_eq!(found, Some(expected));
        }
        let all = programmes.client.scan().table_name(&programmes.name).send().await?;
        assert_eq!(all.count() as usize, keys.len(), "and no others");
        let again = fill(&updates[..300], &programmes.table).await;
        assert_eq!(again, (0, 300), "what is known is not written again");
        Ok(())
    })
}
