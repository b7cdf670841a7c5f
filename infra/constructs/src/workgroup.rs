//! An Athena workgroup: where results go, who pays, and the queries that people call by name.

use contract_kit::{Grant, Query, operation};
use infra_core::{Arn, Handle, LogicalId, Name, Template, Value, concat_values};
use infra_resources::athena::{self, work_group};
use infra_resources::{glue, kms, s3};

use crate::grant::{self, Scope};

/// A workgroup with named queries.
pub struct Workgroup<'a> {
    /// The name.
    pub name: String,
    /// What is asked through it.
    pub description: &'static str,
    /// The bucket that results go to.
    pub bucket: &'a Handle<s3::Bucket>,
    /// Their prefix in it, with a slash at the end.
    pub prefix: &'static str,
    /// The key that encrypts them.
    pub key: &'a Handle<kms::Key>,
    /// The database that the named queries read.
    pub database: Value<Name<glue::Database>>,
    /// The named queries.
    pub queries: &'a [Query],
}

impl Workgroup<'_> {
    /// Adds the workgroup and its named queries.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<athena::WorkGroup> {
        let encryption = work_group::EncryptionConfiguration {
            kms_key: Some(self.key.arn().into()),
            ..work_group::EncryptionConfiguration::new(work_group::EncryptionOption::SseKms)
        };
        let location: Value<String> = concat_values!["s3://", self.bucket.reference(), "/", self.prefix];
        let results = work_group::ResultConfiguration {
            encryption_configuration: Some(encryption),
            output_location: Some(location),
            ..work_group::ResultConfiguration::new()
        };
        let configuration = work_group::WorkGroupConfiguration {
            // Without it a client could send results anywhere, unencrypted.
            enforce_work_group_configuration: Some(true.into()),
            publish_cloud_watch_metrics_enabled: Some(true.into()),
            result_configuration: Some(results),
            ..work_group::WorkGroupConfiguration::new()
        };
        let workgroup = template.add(
            id,
            athena::WorkGroup {
                description: Some(self.description.into()),
                recursive_delete_option: Some(true.into()),
                work_group_configuration: Some(configuration),
                ..athena::WorkGroup::new(self.name)
            },
        );
        let queries = NamedQueries {
            workgroup: workgroup.reference(),
            database: self.database,
            queries: self.queries,
        };
        queries.add(template, id);
        workgroup
    }
}

/// Queries that people call by name.
pub struct NamedQueries<'a> {
    /// The workgroup that they run in, of this stack or another.
    pub workgroup: Value<Name<athena::WorkGroup>>,
    /// The database that they read.
    pub database: Value<Name<glue::Database>>,
    /// The queries.
    pub queries: &'a [Query],
}

impl NamedQueries<'_> {
    /// Adds the queries.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) {
        for query in self.queries {
            template.add(
                &format!("{id}Query{}", LogicalId::spelling(query.name)),
                athena::NamedQuery {
                    description: Some(query.description.into()),
                    name: Some(query.name.into()),
                    work_group: Some(self.workgroup.clone()),
                    ..athena::NamedQuery::new(self.database.clone(), query.sql)
                },
            );
        }
    }
}

contract_kit::needs! {
    /// What Athena calls with the role of whoever inserts the rows of one table into another.
    InsertNeeds {
        bucket: operation::s3::Bucket [GET_BUCKET_LOCATION],
        read_listing: operation::s3::Listing [LIST_BUCKET],
        read: operation::s3::Object [GET_OBJECT],
        written_listing: operation::s3::Listing [LIST_BUCKET],
        written: operation::s3::Object [
            ABORT_MULTIPART_UPLOAD,
            GET_OBJECT,
            LIST_MULTIPART_UPLOAD_PARTS,
            PUT_OBJECT,
        ],
        result_listing: operation::s3::Listing [LIST_BUCKET],
        result: operation::s3::Object [
            ABORT_MULTIPART_UPLOAD,
            GET_OBJECT,
            LIST_MULTIPART_UPLOAD_PARTS,
            PUT_OBJECT,
        ],
        database: operation::glue::Database [GET_DATABASE],
        source: operation::glue::Table [GET_PARTITION, GET_PARTITIONS, GET_TABLE],
        target: operation::glue::Table [
            BATCH_CREATE_PARTITION,
            CREATE_PARTITION,
            GET_PARTITION,
            GET_PARTITIONS,
            GET_TABLE,
        ],
    }
}

/// Rows of one table that Athena is to insert into another of the same database and bucket.
#[derive(Debug)]
pub struct Insertion<'a> {
    /// The bucket of both tables, and of the workgroup's results.
    pub bucket: Value<Arn<s3::Bucket>>,
    /// The workgroup's [`Workgroup::prefix`].
    pub results: &'a str,
    /// The database of both tables.
    pub database: Value<Name<glue::Database>>,
    /// The table that is read, and its prefix in the bucket.
    pub source: (&'a str, &'a str),
    /// The table that is written, and its prefix in the bucket.
    pub target: (&'a str, &'a str),
}

impl Insertion<'_> {
    /// What a role must be given beside the calls of Athena's that it makes itself.
    #[must_use]
    pub fn grants(self) -> Vec<Grant<Scope>> {
        let ((source, read), (target, written)) = (self.source, self.target);
        let objects = |prefix: &str| grant::objects(&self.bucket, &[prefix]);
        let listing = |prefix: &str| grant::listing(self.bucket.clone(), &[prefix]);
        InsertNeeds {
            bucket: grant::on(self.bucket.clone()),
            read_listing: listing(read),
            read: objects(read),
            written_listing: listing(written),
            written: objects(written),
            result_listing: listing(self.results),
            result: objects(self.results),
            database: grant::database(&self.database),
            source: grant::table(&self.database, source),
            target: grant::table(&self.database, target),
        }
        .grants()
    }
}
