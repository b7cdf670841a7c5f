//! Rules for every text file: nothing of one machine or one registry is committed.

use super::Finding;

/// Hosts of package registries; a lock with them would bypass the user's own mirror.
///
/// Written in halves here and below, or this file would find itself.
const HOSTS: [&str; 6] = [
    concat!("pypi", ".org"),
    concat!("python", "hosted.org"),
    concat!("//", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("index.", "crates.io"),
    concat!("npm", "js."),
];

/// Folders that exist on the machine of whoever wrote the line.
const FOLDERS: [&str; 3] = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];

/// Cargo writes its index's name here, which every mirror takes as it is.
const LOCK: &str = "Cargo.lock";

pub(super) fn check(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if let Some(host) = HOSTS.iter().find(|host| line.contains(*host)).filter(|_| path != LOCK) {
            let what = format!("names the package registry {host}");
            findings.push(Finding::new(
                path,
                index + 1,
                what,
                "name the package, not where it is kept",
            ));
        }
        if let Some(folder) = FOLDERS.iter().find(|folder| has_path(line, folder)) {
            let what = format!("holds a path of one machine, {folder}");
            findings.push(Finding::new(path, index + 1, what, "use a path inside the checkout"));
        }
    }
    findings
}

/// Whether an absolute path starts with `folder`; a path that merely goes through one does not.
fn has_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|char| char.is_alphanumeric() || matches!(char, '.' | '_' | '-' | '~' | '}' | '*'))
    })
}

#[cfg(test)]
mod tests {
    use super::{FOLDERS, HOSTS, check};

    #[test]
    fn every_registry_host_is_found() {
        for host in HOSTS {
            let text = format!("fine\n--index-url https://{host}/simple\n");
            let findings = check("localstack/requirements.txt", &text);
            assert_eq!(findings.len(), 1, "{host}");
            assert_eq!(findings[0].line, 2);
        }
    }

    #[test]
    fn the_lock_may_name_its_index() {
        for host in HOSTS {
            assert!(check("Cargo.lock", &format!("source = \"registry+https://{host}/\"")).is_empty());
        }
    }

    #[test]
    fn every_folder_of_a_machine_is_found() {
        for folder in FOLDERS {
            for line in [format!("cd {folder}x"), format!("{folder}x"), format!("\"{folder}x\"")] {
                assert_eq!(check("README.md", &line).len(), 1, "{line}");
            }
        }
    }

    #[test]
    fn a_path_through_such_a_folder_is_fine() {
        for folder in FOLDERS {
            for line in [
                format!("https://example.com{folder}x"),
                format!("target{folder}x"),
                format!("..{folder}x"),
            ] {
                assert!(check("README.md", &line).is_empty(), "{line}");
            }
        }
    }
}
