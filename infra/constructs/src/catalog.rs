//! A Glue database, tables over partitioned Parquet, and the crawlers that find their partitions.

use contract_kit::{Column, Partition, operation};
use infra_core::{Arn, Handle, Name, Template, Value, Waiver, concat_values, pseudo};
use infra_resources::glue::{self, crawler, database, table};
use infra_resources::{iam, kms};

use crate::{bucket, grant, role};

/// A database: the folder of tables.
pub struct Database {
    /// The name: lower case, digits and underscores.
    pub name: String,
    /// What its tables are about.
    pub description: &'static str,
}

impl Database {
    /// Adds the database.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<glue::Database> {
        let input = database::DatabaseInput {
            name: Some(self.name.into()),
            description: Some(self.description.into()),
            ..database::DatabaseInput::new()
        };
        template.add(id, glue::Database::new(pseudo::account_id(), input))
    }
}

/// A table over Parquet in a bucket, partitioned in Hive style.
pub struct Table<'a> {
    /// The database that it is in, of this stack or another.
    pub database: Value<Name<glue::Database>>,
    /// The name: lower case, digits and underscores.
    pub name: &'a str,
    /// What a row is.
    pub description: &'static str,
    /// The columns, in the order of the files.
    pub columns: &'a [Column],
    /// The partitions, outermost first.
    pub partitions: &'a [Partition],
    /// The bucket.
    pub bucket: &'a bucket::Reference,
    /// Where the table's objects are, with a slash at the end.
    pub prefix: &'a str,
    /// The key that encrypts them.
    pub key: Value<Arn<kms::Key>>,
    /// Hours between two runs of the crawler, 1 to 24: how late a new partition may be seen. Without
    /// it there is no crawler, and partitions are registered by whoever writes them.
    pub crawl_hours: Option<u8>,
    /// What Athena compresses with where it writes to the table: `SNAPPY`, `ZSTD`.
    pub compression: &'static str,
}

contract_kit::needs! {
    /// What a crawler calls.
    CrawlerNeeds {
        list: operation::s3::Listing [LIST_BUCKET],
        read: operation::s3::Object [GET_OBJECT],
        database: operation::glue::Database [GET_DATABASE],
        catalog: operation::glue::Table [
            BATCH_CREATE_PARTITION,
            BATCH_GET_PARTITION,
            CREATE_PARTITION,
            GET_PARTITION,
            GET_PARTITIONS,
            GET_TABLE,
            GET_TABLES,
            UPDATE_PARTITION,
            UPDATE_TABLE,
        ],
        log: operation::logs::LogGroup [CREATE_LOG_GROUP],
        log_streams: operation::logs::LogStream [CREATE_LOG_STREAM, PUT_LOG_EVENTS],
        decrypt: operation::kms::Key [DECRYPT, GENERATE_DATA_KEY],
    }
}

/// The log group that all crawlers of an account write to.
const CRAWLER_LOG: &str = "/aws-glue/crawlers";

/// What was added.
pub struct Made {
    /// The database's name; Glue has no other reference to it.
    pub database: Value<Name<glue::Database>>,
    /// The table's name.
    pub name: String,
    /// The table, for what must be made after it.
    pub table: Handle<glue::Table>,
}

