//! A role takes what a contract declares, and no statement beside it.

use infra_constructs::role::Role;
use infra_core::{action, policy::Statement};

fn main() {
    let statement = Statement::allow("Everything", [action!("s3:GetObject")]).everywhere("it is easier");
    Role { service: "lambda.amazonaws.com", grants: vec![statement] };
}
