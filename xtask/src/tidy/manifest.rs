//! Rules for manifests: the root decides on lints and versions.

use toml::{Table, Value};

use super::Finding;

/// The manifest that holds the versions and the lints.
const ROOT: &str = "Cargo.toml";

pub(super) fn check(path: &str, text: &str) -> Vec<Finding> {
    let manifest: Table = match toml::from_str(text) {
        Ok(manifest) => manifest,
        Err(error) => return vec![Finding::new(path, 1, error.message(), "mend the manifest")],
    };
    if path == ROOT {
        return root(&manifest);
    }
    if manifest.contains_key("workspace") {
        // A workspace of its own, such as a bench's peers or a fuzz target, so that nobody else builds
        // what it needs: it cannot take the root's versions and lints.
        return Vec::new();
    }
    let mut findings = Vec::new();
    if at(&manifest, &["lints", "workspace"]).and_then(Value::as_bool) != Some(true) {
        let what = "does not take the workspace's lints, `forbid(unsafe_code)` among them";
        findings.push(Finding::new(path, 1, what, "add `[lints] workspace = true`"));
    }
    for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let Some(dependencies) = manifest.get(table).and_then(Value::as_table) else {
            continue;
        };
        for (name, dependency) in dependencies {
            // A crate names itself, `path = "."`, to have all its features in its tests.
            let is_itself = dependency.get("path").and_then(Value::as_str) == Some(".");
            if !is_itself && dependency.get("workspace").and_then(Value::as_bool) != Some(true) {
                let what = format!("`{name}` has a version of its own");
                let cure = "put it into the root's `[workspace.dependencies]` and say `workspace = true`";
                findings.push(Finding::new(path, line_of(text, name), what, cure));
            }
        }
    }
    findings
}

fn root(manifest: &Table) -> Vec<Finding> {
    let lint = at(manifest, &["workspace", "lints", "rust", "unsafe_code"]);
    if lint.and_then(Value::as_str) == Some("forbid") {
        return Vec::new();
    }
    let cure = "set `unsafe_code = \"forbid\"` in `[workspace.lints.rust]`";
    vec![Finding::new(ROOT, 1, "does not forbid unsafe code", cure)]
}

fn at<'a>(table: &'a Table, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(table.get(*first)?, |value, key| value.get(*key))
}

/// The line that starts with a key.
fn line_of(text: &str, key: &str) -> usize {
    text.lines()
        .position(|line| line.starts_with(key))
        .map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::check;

    const MEMBER: &str = "[lints]\nworkspace = true\n[dependencies]\n";

    #[test]
    fn a_member_takes_the_workspaces_lints() {
        assert!(check("xtask/Cargo.toml", MEMBER).is_empty());
        for text in [
            "[package]\n",
            "[lints]\nworkspace = false\n",
            "[lints.rust]\nunsafe_code = \"forbid\"\n",
        ] {
            let findings = check("xtask/Cargo.toml", text);
            assert_eq!(findings.len(), 1, "{text}");
            assert!(findings[0].what.contains("forbid(unsafe_code)"));
        }
    }

    #[test]
    fn a_version_stands_in_the_root_alone() {
        let text = |dependency: &str| format!("{MEMBER}serde.workspace = true\n{dependency}\n");
        assert!(check("a/Cargo.toml", &text("zip = { workspace = true }")).is_empty());
        assert!(check("a/Cargo.toml", &text("a = { path = \".\", features = [\"all\"] }")).is_empty());
        for dependency in [
            "zip = \"9\"",
            "zip = { version = \"9\" }",
            "zip = { path = \"../zip\" }",
        ] {
            let findings = check("a/Cargo.toml", &text(dependency));
            assert_eq!(findings.len(), 1, "{dependency}");
            assert_eq!(findings[0].line, 5);
        }
    }

    #[test]
    fn a_workspace_of_its_own_is_left_alone() {
        assert!(check("a/fuzz/Cargo.toml", "[workspace]\n[dependencies]\nzip = \"9\"\n").is_empty());
    }

    #[test]
    fn the_root_forbids_unsafe_code() {
        assert!(check("Cargo.toml", "[workspace.lints.rust]\nunsafe_code = \"forbid\"\n").is_empty());
        assert_eq!(
            check("Cargo.toml", "[workspace.lints.rust]\nunsafe_code = \"warn\"\n").len(),
            1
        );
        assert_eq!(check("Cargo.toml", "[workspace]\n").len(), 1);
    }

    #[test]
    fn what_is_no_manifest_is_a_finding() {
        assert_eq!(check("a/Cargo.toml", "[").len(), 1);
    }
}
