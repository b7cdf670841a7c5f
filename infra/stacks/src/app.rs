use infra_core::Stack;
use infra_core::template::Fault;

use crate::environment::Environment;
use crate::{lake, tv_guide};

/// Why an environment has no templates: faults of our own code, each with its line.
#[derive(Debug, thiserror::Error)]
#[error("stack {stack} is not well formed:{}", list(faults))]
pub struct Error {
    stack: String,
    faults: Vec<Fault>,
}

/// The stacks of an environment, in the order in which they are deployed.
///
/// # Errors
///
/// When a template refers to what it does not hold, or has an id twice.
pub fn app(environment: &Environment) -> Result<Vec<Stack>, Error> {
    let (lake, shared) = lake::stack(environment);
    let stacks = vec![lake, tv_guide::stack(environment, &shared)];
    for stack in &stacks {
        stack.template.check().map_err(|faults| Error {
            stack: stack.name.clone(),
            faults,
        })?;
    }
    Ok(stacks)
}

fn list(faults: &[Fault]) -> String {
    faults.iter().map(|fault| format!("\n  {fault}")).collect()
}
