//! A Glue database with one table over partitioned Parquet, and the crawler that finds its partitions.

use contract_kit::{Column, Partition, operation};
use infra_core::{Handle, Name, Template, Value, Waiver, concat_values, pseudo};
use infra_resources::glue::{self, crawler, database, table};
use infra_resources::{iam, kms, s3};

use crate::{grant, role};

/// A table over Parquet in a bucket, partitioned in Hive style.
pub struct Catalog<'a> {
    /// The database: lower case, digits and underscores.
    pub database: String,
    /// The table: lower case, digits and underscores.
    pub table: &'static str,
    /// What a row is.
    pub description: &'static str,
    /// The columns, in the order of the files.
    pub columns: &'a [Column],
    /// The partitions, outermost first.
    pub partitions: &'a [Partition],
    /// The bucket.
    pub bucket: &'a Handle<s3::Bucket>,
    /// Where the table's objects are, with a slash at the end.
    pub prefix: &'static str,
    /// The key that encrypts them.
    pub key: &'a Handle<kms::Key>,
    /// Hours between two runs of the crawler, 1 to 24: how late a new partition may be seen.
    pub crawl_hours: u8,
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
    pub name: &'static str,
    /// The database, for what must be made after it.
    pub database_handle: Handle<glue::Database>,
    /// The table, for what must be made after it.
    pub table_handle: Handle<glue::Table>,
}

impl Catalog<'_> {
    /// Adds the database, the table, the crawler and the crawler's role.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Made {
        let input = database::DatabaseInput {
            name: Some(self.database.clone().into()),
            description: Some(self.description.into()),
            ..database::DatabaseInput::new()
        };
        let database = template.add(
            &format!("{id}Database"),
            glue::Database::new(pseudo::account_id(), input),
        );
        let table = template.add(
            &format!("{id}Table"),
            glue::Table {
                table_input: Some(self.table_input()),
                ..glue::Table::new(pseudo::account_id(), database.reference())
            },
        );
        let role = self.crawler_role(template, &format!("{id}CrawlerRole"), &database);
        self.crawler(template, &format!("{id}Crawler"), &role, &database, &table);
        Made {
            database: database.reference(),
            name: self.table,
            database_handle: database,
            table_handle: table,
        }
    }

    /// Ten minutes past the hour, when the objects of the last hour are there.
    fn crawl_schedule(&self) -> String {
        match self.crawl_hours {
            1 => "cron(10 * * * ? *)".to_owned(),
            24.. => "cron(10 0 * * ? *)".to_owned(),
            hours => format!("cron(10 0/{hours} * * ? *)"),
        }
    }

    fn location(&self) -> Value<String> {
        concat_values!["s3://", self.bucket.reference(), "/", self.prefix]
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
            name: Some(self.table.into()),
            description: Some(self.description.into()),
            table_type: Some(table::TableType::ExternalTable.into()),
            parameters: Some(vec![
                ("EXTERNAL".to_owned(), "TRUE".into()),
                ("classification".to_owned(), "parquet".into()),
                ("parquet.compression".to_owned(), "SNAPPY".into()),
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

    fn crawler_role(&self, template: &mut Template, id: &str, database: &Handle<glue::Database>) -> Handle<iam::Role> {
        let needs = CrawlerNeeds {
            list: grant::listing(self.bucket.arn(), self.prefix),
            read: grant::objects(&self.bucket.arn(), &[self.prefix]),
            database: grant::database(&database.reference()),
            catalog: grant::table(&database.reference(), self.table),
            log: grant::log_group(CRAWLER_LOG),
            log_streams: grant::log_streams(CRAWLER_LOG),
            decrypt: grant::through(self.key.arn(), "s3"),
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
        database: &Handle<glue::Database>,
        table: &Handle<glue::Table>,
    ) {
        let targets = crawler::Targets {
            catalog_targets: Some(vec![crawler::CatalogTarget {
                database_name: Some(database.reference()),
                tables: Some(vec![table.reference()]),
                ..crawler::CatalogTarget::new()
            }]),
            ..crawler::Targets::new()
        };
        let crawler = template.add(
            id,
            glue::Crawler {
                name: Some(concat_values![database.reference(), "-", self.table]),
                description: Some("Finds new partitions of the table".into()),
                database_name: Some(database.reference()),
                // With a catalog target Glue takes no other policy for deleted objects than to log.
                schema_change_policy: Some(crawler::SchemaChangePolicy {
                    delete_behavior: Some(crawler::DeleteBehavior::Log.into()),
                    update_behavior: Some(crawler::UpdateBehavior::Log.into()),
                }),
                schedule: Some(crawler::Schedule {
                    schedule_expression: Some(self.crawl_schedule().into()),
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
