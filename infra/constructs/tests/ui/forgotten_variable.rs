//! A stack must set every variable that the function's contract names.

use infra_core::Value;
use lake::contract::TransformEnv;

fn main() {
    let variables: Vec<(&str, Value<String>)> = TransformEnv { environment: Value::from("dev") }.variables();
    drop(variables);
}
