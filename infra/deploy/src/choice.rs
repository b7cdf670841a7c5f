//! Some of an environment's stacks: those of the apps that a person names.

use anyhow::{Result, bail};
use infra_core::Stack;

/// The stacks of these apps, in their order; all of them where none is named. `beginning` is what
/// the names of all stacks begin with: the rest is the app.
///
/// # Errors
/// There is no such app; the sentence names those that there are.
pub fn choose(stacks: Vec<Stack>, beginning: &str, apps: &[String]) -> Result<Vec<Stack>> {
    if apps.is_empty() {
        return Ok(stacks);
    }
    let names = stacks.iter().filter_map(|stack| stack.name.strip_prefix(beginning));
    let names: Vec<&str> = names.collect();
    if let Some(unknown) = apps.iter().find(|app| !names.contains(&app.as_str())) {
        bail!("there is no app {unknown}; there are {}", names.join(", "));
    }
    let is_chosen = |stack: &Stack| {
        let app = stack.name.strip_prefix(beginning);
        app.is_some_and(|app| apps.iter().any(|chosen| chosen == app))
    };
    Ok(stacks.into_iter().filter(is_chosen).collect())
}

#[cfg(test)]
mod tests {
    use super::choose;
    use infra_core::{Stack, Template};

    fn chosen(apps: &[&str]) -> Result<Vec<String>, String> {
        let stack = |app: &str| Stack::new(format!("headend-dev-{app}"), Template::new("A stack"));
        let stacks = ["lake", "tv-guide", "guide"].map(stack).into();
        let apps: Vec<String> = apps.iter().map(|app| (*app).to_owned()).collect();
        let chosen = choose(stacks, "headend-dev-", &apps).map_err(|error| error.to_string())?;
        Ok(chosen.into_iter().map(|stack| stack.name).collect())
    }

    #[test]
    fn all_stacks_unless_apps_are_named() {
        assert_eq!(chosen(&[]).unwrap().len(), 3);
        assert_eq!(chosen(&["guide"]).unwrap(), ["headend-dev-guide"]);
        let both = chosen(&["tv-guide", "lake"]).unwrap();
        assert_eq!(both, ["headend-dev-lake", "headend-dev-tv-guide"]);
    }

    #[test]
    fn an_app_that_there_is_not_is_answered_with_those_that_there_are() {
        let said = chosen(&["lake", "radio"]).unwrap_err();
        assert_eq!(said, "there is no app radio; there are lake, tv-guide, guide");
    }
}
