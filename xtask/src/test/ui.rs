//! `test ui`: the guide's page in a real Chromium, against a guide that is deployed and filled.

use std::process::Command;

use anyhow::{Result, bail};

use super::Outcome;
use crate::demo::{Guest, as_guest};
use crate::workspace::Workspace;
use crate::{child, tools};

/// The programs that the tests take for Chromium.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The tests, which say themselves how they are run by hand.
const TESTS: &str = "handlers/tv-guide-ui/tests/run.py";

/// Whether there is a browser; where there is none, who can do without it is told so.
pub(super) fn is_possible(must: bool) -> Result<bool> {
    let starts =
        |name: &&str| child::silent(Command::new(name).arg("--version")).is_ok_and(|(ended, _)| ended.success());
    match (BROWSERS.iter().any(starts), must) {
        (true, _) => Ok(true),
        (false, true) => bail!("there is no Chromium to test the guide's page with; `apt-get install chromium`"),
        (false, false) => {
            eprintln!("there is no Chromium: the tests of the guide's page are left out; `apt-get install chromium`");
            Ok(false)
        }
    }
}

/// Deploys a guide of its own, fills it and has the page tested.
pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let venv = tools::BROWSER.ensure(workspace)?;
    as_guest(workspace, |guest: &Guest| {
        let mut command = Command::new(tools::python(&venv));
        command.current_dir(workspace.root()).arg(TESTS).envs([
            ("HEADEND_SITE", guest.site.as_str()),
            ("HEADEND_USER", guest.user.as_str()),
            ("HEADEND_PASSWORD", guest.password),
        ]);
        super::tee(&mut command)
    })
}
