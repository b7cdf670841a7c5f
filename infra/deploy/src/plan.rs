//! What is to be deployed, in the plainest form.

use crate::bucket::Objects;
use crate::clock::Clock;
use crate::cloudformation::CloudFormation;
use crate::console::{Console, unless_interrupted};
use crate::engine::Engine;
use crate::{asset, diff, template};
use anyhow::{Result, bail};
use infra_core::Stack;
use infra_core::stack::ASSET_BUCKET;
use infra_diff::Move;
use std::collections::BTreeMap;
use std::path::Path;

/// Where in the Rust source each resource was made, by logical id: `infra/stacks/src/lake.rs:80`.
pub type Lines = BTreeMap<String, String>;

/// One stack, ready to be sent.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Name of the stack.
    pub stack: String,
    /// The template as minified JSON.
    pub template: String,
    /// Values of the template's parameters.
    pub parameters: Vec<(String, String)>,
    /// Tags of the stack and of what is in it.
    pub tags: Vec<(String, String)>,
    /// The lines behind its resources, for messages.
    pub made_at: Lines,
    /// Whether the service is to refuse to delete the stack.
    pub protected: bool,
    /// Logical ids of the alarms that roll an update back.
    pub guards: Vec<String>,
    /// Resources that had another logical id before.
    pub moves: Vec<Move>,
    /// How long those are watched after an update, 0 to 180 minutes; 0 watches none.
    pub watch_minutes: u16,
}

impl Plan {
    /// A plan whose template takes its assets from a bucket.
    ///
    /// Only declared parameters are passed: CloudFormation refuses others.
    ///
    /// # Errors
    /// The template is not JSON.
    pub fn new(
        stack: impl Into<String>,
        template: String,
        tags: Vec<(String, String)>,
        asset_bucket: &str,
        assets: Vec<(String, String)>,
    ) -> Result<Self> {
        let declared = template::parameters(&template)?;
        let mut parameters = vec![(ASSET_BUCKET.to_owned(), asset_bucket.to_owned())];
        parameters.extend(assets);
        parameters.retain(|(name, _)| declared.contains_key(name));
        Ok(Self {
            stack: stack.into(),
            template,
            parameters,
            tags,
            ..Self::default()
        })
    }

    /// The plan with those of a person's parameters that its template declares.
    ///
    /// # Errors
    /// One of them is what deploying itself passes: a zip, or an output of another stack.
    pub fn given(mut self, parameters: &[(String, String)]) -> Result<Self> {
        let declared = template::parameters(&self.template)?;
        for (name, value) in parameters.iter().filter(|(name, _)| declared.contains_key(name)) {
            if self.parameters.iter().any(|(passed, _)| passed == name) {
                bail!(
                    "parameter {name} of {} is passed by deploying itself; leave it out",
                    self.stack
                );
            }
            self.parameters.push((name.clone(), value.clone()));
        }
        Ok(self)
    }

    /// The plan of a stack: [`Plan::new`] with all that the stack knows.
    ///
    /// # Errors
    /// None that a stack's own template could cause.
    pub fn of(stack: &Stack, asset_bucket: &str, assets: Vec<(String, String)>) -> Result<Self> {
        let template = stack.template.to_json();
        let plan = Self::new(&stack.name, template, stack.tags.clone(), asset_bucket, assets)?;
        let lines = stack.template.made_at();
        Ok(Self {
            made_at: lines
                .map(|(id, line)| (id.to_owned(), format!("{}:{}", line.file(), line.line())))
                .collect(),
            guards: stack.template.update_guards().map(str::to_owned).collect(),
            moves: diff::moves(stack),
            ..plan
        })
    }
}

impl<C: CloudFormation, O: Objects, K: Clock, H: Console> Engine<C, O, K, H> {
    /// Plans a stack: uploads its zips, which are in a folder, and looks up what it reads of other
    /// stacks.
    ///
    /// # Errors
    /// [`Interrupted`](crate::console::Interrupted) on Ctrl-C; a zip or an output that is read is
    /// missing, or AWS refuses.
    pub async fn plan(&self, stack: &Stack, asset_bucket: &str, zips: &Path) -> Result<Plan> {
        let meaning = || "interrupted; nothing was deployed".to_owned();
        let work = async {
            let inputs = self.inputs(stack.template.inputs()).await?;
            let (objects, clock, console) = (&self.objects, &self.clock, &self.console);
            let keys = asset::publish(objects, clock, console, asset_bucket, zips, &stack.assets).await?;
            let mut plan = Plan::of(stack, asset_bucket, keys)?;
            plan.parameters.extend(inputs);
            Ok(plan)
        };
        unless_interrupted(&self.console, meaning, work).await
    }
}

#[cfg(test)]
mod tests {
    use super::Plan;
    use crate::cloudformation::fake::{Script, look};
    use crate::engine::bench::bench;
    use infra_core::{Asset, Parameter, Stack, Template};

    #[test]
    fn only_declared_parameters_are_passed() {
        let assets = || vec![("LakeTransformKey".to_owned(), "assets/1.zip".to_owned())];
        let plan = |template: &str| Plan::new("lake", template.to_owned(), Vec::new(), "bucket", assets());
        assert!(plan(r#"{"Resources":{}}"#).unwrap().parameters.is_empty());
        let both = r#"{"Parameters":{"AssetBucket":{},"LakeTransformKey":{},"Other":{}}}"#;
        let names: Vec<String> = plan(both).unwrap().parameters.into_iter().map(|pair| pair.0).collect();
        assert_eq!(names, ["AssetBucket", "LakeTransformKey"]);
        assert!(plan("Resources: {}").is_err());
    }

    #[tokio::test]
    async fn a_stack_gets_its_keys_and_what_it_reads_of_others() {
        let mut producer = Template::new("Producer");
        let shared = producer.share::<String>("lake", "StreamName", "The stream", "events");
        let mut template = Template::new("Reader");
        template.parameter::<String>("LakeTransformKey", Parameter::default());
        template.read("Stream", &shared);
        let stack = Stack {
            assets: vec![Asset::of("lake-transform")],
            ..Stack::new("reader", template)
        };
        let zips = tempfile::tempdir().unwrap();
        std::fs::write(zips.path().join("lake-transform.zip"), "zip").unwrap();
        let bench = bench(Script::new([look("UPDATE_COMPLETE")]));
        let plan = bench.plan(&stack, "assets", zips.path()).await.unwrap();
        let [key, stream] = plan.parameters.as_slice() else {
            panic!("{:?}", plan.parameters)
        };
        assert!(key.0 == "LakeTransformKey" && key.1.ends_with(".zip"), "{key:?}");
        assert_eq!(*stream, ("Stream".to_owned(), "events".to_owned()));

        let pair = |name: &str| (name.to_owned(), "mine".to_owned());
        let refused = plan.clone().given(&[pair("Stream")]).unwrap_err().to_string();
        assert!(refused.contains("passed by deploying itself"), "{refused}");
        let other = plan.clone().given(&[pair("OfAnotherStack")]).unwrap();
        assert_eq!(other.parameters, plan.parameters);
    }
}
