//! An Athena workgroup: where results go, who pays, and the queries that people call by name.

use contract_kit::Query;
use infra_core::{Handle, LogicalId, Name, Template, Value, concat_values};
use infra_resources::athena::{self, work_group};
use infra_resources::{glue, kms, s3};

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
