//! The guide's table in DynamoDB, held to what its twin in memory is held to.

use anyhow::{Context as _, Result};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};
use tv_guide::table::{Index, conformance};
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
