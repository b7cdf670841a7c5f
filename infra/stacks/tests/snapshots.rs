//! Every template of every environment, whole; a change of one is read before it is accepted.

use std::path::Path;

use infra_stacks::environment::Stage;
use infra_stacks::{Environment, app};

#[test]
fn every_stack_of_every_environment_is_as_it_was_reviewed() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../environments");
    for stage in Stage::ALL {
        let environment = Environment::load(&directory, stage.name(), "headend").unwrap();
        for stack in app(&environment).unwrap() {
            insta::assert_snapshot!(stack.name.clone(), stack.template.to_yaml());
        }
    }
}
