//! How a template reaches CloudFormation: in the request while it is small, by way of the asset
//! bucket above that.

use crate::asset::hex_digest;
use crate::bucket::Objects;
use crate::cloudformation::Template;
use anyhow::{Context as _, Result, bail};
use std::collections::{BTreeMap, BTreeSet};

/// Folder of the asset bucket that templates go to.
pub const FOLDER: &str = "templates/";

/// Largest template in a request, in bytes (CloudFormation quota "Template body size in a request").
pub const INLINE_LIMIT: usize = 51_200;

/// Largest template in S3, in bytes (CloudFormation quota "Template body size in an S3 object").
pub const LIMIT: usize = 1_048_576;

/// Makes a template readable for CloudFormation; uploads it where it is too large to send.
///
/// # Errors
/// The template is above [`LIMIT`], or S3 refuses it.
pub async fn place(objects: &impl Objects, bucket: &str, stack: &str, json: &str) -> Result<Template> {
    if json.len() <= INLINE_LIMIT {
        return Ok(Template::Inline(json.to_owned()));
    }
    if json.len() > LIMIT {
        bail!(
            "the template of {stack} has {} bytes and CloudFormation takes at most {LIMIT}; split the stack",
            json.len()
        );
    }
    let key = format!("{FOLDER}{}.json", hex_digest(json.as_bytes()));
    if !objects.has(bucket, &key).await? {
        objects.put(bucket, &key, json.into()).await?;
    }
    Ok(Template::Url(objects.url(bucket, &key).await?))
}

/// The parameters that a template declares, by name.
///
/// # Errors
/// The text is not a JSON template.
pub fn parameters(json: &str) -> Result<BTreeMap<String, Declared>> {
    Ok(read(json)?.parameters)
}

/// A parameter as a template declares it.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Declared {
    /// What it is for.
    pub description: Option<String>,
    default: Option<serde_json::Value>,
    no_echo: Option<serde_json::Value>,
}

impl Declared {
    /// Whether the service keeps its value to itself, and we with it.
    pub fn is_secret(&self) -> bool {
        // Templates have it as a boolean or as text, and CloudFormation takes either.
        self.no_echo
            .as_ref()
            .is_some_and(|said| said == true || said.as_str().is_some_and(|said| said.eq_ignore_ascii_case("true")))
    }

    /// Whether it need not be given.
    pub fn has_default(&self) -> bool {
        self.default.is_some()
    }
}

/// Logical ids of the resources that outlive their stack.
///
/// # Errors
/// The text is not a JSON template.
pub fn retained(json: &str) -> Result<BTreeSet<String>> {
    let outlives = |policy: Option<&str>| matches!(policy, Some("Retain" | "RetainExceptOnCreate"));
    Ok(read(json)?
        .resources
        .into_iter()
        .filter(|(_, resource)| outlives(resource.deletion_policy.as_deref()))
        .map(|(id, _)| id)
        .collect())
}

/// The names under which outputs are exported, as the template writes them.
///
/// # Errors
/// The text is not a JSON template.
pub fn exports(json: &str) -> Result<BTreeMap<String, serde_json::Value>> {
    let outputs = read(json)?.outputs.into_iter();
    Ok(outputs
        .filter_map(|(output, declared)| Some((output, declared.export?.name)))
        .collect())
}

/// The sections that deploying looks at; a template is otherwise CloudFormation's business.
#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sections {
    #[serde(default)]
    parameters: BTreeMap<String, Declared>,
    #[serde(default)]
    resources: BTreeMap<String, Resource>,
    #[serde(default)]
    outputs: BTreeMap<String, Output>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    export: Option<Export>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Export {
    name: serde_json::Value,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    deletion_policy: Option<String>,
}

fn read(json: &str) -> Result<Sections> {
    serde_json::from_str(json).context("the template is not JSON; was the stack deployed by another tool?")
}

#[cfg(test)]
mod tests {
    use super::{INLINE_LIMIT, LIMIT, parameters, place, retained};
    use crate::bucket::memory::Memory;
    use crate::cloudformation::Template;

    #[tokio::test]
    async fn a_template_goes_by_way_of_the_bucket_only_above_the_inline_limit() {
        let objects = Memory::with_bucket("assets");
        let small = "x".repeat(INLINE_LIMIT);
        let placed = place(&objects, "assets", "lake", &small).await.unwrap();
        assert_eq!(placed, Template::Inline(small));
        assert!(objects.keys_of("assets").is_empty());

        let large = "x".repeat(INLINE_LIMIT + 1);
        for _ in 0..2 {
            let placed = place(&objects, "assets", "lake", &large).await.unwrap();
            let keys = objects.keys_of("assets");
            assert_eq!(keys.len(), 1, "the same template is stored once");
            assert_eq!(placed, Template::Url(format!("memory://assets/{}", keys[0])));
        }

        let error = place(&objects, "assets", "lake", &"x".repeat(LIMIT + 1)).await;
        assert!(error.unwrap_err().to_string().contains("split the stack"));
    }

    #[test]
    fn parameters_and_retained_resources_are_read_from_the_template() {
        let json = r#"{"Parameters":{"AssetBucket":{"Type":"String"}},"Resources":{
            "A":{"Type":"AWS::S3::Bucket","DeletionPolicy":"Retain"},
            "B":{"Type":"AWS::S3::Bucket","DeletionPolicy":"Delete"},
            "C":{"Type":"AWS::KMS::Key","DeletionPolicy":"RetainExceptOnCreate"},
            "D":{"Type":"AWS::SQS::Queue"}}}"#;
        assert!(parameters(json).unwrap().contains_key("AssetBucket"));
        let retained: Vec<String> = retained(json).unwrap().into_iter().collect();
        assert_eq!(retained, ["A", "C"]);
        assert!(super::retained("Resources:\n").is_err());
    }
}
