//! A stack: a template, the files that must be uploaded before it is deployed, and those after.

use crate::reference::LogicalId;
use crate::template::Template;

/// One unit of deployment.
#[derive(Debug)]
pub struct Stack {
    /// The name in the account and region, at most 128 letters, digits and hyphens.
    pub name: String,
    /// What is made.
    pub template: Template,
    /// The code of its functions.
    pub assets: Vec<Asset>,
    /// Tags of the stack, which CloudFormation puts on every resource that takes tags.
    pub tags: Vec<(String, String)>,
    /// The web pages that are uploaded once its resources are there.
    pub sites: Vec<Site>,
}

impl Stack {
    /// A stack of nothing but its template; the rest is set by update:
    /// `Stack { assets, ..Stack::new(name, template) }`.
    pub fn new(name: impl Into<String>, template: Template) -> Self {
        Stack {
            name: name.into(),
            template,
            assets: Vec::new(),
            tags: Vec::new(),
            sites: Vec::new(),
        }
    }
}

/// The parameter that holds the name of the bucket which assets are uploaded to.
pub const ASSET_BUCKET: &str = "AssetBucket";

/// A Lambda's code: a zip that `package` makes and `deploy` uploads.
///
/// The template names it by a parameter and not by its hash, so that the same source gives the
/// same template on every machine, whatever its compiler does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// The binary, which is also the name of the zip.
    pub bin: &'static str,
    /// The parameter that takes the object's key.
    pub parameter: String,
}

impl Asset {
    /// The asset of a binary; `lake-transform` has the parameter `LakeTransformKey`.
    pub fn of(bin: &'static str) -> Self {
        let parameter = LogicalId::spelling(bin) + "Key";
        Asset { bin, parameter }
    }
}

/// A static site: the files of a folder, which `deploy` uploads to a bucket of the stack after
/// the stack itself, and removes from there when the folder no longer has them.
///
/// Its files stay outside of the template, so that the template holds no hash of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The folder, relative to the root of the workspace, with `/` between its parts.
    pub folder: &'static str,
    /// The output that names the bucket.
    pub bucket: &'static str,
    /// The members of the `config.json` that is written beside the files, in this order: what the
    /// page must know of the deployment.
    pub config: Vec<(&'static str, Setting)>,
}

/// The value of a member of a site's `config.json`; always a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The value of the stack's output of this name.
    Output(&'static str),
    /// The region that the stack is deployed to.
    Region,
    /// The origin at which a browser reaches an AWS service of that region, without a slash at
    /// its end: `https://<service>.<region>.amazonaws.com`, or the endpoint that the deployment
    /// itself was told to use.
    Endpoint(&'static str),
}
