//! A template that is to be checked, and where its resources come from.

use std::collections::HashMap;
use std::panic::Location;
use std::path::{Path, PathBuf};

use infra_core::{Template, Waiver};

use crate::tree::Tree;

/// A template as data, with what is known about its making.
#[derive(Debug)]
pub struct Document {
    root: Tree,
    /// Bytes of what the API is sent, where that is known.
    size: usize,
    made_at: HashMap<String, &'static Location<'static>>,
    waivers: Vec<(String, Waiver)>,
}

/// Why a file holds no template.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be read.
    #[error("cannot read {path}", path = .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The text is no JSON.
    #[error("not JSON")]
    Json(#[from] serde_json::Error),
    /// The text is no YAML.
    #[error("not YAML")]
    Yaml(#[from] serde_yaml::Error),
}

/// A template of which no more is known than what it says.
impl From<Tree> for Document {
    fn from(root: Tree) -> Self {
        Document {
            root,
            size: 0,
            made_at: HashMap::new(),
            waivers: Vec::new(),
        }
    }
}

impl Document {
    /// The template that Rust made, with the line of each resource and its typed waivers.
    pub fn of(template: &Template) -> Self {
        let made_at = template.made_at().map(|(id, line)| (id.to_owned(), line)).collect();
        let waivers = template
            .waivers()
            .map(|(id, waiver)| (id.to_owned(), waiver.clone()))
            .collect();
        Document {
            root: Tree::from(template.to_node()),
            size: template.to_json().len(),
            made_at,
            waivers,
        }
    }

    /// The template in a file: JSON where the text begins with a brace, else YAML.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or is neither.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        let text = std::fs::read_to_string(path).map_err(|source| ReadError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text)
    }

    /// The template in a text: JSON where it begins with a brace, else YAML.
    ///
    /// # Errors
    ///
    /// When it is neither.
    pub fn parse(text: &str) -> Result<Self, ReadError> {
        let root: Tree = match text.trim_start().starts_with('{') {
            true => serde_json::from_str(text)?,
            false => serde_yaml::from_str(text)?,
        };
        Ok(Document {
            size: text.len(),
            ..Document::from(root)
        })
    }

    /// The whole template.
    pub fn root(&self) -> &Tree {
        &self.root
    }

    /// The size of its text in bytes.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The line of Rust that added a resource; none for templates from files.
    pub fn made_at(&self, id: &str) -> Option<&'static Location<'static>> {
        self.made_at.get(id).copied()
    }

    /// Whether Rust made the template, so that its waivers are typed.
    pub(crate) fn is_from_rust(&self) -> bool {
        !self.made_at.is_empty()
    }

    /// The typed waivers, each with the logical id of its resource.
    pub(crate) fn waivers(&self) -> &[(String, Waiver)] {
        &self.waivers
    }
}
