//! What passes between stacks: outputs that are read, exports that are imported.

use crate::bucket::Objects;
use crate::clock::Clock;
use crate::cloudformation::{CloudFormation, Stack, Standing};
use crate::console::Console;
use crate::engine::Engine;
use crate::template;
use anyhow::{Context as _, Result, bail};
use infra_core::template::Input;

impl<C: CloudFormation, O: Objects, K: Clock, H: Console> Engine<C, O, K, H> {
    /// The values of other stacks' outputs, each with the parameter that takes it.
    ///
    /// # Errors
    /// A stack or an output is not there.
    pub async fn inputs(&self, inputs: &[Input]) -> Result<Vec<(String, String)>> {
        let mut values = Vec::with_capacity(inputs.len());
        for Input {
            parameter,
            stack,
            output,
        } in inputs
        {
            let stands = self.cloud.stack(stack).await?;
            let stands = stands.filter(|stands| stands.status.standing() != Standing::Absent);
            let outputs = stands
                .with_context(|| {
                    format!("{parameter} is output {output} of stack {stack}, which does not exist; deploy that first")
                })?
                .outputs;
            let value = outputs.into_iter().find(|(name, _)| name == output);
            let (_, value) = value.with_context(|| {
                format!("{parameter} is output {output} of stack {stack}, which has none of that name; deploy that again first")
            })?;
            values.push((parameter.clone(), value));
        }
        Ok(values)
    }

    /// Checks that no export goes while somebody imports it. CloudFormation would find out after
    /// it has changed half of the stack.
    pub(crate) async fn keep_imported(&self, stack: &Stack, planned: &str) -> Result<()> {
        if stack.exports.is_empty() {
            return Ok(());
        }
        let deployed = template::exports(&self.cloud.template(&stack.id).await?)?;
        let planned = template::exports(planned)?;
        for (output, export) in &stack.exports {
            if deployed
                .get(output)
                .is_some_and(|name| planned.get(output) == Some(name))
            {
                continue;
            }
            let importers = self.all_importers(export).await?;
            if !importers.is_empty() {
                bail!(
                    "refused: export {export} of {} goes, and {} import it; \
                     have them read it with `Template::read`, or not at all, and deploy them first",
                    stack.name,
                    importers.join(", ")
                );
            }
        }
        Ok(())
    }

    async fn all_importers(&self, export: &str) -> Result<Vec<String>> {
        let (mut importers, mut page) = (Vec::new(), None);
        loop {
            let read = self.cloud.importers(export, page.as_deref()).await?;
            importers.extend(read.items);
            match read.next {
                Some(next) => page = Some(next),
                None => return Ok(importers),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cloudformation::fake::{Script, change, look, nothing};
    use crate::cloudformation::{Action, Replacement};
    use crate::engine::bench::{bench, plan, yes};
    use crate::plan::Plan;
    use infra_core::template::Input;

    fn input(output: &str) -> [Input; 1] {
        [Input {
            parameter: "Stream".to_owned(),
            stack: "lake".to_owned(),
            output: output.to_owned(),
        }]
    }

    #[tokio::test]
    async fn outputs_are_read_from_the_stack_that_has_them() {
        let there = bench(Script::new([look("UPDATE_COMPLETE")]));
        let values = there.inputs(&input("StreamName")).await.unwrap();
        assert_eq!(values, [("Stream".to_owned(), "events".to_owned())]);
        let error = there.inputs(&input("Other")).await.unwrap_err().to_string();
        assert!(error.contains("output Other of stack lake, which has none"), "{error}");
        for look in [nothing(), look("REVIEW_IN_PROGRESS")] {
            let error = bench(Script::new([look]))
                .inputs(&input("StreamName"))
                .await
                .unwrap_err();
            assert!(
                error.to_string().contains("does not exist; deploy that first"),
                "{error}"
            );
        }
    }

    #[tokio::test]
    async fn an_export_that_is_imported_stays() {
        let exporting =
            |name: &str| format!(r#"{{"Resources":{{}},"Outputs":{{"Name":{{"Export":{{"Name":{name}}}}}}}}}"#);
        let (kept, renamed) = (
            exporting(r#"{"Fn::Sub":"${AWS::StackName}-name"}"#),
            exporting(r#""other""#),
        );
        let without = r#"{"Resources":{},"Outputs":{"Name":{}}}"#.to_owned();
        let users = vec!["a", "b", "c"];
        for (planned, importers, refused) in [
            (kept.clone(), users.clone(), false),
            (renamed, users.clone(), true),
            (without.clone(), users, true),
            (without, vec![], false),
        ] {
            let queue = vec![change("Queue", "AWS::SQS::Queue", Action::Add, Replacement::No)];
            let mut script = Script::new([look("UPDATE_COMPLETE")]).changing(queue);
            script.exports = vec![("lake-name", importers)];
            script.template = kept.clone();
            let mut bench = bench(script);
            // Nobody to ask: what is not refused for its exports ends there.
            bench.console.answer = Some(false);
            let plan = Plan {
                template: planned.clone(),
                ..plan()
            };
            let options = crate::deploy::Options { yes: false, ..yes() };
            let error = bench.deploy(&plan, "assets", &options).await.unwrap_err().to_string();
            assert_eq!(error.contains("a, b, c import it"), refused, "{planned}: {error}");
            assert_eq!(bench.cloud.deeds().last().unwrap(), "delete change set");
        }
    }
}
