//! Every template of every environment, whole; a change of one is read before it is accepted.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use infra_stacks::environment::Stage;
use infra_stacks::{Environment, app};

#[test]
fn every_stack_of_every_environment_is_as_it_was_reviewed() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut templates = BTreeMap::new();
    for stage in Stage::ALL {
        let environment = Environment::load(&here.join("../../environments"), stage.name(), "headend").unwrap();
        for stack in app(&environment).unwrap() {
            templates.insert(format!("{}.yaml", stack.name), stack.template.to_yaml());
        }
    }
    let goldens = fs::read_dir(here.join("golden")).unwrap().map(|file| {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(path).unwrap())
    });
    let goldens: BTreeMap<String, String> = goldens.collect();
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    let cure = "`cargo xtask golden --check` shows the difference, and without --check accepts it";
    assert_eq!(names(&templates), names(&goldens), "{cure}");
    for (name, template) in templates {
        assert!(template == goldens[&name], "{name} is not as it was reviewed; {cure}");
    }
}
