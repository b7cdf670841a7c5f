//! A ledger, a bucket, tables and a workgroup of a test's own: what compaction works on, without a
//! stack around it.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use lake::Hour;
use lake::compact::{Compaction, Hours as _, Ports, Retired, Settings};
use lake::contract::{
    COLUMNS, DATASET, LEAST_GRACE_MINUTES, PARTITIONS, RAW_PREFIX, curated_prefix, generation_partitions,
    generations_table, hours, raw_table,
};
use lake::write::{Clock as _, Encode as _};
use lake_lambda::athena::Athena;
use lake_lambda::catalog::{Glue, Tables};
use lake_lambda::clock::Machine;
use lake_lambda::compact::merge::Parquet;
use lake_lambda::compact::objects::Objects;
use lake_lambda::hours::Ledger;
use lake_lambda::parts::{Parts, Record};
use lambda_kit::json::Client;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// A compaction over the local cloud.
pub type Real = Compaction<Ledger, Objects, Glue, Parquet, Athena, Machine>;

/// The parts of a lake; what is left of them goes with the cloud.
pub struct Hours {
    name: String,
    config: SdkConfig,
    /// Runs the calls.
    pub runtime: Runtime,
    /// The ledger.
    pub ledger: Ledger,
}

/// An event: its identity, name, and when it reached the stream, in milliseconds after the hour.
pub type Event<'e> = (&'e str, &'e str, i64);

