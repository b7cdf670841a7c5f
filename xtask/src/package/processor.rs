//! Which processor each function runs on: what an environment's templates say.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::elf::Arch;
use crate::cargo::Built;
use crate::child;
use crate::forward::{self, Verb};
use crate::workspace::Workspace;

/// An entry of `assets.json`: a program, and the template parameter that is its zip's key.
#[derive(Debug, Deserialize)]
struct Asset {
    stack: String,
    bin: String,
    parameter: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Template<'a> {
    #[serde(borrow)]
    resources: BTreeMap<String, Resource<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource<'a> {
    r#type: String,
    /// Read once the type is known; each has its own.
    #[serde(borrow)]
    properties: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Function {
    code: Code,
    #[serde(default)]
    architectures: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Code {
    #[serde(rename = "S3Key")]
    key: Reference,
}

#[derive(Debug, Deserialize)]
struct Reference {
    #[serde(rename = "Ref")]
    parameter: String,
}

/// The processor of each of the environment's functions, by the program's name.
pub(super) fn of_functions(
    workspace: &Workspace,
    built: &Built,
    env: &str,
    settings: &[&str],
) -> Result<BTreeMap<String, Arch>> {
    let folder = workspace.scratch("package").join(env);
    let mut synth = forward::command(workspace, built, Verb::Synth)?;
    synth.args(["--env", env, "--out"]).arg(&folder);
    synth.args(settings.iter().flat_map(|setting| ["--set", setting]));
    child::quiet_output(&mut synth).context("the templates cannot be made")?;
    let assets: Vec<Asset> = parse(&read(&folder.join("assets.json"))?, "assets.json")?;
    let mut functions = BTreeMap::new();
    for asset in assets {
        let name = format!("{}.json", asset.stack);
        let arch = of_asset(&asset, &read(&folder.join(&name))?).with_context(|| format!("{name} cannot be used"))?;
        let other = functions.insert(asset.bin.clone(), arch);
        if let Some(other) = other.filter(|other| *other != arch) {
            bail!(
                "{} is to run on {other} and on {arch}, and there is one zip of it; choose one in the environment's file",
                asset.bin
            );
        }
    }
    Ok(functions)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn parse<T: DeserializeOwned>(text: &str, name: &str) -> Result<T> {
    serde_json::from_str(text).with_context(|| format!("cannot understand {name}"))
}

/// The processor of the function whose code is this asset.
fn of_asset(asset: &Asset, template: &str) -> Result<Arch> {
    let template: Template<'_> = serde_json::from_str(template).context("cannot understand the template")?;
    for resource in template
        .resources
        .into_values()
        .filter(|resource| resource.r#type == "AWS::Lambda::Function")
    {
        let text = resource.properties.map(RawValue::get).unwrap_or_default();
        let function: Function = parse(text, "a function's properties")?;
        if function.code.key.parameter == asset.parameter {
            // CloudFormation's own default, where a function says nothing.
            let name = function.architectures.first().map_or("x86_64", String::as_str);
            return Arch::from_str(name, false).map_err(|_| anyhow::anyhow!("no processor is called {name}"));
        }
    }
    anyhow::bail!("no function has the code {}", asset.parameter)
}

#[cfg(test)]
mod tests {
    use super::{Asset, of_asset};
    use crate::package::elf::Arch;

    fn arch(parameter: &str, function: &str) -> Result<Arch, String> {
        let template = format!(
            r#"{{"Resources":{{
                "Log":{{"Type":"AWS::Logs::LogGroup"}},
                "Other":{{"Type":"AWS::Other::Function","Properties":{{"Code":7}}}},
                "Transform":{{"Type":"AWS::Lambda::Function","Properties":{function}}}}}}}"#
        );
        let asset = Asset {
            stack: "s".to_owned(),
            bin: "b".to_owned(),
            parameter: parameter.to_owned(),
        };
        of_asset(&asset, &template).map_err(|error| error.to_string())
    }

    const CODE: &str = r#""Code":{"S3Bucket":{"Ref":"AssetBucket"},"S3Key":{"Ref":"LakeTransformKey"}}"#;

    #[test]
    fn a_function_runs_on_what_its_template_says() {
        let said = |name: &str| arch("LakeTransformKey", &format!(r#"{{{CODE},"Architectures":["{name}"]}}"#));
        assert_eq!(said("arm64"), Ok(Arch::Arm64));
        assert_eq!(said("x86_64"), Ok(Arch::X86_64));
        assert_eq!(said("riscv"), Err("no processor is called riscv".to_owned()));
    }

    #[test]
    fn a_function_that_says_nothing_runs_on_cloudformations_default() {
        assert_eq!(arch("LakeTransformKey", &format!("{{{CODE}}}")), Ok(Arch::X86_64));
    }

    #[test]
    fn code_that_no_function_has_is_named() {
        let error = arch("LakeWriteKey", &format!("{{{CODE}}}")).unwrap_err();
        assert_eq!(error, "no function has the code LakeWriteKey");
    }
}
