//! What a role may do: the calls that a contract declares, on the resources that a stack names.
//!
//! [`contract_kit::needs!`] says which calls on which kind of resource; the functions here say which
//! resource is meant, in the form of ARN and under the conditions that calls of this kind want.
//! A role takes nothing else, so that a permission always has a port that needs it.

use std::collections::BTreeSet;

use contract_kit::operation::{self, Regional};
use contract_kit::{Grant, On};
use infra_core::policy::{Action, Statement};
use infra_core::{AnyArn, Arn, Json, Name, ToNode, Value, concat_values, pseudo};
use infra_resources::{
    athena, cognito, dynamodb, events, glue, iam, kinesis, kinesis_firehose, kms, lambda, media_convert, rds, s3,
    secrets_manager, sns, sqs, step_functions,
};

/// Which resources, and under which conditions; only the functions of this module make one.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    /// All resources, where there are none.
    resources: Vec<Value<AnyArn>>,
    /// Operator, key and value.
    conditions: Vec<(&'static str, &'static str, Json)>,
}

impl Scope {
    fn of(resources: impl IntoIterator<Item = Value<AnyArn>>) -> Self {
        Scope {
            resources: resources.into_iter().collect(),
            conditions: Vec::new(),
        }
    }

    fn when(mut self, operator: &'static str, key: &'static str, value: impl ToNode) -> Self {
        self.conditions.push((operator, key, value.to_node().into()));
        self
    }
}

/// An ARN that names resources of the kind `K`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the ARN of a `{K}`",
    note = "`infra_constructs::grant` has functions for what is no whole resource, such as `objects` and `index`"
)]
pub trait Names<K>: Into<Value<AnyArn>> {}

macro_rules! names {
    ($($service:ident::$resource:ident: $module:ident::$kind:ident,)+) => {
        $(impl Names<operation::$module::$kind> for Value<Arn<$service::$resource>> {})+
    };
}

names! {
    cognito::UserPool: cognito_idp::UserPool,
    dynamodb::Table: dynamodb::Table,
    events::EventBus: events::EventBus,
    iam::Role: sts::Role,
    kinesis::Stream: kinesis::Stream,
    kinesis::StreamConsumer: kinesis::Consumer,
    kinesis_firehose::DeliveryStream: firehose::DeliveryStream,
    kms::Key: kms::Key,
    lambda::Function: lambda::Function,
    media_convert::JobTemplate: mediaconvert::JobTemplate,
    media_convert::Preset: mediaconvert::Preset,
    media_convert::Queue: mediaconvert::Queue,
    rds::DbCluster: rds_data::Cluster,
    s3::Bucket: s3::Bucket,
    secrets_manager::Secret: secretsmanager::Secret,
    sns::Topic: sns::Topic,
    sqs::Queue: sqs::Queue,
    step_functions::StateMachine: states::StateMachine,
}

/// One resource: `on(stream.arn())`.
pub fn on<K>(arn: impl Names<K>) -> On<K, Scope> {
    On::new(Scope::of([arn.into()]))
}

/// This region, for the calls of services that have no resources to name.
pub fn in_region<K: Regional>() -> On<K, Scope> {
    On::new(Scope::of([]).when("StringEquals", "aws:RequestedRegion", pseudo::region()))
}

/// The objects of a bucket whose keys begin with one of these prefixes.
pub fn objects(bucket: &Value<Arn<s3::Bucket>>, prefixes: &[&str]) -> On<operation::s3::Object, Scope> {
    let objects = |prefix: &&str| bucket.clone().path(&format!("/{prefix}*"));
    On::new(Scope::of(prefixes.iter().map(objects)))
}

/// A bucket, to list the keys that begin with one of these prefixes and no others.
pub fn listing(bucket: Value<Arn<s3::Bucket>>, prefixes: &[&str]) -> On<operation::s3::Listing, Scope> {
    let keys = |prefix: &&str| Value::<String>::from(format!("{prefix}*"));
    let keys: Vec<_> = prefixes.iter().map(keys).collect();
    let scope = Scope::of([bucket.into()]);
    On::new(match <[_; 1]>::try_from(keys) {
        Ok([key]) => scope.when("StringLike", "s3:prefix", key),
        Err(keys) => scope.when("StringLike", "s3:prefix", keys),
    })
}

