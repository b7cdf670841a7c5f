//! A stack: a template, and the files that must be uploaded before it is deployed.

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
