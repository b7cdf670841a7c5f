//! What deploying would change: the templates as the sources give them, against what is deployed
//! or against the golden templates of a git revision.
//!
//! The code of functions is no part of it: templates name it by parameters.

use crate::bucket::Objects;
use crate::clock::Clock;
use crate::cloudformation::{CloudFormation, Standing};
use crate::console::Console;
use crate::engine::Engine;
use crate::golden::Revision;
use anyhow::{Context as _, Result};
use infra_core::Stack;
use infra_diff::cost::{Cost, Tariff};
use infra_diff::{Diff, Move, Template};

impl<C: CloudFormation, O: Objects, K: Clock, H: Console> Engine<C, O, K, H> {
    /// What deploying a stack would change, and cost where there is a tariff; where none stands,
    /// everything is new.
    ///
    /// # Errors
    /// CloudFormation refuses, or the stack was deployed from what is no template.
    pub async fn diff(&self, stack: &Stack, tariff: Option<&Tariff>) -> Result<Diff> {
        let before = self.deployed(&stack.name).await?;
        between(stack, &before, tariff)
    }

    /// The template that a stack was deployed from; an empty one where there is no stack.
    pub(crate) async fn deployed(&self, stack: &str) -> Result<Template> {
        match self.cloud.stack(stack).await? {
            Some(stands) if stands.status.standing() != Standing::Absent => {
                let text = self.cloud.template(&stands.id).await?;
                Template::parse(&text).with_context(|| format!("the template of stack {stack} cannot be read"))
            }
            _ => Ok(Template::empty()),
        }
    }
}

/// What the stacks of an environment change about a revision; `beginning` is what their names
/// begin with, so that one which is there no more is found, and `tariff` what a stack of a name is
/// priced by.
///
/// # Errors
/// Git does not run, or a file is no template.
pub fn against(
    revision: &Revision,
    beginning: &str,
    stacks: &[Stack],
    tariff: impl Fn(&str) -> Option<Tariff>,
) -> Result<Vec<Diff>> {
    let mut goldens = revision.templates(beginning)?;
    let mut diffs = Vec::new();
    for stack in stacks {
        diffs.push(between(
            stack,
            &goldens.remove(&stack.name).unwrap_or_default(),
            tariff(&stack.name).as_ref(),
        )?);
    }
    let gone = goldens.iter();
    diffs.extend(gone.map(|(name, template)| priced(name, template, &Template::empty(), &[], tariff(name).as_ref())));
    Ok(diffs)
}

fn between(stack: &Stack, before: &Template, tariff: Option<&Tariff>) -> Result<Diff> {
    let after = Template::parse(&stack.template.to_json())?;
    Ok(priced(&stack.name, before, &after, &moves(stack), tariff))
}

fn priced(stack: &str, before: &Template, after: &Template, moves: &[Move], tariff: Option<&Tariff>) -> Diff {
    Diff {
        cost: tariff.map(|tariff| Cost::between(before, after, moves, tariff)),
        ..Diff::between(stack, before, after, moves)
    }
}

/// The moves that a stack's template declares.
pub(crate) fn moves(stack: &Stack) -> Vec<Move> {
    let moves = stack.template.moves();
    moves
        .map(|(from, to)| Move {
            from: from.to_owned(),
            to: to.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::cloudformation::fake::{Look, Script, look, nothing};
    use crate::engine::bench::bench;
    use infra_core::{Stack, Template};

    async fn summary(found: Look, deployed: &str) -> String {
        let mut script = Script::new([found]);
        script.template = deployed.to_owned();
        let stack = Stack::new("lake", Template::new("The lake"));
        bench(script).diff(&stack, None).await.unwrap().summary()
    }

    #[tokio::test]
    async fn a_stack_is_compared_with_what_it_was_deployed_from() {
        let same = r#"{"AWSTemplateFormatVersion":"2010-09-09","Description":"The lake"}"#;
        assert_eq!(summary(look("UPDATE_COMPLETE"), same).await, "no changes");
        let yaml = "Description: The lake\nResources: {Old: {Type: 'AWS::SNS::Topic'}}";
        assert_eq!(summary(look("UPDATE_COMPLETE"), yaml).await, "1 removed");
    }

    #[tokio::test]
    async fn where_no_stack_stands_everything_is_new() {
        let all = "no resource changes, but AWSTemplateFormatVersion, Description";
        assert_eq!(summary(nothing(), "").await, all);
        assert_eq!(summary(look("REVIEW_IN_PROGRESS"), "").await, all);
    }
}
