//! Destroying one stack: list, ask, empty what may be emptied, delete, say what is left.

use crate::bucket::{self, Objects};
use crate::clock::Clock;
use crate::cloudformation::{CloudFormation, Resource, Stack};
use crate::console::{Console, unless_interrupted};
use crate::engine::Engine;
use crate::{table, template};
use anyhow::{Context as _, Result, bail};

/// What the person allows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Delete without a question.
    pub yes: bool,
    /// Delete all objects of the stack's buckets; without it, a bucket that holds any is refused.
    pub empty_buckets: bool,
    /// Empty and delete also the buckets that the template says outlive the stack.
    pub delete_retained: bool,
    /// Take the protection against deletion off first; without it, a protected stack is refused.
    pub release_protection: bool,
}

/// A stack's resources by what becomes of them.
struct Fate {
    deleted: Vec<Resource>,
    kept: Vec<Resource>,
}

const BUCKET: &str = "AWS::S3::Bucket";

impl<C: CloudFormation, O: Objects, K: Clock, H: Console> Engine<C, O, K, H> {
    /// Deletes a stack; gives back whether there was one.
    ///
    /// # Errors
    /// [`Interrupted`](crate::console::Interrupted) on Ctrl-C; [`cause::RootCause`](crate::cause::RootCause) in the chain when
    /// the deletion failed; else a sentence with a cure.
    pub async fn destroy(&self, name: &str, options: &Options) -> Result<bool> {
        let decided = unless_interrupted(
            &self.console,
            || format!("interrupted; stack {name} is as it was"),
            self.decide(name, options),
        )
        .await?;
        let Some((stack, fate)) = decided else {
            self.console
                .say(&format!("stack {name} does not exist; nothing to destroy"));
            return Ok(false);
        };
        let meaning = || {
            format!(
                "stopped watching; a deletion of {name} that was begun goes on in CloudFormation: \
                 destroy again to see it through"
            )
        };
        unless_interrupted(&self.console, meaning, self.carry_out(&stack, fate, options)).await?;
        Ok(true)
    }

    async fn decide(&self, name: &str, options: &Options) -> Result<Option<(Stack, Fate)>> {
        let Some(stack) = self.at_rest(name).await? else {
            return Ok(None);
        };
        if stack.protected && !options.release_protection {
            bail!("refused: stack {name} is protected against deletion; pass --release-protection if it is to go");
        }
        let fate = self.fate(&stack).await?;
        let rows = describe(&fate, options);
        self.console.say(&format!(
            "destroy stack {name}{}",
            if rows.is_empty() { ", which is empty" } else { ":" }
        ));
        for line in rows {
            self.console.say(&format!("  {line}"));
        }
        if !options.empty_buckets {
            self.refuse_full_buckets(&fate.deleted).await?;
        }
        if !options.yes && !self.console.confirm(&format!("destroy {name}?")).await? {
            bail!("not destroyed, as you answered no; stack {name} is as it was");
        }
        Ok(Some((stack, fate)))
    }

    async fn fate(&self, stack: &Stack) -> Result<Fate> {
        let mut resources = self.all_resources(&stack.id).await?;
        resources.retain(|resource| resource.status.0 != "DELETE_COMPLETE" && !resource.physical_id.is_empty());
        let retained = match resources.is_empty() {
            true => Default::default(),
            false => template::retained(&self.cloud.template(&stack.id).await?)?,
        };
        let (kept, deleted) = resources
            .into_iter()
            .partition(|resource| retained.contains(&resource.logical_id));
        Ok(Fate { deleted, kept })
    }

    /// CloudFormation would find out only after it has deleted half of the stack.
    async fn refuse_full_buckets(&self, resources: &[Resource]) -> Result<()> {
        let mut full = Vec::new();
        for resource in buckets(resources) {
            if !self.contents(resource).await?.is_empty() {
                full.push(resource.physical_id.as_str());
            }
        }
        if full.is_empty() {
            return Ok(());
        }
        bail!(
            "refused: {} not empty; pass --empty-buckets to delete what is in there",
            match full.as_slice() {
                [one] => format!("bucket {one} is"),
                many => format!("buckets {} are", many.join(", ")),
            }
        );
    }

    async fn contents(&self, resource: &Resource) -> Result<Vec<bucket::Version>> {
        match self.objects.versions(&resource.physical_id, 1).await {
            // Somebody has deleted it by hand; CloudFormation takes that in its stride.
            Err(error) if error.is_refusal("NoSuchBucket") => Ok(Vec::new()),
            answer => Ok(answer?),
        }
    }

    async fn carry_out(&self, stack: &Stack, fate: Fate, options: &Options) -> Result<()> {
        let ids = || {
            fate.deleted
                .iter()
                .map(|resource| resource.logical_id.clone())
                .collect()
        };
        if stack.protected {
            self.cloud.protect(&stack.id, false).await?;
        }
        if options.empty_buckets {
            self.empty(&fate.deleted).await?;
        }
        if let Err(error) = self.remove(stack, ids(), "delete").await {
            // Firehose and access logs fill a bucket until they are deleted themselves, which the
            // attempt that failed has done.
            if !options.empty_buckets || self.empty(&fate.deleted).await? == 0 {
                return Err(error);
            }
            self.console.say(&format!(
                "objects arrived meanwhile; deleting the rest of {}",
                stack.name
            ));
            self.remove(stack, ids(), "delete-rest").await?;
        }
        self.console.say(&format!("destroyed stack {}", stack.name));
        for resource in &fate.kept {
            if options.delete_retained && resource.kind == BUCKET {
                self.delete_bucket(&resource.physical_id).await?;
            } else {
                self.console
                    .say(&format!("left behind: {} ({})", resource.physical_id, resource.kind));
            }
        }
        Ok(())
    }

    /// Empties the stack's buckets; gives back how many object versions there were.
    async fn empty(&self, resources: &[Resource]) -> Result<u64> {
        let mut deleted = 0;
        for resource in buckets(resources) {
            if !self.contents(resource).await?.is_empty() {
                deleted += bucket::empty(&self.objects, &self.console, &resource.physical_id).await?;
            }
        }
        Ok(deleted)
    }

    async fn delete_bucket(&self, name: &str) -> Result<()> {
        bucket::empty(&self.objects, &self.console, name).await?;
        self.objects
            .delete(name)
            .await
            .with_context(|| format!("the stack is gone, and its bucket {name} is still there"))?;
        self.console.say(&format!("deleted bucket {name}"));
        Ok(())
    }
}

fn buckets(resources: &[Resource]) -> impl Iterator<Item = &Resource> {
    resources.iter().filter(|resource| resource.kind == BUCKET)
}

fn describe(fate: &Fate, options: &Options) -> Vec<String> {
    let row = |action: &str, resource: &Resource| {
        [
            action.to_owned(),
            resource.logical_id.clone(),
            resource.kind.clone(),
            resource.physical_id.clone(),
        ]
    };
    let kept = fate.kept.iter().map(|resource| {
        let deleted = options.delete_retained && resource.kind == BUCKET;
        row(if deleted { "delete" } else { "keep" }, resource)
    });
    let rows: Vec<[String; 4]> = fate
        .deleted
        .iter()
        .map(|resource| row("delete", resource))
        .chain(kept)
        .collect();
    match rows.is_empty() {
        true => Vec::new(),
        false => table::lines(["ACTION", "RESOURCE", "TYPE", "NAME"], &rows),
    }
}

#[cfg(test)]
mod tests;
