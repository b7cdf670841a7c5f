//! What a check found, and how it is told.

use std::fmt;
use std::fmt::Write as _;
use std::panic::Location;

use infra_core::json;
use infra_core::node::Node;

use crate::rule::{Rule, Severity};

/// One breach of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// The logical id of the resource; none for the rest of a template.
    pub resource: Option<String>,
    /// Where in the template, dotted: `Resources.Data.Properties.BucketName`.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// The line of Rust that made the resource, where Rust did.
    pub made_at: Option<&'static Location<'static>>,
}

impl Finding {
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.rule.severity
    }

    /// What findings are sorted by: where, then what.
    pub(crate) fn key(&self) -> (&str, &str, &str) {
        (&self.path, self.rule.id, &self.message)
    }
}

/// `error[enum-value] Resources.Stream...: what; fix: how (made at file:line)`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding {
            rule, path, message, ..
        } = self;
        write!(
            f,
            "{}[{}] {path}: {message}; {}",
            rule.severity.name(),
            rule.id,
            rule.fix
        )?;
        match self.made_at {
            Some(line) => write!(f, " (made at {}:{})", line.file(), line.line()),
            None => Ok(()),
        }
    }
}

/// The findings as a JSON list, for programs.
pub fn to_json<'a>(findings: impl IntoIterator<Item = (&'a str, &'a Finding)>) -> String {
    let text = |text: &str| Node::Text(text.to_owned().into());
    let entry = |(template, finding): (&str, &Finding)| {
        let mut members = vec![
            ("template".into(), text(template)),
            ("rule".into(), text(finding.rule.id)),
            ("severity".into(), text(finding.rule.severity.name())),
            ("path".into(), text(&finding.path)),
            ("message".into(), text(&finding.message)),
            ("fix".into(), text(finding.rule.fix)),
        ];
        members.extend(finding.resource.as_deref().map(|id| ("resource".into(), text(id))));
        members.extend(
            finding
                .made_at
                .map(|line| ("made_at".into(), text(&format!("{}:{}", line.file(), line.line())))),
        );
        Node::Map(members)
    };
    json::to_string(&Node::List(findings.into_iter().map(entry).collect()))
}

/// Where in a template a check is, from the root down.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path<'a>(Vec<Step<'a>>);

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    pub(crate) fn push(&mut self, name: &'a str) {
        self.0.push(Step::Name(name));
    }

    pub(crate) fn push_index(&mut self, index: usize) {
        self.0.push(Step::Index(index));
    }

    pub(crate) fn pop(&mut self) {
        self.0.pop();
    }

    /// The logical id, where this is within a resource.
    pub(crate) fn resource(&self) -> Option<&'a str> {
        match self.0.as_slice() {
            [Step::Name("Resources"), Step::Name(id), ..] => Some(id),
            _ => None,
        }
    }

    /// The name of the innermost property, past indices and functions.
    pub(crate) fn property(&self) -> &'a str {
        let names = self.0.iter().rev().filter_map(|step| match step {
            Step::Name(name) if !name.starts_with("Fn::") && *name != "Ref" => Some(*name),
            _ => None,
        });
        names.into_iter().next().unwrap_or_default()
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_char('.')?;
            }
            match step {
                Step::Name(name) => f.write_str(name)?,
                Step::Index(index) => write!(f, "{index}")?,
            }
        }
        Ok(())
    }
}
