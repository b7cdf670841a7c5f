//! `infra-synth --deploy-role`: the policies with which CloudFormation can deploy an environment.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use infra_constructs::deploy_role::LONGEST_POLICY;
use infra_stacks::environment::Stage;
use infra_stacks::{Environment, app};
use serde_json::Value;

fn policies(stage: Stage, environments: &Path) -> Vec<Value> {
    let mut synth = Command::new(env!("CARGO_BIN_EXE_infra-synth"));
    synth.args(["--deploy-role", "--env", stage.name(), "--environments"]);
    let output = synth.arg(environments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The actions of all statements; a statement with one has it as a text.
fn actions(policies: &[Value]) -> Vec<&str> {
    let statements = policies
        .iter()
        .flat_map(|policy| policy["Statement"].as_array().unwrap());
    let actions = statements.flat_map(|statement| match &statement["Action"] {
        Value::Array(actions) => actions.iter().map(|action| action.as_str().unwrap()).collect(),
        action => vec![action.as_str().unwrap()],
    });
    actions.collect()
}

#[test]
fn every_type_of_the_stacks_can_be_made_and_removed() {
    let environments = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../environments");
    for stage in Stage::ALL {
        let policies = policies(stage, &environments);
        let allowed: BTreeSet<&str> = actions(&policies).into_iter().collect();
        let environment = Environment::load(&environments, stage.name(), "headend").unwrap();
        for stack in app(&environment).unwrap() {
            for (id, kind, _) in stack.template.resources() {
                let handlers = infra_resources::facts(kind).unwrap().handlers;
                for action in handlers.create.iter().chain(handlers.delete) {
                    assert!(allowed.contains(action), "{id} of {stage} wants {action}");
                }
            }
        }
        assert!(!allowed.iter().any(|action| action.contains('*')), "{allowed:?}");
    }
}

#[test]
fn the_policies_fit_and_repeat_nothing() {
    let environments = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../environments");
    let policies = policies(Stage::Prod, &environments);
    for policy in &policies {
        assert!(policy.to_string().len() <= LONGEST_POLICY);
    }
    // What a role takes without asking AWS for more.
    assert!(policies.len() <= 10, "{}", policies.len());
    let mut actions = actions(&policies);
    let count = actions.len();
    actions.sort_unstable();
    actions.dedup();
    assert_eq!(actions.len(), count);
}