/// A function by its name alone, and each of its versions and aliases.
pub fn versions(function: Value<Arn<lambda::Function>>) -> On<operation::lambda::Function, Scope> {
    On::new(Scope::of([function.clone().into(), function.path(":*")]))
}

/// A key, used through one service only, such as `s3`.
pub fn through(key: Value<Arn<kms::Key>>, service: &str) -> On<operation::kms::Key, Scope> {
    let via: Value<String> = concat_values![service, ".", pseudo::region(), ".amazonaws.com"];
    On::new(Scope::of([key.into()]).when("StringEquals", "kms:ViaService", via))
}

/// A role, to be passed to one service only, such as `mediaconvert.amazonaws.com`.
pub fn passed_to(role: Value<Arn<iam::Role>>, service: &'static str) -> On<operation::iam::PassedRole, Scope> {
    let service: Value<String> = service.into();
    On::new(Scope::of([role.into()]).when("StringEquals", "iam:PassedToService", service))
}

/// One index of a table.
pub fn index(table: Value<Arn<dynamodb::Table>>, name: &str) -> On<operation::dynamodb::Index, Scope> {
    indexes(&table, &[name])
}

/// Indexes of a table.
pub fn indexes(table: &Value<Arn<dynamodb::Table>>, names: &[&str]) -> On<operation::dynamodb::Index, Scope> {
    On::new(Scope::of(index_arns(table, names)))
}

fn index_arns(table: &Value<Arn<dynamodb::Table>>, names: &[&str]) -> Vec<Value<AnyArn>> {
    let arns = names.iter().map(|name| table.clone().path(&format!("/index/{name}")));
    arns.collect()
}

/// The items of a table whose partition key matches one of these patterns: `user:*`.
///
/// For the calls that name keys: a scan does not, and is none of them.
pub fn items(table: Value<Arn<dynamodb::Table>>, keys: &[&str]) -> On<operation::dynamodb::Item, Scope> {
    let patterns = keys.iter().map(|key| Value::from(*key)).collect();
    On::new(of_keys([table.into()], "ForAllValues:StringLike", patterns))
}

/// The items of indexes of a table whose partition key in the index matches one of these patterns.
pub fn indexed_items(
    table: &Value<Arn<dynamodb::Table>>,
    indexes: &[&str],
    keys: &[&str],
) -> On<operation::dynamodb::Item, Scope> {
    let patterns = keys.iter().map(|key| Value::from(*key)).collect();
    let indexes = index_arns(table, indexes);
    On::new(of_keys(indexes, "ForAllValues:StringLike", patterns))
}

/// The items of a table whose partition key is exactly this one; it may hold a variable of the
/// policy, such as `user:${aws:PrincipalTag/user}`, and a tag that is missing then allows nothing.
pub fn items_of(table: Value<Arn<dynamodb::Table>>, key: &str) -> On<operation::dynamodb::Item, Scope> {
    let keys = vec![Value::from(key)];
    On::new(of_keys([table.into()], "ForAllValues:StringEquals", keys))
}

fn of_keys(
    resources: impl IntoIterator<Item = Value<AnyArn>>,
    operator: &'static str,
    keys: Vec<Value<String>>,
) -> Scope {
    const KEYS: &str = "dynamodb:LeadingKeys";
    let scope = Scope::of(resources).when(operator, KEYS, keys);
    // Of no keys at all everything is true.
    scope.when("Null", KEYS, Value::from(false))
}

/// The changes of a table, by its attribute `StreamArn`.
pub fn changes(stream: Value<AnyArn>) -> On<operation::dynamodb::Stream, Scope> {
    On::new(Scope::of([stream]))
}

/// A log group by name; the trailing `:*` is part of the ARN that IAM compares.
pub fn log_group(name: &str) -> On<operation::logs::LogGroup, Scope> {
    On::new(Scope::of([log(name)]))
}

