//! The cargo features of a crate with generated modules: one per service, and `all`.

use anyhow::{Context, Result};

/// Between these two lines the manifest is written by the generator.
const START: &str = "# Written by `cargo xtask codegen`: a service's module is a feature of its name.\n";
const END: &str = "# Up to here.\n";

/// The crate's manifest with its table of features brought up to date.
pub(super) fn manifest(text: &str, modules: &[&str]) -> Result<String> {
    let (before, rest) = text
        .split_once(START)
        .with_context(|| format!("the manifest has no line `{}`", START.trim_end()))?;
    let (_, after) = rest
        .split_once(END)
        .with_context(|| format!("the manifest has no line `{}`", END.trim_end()))?;
    let all: String = modules.iter().map(|name| format!("    \"{name}\",\n")).collect();
    let each: String = modules.iter().map(|name| format!("{name} = []\n")).collect();
    Ok(format!("{before}{START}all = [\n{all}]\n{each}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::{END, START, manifest};

    #[test]
    fn only_what_stands_between_the_lines_is_written() {
        let text = format!("[features]\ndefault = []\n{START}old = []\n{END}\n[dependencies]\n");
        let expected =
            format!("[features]\ndefault = []\n{START}all = [\n    \"s3\",\n]\ns3 = []\n{END}\n[dependencies]\n");
        let written = manifest(&text, &["s3"]).unwrap();
        assert_eq!(written, expected);
        assert_eq!(manifest(&written, &["s3"]).unwrap(), expected);
    }

    #[test]
    fn a_manifest_without_the_lines_is_refused() {
        let error = manifest("[features]\n", &[]).unwrap_err().to_string();
        assert!(error.contains("Written by"), "{error}");
    }
}