impl Hours {
    /// Makes the parts.
    ///
    /// # Errors
    ///
    /// When there is no cloud, or it refuses.
    pub fn create() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let name = format!("t{:08x}hours", fastrand::u32(..));
        let http = aws_smithy_http_client::Builder::new().build_http();
        let defaults = aws_config::defaults(aws_config::BehaviorVersion::latest());
        let config = runtime.block_on(defaults.http_client(http).load());
        let hours = Hours {
            ledger: Ledger::new(&config, name.clone(), DATASET),
            name,
            config,
            runtime,
        };
        hours.runtime.block_on(hours.create_table())?;
        hours.runtime.block_on(hours.create_bucket())?;
        hours.create_catalog()?;
        Ok(hours)
    }

    /// A compaction; of hours above `most_bytes` by Athena.
    #[must_use]
    pub fn compaction(&self, settings: Settings) -> Real {
        let (config, name) = (&self.config, self.name.clone());
        let (raw, generations) = (raw_table(DATASET), generations_table(DATASET));
        let statements = lake::compact::statement::Tables {
            raw: raw.clone(),
            generations: generations.clone(),
        };
        let tables = Tables {
            database: name.clone(),
            table: DATASET.to_owned(),
            raw,
            generations: Some(generations),
        };
        let ports = Ports {
            hours: self.ledger.clone(),
            store: self.store(),
            catalog: Glue::new(config, tables),
            merge: Parquet::new(256, std::env::temp_dir()),
            engine: Athena::new(config, name.clone(), name, statements),
            clock: Machine,
        };
        Compaction::new(ports, settings)
    }

    /// The objects.
    #[must_use]
    pub fn store(&self) -> Objects {
        Objects::new(&self.config, self.name.clone(), DATASET)
    }

    /// Puts a raw object with these events, and marks its hour; as the direct writer and the register
    /// do.
    ///
    /// # Errors
    ///
    /// When they cannot be encoded, or the cloud refuses.
    pub fn arrive(&self, hour: Hour, object: &str, events: &[Event<'_>]) -> Result<()> {
        let start = i64::try_from(hour.end())? - 3_600_000;
        let data: Vec<String> = events
            .iter()
            .map(|(uuid, name, _)| encoded(uuid, name, start))
            .collect();
        let mut records = Vec::new();
        for (number, ((.., arrival), data)) in events.iter().zip(&data).enumerate() {
            records.push(Record {
                sequence: (number + 1).to_string().parse()?,
                data,
                arrival_ms: start + arrival,
            });
        }
        let parts = Parts::new(DATASET.to_owned())?.encode(&records)?;
        for part in parts {
            let key = format!("{}{object}.parquet", part.folder);
            let put = self.s3().put_object().bucket(&self.name).key(key);
            let put = put.body(ByteStream::from(part.bytes)).send();
            self.runtime.block_on(put).context("an object")?;
        }
        self.runtime.block_on(self.ledger.mark(hour, start.unsigned_abs()))?;
        Ok(())
    }

    /// The keys below a prefix.
    ///
    /// # Errors
    ///
    /// When they cannot be listed.
    pub fn keys(&self, prefix: &str) -> Result<Vec<String>> {
        let list = self.s3().list_objects_v2().bucket(&self.name).prefix(prefix).send();
        let objects = self.runtime.block_on(list).context("the keys")?;
        let keys = objects.contents().iter().filter_map(|object| object.key());
        Ok(keys.map(str::to_owned).collect())
    }

    /// What the bucket, the database, the table and the workgroup are called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a function that compacts these hours finds in its environment.
    #[must_use]
    pub fn environment(&self, most_bytes: u64) -> Value {
        let name = &self.name;
        json!({
            "HEADEND_ENVIRONMENT": "local",
            "HEADEND_DATASET": DATASET,
            "HEADEND_BUCKET": name,
            "HEADEND_DATABASE": name,
            "HEADEND_TABLE": DATASET,
            "HEADEND_RAW_TABLE": raw_table(DATASET),
            "HEADEND_GENERATIONS_TABLE": generations_table(DATASET),
            "HEADEND_HOURS": name,
            "HEADEND_WORKGROUP": name,
            "HEADEND_CLOSE_AFTER_MINUTES": "10",
            "HEADEND_GRACE_MINUTES": LEAST_GRACE_MINUTES.to_string(),
            "HEADEND_MOST_BYTES": most_bytes.to_string(),
        })
    }

    /// Makes everything that was retired old enough to be removed; gives how much that is.
    ///
    /// # Errors
    ///
    /// When the ledger refuses.
    pub fn grow_old(&self) -> Result<usize> {
        self.runtime.block_on(async {
            let retired = self.ledger.retired(Machine.now()).await?;
            for retired in retired.iter().filter(|retired| retired.since > 0) {
                let old = Retired {
                    since: 0,
                    ..retired.clone()
                };
                self.ledger.retire(&old).await?;
                self.ledger.forget(retired).await?;
            }
            Ok(retired.len())
        })
    }

    /// The generations that have files.
    ///
    /// # Errors
    ///
    /// When they cannot be listed.
    pub fn generations(&self) -> Result<BTreeSet<String>> {
        let folder = |key: &String| {
            let (_, rest) = key.split_once(&format!("/{}=", hours::GENERATION))?;
            Some(rest.split('/').next()?.to_owned())
        };
        Ok(self.keys("curated/")?.iter().filter_map(folder).collect())
    }

    /// The generations that the ledger knows: those that are published, retired or intended.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn known_generations(&self) -> Result<BTreeSet<String>> {
        let scan = aws_sdk_dynamodb::Client::new(&self.config)
            .scan()
            .table_name(&self.name);
        let answer = self
            .runtime
            .block_on(scan.consistent_read(true).send())
            .context("the ledger")?;
        let mut known = BTreeSet::new();
        for item in answer.items() {
            let named = item.get(hours::GENERATION).into_iter();
            let intended = item.get(hours::PENDING).and_then(|pending| pending.as_l().ok());
            let all = named.chain(intended.into_iter().flatten());
            known.extend(all.filter_map(|name| name.as_s().ok()).cloned());
        }
        Ok(known)
    }

    /// A reader of the tables, for a thread of its own.
    ///
    /// # Errors
    ///
    /// When it has no runtime.
    pub fn reader(&self) -> Result<Reader> {
        Ok(Reader {
            name: self.name.clone(),
            client: Client::new(&self.config, "athena"),
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
        })
    }

    fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.config).force_path_style(true);
        aws_sdk_s3::Client::from_conf(config.build())
    }

    async fn create_table(&self) -> Result<()> {
        let keys = [(hours::LIST, KeyType::Hash), (hours::HOUR, KeyType::Range)];
        let mut call = aws_sdk_dynamodb::Client::new(&self.config)
            .create_table()
            .table_name(&self.name)
            .billing_mode(BillingMode::PayPerRequest);
        for (name, kind) in keys {
            let text = AttributeDefinition::builder().attribute_type(ScalarAttributeType::S);
            let key = KeySchemaElement::builder().key_type(kind).attribute_name(name);
            call = call
                .attribute_definitions(text.attribute_name(name).build()?)
                .key_schema(key.build()?);
        }
        call.send().await.context("the ledger's table")?;
        Ok(())
    }

    async fn create_bucket(&self) -> Result<()> {
        let region = self.config.region().context("a region")?.as_ref();
        let place = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::from(region));
        let create = self.s3().create_bucket().bucket(&self.name);
        create
            .create_bucket_configuration(place.build())
            .send()
            .await
            .context("the bucket")?;
        Ok(())
    }

    fn create_catalog(&self) -> Result<()> {
        let name = &self.name;
        let glue = Client::new(&self.config, "glue");
        let call = |target, body: Value| self.runtime.block_on(glue.call::<Value>(target, &body));
        call("AWSGlue.CreateDatabase", json!({ "DatabaseInput": { "Name": name } }))?;
        let by_generation = generation_partitions();
        for (table, partitions, prefix) in [
            (DATASET.to_owned(), PARTITIONS, RAW_PREFIX.to_owned()),
            (raw_table(DATASET), PARTITIONS, RAW_PREFIX.to_owned()),
            (
                generations_table(DATASET),
                by_generation.as_slice(),
                curated_prefix(DATASET),
            ),
        ] {
            let column = |name, kind| json!({ "Name": name, "Type": kind });
            let columns = COLUMNS.iter().map(|it| column(it.name, it.kind.glue_type()));
            let keys = partitions.iter().map(|it| column(it.name, "string"));
            let format = "org.apache.hadoop.hive.ql.io.parquet";
            let input = json!({
                "Name": table, "TableType": "EXTERNAL_TABLE",
                "Parameters": { "classification": "parquet", "parquet.compression": "ZSTD" },
                "PartitionKeys": keys.collect::<Vec<_>>(),
                "StorageDescriptor": {
                    "Columns": columns.collect::<Vec<_>>(),
                    "Location": format!("s3://{name}/{prefix}"),
                    "InputFormat": format!("{format}.MapredParquetInputFormat"),
                    "OutputFormat": format!("{format}.MapredParquetOutputFormat"),
                    "SerdeInfo": { "SerializationLibrary": format!("{format}.serde.ParquetHiveSerDe") },
                },
            });
            call(
                "AWSGlue.CreateTable",
                json!({ "DatabaseName": name, "TableInput": input }),
            )?;
        }
        let results = json!({ "ResultConfiguration": { "OutputLocation": format!("s3://{name}/results/") } });
        let workgroup = json!({ "Name": name, "Configuration": results });
        let athena = Client::new(&self.config, "athena");
        let created = athena.call::<Value>("AmazonAthena.CreateWorkGroup", &workgroup);
        self.runtime.block_on(created)?;
        Ok(())
    }
}