/// All streams of a log group.
pub fn log_streams(name: &str) -> On<operation::logs::LogStream, Scope> {
    On::new(Scope::of([log(name)]))
}

fn log(name: &str) -> Value<AnyArn> {
    arn("logs", concat_values!["log-group:", name, ":*"])
}

/// A workgroup of Athena's by its name.
pub fn workgroup(name: &Value<Name<athena::WorkGroup>>) -> On<operation::athena::WorkGroup, Scope> {
    On::new(Scope::of([arn("athena", concat_values!["workgroup/", name])]))
}

/// A database of the catalog: Glue asks for the right to the catalog, too.
pub fn database(name: &Value<Name<glue::Database>>) -> On<operation::glue::Database, Scope> {
    On::new(Scope::of(catalog(name)))
}

/// A table of the catalog: Glue asks for the right to its database and to the catalog, too.
pub fn table(database: &Value<Name<glue::Database>>, name: &str) -> On<operation::glue::Table, Scope> {
    let table = arn("glue", concat_values!["table/", database, "/", name]);
    On::new(Scope::of(catalog(database).into_iter().chain([table])))
}

fn catalog(database: &Value<Name<glue::Database>>) -> [Value<AnyArn>; 2] {
    [
        arn("glue", "catalog".into()),
        arn("glue", concat_values!["database/", database]),
    ]
}

/// A user of a database who signs in with IAM; `cluster` is the resource id, such as `cluster-ABC`.
pub fn database_user(cluster: &Value<String>, user: &str) -> On<operation::rds_db::DbUser, Scope> {
    On::new(Scope::of([arn(
        "rds-db",
        concat_values!["dbuser:", cluster, "/", user],
    )]))
}

/// An ARN of this account and region.
fn arn(service: &str, rest: Value<String>) -> Value<AnyArn> {
    let (partition, region, account) = (pseudo::partition(), pseudo::region(), pseudo::account_id());
    concat_values!["arn:", partition, ":", service, ":", region, ":", account, ":", rest]
}

/// The statements of a role: one per scope, in the order in which the grants were declared.
pub(crate) fn statements(grants: impl IntoIterator<Item = Grant<Scope>>) -> Vec<Statement> {
    let mut merged: Vec<(&str, Vec<&'static str>, Scope)> = Vec::new();
    for grant in grants {
        let (name, actions) = (grant.name(), grant.actions());
        let scope = grant.into_target();
        match merged.iter_mut().find(|(_, _, other)| *other == scope) {
            Some((_, known, _)) => {
                let further: Vec<_> = actions.iter().filter(|action| !known.contains(action)).collect();
                known.extend(further);
            }
            None => merged.push((name, actions.to_vec(), scope)),
        }
    }
    let mut taken = BTreeSet::new();
    let statement = |(name, actions, scope): (&str, Vec<&'static str>, Scope)| {
        let base = pascal(name);
        let numbered = (2..).map(|number| format!("{base}{number}"));
        let sid = std::iter::once(base.clone()).chain(numbered);
        let sid = sid
            .into_iter()
            .find(|sid| taken.insert(sid.clone()))
            .unwrap_or(base.clone());
        let statement = Statement::allow(sid, actions.into_iter().map(Action::new));
        let statement = match scope.resources.is_empty() {
            true => statement.everywhere("the service has no resources to name"),
            false => statement.on(scope.resources),
        };
        scope
            .conditions
            .into_iter()
            .fold(statement, |statement, (operator, key, value)| {
                statement.when(operator, key, value)
            })
    };
    merged.into_iter().map(statement).collect()
}

/// `dead_letters` to `DeadLetters`, as an identifier of a statement.
pub(crate) fn pascal(name: &str) -> String {
    let capitalised = |word: &str| {
        let (first, rest) = word.split_at(1.min(word.len()));
        first.to_ascii_uppercase() + rest
    };
    name.split('_').map(capitalised).collect()
}

#[cfg(test)]
mod tests;