impl Table<'_> {
    /// Adds the table, its crawler and the crawler's role.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Made {
        let table = template.add(
            &format!("{id}Table"),
            glue::Table {
                table_input: Some(self.table_input()),
                ..glue::Table::new(pseudo::account_id(), self.database.clone())
            },
        );
        if let Some(hours) = self.crawl_hours {
            let role = self.crawler_role(template, &format!("{id}CrawlerRole"));
            self.crawler(template, &format!("{id}Crawler"), &role, &table, hours);
        }
        Made {
            database: self.database,
            name: self.name.to_owned(),
            table,
        }
    }

    /// Ten minutes past the hour, when the objects of the last hour are there.
    fn crawl_schedule(hours: u8) -> String {
        match hours {
            1 => "cron(10 * * * ? *)".to_owned(),
            24.. => "cron(10 0 * * ? *)".to_owned(),
            hours => format!("cron(10 0/{hours} * * ? *)"),
        }
    }

    fn location(&self) -> Value<String> {
        concat_values!["s3://", &self.bucket.name, "/", self.prefix]
    }

    fn table_input(&self) -> table::TableInput {
        let column = |name: &str, kind: &str, comment: &str| table::Column {
            comment: Some(comment.into()),
            r#type: Some(kind.into()),
            ..table::Column::new(name)
        };
        let columns = self
            .columns
            .iter()
            .map(|c| column(c.name, c.kind.glue_type(), c.comment));
        let keys = self
            .partitions
            .iter()
            .map(|p| column(p.name, Partition::KIND.glue_type(), p.comment));
        let serde = table::SerdeInfo {
            serialization_library: Some("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe".into()),
            parameters: Some(vec![("serialization.format".to_owned(), "1".into())]),
            ..table::SerdeInfo::new()
        };
        table::TableInput {
            name: Some(self.name.into()),
            description: Some(self.description.into()),
            table_type: Some(table::TableType::ExternalTable.into()),
            parameters: Some(vec![
                ("EXTERNAL".to_owned(), "TRUE".into()),
                ("classification".to_owned(), "parquet".into()),
                ("parquet.compression".to_owned(), self.compression.into()),
            ]),
            partition_keys: Some(keys.collect()),
            storage_descriptor: Some(table::StorageDescriptor {
                columns: Some(columns.collect()),
                location: Some(self.location()),
                input_format: Some("org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat".into()),
                output_format: Some("org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat".into()),
                serde_info: Some(serde),
                ..table::StorageDescriptor::new()
            }),
            ..table::TableInput::new()
        }
    }

    fn crawler_role(&self, template: &mut Template, id: &str) -> Handle<iam::Role> {
        let needs = CrawlerNeeds {
            list: grant::listing(self.bucket.arn.clone(), &[self.prefix]),
            read: grant::objects(&self.bucket.arn, &[self.prefix]),
            database: grant::database(&self.database),
            catalog: grant::table(&self.database, self.name),
            log: grant::log_group(CRAWLER_LOG),
            log_streams: grant::log_streams(CRAWLER_LOG),
            decrypt: grant::through(self.key.clone(), "s3"),
        };
        role::Role {
            service: "glue.amazonaws.com",
            grants: needs.grants(),
        }
        .add(template, id)
    }

    fn crawler(
        &self,
        template: &mut Template,
        id: &str,
        role: &Handle<iam::Role>,
        table: &Handle<glue::Table>,
        hours: u8,
    ) {
        let targets = crawler::Targets {
            catalog_targets: Some(vec![crawler::CatalogTarget {
                database_name: Some(self.database.clone()),
                tables: Some(vec![table.reference()]),
                ..crawler::CatalogTarget::new()
            }]),
            ..crawler::Targets::new()
        };
        let crawler = template.add(
            id,
            glue::Crawler {
                name: Some(concat_values![&self.database, "-", self.name]),
                description: Some("Finds new partitions of the table".into()),
                database_name: Some(self.database.clone()),
                // With a catalog target Glue takes no other policy for deleted objects than to log.
                schema_change_policy: Some(crawler::SchemaChangePolicy {
                    delete_behavior: Some(crawler::DeleteBehavior::Log.into()),
                    update_behavior: Some(crawler::UpdateBehavior::Log.into()),
                }),
                schedule: Some(crawler::Schedule {
                    schedule_expression: Some(Self::crawl_schedule(hours).into()),
                }),
                ..glue::Crawler::new(role.arn(), targets)
            },
        );
        const WAIVER: Waiver = Waiver::new(
            &["crawler-security-configuration", "CKV_AWS_195", "AwsSolutions-GL1"],
            "platform",
            "the crawler writes nothing but partitions; its log goes to the account's own encrypted group",
        );
        template.options(&crawler).waive([WAIVER]);
    }
}