/// Reads the tables as people do.
pub struct Reader {
    name: String,
    client: Client,
    runtime: Runtime,
}

impl Reader {
    /// The rows of a query, without the columns' names; a null is an empty text.
    ///
    /// # Errors
    ///
    /// When the query fails.
    pub fn ask(&self, sql: &str) -> Result<Vec<Vec<String>>> {
        self.runtime.block_on(self.asked(sql))
    }

    async fn asked(&self, sql: &str) -> Result<Vec<Vec<String>>> {
        let start = json!({
            "QueryString": sql, "WorkGroup": self.name,
            "QueryExecutionContext": { "Database": self.name },
        });
        let started: Value = self.client.call("AmazonAthena.StartQueryExecution", &start).await?;
        let id = json!({ "QueryExecutionId": started["QueryExecutionId"] });
        loop {
            let answer: Value = self.client.call("AmazonAthena.GetQueryExecution", &id).await?;
            let status = &answer["QueryExecution"]["Status"];
            match status["State"].as_str() {
                Some("SUCCEEDED") => break,
                Some("QUEUED" | "RUNNING") => tokio::time::sleep(Duration::from_millis(20)).await,
                _ => bail!("{sql}: {status}"),
            }
        }
        let text = |datum: &Value| datum["VarCharValue"].as_str().unwrap_or_default().to_owned();
        let row = |row: &Value| row["Data"].as_array().into_iter().flatten().map(text).collect();
        let (mut rows, mut page) = (Vec::new(), id);
        loop {
            let answer: Value = self.client.call("AmazonAthena.GetQueryResults", &page).await?;
            let found = answer["ResultSet"]["Rows"].as_array().context("rows")?;
            rows.extend(found.iter().map(row));
            match &answer["NextToken"] {
                Value::Null => break,
                token => page["NextToken"] = token.clone(),
            }
        }
        // The first row is the columns' names.
        Ok(rows.split_off(1))
    }
}

/// An event of the hour that begins at `start`, in base64.
fn encoded(uuid: &str, name: &str, start: i64) -> String {
    let created = start / 1_000 + i64::try_from(uuid.len()).unwrap_or(0);
    let event = json!({ "event_uuid": uuid, "event_name": name, "created_at": created, "of": uuid });
    base64_simd::STANDARD.encode_to_string(event.to_string())
}
